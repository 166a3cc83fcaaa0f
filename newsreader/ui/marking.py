"""Marks set from the window, and taking them back.

Owns: what is marked by a key: one row, several rows, all that the view shows. Decided only here: how what was done is
told. Pure: no textual, no rich. Never: the journal (reader), or what the list shows of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from newsreader.article import Summary
from newsreader.reader import Reader, Undone, View
from newsreader.safety import clean_line
from newsreader.ui.words import Words

Mark: TypeAlias = Literal["read", "starred"]


class Marker:
    """Sets marks; each method returns the ids of the stories that changed."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def set(self, rows: Iterable[Summary], mark: Mark, value: bool, *, by_hand: bool = True) -> tuple[str, ...]:
        """Mark those rows that are not so yet, as one action; undo knows of it if it was done by hand."""
        stories = tuple(row.id for row in rows if getattr(row, mark) != value)
        if not stories:
            return ()
        if mark == "read":
            self.reader.mark_read(stories, value, unasked=not by_hand)
        else:
            self.reader.star(stories, value)
        return stories

    def tag(self, rows: Sequence[Summary], name: str) -> tuple[tuple[str, ...], bool]:
        """Give a tag to those rows that lack it; if none does, take it away from all. Also whether it was given."""
        lacking = tuple(row.id for row in rows if name not in row.tags)
        stories = lacking or tuple(row.id for row in rows)
        self.reader.tag(stories, name, bool(lacking))
        return stories, bool(lacking)

    def read_all(self, view: View) -> int:
        """Mark all that a view shows read, as one action; how many were not."""
        return self.reader.mark_view_read(view)


def told(words: Words, phrase: str, done: Undone) -> str:
    """What was taken back or done again, in words; `phrase` is "undone" or "redone"."""
    what, _, name = done.what.partition(":")
    action = words.say(f"did_{what.replace('-', '_')}", tag=clean_line(name))
    text = words.say(phrase, what=action, n=done.stories)
    return f"{text} {words.say('skipped', n=done.skipped)}" if done.skipped else text
