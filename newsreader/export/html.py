"""An article as HTML: the same blocks and spans, every text escaped, every address checked.

Decided only here: which elements a block becomes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from newsreader.article import (
    Article,
    Block,
    Caption,
    Code,
    Credit,
    Furniture,
    Heading,
    ImageBlock,
    ListItem,
    Media,
    Paragraph,
    Quote,
    Rule,
    Spans,
    Style,
    Table,
)
from newsreader.export.parts import address, together
from newsreader.pictures import embedded
from newsreader.safety import clean

TAGS: dict[Style, str] = {
    "strong": "strong",
    "em": "em",
    "code": "code",
    "underline": "u",
    "strike": "s",
    "sup": "sup",
    "sub": "sub",
    "mark": "mark",
    "small": "small",
}

_CSS = re.compile(r"[^\w.()、-]")

OPENING = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>body{{max-width:42em;margin:auto;padding:1em;line-height:1.6}}img{{max-width:100%}}pre{{overflow:auto}}</style>
</head>
<body>
"""
CLOSING = "</body>\n</html>\n"


def opening(title: str) -> str:
    """The beginning of a document."""
    return OPENING.format(title=_text(title))


def article_html(article: Article, when: str) -> str:
    """The article as one <article> element; `when` is its time as text."""
    title = _text(article.title)
    url = escape(address(article.url))
    heading = f'<a href="{url}">{title}</a>' if url else title
    parts = [_text(article.source), _text(article.byline)]
    if article.published is not None:
        parts.append(f'<time datetime="{_text(article.published.isoformat())}">{_text(when)}</time>')
    language = f' lang="{_text(article.language)}"' if article.language else ""
    lines = [f'<article id="{_text(article.id)}"{language}>', f"<h1>{heading}</h1>"]
    lines.append(f"<p>{' · '.join(part for part in parts if part)}</p>")
    lines += _Body(article).lines()
    lines.append("</article>\n")
    return "\n".join(lines)


class _Body:
    """The blocks of one article."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.links = {link.n: url for link in article.links if (url := escape(address(link.url)))}
        self.images = {image.n: image for image in article.images}

    def lines(self) -> Iterator[str]:
        for blocks in together(self.article.blocks):
            match blocks[0]:
                case ListItem() | Quote():
                    yield from self._nested(blocks)
                case ImageBlock() as image:
                    yield self._figure(image, blocks[1:])
                case block:
                    yield self._one(block)

    def _one(self, block: Block) -> str:
        match block:
            case Heading(spans, level):
                tag = f"h{min(max(level, 1) + 1, 6)}"
                return f"<{tag}>{self._spans(spans)}</{tag}>"
            case Paragraph(spans, kind):
                return f'<p class="lead">{self._spans(spans)}</p>' if kind == "lead" else f"<p>{self._spans(spans)}</p>"
            case Code(spans, language):
                name = f' class="language-{_text(language)}"' if language else ""
                return f"<pre><code{name}>{self._spans(spans, code=True)}</code></pre>"
            case Table():
                return self._table(block)
            case Rule():
                return "<hr>"
            case Media(spans, link, kind):
                inner = self._spans(spans)
                url = self.links.get(link or 0)
                if url and not any(span.link for span in spans):
                    inner = f'<a href="{url}">{inner or url}</a>'
                return f'<p class="{_text(kind)}">{inner}</p>'
            case Furniture(spans, kind):
                return f'<aside class="{_text(kind)}">{self._spans(spans)}</aside>'
            case Caption(spans) | Credit(spans):
                return f'<p class="{block.type}">{self._spans(spans)}</p>'
        raise TypeError(block)

    def _figure(self, block: ImageBlock, below: Sequence[Block]) -> str:
        image = self.images.get(block.image)
        held = embedded(image.url) if image else None
        url = held.url if held else escape(address(image.url)) if image else ""
        picture = f'<img src="{url}" alt="{_text(image.alt)}" loading="lazy">' if image and url else ""
        captions = "".join(f'<figcaption class="{part.type}">{self._spans(part.spans)}</figcaption>' for part in below)
        return f"<figure>{picture}{captions}</figure>"

    def _table(self, table: Table) -> str:
        rows = []
        for n, row in enumerate(table.cells):
            tag = "th" if table.header and not n else "td"
            rows.append("<tr>" + "".join(f"<{tag}>{self._spans(cell)}</{tag}>" for cell in row) + "</tr>")
        return "<table>\n" + "\n".join(rows) + "\n</table>"

    def _nested(self, blocks: Sequence[Block]) -> Iterator[str]:
        """List items or quotes of several depths, as elements in each other; at most 20 deep, as browsers bear it."""
        open_tags: list[str] = []
        for block in blocks:
            assert isinstance(block, (ListItem, Quote))
            tag = "blockquote" if isinstance(block, Quote) else "ol" if block.kind == "number" else "ul"
            level = min(max(block.level, 1), 20)
            continued = isinstance(block, ListItem) and block.kind == "continued"
            while len(open_tags) > level or (
                len(open_tags) == level and open_tags[-1] != tag and not (continued and open_tags[-1] == "ol")
            ):
                yield f"</{open_tags.pop()}>"
            while len(open_tags) < level:
                open_tags.append(tag)
                yield f"<{tag}>"
            yield self._item(block)
        yield from (f"</{tag}>" for tag in reversed(open_tags))

    def _item(self, block: ListItem | Quote) -> str:
        inner = self._spans(block.spans)
        if isinstance(block, Quote):
            return f"<p>{inner}</p>"
        if block.kind == "continued":
            return f'<li style="list-style:none">{inner}</li>'
        number = f' value="{block.n}"' if block.kind == "number" and block.n is not None else ""
        if block.marker:
            number += f' style="list-style-type:&quot;{_CSS.sub("", _text(block.marker))} &quot;"'
        return f"<li{number}>{inner}</li>"

    def _spans(self, spans: Spans, *, code: bool = False) -> str:
        parts = []
        for span in spans:
            inner = _text(span.text.expandtabs(8), newlines=True)
            if not code:
                inner = inner.replace("\n", "<br>")
            for style in reversed(span.style):
                tag = TAGS.get(style)
                inner = f"<{tag}>{inner}</{tag}>" if tag else f"({inner})"  # a reading
            url = self.links.get(span.link or 0)
            parts.append(f'<a href="{url}">{inner}</a>' if url else inner)
        return "".join(parts)


def _text(text: str, *, newlines: bool = False) -> str:
    return escape(clean(text, newlines=newlines))
