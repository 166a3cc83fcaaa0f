"""What tells the items of a feed apart.

Decided only here: which items a feed's own names fail to tell apart, and when an address does not name a story because
it is another's too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import NamedTuple

from newsreader.fetch.addresses import shown
from newsreader.fetch.items import Feed, Item
from newsreader.identity import normal_url, story_key

_worldwide = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S")


class Named(NamedTuple):
    """An item, its name, and whether that alone names its story, since its address does not."""

    name: str
    own: bool
    item: Item


def named_items(feed: Feed, location: str) -> list[Named]:
    """Every item of the feed at a location, in its order; of two that are alike in all, the first."""
    names = [_first_name(item, location) for item in feed.items]
    tellings: tuple[Callable[[Item], str], ...] = (
        lambda item: item.url,
        lambda item: item.title,
        lambda item: _digest(item.body),
    )
    for telling in tellings:
        count = Counter(names)
        names = [
            f"{name} {telling(item)}".rstrip() if count[name] > 1 else name
            for name, item in zip(names, feed.items, strict=True)
        ]
    found: dict[str, Item] = {}
    for name, item in zip(names, feed.items, strict=True):
        found.setdefault(name, item)
    shared = _shared(found)
    site = normal_url(feed.site)
    return [Named(name, _is_shared(item, shared, site), item) for name, item in found.items()]


def _first_name(item: Item, location: str) -> str:
    here = shown(location)
    if item.guid:
        return item.guid if _worldwide.match(item.guid) else f"{here}#{item.guid}"
    if item.url:
        return item.url
    return f"{here}#{_digest(item.title or item.body)}"


def _shared(items: Mapping[str, Item]) -> frozenset[str]:
    """The keys of addresses that several items have."""
    count = Counter(story_key(item.url) for item in items.values() if normal_url(item.url))
    return frozenset(key for key, items_with in count.items() if items_with > 1)


def _is_shared(item: Item, shared: frozenset[str], site: str) -> bool:
    normal = normal_url(item.url)
    return bool(normal) and (normal == site or "/" not in normal or story_key(item.url) in shared)


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
