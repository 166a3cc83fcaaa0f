"""Any bytes are a dump; what is written is read back; every variant found in the wild loses nothing."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsreader import charset
from newsreader.dump import (
    Dump,
    decode,
    encode,
    former_key,
    former_trailer,
    guid_of,
    looks_like_dump,
    normalise,
    trailer,
)

URL = "https://example.org/%E5%A1%94/a-1"
BODY = "<div><i>林岸<br>2025-02-13T04:12:14.526Z</i></div><p>守塔人每天清晨五点起床，先记潮位。</p>"
TIME = 1739420223000


def codes(dump: Dump) -> list[str]:
    return [warning.code for warning in dump.warnings]


def header(title: str = "河口的守塔人", url: str = URL, time: str = f"<!--{TIME}-->\n") -> str:
    return f"{time}[{title}]({url})\n------\n\n"


# --- Variants -------------------------------------------------------------------------------------------------------


def test_a_plain_dump() -> None:
    dump = decode((header() + BODY + "\n").encode())
    assert dump == Dump("河口的守塔人", URL, TIME, BODY)
    assert dump.warnings == ()


@pytest.mark.parametrize(
    "title",
    [
        "两行的\n标题",
        "\n标题\n\n",
        "标题 ",
        "[视频]标题",
        "标题 [1] (2)",
        "见 [这里](https://example.org/b) 的标题",
        "a](b",
        "\n](\n",
        "](",
        "]",
        "[",
        "(标题)",
        "标题)\n--",
        "a | b\u200b\u200f",
        "A &amp; B &#8220;C&#8221;",
        "<!--5-->",
        "",
        " ",
        "标题\r第二行",
        "标题\x07\x1b[31m",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_titles_stand_as_they_came(title: str, newline: str) -> None:
    text = (header("@") + BODY).replace("\n", newline).replace("@", title)
    dump = decode(text.encode())
    assert (dump.title, dump.url, dump.time_ms, dump.body, codes(dump)) == (title, URL, TIME, BODY, [])


@pytest.mark.parametrize(
    "url",
    [
        "https://www.dw.com/zh/塔?/a-71590287",
        "http://example.org//a//b",
        "https://example.org/a b",
        "https://example.org/a(b)c",
        "https://example.org/a(b)",
        "https://example.org/[a]",
        "https://example.org/a|b",
        "/relative/a",
        "",
    ],
)
def test_urls_stand_as_they_came(url: str) -> None:
    dump = decode((header(url=url) + BODY).encode())
    assert (dump.title, dump.url, dump.body, codes(dump)) == ("河口的守塔人", url, BODY, [])


@pytest.mark.parametrize(
    ("rest", "body"),
    [
        ("", ""),
        ("\n", ""),
        ("\n\n\n", ""),
        ("\n\n<p>塔</p>", "<p>塔</p>"),
        ("\n<p>塔</p>", "<p>塔</p>"),
        ("\r\n\r\n<p>塔</p>\r\n", "<p>塔</p>"),
        ("\n\n  <p>塔</p>  \n\n", "  <p>塔</p>  "),
        ("\n\n<p>塔</p>\r<p>河</p>\x00\x0b", "<p>塔</p>\r<p>河</p>\x00\x0b"),
        ("\n\n[题](https://example.org)\n------\n\n<p>塔</p>", "[题](https://example.org)\n------\n\n<p>塔</p>"),
        (" \t\n\n<p>塔</p>", "<p>塔</p>"),
        ("------\n\n<p>塔</p>", "<p>塔</p>"),
    ],
)
def test_bodies_lose_only_their_outer_line_ends(rest: str, body: str) -> None:
    dump = decode(f"<!--{TIME}-->\n[题]({URL})\n------{rest}".encode())
    assert dump == Dump("题", URL, TIME, body)
    assert codes(dump) == []


@pytest.mark.parametrize(
    ("line", "time_ms", "body", "warned"),
    [
        ("日期：Fri, 12 Jun 2020 02:07:26 +0000\n\n", 1591927646000, "<p>塔</p>", []),
        ("日期: 2020-06-12T02:07:26Z\r\n\r\n", 1591927646000, "<p>塔</p>", []),
        ("日期：昨天\n\n", None, "日期：昨天\n\n<p>塔</p>", ["time"]),
        ("日期：\n\n", None, "日期：\n\n<p>塔</p>", ["time"]),
        ("\n日期：Fri, 12 Jun 2020 02:07:26 +0000\n\n", None, "日期：Fri, 12 Jun 2020 02:07:26 +0000\n\n<p>塔</p>", []),
        ("\n", None, "<p>塔</p>", []),
    ],
)
def test_without_the_first_line_the_date_line_counts(
    line: str, time_ms: int | None, body: str, warned: list[str]
) -> None:
    dump = decode(f"[题]({URL})\n------\n{line}<p>塔</p>".encode())
    assert (dump.title, dump.url, dump.time_ms, dump.body, codes(dump)) == ("题", URL, time_ms, body, warned)


def test_the_first_line_counts_more_than_the_date_line() -> None:
    dump = decode(f"<!--{TIME}-->\n[题]({URL})\n------\n日期：Fri, 12 Jun 2020 02:07:26 +0000\n\n<p>".encode())
    assert dump == Dump("题", URL, TIME, "日期：Fri, 12 Jun 2020 02:07:26 +0000\n\n<p>")


@pytest.mark.parametrize(
    "stamp",
    [
        "0",
        "-5",
        "1739420223",
        "99999999999999999999",
        "1" * 90,
        "",
        "soon",
        "17394202230.5",
        "１７３９４２０２２３０００",
    ],
)
def test_times_that_cannot_be_are_none_and_warned_of(stamp: str) -> None:
    dump = decode(header(time=f"<!--{stamp}-->\n").encode())
    assert (dump.title, dump.time_ms, codes(dump)) == ("河口的守塔人", None, ["time"])
    assert dump.warnings[0].detail == stamp


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<p>塔</p>",
        "[题](https://example.org)",
        "[题](https://example.org)\n\n<p>塔</p>",
        f"<!--{TIME}-->\n<p>塔</p>",
        "题](https://example.org)\n------\n",
        "[题]\n------\n",
        "[题] (https://example.org)\n------\n",
        "# [题](https://example.org)\n------\n",
        "\x00\x01\x02",
    ],
)
def test_without_a_header_all_is_body(text: str) -> None:
    dump = decode(text.encode())
    assert dump == Dump("", "", None, text.strip("\n"))
    assert codes(dump) == ["no-header"]
    assert not looks_like_dump(text.encode())


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_dumps_in_other_encodings(codec: str) -> None:
    text = header() + BODY * 3 + "\n"
    dump = decode(text.encode(codec))
    assert dump == Dump("河口的守塔人", URL, TIME, BODY * 3)
    assert [code for code in codes(dump) if code != "encoding"] == []
    assert looks_like_dump(text.encode(codec))
    ascii_only = header("The tide", "https://example.org") + "<p>low</p>"
    assert decode(ascii_only.encode(codec)) == Dump("The tide", "https://example.org", TIME, "<p>low</p>")


def test_undecodable_bytes_are_seen_and_warned_of() -> None:
    dump = decode(header().encode() + "<p>守塔人每天清晨".encode() + b"\xff\x80</p>")
    assert dump.body == "<p>守塔人每天清晨\\xff\\x80</p>"
    assert codes(dump) == ["undecodable"]


def test_the_beginning_of_a_file_is_enough_to_know_a_dump() -> None:
    data = (header() + BODY).encode()
    rule = data.index(b"------") + 6
    assert all(looks_like_dump(data[:end]) for end in range(rule, len(data)))
    assert not any(looks_like_dump(data[:end]) for end in range(rule - 3))


# --- Laws -----------------------------------------------------------------------------------------------------------

HEADER_SIGNS = ("<!--", "-->", "<!--1739420223000-->", "[", "](", "]", ")", "(", "\n", "\r\n", "\r", "------", "日期：")
ODDITIES = (
    "Fri, 12 Jun 2020 02:07:26 +0000",
    "https://example.org/",
    "塔",
    "\ufeff",
    "\u2028",
    "\x85",
    "\x1c",
    "\0",
    " ",
)
pieces = st.sampled_from(HEADER_SIGNS + ODDITIES)
texts = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(pieces).map("".join),
    st.lists(pieces | st.text(max_size=3), min_size=5).map("".join),
)
dumps = st.builds(Dump, texts, texts, st.none() | st.integers() | st.integers(10**11, 4 * 10**12), texts, st.just(()))
files = st.one_of(
    st.binary(),
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    texts.map(lambda text: text.encode("utf-16", "surrogatepass")),
    texts.map(lambda text: text.encode("gb18030", "ignore")),
    st.builds(lambda title, url, body: header(title, url) + body, texts, texts, texts).map(
        lambda text: text.encode("utf-8", "surrogatepass")
    ),
)


@given(dumps)
@example(Dump("\0a", "", None, "\0\n\0-\0-\0-\0-\0-\0-", ()))
@example(Dump("a](b", "", None, "日期：Fri, 12 Jun 2020 02:07:26 +0000", ()))
def test_what_is_written_is_read_back(dump: Dump) -> None:
    normal = normalise(dump)
    read = decode(encode(dump))
    assert read == normal
    assert read.warnings == ()
    assert looks_like_dump(encode(dump))


@given(dumps)
def test_the_normal_form_is_normal(dump: Dump) -> None:
    normal = normalise(dump)
    assert normalise(normal) == normal
    assert normal.title == normal.title.strip()
    assert len(normal.title.splitlines()) <= 1
    assert not re.search(r"[\s()\x00-\x1f\x7f-\x9f]", normal.url)
    assert normal.body == normal.body.strip("\r\n")
    assert normal.time_ms in (None, dump.time_ms)
    encode(normal).decode("utf-8")


@given(files)
def test_any_bytes_decode_and_settle_after_one_round(data: bytes) -> None:
    dump = decode(data)
    settled = normalise(dump)
    again = decode(encode(settled))
    assert again == normalise(again) == settled
    assert looks_like_dump(data) == ("no-header" not in codes(dump))


@given(files)
def test_no_visible_character_is_lost(data: bytes) -> None:
    dump = decode(data)
    if "encoding" in codes(dump) or "undecodable" in codes(dump) or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return
    visible = re.compile(r"[\s<>!()\[\]\-:\ufeff0-9]")  # less the header's own signs
    found = Counter(visible.sub("", dump.title + dump.url + dump.body))
    for warning in dump.warnings:
        found.update(visible.sub("", warning.detail))
    given_text = visible.sub("", data.decode("utf-8"))
    if dump.time_ms is None:
        assert Counter(given_text) <= found


def test_normalise_keeps_what_a_title_and_url_say() -> None:
    messy = Dump(
        " 两行的 \r\n\n 标题\u2028[1] ", " https://example.org/a b(c)\n\u3000d\ud800", TIME, "\n\n<p>\ud800</p>\r\n"
    )
    assert normalise(messy) == Dump(
        "两行的 标题 [1]", "https://example.org/a%20b%28c%29%E3%80%80d\ufffd", TIME, "<p>\ufffd</p>"
    )
    assert normalise(replace(messy, time_ms=5)).time_ms is None


# --- Size -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def _of_a_small_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guess that takes little of the time: it looks at no more of a large file anyway."""
    monkeypatch.setattr(charset, "_SAMPLE", 2048)


