"""Marks set from the window: of one row, of several, of all that the view shows; and taking them back.

Decided only here: which rows a mark is for, and how what was done is told. Pure: no textual, no rich.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TypeAlias

from newsreader.reader import View
from newsreader.safety import clean_line
from newsreader.summary import Summary

if TYPE_CHECKING:
    from newsreader.ui.desk import Desk

Mark: TypeAlias = Literal["read", "starred"]


class Marking:
    """Marks on a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.selected: dict[str, Summary] = {}

    # --- What is meant ---

    def target(self) -> Summary | None:
        """The story that the keys are about: the open one in the article's pane, else the cursor's."""
        desk = self.desk
        return desk.story if desk.pane == "article" else desk.window.current

    def targets(self, count: int | None) -> list[Summary]:
        """The stories that a mark is for: those selected, else so many from the cursor down; in the article's pane the
        open one."""
        desk = self.desk
        if self.selected and desk.pane != "article":
            fresh = map(desk.window.shelf.summary, self.selected)
            return [row for row in fresh if row is not None]
        row = self.target()
        if row is None or desk.pane == "article" or not count:
            return [] if row is None else [row]
        return self._below(count)

    def select(self, count: int) -> None:
        """Select so many rows from the cursor down for the next mark, or drop those that are selected; go past them."""
        rows = self._below(count)
        for row in rows:
            if self.selected.pop(row.id, None) is None:
                self.selected[row.id] = row
        self.desk.window.move(len(rows))

    def _below(self, count: int) -> list[Summary]:
        window = self.desk.window
        return window.rows[window.cursor : window.cursor + count]

    # --- Setting ---

    def toggle(self, count: int | None, mark: Mark) -> None:
        """Set a mark on the targets, or take it away where all have it."""
        rows = self.targets(count)
        if rows:
            self.set(rows, mark, not all(getattr(row, mark) for row in rows))
            self.selected.clear()

    def set(self, rows: Iterable[Summary], mark: Mark, value: bool, *, by_hand: bool = True) -> int:
        """Mark those rows that are not so yet, as one action; how many. Undo knows of it if it was done by hand. What
        is read at one outlet is read at those that are folded under it."""
        if mark == "read":
            rows = [one for row in rows for one in (row, *self.desk.shelf.folded(row))]
        stories = tuple(row.id for row in rows if getattr(row, mark) != value)
        if stories:
            reader = self.desk.reader
            if mark == "read":
                reader.marks.mark_read(stories, value, unasked=not by_hand)
            else:
                reader.marks.star(stories, value)
            self.desk.marked(stories)
        return len(stories)

    def tag(self, rows: list[Summary], name: str) -> None:
        """Give a tag to those rows that lack it; if none does, take it away from all; and say so."""
        desk = self.desk
        lacking = tuple(row.id for row in rows if name not in row.tags)
        stories = lacking or tuple(row.id for row in rows)
        desk.reader.marks.tag(stories, name, bool(lacking))
        self.selected.clear()
        desk.marked(stories)
        desk.say("tagged" if lacking else "untagged", tag=clean_line(name), n=len(stories))

    def delete(self, count: int | None) -> None:
        """Delete the targets, and say how that is undone; the article's pane is left for the list."""
        desk = self.desk
        rows = self.targets(count)
        if rows:
            desk.reader.marks.delete(row.id for row in rows)
            self.selected.clear()
            desk.focus("list")
            desk.refresh()
            desk.say("deleted", n=len(rows), key=desk.keymap.shown("undo"))

    def read_all(self, view: View) -> None:
        """Mark all that a view shows read, and say how that is undone."""
        reader = self.desk.reader
        self._tell_read(reader.marks.mark_all_read(reader.rows(view)))

    def read_older(self, before_ms: int) -> None:
        """Mark all older than a time (milliseconds UTC) read, and say how that is undone."""
        reader = self.desk.reader
        self._tell_read(reader.marks.mark_all_read(reader.rows(View(until=before_ms)), "read-older"))

    def _tell_read(self, count: int) -> None:
        desk = self.desk
        desk.marked(row.id for row in desk.window.rows)
        desk.say("marked_read", n=count, key=desk.keymap.shown("undo"))

    # --- Taking back ---

    def turn_back(self, *, redo: bool = False) -> None:
        """Take back the last marking, or do again what was taken back, and say what."""
        desk = self.desk
        done = desk.reader.marks.redo() if redo else desk.reader.marks.undo()
        if done is None:
            desk.say("nothing_to_redo" if redo else "nothing_to_undo")
            return
        desk.marked(row.id for row in desk.window.rows)
        if done.what in ("delete", "undelete"):
            desk.refresh()
        what, _, name = done.what.partition(":")
        action = desk.words.say(f"did_{what.replace('-', '_')}", tag=clean_line(name))
        desk.say("redone" if redo else "undone", what=action, n=done.stories)
        if done.skipped:
            desk.message += " " + desk.words.say("skipped", n=done.skipped)
