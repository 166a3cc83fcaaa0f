"""The reading screen: a widget for each drawing of the layout, in its box, and the prompt."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import DockArrangeResult, WidgetPlacement
from textual.screen import Screen

from newsreader.ui.commands import OF_AN_ARTICLE, Commands, Outside
from newsreader.ui.desk import Desk
from newsreader.ui.layout import Box
from newsreader.ui.paint import Painter
from newsreader.ui.pane import LinePane
from newsreader.ui.prompt import HEIGHT, Prompt
from newsreader.ui.screen_layout import ScreenLayout


class ReadingScreen(Commands, Screen[None]):
    """The screen of the app."""

    AUTO_FOCUS = ""
    ALLOW_SELECT = False
    BLANK = True  # the panes cover it

    def __init__(self, desk: Desk, outside: Outside, painter: Painter, layout: ScreenLayout, prompt: Prompt) -> None:
        Screen.__init__(self)
        Commands.__init__(self, desk, outside)
        self._screen_layout = layout
        self._painter = painter
        self._prompt = prompt
        self._panes = tuple(LinePane(painter, drawing) for drawing in layout.drawings)
        self._boxes: tuple[Box | None, ...] = ()

    def compose(self) -> ComposeResult:
        yield from self._panes
        yield self._prompt

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a command can be carried out now."""
        return action not in OF_AN_ARTICLE or self.desk.reading is not None

    def arrange(self, size: Size, _optimal: bool = False) -> DockArrangeResult:
        """Textual's question where everything goes: where the layout says, but that no pane reaches below the prompt:
        where one widget lies over another, Textual cuts its lines at the other's edges, wide characters in two."""
        boxes = self._places()
        placed = []
        for order, (pane, box) in enumerate(zip((*self._panes, self._prompt), boxes, strict=True)):
            if isinstance(pane, LinePane):
                pane.rows = box.height if box is not None else 0
            in_sight = _above(box, boxes[-1]) if pane is not self._prompt else box
            if in_sight is not None:
                placed.append(WidgetPlacement(Region(*in_sight), NULL_OFFSET, NULL_SPACING, pane, order))
        return DockArrangeResult(placed, {placement.widget for placement in placed}, NULL_SPACING)

    def paint_ahead(self) -> None:
        """Paint what the next page of the list would show, before anybody waits for it."""
        width, lines = self._screen_layout.ahead()
        for cells, ground in lines:
            self._painter.strip(cells, ground, width)

    def _places(self) -> tuple[Box | None, ...]:
        """Where the panes stand, and the prompt above the status line."""
        width, height = self.app.size
        top = max(height - 1 - HEIGHT, 0)
        return *self._screen_layout.boxes(), Box(0, top, width, HEIGHT) if self._prompt.ask is not None else None

    def sync(self) -> None:
        """Show the desk as it is: panes that moved are painted anew, of the others the lines that changed."""
        before, self._boxes = self._boxes, self._places()
        if self._boxes != before:
            self.refresh(layout=True)
        for pane, box, former in zip(self._panes, self._boxes, before or (None,) * len(self._panes), strict=False):
            if box is None:
                continue
            if box == former:
                pane.sync()
            else:
                pane.forget()


def _above(box: Box | None, prompt: Box | None) -> Box | None:
    """What the prompt, which is as wide as the screen, leaves of a box."""
    if box is None or prompt is None or box.y >= prompt.y + prompt.height:
        return box
    return box._replace(height=min(box.height, prompt.y - box.y)) if box.y < prompt.y else None
