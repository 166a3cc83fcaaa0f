"""Tables: in columns where they fit, as records of "header: value" where they do not.

Decided only here: which of the two it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from newsreader.article import Spans, Table
from newsreader.safety import cell_width
from newsreader.typeset.flow import Flow, Notation, flow_of, lines_of
from newsreader.typeset.lines import Labels, Line, Run

_GUTTER: Final = 2
_NARROWEST: Final = 12  # a column that must be wrapped gets at least so many cells
_number = re.compile(r"[-+−–]?[$£€¥￥]?\s?[0-9][0-9.,:/ ]*\s?[%‰℃]?").fullmatch


def table_lines(
    table: Table, block: int, room: int, left: int, rule: str, labels: Labels, wide: bool, notation: Notation
) -> list[Line]:
    """The lines of a table that is block number `block`, in `room` cells after `left` blank ones."""
    sheet = _Sheet(table, block, room, left, labels, wide, notation)
    widths = sheet.column_widths()
    return sheet.grid(widths, rule) if widths else sheet.records()


class _Sheet:
    """One table, its cells as flows, with the characters before each row."""

    def __init__(
        self, table: Table, block: int, room: int, left: int, labels: Labels, wide: bool, notation: Notation
    ) -> None:
        plain = notation._replace(shows=notation.shows | {"strong"})
        bold = [[_is_bold(cell) for cell in row] for row in table.cells]
        body = bold[1:] if table.header else bold
        # Of a row or column that is bold throughout, no cell stands out.
        columns = [all(column) for column in zip_longest(*body, fillvalue=True)]
        self.rows = [
            [
                flow_of(
                    cell,
                    "table-header" if table.header and r == 0 else "table",
                    plain if all(bold[r]) or columns[c : c + 1] == [True] else notation,
                )
                for c, cell in enumerate(row)
            ]
            for r, row in enumerate(table.cells)
        ]
        self.header = table.header
        self.block, self.room, self.left, self.labels, self.wide = block, room, left, labels, wide
        self.offsets = []
        at = 0
        for row in self.rows:
            self.offsets.append(at)
            at += sum(len(flow.text) + 1 for flow in row)

    # --- Columns ---

    def column_widths(self) -> list[int]:
        """The cells of each column; none if the table does not fit."""
        count = max(map(len, self.rows), default=0)
        room = self.room - _GUTTER * (count - 1)
        if count < 2 or room < count:
            return []
        wanted = [1] * count
        for row in self.rows:
            for column, flow in enumerate(row):
                wanted[column] = max(wanted[column], self._width(flow))
        return _fitted(wanted, room)

    def _width(self, flow: Flow) -> int:
        lines = lines_of(flow, 1 << 30, ambiguous_wide=self.wide)
        return max((self._taken(line.runs) for line in lines), default=0)

    def _taken(self, runs: Sequence[Run]) -> int:
        return sum(cell_width(run.text, ambiguous_wide=self.wide) for run in runs)

    def grid(self, widths: Sequence[int], rule: str) -> list[Line]:
        """Rows with columns side by side; numbers stand to the right, a header has a rule under it."""
        right = [self._is_numeric(column) for column in range(len(widths))]
        lines: list[Line] = []
        for r, row in enumerate(self.rows):
            cells = [
                [line.runs for line in lines_of(flow, width, ambiguous_wide=self.wide)]
                for flow, width in zip(row, widths, strict=False)
            ]
            for i in range(max(map(len, cells), default=0)):
                beside = [cell[i] if i < len(cell) else () for cell in cells]
                runs = self._beside(beside, widths, right)
                if runs:
                    lines.append(Line(runs, self.left, self.block, self.offsets[r], "table"))
            if self.header and r == 0 and len(self.rows) > 1:
                width = sum(widths) + _GUTTER * (len(widths) - 1)
                lines.append(Line((Run(rule * width, "mark rule"),), self.left, self.block, self.offsets[r], "table"))
        return lines

    def _is_numeric(self, column: int) -> bool:
        body = [row[column].text.strip() for row in self.rows[self.header :] if column < len(row)]
        return any(body) and all(_number(text) for text in body if text)

    def _beside(
        self, cells: Sequence[tuple[Run, ...]], widths: Sequence[int], right: Sequence[bool]
    ) -> tuple[Run, ...]:
        runs: list[Run] = []
        blank = 0
        for cell, width, to_right in zip(cells, widths, right, strict=False):
            taken = self._taken(cell)
            before = width - taken if to_right else 0
            if cell:
                if blank + before:
                    runs.append(Run(" " * (blank + before), "mark"))
                runs += cell
                blank = width - taken - before + _GUTTER
            else:
                blank += width + _GUTTER
        return tuple(runs)

    # --- Records ---

    def records(self) -> list[Line]:
        """Each row as lines of "header: value"; the header's own cells stand in the first record, then as marks."""
        lines: list[Line] = []
        names = self.rows[0] if self.header and len(self.rows) > 1 else []
        for r, row in enumerate(self.rows):
            if names and r == 0:
                continue
            offset = self.offsets[r] if not names or r > 1 else 0
            if lines and len(names or row) > 1:
                lines.append(Line((), 0, self.block, offset, "table"))
            for column in range(max(len(row), len(names) if r == 1 else 0)):
                flow = self._record(names, column, row, r == 1)
                for line in lines_of(flow, self.room, ambiguous_wide=self.wide):
                    if line.runs:
                        lines.append(Line(line.runs, self.left, self.block, offset, "table"))
        return lines

    def _record(self, names: Sequence[Flow], column: int, row: Sequence[Flow], first: bool) -> Flow:
        joined = Flow()
        if column < len(names) and names[column].text.strip():
            name = names[column]
            if first:
                _append(joined, name)
            else:
                joined.add(" ".join(name.text.split()), "mark table-header")
            joined.add(self.labels.colon, "mark table-header")
        if column < len(row):
            _append(joined, row[column])
        return joined


def _is_bold(cell: Spans) -> bool:
    """Whether a cell is bold throughout, or empty."""
    return all("strong" in span.style or not span.text.strip() for span in cell)


def _append(flow: Flow, other: Flow) -> None:
    """Add a cell's flow to a flow that is being joined; a link's number never stands after blanks, as in flow_of."""
    base = len(flow.text)
    flow.text += other.text
    flow.pieces += [(base + end, role, link) for end, role, link in other.pieces]
    flow.marks += [(base + position, before, mark) for position, before, mark in other.marks]
    flow.numbers += [(len(flow.text[: base + position].rstrip()), link) for position, link in other.numbers]


def _fitted(wanted: Sequence[int], room: int) -> list[int]:
    """Widths within `room` for columns that want so much: the narrow ones what they want, the others an equal share."""
    widths = list(wanted)
    open_columns = sorted(range(len(widths)), key=lambda column: wanted[column])
    while open_columns:
        share = room // len(open_columns)
        column = open_columns[0]
        if wanted[column] > share:
            break
        room -= wanted[column]
        open_columns.pop(0)
    if open_columns and room // len(open_columns) < _NARROWEST:
        return []
    for i, column in enumerate(open_columns):
        share = room // (len(open_columns) - i)
        widths[column] = share
        room -= share
    return widths
