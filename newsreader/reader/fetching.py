"""Fetching as a use case, here or in a process of its own: which sources a name means, and how the process begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from newsreader.config import Places, Source, load_sources
from newsreader.errors import NotFound
from newsreader.fetch.workers import Task
from newsreader.jobs import Job
from newsreader.library import MARKS_FILE, Marks
from newsreader.reader.servers import agreement_with

if TYPE_CHECKING:
    from newsreader.fetch import FetchProgress

_EXTRACTOR = "newsreader.reader.fulltext:text_of"
_LINKER = "newsreader.reader.fetching:links_of"


def chosen(places: Places, names: Sequence[str]) -> list[Source]:
    """The sources that can be fetched and have one of these names or locations, with none all that are not paused;
    raises NotFound for what names none, and BadSettings."""
    sources = [source for source in load_sources(places) if source.kind != "archive"]
    for name in names:
        if not any(name in (source.name, source.location) for source in sources):
            raise NotFound(name)
    if not names:
        return [source for source in sources if not source.paused]
    return [source for source in sources if source.name in names or source.location in names]


def links_of(task: Task) -> list[str]:
    """What a worker makes of a page: the addresses of the feeds that it names."""
    from newsreader.parse.feedlinks import feed_links

    return [link.url for link in feed_links(*task)]


def fetched(
    places: Places, names: Sequence[str], cancel: Callable[[], bool] = lambda: False, *, force: bool = False
) -> Iterator[FetchProgress]:
    """Fetch them; see fetch.fetch. What is starred or tagged keeps all its revisions. Raises NotFound and BadSettings
    at once."""
    from newsreader.fetch import fetch

    def is_marked(story: str) -> bool:
        with closing(Marks(places.data / MARKS_FILE)) as marks:
            return marks.is_marked(story)

    sources = chosen(places, names)

    workers = {"extractor": _EXTRACTOR, "linker": _LINKER}
    return fetch(
        places,
        sources,
        cancel,
        named=force or bool(names),
        stays=is_marked,
        agreements=partial(agreement_with, places),
        **workers,
    )


def start_fetch(places: Places, names: Sequence[str]) -> Job[FetchProgress]:
    """Begin to fetch in a process of its own. Raises NoProcess, NotFound and BadSettings."""
    chosen(places, names)
    return Job(f"{__name__}:{fetched.__name__}", places, tuple(names))
