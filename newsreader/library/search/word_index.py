"""The index of words: a database of its own beside the main index, made of what that holds.

    docs      which stories are in it, and of which content and source; `n` begins with the day of the story, so that
              the order of `n` is that of time but for the order within a day; the numbers of the blocks that are
              appendices
    texts     the tokens of titles, bodies and fields (FTS5, without the texts themselves)
    titles    those of titles and fields once more: a word that few titles have is found there in no time
    sounds    how the titles sound, see search.sounds
    samples, alike: the same story at several outlets, see search.near_duplicates
    blocks    what repeats over the stories of a source, see search.appendices
    state     the versions that it was made by

Decided only here: when the file is made anew (when it is damaged, or made by another version of it or of the main
index), and how it is filled: by one process at a time, which writes what workers make (documents), a transaction a
batch, newest first. What is killed goes on from there, and whoever searches meanwhile finds what is in. The main index
is only read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import apsw

from newsreader.errors import Unsearchable
from newsreader.jobs import Pool
from newsreader.library.clusters import search_file
from newsreader.library.counts import DAY
from newsreader.library.db import DAMAGE, alone, connect_somehow, failures, inode, locked, read_apart, remove
from newsreader.library.schema import INDEX_VERSION
from newsreader.library.search import appendices, near_duplicates, ranking, sounds
from newsreader.library.search.documents import MARKS, Document, Packed, Pair, answer
from newsreader.library.search.near_duplicates import Unwritten
from newsreader.library.search.tokens import BETWEEN, marked

_A_DAY: Final = 22  # bits: four million stories

_TABLES: Final = f"""
CREATE TABLE docs (n INTEGER PRIMARY KEY, sid INTEGER NOT NULL UNIQUE, hash BLOB NOT NULL, source TEXT NOT NULL,
    samples BLOB NOT NULL, blocks BLOB NOT NULL, appendix TEXT NOT NULL);
CREATE VIRTUAL TABLE texts USING fts5(
    title, body, fields, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '2 3');
CREATE VIRTUAL TABLE sounds USING fts5(
    syllables, initials, content = '', contentless_delete = 1, tokenize = 'ascii');
CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO state VALUES ('main', {INDEX_VERSION});
INSERT INTO texts (texts, rank) VALUES ('automerge', 8);
CREATE VIRTUAL TABLE titles USING fts5(
    title, fields, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '2 3');
{near_duplicates.TABLES}
{appendices.TABLES}
"""

_BATCH: Final = 256
_FEW: Final = 64  # stories for which no worker is begun
_MERGE_PAGES: Final = 2000


Answer: TypeAlias = Callable[[], Any]
"""Waits for what a worker makes of a task."""

Ask: TypeAlias = Callable[[Packed | Pair], Answer]


class Answers:
    """The answers of a pool, in whatever order they are asked for."""

    def __init__(self, pool: Pool[Packed | Pair, Any]) -> None:
        self._pool = pool
        self._there: dict[int, Any] = {}

    def ask(self, task: Packed | Pair) -> Answer:
        """Have a task done."""
        n = self._pool.give(task)
        return cache(lambda: self._wait(n))

    def _wait(self, n: int) -> Any:
        while n not in self._there:
            self._there.update({done.n: done.answer for done in self._pool.take(None)})
        return self._there.pop(n)


def _here(task: Packed | Pair) -> Answer:
    return cache(lambda: answer(task))


class _Story(NamedTuple):
    """A story on its way in."""

    sid: int
    time: int
    content: bytes
    source: str
    body: bytes
    made: Answer

    def document(self) -> Document:
        """Its document, once that is made; an empty one where that failed, lest it be tried for ever."""
        made = self.made()
        return made if isinstance(made, Document) else Document()


class Filling(NamedTuple):
    """How far the filling is: `done` of `total` stories; `stage`: "indexing", "merging", "done", "elsewhere" if another
    process is at it, "canceled"."""

    done: int
    total: int
    stage: str


def first_of_day(time_ms: int) -> int:
    """The lowest `n` of the day (UTC) of a time."""
    return time_ms // DAY << _A_DAY


def day_of(n: int) -> int:
    """The day (UTC, since 1970) of the story of a number."""
    return n >> _A_DAY


class SearchIndex:
    """The words of the index at a path. Used from one thread. Raises Unsearchable if there can be none."""

    def __init__(self, index: Path) -> None:
        self.path = search_file(index)
        self._main = index
        self.is_another = False
        with failures(self.path, Unsearchable):
            self._open()

    def close(self) -> None:
        """Let go of both files."""
        self.db.close()

    def refresh(self) -> None:
        """Open anew what another process has put in the place of one of the files."""
        if (inode(self.path), inode(self._main)) != self._nodes:
            self.db.close()
            self.is_another = True
            with failures(self.path, Unsearchable):
                self._open()

    def start_over(self) -> None:
        """Put an empty file in the place of a damaged one."""
        self.db.close()
        self.is_another = True
        with failures(self.path, Unsearchable):
            with locked(self.path.with_name(self.path.name + ".swap")):
                if inode(self.path) == self._nodes[0]:
                    remove(self.path)
            self._open()

    def _open(self) -> None:
        try:
            self.db = connect_somehow(self.path, cache_kib=8192)
            fault = self._prepare()
            if fault:
                self.db.close()
        except DAMAGE:
            fault = True
        if fault:
            remove(self.path)
            self.db = connect_somehow(self.path, cache_kib=8192)
            self._prepare()
        ranking.register(self.db)
        sounds.register(self.db)
        # A transaction here locks this file only: the main index is read, never written.
        self.db.transaction_mode = "DEFERRED"
        main = read_apart(self._main) if self.db.readonly("main") else str(self._main.absolute())  # as this file is
        self.db.execute("ATTACH ? AS main_index", (main,))
        self._nodes = inode(self.path), inode(self._main)

    def _prepare(self) -> bool:
        """Make the tables of an empty file; whether those that stand there are of no use."""
        if not self.db.execute("SELECT count(*) FROM sqlite_schema").get:
            self.db.pragma("auto_vacuum", "incremental")
            self.db.execute("VACUUM")  # the file has its header already, so that this is what makes it so
            with self.db:
                self.db.execute(_TABLES)
        try:
            made_by = self.db.execute("SELECT value FROM state WHERE name = 'main'").get
        except apsw.SQLError:
            return True
        return bool(made_by != INDEX_VERSION)

    # --- filling ---

    def fill(self, pool: Pool[Packed | Pair, Any], cancel: Callable[[], bool] = lambda: False) -> Iterator[Filling]:
        """Bring in what the main index has and this one lacks, and take out what it has no longer; the last Filling's
        stage is neither "indexing" nor "merging". `pool`: workers that answer by `documents`. Raises StorageFailed."""
        with alone(self.path.with_name(self.path.name + ".lock")) as is_alone, failures(self.path, Unsearchable):
            if not is_alone:
                yield Filling(0, 0, "elsewhere")
                return
            try:
                yield from self._fill(pool, cancel)
            except DAMAGE:
                self.start_over()
                yield from self._fill(pool, cancel)

    def _fill(self, pool: Pool[Packed | Pair, Any], cancel: Callable[[], bool]) -> Iterator[Filling]:
        forget_others(self.path)
        gone = [n for (n,) in self.db.execute("SELECT n FROM docs WHERE sid NOT IN (SELECT sid FROM stories)")]
        wanted = [sid for (sid,) in self.db.execute(_WANTED)]
        whole = len(wanted) > 4 * self.size()
        for start in range(0, len(gone), _BATCH):
            with self.db:
                for n in gone[start : start + _BATCH]:
                    self._take_out(n)
        for stories in (wanted, None):  # then those of which what came after them made something else
            if stories is None:
                stories = [sid for (sid,) in self.db.execute("SELECT sid FROM docs WHERE hash = x''")]
            ask = _here if len(stories) < _FEW else Answers(pool).ask
            if not (yield from self._bring_in(stories, ask, cancel)):
                return
        if whole:  # one great segment is searched fastest; later ones are merged as they come
            for _ in self._merged():
                if cancel():
                    yield Filling(len(wanted), len(wanted), "canceled")
                    return
                yield Filling(len(wanted), len(wanted), "merging")
        yield Filling(len(wanted), len(wanted), "done")

    def _bring_in(self, wanted: list[int], ask: Ask, cancel: Callable[[], bool]) -> Generator[Filling, None, bool]:
        """While one batch is written, the workers are at the next; False if it was canceled."""
        asked = self._asked(wanted[:_BATCH], ask)
        for done in range(0, len(wanted), _BATCH):
            if cancel():
                yield Filling(done, len(wanted), "canceled")
                return False
            yield Filling(done, len(wanted), "indexing")
            compared = self._compared(asked, ask)
            following = self._asked(wanted[done + _BATCH : done + 2 * _BATCH], ask)
            self._write(asked, compared)
            asked = following
        return True

    def size(self) -> int:
        """How many stories are in."""
        return int(self.db.execute("SELECT count(*) FROM docs").get)

    def _asked(self, stories: list[int], ask: Ask) -> list[_Story]:
        """Have the documents of stories made."""
        rows = [(sid, self.db.execute(_STORY, (sid,)).fetchone()) for sid in stories]
        return [
            _Story._make(
                (sid, *row, ask(Packed(row[2], row[3], self._bodies(_PAGES_OF, sid), self._bodies(_FORMER, sid))))
            )
            for sid, row in rows
            if row is not None
        ]

    def _bodies(self, which: str, story: int) -> tuple[bytes, ...]:
        return tuple(body for (body,) in self.db.execute(which, (story,)))

    def _compared(self, stories: list[_Story], ask: Ask) -> list[tuple[int, int, Answer]]:
        """Have stories, once their documents are made, compared with those that may be alike."""
        unwritten = Unwritten(self.db)
        return [
            (story.sid, other, ask(Pair(story.body, body)))
            for story in stories
            for other, body in unwritten.candidates(*story[:2], story.document().samples)
        ]

    def _write(self, stories: list[_Story], compared: list[tuple[int, int, Answer]]) -> None:
        """Write stories, once all answers are there."""
        alike = [(sid, other) for sid, other, answer in compared if answer() is True]
        stories.sort(key=lambda story: story.time)  # FTS5 writes a segment whenever a number is not the greatest yet
        with self.db:
            before = {story.sid: self._taken_out(story.sid) for story in stories}
            for story in stories:
                self._put_in(story, story.document(), before[story.sid])
            for sid, other in alike:
                near_duplicates.join(self.db, sid, other)

    def _number(self, time_ms: int) -> int:
        first = first_of_day(time_ms)
        last = self.db.execute("SELECT max(n) FROM docs WHERE n >= ? AND n < ?", (first, first_of_day(time_ms + DAY)))
        return int(last.get or first) + 1

    def _put_in(self, story: _Story, document: Document, before: bytes) -> None:
        n = self._number(story.time)
        samples = near_duplicates.put_in(self.db, story.sid, story.time, document.samples)
        blocks, repeated = appendices.put_in(self.db, story.sid, {one for one, *_ in document.blocks}, before)
        appendix, body, beside = _divided(document, repeated)
        self.db.execute(
            "INSERT INTO docs VALUES (?, ?, ?, ?, ?, ?, ?)",
            (n, story.sid, story.content, story.source, samples, blocks, appendix),
        )
        self.db.execute(
            "INSERT INTO texts (rowid, title, body, fields) VALUES (?, ?, ?, ?)",
            (n, document.title, body, document.fields + beside),
        )
        self.db.execute(
            "INSERT INTO titles (rowid, title, fields) VALUES (?, ?, ?)", (n, document.title, document.fields)
        )
        if document.syllables:
            self.db.execute(
                "INSERT INTO sounds (rowid, syllables, initials) VALUES (?, ?, ?)",
                (n, document.syllables, document.initials),
            )

    def _taken_out(self, sid: int) -> bytes:
        """Take out a story that will be put in again: the hashes of its blocks."""
        found = self.db.execute("SELECT n, blocks FROM docs WHERE sid = ?", (sid,)).fetchone()
        if found is None:
            return b""
        self._delete(found[0])
        return bytes(found[1])

    def _take_out(self, n: int) -> None:
        sid, blocks = self.db.execute("SELECT sid, blocks FROM docs WHERE n = ?", (n,)).get
        self._delete(n)
        appendices.take_out(self.db, sid, blocks)

    def _delete(self, n: int) -> None:
        near_duplicates.take_out(self.db, *self.db.execute("SELECT sid, samples FROM docs WHERE n = ?", (n,)).get)
        for table, key in (("docs", "n"), ("texts", "rowid"), ("titles", "rowid"), ("sounds", "rowid")):
            self.db.execute(f"DELETE FROM {table} WHERE {key} = ?", (n,))

    def _merged(self) -> Iterator[None]:
        """Make one segment of all, step by step, and give back what that leaves of the file."""
        for table in ("texts", "titles", "sounds"):
            pages = -_MERGE_PAGES
            while True:
                before = self.db.total_changes()
                with self.db:
                    self.db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", (pages,))
                if self.db.total_changes() - before < 2:
                    break
                pages = _MERGE_PAGES
                yield
        for _ in range(self.db.pragma("freelist_count") // _MERGE_PAGES + 1):
            self.db.execute(f"PRAGMA incremental_vacuum({_MERGE_PAGES})").fetchall()
            yield


def _divided(document: Document, repeated: set[int]) -> tuple[str, str, str]:
    """The numbers of the blocks that are appendices, what is searched first, and what is searched last: as a field."""
    found = {(number, n) for one, number, n in document.blocks if one in repeated}
    beside = {n for _, n in found}
    if sum(len(document.body[n]) for n in beside) > appendices.ALL_BUT_NOTHING * sum(map(len, document.body)):
        found, beside = set(), set()
    body = BETWEEN.join(text for n, text in enumerate(document.body) if n not in beside)
    last = (BETWEEN + marked(document.body[n], MARKS["appendix"]) for n in sorted(beside))
    return ",".join(map(str, sorted(number for number, _ in found))), body, "".join(last)


_PAGES: Final = "FROM revisions p WHERE p.former = 2 AND p.story = s.sid ORDER BY p.n"
_PAGES_OF: Final = f"SELECT p.body {_PAGES.replace('s.sid', '?')}"
_FORMER: Final = (
    "SELECT p.body FROM stories s JOIN revisions p ON p.story = s.sid"
    " WHERE s.sid = ? AND s.revisions > 1 AND p.former < 2 AND p.n <> s.revision"
)
_CONTENT: Final = (
    f"r.hash || s.revisions || coalesce((SELECT group_concat(hex(hash), '') FROM (SELECT p.hash {_PAGES})), '')"
)
"""What a document is made of: the newest revision, how many there are, and what commands made of the story."""
_WANTED: Final = (
    "SELECT s.sid FROM stories s JOIN revisions r ON r.n = s.revision JOIN sources c ON c.n = s.source"
    f" LEFT JOIN docs d ON d.sid = s.sid WHERE d.hash IS NOT CAST({_CONTENT} AS BLOB)"
    " OR d.source IS NOT coalesce(s.sources, c.name) ORDER BY s.time DESC"
)
_STORY: Final = (
    f"SELECT s.time, CAST({_CONTENT} AS BLOB), coalesce(s.sources, c.name), r.body"
    " FROM stories s JOIN revisions r ON r.n = s.revision"
    " JOIN sources c ON c.n = s.source WHERE s.sid = ?"
)


def forget_others(path: Path) -> None:
    """Delete what older versions, and of older main indexes, are in the place of the file at a path."""
    ours = _versions(path)
    for other in path.parent.glob("*-search-v*.db"):
        theirs = _versions(other)
        if (
            ours
            and theirs
            and theirs != ours
            and theirs[0] == ours[0]
            and theirs[1] <= ours[1]
            and theirs[2] <= ours[2]
        ):
            remove(other)


def _versions(path: Path) -> tuple[str, int, int] | None:
    match = re.fullmatch(r"(.*)-v(\d+)-search-v(\d+)", path.stem)
    return (match[1], int(match[2]), int(match[3])) if match else None
