"""RSS, Atom and all that is near them -> Feed, by feedparser; JSON Feed by our own reader.

Owns: what of feedparser's result is used. Decided only here: full content before a summary, HTML before plain text,
whatever is given before what is missing. Never: calling feedparser with anything but bytes (a text could be a file's
name), or running outside a worker process: some documents cost it minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape, unescape
from io import BytesIO
from time import struct_time
from typing import Any, Final

import feedparser

from newsreader.dates import parse_date
from newsreader.fetch.encodings import repaired
from newsreader.fetch.items import Feed, Item, Medium, NotAFeed
from newsreader.fetch.jsonfeed import looks_like_json, read_json_feed

_MOST_TOPICS: Final = 60
_MOST_MEDIA: Final = 60
_tag = re.compile(
    r"(?is:<(script|style)\b.*?(?:</\1[^>]*>|$))|</?[A-Za-z][^<>]*>|(?s:<!--.*?-->)|<!\[CDATA\[|\]\]>|<![A-Za-z][^>]*>"
)
_root = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(rss|feed|rdf|channel|entry)[\s>/]", re.IGNORECASE)
_page = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
# What feedparser fails at, none of it a part of any story: characters that do not exist, places on the map, chapters,
# licences, the sizes of pictures, a declaration that is no text.
_fatal = re.compile(
    rb"&#(?:0*[1-9][0-9]{6,}|[xX]0*[1-9a-fA-F][0-9a-fA-F]{5,});?|\0"
    rb"|</?(?:(?:georss|gml|geo|psc|cc|creativeCommons):[^<>]*|(?:width|height|textinput)\s*)>|^\s*<\?xml[^>]*>",
    re.IGNORECASE,
)
_HEAD: Final = 4096


def read_feed(data: bytes, url: str, charset: str = "") -> Feed:
    """The feed in a body from a URL; `charset` is the one that its server declared. Raises NotAFeed, and whatever
    feedparser does."""
    if looks_like_json(data):
        return read_json_feed(data, url)
    parsed = _parsed(data, url, charset)
    entries = parsed.get("entries") or []
    if not entries and not parsed.get("version"):
        head = data[:_HEAD].replace(b"\0", b"")
        if _page.search(head) or not _root.search(head):
            raise NotAFeed("html" if _page.search(head) else "")
    about = parsed.get("feed") or {}
    makers = _authors(about) if str(parsed.get("version")).startswith("atom") else ()
    return Feed(_plain(about, "title"), _string(about, "link"), tuple(_item(e, makers) for e in entries if e))


def _parsed(data: bytes, url: str, charset: str) -> Any:
    fixed = repaired(data, charset)
    if fixed is not None:
        data, charset = fixed, "utf-8"
    headers = {
        "content-location": url,
        "content-type": f"application/xml; charset={charset}" if charset else "application/xml",
    }
    # Relative addresses in a text are resolved against its dump's own, unless the feed says against what.
    terms = {"sanitize_html": False, "resolve_relative_uris": b"xml:base" in data}
    try:
        return feedparser.parse(BytesIO(data), response_headers=headers, **terms)
    except Exception:  # noqa: BLE001 - around feedparser, which raises what it will
        return feedparser.parse(BytesIO(_fatal.sub(b"", data)), response_headers=headers, **terms)


def _item(entry: Any, makers: tuple[str, ...]) -> Item:
    published, day_only = _moment(entry, "published")
    if published is None:
        published, day_only = _moment(entry, "created")
    updated, updated_day_only = _moment(entry, "updated")
    if published is None:
        published, day_only = updated, updated_day_only
    return Item(
        guid=_string(entry, "id"),
        url=_string(entry, "link").strip(),
        title=_plain(entry, "title"),
        body=_body(entry),
        published=published,
        updated=updated,
        day_only=day_only,
        authors=_authors(entry) or makers,
        topics=tuple(_topics(entry)),
        media=tuple(_media(entry)),
    )


# --- texts --------------------------------------------------------------------------------------------------------


def _string(thing: Any, name: str) -> str:
    value = thing.get(name)
    return value if isinstance(value, str) else ""


def _plain(thing: Any, name: str) -> str:
    """A title as plain text on one line."""
    text = _string(thing, name)
    detail = thing.get(f"{name}_detail") or {}
    if "html" in str(detail.get("type", "")):
        bare = unescape(_tag.sub("", text))
        text = bare if bare.strip() else unescape(text)
    return " ".join(text.split())


def _body(entry: Any) -> str:
    """The fullest text of an entry."""
    contents = [content for content in entry.get("content") or [] if isinstance(content.get("value"), str)]
    texts = [html for content in contents if (html := _html(content))]
    if texts:
        return max(texts, key=len)
    summary = entry.get("summary_detail") or {}
    text = _html({"type": summary.get("type"), "value": _string(entry, "summary") or _string(entry, "subtitle")})
    return text or ("" if _string(entry, "title") else _links(entry))


def _links(entry: Any) -> str:
    """Where an entry points that says nothing else."""
    places = (_string(link, "href").strip() for link in entry.get("links") or [] if link.get("rel") != "enclosure")
    return "".join(f'<p><a href="{escape(place)}">{escape(place)}</a></p>' for place in dict.fromkeys(places) if place)


def _html(content: Any) -> str:
    kind, text = str(content.get("type") or "text/html"), content["value"]
    if not text.strip() or "\0" in text:
        return ""
    if "html" in kind or "xml" in kind:
        # Called HTML for want of a word, but told in lines: descriptions of films, texts from mail.
        is_plain = "\n\n" in text.replace("\r\n", "\n") and not _tag.search(text)
        return _paragraphs(unescape(text)) if is_plain else str(text)
    if kind not in ("text/plain", "text", ""):
        return str(text) if _tag.search(text) else _paragraphs(text)
    return _paragraphs(text)


def _paragraphs(text: str) -> str:
    parts = (part.strip() for part in text.replace("\r\n", "\n").split("\n\n"))
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in parts if part)


# --- who, when, about what, with what -----------------------------------------------------------------------------


def _authors(thing: Any) -> tuple[str, ...]:
    people = [who for who in thing.get("authors") or [] if isinstance(who, dict)]
    names = [_string(who, "name") or _string(who, "email") for who in people]
    if not any(names):
        names = [_string(thing, "author")]
    return tuple(dict.fromkeys(clean for name in names if (clean := " ".join(_tag.sub("", name).split()))))


def _moment(entry: Any, name: str) -> tuple[datetime | None, bool]:
    """A date as feedparser reads it, else as we do; and whether it names a day only."""
    if not (dict.__contains__(entry, name) or dict.__contains__(entry, f"{name}_parsed")):
        return None, False  # else feedparser lends one date the other's place, with a warning
    text = _string(entry, name)
    ours = parse_date(text)
    day_only = ours is not None and ours[1] == "date"
    parsed = entry.get(f"{name}_parsed")
    if isinstance(parsed, struct_time):
        try:
            return datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC), day_only
        except (ValueError, OverflowError):
            pass
    return (None, False) if ours is None else (ours[0], day_only)


def _topics(entry: Any) -> Iterable[str]:
    names = (_string(tag, "label") or _string(tag, "term") for tag in entry.get("tags") or [])
    found = dict.fromkeys(name for text in names if (name := " ".join(text.split())))
    return list(found)[:_MOST_TOPICS]


def _media(entry: Any) -> Iterator[Medium]:
    found: dict[str, Medium] = {}
    for thing in _attached(entry):
        if thing.url and thing.url not in found and len(found) < _MOST_MEDIA:
            found[thing.url] = thing
    yield from found.values()


def _attached(entry: Any) -> Iterator[Medium]:
    for enclosure in entry.get("enclosures") or []:
        yield Medium(_string(enclosure, "href").strip(), _string(enclosure, "type"), _string(enclosure, "title"))
    for medium in entry.get("media_content") or []:
        kind = _string(medium, "type") or _string(medium, "medium")
        yield Medium(_string(medium, "url").strip(), kind)
    if not entry.get("media_content"):
        for thumbnail in entry.get("media_thumbnail") or []:
            yield Medium(_string(thumbnail, "url").strip(), "image")
    image = entry.get("image")
    if isinstance(image, dict):
        yield Medium(_string(image, "href").strip(), "image", _string(image, "title"))
