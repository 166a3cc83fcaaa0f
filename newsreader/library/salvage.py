"""Damaged marks: a copy is set aside, and what can still be read goes into a new file.

Owns: the copy's name and the order of the steps, each of which leaves the marks in one of two files whenever we die.
Never: deleting a copy that was set aside.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import apsw

from newsreader.library.db import DAMAGE, connect, inode, locked, remove
from newsreader.library.schema import open_marks

_TABLES = {"keys": "story", "marks": "story", "actions": "n", "changes": "seq", "state": "name"}


def set_aside(marks: str) -> str:
    """Copy the damaged marks at a path beside it, put a new file with all that can be read in their place, and return
    the copy. Raises OSError and apsw's errors, and has then changed nothing."""
    import shutil

    path = Path(marks)
    node = inode(path)
    with locked(path.with_name(path.name + ".swap")):
        aside = path.with_name(f"{path.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.db")
        if inode(path) != node:
            return str(aside)
        shutil.copy2(path, aside)
        for ending in ("-wal", "-journal"):
            if Path(f"{path}{ending}").exists():
                shutil.copy2(f"{path}{ending}", f"{aside}{ending}")
        fresh = path.with_name(f"{path.name}.new-{os.getpid()}")
        remove(fresh)
        _bring_over(aside, fresh)
        remove(path)
        fresh.replace(path)
    return str(aside)


def _bring_over(aside: Path, fresh: Path) -> None:
    target, _ = open_marks(fresh)
    try:
        epoch = target.execute("SELECT value FROM state WHERE name = 'epoch'").get
        try:
            source = connect(aside, write=False)
        except DAMAGE:
            return
        try:
            for table, order in _TABLES.items():
                if not _copy(source, target, table, order):
                    _copy(source, target, table, f"{order} DESC")
        finally:
            source.close()
        # Another history than before: every index reads all marks anew.
        target.execute("UPDATE state SET value = ? WHERE name = 'epoch'", (epoch,))
    finally:
        target.close()


def _copy(source: apsw.Connection, target: apsw.Connection, table: str, order: str) -> bool:
    """Copy rows until the damage, if there is any; asked for from both ends, all but the damaged pages come over. The
    table may be that of an older version, with fewer columns."""
    with target:
        try:
            columns = ", ".join(name for _, name, *_ in source.execute(f"PRAGMA table_info({table})"))
            for row in source.execute(f"SELECT {columns} FROM {table} ORDER BY {order}"):
                holes = ", ".join("?" * len(row))
                target.execute(f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({holes})", row)
        except (*DAMAGE, apsw.SQLError, apsw.IOError, apsw.ConstraintError):
            return False
    return True
