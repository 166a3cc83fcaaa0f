"""A question in the place of the status line: y is yes, every other key is no. However long it is, these are told."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult

from newsreader.safety import cell_width, clean_line
from newsreader.ui.keys import Pane, key_name, on_us_layout
from newsreader.ui.paint import Painter
from newsreader.ui.panes.line_pane import LinePane
from newsreader.ui.rows import Drawn, cut
from newsreader.ui.screens.dialog import Dialog


class QuestionScreen(Dialog[bool]):
    """Asks `text`; `keys` tells which keys answer, `sign` stands for what of the text has no room."""

    def __init__(self, painter: Painter, text: str, keys: str, sign: str) -> None:
        super().__init__()
        self.painter = painter
        self.text = text
        self.keys = keys
        self.sign = sign

    def compose(self) -> ComposeResult:
        yield LinePane(self.painter, self, classes="line")

    def lines(self, width: int, height: int, focus: Pane) -> list[Drawn]:
        """The line as it is drawn."""
        keys = f"  {self.keys}"
        text = cut(clean_line(self.text), width - 2 - cell_width(keys), self.sign)
        return [(((" ", "pad"), (text, "question"), (keys, "status")), "")]

    async def press(self, event: events.Key | events.Paste) -> None:
        """Answer; what is pasted answers nothing."""
        if isinstance(event, events.Key):
            self.dismiss(on_us_layout(key_name(event.key, event.character)) in ("y", "Y"))
