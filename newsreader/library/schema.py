"""The tables of the two databases.

Decided only here: the numbers of the versions, and what tells a sound file from another.

The index (of one index: the library, one opened path, the demo) holds what the archives say and can be made anew:

    sources     display names
    archives    folders and archive files that are in the index; `fingerprint` of a file that was read wholly
    dumps       every file: where it stands, what tells that it is unchanged, which revision it holds
    revisions   one a differing dump of a story: the parsed article, compressed; `former`: 1 if its archive
                holds that text no longer (newsreader.former_dumps), 2 if a command made it (reader.command_pages)
    stories     one a story: what a list row shows, made of its newest revision, and its marks, repeated from the
                marks database so that a filter by them needs no other file; `source`: of the newest dump; `sources`:
                the names of all, a line each, where there are several
    story_sources   every source that a story has a dump from
    topics, story_topics, story_tags
    counts      stories, unread and starred a source (0: all) and day, so that counting reads days, not stories; a
                story counts with each of its sources
    totals      the same a source
    state       which changes of the marks are in `stories`
    left_out    what of an archive was no dump that could be read, and why; of each archive so many at most
    watched     folders and archive files, and the mtime that each had before it was read last

`stories.n` grows with each story that comes, and no number comes back (reader.rules). `stories.sid` is the id as a
signed number (db.sid); rows are ordered by (time, sid), or by another key and sid, always the greatest first:
writing.descending turns what is sorted upwards. The partial indexes hold what is unread or starred only, so that such
a filter never passes over what it leaves out; those by length, title and source hold all that is filtered by but
marks, so that a rank is counted without a look at the rows and no mark changes them.

The marks database (one for all shelves, another for the demo) is precious. `marks` holds the present value of every
mark of a story and when it was set; `changes` with `actions` holds what the last actions changed, newest last, so that
they can be undone; `seq` grows for ever, so that an index knows what it has not seen yet. An action that takes back
another or does it again has its number in `of`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from newsreader.files import clear_half_written, read_file
from newsreader.library.db import DAMAGE, beside, connect, connect_somehow, inode, locked, put_in_place, remove

if TYPE_CHECKING:
    from _typeshed import StrPath

INDEX_VERSION = 8
MARKS_FILE = "marks-v1.db"
"""Its number is that of a format, not of the version: each newsreader brings the file of an older one up to its own."""

_INDEX = """
CREATE TABLE sources (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE archives (
    n INTEGER PRIMARY KEY, root BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, fingerprint TEXT NOT NULL DEFAULT '');
CREATE TABLE dumps (
    n INTEGER PRIMARY KEY, archive INTEGER NOT NULL, name BLOB NOT NULL, size INTEGER NOT NULL,
    mtime INTEGER NOT NULL, inode INTEGER NOT NULL, source INTEGER NOT NULL, revision INTEGER, problem TEXT,
    UNIQUE (archive, name));
CREATE INDEX dumps_of ON dumps (revision);
CREATE TABLE revisions (
    n INTEGER PRIMARY KEY, story INTEGER NOT NULL, hash BLOB NOT NULL UNIQUE, made INTEGER NOT NULL,
    edition TEXT NOT NULL, warnings TEXT, former INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX revisions_of ON revisions (story);
CREATE INDEX pages_of ON revisions (story) WHERE former = 2;
CREATE TABLE stories (
    n INTEGER PRIMARY KEY AUTOINCREMENT, sid INTEGER NOT NULL UNIQUE, time INTEGER NOT NULL, source INTEGER NOT NULL,
    sources TEXT, read INTEGER NOT NULL, starred INTEGER NOT NULL, changed INTEGER NOT NULL, tags TEXT,
    title TEXT NOT NULL, key TEXT NOT NULL, url TEXT NOT NULL, published TEXT, exact INTEGER NOT NULL,
    revision INTEGER NOT NULL, revisions INTEGER NOT NULL, dump INTEGER NOT NULL, edition TEXT NOT NULL, topics TEXT,
    length INTEGER NOT NULL, title_key BLOB NOT NULL, source_key BLOB NOT NULL);
CREATE INDEX by_time ON stories (time, sid);
CREATE INDEX unread ON stories (time, sid) WHERE read = 0;
CREATE INDEX starred ON stories (time, sid) WHERE starred = 1;
CREATE INDEX by_length ON stories (length, sid, source, time, sources);
CREATE INDEX by_title_key ON stories (title_key, sid, source, time, sources);
CREATE INDEX by_source_key ON stories (source_key, sid, source, time, sources);
CREATE TABLE story_sources (
    source INTEGER NOT NULL, time INTEGER NOT NULL, sid INTEGER NOT NULL, read INTEGER NOT NULL,
    PRIMARY KEY (source, time, sid)) WITHOUT ROWID;
CREATE INDEX unread_by_source ON story_sources (source, time, sid) WHERE read = 0;
CREATE TABLE topics (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, stories INTEGER NOT NULL DEFAULT 0);
CREATE TABLE story_topics (
    topic INTEGER NOT NULL, time INTEGER NOT NULL, sid INTEGER NOT NULL, PRIMARY KEY (topic, time, sid)) WITHOUT ROWID;
CREATE TABLE story_tags (
    tag TEXT NOT NULL, time INTEGER NOT NULL, sid INTEGER NOT NULL, PRIMARY KEY (tag, time, sid)) WITHOUT ROWID;
CREATE TABLE counts (
    source INTEGER NOT NULL, day INTEGER NOT NULL, stories INTEGER NOT NULL, unread INTEGER NOT NULL,
    starred INTEGER NOT NULL, PRIMARY KEY (source, day)) WITHOUT ROWID;
CREATE TABLE totals (
    source INTEGER PRIMARY KEY, stories INTEGER NOT NULL, unread INTEGER NOT NULL, starred INTEGER NOT NULL);
CREATE TABLE left_out (archive INTEGER NOT NULL, path BLOB NOT NULL, why TEXT NOT NULL);
CREATE INDEX left_out_of ON left_out (archive);
CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE watched (path BLOB PRIMARY KEY, mtime INTEGER NOT NULL) WITHOUT ROWID;
"""

_MARKS = """
CREATE TABLE keys (story INTEGER PRIMARY KEY, key TEXT NOT NULL);
CREATE TABLE marks (
    story INTEGER NOT NULL, mark TEXT NOT NULL, value TEXT, at INTEGER NOT NULL, seq INTEGER,
    PRIMARY KEY (story, mark)) WITHOUT ROWID;
CREATE INDEX marks_by_seq ON marks (seq) WHERE seq IS NOT NULL;
CREATE TABLE actions (
    n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, session TEXT NOT NULL, what TEXT NOT NULL);
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, action INTEGER NOT NULL, story INTEGER NOT NULL, mark TEXT NOT NULL,
    old TEXT, new TEXT);
CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO state VALUES ('epoch', lower(hex(randomblob(8))));
"""

_MARKS_STEPS = (
    _MARKS,
    "ALTER TABLE actions ADD COLUMN of INTEGER; CREATE INDEX changes_of ON changes (action);",
)
"""What makes each version of the marks of the one before, the first of an empty file. Never changed, only added to."""


def open_index(path: StrPath, *, cache_kib: int = 4096) -> tuple[apsw.Connection, str]:
    """The index at a path, and why it had to be made anew: "" (it was not, or there was none), "version" or "damaged".
    Where the disk may not be written, a sound index is opened for reading. Raises apsw's errors."""
    node = inode(path)
    try:
        db = connect_somehow(path, cache_kib=cache_kib)
        fault = _prepare_index(db)
        if not fault:
            return db, ""
        db.close()
    except DAMAGE:
        fault = "damaged"
    start_over(path, node)
    return connect(path, cache_kib=cache_kib), fault


def forget_older(path: StrPath) -> None:
    """Delete what older newsreaders kept in the place of the index at a path, and what killed ones left there."""
    clear_half_written(Path(path).parent)
    name, _, _ = str(path).rpartition("-v")
    for version in range(1, INDEX_VERSION):
        older = Path(f"{name}-v{version}.db")
        if older.exists():
            remove(older)


def open_marks(path: StrPath) -> tuple[apsw.Connection, str]:
    """The marks at a path, made if there are none, and "version" if a newer newsreader's stand there, of which nothing
    is known. Raises apsw's errors, those of db.DAMAGE for a damaged file."""
    if not inode(path):
        make_marks(path)
    elif not Path(path).stat().st_size:  # none is ever made so
        raise apsw.CorruptError("empty")
    db = connect_somehow(path, cache_kib=2048)
    try:
        version = db.pragma("user_version")
        if version < 1:
            raise apsw.CorruptError("no version")
        if version > len(_MARKS_STEPS):
            return db, "version"
        _look_over(db, path)
        _prepare_marks(db)
    except BaseException:
        db.close()
        raise
    return db, ""


def make_marks(path: StrPath) -> None:
    """Put empty marks at a path where there are none: whole from the first moment, so that an empty file is a damaged
    one. Raises apsw's errors."""
    with beside(path) as fresh:
        new_marks(fresh).close()
        with locked(f"{os.fspath(path)}.swap"):
            if not inode(path):
                fresh.replace(path)


def new_marks(path: StrPath) -> apsw.Connection:
    """Empty marks at a path that nobody else knows of. Raises apsw's errors."""
    db = connect(path)
    try:
        _prepare_marks(db)
    except BaseException:
        db.close()
        raise
    return db


def memory_marks() -> apsw.Connection:
    """Marks that last as long as the process, for when nothing can be written."""
    db = apsw.Connection(":memory:")
    db.transaction_mode = "IMMEDIATE"
    _prepare_marks(db)
    return db


def _look_over(db: apsw.Connection, path: StrPath) -> None:
    """Raise apsw.CorruptError where a number is none on which all that is written later builds, or where SQLite leaves
    out commits of the write-ahead log, which it does in silence, as it cannot tell damage from a write cut short."""
    epoch = db.execute("SELECT value FROM state WHERE name = 'epoch'").get
    last = [n for (n,) in db.execute("SELECT seq FROM sqlite_sequence")]
    if not isinstance(epoch, str) or not all(isinstance(n, int) and 0 <= n < 2**53 for n in last):
        raise apsw.CorruptError("no such numbers are written")
    if not db.readonly("main") and _leaves_out(db, path):
        with db:  # nobody else commits now between one look and the other
            if _leaves_out(db, path):
                raise apsw.CorruptError("the log is damaged")


def _leaves_out(db: apsw.Connection, path: StrPath) -> bool:
    with suppress(FileNotFoundError):
        if log := read_file(f"{path}-wal"):
            from newsreader.library.sqlite_pages import commits

            _, in_use, _ = db.execute("PRAGMA wal_checkpoint(noop)").get
            return bool(0 <= in_use < commits(log))
    return False


def start_over(path: StrPath, node: int) -> None:
    """Put an empty index in the place of the damaged one whose inode was `node`, unless another process did so already:
    made under another name, then renamed, so that nobody ever opens half a one. Who has the old one open keeps it."""
    with locked(f"{path}.swap"):
        if inode(path) != node:
            return
        with beside(path) as fresh:
            db = connect(fresh)
            try:
                _prepare_index(db)
            finally:
                db.close()
            put_in_place(fresh, path)


def _prepare_index(db: apsw.Connection) -> str:
    """Make the tables in an empty database; "version" if another newsreader's stand in it."""
    return _prepare(db, (_INDEX,), INDEX_VERSION)


def _prepare_marks(db: apsw.Connection) -> str:
    """Make the tables in an empty database, or of those of an older newsreader, unless they may not be written."""
    return _prepare(db, _MARKS_STEPS, 1)


def _prepare(db: apsw.Connection, steps: Sequence[str], first: int) -> str:
    """Take the steps that a database lacks: each leads to the next version, the first to `first`. A file that has the
    right number and lacks a table fails at its first query."""
    last = first + len(steps) - 1
    if db.pragma("user_version") < last and not db.readonly("main"):
        with db:
            version = db.pragma("user_version")
            is_new = not version and not db.execute("SELECT count(*) FROM sqlite_schema").get
            if is_new or version >= first:
                for step in steps[0 if is_new else version - first + 1 :]:
                    db.execute(step)
                db.pragma("user_version", last)
    if db.pragma("user_version") != last:
        return "version"
    try:
        db.execute("SELECT * FROM state LIMIT 1").fetchall()
    except apsw.SQLError as error:
        raise apsw.CorruptError(str(error)) from error
    return ""
