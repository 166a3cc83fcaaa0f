"""Rows of one story at several outlets, folded under one of them.

Decided only here: a gathering stands where the first of its stories in the view does; a story that the reader is on, or
went to, is never folded away from there: it stands alone as long as the view lasts; once unfolded, a gathering shows
all its stories, also those that the view leaves out. Pure: no textual, no rich.

A row under another has that one's place, so that the rows of a viewport are in order, each below the one it belongs to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, Protocol, TypeAlias

from newsreader.summary import Summary

Place: TypeAlias = tuple[Any, str]
"""Where a row stands in the order of rows; the greatest place is the first."""

PAGE: Final = 64


class Rows(Protocol):
    """The rows of one view, newest first."""

    def page(self, *, after: Place | None = None, before: Place | None = None, limit: int = PAGE) -> list[Summary]:
        """Rows strictly older than `after`, or the nearest ones strictly newer than `before`; newest first."""

    def nth(self, n: int) -> Summary | None:
        """The row of rank `n`, from 0."""

    def last(self) -> Summary | None:
        """The oldest row."""

    def rank(self, place: Place) -> int:
        """How many rows are newer."""

    def summary(self, story: str) -> Summary | None:
        """The row of a story as it is now, whether or not the view still has it; None if there is no such story."""

    def summaries(self, stories: Iterable[str]) -> list[Summary]:
        """The rows of stories, as `summary`, in that order, without those that there are none of."""

    def has(self, row: Summary) -> bool:
        """Whether the view has a row."""


class Clusters:
    """The rows of a view, some of which may stand under others. `together`: those of some stories that other outlets
    have too, each with the ids of all that belong together."""

    def __init__(self, rows: Rows, together: Callable[[Iterable[str]], Mapping[str, AbstractSet[str]]]) -> None:
        self.rows = rows
        self._gatherings = together
        self._head: dict[str, Summary] = {}  # of each row that stands under another
        self._below: dict[str, tuple[str, ...]] = {}  # of each row that others stand under
        self._left: list[Place] = []  # where rows would stand that stand under others, the last first
        self._unfolded: set[str] = set()
        self._alone: set[str] = set()

    # --- The rows, without what is folded ---

    def page(self, *, after: Place | None = None, before: Place | None = None, limit: int = PAGE) -> list[Summary]:
        shown: list[Summary] = []
        heads = 0
        while True:
            rows = self.rows.page(after=after, before=before, limit=limit)
            gatherings = self._gatherings(row.id for row in rows)
            tops = [row for row in rows if self._look(row, gatherings).id == row.id]
            more = [one for row in tops for one in self._with_below(row)]
            shown = [*shown, *more] if before is None else [*more, *shown]
            heads += len(tops)
            if len(rows) < limit or heads >= limit:
                return shown
            after, before = (rows[-1].place, None) if before is None else (None, rows[0].place)

    def nth(self, n: int) -> Summary | None:
        row = self.rows.nth(n)
        if row is None or self._look(row).id == row.id:
            return row
        return next(iter(self.page(after=row.place, limit=1)), None) or self.last()

    def last(self) -> Summary | None:
        row = self.rows.last()
        if row is None or self._look(row).id == row.id:
            return row
        return next(iter(self.page(before=row.place, limit=1)), None)

    def rank(self, place: Place) -> int:
        return self.rows.rank(place)

    def summary(self, story: str) -> Summary | None:
        return self.rows.summary(story)

    def summaries(self, stories: Iterable[str]) -> list[Summary]:
        return self.rows.summaries(stories)

    def has(self, row: Summary) -> bool:
        return self.rows.has(row)

    # --- What stands under what ---

    def place(self, row: Summary) -> Place:
        """Where a row stands: its own place, or that of the row that it stands under."""
        return self._head[row.id].place if self.is_under(row) else row.place

    def is_under(self, row: Summary) -> bool:
        """Whether a row stands under another."""
        head = self._head.get(row.id)
        return head is not None and self._is_unfolded(head)

    def together(self, row: Summary) -> list[Summary]:
        """What stands at a row's place: the row, or one with all those that stand under it."""
        head = self._look(row)
        if head.id == row.id or self._is_unfolded(head):
            return self._with_below(head)
        self._alone.add(row.id)
        del self._head[row.id]
        return [row]

    def leaves_out(self, high: Place, low: Place) -> bool:
        """Whether rows between two places may stand elsewhere, or be folded away."""
        return bisect_left(self._left, high) > bisect_right(self._left, low)

    def below(self, row: Summary) -> tuple[str, ...]:
        """The stories that stand under a row, folded or not; none for one that stands under another itself."""
        return self._below.get(row.id, ())

    def folded(self, row: Summary) -> list[Summary]:
        """The rows that are folded under a row, as they are now."""
        below = self.below(row)
        return self.summaries(below) if below and not self._is_unfolded(row) else []

    def toggle(self, row: Summary) -> Summary | None:
        """Unfold the gathering of a row, or fold it; the row that it stands under, None if there is none."""
        head = self._head.get(row.id, row)
        if not self.below(head):
            return None
        if self._is_unfolded(head):
            self._unfolded -= {head.id, *self.below(head)}
        else:
            self._unfolded.add(head.id)
        return head

    def _is_unfolded(self, head: Summary) -> bool:
        return head.id in self._unfolded or not self._unfolded.isdisjoint(self.below(head))

    def _with_below(self, head: Summary) -> list[Summary]:
        return [head, *self.summaries(self.below(head))] if self._is_unfolded(head) else [head]

    def _look(self, row: Summary, gatherings: Mapping[str, AbstractSet[str]] | None = None) -> Summary:
        """The row that a row stands under, itself for most; remembered."""
        if gatherings is None:
            gatherings = self._gatherings([row.id])
        self._head.pop(row.id, None)
        self._below.pop(row.id, None)
        others = gatherings.get(row.id, frozenset()) - {row.id} - self._alone
        if not others or row.id in self._alone:
            return row
        every = sorted([row, *self.summaries(others)], key=lambda one: one.place, reverse=True)
        seen = [one for one in every if self.has(one)]
        if self._unfolded.isdisjoint(one.id for one in every):  # what the view has lost stands with what it has lost
            every = seen = seen if row in seen else [one for one in every if one not in seen]
        head = (seen or every)[0]
        below = [one for one in every if one is not head]
        for one in below:
            self._head[one.id] = head
            self._below.pop(one.id, None)
            at = bisect_left(self._left, one.place)
            if self._left[at : at + 1] != [one.place]:
                self._left.insert(at, one.place)
        if below:
            self._head.pop(head.id, None)
            self._below[head.id] = tuple(one.id for one in below)
        return head
