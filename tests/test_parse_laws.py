"""The laws of `parse`, over bodies that nobody would write: nothing lost, nothing moved, nothing raised.

The oracle of the first law is the generator itself: it knows which texts it put where, so no second parser is needed.
Texts are long enough to be told apart and hold no markup; tags may open, close and nest as they like.
"""

from __future__ import annotations

import json
from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsreader.article import Media, article_from_json, article_to_json, is_hidden, plain
from newsreader.dump import Dump
from newsreader.parse import parse

URL = "https://news.example/2024/07/harbour"
TIME = 1_720_000_000_000

INLINE = ["a", "b", "strong", "i", "em", "u", "s", "code", "small", "sup", "span", "font", "abbr", "time", "x-thing"]
BLOCK = [
    *("p", "div", "section", "article", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h6", "pre"),
    *("figure", "figcaption", "table", "thead", "tbody", "tr", "td", "th", "caption", "center", "details", "summary"),
    *("iframe", "video", "object", "picture", "button", "select", "option", "form", "header", "nav", "aside"),
]
VOID = ["br", "hr", "wbr", "source"]
UNREAD = ["script", "style", "svg", "template", "noscript"]
CLASSES = [
    *(
        "",
        "caption",
        "image",
        "figure",
        "story-lead",
        "copyright",
        "credit",
        "off-screen",
        "mpu-ad",
        "o-ads",
        "related",
    ),
    *("newsletter", "share", "attribution", "byline", "pic", "media", "text", "wp-caption", "trustBadge", "author"),
]
ATTRIBUTES = [
    *(
        'href="/a"',
        "href='#x'",
        'href="javascript:x()"',
        'rel="tag"',
        'data-type="AUTO_TOPIC" data-id="7"',
        'role="text"',
    ),
    *(
        'aria-hidden="true"',
        "hidden",
        'style="display:none"',
        "colspan=3",
        "rowspan=2",
        "start=4",
        "value=9",
        "start=--5",
        "value='--9'",
        "colspan=-x",
        "rowspan=²",
        'src="/v.mp4"',
    ),
]

texts = st.text(alphabet="潮水退了mud 7。，：？\n\u3000\xa0記者", min_size=1, max_size=12)
attributes = st.builds(
    lambda name, more: (f' class="{name}"' if name else "") + "".join(f" {item}" for item in more),
    st.sampled_from(CLASSES),
    st.lists(st.sampled_from(ATTRIBUTES), max_size=2),
)
opening = st.builds(lambda tag, rest: (f"<{tag}{rest}>", ""), st.sampled_from(INLINE + BLOCK), attributes)
closing = st.builds(lambda tag: (f"</{tag}>", ""), st.sampled_from(INLINE + BLOCK))
void = st.builds(lambda tag: (f"<{tag}>", ""), st.sampled_from(VOID))
picture = st.builds(lambda n: (f'<img src="/p{n}.jpg" alt="never text">', ""), st.integers(0, 3))
unread = st.builds(lambda tag, text: (f"<{tag}>{text}</{tag}>", ""), st.sampled_from(UNREAD), texts)
comment = st.builds(lambda text: (f"<!-- {text} <b> -->", ""), texts)
soup = st.lists(st.one_of(texts.map(lambda t: (t, t)), opening, closing, void, picture, unread, comment), max_size=60)

anything = st.text(
    alphabet=st.one_of(st.sampled_from("<>/!?&;#x\"'= -[]pbdivcatrl漢。1"), st.characters()), max_size=120
)
fragments = st.lists(
    st.one_of(
        anything,
        st.sampled_from(
            [
                *(
                    "<p",
                    "<div class=",
                    "</",
                    "<!--",
                    "-->",
                    "<![CDATA[",
                    "]]>",
                    "<?xml ",
                    "<script>",
                    "</script",
                    "<style",
                ),
                *(
                    '<divclass="x">',
                    '<imgsrc="y">',
                    '<img src="https://th',
                    "<a href='",
                    "<table><td>",
                    "<svg/>",
                    "&#27;",
                ),
                *(
                    "&#155;",
                    "&#0;",
                    "&#xD800;",
                    "&copy=",
                    "&lt",
                    "\0",
                    "\ud800",
                    "\x9b31m",
                    "\u202e",
                    "<plaintext>",
                    "<title>",
                ),
            ]
        ),
    ),
    max_size=25,
).map("".join)


def visible(text: str) -> str:
    return "".join(text.split())


def dump(body: str, title: str = "Harbour", url: str = URL) -> Dump:
    return Dump(title, url, TIME, body)


@given(soup)
@settings(max_examples=100)
def test_every_text_stands_once_and_in_order(parts: list[tuple[str, str]]) -> None:
    body = "".join(markup for markup, _ in parts)
    article = parse(dump(body), source="test")
    wanted = visible("".join(text for _, text in parts))
    assert Counter(visible("".join(plain(block.spans) for block in article.blocks))) == Counter(wanted), body
    # What the page hides stands beside its paragraph; all else is in order.
    rest = iter(wanted)
    shown = visible("".join(plain(block.spans) for block in article.blocks if not is_hidden(block)))
    assert all(char in rest for char in shown), body


@given(fragments)
@settings(max_examples=100)
@example("<table><caption>a<tr><td>b<caption>c</table>")
@example("<table><tr><td>1<td><span class=caption>2</span><iframe src=/x>3</iframe><td>4</table>")
@example("&#" + "9" * 5000 + ";")
@example("<a href='http://[x'>x</a><img src='http://[y'>")
@example("<a href=x><img src=a.jpg></a>")
def test_any_body_gives_an_article_that_survives_json(body: str) -> None:
    article = parse(dump(body), source="test")
    again = json.loads(json.dumps(article_to_json(article)))
    assert article_from_json(again) == article
    assert parse(dump(body), source="test") == article


@given(fragments, anything, anything, anything)
def test_any_title_address_and_source_will_do(body: str, title: str, url: str, source: str) -> None:
    article = parse(Dump(title, url, None, body), source=source)
    assert article.id
    assert article.source == source
    assert article.revision == article.revisions == 1
    assert not set(article.title) & set("\n\r\t")


@given(st.one_of(fragments, soup.map(lambda parts: "".join(markup for markup, _ in parts))))
@settings(max_examples=80)
def test_blocks_name_only_what_there_is(body: str) -> None:
    article = parse(dump(body), source="test")
    links, images = len(article.links), len(article.images)
    assert [link.n for link in article.links] == list(range(1, links + 1))
    assert [image.n for image in article.images] == list(range(1, images + 1))
    assert all(link.url.partition(":")[0] in ("http", "https", "mailto", "ftp", "tel") for link in article.links)
    assert all(
        image.url.startswith(("http://", "https://", "data:image/")) or not image.url for image in article.images
    )
    assert all((link.block is not None) == (link.kind == "within") for link in article.links)
    assert all(link.block is None or 0 <= link.block < len(article.blocks) for link in article.links)
    for block in article.blocks:
        for span in block.spans:
            assert span.text
            assert span.link is None or 1 <= span.link <= links
        if block.type in ("caption", "credit", "image"):
            number = getattr(block, "image", None)
            assert number is None or 1 <= number <= images
        if isinstance(block, Media):
            assert block.link is None or article.links[block.link - 1].kind == "media"
        elif block.type not in ("image", "rule", "table", "code"):
            text = plain(block.spans)
            assert text == text.strip()
            assert text
            assert "\n\n" not in text


@given(texts.filter(lambda text: bool(text.strip())), st.sampled_from(["p", "div", "section", "article"]))
def test_white_space_around_blocks_is_no_text(text: str, tag: str) -> None:
    tight = parse(dump(f"<{tag}>{text}</{tag}><p>end</p>"), source="test")
    loose = parse(dump(f"\n  <{tag}>\n\t{text}\n </{tag}>\n\n<p> end\n</p>\n"), source="test")
    assert loose.blocks == tight.blocks
