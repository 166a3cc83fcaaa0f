"""An item of a feed -> its dump.

Owns: what the body of a fetched dump looks like: a first line with authors and time as DW's dumps have it, the text,
what was attached, the topics as marked words, and a last comment with the feed's name of the item. Decided only here:
what counts as a change of an item. Never: which items are new, or where a dump is put.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from html import escape, unescape
from posixpath import basename
from typing import Final
from urllib.parse import unquote, urlsplit

from newsreader.dates import EPOCH, parse_date
from newsreader.dump import Dump, trailer
from newsreader.fetch.items import Item, Medium

_LONGEST_BYLINE: Final = 100
_MOST_AUTHORS: Final = 12
_first_line = re.compile(r"\A<div><i>[^<]*(?:<br>[^<]*)?</i></div>")
_topics_line = re.compile(r'^<p>(?:(?: · )?<span data-id="" data-type="AUTO_TOPIC">[^<]*</span>)+</p>$', re.MULTILINE)
_tag = re.compile(r"<[^<>]*>")
_address = re.compile(r"""\ssrc\s*=\s*["']?([^"'\s>?#]+)""", re.IGNORECASE)
_image_name = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)$", re.IGNORECASE)
_audio_name = re.compile(r"\.(?:mp3|m4a|ogg|oga|opus|wav|flac|aac)$", re.IGNORECASE)
_video_name = re.compile(r"\.(?:mp4|m4v|webm|mov|mkv|ogv)$", re.IGNORECASE)


def compose(item: Item, *, now: datetime, name: str = "", own: bool = False, below: int = 0) -> Dump:
    """The dump of an item that was fetched `now`. `name`: what the feed names it by, everywhere its own; `own`: that
    alone names the story, since its address is another's too; `below`: the time of a revision that stays above it."""
    published = item.published or now
    updated = max(published, item.updated or published)
    parts = [
        "" if item.published is None and not item.authors else heading(item.authors, published, item.day_only),
        item.body.strip("\r\n"),
        *_attached(item),
        _topics(item),
        trailer(name, own=own) if name else "",
    ]
    title = item.title
    if unescape(title) != title:
        title = escape(title, quote=False)
    body = "\n".join(part for part in parts if part)
    time_ms = (updated - EPOCH) // timedelta(milliseconds=1)
    return Dump(title, item.url, min(time_ms, below - 1) if below else time_ms, body)


def fingerprint(title: str, body: str) -> str:
    """What tells whether an item has changed: its headline, its words and its pictures. The first line does not count,
    for some feeds give a new time whenever they are asked, nor does what follows a picture's address."""
    body = _first_line.sub("", body)
    words = " ".join(unescape(_tag.sub(" ", body)).split())
    told = "\0".join((" ".join(unescape(title).split()), words, *_address.findall(body)))
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def first_line_of(body: str) -> str:
    """The first line with authors and time, "" if a body has none of ours."""
    found = _first_line.match(body)
    return found[0] if found else ""


def published_of(body: str) -> datetime | None:
    """When the story was published, as our first line says it."""
    moment = parse_date(first_line_of(body).removesuffix("</i></div>").rpartition(">")[2])
    return None if moment is None else moment[0]


def topics_line_of(body: str) -> str:
    """The line of topics, "" if a body has none of ours."""
    found = _topics_line.findall(body)
    return found[-1] if found else ""


def heading(authors: Sequence[str], published: datetime, day_only: bool = False) -> str:
    """The first line of a body, with who wrote it and when, as DW's dumps have it."""
    names = ", ".join(name.replace(",", " ") for name in authors[:_MOST_AUTHORS])[:_LONGEST_BYLINE]
    when = published.date().isoformat() if day_only else _stamp(published)
    return f"<div><i>{escape(names, quote=False)}<br>{when}</i></div>" if names else f"<div><i>{when}</i></div>"


def _stamp(moment: datetime) -> str:
    spelled = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return spelled.replace("+00:00", "Z")


def _attached(item: Item) -> Iterator[str]:
    """The media that the text does not show by itself."""
    for medium in item.media:
        path = _path(medium.url)
        bare = medium.url.partition("?")[0]
        kind = _kind(medium, path)
        if kind in ("image", "video", "audio") and (bare in item.body or escape(bare) in item.body):
            continue
        url, title = escape(medium.url), escape(medium.title)
        if kind == "image":
            yield f'<figure><img src="{url}" alt="{title}"></figure>'
        elif kind:
            yield f'<{kind} src="{url}" title="{title or escape(unquote(basename(path)))}"></{kind}>'
        else:
            yield f'<p><a href="{url}">{title or escape(unquote(basename(path)) or medium.url)}</a></p>'


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _kind(medium: Medium, path: str) -> str:
    declared = medium.type.partition("/")[0].strip().lower()
    if declared in ("image", "audio", "video"):
        return declared
    for kind, name in (("image", _image_name), ("audio", _audio_name), ("video", _video_name)):
        if name.search(path):
            return kind
    return ""


def _topics(item: Item) -> str:
    if not item.topics:
        return ""
    spans = (f'<span data-id="" data-type="AUTO_TOPIC">{escape(topic, quote=False)}</span>' for topic in item.topics)
    return f"<p>{' · '.join(spans)}</p>"
