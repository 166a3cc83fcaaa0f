"""Damaged marks: a copy is set aside, and what can still be read goes into a new file, with what the backups have.

Decided only here: the copy's name, the order of the steps, each of which leaves the marks in one of two files whenever
we die, and which records are believed: those that some version of newsreader writes. A copy that was set aside is
never deleted.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TypeGuard

import apsw

from newsreader.library.backups import backups
from newsreader.library.db import beside, inode, locked, put_in_place
from newsreader.library.mark_kinds import PLACE, is_key, is_mark
from newsreader.library.schema import new_marks
from newsreader.library.sqlite_pages import Value, records

_FAR = 2**53
"""Beyond every number of an action or a change."""


class Salvaged(NamedTuple):
    """What became of damaged marks: the copy of the file ("" if there was no room for one), how many marks were read
    of it, how many more came from the backups, and of how many stories nothing but the key is left."""

    aside: str
    read: int
    restored: int
    lost: int


def salvage(path: Path) -> Salvaged:
    """Copy damaged marks beside themselves, and put a new file in their place. Raises OSError and apsw's errors; then
    nothing was changed."""
    import shutil

    node = inode(path)
    with locked(path.with_name(path.name + ".swap")):
        aside = path.with_name(f"{path.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.db")
        if inode(path) != node:
            return Salvaged(str(aside), 0, 0, 0)
        shutil.copy2(path, aside)
        for ending in ("-wal", "-journal"):
            if Path(f"{path}{ending}").exists():
                shutil.copy2(f"{path}{ending}", f"{aside}{ending}")
        with beside(path) as fresh:
            db = new_marks(fresh)
            try:
                read, restored, lost = bring_over(path, db)
            finally:
                db.close()
            put_in_place(fresh, path)
    return Salvaged(str(aside), read, restored, lost)


def bring_over(path: Path, target: apsw.Connection) -> tuple[int, int, int]:
    """Put into empty marks what can be read of those at a path, and what only the backups of it have: how many marks
    either gave, and how many stories are left without one. The history is another than before, so that every index
    reads all marks anew. Raises OSError and apsw's errors."""
    with target:
        _fill(target, records(path))
        target.execute(
            "INSERT OR IGNORE INTO marks SELECT c.story, c.mark, c.new, a.at, max(c.seq)"
            " FROM changes c JOIN actions a ON a.n = c.action GROUP BY c.story, c.mark"
        )
        read = target.execute("SELECT count(*) FROM marks").get
        for backup in backups(path):
            _fill(target, records(backup))
        every = target.execute("SELECT count(*) FROM marks").get
        target.execute("DELETE FROM keys WHERE story NOT IN (SELECT story FROM marks)")
        lost = target.changes()
        target.execute(
            "INSERT INTO sqlite_sequence SELECT 'changes', 0 WHERE NOT EXISTS"
            " (SELECT 1 FROM sqlite_sequence WHERE name = 'changes')"
        )
        target.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, (SELECT coalesce(max(seq), 0) FROM marks))"
            " WHERE name = 'changes'"
        )
    return read, every - read, lost


_KEY = "INSERT OR IGNORE INTO keys VALUES (?, ?)"
_MARK = (
    "INSERT INTO marks VALUES (?, ?, ?, ?, ?) ON CONFLICT (story, mark) DO UPDATE SET value = excluded.value,"
    " at = excluded.at, seq = excluded.seq WHERE (coalesce(excluded.seq, 0), excluded.at) > (coalesce(seq, 0), at)"
)
_ACTION = "INSERT OR IGNORE INTO actions (n, at, session, what, of) VALUES (?, ?, ?, ?, ?)"
_CHANGE = "INSERT OR IGNORE INTO changes (seq, action, story, mark, old, new) VALUES (?, ?, ?, ?, ?, ?)"
_STATE = "INSERT OR IGNORE INTO state VALUES (?, ?)"


def _fill(target: apsw.Connection, found: Iterable[tuple[Value, ...]]) -> None:
    """Put records in their tables, which their shapes tell; of a mark that stands twice the later one stays. What is
    written in the place of a rowid, nothing, SQLite never reads."""
    for row in found:
        match row:
            case (int(story), _, str(key)) if is_key(key, story):
                target.execute(_KEY, (story, key))
            case (int(story), str(mark), value, *rest) if len(rest) <= 2 and is_mark(mark, value):
                # A row of the schema has more. Where the time or the number is damaged, the mark is not: it yields to
                # any other, and is brought in.
                then, last, *_ = *rest, None, None
                when = then if is_mark(mark, value, then) else 0
                number = last if last is not None and _is_number(last) else None if mark == PLACE else 1
                target.execute(_MARK, (story, mark, value, when, number))
            case (int(n), _, int(at), str(session), str(what), *of) if _is_number(n) and is_mark("", None, at):
                if not of or (len(of) == 1 and _is_number(of[0])):
                    target.execute(_ACTION, (n, at, session, what, of[0] if of else None))
            case (int(seq), _, int(action), int(story), str(mark), old, new) if _is_number(seq):
                if _is_number(action) and is_mark(mark, old) and is_mark(mark, new):
                    target.execute(_CHANGE, (seq, action, story, mark, old, new))
            case (str(name), str(value)) if name != "epoch" and _is_json(value):
                target.execute(_STATE, (name, value))


def _is_number(value: Value) -> TypeGuard[int | None]:
    """Whether that can be the number of an action or a change, or stand for none."""
    return value is None or (isinstance(value, int) and 0 < value < _FAR)


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True
