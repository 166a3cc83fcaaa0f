"""Languages are told from characters, and reading is counted in characters and words."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader import script
from newsreader.dump import decode
from newsreader.script import language_of, reading_load


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("守塔人每天清晨五点起床，先记潮位，再数滩涂上的白鹭。", "zh-Hans"),
        ("守塔人每天清晨五點起床，先記潮位，再數灘塗上的白鷺。", "zh-Hant"),
        ("灯台守は毎朝五時に起きて、まず潮位を書きとめる。", "ja"),
        ("東京都知事選挙告示、各党党首対決", "ja"),
        ("カモメ", "ja"),
        ("등대지기는 매일 아침 다섯 시에 일어나 물높이를 적는다.", "ko"),
        ("The keeper of the lighthouse gets up at five and writes down the tide.", "en"),
        ("Der Wärter steht um fünf Uhr auf und schreibt den Wasserstand auf.", ""),
        ("守塔人", ""),
        ("2025-02-13 12:12", ""),
        ("", ""),
        ("台灣的讀者討論日本漫畫《ちびまる子》，認為翻譯應該保留原來的語氣，這場討論從春天開始延續到現在。", "zh-Hant"),
        ("这家公司用 Python 和 SQLite 写了一个阅读器（terminal news reader），发布在 GitHub 上。", "zh-Hans"),
        ("The word 塔 means tower, and this is the only character in the sentence that is Han.", "en"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert language_of(text) == language


def test_the_two_forms_of_a_character_stand_at_the_same_place() -> None:
    assert len(script._SIMPLIFIED) == len(script._TRADITIONAL) > 300
    assert not set(script._SIMPLIFIED) & set(script._TRADITIONAL)
    assert len(set(script._SIMPLIFIED)) == len(script._SIMPLIFIED)
    assert not set(script._JAPANESE) & set(script._SIMPLIFIED + script._TRADITIONAL)


def test_the_forms_are_those_of_opencc() -> None:
    opencc = pytest.importorskip("opencc", reason="needs the [chinese] extra")
    to_simplified = opencc.OpenCC("t2s")
    assert "".join(map(to_simplified.convert, script._TRADITIONAL)) == script._SIMPLIFIED


@pytest.mark.parametrize(
    ("text", "load"),
    [
        ("", (0, 0)),
        ("守塔人，每天。", (5, 0)),
        ("カモメが3羽", (5, 1)),
        ("등대지기", (4, 0)),
        ("The keeper doesn't sleep.", (0, 4)),
        ("a well-known 3,000 U.S. — … !", (0, 4)),
        ("用 Python3 写的", (3, 1)),
        ("守塔人reads每天", (5, 1)),
        ("人々", (2, 0)),
    ],
)
def test_reading_load(text: str, load: tuple[int, int]) -> None:
    assert reading_load(text) == load


@given(st.text(), st.text())
def test_loads_of_two_lines_add_up(one: str, other: str) -> None:
    both = reading_load(one + "\n" + other)
    assert both == tuple(a + b for a, b in zip(reading_load(one), reading_load(other), strict=True))
    assert language_of(one) in ("zh-Hans", "zh-Hant", "ja", "ko", "en", "")


def test_long_texts_are_counted() -> None:
    assert reading_load("漢a" * 1_000_000) == (1_000_000, 1_000_000)
    assert reading_load("a'" * 1_000_000) == (0, 1)
    assert language_of("的" * 5_000_000 + "國") == ""


def test_a_real_archive_is_chinese(corpus_dumps: list[tuple[str, bytes]]) -> None:
    dumps = [decode(data) for _, data in corpus_dumps]
    bodies = Counter(language_of(re.sub("<[^>]*>", "", dump.body)) for dump in dumps)
    titles = Counter(language_of(dump.title) for dump in dumps)
    print(f"languages of bodies: {dict(bodies)}, of titles alone: {dict(titles)}")
    assert bodies["zh-Hans"] + bodies["zh-Hant"] >= 1111
    assert titles["zh-Hans"] + titles["zh-Hant"] >= 1108
