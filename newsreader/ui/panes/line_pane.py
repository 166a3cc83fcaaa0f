"""A widget of lines that repaints those which changed, and no other.

Decided only here: how a change of state becomes a repaint.

After each key every pane is asked for its lines (`sync`); they are compared with those on the screen. So no change can
be forgotten, and nothing is repainted that looks the same. What cannot be read now stays as it was shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from newsreader.errors import StorageFailed
from newsreader.ui.drawings import Drawing
from newsreader.ui.keys import Pane
from newsreader.ui.paint import Painter
from newsreader.ui.rows import Drawn

BLANK: Final[Drawn] = ((), "")


class LinePane(Widget):
    """A pane of lines; its drawing says what stands on them. `rows`: how many there are, also those out of sight;
    `focus` tells which pane of the reading screen is drawn as the one that has it."""

    ALLOW_SELECT = False

    def __init__(
        self, painter: Painter, drawing: Drawing, *, classes: str = "", focus: Callable[[], Pane] = lambda: "list"
    ) -> None:
        super().__init__(classes=classes)
        self.painter = painter
        self.drawing = drawing
        self.focus_now = focus
        self.rows = 0
        self._drawn: list[Drawn] = []
        self._width = 0

    def stand_in(self, rows: int) -> None:
        """Have a box of so many lines, some of which may be out of sight."""
        self.rows = rows

    def sync(self) -> None:
        """Repaint the lines that are not as they should be."""
        width, height = self.outer_size  # the same as `size`, which looks for borders first
        if not self.display or not width or not height:
            return
        lines = self._lines(width, height)
        changed = [y for y, line in enumerate(lines) if y >= len(self._drawn) or line != self._drawn[y]]
        self._drawn, self._width = lines, width
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def forget(self) -> None:
        """The pane has another place or size: all of it is to be painted."""
        self._drawn = []
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Line `y` as it should be."""
        return self.render_lines(Region(0, y, self.outer_size.width, 1))[0]

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of `crop` as they should be. Textual's own way there looks up every border, outline, padding, tint
        and opacity for every line; a pane has none of them.
        """
        width, height = self.outer_size
        if (self._width, len(self._drawn)) != (width, height):
            self._drawn, self._width = self._lines(width, height), width
        lines = (self._drawn[y] if y < height else BLANK for y in crop.line_range)
        strips: list[Strip] = [self.painter.strip(cells, ground, width) for cells, ground in lines]
        return strips if crop.column_span == (0, width) else [strip.crop(crop.x, crop.right) for strip in strips]

    def _lines(self, width: int, height: int) -> list[Drawn]:
        try:
            lines = self.drawing.lines(width, max(self.rows, height), self.focus_now())[:height]
        except StorageFailed:  # which the app's tick tells
            lines = self._drawn[:height]
        return lines + [BLANK] * (height - len(lines))
