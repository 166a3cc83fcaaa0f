"""One story, one key, however its address is spelt; two stories, two keys."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.dump import decode
from newsreader.identity import normal_url, story_id, story_key


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://example.org/a/b", "example.org/a/b"),
        ("http://www.example.org/a/b/", "example.org/a/b"),
        ("//www.example.org//a///b//", "example.org/a/b"),
        ("HTTPS://Example.ORG:443/A", "example.org/A"),
        ("http://example.org:80", "example.org"),
        ("http://example.org:8080/", "example.org:8080"),
        ("www.example.org/a", "example.org/a"),
        ("http://reader:secret@example.org/a", "example.org/a"),
        ("https://example.org/a#comments", "example.org/a"),
        ("https://example.org/#!/a", "example.org#!/a"),
        ("https://example.org/a?id=3&utm_source=x&utm_medium=y&page=2", "example.org/a?id=3&page=2"),
        ("https://example.org/a?xtor=RSS-1&ref=home&fbclid=z&gclid=q", "example.org/a"),
        ("https://example.org/a?UTM_SOURCE=x", "example.org/a"),
        ("https://example.org/a?reference=x&preferred=1", "example.org/a?reference=x&preferred=1"),
        ("https://example.org/a?&&id=1&", "example.org/a?id=1"),
        ("https://example.org/a?", "example.org/a"),
        ("https://example.org/%e5%a1%94?q=%7e%2f", "example.org/%E5%A1%94?q=~%2F"),
        ("https://example.org/塔", "example.org/%E5%A1%94"),
        ("  https://exam\nple.org/a b ", "example.org/a%20b"),
        ("https://www.com/a", "www.com/a"),
        ("https://www.www.example.org/a", "example.org/a"),
        ("", ""),
        ("/a/b", ""),
        ("a", ""),
        ("http://", ""),
        ("http:///a", ""),
        ("http://localhost/a", ""),
        ("mailto:a@example.org", ""),
        ("javascript:a.b()", ""),
        ("data:text/html,a.b", ""),
        ("ftp://example.org/a", ""),
        ("http://exa mple.org/a", ""),
    ],
)
def test_two_spellings_of_an_address_are_one(url: str, normal: str) -> None:
    assert normal_url(url) == normal
    assert normal_url(normal) == normal


@pytest.mark.parametrize(
    "url",
    [
        "https://www.dw.com/zh/%E5%A1%94/a-71590287",
        "http://www.dw.com/zh/%E5%8F%A6%E4%B8%80%E5%A1%94/a-71590287/",
        "https://m.dw.com/zh/塔/a-71590287",
        "https://www.dw.com/zh/塔？/a-71590287",
        "https://www.dw.com/zh/塔?/a-71590287",
        "https://www.dw.com/zh/塔?一?二//a-71590287",
        "https://www.dw.com//zh//塔/a-71590287?maca=chi-rss-chi-all",
        "https://www.dw.com/zh/塔/a-71590287#comments",
        "https://www.dw.com/zh/塔/av-71590287",
        "https://p.dw.com/zh/video-71590287",
        "https://www.dw.com/a-71590287",
        "https://api.dw.com/api/detail/article/71590287",
        "//api.dw.com/api/detail/video/71590287/",
    ],
)
def test_a_dw_story_is_its_number(url: str) -> None:
    assert story_key(url) == "dw:71590287"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.dw.com/zh/a-71590287/s-9058",
        "https://www.dw.com/zh/塔/t-71590287",
        "https://www.notdw.com/zh/塔/a-71590287",
        "https://example.org/dw.com/a-71590287",
        "https://dw.com.example.org/a-71590287",
        "https://www.dw.com/zh/塔/a-b71590287",
        "https://api.dw.com/api/list/71590287",
    ],
)
def test_no_other_address_is_a_dw_story(url: str) -> None:
    assert story_key(url) == normal_url(url) != ""


def test_without_an_address_the_guid_names_the_story_and_else_its_content() -> None:
    assert story_key("https://example.org/a", guid="g", content="c") == "example.org/a"
    assert story_key("", guid="g", content="c") == "guid:g"
    assert story_key("mailto:a@example.org", content="c") == story_key("", content="c")
    assert re.fullmatch("hash:[0-9a-f]{64}", story_key("", content="c"))
    assert story_key("", content="c") != story_key("", content="d")
    assert story_key("", content="\ud800") != story_key("", content="?")


def test_ids_are_the_same_on_every_machine() -> None:
    assert story_id("dw:71590287") == "334810c71e2b0e97"
    assert story_id("example.org/a") != story_id("example.org/b")


def test_an_escape_that_is_not_needed_is_none() -> None:
    unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    for byte in range(0x100):
        spelt = chr(byte) if chr(byte) in unreserved else f"%{byte:02X}"
        assert normal_url(f"https://example.org/a%E5{f'%{byte:02x}'}b") == f"example.org/a%E5{spelt}b"


@given(st.text(), st.text())
def test_any_text_has_a_key_and_an_id(url: str, content: str) -> None:
    key = story_key(url, content=content)
    assert key
    assert story_key(url, content=content) == key
    assert re.fullmatch("[0-9a-f]{16}", story_id(key))


@given(st.from_regex(r"[a-z]{1,9}(/[a-z0-9~%?=&\u5854]{0,9}){0,4}", fullmatch=True))
def test_scheme_and_slashes_and_tracking_make_no_difference(rest: str) -> None:
    url = f"http://example.org/{rest}"
    mark = "&" if "?" in rest else "?"
    assert normal_url(url) == normal_url(f"https://www.Example.org//{rest}{mark}utm_source=feed#top")


def test_one_story_one_key_in_a_real_archive(corpus_dumps: list[tuple[str, bytes]]) -> None:
    dumps = defaultdict(set)
    for path, data in corpus_dumps:
        dump = decode(data)
        dumps[story_key(dump.url)].add((path, dump.url))
    several = {key: urls for key, urls in dumps.items() if len(urls) > 1}
    revised = [key for key, urls in several.items() if len({url for _, url in urls}) == 1]
    renamed = [key for key, urls in several.items() if len({url for _, url in urls}) == 2]
    print(
        f"{len(corpus_dumps)} dumps, {len(dumps)} stories, {len(revised)} with a repeated URL, {len(renamed)} renamed"
    )
    assert (len(corpus_dumps), len(dumps), len(revised), len(renamed)) == (1112, 1108, 2, 2)
    assert all(key.startswith("dw:") for key in renamed)
    assert len({story_id(key) for key in dumps}) == len(dumps)
