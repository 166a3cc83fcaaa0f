"""Bytes in encodings that nobody declared become the text they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.charset import to_text

SIMPLIFIED = "守塔人每天清晨五点起床，先记潮位，再数滩涂上的白鹭。这本日志从一九六二年写到今天，没有缺过一页。"
TRADITIONAL = "守塔人每天清晨五點起床，先記潮位，再數灘塗上的白鷺。這本日誌從一九六二年寫到今天，沒有缺過一頁。"
JAPANESE = "灯台守は毎朝五時に起きて、まず潮位を書きとめ、それから干潟のシラサギを数える。"
KOREAN = "등대지기는 매일 아침 다섯 시에 일어나 먼저 물높이를 적고 갯벌의 백로를 센다."
FRENCH = "Le gardien du phare se lève à cinq heures : d’abord la marée, puis les oiseaux « blancs » de la grève."
GERMAN = "Der Leuchtturmwärter steht früh auf – über fünfzig Jahre lang, schön und größer als je zuvor."


@pytest.mark.parametrize(
    ("text", "codec", "read_as"),
    [
        (SIMPLIFIED, "gb2312", "gb18030"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "cp950"),
        (TRADITIONAL + "屘喺冇嘅", "big5hkscs", "big5hkscs"),
        (JAPANESE, "shift_jis", "cp932"),
        (JAPANESE, "euc_jp", "euc_jp"),
        (KOREAN, "euc_kr", "cp949"),
        (FRENCH, "cp1252", "cp1252"),
        (GERMAN, "cp1252", "cp1252"),
        ("ÉTÉ À PARIS", "cp1252", "cp1252"),
        ("城市图书馆搬家记", "gb18030", "gb18030"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "<p>{}</p>\n", "[{}](https://example.org/a)\n------\n\n<div>{}</div>"])
def test_undeclared_encodings_are_told_from_the_text(text: str, codec: str, read_as: str, around: str) -> None:
    page = around.replace("{}", text)
    read, warnings = to_text(page.encode(codec))
    assert read == page
    assert [(warning.code, warning.detail) for warning in warnings] == [("encoding", read_as)]


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("naïve", "cp1252"),
        ("歐盟與印度", "big5"),
        ("Смотритель маяка встаёт рано", "cp1251"),
        ("Смотритель маяка встаёт рано", "koi8-r"),
        ("ยามประภาคารตื่นแต่เช้าทุกวัน", "tis-620"),
    ],
)
def test_a_few_words_in_a_page_are_enough(text: str, codec: str) -> None:
    page = f"[{text}](https://example.org/a)\n------\n\n<div>{text}</div>"
    assert to_text(page.encode(codec))[0] == page


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_and_utf8_need_no_guess(codec: str) -> None:
    for text in (SIMPLIFIED, KOREAN, "\0a", "", "plain"):
        assert to_text(text.encode(codec)) == (text, ())
    assert to_text(b"\xfe\xff" + TRADITIONAL.encode("utf-16-be")) == (TRADITIONAL, ())


def test_a_declared_encoding_is_believed_if_the_bytes_bear_it_out() -> None:
    russian = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>Смотритель маяка</p>'
    assert to_text(russian.encode("cp1251"))[0] == russian
    polish = '<?xml version="1.0" encoding="ISO-8859-2"?><p>Latarnia w Łebie świeci</p>'
    assert to_text(polish.encode("iso8859-2"))[0] == polish
    for number in range(1250, 1259):
        letters = f"<meta charset=windows-{number}><p>".encode() + bytes(range(0xE0, 0xF0))
        assert to_text(letters)[0] == letters.decode(f"cp{number}")
    wrong = f"<meta charset=big5><p>{SIMPLIFIED}</p>"
    assert to_text(wrong.encode("gb18030"))[0] == wrong
    unknown = f"<meta charset=unicode_escape><p>{SIMPLIFIED}</p>"
    assert to_text(unknown.encode("gb18030"))[0] == unknown


def test_undecodable_bytes_stay_visible() -> None:
    damaged = SIMPLIFIED.encode()[:-1] + b"\xff" + "天".encode()
    text, warnings = to_text(damaged)
    assert text == SIMPLIFIED[:-1] + "\\xe3\\x80\\xff天"
    assert [(warning.code, warning.detail) for warning in warnings] == [("undecodable", "2")]
    text, warnings = to_text(SIMPLIFIED.encode("gb18030") + b"\xff.")
    assert text == SIMPLIFIED + "\\xff."
    assert [warning.code for warning in warnings] == ["encoding", "undecodable"]
    text, warnings = to_text(b"\xff\xfe" + "塔".encode("utf-16-le") + b"\x00\xd8")
    assert text == "塔\\x00\\xd8"


@given(st.binary() | st.binary(min_size=1).map(lambda data: b"\xe4\xb8\xad" + data))
def test_no_bytes_raise_and_ascii_is_never_lost(data: bytes) -> None:
    text, _ = to_text(data)
    assert not any("\ud800" <= char <= "\udfff" for char in text)
    plain = bytes(byte for byte in data if byte < 0x80)
    assert to_text(plain) == (plain.decode("ascii"), ())


@given(st.text())
def test_text_in_utf8_comes_back(text: str) -> None:
    assert to_text(text.encode()) == (text.removeprefix("\ufeff"), ())


def test_a_real_archive_in_old_encodings(some_dumps: list[tuple[str, bytes]]) -> None:
    some = some_dumps[::2]  # as pure Python goes, chardet takes its time
    wrong = [path for path, data in some if to_text(data.decode().encode("gb18030"))[0] != data.decode()]
    print(f"{len(some)} dumps in undeclared GB18030, {len(wrong)} read wrong")
    assert not wrong
