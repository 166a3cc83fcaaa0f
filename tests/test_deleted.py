"""Deleted stories: no view shows them, undo and another machine know of it, and what was fetched of them goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from newsreader.cli import main
from newsreader.library import View
from newsreader.reader import Reader
from newsreader.reader.pruning import pruned
from newsreader.reader.target import marks_file
from tests.newsroom import Story, config_in, ingested, titles, write_archive

STORIES = [Story(n, time=n * 60_000, title=f"Tide {n}", topics=("tides",)) for n in range(6)]
GONE = STORIES[2].id


def opened(root: Path) -> Reader:
    return Reader.open(config_in(root / "home"), root / "archive")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_archive(tmp_path / "archive", STORIES)
    with opened(tmp_path) as reader:
        ingested(reader)
        reader.marks.star([GONE])
        reader.marks.tag([GONE], "harbour")
        reader.marks.delete([GONE])
    return tmp_path


def test_no_view_shows_them_and_undo_brings_them_back(root: Path) -> None:
    with opened(root) as reader:
        assert "Tide 2" not in titles(reader)
        assert reader.rows().counts().stories == len(STORIES) - 1
        assert not reader.rows(View(starred=True)).page()
        assert reader.tags() == []
        assert [row.title for row in reader.marks.deleted()] == ["Tide 2"]
        assert reader.marks.deleted()[0].starred
        list(reader.fill_search())
        assert len(titles(reader, View(query="tide"))) == len(STORIES) - 1
        undone = reader.marks.undo()
        assert undone is not None
        assert undone.what == "delete"
        assert sorted(titles(reader)) == [f"Tide {n}" for n in range(6)]
        assert [row.id for row in reader.rows(View(starred=True, tag="harbour")).page()] == [GONE]
        assert reader.marks.deleted() == []
        assert list(reader.problems()) == [problem for problem in reader.problems() if problem.code == "marks-backups"]


def test_those_of_a_source_are_all_that_it_has_a_dump_of(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(root / "archive", [replace(STORIES[2], source="Ferry Times", time=1)])
    with opened(root) as reader:
        ingested(reader)
        assert len(reader.marks.deleted()) == 1
        for source in ("Ferry Times", "Harbour Post"):
            assert [row.source for row in reader.marks.deleted(source)] == [source]
        assert reader.marks.deleted("Night Post") == []
    monkeypatch.setenv("NEWSREADER_HOME", str(root / "home"))
    assert main(["list", "--deleted", "--source", "Ferry Times"]) == 0
    assert "Ferry Times" in capsys.readouterr().out


def test_they_stay_so_in_an_index_made_anew_and_on_another_machine(root: Path) -> None:
    with opened(root) as reader:
        text = list(reader.marks.lines())
        reader.target.index.unlink()
    with opened(root) as reader:
        ingested(reader)
        assert "Tide 2" not in titles(reader)
    marks_file(config_in(root / "home"), demo=False).unlink()
    with opened(root) as reader:
        reader.marks.star([STORIES[0].id])
        assert "Tide 2" in titles(reader), "other marks, of which none says so"
        reader.marks.take_over(text)
        assert "Tide 2" not in titles(reader)
        reader.marks.undelete([GONE])
        assert "Tide 2" in titles(reader)


def test_commands(root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSREADER_HOME", str(root / "home"))
    assert main(["list", "--deleted", "--tsv"]) == 0
    assert capsys.readouterr().out.startswith(GONE)
    assert main(["mark", GONE[:8], "--star"]) == 1
    assert main(["mark", GONE[:8], "--undelete", "--read"]) == 0
    assert main(["list", "--deleted"]) == 1
    assert main(["mark", STORIES[1].id, "--delete"]) == 0
    capsys.readouterr()
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    assert "Tide 2" in shown
    assert "Tide 1" not in shown
    assert main(["list", "--deleted", "--unread"]) == 2


def test_the_archive_of_somebody_else_is_left_alone(root: Path) -> None:
    places = config_in(root / "home").places
    before = sorted((root / "archive").rglob("*"))
    assert list(pruned(places, lambda _: False, frozenset([GONE]), dry_run=False)) == []
    assert sorted((root / "archive").rglob("*")) == before
