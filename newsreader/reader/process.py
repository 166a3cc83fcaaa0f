"""Ingest in a process of its own, so that it shares nothing with key presses.

Owns: IngestProcess. Decided only here: how its Progress reaches us, and that it ends with us, however we end. Never:
what ingest does.
"""

from __future__ import annotations

import os
from subprocess import Popen
from typing import TYPE_CHECKING

from newsreader.errors import NewsreaderError, StorageFailed
from newsreader.reader.target import Target
from newsreader.wire import Closed, Wire, start

if TYPE_CHECKING:
    from newsreader.reader.ingest import Progress

_NICENESS = 5


class IngestProcess:
    """Ingest that runs elsewhere. `fileno` is readable when `poll` has something to tell."""

    def __init__(self, process: Popen[bytes], wire: Wire) -> None:
        self._process = process
        self._wire = wire
        self.is_running = True

    def fileno(self) -> int:
        """The file number to wait on; -1 once it has ended."""
        return self._wire.fileno()

    def poll(self, timeout: float | None = 0) -> list[Progress]:
        """What it told since the last time, waiting up to `timeout` seconds (None: for ever) for it. Raises what
        ingest raised, and StorageFailed with `why` "ended" if it ended without a word; after either it has ended."""
        told: list[Progress] = []
        if not self.is_running:
            return told
        try:
            for thing in self._wire.receive(timeout):
                if isinstance(thing, NewsreaderError):
                    self.cancel()
                    raise thing
                told.append(thing)
        except Closed:
            self.cancel()
            raise StorageFailed("ingest", "ended") from None
        if told and told[-1].is_last:
            self.cancel()
        return told

    def cancel(self) -> None:
        """End it now; the index holds whole batches at any moment."""
        if self.is_running:
            self.is_running = False
            self._wire.close()
            self._process.kill()
            self._process.wait()


def start_ingest(target: Target) -> IngestProcess:
    """Begin to bring into the indexes of a target what changed in its archives. Raises OSError."""
    process, wire = start(__name__)
    wire.send(target)
    return IngestProcess(process, wire)


def main(wire: Wire) -> None:
    """The life of the process: take a target, ingest it, tell every Progress, or the error that ended it."""
    from newsreader.reader.ingest import ingest_all

    os.nice(_NICENESS)
    try:
        (target,) = wire.receive(None)
        try:
            for progress in ingest_all(target):
                wire.send(progress)
        except NewsreaderError as error:
            wire.send(error)
    except Closed:
        return
