"""`newsreader add URL`: a source that is fetched.

Owns: the talk about what a URL is. Decided only here: of several feeds of a page the person chooses, on a terminal by a
number, elsewhere by adding its address. Never: what a URL is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsreader.cli import output
from newsreader.cli.words import Refused
from newsreader.config import Config, Source, add_source, load_sources
from newsreader.errors import FetchFailed, StorageFailed
from newsreader.reader.adding import found_at, source_of
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from newsreader.fetch.probe import Found


def add_url(config: Config, url: str, name: str | None) -> Source | None:
    """Add what is at a URL, and say that it can be fetched now; None if it is a page whose feeds were only listed.
    Raises FetchFailed, Refused and StorageFailed."""
    found = found_at(url)
    if found.kind == "page":
        raise FetchFailed(url, "nothing-to-read")
    return _added(config, found, url, name)


def _added(config: Config, found: Found, url: str, name: str | None) -> Source:
    sources = load_sources(config.places)
    try:
        source = source_of(config.places, found, url, sources)
        is_known = any(other.location == source.location for other in sources)
        if name:
            if any(other.name == name and other.location != source.location for other in sources):
                raise Refused(name, f'"{name}" is the name of another source; give this one another with --name')
            source = replace(source, name=clean_line(name) or source.name)
        add_source(config.places, source)
    except OSError as error:
        raise StorageFailed(str(error.filename or config.places.data), error.strerror or str(error)) from None
    output.narrate(f'"{source.name}" is {"there already" if is_known else "added"}: {source.location}')
    if source.kind != "archive":
        output.narrate('"newsreader fetch" brings its stories in')
    return source
