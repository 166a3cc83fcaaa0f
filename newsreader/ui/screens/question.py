"""A question in the place of the status line: y is yes, every other key is no."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult

from newsreader.safety import clean_line
from newsreader.ui.keys import Pane, key_name, on_us_layout
from newsreader.ui.paint import Painter
from newsreader.ui.panes.line_pane import LinePane
from newsreader.ui.rows import Drawn
from newsreader.ui.screens.dialog import Dialog


class QuestionScreen(Dialog[bool]):
    """Asks `text`; `keys` tells which keys answer."""

    def __init__(self, painter: Painter, text: str, keys: str) -> None:
        super().__init__()
        self.painter = painter
        self.text = text
        self.keys = keys

    def compose(self) -> ComposeResult:
        yield LinePane(self.painter, self, classes="line")

    def lines(self, width: int, height: int, focus: Pane) -> list[Drawn]:
        """The line as it is drawn."""
        return [(((" ", "pad"), (clean_line(self.text), "question"), (f"  {self.keys}", "status")), "")]

    async def press(self, event: events.Key | events.Paste) -> None:
        """Answer; what is pasted answers nothing."""
        if isinstance(event, events.Key):
            self.dismiss(on_us_layout(key_name(event.key, event.character)) in ("y", "Y"))
