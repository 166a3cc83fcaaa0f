"""What a source is called: the title of its feed, until the person names it; its host stands in where there is none."""

from __future__ import annotations

import re
from collections.abc import Container
from threading import Lock
from typing import Final

from newsreader.config import Places, Source, load_sources, rename_source
from newsreader.errors import BadSettings
from newsreader.fetch.addresses import address_of
from newsreader.safety import clean_line

NAME_LONG: Final = 80
"""Characters of the longest name that a feed gives itself."""

_renaming = Lock()


def free_name(wanted: str, host: str, taken: Container[str], longest: int = NAME_LONG) -> str:
    """A name for a source that no other has."""
    name = clean_line(wanted)[:longest].strip() or host
    if name in taken:
        name = f"{name} ({host})"
    number, free = 2, name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def under_its_title(places: Places, source: Source, title: str) -> Source:
    """The source, under the title that its feed has by now if only its host stood for that, also in sources.toml.
    Raises StorageFailed."""
    host = address_of(source.location).host
    standing_in = re.compile(rf"(?:www\.)?{re.escape(host.removeprefix('www.'))}(?: \(.*\))?(?: \d+)?")
    if not clean_line(title) or not standing_in.fullmatch(source.name) or standing_in.fullmatch(clean_line(title)):
        return source
    with _renaming:
        try:
            name = free_name(title, host, {other.name for other in load_sources(places)})
            rename_source(places, source.location, name)
        except BadSettings:
            return source
    return source._replace(name=name)
