"""The one screen: the panes, the line between them, the status line, and the sheet over them.

Owns: the widgets and their arrangement. Decided only here: nothing but that `layout.geometry` is what is shown. Never:
keys, state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import Layout, WidgetPlacement
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

if TYPE_CHECKING:
    from textual.widget import Widget


class Wall(LinePane):
    """The thin rule between the panes."""

    def __init__(self, painter: Painter, marks: Marks) -> None:
        super().__init__(painter)
        self.marks = marks

    def lines(self, width: int, height: int) -> list[Drawn]:
        sign = self.marks.rule if height == 1 else self.marks.wall
        return [(((sign * width, "wall"),), "")] * height


class PaneLayout(Layout):
    """Puts every widget where the desk's geometry says."""

    name = "panes"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> list[WidgetPlacement]:
        boxes = self.boxes(size)
        placed = []
        for widget in children:
            box = boxes.get(type(widget))
            if box is not None:
                region = Region(*box)
                order = 1 if isinstance(widget, SheetView) else 0
                placed.append(WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, widget, order))
        return placed

    def boxes(self, size: Size) -> dict[type, Box | None]:
        """Where each kind of widget stands on a screen of this size."""
        where = self.desk.geometry
        rows = size.height - (1 if where.status else 0)
        sheet = self.desk.sheet
        high = sheet_height(sheet, rows) if sheet else 0
        return {
            Headlines: where.list,
            Wall: where.rule,
            ArticleView: where.article,
            StatusLine: where.status,
            SheetView: Box(0, rows - high, size.width, high) if sheet else None,
        }


class ReadingScreen(Screen[None]):
    """The screen of the app."""

    AUTO_FOCUS = ""
    ALLOW_SELECT = False

    def __init__(self, painter: Painter, desk: Desk, marks: Marks) -> None:
        super().__init__()
        self.painter = painter
        self.desk = desk
        self.marks = marks
        self._panes = PaneLayout(desk)
        self._arranged: object = None

    @property
    def layout(self) -> Layout:
        """Our own arrangement, whatever the style sheet says."""
        return self._panes

    def compose(self) -> ComposeResult:
        yield Headlines(self.painter, self.desk, self.marks)
        yield Wall(self.painter, self.marks)
        yield ArticleView(self.painter, self.desk)
        yield StatusLine(self.painter, self.desk, self.marks)
        yield SheetView(self.painter, self.desk, self.marks)

    def sync(self) -> None:
        """Show the desk as it is: arrange anew if its geometry changed, and repaint the lines that did."""
        arranged = self._panes.boxes(self.size)
        if arranged != self._arranged:
            self._arranged = arranged
            self.refresh(layout=True)
        for pane in self.query_children(LinePane):
            pane.sync()
