"""An item of a feed -> its dump.

Decided only here: what the body of a fetched dump looks like: a first line with authors and time as DW's dumps have it,
the text, what was attached, the topics as marked words, and a last comment with the feed's name of the item; and what
counts as a change of an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from html import escape, unescape
from posixpath import basename
from typing import Final
from urllib.parse import unquote

from newsreader.dates import EPOCH, parse_date
from newsreader.dump import Dump, trailer
from newsreader.fetch.attachments import kind_of, path_of
from newsreader.fetch.items import Item, Medium

_LONGEST_BYLINE: Final = 100
_MOST_AUTHORS: Final = 12
_SIZEABLE: Final = 50_000
_AHEAD: Final = timedelta(days=1)
"""A time that lies further ahead is no time that a story was published at."""

_first_line = re.compile(r"\A<div><i>[^<]*(?:<br>[^<]*)?</i></div>")
_topics_line = re.compile(r'^<p>(?:(?: · )?<span data-id="" data-type="AUTO_TOPIC">[^<]*</span>)+</p>$', re.MULTILINE)
_tag = re.compile(r"<[^<>]*>")
_address = re.compile(r"""\ssrc\s*=\s*["']?([^"'\s>?#]+)""", re.IGNORECASE)


def compose(
    item: Item, *, now: datetime, first: datetime | None = None, name: str = "", own: bool = False, below: int = 0
) -> Dump:
    """The dump of an item that was fetched `now`, and `first` when it had no date or one yet to come. `name`: what the
    feed names it by, everywhere its own; `own`: that alone names the story, since its address is another's too;
    `below`: the time of a revision that stays above it."""
    told = item.published if item.published and item.published - now <= _AHEAD else None
    published = told or first or now
    updated = max(published, item.updated or (published if told else now))
    if updated - now > _AHEAD:
        updated = published
    day_only = item.day_only and told is not None
    parts = [
        heading(item.authors, published, day_only),
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
    names = ", ".join(authors[:_MOST_AUTHORS])[:_LONGEST_BYLINE]
    when = published.date().isoformat() if day_only else _stamp(published)
    return f"<div><i>{escape(names, quote=False)}<br>{when}</i></div>" if names else f"<div><i>{when}</i></div>"


def _stamp(moment: datetime) -> str:
    spelled = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return spelled.replace("+00:00", "Z")


def _attached(item: Item) -> Iterator[str]:
    """The media that the text does not show by itself."""
    for medium in item.media:
        kind = kind_of(medium)
        if kind and _stands_in(item.body, medium.url):
            continue
        url, title = escape(medium.url), escape(medium.title)
        if kind == "image":
            yield f'<figure><img src="{url}" alt="{title}"></figure>'
            continue
        told = f"{title or escape(unquote(basename(path_of(medium.url)))) or url}{_measures(medium)}"
        if kind:
            shown = medium.poster and not _stands_in(item.body, medium.poster)
            poster = f' poster="{escape(medium.poster)}"' if shown else ""
            yield f'<{kind} src="{url}"{poster} title="{told}"></{kind}>'
        else:
            yield f'<p><a href="{url}">{told}</a></p>'


def _stands_in(body: str, url: str) -> bool:
    bare = url.partition("?")[0]
    return bare in body or escape(bare) in body


def _measures(medium: Medium) -> str:
    """What is told of a file: its type, size and length."""
    hours, minutes = divmod(medium.seconds // 60, 60)
    told = (
        escape(medium.type) if "/" in medium.type else "",
        f"{medium.size / 1_000_000:.1f} MB" if medium.size >= _SIZEABLE else "",
        f"{hours}:{minutes:02}:{medium.seconds % 60:02}" if medium.seconds else "",
    )
    words = ", ".join(filter(None, told))
    return f" ({words})" if words else ""


def _topics(item: Item) -> str:
    if not item.topics:
        return ""
    spans = (f'<span data-id="" data-type="AUTO_TOPIC">{escape(topic, quote=False)}</span>' for topic in item.topics)
    return f"<p>{' · '.join(spans)}</p>"
