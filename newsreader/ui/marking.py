"""Marks set by hand, and taking them back.

Owns: this session's markings, for undo. Decided only here: what one undo takes back: the last marking, where the marks
still have the value it set. Pure: no textual, no rich. Never: what the list shows of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Literal, NamedTuple, TypeAlias

from newsreader.article import Summary
from newsreader.reader import Reader, View
from newsreader.ui.window import place_of

Mark: TypeAlias = Literal["read", "starred"]

UNDO_STEPS: Final = 100
_BATCH: Final = 1000


class Marking(NamedTuple):
    """One marking: the stories that had not had the mark so before."""

    mark: Mark
    stories: tuple[str, ...]
    value: bool


class Marker:
    """Sets marks; each method returns the ids of the stories that changed."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._done: list[Marking] = []

    def set(self, rows: Iterable[Summary], mark: Mark, value: bool, *, by_hand: bool = True) -> tuple[str, ...]:
        """Mark those rows that are not so yet, as one action; undo knows of it if it was done by hand."""
        stories = tuple(row.id for row in rows if getattr(row, mark) != value)
        if stories:
            self._write(mark, stories, value)
            if by_hand:
                self._done.append(Marking(mark, stories, value))
                del self._done[:-UNDO_STEPS]
        return stories

    def undo(self) -> tuple[str, ...] | None:
        """Take back the last marking; None if there is none."""
        if not self._done:
            return None
        last = self._done.pop()
        rows = map(self.reader.summary, last.stories)
        still = tuple(row.id for row in rows if row is not None and getattr(row, last.mark) == last.value)
        if still:
            self._write(last.mark, still, not last.value)
        return still

    def unread_of(self, view: View) -> list[Summary]:
        """Every unread row of a view."""
        unread = replace(view, unread=True)
        rows = self.reader.page(unread, limit=_BATCH)
        found = list(rows)
        while len(rows) == _BATCH:
            rows = self.reader.page(unread, after=place_of(rows[-1]), limit=_BATCH)
            found += rows
        return found

    def _write(self, mark: Mark, stories: tuple[str, ...], value: bool) -> None:
        if mark == "read":
            self.reader.mark_read(stories, value)
        else:
            self.reader.star(stories, value)
