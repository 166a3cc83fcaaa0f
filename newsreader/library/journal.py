"""What was done to the marks, newest last, so that it can be taken back and done again.

Owns: every query of `actions` and `changes`. Decided only here: which action is the next to be taken back: the last one
of this session, and when there is none, of the session before; which is the next to be done again: the one taken back
last, unless something new was done since; and how many actions are remembered. Never: the marks themselves.

A session is one run of one process. What happened without the reader's asking (`UNASKED`) is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import apsw

UNASKED = ("opened", "late")
"""Read because it was opened; written later because it could not be at the time."""

UNDO, REDO = "undo", "redo"

_REMEMBERED = 2000
_FORGET_EVERY = 100

_OURS = f"of IS NULL AND what NOT IN ({', '.join(repr(what) for what in UNASKED)})"
_FATE = "(SELECT u.what FROM actions u WHERE u.of = a.n ORDER BY u.n DESC LIMIT 1)"


class Action(NamedTuple):
    """Something done to marks: its number, and what."""

    n: int
    what: str


def begin(db: apsw.Connection, now: int, session: str, what: str, of: int | None = None) -> int:
    """The number of a new action; `of`: the action that it takes back or does again. Within a transaction."""
    db.execute("INSERT INTO actions (at, session, what, of) VALUES (?, ?, ?, ?)", (now, session, what, of))
    n = db.last_insert_rowid()
    if n % _FORGET_EVERY == 0:
        db.execute("DELETE FROM changes WHERE action <= ?", (n - _REMEMBERED,))
        db.execute("DELETE FROM actions WHERE n <= ?", (n - _REMEMBERED,))
    return n


def next_seq(db: apsw.Connection) -> int:
    """The number of the next change; none is ever used twice."""
    found = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
    return 1 if found is None else int(found[0]) + 1


def note(db: apsw.Connection, changes: Iterable[tuple[int, int, int, str, str | None, str | None]]) -> None:
    """Put changes down: (seq, action, story, mark, old value, new value)."""
    db.executemany("INSERT INTO changes (seq, action, story, mark, old, new) VALUES (?, ?, ?, ?, ?, ?)", changes)


def newest(db: apsw.Connection) -> int:
    """The number of the last action, 0 if there is none."""
    return int(db.execute("SELECT coalesce(max(n), 0) FROM actions").get)


def session_before(db: apsw.Connection, n: int) -> str:
    """The session that did something last up to action `n`; "" if none did."""
    row = db.execute(f"SELECT session FROM actions WHERE n <= ? AND {_OURS} ORDER BY n DESC LIMIT 1", (n,)).fetchone()
    return "" if row is None else str(row[0])


def last_done(db: apsw.Connection, sessions: Iterable[str]) -> Action | None:
    """What would be taken back: the last action of the first session that has one which stands."""
    for session in sessions:
        row = db.execute(
            f"SELECT a.n, a.what FROM actions a WHERE a.session = ? AND {_OURS}"
            f" AND coalesce({_FATE}, ?) = ? ORDER BY a.n DESC LIMIT 1",
            (session, REDO, REDO),
        ).fetchone()
        if row is not None:
            return Action(*row)
    return None


def last_undone(db: apsw.Connection, sessions: Iterable[str]) -> Action | None:
    """What would be done again: the action that was taken back last, if nothing new was done after that."""
    wanted = tuple(sessions)
    holes = ", ".join("?" * len(wanted))
    row = db.execute(
        f"SELECT a.n, a.what, (SELECT max(u.n) FROM actions u WHERE u.of = a.n) AS back FROM actions a"
        f" WHERE a.session IN ({holes}) AND {_OURS} AND {_FATE} = ?"
        f" AND back > (SELECT max(n) FROM actions WHERE session IN ({holes}) AND {_OURS})"
        " ORDER BY back DESC LIMIT 1",
        (*wanted, UNDO, *wanted),
    ).fetchone()
    return None if row is None else Action(*row[:2])


def changes_of(db: apsw.Connection, action: int) -> list[tuple[int, str, str, str | None, str | None]]:
    """What an action changed: (story, key, mark, value before, value after)."""
    rows: list[Any] = db.execute(
        "SELECT c.story, k.key, c.mark, c.old, c.new FROM changes c JOIN keys k ON k.story = c.story"
        " WHERE c.action = ? ORDER BY c.seq",
        (action,),
    ).fetchall()
    return rows
