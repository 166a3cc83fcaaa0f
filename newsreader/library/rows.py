"""What the list shows: pages of rows, where a row stands, how many there are.

Decided only here: which index serves which view. Sorted otherwise, a page costs the same, a rank a walk over the rows
before it, in an index that holds all it needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias

import apsw

from newsreader.library.db import HIGHEST, LOWEST, sid, snapshot, story_of
from newsreader.summary import Summary

DAY = 86_400_000
"""Milliseconds of a day of the counts (UTC)."""

Place: TypeAlias = tuple[Any, str]
"""Where a row stands among all, the greatest first: what its view is sorted by (Summary.order), and its id."""

Sort: TypeAlias = Literal["date", "source", "length", "title"]
"""What a view is sorted by: newest first; sources by name, each newest first; longest first; titles by alphabet and
pinyin."""

SORTS: tuple[Sort, ...] = ("date", "source", "length", "title")


class View(NamedTuple):
    """What the list shows, and in which order: all, or what fulfils every condition. `source`, `topic` and `tag` are
    names; `since` (inclusive) and `until` (exclusive) are milliseconds UTC; `query` is one of search.query's."""

    source: str | None = None
    unread: bool = False
    starred: bool = False
    since: int | None = None
    until: int | None = None
    topic: str | None = None
    tag: str | None = None
    sort: Sort = "date"
    query: str = ""


ALL = View()


class Counts(NamedTuple):
    """How many stories a view has, and how many of them are unread."""

    stories: int
    unread: int


class SourceRow(NamedTuple):
    """A source that has stories."""

    name: str
    stories: int
    unread: int


_Edge: TypeAlias = tuple[Any, int]
"""(what is sorted by, sid): a row stands between two edges, on neither."""

OF_SOURCE = (
    "(s.source = ? OR s.sources IS NOT NULL AND"
    " EXISTS (SELECT 1 FROM story_sources WHERE source = ? AND time = s.time AND sid = s.sid))"
)
"""Whether a row `s` of stories has a source, whose number is asked for twice."""

_BELONGS: dict[str, str] = {
    "tag": "EXISTS (SELECT 1 FROM story_tags WHERE tag = ? AND time = s.time AND sid = s.sid)",
    "topic": "EXISTS (SELECT 1 FROM story_topics WHERE topic = ? AND time = s.time AND sid = s.sid)",
    "source": OF_SOURCE,
}

_FAR = 10**15  # milliseconds: beyond every date, and small enough to count its days
_OLDEST: _Edge = (LOWEST, LOWEST)
_NEWEST: _Edge = (HIGHEST, HIGHEST)
_LAST_KEY: _Edge = (b"", LOWEST)
_FIRST_KEY: _Edge = (b"\xff" * 8, HIGHEST)  # no key begins with so many: each ends with one

_KEYS: dict[Sort, str] = {"date": "time", "source": "source_key", "length": "length", "title": "title_key"}
_BY_KEY: dict[Sort, str] = {"source": "by_source_key", "length": "by_length", "title": "by_title_key"}

FEW = 5000
"""So many rows are sorted in a moment; more are read in the order of an index, past what a filter leaves out."""


class _Plan(NamedTuple):
    """How to read a view: the tables, the conditions and their values, the column that it is sorted by, the source (0:
    all) and column of the counts that count it, if any do, and the edges between which it lies."""

    tables: str
    where: str
    values: tuple[Any, ...]
    key: str
    sid: str
    source: int
    counter: str | None
    low: _Edge
    high: _Edge


def page(
    db: apsw.Connection, view: View, *, after: Place | None = None, before: Place | None = None, limit: int = 64
) -> list[Summary]:
    """The first rows of a view; those next after the place `after`; or those next before `before`, which stand in the
    view's order as well."""
    plan = _plan(db, view)
    if plan is None:
        return []
    if before is not None:
        rows = _rows(db, plan, max(plan.low, _edge(before)), plan.high, limit, upwards=True)
        return rows[::-1]
    return _rows(db, plan, plan.low, plan.high if after is None else min(plan.high, _edge(after)), limit)


def last(db: apsw.Connection, view: View) -> Summary | None:
    """The last row of a view."""
    plan = _plan(db, view)
    return None if plan is None else next(iter(_rows(db, plan, plan.low, plan.high, 1, upwards=True)), None)


