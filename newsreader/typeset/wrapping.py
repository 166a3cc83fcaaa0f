"""A text cut into lines of at most so many cells.

Decided only here: how full a line gets, and that a last line of one lone character takes company.

The first frame cuts headlines in two here: for short texts of everyday characters it loads neither re nor apsw.unicode.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, Protocol

from newsreader.safety import cell_widths, is_everyday
from newsreader.typeset.breaking import SPACES, compiled, cuts, last_break, run_end, with_paired_quotes

# Characters that are graphemes by themselves, of two cells and of one. A short cut: others are measured one by one.
_WIDE: Final = (
    "\u3000-\u3029\u3030-\u303e\u3041-\u3096\u309b-\u30ff\u3105-\u312f"
    "\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff60\uffe0-\uffe6"
)
_NARROW: Final = " -~\u00a1-\u00ac\u00ae-\u02ff\u0391-\u03a1\u03a3-\u0482\u2010-\u2027\u2030-\u205e\u25a0-\u25fc"
_REGULAR: Final = f"[{_WIDE}{_NARROW}]*"  # compiled when it is needed, as are all below
_NARROW_RUNS: Final = f"[{_NARROW}]+"
# What may join a neighbour in one grapheme though it has a width of its own: flags, Hangul parts, Thai and Lao vowels.
_JOINING: Final = (
    "[\U0001f1e6-\U0001f1ff\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb"
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0e33\u0eb3\U000110bd\U000110cd]"
)

_WIDEST: Final = 4  # cells of a grapheme that is never taken apart

Extras = Sequence[tuple[int, int]]  # (position, cells): what takes cells right after a position and is not in the text


class Ruler(Protocol):
    """The cells of one text."""

    def reach(self, start: int, cells: int) -> int:
        """The last position such that the text from `start` to it takes at most `cells`; between graphemes."""

    def width(self, start: int, end: int) -> int:
        """The cells from `start` to `end`."""

    def is_whole(self, position: int) -> bool:
        """Whether `position` stands between graphemes."""


class _RunRuler:
    """A text of regular characters, known by where its narrow runs begin and end."""

    def __init__(self, text: str) -> None:
        self._edges = edges = [0]  # positions where narrow runs end and begin by turns; even: wide from here
        for run in compiled(_NARROW_RUNS).finditer(text):
            edges += run.span()
        edges.append(len(text))
        self._columns = columns = [0]
        column = 0
        for i in range(1, len(edges)):
            column += (edges[i] - edges[i - 1]) << (i & 1)
            columns.append(column)

    def reach(self, start: int, cells: int) -> int:
        column = self._column(start) + cells
        if column >= self._columns[-1]:
            return self._edges[-1]
        i = bisect_right(self._columns, column) - 1
        return self._edges[i] + ((column - self._columns[i]) >> (not i & 1))

    def width(self, start: int, end: int) -> int:
        return self._column(end) - self._column(start)

    def is_whole(self, position: int) -> bool:
        return True

    def _column(self, position: int) -> int:
        i = bisect_right(self._edges, position) - 1
        return self._columns[i] + ((position - self._edges[i]) << (not i & 1))


class ColumnRuler:
    """Any text, with the column of every position."""

    def __init__(self, text: str, extras: Extras = (), *, ambiguous_wide: bool = False) -> None:
        widths = cell_widths(text, ambiguous_wide=ambiguous_wide)
        joined = 0 in widths or (not is_everyday(text) and compiled(_JOINING).search(text) is not None)
        for position, cells in extras:
            if position:
                widths[position - 1] += cells
        self._columns = list(accumulate(widths, initial=0))
        self._inside: set[int] = set()
        if joined:
            self._join(text)

    def _join(self, text: str) -> None:
        """No position within a grapheme may be reached, so each gets the column of the grapheme's end. What joins to
        more than `_WIDEST` cells (hostile runs of Hangul leads or Arabic signs do, without end) is taken apart into its
        characters, each with its marks of no width."""
        from apsw.unicode import grapheme_next_break

        columns = self._columns
        start = 0
        while start < len(text):
            end = grapheme_next_break(text, start)
            if end - start > 1:
                if columns[end] - columns[start] > _WIDEST:
                    end = start + 1
                    while end < len(text) and columns[end + 1] == columns[end]:
                        end += 1
                inside = range(start + 1, end)
                self._inside.update(inside)
                for position in inside:
                    columns[position] = columns[end]
            start = end

    def reach(self, start: int, cells: int) -> int:
        return bisect_right(self._columns, self._columns[start] + cells) - 1

    def width(self, start: int, end: int) -> int:
        return self._columns[end] - self._columns[start]

    def is_whole(self, position: int) -> bool:
        return position not in self._inside


def ruler(text: str, extras: Extras = (), *, ambiguous_wide: bool = False) -> Ruler:
    """The ruler for one line's worth of cleaned text."""
    if not extras and not ambiguous_wide and compiled(_REGULAR).fullmatch(text):
        return _RunRuler(text)
    return ColumnRuler(text, extras, ambiguous_wide=ambiguous_wide)


