"""Whatever comes in, only harmless text comes out; and its width is what rich, which draws it, believes."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import pytest
from apsw.unicode import category, text_width
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from newsreader import safety
from newsreader.errors import UnsafeUrl
from newsreader.safety import (
    cell_width,
    cell_widths,
    clean,
    clean_line,
    is_openable,
    openable,
    safe_filename,
    safe_json,
)

VISIBLE_FORMAT = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")

# Scripts and signs that terminals quarrel about, as well as anything at all.
tricky = st.sampled_from(
    list(
        "aé\u0301\u0308\u200b\u200c\u200d\ufe0e\ufe0f\u00ad\u20e3\u3099ｶﾞ각ᄀ\u1161\u11a8\u093e\u0928\u094d\u0e33\u0e49"
    )
    + list(
        "❤☀👍👨👩👧🏽🇩🇪🏴\U000e0067\U000e007f漢字（）“”…—·、。\u3000\u00a0\t\r\n\x1b\x07\x9b\u202e\u2066\ufffe\ue000\ud800"
    )
)
texts = st.one_of(st.text(st.characters(exclude_categories=())), st.text(tricky), st.text(tricky, min_size=20))


@cache
def everything() -> list[str]:
    """Every code point that Unicode has assigned, and some of the others, in which nothing but their place differs."""
    some = {point for point in range(0x110000) if point % 256 in (0, 254, 255)}
    used = (*range(0x40000), *range(0xE0000, 0xE1000))  # nothing is assigned elsewhere
    return [chr(n) for n in sorted(some.union(n for n in used if category(chr(n)) not in ("Cn", "Co", "Cs")))]


@cache
def pieces() -> list[str]:
    """The same, each alone, but Han characters and Hangul syllables, which take no notice of each other, by fifties."""
    found, many = [], ""
    for char in everything():
        if ("\u3400" <= char < "\ua000" or "\uac00" <= char < "\ud7a4" or char > "\U00020000") and char.isalpha():
            many += char
        else:
            found.append(char)
    return [*found, *(many[at : at + 50] for at in range(0, len(many), 50))]


def harmless(text: str, *, newlines: bool = False) -> bool:
    if len(text) > 2:  # words need joiners
        text = re.sub(f"(?<=[{safety._JOINED}])[\u200c\u200d](?=[{safety._JOINED}])", "", text)
    return all(
        (category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
        or char in VISIBLE_FORMAT
        or (newlines and char == "\n")
        for char in text
    )


# --- Cleaning -------------------------------------------------------------------------------------------------------


def test_every_code_point_is_shown_harmlessly_and_as_wide_as_rich_says() -> None:
    kept = 0
    for text in pieces():
        shown = clean(text)
        assert shown in (text, "", " ", "\ufffd"), hex(ord(text[0]))
        if shown == text:
            kept += len(text)
            assert harmless(text), hex(ord(text[0]))
            assert cell_width(text) == cell_len(text) == sum(cell_widths(text)), hex(ord(text[0]))
            assert len(text) == 1 or set(cell_widths(text)) == {2}, hex(ord(text[0]))
        else:
            assert clean(shown) == shown
    assert kept > 150_000  # what Unicode has assigned is shown


def test_what_is_printable_is_never_dropped() -> None:
    dropped = {char for char in everything() if char.isprintable() and not clean(char)}
    marks_that_show_nothing = set(map(chr, safety._INVISIBLE))
    assert dropped <= marks_that_show_nothing


@given(texts, st.booleans())
def test_clean_text_is_harmless_and_stays_as_it_is(text: str, newlines: bool) -> None:
    shown = clean(text, newlines=newlines)
    assert harmless(shown, newlines=newlines)
    assert clean(shown, newlines=newlines) == shown
    assert clean_line(clean_line(text)) == clean_line(text)
    assert "\n" not in clean_line(text)


@pytest.mark.parametrize(
    "blank", ["\t", "\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\u00a0", "\u2003"]
)
def test_every_blank_is_one_space(blank: str) -> None:
    assert clean(f"a{blank}b") == "a b"


def test_line_ends_stay_where_they_may() -> None:
    assert clean("a\r\nb\rc\nd\u2028e\x85f\tg", newlines=True) == "a\nb\nc\nd\ne\nf g"
    assert clean_line("  a \r\n\n b\u3000c  ") == "a b c"


@pytest.mark.parametrize(
    ("attack", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b[2J\x1bc\x1b[?1049l\x1b[6n\x1b[c", "[2Jc[?1049l[6n[c"),
        ("\x1b]52;c;Zm9v\x07", "]52;c;Zm9v"),
        ("\x1b]0;title", "]0;title"),
        ("\x1bP1$r\x1b\\ \x1b_Gf=24;\x1b\\ \x1b^pm\x1b\\ \x1bXsos\x1b\\", "P1$r\\ _Gf=24;\\ ^pm\\ Xsos\\"),
        ("\x9b31m\x9d0;x\x9c\x90q\x9f", "31m0;xq"),
        ("a\x00b\x08\x08\x08c\rd\x7f", "abc d"),
        ("user\u202egpj.exe\u2066\u2069\u200f\u200e\u061c", "usergpj.exe"),
        ("a\U000e0041\U000e0042\U000e007fb", "ab"),
        ("\ufeffa\u200bb\u2060c\u00add", "abcd"),
        ("\ud800\udc00\udfff", "\ufffd\ufffd\ufffd"),
        ("\ue000\U0010fffd\ufffe\U0001ffff\u0378", "\ufffd" * 5),
        ("[/x] [@click=app.quit]x[/] $primary \\", "[/x] [@click=app.quit]x[/] $primary \\"),
        ("❤\ufe0f1\ufe0f\u20e3", "❤1\u20e3"),
        ("👨\u200d👩\u200d👧 👍🏽", "👨👩👧 👍"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u200cb\u200dم\u200c!", "abم!"),
        ("\u115f\u1160\u3164\uffa0", ""),
    ],
)
def test_attacks_on_the_terminal_come_out_as_plain_text(attack: str, shown: str) -> None:
    assert clean(attack) == shown


def test_a_base_carries_eight_marks_and_no_more() -> None:
    assert clean("e" + "\u0301" * 2000 + "x") == "e" + "\u0301" * 8 + "x"
    assert clean("\u0300" * 20) == "\u0300" * 8
    assert clean("각" + "\u11a8" * 50 + "가") == "각" + "\u11a8" * 8 + "가"
    assert clean("a" + "\u0301\u200d" * 30) == "a" + "\u0301" * 8


def test_a_chain_of_joiners_comes_apart() -> None:
    chain = clean("👩\u200d" * 10_000)
    assert chain == "👩" * 10_000
    assert cell_width(chain) == 20_000


def test_plain_text_is_handed_back_itself() -> None:
    text = "守塔人每天清晨五點起床，先記潮位（“2025”）— café…"
    assert clean(text) is text
    assert clean(text + "\n" + text, newlines=True).count("\n") == 1


def test_everyday_characters_are_plain_and_as_wide_as_they_are_looked_up() -> None:
    for char in everything():
        if cells := safety._everyday(char):
            assert safety._plain(char), hex(ord(char))
            assert text_width(char) == cells, hex(ord(char))


# --- Widths ---------------------------------------------------------------------------------------------------------


@given(texts)
def test_widths_are_those_of_rich(text: str) -> None:
    shown = clean(text)
    apart = shown.replace("\u200d", "")  # what it joins is one for rich, also letters
    assert cell_width(shown) == cell_len(apart) == sum(cell_widths(shown))
    assert len(cell_widths(shown)) == len(shown)


def test_widths_are_those_of_rich_in_random_company() -> None:
    chance = random.Random(5)
    shown = [char for char in everything() if safety._plain(char)]
    common = [
        char
        for char in shown
        if not "\u3400" < char < "\ua000" and not "\uac00" < char < "\ud7a0" and char < "\U00020010"
    ]
    for _ in range(8_000):
        text = "".join(chance.choices(common, k=6))
        assert cell_width(text) == cell_len(text), repr(text)


def test_a_width_is_the_sum_of_its_parts() -> None:
    assert cell_width("") == 0
    assert cell_width("abc") == 3
    assert cell_width("守塔人") == 6
    assert cell_width("e\u0301") == 1
    assert cell_widths("a守\u0301e\u0301") == [1, 2, 0, 1, 0]
    assert cell_width("क\u093e") == 1


def test_ambiguous_characters_take_two_cells_where_the_terminal_says_so() -> None:
    assert cell_width("“守”…", ambiguous_wide=True) == 8
    assert cell_width("“守”…") == 5
    assert cell_widths("·a守\u0301", ambiguous_wide=True) == [2, 1, 2, 0]
    ours = "▸✦∙"
    assert cell_width(ours, ambiguous_wide=True) == cell_width(ours) == 3


def test_only_ambiguous_characters_change_their_width() -> None:
    for text in pieces():
        if unicodedata.category(text[0]) in ("Cn", "Cs", "Co"):
            continue
        for char, narrow, wide in zip(text, cell_widths(text), cell_widths(text, ambiguous_wide=True), strict=True):
            ambiguous = unicodedata.east_asian_width(char) == "A" and narrow == 1
            assert wide == (2 if ambiguous else narrow), hex(ord(char))


# --- JSON -----------------------------------------------------------------------------------------------------------


@given(st.recursive(texts | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(texts, inner)))
def test_json_says_the_same_and_holds_nothing_that_a_terminal_obeys(obj: object) -> None:
    printed = safe_json(obj)
    assert json.loads(printed) == json.loads(json.dumps(obj))
    assert not any(category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in printed)


def test_json_escapes_every_control_and_format_character() -> None:
    for char in everything():
        if category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            assert char not in safe_json(char)
            assert json.loads(safe_json(char)) == char
    assert safe_json({"a": "漢é\u202e\U000e0041"}) == '{"a": "漢é\\u202e\\udb40\\udc41"}'
    assert safe_json([1], indent=2) == "[\n  1\n]"


# --- File names -----------------------------------------------------------------------------------------------------


@given(texts, st.sampled_from(["", ".md", ".txt"]))
def test_a_file_name_is_one_everywhere(text: str, suffix: str) -> None:
    name = safe_filename(text, suffix=suffix)
    assert 0 < len(name.encode()) <= 255
    assert name.endswith(suffix)
    assert name[0] not in ".-~ "
    assert not set(name) & set('/\\:*?"<>|\x00\n')
    assert safe_filename(name.removesuffix(suffix), suffix=suffix) == name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "_.._etc_passwd.md"),
        ("/etc/passwd", "_etc_passwd.md"),
        ("-rf ~", "rf ~.md"),
        ("...", "_.md"),
        ("", "_.md"),
        ("nul", "_nul.md"),
        ("Com1.txt", "_Com1.txt.md"),
        ("con .", "_con.md"),
        ("港口罢工：进入第三天？", "港口罢工：进入第三天？.md"),
        ("$(touch x) `y` ; %s", "$(touch x) `y` ; %s.md"),
        ("漢" * 300, "漢" * 83 + ".md"),
    ],
)
def test_file_names_of_hostile_titles(title: str, name: str) -> None:
    assert safe_filename(title, suffix=".md") == name


# --- URLs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.org/",
        "//example.org/",
        "example.org",
        "-http://example.org/",
        "--help",
        "http://",
        "http:///path",
        "http://user@example.org/",
        "https://user:secret@example.org/",
        "http://example.org\\@evil.org/",
        "http://ex ample.org/",
        'http://"example.org/',
        "http://$(touch x).org/",
        "http://-example.org/",
        "http://a..b/",
        "http://a\u2100b.org/",
        "http://example.org:999999/",
        "http://example.org/\x1b[31m",
        "http://example.org/\x9b",
        "http://example.org/a\nb",
        "http://example.org/\u202e",
        "http://example.org/\ud800",
        "http://" + "a" * 300 + ".org/",
        "http://" + "ä" * 300 + ".org/",
        "http://example.org/" + "a" * 100_000,
        "http://example.org/" + "漢" * 3000,
        "mailto:",
        "mailto:-x",
        "mailto:a b@example.org",
    ],
)
def test_urls_that_are_never_opened(url: str) -> None:
    assert not is_openable(url)
    with pytest.raises(UnsafeUrl) as refused:
        openable(url)
    assert refused.value.where == url


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("https://example.org/a?b=c&d=%41#e", "https://example.org/a?b=c&d=%41#e"),
        ("HTTP://Example.ORG:8080", "http://example.org:8080"),
        (" https://example.org/ \n", "https://example.org/"),
        ("https://例え.jp/道?q=値", "https://xn--r8jz45g.jp/%E9%81%93?q=%E5%80%A4"),
        ("http://аpple.com/", "http://xn--pple-43d.com/"),
        ("http://example.org/a b'c\"d`$(touch x);%s|", "http://example.org/a%20b%27c%22d%60%24(touch%20x);%25s%7C"),
        ("http://127.0.0.1:631/", "http://127.0.0.1:631/"),
        ("http://[::1]/", "http://[::1]/"),
        ("mailto:a.b@example.org", "mailto:a.b@example.org"),
        ("mailto:a@example.org?attach=/etc/passwd&subject=a b", "mailto:a@example.org?subject=a%20b"),
    ],
)
def test_urls_are_opened_as_plain_ascii(url: str, opened: str) -> None:
    assert openable(url) == opened
    assert is_openable(url)


def hostile_urls() -> Iterator[st.SearchStrategy[str]]:
    for start in ("http://", "https://example.org/", "mailto:", "mailto:a@b.org?", ""):
        yield texts.map(lambda text, start=start: start + text)  # type: ignore[misc]


@given(st.one_of(*hostile_urls()))
def test_whatever_is_opened_is_printable_ascii_without_quotes(url: str) -> None:
    try:
        opened = openable(url)
    except UnsafeUrl:
        return
    assert opened.isascii()
    assert opened.isprintable()
    assert not set(opened) & set(" \"'`$\\<>{}|^")
    assert opened.startswith(("http://", "https://", "mailto:"))
    assert openable(opened) == opened
