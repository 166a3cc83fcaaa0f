"""What was done to the marks, newest last, so that it can be taken back and done again.

Decided only here: which action is the next to be taken back: the last one of this session, and when there is none, of
the session before, either with what commands did since it began; which is the next to be done again: the one taken back
last, unless something new was done since; and how many actions are remembered.

A session is one run of one process; that of a command has a name that tells (`COMMAND`). What happened without the
reader's asking (`UNASKED`) is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import apsw

SYNCED = "synced"

UNASKED = ("opened", "late", "rules", SYNCED)
"""Read because it was opened; written later because it could not be at the time; what rules did to what arrived; set as
a server has it."""

UNDO, REDO = "undo", "redo"

COMMAND = "command-"
"""What the name of a command's session begins with: it has no window in which it could be taken back."""

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


def sessions(db: apsw.Connection, own: str, begun: int) -> list[list[str]]:
    """The sessions whose actions are taken back, those of the first list first: `own` with the commands since its
    beginning, after action `begun`; and the window before, with the commands since its."""
    window = f"n <= ? AND {_OURS} AND session NOT GLOB '{COMMAND}*'"
    row = db.execute(f"SELECT session FROM actions WHERE {window} ORDER BY n DESC LIMIT 1", (begun,)).fetchone()
    before = "" if row is None else str(row[0])
    first = db.execute("SELECT coalesce(min(n), 0) FROM actions WHERE session = ?", (before,)).get
    return [[own, *_commands(db, begun, newest(db))], [before, *_commands(db, first, begun)]]


def _commands(db: apsw.Connection, after: int, until: int) -> list[str]:
    query = f"SELECT DISTINCT session FROM actions WHERE n > ? AND n <= ? AND session GLOB '{COMMAND}*'"
    return [name for (name,) in db.execute(query, (after, until))]


def last_done(db: apsw.Connection, sessions: Iterable[list[str]]) -> Action | None:
    """What would be taken back: the last action of the first sessions that have one which stands."""
    for several in sessions:
        row = db.execute(
            f"SELECT a.n, a.what FROM actions a WHERE a.session IN ({', '.join('?' * len(several))}) AND {_OURS}"
            f" AND coalesce({_FATE}, ?) = ? ORDER BY a.n DESC LIMIT 1",
            (*several, REDO, REDO),
        ).fetchone()
        if row is not None:
            return Action(*row)
    return None


def last_undone(db: apsw.Connection, sessions: Iterable[list[str]]) -> Action | None:
    """What would be done again: the action that was taken back last, if nothing new was done after that."""
    wanted = [name for several in sessions for name in several]
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
        "SELECT k.story, k.key, c.mark, c.old, c.new FROM changes c JOIN keys k ON k.story = c.story"
        " WHERE c.action = ? ORDER BY c.seq",
        (action,),
    ).fetchall()
    return rows
