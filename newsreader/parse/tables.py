"""Tables: which ones hold data, and the grid that a data table becomes.

Decided only here: what is a table, what is only laid out as one, and what is code with a line a row. A table that is
none is read like any other container; a table within a cell becomes lines of that cell.
"""

from __future__ import annotations

import re

from newsreader.article import Span, Spans
from newsreader.parse.roles import role_of
from newsreader.parse.soup import Element, Text

_CODE_CELL = re.compile(r"(?:^|\s)(?:blob-code|hljs-ln-code|js-file-line)(?:\s|$|-)")
# A cell with more text than this holds an article, not a datum.
_CELL_LONG = 600
# HTML allows colspan up to 1,000 and rowspan up to 65,534: a small page could ask for gigabytes of empty cells.
_ACROSS, _DOWN, _EMPTY = 40, 100, 20_000


def is_line_numbers(element: Element, depth: int = 4) -> bool:
    """Whether an element is named as the numbers of lines and holds nothing but digits."""
    return role_of(element) == "line-number" and _is_digits(element, depth)


def _is_digits(element: Element, depth: int) -> bool:
    return depth > 0 and all(
        _is_digits(child, depth - 1) if isinstance(child, Element) else not child.text.strip("0123456789 \n\r\t\xa0")
        for child in element.children
    )


class Grid:
    """The cells of a table while they are read; cells that others span are there, empty."""

    __slots__ = ("_down", "_empty", "_headers", "rows", "thead")

    def __init__(self) -> None:
        self.rows: list[list[list[Span]]] = []
        self.thead = False
        self._down: dict[int, int] = {}
        self._headers = True
        self._empty = 0

    def row(self) -> None:
        """Begin a row."""
        self.rows.append([])

    def cell(self, *, header: bool = False, across: int = 1, down: int = 1) -> list[Span]:
        """Begin a cell; the list to put its spans in."""
        if not self.rows:
            self.row()
        row = self.rows[-1]
        self._spanned(row)
        if len(self.rows) == 1:
            self._headers = self._headers and header
        cell: list[Span] = []
        if self._empty > _EMPTY:
            across = down = 1
        for i in range(max(1, min(across, _ACROSS))):
            self._empty += i > 0
            if down > 1:
                self._down[len(row)] = min(down, _DOWN) - 1
            row.append([] if i else cell)
        return cell

    def _spanned(self, row: list[list[Span]]) -> None:
        while self._down.get(len(row)):
            self._down[len(row)] -= 1
            self._empty += 1
            row.append([])

    @property
    def header(self) -> bool:
        """Whether the first row names the columns."""
        return len(self.rows) > 1 and (self.thead or self._headers)

    def cells(self) -> tuple[tuple[Spans, ...], ...]:
        """The rows that hold any text."""
        return tuple(tuple(tuple(cell) for cell in row) for row in self.rows if any(row))


def is_data_table(table: Element) -> bool:
    """Whether the table relates its cells to each other, rather than laying out text and pictures."""
    rows = _rows(table)
    if any(is_line_numbers(cell) or _holds_code(cell) for row in rows for cell in row):
        return False
    widest = max((len(row) for row in rows), default=0)
    if widest < 2:
        return False
    longest = max(cell.chars for row in rows for cell in row)
    if longest > _CELL_LONG:
        return False
    return len(rows) > 1 or any(cell.tag == "th" for cell in rows[0]) or (not table.pictures and longest <= 60)


def _holds_code(cell: Element) -> bool:
    """Whether a cell holds lines of code, which need their own width."""
    return any(
        isinstance(child, Element)
        and child.tag == "pre"
        and any("\n" in c.text for c in child.children if isinstance(c, Text))
        for child in cell.children
    )


def code_lines(table: Element, *, within: bool) -> list[Element | Text] | None:
    """The lines of code that a table sets beside their numbers, a line a row; None for any other table. `within`: it
    stands in code."""
    rows = _rows(table)
    code = [cell for row in rows for cell in row if _CODE_CELL.search(cell.get("class")[:200])]
    if not code and not within:
        return None
    lines: list[Element | Text] = []
    for row in rows:
        for cell in row:
            cell.tag = "span"
            lines.append(cell)
        lines.append(Text("\n", (), None))
    return lines


def _rows(table: Element) -> list[list[Element]]:
    rows: list[list[Element]] = []
    for child in table.children:
        if not isinstance(child, Element):
            continue
        if child.tag == "tr":
            rows.append(_cells(child))
        elif child.tag in ("thead", "tbody", "tfoot"):
            rows += [_cells(row) for row in child.children if isinstance(row, Element) and row.tag == "tr"]
        elif child.tag in ("td", "th"):  # a row that nobody opened
            if not rows:
                rows.append([])
            rows[-1].append(child)
    return rows


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row.children if isinstance(cell, Element) and cell.tag in ("td", "th")]
