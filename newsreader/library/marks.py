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

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import apsw

from newsreader.errors import StorageFailed, Warning
from newsreader.library import journal
from newsreader.library.db import DAMAGE, REFUSED, failures, inode, reason, sid, sound
from newsreader.library.schema import memory_marks, open_marks
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from _typeshed import StrPath

READ, STARRED, TAG, PLACE = "read", "starred", "tag/", "place"

_T = TypeVar("_T")


class Change(NamedTuple):
    """A mark to set: the story's number and key, the mark's name and value; and when it was set, in milliseconds, if
    that was somewhere else: then only if the mark here was not set later."""

    story: int
    key: str
    mark: str
    value: str | None
    at: int | None = None


class Undone(NamedTuple):
    """What was taken back or done again: the action, how many stories changed, and how many of its marks were left
    alone, because they no longer had the value that it had given them."""

    what: str
    stories: int
    skipped: int


class Flags(NamedTuple):
    """The marks of a story as its row shows them."""

    read: bool
    starred: bool
    changed: bool
    tags: tuple[str, ...]


def is_tag(name: str) -> bool:
    """Whether a text can be the name of a tag: 1 to 64 characters that can be seen, on one line, without a comma."""
    return 0 < len(name) <= 64 and name == clean_line(name) and "," not in name


def flags(marks: dict[str, str], edition: str) -> Flags:
    """The flags of a story whose newest edition is `edition`."""
    since = marks.get(READ)
    tags = sorted(name.removeprefix(TAG) for name in marks if name.startswith(TAG))
    return Flags(since is not None, STARRED in marks, since is not None and has_changed(edition, since), tuple(tags))


def has_changed(edition: str, since: str) -> bool:
    """Whether the newest edition of a story has another headline or text than the one that was read, and is not
    an older one (as where another machine, whose marks were brought here, holds more)."""
    made, _, text = edition.partition(":")
    made_then, _, text_then = since.partition(":")
    if text == text_then:
        return False
    try:
        return int(made) >= int(made_then)
    except ValueError:
        return False


def brought(index: apsw.Connection) -> tuple[Any, Any]:
    """Which marks were brought into an index: their Marks.horizon."""
    state = dict(index.execute("SELECT name, value FROM state"))
    return state.get("epoch"), state.get("applied", 0)