def wrap(
    text: str,
    room: int,
    *,
    first: int | None = None,
    extras: Extras = (),
    ambiguous_wide: bool = False,
) -> list[tuple[int, int]]:
    """The lines of cleaned text as (start, end), blanks at either end left out; "\\n" ends a line.

    A line takes at most `room` cells, the first one at most `first`. An empty line is (i, i); none stands at an end.
    """
    lines: list[tuple[int, int]] = []
    blank: list[tuple[int, int]] = []
    start = 0
    for piece in text.split("\n"):
        end = start + len(piece)
        if not piece.strip(SPACES):
            blank += [(start, start)] if lines else []
            start = end + 1
            continue
        lines += blank
        blank.clear()
        here = [(position - start, cells) for position, cells in extras if start < position <= end] if extras else ()
        measure = ruler(piece, here, ambiguous_wide=ambiguous_wide)
        pairs = fill(piece, measure, room, room if first is None or lines else first)
        lines += pairs if not start else [(a + start, b + start) for a, b in pairs]
        start = end + 1
    return lines


def fill(text: str, measure: Ruler, room: int, first: int) -> list[tuple[int, int]]:
    """As `wrap`, for text without "\n" that holds more than blanks, measured already."""
    end = len(text.rstrip(SPACES))
    start = len(text) - len(text.lstrip(SPACES))
    guide = with_paired_quotes(text)
    lines: list[tuple[int, int]] = []
    solid = cells = 0
    while True:
        cells = room if lines else first
        limit = measure.reach(start, cells)
        if limit >= end:
            break
        while text[limit] in SPACES:
            limit += 1
        after = _whole_break(guide, measure, max(start, solid), limit) if limit >= solid else start
        if after == start or not measure.is_whole(after):  # what is permitted may lie within a grapheme
            if limit > solid:
                solid = run_end(guide, start, limit)
            after = _cut(guide, measure, start, limit, room)
        stop = after
        while stop > start and text[stop - 1] in SPACES:
            stop -= 1
        lines.append((start, stop))
        start = after
    lines.append((start, end))
    if len(lines) > 1 and measure.width(start, end) <= 4:
        _keep_company(guide, measure, lines, solid)
    return lines


def _whole_break(text: str, measure: Ruler, start: int, limit: int) -> int:
    position = last_break(text, start, limit)
    while position > start and not measure.is_whole(position):
        position = last_break(text, start, position - 1)
    return position


def _cut(text: str, measure: Ruler, start: int, limit: int, room: int) -> int:
    """Where a line ends that has no permitted break: at least one grapheme on, though it be wider than the line."""
    if limit > start:
        for position in cuts(text, start, limit, room):
            if measure.is_whole(position):
                return position
    position = start + 1
    while not measure.is_whole(position):
        position += 1
    return position


def _keep_company(text: str, measure: Ruler, lines: list[tuple[int, int]], solid: int) -> None:
    """Take the last line's neighbours down to it, so that one character and a full stop do not stand alone."""
    (above, stop), (start, end) = lines[-2:]
    after = _whole_break(text, measure, max(above, solid), stop - 1) if stop - 1 > max(above, solid) else above
    if after > above and measure.width(after, stop) <= 4 and stop == start:
        lines[-2:] = [(above, after), (after, end)]


def prepare() -> None:
    """Load and compile what the first frame did without, so that no page need wait for it."""
    for text in ('"a-b" a-b', "\u0e33\u0e33"):
        wrap(text, 2)
