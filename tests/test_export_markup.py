"""Stories as HTML and Markdown: all of the text, none of it read as markup, no address that is not safe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from newsreader.article import (
    Article,
    Block,
    Caption,
    Code,
    Credit,
    Furniture,
    Heading,
    Image,
    ImageBlock,
    Link,
    ListItem,
    Media,
    Paragraph,
    Quote,
    Rule,
    Span,
    Style,
    Table,
    plain,
)
from newsreader.dump import decode
from newsreader.export.html import CLOSING, article_html, opening
from newsreader.export.markdown import article_markdown
from newsreader.parse import parse
from newsreader.safety import clean, clean_line

MARKDOWN = MarkdownIt("commonmark").enable("table")


def article(*blocks: Block, title: str = "", links: tuple[Link, ...] = (), images: tuple[Image, ...] = ()) -> Article:
    return Article("0" * 16, "k", "", title, "", blocks=blocks, links=links, images=images)


def rendered(story: Article, form: str) -> str:
    if form == "html":
        return opening(story.title) + article_html(story, "") + CLOSING
    return str(MARKDOWN.render(article_markdown(story, "")))


def tree(story: Article, form: str) -> Any:
    document: Any = lxml.html.document_fromstring(rendered(story, form) or "<p></p>")
    for head in document.xpath("//head"):
        head.drop_tree()
    return document


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def shown(story: Article, form: str) -> str:
    return squeezed(str(tree(story, form).text_content()))


def expected(story: Article) -> str:
    texts = [clean_line(story.title), *(clean(plain(block.spans), newlines=True) for block in story.blocks)]
    return squeezed("".join(texts))


def tags(story: Article, form: str, *names: str) -> list[str]:
    return [element.tag for element in tree(story, form).iter() if element.tag in names]


FORMS = pytest.mark.parametrize("form", ["html", "markdown"])

# --- all of the text, and nothing read as markup ------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "&lt;b&gt; &amp; &#27; &copy;",
    "*a* **b** _c_ __d__ ~~e~~ `f` ``g``",
    "[link](https://evil.example) ![image](https://evil.example/x.png) [ref]: https://evil.example",
    "<https://evil.example> <!-- hidden --> <?php ?> <![CDATA[x]]>",
    "# heading",
    "heading\n===",
    "heading\n---",
    "- item",
    "+ item\n+ item",
    "1. item",
    "12) item",
    "> quote",
    "    code",
    "```\nfence\n```",
    "~~~\nfence\n~~~",
    "| a | b |\n|---|---|\n| c | d |",
    "---",
    "***",
    "a\\",
    "a\\\nb",
    "line  \nbreak",
    "tail ##",
    "$x$ $$y$$",
    "*",
    "!",
    "\x1b[31mred\x1b[m \x9b1m \x00 \u202e \ud800",
]
STYLES: list[Style] = ["strong", "em", "code", "underline", "strike", "mark", "small"]
EVERY_PLACE: list[Callable[[str], Article]] = [
    lambda text: article(title=text.replace("\n", " ")),
    lambda text: article(Paragraph((Span(text),))),
    lambda text: article(Paragraph((Span("Before "), Span(text, ("strong",)), Span(" after")))),
    lambda text: article(Paragraph((Span("字"), Span(text, ("em", "strong")), Span("字")))),
    lambda text: article(Paragraph((Span("a"), Span(text, ("code",)), Span("b")))),
    lambda text: article(Heading((Span(text),), 2)),
    lambda text: article(ListItem((Span("x"),)), ListItem((Span(text),)), ListItem((Span(text),), 2)),
    lambda text: article(ListItem((Span(text),), 1, 7, "number"), ListItem((Span(text),), kind="continued")),
    lambda text: article(Quote((Span(text),), 2), Quote((Span(text),), 1)),
    lambda text: article(Table((((Span(text),), (Span("b"),)), ((Span(text),),)), header=True)),
    lambda text: article(Table((((Span(text),), ()),))),
    lambda text: article(Code((Span(text),))),
    lambda text: article(Furniture((Span(text),), "share")),
    lambda text: article(Caption((Span(text),), 1), Credit((Span(text),), 1)),
]


@FORMS
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text_in_every_place(form: str, text: str) -> None:
    for place in EVERY_PLACE:
        story = place(text)
        assert shown(story, form) == expected(story), article_markdown(story, "")
        assert tags(story, form, "script", "img", "a", "iframe", "style") == []


SPECIAL = st.text(st.sampled_from(list("ab 字，。*_`[]()<>!#&\\|~-+=.1\n$\"':/@;{}^")), max_size=24)
SPANS = st.lists(
    st.builds(Span, SPECIAL, st.lists(st.sampled_from(STYLES), max_size=2, unique=True).map(tuple)), max_size=5
).map(tuple)
BLOCKS = st.lists(
    st.one_of(
        st.builds(Paragraph, SPANS),
        st.builds(Heading, SPANS, st.integers(1, 6)),
        st.builds(
            ListItem,
            SPANS,
            st.integers(1, 3),
            st.one_of(st.none(), st.integers(0, 99)),
            st.sampled_from(["bullet", "number", "continued"]),
        ),
        st.builds(Quote, SPANS, st.integers(1, 3)),
        st.builds(Caption, SPANS),
        st.builds(Furniture, SPANS),
        st.builds(Rule),
        st.builds(Table, st.lists(st.lists(SPANS, max_size=3).map(tuple), max_size=3).map(tuple), st.booleans()),
    ),
    max_size=6,
)


@FORMS
@given(blocks=BLOCKS)
def test_any_text_comes_out_once_and_in_order(form: str, blocks: list[Block]) -> None:
    story = article(*blocks)
    assert shown(story, form) == expected(story), article_markdown(story, "")
    assert tags(story, form, "script", "img", "a") == []


@FORMS
def test_the_real_archive_comes_out_whole(form: str, some_dumps: list[tuple[str, bytes]]) -> None:
    for path, data in some_dumps[::2]:
        story = parse(decode(data), source="s")
        got = shown(story, form)
        at = 0
        for block in story.blocks:
            text = squeezed(clean(plain(block.spans)))
            found = got.find(text, at)
            assert found >= 0, (path, text[:100], got[at : at + 100])
            at = found + len(text)


# --- what the marks mean ------------------------------------------------------------------------------------------


@FORMS
def test_styles_blocks_and_structure_survive(form: str) -> None:
    story = article(
        Heading((Span("H"),), 2),
        Paragraph((Span("plain "), Span("strong", ("strong",)), Span(" and "), Span("em", ("em",)))),
        Paragraph((Span("中文"), Span("“引号”", ("strong",)), Span("中文"))),
        ListItem((Span("one"),)),
        ListItem((Span("deep"),), 2),
        ListItem((Span("two"),)),
        ListItem((Span("five"),), 1, 5, "number"),
        Quote((Span("q"),)),
        Quote((Span("qq"),), 2),
        Table((((Span("a"),), (Span("b"),)), ((Span("c"),), (Span("d|e"),))), header=True),
        Code((Span("x  = 1\n```\n  y"),)),
        Rule(),
        title="T",
    )
    document = tree(story, form)
    assert [e.text_content() for e in document.iter("strong")] == ["strong", "“引号”"]
    assert [e.text_content() for e in document.iter("em")] == ["em"]
    assert [e.tag for e in document.iter("h1", "h3")] == ["h1", "h3"]
    assert [squeezed(e.text_content()) for e in document.xpath("//ul/li")] == (
        ["one", "deep", "two"] if form == "html" else ["onedeep", "deep", "two"]
    )
    assert len(document.xpath("//ul//ul/li")) == 1
    assert len(document.xpath("//ol/li")) == 1
    assert len(document.xpath("//blockquote//blockquote")) == 1
    assert [e.text_content() for e in document.iter("th")] == ["a", "b"]
    assert [e.text_content() for e in document.iter("td")] == ["c", "d|e"]
    (code,) = document.iter("pre")
    assert code.text_content().strip("\n") == "x  = 1\n```\n  y"
    assert len(document.xpath("//hr")) == 1


@FORMS
def test_only_safe_addresses_are_links_and_pictures(form: str) -> None:
    urls = [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        'https://a.example/" onmouseover="x',
        "https://a.example/(x)[y]<z>\\*_&copy;",
        "https://user@a.example/",
        "mailto:a@b.example",
        "https://例子.example/路",
        "//a.example/x",
        "https://a.example/\n\n# x",
    ]
    links = tuple(Link(n, url) for n, url in enumerate(urls, 1))
    images = tuple(Image(n, url, alt='alt ]("<') for n, url in enumerate(urls, 1))
    story = article(
        *(Paragraph((Span("see! ", link=None), Span(f"link{n}", link=n))) for n in range(1, len(urls) + 1)),
        *(ImageBlock(n) for n in range(1, len(urls) + 1)),
        Media((Span("film"),), 7),
        links=links,
        images=images,
    )
    document = tree(story, form)
    expected = {
        "link4": "https://a.example/%22%20onmouseover=%22x",
        "link5": "https://a.example/(x)[y]%3Cz%3E%5C*_&copy;",
        "link7": "mailto:a@b.example",
        "link8": "https://xn--fsqu00a.example/%E8%B7%AF",
        "film": "mailto:a@b.example",
    }
    got = {e.text_content(): e.get("href") for e in document.iter("a")}
    assert {name: _spelt(url) for name, url in got.items()} == {n: _spelt(u) for n, u in expected.items()}
    pictures = [e.get("src") for e in document.iter("img")]
    assert all(re.match(r"https://|mailto:", url) for url in pictures)
    assert all(e.get("alt") == 'alt ]("<' for e in document.iter("img"))


def _spelt(url: str) -> str:
    """A URL with what renderers may or may not percent-encode spelt in one way."""
    return url.replace("%5B", "[").replace("%5D", "]").replace("*", "%2A")


def test_a_figure_is_one_element_in_html() -> None:
    story = article(
        ImageBlock(1),
        Caption((Span("what is seen"),), 1),
        Credit((Span("who made it"),), 1),
        images=(Image(1, "https://a.example/1.jpg", "alt", "what is seen", "who made it"),),
    )
    (figure,) = tree(story, "html").iter("figure")
    assert [(e.tag, e.get("src"), e.get("class")) for e in figure] == [
        ("img", "https://a.example/1.jpg", None),
        ("figcaption", None, "caption"),
        ("figcaption", None, "credit"),
    ]


def test_deep_and_wide_blocks_take_no_harm() -> None:
    blocks = [Quote((Span("q"),), level) for level in range(1, 3000)]
    items = [ListItem((Span("i"),), level) for level in range(1, 3000)]
    table = Table((tuple((Span(str(n)),) for n in range(10_000)),))
    story = article(*blocks, *items, table)
    assert len(article_html(story, "")) < 2_000_000
    assert len(article_markdown(story, "")) < 2_000_000


def test_the_sample_reads_well_as_markdown() -> None:
    sample = Path(__file__).resolve().parents[1] / "newsreader" / "sample" / "articles"
    for path in sorted(sample.rglob("*.md")):
        story = parse(decode(path.read_bytes()), source="Lamp & Ink")
        text = article_markdown(story, "2026-11-19")
        assert text.startswith("# ")
        assert not any("\n\n\n" in part for part in text.split("```")[::2])
        assert "Lamp \\& Ink" in text


def test_what_only_a_style_raises_is_written_out() -> None:
    spans = (
        *(
            Span("10"),
            Span("5", ("sup",)),
            Span(" m"),
            Span("a/b", ("sup",)),
            Span(" H"),
            Span("2", ("sub",)),
            Span("O "),
        ),
        *(Span("東京"), Span("とう", ("ruby",)), Span(" 1984"), Span("[5]", ("sup",))),
    )
    story = Article("i", "k", "", "t", "s", blocks=(Paragraph(spans),))
    assert "10⁵ m^(a/b) H₂O 東京(とう) 1984 \\[5\\]" in article_markdown(story, "")
    assert "10<sup>5</sup> m<sup>a/b</sup> H<sub>2</sub>O 東京(とう) 1984<sup>[5]</sup>" in article_html(story, "")
