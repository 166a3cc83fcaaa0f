"""What of a page can be followed, and the letters by which it is named on the screen. Pure: no textual, no rich."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final, NamedTuple

_LETTERS: Final = "asdfghjklqwertyuiopzxcvbnm"


class Stop(NamedTuple):
    """Something on the page that can be selected: a link by its number, or a fold by its first block."""

    line: int
    link: int | None
    fold: int | None


class Hints:
    """The stops in sight by their letters, while these are shown."""

    def __init__(self, stops: Sequence[Stop] = ()) -> None:
        names = map("".join, product(_LETTERS, repeat=1 if len(stops) <= len(_LETTERS) else 2))
        self.stops = dict(zip(names, stops, strict=False))
        self._typed = ""

    def take(self, letter: str) -> Stop | None:
        """Take one letter; the stop once it is named. Then, and where letters name nothing, none are shown any more."""
        self._typed += letter.lower()
        stop = self.stops.get(self._typed)
        if stop is not None or not any(name.startswith(self._typed) for name in self.stops):
            self.end()
        return stop

    def end(self) -> None:
        """Show none any more."""
        self.stops = {}
