"""What a library has wrong with it, and files of former versions."""

from __future__ import annotations

import json
import os
from pathlib import Path

import apsw
import pytest

from newsreader.config import Source, add_source
from newsreader.library.db import sid
from newsreader.library.salvage import salvage
from newsreader.library.schema import _MARKS_STEPS, INDEX_VERSION, open_marks
from newsreader.reader import Reader, Undone, View
from newsreader.reader.target import marks_file
from tests.newsroom import Story, config_in, ingested, titles, write_archive
from tests.terminal import run

STORIES = [Story(n, time=n) for n in range(4)]

MARKS_1 = """
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
INSERT INTO state VALUES ('epoch', 'c0ffee');
PRAGMA user_version = 1;
"""
"""The marks as version 1 made them."""


def marks_of_version_1(path: Path, story: Story) -> None:
    number = sid(story.id)
    path.parent.mkdir(parents=True)
    db = apsw.Connection(str(path))
    db.execute(MARKS_1)
    db.execute("INSERT INTO keys VALUES (?, ?)", (number, story.article().key))
    db.execute("INSERT INTO marks VALUES (?, 'starred', '1', 1000, 1)", (number,))
    db.execute("INSERT INTO actions VALUES (1, 1000, 'x', 'star')")
    db.execute("INSERT INTO changes VALUES (1, 1, ?, 'starred', NULL, '1')", (number,))
    db.close()


def test_marks_of_a_former_version_are_brought_up_and_keep_all(tmp_path: Path) -> None:
    config = config_in(tmp_path / "home")
    marks_of_version_1(marks_file(config, demo=False), STORIES[1])
    archive = write_archive(tmp_path / "archive", STORIES)
    with Reader.open(config, archive) as reader:
        ingested(reader)
        assert [row.id for row in reader.rows(View(starred=True)).page()] == [STORIES[1].id]
        assert reader.marks.undo() == Undone("star", 1, 0)
        assert reader.marks.redo() == Undone("star", 1, 0)
        assert reader.notices() == ()


def test_every_version_of_the_marks_leads_to_the_same_tables(tmp_path: Path) -> None:
    def tables(path: Path) -> set[tuple[object, ...]]:
        db = apsw.Connection(str(path))
        try:
            return set(db.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
        finally:
            db.close()

    fresh = tmp_path / "fresh.db"
    open_marks(fresh)[0].close()
    for version in range(1, len(_MARKS_STEPS) + 1):
        older = tmp_path / f"{version}.db"
        db = apsw.Connection(str(older))
        for step in _MARKS_STEPS[:version]:
            db.execute(step)
        db.pragma("user_version", version)
        db.close()
        again, fault = open_marks(older)
        again.close()
        assert not fault
        assert tables(older) == tables(fresh)


def test_damaged_marks_of_a_former_version_are_salvaged(tmp_path: Path) -> None:
    path = tmp_path / "data" / "marks-v1.db"
    marks_of_version_1(path, STORIES[0])
    salvage(path)
    db = apsw.Connection(str(path))
    assert db.execute("SELECT mark, value FROM marks").fetchall() == [("starred", "1")]
    assert db.execute("SELECT what, of FROM actions").fetchall() == [("star", None)]
    db.close()


def test_the_index_of_a_former_version_goes_when_the_new_one_is_filled(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", STORIES)
    with Reader.open(config_in(tmp_path / "home"), archive) as reader:
        index = reader.target.index
        stem = index.name.removesuffix(f"{INDEX_VERSION}.db")
        older = [index.with_name(f"{stem}{version}.db") for version in (1, INDEX_VERSION - 1)]
        other = index.with_name(index.name.replace("path-", "path-0"))
        for path in (*older, other):
            path.write_bytes(b"")
        ingested(reader)
        assert not any(path.exists() for path in older)
        assert other.exists()


def test_a_sound_library_has_no_problem(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", STORIES)
    with Reader.open(config_in(tmp_path / "home"), archive) as reader:
        ingested(reader)
        assert list(reader.problems()) == []


def test_problems_are_named_the_most_precious_first(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", STORIES)
    config = config_in(tmp_path / "home")
    add_source(config.places, Source("here", str(archive), "archive"))
    add_source(config.places, Source("gone", str(tmp_path / "nowhere"), "archive"))
    (archive / "articles" / "Harbour Post" / "8.md").write_text("no header at all\n", encoding="utf-8")
    with Reader.open(config) as reader:
        ingested(reader)
        found = [(problem.code, Path(problem.where).name) for problem in reader.problems()]
        assert found == [("source-missing", "nowhere"), ("dump-warning", "8.md")]
        db = apsw.Connection(str(reader.target.index))
        db.execute("UPDATE totals SET unread = unread + 1")
        db.close()
        assert "counts-wrong" in [problem.code for problem in reader.problems()]
        assert reader.needs_index()
        ingested(reader)
        assert "counts-wrong" not in [problem.code for problem in reader.problems()]


@pytest.mark.parametrize("file", ["marks", "index"])
def test_a_damaged_page_is_found(tmp_path: Path, file: str) -> None:
    archive = write_archive(tmp_path / "archive", [Story(n, time=n, text=f"{n} " * 400) for n in range(100)])
    config = config_in(tmp_path / "home")
    with Reader.open(config, archive) as reader:
        ingested(reader)
        reader.marks.mark_all_read(reader.rows())
        path = getattr(reader.target, file)
    with path.open("r+b") as harmed:
        harmed.seek(4096 * (path.stat().st_size // 8192))
        harmed.write(b"\xff" * 4096)
    with Reader.open(config, archive) as reader:
        codes = [problem.code for problem in reader.problems()]
        assert {f"{file}-fault", f"{file}-damaged"} & set(codes)
        ingested(reader)
        assert len(titles(reader)) == 100


def test_a_damaged_index_of_words_is_found_and_made_anew(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", [Story(n, time=n, text=f"ferry {n} " * 40) for n in range(200)])
    config = config_in(tmp_path / "home")
    with Reader.open(config, archive) as reader:
        ingested(reader)
        list(reader.fill_search())
        (path,) = reader.target.index.parent.glob("*-search-v*.db")
    with path.open("r+b") as harmed:
        harmed.seek(4096 * (path.stat().st_size // 8192))
        harmed.write(b"\xff" * 4096)
    with Reader.open(config, archive) as reader:
        assert next(reader.problems()).code == "words-fault"
        list(reader.fill_search())
        assert reader.searcher.count("ferry", View()) == 200
        assert list(reader.problems()) == []


def test_a_pipe_or_device_among_the_sources_holds_nobody(tmp_path: Path) -> None:
    config = config_in(tmp_path / "home")
    os.mkfifo(tmp_path / "pipe")
    for path in (str(tmp_path / "pipe"), "/dev/zero", "/dev/tty"):
        add_source(config.places, Source(path, path, "archive"))
    env = {**os.environ, "NEWSREADER_HOME": str(tmp_path / "home")}
    for command in (["doctor", "--json"], ["list"], ["add", str(tmp_path / "pipe")]):
        done = run(*command, env=env)
        if command[0] == "doctor":
            assert {problem["where"] for problem in json.loads(done.stdout)} == {
                str(tmp_path / "pipe"),
                "/dev/zero",
                "/dev/tty",
            }
        if command[0] == "add":
            assert (done.returncode, b"not a regular file" in done.stderr) == (2, True)