@pytest.mark.parametrize(
    "piece",
    [
        b"[",
        b"](",
        b"[a](b",
        b")\n",
        b")\n--",
        b") ",
        b" ",
        b"\n",
        b"\r",
        b"<!--",
        b"<!--1-->\n",
        b"-",
        b"\0",
        b"<meta ",
        b"<\0",
        b"\xff",
        b"\x80",
        b"a\xe4\xb8\xad\xff",
        b"<meta charset=",
        b"9",
    ],
)
@pytest.mark.parametrize("start", [b"", b"[", b"[a](b)\n------\n", f"<!--{TIME}-->\n[".encode()])
@pytest.mark.usefixtures("_of_a_small_sample")
def test_half_a_million_bytes_of_anything(piece: bytes, start: bytes) -> None:
    data = start + piece * (500_000 // len(piece))
    dump = decode(data)
    assert decode(encode(dump)) == normalise(dump)


@pytest.mark.parametrize("piece", [b"\xe9a", "漢".encode("gb18030"), "漢字的".encode("big5")])
@pytest.mark.usefixtures("_of_a_small_sample")
def test_half_a_million_bytes_in_another_encoding(piece: bytes) -> None:
    test_half_a_million_bytes_of_anything(piece, f"<!--{TIME}-->\n[".encode())


@pytest.mark.parametrize("piece", [" a \n", " ( ", "漢", "\u2028"])
def test_a_million_bytes_of_title_and_url(piece: str) -> None:
    many = piece * (1_000_000 // len(piece.encode()))
    dump = decode(header(many, many).encode())
    assert dump.title == many
    assert dump.url == many.strip()
    assert decode(encode(dump)) == normalise(dump)


# --- A real archive -------------------------------------------------------------------------------------------------


def test_a_real_archive_is_read_right(corpus_dumps: list[tuple[str, bytes]]) -> None:
    seen: Counter[str] = Counter()
    for path, data in corpus_dumps:
        dump = decode(data)
        head, _, tail = data.decode().partition("\n------\n")
        title, _, url = head[head.index("[") + 1 :].rpartition("](")
        assert (dump.title, dump.url + ")") == (title, url), path
        assert dump.url.startswith("http"), path
        if head.startswith("<!--"):
            assert head.startswith(f"<!--{dump.time_ms}-->\n["), path
            assert dump.body == tail.strip("\r\n"), path
        else:
            date_line, _, rest = tail.partition("\n")
            assert date_line.startswith("日期："), path
            assert dump.body == rest.strip("\r\n"), path
            seen["with a date line"] += 1
        assert dump.time_ms is not None, path
        assert 1_590_000_000_000 < dump.time_ms < 1_600_000_000_000, path
        assert looks_like_dump(data), path
        assert decode(encode(dump)) == normalise(dump), path
        seen["dumps"] += 1
        seen["with line ends or brackets in the title"] += bool(re.search(r"[\n\[\]]", title))
        seen["warnings"] += len(dump.warnings)
    print(", ".join(f"{n} {what}" for what, n in seen.items()))
    assert seen["dumps"] == 1112
    assert seen["warnings"] == 0


def test_what_a_comment_at_the_end_says_is_read_back() -> None:
    key = "guid:a--b c>潮"
    assert former_key("<p>x</p>" + former_trailer(key, "/archive/x--y.md") + "\n") == key
    assert former_key("<p>x</p>" + trailer(key)) == ""
    assert guid_of("<p>x</p>" + trailer(key, own=True)) == (key, True)
    named, own = guid_of("<p>x</p>" + trailer("潮" * 900))
    assert named == "sha256:" + hashlib.sha256(("潮" * 900).encode()).hexdigest()
    assert not own
