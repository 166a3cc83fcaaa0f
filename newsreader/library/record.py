"""An article as the index stores it.

Decided only here: what of an article makes its row of the list, and what counts as a change of its text (`edition`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from newsreader.library.date_only import moment_in
from newsreader.library.db import sid
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from newsreader.article import Article

# What every article's JSON is made of, the commonest last, as zlib wants it. Part of the index's version.
_DICTIONARY = (
    '"precision":"date","updated":null,"lead":"","links":[],"images":[],"warnings":[],"topics":[{"id":"","name":""}],'
    '"kind":"bullet","level":1,"n":1,"kind":"web","story":null},{"type":"quote","text":"{"type":"list_item","text":"'
    '{"type":"credit","text":"","image":1},"code"{"type":"furniture","text":"","kind":"copyright"},"kind":"byline"'
    '"kind":"repeated-caption""kind":"feed-footer""kind":"share""kind":"related""kind":"boilerplate""kind":"lead"'
    '"spans":[{"text":"","style":["strong"]},{"text":"","style":[],"link":1},{"text":"","style":["em"]}]'
    '","language":"en","language":"zh-Hant","language":"zh-Hans","topics":[],"blocks":[{"type":"heading","text":"'
    '"links":[{"n":1,"url":"https://www.","text":"","kind":"web","story":null}],"images":[{"n":1,"url":"https://",'
    '"alt":"","caption":"","credit":""}],"revision":1,"revisions":1,"warnings":[]}{"type":"image","text":"","image":1},'
    '{"type":"caption","text":"","image":1},{"type":"paragraph","text":"{"id":"","key":"dw:","url":"https://www.","title":"'
    '","source":"","published":"20","precision":"time","updated":"20","byline":"","language":"'
).encode("ascii")


FORMER, PAGE = 1, 2
"""Its archive holds it no longer; a command of the reader's made it of the story."""


class Record(NamedTuple):
    """One article, ready for the index. `story`: the id as a number; `time`, `made`: milliseconds UTC, when it was
    published, else updated, and when this revision was made (0: not known); `published`: RFC 3339; `exact`: the hour of
    it is known; `length`: characters to read, a word of a spaced script counted as two; `title_key`: script.sort_key;
    `edition`: `made`, a colon, a hash of headline and text; `warnings`: JSON; `former`: what of the source's own text
    it is no longer (FORMER, PAGE), 0 for what is. What differs where another source has the same dump is no part of
    it."""

    story: int
    key: str
    title: str
    url: str
    time: int
    published: str | None
    exact: bool
    made: int
    length: int
    title_key: bytes
    edition: str
    topics: tuple[str, ...]
    warnings: str | None
    body: bytes
    former: int = 0


def record(article: Article, *, former: bool = False) -> Record:
    """The record of an article."""
    import json
    from dataclasses import replace

    from newsreader.script import sort_key  # whoever only reads the index does without

    made = milliseconds(article.updated or article.published)
    return Record(
        story=sid(article.id),
        key=storable(article.key),
        title=clean_line(article.title),
        url=storable(article.url),
        time=milliseconds(article.published or article.updated),
        published=None if article.published is None else article.published.isoformat(),
        exact=article.precision == "time",
        made=made,
        length=_length(article),
        title_key=sort_key(article.title),
        edition=f"{made}:{_text_hash(article)}",
        topics=tuple(dict.fromkeys(name for topic in article.topics if (name := clean_line(topic.name)))),
        warnings=json.dumps([[w.code, w.detail] for w in article.warnings]) if article.warnings else None,
        body=pack(article if former else replace(article, source="")),
        former=PAGE if former and article.made_by else FORMER if former else 0,
    )


def row_time(made: Record, zone: tzinfo) -> int:
    """What the row of a record is ordered by where days are those of a zone: milliseconds UTC."""
    if made.exact or made.published is None:
        return made.time
    return milliseconds(moment_in(datetime.fromisoformat(made.published).date(), zone))


def pack(article: Article) -> bytes:
    """The article, compressed."""
    import json
    import zlib

    from newsreader.article import article_to_json

    text = json.dumps(article_to_json(article), ensure_ascii=False, separators=(",", ":"))
    deflate = zlib.compressobj(6, zdict=_DICTIONARY)
    return deflate.compress(text.encode("utf-8", "surrogatepass")) + deflate.flush()


def unpack(body: bytes, source: str = "") -> Article:
    """The article of a packed body, which comes from `source` unless it says so itself: a former text does."""
    from newsreader.article import article_from_json

    data = unpacked(body)
    return article_from_json(data | {"source": data["source"] or source})


def texts_of(body: bytes) -> tuple[str, list[tuple[int, str]]]:
    """The title of a packed article, and the text of every block but furniture with the block's number: what `unpack`
    would give, in a third of the time."""
    data = unpacked(body)
    return data["title"], texts_in(data)


def texts_in(data: dict[str, Any]) -> list[tuple[int, str]]:
    """The text of every block of an article's JSON but furniture, with the block's number."""
    blocks = enumerate(data["blocks"])
    return [(n, block["text"]) for n, block in blocks if block["type"] != "furniture" and block["text"]]


def unpacked(body: bytes) -> dict[str, Any]:
    """A packed article as JSON."""
    import json
    import zlib

    try:
        inflate = zlib.decompressobj(zdict=_DICTIONARY)
        text = inflate.decompress(body) + inflate.flush()
        data: dict[str, Any] = json.loads(text.decode("utf-8", "surrogatepass"))
    except (zlib.error, ValueError, TypeError) as error:
        raise apsw.CorruptError(f"an article cannot be unpacked: {error}") from error
    return data


def content_hash(data: bytes) -> bytes:
    """What tells two dumps apart: 16 bytes."""
    from hashlib import blake2b

    return blake2b(data, digest_size=16).digest()


def text_of(edition: str) -> str:
    """What two editions of the same headline and text have in common, whenever they were made."""
    return edition.partition(":")[2]


def storable(text: str) -> str:
    """Text as SQLite takes it: lone surrogates made visible."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(moment: datetime | None) -> int:
    """Whole milliseconds since 1970, UTC; 0 for none."""
    return 0 if moment is None else (moment - _EPOCH) // _MILLISECOND


def _length(article: Article) -> int:
    from newsreader.script import load_of

    characters, words = load_of(article)
    return characters + 2 * words


def _text_hash(article: Article) -> str:
    from hashlib import blake2b

    from newsreader.article import Furniture, plain

    digest = blake2b(article.title.encode("utf-8", "surrogatepass"), digest_size=6)
    for block in article.blocks:
        if not isinstance(block, Furniture):
            digest.update(b"\0" + plain(block.spans).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
