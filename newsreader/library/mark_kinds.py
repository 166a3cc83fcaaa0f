"""Which marks there are, what values they have, and which of them are believed.

Marks are texts by name; None is "not set":
    "read"       the edition (record.Record) that was the newest when the story was marked read
    "starred"    "1"
    "tag/NAME"   "1"
    "deleted"    "1": no view shows it
    "place"      "BLOCK:OFFSET"; no part of what is undone, and no row of a list shows it
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import apsw

from newsreader.library.db import AMONG, among, sid
from newsreader.safety import clean_line

READ, STARRED, TAG, PLACE, DELETED = "read", "starred", "tag/", "place", "deleted"

_SET = re.compile("1")
_VALUES = {
    **dict.fromkeys((DELETED, STARRED, TAG), _SET),
    READ: re.compile("-?[0-9]{1,18}:[0-9a-f]{1,64}"),
    PLACE: re.compile("-?[0-9]{1,9}:[0-9]{1,9}"),
}
_ANYTHING = re.compile(r"[^\0]*")

LAST_MS: Final = 253_402_300_799_999
"""The end of the year 9999."""

AHEAD_MS: Final = 86_400_000
"""By so much a clock may be fast."""


class Change(NamedTuple):
    """A mark to set: the story's number and key, the mark's name and value; and when it was set, in milliseconds, if
    that was somewhere else: then only if the mark here was not set later."""

    story: int
    key: str
    mark: str
    value: str | None
    at: int | None = None


class Flags(NamedTuple):
    """The marks of a story as its row shows them."""

    read: bool
    starred: bool
    changed: bool
    tags: tuple[str, ...]


def is_tag(name: str) -> bool:
    """Whether a text can be the name of a tag: 1 to 64 characters that can be seen, on one line, without a comma."""
    return 0 < len(name) <= 64 and name == clean_line(name) and "," not in name


@lru_cache(1024)
def is_known(mark: str) -> bool:
    """Whether that is the name of a mark that this newsreader knows."""
    return is_tag(mark.removeprefix(TAG)) if mark.startswith(TAG) else mark in _VALUES


def is_mark(mark: object, value: object, at: object = 0) -> bool:
    """Whether some newsreader writes such a mark: a value that is none of a mark which this one knows is damage, a mark
    that it doesn't know may be a newer one's."""
    if not isinstance(mark, str) or not isinstance(at, int) or not 0 <= at <= LAST_MS:
        return False
    if mark.startswith(TAG) and not is_known(mark):
        return False
    if not isinstance(value, str):
        return value is None
    return _VALUES.get(TAG if mark.startswith(TAG) else mark, _ANYTHING).fullmatch(value) is not None


def is_key(key: object, story: object) -> bool:
    """Whether a story, by its number, has that key: its id is made of it."""
    from newsreader.identity import story_id  # the first frame does without

    if not isinstance(key, str):
        return False
    # What the feed itself names a story by may have held half characters, which cannot be kept.
    return sid(story_id(key)) == story or (key.startswith("guid:") and "?" in key)


def flags(marks: dict[str, str], edition: str) -> Flags:
    """The flags of a story whose newest edition is `edition`."""
    since = marks.get(READ)
    tags = sorted(name.removeprefix(TAG) for name in marks if name.startswith(TAG))
    return Flags(since is not None, STARRED in marks, since is not None and has_changed(edition, since), tuple(tags))


def has_changed(edition: str, since: str) -> bool:
    """Whether the newest edition of a story has another headline or text than the one that was read, and is not
    an older one (as where another machine, whose marks were brought here, holds more)."""
    made, _, text = edition.partition(":")
    made_then, _, text_then = since.partition(":")
    if text == text_then:
        return False
    try:
        return int(made) >= int(made_then)
    except ValueError:
        return False


def believed(db: apsw.Connection, query: str, first: int, values: Sequence[int | str] = ()) -> list[Any]:
    """The rows of a query, of which each has a mark, its value and time from its column `first` on; raises
    apsw.CorruptError for what no newsreader writes."""
    rows = db.execute(query, values).fetchall()
    for row in rows:
        if not is_mark(*row[first : first + 3]):
            raise apsw.CorruptError("no such mark is written")
    return rows


def everything(db: apsw.Connection) -> list[Any]:
    """Key, mark, value, time and story of every mark; raises apsw.CorruptError where one is not believed, or a story
    has a key that is another's, or no mark."""
    query = (
        "SELECT k.key, m.mark, m.value, m.at, k.story FROM keys k LEFT JOIN marks m ON m.story = k.story ORDER BY 1, 2"
    )
    rows = believed(db, query, 1)
    if not all(is_key(key, story) for key, *_, story in rows):
        raise apsw.CorruptError("no such key is written")
    return rows


def present(db: apsw.Connection, marks: Iterable[tuple[int, str]]) -> dict[tuple[int, str], tuple[str | None, int]]:
    """Value and time of those of some marks, by story and name, that were ever set. Raises apsw.CorruptError for what
    no newsreader writes."""
    stories: dict[str, list[int]] = {}
    for story, mark in marks:
        stories.setdefault(mark, []).append(story)
    query = f"SELECT story, mark, value, at FROM marks WHERE story IN {AMONG} AND mark = ?"
    return {
        (story, mark): (value, at)
        for name, several in stories.items()
        for story, mark, value, at in believed(db, query, 1, (among(several), name))
    }


def marks_of(db: apsw.Connection, stories: Sequence[int]) -> dict[int, dict[str, str]]:
    """The marks of stories that are set; a story without any is missing."""
    holes = ", ".join("?" * len(stories))
    query = f"SELECT story, mark, value, at FROM marks WHERE story IN ({holes}) AND value IS NOT NULL"
    found: dict[int, dict[str, str]] = {}
    for story, mark, value, _ in believed(db, query, 1, stories):
        found.setdefault(story, {})[mark] = value
    return found
