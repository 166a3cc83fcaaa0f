"""The rows that the next mark is for. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from newsreader.summary import Summary


class Selection(dict[str, None]):
    """The ids of stories that were selected one by one, in that order."""

    def toggle(self, rows: Iterable[Summary]) -> None:
        """Select rows, or drop those that are selected."""
        for row in rows:
            if row.id in self:
                del self[row.id]
            else:
                self[row.id] = None
