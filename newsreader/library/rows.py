"""What the list shows: pages of rows, where a row stands, how many there are.

Owns: View and every query of `stories` by it. Decided only here: which index serves which view. Never: writing, or
a query whose cost grows with the rows that it does not return: pages go on from a row by (time, id), counts read the
tally by days and only the one day in which a row stands. Views that the tally does not know (a topic, the unread among
the starred) are counted by their own, smaller index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

import apsw

from newsreader.article import Summary
from newsreader.library.db import HIGHEST, LOWEST, sid, snapshot, story_of

DAY = 86_400_000
"""Milliseconds of a day of the tally (UTC)."""

Place: TypeAlias = tuple[int, str]
"""Where a row stands among all: (time in milliseconds, id)."""


@dataclass(frozen=True, slots=True)
class View:
    """What the list shows, newest first: all, or what fulfils every condition. `source` and `topic` are names; `since`
    (inclusive) and `until` (exclusive) are milliseconds UTC."""

    source: str | None = None
    unread: bool = False
    starred: bool = False
    since: int | None = None
    until: int | None = None
    topic: str | None = None


class Counts(NamedTuple):
    """How many stories a view has, and how many of them are unread."""

    stories: int
    unread: int


class SourceRow(NamedTuple):
    """A source that has stories."""

    name: str
    stories: int
    unread: int


_Edge: TypeAlias = tuple[int, int]
"""(time, sid): a row stands between two edges, on neither."""

_FAR = 10**15  # milliseconds: beyond every date, and small enough to count its days
_OLDEST: _Edge = (LOWEST, LOWEST)
_NEWEST: _Edge = (HIGHEST, HIGHEST)


class _Plan(NamedTuple):
    """How to read a view: the tables, the conditions and their values, the table that has time and sid, the source (0:
    all) and column of the tally that count it, if any do, and the edges between which it lies."""

    tables: str
    where: str
    values: tuple[Any, ...]
    order: str
    source: int
    counter: str | None
    low: _Edge
    high: _Edge


def page(
    db: apsw.Connection, view: View, *, after: Place | None = None, before: Place | None = None, limit: int = 64
) -> list[Summary]:
    """The first rows of a view; those next older than the place `after`; or those next newer than `before`, which stand
    newest first as well."""
    plan = _plan(db, view)
    if plan is None:
        return []
    if before is not None:
        rows = _rows(db, plan, max(plan.low, _edge(before)), plan.high, limit, upwards=True)
        return rows[::-1]
    return _rows(db, plan, plan.low, plan.high if after is None else min(plan.high, _edge(after)), limit)


def last(db: apsw.Connection, view: View) -> Summary | None:
    """The oldest row of a view."""
    return next(iter(page(db, view, before=(-_FAR, "0" * 16), limit=1)), None)


def rank(db: apsw.Connection, view: View, place: Place) -> int:
    """How many rows of a view are newer than a place, which need not be one of its rows."""
    with snapshot(db):
        plan = _plan(db, view)
        if plan is None:
            return 0
        return max(0, _above(db, plan, max(_edge(place), plan.low)) - _above(db, plan, plan.high))


def nth(db: apsw.Connection, view: View, n: int) -> Summary | None:
    """The row that has `n` newer ones in its view; None if there are not so many."""
    with snapshot(db):
        plan = _plan(db, view)
        if plan is None or n < 0:
            return None
        low, high = plan.low, plan.high
        if plan.counter:
            n += _above(db, plan, high)
            day, n = _day_of(db, plan, n)
            if day is None:
                return None
            high = (_start(day + 1), LOWEST)
        return next(iter(_rows(db, plan, low, high, 1, offset=n)), None)


def counts(db: apsw.Connection, view: View) -> Counts:
    """How many rows a view has, and how many of them are unread."""
    with snapshot(db):
        stories = _count(db, _plan(db, view))
        if view.unread:
            return Counts(stories, stories)
        unread = View(view.source, True, view.starred, view.since, view.until, view.topic)
        return Counts(stories, _count(db, _plan(db, unread)))


def sources(db: apsw.Connection) -> list[SourceRow]:
    """Every source that has stories, by name."""
    found = db.execute(
        "SELECT name, stories, unread FROM totals JOIN sources ON n = source WHERE stories > 0 ORDER BY name"
    )
    return [SourceRow(*row) for row in found]


def summary(db: apsw.Connection, story: int) -> Summary | None:
    """The row of one story, by its number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM stories s {_JOINS} WHERE s.sid = ?", (story,)).fetchone()
    return None if row is None else _summary(row)


# --- how a view is read -------------------------------------------------------------------------------------------


