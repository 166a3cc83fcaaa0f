"""The rows of a view: pages of them, where one stands, how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

import apsw

from newsreader.library import views
from newsreader.library.db import AMONG, among, sid, snapshot, story_of
from newsreader.library.views import KEYS, Edge, Place, View
from newsreader.summary import Summary

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Counts(NamedTuple):
    """How many stories a view has, and how many of them are unread."""

    stories: int
    unread: int


class _Asked(Protocol):
    """An index with its marks (library.index)."""

    def ask(
        self, question: Callable[Concatenate[apsw.Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T: ...

    def marked(self, row: Summary) -> Summary: ...


class Rows:
    """The rows of one view of an index, in the view's order, as they are whenever this is asked. `narrow` is told the
    query of a view before every question, and sees to it that `narrow` below has said what it finds. Raises
    StorageFailed, and what `narrow` does."""

    def __init__(self, index: _Asked, view: View, narrow: Callable[[str], object]) -> None:
        self.view = view
        self._index = index
        self._narrow = narrow

    def page(self, *, after: Place | None = None, before: Place | None = None, limit: int = 64) -> list[Summary]:
        """The first rows; those next after the place `after`; or those next before the place `before`."""
        return list(map(self._index.marked, self._ask(_page, limit, after, before)))

    def last(self) -> Summary | None:
        """The last row."""
        return next(map(self._index.marked, self._ask(_page, 1, from_end=True)), None)

    def nth(self, n: int) -> Summary | None:
        """The row that has `n` before it; None if there are not so many."""
        return next(map(self._index.marked, self._ask(_nth, n)), None)

    def rank(self, place: Place) -> int:
        """How many rows stand before a place, which need not be one of theirs."""
        return self._ask(_rank, place)

    def summary(self, story: str) -> Summary | None:
        """The row of a story as it would stand here, whether or not it does; None if there is no such story."""
        return next(iter(self.summaries([story])), None)

    def summaries(self, stories: Iterable[str]) -> list[Summary]:
        """The rows of stories, in that order, without those that there are none of."""
        numbers = list(map(sid, stories))
        return list(map(self._index.marked, self._index.ask(_rows, numbers, self.view)))

    def has(self, row: Summary) -> bool:
        """Whether a row stands here, with the marks that it shows."""
        view = self.view
        fits = (row.starred or not view.starred) and not (row.read and view.unread)
        return fits and (view.tag is None or view.tag in row.tags) and self._ask(_has, sid(row.id))

    def counts(self) -> Counts:
        """How many rows there are, and how many of them are unread."""
        return self._ask(_counts)

    def unread(self) -> list[tuple[int, str, str]]:
        """The unread rows: (sid, key, edition)."""
        return self._ask(_keys, only_unread=True)

    def everything(self) -> list[tuple[int, str, str]]:
        """All rows: (sid, key, edition)."""
        return self._ask(_keys)

    def _ask(
        self, question: Callable[Concatenate[apsw.Connection, View, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        if self.view.query:
            self._narrow(self.view.query)
        return self._index.ask(question, self.view, *args, **kwargs)


def _page(
    db: apsw.Connection,
    view: View,
    limit: int,
    after: Place | None = None,
    before: Place | None = None,
    *,
    from_end: bool = False,
) -> list[Summary]:
    plan = views.plan(db, view)
    low = plan.low if before is None else max(plan.low, _edge(before))
    high = plan.high if after is None else min(plan.high, _edge(after))
    where, values = plan.between(low, high)
    upwards = from_end or before is not None
    way = "" if upwards else " DESC"
    joins = _joins(str(plan.source or "s.source"))
    found = _summaries(
        db,
        plan.key,
        f"{plan.tables} {joins} WHERE {where} ORDER BY {plan.key}{way}, {plan.sid}{way} LIMIT ?",
        (*values, limit),
    )
    return found[::-1] if upwards else found


def _nth(db: apsw.Connection, view: View, n: int) -> list[Summary]:
    with snapshot(db):
        there = views.within_day(db, views.plan(db, view), n) if n >= 0 else None
        if there is None:
            return []
        plan, n = there
        where, values = plan.between(plan.low, plan.high)
        # Only the row itself is joined, not those before it.
        row = db.execute(
            f"SELECT {plan.sid} FROM {plan.tables} WHERE {where} ORDER BY {plan.key} DESC, {plan.sid} DESC"
            " LIMIT 1 OFFSET ?",
            (*values, n),
        ).fetchone()
        return [] if row is None else _rows(db, row, view)


def _rank(db: apsw.Connection, view: View, place: Place) -> int:
    with snapshot(db):
        return views.rank(db, views.plan(db, view), _edge(place))


def _has(db: apsw.Connection, view: View, story: int) -> bool:
    asked = views.conditions(db, view._replace(unread=False, starred=False, tag=None))
    where, values = views.joined([("s.sid = ?", (story,)), *asked.values()])
    return bool(db.execute(f"SELECT EXISTS (SELECT 1 FROM stories s WHERE {where})", values).get)


def _counts(db: apsw.Connection, view: View) -> Counts:
    with snapshot(db):
        view = view._replace(sort="date")
        stories = views.count(db, views.plan(db, view))
        unread = stories if view.unread else views.count(db, views.plan(db, view._replace(unread=True)))
        return Counts(stories, unread)


def _keys(db: apsw.Connection, view: View, *, only_unread: bool = False) -> list[tuple[int, str, str]]:
    plan = views.plan(db, view._replace(unread=view.unread or only_unread, sort="date"))
    where, values = plan.between(plan.low, plan.high)
    found: list[Any] = db.execute(f"SELECT s.sid, s.key, s.edition FROM {plan.tables} WHERE {where}", values).fetchall()
    return found


def _rows(db: apsw.Connection, stories: Sequence[int], view: View) -> list[Summary]:
    of_source, values = views.conditions(db, View(source=view.source)).get("source", ("0", ()))
    joins = _joins(f"iif({of_source}, (SELECT n FROM sources WHERE name = ?), s.source)")
    asked = (*values, view.source, among(stories))
    rows = {row.id: row for row in _summaries(db, KEYS[view.sort], f"stories s {joins} WHERE s.sid IN {AMONG}", asked)}
    return [rows[story] for story in map(story_of, stories) if story in rows]


def _edge(place: Place) -> Edge:
    order, story = place
    return views.tame(order) if isinstance(order, int) else order, sid(story)


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


def _summaries(db: apsw.Connection, key: str, rest: str, values: tuple[Any, ...]) -> list[Summary]:
    try:
        return [_summary(row) for row in db.execute(f"SELECT {key}, {_COLUMNS} FROM {rest}", values)]
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


def narrow(db: apsw.Connection, stories: Iterable[tuple[int, int]]) -> None:
    """Say which stories (time, sid) the query of a view finds, until this is said again: on this connection only."""
    db.execute(
        "CREATE TEMP TABLE IF NOT EXISTS narrowed (time INTEGER, sid INTEGER, PRIMARY KEY (time, sid)) WITHOUT ROWID"
    )
    db.execute("SAVEPOINT narrow; DELETE FROM narrowed")
    db.executemany("INSERT INTO narrowed VALUES (?, ?)", stories)
    db.execute("RELEASE narrow")
