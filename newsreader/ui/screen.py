"""The one screen: a widget for each drawing of the front, in its box.

Owns: the widgets and their arrangement. Decided only here: which of them are asked for their lines after a change.
Never: keys, state, where anything stands (front).
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import DockArrangeResult, WidgetPlacement
from textual.screen import Screen

from newsreader.ui.front import Front
from newsreader.ui.layout import Box
from newsreader.ui.paint import Painter
from newsreader.ui.pane import LinePane


class ReadingScreen(Screen[None]):
    """The screen of the app."""

    AUTO_FOCUS = ""
    ALLOW_SELECT = False

    def __init__(self, painter: Painter, front: Front) -> None:
        super().__init__()
        self._front = front
        self._panes = tuple(LinePane(painter, drawing) for drawing in front.drawings)
        self._boxes: tuple[Box | None, ...] = ()

    def compose(self) -> ComposeResult:
        yield from self._panes

    def arrange(self, size: Size, _optimal: bool = False) -> DockArrangeResult:
        """Textual's question where everything goes: where the front says."""
        placed = [
            WidgetPlacement(Region(*box), NULL_OFFSET, NULL_SPACING, pane, order)
            for order, (pane, box) in enumerate(zip(self._panes, self._front.boxes(), strict=True))
            if box is not None
        ]
        return DockArrangeResult(placed, {placement.widget for placement in placed}, NULL_SPACING)

    def sync(self) -> None:
        """Show the desk as it is: panes that moved are painted anew, of the others the lines that changed."""
        before, self._boxes = self._boxes, self._front.boxes()
        if self._boxes != before:
            self.refresh(layout=True)
        for pane, box, former in zip(self._panes, self._boxes, before or (None,) * len(self._panes), strict=True):
            if box is None:
                continue
            if box == former:
                pane.sync()
            else:
                pane.forget()
