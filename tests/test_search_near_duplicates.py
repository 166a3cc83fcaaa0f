"""The same story at several outlets: what is gathered, and above all what is not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import apsw
import pytest

from newsreader.library.search.near_duplicates import TABLES, Unwritten
from newsreader.reader import Reader
from tests.newsroom import Story, config_in, ingested, write_archive

T, HOUR = 1_700_000_000_000, 3_600_000
REPORT = (
    "港務局星期一宣布，連接河口兩岸的夜間渡輪自下月起停航三週，以便更換引擎和檢修碼頭。"
    "局長在記者會上說，停航期間將加開兩班接駁巴士，票價維持不變，月票可以延期使用。"
    "河口的居民對此反應不一，有人擔心清晨到對岸上工的人趕不上第一班巴士。"
    "渡輪公司說，新的引擎比舊的安靜得多，也省油四成，冬天的霧裡靠岸會更穩當。"
)
TRADITIONAL, SIMPLIFIED = (
    REPORT,
    (
        "港务局星期一宣布，连接河口两岸的夜间渡轮自下月起停航三周，以便更换引擎和检修码头。"
        "局长在记者会上说，停航期间将加开两班接驳巴士，票价维持不变，月票可以延期使用。"
        "河口的居民对此反应不一，有人担心清晨到对岸上工的人赶不上第一班巴士。"
    ),
)
APPENDIX = "這家報紙創立於一九六二年，由三位退休的水手集資辦成，至今仍在碼頭邊的老樓裡印刷，每天清晨五點出報。" * 3
OTHER = "圖書館星期一宣布閉館三週，以便清點藏書。館長說，讀者可以在停車場旁的小屋裡還書，逾期的罰款一律免除。"


def gathered(home: Path, stories: Iterable[Story]) -> set[frozenset[int]]:
    """Which stories are gathered, by their numbers."""
    stories = list(stories)
    with Reader.open(config_in(home), write_archive(home / "archive", stories)) as reader:
        ingested(reader)
        list(reader.fill_search())
        return together(reader, stories)


def together(reader: Reader, stories: list[Story]) -> set[frozenset[int]]:
    numbers = {story.id: story.n for story in stories}
    found = reader.clusters(row.id for row in reader.rows().page(limit=100))
    for story, group in found.items():
        assert story in group
        assert all(found[one] == group for one in group)
    return {frozenset(numbers[one] for one in group) for group in found.values()}


def test_the_same_words_in_two_scripts_at_two_outlets_are_one_story(tmp_path: Path) -> None:
    stories = [
        Story(1, T, "河口通訊", "夜間渡輪停航三週", TRADITIONAL),
        Story(2, T + 30 * HOUR, "南湖之声", "河口夜间渡轮下月停航", SIMPLIFIED + "本报记者在码头看到，告示已经贴出。"),
        Story(3, T + 5 * HOUR, "Harbour Post", "渡輪停航", TRADITIONAL + OTHER),
        Story(4, T, "Harbour Post", "圖書館閉館", OTHER + "還有別的事。"),
    ]
    assert gathered(tmp_path, stories) == {frozenset({1, 2, 3})}


@pytest.mark.parametrize(
    ("why", "one", "other"),
    [
        (
            "one outlet, much more",
            ("河口通訊", "渡輪停航", REPORT, 0),
            ("河口通訊", "渡輪停航", REPORT + OTHER + APPENDIX + OTHER[::-1], 1),
        ),
        ("four days", ("河口通訊", "渡輪停航", REPORT, 0), ("南湖之声", "渡輪停航", REPORT, 96)),
        ("a quotation", ("河口通訊", "渡輪停航", REPORT[:80], 0), ("南湖之声", "渡輪史", REPORT[:80] + OTHER * 12, 1)),
        ("titles", ("河口通訊", "渡輪停航", REPORT, 0), ("南湖之声", "圖書館閉館", REPORT + OTHER, 1)),
        (
            "an appendix",
            ("河口通訊", "渡輪停航", REPORT[:100] + APPENDIX, 0),
            ("南湖之声", "渡輪誤點", OTHER + APPENDIX[:140], 1),
        ),
        ("short", ("河口通訊", "渡輪停航", "渡輪停航。", 0), ("南湖之声", "渡輪停航", "渡輪停航。", 1)),
    ],
)
def test_kept_apart(tmp_path: Path, why: str, one: tuple[str, str, str, int], other: tuple[str, str, str, int]) -> None:
    stories = [
        Story(n, T + hours * HOUR, source, title, text)
        for n, (source, title, text, hours) in enumerate((one, other), 1)
    ]
    assert gathered(tmp_path, stories) == set(), why


def test_what_one_outlet_says_twice_and_the_same_text_under_another_title_are_one_story(tmp_path: Path) -> None:
    stories = [
        Story(1, T, "河口通訊", "渡輪停航", REPORT),
        Story(2, T + HOUR, "河口通訊", "渡輪停航", REPORT + "更新。"),
        Story(3, T + 2 * HOUR, "南湖之声", "三週", REPORT[:-10]),
    ]
    assert gathered(tmp_path, stories) == {frozenset({1, 2, 3})}


def test_gatherings_follow_what_changes_and_vanishes(tmp_path: Path) -> None:
    stories = [
        Story(1, T, "河口通訊", "渡輪停航", REPORT),
        Story(2, T + HOUR, "南湖之声", "渡輪停航", REPORT),
        Story(3, T + 2 * HOUR, "Harbour Post", "渡輪停航", REPORT),
    ]
    assert gathered(tmp_path, stories) == {frozenset({1, 2, 3})}
    with Reader.open(config_in(tmp_path), tmp_path / "archive") as reader:
        (tmp_path / "archive/articles/南湖之声/2.md").unlink()
        ingested(reader)
        assert together(reader, stories) == {frozenset({1, 3})}  # gone already, before the words are filled anew
        list(reader.fill_search())
        assert together(reader, stories) == {frozenset({1, 3})}
        rewritten = Story(3, T + 3 * HOUR, "Harbour Post", "渡輪停航", OTHER, name="articles/Harbour Post/3-b.md")
        write_archive(tmp_path / "archive", [rewritten])
        ingested(reader)
        list(reader.fill_search())
        assert together(reader, stories) == set()
        stories.append(Story(4, T + 2 * HOUR, "Harbour Post", "渡輪停航", REPORT))
        write_archive(tmp_path / "archive", stories[3:])
        ingested(reader)
        list(reader.fill_search())
        assert together(reader, stories) == {frozenset({1, 4})}


def test_those_that_share_two_samples_within_three_days_are_compared() -> None:
    db = apsw.Connection(":memory:")
    db.execute(f"{TABLES} CREATE TABLE stories (sid, time, revision); CREATE TABLE revisions (n, body)")
    for sid, days in enumerate((0, 3, 4)):
        db.execute("INSERT INTO stories VALUES (?1, ?2, ?1)", (sid, days * 24 * HOUR))
        db.execute("INSERT INTO revisions VALUES (?, ?)", (sid, bytes(sid)))
    near = Unwritten(db)
    assert near.candidates(0, 0, [1, 2, 3]) == []
    assert near.candidates(1, 72 * HOUR, [2, 3, 4]) == [(0, b"")]
    assert near.candidates(2, 96 * HOUR, [2, 3, 5]) == [(1, b"\0")]
    assert near.candidates(0, 0, [3, 9]) == []
