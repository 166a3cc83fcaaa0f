"""Copies of the marks of the last days on which they changed, beside them.

Decided only here: how many are kept, and that each is one file with a history of its own: whoever puts it in the
place of the marks has every index read all of it anew.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import apsw

from newsreader.files import clear_half_written
from newsreader.library.db import beside, connect, remove, sound

_KEPT = 3


def backups(marks: Path) -> list[Path]:
    """The copies of the marks at a path, the newest first; one of a day that is yet to come is the oldest, as the clock
    was wrong then."""
    today = _of_today(marks).name
    found = marks.parent.glob(f"{marks.stem}.backup-????-??-??.db")
    return sorted(found, key=lambda path: (path.name <= today, path.name), reverse=True)


def is_due(db: apsw.Connection, marks: Path) -> bool:
    """Whether there is no copy of today yet, and the marks at a path, which `db` has open, have changed since the last
    one. Raises apsw's errors."""
    if _of_today(marks).exists():
        return False
    before = backups(marks)
    return _last_change(db) != (_last_change_in(before[0]) if before else 0)


def back_up(db: apsw.Connection, marks: Path) -> None:
    """Make the copy of today. Raises OSError and apsw's errors, db.DAMAGE if what was copied is damaged; then no older
    copy is given up for it."""
    clear_half_written(marks.parent)
    with beside(marks) as fresh:
        copy = connect(fresh)
        try:
            with copy.backup("main", db, "main") as copying:
                copying.step(-1)
            copy.pragma("journal_mode", "delete")
            copy.execute("UPDATE state SET value = lower(hex(randomblob(8))) WHERE name = 'epoch'")
            if sound(copy):
                raise apsw.CorruptError(str(fresh))
        finally:
            copy.close()
        fresh.replace(_of_today(marks))
    for old in backups(marks)[_KEPT:]:
        with suppress(OSError):
            remove(old)


def _of_today(marks: Path) -> Path:
    return marks.with_name(f"{marks.stem}.backup-{time.strftime('%Y-%m-%d', time.gmtime())}.db")


def _last_change(db: apsw.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM marks WHERE seq IS NOT NULL").get)


def _last_change_in(backup: Path) -> int:
    with suppress(apsw.Error):
        db = connect(backup, write=False)
        try:
            return _last_change(db)
        finally:
            db.close()
    return -1
