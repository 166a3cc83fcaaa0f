"""What the index of words takes of a story, and whether two stories are alike: the work that workers do.

Decided only here: what of a story is searched (its title and every block but furniture), under which marks its fields
stand, and which few pieces of a text, chosen by their first character, lead to others that may be alike. Two texts are
alike if half of the shorter one stands word for word in the longer one, which is not five times as long, or of one
source not twice, and their titles share a telling word, or nearly all of both is the same: what only quotes the same
agency, or carries the same appendix, is another story.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from zlib import crc32

from newsreader.library.record import texts_in, unpacked
from newsreader.library.search.related import telling_terms
from newsreader.library.search.sounds import sound_tokens
from newsreader.library.search.tokens import BETWEEN, indexed, tokens, written
from newsreader.safety import clean_line
from newsreader.script import fold

MARKS: Final = {
    **{"source": "\ue010", "topic": "\ue011", "author": "\ue012", "lang": "\ue013", "has": "\ue014"},
    **{"former": "\ue016", "appendix": "\ue017"},
}
"""What stands before each token of a field: private characters, of which no text that is searched has any. The last
two, former titles and appendices, are no fields of queries, but of lower tiers (tiers)."""

ANY: Final = "\ue015"
"""A token of every story."""

_PIECE: Final = 10  # characters
_ONE_IN, _REMAINDER = 29, 3
_MOST_SAMPLES: Final = 32
_SHORTEST: Final = 80  # characters; below that, everything is alike
_LONG: Final = 40  # characters of a block that may be an appendix
_CONTAINED, _SHARED, _THE_SAME = 0.5, 0.2, 0.8
_not_bare = re.compile(r"[\W_]+")


class Packed(NamedTuple):
    """A story as the index has it: the names of its sources, a line each, its newest revision, what commands made of
    it, and its former revisions."""

    sources: str
    body: bytes
    pages: tuple[bytes, ...] = ()
    former: tuple[bytes, ...] = ()


class Pair(NamedTuple):
    """Two stories that may be alike, as the index has them."""

    one: bytes
    other: bytes


class Document(NamedTuple):
    """What the index of words takes of a story: tokens of its title, of each text of its body and of its fields; how
    the title sounds (sounds.sound_tokens); the hashes of its samples, and of its long blocks in each of its sources,
    with the number of the block and of the text."""

    title: str = ""
    body: tuple[str, ...] = ()
    fields: str = ANY
    syllables: str = ""
    initials: str = ""
    samples: tuple[int, ...] = ()
    blocks: tuple[tuple[int, int, int], ...] = ()


def answer(task: Packed | Pair) -> Document | bool:
    """What a worker makes of a task: the document of a story, or whether two are the same one."""
    return document(task) if isinstance(task, Packed) else are_alike(task)


def document(story: Packed) -> Document:
    """The document of a story."""
    data = unpacked(story.body)
    sources = story.sources.split("\n")
    numbered = [(number, fold(text)) for number, text in _searched(data)]
    body = [text for _, text in numbered]
    bare = [_not_bare.sub("", text) for text in body]
    syllables, initials = sound_tokens(clean_line(data["title"]))
    pages = [fold(text) for page in story.pages for _, text in _searched(unpacked(page))]
    return Document(
        title=indexed(fold(data["title"])),
        body=tuple(map(indexed, body + pages)),
        fields=_fields(data, sources, story.former),
        syllables=syllables,
        initials=initials,
        samples=tuple(_samples("".join(bare))),
        blocks=tuple(
            (_block_hash(source, text), number, n)
            for n, (number, _) in enumerate(numbered)
            if len(text := bare[n]) >= _LONG
            for source in sources
        ),
    )


def _block_hash(source: str, bare: str) -> int:
    digest = blake2b(f"{source}\n{bare}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def are_alike(pair: Pair) -> bool:
    """Whether two stories are the same one."""
    one, other = map(unpacked, pair)
    bare = [_not_bare.sub("", fold("".join(text for _, text in texts_in(data)))) for data in (one, other)]
    if bare[0] == bare[1]:
        return True
    ours, theirs = map(_pieces, bare)
    common = len(ours & theirs)
    every = len(ours) + len(theirs) - common
    if common >= _THE_SAME * every:
        return True
    least = _CONTAINED if one["source"] == other["source"] else _SHARED
    if common < _CONTAINED * min(len(ours), len(theirs)) or common < least * every:
        return False
    return bool(telling_terms(one["title"]) & telling_terms(other["title"]))


def _searched(data: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """The texts of a body, each with the number of its block: where readings stand between the characters, also without
    these, so that a word is found across them."""
    for n, text in texts_in(data):
        yield n, text
        spans = data["blocks"][n].get("spans", ())
        if any("ruby" in span["style"] for span in spans):
            yield n, "".join(span["text"] for span in spans if "ruby" not in span["style"])


def _fields(data: dict[str, Any], sources: Sequence[str], former: Sequence[bytes]) -> str:
    named = [*_named(data, sources), *(("former", title) for title in _former_titles(data, former))]
    return BETWEEN.join([ANY, *filter(None, (written(tokens(text), MARKS[field]) for field, text in named))])


def _former_titles(data: dict[str, Any], former: Sequence[bytes]) -> set[str]:
    return {unpacked(body)["title"] for body in former} - {data["title"]}


def _named(data: dict[str, Any], sources: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every field of a story that a query can ask for, and what stands in it. A source is known by its address too."""
    for source in sources:
        yield "source", source
    if host := _host(data["url"]):
        yield "source", host
    for topic in data["topics"]:
        yield "topic", topic["name"]
    yield "author", data["byline"]
    yield "lang", data["language"]
    if data["images"]:
        yield "has", "image"
    if any(link["kind"] != "media" for link in data["links"]):
        yield "has", "link"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _samples(bare: str) -> Iterable[int]:
    """The hashes of some pieces of a text's letters and digits."""
    if len(bare) < _SHORTEST:
        return ()
    pieces = set()
    for char in set(bare):
        if ord(char) % _ONE_IN == _REMAINDER:
            at = bare.find(char)
            while 0 <= at <= len(bare) - _PIECE:
                pieces.add(bare[at : at + _PIECE])
                at = bare.find(char, at + 1)
    return sorted({crc32(piece.encode("utf-8", "replace")) for piece in pieces})[:_MOST_SAMPLES]


def _pieces(bare: str) -> set[str]:
    return {bare[n : n + _PIECE] for n in range(len(bare) - _PIECE + 1)}
