"""Fetching as a use case, here or in a process of its own.

Owns: which sources a name means, and FetchProcess. Decided only here: how its FetchProgress reaches us, and that it
ends with us, however we end. Never: what is fetched and how; the index.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from subprocess import Popen
from typing import TYPE_CHECKING

from newsreader.config import Places, Source, load_sources
from newsreader.errors import NewsreaderError, NotFound, StorageFailed
from newsreader.wire import Closed, Wire, start

if TYPE_CHECKING:
    from newsreader.fetch import FetchProgress

_NICENESS = 5
_EXTRACTOR = "newsreader.reader.extracting"


def chosen(places: Places, names: Sequence[str]) -> list[Source]:
    """The sources that can be fetched and have one of these names or locations, all with none; raises NotFound for what
    names none, and BadSettings."""
    sources = [source for source in load_sources(places) if source.kind != "archive"]
    for name in names:
        if not any(name in (source.name, source.location) for source in sources):
            raise NotFound(name)
    return [source for source in sources if not names or source.name in names or source.location in names]


def fetched(places: Places, names: Sequence[str], cancel: Callable[[], bool]) -> Iterator[FetchProgress]:
    """Fetch them; see fetch.fetch. Raises NotFound and BadSettings at once."""
    from newsreader.fetch import fetch

    return fetch(places, chosen(places, names), cancel, named=bool(names), extractor=_EXTRACTOR)


class FetchProcess:
    """A fetch that runs elsewhere. `fileno` is readable when `poll` has something to tell; `is_running` is False after
    its last word."""

    def __init__(self, process: Popen[bytes], wire: Wire) -> None:
        self._process = process
        self._wire = wire
        self.is_running = True

    def fileno(self) -> int:
        """The file number to wait on; -1 once it has ended."""
        return self._wire.fileno()

    def poll(self, timeout: float | None = 0) -> list[FetchProgress]:
        """What it told since the last time, waiting up to `timeout` seconds (None: for ever) for it; after its last
        word it has ended. Raises StorageFailed with `why` "ended" if it ended without one."""
        told: list[FetchProgress] = []
        if not self.is_running:
            return told
        try:
            for thing in self._wire.receive(timeout):
                if thing is None or isinstance(thing, NewsreaderError):
                    self.cancel()
                    if thing is not None:
                        raise thing
                    break
                told.append(thing)
        except Closed:
            self.cancel()
            raise StorageFailed("fetch", "ended") from None
        return told

    def cancel(self) -> None:
        """End it now; whole dumps are left at any moment."""
        if self.is_running:
            self.is_running = False
            self._wire.close()
            self._process.kill()
            self._process.wait()


def start_fetch(places: Places, names: Sequence[str]) -> FetchProcess:
    """Begin to fetch in a process of its own. Raises OSError, NotFound and BadSettings."""
    chosen(places, names)
    process, wire = start(__name__)
    wire.send((places, tuple(names)))
    return FetchProcess(process, wire)


def main(wire: Wire) -> None:
    """The life of the process: take what is to be fetched, fetch it, tell every FetchProgress, then None, or the error
    that ended it."""
    with suppress(OSError):
        os.nice(_NICENESS)
    with suppress(Closed):
        ((places, names),) = wire.receive(None)
        try:
            for progress in fetched(places, names, lambda: False):
                wire.send(progress)
            wire.send(None)
        except NewsreaderError as error:
            wire.send(error)
