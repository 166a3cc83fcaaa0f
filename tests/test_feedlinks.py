"""The feeds that a page links to."""

from __future__ import annotations

import pytest

from newsreader.parse.feedlinks import FeedLink, feed_links

HERE = "https://harbour.example/news/today"


def links(html: str) -> list[FeedLink]:
    return feed_links(html.encode(), HERE, "text/html; charset=utf-8")


def test_what_is_declared() -> None:
    html = """<!doctype html><head><base href="https://cdn.example/x/"><title>News</title>
    <link rel="stylesheet" href="style.css"><link rel="alternate" hreflang="de" href="/de">
    <link REL="Alternate home" TYPE="application/rss+xml; charset=utf-8" title=" All
      news " href="feed?a=1&amp;b=2"><link rel=alternate type=application/atom+xml href=//atom.example/>
    <link rel=alternate type=application/feed+json href='feed.json'>
    <link rel=alternate type=application/rss+xml href='feed?a=1&b=2'>
    <link rel=alternate type=application/json+oembed href=oembed>
    <link rel=alternate type=application/rss+xml href='javascript:1'>
    </head><body><a href="/rss">RSS</a>"""
    assert links(html) == [
        FeedLink("https://cdn.example/x/feed?a=1&b=2", "All news", "rss"),
        FeedLink("https://atom.example/", "", "atom"),
        FeedLink("https://cdn.example/x/feed.json", "", "json"),
    ]


def test_what_only_looks_like_it() -> None:
    html = """<p><a href="/about">About</a> <a href="/subscribe">RSS</a> <a href="/feed/"><img src=i.png> Feed</a>
    <a href="index.xml">All</a> <a href="/food">Feeding the gulls was a mistake, says the harbour master today</a>"""
    assert [link.url for link in links(html)] == [
        "https://harbour.example/feed/",
        "https://harbour.example/news/index.xml",
        "https://harbour.example/subscribe",
    ]


@pytest.mark.parametrize("html", ["", "<", "<link rel=alternate type=text/xml>", "\0" * 99, "<a href='http://['>RSS"])
def test_pages_without_any(html: str) -> None:
    assert links(html) == []


def test_any_encoding_and_size() -> None:
    html = '<meta charset=gbk><link rel=alternate type=application/rss+xml title="守塔人" href=/r>'
    assert feed_links(html.encode("gbk"), HERE) == [FeedLink("https://harbour.example/r", "守塔人", "rss")]
    assert len(feed_links(b"<link rel=alternate type=text/xml href=/r%d>" % 1 * 3, HERE)) == 1
    many = "".join(f"<link rel=alternate type=text/xml href=/r{n}>" for n in range(1000))
    assert len(links(many)) == 100
    assert links("<div>" * 20_000) == []