def rank(db: apsw.Connection, view: View, place: Place) -> int:
    """How many rows of a view stand before a place, which need not be one of its rows."""
    with snapshot(db):
        plan = _plan(db, view)
        if plan is None:
            return 0
        if view.sort != "date":
            return _between(db, plan, _edge(place), plan.high)
        return max(0, _above(db, plan, max(_edge(place), plan.low)) - _above(db, plan, plan.high))


def nth(db: apsw.Connection, view: View, n: int) -> Summary | None:
    """The row that has `n` before it in its view; None if there are not so many."""
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
        row = db.execute(
            f"SELECT {plan.sid} FROM {plan.tables} WHERE {_bounded(plan)}"
            f" ORDER BY {plan.key} DESC, {plan.sid} DESC LIMIT 1 OFFSET ?",
            (*plan.values, *low, *high, n),
        ).fetchone()
        return None if row is None else summary(db, row[0], view)


def counts(db: apsw.Connection, view: View) -> Counts:
    """How many rows a view has, and how many of them are unread."""
    with snapshot(db):
        view = view._replace(sort="date")
        stories = _count(db, _plan(db, view))
        if view.unread:
            return Counts(stories, stories)
        return Counts(stories, _count(db, _plan(db, view._replace(unread=True))))


def unread_of(db: apsw.Connection, view: View) -> list[tuple[int, str, str]]:
    """The unread rows of a view: (sid, key, edition)."""
    plan = _plan(db, view._replace(unread=True, sort="date"))
    if plan is None:
        return []
    found: list[Any] = db.execute(
        f"SELECT s.sid, s.key, s.edition FROM {plan.tables} WHERE {_bounded(plan)}",
        (*plan.values, *plan.low, *plan.high),
    ).fetchall()
    return found


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


def narrow(db: apsw.Connection, stories: Iterable[tuple[int, int]]) -> None:
    """Say which stories (time, sid) the query of a view finds, until this is said again: on this connection only."""
    db.execute(
        "CREATE TEMP TABLE IF NOT EXISTS narrowed (time INTEGER, sid INTEGER, PRIMARY KEY (time, sid)) WITHOUT ROWID"
    )
    db.execute("SAVEPOINT narrow; DELETE FROM narrowed")
    db.executemany("INSERT INTO narrowed VALUES (?, ?)", stories)
    db.execute("RELEASE narrow")


def days(db: apsw.Connection, source: str | None = None) -> list[tuple[int, int, int]]:
    """The days (UTC, since 1970) that have stories, the newest first: how many, and how many unread."""
    n = 0 if source is None else _number(db, "SELECT n FROM sources WHERE name = ?", source)
    if source is not None and not n:
        return []
    found: list[Any] = db.execute(
        "SELECT day, stories, unread FROM counts WHERE source = ? AND stories > 0 ORDER BY day DESC", (n,)
    ).fetchall()
    return found


def summary(db: apsw.Connection, story: int, view: View = ALL) -> Summary | None:
    """The row of one story, by its number, as a view would show it, whether or not it does."""
    n = 0 if view.source is None else _number(db, "SELECT n FROM sources WHERE name = ?", view.source)
    source = f"iif({OF_SOURCE}, ?, s.source)" if n else "s.source"
    row = db.execute(
        f"SELECT s.{_KEYS[view.sort]}, {_COLUMNS} FROM stories s {_joins(source)} WHERE s.sid = ?",
        (*[n] * source.count("?"), story),
    ).fetchone()
    return None if row is None else _summary(row)


# --- how a view is read -------------------------------------------------------------------------------------------


def _plan(db: apsw.Connection, view: View) -> _Plan | None:
    """None where the view names a source or topic that there is not."""
    plan = _by_date(db, view)
    return plan if plan is None or view.sort == "date" else _sorted(db, view, plan)


