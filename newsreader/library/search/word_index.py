"""The index of words: a database of its own beside the main index, made of what that holds.

    docs      which stories are in it, and of which content and source; `n` begins with the day of the story, so that
              the order of `n` is that of time but for the order within a day
    texts     the tokens of titles, bodies and fields (FTS5, without the texts themselves)
    sounds    how the titles sound: syllables, and their first letters
    samples, alike: the same story at several outlets, see search.near_duplicates
    state     the versions that it was made by

Owns: that file, and its filling. Decided only here: what of a story is searched (its title and every block but
furniture), under which marks its fields stand, and when the file is made anew: when it is damaged, or made by another
version of it or of the main index. Never: what a query means.

One process fills at a time, a transaction a batch, newest first: what is killed goes on from there, and whoever
searches meanwhile finds what is in. The main index is only read.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import apsw

from newsreader.article import Article, Furniture, plain, unread
from newsreader.errors import Unsearchable
from newsreader.library.clusters import search_file
from newsreader.library.db import DAMAGE, alone, connect_somehow, failures, inode, locked, remove
from newsreader.library.record import unpack
from newsreader.library.rows import DAY
from newsreader.library.schema import INDEX_VERSION
from newsreader.library.search import near_duplicates
from newsreader.library.search.tokens import BREAK, indexed, tokens, written

MARKS: Final = {"source": "\ue010", "topic": "\ue011", "author": "\ue012", "lang": "\ue013", "has": "\ue014"}
"""What stands before each token of a field: private characters, of which no text that is searched has any."""

ANY: Final = "\ue015"
"""A token of every story."""

PAUSE: Final = "0"
"""Stands for what does not sound like Mandarin."""

_A_DAY: Final = 22  # bits: four million stories

_TABLES: Final = f"""
CREATE TABLE docs (n INTEGER PRIMARY KEY, sid INTEGER NOT NULL UNIQUE, hash BLOB NOT NULL, source TEXT NOT NULL,
    samples BLOB NOT NULL);
CREATE VIRTUAL TABLE texts USING fts5(
    title, body, fields, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '2 3');
CREATE VIRTUAL TABLE sounds USING fts5(
    syllables, initials, content = '', contentless_delete = 1, tokenize = 'ascii');
CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO state VALUES ('main', {INDEX_VERSION});
INSERT INTO texts (texts, rank) VALUES ('automerge', 8);
{near_duplicates.TABLES}
"""

_BATCH: Final = 256
_BATCH_SECONDS: Final = 0.5
_MERGE_PAGES: Final = 2000


class Filling(NamedTuple):
    """How far the filling is: `done` of `total` stories; `stage`: "indexing", "merging", "done", "elsewhere" if another
    process is at it, "canceled"."""

    done: int
    total: int
    stage: str


def first_of_day(time_ms: int) -> int:
    """The lowest `n` of the day (UTC) of a time."""
    return time_ms // DAY << _A_DAY


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
        # A transaction here locks this file only: the main index is read, never written.
        self.db.transaction_mode = "DEFERRED"
        self.db.execute("ATTACH ? AS main_index", (str(self._main.absolute()),))  # read as this file is
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

    def fill(self, cancel: Callable[[], bool] = lambda: False) -> Iterator[Filling]:
        """Bring in what the main index has and this one lacks, and take out what it has no longer; the last Filling's
        stage is neither "indexing" nor "merging". Raises StorageFailed."""
        with alone(self.path.with_name(self.path.name + ".lock")) as is_alone, failures(self.path, Unsearchable):
            if not is_alone:
                yield Filling(0, 0, "elsewhere")
                return
            try:
                yield from self._fill(cancel)
            except DAMAGE:
                self.start_over()
                yield from self._fill(cancel)

    def _fill(self, cancel: Callable[[], bool]) -> Iterator[Filling]:
        forget_others(self.path)
        gone = [n for (n,) in self.db.execute("SELECT n FROM docs WHERE sid NOT IN (SELECT sid FROM stories)")]
        wanted = [sid for (sid,) in self.db.execute(_WANTED)]
        whole = len(wanted) > 4 * self.size()
        for start in range(0, len(gone), _BATCH):
            with self.db:
                for n in gone[start : start + _BATCH]:
                    self._take_out(n)
        done = 0
        while done < len(wanted):
            if cancel():
                yield Filling(done, len(wanted), "canceled")
                return
            yield Filling(done, len(wanted), "indexing")
            done += self._put(wanted[done : done + _BATCH])
        if whole:  # one great segment is searched fastest; later ones are merged as they come
            for _ in self._merged():
                if cancel():
                    yield Filling(done, len(wanted), "canceled")
                    return
                yield Filling(done, len(wanted), "merging")
        yield Filling(done, len(wanted), "done")

    def size(self) -> int:
        """How many stories are in."""
        return int(self.db.execute("SELECT count(*) FROM docs").get)

    def _put(self, stories: list[int]) -> int:
        """Write the first of some stories, for about half a second; how many."""
        until = time.monotonic() + _BATCH_SECONDS
        docs = []
        for sid in stories:
            row = self.db.execute(_STORY, (sid,)).fetchone()
            if row is not None:
                docs.append((sid, *row))
            if time.monotonic() > until:
                break
        done = stories.index(sid) + 1
        docs.sort(key=lambda doc: doc[1])  # FTS5 writes a segment whenever a number is not the greatest yet
        with self.db:
            for sid, time_ms, content, source, body in docs:
                old = self.db.execute("SELECT n FROM docs WHERE sid = ?", (sid,)).fetchone()
                if old:
                    self._take_out(old[0])
                self._put_in(sid, time_ms, content, source, unpack(body))
        return done

    def _number(self, time_ms: int) -> int:
        first = first_of_day(time_ms)
        last = self.db.execute("SELECT max(n) FROM docs WHERE n >= ? AND n < ?", (first, first_of_day(time_ms + DAY)))
        return int(last.get or first) + 1

    def _put_in(self, sid: int, time_ms: int, content: bytes, source: str, article: Article) -> None:
        from newsreader.script import readings

        n = self._number(time_ms)
        body = [text for _, text in searched(article)]
        samples = near_duplicates.put_in(self.db, sid, time_ms, source, article.title, body)
        self.db.execute("INSERT INTO docs VALUES (?, ?, ?, ?, ?)", (n, sid, content, source, samples))
        self.db.execute(
            "INSERT INTO texts (rowid, title, body, fields) VALUES (?, ?, ?, ?)",
            (n, indexed([article.title]), indexed(body), _fields(article, source)),
        )
        heard = readings(article.title)
        if any(heard):
            syllables = " ".join(sound or PAUSE for sound in heard)
            initials = " ".join(sound[:1] or PAUSE for sound in heard)
            self.db.execute(
                "INSERT INTO sounds (rowid, syllables, initials) VALUES (?, ?, ?)", (n, syllables, initials)
            )

    def _take_out(self, n: int) -> None:
        sid, samples = self.db.execute("SELECT sid, samples FROM docs WHERE n = ?", (n,)).get
        near_duplicates.take_out(self.db, sid, samples)
        for table, key in (("docs", "n"), ("texts", "rowid"), ("sounds", "rowid")):
            self.db.execute(f"DELETE FROM {table} WHERE {key} = ?", (n,))

    def _merged(self) -> Iterator[None]:
        """Make one segment of all, step by step, and give back what that leaves of the file."""
        for table in ("texts", "sounds"):
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


_WANTED: Final = (
    "SELECT s.sid FROM stories s JOIN revisions r ON r.n = s.revision JOIN sources c ON c.n = s.source"
    " LEFT JOIN docs d ON d.sid = s.sid WHERE d.hash IS NOT r.hash OR d.source IS NOT c.name ORDER BY s.time DESC"
)
_STORY: Final = (
    "SELECT s.time, r.hash, c.name, r.body FROM stories s JOIN revisions r ON r.n = s.revision"
    " JOIN sources c ON c.n = s.source WHERE s.sid = ?"
)


def searched(article: Article) -> Iterator[tuple[int, str]]:
    """The texts of a body that are searched, each with the number of its block: where readings stand between the
    characters, also without these, so that a word is found across them."""
    for n, block in enumerate(article.blocks):
        if not isinstance(block, Furniture) and (text := plain(block.spans)):
            yield n, text
            if (without := unread(block.spans)) != text:
                yield n, without


def fields(article: Article, source: str) -> Iterator[tuple[str, str]]:
    """Every field of a story that a query can ask for, and what stands in it. A source is known by its address too."""
    yield "source", source
    if host := _host(article.url):
        yield "source", host
    for topic in article.topics:
        yield "topic", topic.name
    yield "author", article.byline
    yield "lang", article.language
    if article.images:
        yield "has", "image"
    if any(link.kind != "media" for link in article.links):
        yield "has", "link"


def _fields(article: Article, source: str) -> str:
    parts = [written(tokens(text), MARKS[field]) for field, text in fields(article, source)]
    return f" {BREAK} ".join([ANY, *filter(None, parts)])


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


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
