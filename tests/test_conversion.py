"""Chinese in the reader's script: as many characters as before, in the list and in the article."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.article import Article, Code, Heading, Link, Paragraph, Rule, Span, Table, plain
from newsreader.config import Config
from newsreader.conversion import SCRIPTS, converter
from newsreader.reader import Reader
from newsreader.typeset.converted import converted
from tests.newsroom import Story, ingested, write_archive
from tests.test_ui_app import NOW, config, window

__all__ = ["config"]

TEXTS = st.text(st.one_of(st.sampled_from("里裏裡发發髮台臺着著「」乾干面麵后後a \n\U00020000"), st.characters()))


@given(TEXTS, st.sampled_from(SCRIPTS[1:]))
def test_as_many_characters_come_out_as_went_in(text: str, script: str) -> None:
    convert = converter("simplified" if script == "simplified" else "traditional")
    assert convert is not None
    assert len(convert(text)) == len(text)


def test_words_decide_which_character_it_is() -> None:
    to_traditional, to_simplified = converter("traditional"), converter("simplified")
    assert to_traditional is not None
    assert to_simplified is not None
    assert to_traditional("皇后的头发在理发店后面") == "皇后的頭髮在理髮店後面"
    assert to_simplified("乾隆皇帝的頭髮") == "乾隆皇帝的头发"
    assert to_simplified("東京の発展") == "東京の発展", "Japanese stays"
    assert converter("written") is None


def test_a_word_that_goes_on_in_a_link_is_one_word() -> None:
    article = Article(
        "0" * 16,
        "k",
        "",
        "理发",
        "s",
        blocks=(
            Heading((Span("头发"),)),
            Paragraph((Span("在理", ("strong",)), Span("发店", (), 1), Span("后面"))),
            Table((((Span("皇后"),), (Span("以后"),)),)),
            Code((Span("后"),)),
            Rule(),
        ),
        links=(Link(1, "https://example.org/发"),),
    )
    convert = converter("traditional")
    assert convert is not None
    turned = converted(article, convert)
    assert turned.title == "理髮"
    assert [plain(block.spans) for block in turned.blocks] == ["頭髮", "在理髮店後面", "皇后\t以後", "后", ""]
    assert [(span.text, span.style, span.link) for span in turned.blocks[1].spans][:2] == [
        ("在理", ("strong",), None),
        ("髮店", (), 1),
    ]
    assert turned.links == article.links
    assert converted(replace(article, language="ja"), convert).title == "理发"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    time = int(NOW.timestamp() * 1000) - 60_000
    return write_archive(tmp_path / "news", [Story(1, time, "河口", "理发店后面的渡轮", "她在理发店后面等渡轮。")])


async def test_t_shows_the_list_and_the_story_in_another_script(config: Config, root: Path) -> None:
    with Reader.open(config, root) as reader:
        ingested(reader)
        async with window(config, reader, (100, 24)) as w:
            await w.press("enter", "T")
            assert "Simplified" in w.status
            assert w.screen.count("理发店后面") == 3
            await w.press("T")
            assert "Traditional" in w.status
            assert w.screen.count("理髮店後面的渡輪") == 2
            assert "她在理髮店後面等渡輪。" in w.screen
            await w.press("T")
            assert w.screen.count("理发店后面") == 3
        async with window(config, reader, (100, 24), script="traditional") as w:
            assert "理髮店後面的渡輪" in w.screen


async def test_without_opencc_one_is_told_what_to_install(
    config: Config, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converter.cache_clear()
    monkeypatch.setitem(sys.modules, "opencc", None)
    with Reader.open(config, root) as reader:
        ingested(reader)
        async with window(config, reader, (100, 24)) as w:
            await w.press("T")
            assert "newsreader[chinese]" in w.status
            assert "理发店后面" in w.screen
