"""What the terminal shows, and the bytes that make it show something else.

A copy of the terminal's screen, its cursor and style. Decided here: what is sent for a change: cells that differ, whole
rows scrolled, blank tails erased, the cheapest way of the cursor. Pure.

Sequences used, as in ECMA-48 and known to every VT220 and its heirs: CUP, CUF, CUB, CR, LF, BS, EL, ED, IL, DL and
DECSTBM; ECH where `erases_runs`. The terminal must not wrap lines (DECAWM off) nor add CR to LF (OPOST off).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import ne
from typing import Final, NamedTuple, TypeVar

from newsreader.ui.terminal.cells import Grid, Row
from newsreader.ui.terminal.styles import Styles

# Terminals of different Unicode versions give emoji different widths: after one the column must be set anew.
_EMOJI: Final = "\U0001f000", "\U0001ffff"
T = TypeVar("T")

_BLANK: Final = " "
_NOT_OURS: Final = "\0"  # in no cell of ours
_GAP: Final = 4  # bytes of the shortest cursor move over more than one cell
_ERASE_RUN: Final = 11  # blanks that cost more than ECH and CUF
_ERASE_END: Final = 5  # blanks that cost more than ECH where the cursor goes elsewhere anyway
_BAR: Final = " " * 32  # blanks that pay for scrolling a row whose blanks cannot be erased
_SCROLLS: Final = 4
_SCROLL_COST: Final = 18  # bytes of setting a region, scrolling and resetting it


class Scroll(NamedTuple):
    """Rows `top` to `bottom` move up by `by` (down where negative); blank rows come in."""

    top: int
    bottom: int
    by: int


class Screen:
    """A terminal's screen as our writes left it; unknown to begin with."""

    def __init__(self, styles: Styles, *, scrolls: bool = True, erases_runs: bool = True) -> None:
        self.styles = styles
        self.scrolls = scrolls
        self.erases_runs = erases_runs
        self.shown: Grid | None = None
        self._out: list[str] = []
        self._x: int | None = None
        self._y: int | None = None
        self._style: int | None = None

    def forget(self) -> None:
        """Something else may have written or the size changed: the next frame is painted whole."""
        self.shown = None
        self._x = self._y = self._style = None

    def disturb(self, y: int) -> None:
        """Something else wrote in row `y` and left the cursor there."""
        self._x = self._y = None
        if self.shown and y < self.shown.height:
            self.shown.rows[y].put_all([_NOT_OURS] * self.shown.width, self.shown.rows[y].styles)

    def keep_styles(self, target: Grid) -> None:
        """Let go of the styles that stand neither in the terminal nor in `target`, which is painted next."""
        shown = self.shown.rows if self.shown else []
        self.styles.keep(row.styles for row in (*shown, *target.rows))
        self._style = None

    def paint(self, target: Grid, cursor: tuple[int, int] | None = None) -> str:
        """What to send so that the terminal shows `target`, its cursor at (column, row) `cursor`; "" if it does."""
        self._out = []
        shown = self.shown
        if shown is None or (shown.width, shown.height) != (target.width, target.height):
            self.forget()
            self._take_style(0)
            self._out.append("\x1b[2J")
            shown = self.shown = Grid(target.width, target.height)
        changed = [y for y in range(target.height) if shown.rows[y] != target.rows[y]]
        if changed and self.scrolls:
            changed = self._scroll(shown, target, changed)
        for y in changed:
            self._paint_row(y, shown.rows[y], target.rows[y])
            shown.put(y, target.rows[y])
        if cursor is not None and target.width and target.height:
            self._move(min(cursor[0], target.width - 1), min(cursor[1], target.height - 1))
        return "".join(self._out)

    # -- Rows --------------------------------------------------------------------------------------------------------

    def _paint_row(self, y: int, old: Row, new: Row) -> None:
        changed = [
            x
            for x, (a, b, c, d) in enumerate(zip(old.text, new.text, old.styles, new.styles, strict=True))
            if a != b or c != d
        ]
        tail = self._tail(new)
        in_tail = bisect_left(changed, tail)
        erased = changed[in_tail:] if len(changed) - in_tail > _GAP else []
        if erased:
            del changed[in_tail:]
        if changed and (_is_uncertain(new.text) or _is_uncertain(old.text)):
            changed = _with_covered(changed, old, new, tail if erased else len(new.text))
        for start, end in self._spans(new, changed):
            self._move(start, y, new)
            self._write(y, start, end, new)
        if erased:
            if self._x != tail or self._y != y:
                self._move(erased[0], y, new)
            if self._style is None or new.styles[-1] != self.styles.blank[self._style]:
                self._take_style(new.styles[-1])
            self._out.append("\x1b[K")

    def _tail(self, row: Row) -> int:
        """The column from which on the row is blank and may be erased."""
        end = len(row.text)
        style = row.styles[-1] if end else 0
        if not self.styles.erasable[style]:
            return end
        while end and row.text[end - 1] == " " and row.styles[end - 1] == style:
            end -= 1
        return end

    def _spans(self, row: Row, changed: list[int]) -> list[tuple[int, int]]:
        """Columns to write, `end` not included, with gaps that cost less to write again than to skip."""
        spans: list[tuple[int, int]] = []
        start = end = -1
        for x in changed:
            x -= row.text[x] == ""
            if x < end:
                continue
            if start < 0:
                start = x
            elif x > end and not self._is_cheap(row, end, x):
                spans.append((start, end))
                start = x
            end = x + 2 if row.text[x + 1 : x + 2] == [""] else x + 1
        if start >= 0:
            spans.append((start, end))
        return spans

    def _is_cheap(self, row: Row, start: int, end: int) -> bool:
        if end - start > _GAP:
            return False
        style = row.styles[start - 1]
        blank = self.styles.blank[style]
        fits = all(row.styles[x] == style or (row.text[x] == " " and row.styles[x] == blank) for x in range(start, end))
        return fits and len("".join(row.text[start:end]).encode()) <= _GAP

    def _write(self, y: int, start: int, end: int, row: Row) -> None:
        x = start
        for first, after in self._erasures(row, start, end):
            self._write_text(y, x, first, row)
            style = row.styles[first]
            if self._style is None or style != self.styles.blank[self._style]:
                self._take_style(style)
            self._move(first, y)
            self._out.append(f"\x1b[{after - first}X")
            x = after
            if x < end:
                self._move(x, y)
        self._write_text(y, x, end, row)
        if self._x is not None and self._x >= len(row.text):
            self._x = None  # at the margin, or behind it: terminals differ

    def _erasures(self, row: Row, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The runs of blanks that are cheaper to erase than to write."""
        if not self.erases_runs or _BLANK * _ERASE_END not in "".join(row.text[start:end]):
            return
        first = start
        while first < end:
            after = first
            while after < end and row.text[after] == _BLANK:
                after += 1
            if after - first >= (_ERASE_RUN if after < end else _ERASE_END):
                style = row.styles[first]
                if self.styles.erasable[style] and row.styles[first:after].count(style) == after - first:
                    yield first, after
            first = after + 1

    def _write_text(self, y: int, start: int, end: int, row: Row) -> None:
        text, styles, blank = row.text, row.styles, self.styles.blank
        x = start
        while x < end:
            style = styles[x]
            after = x + 1
            while after < end and styles[after] == style:
                after += 1
            chunk = "".join(text[x:after])
            if self._style is None or chunk.strip(" ") or style != blank[self._style]:
                self._take_style(style)
            if _is_uncertain(text[x:after]):
                self._write_apart(y, x, text[x:after])
            else:
                self._move(x, y)
                self._out.append(chunk)
                self._x = after
            x = after

    def _write_apart(self, y: int, x: int, cells: list[str]) -> None:
        """Cells of uncertain width: each is put where it belongs."""
        for column, cell in enumerate(cells, x):
            if cell:
                self._move(column, y)
                self._out.append(cell)
                ends = column + 2 if cells[column - x + 1 : column - x + 2] == [""] else column + 1
                self._x = None if _is_uncertain_cell(cell) else ends

    def _take_style(self, style: int) -> None:
        if self._style is None:
            self._out.append("\x1b[m" + ("\x1b]8;;\x1b\\" if self.styles.links else ""))
            self._style = 0
        self._out.append(self.styles.change(self._style, style))
        self._style = style

    # -- The cursor --------------------------------------------------------------------------------------------------

    def _move(self, x: int, y: int, row: Row | None = None) -> None:
        """`row`: what row `y` shows before column `x`, which may be written over."""
        if self._x == x and self._y == y:
            return
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        if self._y is not None and 0 <= y - self._y <= _GAP:
            down = "\n" * (y - self._y)
            ways.append("\r" + down + _forward(x))
            if row is not None and 0 < x < _GAP and self._writes_as(row, x):
                ways.append("\r" + down + "".join(row.text[:x]))
            if self._x is not None:
                ways.append(down + (_forward(x - self._x) if x >= self._x else _back(self._x - x)))
        self._out.append(min(ways, key=len))
        self._x, self._y = x, y

    def _writes_as(self, row: Row, end: int) -> bool:
        """Whether the cells before `end` are ASCII that looks as the style writes it now."""
        style = self._style
        if style is None or not all(cell.isascii() and cell for cell in row.text[:end]):
            return False
        blank = self.styles.blank[style]
        return all(
            now == style or (cell == " " and now == blank)
            for cell, now in zip(row.text[:end], row.styles[:end], strict=True)
        )

    # -- Scrolling ---------------------------------------------------------------------------------------------------

    def _scroll(self, shown: Grid, target: Grid, changed: list[int]) -> list[int]:
        for _ in range(_SCROLLS):
            scroll = best_scroll(shown.rows, target.rows, changed, self.styles.erasable) if len(changed) > 1 else None
            if scroll is None:
                break
            self._send_scroll(scroll, shown.height)
            shown.scroll(*scroll)
            changed = [y for y in range(target.height) if shown.rows[y] != target.rows[y]]
        return changed

    def _send_scroll(self, scroll: Scroll, height: int) -> None:
        top, bottom, by = scroll
        self._take_style(0)
        count = str(abs(by)) if abs(by) > 1 else ""
        rows = f"\x1b[{count}{'M' if by > 0 else 'L'}"
        if bottom == height - 1:
            self._move(0, top)
            self._out.append(rows)
            return
        self._out.append(f"\x1b[{top + 1};{bottom + 1}r")
        self._x = self._y = 0  # where DECSTBM takes the cursor
        self._move(0, top)
        self._out.append(rows + "\x1b[r")
        self._x = self._y = None


def _forward(cells: int) -> str:
    return "" if not cells else "\x1b[C" if cells == 1 else f"\x1b[{cells}C"


def _back(cells: int) -> str:
    return "\b" * cells if cells <= _GAP else f"\x1b[{cells}D"


def best_scroll(old: list[Row], new: list[Row], changed: list[int], erasable: Sequence[bool]) -> Scroll | None:
    """The scroll that saves most in turning `old` into `new`, which differ in rows `changed`; None if none saves.
    `erasable` says of each style whether erasing with it looks like blanks; where it does not, a row may be worth
    moving for its blanks alone, such as that of a cursor in reverse.
    """
    first, last = changed[0], changed[-1]
    places: dict[str | int, list[int]] = {}
    for y in range(first, last + 1):
        for mark in _marks(old[y], erasable):
            places.setdefault(mark, []).append(y)
    votes: Counter[int] = Counter()
    for y in changed:
        for mark in _marks(new[y], erasable):
            votes.update(was - y for was in places.get(mark, ()) if was != y)
    if not votes:
        return None

    def cost(was: Row, becomes: Row) -> int:
        return _cost(was, becomes, erasable)

    blank = Row(len(old[0].text))
    band = range(first, last + 1)
    stay = [cost(old[y], new[y]) for y in band]
    fresh = [stay[y - first] - cost(blank, new[y]) for y in band]
    best: Scroll | None = None
    most = _SCROLL_COST
    for by, _count in votes.most_common(2):
        gain = [stay[y - first] - cost(old[y + by], new[y]) if first <= y + by <= last else -(1 << 20) for y in band]
        saved, top, bottom = _best_region(gain, fresh, by) if by > 0 else _mirrored(gain, fresh, -by)
        if saved > most:
            most, best = saved, Scroll(first + top, first + bottom, by)
    return best


def _marks(row: Row, erasable: Sequence[bool]) -> Iterator[str | int]:
    """What a row is known by where it stands elsewhere: its text, and the style of blanks that cannot be erased."""
    text = "".join(row.text)
    if not text.isspace():
        yield text
    if text.endswith(_BAR) and not erasable[row.styles[-1]]:
        yield row.styles[-1]


def _best_region(gain: list[int], fresh: list[int], by: int) -> tuple[int, int, int]:
    """(bytes saved, top, bottom) of the best region: all its rows but the last `by` gain by moving, those come in
    fresh. One pass, keeping the best top so far for each bottom.
    """
    best = (0, 0, 0)
    moved = lowest = top = 0
    coming = [0, *accumulate(fresh)]
    for row in range(len(gain) - by):
        if moved < lowest:
            lowest, top = moved, row
        moved += gain[row]
        best = max(best, (moved - lowest + coming[row + by + 1] - coming[row + 1], top, row + by))
    return best


def _mirrored(gain: list[int], fresh: list[int], by: int) -> tuple[int, int, int]:
    saved, top, bottom = _best_region(gain[::-1], fresh[::-1], by)
    return saved, len(gain) - 1 - bottom, len(gain) - 1 - top


def _cost(old: Row, new: Row, erasable: Sequence[bool]) -> int:
    """About the bytes that turn one row into another: a byte for each cell that differs, and little for blanks that can
    be erased.
    """
    if old.text == new.text:
        differing = _differing(old.styles, new.styles)
    else:
        differing = _differing(old.text, new.text)
        if old.styles[-1] != new.styles[-1] and not erasable[new.styles[-1]]:
            return len(new.text)
    return differing if not erasable[new.styles[-1]] else min(differing, len(new.text) - new.text.count(" ") + _GAP)


def _differing(old: list[T], new: list[T]) -> int:
    return 0 if old == new else sum(map(ne, old, new), 0)


def _with_covered(changed: list[int], old: Row, new: Row, end: int) -> list[int]:
    """The columns and those after uncertain cells, which the terminal may have covered with them."""
    covered = {
        x + (2 if row.text[x + 1 : x + 2] == [""] else 1)
        for x in changed
        for row in (old, new)
        if _is_uncertain_cell(row.text[x])
    }
    return sorted({*changed, *(x for x in covered if x < end)})


def _is_uncertain_cell(cell: str) -> bool:
    return len(cell) > 1 or _EMOJI[0] <= cell <= _EMOJI[1]


def _is_uncertain(cells: list[str]) -> bool:
    """Whether terminals may disagree on the width of these cells: emoji, and characters under marks."""
    text = "".join(cells)
    return not text.isascii() and (
        len(text) + cells.count("") != len(cells)
        or (max(text) >= _EMOJI[0] and any(_EMOJI[0] <= char <= _EMOJI[1] for char in text))
    )
