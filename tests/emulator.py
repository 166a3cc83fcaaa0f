"""A terminal emulator for tests that compares screens cell by cell, with their looks."""

from __future__ import annotations

import re
from typing import Any, Final

import pyte

_unknown_to_pyte: Final = re.compile(
    r"\x1b\[[<>=][0-9;:]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)

Cell = tuple[Any, ...]


class _Screen(pyte.Screen):
    """pyte's screen with what it lacks: half a covered two-cell character leaves a blank, as in every terminal."""

    def draw(self, data: str) -> None:
        for char in data:
            x, y = self.cursor.x, self.cursor.y
            super().draw(char)
            row = self.buffer[y]
            if x and row[x].data == "" and row[x - 1].data == "":
                continue
            for column in range(max(x - 1, 0), min(x + 3, self.columns)):
                self._mend(y, column)

    def _mend(self, y: int, x: int) -> None:
        row = self.buffer[y]
        cell = row[x]
        is_wide = bool(cell.data) and pyte.screens.wcwidth(cell.data[0]) == 2
        if is_wide and x + 1 < self.columns and row[x + 1].data != "":
            row[x] = cell._replace(data=" ")
        if cell.data == "" and (x == 0 or not row[x - 1].data or pyte.screens.wcwidth(row[x - 1].data[0]) != 2):
            row[x] = cell._replace(data=" ")


class Emulator:
    """A screen of (columns, rows) that is fed text and tells what its cells look like."""

    def __init__(self, columns: int, rows: int) -> None:
        self.size = (columns, rows)
        self._screen = _Screen(columns, rows)
        self._screen.reset_mode(7, private=True)
        self._stream = pyte.Stream(self._screen)

    def feed(self, text: str) -> None:
        """Write to the screen; no sequence may be cut in two."""
        self._stream.feed(_unknown_to_pyte.sub("", text))

    def resize(self, columns: int, rows: int) -> None:
        """Another size; what stood outside is gone."""
        self.size = (columns, rows)
        self._screen.resize(rows, columns)

    def cells(self) -> list[list[Cell]]:
        """(text, looks) of every cell; blanks only with the looks that show on them."""
        columns, rows = self.size
        return [[_looks(self._screen.buffer[y][x]) for x in range(columns)] for y in range(rows)]

    def text(self) -> list[str]:
        """The rows as text."""
        return list(self._screen.display)

    @property
    def cursor(self) -> tuple[int, int]:
        """(column, row)."""
        return self._screen.cursor.x, self._screen.cursor.y


def _looks(cell: Any) -> Cell:
    if cell.data == " ":
        return (" ", cell.bg, cell.underscore, cell.strikethrough, cell.reverse, cell.fg if cell.reverse else "")
    return tuple(cell)
