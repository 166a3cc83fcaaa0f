"""Our own files damaged, of another version, or not to be written: it is said, marks are kept, reading goes on."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from newsreader.reader import Reader, View
from newsreader.reader.target import marks_file
from tests.newsroom import Story, config_in, ingested, titles, write_archive

STORIES = [Story(n, time=n * 60_000, title=f"Tide {n}", text="water " * 200) for n in range(1, 100)]


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 3)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def scramble(path: Path) -> None:
    noise = random.Random(7)
    path.write_bytes(noise.randbytes(path.stat().st_size))


def scramble_pages(path: Path) -> None:
    noise = random.Random(7)
    with path.open("r+b") as file:
        for at in range(8192, path.stat().st_size, 8192):
            file.seek(at)
            file.write(noise.randbytes(4096))


def newer(path: Path) -> None:
    db = apsw.Connection(str(path))
    db.pragma("user_version", 999)
    db.close()


def gone(path: Path) -> None:
    path.unlink()


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(home, archive) with an index, two stars and a story read; every file of SQLite closed."""
    home = tmp_path_factory.mktemp("home")
    archive = write_archive(tmp_path_factory.mktemp("archive"), STORIES)
    with Reader.open(config_in(home), archive) as reader:
        ingested(reader)
        reader.marks.star([STORIES[0].id, STORIES[50].id])
        reader.marks.mark_read([STORIES[2].id])
    return home, archive


@pytest.fixture
def filled(once: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """The same, to be harmed."""
    return shutil.copytree(once[0], tmp_path / "home"), once[1]


@pytest.mark.parametrize("harm", [truncate, empty, scramble, scramble_pages, newer, gone])
def test_a_damaged_index_is_made_anew_and_loses_no_mark(
    filled: tuple[Path, Path], harm: Callable[[Path], None]
) -> None:
    home, archive = filled
    with Reader.open(config_in(home), archive) as reader:
        index = reader.target.index
    for beside in index.parent.glob(index.name + "-*"):
        beside.unlink()
    harm(index)
    with Reader.open(config_in(home), archive) as reader:
        titles(reader)  # may find the damage
        ingested(reader)
        assert len(titles(reader)) == len(STORIES)
        assert reader.rows().counts().unread == len(STORIES) - 1
        assert len(reader.rows(View(starred=True)).page()) == 2
        codes = [notice.code for notice in reader.notices()]
        assert all(code in ("index-damaged", "index-version") for code in codes)
        assert codes or harm in (gone, empty, scramble_pages)


@pytest.mark.parametrize("harm", [truncate, scramble, scramble_pages])
def test_damaged_marks_are_set_aside_and_never_silently_replaced(
    filled: tuple[Path, Path], harm: Callable[[Path], None]
) -> None:
    home, archive = filled
    config = config_in(home)
    marks = marks_file(config, demo=False)
    for beside in marks.parent.glob(marks.name + "-*"):
        beside.unlink()
    harm(marks)
    harmed = marks.read_bytes()
    with Reader.open(config, archive) as reader:
        titles(reader)
        reader.marks.star([STORIES[5].id])
        reader.marks.mark_read([STORIES[6].id])
        codes = [notice.code for notice in reader.notices()]
    copies = [path for path in marks.parent.iterdir() if path.read_bytes() == harmed]
    assert copies, "the damaged file is gone"
    assert codes or copies == [marks]
    with Reader.open(config, archive) as reader:
        row = reader.summary(STORIES[5].id)
        assert row is not None
        assert row.starred


def test_marks_of_a_newer_version_are_left_alone(filled: tuple[Path, Path]) -> None:
    home, archive = filled
    config = config_in(home)
    marks = marks_file(config, demo=False)
    newer(marks)
    with Reader.open(config, archive) as reader:
        assert "marks-of-newer-version" in [notice.code for notice in reader.notices()]
        assert len(titles(reader)) == len(STORIES)
    db = apsw.Connection(str(marks))
    assert db.pragma("user_version") == 999
    assert db.execute("SELECT count(*) FROM marks").get >= 3
    db.close()


def test_a_full_disk_is_said_once_and_reading_goes_on(filled: tuple[Path, Path]) -> None:
    home, archive = filled
    code = """
import resource, signal, sys
from newsreader.errors import StorageFailed
from tests.newsroom import *
with Reader.open(config_in(Path(sys.argv[1])), Path(sys.argv[2])) as reader:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    ids = [row.id for row in reader.rows().page()]
    told = 0
    for story in ids[:5]:
        try:
            reader.marks.star([story])
        except StorageFailed:
            told += 1
    assert reader.article(ids[7]).title
    assert len(reader.rows().page()) == len(ids)
    assert all(reader.summary(story).starred for story in ids[:5]), "a mark is lost though the reader goes on"
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(told)
"""
    ran = subprocess.run(
        [sys.executable, "-c", code, str(home), str(archive)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "1\n"
    with Reader.open(config_in(home), archive) as reader:
        assert len(reader.rows(View(starred=True)).page()) == 7  # the disk had room again before the end
