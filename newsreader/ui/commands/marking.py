"""Marks set from the window: of one row, of several, of all that the view shows; and taking them back.

Decided only here: which rows a mark is for, and how what was done is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from newsreader.reader import View
from newsreader.safety import clean_line
from newsreader.summary import Summary

if TYPE_CHECKING:
    from newsreader.ui.screens.pane_screen import PaneScreen

_PAGE: Final = 1000

Mark: TypeAlias = Literal["read", "starred"]


class Marking:
    """Sets marks for the commands of a screen."""

    def __init__(self, screen: PaneScreen) -> None:
        self.screen = screen

    # --- What is meant ---

    def target(self) -> Summary | None:
        """The story that the keys are about: the open one in the article's pane, else the cursor's."""
        screen = self.screen
        return screen.article.story if screen.pane == "article" else screen.headlines.current

    def targets(self, count: int | None) -> list[Summary]:
        """The stories that a mark is for: those selected, else so many from the cursor down; in the article's pane the
        open one."""
        headlines, in_list = self.screen.headlines, self.screen.pane != "article"
        if headlines.selection and in_list:
            return headlines.rows.summaries(headlines.selection)
        row = self.target()
        if row is None or not in_list or not count:
            return [] if row is None else [row]
        return self._below(count)

    def select(self, count: int) -> None:
        """Select so many rows from the cursor down for the next mark, or drop those that are selected; go past them."""
        rows = self._below(count)
        self.screen.headlines.selection.toggle(rows)
        self.screen.headlines.move(len(rows))

    def select_all(self) -> None:
        """Select every row of the view, or none where all are."""
        headlines = self.screen.headlines
        rows: list[Summary] = []
        while more := headlines.rows.page(after=rows[-1].place if rows else None, limit=_PAGE):
            rows += more
        everything = all(row.id in headlines.selection for row in rows)
        headlines.selection.clear()
        if not everything:
            headlines.selection.toggle(rows)

    def _below(self, count: int) -> list[Summary]:
        viewport = self.screen.headlines.viewport
        return viewport.rows[viewport.cursor : viewport.cursor + count]

    # --- Setting ---

    def toggle(self, count: int | None, mark: Mark) -> None:
        """Set a mark on the targets, or take it away where all have it."""
        rows = self.targets(count)
        if rows:
            self.set(rows, mark, not all(getattr(row, mark) for row in rows))
            self.screen.headlines.selection.clear()

    def set(self, rows: Iterable[Summary], mark: Mark, value: bool, *, by_hand: bool = True) -> int:
        """Mark those rows that are not so yet, as one action; how many. Undo knows of it if it was done by hand, or to
        copies: what is read at one outlet is read at those that are folded under it, if the reader wants that."""
        rows = list(rows)
        if mark == "read" and self.screen.settings.read_copies:
            rows = [one for row in rows for one in (row, *self.screen.headlines.rows.folded(row))]
        stories = tuple(row.id for row in rows if getattr(row, mark) != value)
        if stories:
            if mark == "read":
                self.screen.reader.marks.mark_read(stories, value, unasked=not by_hand and len(rows) == 1)
            else:
                self.screen.reader.marks.star(stories, value)
            self.screen.show_marks(stories)
        return len(stories)

    def tag(self, rows: list[Summary], name: str) -> None:
        """Give a tag to those rows that lack it; if none does, take it away from all; and say so."""
        screen = self.screen
        lacking = tuple(row.id for row in rows if name not in row.tags)
        stories = lacking or tuple(row.id for row in rows)
        screen.reader.marks.tag(stories, name, bool(lacking))
        self.screen.headlines.selection.clear()
        screen.show_marks(stories)
        screen.status.say("tagged" if lacking else "untagged", tag=clean_line(name), n=len(stories))

    def delete(self, count: int | None) -> None:
        """Delete the targets, and say how that is undone; the article's pane is left for the list."""
        screen = self.screen
        rows = self.targets(count)
        if rows:
            screen.reader.marks.delete(row.id for row in rows)
            self.screen.headlines.selection.clear()
            screen.focus_pane("list")
            screen.refresh_library()
            screen.status.say("deleted", n=len(rows), key=screen.keymap.shown("undo"))

    def read_all(self, view: View) -> None:
        """Mark all that a view shows read, and say how that is undone."""
        reader = self.screen.reader
        self._tell_read(reader.marks.mark_all_read(reader.rows(view)))

    def read_older(self, before_ms: int) -> None:
        """Mark all older than a time (milliseconds UTC) read, and say how that is undone."""
        reader = self.screen.reader
        self._tell_read(reader.marks.mark_all_read(reader.rows(View(until=before_ms)), "read-older"))

    def _tell_read(self, count: int) -> None:
        screen = self.screen
        screen.show_marks(row.id for row in screen.headlines.viewport.rows)
        screen.status.say("marked_read", n=count, key=screen.keymap.shown("undo"))

    # --- Taking back ---

    def turn_back(self, *, redo: bool = False) -> None:
        """Take back the last marking, or do again what was taken back, and say what."""
        screen = self.screen
        done = screen.reader.marks.redo() if redo else screen.reader.marks.undo()
        if done is None:
            screen.status.say("nothing_to_redo" if redo else "nothing_to_undo")
            return
        screen.show_marks(row.id for row in screen.headlines.viewport.rows)
        if done.what in ("delete", "undelete", "apply-rules"):
            screen.refresh_library()
        what, _, name = done.what.partition(":")
        action = screen.words.say(f"did_{what.replace('-', '_')}", tag=clean_line(name))
        told = [screen.words.say("redone" if redo else "undone", what=action, n=done.stories)]
        told += [screen.words.say("skipped", n=done.skipped)] if done.skipped else []
        screen.status.tell(" ".join(told))
