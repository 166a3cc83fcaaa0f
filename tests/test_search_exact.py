"""What a search finds, held against a scan of all texts: no miss and no false hit, in any order, page by page.

The scan knows nothing of tokens or of SQLite: it folds as the index does and compares characters.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsreader.article import Article, Furniture, Paragraph, Span, Topic, plain
from newsreader.library import Index, Marks, View
from newsreader.library.db import story_of
from newsreader.library.record import content_hash, record
from newsreader.library.search import lookup, tier
from newsreader.library.search.lookup import Order
from newsreader.library.search.query import parse
from newsreader.library.search.word_index import SearchIndex
from newsreader.library.writing import Found, Writer
from newsreader.reader import Reader
from newsreader.script import fold
from tests.newsroom import EPOCH, config_in, ingested

HAN = re.compile(r"[㐀-鿿ぁ-ヿ가-힣\U00020000-\U000323af]")


def stands_in(wanted: str, text: str) -> bool:
    """Whether words stand in a text: next to each other, Latin ones whole. A blank tells only between two Han
    characters, or between two Latin words."""
    folded, wanted = (_blanks(unicodedata.normalize("NFC", fold(one))) for one in (text, wanted))
    at = folded.find(wanted)
    while at >= 0:
        before, after = folded[at - 1 : at], folded[at + len(wanted) : at + len(wanted) + 1]
        if not (_letters(before + wanted[0]) or _letters(wanted[-1] + after)):
            return True
        at = folded.find(wanted, at + 1)
    return False


def _letters(two: str) -> bool:
    return len(two) == 2 and all(char.isalnum() and not HAN.match(char) for char in two)


def _blanks(text: str) -> str:
    def kept(match: re.Match[str]) -> str:
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        both_han = before and after and HAN.match(before) and HAN.match(after)
        return " " if both_han or _letters(before + after) else ""

    return re.sub(r"\s+", kept, text)


def texts_of(article: Article) -> list[str]:
    return [article.title, *(plain(block.spans) for block in article.blocks if not isinstance(block, Furniture))]


def found(reader: Reader, query: str, view: View, order: Order, limit: int) -> list[str]:
    """All that a search finds, page by page, the lower tiers left out."""
    ids: list[str] = []
    after = None
    while hits := reader.searcher.search(query, view, order=order, after=after, limit=limit):
        assert after != hits[-1].cursor
        after = hits[-1].cursor
        ids += [hit.summary.id for hit in hits if hit.tier in ("", "appendix")]
        if order == "date":
            places = [(hit.summary.time, hit.summary.id) for hit in hits if not hit.tier]
            assert places == sorted(places, reverse=True)
    assert len(ids) == len(set(ids))
    return ids


# --- made-up stories --------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *"港河渡船夜潮汐霧雾國国發发髮。，、—… \n",
        "ferry",
        "Fähre",
        "ferry-boat",
        "ＡＢＣ",
        "abc",
        "かな",
        "カ",
        "ガ",
        "ｶﾞ",
        "한국",
        unicodedata.normalize("NFD", "한국"),
        "하",
        "港\U000e0100",
        "𠮷",
        "\U00031350",
        "\U0001fae8",
        "❤\ufe0f",
        "7",
        "G7",
        "café",
    ]
)
TEXT = st.lists(PIECES, max_size=14).map("".join)


@st.composite
def stories(draw: st.DrawFn) -> list[Article]:
    made = []
    for n in range(draw(st.integers(1, 6))):
        blocks = [Paragraph((Span(text),)) for text in draw(st.lists(TEXT, max_size=3)) if text]
        furniture = Furniture((Span("渡船 ferry"),), "share")
        url = f"https://harbour.example/{n}"
        made.append(
            Article(
                id=f"{draw(st.integers(0, 2**64 - 1)):016x}",
                key=url,
                url=url,
                title=draw(TEXT),
                source=draw(st.sampled_from(("Harbour Post", "河口通訊"))),
                published=EPOCH + timedelta(hours=draw(st.integers(-30, 30))),
                topics=(Topic("", "tides"),) if draw(st.booleans()) else (),
                blocks=(*blocks, furniture),
            )
        )
    return list({article.id: article for article in made}.values())


VIEWS = (
    View(),
    View(source="Harbour Post"),
    View(starred=True),
    View(since=0),
    View(topic="tides"),
    View(tag="to read"),
    View(topic="tides", tag="to read", source="河口通訊"),
)


class Shelved:
    """A reader on an index in a folder, filled anew with each example."""

    def __init__(self, home: Path) -> None:
        (home / "dumps").mkdir()
        (home / "dumps" / "a.md").write_bytes(b"[x](https://nobody.example/)\n------\n\n")
        self.reader = Reader.open(config_in(home), home / "dumps")
        target = self.reader.target
        self.index = Index(target.index, Marks(target.marks), zone=target.zone, filling=True)
        self.archive, _ = self.index.write(Writer.archive, "/archive", "folder")

    def hold(self, articles: list[Article]) -> None:
        """Take these stories in, and out whatever else is there."""
        gone = [n for n, _ in self.index.write(Writer.dumps_of, self.archive)]
        self.index.write(Writer.drop, gone)
        entries = [
            Found(
                *(self.archive, f"{n}.md", 1, n, n, article.source),
                hash=content_hash(repr(article).encode()),
                record=record(article),
            )
            for n, article in enumerate(articles)
        ]
        self.index.write(Writer.put, entries)
        assert list(self.reader.fill_search())[-1].stage == "done"
        assert self.reader.searcher.missing() == 0

    def close(self) -> None:
        self.reader.close()
        self.index.close()


@pytest.fixture(scope="module")
def shelved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelved]:
    one = Shelved(tmp_path_factory.mktemp("shelved"))
    with pytest.MonkeyPatch.context() as patch:
        for name, few in (("RANKED", 2), ("RECENT", 2), ("PAGE", 1)):  # so that there is a rest to be found by date
            patch.setattr(lookup, name, few)
        yield one
    one.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories(), st.lists(TEXT, min_size=1, max_size=6), st.data())
def test_what_is_found_is_what_a_scan_finds(
    shelved: Shelved, articles: list[Article], words: list[str], data: st.DataObject
) -> None:
    shelved.hold(articles)
    for text in texts_of(data.draw(st.sampled_from(articles))):
        if text:
            start = data.draw(st.integers(0, len(text) - 1))
            words.append(text[start : start + data.draw(st.integers(1, 6))])
    for one in articles:  # what only seems to stand there: the end of a block and the beginning of the next
        words += [before[-1:] + after[:1] for before, after in pairwise(texts_of(one))]
    for word in words:
        wanted = _blanks(fold(word)).strip()
        if not wanted:
            continue
        expected = {one.id for one in articles if any(stands_in(word.strip(), text) for text in texts_of(one))}
        query = '"' + word.replace("\n", " ") + '"'
        for order in ("rank", "date"):
            assert set(found(shelved.reader, query, View(), order, data.draw(st.integers(1, 3)))) == expected, query
        assert shelved.reader.searcher.count(query, View()) == len(expected)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories(), st.data())
def test_and_or_not_and_views_are_sets(shelved: Shelved, articles: list[Article], data: st.DataObject) -> None:
    shelved.hold(articles)
    leaves = (
        "港",
        "渡船",
        "ferry",
        "fer*",
        "国",
        "title:河",
        "source:河口",
        "is:starred",
        "is:unread",
        "date:1970-01-01",
    )
    starred = set(data.draw(st.lists(st.sampled_from([one.id for one in articles]), unique=True)))
    shelved.reader.marks.star(starred)

    def holds(leaf: str, one: Article) -> bool:
        match leaf:
            case "fer*":
                folded = [fold(text) for text in texts_of(one)]
                return any(re.search(r"(?<![a-z0-9])fer", text) for text in folded)
            case "title:河":
                return "河" in one.title
            case "source:河口":
                return one.source == "河口通訊"
            case "is:starred":
                return one.id in starred
            case "is:unread":
                return True
            case "date:1970-01-01":
                return one.published is not None and one.published.date() == EPOCH.date()
            case _:
                return any(stands_in(leaf, text) for text in texts_of(one))

    def query(depth: int) -> tuple[str, set[str]]:
        kind = data.draw(st.sampled_from(("leaf", "leaf", "and", "or", "not") if depth else ("leaf",)))
        if kind == "leaf":
            leaf = data.draw(st.sampled_from(leaves))
            return leaf, {one.id for one in articles if holds(leaf, one)}
        left, in_left = query(depth - 1)
        if kind == "not":
            return f"-({left})", {one.id for one in articles} - in_left
        right, in_right = query(depth - 1)
        if kind == "and":
            return f"({left} {right})", in_left & in_right
        return f"({left} OR {right})", in_left | in_right

    text, expected = query(3)
    shelved.reader.marks.tag(starred, "to read")
    view = data.draw(st.sampled_from(VIEWS))
    shown = {row.id for row in shelved.reader.rows(view).page(limit=100)}
    for order in ("rank", "date"):
        assert set(found(shelved.reader, text, view, order, 2)) == expected & shown, text
    assert shelved.reader.searcher.count(text, view) == len(expected & shown)
    narrowed = view._replace(query=text)
    assert {row.id for row in shelved.reader.rows(narrowed).page(limit=100)} == expected & shown, text
    assert shelved.reader.rows(narrowed).counts().stories == len(expected & shown)
    shelved.reader.marks.star(starred, False)
    shelved.reader.marks.tag(starred, "to read", False)


# --- the archive ------------------------------------------------------------------------------------------------


def test_every_word_of_the_corpus_is_found_where_it_stands(some_corpus: Path, tmp_path: Path) -> None:
    with Reader.open(config_in(tmp_path), some_corpus / "articles") as reader:
        ingested(reader)
        assert list(reader.fill_search())[-1].stage == "done"
        articles = [reader.article(row.id) for row in reader.rows().page(limit=5000)]
        texts = {one.id: [fold(text) for text in texts_of(one)] for one in articles}
        chance = random.Random(20_250_309)
        tried = 0
        index = SearchIndex(reader.target.index)
        for _ in range(300):
            text = chance.choice(texts_of(chance.choice(articles)))
            start = chance.randrange(len(text) + 1)
            word = text[start : start + chance.choice((1, 1, 2, 2, 2, 3, 4, 4, 6, 9))]
            if not re.fullmatch("[\u4e00-\u9fff]+", word):
                continue
            tried += 1
            wanted = fold(word)
            expected = {story for story, parts in texts.items() if any(wanted in part for part in parts)}
            order: Order = chance.choice(("rank", "date"))
            hits = lookup.find(index.db, parse(word, EPOCH, UTC), View(), order=order, limit=5000)
            hits = [hit for hit in hits if tier(hit.part) in ("", "appendix")]
            assert {story_of(hit.sid) for hit in hits} == expected, word
            assert len(hits) == len(expected)
        for one in chance.sample(articles, 60):  # pasted, a title finds its story
            hits = lookup.find(index.db, parse(one.title, EPOCH, UTC), View(), limit=64)
            first = [article.title for hit in hits for article in articles if article.id == story_of(hit.sid)]
            same = [title for title in first if fold(title) == fold(one.title)]
            assert one.id in [story_of(hit.sid) for hit in hits[: 1 + max(1, len(same))]], one.title
        index.close()
        assert tried > 100


def test_a_query_by_date_of_today_is_read_at_the_moment_it_is_asked(tmp_path: Path) -> None:
    one = Shelved(tmp_path)
    try:
        now = datetime.now(UTC)
        url = "https://harbour.example/now"
        one.hold([Article(id="00000000000000aa", key=url, url=url, title="夜渡", source="Harbour Post", published=now)])
        assert found(one.reader, "夜渡 date:1d", View(), "rank", 5) == ["00000000000000aa"]
        assert found(one.reader, "夜渡 date:<1d", View(), "rank", 5) == []
    finally:
        one.close()
