"""What the list is asked for, and how SQLite answers it: the one way from a View to SQL.

Decided only here: what each field of a View asks of a story; which table or index serves which view, between which
edges; and when the counts answer how many there are. Sorted otherwise than by date, a page costs the same, a rank a
walk over the rows before it, in an index that holds all it needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import apsw

from newsreader.library.counts import DAY
from newsreader.library.db import HIGHEST, LOWEST

Place: TypeAlias = tuple[Any, str]
"""Where a row stands among all, the greatest first: what its view is sorted by (Summary.order), and its id."""

Sort: TypeAlias = Literal["date", "source", "length", "title"]
"""What a view is sorted by: newest first; sources by name, each newest first; longest first; titles by alphabet and
pinyin."""

SORTS: tuple[Sort, ...] = ("date", "source", "length", "title")


class View(NamedTuple):
    """What the list shows, and in which order: all, or what fulfils every condition. `source`, `topic` and `tag` are
    names, `sources` several of which any may be; `since` (inclusive) and `until` (exclusive) are milliseconds UTC;
    `query` is one of search.query's."""

    source: str | None = None
    unread: bool = False
    starred: bool = False
    since: int | None = None
    until: int | None = None
    topic: str | None = None
    tag: str | None = None
    sort: Sort = "date"
    query: str = ""
    sources: tuple[str, ...] = ()


ALL: Final = View()
"""Every story, the newest first."""

Condition: TypeAlias = tuple[str, tuple[Any, ...]]
"""SQL that holds for a row `s` of stories or not, and its values."""

Edge: TypeAlias = tuple[Any, int]
"""(what is sorted by, sid): a row stands between two edges, on neither."""

KEYS: Final[dict[Sort, str]] = {
    "date": "s.time",
    "source": "s.source_key",
    "length": "s.length",
    "title": "s.title_key",
}
"""The column that a view is sorted by."""

FEW = 5000
"""So many rows are sorted in a moment; more are read in the order of an index, past what a filter leaves out."""

_FAR: Final = 10**15  # milliseconds: beyond every date, and small enough to count its days
_OLDEST: Final[Edge] = (LOWEST, LOWEST)
_NEWEST: Final[Edge] = (HIGHEST, HIGHEST)
_LAST_KEY: Final[Edge] = (b"", LOWEST)
_FIRST_KEY: Final[Edge] = (b"\xff" * 8, HIGHEST)  # no key begins with so many: each ends with one

_BY_KEY: Final[dict[Sort, str]] = {"source": "by_source_key", "length": "by_length", "title": "by_title_key"}

_LISTS: Final = {
    "query": ("narrowed", "1"),
    "tag": ("story_tags", "t.tag = ?"),
    "topic": ("story_topics", "t.topic = ?"),
    "source": ("story_sources", "t.source = ?"),
}
"""The tables that list, by (time, sid), the stories that have what a field asks for. The first of them leads."""


class Plan(NamedTuple):
    """How to read a view: the tables, the condition, the columns that it is sorted by, the source (0: all) and column
    of the counts that count it, if any do, and the edges between which it lies."""

    tables: str
    condition: Condition
    key: str
    sid: str
    source: int
    counter: str | None
    low: Edge
    high: Edge

    def between(self, low: Edge, high: Edge) -> Condition:
        """What holds for the rows of the view that stand between two edges."""
        row = f"({self.key}, {self.sid})"
        return joined([self.condition, (f"{row} > (?, ?) AND {row} < (?, ?)", (*low, *high))])


def conditions(db: apsw.Connection, view: View) -> dict[str, Condition]:
    """What a view asks of a story, by the field that asks it."""
    asked: dict[str, Condition] = {}
    if view.source is not None:
        n = _number(db, "sources", view.source)
        asked["source"] = f"s.source = ? OR s.sources IS NOT NULL AND {_listed('source')}", (n, n)
    if view.sources:
        some = f"IN ({', '.join(str(_number(db, 'sources', name)) for name in view.sources)})"
        also = f"SELECT 1 FROM story_sources t WHERE t.source {some} AND t.time = s.time AND t.sid = s.sid"
        asked["sources"] = f"s.source {some} OR s.sources IS NOT NULL AND EXISTS ({also})", ()
    if view.unread:
        asked["unread"] = "s.read = 0", ()
    if view.starred:
        asked["starred"] = "s.starred = 1", ()
    if view.since is not None:
        asked["since"] = "s.time >= ?", (tame(view.since),)
    if view.until is not None:
        asked["until"] = "s.time < ?", (tame(view.until),)
    if view.query:
        asked["query"] = _listed("query"), ()
    if view.tag is not None:
        asked["tag"] = _listed("tag"), (view.tag,)
    if view.topic is not None:
        asked["topic"] = _listed("topic"), (_number(db, "topics", view.topic),)
    return asked


def joined(conditions: Iterable[Condition]) -> Condition:
    """All of several conditions."""
    every = list(conditions)
    return " AND ".join(f"({sql})" for sql, _ in every) or "1", tuple(value for _, values in every for value in values)


