"""The table of figures: what was measured, ours, what it is compared with, theirs, the ratio."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One comparison; `theirs` None where there is nothing to compare with."""

    what: str
    unit: str
    ours: float
    other: str = ""
    theirs: float | None = None


class Table:
    """Rows under headings, printed with columns that stand straight."""

    def __init__(self) -> None:
        self._rows: list[Row | str] = []

    def heading(self, text: str) -> None:
        """Begin a group of rows."""
        self._rows.append(text)

    def add(self, what: str, unit: str, ours: float, other: str = "", theirs: float | None = None) -> None:
        """One more row."""
        self._rows.append(Row(what, unit, ours, other, theirs))

    def __str__(self) -> str:
        lines: list[str] = []
        for row in self._rows:
            if isinstance(row, str):
                lines += ["", row]
                continue
            line = f"  {row.what:<52} {_figure(row.ours):>8} {row.unit:<9}"
            if row.theirs is not None:
                ratio = f"x {row.ours / row.theirs:.2f}" if row.theirs else ""
                line += f" {row.other:<16} {_figure(row.theirs):>8}   {ratio}"
            lines.append(line.rstrip())
        return "\n".join(lines)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
