"""The feeds that a page links to.

Decided only here: what a page declares comes first, in its order; where it declares nothing, links that look like feeds
are offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from newsreader.charset import to_text
from newsreader.parse.links import resolve
from newsreader.parse.soup import Element, Text, read_tree

_MOST: Final = 100
_TYPES: Final = {
    **dict.fromkeys(("application/rss+xml", "application/rdf+xml", "text/rss+xml", "application/x-rss+xml"), "rss"),
    **dict.fromkeys(("application/atom+xml", "application/x-atom+xml"), "atom"),
    **dict.fromkeys(("application/feed+json", "application/json"), "json"),
    **dict.fromkeys(("application/xml", "text/xml"), "rss"),
}
_looks_like_feed = re.compile(
    r"(?i)(?:/(?:feeds?|rss|atom|rdf)/?|[/._-](?:feed|rss|atom|rdf|index)\.(?:xml|rss|rdf|atom|json)|\.(?:rss|atom|rdf))$"
    r"|[?&](?:feed|format|alt)=(?:rss2?|atom|rdf|feed|json)\b"
)
_names_a_feed = re.compile(r"(?i)\b(?:rss|atom|feed)\b|订阅|訂閱")
_not_itself = re.compile(r"(?i)(?:oembed|wp-json|/comments/feed/?$)")


class FeedLink(NamedTuple):
    """A feed that a page links to: its address, the title that the page gives it, and "rss", "atom" or "json"."""

    url: str
    title: str
    kind: Literal["rss", "atom", "json"]


def feed_links(data: bytes, url: str, content_type: str = "") -> list[FeedLink]:
    """The feeds that the page from `url` links to, each once. `content_type`: what its server declared."""
    tree = read_tree(page_text(data, content_type))
    elements = list(_elements(tree))
    base = next((resolve(e.get("href"), url) for e in elements if e.tag == "base" and e.get("href")), "") or url
    links = _declared(elements, base) or _linked(tree, base)
    found: dict[str, FeedLink] = {}
    for link in links:
        if link.url.startswith(("http://", "https://")):
            found.setdefault(link.url, link)
    return list(found.values())[:_MOST]


def page_text(data: bytes, content_type: str) -> str:
    """The page as text, in the charset that its server declared if the bytes bear it out, else as charset.to_text."""
    charset = re.search(r"(?i)charset=[\"']?([a-z0-9_:.-]{2,40})", content_type)
    if charset is not None:
        try:
            return data.decode(charset[1])
        except (LookupError, UnicodeDecodeError):
            pass
    return to_text(data)[0]


def _elements(tree: Element) -> Iterator[Element]:
    waiting = [tree]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += [child for child in reversed(element.children) if isinstance(child, Element)]


def _declared(elements: list[Element], base: str) -> list[FeedLink]:
    links = []
    for element in elements:
        kind = _TYPES.get(element.get("type").partition(";")[0].strip().lower())
        if element.tag != "link" or kind is None or "alternate" not in element.get("rel").lower().split():
            continue
        address = resolve(element.get("href"), base)
        if address and not _not_itself.search(address):
            links.append(FeedLink(address, " ".join(element.get("title").split()), _kind(kind)))
    return links


def _linked(tree: Element, base: str) -> list[FeedLink]:
    """Links whose address, or whose text, looks like that of a feed."""
    texts: dict[int, str] = {}
    anchors: dict[int, Element] = {}
    for element in _elements(tree):
        for child in element.children:
            if child.anchor is not None:
                anchors[id(child.anchor)] = child.anchor
                texts[id(child.anchor)] = texts.get(id(child.anchor), "") + (
                    child.text if isinstance(child, Text) else ""
                )
    links = []
    for key, anchor in anchors.items():
        address, text = resolve(anchor.get("href"), base), " ".join(texts[key].split())
        if not address or _not_itself.search(address):
            continue
        if _looks_like_feed.search(address.partition("#")[0]) or (len(text) < 40 and _names_a_feed.search(text)):
            kind = "json" if address.endswith("json") else "atom" if "atom" in address.lower() else "rss"
            links.append(FeedLink(address, text[:80], _kind(kind)))
    return sorted(links, key=lambda link: _looks_like_feed.search(link.url) is None)


def _kind(name: str) -> Literal["rss", "atom", "json"]:
    return "json" if name == "json" else "atom" if name == "atom" else "rss"
