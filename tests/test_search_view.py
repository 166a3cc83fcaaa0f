"""A view that a query narrows: its pages, ranks and counts, while marks and stories change under it."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsreader.errors import BadQuery
from newsreader.reader import Reader, View
from tests.newsroom import Story, config_in, ingested, titles, write_archive

T, HOUR = 1_700_000_000_000, 3_600_000
STORIES = [
    Story(1, T + 1 * HOUR, "Harbour Post", "The night ferry", "It left before the fog did."),
    Story(2, T + 2 * HOUR, "河口通訊", "夜渡", "霧未散，船已開。"),
    Story(3, T + 3 * HOUR, "河口通訊", "潮汐表", "渡船照舊。"),
    Story(4, T + 4 * HOUR, "Harbour Post", "Fog again", "No ferry until noon."),
]


def start(home: Path) -> Reader:
    archive = write_archive(home / "archive", STORIES)
    reader = Reader.open(config_in(home), archive)
    ingested(reader)
    assert list(reader.fill_search())[-1].stage == "done"
    return reader


def test_a_query_narrows_any_view(tmp_path: Path) -> None:
    with start(tmp_path) as reader:
        ferry = View(query="ferry OR 渡")
        assert titles(reader, ferry) == ["Fog again", "潮汐表", "夜渡", "The night ferry"]
        assert titles(reader, View(query="fog")) == ["Fog again", "The night ferry"]
        assert titles(reader, View(query="雾", source="河口通訊")) == ["夜渡"]
        assert titles(reader, View(query="ferry", sort="title")) == ["Fog again", "The night ferry"]
        assert titles(reader, View(query="ferry", since=T + 2 * HOUR)) == ["Fog again"]
        assert titles(reader, View(query="nothing")) == []
        assert reader.rows(ferry).counts() == (4, 4)
        last = reader.rows(ferry).last()
        assert last is not None
        assert (last.title, reader.rows(ferry).rank(last.place)) == ("The night ferry", 3)
        second = reader.rows(ferry).nth(1)
        assert second is not None
        assert [row.title for row in reader.rows(ferry).page(after=second.place, limit=1)] == ["夜渡"]
        assert [row.title for row in reader.rows(ferry).page(before=second.place)] == ["Fog again"]
        with pytest.raises(BadQuery):
            reader.rows(View(query="date:soon")).page()


def test_it_follows_the_marks(tmp_path: Path) -> None:
    with start(tmp_path) as reader:
        unread = View(query="is:unread ferry")
        assert reader.rows(unread).counts().stories == 2
        reader.marks.mark_read([STORIES[3].id])
        assert titles(reader, unread) == ["The night ferry"]
        reader.marks.tag([STORIES[1].id], "spät")
        assert titles(reader, View(query="tag:SPAT")) == ["夜渡"]
        assert titles(reader, View(query="ferry", tag="spät")) == []
        assert reader.marks.mark_all_read(reader.rows(View(query="渡"))) == 2
        assert reader.rows(View(query="is:read")).counts().stories == 3
        assert titles(reader, View(query="渡", unread=True)) == []


def test_it_follows_what_another_process_brings(tmp_path: Path) -> None:
    with start(tmp_path) as reader, start(tmp_path) as other:
        fog = View(query="雾")
        assert titles(reader, fog) == ["夜渡"]
        write_archive(tmp_path / "archive", [Story(5, T + 5 * HOUR, "河口通訊", "大霧", "港口關閉。")])
        (tmp_path / "archive/articles/河口通訊/2.md").unlink()
        write_archive(
            tmp_path / "archive", [Story(3, T + 3 * HOUR, "河口通訊", "潮汐表", "霧中渡船照舊。", name="a/3.md")]
        )
        ingested(other)
        list(other.fill_search())
        reader.changed()
        assert set(titles(reader, fog)) == {"大霧", "潮汐表"}
