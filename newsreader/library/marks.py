"""What a reader marked: read, starred, tags, the place in every article; and what is kept from one run to the next.

Owns: the marks database. Decided only here: how a mark is written (its present value, and what each action changed),
and what becomes of marks that cannot be: they last until the process ends, and the first failure is told, once. A
mark that was returned from is in the file, safe from the end of the process by whatever means. Never: silently
replacing a damaged file: a copy is set aside, and what can be read of it is brought over.

Marks are texts by name; None is "not set":
    "read"       the edition (record.Record) that was the newest when the story was marked read
    "starred"    "1"
    "tag/NAME"   "1"
    "place"      "BLOCK:OFFSET"; no part of what is undone, and no row of a list shows it
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import apsw

from newsreader.errors import StorageFailed, Warning
from newsreader.library.db import DAMAGE, REFUSED, inode, reason
from newsreader.library.record import has_changed
from newsreader.library.salvage import set_aside
from newsreader.library.schema import memory_marks, open_marks

READ, STARRED, TAG, PLACE = "read", "starred", "tag/", "place"

_T = TypeVar("_T")


class Change(NamedTuple):
    """A mark to set: the story's number and key, the mark's name and value."""

    story: int
    key: str
    mark: str
    value: str | None


class Flags(NamedTuple):
    """The marks of a story as its row shows them."""

    read: bool
    starred: bool
    changed: bool
    tags: tuple[str, ...]


def flags(marks: dict[str, str], edition: str) -> Flags:
    """The flags of a story whose newest edition is `edition`."""
    since = marks.get(READ)
    tags = sorted(name.removeprefix(TAG) for name in marks if name.startswith(TAG))
    return Flags(since is not None, STARRED in marks, since is not None and has_changed(edition, since), tuple(tags))


class Marks:
    """The marks at a path. `kept` is False where they cannot be kept at all: then they are in memory only. `notices`
    collects what the reader ought to be told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kept = True
        self.notices: list[Warning] = []
        self.unsaved: dict[tuple[int, str], Change] = {}
        self._failed = False
        self._session = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._version = 0
        self._db = self._open()

    def close(self) -> None:
        """Write what could not be written before, if that goes by now, and let go of the file."""
        try:
            if self.unsaved:
                self._write(lambda: None)
        except apsw.Error:
            pass
        finally:
            self._db.close()

    # --- reading ---

    def of(self, story: int) -> dict[str, str]:
        """The marks of a story that are set."""
        rows = self._ask("SELECT mark, value FROM marks WHERE story = ? AND value IS NOT NULL", (story,))
        found = dict(rows)
        if self.unsaved:
            for change in self.unsaved.values():
                if change.story == story:
                    found.pop(change.mark, None)
                    if change.value is not None:
                        found[change.mark] = change.value
        return found

    def changed_since(self, seq: int, limit: int) -> list[tuple[int, int]]:
        """(seq, story) of marks that were changed after `seq`, in that order, the first `limit`."""
        return self._ask("SELECT seq, story FROM marks WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))

    def horizon(self) -> tuple[str, int]:
        """What names this file's history, and the number of the last change in it."""
        rows = self._ask("SELECT value, (SELECT coalesce(max(seq), 0) FROM marks) FROM state WHERE name = 'epoch'")
        return rows[0] if rows else ("", 0)

    def moved(self) -> bool:
        """Whether another process changed the marks since this was asked last; cheap."""
        if self.kept and inode(self.path) != self._node:
            self._db.close()
            self._db = self._open()
            return True
        try:
            version = self._db.pragma("data_version")
        except DAMAGE:
            self._heal()
            return True
        moved = version != self._version
        self._version = version
        return bool(moved)

    # --- writing ---

    def set(self, what: str, changes: Iterable[Change]) -> None:
        """Set marks as one action, called `what` in the log; what has its value already is left alone. Raises
        StorageFailed the first time that it cannot be written; it is then remembered all the same."""
        wanted = list(changes)
        self._attempt(lambda: self._log(what, wanted), wanted)

    def set_place(self, story: int, key: str, block: int, offset: int) -> None:
        """Keep where the reader was in an article."""
        change = Change(story, key, PLACE, f"{block}:{offset}")
        self._attempt(lambda: self._put(change, _now(), None), [change])

    def keep(self, name: str, value: Any) -> None:
        """Keep a thing that JSON can say under a name; raises StorageFailed as `set` does."""
        text = json.dumps(value)
        self._attempt(lambda: self._db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, text)), [])

    def kept_as(self, name: str) -> Any:
        """What was kept under a name, or None."""
        rows = self._ask("SELECT value FROM state WHERE name = ?", (name,))
        try:
            return json.loads(rows[0][0]) if rows else None
        except ValueError:
            return None

    def _log(self, what: str, wanted: list[Change]) -> None:
        now, action = _now(), None
        for change in wanted:
            old = self._db.execute(
                "SELECT value FROM marks WHERE story = ? AND mark = ?", (change.story, change.mark)
            ).fetchone()
            if (old[0] if old else None) == change.value:
                continue
            if action is None:
                self._db.execute("INSERT INTO actions (at, session, what) VALUES (?, ?, ?)", (now, self._session, what))
                action = self._db.last_insert_rowid()
            self._db.execute(
                "INSERT INTO changes (action, story, mark, old, new) VALUES (?, ?, ?, ?, ?)",
                (action, change.story, change.mark, old[0] if old else None, change.value),
            )
            self._put(change, now, self._db.last_insert_rowid())

    def _put(self, change: Change, now: int, seq: int | None) -> None:
        self._db.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (change.story, change.key))
        self._db.execute(
            "INSERT INTO marks VALUES (?, ?, ?, ?, ?) ON CONFLICT (story, mark)"
            " DO UPDATE SET value = excluded.value, at = excluded.at, seq = excluded.seq",
            (change.story, change.mark, change.value, now, seq),
        )

    def _attempt(self, write: Callable[[], object], wanted: list[Change]) -> None:
        failure: apsw.Error | None = None
        try:
            self._write(write)
            if not self.kept:
                failure = apsw.ReadOnlyError()
        except REFUSED as error:
            failure = error
            self.unsaved.update({(change.story, change.mark): change for change in wanted})
        if failure is None:
            self._failed = False
        elif not self._failed:
            self._failed = True
            raise StorageFailed(str(self.path), reason(failure)) from failure

    def _write(self, write: Callable[[], object]) -> None:
        """One transaction: first what could not be written before, then this."""
        late = list(self.unsaved.values())
        for again in (False, True):
            try:
                with self._db:
                    if late:
                        self._log("late", [change for change in late if change.mark != PLACE])
                        for change in late:
                            if change.mark == PLACE:
                                self._put(change, _now(), None)
                    write()
                break
            except DAMAGE:
                if again:
                    raise
                self._heal()
        self.unsaved.clear()

    # --- the file ---

    def _open(self) -> apsw.Connection:
        self._node = 0
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                db, fault = open_marks(self.path)
            except DAMAGE:
                self.notices.append(Warning("marks-damaged", str(set_aside(self.path))))
                db, fault = open_marks(self.path)
        except (OSError, apsw.Error) as error:
            self.kept = False
            why = reason(error) if isinstance(error, apsw.Error) else str(error)
            self.notices.append(Warning("marks-not-kept", why))
            self._failed = True
            return memory_marks()
        if fault:
            self.kept = False
            self._failed = True
            self.notices.append(Warning("marks-of-newer-version", str(self.path)))
        self._node = inode(self.path)
        self._version = db.pragma("data_version")
        return db

    def _heal(self) -> None:
        self._db.close()
        if self.kept and inode(self.path) == self._node:
            try:
                self.notices.append(Warning("marks-damaged", str(set_aside(self.path))))
            except (OSError, apsw.Error) as error:
                self.kept = False
                self.notices.append(Warning("marks-not-kept", str(error)))
        self._db = self._open() if self.kept else memory_marks()

    def _ask(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except DAMAGE:
            self._heal()
            return self._db.execute(query, values).fetchall()


def _now() -> int:
    return time.time_ns() // 1_000_000
