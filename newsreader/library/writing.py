"""What goes into the index: dumps as they are found, changed and gone, and the marks as they are set.

Decided only here: which revision of a story is the newest, what its row says, and how marks get into the rows: whoever
writes a row holds the index's lock first and reads the marks then, so that no mark that is set at the same moment is
lost between the two files. Each call is one transaction: a crash leaves whole batches. Only one process at a time puts
and drops dumps.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from itertools import islice
from typing import Any, NamedTuple

import apsw

from newsreader.library.counts import CountChanges, recount
from newsreader.library.db import fetched
from newsreader.library.mark_kinds import DELETED, Flags, flags
from newsreader.library.marks import Marks, brought
from newsreader.library.record import Record, record, row_time, storable, text_of, unpack
from newsreader.library.revisions import apart, held

_CHUNK, _CHUNK_AT_ONCE = 256, 8192
"""So many marks are brought into the rows in one transaction, and where nobody waits for another key."""
_MOST_FAULTS = 1000

UNFIT = (ArithmeticError, LookupError, TypeError, ValueError, apsw.TooBigError, apsw.ConstraintError)
"""What a dump raises on its way into its row where nothing is wrong with the index."""


class Known(NamedTuple):
    """A dump that is in the index: its number, and what tells that it is unchanged, its source's name too."""

    n: int
    size: int
    mtime_ns: int
    inode: int
    source: str


class Found(NamedTuple):
    """A dump that was read: where it stands, what tells that it is unchanged, its source's display name, and what is in
    it: a record, or the number of the `revision` of the same content, or the `problem` that kept it from being read."""

    archive: int
    name: str
    size: int
    mtime_ns: int
    inode: int
    source: str
    hash: bytes = b""
    record: Record | None = None
    revision: int | None = None
    problem: str | None = None


