"""What a reader marked: read, starred, tags, the place in every article; and what is kept from one run to the next.

Decided only here: how a mark is written: its present value, and what each action changed. A mark that was returned from
is in the file, safe from the end of the process by whatever means.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from newsreader.library import undo_log
from newsreader.library.db import sid
from newsreader.library.mark_kinds import (
    AHEAD_MS,
    DELETED,
    PLACE,
    STARRED,
    TAG,
    Change,
    believed,
    everything,
    is_mark,
    marks_of,
    present,
)
from newsreader.library.marks_file import MarksFile

if TYPE_CHECKING:
    from _typeshed import StrPath


_NEVER: tuple[str | None, int] = (None, 0)
"""Value and time of a mark that was never set."""


class Undone(NamedTuple):
    """What was taken back or done again: the action, how many stories changed, and how many of its marks were left
    alone, because they no longer had the value that it had given them."""

    what: str
    stories: int
    skipped: int


def brought(index: apsw.Connection) -> tuple[Any, Any]:
    """Which marks were brought into an index: their Marks.horizon."""
    state = dict(index.execute("SELECT name, value FROM state"))
    return state.get("epoch"), state.get("applied", 0)


class Marks:
    """The marks at a path. `notices` collects what the reader ought to be told; `unsaved` is what the file lacks, by
    story and mark; `makes` as in MarksFile."""

    def __init__(self, path: StrPath, *, makes: bool = False) -> None:
        self._session = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._file = MarksFile(path, self._write_late, makes=makes)
        self._begun = self._file.asked(undo_log.newest)
        self.path = self._file.path
        self.notices = self._file.notices
        self.unsaved = self._file.unsaved

    def for_command(self) -> None:
        """Let any window take back what is marked from now on."""
        self._session = undo_log.COMMAND + self._session

    @property
    def are_read(self) -> bool:
        """Whether there is a file that they come from, be it one that cannot be written."""
        return self._file.is_there

    @property
    def kept(self) -> bool:
        """Whether what is marked goes into the file."""
        return self._file.is_kept

    def close(self) -> None:
        """As MarksFile.close."""
        self._file.close()

    def moved(self) -> bool:
        """As MarksFile.moved."""
        return self._file.moved()

    def faults(self) -> list[str]:
        """As MarksFile.faults."""
        return self._file.faults()

    # --- reading ---

    def of(self, story: int) -> dict[str, str]:
        """The marks of a story that are set."""
        return self.of_all([story]).get(story, {})

    def is_marked(self, story: str) -> bool:
        """Whether the story of an id is starred or has a tag."""
        return any(mark == STARRED or mark.startswith(TAG) for mark in self.of(sid(story)))

    def deleted(self) -> dict[int, str]:
        """The stories that are deleted, by number, and their keys."""
        query = "SELECT k.story, k.key FROM marks m JOIN keys k ON k.story = m.story WHERE m.mark = ? AND m.value = '1'"
        return dict(self._file.ask(query, (DELETED,)))

    def ever(self, mark: str) -> set[int]:
        """The stories that have a mark, or had it."""
        return {story for (story,) in self._file.ask("SELECT story FROM marks WHERE mark = ?", (mark,))}

    def of_all(self, stories: Sequence[int]) -> dict[int, dict[str, str]]:
        """The marks that are set, of several stories; a story without any may be missing."""
        return self._file.asked(marks_of, stories)

    def changed_since(self, seq: int, limit: int) -> list[tuple[int, int]]:
        """(seq, story) of marks that were changed after `seq`, in that order, the first `limit`."""
        return self._file.ask("SELECT seq, story FROM marks WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))

    def unchanged_until(self, seq: int, stories: Sequence[int]) -> int:
        """The number of the last change after which no other story than these was changed since `seq`."""
        holes = ", ".join("?" * len(stories))
        query = f"SELECT min(seq) FROM marks WHERE seq > ? AND story NOT IN ({holes})"
        (found,) = self._file.ask(query, (seq, *stories))[0]
        return self.horizon()[1] if found is None else int(found) - 1

    def horizon(self) -> tuple[str, int]:
        """What names this file's history, and the number of the last change in it."""
        last = "SELECT coalesce(max(seq), 0) FROM marks WHERE seq IS NOT NULL"  # by the index of those that have one
        rows = self._file.ask(f"SELECT value, ({last}) FROM state WHERE name = 'epoch'")
        return rows[0] if rows else ("", 0)

    def pending(self, index: apsw.Connection, limit: int) -> list[int]:
        """Stories whose marks were changed since they were last brought into an index, the first `limit`."""
        epoch, last = self.horizon()
        known, applied = brought(index)
        if (known, applied) == (epoch, last):
            return []
        return [story for _, story in self.changed_since(applied if known == epoch else 0, limit)]

    # --- writing ---

    def set(self, what: str, changes: Iterable[Change]) -> int:
        """Set marks as one action, called `what` in the log; what has its value already is left alone. Returns how many
        were set. Raises StorageFailed the first time that it cannot be written; it is then remembered all the same."""
        wanted = list(changes)
        return self._file.attempt(lambda: self._log(what, wanted))

    def undo(self) -> Undone | None:
        """Take back the last action (undo_log.last_done), where marks still have the value that it set; None if there
        is none. Raises StorageFailed as `set` does."""
        return self._turn(undo_log.UNDO)

    def redo(self) -> Undone | None:
        """Do again what was taken back last, if nothing new was done since."""
        return self._turn(undo_log.REDO)

    def everything(self) -> Iterator[tuple[str, str, str | None, int]]:
        """(key, mark, value, when it was set) of every mark that ever was, those that were taken away too, by key."""
        rows = self._file.asked(everything)
        ahead = self._file.asked(_dated_ahead)
        for key, mark, value, at, story in rows:
            yield key, mark, value, ahead.get((story, mark), at)

    def set_place(self, story: int, key: str, block: int, offset: int) -> None:
        """Keep where the reader was in an article."""
        change = Change(story, key, PLACE, f"{block}:{offset}")
        self._file.attempt(lambda: self._put([(change, _now(), None)]))

    def keep(self, name: str, value: Any) -> None:
        """Keep a thing that JSON can say under a name; raises StorageFailed as `set` does."""
        import json

        text = json.dumps(value)
        self._file.attempt(lambda: self._file.db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, text)))

    def kept_as(self, name: str) -> Any:
        """What was kept under a name, or None."""
        # SQLite reads what is flat: importing json would take longer than opening the index.
        rows = self._file.ask(
            "SELECT j.key, j.atom, j.type FROM state, json_each(state.value) j WHERE name = ?", (name,)
        )
        if any(kind in ("object", "array") or isinstance(key, int) for key, _, kind in rows):
            return self._kept_whole(name)
        found = {key: bool(atom) if kind in ("true", "false") else atom for key, atom, kind in rows}
        return found.get(None) if None in found else found or None

    def _kept_whole(self, name: str) -> Any:
        import json

        rows = self._file.ask("SELECT value FROM state WHERE name = ?", (name,))
        try:
            return json.loads(rows[0][0]) if rows else None
        except ValueError:
            return None

    def _turn(self, way: str) -> Undone | None:
        return self._file.attempt(lambda: self._turn_within(way))

    def _turn_within(self, way: str) -> Undone | None:
        sessions = undo_log.sessions(self._file.db, self._session, self._begun)
        find = undo_log.last_done if way == undo_log.UNDO else undo_log.last_undone
        action = find(self._file.db, sessions)
        if action is None:
            return None
        wanted, skipped = [], 0
        changes = undo_log.changes_of(self._file.db, action.n)
        there = present(self._file.db, ((story, mark) for story, _, mark, _, _ in changes))
        for story, key, mark, old, new in changes:
            if not (is_mark(mark, old) and is_mark(mark, new)):
                raise apsw.CorruptError(mark)
            had, value = (new, old) if way == undo_log.UNDO else (old, new)
            if there.get((story, mark), _NEVER)[0] == had:
                wanted.append(Change(story, key, mark, value))
            else:
                skipped += 1
        self._log(way, wanted, action.n)
        return Undone(action.what, len({change.story for change in wanted}), skipped)

    def _log(self, what: str, wanted: list[Change], of: int | None = None) -> int:
        """Set marks and put it down in the journal; how many were not so before."""
        now = _now()
        action = None if of is None else undo_log.begin(self._file.db, now, self._session, what, of)
        seq = undo_log.next_seq(self._file.db)
        noted, set_, confirmed = [], [], []
        ahead = _dated_ahead(self._file.db) if any(change.at is not None for change in wanted) else {}
        latest = {(change.story, change.mark): change for change in wanted}
        there = present(self._file.db, latest)
        for change in latest.values():
            old, at = there.get((change.story, change.mark), _NEVER)
            at = ahead.get((change.story, change.mark), at)
            if change.at is not None and (at, old or "") >= (change.at, change.value or ""):
                continue
            if old == change.value:
                if change.at is not None:
                    confirmed.append((change, change.at, None))
                continue
            if action is None:
                action = undo_log.begin(self._file.db, now, self._session, what)
            noted.append((seq, action, change.story, change.mark, old, change.value))
            set_.append(
                (change, (now if at > now + AHEAD_MS else max(now, at + 1)) if change.at is None else change.at, seq)
            )
            seq += 1
        undo_log.note(self._file.db, noted)
        self._put([*set_, *confirmed])
        return len(set_)

    def _write_late(self, late: list[Change]) -> None:
        self._log("late", [change for change in late if change.mark != PLACE])
        self._put([(change, change.at or _now(), None) for change in late if change.mark == PLACE])

    def _put(self, marks: Iterable[tuple[Change, int, int | None]]) -> None:
        marks = sorted(marks, key=lambda mark: mark[0][:3])  # as they stand in the file, of which each page is met once
        self._file.db.executemany(
            "INSERT OR IGNORE INTO keys VALUES (?, ?)", [(change.story, change.key) for change, *_ in marks]
        )
        self._file.db.executemany(
            "INSERT INTO marks VALUES (?, ?, ?, ?, ?) ON CONFLICT (story, mark)"
            " DO UPDATE SET value = excluded.value, at = excluded.at, seq = coalesce(excluded.seq, seq)",
            [(change.story, change.mark, change.value, at, seq) for change, at, seq in marks],
        )
        if not self.kept:
            self.unsaved.update({(change.story, change.mark): change._replace(at=at) for change, at, _ in marks})


def _dated_ahead(db: apsw.Connection) -> dict[tuple[int, str], int]:
    """When marks were set at the earliest that bear a time which is yet to come, as the clock was wrong: not before
    what was set before them. By story and mark."""
    latest = _now() + AHEAD_MS
    if not db.execute("SELECT EXISTS (SELECT 1 FROM marks WHERE at > ?)", (latest,)).get:
        return {}
    found, before = {}, 0
    for story, mark, _, at in believed(db, "SELECT story, mark, value, at FROM marks ORDER BY seq", 1):
        if at > latest:
            found[story, mark] = before
        else:
            before = max(before, at)
    return found


def _now() -> int:
    return time.time_ns() // 1_000_000
