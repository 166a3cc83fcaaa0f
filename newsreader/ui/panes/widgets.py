"""The panes of the reading screen as the mouse uses them; keys never reach them (app.py). What was done is posted.

Decided only here: what text is copied: the article's own, each paragraph
one line, without layout's breaks and without our marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual import events
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip

from newsreader.ui.keys import Pane
from newsreader.ui.layout import Divider
from newsreader.ui.paint import Painter
from newsreader.ui.panes.article_page import Reading
from newsreader.ui.panes.hints import Stop
from newsreader.ui.panes.line_pane import LinePane
from newsreader.ui.rows import Cell, Drawn
from newsreader.ui.terminal.cells import FILLER

if TYPE_CHECKING:
    from newsreader.typeset.lines import Line
    from newsreader.ui.drawings import Drawing
    from newsreader.ui.panes.open_article import OpenArticle

WHEEL: Final = 3
"""Lines that one notch of the mouse wheel scrolls."""


class ReadingPane(LinePane):
    """A pane of the reading screen. `pane`: its name, where it takes the focus; `focus` tells which one has it."""

    @dataclass
    class Turned(Message):
        """The wheel was turned over a pane, down (up: negative) by so many lines."""

        pane: Pane | None
        lines: int

    @dataclass
    class Clicked(Message):
        """A line of a pane was clicked on."""

        pane: Pane | None
        line: int

    def __init__(self, painter: Painter, drawing: Drawing, focus: Callable[[], Pane], pane: Pane | None = None) -> None:
        super().__init__(painter, drawing, focus=focus)
        self.pane = pane
        self.can_focus = pane is not None

    def on_focus(self, event: events.Focus) -> None:
        """`sync` repaints the lines that look otherwise now; by default all would be."""
        event.prevent_default()

    def on_blur(self, event: events.Blur) -> None:
        """As `on_focus`."""
        event.prevent_default()

    def focus_on_click(self) -> bool:
        """Nothing is taken from the prompt."""
        return isinstance(self.screen.focused, ReadingPane | None)

    def on_mouse_scroll_down(self) -> None:
        self.post_message(self.Turned(self.pane, WHEEL))

    def on_mouse_scroll_up(self) -> None:
        self.post_message(self.Turned(self.pane, -WHEEL))

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Clicked(self.pane, event.y))


class DividerPane(ReadingPane):
    """A line between panes."""

    @dataclass
    class Dragged(Message):
        """One was dragged to a place of the screen."""

        divider: Divider
        x: int
        y: int

    def __init__(self, painter: Painter, drawing: Drawing, focus: Callable[[], Pane], divider: Divider) -> None:
        super().__init__(painter, drawing, focus)
        self.divider = divider

    def on_mouse_down(self) -> None:
        self.capture_mouse()

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self.post_message(self.Dragged(self.divider, event.screen_x, event.screen_y))


class ArticlePane(ReadingPane):
    """The article, whose text can be selected."""

    ALLOW_SELECT = True

    @dataclass
    class StopClicked(Message):
        """A link or a fold was clicked on."""

        chosen: Stop

    def __init__(self, painter: Painter, drawing: Drawing, focus: Callable[[], Pane], article: OpenArticle) -> None:
        super().__init__(painter, drawing, focus, "article")
        self.article = article
        self._opening = 0

    def on_mouse_down(self) -> None:
        """A drag may leave the pane."""
        self.capture_mouse()

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """The second click of two is none on what the first has opened here."""
        stop = self.article.reading.stop_at(event.x, event.y) if self.article.reading is not None else None
        if stop is not None and event.chain == 1 and self.text_selection is None:
            self.post_message(self.StopClicked(stop))

    # --- Selected text ---

    def sync(self) -> None:
        if self._opening != self.article.openings:
            self._opening = self.article.openings
            if self.text_selection is not None:
                self.screen.clear_selection()
        super().sync()

    def selection_updated(self, selection: Selection | None) -> None:
        self.sync()

    def render_line(self, y: int) -> Strip:
        """A line with the offsets by which Textual knows what the mouse points at: characters, and lines of the page.
        What is painted comes from `render_lines`, without them."""
        strip = super().render_line(y)
        return strip if self.article.reading is None else strip.apply_offsets(0, self.article.reading.top + y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        reading = self.article.reading
        return None if reading is None else ("".join(_copied(reading, selection)), "\n")

    def _lines(self, width: int, height: int) -> list[Drawn]:
        drawn = super()._lines(width, height)
        selection = self.text_selection
        if selection is None or self.article.reading is None:
            return drawn
        spans = [selection.get_span(y) for y in range(self.article.reading.top, self.article.reading.top + height)]
        return [
            (_set_off(cells, *span), ground) if span else (cells, ground)
            for (cells, ground), span in zip(drawn, spans, strict=True)
        ]


def _set_off(cells: tuple[Cell, ...], start: int, end: int) -> tuple[Cell, ...]:
    """The cells of a line, its text from character `start` on set off, up to `end` (-1: to its end)."""
    shown: list[Cell] = []
    at = 0
    for text, role in cells:
        first = min(max(start - at, 0), len(text))
        last = len(text) if end < 0 else min(max(end - at, first), len(text))
        picked = role if role == "pad" else f"{role} picked"
        pieces = ((text[:first], role), (text[first:last], picked), (text[last:], role))
        shown += [piece for piece in pieces if piece[0]]
        at += len(text)
    return tuple(shown)


def _copied(reading: Reading, selection: Selection) -> Iterator[str]:
    """The pieces of the text that is selected."""
    before: Line | None = None
    for number, line in enumerate(reading.page.lines):
        span = selection.get_span(number)
        if span is None:
            continue
        if before is not None:
            yield reading.between(before, line)
        yield _own_text(reading, line, *span)
        before = line


def _own_text(reading: Reading, line: Line, start: int, end: int) -> str:
    """The article's own characters of a line, of which `start` to `end` (-1: to its end) are counted as drawn."""
    at = reading.side + line.indent
    text = ""
    for run in line.runs:
        drawn = reading.drawn(run.text)
        last = len(drawn) if end < 0 else max(end - at, 0)
        if not run.ours:
            text += drawn[max(start - at, 0) : last].replace(FILLER, "")
        at += len(drawn)
    return text
