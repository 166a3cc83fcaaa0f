"""Folding and readings: what a search takes for the same, and how Han characters sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.script import fold, fold_whence, readings, syllables
from tests import folding


def test_the_table_is_what_opencc_says() -> None:
    assert folding.FILE.read_text(encoding="utf-8").splitlines() == folding.lines()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("臺灣", "台湾"),
        ("頭髮", "头发"),
        ("發現", "发现"),
        ("隨著", "随着"),
        ("裏面", "里面"),
        ("裡面", "里面"),
        ("薴", "苎"),
        ("ＡＢＣ１２", "abc12"),
        ("Łódź", "lodz"),
        ("Straße", "STRASSE"),
        ("naïve", "nai\u0308ve"),
        ("ﬁn", "fin"),
        ("ｶﾅ", "カナ"),
        ("ё", "Е"),
        ("Αθήνα", "αθηνα"),
        ("“so”", '"so"'),
        ("a\u3000b\u00a0c", "a b c"),
        ("ガ", "ｶﾞ"),
        ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
        ("ǿ", "o\u0308"),
        ("葛\U000e0100城", "葛城"),
        ("❤\ufe0f", "❤"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
    ],
)
def test_found_as_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("か", "が"), ("カ", "か"), ("한", "하"), ("и", "й"), ("人", "入"), ("\U00031350", "")]
)
def test_kept_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_goes_character_by_character_and_twice_is_once(text: str) -> None:
    folded, whence = fold_whence(text)
    assert folded == fold(text) == "".join(map(fold, text)) == fold(folded)
    assert len(whence) == len(folded) + 1
    assert whence[-1] == len(text)
    for n, char in enumerate(folded):
        assert char in fold(text[whence[n]])


def test_readings_go_by_the_word() -> None:
    assert readings("烏克蘭ABC") == ["wu", "ke", "lan", "", "", ""]
    assert readings("重慶、銀行") == ["chong", "qing", "", "yin", "hang"]
    assert readings("重") == ["zhong"]


def test_syllables_are_those_one_types() -> None:
    assert {"a", "zhuang", "lv", "er"} <= syllables()
    assert all(sound.isascii() and sound.isalpha() and len(sound) <= 6 for sound in syllables())
