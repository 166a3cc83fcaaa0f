"""Signals that end the program, and the promise that it ends.

Decided only here: how long an orderly end may take.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Final

from newsreader.ui.terminal.takeover import FATAL

GRACE: Final = 1.0
"""Seconds in which the program may end by itself before it is ended: where many want the processor, what it keeps takes
a part of them."""


class Endings:
    """Calls `on_end(signal)` in the loop when the program should end, and `last_resort()` before it is ended by force,
    also where the loop is stuck. A signal that was ignored before (nohup) stays so.

    The thread that keeps the promise sleeps in a read until then.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_end: Callable[[int], None],
        last_resort: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._on_end = on_end
        self._last_resort = last_resort
        self._before: dict[int, Any] = {}
        self._reads = self._writes = -1

    def install(self) -> None:
        """Take the signals over."""
        self._reads, self._writes = os.pipe()
        with suppress(RuntimeError):  # a limit on processes is one on threads too; it mostly ends by itself
            threading.Thread(target=self._watch, args=(self._reads,), name="endings", daemon=True).start()
        for number in FATAL:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._caught)

    def remove(self) -> None:
        """Give the signals back; an end that has begun is still kept to its time."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
        if self._writes >= 0:
            os.close(self._writes)
            self._reads = self._writes = -1

    def end(self, number: int) -> None:
        """Begin to end as `number` would."""
        if self._writes >= 0:
            os.write(self._writes, bytes((number,)))
        self._loop.call_soon_threadsafe(self._on_end, number)

    def _caught(self, number: int, _frame: FrameType | None) -> None:
        self.end(number)

    def _watch(self, reads: int) -> None:
        number = os.read(reads, 1)
        os.close(reads)
        if number:
            time.sleep(GRACE)
            self._last_resort()
            os._exit(128 + number[0])
