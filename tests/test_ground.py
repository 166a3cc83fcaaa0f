"""The ground gives way: a full disk, a read-only home, no inodes, a home that is renamed or unmounted, locks that fail.
What is there is shown, it is said, and what is marked is written once that goes again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from newsreader.errors import StorageFailed
from newsreader.library import View
from newsreader.reader import Reader
from newsreader.reader.target import marks_file
from tests.newsroom import Story, config_in, ingested, write_archive

STORIES = [Story(n, time=n * 60_000, title=f"Tide {n}") for n in range(30)]


@contextmanager
def disk(where: Path, options: str) -> Iterator[None]:
    """A file system of its own at a path."""
    where.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", where], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", where], check=False)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home on a disk of 3 MB and 60 inodes, last used by a process that was killed: the index is there, and two
    stars stand in the log of the marks only."""
    archive = write_archive(tmp_path / "archive", STORIES)
    with disk(tmp_path / "home", "size=3m,nr_inodes=60"):
        code = """
import os, sys
from tests.test_ground import *
with Reader.open(config_in(Path(sys.argv[1])), sys.argv[2]) as reader:
    ingested(reader)
with Reader.open(config_in(Path(sys.argv[1])), sys.argv[2]) as reader:
    reader.star([STORIES[3].id, STORIES[4].id])
    os._exit(0)
"""
        subprocess.run([sys.executable, "-c", code, tmp_path / "home", archive], check=True)
        marks = marks_file(config_in(tmp_path / "home"), demo=False)
        assert Path(f"{marks}-wal").stat().st_size
        for shared in (tmp_path / "home").rglob("*-shm"):
            shared.unlink()
        yield tmp_path / "home"


def full(home: Path) -> Callable[[], object]:
    filler = home / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    return filler.unlink


def read_only(home: Path) -> Callable[[], object]:
    subprocess.run(["mount", "-o", "remount,ro", home], check=True)
    return partial(subprocess.run, ["mount", "-o", "remount,rw", home], check=True)


def no_inodes(home: Path) -> Callable[[], object]:
    made = []
    with suppress(OSError):
        for n in range(10_000):
            (home / f"file-{n}").touch()
            made.append(home / f"file-{n}")
    return partial(subprocess.run, ["rm", *made], check=True)


TROUBLES = pytest.mark.parametrize("trouble", [full, read_only, no_inodes])


def starred(reader: Reader) -> set[int]:
    return {n for n, story in enumerate(STORIES) if (row := reader.summary(story.id)) and row.starred}


@TROUBLES
def test_what_is_there_is_shown_and_marks_are_written_once_that_goes(
    home: Path, trouble: Callable[[Path], Callable[[], object]]
) -> None:
    relieved = trouble(home)
    with Reader.open(config_in(home), home.parent / "archive") as reader:
        assert len(reader.page(View())) == len(STORIES)
        assert starred(reader) == {3, 4}, "what stands in the log counts"
        assert reader.article(STORIES[3].id).title
        for story in STORIES[10:13]:
            with suppress(StorageFailed):
                reader.star([story.id])
        codes = {notice.code for notice in reader.notices()}
        assert codes & {"index-read-only", "marks-read-only"}
        assert not codes & {"index-not-kept", "marks-not-kept"}
        assert starred(reader) == {3, 4, 10, 11, 12}
        assert reader.undo() is not None, "what is marked meanwhile can be taken back"
        assert starred(reader) == {3, 4, 10, 11}
        assert not reader.keeps_marks
        relieved()
        reader._index.marks._next_try = reader._index._next_look = 0
        reader.changed()
        assert reader.keeps_marks
        assert "marks-kept-again" in {notice.code for notice in reader.notices()}
        assert starred(reader) == {3, 4, 10, 11}
        with Reader.open(config_in(home), home.parent / "archive") as other:
            assert len(other.page(View(starred=True))) == 4
        reader.star([STORIES[20].id])
        assert reader.keeps_marks
    with Reader.open(config_in(home), home.parent / "archive") as reader:
        assert starred(reader) == {3, 4, 10, 11, 20}


@TROUBLES
def test_the_commands_work_and_say_it(home: Path, trouble: Callable[[Path], Callable[[], object]]) -> None:
    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "NEWSREADER_HOME": str(home)}
        return subprocess.run(
            [sys.executable, "-m", "newsreader", *words], env=environ, capture_output=True, text=True, check=False
        )

    trouble(home)
    for words in (["list"], ["list", "--starred"], ["show", STORIES[4].id], ["stats"], ["export-marks"]):
        told = ran(*words)
        assert told.returncode == 0, told.stderr
        assert "Traceback" not in told.stderr
        assert told.stdout.count("\n") >= (30 if words == ["list"] else 2)
        if words[0] != "show":
            assert "cannot be written" in told.stderr
    told = ran("mark", STORIES[9].id, "--star")
    assert told.returncode == 3
    assert "cannot be written" in told.stderr
    told = ran("doctor")
    assert "cannot be written" in told.stdout


def test_a_home_without_an_index_that_cannot_be_written_is_read_from_scratch(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", STORIES)
    with disk(tmp_path / "home", "size=1m"):
        read_only(tmp_path / "home")
        with Reader.open(config_in(tmp_path / "home"), archive) as reader:
            ingested(reader)
            assert len(reader.page(View())) == len(STORIES)
            with suppress(StorageFailed):
                reader.star([STORIES[2].id])
            assert starred(reader) == {2}
            assert {"index-not-kept", "marks-not-kept"} <= {notice.code for notice in reader.notices()}
