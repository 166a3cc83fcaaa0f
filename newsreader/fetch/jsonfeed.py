"""JSON Feed (https://jsonfeed.org/version/1.1, and 1) -> Feed.

Decided only here: what of a feed that breaks it is still read: whatever has the type that it should have, out of JSON
with raw line ends in strings, comments, and commas too many.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from newsreader.fetch.attachments import arranged
from newsreader.fetch.authors import people_in
from newsreader.fetch.encodings import text_of
from newsreader.fetch.feed_dates import Dates
from newsreader.fetch.items import Feed, Item, Medium, NotAFeed, paragraphs
from newsreader.fetch.story_links import Addresses

_MARKS: Final = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
_MOST: Final = 1 << 60
# A string, a comment, a comma before the end of a list or an object.
_flaw = re.compile(
    r'"(?:[^"\\]|\\.?)*+(?:"|\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)|,(?=(?:\s|//[^\n]*+|/\*.*?(?:\*/|\Z))*+[\]}])', re.DOTALL
)


def looks_like_json(data: bytes) -> bool:
    """Whether a body can be a JSON Feed, by its first sign."""
    return data[:64].lstrip(_MARKS)[:1] == b"{" or data[:64].lstrip(_MARKS)[:2] in (b"//", b"/*")


def read_json_feed(data: bytes, url: str, charset: str = "") -> Feed:
    """The feed in a JSON document from a URL; raises NotAFeed."""
    feed = _document(text_of(data, charset).removeprefix("\ufeff"))
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not (_text(feed, "version") or _text(feed, "title") or any(map(_is_item, items))):
        raise NotAFeed("")
    return _Reader(feed, url).feed(items)


def _is_item(thing: Any) -> bool:
    return isinstance(thing, dict) and not {"content_html", "content_text", "url"}.isdisjoint(thing)


def _document(text: str) -> Any:
    for flawed in (False, True):
        try:
            if flawed:
                text = _flaw.sub(lambda found: found[0] if found[0][0] == '"' else " ", text)
            return json.loads(text, strict=False, parse_int=_number)
        except (ValueError, RecursionError):
            continue
    raise NotAFeed("")


def _number(digits: str) -> int | str:
    """A number; one that no machine counts with, as a text."""
    return int(digits) if len(digits) < len(str(_MOST)) else digits


class _Reader:
    """One document on its way to a Feed."""

    def __init__(self, feed: Mapping[str, Any], url: str) -> None:
        self._about = feed
        self._site = Addresses(url).full(_text(feed, "home_page_url"), ())
        self._addresses = Addresses(url, self._site)
        self._dates = Dates(_text(feed, "language"))
        self._makers = _names(feed)

    def feed(self, items: list[Any]) -> Feed:
        """All that it says."""
        read = tuple(self._item(item) for item in items if isinstance(item, dict) and item)
        return Feed(_line(self._about, "title"), self._site, read)

    def _item(self, item: Mapping[str, Any]) -> Item:
        published = self._dates.read(_text(item, "date_published")) or self._dates.read(_text(item, "date_modified"))
        updated = self._dates.read(_text(item, "date_modified"))
        guid = item.get("id")
        name = str(guid).strip() if isinstance(guid, str | int | float) and not isinstance(guid, bool) else ""
        stand_in = name if name.startswith(("http://", "https://")) else ""
        addresses = (self._address(item, "url"), self._address(item, "external_url"), stand_in)
        text = _text(item, "content_text") or _text(item, "summary")
        tags = item.get("tags")
        return Item(
            guid=name,
            url=next(filter(None, addresses), ""),
            title=_line(item, "title"),
            body=_text(item, "content_html").strip() or paragraphs(text),
            published=published[0] if published else None,
            updated=updated[0] if updated else None,
            day_only=bool(published and published[1] == "date"),
            authors=_names(item) or self._makers,
            topics=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
            media=arranged(list(self._attached(item)), list(self._pictures(item))),
        )

    def _address(self, thing: Mapping[str, Any], name: str) -> str:
        return self._addresses.full(_text(thing, name), ())

    def _pictures(self, item: Mapping[str, Any]) -> Iterator[Medium]:
        for name in ("image", "banner_image"):
            if address := self._address(item, name):
                yield Medium(address, "image")

    def _attached(self, item: Mapping[str, Any]) -> Iterator[Medium]:
        attachments = item.get("attachments")
        for attachment in attachments if isinstance(attachments, list) else ():
            if isinstance(attachment, dict) and (address := self._address(attachment, "url")):
                size, seconds = (_count(attachment, name) for name in ("size_in_bytes", "duration_in_seconds"))
                yield Medium(address, _line(attachment, "mime_type"), _line(attachment, "title"), size, seconds)


def _names(thing: Mapping[str, Any]) -> tuple[str, ...]:
    authors = thing.get("authors")
    found: dict[str, None] = {}
    for who in (*(authors if isinstance(authors, list) else ()), thing.get("author")):
        text = who if isinstance(who, str) else _line(who, "name") if isinstance(who, dict) else ""
        names, mails = people_in(text)
        found |= dict.fromkeys(names or mails)
    return tuple(found)


def _count(thing: Mapping[str, Any], name: str) -> int:
    value = thing.get(name)
    return int(value) if isinstance(value, int | float) and 0 < value < _MOST else 0


def _text(thing: Mapping[str, Any], name: str) -> str:
    value = thing.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _line(thing: Mapping[str, Any], name: str) -> str:
    return " ".join(_text(thing, name).split())