class Writer:
    """Writes the index `db`; `marks` tells the flags of what is written, `zone` the days of what tells only its day."""

    def __init__(self, db: apsw.Connection, marks: Marks, zone: tzinfo) -> None:
        self._db = db
        self._marks = marks
        self._zone = zone
        self._tally = CountChanges()
        self._sources: dict[str, int] = {}
        self._source_keys: dict[str, bytes] = {}

    # --- archives ---

    def archive(self, root: str, kind: str) -> tuple[int, str]:
        """The number of an archive, and the fingerprint with which it was read wholly, "" if it never was."""
        name = os.fsencode(root)
        with self._db:
            self._db.execute(
                "INSERT INTO archives (root, kind) VALUES (?, ?) ON CONFLICT (root) DO UPDATE"
                " SET kind = excluded.kind, fingerprint = iif(kind = excluded.kind, fingerprint, '')",
                (name, kind),
            )
            n, fingerprint = self._db.execute("SELECT n, fingerprint FROM archives WHERE root = ?", (name,)).get
        return n, fingerprint

    def complete(self) -> None:
        """Remember that everything was read once."""
        self._db.execute("INSERT OR REPLACE INTO state VALUES ('complete', 1)")

    def ruled(self) -> int | None:
        """The number of the last story that rules have seen; None if they never saw any of this index."""
        row = self._db.execute("SELECT value FROM state WHERE name = 'ruled'").fetchone()
        return None if row is None else int(row[0])

    def rule_until(self, n: int) -> None:
        """Remember that rules have seen all stories up to a number."""
        self._db.execute("INSERT OR REPLACE INTO state VALUES ('ruled', ?)", (n,))

    def watch(self, mtimes: Mapping[bytes, int]) -> None:
        """Remember the folders and files that were read, with their mtimes; writes nothing if they are the same."""
        if watched(self._db) != dict(mtimes):
            with self._db:
                self._db.execute("DELETE FROM watched")
                self._db.executemany("INSERT INTO watched VALUES (?, ?)", mtimes.items())

    def read_wholly(self, archive: int, fingerprint: str) -> None:
        """Remember that all of an archive is in the index."""
        self._db.execute("UPDATE archives SET fingerprint = ? WHERE n = ?", (fingerprint, archive))

    def other_archives(self, roots: Iterable[str]) -> list[int]:
        """The archives in the index that are none of these."""
        kept = {os.fsencode(root) for root in roots}
        return [n for n, root in self._db.execute("SELECT n, root FROM archives") if root not in kept]

    def forget_archive(self, archive: int) -> None:
        """Take an archive, whose dumps were dropped, out of the index."""
        with self._db:
            self._db.execute("DELETE FROM archives WHERE n = ?", (archive,))
            self._db.execute("DELETE FROM left_out WHERE archive = ?", (archive,))

    def leave_out(self, archive: int, faults: Iterable[tuple[str, str]]) -> None:
        """Remember what of an archive could not be read (path, why), in the place of what could not the last time."""
        rows = [(archive, dump_name(path), storable(why)) for path, why in islice(faults, _MOST_FAULTS)]
        with self._db:
            self._db.execute("DELETE FROM left_out WHERE archive = ?", (archive,))
            self._db.executemany("INSERT INTO left_out VALUES (?, ?, ?)", rows)

    # --- dumps ---

    def known(self, archive: int, name: str) -> Known | None:
        """What the index knows of a dump."""
        row = self._db.execute(
            "SELECT d.n, d.size, d.mtime, d.inode, s.name FROM dumps d JOIN sources s ON s.n = d.source"
            " WHERE d.archive = ? AND d.name = ?",
            (archive, dump_name(name)),
        ).fetchone()
        return None if row is None else Known(*row)

    def dumps_of(self, archive: int) -> list[tuple[int, bytes]]:
        """The numbers and names of an archive's dumps."""
        return fetched(self._db, "SELECT n, name FROM dumps WHERE archive = ?", archive)

    def newest_dump(self) -> int:
        """The number of the dump that came in last; those that come in later have greater ones."""
        return int(self._db.execute("SELECT coalesce(max(n), 0) FROM dumps").get)

    def revision_of(self, content: bytes) -> int | None:
        """The revision of a content (its hash), if it is in the index."""
        row = self._db.execute("SELECT n FROM revisions WHERE hash = ?", (content,)).fetchone()
        return None if row is None else int(row[0])

    def put(self, dumps: Sequence[Found]) -> tuple[int, list[Found]]:
        """Write dumps and the stories that they make; returns how many stories are new, and the dumps that could not be
        written as they were: each stands in the index with its problem instead."""
        try:
            with self._batch() as touched:
                for dump in dumps:
                    self._put_dump(dump, touched)
                return sum(self._refresh(story, records) for story, records in touched.items()), []
        except UNFIT as error:
            if len(dumps) > 1:
                each = [self.put([dump]) for dump in dumps]
                return sum(added for added, _ in each), [dump for _, unfit in each for dump in unfit]
            if dumps[0].problem is not None:
                raise
            problem = f"{type(error).__name__}: {error}"[:500]
            unfit = dumps[0]._replace(record=None, revision=None, problem=problem)
            return self.put([unfit])[0], [unfit]

    @contextmanager
    def _batch(self) -> Iterator[dict[int, dict[int, Record]]]:
        """One transaction, for the revisions of the stories that it touches; nothing is left of one that fails."""
        try:
            with self._db:
                yield {}
                self._tally.write(self._db)
        except BaseException:
            self._tally = CountChanges()
            self._sources.clear()
            raise

    def drop(self, dumps: Iterable[int]) -> int:
        """Take dumps, by their numbers, out of the index; returns how many stories went with them."""
        with self._batch() as touched:
            for n in dumps:
                revision = self._db.execute("SELECT revision FROM dumps WHERE n = ?", (n,)).get
                self._db.execute("DELETE FROM dumps WHERE n = ?", (n,))
                self._release(revision, touched)
            return -sum(self._refresh(story, {}) for story in touched)

    def _put_dump(self, dump: Found, touched: dict[int, dict[int, Record]]) -> None:
        source = self._source(dump.source)
        revision = dump.revision
        if dump.record is not None:
            revision = self._put_revision(dump.record, dump.hash, touched)
        elif revision is not None:
            story = self._db.execute("SELECT story FROM revisions WHERE n = ?", (revision,)).get
            touched.setdefault(story, {})
        name = dump_name(dump.name)
        old = self._db.execute(
            "SELECT n, revision FROM dumps WHERE archive = ? AND name = ?", (dump.archive, name)
        ).fetchone()
        self._db.execute(
            "INSERT INTO dumps (n, archive, name, size, mtime, inode, source, revision, problem)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (n) DO UPDATE SET size = excluded.size, mtime ="
            " excluded.mtime, inode = excluded.inode, source = excluded.source, revision = excluded.revision,"
            " problem = excluded.problem",
            (
                *(old[0] if old else None, dump.archive, name, dump.size, dump.mtime_ns, dump.inode),
                *(source, revision, None if dump.problem is None else storable(dump.problem)),
            ),
        )
        if old and old[1] != revision:
            self._release(old[1], touched)

    def _put_revision(self, entry: Record, content: bytes, touched: dict[int, dict[int, Record]]) -> int:
        """The number of a record's revision, which is written unless it is there already."""
        row = self._db.execute("SELECT n FROM revisions WHERE hash = ?", (content,)).fetchone()
        if row is None:
            self._db.execute(
                "INSERT INTO revisions (story, hash, made, edition, warnings, former, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (entry.story, content, entry.made, entry.edition, entry.warnings, entry.former, entry.body),
            )
        n = int(row[0]) if row else self._db.last_insert_rowid()
        touched.setdefault(entry.story, {})[n] = entry
        return n

    def _release(self, revision: int | None, touched: dict[int, dict[int, Record]]) -> None:
        """Take a revision out that no dump holds any longer."""
        if revision is None:
            return
        touched.setdefault(self._db.execute("SELECT story FROM revisions WHERE n = ?", (revision,)).get, {})
        if self._db.execute("SELECT 1 FROM dumps WHERE revision = ? LIMIT 1", (revision,)).fetchone() is None:
            self._db.execute("DELETE FROM revisions WHERE n = ?", (revision,))

    def _source(self, name: str) -> int:
        n = self._sources.get(name)
        if n is None:
            self._db.execute("INSERT OR IGNORE INTO sources (name) VALUES (?)", (name,))
            n = self._db.execute("SELECT n FROM sources WHERE name = ?", (name,)).get
            self._sources[name] = n
        return n

    def overwritten(self, dumps: Sequence[Found]) -> list[tuple[Found, bytes]]:
        """Those of some dumps that, when they are written, take the last that is known of a former text of the same
        story out of the index; each with that article, packed."""
        lost: dict[int, list[tuple[int, Found]]] = {}
        for dump in dumps:
            old = self._db.execute(
                "SELECT d.n, r.n, r.story, r.edition FROM dumps d JOIN revisions r ON r.n = d.revision"
                " WHERE d.archive = ? AND d.name = ? AND NOT r.former",
                (dump.archive, dump_name(dump.name)),
            ).fetchone()
            new = (dump.record.story, dump.record.edition) if dump.record is not None else None
            if old and dump.revision is not None:
                new = self._db.execute("SELECT story, edition FROM revisions WHERE n = ?", (dump.revision,)).fetchone()
            if old and new and old[2] == new[0] and text_of(old[3]) != text_of(new[1]):
                lost.setdefault(old[1], []).append((old[0], dump))
        found = []
        for revision, holders in lost.items():
            others = f"SELECT 1 FROM dumps WHERE revision = ? AND n NOT IN ({', '.join(str(n) for n, _ in holders)})"
            if self._db.execute(others, (revision,)).fetchone() is None:
                body = self._db.execute("SELECT body FROM revisions WHERE n = ?", (revision,)).get
                found.append((holders[0][1], body))
        return found

    # --- stories ---

    def _refresh(self, story: int, records: dict[int, Record]) -> int:
        """Make a story's row anew from its revisions; returns 1 if it is new, -1 if it is gone, else 0."""
        dumps = held(self._db, story)
        old = self._take_out(story)
        marks = self._marks.of(story)
        if DELETED in marks or all(dump.former for dump in dumps):
            self._db.execute("DELETE FROM stories WHERE sid = ?", (story,))
            return -1 if old else 0
        told = apart(dumps)
        newest = records.get(told[0].revision) or self._record_of(told[0].revision)
        at = row_time(newest, self._zone)
        marked = flags(marks, newest.edition)
        names = sorted({dump.source for dump in dumps if not dump.former})
        topics = [self._topic(name) for name in newest.topics]
        self._db.execute(
            f"INSERT OR REPLACE INTO stories VALUES ({', '.join('?' * 22)})",
            (
                *(old, story, at, self._source(told[0].source), _joined(names) if len(names) > 1 else None),
                *(marked.read, marked.starred, marked.changed, _joined(marked.tags)),
                *(newest.title, newest.key, newest.url, newest.published, newest.exact),
                *(told[0].revision, len(told), told[0].dump, newest.edition),
                " ".join(map(str, topics)) or None,
                *(newest.length, descending(newest.title_key), self._source_key(told[0].source, at)),
            ),
        )
        self._tag(story, at, (), marked.tags)
        sources = [self._source(name) for name in names]
        self._tally.count(sources, at, marked.read, marked.starred, 1)
        for source in sources:
            self._db.execute("INSERT INTO story_sources VALUES (?, ?, ?, ?)", (source, at, story, marked.read))
        for topic in topics:
            self._db.execute("INSERT INTO story_topics VALUES (?, ?, ?)", (topic, at, story))
            self._db.execute("UPDATE topics SET stories = stories + 1 WHERE n = ?", (topic,))
        return 0 if old else 1

    def _take_out(self, story: int) -> int | None:
        """Uncount a story that is there; the number of its row, None if there is none."""
        row = self._db.execute(
            "SELECT n, source, sources, time, read, starred, topics, tags FROM stories WHERE sid = ?", (story,)
        ).fetchone()
        if row is None:
            return None
        n, source, names, time_ms, read, starred, topics, tags = row
        sources = self._sources_of(source, names)
        self._tag(story, time_ms, _apart(tags), ())
        self._tally.count(sources, time_ms, read, starred, -1)
        for source in sources:
            self._db.execute(
                "DELETE FROM story_sources WHERE source = ? AND time = ? AND sid = ?", (source, time_ms, story)
            )
        for topic in map(int, (topics or "").split()):
            self._db.execute(
                "DELETE FROM story_topics WHERE topic = ? AND time = ? AND sid = ?", (topic, time_ms, story)
            )
            self._db.execute("UPDATE topics SET stories = stories - 1 WHERE n = ?", (topic,))
        return int(n)

    def _record_of(self, revision: int) -> Record:
        return record(unpack(self._db.execute("SELECT body FROM revisions WHERE n = ?", (revision,)).get))

    def _tag(self, story: int, time_ms: int, old: Iterable[str], new: Iterable[str]) -> None:
        for tag in set(old).difference(new):
            self._db.execute("DELETE FROM story_tags WHERE tag = ? AND time = ? AND sid = ?", (tag, time_ms, story))
        for tag in set(new).difference(old):
            self._db.execute("INSERT OR IGNORE INTO story_tags VALUES (?, ?, ?)", (tag, time_ms, story))

    def _sources_of(self, source: int, names: str | None) -> list[int]:
        """The numbers of a story's sources, of what its row says of them."""
        return [self._source(name) for name in names.split("\n")] if names else [source]

    def _source_key(self, source: str, time_ms: int) -> bytes:
        key = self._source_keys.get(source)
        if key is None:
            from newsreader.script import sort_key

            key = self._source_keys[source] = descending(sort_key(source))
        return key + (time_ms + 2**63).to_bytes(8)

    def _topic(self, name: str) -> int:
        self._db.execute("INSERT OR IGNORE INTO topics (name) VALUES (?)", (name,))
        return int(self._db.execute("SELECT n FROM topics WHERE name = ?", (name,)).get)

    # --- marks ---

    def bring_marks(self, budget_ms: float | None = None) -> bool:
        """Bring changed marks into the rows, for about so many milliseconds; False if more are waiting. Marks that
        cannot be kept never come in: the file would contradict the index at the next start."""
        if not self._marks.kept or self._db.readonly("main"):
            return False
        end = None if budget_ms is None else time.monotonic() + budget_ms / 1000
        while not self._bring_some(_CHUNK if budget_ms else _CHUNK_AT_ONCE):
            if end is not None and time.monotonic() >= end:
                return False
        return True

    def _bring_some(self, most: int) -> bool:
        epoch, last = self._marks.horizon()
        if brought(self._db) == (epoch, last):
            return True
        with self._db:
            known, applied = brought(self._db)
            if known != epoch or applied > last:
                self._unmark_all()
                applied = 0
            stories = list({story for _, story in self._marks.changed_since(applied, most)})
            self._set_flags(stories)
            self._tally.write(self._db)
            applied = self._marks.unchanged_until(applied, stories)
            self._db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", [("epoch", epoch), ("applied", applied)])
        return bool(applied >= last)

    def _set_flags(self, stories: list[int]) -> None:
        marks = self._marks.of_all(stories)
        changed, read = [], []
        rows: list[Any] = self._db.execute(
            "SELECT n, sid, source, sources, time, edition, read, starred, changed, tags FROM stories"
            f" WHERE sid IN ({', '.join('?' * len(stories))})",
            stories,
        ).fetchall()
        there = {row[1] for row in rows}
        for story in stories:
            if DELETED in marks.get(story, {}):
                self._take_out(story)
            elif story not in there:  # perhaps no longer deleted
                self._refresh(story, {})
        hidden = [(story,) for story in there if DELETED in marks.get(story, {})]
        self._db.executemany("DELETE FROM stories WHERE sid = ?", hidden)
        for row in rows:
            n, story, source, names, time_ms, edition, *old = row
            if DELETED in marks.get(story, {}):
                continue
            new: Flags = flags(marks.get(story, {}), edition)
            if [*new[:3], _joined(new.tags)] == old:
                continue
            changed.append((*new[:3], _joined(new.tags), n))
            self._tag(story, time_ms, _apart(old[3]), new.tags)
            sources = self._sources_of(source, names)
            self._tally.count(sources, time_ms, old[0], old[1], -1)
            self._tally.count(sources, time_ms, new.read, new.starred, 1)
            read += [(new.read, source, time_ms, story) for source in sources]
        changed.sort(key=lambda row: row[-1])
        self._db.executemany("UPDATE stories SET read = ?, starred = ?, changed = ?, tags = ? WHERE n = ?", changed)
        self._db.executemany("UPDATE story_sources SET read = ? WHERE source = ? AND time = ? AND sid = ?", read)

    def _unmark_all(self) -> None:
        """Begin anew with another history of marks."""
        self._db.execute(
            "UPDATE stories SET read = 0, starred = 0, changed = 0, tags = NULL"
            " WHERE read OR starred OR changed OR tags IS NOT NULL"
        )
        self._db.execute("UPDATE story_sources SET read = 0 WHERE read")
        self._db.execute("DELETE FROM story_tags")
        recount(self._db)
        hidden = "SELECT DISTINCT story FROM revisions WHERE story NOT IN (SELECT sid FROM stories)"
        rows: list[Any] = self._db.execute(hidden).fetchall()
        for (story,) in rows:
            self._refresh(story, {})


def dump_name(name: str) -> bytes:
    """The name of a dump as the index keeps it: its bytes, whatever their encoding."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # surrogates of an archive file's own
        return name.encode("utf-8", "surrogatepass")


def watched(db: apsw.Connection) -> dict[bytes, int]:
    """The folders and files that were read, with their mtimes in nanoseconds (Writer.watch)."""
    rows: list[Any] = db.execute("SELECT path, mtime FROM watched").fetchall()
    return dict(rows)


def descending(key: bytes) -> bytes:
    """A key that sorts the other way round, also where one key is the beginning of another; without NULs in `key`."""
    return bytes(255 - byte for byte in key) + b"\xff"


def _joined(tags: Iterable[str]) -> str | None:
    return "\n".join(tags) or None


def _apart(tags: str | None) -> list[str]:
    return tags.split("\n") if tags else []
