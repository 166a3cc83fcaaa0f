"""An article in another script.

Decided only here: that a block is turned as a whole, as words go on across its spans.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from newsreader.article import Article, Block, Code, ImageBlock, Rule, Span, Spans, Table, plain


def converted(article: Article, convert: Callable[[str], str]) -> Article:
    """The article with its texts turned by `convert`, which keeps their lengths. One in Japanese or Korean stays."""
    if article.language in ("ja", "ko"):
        return article
    return replace(
        article,
        title=convert(article.title),
        byline=convert(article.byline),
        blocks=tuple(_block(block, convert) for block in article.blocks),
        images=tuple(
            replace(image, alt=convert(image.alt), caption=convert(image.caption), credit=convert(image.credit))
            for image in article.images
        ),
    )


def _block(block: Block, convert: Callable[[str], str]) -> Block:
    match block:
        case Table():
            return replace(block, cells=tuple(tuple(_spans(cell, convert) for cell in row) for row in block.cells))
        case Code() | ImageBlock() | Rule():
            return block
        case _:
            return replace(block, spans=_spans(block.spans, convert))


def _spans(spans: Spans, convert: Callable[[str], str]) -> Spans:
    text = convert(plain(spans))
    turned: list[Span] = []
    at = 0
    for span in spans:
        turned.append(replace(span, text=text[at : at + len(span.text)]))
        at += len(span.text)
    return tuple(turned)
