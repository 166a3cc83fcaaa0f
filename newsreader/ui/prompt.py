"""The prompt above the status line: a line to type in, and below it what may be typed or what is wrong with it."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widget import Widget

from newsreader.ui.appearance import Appearance
from newsreader.ui.dialogs import Ask
from newsreader.ui.drawings import Wall
from newsreader.ui.history import PromptHistory
from newsreader.ui.paint import Painter
from newsreader.ui.panes.line_pane import LinePane
from newsreader.ui.screens.dialog import Head, Line, Sheet, Text, bindings, press

HEIGHT: Final = 3


class Prompt(Sheet):
    """Shown while something is asked for: while it `is_open`."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("cancel", "submit", "complete", "older", "newer", "rub_out")

    def __init__(self, appearance: Appearance, typed: PromptHistory, painter: Painter) -> None:
        super().__init__()
        self.appearance = appearance
        self.typed = typed
        self.painter = painter
        self.ask = Ask("", "")
        self.is_open = False
        self.returns_to: Widget | None = None
        """What has the focus again once it is closed."""
        self.line = Line(painter)
        self._title, self._note = Text(painter, "sheet-title", fits=True), Text(painter, "sheet-note")
        self._acted = ""
        self._at = 0

    def compose(self) -> ComposeResult:
        yield LinePane(self.painter, Wall(self.appearance), classes="line")
        with Head():
            yield self._title
            yield self.line
        yield self._note

    def open(self, ask: Ask) -> None:
        """Ask for something; what is typed takes the place of the text that stands there."""
        self.ask, self.is_open, self._acted, self._at = ask, True, ask.text, 0
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
        self._note.show("   " + (note or self.appearance.words.say(f"{self.ask.name}_hint")), role)

    def _close(self) -> None:
        self.is_open = False
        self.screen.set_focus(self.returns_to, scroll_visible=False)
        self.returns_to = None

    async def press(self, event: events.Key | events.Paste) -> None:
        """Deal with a key; what it has typed acts at once."""
        await press(self.screen, event)
        self.act()

    def act(self) -> None:
        """Do what the text asks for, unless it is done already."""
        if self.is_open and self.line.value != self._acted:
            self._acted = self.line.value
            self._say(self.ask.act(self._acted))

    def action_submit(self) -> None:
        """Keep what is typed, if nothing is wrong with it."""
        self.act()
        wrong = self.ask.done(self.line.value)
        if wrong:
            self._say(wrong, "error")
            return
        if self.line.value.strip():
            self.typed.remember(self.ask.name, self.line.value)
        self._close()

    def action_cancel(self) -> None:
        """Undo what was done while typing."""
        self.ask.undo()
        self._close()

    def action_complete(self) -> None:
        """Complete the last word."""
        self.line.put(self.ask.complete(self.line.value))

    def action_older(self) -> None:
        """Bring back what was typed before."""
        self._recall(1)

    def action_newer(self) -> None:
        """Bring back what was typed after that."""
        self._recall(-1)

    def _recall(self, steps: int) -> None:
        told = self.typed.of(self.ask.name)
        self._at = max(0, min(self._at + steps, len(told)))
        self.line.put(told[-self._at] if self._at else "")

    def action_rub_out(self) -> None:
        """Take back a character; where there is none, close."""
        if self.line.value:
            self.line.action_delete_left()
        else:
            self.action_cancel()
