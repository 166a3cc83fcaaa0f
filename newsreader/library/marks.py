"""What a reader marked: read, starred, tags, the place in every article; and what is kept from one run to the next.

Decided only here: how a mark is written (its present value, and what each action changed), which values are believed,
and what becomes of marks that cannot be written: they go on in memory, with all that could be read of the file, and
into the file once that goes again; the first failure is told, once. A mark that was returned from is in the file, safe
from the end of the process by whatever means. A damaged file is never replaced in silence: a copy is set aside, and
what can be read of it is brought over.

Marks are texts by name; None is "not set":
    "read"       the edition (record.Record) that was the newest when the story was marked read
    "starred"    "1"
    "tag/NAME"   "1"
    "deleted"    "1": no view shows it
    "place"      "BLOCK:OFFSET"; no part of what is undone, and no row of a list shows it
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Concatenate, Final, NamedTuple, ParamSpec, TypeVar

import apsw

from newsreader.errors import StorageFailed, Warning
from newsreader.library import journal
from newsreader.library.db import DAMAGE, REFUSED, inode, reason, sid, sound
from newsreader.library.schema import memory_marks, open_marks
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from _typeshed import StrPath

READ, STARRED, TAG, PLACE, DELETED = "read", "starred", "tag/", "place", "deleted"

_VALUES = {DELETED: "1", READ: "-?[0-9]{1,18}:[0-9a-f]{1,64}", STARRED: "1", TAG: "1", PLACE: "-?[0-9]{1,9}:[0-9]{1,9}"}

LAST_MS: Final = 253_402_300_799_999
"""The end of the year 9999."""

AHEAD_MS: Final = 86_400_000
"""By so much a clock may be fast."""

_RETRY_SECONDS: Final = 5
"""How often it is tried again to write what could not be written."""

_P = ParamSpec("_P")
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


def is_known(mark: str) -> bool:
    """Whether that is the name of a mark that this newsreader knows."""
    return is_tag(mark.removeprefix(TAG)) if mark.startswith(TAG) else mark in _VALUES


def is_mark(mark: object, value: object, at: object = 0) -> bool:
    """Whether some newsreader writes such a mark: a value that is none of a mark which this one knows is damage, a mark
    that it doesn't know may be a newer one's."""
    if not isinstance(mark, str) or not isinstance(at, int) or not 0 <= at <= LAST_MS:
        return False
    if mark.startswith(TAG) and not is_known(mark):
        return False
    if not isinstance(value, str):
        return value is None
    return re.fullmatch(_VALUES.get(TAG if mark.startswith(TAG) else mark, r"[^\0]*"), value) is not None


def is_key(key: object, story: object) -> bool:
    """Whether a story, by its number, has that key: its id is made of it."""
    from newsreader.identity import story_id  # the first frame does without

    if not isinstance(key, str):
        return False
    # What the feed itself names a story by may have held half characters, which cannot be kept.
    return sid(story_id(key)) == story or (key.startswith("guid:") and "?" in key)


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
    """The marks at a path. `notices` collects what the reader ought to be told; `unsaved` is what the file lacks, by
    story and mark."""

    def __init__(self, path: StrPath) -> None:
        self.path = os.fspath(path)
        self.notices: list[Warning] = []
        self.unsaved: dict[tuple[int, str], Change] = {}
        self._failed = False
        self._session = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._version = 0
        self._node = 0
        self._is_gone = self._is_foreign = False
        self._next_try = 0.0
        self._db = self._open()
        self._begun = self._asked(journal.newest)

    def for_command(self) -> None:
        """Let any window take back what is marked from now on."""
        self._session = journal.COMMAND + self._session

    @property
    def are_read(self) -> bool:
        """Whether there is a file that they come from, be it one that cannot be written."""
        return bool(self._db.filename)

    @property
    def kept(self) -> bool:
        """Whether what is marked goes into the file."""
        return bool(self._db.filename) and not self._db.readonly("main")

    def close(self) -> None:
        """Write what could not be written before, if that goes by now, see to the copy of the day, and let go of the
        file."""
        try:
            if self.unsaved:
                self._on_file(lambda: None)
            if self.kept:
                self._back_up()
        except (OSError, *REFUSED, *DAMAGE):
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

    def deleted(self) -> dict[int, str]:
        """The stories that are deleted, by number, and their keys."""
        query = "SELECT k.story, k.key FROM marks m JOIN keys k ON k.story = m.story WHERE m.mark = ? AND m.value = '1'"
        return dict(self._ask(query, (DELETED,)))

    def ever(self, mark: str) -> set[int]:
        """The stories that have a mark, or had it."""
        return {story for (story,) in self._ask("SELECT story FROM marks WHERE mark = ?", (mark,))}

    def of_all(self, stories: Sequence[int]) -> dict[int, dict[str, str]]:
        """The marks that are set, of several stories; a story without any may be missing."""
        return self._asked(_marks_of, stories)

    def changed_since(self, seq: int, limit: int) -> list[tuple[int, int]]:
        """(seq, story) of marks that were changed after `seq`, in that order, the first `limit`."""
        return self._ask("SELECT seq, story FROM marks WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))

    def unchanged_until(self, seq: int, stories: Sequence[int]) -> int:
        """The number of the last change after which no other story than these was changed since `seq`."""
        holes = ", ".join("?" * len(stories))
        query = f"SELECT min(seq) FROM marks WHERE seq > ? AND story NOT IN ({holes})"
        (found,) = self._ask(query, (seq, *stories))[0]
        return self.horizon()[1] if found is None else int(found) - 1

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
        """Whether another process changed the marks since this was asked last, or what could not be written is written
        now; cheap."""
        if self._has_gone():
            return False
        if (not self.kept or self.unsaved or inode(self.path) != self._node) and time.monotonic() >= self._next_try:
            return self._come_back()
        try:
            version = self._db.pragma("data_version")
        except DAMAGE:
            self._heal()
            return True
        except REFUSED:
            return False
        moved = version != self._version
        self._version = version
        return bool(moved)

    # --- writing ---

    def set(self, what: str, changes: Iterable[Change]) -> int:
        """Set marks as one action, called `what` in the log; what has its value already is left alone. Returns how many
        were set. Raises StorageFailed the first time that it cannot be written; it is then remembered all the same."""
        wanted = list(changes)
        return self._attempt(lambda: self._log(what, wanted))

    def undo(self) -> Undone | None:
        """Take back the last action (journal.last_done), where marks still have the value that it set; None if there
        is none. Raises StorageFailed as `set` does."""
        return self._turn(journal.UNDO)

    def redo(self) -> Undone | None:
        """Do again what was taken back last, if nothing new was done since."""
        return self._turn(journal.REDO)

    def everything(self) -> Iterator[tuple[str, str, str | None, int]]:
        """(key, mark, value, when it was set) of every mark that ever was, those that were taken away too, by key."""
        rows = self._asked(_everything)
        ahead = self._asked(_dated_ahead)
        for key, mark, value, at, story in rows:
            yield key, mark, value, ahead.get((story, mark), at)

    def faults(self) -> list[str]:
        """What is wrong with the file, of which all is read; empty if it is sound. It is mended then, which `notices`
        tell."""
        try:
            found = sound(self._db)
            if not found:
                _everything(self._db)
        except DAMAGE as error:
            found = [reason(error)]
        if found:
            self._heal()
        return found

    def set_place(self, story: int, key: str, block: int, offset: int) -> None:
        """Keep where the reader was in an article."""
        change = Change(story, key, PLACE, f"{block}:{offset}")
        self._attempt(lambda: self._put([(change, _now(), None)]))

    def keep(self, name: str, value: Any) -> None:
        """Keep a thing that JSON can say under a name; raises StorageFailed as `set` does."""
        import json

        text = json.dumps(value)
        self._attempt(lambda: self._db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, text)))

    def kept_as(self, name: str) -> Any:
        """What was kept under a name, or None."""
        # SQLite reads what is flat: importing json would take longer than opening the index.
        rows = self._ask("SELECT j.key, j.atom, j.type FROM state, json_each(state.value) j WHERE name = ?", (name,))
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
        return self._attempt(lambda: self._turn_within(way))

    def _turn_within(self, way: str) -> Undone | None:
        sessions = journal.sessions(self._db, self._session, self._begun)
        find = journal.last_done if way == journal.UNDO else journal.last_undone
        action = find(self._db, sessions)
        if action is None:
            return None
        wanted, skipped = [], 0
        for story, key, mark, old, new in journal.changes_of(self._db, action.n):
            if not (is_mark(mark, old) and is_mark(mark, new)):
                raise apsw.CorruptError(mark)
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
        ahead = _dated_ahead(self._db) if any(change.at is not None for change in wanted) else {}
        for change in {(change.story, change.mark): change for change in wanted}.values():
            old, at = self._now_set(change.story, change.mark)
            at = ahead.get((change.story, change.mark), at)
            if change.at is not None and (at, old or "") >= (change.at, change.value or ""):
                continue
            if old == change.value:
                if change.at is not None:
                    confirmed.append((change, change.at, None))
                continue
            if action is None:
                action = journal.begin(self._db, now, self._session, what)
            noted.append((seq, action, change.story, change.mark, old, change.value))
            set_.append(
                (change, (now if at > now + AHEAD_MS else max(now, at + 1)) if change.at is None else change.at, seq)
            )
            seq += 1
        journal.note(self._db, noted)
        self._put([*set_, *confirmed])
        return len(set_)

    def _now_set(self, story: int, mark: str) -> tuple[str | None, int]:
        row: Any = self._db.execute(
            "SELECT value, at FROM marks WHERE story = ? AND mark = ?", (story, mark)
        ).fetchone()
        if row is None:
            return None, 0
        if not is_mark(mark, *row):
            raise apsw.CorruptError(mark)
        return row[0], row[1]

    def _put(self, marks: Sequence[tuple[Change, int, int | None]]) -> None:
        self._db.executemany(
            "INSERT OR IGNORE INTO keys VALUES (?, ?)", [(change.story, change.key) for change, *_ in marks]
        )
        self._db.executemany(
            "INSERT INTO marks VALUES (?, ?, ?, ?, ?) ON CONFLICT (story, mark)"
            " DO UPDATE SET value = excluded.value, at = excluded.at, seq = coalesce(excluded.seq, seq)",
            [(change.story, change.mark, change.value, at, seq) for change, at, seq in marks],
        )

        if not self.kept:
            self.unsaved.update({(change.story, change.mark): change._replace(at=at) for change, at, _ in marks})

    # --- the file, or what stands in for it ---

    def _attempt(self, write: Callable[[], _T]) -> _T:
        """One transaction: on the file; if that refuses, in memory, which raises StorageFailed once."""
        failure: Exception | None = None
        if self.kept or time.monotonic() >= self._next_try:
            try:
                done = self._on_file(write)
                self._failed = False
                return done
            except (OSError, *REFUSED, *DAMAGE) as error:
                self._next_try = time.monotonic() + _RETRY_SECONDS
                failure = error
        self._go_on_in_memory()
        with self._db:
            done = write()
        if failure is not None and not self._failed:
            self._failed = True
            raise StorageFailed(self.path, reason(failure)) from failure
        return done

    def _on_file(self, write: Callable[[], _T]) -> _T:
        """One transaction on the file, first with what it lacks. Raises OSError and apsw's errors of db.REFUSED."""
        late = list(self.unsaved.values())
        for again in (False, True):
            try:
                if not self.kept or inode(self.path) != self._node:
                    self._use(self._opened())
                with self._db:
                    if late:
                        self._log("late", [change for change in late if change.mark != PLACE])
                        self._put([(change, change.at or _now(), None) for change in late if change.mark == PLACE])
                    done = write()
                break
            except DAMAGE:
                if again:
                    raise
                self._heal()
        self.unsaved.clear()
        return done

    def _open(self) -> apsw.Connection:
        """The file, to be written, else to be read, else as much of it as can be had in memory."""
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            db, fault = open_marks(self.path)
        except DAMAGE:
            return self._salvaged()
        except (OSError, *REFUSED) as error:
            self._failed = True
            self.notices.append(Warning("marks-not-kept", reason(error)))
            return memory_marks()
        if fault:
            db.close()
            self._is_foreign = self._failed = True
            self.notices.append(Warning("marks-of-newer-version", self.path))
            return self._in_memory()
        self._node = inode(self.path)
        if db.readonly("main"):
            self._failed = True
            self.notices.append(Warning("marks-read-only", self.path))
        self._version = db.pragma("data_version")
        return db

    def _opened(self) -> apsw.Connection:
        """The file that could not be written, to be written now; made only if there never was one."""
        if self._is_foreign or self._has_gone():
            raise FileNotFoundError(errno.ENOENT, "not there", self.path)
        db, fault = open_marks(self.path)
        if fault or db.readonly("main"):
            db.close()
            raise apsw.ReadOnlyError(self.path)
        return db

    def _use(self, db: apsw.Connection) -> None:
        self._db.close()
        self._db, self._node = db, inode(self.path)
        self._version = db.pragma("data_version")

    def _has_gone(self) -> bool:
        """Whether the file was there and is no longer, nor another in its place: its folder was renamed, or its disk
        taken away. Told at either change."""
        is_gone = bool(self._node) and not inode(self.path)
        if is_gone != self._is_gone:
            self._is_gone = is_gone
            self.notices.append(Warning("marks-gone" if is_gone else "marks-back", self.path))
        return is_gone

    def _come_back(self) -> bool:
        """Write what could not be written; whether that went."""
        self._next_try = time.monotonic() + _RETRY_SECONDS
        try:
            self._on_file(lambda: None)
        except (OSError, *REFUSED):
            return False
        if self._failed:
            self._failed = False
            self.notices.append(Warning("marks-kept-again", self.path))
        return True

    def _go_on_in_memory(self) -> None:
        if self._db.filename:
            memory = apsw.Connection(":memory:")
            memory.transaction_mode = "IMMEDIATE"
            try:
                with memory.backup("main", self._db, "main") as copying:
                    copying.step(-1)
                memory.pragma("user_version")
            except (*REFUSED, *DAMAGE):
                memory.close()
                memory = self._in_memory()
            self._db.close()
            self._db = memory

    def _in_memory(self) -> apsw.Connection:
        """All that can be read of the file, whatever state it is in, and what it lacks."""
        from pathlib import Path

        from newsreader.library.salvage import bring_over

        db = memory_marks()
        with suppress(OSError):
            bring_over(Path(self.path), db)
        return db

    def _heal(self) -> None:
        """Have damaged marks salvaged, unless another process has done so already."""
        in_file = bool(self._db.filename)
        self._db.close()
        self._db = self._open() if in_file and inode(self.path) not in (0, self._node) else self._salvaged()

    def _salvaged(self) -> apsw.Connection:
        from pathlib import Path

        from newsreader.library.salvage import Salvaged, bring_over, salvage

        try:
            told = salvage(Path(self.path))
            db, _ = open_marks(self.path)
            self._node = inode(self.path)
            self._version = db.pragma("data_version")
        except (OSError, *REFUSED, *DAMAGE) as error:
            self._failed = True
            self.notices.append(Warning("marks-not-kept", reason(error)))
            db, told = memory_marks(), Salvaged("", 0, 0, 0)
            with suppress(OSError):
                told = Salvaged("", *bring_over(Path(self.path), db))
        if told.aside:
            self.notices.append(Warning("marks-damaged", told.aside))
        self.notices.append(Warning("marks-salvaged", f"{told.read}, {told.restored}, {told.lost}"))
        return db

    def _back_up(self) -> None:
        from pathlib import Path

        from newsreader.library.backups import back_up, is_due

        if self._asked(is_due, Path(self.path)):
            self._asked(_everything)
            self._asked(back_up, Path(self.path))

    def _asked(
        self, question: Callable[Concatenate[apsw.Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """The answer of the file, mended first if it is damaged, or of what stands in for it."""
        for _ in range(2):
            try:
                return question(self._db, *args, **kwargs)
            except DAMAGE:
                self._heal()
            except REFUSED:
                self._go_on_in_memory()
        return question(self._db, *args, **kwargs)

    def _ask(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self._asked(_all, query, values)


def _all(db: apsw.Connection, query: str, values: tuple[Any, ...]) -> list[Any]:
    return db.execute(query, values).fetchall()


def _believed(db: apsw.Connection, query: str, first: int, values: Sequence[int] = ()) -> list[Any]:
    """The rows of a query, of which each has a mark, its value and time from its column `first` on; raises
    apsw.CorruptError for what no newsreader writes."""
    rows = db.execute(query, values).fetchall()
    for row in rows:
        if not is_mark(*row[first : first + 3]):
            raise apsw.CorruptError("no such mark is written")
    return rows


def _everything(db: apsw.Connection) -> list[Any]:
    """Key, mark, value, time and story of every mark; raises apsw.CorruptError where one is not believed, or a story
    has a key that is another's, or no mark."""
    query = (
        "SELECT k.key, m.mark, m.value, m.at, k.story FROM keys k LEFT JOIN marks m ON m.story = k.story ORDER BY 1, 2"
    )
    rows = _believed(db, query, 1)
    if not all(is_key(key, story) for key, *_, story in rows):
        raise apsw.CorruptError("no such key is written")
    return rows


def _marks_of(db: apsw.Connection, stories: Sequence[int]) -> dict[int, dict[str, str]]:
    holes = ", ".join("?" * len(stories))
    query = f"SELECT story, mark, value, at FROM marks WHERE story IN ({holes}) AND value IS NOT NULL"
    found: dict[int, dict[str, str]] = {}
    for story, mark, value, _ in _believed(db, query, 1, stories):
        found.setdefault(story, {})[mark] = value
    return found


def _dated_ahead(db: apsw.Connection) -> dict[tuple[int, str], int]:
    """When marks were set at the earliest that bear a time which is yet to come, as the clock was wrong: not before
    what was set before them. By story and mark."""
    latest = _now() + AHEAD_MS
    if not db.execute("SELECT EXISTS (SELECT 1 FROM marks WHERE at > ?)", (latest,)).get:
        return {}
    found, before = {}, 0
    for story, mark, _, at in _believed(db, "SELECT story, mark, value, at FROM marks ORDER BY seq", 1):
        if at > latest:
            found[story, mark] = before
        else:
            before = max(before, at)
    return found


def _now() -> int:
    return time.time_ns() // 1_000_000
