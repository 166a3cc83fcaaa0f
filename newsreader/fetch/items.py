"""What a feed says, whatever it is written in.

The nouns between a feed's own format and our dumps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from newsreader.fetch.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Medium:
    """Something that is attached to an item. `type`: its media type, or "image", "audio", "video", or ""; `size` in
    bytes and `seconds`, 0 if not told; `poster`: the address of a video's still or an audio's cover."""

    url: str
    type: str = ""
    title: str = ""
    size: int = 0
    seconds: int = 0
    poster: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed, as far as it says: any text may be "". `title` is plain text, `body` HTML. `published` and
    `updated` are aware; `day_only`: no hour was given with `published`."""

    guid: str = ""
    url: str = ""
    title: str = ""
    body: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    day_only: bool = False
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    media: tuple[Medium, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its title as plain text, the address of the site it belongs to, its items in its own order, and how often
    it wants to be asked."""

    title: str
    site: str
    items: tuple[Item, ...]
    schedule: Schedule = field(default_factory=Schedule)


class NotAFeed(Exception):
    """Bytes that are no feed in any format we read; its one argument says what they are instead: "html" or ""."""


def paragraphs(text: str) -> str:
    """Plain text as HTML: a blank line ends a paragraph."""
    parts = (part.strip() for part in text.replace("\r\n", "\n").split("\n\n"))
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in parts if part)
