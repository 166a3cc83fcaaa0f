"""`newsreader add URL`: a source that is fetched.

Decided only here: of several feeds of a page the person chooses, on a terminal by a number, elsewhere by adding its
address.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from newsreader.cli import output
from newsreader.cli.messages import Refused
from newsreader.config import Config, Source, add_source, load_sources
from newsreader.errors import FetchFailed, StorageFailed, UnsafeUrl
from newsreader.reader.adding import found_at, source_of
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from newsreader.fetch.probe import Found
    from newsreader.parse.feedlinks import FeedLink


def add_url(config: Config, url: str, name: str | None) -> Source | None:
    """Add what is at a URL, and say that it can be fetched now; None if it is a page whose feeds were only listed.
    Raises FetchFailed, Refused and StorageFailed."""
    try:
        found = found_at(config.places, url)
    except UnsafeUrl as error:
        raise Refused(error.where, f'"{error.where}" is not added: only whole http and https addresses are') from None
    if isinstance(found, list):
        link = found[0] if len(found) == 1 else _chosen(found)
        if link is None:
            return None
        found = found_at(config.places, link.url, url)
        if isinstance(found, list):
            raise FetchFailed(link.url, "not-a-feed", detail="html")
    return _added(config, found, url, name)


def _chosen(links: Sequence[FeedLink]) -> FeedLink | None:
    """The feed of a page that the person wants; None where there is nobody to ask, or no answer."""
    output.narrate("the page has several feeds:")
    for number, link in enumerate(links, 1):
        output.narrate(f"{number:3}  {link.title or '(without a title)'}  {link.url}")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        output.narrate("add the one you want by its address: newsreader add URL")
        return None
    output.narrate(f"which one? (1-{len(links)}, Enter for none)")
    answer = sys.stdin.buffer.readline(100).decode("utf-8", "replace").strip()
    if not answer.isdecimal() or len(answer) > 3 or not 1 <= int(answer) <= len(links):
        return None
    return links[int(answer) - 1]


def _added(config: Config, found: Found, url: str, name: str | None) -> Source:
    sources = load_sources(config.places)
    try:
        source = source_of(config.places, found, url, sources)
    except OSError as error:
        raise StorageFailed(str(error.filename or config.places.data), error.strerror or str(error)) from None
    is_known = any(other.location == source.location for other in sources)
    if name:
        if any(other.name == name and other.location != source.location for other in sources):
            raise Refused(name, f'"{name}" is the name of another source; give this one another with --name')
        source = source._replace(name=clean_line(name) or source.name)
    add_source(config.places, source)
    output.narrate(f'"{source.name}" is {"there already" if is_known else "added"}: {source.location}')
    if source.kind != "archive":
        output.narrate('"newsreader fetch" brings its stories in')
    return source