def tame(time_ms: int) -> int:
    """A time that is no further than any date."""
    return min(max(time_ms, -_FAR), _FAR)


def plan(db: apsw.Connection, view: View) -> Plan:
    """How to read a view. A plan for few rows in another order finds and sorts them, one for many reads them in it."""
    found = _by_date(db, view)
    if view.sort == "date":
        return found
    if found.counter and count(db, found) > FEW:
        found = _by_date(db, view, _BY_KEY[view.sort])
    low, high = (_OLDEST, _NEWEST) if view.sort == "length" else (_LAST_KEY, _FIRST_KEY)
    dated = found.between(found.low, found.high)
    return found._replace(condition=dated, key=KEYS[view.sort], sid="s.sid", counter=None, low=low, high=high)


def _by_date(db: apsw.Connection, view: View, index: str = "") -> Plan:
    """The plan of a view, the newest first; with an `index` of stories it reads that, whatever else has fewer rows."""
    asked = conditions(db, view)
    low = (asked.pop("since")[1][0] - 1, HIGHEST) if view.since is not None else _OLDEST
    high = (asked.pop("until")[1][0] - 1, HIGHEST) if view.until is not None else _NEWEST
    source = asked["source"][1][0] if "source" in asked else 0
    counter: str | None = "starred" if view.starred else "unread" if view.unread else "stories"
    own = "s"
    leading = next((field for field in _LISTS if field in asked), None)
    if leading == "source" and (index or view.starred):
        leading = None
    if leading:
        table, which = _LISTS[leading]
        asked[leading] = which, asked[leading][1][:1]
        by = ""
        if leading == "source" and view.unread:
            by, asked["unread"] = " INDEXED BY unread_by_source", ("t.read = 0", ())
        tables, own = f"{table} t{by} CROSS JOIN stories s ON s.sid = t.sid AND s.time = t.time", "t"
    else:
        tables = f"stories s INDEXED BY {index or ('by_time' if counter == 'stories' else counter)}"
    if leading not in (None, "source") or (view.starred and view.unread) or view.sources:
        counter = None
    return Plan(tables, joined(asked.values()), f"{own}.time", f"{own}.sid", source, counter, low, high)


def _listed(field: str) -> str:
    table, which = _LISTS[field]
    return f"EXISTS (SELECT 1 FROM {table} t WHERE {which} AND t.time = s.time AND t.sid = s.sid)"


def _number(db: apsw.Connection, table: str, name: str) -> int:
    """The number of a source or topic; one that no story has where there is none of that name."""
    row = db.execute(f"SELECT n FROM {table} WHERE name = ?", (name,)).fetchone()
    return -1 if row is None else int(row[0])


# --- how many there are -------------------------------------------------------------------------------------------


def count(db: apsw.Connection, plan: Plan) -> int:
    """How many rows a plan finds."""
    if not plan.counter or (plan.low, plan.high) != (_OLDEST, _NEWEST):
        return rank(db, plan, plan.low)
    total = db.execute(f"SELECT {plan.counter} FROM totals WHERE source = ?", (plan.source,)).fetchone()
    return 0 if total is None else int(total[0])


def exists(db: apsw.Connection, view: View) -> bool:
    """Whether a view has any row."""
    found = plan(db, view)
    where, values = found.between(found.low, found.high)
    return bool(db.execute(f"SELECT EXISTS (SELECT 1 FROM {found.tables} WHERE {where})", values).get)


def rank(db: apsw.Connection, plan: Plan, edge: Edge) -> int:
    """How many rows of a plan stand before an edge."""
    edge = max(edge, plan.low)
    if edge >= plan.high:
        return 0
    return _above(db, plan, edge) - _above(db, plan, plan.high) if plan.counter else _between(db, plan, edge, plan.high)


def within_day(db: apsw.Connection, plan: Plan, n: int) -> tuple[Plan, int] | None:
    """The plan that lies within the day in which row `n` stands, where the counts tell it, and how many rows stand
    before that one there; None if there are not so many."""
    if not plan.counter:
        return plan, n
    n += _above(db, plan, plan.high)
    days = db.execute(f"SELECT day, {plan.counter} FROM counts WHERE source = ? ORDER BY day DESC", (plan.source,))
    for day, rows in days:
        if n < rows:
            return plan._replace(high=((day + 1) * DAY, LOWEST)), n
        n -= rows
    return None


def _above(db: apsw.Connection, plan: Plan, edge: Edge) -> int:
    """The rows that are newer than an edge, of a plan that is counted, whatever its own edges."""
    if edge >= _NEWEST:
        return 0
    day = edge[0] // DAY
    newer = db.execute(
        f"SELECT coalesce(sum({plan.counter}), 0) FROM counts WHERE source = ? AND day > ?", (plan.source, day)
    ).get
    return int(newer) + (_between(db, plan, edge, ((day + 1) * DAY, LOWEST)) if edge > _OLDEST else 0)


def _between(db: apsw.Connection, plan: Plan, low: Edge, high: Edge) -> int:
    where, values = plan.between(low, high)
    return int(db.execute(f"SELECT count(*) FROM {plan.tables} WHERE {where}", values).get)
