"""What a query finds, page by page.

Decided only here: the order of what is found. By date: the newest first. By rank: what has it all in its title, the
newest first; then the newest of the others by how well they fit (ranking): up to `RANKED` of the newest `RECENT`
stories, or a `PAGE` where these have fewer, as a rare phrase is looked for in many more; then the rest, the newest
first. After either, in any order, what has another name of a word, then what has a word that sounds so, each titles
first, then what has words in an appendix (tiers).

What FTS5 can answer alone (text and fields, with AND, OR and NOT) is one expression of its, walked from the newest day
on, so that a page of a frequent word reads no more than it shows. Marks are conditions on the rows; where few rows have
one, those rows are walked instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from heapq import nlargest
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import apsw

from newsreader.library.counts import DAY
from newsreader.library.db import HIGHEST, LOWEST
from newsreader.library.search.documents import ANY, MARKS
from newsreader.library.search.query import And, Dates, Is, Length, Node, Not, Or, Tag, Text, conjuncts, rebuilt, texts
from newsreader.library.search.ranking import FITNESS
from newsreader.library.search.tiers import (
    BY_APPENDIX,
    BY_DATE,
    BY_NAME,
    BY_RANK,
    BY_SOUND,
    IN_TITLE,
    divided,
    first,
    meant,
    wide,
)
from newsreader.library.search.tokens import is_word, tokens, written
from newsreader.library.search.word_index import day_of, first_of_day
from newsreader.library.views import Condition, View, conditions, joined, tame
from newsreader.script import fold

Order: TypeAlias = Literal["rank", "date"]

RANKED: Final = 1000
RECENT: Final = 100_000
PAGE: Final = 64

_FEW: Final = 3000
"""So many rows with a mark are walked rather than everything that a query finds."""


class Cursor(NamedTuple):
    """Where a hit stands: the part of the order, what that is ordered by (the greatest first), and the story."""

    part: int
    key: float
    sid: int


def find(
    db: apsw.Connection,
    query: Node,
    view: View,
    *,
    order: Order = "rank",
    after: Cursor | None = None,
    limit: int = 64,
    own_names: Path | None = None,
) -> list[Cursor]:
    """The first `limit` stories of a view that a query finds, or those after a hit. `own_names`: see names."""
    query = first(_by_names(db, query))
    plan = _plan(db, query, view)
    ranks = order == "rank" and plan.expression is not None and any(texts(query))
    found: list[Cursor] = []
    for part, answers in _parts(db, plan, ranks, query, view, own_names):
        if after is None or part >= after.part:
            edge = after if after is not None and part == after.part else None
            found += answers(edge, limit - len(found))
        if len(found) >= limit:
            break
    return found


def count(db: apsw.Connection, query: Node, view: View) -> int:
    """How many stories of a view a query finds, those that only sound so not among them."""
    query = wide(_by_names(db, query))
    plan = _plan(db, query, view)
    if plan.expression is not None and plan.where == "1":
        sql = "SELECT count(*) FROM texts CROSS JOIN docs d ON d.n = texts.rowid JOIN stories s ON s.sid = d.sid"
        return int(db.execute(f"{sql} WHERE texts MATCH ?", (plan.expression,)).get)
    where, values = joined([_condition(db, query), *conditions(db, view).values()])
    return int(db.execute(f"SELECT count(*) FROM stories s WHERE {where}", values).get)


def everything(db: apsw.Connection, query: Node) -> list[tuple[int, int]]:
    """All that a query finds, as (time, sid), in no order."""
    where, values = _condition(db, wide(_by_names(db, query)))
    found: list[Any] = db.execute(f"SELECT s.time, s.sid FROM stories s WHERE {where}", values).fetchall()
    return found


def among(db: apsw.Connection, query: Node, after: int, until: int | None) -> list[tuple[int, str, str]]:
    """What a query finds of the stories that came after the one of a number, and until another, appendices aside: their
    number (sid), key and edition."""
    where, values = _condition(db, first(_by_names(db, query)))
    bounds = (after, HIGHEST if until is None else until)
    sql = f"SELECT s.sid, s.key, s.edition FROM stories s WHERE s.n > ? AND s.n <= ? AND ({where})"
    found: list[Any] = db.execute(sql, (*bounds, *values)).fetchall()
    return found


_Part: TypeAlias = tuple[int, Callable[[Cursor | None, int], list[Cursor]]]


def _parts(
    db: apsw.Connection, plan: _Plan, ranks: bool, query: Node, view: View, own_names: Path | None
) -> Iterator[_Part]:
    if ranks:
        titles, others = _by_title(plan)
        yield IN_TITLE, lambda edge, limit: _newest(db, titles, IN_TITLE, edge, limit)
        best = cache(lambda: _best(db, others))  # asked for only where the titles do not fill the page
        yield BY_RANK, lambda edge, limit: _next(best()[0], edge, limit)
        yield BY_DATE, lambda edge, limit: _newest(db, others, BY_DATE, edge or best()[1], limit) if best()[1] else []
    else:
        yield BY_DATE, lambda edge, limit: _newest(db, plan, BY_DATE, edge, limit)
    words, rest = divided(query)
    earlier = words
    for part in (BY_NAME, BY_SOUND, BY_APPENDIX):
        node = meant(db, words, part, own_names)
        if node is not None:
            lower = _plan(db, And((node, *rest)), view)
            if lower.expression is not None and _is_pure(earlier):
                lower = _without(lower, _expression(And((earlier, *filter(_is_pure, rest), *_names(view)))))
            else:
                lower = _plan(db, And((node, Not(earlier), *rest)), view)
            yield from _lower(db, part, lower)
            earlier = Or((earlier, node))


def _lower(db: apsw.Connection, part: int, plan: _Plan) -> Iterator[_Part]:
    if plan.expression is None or part == BY_APPENDIX:
        yield part, lambda edge, limit: _newest(db, plan, part, edge, limit)
        return
    titles, others = _by_title(plan)
    yield part, lambda edge, limit: _newest(db, titles, part, edge, limit)
    yield part + 1, lambda edge, limit: _newest(db, others, part + 1, edge, limit)


# --- how a query is answered ----------------------------------------------------------------------------------------


class _Plan(NamedTuple):
    """`expression`: for FTS5, made of `pure`, or None; the conditions on rows and their values; the days (lowest and
    highest `n`) outside of which there is nothing; whether to walk rows; the table for the expression."""

    expression: str | None
    pure: Node
    where: str
    values: tuple[Any, ...]
    days: tuple[int, int] | None
    rows: bool
    table: str = "texts"


def _plan(db: apsw.Connection, query: Node, view: View) -> _Plan:
    pure = [*filter(_is_pure, conjuncts(query)), *_names(view)]
    others = [part for part in conjuncts(query) if not _is_pure(part)]
    marks = [*others, *(Is(mark) for mark, wanted in (("unread", view.unread), ("starred", view.starred)) if wanted)]
    asked = conditions(db, view)
    node = And(tuple(pure))
    conditioned = [*(_condition(db, part) for part in others), *asked.values()]
    if not pure or "tag" in asked or any(_is_rare(db, mark) for mark in marks):
        words = [(_ROW_MATCHES, (_expression(node),))] if pure else []
        return _Plan(None, And(()), *joined([*conditioned, *words]), None, True)
    where, values = joined(conditioned)
    return _Plan(_expression(node), node, where, values, _days([*others, Dates(view.since, view.until)]), False)


def _by_title(plan: _Plan) -> tuple[_Plan, _Plan]:
    """What of a plan has it all in its title, and the rest. The table of titles is a hundredth of that of texts, but
    knows nothing of what is excluded."""
    expression, table = _expression(plan.pure, title=True), "texts" if _excludes(plan.pure) else "titles"
    return plan._replace(expression=expression, table=table), _without(plan, expression, table)


def _without(plan: _Plan, expression: str, table: str = "texts") -> _Plan:
    """What of a plan an expression does not find: that is looked for only where the plan finds anything, and once."""
    low, high = plan.days or (LOWEST, HIGHEST)
    not_there = f"d.n NOT IN (SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?)"
    return plan._replace(where=f"({plan.where}) AND {not_there}", values=(*plan.values, expression, low, high))


def _excludes(node: Any) -> bool:
    return isinstance(node, Not) or (isinstance(node, And | Or) and any(map(_excludes, node.nodes)))


def _by_names(db: apsw.Connection, node: Any) -> Any:
    """The same query, in which a source is meant by any part of its name."""
    match node:
        case Text(row, field="source") if not node.quoted:
            wanted = "".join(row)
            names = [tokens(name) for (name,) in db.execute("SELECT name FROM sources")]
            parts = [Text(tuple(name), field="source") for name in names if wanted in "".join(name)]
            return Or((replace(node, prefix=node.prefix or is_word(row[-1])), *parts))
        case _:
            return rebuilt(node, lambda part: _by_names(db, part))


def _names(view: View) -> Iterator[Text]:
    """The source and topic of a view, for FTS5: they say less than the very names, which rows are asked for."""
    for field, name in (("source", view.source), ("topic", view.topic)):
        if name is not None and (row := tokens(name)):
            yield Text(tuple(row), field=field)


def _is_pure(node: Any) -> bool:
    """Whether FTS5 can answer it alone."""
    match node:
        case Text():
            return True
        case Not(inner):
            return _is_pure(inner)
        case And(nodes) | Or(nodes):
            return all(map(_is_pure, nodes))
        case _:
            return False


def _is_rare(db: apsw.Connection, node: Any) -> bool:
    match node:
        case Is("starred" | "unread" as what):
            total = "SELECT coalesce(sum(stories), 0), coalesce(sum({}), 0) FROM totals WHERE source = 0"
            stories, marked = db.execute(total.format(what)).get
            return bool(marked < max(_FEW, stories // 20))
        case Tag() | Is("tagged" | "changed"):
            return True
        case _:
            return False


def _days(parts: list[Any]) -> tuple[int, int] | None:
    low, high = LOWEST, HIGHEST
    for part in parts:
        if isinstance(part, Dates):
            low = low if part.since is None else max(low, first_of_day(tame(part.since)))
            high = high if part.until is None else min(high, first_of_day(tame(part.until) - 1 + DAY) - 1)
    return None if (low, high) == (LOWEST, HIGHEST) else (low, high)


# --- for FTS5 -------------------------------------------------------------------------------------------------------


def _expression(node: Any, *, title: bool = False) -> str:
    """A pure node as FTS5 takes it; `title`: what has no field must stand in the title."""
    match node:
        case Text(row, prefix, field):
            phrase = f'"{written(row, MARKS.get(field, ""))}"{" *" if prefix else ""}'
            return f"title : {phrase}" if field == "title" or (title and not field) else phrase
        case Or(nodes):
            return " OR ".join(f"({_expression(part, title=title)})" for part in nodes)
        case And(nodes):
            wanted = [part for part in nodes if not isinstance(part, Not)]
            # What is excluded is so wherever it stands.
            unwanted = [f"({_expression(part.node)})" for part in nodes if isinstance(part, Not)]
            all_of = " AND ".join(f"({_expression(part, title=title)})" for part in wanted) or f'"{ANY}"'
            return f"({all_of}) NOT ({' OR '.join(unwanted)})" if unwanted else all_of
        case Not(inner):
            return f'"{ANY}" NOT ({_expression(inner)})'
        case _:
            raise TypeError(node)


# --- for rows -------------------------------------------------------------------------------------------------------

_MATCHES: Final = "s.sid IN (SELECT d.sid FROM {0} CROSS JOIN docs d ON d.n = {0}.rowid WHERE {0} MATCH ?)"
_ROW_MATCHES: Final = "(SELECT n FROM docs WHERE sid = s.sid) IN (SELECT rowid FROM texts WHERE texts MATCH ?)"
"""The same of a row that is walked: SQLite cannot walk what is found in its stead."""
_IS: Final = {
    "unread": "s.read = 0",
    "read": "s.read = 1",
    "starred": "s.starred = 1",
    "changed": "s.changed = 1",
    "tagged": "s.tags IS NOT NULL",
}


def _condition(db: apsw.Connection, node: Any, *, inside: bool = False) -> Condition:
    """Any node as a condition on a row `s` of stories. `inside` an OR or a NOT no partial index is offered ("+"):
    SQLite 3.54 ends with "internal query planner error" where it would join several of them."""
    if _is_pure(node) and node != And(()):
        return _MATCHES.format("texts"), (_expression(node),)
    match node:
        case Is(what):
            return f"{'+' if inside else ''}{_IS[what]}", ()
        case Dates(since, until):
            return joined(conditions(db, View(since=since, until=until)).values())
        case Length(least, most):
            return "s.length BETWEEN ? AND ?", (least or 0, HIGHEST if most is None else most)
        case Tag(name):
            named = [tag for (tag,) in db.execute("SELECT DISTINCT tag FROM story_tags") if fold(tag) == name]
            return f"s.sid IN (SELECT sid FROM story_tags WHERE tag IN ({', '.join('?' * len(named))}))", tuple(named)
        case Not(inner):
            where, values = _condition(db, inner, inside=True)
            return f"NOT ({where})", values
        case And(nodes) | Or(nodes):
            parts = [_condition(db, part, inside=inside or isinstance(node, Or)) for part in nodes]
            whole = (" AND " if isinstance(node, And) else " OR ").join(f"({where})" for where, _ in parts)
            return whole or "1", tuple(value for _, values in parts for value in values)
        case _:
            raise TypeError(node)


# --- in order -------------------------------------------------------------------------------------------------------

_FOUND: Final = (
    "FROM {0} CROSS JOIN docs d ON d.n = {0}.rowid CROSS JOIN stories s ON s.sid = d.sid"
    " WHERE {0} MATCH ? AND {0}.rowid BETWEEN ? AND ? AND {1} ORDER BY {0}.rowid DESC"
)


def _newest(db: apsw.Connection, plan: _Plan, part: int, edge: Cursor | None, limit: int) -> list[Cursor]:
    """What a plan finds, the newest first, from an edge on."""
    if plan.rows:
        return _newest_rows(db, plan.where, plan.values, part, edge, limit)
    return [Cursor(part, time_ms, sid) for time_ms, sid, _ in _found(db, plan, "0", edge, limit)]


def _found(
    db: apsw.Connection, plan: _Plan, score: str, edge: Cursor | None, limit: int, enough_from: int = LOWEST
) -> list[tuple[int, int, float]]:
    """The newest that FTS5 finds, from an edge on: time, story and score; before a day (UTC) no more than a PAGE."""
    low, high = plan.days or (LOWEST, HIGHEST)
    if edge is not None:
        high = min(high, first_of_day(int(edge.key) + DAY) - 1)
    rows = db.execute(
        f"SELECT s.time, s.sid, {score} {_FOUND.format(plan.table, plan.where)}",
        (plan.expression, low, high, *plan.values),
    )
    found: list[tuple[int, int, float]] = []
    day = None
    for time_ms, sid, scored in rows:
        if edge is not None and (time_ms, sid) >= (edge.key, edge.sid):
            continue
        enough = limit if time_ms // DAY >= enough_from else min(limit, PAGE)
        if len(found) >= enough and time_ms // DAY != day:
            break  # within a day they come in any order
        found.append((time_ms, sid, scored))
        day = time_ms // DAY
    return sorted(found, reverse=True)[:limit]


def _newest_rows(
    db: apsw.Connection, where: str, values: tuple[Any, ...], part: int, edge: Cursor | None, limit: int
) -> list[Cursor]:
    bound = (HIGHEST, HIGHEST) if edge is None else (int(edge.key), edge.sid)
    rows = db.execute(
        f"SELECT s.time, s.sid FROM stories s WHERE {where} AND (s.time, s.sid) < (?, ?)"
        " ORDER BY s.time DESC, s.sid DESC LIMIT ?",
        (*values, *bound, limit),
    )
    return [Cursor(part, time_ms, sid) for time_ms, sid in rows]


def _best(db: apsw.Connection, plan: _Plan) -> tuple[list[Cursor], Cursor | None]:
    """The newest of what a plan finds, those that are ranked, the best first; and the last of them by date, if there
    may be more."""
    newest = _found(db, plan, f"{FITNESS}(texts)", None, RANKED, _recent(db, plan))
    last = Cursor(BY_DATE, *newest[-1][:2]) if len(newest) >= PAGE else None
    return sorted((Cursor(BY_RANK, score, sid) for _, sid, score in newest), reverse=True), last


def _recent(db: apsw.Connection, plan: _Plan) -> int:
    """The first of the days (UTC) that have the newest RECENT stories of the days of a plan."""
    _, high = plan.days or (LOWEST, HIGHEST)
    days = "SELECT day, sum(stories) OVER (ORDER BY day DESC) AS newer FROM counts WHERE source = 0 AND day <= ?"
    first = db.execute(f"SELECT max(day) FROM ({days}) WHERE newer >= ?", (day_of(high), RECENT)).get
    return LOWEST if first is None else int(first)


def _next(ranked: list[Cursor], edge: Cursor | None, limit: int) -> list[Cursor]:
    return nlargest(limit, (one for one in ranked if edge is None or one < edge))
