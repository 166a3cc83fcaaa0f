"""Marks set from the window: of one row, of several, of all that the view shows; and taking them back.

Decided only here: which rows a mark is for, and how what was done is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from newsreader.reader import View
from newsreader.safety import clean_line
from newsreader.summary import Summary

if TYPE_CHECKING:
    from newsreader.ui.screens.pane_screen import PaneScreen

OLD: Final = timedelta(days=7)
_PAGE: Final = 1000

Mark: TypeAlias = Literal["read", "starred"]


class Marking:
    """Sets marks for the keys of a screen."""

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

    def action_select(self, count: int | None) -> None:
        """Select so many rows from the cursor down for the next mark, or drop those that are selected; go past them."""
        if self.screen.pane == "list":
            rows = self._below(count or 1)
            self.screen.headlines.selection.toggle(rows)
            self.screen.headlines.move(len(rows))

    def action_select_all(self, _count: int | None) -> None:
        """Select every row of the view, or none where all are."""
        if self.screen.pane != "list":
            return
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

    def action_toggle_mark(self, mark: Mark, count: int | None) -> None:
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

    def action_delete(self, count: int | None) -> None:
        """Delete the targets, and say how that is undone; the article's pane is left for the list."""
        screen = self.screen
        reading, story = screen.article.reading, screen.article.story
        if screen.pane == "article" and reading is not None and story is not None and reading.article.made_by:
            self._ask_drop(story, reading.article.made_by)
        elif rows := self.targets(count):
            screen.reader.marks.delete(row.id for row in rows)
            screen.headlines.selection.clear()
            screen.focus_pane("list")
            screen.refresh_library()
            screen.status.say("deleted", n=len(rows), key=screen.keymap.shown("undo"))

    def _ask_drop(self, story: Summary, command: str) -> None:
        """Delete what a command made of a story, once the reader has said yes."""
        screen = self.screen

        def drop() -> None:
            screen.reader.drop_page(story.id, command)
            screen.window.indexing.look_for_new()
            screen.open(story)
            screen.status.say("page_dropped", name=clean_line(command))

        screen.window.ask(screen.words.say("ask_drop_page", name=clean_line(command)), drop)

    def action_read_all(self, _count: int | None) -> None:
        """Mark all that the view shows read, and say how that is undone."""
        headlines = self.screen.headlines
        self._ask_read("ask_read_all", headlines.counts.unread, headlines.view)

    def action_read_older(self, _count: int | None) -> None:
        """Mark all that is older than a week read, and say how that is undone."""
        screen = self.screen
        before = int((screen.appearance.now() - OLD).timestamp() * 1000)
        unread = screen.reader.rows(View(unread=True, until=before)).counts().stories
        self._ask_read("ask_old", unread, View(until=before), "read-older")

    def _ask_read(self, asked: str, unread: int, view: View, *name: str) -> None:
        screen = self.screen

        def read() -> None:
            count = screen.reader.marks.mark_all_read(screen.reader.rows(view), *name)
            screen.show_marks(row.id for row in screen.headlines.viewport.rows)
            screen.status.say("marked_read", n=count, key=screen.keymap.shown("undo"))

        if unread:
            screen.window.ask(screen.words.say(asked, n=unread), read)
        else:
            screen.status.say("nothing_unread")

    # --- Taking back ---

    def action_turn_back(self, way: Literal["undo", "redo"], _count: int | None) -> None:
        """Take back the last marking, or do again what was taken back, and say what."""
        screen, redo = self.screen, way == "redo"
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
