"""OPML, in which readers hand each other their feeds: bytes -> feeds, sources -> text.

Decided only here: that folders and categories are tags, a folder in a folder "outer/inner" as newsboat has it; which
entries are feeds; that only http and https are taken.

It is read by its tags alone, as lists with a bare & or a missing end tag are common: there are no entities to define,
no document type, nothing outside it to load, and every step is linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Final, NamedTuple

from newsreader.config import TAG_LONG, Source
from newsreader.errors import UnsafeUrl
from newsreader.fetch.addresses import address_of, shown
from newsreader.fetch.encodings import text_of
from newsreader.safety import clean_line

MAX_OPML: Final = 16 * 2**20
"""Bytes of the longest list that is read."""

# A quote that is never closed ends with its tag.
_MARKUP: Final = re.compile(
    r"""<!--|<(?P<end>/?)outline(?![^\s/>])(?P<attributes>(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+)>""", re.I
)
_ATTRIBUTE: Final = re.compile(r"""(?<![^\s/"'])([^\s/="']++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_FEEDS: Final = frozenset({"", "rss", "rss1", "atom", "pie", "json", "jsonfeed"})  # `type` where the URL is in `url`


class ListedFeed(NamedTuple):
    """A feed of a list: `url` may hold a user name and a password, `title` and `tags` are clean."""

    url: str
    title: str
    tags: tuple[str, ...]

    @property
    def location(self) -> str:
        """The URL as a source has it: without user name and password, and of no scheme but http and https."""
        return shown(self.url) if re.match("(?i)https?:", self.url) else address_of(self.url).url


class Refusal(NamedTuple):
    """An entry that is not taken: what it says instead of a URL, without password, and why: a reason of UnsafeUrl, or
    "not-a-feed"."""

    entry: str
    title: str
    why: str


def read_opml(data: bytes) -> Iterator[ListedFeed | Refusal]:
    """The entries of a list in its order, those that several folders hold several times; any bytes will do. Without
    <outline> there are none."""
    folders = [""]
    for is_end, source in _outlines(text_of(data)):
        if is_end:
            del folders[max(1, len(folders) - 1) :]
            continue
        entry = _attributes(source)
        title = clean_line(entry.get("title") or entry.get("text", ""))
        url = (entry.get("xmlurl") or entry.get("url", "")).strip()
        if url:
            yield _entry(entry, url, title, folders[-1])
        if not source.endswith("/"):
            # What stands in a feed's own outline stands in the folder around it.
            folders.append(folders[-1] if url else _inside(folders[-1], clean_line(entry.get("text") or title)))


def _outlines(text: str) -> Iterator[tuple[bool, str]]:
    """Whether it is an end tag, and the attributes, of every outline outside of comments."""
    position, end, comments_end = 0, text.rfind(">") + 1, True
    while match := _MARKUP.search(text, position, end):
        position = match.end()
        if match["attributes"] is not None:
            yield bool(match["end"]), match["attributes"]
        elif comments_end:
            close = text.find("-->", position)
            comments_end = close >= 0
            position = close + 3 if comments_end else position


def _attributes(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(source):
        value = "".join(values)
        found.setdefault(
            name.lower(), _ENTITY.sub(lambda entity: unescape(entity[0]), value) if "&" in value else value
        )
    return found


def _inside(outer: str, name: str) -> str:
    """The tag of a folder in a folder; where it gets too long, or has no name, that of the outer one."""
    if not name or len(outer) + len(name) >= TAG_LONG:
        return outer or name[:TAG_LONG].strip()
    return f"{outer}/{name}" if outer else name


def _entry(entry: dict[str, str], url: str, title: str, folder: str) -> ListedFeed | Refusal:
    if not entry.get("xmlurl") and entry.get("type", "").strip().lower() not in _FEEDS:
        return Refusal(shown(url), title, "not-a-feed")
    try:
        address_of(url)
    except UnsafeUrl as error:
        return Refusal(error.where, title, error.why)
    categories = (clean_line(category).strip("/ ") for category in entry.get("category", "").split(","))
    tags = {folder, *(category for category in categories if len(category) <= TAG_LONG)} - {""}
    return ListedFeed(url, title, tuple(sorted(tags)))


# --- writing ------------------------------------------------------------------------------------------------------


def write_opml(sources: Iterable[Source]) -> str:
    """The feeds among the sources as OPML 2.0, to be stored in UTF-8: those without a tag, then a folder for each tag;
    a feed of several tags stands in each. User names, passwords and headers are not in it."""
    folders: dict[str, list[str]] = {}
    for source in sources:
        if source.kind == "feed":
            name, url = _escaped(source.name), _escaped(source.shown_location)
            for tag in source.tags or ("",):
                folders.setdefault(_escaped(tag), []).append(
                    f'<outline type="rss" text="{name}" title="{name}" xmlUrl="{url}"/>\n'
                )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n<head><title>newsreader</title></head>\n<body>\n'
    ]
    lines += folders.pop("", [])
    for tag, entries in sorted(folders.items()):
        lines += [f'<outline text="{tag}" title="{tag}">\n', *(f"  {entry}" for entry in entries), "</outline>\n"]
    return "".join([*lines, "</body>\n</opml>\n"])


def _escaped(text: str) -> str:
    clean = clean_line(text)
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
