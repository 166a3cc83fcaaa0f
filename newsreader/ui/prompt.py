"""The prompt above the status line: a line to type in, and below it what may be typed or what is wrong with it."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from newsreader.ui.appearance import Appearance
from newsreader.ui.dialogs import Ask
from newsreader.ui.drawings import Wall
from newsreader.ui.history import PromptHistory
from newsreader.ui.paint import Painter
from newsreader.ui.panes.line_pane import LinePane
from newsreader.ui.screens.dialog import Line, Text, bindings

HEIGHT: Final = 3


class Prompt(Vertical):
    """Shown while something is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("cancel", "submit", "complete", "older", "newer", "rub_out")

    class Acted(Message):
        """What was typed has changed what is shown."""

    def __init__(self, appearance: Appearance, typed: PromptHistory, painter: Painter) -> None:
        super().__init__()
        self.appearance = appearance
        self.typed = typed
        self.painter = painter
        self.ask: Ask | None = None
        self.returns_to: Widget | None = None
        """What has the focus again once it is closed."""
        self.line = Line(painter)
        self._title, self._note = Text(painter, "sheet-title", fits=True), Text(painter, "sheet-note")
        self._acted = ""
        self._at = 0

    def compose(self) -> ComposeResult:
        yield LinePane(self.painter, Wall(self.appearance), classes="line")
        with Horizontal(classes="head"):
            yield self._title
            yield self.line
        yield self._note

    def open(self, ask: Ask) -> None:
        """Ask for something; what is typed takes the place of the text that stands there."""
        self.ask, self._acted, self._at = ask, ask.text, 0
        self.returns_to = self.screen.focused
        self._title.show(f"   {self.appearance.words.say(ask.name)}  ")
        self._say("")
        self.line.tell_operators(told=ask.name in ("narrow", "find"))
        self.line.begin(ask.text)

    def return_to(self, widget: Widget) -> bool:
        """Give the focus to a widget once it is closed; False if it is."""
        if self.returns_to is not None:
            self.returns_to = widget
        return self.returns_to is not None

    def _say(self, note: str, role: str = "sheet-note") -> None:
        hint = self.appearance.words.say(f"{self.ask.name}_hint") if self.ask else ""
        self._note.show(f"   {note or hint}", role)

    def _close(self) -> None:
        self.ask = None
        self.screen.set_focus(self.returns_to, scroll_visible=False)
        self.returns_to = None
        self.post_message(self.Acted())

    def act(self) -> None:
        """Do what the text asks for, unless it is done already."""
        if self.ask is not None and self.line.value != self._acted:
            self._acted = self.line.value
            self._say(self.ask.act(self._acted))

    def on_input_changed(self, event: Input.Changed) -> None:
        """What is typed acts at once."""
        event.stop()
        self.act()
        self.post_message(self.Acted())

    def action_submit(self) -> None:
        """Keep what is typed, if nothing is wrong with it."""
        self.act()
        if self.ask is None:
            return
        wrong = self.ask.done(self.line.value)
        if wrong:
            self._say(wrong, "error")
            return
        if self.line.value.strip():
            self.typed.remember(self.ask.name, self.line.value)
        self._close()

    def action_cancel(self) -> None:
        """Undo what was done while typing."""
        if self.ask is not None:
            self.ask.undo()
        self._close()

    def action_complete(self) -> None:
        """Complete the last word."""
        if self.ask is not None:
            self.line.put(self.ask.complete(self.line.value))

    def action_older(self) -> None:
        """Bring back what was typed before."""
        self._recall(1)

    def action_newer(self) -> None:
        """Bring back what was typed after that."""
        self._recall(-1)

    def _recall(self, steps: int) -> None:
        told = self.typed.of(self.ask.name) if self.ask is not None else []
        self._at = max(0, min(self._at + steps, len(told)))
        self.line.put(told[-self._at] if self._at else "")

    def action_rub_out(self) -> None:
        """Take back a character; where there is none, close."""
        if self.line.value:
            self.line.action_delete_left()
        else:
            self.action_cancel()
