"""What is found below what was typed: appendices, former headlines, headlines with the name of their site behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsreader.article import Article, Paragraph, Span
from newsreader.library import View
from newsreader.library.search.appendices import ALL_BUT_NOTHING
from newsreader.library.search.tokens import indexed
from newsreader.reader import Reader
from newsreader.script import fold
from tests.newsroom import EPOCH, Story, ingested, write_archive
from tests.test_search import fill, start
from tests.test_search_exact import Shelved

T, HOUR = 1_700_000_000_000, 3_600_000
CHRONICLE = "一九六二年渡輪開航，一九七八年換了第一批柴油引擎，一九九三年大霧封港十一天，二〇〇九年兩岸之間的大橋通車。"
DISCLAIMER = "What our readers write is their own opinion, and the Harbour Post does not always share it."
TEXTS = (
    "港務局說，碼頭的燈要換成新的。今年的冬天來得早，水手們已經穿上了大衣，在岸邊生火。",
    "圖書館閉館三週，讀者可以在停車場旁的小屋裡還書，逾期的罰款一律免除，館長這樣說。",
    "鹽倉改成了音樂廳，第一場音樂會坐滿了人，城裡的人說回聲比從前在教堂裡聽到的好。",
    "市場裡的魚販今天沒有開門，因為昨夜的船都沒有回來，電話打了一夜，沒有人接起來。",
)


def tiers(reader: Reader, query: str, *, by_date: bool = False) -> list[tuple[str, str]]:
    hits = reader.searcher.search(query, order="date" if by_date else "rank")
    return [(hit.summary.title, hit.tier) for hit in hits]


def test_a_block_that_repeats_over_the_stories_of_a_source_is_searched_last(tmp_path: Path) -> None:
    stories = [
        Story(n, T - n * HOUR, title=f"News {n}", text="</p><p>".join((TEXTS[n], CHRONICLE, DISCLAIMER)))
        for n in range(3)
    ]
    other = Story(8, T - 9 * HOUR, title="大橋", text=f"大橋通車。</p><p>{TEXTS[3]}")
    with start(tmp_path, [*stories[:2], other, Story(9, T, source="河口通訊", text=CHRONICLE)]) as reader:
        assert tiers(reader, "大霧封港", by_date=True) == [("Night ferry", ""), ("News 0", ""), ("News 1", "")]
        write_archive(tmp_path / "archive", stories[2:])  # the oldest comes last
        ingested(reader)
        fill(reader)
        ours = [(f"News {n}", "appendix") for n in range(3)]
        assert tiers(reader, "大霧封港") == tiers(reader, '"大霧封港"') == [("Night ferry", ""), *ours]
        assert tiers(reader, "大橋通車", by_date=True) == [("Night ferry", ""), ("大橋", ""), *ours]
        assert tiers(reader, "柴油引擎 鹽倉") == [ours[2]]  # partly here, partly there
        assert tiers(reader, "opinion har*") == ours
        assert tiers(reader, "港務局 -大霧") == tiers(reader, "港務局 -share") == []
        assert tiers(reader, "大霧 -圖書館") == [("Night ferry", ""), ours[0], ours[2]]
        assert tiers(reader, "大霧 is:unread date:2023 OR 魚販") == [("Night ferry", ""), ("大橋", ""), *ours]
        assert reader.searcher.count("大霧封港") == 4
        (hit,) = reader.searcher.search("柴油引擎 鹽倉")
        assert "柴油引擎" in hit.snippet.text or "鹽倉" in hit.snippet.text
        assert [reader.appendix(story.id) for story in (*stories, other)] == [*[frozenset({1, 2})] * 3, frozenset()]
        narrowed = reader.rows(View(query="大霧封港"))
        assert len(narrowed.page(limit=9)) == narrowed.counts().stories == 4
        (tmp_path / "archive/articles/Harbour Post/0.md").unlink()
        ingested(reader)
        fill(reader)
        assert tiers(reader, "大霧封港", by_date=True) == [("Night ferry", ""), ("News 1", ""), ("News 2", "")]


def test_a_former_headline_and_one_with_its_site_behind_find_the_story(tmp_path: Path) -> None:
    stories = [
        Story(1, T, title="Wirebord is searched again", text=TEXTS[0], name="articles/Harbour Post/1-a.md"),
        Story(1, T + HOUR, title="Wireboard is searched again", text=TEXTS[0]),
        Story(2, T, title="渡輪停航：三週 - 五週", text=TEXTS[1]),
    ]
    with start(tmp_path, stories) as reader:
        assert tiers(reader, "Wirebord is searched again") == [("Wireboard is searched again", "name")]
        assert tiers(reader, "Wireboard is searched again") == [("Wireboard is searched again", "")]
        assert tiers(reader, "渡輪停航：三週 - 五週") == [("渡輪停航：三週 - 五週", "")]
        for site in (" – Harbour Post", " | 河口通訊 - HP", " - 法國國際廣播電台 - RFI", " _ 河口"):
            assert tiers(reader, "渡輪停航：三週 - 五週" + site) == [("渡輪停航：三週 - 五週", "name")], site
        assert tiers(reader, "渡輪 - 河口") == []


@pytest.fixture(scope="module")
def shelved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelved]:
    one = Shelved(tmp_path_factory.mktemp("shelved"))
    yield one
    one.close()


BLOCKS = [f"{n}{text}" for n in range(2) for text in (CHRONICLE, DISCLAIMER)]


@st.composite
def stories(draw: st.DrawFn) -> list[Article]:
    return [
        Article(
            id=f"{n:016x}",
            key=f"https://harbour.example/{n}",
            url=f"https://harbour.example/{n}",
            title="News",
            source=draw(st.sampled_from(("Harbour Post", "Harbour Post", "河口通訊"))),
            published=EPOCH,
            blocks=tuple(Paragraph((Span(text),)) for text in (TEXTS[n % 4], *draw(st.lists(st.sampled_from(BLOCKS))))),
        )
        for n in draw(st.sets(st.integers(1, 6)))
    ]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories())
def test_whatever_comes_and_goes_appendices_are_those_of_what_is_there(shelved: Shelved, held: list[Article]) -> None:
    shelved.hold(held)
    texts = {one.id: [block.spans[0].text for block in one.blocks if isinstance(block, Paragraph)] for one in held}
    for one in held:
        others = [texts[other.id] for other in held if other.source == one.source]
        ours = texts[one.id]
        repeated = {n for n, text in enumerate(ours) if sum(text in other for other in others) >= 3}
        sizes = [len(indexed(fold(text))) for text in ours]
        if sum(sizes[n] for n in repeated) > ALL_BUT_NOTHING * sum(sizes):
            repeated = set()
        assert shelved.reader.appendix(one.id) == repeated
