"""One index with its marks, as one thing: what a reader asks of them and tells them.

Decided only here: a damaged index is replaced by an empty one and the question asked again; a mark is written to its
own file first and then brought into the index, at once if the index is free, else at the next tick, of many marks a
slice at a time, and until then is put over the rows that are handed out. Used from one thread at a time; another thread
or process opens its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Concatenate, Literal, ParamSpec, TypeVar

import apsw

from newsreader.errors import NotFound, StorageFailed, Warning
from newsreader.library.db import (
    DAMAGE,
    PATIENCE_MS,
    REFUSED,
    alone,
    failures,
    fetched,
    inode,
    reason,
    sid,
    sound,
    story_of,
    version,
)
from newsreader.library.mark_kinds import flags
from newsreader.library.marks import Marks, brought
from newsreader.library.rows import Rows, dump_path, narrow
from newsreader.library.schema import open_index, start_over
from newsreader.library.views import ALL, View
from newsreader.summary import Summary

if TYPE_CHECKING:
    from _typeshed import StrPath

    from newsreader.article import Article
    from newsreader.library.writing import Writer

_P = ParamSpec("_P")
_T = TypeVar("_T")

_SHORT_MS = 15
"""How long a key press waits for an index that is being written."""

TICK_MS = 10
"""How long one tick spends on bringing in marks that others set."""

_SLICE_MS = 30
"""How long keys wait for a slice of many marks on their way into the index."""

_MOST_WAITING = 4096
"""So many stories whose marks the index lacks are known one by one."""

_LOOK_SECONDS = 5
"""How often a file is opened again that can only be read, without seeing what others write, or not even that."""


class Index:
    """The index at `index` with `marks`, which are closed with it; its days are those of `zone`. `filling`: for a
    process that fills the index, which waits for its lock and keeps more of it in memory. Raises StorageFailed if there
    can be no index at that path."""

    _db: apsw.Connection

    def __init__(self, index: StrPath, marks: Marks, *, zone: tzinfo = UTC, filling: bool = False) -> None:
        self.path = os.fspath(index)
        self.marks = marks
        self._zone = zone
        self._filling = filling
        self._notices: list[Warning] = []
        self._version = 0
        self._is_read_only = self._is_closed = False
        self._stands: Literal["gone", "read-only", "back"] = "back"
        self._next_look = 0.0
        self._waiting: frozenset[int] | None = frozenset()
        self._narrowed: Sequence[tuple[int, int]] = ()
        self._writer: Writer | None = None
        with failures(index):
            self._open()
        self._tell(self._node)
        self.bring_marks(TICK_MS)

    def close(self) -> None:
        """Let go of both files."""
        self.marks.close()
        self._db.close()

    def notices(self) -> tuple[Warning, ...]:
        """What happened to the files that the reader ought to know, each told once: "index-damaged", "index-version",
        "index-read-only" or "index-gone" (its folder was renamed, its disk taken away or unreadable), and "index-back"
        after these; the same of the marks, of which "marks-damaged" tells the copy that was set aside,
        "marks-salvaged" how many were read, came from the backups, and are lost; "marks-kept-again",
        "marks-not-kept", "marks-of-newer-version"."""
        told = (*self._notices, *self.marks.notices)
        self._notices.clear()
        self.marks.notices.clear()
        return told

    @property
    def is_gone(self) -> bool:
        """Whether the file is no longer at its path, or not to be read, as `changed` saw it last; what is open goes on
        being read."""
        return self._stands == "gone"

    @property
    def is_of_no_use(self) -> bool:
        """Whether it was never filled to its end, and cannot be written."""
        return self._is_read_only and not self.is_complete()

    # --- what there is ---

    def ask(self, question: Callable[Concatenate[apsw.Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """The answer of the index to a question; asked again of an empty index where it finds it damaged. Raises
        StorageFailed."""
        try:
            try:
                return question(self._db, *args, **kwargs)
            except DAMAGE:
                self._heal()
                return question(self._db, *args, **kwargs)
        except REFUSED as error:
            raise StorageFailed(self.path, reason(error)) from error

    def rows(self, view: View = ALL, narrow: Callable[[str], object] = lambda _: None) -> Rows:
        """The rows of a view. `narrow` is told its query, before every question."""
        return Rows(self, view, narrow)

    def summary(self, story: str) -> Summary | None:
        """The row of a story."""
        return self.rows().summary(story)

    def article(self, story: str, revision: int | None = None) -> Article:
        """A revision of a story, 1 the oldest, None the newest; raises NotFound."""
        from newsreader.library import revisions

        article = self.ask(revisions.revision, sid(story), revision)
        if article is None:
            raise NotFound(story)
        return article

    def revisions(self, story: str) -> list[tuple[Article, str]]:
        """All revisions of a story, the newest last, each with the path of a dump that holds it."""
        from newsreader.library import revisions

        return self.ask(revisions.revisions, sid(story))

    def ids(self, beginning: str, limit: int) -> list[str]:
        """The ids that begin so (hexadecimal digits, at most 16), the first `limit`."""
        low, high = sid(beginning.ljust(16, "0")), sid(beginning.ljust(16, "f"))
        found = self.ask(
            fetched, "SELECT sid FROM stories WHERE sid BETWEEN ? AND ? ORDER BY sid LIMIT ?", low, high, limit
        )
        return [story_of(number) for (number,) in found]

    def holds(self, story: str) -> bool:
        """Whether there is a story of that id."""
        return bool(self.ask(fetched, "SELECT 1 FROM stories WHERE sid = ?", sid(story)))

    def is_complete(self) -> bool:
        """Whether everything was read once."""
        return bool(self.ask(fetched, "SELECT 1 FROM state WHERE name = 'complete'"))

    def faults(self) -> list[str]:
        """What SQLite finds wrong with the index, reading all of it; empty if it is sound."""
        try:
            return sound(self._db)
        except DAMAGE as error:
            return [reason(error)]

    def throw_away(self) -> None:
        """Begin anew with an empty index."""
        self._heal()

    def move(self, index: StrPath) -> None:
        """Go on with the index at another path. Raises StorageFailed, and then goes on with this one."""
        before, db = self.path, self._db
        self.path = os.fspath(index)
        try:
            with failures(index):
                self._open()
        except StorageFailed:
            self.path, self._db, self._is_closed = before, db, False
            raise
        self._stands = "back"
        db.close()

    def faulty_dumps(self) -> Iterator[tuple[str, str | None, str | None]]:
        """Path, what kept it from being read, and the warnings (JSON) of every dump that has either, by path; then what
        archives left out, and the code of archive.Skipped that says why, or the system's words."""
        with failures(self.path):
            for root, kind, name, problem, warnings in self._db.execute(
                "SELECT a.root, a.kind, d.name, d.problem, r.warnings FROM dumps d JOIN archives a ON a.n = d.archive"
                " LEFT JOIN revisions r ON r.n = d.revision WHERE d.problem IS NOT NULL OR r.warnings IS NOT NULL"
                " ORDER BY a.root, d.name"
            ):
                yield dump_path(root, kind, name), problem, warnings
            for path, why in self._db.execute("SELECT path, why FROM left_out ORDER BY path"):
                yield path.decode("utf-8", "surrogateescape"), why, None

    def narrow(self, stories: Sequence[tuple[int, int]]) -> None:
        """Say which stories (time, sid) the query of a view finds, until this is said again."""
        self._narrowed = stories
        self.ask(narrow, stories)

    def state(self) -> tuple[int, int]:
        """What differs when anything that is in the index may have changed."""
        return self.ask(version), self._db.total_changes()

    def changed(self) -> bool:
        """Whether another process changed the index or the marks since this was asked last; brings changed marks in."""
        moved = False
        node = inode(self.path)
        is_due = time.monotonic() >= self._next_look
        if node and (node != self._node or (is_due and (self._is_closed or self._is_read_only))):
            self._db.close()
            with suppress(StorageFailed), failures(self.path):
                self._open()
            moved = True
        self._tell(node)
        if self._is_closed:
            return self.marks.moved()
        now = self.ask(version)
        moved = moved or now != self._version
        self._version = now
        waiting = self._waiting
        if self.marks.moved() or self.is_behind:
            moved |= self.bring_marks(TICK_MS) or waiting != self._waiting
        return moved

    @property
    def is_behind(self) -> bool:
        """Whether there are marks that the index does not have yet."""
        return self._waiting is None or bool(self._waiting)

    def catch_up(self) -> bool:
        """Bring in a slice of the marks that the index lacks; whether more of them wait and the index takes them."""
        if self._is_closed or not self.is_behind:
            return False
        before = self.ask(brought)
        self.bring_marks(_SLICE_MS)
        return self.is_behind and self.ask(brought) != before

    # --- filling ---

    def only_filler(self) -> AbstractContextManager[bool]:
        """Whether no other process is filling this index; none will while this lasts. Raises StorageFailed."""
        return alone(self.path + ".lock")

    def write(self, step: Callable[Concatenate[Writer, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Take one step of filling the index. Raises StorageFailed; with `why` "damaged" the index is an empty
        one now."""
        try:
            if self._writer is None:
                self._writer = _writer(self._db, self.marks, self._zone)
            return step(self._writer, *args, **kwargs)
        except apsw.Error as error:
            if isinstance(error, DAMAGE):
                self._heal()
            raise StorageFailed(self.path, reason(error)) from error

    # --- marks on their way into the index ---

    def bring_marks(self, budget_ms: float | None = None) -> bool:
        """Bring changed marks into the index as far as it can be written now, in so much time (None: whatever it
        takes); whether any were waiting."""
        unsaved = {story for story, _ in self.marks.unsaved}
        pending: list[int] = []
        try:
            were_any = bool(self.ask(_pending, self.marks, 1))
            if were_any and not self.ask(_bring, self.marks, self._zone, budget_ms):
                pending = self.ask(_pending, self.marks, _MOST_WAITING)
        except StorageFailed:
            were_any = True
            pending = self.ask(_pending, self.marks, _MOST_WAITING)
        self._waiting = frozenset(unsaved.union(pending)) if len(pending) < _MOST_WAITING else None
        return were_any

    def marked(self, row: Summary) -> Summary:
        """A row with the marks that the index does not have yet."""
        if self._waiting is not None and sid(row.id) not in self._waiting:
            return row
        edition = self.ask(fetched, "SELECT edition FROM stories WHERE sid = ?", sid(row.id))
        if not edition:
            return row
        marks = flags(self.marks.of(sid(row.id)), edition[0][0])
        return row._replace(read=marks.read, starred=marks.starred, changed=marks.changed, tags=marks.tags)

    # --- the file ---

    def _open(self) -> None:
        self._is_closed = True
        self._next_look = time.monotonic() + _LOOK_SECONDS
        self._db, why = open_index(self.path, cache_kib=65536 if self._filling else 4096)
        if why:
            self._notices.append(Warning(f"index-{why}", self.path))
        self._is_read_only = self._db.readonly("main")
        self._db.set_busy_timeout(PATIENCE_MS if self._filling else _SHORT_MS)
        self._writer = None
        narrow(self._db, self._narrowed)
        self._node = inode(self.path)
        self._version = version(self._db)
        self._is_closed = False

    def _tell(self, node: int) -> None:
        """Tell how it stands with the file, which is at `node`, where that has changed since."""
        stands = self._stands
        self._stands = "gone" if not node or self._is_closed else "read-only" if self._is_read_only else "back"
        if self._stands != stands:
            self._notices.append(Warning(f"index-{self._stands}", self.path))

    def _heal(self) -> None:
        """Put an empty index in the place of the damaged one that is open; none is open where that cannot be."""
        self._is_closed = True
        self._db.close()
        with failures(self.path):
            start_over(self.path, self._node)
            self._open()
        self._notices.append(Warning("index-damaged", self.path))


def _pending(db: apsw.Connection, marks: Marks, limit: int) -> list[int]:
    return marks.pending(db, limit)


def _bring(db: apsw.Connection, marks: Marks, zone: tzinfo, budget_ms: float | None) -> bool:
    return _writer(db, marks, zone).bring_marks(budget_ms)


def _writer(db: apsw.Connection, marks: Marks, zone: tzinfo) -> Writer:
    from newsreader.library.writing import Writer

    return Writer(db, marks, zone)
