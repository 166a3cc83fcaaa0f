"""The one screen: the panes, the line between them, the status line, and the sheet over them.

Owns: the widgets and their arrangement. Decided only here: nothing but that `layout.geometry` is what is shown. Never:
keys, state.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import DockArrangeResult, WidgetPlacement
from textual.screen import Screen

from newsreader.ui.article_view import ArticleView
from newsreader.ui.desk import Desk
from newsreader.ui.headlines import Headlines
from newsreader.ui.layout import Box
from newsreader.ui.overlay import SheetView, sheet_height
from newsreader.ui.paint import Painter
from newsreader.ui.pane import Drawn, LinePane
from newsreader.ui.rows import Marks
from newsreader.ui.status import StatusLine


class Wall(LinePane):
    """The thin rule between the panes."""

    def __init__(self, painter: Painter, marks: Marks) -> None:
        super().__init__(painter)
        self.marks = marks

    def lines(self, width: int, height: int) -> list[Drawn]:
        sign = self.marks.rule if height == 1 else self.marks.wall
        return [(((sign * width, "wall"),), "")] * height


class ReadingScreen(Screen[None]):
    """The screen of the app."""

    AUTO_FOCUS = ""
    ALLOW_SELECT = False

    def __init__(self, painter: Painter, desk: Desk, marks: Marks) -> None:
        super().__init__()
        self.desk = desk
        self._wall = Wall(painter, marks)
        self._panes: tuple[LinePane, ...] = (
            Headlines(painter, desk, marks),
            self._wall,
            ArticleView(painter, desk),
            StatusLine(painter, desk, marks),
            SheetView(painter, desk, marks),
        )
        self._boxes: tuple[Box | None, ...] = ()

    def compose(self) -> ComposeResult:
        yield from self._panes

    def boxes(self) -> tuple[Box | None, ...]:
        """Where each pane stands now; None where it is not shown."""
        where = self.desk.geometry
        width, height = self.desk.size
        rows = height - (1 if where.status else 0)
        high = sheet_height(self.desk.sheet, rows) if self.desk.sheet else 0
        sheet = Box(0, rows - high, width, high) if high else None
        return where.list, where.rule, where.article, where.status, sheet

    def arrange(self, size: Size, _optimal: bool = False) -> DockArrangeResult:
        """Textual's question where everything goes: where the desk's geometry says."""
        placed = [
            WidgetPlacement(Region(*box), NULL_OFFSET, NULL_SPACING, pane, order)
            for order, (pane, box) in enumerate(zip(self._panes, self.boxes(), strict=True))
            if box is not None
        ]
        return DockArrangeResult(placed, {placement.widget for placement in placed}, NULL_SPACING)

    def sync(self) -> None:
        """Show the desk as it is: panes that moved are painted anew, of the others the lines that changed."""
        before, self._boxes = self._boxes, self.boxes()
        if self._boxes != before:
            self.refresh(layout=True)
        for pane, box, former in zip(self._panes, self._boxes, before or (None,) * len(self._panes), strict=True):
            if box is None:
                continue
            if box == former:
                pane.sync()
            else:
                pane.forget()
