"""New dumps are noticed by the mtimes of folders, also when sources come and go; and nothing is read for ever."""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path

import pytest

from newsreader.config import Source, add_source, remove_source
from newsreader.reader import Reader
from newsreader.reader.watching import AT_ONCE, Watch
from tests.newsroom import Story, config_in, ingested, titles, write_archive

DAWN = 1_600_000_000_000
STORIES = [Story(n, time=DAWN + n, source=("Harbour Post", "河口通訊")[n % 2], title=f"第{n}日") for n in range(6)]


def age(root: Path) -> None:
    """As if nothing under a folder had been touched for an hour."""
    then = time.time_ns() - 3600 * 10**9
    for path in [root, *root.rglob("*")]:
        os.utime(path, ns=(then, then))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    root = write_archive(tmp_path / "archive", STORIES[:4])
    age(root)
    return root


def test_a_new_dump_is_noticed_and_nothing_else(archive: Path, tmp_path: Path) -> None:
    with Reader.open(config_in(tmp_path / "home"), archive) as reader:
        ingested(reader)
        assert not reader.stale()
        write_archive(archive, [STORIES[4]])
        assert reader.stale()
        ingested(reader)
        assert titles(reader)[0] == "第4日"
        assert reader.stale(), "the folder was changed a moment ago: another dump may have followed in the same one"
        age(archive)
        assert reader.stale()
        ingested(reader)
        assert not reader.stale()
        (archive / "articles" / "Harbour Post" / "0.md").unlink()
        assert reader.stale()


def test_a_dump_that_was_still_being_written_is_read_again(archive: Path, tmp_path: Path) -> None:
    with Reader.open(config_in(tmp_path / "home"), archive) as reader:
        path = archive / "articles" / "Harbour Post" / "9.md"
        whole = Story(9, time=DAWN + 9, title="第九日", text="half " * 100).dump()
        path.write_bytes(whole[: len(whole) // 2])
        os.utime(path.parent, ns=(1, 1))
        ingested(reader)
        path.write_bytes(whole)
        os.utime(path.parent, ns=(1, 1))
        assert reader.stale()


def test_a_file_of_dumps_that_was_replaced_is_noticed(tmp_path: Path) -> None:
    packed = tmp_path / "news.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("articles/Harbour Post/1.md", STORIES[1].dump())
    os.utime(packed, ns=(1, 1))
    with Reader.open(config_in(tmp_path / "home"), packed) as reader:
        ingested(reader)
        assert not reader.stale()
        with zipfile.ZipFile(packed, "a") as file:
            file.writestr("articles/Harbour Post/2.md", STORIES[2].dump())
        assert reader.stale()


def test_a_disk_that_is_gone_is_not_asked_for_ever_and_noticed_when_it_is_back(archive: Path, tmp_path: Path) -> None:
    with Reader.open(config_in(tmp_path / "home"), archive) as reader:
        ingested(reader)
        aside = archive.rename(tmp_path / "aside")
        assert reader.stale()
        ingested(reader)
        assert len(titles(reader)) == 4, "what cannot be looked at is not gone"
        assert not reader.stale()
        aside.rename(archive)
        assert reader.stale()


def test_sources_that_another_newsreader_adds_and_removes_are_read(archive: Path, tmp_path: Path) -> None:
    config = config_in(tmp_path / "home")
    add_source(config.places, Source("first", str(archive), "archive"))
    second = write_archive(tmp_path / "second", [STORIES[5]])
    age(second)
    with Reader.open(config) as reader:
        ingested(reader)
        assert not reader.stale()
        add_source(config.places, Source("second", str(second), "archive"))
        assert reader.stale()
        ingested(reader)
        assert len(titles(reader)) == 5
        remove_source(config.places, "first")
        os.utime(config.places.sources_file, ns=(1, 1))
        assert reader.stale()
        ingested(reader)
        assert titles(reader) == ["第5日"]
        config.places.sources_file.write_text("[[source", encoding="utf-8")
        assert not reader.stale()


def test_many_folders_are_looked_at_a_few_at_a_time(tmp_path: Path) -> None:
    folders = [tmp_path / str(n) for n in range(AT_ONCE + 10)]
    for folder in folders:
        folder.mkdir()
    watch = Watch({os.fsencode(folder): folder.stat().st_mtime_ns for folder in folders})
    assert [watch.sees_change() for _ in range(4)] == [False] * 4
    os.utime(folders[-1], ns=(1, 1))
    assert sorted(watch.sees_change() for _ in range(2)) == [False, True]
