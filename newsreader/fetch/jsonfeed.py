"""JSON Feed (https://jsonfeed.org/version/1.1, and 1) -> Feed.

Owns: that format. Decided only here: what of a feed that breaks it is still read: whatever has the type that it should
have. Never: fetching, or the `next_url` of a feed that is split into pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urljoin

from newsreader.charset import to_text
from newsreader.dates import parse_date
from newsreader.fetch.items import Feed, Item, Medium, NotAFeed


def looks_like_json(data: bytes) -> bool:
    """Whether a body can be a JSON Feed, by its first sign."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def read_json_feed(data: bytes, url: str) -> Feed:
    """The feed in a JSON document from a URL; raises NotAFeed."""
    try:
        feed = json.loads(to_text(data)[0])
    except (ValueError, RecursionError):
        raise NotAFeed("") from None
    if not isinstance(feed, dict):
        raise NotAFeed("")
    items = feed.get("items")
    if not isinstance(items, list) or ("jsonfeed" not in _text(feed, "version") and not _text(feed, "title")):
        raise NotAFeed("")
    makers = _names(feed)
    return Feed(
        _line(feed, "title"),
        _address(feed, "home_page_url", url),
        tuple(_item(item, url, makers) for item in items if isinstance(item, dict) and item),
    )


def _item(item: Mapping[str, Any], base: str, makers: tuple[str, ...]) -> Item:
    published, day_only = _moment(item, "date_published")
    updated, _ = _moment(item, "date_modified")
    guid = item.get("id")
    tags = item.get("tags")
    return Item(
        guid=str(guid) if isinstance(guid, str | int | float) else "",
        url=_address(item, "url", base) or _address(item, "external_url", base),
        title=_line(item, "title"),
        body=_text(item, "content_html") or _paragraphs(_text(item, "content_text") or _text(item, "summary")),
        published=published,
        updated=updated,
        day_only=day_only,
        authors=_names(item) or makers,
        topics=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        media=tuple(_media(item, base)),
    )


def _media(item: Mapping[str, Any], base: str) -> Iterator[Medium]:
    for name in ("image", "banner_image"):
        if address := _address(item, name, base):
            yield Medium(address, "image")
    attachments = item.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else ():
        if isinstance(attachment, dict) and (address := _address(attachment, "url", base)):
            yield Medium(address, _line(attachment, "mime_type"), _line(attachment, "title"))


def _names(thing: Mapping[str, Any]) -> tuple[str, ...]:
    authors = thing.get("authors")
    found = [*(authors if isinstance(authors, list) else ()), thing.get("author")]
    return tuple(dict.fromkeys(name for who in found if isinstance(who, dict) and (name := _line(who, "name"))))


def _moment(item: Mapping[str, Any], name: str) -> tuple[datetime | None, bool]:
    found = parse_date(_text(item, name))
    return (None, False) if found is None else (found[0], found[1] == "date")


def _text(thing: Mapping[str, Any], name: str) -> str:
    value = thing.get(name)
    return value if isinstance(value, str) else ""


def _line(thing: Mapping[str, Any], name: str) -> str:
    return " ".join(_text(thing, name).split())


def _address(thing: Mapping[str, Any], name: str, base: str) -> str:
    address = _text(thing, name).strip()
    try:
        return urljoin(base, address) if address else ""
    except ValueError:
        return address


def _paragraphs(text: str) -> str:
    parts = (part.strip() for part in text.replace("\r\n", "\n").split("\n\n"))
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in parts if part)
