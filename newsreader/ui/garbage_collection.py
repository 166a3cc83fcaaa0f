"""When Python looks for garbage: between keys, so that none waits for it.

With the many objects that the first frame and the imports have made, a look takes longer than a story to open.
"""

from __future__ import annotations

import gc
import re
from time import monotonic
from typing import Final

from rich.cells import cached_cell_len

_MANY: Final = 2_000
_MOST: Final = 50_000
"""New objects that are looked through in the next pause between keys, and at once where there is none."""
_YOUNG, _OLD = 16, 256
"""Pauses between two looks at what outlived the last ones: who reads without a rest would keep all that was shown."""
_REST: Final = 1.0
"""Seconds without a key after which all is looked through."""


class Garbage:
    """Collects for a program that is used in bursts."""

    def __init__(self) -> None:
        self._pauses = 0
        self._used = 0.0

    def settle(self) -> None:
        """What is there now is there to stay."""
        gc.freeze()
        gc.enable()
        gc.set_threshold(_MOST, 20, 100)

    def use(self) -> bool:
        """The program is used; whether a pause is wanted."""
        self._used = monotonic()
        return gc.get_count()[0] > _MANY

    def pause(self) -> None:
        """Nobody waits for a moment."""
        self._pauses += 1
        gc.collect(2 if self._pauses % _OLD == 0 else 1 if self._pauses % _YOUNG == 0 else 0)

    def rest(self) -> None:
        """Time goes by: after some without use, once, look through all. Rich remembers thousands of texts by their
        widths, so all that was typed, once for each letter, and re the patterns of words that were searched for."""
        if self._used and monotonic() - self._used > _REST:
            self._used = 0.0
            cached_cell_len.cache_clear()
            re.purge()
            gc.collect()
