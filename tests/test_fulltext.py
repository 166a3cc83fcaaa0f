"""The story on a page, and nothing else of the page."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.article import Furniture, plain
from newsreader.dump import Dump
from newsreader.parse import parse
from newsreader.parse.fulltext import full_text
from tests.pages import PAGES as PAGES_OF_SITES

HERE = "https://harbour.example/news/1"
LONG = "The keeper wrote down the height of the water, and then the number of herons on the mud. " * 3
NAV = (
    "<nav><ul>"
    + "".join(f"<li><a href=/{n}>Section number {n} of the paper</a></li>" for n in range(30))
    + "</ul></nav>"
)
STORY = f"""<h1>The keeper</h1><div class="meta">By Lin An</div><p>{LONG}</p>
<figure><img data-src="/tower.jpg" src="data:image/gif;base64,R0" alt="A tower">
<figcaption>The tower at dusk</figcaption></figure><h2>Herons</h2>
<p>{LONG} <a href="/more">A <b>longer</b> log</a> is kept.</p><ul><li>six</li><li>seven</li></ul>
<table><tr><th>Day</th><th>Herons</th></tr><tr><td>Monday</td><td>12</td></tr></table><blockquote><p>{LONG}</p></blockquote>
<div class="share-buttons"><p>Share this story with everybody you know</p></div>
<aside class="related"><h3>Related</h3><p>{LONG}</p></aside><p>{LONG}</p>"""
FOOT = f"<footer><p>Imprint {LONG}</p></footer><div id=comments><p>First! {LONG}</p></div>"

PAGES = {
    "article": f"<!doctype html><body>{NAV}<main><article>{STORY}</article></main>{FOOT}",
    "divs": f"<body><div id=page><div id=top>{NAV}</div><div id=content><div class=x>{STORY}</div></div>{FOOT}</div>",
    "body part": f"<body>{NAV}<div itemprop=articleBody>{STORY}</div><section><p>Other news</p></section>{FOOT}",
    "never closed": f"<body>{NAV}<div><div>{STORY}",
}


@pytest.mark.parametrize("name", PAGES)
def test_the_story_is_kept_and_the_page_is_not(name: str) -> None:
    html = full_text(PAGES[name].encode(), HERE, "text/html; charset=utf-8")
    article = parse(Dump("The keeper", HERE, None, html), source="")
    text = "\n".join(plain(block.spans) for block in article.blocks if not isinstance(block, Furniture))
    for kept in (LONG.strip(), "Herons", "six", "seven"):
        assert kept in text
    for dropped in ("Section number", "Share this", "Related", "Imprint", "First!"):
        assert dropped not in html
    assert any(block.type == "table" for block in article.blocks)
    (image,) = article.images
    assert (image.url, image.caption) == ("https://harbour.example/tower.jpg", "The tower at dusk")
    (link,) = article.links
    assert (link.url, link.text) == ("https://harbour.example/more", "A longer log")


def test_text_with_breaks_and_no_paragraphs() -> None:
    html = full_text(f"<body>{NAV}<div class=body>{LONG}<br><br>{LONG}</div>".encode(), HERE)
    assert html.count("The keeper wrote") == 6
    assert "<br><br>" in html
    assert "Section" not in html


@pytest.mark.parametrize("page", ["", "<p>short", NAV, "<html><body><script>" + LONG * 20, "\0" * 5000, "<" * 5000])
def test_pages_without_a_story(page: str) -> None:
    assert full_text(page.encode(), HERE) == ""


def test_any_charset_and_any_depth() -> None:
    page = f"<meta charset=gbk><body><p>{'守塔人每天清晨五点起床，先记潮位，再数滩涂上的白鹭。' * 9}</p>"
    assert "守塔人" in full_text(page.encode("gbk"), HERE)
    assert "The keeper" in full_text(("<div>" * 20_000 + f"<p>{LONG}</p>").encode(), HERE)
    assert "<img" not in full_text(f"<p>{LONG}<img src='javascript:1'></p>".encode(), HERE).replace("<img>", "")


def test_a_page_without_paragraphs_is_read_too() -> None:
    lines = "".join(f"<div>The ferry number {n}, as it was called, left before the fog did.</div>" for n in range(40))
    assert "ferry number 39" in full_text(f"<body><div id=x>{lines}</div></body>".encode(), HERE)


@pytest.mark.parametrize("page", ["", "<", "<html>", "\0" * 99, "<?xml version='1.0' encoding='x'?><a/>", "<p>" * 5000])
def test_no_page_breaks_it(page: str) -> None:
    assert full_text(page.encode(), HERE) == ""


@pytest.mark.parametrize("opening", ["<div class=no-sidebar>", "<div class='site has-sidebar'>", "<div id='with_nav'>"])
def test_a_class_that_says_what_a_page_lacks_or_has_takes_nothing_away(opening: str) -> None:
    assert "The keeper" in full_text(f"<body>{opening}<p>{LONG}</p><p>{LONG}</p></div>".encode(), HERE)


@pytest.mark.parametrize("opening", ["<div class=banner-top-layout>", "<form id=aspnetForm method=post>"])
def test_what_wraps_the_whole_page_is_no_part_of_it(opening: str) -> None:
    page = f"<body>{opening}<h1>The keeper</h1><p>{LONG}</p><p>{LONG}</p></div></form>{FOOT}"
    html = full_text(page.encode(), HERE)
    assert html.count("herons on the mud") == 6
    assert "Imprint" not in html
    assert "First!" not in html


def test_a_page_to_sign_in_at_is_no_story() -> None:
    terms = "By signing in to this network you accept the terms of the harbour and of its guests. " * 2
    for page in (
        f"<body><div class=login><h1>Welcome</h1><p>{terms}</p></div>",
        f"<body><form action=/in><h1>Welcome</h1><p>{terms}</p><input type=password></form>",
        f"<body><div class=cookie-consent><h1>Before you go on</h1><p>{terms * 4}</p></div>",
    ):
        assert full_text(page.encode(), HERE) == ""


def test_a_short_story_in_chinese_is_one() -> None:
    story = "<p>守塔人每天清晨五点起床，先记潮位，再数滩涂上的白鹭。</p>" * 4
    assert "守塔人" in full_text(f"<body><div>{story}</div>".encode(), HERE)
    assert full_text("<body><p>请稍候，正在打开页面。</p>".encode(), HERE) == ""


def test_pictures_of_every_kind_keep_whole_addresses_and_come_once() -> None:
    picture = '<amp-img src="/a.jpg" srcset="/a1.jpg 1x, /a2.jpg 2x"><noscript><img src="/a.jpg"></noscript></amp-img>'
    html = full_text(f"<article><p>{LONG}</p>{picture}<img srcset='/b.jpg 2x'></article>".encode(), HERE)
    assert html.count("<img") == 2
    assert 'srcset="https://harbour.example/a2.jpg"' in html
    assert 'srcset="https://harbour.example/b.jpg"' in html
    assert ' src="https://harbour.example/a.jpg"' in html


@pytest.mark.parametrize(
    ("lazy", "pictures"),
    [
        ('<img src="blank.gif" data-original="/a.jpg"><noscript><img src="/a.jpg"></noscript>', ["/a.jpg"]),
        ('<img src="data:image/gif;base64,R0" class="x"><noscript><img src="/a.jpg"></noscript>', ["/a.jpg"]),
        ('<img class="lazy" src="/small/1"><noscript><img src="/great/2"></noscript>', ["/small/1"]),
        ('<noscript><img src="/a.jpg?w=900"></noscript> <img data-src="/a.jpg?w=90">', ["/a.jpg?w=900"]),
        ('<img src="/a.jpg"><noscript><img src="/b.jpg"></noscript>', ["/a.jpg", "/b.jpg"]),
        ('<noscript>Turn on scripts!<img src="/count" width="1" height="1"></noscript>', []),
    ],
)
def test_a_picture_that_a_script_would_load_is_written_once_and_plainly(lazy: str, pictures: list[str]) -> None:
    html = full_text(f"<article><p>{LONG}</p>{lazy}<p>{LONG}</p></article>".encode(), HERE)
    assert re.findall(r'<img src="https://harbour\.example([^"]*)"', html) == pictures
    assert html.count("<img") == len(pictures)
    assert "scripts" not in html
    assert "data-" not in html


@pytest.mark.parametrize(
    ("told", "written"),
    [
        (f"{LONG}\n\n{LONG} &amp; <3", f"<p>{LONG.strip()}</p><p>{LONG}&amp; &lt;3</p>"),
        (f"<p>{LONG}</p><style>x</style>", f"<p>{LONG}</p>"),
        ("Too short.", ""),
    ],
)
def test_a_page_made_by_scripts_tells_its_story_to_machines(told: str, written: str) -> None:
    graph = json.dumps({"@graph": [{"@type": "WebPage"}, {"@type": ["NewsArticle"], "articleBody": told}]})
    broken = '<script type="application/ld+json">{"articleBody": </script>'
    page = f"<head>{broken}<script type='application/ld+json'>{graph}</script><div id=root>Loading</div>"
    assert full_text(page.encode(), HERE) == written
    assert full_text(f"{page}<article><p>{LONG}</p><p>{LONG}</p></article>".encode(), HERE).count("The keeper") == 6


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[\u3400-\u9fff]|\w+", text))


@pytest.mark.parametrize("page", PAGES_OF_SITES, ids=lambda page: page.__name__)
def test_a_page_as_sites_make_them_gives_its_story_and_little_else(page: Callable[[], tuple[str, list[str]]]) -> None:
    html, story = page()
    written = full_text(html.encode(), HERE)
    found = _words(re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<figcaption.*?</figcaption>", "", written)))
    wanted = _words(" ".join(story))
    assert not wanted - found
    assert (found - wanted).total() < 0.03 * wanted.total(), found - wanted
    pictures = len(re.findall("<figure|article__image|align=center><img", html))
    assert pictures <= written.count("<img") <= pictures + 1


def test_pictures_above_a_story_are_its_own_and_those_of_other_stories_are_not() -> None:
    teaser = "<article><a href=/2><img src=/teaser.jpg><h3>Another</h3></a></article>"
    whole = f"""<body>{teaser}<article><header><h1>The keeper</h1><div class=author><img src=/face.jpg></div>
<figure><img src=/hero.jpg><figcaption>The mole at noon</figcaption></figure></header>
<div class=body><p>{LONG}</p><div><div class=inset><img src=/inset.jpg><p>A lamp</p></div></div><p>{LONG}</p></div>
<div class=further><img src=/further.jpg><p>Read on</p></div></article>{teaser}"""
    html = full_text(whole.encode(), HERE)
    assert re.findall(r'<img src="https://harbour\.example/(\w+)', html) == ["hero", "inset"]
    assert "The mole at noon" in html
    assert "A lamp" in html
    assert "Another" not in html


def test_small_parts_that_are_not_shown_are_left_out() -> None:
    html = full_text(f"<article><p style='display: none'>For machines</p><p>{LONG}</p></article>".encode(), HERE)
    assert "machines" not in html
    assert "The keeper" in full_text(f"<article style=display:none><p>{LONG}</p></article>".encode(), HERE)


@given(st.text(st.sampled_from("<>/ =\"'pdivartclesmgh1form潮水a\n&;-!"), max_size=200), st.binary(max_size=60))
def test_any_bytes_are_a_page(markup: str, noise: bytes) -> None:
    data = markup.encode() + noise
    assert full_text(data, HERE) == full_text(data, HERE)
