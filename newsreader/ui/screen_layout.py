"""What stands on the screen, and where: the drawings of the panes and the boxes they stand in.

Decided only here: that `layout.geometry` is what is shown, and what gives way on a line that two-cell ambiguous
characters make too long. Pure: no textual, no rich; the first frame uses it too.
"""

from __future__ import annotations

from typing import Protocol

from newsreader.safety import cell_width
from newsreader.ui.article_view import ArticleView
from newsreader.ui.desk import Desk
from newsreader.ui.headlines import Headlines
from newsreader.ui.layout import Box
from newsreader.ui.rows import PLAIN, Cells, Drawn
from newsreader.ui.sources import SourcesView
from newsreader.ui.status import StatusLine
from newsreader.ui.terminal.cells import FILLER, widen


class Drawing(Protocol):
    """What a pane shows."""

    def lines(self, width: int, height: int) -> list[Drawn]:
        """What stands on each line now; fewer than `height` are filled up with blank ones."""
        ...


class Wall:
    """The thin rule between the panes."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def lines(self, width: int, height: int) -> list[Drawn]:
        """The rule, lying or standing."""
        marks = self.desk.marks
        sign = marks.rule if height == 1 else marks.wall
        return [(((sign * width, "wall"),), "")] * height


class Spaced:
    """A drawing on a terminal that may give ambiguous characters two cells: there each has its filler."""

    def __init__(self, desk: Desk, drawing: Drawing) -> None:
        self.desk = desk
        self.drawing = drawing

    def lines(self, width: int, height: int) -> list[Drawn]:
        """The drawing's lines, none of them longer for the fillers than the pane is wide."""
        return self.fit(self.drawing.lines(width, height), width)

    def fit(self, drawn: list[Drawn], width: int) -> list[Drawn]:
        """Lines with their fillers."""
        if not self.desk.style.ambiguous_wide:
            return drawn
        return [(spaced(cells, width), ground) for cells, ground in drawn]


class ScreenLayout:
    """The panes of a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._headlines = Headlines(desk)
        drawings: tuple[Drawing, ...] = (
            self._headlines,
            Wall(desk),
            ArticleView(desk),
            StatusLine(desk),
            SourcesView(desk.sources, lambda: desk.pane == "sources", lambda: desk.view, lambda: desk.marks),
            Wall(desk),
        )
        self.drawings = tuple(Spaced(desk, drawing) for drawing in drawings)

    def ahead(self) -> tuple[int, list[Drawn]]:
        """The width of the list, and what its next page would show."""
        box = self.desk.geometry.list
        return (box.width, self.drawings[0].fit(self._headlines.ahead(), box.width)) if box is not None else (0, [])

    def boxes(self) -> tuple[Box | None, ...]:
        """Where each drawing stands now; None where it is not shown."""
        where = self.desk.geometry
        return where.list, where.rule, where.article, where.status, where.sources, where.fence


def spaced(cells: Cells, width: int) -> Cells:
    """Cells with their fillers; where the line gets too long, each cell keeps to the room that it had."""
    spaced = tuple((widen(text), role) for text, role in cells)
    if sum(cell_width(text) for text, _ in spaced) <= width:
        return spaced
    return tuple((_within(text, cell_width(cells[n][0])), role) for n, (text, role) in enumerate(spaced))


def _within(text: str, width: int) -> str:
    """Text with its fillers in so many cells: blanks at its ends give way first, then its last characters."""
    over = max(cell_width(text) - width, 0)
    after = min(over, len(text) - len(text.rstrip(" ")))
    text = text[: len(text) - after]
    before = min(over - after, len(text) - len(text.lstrip(" ")))
    text = text[before:]
    if over == after + before:
        return text
    import re

    glyphs: list[str] = re.findall(f"(?s).{FILLER}?", text)
    while glyphs and sum(map(cell_width, glyphs)) >= width:
        glyphs.pop()
    shown = "".join(glyphs) + PLAIN.cut[:width]
    return shown + " " * (width - cell_width(shown))
