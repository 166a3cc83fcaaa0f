"""What stands on the screen, and where: the drawings of the panes and the boxes they stand in.

Owns: their order: list, wall, article, status line, sources and their wall, sheet. Decided only here: nothing but that
`layout.geometry` is what is shown. Pure: no textual, no rich; the first frame uses it too. Never: keys, state, colours.
"""

from __future__ import annotations

from typing import Protocol

from newsreader.ui.article_view import ArticleView
from newsreader.ui.desk import Desk
from newsreader.ui.headlines import Headlines
from newsreader.ui.layout import Box
from newsreader.ui.overlay import SheetView, sheet_height
from newsreader.ui.rows import Drawn, Marks
from newsreader.ui.sources import SourcesView
from newsreader.ui.status import StatusLine


class Drawing(Protocol):
    """What a pane shows."""

    def lines(self, width: int, height: int) -> list[Drawn]:
        """What stands on each line now; fewer than `height` are filled up with blank ones."""
        ...


class Wall:
    """The thin rule between the panes."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks

    def lines(self, width: int, height: int) -> list[Drawn]:
        """The rule, lying or standing."""
        sign = self.marks.rule if height == 1 else self.marks.wall
        return [(((sign * width, "wall"),), "")] * height


class Front:
    """The panes of a desk."""

    def __init__(self, desk: Desk, marks: Marks) -> None:
        self.desk = desk
        self.drawings: tuple[Drawing, ...] = (
            Headlines(desk, marks),
            Wall(marks),
            ArticleView(desk),
            StatusLine(desk, marks),
            SourcesView(desk.sources, lambda: desk.pane == "sources", lambda: desk.view),
            Wall(marks),
            SheetView(desk, marks),
        )

    def boxes(self) -> tuple[Box | None, ...]:
        """Where each drawing stands now; None where it is not shown."""
        where = self.desk.geometry
        width, height = self.desk.size
        rows = height - (1 if where.status else 0)
        high = sheet_height(self.desk.sheet, rows) if self.desk.sheet else 0
        sheet = Box(0, rows - high, width, high) if high else None
        return where.list, where.rule, where.article, where.status, where.sources, where.fence, sheet
