"""A text that its archive holds no longer, as a dump again: made of the article that the index had of it.

Its body is HTML that says what the article said, for whoever reads it elsewhere. Two comments end it: the article
itself, so that parsing gives exactly that again whatever our parser has learnt since, and the trailer
(`dump.former_key`), which names the story and the dump whose text this was. Decided only here: what is believed of such
a comment. Anybody can write one, so what is not wholly an article as we make them is passed over, and the HTML is
parsed.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from datetime import datetime
from html import escape
from typing import Any, Final, get_args

from newsreader.article import Article, Block, Code, Heading, Span, Style, article_from_json, article_to_json, plain
from newsreader.dates import EPOCH
from newsreader.dump import Dump, former_key, former_trailer
from newsreader.identity import story_id

_OPENING: Final = "<!--article: "
_LARGEST: Final = 256 * 2**20  # bytes of JSON: four times the largest dump
_STYLES: Final = frozenset(get_args(Style))
_NUMBERS: Final = frozenset(("n", "level", "image", "link", "block", "revision", "revisions"))
_PERHAPS: Final = frozenset(("published", "updated", "story"))


def former_dump(article: Article, origin: str) -> Dump:
    """The dump of an article, of which `origin` is the path of the dump that held it."""
    made = None if article.updated is None else round((article.updated - EPOCH).total_seconds() * 1000)
    data = json.dumps(article_to_json(article), separators=(",", ":")).encode()
    packed = b64encode(zlib.compress(data)).decode()
    parts = [*map(_html, article.blocks), f"{_OPENING}{packed}-->", former_trailer(article.key, origin)]
    return Dump(article.title, article.url, made, "\n".join(filter(None, parts)))


def former_article(dump: Dump) -> Article | None:
    """The article that such a dump was made of, revision 1 of 1; None for any other dump."""
    key = former_key(dump.body)
    begin = dump.body.rfind(_OPENING) if key else -1
    if begin < 0:
        return None
    try:
        inflate = zlib.decompressobj()
        packed = b64decode(dump.body[begin + len(_OPENING) : dump.body.index("-->", begin)], validate=True)
        data = json.loads(inflate.decompress(packed, _LARGEST))
        article = article_from_json(data) if _is_sound(data) else None
        return article if article is not None and article.key == key and _is_whole(article) else None
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError, zlib.error):
        return None


def is_page(dump: Dump) -> bool:
    """Whether a command of the reader's made it."""
    article = former_article(dump)
    return article is not None and bool(article.made_by)


def _html(block: Block) -> str:
    text = escape(plain(block.spans), quote=False)
    tag = f"h{min(block.level, 6)}" if isinstance(block, Heading) else "pre" if isinstance(block, Code) else "p"
    return f"<{tag}>{text}</{tag}>" if text else ""


def _is_sound(value: Any, name: str = "") -> bool:
    """Whether each value is of the kind that its name has in an article's JSON."""
    match value:
        case dict():
            return all(_is_sound(inner, key) for key, inner in value.items())
        case list():
            return all(_is_sound(inner, name) for inner in value)
        case None:
            return name in _PERHAPS
        case _:
            return type(value) is (int if name in _NUMBERS else str)


def _is_moment(moment: datetime) -> bool:
    """Whether it is one in every zone; raises OverflowError where it is none in UTC."""
    return moment.tzinfo is not None and bool(moment.astimezone(EPOCH.tzinfo))


def _is_whole(article: Article) -> bool:
    """Whether all that its blocks point at is there, and nothing in it would come out otherwise."""
    links, images = range(1, len(article.links) + 1), range(1, len(article.images) + 1)
    spans: list[Span] = [span for block in article.blocks for span in block.spans]
    return (
        article.id == story_id(article.key)
        and (article.revision, article.revisions) == (1, 1)
        and all(moment is None or _is_moment(moment) for moment in (article.published, article.updated))
        and [link.n for link in article.links] == list(links)
        and [image.n for image in article.images] == list(images)
        and all(link.block is None or 0 <= link.block <= len(article.blocks) for link in article.links)
        and all((span.link is None or span.link in links) and _STYLES.issuperset(span.style) for span in spans)
        and all(getattr(block, "image", None) in (None, *images) for block in article.blocks)
        and all(getattr(block, "link", None) in (None, *links) for block in article.blocks)
    )