def _plan(db: apsw.Connection, view: View) -> _Plan | None:
    """None where the view names a source or topic that there is not."""
    where: list[str] = []
    values: list[Any] = []
    source = 0
    if view.source is not None:
        source = _number(db, "SELECT n FROM sources WHERE name = ?", view.source)
        if not source:
            return None
        where.append("s.source = ?")
        values.append(source)
    if view.unread:
        where.append("s.read = 0")
    if view.starred:
        where.append("s.starred = 1")
    counter: str | None = "stories"
    order = "s"
    if view.topic is not None:
        topic = _number(db, "SELECT n FROM topics WHERE name = ?", view.topic)
        if not topic:
            return None
        where.insert(0, "t.topic = ?")
        values.insert(0, topic)
        tables, order, counter = "story_topics t CROSS JOIN stories s ON s.sid = t.sid", "t", None
    elif view.starred:
        tables, counter = "stories s INDEXED BY starred", None if view.unread else "starred"
    elif view.unread:
        tables, counter = f"stories s INDEXED BY unread{'_by_source' if source else ''}", "unread"
    else:
        tables = f"stories s INDEXED BY {'by_source' if source else 'by_time'}"
    low = _OLDEST if view.since is None else (view.since - 1, HIGHEST)
    high = _NEWEST if view.until is None else (view.until - 1, HIGHEST)
    return _Plan(tables, " AND ".join(where) or "1", tuple(values), order, source, counter, low, high)


def _number(db: apsw.Connection, query: str, value: str | int) -> int:
    row = db.execute(query, (value,)).fetchone()
    return 0 if row is None else int(row[0])


def _edge(place: Place) -> _Edge:
    return min(max(place[0], -_FAR), _FAR), sid(place[1])


def _bounded(plan: _Plan) -> str:
    o = plan.order
    return f"{plan.where} AND ({o}.time, {o}.sid) > (?, ?) AND ({o}.time, {o}.sid) < (?, ?)"


_COLUMNS = (
    "s.sid, s.key, s.title, s.url, c.name, s.time, s.published, s.exact, s.read, s.starred, s.tags, s.changed,"
    " s.revisions, a.root, a.kind, d.name"
)
_JOINS = (
    "CROSS JOIN sources c ON c.n = s.source CROSS JOIN dumps d ON d.n = s.dump CROSS JOIN archives a ON a.n = d.archive"
)


def _rows(
    db: apsw.Connection, plan: _Plan, low: _Edge, high: _Edge, limit: int, *, offset: int = 0, upwards: bool = False
) -> list[Summary]:
    way, o = "" if upwards else " DESC", plan.order
    found = db.execute(
        f"SELECT {_COLUMNS} FROM {plan.tables} {_JOINS} WHERE {_bounded(plan)}"
        f" ORDER BY {o}.time{way}, {o}.sid{way} LIMIT ? OFFSET ?",
        (*plan.values, *low, *high, limit, offset),
    )
    return [_summary(row) for row in found]


def _summary(row: Any) -> Summary:
    number, key, title, url, source, time, published, exact, read, starred, tags, changed, revisions, *dump = row
    return Summary(
        id=story_of(number),
        key=key,
        title=title,
        url=url,
        source=source,
        time=time,
        published=None if published is None else datetime.fromisoformat(published),
        precision="time" if exact else "date",
        read=bool(read),
        starred=bool(starred),
        tags=tuple(tags.split("\n")) if tags else (),
        changed=bool(changed),
        revisions=revisions,
        dump=dump_path(*dump),
    )


def dump_path(root: bytes, kind: str, name: bytes) -> str:
    """The path of a dump as people and JSON see it, from what the index keeps of it (archive.Member.path)."""
    where, inside = (text.decode("utf-8", "surrogateescape") for text in (root, name))
    match kind:
        case "folder":
            return f"{where.rstrip('/')}/{inside}"
        case "file":
            return where
        case _:
            return f"{where}!{inside}"


# --- counting -----------------------------------------------------------------------------------------------------


def _start(day: int) -> int:
    return day * DAY


def _above(db: apsw.Connection, plan: _Plan, edge: _Edge) -> int:
    """The rows of a plan that are newer than an edge, whatever its own edges."""
    if edge >= _NEWEST:
        return 0
    if plan.counter is None:
        return _between(db, plan, edge, _NEWEST)
    day = edge[0] // DAY
    newer = db.execute(
        f"SELECT coalesce(sum({plan.counter}), 0) FROM tally WHERE source = ? AND day > ?", (plan.source, day)
    ).get
    return int(newer) + (_between(db, plan, edge, (_start(day + 1), LOWEST)) if edge > _OLDEST else 0)


def _between(db: apsw.Connection, plan: _Plan, low: _Edge, high: _Edge) -> int:
    found = db.execute(
        f"SELECT count(*) FROM {plan.tables} WHERE {_bounded(plan)}",
        (*plan.values, *low, *high),
    ).get
    return int(found)


def _count(db: apsw.Connection, plan: _Plan | None) -> int:
    if plan is None:
        return 0
    if plan.counter and (plan.low, plan.high) == (_OLDEST, _NEWEST):
        return _number(db, f"SELECT {plan.counter} FROM totals WHERE source = ?", plan.source)
    if plan.counter:
        return max(0, _above(db, plan, plan.low) - _above(db, plan, plan.high))
    return _between(db, plan, plan.low, plan.high)


def _day_of(db: apsw.Connection, plan: _Plan, n: int) -> tuple[int | None, int]:
    """The day in which row `n` (from the newest of all) stands, and how many of that day's rows are newer than it."""
    days = db.execute(f"SELECT day, {plan.counter} FROM tally WHERE source = ? ORDER BY day DESC", (plan.source,))
    for day, rows in days:
        if n < rows:
            return day, n
        n -= rows
    return None, n
