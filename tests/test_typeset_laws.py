"""The laws of typesetting, over generated articles at every width from 20 to 200."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsreader.article import (
    Article,
    Block,
    Caption,
    Code,
    Credit,
    Furniture,
    Heading,
    Image,
    ImageBlock,
    Link,
    ListItem,
    Media,
    Paragraph,
    Quote,
    Rule,
    Span,
    Spans,
    Table,
)
from newsreader.export.text import to_text
from newsreader.safety import cell_width, clean
from newsreader.typeset import breaking
from newsreader.typeset.breaking import NO_BEGIN, NO_END, is_listed_fit
from newsreader.typeset.layout import typeset
from newsreader.typeset.lines import Metrics
from newsreader.typeset.wrapping import ColumnRuler, fill, ruler, wrap
from tests.typeset_laws import MAY_NOT_BEGIN, MAY_NOT_END, violations

HAN = "月亮寫的時刻表潮汐是怎樣算出來活字三記泥木頭和鉛二十四节气纸要走五步"
WORDS = (
    *("tide", "lighthouse", "well-known", "A/B", "km/h", "e-mail", "COVID-19", "don't", "naïve", "маяк", "Ångström"),
    *("1,234.5", "2020-07-15", "15/07/2020", "3.14", "40%", "25℃", "$500", "US$1.5", "￥3000", "£9", "-7", "１２３４"),
    *("https://www.example.org/a/b?c=d&e=f", "http://example.org/" + "long" * 30, "keeper@light.example", "ＡＢＣ"),
    *("안녕하세요", "한국어", "きょうの", "ローマ", "ァィゥ", "佐々木", "สวัสดีครับ", "مرحبا", "हिन्दी", "ཧོ་"),
    *("é́", "e" + "\u0301" * 12, "😀", "👨\u200d👩\u200d👧", "🇯🇵🇰🇷🇹🇼", "❤\ufe0f", "👍🏽", "◆", "★", "①"),
    *("——", "—", "……", "…", "～", "·", "史蒂夫·讓", "“引文”", "‘引文’", '"引文"', "“quoted”", '"quoted"', "（注）"),
    *("。」", "！？", "「『", "！" * 40, "（" * 30, "—" * 60, "x" * 300, "\u3000", "\u3000\u3000", "www.example.org"),
    *("\x1b[31m", "\x9b2J", "\u202e", "\x00", "\ud800", "\ufeff", "\u2028", "\t", "\xa0", "\u00ad", "\U000e0041"),
    *("\r\n", "《書》"),
    *("\u0e33" * 60, "\u1100" * 60, "\u0600" * 30, "\U000110bd" * 9, "\u0915\u094d" * 60, "\u1100\u1161" * 9),
)
PIECES = st.one_of(
    st.text(HAN, min_size=1, max_size=30),
    st.sampled_from(WORDS),
    st.sampled_from(sorted(MAY_NOT_BEGIN + MAY_NOT_END)),
    st.sampled_from([" ", " ", "\n", "，", "。", ", "]),
    st.text(max_size=6),
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)
LINKS = 7
SPANS: st.SearchStrategy[Spans] = st.one_of(
    TEXTS.map(lambda text: (Span(text),)),
    st.lists(
        st.builds(
            Span,
            TEXTS,
            st.sampled_from([(), ("strong",), ("em", "strong"), ("mark",), ("code",)]),
            st.sampled_from([None, None, 1, 2, LINKS]),
        ),
        max_size=5,
    ).map(tuple),
)
BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, SPANS, st.sampled_from([None, "lead"])),
    st.builds(Heading, SPANS, st.integers(1, 6)),
    st.builds(
        ListItem,
        SPANS,
        st.sampled_from([1, 1, 2, 3, 40]),
        st.sampled_from([None, 1, 10, 10**20]),
        st.sampled_from(["bullet", "number", "continued"]),
    ),
    st.builds(Quote, SPANS, st.sampled_from([1, 2, 30])),
    st.builds(Caption, SPANS, st.sampled_from([None, 1])),
    st.builds(Credit, SPANS, st.sampled_from([None, 1])),
    st.builds(ImageBlock, st.sampled_from([1, 2, 99])),
    st.builds(Code, SPANS),
    st.builds(Table, st.lists(st.lists(SPANS, max_size=4).map(tuple), max_size=4).map(tuple), st.booleans()),
    st.just(Rule()),
    st.builds(Media, SPANS, st.sampled_from([None, 1, 99]), st.sampled_from(["video", "audio", "frame"])),
    st.builds(Furniture, SPANS),
)
ARTICLES = st.builds(
    Article,
    id=st.just("0" * 16),
    key=st.just("k"),
    url=st.just(""),
    title=TEXTS,
    source=TEXTS,
    byline=TEXTS,
    blocks=st.lists(BLOCKS, max_size=6).map(tuple),
    links=st.just(tuple(Link(n, f"https://host{n}.example/") for n in range(1, LINKS + 1))),
    images=st.tuples(
        st.builds(Image, st.just(1), st.just("https://static.example.org/a.jpg"), TEXTS),
        st.builds(Image, st.just(2), st.just("data:image/png;base64,AAAA"), TEXTS),
    ),
)
METRICS = st.builds(Metrics, st.integers(20, 200), st.sampled_from([80, 80, 60, 200]))


NUMBER_AFTER_BLANKS = Article(
    "0" * 16,
    "k",
    "",
    "",
    "",
    blocks=(
        Table((((Span(""),), (Span("三"),)), ((Span("三"),), (Span("", (), 1), Span("\n" + "三" * 9)))), header=True),
    ),
    links=(Link(1, "https://host1.example/"),),
)
TABS_OVER_SPANS = replace(
    NUMBER_AFTER_BLANKS,
    blocks=(Code((Span("三" * 9), Span("\t三"))), Code((Span("三三\r"), Span("\t三"), Span("\t三" * 3)))),
)


# Each of these is one grapheme, however long.
ENDLESS = [char * 60 for char in ("\u0e33", "\u1100", "\u0600", "\U000110bd", "\u0eb3", "\u0915\u094d", "\u0d4e")]


@pytest.mark.parametrize("text", ENDLESS)
def test_a_grapheme_wider_than_the_page_is_taken_apart(text: str) -> None:
    assert [cell_width(text[a:b]) for a, b in wrap(text, 20)] == [20] * (cell_width(text) // 20)


def test_a_break_within_a_grapheme_is_none() -> None:
    text = "\u0600" * 29 + "三: " + "！" * 30  # UAX #14 permits one before 三, which the sign before it joins
    assert max(cell_width(text[a:b]) for a, b in wrap(text, 20)) == 20


def test_a_grapheme_is_never_cut_and_a_last_line_is_not_filled_beyond_its_room() -> None:
    for text, room, lines in (("\u0e01\u0e33" * 3, 3, ["\u0e01\u0e33"] * 3), ("潮。水。", 4, ["潮。", "水。"])):
        assert [text[a:b] for a, b in wrap(text, room)] == lines


@given(ARTICLES, METRICS)
@example(NUMBER_AFTER_BLANKS, Metrics(20, 80))
@example(TABS_OVER_SPANS, Metrics(20, 80))
def test_every_law_of_a_page(article: Article, metrics: Metrics) -> None:
    page = typeset(article, metrics, when="2月13日", minutes="4 min", fold=False)
    assert violations(article, page, metrics) == []


@given(ARTICLES, METRICS, st.booleans())
def test_no_line_is_too_wide_where_ambiguous_characters_are_wide(
    article: Article, metrics: Metrics, ascii_marks: bool
) -> None:
    wide = Metrics(metrics.width, metrics.measure, ambiguous_wide=True, ascii_marks=ascii_marks)
    for line in typeset(article, wide, fold=False).lines:
        shown = "".join(run.text for run in line.runs)
        assert line.indent + cell_width(shown, ambiguous_wide=True) <= wide.width
        for run in line.runs:
            if run.role in ("mark quote", "mark rule", "mark fold", "mark code"):
                assert not any(unicodedata.east_asian_width(char) == "A" for char in run.text)


@given(ARTICLES, METRICS)
def test_text_reaches_a_terminal_clean(article: Article, metrics: Metrics) -> None:
    for line in to_text(typeset(article, metrics)).split("\n"):
        assert line == clean(line)
        assert line == line.rstrip(" ")


@given(ARTICLES, METRICS, METRICS, st.data())
def test_a_place_is_found_again_at_another_width(
    article: Article, here: Metrics, there: Metrics, data: st.DataObject
) -> None:
    page, other = typeset(article, here), typeset(article, there)
    places = [line.place for line in page.lines]
    assert places == sorted(places)
    if page.lines:
        n = data.draw(st.integers(0, len(page.lines) - 1))
        block, offset = page.place_of(n)
        found = other.lines[other.line_of(block, offset)]
        folded = any(block in fold.blocks and found.block == fold.blocks[0] for fold in other.folds)
        assert found.block == block or folded or page.lines[n].kind in ("gap", "image")
        assert found.offset <= offset or offset == 0
        again = page.lines[page.line_of(block, offset)]
        # A gap is above what follows, which is another block where a picture's lines are its caption's.
        assert again.place == page.lines[n].place or page.lines[n].kind == "gap"


@given(ARTICLES, METRICS)
def test_links_and_folds_know_their_lines(article: Article, metrics: Metrics) -> None:
    unfolded = frozenset(i for i, block in enumerate(article.blocks) if isinstance(block, Furniture))
    for page in (typeset(article, metrics), typeset(article, metrics, unfolded=unfolded)):
        for line, n in page.links:
            assert any(run.link == n for run in page.lines[line].runs)
        on_lines = {(i, run.link) for i, line in enumerate(page.lines) for run in line.runs if run.link is not None}
        assert set(page.links) == on_lines
        assert [i for fold in page.folds for i in fold.blocks] == sorted(unfolded)
        assert all(page.lines[fold.line].kind == "fold" for fold in page.folds)


@given(TEXTS, st.integers(20, 100))
def test_a_link_number_never_begins_a_line_and_follows_its_text(text: str, width: int) -> None:
    article = Article("0" * 16, "k", "", "t", "s", blocks=(Paragraph((Span(text), Span("燈塔", (), 1), Span(text))),))
    page = typeset(article, Metrics(width), header=False)
    numbers = [(line, i) for line in page.lines for i, run in enumerate(line.runs) if run.role == "mark link"]
    assert len(numbers) == 1
    line, i = numbers[0]
    assert i > 0
    assert line.runs[i - 1].text.endswith("塔")


@given(TEXTS, st.booleans())
def test_a_ruler_measures_as_the_width_function_does(text: str, ambiguous_wide: bool) -> None:
    from newsreader.safety import cell_width

    text = clean(text)
    measure = ruler(text, ambiguous_wide=ambiguous_wide)
    assert measure.width(0, len(text)) == cell_width(text, ambiguous_wide=ambiguous_wide)
    for cells in (1, 7, 40):
        reach = measure.reach(0, cells)
        assert cell_width(text[:reach], ambiguous_wide=ambiguous_wide) <= cells


@given(TEXTS, st.integers(1, 60))
def test_wrapping_loses_nothing_and_ends(text: str, room: int) -> None:
    text = clean(text, newlines=True)
    lines = wrap(text, room)
    shown = "".join(text[start:end] for start, end in lines)
    assert "".join(shown.split()) == "".join(text.split())


def test_the_lists_are_those_of_the_design() -> None:
    assert set(MAY_NOT_BEGIN) == NO_BEGIN
    assert set(MAY_NOT_END) == NO_END
    assert not is_listed_fit("中。", 1)
    assert not is_listed_fit("（中", 1)
    assert is_listed_fit("中——中", 1)
    assert not is_listed_fit("中——中", 2)
    assert not is_listed_fit("中—中", 1)


def test_what_nobody_misses_around_a_picture_is_one_fold_at_the_end() -> None:
    blocks = (
        Furniture((Span("By Mara Ellison"),), "byline"),
        ImageBlock(1),
        Furniture((Span("Image source"),), "label"),
        Credit((Span("Harbour Archive"),)),
        Paragraph((Span("The sea is patient."),)),
    )
    article = Article(
        "0" * 16, "k", "", "t", "s", blocks=blocks, images=(Image(1, "https://example.org/a.jpg", "alt"),)
    )
    page = typeset(article, Metrics(60), header=False)
    assert [line.kind for line in page.lines] == ["image", "credit", "gap", "paragraph", "gap", "fold"]
    assert [fold.blocks for fold in page.folds] == [(0, 2)]
    unfolded = typeset(article, Metrics(60), header=False, unfolded=frozenset({0, 2}))
    assert [line.text.strip() for line in unfolded.lines][-2:] == ["By Mara Ellison", "Image source"]
    places = [line.place for line in unfolded.lines]
    assert places == sorted(places)


def test_lines_of_code_and_rows_of_a_narrow_table_know_where_they_stand() -> None:
    code = Code((Span("tide"), Span("1", (), 1), Span("\nebb"), Span("2", (), 1)))
    texts = ("harbour", "tide"), ("north", "high"), ("east", "low")
    rows = tuple(tuple((Span(text),) for text in row) for row in texts)
    below = [(24, ""), *((24, text) for text in ("harbour:", "east", "tide:", "low"))]
    for block, room, lines in (
        (code, 14, [(0, "tide [1]"), (6, "ebb [2]")]),
        (Table(rows, header=True), 8, [*((0, text) for text in ("harbour:", "north", "tide:", "high")), *below]),
        (Table(rows[1:]), 8, [(0, "north"), (0, "high"), (11, ""), (11, "east"), (11, "low")]),
    ):
        note = Link(1, "#n", "1", "within", block=0)
        article = Article("0" * 16, "k", "", "t", "s", blocks=(block,), links=(note,))
        page = typeset(article, Metrics(room, measure=room), header=False)
        assert [(line.offset, line.text.strip()) for line in page.lines] == lines


# --- The short cuts of the first frame ------------------------------------------------------------------------------


@given(st.text(st.sampled_from("aZ5é中ひ가ㅏＡ９０．，·～—／/-“”‘’ 。:w.htps"), max_size=24) | TEXTS)
def test_the_pattern_of_stand_ins_is_only_spared_where_it_would_do_nothing(text: str) -> None:
    assert breaking._tailored(text) == breaking.compiled(breaking._STAND_INS).sub(breaking._stand_in, text)


@given(st.text(st.sampled_from("aZ5é中ひ가กำ́🙂。（”—- "), min_size=1, max_size=200), st.integers(1, 60))
def test_a_headline_is_broken_as_a_paragraph_is(text: str, room: int) -> None:
    text = clean(text).strip()
    if text:
        assert fill(text, ColumnRuler(text), room, room) == wrap(text, room)
