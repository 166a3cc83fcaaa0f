"""A small app in the shape of the product, to look at the wire with: a Line API list of headlines, an article, a status
line. `python -m tests.wire_app [stock] [single|stacked|beside] [mark FILE]`: on the stock driver or on ours.

j k move in the list, J K scroll the article, space pages it, g G the ends, d a dialog over both, i an input, y copies,
t sets the title, z stops, l lays out anew, x raises, s hangs, q quits.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from newsreader.ui.terminal.capabilities import detect
from newsreader.ui.terminal.cells import Grid
from newsreader.ui.terminal.driver import Wire, driver_for, driver_of
from newsreader.ui.terminal.takeover import FirstFrame

COUNT = 400
_PARTS = [
    "河口的守塔人",
    "潮汐与鳥群",
    "一座图书馆的搬家",
    "harbour strike",
    "二十四節氣",
    "night trains 🌊",
    "港口，罢工！",
    "é…—",
]
_SOURCES = ["德國之聲", "BBC     ", "路透    ", "法广    "]


def headline(n: int) -> str:
    """A headline of mixed scripts, the same for the same number."""
    return " ".join(_PARTS[(n * 7 + k * (n % 5 + 1)) % len(_PARTS)] for k in range(2 + n % 3)) + f" {n}"


class Lines(ScrollView, can_focus=True):
    """A list of lines with a cursor row, or without one an article."""

    DEFAULT_CSS = "Lines { scrollbar-size: 0 0; }"

    def __init__(self, lines: list[list[tuple[str, Style]]], cursor: int | None, **kind: Any) -> None:
        super().__init__(**kind)
        self.lines = lines
        self.at = cursor
        self.virtual_size = Size(20, len(lines))

    def render_line(self, y: int) -> Strip:
        """One row as wide as the widget."""
        n = y + self.scroll_offset.y
        width = self.size.width
        if n >= len(self.lines):
            return Strip.blank(width)
        strip = Strip([Segment(text, style) for text, style in self.lines[n]]).adjust_cell_length(width)
        return strip.apply_style(Style(reverse=True)) if n == self.at else strip

    def move(self, by: int) -> None:
        """Move the cursor, or scroll where there is none."""
        if self.at is None:
            self.scroll_to(y=self.scroll_offset.y + by, animate=False)
            return
        before, self.at = self.at, min(max(self.at + by, 0), len(self.lines) - 1)
        top = self.scroll_offset.y
        if self.at < top or self.at >= top + self.size.height:
            self.scroll_to(y=self.at if self.at < top else self.at - self.size.height + 1, animate=False)
            self.refresh()
        else:
            for n in (before, self.at):
                self.refresh_line(n)


class Dialog(ModalScreen[None]):
    """Something over the panes, not in the middle of a cell."""

    CSS = "Dialog { align: center middle; } Dialog Static { width: 31; height: 7; border: round white; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("d", "dismiss")]

    def compose(self) -> ComposeResult:
        """One box."""
        yield Static("一座图书馆的搬家 a dialog\n[1] 守塔人", markup=False)


class WireApp(App[None]):
    """The app of the module's docstring."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: ansi_default; color: ansi_default; layers: base; }
    #list { height: 1fr; } #article { height: 1fr; } #status { height: 1; } #panes { height: 1fr; }
    .single #article { display: none; }
    .beside #panes { layout: horizontal; }
    .beside #list { width: 45%; height: 100%; } .beside #article { width: 55%; height: 100%; }
    Input { display: none; height: 1; border: none; } .asking Input { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *[Binding(key, f"move('{pane}', {by})") for key, pane, by in (("j", "list", 1), ("k", "list", -1))],
        *[Binding(key, f"move('{pane}', {by})") for key, pane, by in (("J", "article", 1), ("K", "article", -1))],
        *[Binding(key, f"move('list', {by})") for key, by in (("g", -COUNT), ("G", COUNT), ("f", 20), ("b", -20))],
        Binding("space", "move('article', 9)"),
        *[Binding(key, action) for key, action in (("d", "dialog"), ("i", "ask"), ("y", "copy"), ("t", "title"))],
        *[Binding(key, action) for key, action in (("q", "quit"), ("z", "suspend_process"), ("x", "fail"))],
        *[Binding(key, action) for key, action in (("l", "layout"), ("s", "stick"))],
    ]

    def __init__(self, layout: str, mark: str = "", **kind: Any) -> None:
        super().__init__(ansi_color=True, **kind)
        self.layouts = [layout]
        self.mark = mark

    def compose(self) -> ComposeResult:
        """List, article, status."""
        dim, source, unread = Style(dim=True), Style(color="blue"), Style(bold=True)
        stories = [
            [
                (f" {'*' if n % 3 == 0 else ' '} {n % 60:>3}m  ", dim),
                (_SOURCES[n % len(_SOURCES)] + "  ", source),
                (headline(n), unread if n % 3 == 0 else Style()),
            ]
            for n in range(COUNT)
        ]
        article = [
            [("    " + "".join(headline(n * 5 + k) for k in range(3))[:30], Style(bold=n == 0))] if n % 6 else []
            for n in range(120)
        ]
        with Widget(id="panes"):
            yield Lines(stories, 0, id="list")
            yield Lines(article, None, id="article")
        yield Input()
        yield Static(f" 1/{COUNT}", id="status", markup=False)

    def on_mount(self) -> None:
        """Lay out as asked."""
        self.screen.set_class(True, self.layouts[0])
        self.query_one("#list").focus()

    def on_unmount(self) -> None:
        """Tell that the end was an orderly one."""
        self.note("unmount")

    def note(self, what: str) -> None:
        """Write to the file of marks."""
        if self.mark:
            with Path(self.mark).open("a") as marks:
                marks.write(what + "\n")

    def action_move(self, pane: str, by: int) -> None:
        """Move in a pane and tell where the list's cursor is."""
        lines = self.query_one(f"#{pane}", Lines)
        lines.move(by)
        if pane == "list" and lines.at is not None:
            self.query_one("#status", Static).update(f" {lines.at + 1}/{COUNT}")

    def action_dialog(self) -> None:
        """Lay something over the panes."""
        self.push_screen(Dialog())

    def action_ask(self) -> None:
        """An input with a cursor."""
        self.screen.add_class("asking")
        self.query_one(Input).focus()

    def on_input_submitted(self) -> None:
        """Back to the list."""
        self.screen.remove_class("asking")
        self.query_one("#list").focus()

    def action_copy(self) -> None:
        """Copy by Textual's own method."""
        self.copy_to_clipboard("守塔人\x1b]0;x\x07 copied")

    def action_title(self) -> None:
        """Name the window."""
        driver = driver_of(self)
        if driver:
            driver.set_title("河口\x1b\\\x07]2;x")

    def action_layout(self) -> None:
        """The next layout."""
        order = ["single", "stacked", "beside"]
        for name in order:
            if self.screen.has_class(name):
                self.screen.remove_class(name)
                self.screen.add_class(order[(order.index(name) + 1) % 3])
                return

    def action_stick(self) -> None:
        """Hold the event loop for ever."""
        while True:
            time.sleep(0.01)

    def action_fail(self) -> None:
        """A bug."""
        raise RuntimeError("a bug")


def paint_first() -> FirstFrame:
    """The list's first rows in their places, as an app may paint them before Textual is there."""
    frame = FirstFrame(detect(os.environ), mouse=False, ambiguous_wide=False, title="wire")
    grid = Grid(*frame.size)
    for n, row in enumerate(grid.rows):
        row.put(20, *frame.speller.cells(headline(n), 0))
    frame.show(grid)
    time.sleep(0.5)
    return frame


def main(words: list[str]) -> int:
    """Run it; see the module."""
    layout = next((word for word in words if word in ("single", "stacked", "beside")), "stacked")
    mark = words[words.index("mark") + 1] if "mark" in words else ""
    if "stock" in words:
        WireApp(layout, mark).run(mouse=False)
        return 0
    apps: list[WireApp] = []
    wire = Wire(
        detect(os.environ),
        title="wire",
        on_end=lambda: apps[0].note("end"),
        on_ambiguous=(lambda wide: apps[0].note(f"wide {wide}")) if "probe" in words else None,
        first=paint_first() if "first" in words else None,
    )
    apps.append(WireApp(layout, mark, driver_class=driver_for(wire)))
    apps[0].run()
    return apps[0].return_code or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
