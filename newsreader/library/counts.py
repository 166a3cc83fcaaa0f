"""How many stories there are, a source and day: kept as rows come, go and change.

Decided only here: when their rows are written: once a batch, within the transaction that wrote the stories, so that
they are never out of step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import apsw

DAY: Final = 86_400_000
"""Milliseconds of a day of the counts (UTC)."""

_COUNT = "sum(1), sum(s.read = 0), sum(s.starred)"
_OF_SOURCES = "story_sources t JOIN stories s ON s.sid = t.sid"
_CHANGE = (
    "stories = stories + excluded.stories, unread = unread + excluded.unread, starred = starred + excluded.starred"
)


class SourceRow(NamedTuple):
    """A source that has stories."""

    name: str
    stories: int
    unread: int


def sources(db: apsw.Connection) -> list[SourceRow]:
    """Every source that has stories, by name."""
    found = db.execute(
        "SELECT name, stories, unread FROM totals JOIN sources ON n = source WHERE stories > 0 ORDER BY name"
    )
    return [SourceRow(*row) for row in found]


def topics(db: apsw.Connection) -> list[tuple[str, int]]:
    """Every topic and how many stories it has, the most frequent first."""
    rows = db.execute("SELECT name, stories FROM topics WHERE stories > 0 ORDER BY stories DESC, name")
    return [(str(name), int(stories)) for name, stories in rows]


def tags(db: apsw.Connection) -> list[tuple[str, int]]:
    """Every tag and how many stories carry it, by name."""
    rows = db.execute("SELECT tag, count(*) FROM story_tags GROUP BY tag ORDER BY tag")
    return [(str(tag), int(stories)) for tag, stories in rows]


def days(db: apsw.Connection, source: str | None = None) -> list[tuple[int, int, int]]:
    """The days (UTC, since 1970) that have stories, of all sources or one, the newest first: how many, and how many
    unread."""
    scope, named = ("0", ()) if source is None else ("(SELECT n FROM sources WHERE name = ?)", (source,))
    found: list[Any] = db.execute(
        f"SELECT day, stories, unread FROM counts WHERE source = {scope} AND stories > 0 ORDER BY day DESC", named
    ).fetchall()
    return found


class CountChanges:
    """The changes of one batch."""

    def __init__(self) -> None:
        self._days: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])

    def count(self, sources: Iterable[int], time: int, read: bool, starred: bool, sign: int) -> None:
        """A story of some sources that is there now (`sign` 1) or no longer (-1) in this state."""
        for scope in (0, *sources):
            numbers = self._days[scope, time // DAY]
            numbers[0] += sign
            numbers[1] += 0 if read else sign
            numbers[2] += sign if starred else 0

    def write(self, db: apsw.Connection) -> None:
        """Put the changes into the tables and forget them."""
        totals: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
        days = [(scope, day, *numbers) for (scope, day), numbers in self._days.items() if any(numbers)]
        for scope, _, *numbers in days:
            totals[scope] = [a + b for a, b in zip(totals[scope], numbers, strict=True)]
        db.executemany(
            f"INSERT INTO counts VALUES (?, ?, ?, ?, ?) ON CONFLICT (source, day) DO UPDATE SET {_CHANGE}", days
        )
        db.executemany(
            f"INSERT INTO totals VALUES (?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET {_CHANGE}",
            [(scope, *numbers) for scope, numbers in totals.items()],
        )
        fewer = [(scope, day) for scope, day, stories, *_ in days if stories < 0]
        db.executemany("DELETE FROM counts WHERE source = ? AND day = ? AND stories = 0", fewer)
        self._days.clear()


def recount(db: apsw.Connection) -> None:
    """Count all stories anew, within the caller's transaction."""
    db.execute("DELETE FROM counts")
    db.execute("DELETE FROM totals")
    for table, rows in (("counts", _by_day(db)), ("totals", _by_source(db))):
        db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * (5 if table == 'counts' else 4))})", rows)


def is_exact(db: apsw.Connection) -> bool:
    """Whether the counts say what is there; reads every story."""
    kept_days = set(db.execute("SELECT * FROM counts"))
    kept_totals = set(db.execute("SELECT * FROM totals WHERE stories > 0"))
    return kept_days == set(_by_day(db)) and kept_totals == set(_by_source(db))


def _by_day(db: apsw.Connection) -> list[tuple[Any, ...]]:
    # SQLite divides towards zero, Python downwards; times before 1970 need the same day in both.
    day = f"(s.time - (s.time % {DAY} + {DAY}) % {DAY}) / {DAY}"
    rows = db.execute(f"SELECT t.source, {day}, {_COUNT} FROM {_OF_SOURCES} GROUP BY 1, 2").fetchall()
    rows += db.execute(f"SELECT 0, {day}, {_COUNT} FROM stories s GROUP BY 2").fetchall()
    return rows


def _by_source(db: apsw.Connection) -> list[tuple[Any, ...]]:
    rows = db.execute(f"SELECT t.source, {_COUNT} FROM {_OF_SOURCES} GROUP BY 1").fetchall()
    rows += db.execute(f"SELECT 0, {_COUNT} FROM stories s GROUP BY 1").fetchall()
    return rows
