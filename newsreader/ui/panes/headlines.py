"""The list: which view it shows, its rows around the cursor, those that are selected, and how they are drawn.

Decided only here: where the cursor goes when the view changes, and which ground a row stands on. Pure: no textual, no
rich; the first frame makes it, and the list pane shows it from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from newsreader.config.settings import Settings
from newsreader.reader import Counts, Reader, Sort, View
from newsreader.safety import clean_line
from newsreader.summary import Summary
from newsreader.ui.appearance import Appearance
from newsreader.ui.keys import Keymap, Pane
from newsreader.ui.layout import part_of
from newsreader.ui.panes.folded_rows import Clusters
from newsreader.ui.panes.list_viewport import ListLine, ListViewport
from newsreader.ui.panes.selection import Selection
from newsreader.ui.panes.status import Status
from newsreader.ui.rows import (
    Cells,
    Columns,
    Drawn,
    columns,
    cut,
    day_cells,
    day_of,
    fit,
    heading_cells,
    row_cells,
    row_height,
    widest_source,
)

_KEPT = 4096  # rows whose height is remembered


class ListPlace(NamedTuple):
    """Where the reader was in the list: the view, the cursor's row and its line of the pane, and the focus."""

    view: View
    row: Summary | None
    line: int
    pane: Pane


