"""`newsreader search`, as scripts meet it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import apsw
import pytest

from newsreader.cli.messages import sentence
from newsreader.config import load_config
from newsreader.errors import BadQuery
from newsreader.library.db import alone
from newsreader.library.search.query import FAULTS
from newsreader.reader import Reader
from tests.newsroom import Story, write_archive
from tests.test_cli import run

T, HOUR = 1_700_000_000_000, 3_600_000
STORIES = [
    Story(1, T + 1 * HOUR, "河口通訊", "夜渡", "霧未散，船已開。"),
    Story(2, T + 2 * HOUR, "Harbour Post", "Fog", "The ferry\x1b[2J waits; 霧 again -7."),
    Story(3, T + 3 * HOUR, "河口通訊", "烏克蘭的霧", "雪。"),
]


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of three stories that was never indexed."""
    for name, value in (("NEWSREADER_HOME", str(tmp_path / "home")), ("TZ", "UTC"), ("LANG", "C.UTF-8")):
        monkeypatch.setenv(name, value)
    assert run("add", write_archive(tmp_path / "news", STORIES)).code == 0


def rows(*words: str) -> list[dict[str, Any]]:
    found = run("search", *words, "--json")
    hits: list[dict[str, Any]] = json.loads(found.out)
    assert found.err == "" or not hits
    assert found.code == (0 if hits else 1)
    return hits


def titles(*words: str) -> list[str]:
    return [row["title"] for row in rows(*words)]


def test_what_is_found_is_printed_in_every_form() -> None:
    found = rows("雾")
    assert [row["title"] for row in found] == ["烏克蘭的霧", "Fog", "夜渡"]
    assert set(found[0]) == {
        *("id", "title", "url", "source", "published", "read", "starred", "tags", "changed", "revisions", "dump"),
        *("snippet", "pinyin", "other_name", "appendix"),
    }
    assert (found[2]["snippet"], found[2]["pinyin"]) == ("霧未散，船已開。", False)
    assert [json.loads(line) for line in run("search", "雾", "--jsonl").out.splitlines()] == found
    table = [line.split("\t") for line in run("search", "雾", "--tsv").out.splitlines()]
    assert [(row[0], row[5], row[7]) for row in table] == [(row["id"], row["title"], row["snippet"]) for row in found]
    text = run("search", "雾")
    assert text.out.splitlines()[4].endswith("夜渡")
    assert text.out.splitlines()[5].strip() == "霧未散，船已開。"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text.out)


def test_it_is_limited_sorted_and_filtered() -> None:
    assert titles("雾", "--limit", "1") == ["烏克蘭的霧"]
    assert titles("雾", "--sort", "date") == ["烏克蘭的霧", "Fog", "夜渡"]
    assert titles("雾", "--source", "河口通訊", "--until", "2023-11-14T23:30") == ["夜渡"]
    assert set(titles("雾 -ferry", "source:河口", "OR", "ferry")) == {"烏克蘭的霧", "夜渡", "Fog"}
    assert titles("wkl") == ["烏克蘭的霧"]
    assert rows("wkl")[0]["pinyin"] is True
    told = run("search", "wkl")
    assert "wkl: 烏克蘭 1" in told.err
    assert " ~  雪。" in told.out
    assert titles("nothing") == []
    without = run("search", "--tsv", "--", "-雾")
    assert (without.code, without.out) == (1, "")


def test_what_is_new_is_found_once_it_is_indexed(tmp_path: Path) -> None:
    assert titles("雨") == []
    write_archive(tmp_path / "news", [Story(4, T + 4 * HOUR, "河口通訊", "雨", "雨。")])
    assert run("index").code == 0
    assert titles("雨") == ["雨"]


def test_a_malformed_query_is_one_sentence() -> None:
    found = run("search", "雾 date:船")
    assert (found.code, found.out) == (2, "")
    assert "at character 8" in found.err
    assert len(found.err.splitlines()) == 1
    assert run("search").code == 2


def test_what_a_query_without_operators_would_find_is_offered() -> None:
    assert "as they stand" not in run("search", "霧 again -ferry").err
    found = run("search", "霧 again -7")
    assert (found.code, found.out) == (1, "")
    assert 'find 1: 霧 again "-7"' in found.err


def test_every_fault_of_a_query_has_words() -> None:
    told = {why: sentence(BadQuery("雾 x", why, 2, "x")) for why in FAULTS}
    assert all(why not in text for why, text in told.items())
    assert len(set(told.values())) == len(FAULTS)
    assert all('character 3 ("x")' in text for text in told.values())


def test_a_search_is_kept_with_its_count_and_dropped(tmp_path: Path) -> None:
    told = json.loads(run("search", "--json", "--keep", "霧天", "--", "雾 -ferry").out)
    assert [row["title"] for row in told] == ["烏克蘭的霧", "夜渡"]
    assert run("search", "ferry", "--keep", "boats").code == 0
    kept = json.loads(run("search", "--kept", "--json").out)
    assert kept == [
        {"name": "霧天", "query": "雾 -ferry", "stories": 2, "unread": 2},
        {"name": "boats", "query": "ferry", "stories": 1, "unread": 1},
    ]
    assert run("search", "--kept").code == 0
    assert run("search", "--kept", "--tsv").out == "霧天\t2\t2\t雾 -ferry\nboats\t1\t1\tferry\n"
    assert run("search", "--drop", "霧天").code == 0
    assert run("search", "--kept").out.split() == ["1", "1", "unread", "boats:", "ferry"]
    assert run("search", "--drop", "霧天").code == 2
    assert run("search", "date:soon", "--keep", "bad").code == 2
    sources = tmp_path / "home/config/sources.toml"
    assert "location" in sources.read_text("utf-8")
    sources.write_text(sources.read_text("utf-8") + 'broken = "date:soon"\n', "utf-8")
    assert "it is no date" in run("search", "--kept").out


def test_words_that_turn_out_to_be_damaged_are_read_again_at_once(tmp_path: Path) -> None:
    assert titles("雪") == ["烏克蘭的霧"]
    (words,) = (tmp_path / "home").rglob("*-search-v*.db")
    db = apsw.Connection(str(words))
    page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'texts_data'").get
    db.close()
    whole = bytearray(words.read_bytes())
    whole[4096 * (page - 1) : 4096 * page] = b"\xff" * 4096  # only the search itself comes upon it
    words.write_bytes(whole)
    assert titles("雪") == ["烏克蘭的霧"]


def test_where_no_words_can_be_kept_all_but_searching_works(tmp_path: Path) -> None:
    assert run("search", "--keep", "snow", "雪").code == 0
    (words,) = (tmp_path / "home").rglob("*-search-v*.db")
    words.unlink()
    words.mkdir()
    found = run("search", "雪")
    assert (found.code, found.out) == (3, "")
    assert "nothing can be searched" in found.err
    assert str(words) in found.err
    assert run("list").code == 0
    with Reader.open(load_config()) as reader:
        assert [(kept.name, kept.stories) for kept in reader.searcher.kept()] == [("snow", 0)]


def test_while_another_reads_the_words_one_waits_and_is_told_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsreader.cli.search.PATIENCE", 0.05)
    assert titles("雪") == ["烏克蘭的霧"]
    (words,) = (tmp_path / "home").rglob("*-search-v*.db")
    words.unlink()
    with alone(words.with_name(words.name + ".lock")):
        found = run("search", "雪")
    assert (found.code, found.out) == (1, "")
    assert "3 stories are not yet searched" in found.err
