"""What is attached to an item: enclosures, Media RSS, an episode's cover.

Decided only here: that one file is listed once, however often and in however many sizes it is named; that of a
group the default stands for all; that a still picture which comes with a video or an audio is the picture of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from newsreader.fetch.document import name_of
from newsreader.fetch.items import Medium
from newsreader.fetch.story_links import relations_of

_MOST: Final = 60
_NAMES: Final = (
    ("image", re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)$", re.IGNORECASE)),
    ("audio", re.compile(r"\.(?:mp3|m4a|m4b|ogg|oga|opus|wav|flac|aac)$", re.IGNORECASE)),
    ("video", re.compile(r"\.(?:mp4|m4v|webm|mov|mkv|ogv)$", re.IGNORECASE)),
)
_clock = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d\d)(?:\.\d*)?")


def media_of(item: Element, address: Callable[[Element, str], str]) -> tuple[Medium, ...]:
    """What is attached to an item; `address` puts the address that an element gives in full."""
    found = list(_named(item, address))
    stills = list(_stills(item, address))
    seconds = next((seconds_in(child.text or "") for child in item if name_of(child) == "itunes:duration"), 0)
    return arranged(found, stills, seconds)


def arranged(found: Sequence[Medium], stills: Sequence[Medium] = (), seconds: int = 0) -> tuple[Medium, ...]:
    """Every file once, with all that is told of it. `stills`: pictures that go with a video or an audio if there is
    one; `seconds`: how long that is, if it does not say so."""
    kept: dict[str, Medium] = {}
    for medium in found:
        key = _file_key(medium)
        kept[key] = _merged(kept[key], medium) if key in kept else medium
    played = next((key for key, medium in kept.items() if kind_of(medium) in ("audio", "video")), None)
    pictured = any(kind_of(medium) == "image" for medium in kept.values())
    if played is not None:
        poster = kept[played].poster or next((still.url for still in stills), "")
        kept[played] = replace(kept[played], poster=poster, seconds=kept[played].seconds or seconds)
    elif stills and not pictured:
        kept[_file_key(stills[0])] = stills[0]
    return tuple(list(kept.values())[:_MOST])


def kind_of(medium: Medium) -> str:
    """ "image", "audio" or "video", by what is said of a file, else by its name; "" for any other."""
    declared = medium.type.partition("/")[0].strip().lower()
    if declared in ("image", "audio", "video"):
        return declared
    path = path_of(medium.url)
    return next((kind for kind, name in _NAMES if name.search(path)), "")


def seconds_in(text: str) -> int:
    """How long something takes: 1:02:03, 62:03 or 3723; 0 if it cannot be told."""
    text = text.strip()
    if found := _clock.fullmatch(text):
        return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])
    return number_in(text)


def number_in(text: str) -> int:
    """A count as an attribute gives it, 0 if it is none."""
    whole = text.strip().partition(".")[0]
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) < 16 else 0


def _named(item: Element, address: Callable[[Element, str], str]) -> Iterator[Medium]:
    for child in item:
        match name_of(child):
            case "enclosure":
                place = child.get("url") or child.get("href") or child.text or ""
                yield _medium(child, address(child, place), "length", "")
            case "link" if "enclosure" in relations_of(child):
                yield _medium(child, address(child, child.get("href") or ""), "length", "")
            case "content" if child.get("src") and _is_shown(child.get("type") or ""):
                yield _medium(child, address(child, child.get("src") or ""), "length", "")
            case "media:group":
                contents = [part for part in child.iter() if name_of(part) == "media:content" and part.get("url")]
                defaults = [part for part in contents if part.get("isDefault") == "true"] or contents
                for part in contents:
                    if part is defaults[0] or (part.get("medium") or part.get("type") or "").startswith("image"):
                        yield _content(part, child, address)
            case "media:content" if child.get("url"):
                yield _content(child, child, address)


def _content(element: Element, around: Element, address: Callable[[Element, str], str]) -> Medium:
    title = next((part.text or "" for part in around if name_of(part) == "media:title"), "")
    poster = next((part.get("url") or "" for part in around if name_of(part) == "media:thumbnail"), "")
    medium = _medium(element, address(element, element.get("url") or ""), "fileSize", title)
    return replace(medium, poster=address(element, poster)) if poster and kind_of(medium) != "image" else medium


def _medium(element: Element, url: str, size: str, title: str) -> Medium:
    return Medium(
        url,
        (element.get("type") or element.get("medium") or "").strip(),
        " ".join((element.get("title") or title).split()),
        size=number_in(element.get(size) or ""),
        seconds=seconds_in(element.get("duration") or ""),
    )


def _is_shown(kind: str) -> bool:
    return kind.partition("/")[0].strip().lower() in ("image", "audio", "video")


def _stills(item: Element, address: Callable[[Element, str], str]) -> Iterator[Medium]:
    """The pictures that stand for an item."""
    for child in item:
        match name_of(child):
            case "media:thumbnail":
                yield Medium(address(child, child.get("url") or child.text or ""), "image")
            case "media:group":
                for part in child.iter():
                    if name_of(part) == "media:thumbnail":
                        yield Medium(address(part, part.get("url") or ""), "image")
            case "itunes:image" | "googleplay:image":
                yield Medium(address(child, child.get("href") or child.get("url") or ""), "image")
            case "image":
                parts = {name_of(part): part.text or "" for part in child}
                url, title = parts.get("url", ""), parts.get("title", "")
                place = url or child.get("href") or child.get("url") or child.text or ""
                yield Medium(address(child, place), "image", " ".join(title.split()))


def _file_key(medium: Medium) -> str:
    """What one file's addresses have in common: for a picture, which servers give in many sizes, all but the query."""
    address = medium.url.partition("#")[0].partition("://")[2]
    return address.partition("?")[0] if kind_of(medium) == "image" else address


def _merged(one: Medium, other: Medium) -> Medium:
    return replace(
        one,
        type=one.type if "/" in one.type else other.type or one.type,
        title=one.title or other.title,
        size=one.size or other.size,
        seconds=one.seconds or other.seconds,
        poster=one.poster or other.poster,
    )


def path_of(url: str) -> str:
    """The path of an address, "" if it has none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
