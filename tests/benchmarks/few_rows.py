"""The smallest list that stock Textual's Line API makes: rows that cost nothing, so many in sight, and a cursor.

python -m tests.benchmarks.few_rows HEIGHT
"""

import sys

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

_COUNT = 100_000


class Rows(ScrollView, can_focus=True):
    """j and k move the cursor, PageDown and PageUp by a page."""

    BINDINGS = [  # noqa: RUF012 -- as Textual declares it
        *(Binding(key, f"move({by})") for key, by in (("j", 1), ("k", -1))),
        *(Binding(key, f"page({by})") for key, by in (("pagedown", 1), ("pageup", -1))),
    ]

    def __init__(self, height: int) -> None:
        super().__init__()
        self.styles.height = self.page = height
        self.at = 0

    def on_mount(self) -> None:
        """So many rows."""
        self.virtual_size = Size(40, _COUNT)

    def render_line(self, y: int) -> Strip:
        """One row, reversed where the cursor is."""
        n = y + self.scroll_offset.y
        style = Style(reverse=True) if n == self.at else Style()
        return Strip([Segment(f"row {n}".ljust(self.size.width), style)])

    def action_move(self, by: int) -> None:
        """Move the cursor, and scroll where it leaves the ten rows."""
        top = self.scroll_offset.y
        before, self.at = self.at, min(max(self.at + by, 0), _COUNT - 1)
        if top <= self.at < top + self.page:
            for n in (before, self.at):
                self.refresh_line(n - top)
        else:
            self.scroll_to(y=self.at if self.at < top else self.at - self.page + 1, animate=False)

    def action_page(self, by: int) -> None:
        """Move the cursor by as many rows as are in sight."""
        self.action_move(by * self.page)


class FewRows(App[None]):
    """The list alone."""

    def compose(self) -> ComposeResult:
        yield Rows(int(sys.argv[1]))


if __name__ == "__main__":
    FewRows().run()
