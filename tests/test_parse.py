"""What parse makes of each shape, one rule a test; the shapes are those of dump-format.md, the words our own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsreader.article import (
    Article,
    Block,
    Caption,
    Code,
    Furniture,
    Heading,
    ImageBlock,
    ListItem,
    Media,
    Paragraph,
    Quote,
    Rule,
    Span,
    Table,
    plain,
)
from newsreader.dump import Dump
from newsreader.parse import parse

URL = "https://news.example/world/2024/harbour.html"
TIME = 1_594_872_000_000  # 2020-07-16T04:00:00Z


def article(body: str, *, url: str = URL, title: str = "Harbour") -> Article:
    return parse(Dump(title, url, TIME, body), source="test")


def blocks(body: str) -> tuple[Block, ...]:
    return article(body).blocks


def shape(body: str) -> list[tuple[str, str]]:
    """Each block as (type, text); furniture as its kind."""
    return [
        (f"furniture {b.kind}" if isinstance(b, Furniture) else b.type, plain(b.spans)) for b in article(body).blocks
    ]


# --- paragraphs and white space --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ("<p>one</p><p>two</p>", ["one", "two"]),
        ("one<br><br>two<br> <br/>\n<br>three", ["one", "two", "three"]),
        ("<div>bare<p>para</p>tail</div>", ["bare", "para", "tail"]),
        ("<p>one<p>two<p>three", ["one", "two", "three"]),
        ("<p>a line<br>and another</p>", ["a line\nand another"]),
        ("<p>\u3000\u3000缩进的段落\u3000</p><p>&nbsp;&nbsp;也是</p>", ["缩进的段落", "也是"]),
        ("<p>第一行\n第二行</p>", ["第一行第二行"]),
        ("<p>中文\nLatin 词\n 中</p>", ["中文 Latin 词中"]),
        ("<p>한국어는\n띄어쓴다</p>", ["한국어는 띄어쓴다"]),
        ("<p>two  words\t and\n more</p>", ["two words and more"]),
        ("<p>保留　全角空格</p>", ["保留　全角空格"]),
        ("<p>one <b> two</b> three</p>", ["one two three"]),
        ("<p> </p><p>&nbsp;</p><p />", []),
        ("<p>a<div>b</div>c</p>", ["a", "b", "c"]),
        ("plain text, no tags, 5 < 6 & 7 > 6", ["plain text, no tags, 5 < 6 & 7 > 6"]),
    ],
)
def test_paragraphs(body: str, texts: list[str]) -> None:
    assert [plain(block.spans) for block in blocks(body)] == texts


def test_styles_nest_cross_and_end_with_their_paragraph() -> None:
    (first, second) = blocks("<p>a<b>b<i>c</b>d</i>e <b>open</p><p>f</b></p>")
    assert first.spans == (
        *(Span("a"), Span("b", ("strong",)), Span("c", ("strong", "em")), Span("d", ("em",))),
        *(Span("e "), Span("open", ("strong",))),
    )
    assert second.spans == (Span("f"),)


def test_every_style() -> None:
    body = "<p>x<u>u</u><s>s</s><code>c</code><sup>p</sup><sub>b</sub><mark>m</mark><small>l</small></p>"
    (block,) = blocks(body)
    assert [span.style for span in block.spans] == [
        *((), ("underline",), ("strike",), ("code",), ("sup",), ("sub",), ("mark",), ("small",)),
    ]


@pytest.mark.parametrize("tag", ["script", "style", "template", "svg", "noscript", "title"])
def test_what_is_no_text(tag: str) -> None:
    assert shape(f"<p>a</p><{tag}>nobody reads this</{tag}><p>b</p>") == [("paragraph", "a"), ("paragraph", "b")]


def test_text_that_only_looks_like_markup_stays() -> None:
    assert shape("<p>a &lt;b&gt; &amp;amp; 1 <2 </p>") == [("paragraph", "a <b> &amp; 1 <2")]


def test_a_quote_that_is_never_closed_ends_with_its_tag() -> None:
    assert shape('<p class="x>kept</p><p>too</p>') == [("paragraph", "kept"), ("paragraph", "too")]


def test_a_tag_cut_off_at_the_end_is_no_text() -> None:
    assert shape('<p>whole</p><img src="https://half.exa') == [("paragraph", "whole")]


# --- headings and leads ----------------------------------------------------------------------------------------------


def test_headings() -> None:
    found = [block for block in blocks("<h1>a</h1><h2><b>b</b></h2><h6>c</h6><p>d</p>") if isinstance(block, Heading)]
    assert [(b.level, plain(b.spans)) for b in found] == [(1, "a"), (2, "b"), (6, "c")]
    assert found[1].spans == (Span("b"),)


@pytest.mark.parametrize(
    "bold",
    ["港口的夜", "为什么是现在？", "“慢”也是办法", "Why now?", "一、看风", "灯塔守夜人：最后一班", "出发！"],
)
def test_a_short_paragraph_in_bold_is_a_heading(bold: str) -> None:
    body = f"<p>开头。</p><p><strong>{bold}</strong></p><p>后来。</p>"
    assert shape(body)[1] == ("heading", bold)
    assert shape(f"开头。<br><br><b>{bold}</b><br><br>后来。")[1] == ("heading", bold)


@pytest.mark.parametrize(
    "bold",
    [
        "这一整句话都是粗体，因为编辑觉得它重要。",
        "以下是港务局的声明：",
        "本报：您什么时候开始看守灯塔的？",
        "这个问题问得很长很长很长很长，长到不像是一个小标题，而像是采访里的一个问题，对不对？",
        "图片来源：港口",
        '<a href="/archive">档案</a>',
        "……",
    ],
)
def test_other_bold_paragraphs_are_paragraphs(bold: str) -> None:
    assert shape(f"<p>开头。</p><p><strong>{bold}</strong></p><p>后来。</p>")[1][0] == "paragraph"


def test_a_heading_between_stars_keeps_them() -> None:
    assert shape("<p>开头。</p><p>**风向**</p><p>后来。</p>")[1] == ("heading", "**风向**")


def test_bold_with_nothing_below_or_in_a_row_is_no_heading() -> None:
    assert shape("<p>开头。</p><p><b>林岸</b></p>")[1] == ("paragraph", "林岸")
    assert {kind for kind, _ in shape("<p>诗</p><p><b>一</b></p><p><b>二</b></p><p><b>三</b></p><p>完</p>")} == {
        "paragraph"
    }


@pytest.mark.parametrize(
    "body",
    [
        "<div></div><div class='story-lead'>先说结论。</div><div><p>正文。</p></div>",
        "<p class='story-body__introduction'>先说结论。</p><p>正文。</p>",
        "<div>09/07/2020 - 14:59</div><img src='/a.jpg'><p><strong>先说结论。</strong></p><p>正文。</p>",
    ],
)
def test_leads(body: str) -> None:
    found = article(body)
    assert found.lead == "先说结论。"
    (lead,) = [b for b in found.blocks if isinstance(b, Paragraph) and b.kind == "lead"]
    assert lead.spans == (Span("先说结论。"),)


def test_a_lead_below_the_first_paragraph_is_none() -> None:
    found = article("<p>正文。</p><p class='intro'>不是导语。</p>")
    assert found.lead == ""
    assert [b.type for b in found.blocks] == ["paragraph", "paragraph"]


def test_the_headline_once_more_is_folded() -> None:
    assert shape("<h1>Harbour</h1><p>text</p>")[0] == ("furniture label", "Harbour")


# --- lists, quotes, tables, code -------------------------------------------------------------------------------------


def test_lists_nest_count_and_continue() -> None:
    found = blocks("<ol start=3><li>a<ul><li>b</ul>c<li value=9><p>d</p><p>e</p></ol><ol reversed><li>x<li>y</ol>")
    assert [(b.level, b.n, b.kind, plain(b.spans)) for b in found if isinstance(b, ListItem)] == [
        *((1, 3, "number", "a"), (2, None, "bullet", "b"), (1, None, "continued", "c")),
        *((1, 9, "number", "d"), (1, None, "continued", "e"), (1, 2, "number", "x"), (1, 1, "number", "y")),
    ]


def test_a_list_may_count_in_circles() -> None:
    items = [
        b for b in blocks('<ol start=20 style="list-style: circled-decimal"><li>a<li>b</ol>') if isinstance(b, ListItem)
    ]
    assert [item.marker for item in items] == ["⑳", "㉑"]


def test_quotes_nest() -> None:
    found = blocks("<blockquote>a<blockquote><p>b</p></blockquote>c</blockquote>")
    assert [(b.level, plain(b.spans)) for b in found if isinstance(b, Quote)] == [(1, "a"), (2, "b"), (1, "c")]


def test_a_table_has_cells_spans_and_a_header() -> None:
    (table,) = blocks(
        "<table><tr><th>Day<th colspan=2>Water<tr><td rowspan=2><b>Mon</b><td>4:10<td>3.1<tr><td>16:35<td>3.0</table>"
    )
    assert isinstance(table, Table)
    assert table.header
    assert [[plain(cell) for cell in row] for row in table.cells] == [
        ["Day", "Water", ""],
        ["Mon", "4:10", "3.1"],
        ["", "16:35", "3.0"],
    ]
    assert table.cells[1][0] == (Span("Mon", ("strong",)),)


def test_a_table_that_only_lays_out_is_unfolded() -> None:
    assert shape("<table><tr><td><p>a</p><p>b</p></td></tr></table>") == [("paragraph", "a"), ("paragraph", "b")]
    assert shape("<table><tr><td><img src='/a.jpg'><tr><td>below it</table>") == [
        ("image", ""),
        ("caption", "below it"),
    ]


def test_a_table_in_a_cell_becomes_lines_of_it() -> None:
    (table,) = blocks("<table><tr><td>a<td><table><tr><td>b<td>c<tr><td>d</table></table>")
    assert isinstance(table, Table)
    assert [[plain(cell) for cell in row] for row in table.cells] == [["a", "b\nc\nd"]]


def test_a_table_keeps_the_order_of_all_its_texts() -> None:
    body = (
        "<table><caption>1</caption><tr><td>2<span class=caption>3</span><td><iframe src=/v>4</iframe>5</td></tr>6"
        "<tr><td>7<img src=/a.jpg></table>"
    )
    found = blocks(body)
    assert "".join("".join(plain(b.spans) for b in found).split()) == "1235674"  # 4 is what the frame hides
    assert Furniture((Span("4"),), "hidden") in found


def test_code_keeps_its_spaces() -> None:
    (block,) = blocks("<pre>\n  a\n\n    <b>b</b>  c\n</pre>")
    assert isinstance(block, Code)
    assert plain(block.spans) == "  a\n\n    b  c"


def test_code_in_a_table_stands_without_its_numbers() -> None:
    rows = "".join(f"<tr> <td class=blob-num>{n}</td> <td class=blob-code>a = {n}</td></tr>" for n in (1, 2))
    assert ("code", "a = 1\na = 2") in shape(f"<table>{rows}</table>")


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("<mfenced open='[' close=']' separators=';'><mi>a</mi><mi>b</mi></mfenced>", "[a;b]"),
        (
            "<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c</mi></mtd></mtr></mtable>",
            "a b; c",
        ),
        ("<mroot><mi>a</mi><mn>5</mn></mroot>", "⁵√a"),
        ("<msqrt><mi>a</mi><mo>+</mo><mn>1</mn></msqrt>", "√(a + 1)"),
        ("<mtext>a <span>b</span></mtext><mo>+</mo><mn>1</mn><mphantom><mi>z</mi></mphantom>", "a b + 1"),
        ("<mn>2</mn><mi>sin</mi><mo>(</mo><mi>x</mi><mo>)</mo><mo>+</mo><mi>ln</mi><mn>2</mn>", "2 sin(x) + ln 2"),
        ("<mi>A</mi><mi>cos</mi><mfrac><mrow><mn>2</mn><mi>t</mi></mrow><mi>T</mi></mfrac>", "A cos (2t)/T"),
    ],
)
def test_a_formula_is_one_line(formula: str, text: str) -> None:
    assert ("paragraph", f"x {text} y") in shape(f"<p>x <math>{formula}</math> y</p>")


def test_rows_drawn_with_spaces_are_one_code_block() -> None:
    body = "<p>数字：</p><p>      港     六月    五月  </p><p>      北      132     128  </p><p>完。</p>"
    assert shape(body)[1] == ("code", "港     六月    五月\n北      132     128")


def test_rules_stand_between_texts_only() -> None:
    assert [b.type for b in blocks("<hr><p>a</p><hr><hr><p>b</p><hr>")] == ["paragraph", "rule", "paragraph"]
    assert isinstance(blocks("<p>a</p><hr><p>b</p>")[1], Rule)


# --- figures ---------------------------------------------------------------------------------------------------------

FIGURES = {
    "DW": '<img src="/a.jpg" width="100%"><div><small style="color: #999;">潮水</small></div>',
    "BBC": '<div class="media-landscape has-caption"><span class="image-and-copyright-container">'
    '<img src="/a.jpg"></span>'
    '<figcaption><span class="media-caption__text">潮水</span></figcaption></div>',
    "BBC, later": '<div class="x StyledFigure-sc-1"><img src="/a.jpg"><p>潮水</p></div>',
    "Reuters": '<figure><img src="/a.jpg" aria-label="潮水 "></figure>'
    "<figcaption><div><span>潮水 </span></div></figcaption>",
    "VOA": '<div class="contentImage floatLeft" ><img class="photo" src="/a.jpg" border="0"/>'
    '<span class="imageCaption">潮水</span></div>',
    "RFA": '<p><div class="image-inline captioned"><div><img src="/a.jpg"/></div><div class="image-caption">'
    '<span style="width:9px;">潮水</span><span class="copyright"> </span></div></div></p>',
    "FT": '<div class="pic"><img src="/a.jpg">潮水</div>',
    "WordPress": '<div class="wp-caption alignnone"><img src="/a.jpg"><p class="wp-caption-text">潮水</p></div>',
    "figure": "<figure><a href='/big.jpg'><img src='/a.jpg'></a><p>潮水</p></figure>",
    "the alt once more": '<img src="/a.jpg" alt="潮水来了"><p>潮水来了</p>',
}


@pytest.mark.parametrize("body", FIGURES.values(), ids=FIGURES)
def test_a_picture_and_its_caption(body: str) -> None:
    found = article(f"<p>before</p>{body}<p>after</p>")
    assert [b.type for b in found.blocks] == ["paragraph", "image", "caption", "paragraph"]
    image, caption = found.blocks[1:3]
    assert isinstance(image, ImageBlock)
    assert isinstance(caption, Caption)
    assert image.image == caption.image == 1
    assert not any(span.style for span in caption.spans)
    assert found.images[0].url == "https://news.example/a.jpg"
    assert found.images[0].caption.startswith("潮水")
    assert [link.url for link in found.links] == (["https://news.example/big.jpg"] if "big.jpg" in body else [])


def test_a_credit_is_no_caption_and_a_label_is_neither() -> None:
    body = (
        '<figure><img src="/a.jpg"><span class="off-screen">图片版权</span>'
        '<span class="story-image-copyright">塔</span><figcaption><span class="off-screen">Image caption</span>'
        '<span class="media-caption__text">潮水</span></figcaption></figure>'
    )
    assert shape(body) == [
        *(("image", ""), ("furniture hidden", "图片版权"), ("credit", "塔")),
        *(("furniture hidden", "Image caption"), ("caption", "潮水")),
    ]
    (image,) = article(body).images
    assert (image.caption, image.credit) == ("潮水", "塔")


def test_an_empty_caption_is_nothing() -> None:
    assert [b.type for b in blocks('<img src="/a.jpg"><div><small></small></div><p>a</p>')] == ["image", "paragraph"]


def test_a_gallery_text_is_text() -> None:
    body = (
        '<h3>图集</h3><div><img src="/a.jpg"><br><b>清晨</b>：还没有人。</div>'
        '<div><img src="/b.jpg"><b>正午</b>：热。</div>'
    )
    assert shape(body) == [
        *(("heading", "图集"), ("image", ""), ("paragraph", "清晨：还没有人。")),
        *(("image", ""), ("paragraph", "正午：热。")),
    ]


def test_figure_numbers_and_sources_belong_to_the_chart() -> None:
    body = "<p>正文。</p><p>图2：产量</p><div class='pic'><img src='/a.jpg'></div><p>资料来源：港务局</p><p>完。</p>"
    assert [kind for kind, _ in shape(body)] == ["paragraph", "caption", "image", "credit", "paragraph"]
    assert article(body).images[0].credit == "资料来源：港务局"


def test_the_same_picture_is_shown_once_and_as_large_as_it_comes() -> None:
    body = (
        '<figure><img src="//s.example/r/?i=15&amp;w=20"><img alt="潮" src="//s.example/r/?i=15&amp;w=600">'
        '<noscript><img src="//s.example/other-size.jpg"></noscript></figure><p>a</p><img src="https://s.example/r/?i=15&amp;w=20">'
    )
    found = article(body)
    assert [(image.url, image.alt) for image in found.images] == [("https://s.example/r/?i=15&w=600", "潮")]
    assert [b.type for b in found.blocks] == ["image", "paragraph"]


def test_a_caption_repeated_with_its_picture_is_folded() -> None:
    one = '<img src="/a.jpg"><div><small>潮水</small></div>'
    assert shape(one + "<p>a</p>" + one)[-1] == ("furniture repeated-caption", "潮水")


@pytest.mark.parametrize(
    ("image", "url"),
    [
        ('src="https://images.weserv.nl/?url=static.example.com/a_303.jpg"', "https://static.example.com/a_303.jpg"),
        ('src="https://images.weserv.nl/?url=//static.example.com/a.jpg"', "https://static.example.com/a.jpg"),
        ('src="https://images.weserv.nl?url=static.example.com/a.jpg&amp;w=600"', "https://static.example.com/a.jpg"),
        ('src="https://images.weserv.nl/?url=https%3A%2F%2Fx.example%2Fa.jpg&w=6"', "https://x.example/a.jpg"),
        ('src="https://t.example/unsafe/1340x754/https://t.example/unsafe/picture/8/a.jpg"', "https://t.example/unsafe/picture/8/a.jpg"),
        ('src="https://t.example/unsafe/9x9/http%3A%2F%2Fi.example%2Fa.jpg"', "http://i.example/a.jpg"),
        ('src="https://i0.wp.com/blog.example/a.jpg?resize=3"', "https://blog.example/a.jpg"),
        ('src="//cdn.example/a.jpg"', "https://cdn.example/a.jpg"),
        ('src="../img/a.jpg"', "https://news.example/world/img/a.jpg"),
        ('src="data:image/gif;base64,R0" data-src="/lazy.jpg"', "https://news.example/lazy.jpg"),
        ('src="/img/placeholder.png" data-original="/real.jpg"', "https://news.example/real.jpg"),
        ('srcset="/s.jpg 300w, /l.jpg 1080w, /m.jpg 768w"', "https://news.example/l.jpg"),
        ('src="data:," data-srcset="/one.jpg 1x, /two.jpg 2x"', "https://news.example/two.jpg"),
        ('src="data:image/png;base64,iVBO" alt="The tower"', "data:image/png;base64,iVBO"),
        ('src="data:image/png;base64,iVBO" alt="The tower" data-src="/real.jpg"', "https://news.example/real.jpg"),
        ('src="data:image/png;base64,iVBO" alt="X"><noscript><img src="/real.jpg"></noscript', "https://news.example/real.jpg"),
        (f'src="data:image/jpeg;base64,{"A" * 900}"><noscript><img src="/real.jpg"></noscript', "https://news.example/real.jpg"),
        (f'src="data:image/jpeg;base64,{"A" * 90_000}"', f"data:image/jpeg;base64,{'A' * 90_000}"),
        ('src="data:image/svg+xml,%3Csvg%3E%3Cpath/%3E" alt="A map"', "data:image/svg+xml,%3Csvg%3E%3Cpath/%3E"),
    ],
)  # fmt: skip
def test_where_a_picture_comes_from(image: str, url: str) -> None:
    assert [picture.url for picture in article(f"<img {image}>").images] == [url]


def test_a_picture_element_lends_its_sources() -> None:
    body = '<picture><source srcset="/s.webp 1x, /l.webp 2x"><img alt="潮水"></picture>'
    assert [image.url for image in article(body).images] == ["https://news.example/l.webp"]
    body = '<picture><source srcset="/s.webp"><img src="/own.jpg"></picture>'
    assert [image.url for image in article(body).images] == ["https://news.example/own.jpg"]


def test_a_missing_picture_leaves_its_caption() -> None:
    body = '<p>a</p><img src="" width="100%"><div><small style="color: #999;">本文作者</small></div><p>b</p>'
    assert shape(body) == [("paragraph", "a"), ("caption", "本文作者"), ("paragraph", "b")]


@pytest.mark.parametrize(
    "image",
    [
        *('src="/rfa_resources/graphics/icon-zoom.png"', 'src="/x/grey_line-nc.png" alt="Presentational grey line"'),
        *(
            'src="/track.gif" width="1" height="1"',
            'src="https://th"',
            'src="data:image/png;base64,AAAA"',
            'src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="The tower"',
            "src=\"data:image/svg+xml,%3Csvg viewBox='0 0 3 2'%3E%3C/svg%3E\" alt='The tower'",
            "",
            'src="/spacer.gif"',
        ),
        'src="https://[broken"',
    ],
)
def test_what_is_no_picture(image: str) -> None:
    assert shape(f"<p>a</p><img {image}><p>b</p>") == [("paragraph", "a"), ("paragraph", "b")]


def test_an_emoji_image_is_its_text() -> None:
    assert shape(
        '<p>雨<img class="wp-smiley" src="/e.png" alt="☔">停了<img class="W_img_face" title="[伞]" src="/f.gif"></p>'
    ) == [("paragraph", "雨☔停了[伞]")]


def test_attribute_text_is_no_text() -> None:
    found = article('<p>a <a href="/x" title="never">b</a></p><img src="/a.jpg" alt="never" title="nor this">')
    assert "".join(plain(b.spans) for b in found.blocks) == "a b"
    assert found.images[0].alt == "never"


# --- media -----------------------------------------------------------------------------------------------------------


def test_media_are_links_with_titles() -> None:
    body = (
        '<video src="/v.mp4" poster="/still.jpg"></video><div><small>起飞</small></div>'
        '<audio><source src="/s.mp3"></audio>'
        '<iframe src="//www.youtube.com/embed/x" title="演讲"></iframe><iframe src="/map">地图</iframe>'
    )
    found = article(body)
    media = [b for b in found.blocks if isinstance(b, Media)]
    assert [(b.kind, b.link, plain(b.spans)) for b in media] == [
        *(("video", 1, ""), ("audio", 2, ""), ("video", 3, ""), ("frame", 4, "")),
    ]
    assert found.blocks[-1] == Furniture((Span("地图"),), "hidden")
    assert [(link.kind, link.text) for link in found.links] == [
        *(("media", "起飞"), ("media", "news.example"), ("media", "演讲"), ("media", "news.example")),
    ]
    assert found.images[0].caption == "起飞"


def test_a_frame_that_holds_its_page_shows_it() -> None:
    inner = "&lt;iframe srcdoc='&amp;lt;p&amp;gt;and fall'&gt;no&lt;/iframe&gt;"
    page = f"&lt;p&gt;Tides &lt;b&gt;rise&lt;/b&gt;&lt;/p&gt;{inner}"
    assert shape(f'<p>One</p><iframe src="/map" srcdoc="{page}">no</iframe><p>Two</p>') == [
        ("paragraph", "One"),
        ("paragraph", "Tides rise"),
        ("paragraph", "and fall"),
        ("paragraph", "Two"),
    ]


def test_a_frame_of_the_page_just_linked_is_not_shown_twice() -> None:
    body = '<blockquote><a href="/post/">Post</a></blockquote><iframe src="/post/embed/#?secret=x"></iframe>'
    assert [b.type for b in blocks(body)] == ["quote"]


# --- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("https://a.example/x?y=1&amp;copy=2&z", "https://a.example/x?y=1&copy=2&z"),
        ("//a.example/x", "https://a.example/x"),
        ("/x", "https://news.example/x"),
        ("x.html#part", "https://news.example/world/2024/x.html#part"),
        ("?page=2", "https://news.example/world/2024/harbour.html?page=2"),
        (" https://a.example/a b\n", "https://a.example/a%20b"),
        ("https:////a.example/x", "https://a.example/x"),
        ("HTTP://a.example/x", "http://a.example/x"),
        ("mailto:desk@a.example", "mailto:desk@a.example"),
        ("https://api.dw.com/api/detail/article/71561388", "https://api.dw.com/api/detail/article/71561388"),
    ],
)
def test_where_a_link_leads(href: str, url: str) -> None:
    (link,) = article(f'<base href="https://other.example/"><p>see <a href="{href}">this</a></p>').links
    assert (link.url, link.text, link.kind, link.story) == (url, "this", "web", None)


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "java\nscript:x()",
        "data:text/html,x",
        "#top",
        "#jump-linkhttps://a.example",
        "",
        "http://[x",
        "vbscript:x",
    ],
)
def test_what_is_no_link_is_text(href: str) -> None:
    found = article(f'<p>see <a href="{href}">this</a></p>')
    assert not found.links
    assert found.blocks == (Paragraph((Span("see this"),)),)


def test_links_are_numbered_in_document_order() -> None:
    found = article("<h2><a href=/a>A</a></h2><p><a href=/b>B</a> <a href=/c><b>C</b>d</a><a href=/e></a></p>")
    assert [(link.n, link.text) for link in found.links] == [(1, "A"), (2, "B"), (3, "Cd")]
    assert [span.link for span in found.blocks[1].spans] == [2, None, 3, 3]


def test_a_link_cut_in_two_is_one() -> None:
    found = article("<p><a href=/a>half</a><a href=/a>way</a> and <a href=/a>again</a></p>")
    assert [link.text for link in found.links] == ["halfway", "again"]


def test_a_link_around_a_picture_is_kept() -> None:
    found = article("<a href='/story'><img src='/a.jpg' alt='潮水'></a><a href='/big.jpg'><img src='/b.jpg'></a>")
    assert [(link.url, link.text) for link in found.links] == [
        *(("https://news.example/story", "潮水"), ("https://news.example/big.jpg", "")),
    ]


def test_topics() -> None:
    body = (
        '<p>看<span data-id="7" data-type="AUTO_TOPIC">琵鷺</span>和'
        '<span data-id="7" data-type="AUTO_TOPIC">琵鷺</span></p>'
        '<p>Tags: <a href="/t/sea" rel="tag">sea</a></p>'
    )
    found = article(body)
    assert [(topic.id, topic.name) for topic in found.topics] == [("7", "琵鷺"), ("", "sea")]
    assert plain(found.blocks[0].spans) == "看琵鷺和琵鷺"


# --- the line above, dates -------------------------------------------------------------------------------------------


LATER_TIME = "<time dateTime='2020-07-15T09:00:00Z'>40 分钟前</time>"


@pytest.mark.parametrize(
    ("line", "byline", "moment", "precision"),
    [
        ("<div><i>林岸<br>2020-07-15T09:59:38.803Z</i></div>", "林岸", "2020-07-15T09:59:38.803", "time"),
        ("<div><i>null 林岸<br>2020-07-15T09:59:38.803Z</i></div>", "林岸", "2020-07-15T09:59:38.803", "time"),
        ("<div><i>  <br>2020-07-15T09:59:38.803Z</i></div>", "", "2020-07-15T09:59:38.803", "time"),
        ("<div><i>2020年 7月 15日</i></div>", "", "2020-07-15T00:00:00", "date"),
        ("<div><i>2020-07-15T10:20:18</i></div>", "", "2020-07-15T10:20:18", "time"),
        ("<div><i>ANN R.,BOB L.<br>2020-07-15 17:12:52</i></div>", "ANN R., BOB L.", "2020-07-15T09:12:52", "time"),
        ("<div><i>Wed, 15 Jul 2020 09:01:35 GMT</i></div>", "", "2020-07-15T09:01:35", "time"),
        ("<div>15/07/2020 - 14:59</div>", "", "2020-07-15T12:59:00", "time"),
        (f"{LATER_TIME}<ul role='list'><li>林岸<li>记者</ul>", "林岸, 记者", "2020-07-15T09:00:00", "time"),
    ],
)  # fmt: skip
def test_the_line_above_the_story(line: str, byline: str, moment: str, precision: str) -> None:
    found = article(line + "<img src='/a.jpg'><p>正文从这里开始，写得比署名长得多。</p>")
    assert found.byline == byline
    assert found.published == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert found.precision == precision
    assert found.updated == datetime(2020, 7, 16, 4, tzinfo=UTC)
    assert isinstance(found.blocks[0], Furniture)
    assert found.blocks[0].kind == "byline"
    assert found.blocks[-1] == Paragraph((Span("正文从这里开始，写得比署名长得多。"),))


def test_without_a_line_above_the_dump_s_time_is_the_story_s() -> None:
    found = article("<div></div><p>正文。</p>")
    assert found.published == found.updated == datetime(2020, 7, 16, 4, tzinfo=UTC)
    assert parse(Dump("t", URL, None, "<p>x</p>"), source="").published is None


def test_a_date_in_a_poem_or_from_the_future_is_no_line_above() -> None:
    assert article("<p>潮水退了，又来。</p><p>2020年7月7日</p><p>完</p>").published == datetime(
        2020, 7, 16, 4, tzinfo=UTC
    )
    assert article("<div>2024-01-01</div><p>正文。</p>").published == datetime(2020, 7, 16, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("记者：宋渡  王允  责编：林岸  网编：周渡", "宋渡 王允"),
        ("（记者：宋渡 责编：林岸）", "宋渡"),
        ("编译 宋渡；审校 林岸", ""),
        ("译者/宋渡", ""),
    ],
)
def test_credit_lines_at_the_end(line: str, byline: str) -> None:
    for body in (f"<p>正文。</p><p>{line}</p><p> </p>", f"<p>正文。<br><br><br>{line}</p>", f"<p>正文。<br>{line}</p>"):
        found = article(body)
        assert [(b.type, getattr(b, "kind", None)) for b in found.blocks] == [
            ("paragraph", None),
            ("furniture", "byline"),
        ]
        assert found.byline == byline


@pytest.mark.parametrize("line", ["文 | 周渡", "作者：周渡", "作者 周渡", "By Mara Ellison"])
def test_an_author_near_the_top(line: str) -> None:
    found = article(f"<p>{line}</p><p>正文从这里开始。</p>")
    assert found.byline in ("周渡", "Mara Ellison")
    assert [b.type for b in found.blocks] == ["furniture", "paragraph"]


# --- furniture -------------------------------------------------------------------------------------------------------

TEXT = "<p>" + "正文写了很多，潮水来了又走，塔里的人把每一次都记下来。" * 8 + "</p>"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<br><hr><div>获取更多RSS：<br><a href='https://feedx.net'>https://feedx.net</a></div>", "feed-footer"),
        ("<p>© 2020年 某报版权声明：不得擅自使用。</p>", "copyright"),
        ("<p class='t-copyright'>© 2020 ABC</p>", "copyright"),
        ("<p><i>（欢迎</i><a href='/x'><i>点击此处</i></a><i>订阅简报。）</i></p>", "promotion"),
        ("<p><em>DW中文有Instagram！歡迎搜尋dw.chinese，看更多深入淺出的圖文。</em></p>", "promotion"),
        ("<p><a href='/en'>点击查看本文英文版。</a></p>", "navigation"),
        ("<div class='bbccom_slot mpu-ad' aria-hidden='true'>广告</div>", "advert"),
        ("<div class='m-interstitial__ad'><divclass='m-block-ad 'data-x='y'><div>广告</div></div>", "advert"),
        ("<section aria-hidden='true'><p>广告</p></section>", "advert"),
        ("<div class='o-self-promo o-self-promo--nl'>订阅</div>", "promotion"),
        ("<div class='a2a_kit addtoany_list'>分享</div>", "share"),
        ("<div class='StandardArticleBody_trustBadgeContainer'>我们的标准</div>", "boilerplate"),
        ("<div class='Attribution_container'><p class='Attribution_content'>编译 宋渡</p></div>", "byline"),
        ("<p><i>（本文仅代表作者本人观点，责编邮箱：a@b.example）</i></p>", "boilerplate"),
        ("<nav><a href='/'>首页</a></nav>", "navigation"),
        ("<button>展开</button>", "hidden"),
        ("<p class='off-screen'>结尾</p>", "hidden"),
        ("<p>文中评论仅代表作者个人立场。</p>", "boilerplate"),
    ],
)  # fmt: skip
def test_furniture(body: str, kind: str) -> None:
    found = article(TEXT + body)
    folded = [b for b in found.blocks if isinstance(b, Furniture)]
    assert {b.kind for b in folded} == {kind}
    assert [b.type for b in found.blocks if not isinstance(b, Furniture | Rule)] == ["paragraph"]


def test_related_stories_are_folded_where_they_are_marked() -> None:
    items = "<ul><li><b><a href='/a'>别的新闻</a></b></li></ul><ul><li><a href='/b'>又一条</a></li></ul>"
    kinds = [kind for kind, _ in shape(TEXT + items + TEXT)]
    assert kinds == ["paragraph", "furniture related", "furniture related", "paragraph"]
    headed = shape(TEXT + "<h2>相关阅读</h2><p><a href='https://other.example/c'>外面的</a></p>" + TEXT)
    assert [kind for kind, _ in headed] == ["paragraph", "furniture related", "furniture related", "paragraph"]


def test_a_list_of_links_that_is_the_story_stays() -> None:
    body = (
        "<p>本周的链接：</p><ul>"
        + "".join(f"<li><a href='/n{i}'>第{i}条消息的标题</a></li>" for i in range(9))
        + "</ul>"
    )
    assert {kind for kind, _ in shape(body)} == {"paragraph", "list_item"}
    outside = TEXT + "<ul><li><a href='https://other.example/c'>外面的</a></li></ul>"
    assert shape(outside)[-1] == ("list_item", "外面的")


@pytest.mark.parametrize(
    "text",
    [
        "(c) 第三种办法是等。",
        "Copyright law is older than copying machines.",
        "官方说，市民可以订阅天气短信。",
        "记者问他为什么。他没有回答。",
        "仅代表作者自己的这篇文章，作者是守塔人。",
    ],
)
def test_what_is_no_furniture(text: str) -> None:
    assert shape(f"<p>{text}</p>{TEXT}<p>{text}</p>")[-1] == ("paragraph", text)
    assert shape(f"<p>{text}</p>{TEXT}")[0] == ("paragraph", text)


def test_an_article_in_an_odd_class_is_no_furniture() -> None:
    for name in ("newsletter", "related", "share", "image", "mpu-ad", "caption-area"):
        body = f"<div class='{name}'><img src='/a.jpg'>{TEXT}{TEXT}</div>"
        assert "paragraph" in [kind for kind, _ in shape(body)], name


def test_what_is_hidden_within_a_sentence_stands_beside_it() -> None:
    body = "<p><span class='sr-only'>Note:</span> one <span class='sr-only'>(external)</span> two</p>"
    assert shape(body) == [("furniture hidden", "Note:"), ("paragraph", "one two"), ("furniture hidden", "(external)")]


# --- titles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("钟慢了一分钟 – 法国国际广播电台 - RFI", "钟慢了一分钟"),
        ("要闻 - 钟慢了", "要闻 - 钟慢了"),
        (" two\n lines ", "two lines"),
        ("A &amp; B", "A & B"),
        ("", "Only this"),
    ],
)
def test_titles(raw: str, title: str) -> None:
    assert article("<h2>Only this</h2><p>x</p>", title=raw).title == title


def test_identity_and_language() -> None:
    one = article("<p>潮水退了</p>", url="https://www.dw.com/zh/%E6%BD%AE/a-71590287")
    two = article("<p>潮水又来了</p>", url="http://dw.com/zh/other/a-71590287?maca=x")
    assert one.key == two.key == "dw:71590287"
    assert one.id == two.id
    assert article("<p>The tide went out and the clerk wrote it down, as he had done for years.</p>").language == "en"
    assert article("<p>塔里的人说，这么写来着。</p>").language == "zh-Hans"
    assert parse(Dump("t", "", None, "x"), source="", guid="g-1").key == "guid:g-1"


# --- what a reader of the browser knows -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("<blockquote>Said:<ol><li>one</li><li>two</li></ol>so</blockquote>", ["Said:", "1. one", "2. two", "so"]),
        ("<ul><li><blockquote>words</blockquote></li></ul>", ["• words"]),
        ("<div style='white-space: pre-wrap'>Roses\n  are red,\nviolets</div>", ["Roses\nare red,\nviolets"]),
        ("<p>Full: <meter value=0.6></meter>, <progress value=7 max=10>seven</progress></p>", ["Full: 60%, seven"]),
        ("<p>x</p><map><area href='/n' alt=North><area href='/s' title=South></map>", ["x", "North South"]),
    ],
)
def test_what_a_browser_shows_stands_in_the_text(body: str, blocks: list[str]) -> None:
    assert [text for _, text in shape(body)] == blocks


def test_what_a_quotation_lists_is_quoted() -> None:
    assert {kind for kind, _ in shape("<blockquote>Said:<ul><li>one</li></ul></blockquote>")} == {"quote"}


def test_a_picture_that_is_not_there_shows_its_name() -> None:
    assert [(image.url, image.alt) for image in article('<p>a <img src="" alt="A graph"> b</p>').images] == [
        ("", "A graph")
    ]


def test_what_only_a_style_sets_bold_or_not_is_so() -> None:
    body = '<p><span style="font-weight: 700; font-style:italic">a</span> <b style="font-weight:normal">b</b></p>'
    assert [(span.text, span.style) for block in article(body).blocks for span in block.spans] == [
        ("a", ("strong", "em")),
        (" b", ()),
    ]
