"""Which rows the list holds, where its cursor is and which line of which row is at its top.

Decided only here: what stays where when rows come, go or change: the cursor on its story, the story on its line of the
screen. Pure: the rows come from `Clusters`, their heights from a function.

A row's lines are the day above it, where it is the first of its day, and its own one or two.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

from newsreader.summary import Summary
from newsreader.ui.panes.folded_rows import PAGE, Clusters
from newsreader.ui.panes.held_rows import HeldRows

_FEW: Final = 16  # rows that are read in one go between two keys
LARGEST: Final = 384  # rows held before those far from the cursor are let go


class ListLine(NamedTuple):
    """One line of the list: line `line` of row `row` of the window; -1 is the day above it."""

    row: int
    line: int


class ListViewport(HeldRows):
    """The rows around the cursor. `rows` is empty only if the view is."""

    def __init__(
        self, source: Clusters, day_of: Callable[[Summary], date | str | None], height_of: Callable[[Summary], int]
    ) -> None:
        super().__init__(source)
        self.day_of = day_of
        self.height_of = height_of
        self.cursor = 0
        self.rank = 0
        self.height = 1
        self.touched = False
        self.paging = 0
        """Where a page was turned to, down (1) or up (-1): the next one there may be wanted soon; 0 if to nowhere."""
        self._top = self._first(0)

    # --- What is shown ---

    @property
    def current(self) -> Summary | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    def has_day(self, row: int) -> bool:
        """Whether the day stands above a row of the window."""
        if row and self.is_under(row):
            return False
        day = self.day_of(self.rows[row])
        above = row - 1
        while above > 0 and self.is_under(above):
            above -= 1
        return day != "" and (row == 0 or day != self.day_of(self.rows[above]))

    def lines(self, page: int = 0) -> list[ListLine]:
        """What stands on each line of the pane, at most `height`; of the page below (1) or above (-1), as far as its
        rows are there."""
        shown: list[ListLine] = []
        at = self._top
        if page:
            at = self._below(self.lines()[-1]) if page > 0 else self._up_from(at, self.height)
        while at.row < len(self.rows) and len(shown) < self.height:
            shown.append(at)
            at = self._below(at)
        return shown

    def neighbour(self, row: Summary, steps: int) -> Summary | None:
        """The row next below a row (`steps` 1), or above it (-1); None at the end of the view."""
        at = self.index_of(row.id)
        if at is not None and 0 <= at + steps < len(self.rows):
            return self.rows[at + steps]
        return self.next_to(row, steps)

    # --- Loading ---

    def load(self) -> None:
        """Begin anew at the first row; what was kept is let go."""
        self.kept.clear()
        self.to_start()
        self.touched = False

    def load_around(self, row: Summary, line: int = 0) -> None:
        """Begin anew with the cursor on a row, on a line of the pane; the row stays though the view has lost it."""
        self.cursor, self.rank = self.hold_around(row, self._enough)
        self.show_at(line)

    def touch(self) -> None:
        """The reader has chosen something here: from now on the cursor's story stays on its line."""
        self.touched = True

    def put(self, row: Summary, line: int) -> None:
        """As `load_around`, by the reader's wish, with the whole row in sight."""
        self.touched = True
        self.load_around(row, line)
        self.ensure_visible()

    def refresh(self) -> None:
        """Read the same part of the view again: the cursor stays on its story, the story on its line.

        Until the reader first moves (`touched`), the list's first line stays in sight instead, where the cursor allows.
        """
        current = self.current
        if current is None:
            self.load()
            return
        line = self.cursor_line
        fresh = self.source.summary(current.id)
        if fresh is None:
            self._lost(line)
            return
        self.refresh_kept()
        self.load_around(fresh, line)
        if not self.touched and self.has_start:
            self._top = self._first(0)
            self.ensure_visible()

    def _lost(self, line: int) -> None:
        """The cursor's story is gone from the library: the cursor goes to the one that followed it."""
        for row in (*self.rows[self.cursor + 1 :], *reversed(self.rows[: self.cursor])):
            fresh = self.source.summary(row.id)
            if fresh is not None:
                self.load_around(fresh, line)
                return
        self.load()

    # --- Moving ---

    def move(self, rows: int) -> bool:
        """The cursor down (up: negative) by so many rows, as far as there are any; whether it moved."""
        if not self.rows:
            return False
        before = self.rank
        if abs(rows) > LARGEST:
            self.to_rank(max(self.rank + rows, 0))
            return self.rank != before
        target = self.cursor + rows
        while target >= len(self.rows) and self.hold_below(max(PAGE, target - len(self.rows) + 1)):
            pass
        while target < 0:
            added = self._hold_above(max(PAGE, -target))
            if not added:
                break
            target += added
        target = max(0, min(target, len(self.rows) - 1))
        self.rank = self.rank_of(target, self.cursor, self.rank)
        self.cursor = target
        self.ensure_visible()
        self._let_go()
        self.touched = self.touched or self.rank != before
        return self.rank != before

    def move_lines(self, lines: int) -> bool:
        """The view and the cursor by so many lines: a page, or half of one; at its end, the cursor to the last row."""
        if not self.rows:
            return False
        self.paging = 1 if lines > 0 else -1
        if abs(lines) > 2 * LARGEST:
            return self.move(lines)
        self._fill()
        if lines < 0 and self.has_start and self._top == self._first(0):
            return self.move(-self.cursor)
        if lines > 0 and self.has_end and self.lines()[-1] == self._last():
            return self.move(len(self.rows) - 1 - self.cursor)
        step = 1 if lines > 0 else -1
        room = abs(lines)
        rows = 0
        at = self.cursor
        while room > 0:
            at += step
            if at >= len(self.rows) and not self.hold_below(PAGE):
                break
            if at < 0:
                added = self._hold_above(PAGE)
                if not added:
                    break
                at += added
            room -= self._height(at)
            if room >= 0 or not rows:
                rows += step
        self._scroll(lines)
        return self.move(rows)

    def to_start(self) -> None:
        """The cursor on the first row."""
        self.hold_start(self._enough)
        self.cursor = self.rank = 0
        self._top = self._first(0)
        self.touched = True

    def to_end(self) -> None:
        """The cursor on the last row."""
        last = self.source.last()
        if last is not None:
            self.put(last, self.height - 1)
            self.move(len(self.rows) - 1 - self.cursor)

    def to_rank(self, n: int) -> None:
        """The cursor on the row of rank `n`, from 0; beyond the end, on the last one."""
        steps = n - self.rank
        if self.kept and abs(steps) <= LARGEST and 0 <= self.cursor + steps < len(self.rows):
            self.move(steps)
            return
        row = self.source.nth(n)
        if row is None:
            self.to_end()
        else:
            self.to_row(row)

    def to_row(self, row: Summary) -> None:
        """The cursor on a row of the view, wherever it is."""
        at = self.index_of(row.id)
        if at is not None:
            self.move(at - self.cursor)
            return
        self.put(row, self.height // 3)

    # --- Scrolling ---

    def resize(self, height: int, *, reflowed: bool = False) -> None:
        """The pane has `height` lines, or rows have other heights: the cursor stays on its line where it can."""
        line = self.cursor_line
        same = max(height, 1) == self.height and not reflowed
        self.height = max(height, 1)
        if self.rows and not same:
            self.show_at(min(line, self.height - 1))
            self.ensure_visible()

    def ensure_visible(self) -> None:
        """Scroll no further than needed for the whole row of the cursor to be seen, and for no line to stay blank. No
        line is kept beyond the cursor's: it would be sent a second time with every step."""
        if not self.rows:
            self._top = self._first(0)
            return
        self._fill()
        first = self._first(self.cursor) if self._height(self.cursor) <= self.height else ListLine(self.cursor, 0)
        if self._steps(self._top, first) < 0:
            self._top = first
            return
        last = ListLine(self.cursor, min(self.height_of(self.rows[self.cursor]), self.height) - 1)
        if self._steps(self._top, last) >= self.height:
            self._top = self._up_from(last, self.height - 1)
        self._fill_page()

    def show_at(self, line: int) -> None:
        """Scroll so that the cursor's row stands on a line of the pane, if enough rows are above it."""
        self._fill(line)
        self._top = self._up_from(ListLine(self.cursor, 0), line)

    def _scroll(self, lines: int) -> None:
        if lines < 0:
            self._top = self._up_from(self._top, -lines)
            return
        for _ in range(lines):
            below = self._below(self._top)
            if below.row >= len(self.rows):
                break
            self._top = below

    def _fill_page(self) -> None:
        """Scroll back where lines would stay blank below the last row."""
        if not self.has_end or not self.rows:
            return
        last = self._last()
        if self._steps(self._top, last, self.height) < self.height - 1:
            self._top = self._up_from(last, self.height - 1)

    @property
    def cursor_line(self) -> int:
        """The pane's line of the cursor's row."""
        return max(self.line_of(self.cursor), 0) if self.rows else 0

    def line_of(self, row: int) -> int:
        """The pane's line of a row of the window; negative above the pane."""
        return self._steps(self._top, ListLine(row, 0))

    def _height(self, row: int) -> int:
        return self.height_of(self.rows[row]) + self.has_day(row)

    def _first(self, row: int) -> ListLine:
        return ListLine(row, -1 if self.rows and self.has_day(row) else 0)

    def _last(self) -> ListLine:
        return ListLine(len(self.rows) - 1, self.height_of(self.rows[-1]) - 1)

    def _below(self, at: ListLine) -> ListLine:
        if at.line + 1 < self.height_of(self.rows[at.row]):
            return ListLine(at.row, at.line + 1)
        return self._first(at.row + 1) if at.row + 1 < len(self.rows) else ListLine(at.row + 1, 0)

    def _up_from(self, at: ListLine, lines: int) -> ListLine:
        """The line so many above, no higher than the window's first."""
        for _ in range(lines):
            if at == self._first(at.row):
                if at.row == 0:
                    break
                at = ListLine(at.row - 1, self.height_of(self.rows[at.row - 1]) - 1)
            else:
                at = ListLine(at.row, at.line - 1)
        return at

    def _steps(self, start: ListLine, end: ListLine, limit: int = LARGEST * 3) -> int:
        """How many lines `end` is below `start`; negative if above."""
        if end < start:
            return -self._steps(end, start, limit)
        steps = 0
        while start < end and steps < limit:
            start = self._below(start)
            steps += 1
        return steps

    # --- Paging ---

    def _fill(self, above: int | None = None) -> None:
        """Have a pane's worth of rows on both sides of the cursor."""
        if len(self.rows) - self.cursor <= self.height:
            self.hold_below(PAGE)
        if self.cursor <= (self.height if above is None else above):
            self._hold_above(PAGE)

    @property
    def _enough(self) -> int:
        """How many rows beside the cursor's fill the pane at once; the others can wait for a pause between keys."""
        return min(PAGE, self.height + 1)

    @property
    def is_short(self) -> bool:
        """Whether the next pages down or up would have to be read first."""
        return self._is_short_below or self._is_short_above

    def look_ahead(self) -> list[ListLine]:
        """Read some more rows before anybody waits for them; where a page was turned, the lines of the next one."""
        few = max(_FEW, self.height) if self.paging else _FEW
        if self._is_short_below:
            self.hold_below(few)
        elif self._is_short_above:
            self._hold_above(few)
        shown = self.lines(self.paging) if self.paging and self.rows else []
        self.paging = 0
        return shown

    @property
    def _is_short_below(self) -> bool:
        return not self.has_end and len(self.rows) - self.cursor <= self._reach

    @property
    def _is_short_above(self) -> bool:
        return not self.has_start and self.cursor <= self._reach

    @property
    def _reach(self) -> int:
        return min(3 * self.height, LARGEST // 2 - PAGE)

    def _hold_above(self, limit: int) -> int:
        more = self.hold_above(limit)
        self.cursor += more
        self._top = ListLine(self._top.row + more, self._top.line)
        return more

    def _let_go(self) -> None:
        """Drop rows far from the cursor, so that the window stays small however far it has come."""
        if len(self.rows) > LARGEST:
            dropped = self.let_go(min(self.cursor, self._top.row), self.cursor, LARGEST // 2)
            self.cursor -= dropped
            self._top = ListLine(self._top.row - dropped, self._top.line)
