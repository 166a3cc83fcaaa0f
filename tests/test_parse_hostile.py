"""Bodies made to hurt: parse answers all of them, without recursion and in about linear time.

Nothing here is timed. What would be quadratic is so large that the test would not end.
"""

from __future__ import annotations

import pytest

from newsreader.article import Article, plain
from newsreader.dump import Dump
from newsreader.parse import parse

BODIES = {
    "nested": "<div>" * 40_000 + "x",
    "nested and closed": "<div>" * 20_000 + "x" + "</div>" * 20_000,
    "nested tables": "<table><tr><td>a<td>b" * 2_000,
    "nested lists": "<ul><li>x" * 5_000,
    "nested quotes": "<blockquote>x" * 5_000,
    "nested frames": "<iframe src='/x'>x" * 5_000,
    "nested figures": "<figure><img src='/x.jpg'><figcaption>x" * 5_000,
    "nested formatting": "<b>x" * 40_000,
    "formatting left open": "<p><b>x" * 10_000,
    "misnested": "<span>" * 10_000 + "<p>x</p>" * 8_000,
    "ends without beginnings": "<span>" * 10_000 + "</p>" * 40_000 + "x",
    "one long line": "潮水" * 2_500_000,
    "many columns": "<table>" + ("<tr>" + "<td>x" * 10_000) * 3,
    "wide spans": "<table>" + "<tr><td colspan=1000 rowspan=65000>a<td>b" * 2_000,
    "many attributes": "<p " + "a b='c' " * 500_000 + ">x",
    "a long class": "<p class='" + "ad-" * 500_000 + "'>x",
    "a large data picture": "<img src='data:image/png;base64," + "A" * 20_000_000 + "'>x",
    "a long srcset": "<img srcset='" + "a.jpg 1w, " * 200_000 + "'>x",
    "quotes never closed": '<a b="' * 200_001 + ">x",
    "quotes across tags": "x" + '<a b=">"' * 200_000,
    "tags never closed": "x" + "<a " * 300_000 + ">",
    "comments never closed": "<!--" * 200_000 + ">x",
    "sections never closed": "<![CDATA[" * 200_000 + "x",
    "scripts never closed": "x" + "<script>" * 100_000,
    "drawings never closed": "x" + "<svg>" * 40_000,
    "ampersands": "x" + "&" * 1_000_000,
    "a large reference": "x&#" + "9" * 1_000_000 + ";",
    "breaks": "x<br>" * 30_000,
    "links": "".join(f"<a href='/{i}'>x</a> " for i in range(8_000)),
    "links left open": "<a href='/x'>" * 40_000 + "x",
    "white space": "x" + "<i> </i>\n" * 30_000,
    "proxies in proxies": "<img src='" + "https://images.weserv.nl/?url=" * 20_000 + "'>x",
    "labels": "<span class='off-screen'>x</span>y" * 8_000,
    "bold": "<p><b>x</b></p>" * 8_000,
    "columns of spaces": "<p>a    b    c</p>" * 8_000,
    "credits": "<p>记者：宋渡 责编：林岸</p>" * 8_000,
}


def read(body: str) -> Article:
    return parse(Dump("t", "https://news.example/a", 1_600_000_000_000, body), source="test")


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_hostile(body: str) -> None:
    article = read(body)
    assert any("x" in plain(block.spans) or block.spans for block in article.blocks)


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
