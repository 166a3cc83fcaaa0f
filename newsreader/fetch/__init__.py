"""The network: what is fetched becomes dumps in an archive of our own.

    addresses  which addresses may be asked for, by which proxy, and which of them lie inside
    request_terms  what a request carries, and what it may cost
    inflate    compressed bodies, with a cap that acts while they inflate
    client     HTTP: the only door to it
    failures   what went wrong there, in words
    items      what a feed says, whatever it is written in
    encodings  feeds that are not in the encoding that they declare
    document   a feed's text -> the tree of its elements, however broken
    feeds      RSS, Atom and their kin -> items, with feedparser
    jsonfeed   JSON Feed -> items
    story_links, authors, feed_dates, attachments
               where the story of an item stands, who wrote it, when, and what comes with it
    schedule   how often a feed wants to be asked
    signatures what a document is by its first bytes
    workers    the processes that do so
    item_ids   what tells items apart
    source_names  what a source is called
    compose    an item -> its dump
    selection  which items become dumps
    state      what is remembered of a source
    store      our own archive
    truncation  documents that may have been cut off
    pages      the pages of stories, and the dumps of their full texts
    probe      what a URL is
    run        many sources at once
    remote     archives of dumps elsewhere
    servers/   servers that are synced with
    password_lookup  where they are, if not in sources.toml

Nothing is fetched that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from newsreader.config import Places, Source
from newsreader.errors import FetchFailed

if TYPE_CHECKING:
    from newsreader.fetch.servers.syncing import Agreements

__all__ = ["FetchProgress", "Stage", "fetch"]

Stage: TypeAlias = Literal["waiting", "asking", "reading", "done", "unchanged", "resting", "elsewhere", "failed"]


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far one source is. `source`: its name; `done` of `total` items or dumps were looked at (None: not known
    yet), `added` dumps are new. `stage`: "waiting", "asking", "reading"; and the last of a source: "done";
    "unchanged", as its server says; "resting", as nothing new is due from it yet; "elsewhere", if another process is at
    it; "failed", with `failure`, though some dumps may have come. `partly`: what did not come of a source that did:
    "no-end" (what came may have been cut off), "missing" (`detail` dumps that the archive lists and does not have, the
    newest at `where`). `renamed`: what it is called from now on, if its title took the place of its host."""

    source: str
    stage: Stage
    done: int = 0
    total: int | None = None
    added: int = 0
    failure: FetchFailed | None = None
    partly: tuple[FetchFailed, ...] = ()
    renamed: str = ""

    @property
    def is_last(self) -> bool:
        """Whether this is the last word about the source."""
        return self.stage in ("done", "unchanged", "resting", "elsewhere", "failed")


def fetch(
    places: Places,
    sources: Sequence[Source],
    cancel: Callable[[], bool] = lambda: False,
    *,
    named: bool,
    extractor: str = "",
    linker: str = "",
    stays: Callable[[str], bool] = lambda story: False,
    agreements: Agreements | None = None,
) -> Iterator[FetchProgress]:
    """Bring in what is new in the sources, several at once; those of kind "archive" are passed over. Each is told of at
    first as "waiting", each ends with its last word; what one fails at keeps no other. `named`: the reader asked for
    just these, so that one which failed lately, has nothing new yet or wants to be left alone is asked all the same.
    Functions ("module:name", of a workers.Task): `extractor` finds the text in a page, for the sources with
    `full_text`, `linker` the addresses of the feeds that a page names. `stays` says of a story's id whether all its
    former revisions are kept, however many; `agreements` opens what is agreed with servers. Nothing half-written is
    ever left, however it ends."""
    from newsreader.fetch.run import run

    asked = [source for source in sources if source.kind != "archive"]
    return run(
        places, asked, cancel, named=named, extractor=extractor, linker=linker, stays=stays, agreements=agreements
    )
