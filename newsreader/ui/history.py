"""What was read before, to go back to and forward again. Decided only here: how far back.

Pure: no textual, no rich.
"""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from newsreader.ui.reading import Place

_MOST: Final = 500


class Step(NamedTuple):
    """A story that was open, by its id, and where its reader was in it."""

    story: str
    spot: Place


class History:
    """The steps behind and before the present one."""

    def __init__(self) -> None:
        self._past: deque[Step] = deque(maxlen=_MOST)
        self._future: deque[Step] = deque(maxlen=_MOST)

    def remember(self, here: Step | None) -> None:
        """Another story is opened; this one was open."""
        if here is not None:
            self._past.append(here)

    def go_on(self, here: Step | None) -> None:
        """The same, and there is no way forward any more."""
        self.remember(here)
        self._future.clear()

    def step(self, way: int) -> Step | None:
        """The next step back (-1) or forward, taken off its side; None if there is none."""
        side = self._past if way < 0 else self._future
        return side.pop() if side else None

    def left(self, here: Step, way: int) -> None:
        """A step back (-1) or forward was taken from here."""
        (self._future if way < 0 else self._past).append(here)
