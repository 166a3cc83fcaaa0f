"""Bodies made to hurt: parse answers all of them, without recursion and in about linear time.

Nothing here is timed: the lines that are run are counted, which says of what is C only how often it is called.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest

import newsreader
from newsreader.article import Article, plain
from newsreader.dump import Dump
from newsreader.parse import parse

# What each is made of as often as the number says: of elements and depth enough of them for whatever recurses, of
# characters so many that what reads them again and again would not end.
BODIES: Final[dict[str, tuple[Callable[[int], str], int]]] = {
    "nested": (lambda n: "<div>" * n + "x", 10_000),
    "nested and closed": (lambda n: "<div>" * n + "x" + "</div>" * n, 3_000),
    "nested tables": (lambda n: "<table><tr><td>a<td>b" * n, 700),
    "nested lists": (lambda n: "<ul><li>x" * n, 1_500),
    "nested quotes": (lambda n: "<blockquote>x" * n, 1_500),
    "nested frames": (lambda n: "<iframe src='/x'>x" * n, 1_500),
    "nested figures": (lambda n: "<figure><img src='/x.jpg'><figcaption>x" * n, 1_500),
    "nested formatting": (lambda n: "<b>x" * n, 5_000),
    "formatting left open": (lambda n: "<p><b>x" * n, 2_000),
    "misnested": (lambda n: "<span>" * n + "<p>x</p>" * n, 2_000),
    "ends without beginnings": (lambda n: "<span>" * n + "</p>" * (4 * n) + "x", 2_000),
    "one long line": (lambda n: "潮水" * n, 1_000_000),
    "many columns": (lambda n: "<table>" + ("<tr>" + "<td>x" * n) * 3, 2_000),
    "wide spans": (lambda n: "<table>" + "<tr><td colspan=1000 rowspan=65000>a<td>b" * n, 200),
    "many attributes": (lambda n: "<p " + "a b='c' " * n + ">x", 500_000),
    "a long class": (lambda n: "<p class='" + "ad-" * n + "'>x", 500_000),
    "a large data picture": (lambda n: "<img src='data:image/png;base64," + "A" * n + "'>x", 10_000_000),
    "a long srcset": (lambda n: "<img srcset='" + "a.jpg 1w, " * n + "'>x", 200_000),
    "quotes never closed": (lambda n: '<a b="' * (n // 2 * 2 + 1) + ">x", 200_000),
    "quotes across tags": (lambda n: "x" + '<a b=">"' * n, 200_000),
    "tags never closed": (lambda n: "x" + "<a " * n + ">", 300_000),
    "comments never closed": (lambda n: "<!--" * n + ">x", 200_000),
    "sections never closed": (lambda n: "<![CDATA[" * n + "x", 200_000),
    "scripts never closed": (lambda n: "x" + "<script>" * n, 100_000),
    "drawings never closed": (lambda n: "x" + "<svg>" * n, 10_000),
    "ampersands": (lambda n: "x" + "&" * n, 1_000_000),
    "a large reference": (lambda n: "x&#" + "9" * n + ";", 1_000_000),
    "breaks": (lambda n: "x<br>" * n, 5_000),
    "links": (lambda n: "".join(f"<a href='/{i}'>x</a> " for i in range(n)), 2_000),
    "links left open": (lambda n: "<a href='/x'>" * n + "x", 5_000),
    "white space": (lambda n: "x" + "<i> </i>\n" * n, 5_000),
    "proxies in proxies": (lambda n: "<img src='" + "https://images.weserv.nl/?url=" * n + "'>x", 10_000),
    "labels": (lambda n: "<span class='off-screen'>x</span>y" * n, 2_000),
    "bold": (lambda n: "<p><b>x</b></p>" * n, 2_000),
    "columns of spaces": (lambda n: "<p>a    b    c</p>" * n, 2_000),
    "credits": (lambda n: "<p>记者：宋渡 责编：林岸</p>" * n, 2_000),
}
PACKAGE: Final = str(Path(newsreader.__file__).parent)


def read(body: str) -> Article:
    return parse(Dump("t", "https://news.example/a", 1_600_000_000_000, body), source="test")


def lines_run(body: str) -> int:
    """How many lines of ours reading it takes."""
    count = 0

    def local(_: FrameType, event: str, __: object) -> Any:
        nonlocal count
        count += event == "line"
        return local

    def ours(frame: FrameType, *_: object) -> Any:
        return local if frame.f_code.co_filename.startswith(PACKAGE) else None

    before = sys.gettrace()
    sys.settrace(ours)
    try:
        read(body)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("name", BODIES)
def test_hostile(name: str) -> None:
    made, many = BODIES[name]
    article = read(made(many))
    assert any("x" in plain(block.spans) or block.spans for block in article.blocks)


@pytest.mark.parametrize("name", [name for name in BODIES if name != "wide spans"])  # most of these is their cap
def test_four_times_as_much_takes_four_times_as_many_steps(name: str) -> None:
    made, _ = BODIES[name]
    read(made(10))  # what is loaded, or kept, at the first need
    assert lines_run(made(400)) < 5 * lines_run(made(100))


def test_controls_reach_the_article_as_they_are_and_no_further_markup_comes_of_them() -> None:
    text = "".join(plain(b.spans) for b in read("<p>\x1b[31m\x9b31m\x00\u202e\ud800&#0;&amp;#27;</p>").blocks)
    assert text == "\x1b[31m\x9b31m\ufffd\u202e\ufffd\ufffd&#27;"


@pytest.mark.parametrize(
    "url", ["", "not a url", "http://[", "javascript:x", "//", "http://a@b:c/", "\ud800", "x" * 100_000]
)
def test_hostile_addresses(url: str) -> None:
    body = "<a href='x'>x</a><img src='y.jpg'><iframe src='z'></iframe><a href='//q'>q</a>"
    article = parse(Dump("t", url, 10**18, body), source="test")
    assert article.updated is None
    assert [plain(block.spans) for block in article.blocks if block.spans] == ["x", "q"]
