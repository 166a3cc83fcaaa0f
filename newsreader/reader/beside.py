"""Work in a process of its own, so that it shares nothing with key presses: indexing, fetching, a story's full text.

Owns: Beside, and `serve`, the other end. Decided only here: how what it tells reaches us, that it ends with us however
we end, and how nice it is. Never: what the work is.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Generic, TypeVar

from newsreader.errors import NewsreaderError, StorageFailed
from newsreader.wire import Closed, Wire, start

_NICENESS = 15  # less nice, it makes keys wait where cores are few; nicer, it starves beside other work

T = TypeVar("T")


class Beside(Generic[T]):
    """Work that runs elsewhere: the `main` of `module` with an order. `fileno` is readable when `poll` has something to
    tell; `is_running` is False after its last word. Raises OSError."""

    def __init__(self, module: str, *order: object) -> None:
        self._module = module
        self._process, self._wire = start(module)
        self._wire.send(order)
        self.is_running = True

    def fileno(self) -> int:
        """The file number to wait on; -1 once it has ended."""
        return self._wire.fileno()

    def poll(self, timeout: float | None = 0) -> list[T]:
        """What it told since the last time, waiting up to `timeout` seconds (None: for ever) for it. Raises what the
        work raised, and StorageFailed with `why` "ended" if it ended without a word; after either it has ended."""
        told: list[T] = []
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
            raise StorageFailed(self._module.rpartition(".")[2], "ended") from None
        return told

    def cancel(self) -> None:
        """End it now; whatever it writes is whole at any moment."""
        if self.is_running:
            self.is_running = False
            self._wire.close()
            self._process.kill()
            self._process.wait()


def serve(wire: Wire, work: Callable[..., Iterable[object]]) -> None:
    """The life of such a process: take an order, tell everything that the work yields, then None, or the error that
    ended it. Ctrl-C is not for it: who gave the order ends it, or ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(_NICENESS)
    with suppress(Closed):
        (order,) = wire.receive(None)
        try:
            for thing in work(*order):
                wire.send(thing)
            wire.send(None)
        except NewsreaderError as error:
            wire.send(error)