def _by_date(db: apsw.Connection, view: View, order: str = "") -> _Plan | None:
    """The plan of a view, the newest first. `order`: the index of stories to read instead of what has fewest rows."""
    source = 0 if view.source is None else _number(db, "SELECT n FROM sources WHERE name = ?", view.source)
    topic = 0 if view.topic is None else _number(db, "SELECT n FROM topics WHERE name = ?", view.topic)
    if (view.source is not None and not source) or (view.topic is not None and not topic):
        return None
    belongs = {"tag": view.tag, "topic": topic or None, "source": source or None}
    first = next((what for what, value in belongs.items() if value is not None), "")
    if view.query or order or (first == "source" and view.starred):
        first = ""
    where = ["s.read = 0"] * view.unread + ["s.starred = 1"] * view.starred
    values: list[Any] = []
    for what, value in belongs.items():
        if value is not None and what == first:
            where.append(f"t.{what} = ?")
            values.append(value)
        elif value is not None:
            where.append(_BELONGS[what])
            values += [value] * _BELONGS[what].count("?")
    if view.query:
        tables = "narrowed t CROSS JOIN stories s ON s.sid = t.sid AND s.time = t.time"
    elif first:
        index = " INDEXED BY unread_by_source" if first == "source" and view.unread else ""
        where += ["t.read = 0"] * bool(index)
        tables = f"story_{first}s t{index} CROSS JOIN stories s ON s.sid = t.sid"
    else:
        index = order or ("starred" if view.starred else "unread" if view.unread else "by_time")
        tables = f"stories s INDEXED BY {index}"
    counter: str | None = "starred" if view.starred else "unread" if view.unread else "stories"
    if view.query or first in ("tag", "topic") or (view.starred and view.unread):
        counter = None
    key, number = ("t.time", "t.sid") if view.query or first else ("s.time", "s.sid")
    low = _OLDEST if view.since is None else (view.since - 1, HIGHEST)
    high = _NEWEST if view.until is None else (view.until - 1, HIGHEST)
    return _Plan(tables, " AND ".join(where) or "1", tuple(values), key, number, source, counter, low, high)


def _sorted(db: apsw.Connection, view: View, plan: _Plan) -> _Plan:
    """The same rows in another order: a plan for few rows finds and sorts them, one for many reads them in order."""
    if plan.counter and _count(db, plan) > FEW:
        plan = _by_date(db, view, _BY_KEY[view.sort]) or plan
    low, high = (_OLDEST, _NEWEST) if view.sort == "length" else (_LAST_KEY, _FIRST_KEY)
    return plan._replace(
        where=f"{plan.where} AND ({plan.key}, {plan.sid}) > (?, ?) AND ({plan.key}, {plan.sid}) < (?, ?)",
        values=(*plan.values, *plan.low, *plan.high),
        key=f"s.{_KEYS[view.sort]}",
        sid="s.sid",
        counter=None,
        low=low,
        high=high,
    )


def _number(db: apsw.Connection, query: str, value: str | int) -> int:
    row = db.execute(query, (value,)).fetchone()
    return 0 if row is None else int(row[0])


def _edge(place: Place) -> _Edge:
    order, story = place
    return min(max(order, -_FAR), _FAR) if isinstance(order, int) else order, sid(story)


def _bounded(plan: _Plan) -> str:
    row = f"({plan.key}, {plan.sid})"
    return f"{plan.where} AND {row} > (?, ?) AND {row} < (?, ?)"


_COLUMNS = (
    "s.sid, s.key, s.title, s.url, c.name, s.time, s.published, s.exact, s.read, s.starred, s.tags, s.changed,"
    " s.revisions, a.root, a.kind, d.name"
)


def _joins(source: str) -> str:
    """What a row takes from other tables; `source`: the number of the source that it names."""
    return (
        f"CROSS JOIN sources c ON c.n = {source}"
        " CROSS JOIN dumps d ON d.n = s.dump CROSS JOIN archives a ON a.n = d.archive"
    )


def _rows(
    db: apsw.Connection, plan: _Plan, low: _Edge, high: _Edge, limit: int, *, upwards: bool = False
) -> list[Summary]:
    way = "" if upwards else " DESC"
    joins = _joins(str(plan.source or "s.source"))
    found = db.execute(
        f"SELECT {plan.key}, {_COLUMNS} FROM {plan.tables} {joins} WHERE {_bounded(plan)}"
        f" ORDER BY {plan.key}{way}, {plan.sid}{way} LIMIT ?",
        (*plan.values, *low, *high, limit),
    )
    try:
        return [_summary(row) for row in found]
    except (TypeError, ValueError, AttributeError) as error:
        raise apsw.CorruptError(str(error)) from error


def _summary(row: Any) -> Summary:
    order, number, key, title, url, source, time, published, exact, read, starred, tags, changed, revisions, *dump = row
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
        order=order,
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
        f"SELECT coalesce(sum({plan.counter}), 0) FROM counts WHERE source = ? AND day > ?", (plan.source, day)
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
    days = db.execute(f"SELECT day, {plan.counter} FROM counts WHERE source = ? ORDER BY day DESC", (plan.source,))
    for day, rows in days:
        if n < rows:
            return day, n
        n -= rows
    return None, n
