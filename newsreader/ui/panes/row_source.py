"""What the list's viewport asks of a view."""

from __future__ import annotations

from collections.abc import Iterable
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


class FoldedRows(Rows, Protocol):
    """The rows of one view, some of which may stand under others."""

    def place(self, row: Summary) -> Place:
        """Where a row stands: its own place, or that of the row that it stands under."""

    def is_under(self, row: Summary) -> bool:
        """Whether a row stands under another."""

    def together(self, row: Summary) -> list[Summary]:
        """What stands at a row's place: the row, or one with all those that stand under it."""

    def leaves_out(self, high: Place, low: Place) -> bool:
        """Whether rows between two places may stand elsewhere, or be folded away."""