class Headlines:
    """The list of one view at a time."""

    def __init__(
        self, reader: Reader, settings: Settings, appearance: Appearance, keymap: Keymap, status: Status
    ) -> None:
        self.reader = reader
        self.appearance = appearance
        self.keymap = keymap
        self.status = status
        self.view = View()
        self.counts = Counts(0, 0)
        self.columns: Columns = columns(80, 0, two_lines=False)
        self.selection = Selection()
        self._two_lines = settings.two_line_titles
        self._gathers = settings.gather
        self.rows = self._rows_of(self.view)
        self.viewport = ListViewport(self.rows, self._heading_of, self._height)
        self._heights: dict[str, int] = {}
        self._widest = 0
        self._short: Mapping[str, str] = {}
        self._entered: ListPlace | None = None

    @property
    def current(self) -> Summary | None:
        """The row under the cursor."""
        return self.viewport.current

    @property
    def is_narrowed(self) -> bool:
        """Whether the view shows less than all stories, besides what is read."""
        return self.view._replace(unread=False, sort="date") != View()

    # --- Size and measures ---

    def fit(self, width: int, height: int) -> None:
        """Be shown in a pane of that size: the cursor's row stays on its line."""
        shape = columns(
            width,
            self._widest if self.view.source is None else 0,
            two_lines=self._two_lines,
            ambiguous_wide=self.appearance.style.ambiguous_wide,
            sort=self.view.sort,
        )
        reflowed = shape != self.columns
        if reflowed:
            # The line of the cursor is known by the heights that rows have had.
            line = self.viewport.cursor_line
            self.columns = shape
            self._heights.clear()
            self.viewport.show_at(line)
        self.viewport.resize(height, reflowed=reflowed)

    def restyle(self) -> None:
        """The appearance has changed: titles have other heights."""
        self._heights.clear()

    def _height(self, row: Summary) -> int:
        if not self.columns.two_lines or self.rows.is_under(row):
            return 1
        height = self._heights.get(row.id)
        if height is None:
            if len(self._heights) > _KEPT:
                self._heights.clear()
            height = self._heights[row.id] = row_height(self.worded(row), self.columns)
        return height

    def worded(self, row: Summary) -> Summary:
        """A row with its title in the script that is shown, under the short name of its source."""
        if row.source in self._short:
            row = row._replace(source=self._short[row.source])
        convert = self.appearance.style.convert
        return row if convert is None else row._replace(title=convert(row.title))

    def _heading_of(self, row: Summary) -> date | str | None:
        """What stands above the rows that share it: the day, the source, or "" for nothing."""
        if self.view.sort == "date":
            return day_of(row, self.appearance.zone)
        return row.source if self.view.sort == "source" else ""

    # --- The view ---

    def start(self, view: View) -> None:
        """Be about a view; its rows are still to be loaded."""
        self._show(view, None)
        self._measure_sources()

    def change_view(self, view: View, came_from: ListPlace) -> None:
        """Show another view; the cursor stays on its story, or goes to the next one that the view has. `came_from`:
        where the reader is to be when the view is left."""
        current = self.current
        self._show(view, came_from)
        near = self._nearest(current) if current else None
        if near is None:
            self.viewport.load()
        else:
            self.viewport.put(near, self.viewport.cursor_line)

    def narrow(self, view: View, came_from: ListPlace) -> None:
        """Show another view from its first row, or with the cursor on its story where the view has that."""
        current = self.current
        self._show(view, came_from)
        fresh = self.rows.summary(current.id) if current else None
        if fresh is not None and self.rows.has(fresh):
            self.viewport.put(fresh, self.viewport.cursor_line)
        else:
            self.viewport.load()

    def sort_by(self, sort: Sort, came_from: ListPlace) -> None:
        """Show the view in another order, from its top."""
        self._show(self.view._replace(sort=sort), came_from)
        self.viewport.load()

    def go_back(self, place: ListPlace, came_from: ListPlace) -> None:
        """Back to a place, in its view."""
        self.change_view(place.view, came_from)
        row = self.rows.summary(place.row.id) if place.row is not None else None
        if row is not None:
            self.viewport.put(row, place.line)

    def widened(self, here: ListPlace) -> ListPlace:
        """Where all stories are shown again: where the reader left them."""
        view = View(unread=self.view.unread, sort=self.view.sort)
        return (self._entered or here)._replace(view=view)

    def here(self, pane: Pane) -> ListPlace:
        """Where the reader is in the list; `pane` has the focus."""
        return ListPlace(self.view, self.current, self.viewport.cursor_line, pane)

    def refresh(self, *, from_top: bool = False) -> None:
        """Something changed in the library: read again what is shown, moving nothing; with `from_top` show the first
        rows instead."""
        self.count()
        if from_top:
            self.viewport.load()
        else:
            self.viewport.refresh()

    def count(self) -> None:
        """Count the view's stories, and see how wide the names of sources are."""
        self._measure_sources()
        self.counts = self.reader.rows(self.view).counts()

    def _measure_sources(self) -> None:
        self._short = self.reader.short_names()
        self._widest = widest_source(self._short.get(source.name, source.name) for source in self.reader.sources())

    def reread(self, stories: Iterable[str]) -> None:
        """Show stories' marks as they are now; nothing moves."""
        changed = set(stories)
        self.count()
        for row in [row for row in self.viewport.rows if row.id in changed]:
            self.viewport.replace(self.rows.summary(row.id) or row)

    def _show(self, view: View, came_from: ListPlace | None) -> None:
        if not self.is_narrowed:
            self._entered = came_from
        self.view = view
        self.rows = self._rows_of(view)
        self.viewport.take(self.rows)
        self.counts = self.reader.rows(view).counts()

    def _rows_of(self, view: View) -> Clusters:
        return Clusters(self.reader.rows(view), self.reader.clusters if self._gathers else lambda _: {})

    def _nearest(self, row: Summary) -> Summary | None:
        fresh = self.rows.summary(row.id)
        if fresh is not None and self.rows.has(fresh):
            return fresh
        if fresh is None or self.view.sort != "date":
            return None
        below = self.rows.page(after=fresh.place, limit=1)
        return below[0] if below else self.rows.last()

    # --- Moving ---

    def move(self, rows: int) -> bool:
        """The cursor down (up: negative) by so many rows; whether it moved."""
        return self.viewport.move(rows)

    def move_page(self, part: float, times: int) -> bool:
        """The view and the cursor by a part of a page, so many times."""
        return self.viewport.move_lines(part_of(self.viewport.height, part) * times)

    def go(self, number: int | None) -> bool:
        """The cursor on a row, counted from 0; None is the last one."""
        if number is None:
            self.viewport.to_end()
        elif number == 0:
            self.viewport.to_start()
        else:
            self.viewport.to_rank(number)
        return True

    def show(self, row: Summary) -> None:
        """The cursor on a story, if the view has it."""
        if self.rows.has(row) or self.viewport.index_of(row.id) is not None:
            self.viewport.to_row(row)

    def next_unread(self, row: Summary, steps: int) -> Summary | None:
        """The next unread story of the view after a row, also one of another view, or before it with -1, going round at
        the end."""
        unread = self._rows_of(self.view._replace(unread=True))
        fresh = unread.summary(row.id)
        edge: dict[str, Any] = {"after" if steps > 0 else "before": fresh.place} if fresh else {}
        rows: list[Summary | None] = [*unread.page(**edge)[::steps]]
        rows += unread.page(limit=1) if steps > 0 else [unread.last()]
        found = next((one for one in rows if one is not None and not one.read), None)
        return None if found is not None and found.id == row.id else found

    def unfold(self) -> bool:
        """Show what stands under the cursor's row, or fold it again; False if nothing does."""
        viewport, row = self.viewport, self.current
        if row is None:
            return False
        at = viewport.index_of(self.rows.together(row)[0].id)
        line = viewport.line_of(viewport.cursor if at is None else at)  # as long as the rows stand there
        head = self.rows.toggle(row)
        if head is not None:
            viewport.put(head, line)
        return head is not None

    # --- Drawing ---

    def lines(self, width: int, height: int, focus: Pane) -> list[Drawn]:
        """What stands on each line of the pane now."""
        if not self.viewport.rows:
            nothing = cut(self._nothing(), width - 1, self.appearance.marks.cut)
            return [*[((), "")] * (height // 3), (((" ", "pad"), (nothing, "meta")), "")]
        lines, now = self.viewport.lines(), self.appearance.now()
        drawn = self._drawn(lines, now, "cursor" if focus == "list" else "resting")
        if lines[0].line > 0 and (x := self.columns.title_x):
            (_, *cells), ground = drawn[0]
            drawn[0] = ((fit(self.appearance.marks.cut, x - 1, right=True) + " ", "tag"), *cells), ground
        row, line = lines[-1]
        if len(lines) == height and 0 <= line < self.viewport.height_of(self.viewport.rows[row]) - 1:
            shape = self.columns._replace(two_lines=False)
            drawn[-1] = self._row(row, shape, now)[line], drawn[-1][1]
        return drawn

    def ahead(self) -> list[Drawn]:
        """Read what may be wanted soon; what the next page would show where one was turned."""
        return self._drawn(self.viewport.look_ahead(), self.appearance.now(), "cursor")

    def _drawn(self, lines: list[ListLine], now: datetime, ground: str) -> list[Drawn]:
        viewport = self.viewport
        rows: dict[int, tuple[Cells, ...]] = {}
        drawn: list[Drawn] = []
        for row, line in lines:
            if line < 0:
                drawn.append((self._heading(viewport.rows[row], now), ""))
                continue
            if row not in rows:
                rows[row] = self._row(row, self.columns, now)
            drawn.append((rows[row][line], ground if row == viewport.cursor else ""))
        return drawn

    def _row(self, row: int, shape: Columns, now: datetime) -> tuple[Cells, ...]:
        look, rows = self.appearance, self.viewport.rows
        summary = rows[row]
        return row_cells(
            self.worded(summary),
            shape,
            look.words,
            now,
            look.marks,
            selected=summary.id in self.selection,
            sort=self.view.sort,
            below=len(self.rows.below(summary)),
            is_below=self.rows.is_under(summary),
            near=[*rows[max(row - 1, 0) : row], *rows[row + 1 : row + 2]],
        )

    def _heading(self, row: Summary, now: datetime) -> Cells:
        look = self.appearance
        if self.view.sort == "source":
            return heading_cells(clean_line(row.source), self.columns, look.marks.cut)
        return day_cells(day_of(row, look.zone), now.date(), self.columns, look.words, look.marks.cut)

    def _nothing(self) -> str:
        say = self.appearance.words.say
        if self.status.progress is not None or self.reader.needs_index():
            return say("reading")
        if self.view.unread and not self.is_narrowed:
            return say("all_read", key=self.keymap.shown("show_read"))
        if self.is_narrowed:
            return say("no_stories_in_view", key=self.keymap.shown("widen").split(" ")[0])
        return say("no_stories", key=self.keymap.shown("fetch"))