class Marks:
    """The marks at a path. `kept` is False where they cannot be kept at all: then they are in memory only. `notices`
    collects what the reader ought to be told."""

    def __init__(self, path: StrPath) -> None:
        self.path = os.fspath(path)
        self.kept = True
        self.notices: list[Warning] = []
        self.unsaved: dict[tuple[int, str], Change] = {}
        self._failed = False
        self._session = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._version = 0
        self._db = self._open()
        self._begun = self._ask_newest()

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
        return self.of_all([story]).get(story, {})

    def is_marked(self, story: str) -> bool:
        """Whether the story of an id is starred or has a tag."""
        return any(mark == STARRED or mark.startswith(TAG) for mark in self.of(sid(story)))

    def of_all(self, stories: Sequence[int]) -> dict[int, dict[str, str]]:
        """The marks that are set, of several stories; a story without any may be missing."""
        holes = ", ".join("?" * len(stories))
        found: dict[int, dict[str, str]] = {}
        for story, mark, value in self._ask(
            f"SELECT story, mark, value FROM marks WHERE story IN ({holes}) AND value IS NOT NULL", tuple(stories)
        ):
            found.setdefault(story, {})[mark] = value
        if self.unsaved:
            for change in self.unsaved.values():
                if change.story in stories:
                    of = found.setdefault(change.story, {})
                    of.pop(change.mark, None)
                    if change.value is not None:
                        of[change.mark] = change.value
        return found

    def changed_since(self, seq: int, limit: int) -> list[tuple[int, int]]:
        """(seq, story) of marks that were changed after `seq`, in that order, the first `limit`."""
        return self._ask("SELECT seq, story FROM marks WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))

    def horizon(self) -> tuple[str, int]:
        """What names this file's history, and the number of the last change in it."""
        last = "SELECT coalesce(max(seq), 0) FROM marks WHERE seq IS NOT NULL"  # by the index of those that have one
        rows = self._ask(f"SELECT value, ({last}) FROM state WHERE name = 'epoch'")
        return rows[0] if rows else ("", 0)

    def pending(self, index: apsw.Connection, limit: int) -> list[int]:
        """Stories whose marks were changed since they were last brought into an index, the first `limit`."""
        epoch, last = self.horizon()
        known, applied = brought(index)
        if (known, applied) == (epoch, last):
            return []
        return [story for _, story in self.changed_since(applied if known == epoch else 0, limit)]

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

    def set(self, what: str, changes: Iterable[Change]) -> int:
        """Set marks as one action, called `what` in the log; what has its value already is left alone. Returns how many
        were set. Raises StorageFailed the first time that it cannot be written; it is then remembered all the same."""
        wanted = list(changes)
        done: list[int] = []
        self._attempt(lambda: done.append(self._log(what, wanted)), wanted)
        return done[0] if done else len(wanted)

    def undo(self) -> Undone | None:
        """Take back the last action (journal.last_done), where marks still have the value that it set; None if there
        is none. Raises StorageFailed, and has then done nothing."""
        return self._turn(journal.UNDO)

    def redo(self) -> Undone | None:
        """Do again what was taken back last, if nothing new was done since."""
        return self._turn(journal.REDO)

    def everything(self) -> Iterator[tuple[str, str, str | None, int]]:
        """(key, mark, value, when it was set) of every mark that ever was, those that were taken away too, by key."""
        with failures(self.path):
            yield from self._db.execute(
                "SELECT k.key, m.mark, m.value, m.at FROM marks m JOIN keys k ON k.story = m.story ORDER BY 1, 2"
            )

    def faults(self) -> list[str]:
        """What SQLite finds wrong with the file, reading all of it; empty if it is sound."""
        try:
            return sound(self._db)
        except DAMAGE as error:
            return [reason(error)]

    def set_place(self, story: int, key: str, block: int, offset: int) -> None:
        """Keep where the reader was in an article."""
        change = Change(story, key, PLACE, f"{block}:{offset}")
        self._attempt(lambda: self._put([(change, _now(), None)]), [change])

    def keep(self, name: str, value: Any) -> None:
        """Keep a thing that JSON can say under a name; raises StorageFailed as `set` does."""
        import json

        text = json.dumps(value)
        self._attempt(lambda: self._db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, text)), [])

    def kept_as(self, name: str) -> Any:
        """What was kept under a name, or None."""
        # SQLite reads what is flat: importing json would take longer than opening the index.
        query = "SELECT j.key, j.atom, j.type FROM state, json_each(state.value) j WHERE name = ?"
        try:
            rows = self._ask(query, (name,))
        except (apsw.SQLError, UnicodeDecodeError):
            return self._kept_whole(name)
        if any(kind in ("object", "array") or isinstance(key, int) for key, _, kind in rows):
            return self._kept_whole(name)
        found = {key: bool(atom) if kind in ("true", "false") else atom for key, atom, kind in rows}
        return found.get(None) if None in found else found or None

    def _kept_whole(self, name: str) -> Any:
        import json

        rows = self._ask("SELECT value FROM state WHERE name = ?", (name,))
        try:
            return json.loads(rows[0][0]) if rows else None
        except ValueError:
            return None

    def _turn(self, way: str) -> Undone | None:
        if self.unsaved:
            self._attempt(lambda: None, [])
        done: list[Undone | None] = []
        try:
            self._write(lambda: done.append(self._turn_within(way)))
        except REFUSED as error:
            raise StorageFailed(self.path, reason(error)) from error
        return done[0]

    def _turn_within(self, way: str) -> Undone | None:
        sessions = [self._session, journal.session_before(self._db, self._begun)]
        find = journal.last_done if way == journal.UNDO else journal.last_undone
        action = find(self._db, sessions)
        if action is None:
            return None
        wanted, skipped = [], 0
        for story, key, mark, old, new in journal.changes_of(self._db, action.n):
            had, value = (new, old) if way == journal.UNDO else (old, new)
            if self._now_set(story, mark)[0] == had:
                wanted.append(Change(story, key, mark, value))
            else:
                skipped += 1
        self._log(way, wanted, action.n)
        return Undone(action.what, len({change.story for change in wanted}), skipped)

    def _log(self, what: str, wanted: list[Change], of: int | None = None) -> int:
        """Set marks and put it down in the journal; how many were not so before."""
        now = _now()
        action = None if of is None else journal.begin(self._db, now, self._session, what, of)
        seq = journal.next_seq(self._db)
        noted, set_, confirmed = [], [], []
        for change in {(change.story, change.mark): change for change in wanted}.values():
            old, at = self._now_set(change.story, change.mark)
            if change.at is not None and (at, old or "") >= (change.at, change.value or ""):
                continue
            if old == change.value:
                if change.at is not None:
                    confirmed.append((change, change.at, None))
                continue
            if action is None:
                action = journal.begin(self._db, now, self._session, what)
            noted.append((seq, action, change.story, change.mark, old, change.value))
            set_.append((change, max(now, at + 1) if change.at is None else change.at, seq))
            seq += 1
        journal.note(self._db, noted)
        self._put([*set_, *confirmed])
        return len(set_)

    def _now_set(self, story: int, mark: str) -> tuple[str | None, int]:
        row = self._db.execute("SELECT value, at FROM marks WHERE story = ? AND mark = ?", (story, mark)).fetchone()
        return (None, 0) if row is None else row

    def _put(self, marks: Sequence[tuple[Change, int, int | None]]) -> None:
        self._db.executemany(
            "INSERT OR IGNORE INTO keys VALUES (?, ?)", [(change.story, change.key) for change, *_ in marks]
        )
        self._db.executemany(
            "INSERT INTO marks VALUES (?, ?, ?, ?, ?) ON CONFLICT (story, mark)"
            " DO UPDATE SET value = excluded.value, at = excluded.at, seq = coalesce(excluded.seq, seq)",
            [(change.story, change.mark, change.value, at, seq) for change, at, seq in marks],
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
            raise StorageFailed(self.path, reason(failure)) from failure

    def _write(self, write: Callable[[], object]) -> None:
        """One transaction: first what could not be written before, then this."""
        late = list(self.unsaved.values())
        for again in (False, True):
            try:
                with self._db:
                    if late:
                        self._log("late", [change for change in late if change.mark != PLACE])
                        self._put([(change, _now(), None) for change in late if change.mark == PLACE])
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
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            try:
                db, fault = open_marks(self.path)
            except DAMAGE:
                self.notices.append(Warning("marks-damaged", self._set_aside()))
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
            self.notices.append(Warning("marks-of-newer-version", self.path))
        self._node = inode(self.path)
        self._version = db.pragma("data_version")
        return db

    def _set_aside(self) -> str:
        from newsreader.library.salvage import set_aside

        return set_aside(self.path)

    def _heal(self) -> None:
        self._db.close()
        if self.kept and inode(self.path) == self._node:
            try:
                self.notices.append(Warning("marks-damaged", self._set_aside()))
            except (OSError, apsw.Error) as error:
                self.kept = False
                self.notices.append(Warning("marks-not-kept", str(error)))
        self._db = self._open() if self.kept else memory_marks()

    def _ask_newest(self) -> int:
        try:
            return journal.newest(self._db)
        except DAMAGE:
            self._heal()
            return journal.newest(self._db)

    def _ask(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except DAMAGE:
            self._heal()
            return self._db.execute(query, values).fetchall()


def _now() -> int:
    return time.time_ns() // 1_000_000
