"""The rows of a view that the list holds: a part of it without a gap, read page by page at either end.

Decided only here: that a row which the view has lost, as what was just read in a view of the unread, stays where it was
as long as it is kept. Pure.
"""

from __future__ import annotations

from newsreader.summary import Summary
from newsreader.ui.panes.folded_rows import Clusters, Place


class HeldRows:
    """`rows` in their order; `has_start`, `has_end`: whether those are there that the view begins and ends with."""

    def __init__(self, source: Clusters) -> None:
        self.source = source
        self.rows: list[Summary] = []
        self.has_start = True
        self.has_end = True
        self.kept: dict[str, Summary] = {}

    def take(self, source: Clusters) -> None:
        """Be about the rows of another view from the next loading on."""
        self.source = source
        self.kept.clear()

    def index_of(self, story: str) -> int | None:
        """Where a story's row is."""
        return next((i for i, row in enumerate(self.rows) if row.id == story), None)

    def is_under(self, row: int) -> bool:
        """Whether a row stands under another."""
        return self.source.is_under(self.rows[row])

    def next_to(self, row: Summary, steps: int) -> Summary | None:
        """The row below a row (`steps` 1), or above it (-1), held or not; None at the end of the view. The row may be
        one of another view, which was sorted otherwise."""
        fresh = self.source.summary(row.id)
        if fresh is None:
            return None
        place = self.source.place(fresh)
        found = self.source.page(after=place, limit=1) if steps > 0 else self.source.page(before=place, limit=1)[-1:]
        return next(iter(found), None)

    # --- Loading ---

    def hold_start(self, few: int) -> None:
        """Hold the first rows."""
        rows = self.source.page(limit=few)
        self.has_start, self.has_end = True, len(rows) < few
        self.rows = self._with_kept(rows, None if self.has_end else self.source.place(rows[-1]), None)

    def hold_around(self, row: Summary, few: int) -> tuple[int, int]:
        """Hold a row, kept if the view has lost it, and so many on both sides; where it is among them, and its rank."""
        if not self.source.has(row):
            self.kept[row.id] = row
        here = self.source.together(row)
        place = here[0].place
        above, below = self._newer(place, few), self._older(place, few)
        self.rows = [*above, *here, *below]
        self.has_start, self.has_end = len(above) < few, len(below) < few
        at = len(above) + next((n for n, one in enumerate(here) if one.id == row.id), 0)
        return at, self.source.rank(place) + self._kept_above(place)

    def hold_below(self, limit: int) -> int:
        """Hold so many more at the end; how many there were."""
        if self.has_end or not self.rows:
            return 0
        more = self._older(self.source.place(self.rows[-1]), limit)
        self.has_end = len(more) < limit
        self.rows += more
        return len(more)

    def hold_above(self, limit: int) -> int:
        """Hold so many more at the beginning; how many there were."""
        if self.has_start or not self.rows:
            return 0
        more = self._newer(self.source.place(self.rows[0]), limit)
        self.has_start = len(more) < limit
        self.rows[:0] = more
        return len(more)

    def let_go(self, first: int, last: int, reach: int) -> int:
        """Drop rows farther than `reach` from those between two; how many of them stood above."""
        start = max(0, first - reach)
        while start and self.is_under(start):
            start -= 1
        end = last + reach
        while end < len(self.rows) and self.is_under(end):
            end += 1
        self.has_end = self.has_end and end >= len(self.rows)
        self.has_start = self.has_start and start == 0
        self.rows = self.rows[start:end]
        return start

    def _older(self, place: Place, limit: int) -> list[Summary]:
        rows = self.source.page(after=place, limit=limit)
        end = self.source.place(rows[-1]) if len(rows) >= limit else None
        return self._with_kept(rows, end, place)

    def _newer(self, place: Place, limit: int) -> list[Summary]:
        rows = self.source.page(before=place, limit=limit)
        start = self.source.place(rows[0]) if len(rows) >= limit else None
        return self._with_kept(rows, place, start)

    # --- Rows that the view has lost ---

    def refresh_kept(self) -> None:
        """Keep those that are still there and still lost, as they are now."""
        fresh = [self.source.summary(story) for story in self.kept]
        self.kept = {row.id: row for row in fresh if row is not None and not self.source.has(row)}

    def replace(self, row: Summary) -> int | None:
        """Put a row in the place of its story's former one, kept if the view has lost it; where it is."""
        at = self.index_of(row.id)
        if at is not None:
            self.rows[at] = row
            self.kept.pop(row.id, None)
            if not self.source.has(row):
                self.kept[row.id] = row
        return at

    def rank_of(self, row: int, known: int, rank: int) -> int:
        """The rank of a row, counted from a known one's where all rows between are there."""
        first, last = sorted((known, row))
        ends = self.source.place(self.rows[first]), self.source.place(self.rows[last])
        if not any(map(self.is_under, range(first, last + 1))) and not self.source.leaves_out(*ends):
            return rank + row - known
        place = self.source.place(self.rows[row])
        return self.source.rank(place) + self._kept_above(place)

    def _with_kept(self, rows: list[Summary], low: Place | None, high: Place | None) -> list[Summary]:
        """Rows and the kept ones between two places (None: no bound), in order."""
        have = {row.id for row in rows}
        missing = [
            row
            for row in self.kept.values()
            if row.id not in have
            and (low is None or self.source.place(row) > low)
            and (high is None or self.source.place(row) < high)
        ]
        return sorted([*rows, *missing], key=self.source.place, reverse=True) if missing else rows

    def _kept_above(self, place: Place) -> int:
        return sum(self.source.place(row) > place for row in self.kept.values())
