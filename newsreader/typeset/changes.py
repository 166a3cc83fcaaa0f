"""What changed between two revisions of an article, as an article that can be typeset.

Decided only here: that a Han, kana or Hangul character is compared by itself and any other word as a whole, and how
insertions and deletions are written: {+so+} and [-so-], as wdiff does, underlined and struck through, so that they are
told without colour too. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple, TypeAlias

from newsreader.article import Article, Block, ImageBlock, Paragraph, Rule, Span, Style, Table, plain

Kind: TypeAlias = Literal["same", "inserted", "deleted"]

_TOKEN: Final = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U000323af]|[^\W\u3040-\uffff]+|\s+|.", re.DOTALL
)
_MOST_TOKENS: Final = 4000
"""Texts with more tokens are compared by their beginning and end only: matching costs the product of both."""

_STYLES: Final[dict[Kind, Style]] = {"inserted": "underline", "deleted": "strike"}
_SIGNS: Final[dict[Kind, tuple[str, str]]] = {"inserted": ("{+", "+}"), "deleted": ("[-", "-]")}

_FIXED: Final = (Table, ImageBlock, Rule)
"""Blocks that are never changed in themselves, only put in the place of others."""

_ALIKE: Final = 0.4
"""Two paragraphs with less in common are two, not one that was changed."""


class Piece(NamedTuple):
    """A part of two texts: of both, or of one of them."""

    kind: Kind
    text: str


def differences(old: str, new: str) -> list[Piece]:
    """The pieces of two texts: the same and deleted ones make the old text, the same and inserted ones the new."""
    if old == new:
        return [Piece("same", old)] if old else []
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    head = _shared(before, after)
    tail = _shared(before[head:][::-1], after[head:][::-1])
    pieces = [Piece("same", "".join(before[:head]))]
    middle = before[head : len(before) - tail], after[head : len(after) - tail]
    if len(middle[0]) + len(middle[1]) > _MOST_TOKENS:
        pieces += [Piece("deleted", "".join(middle[0])), Piece("inserted", "".join(middle[1]))]
    else:
        for _, a, b, c, d in SequenceMatcher(None, *middle, autojunk=False).get_opcodes():
            removed, added = "".join(middle[0][a:b]), "".join(middle[1][c:d])
            pieces += (
                [Piece("same", removed)]
                if removed == added
                else [
                    Piece("deleted", removed),
                    Piece("inserted", added),
                ]
            )
    pieces.append(Piece("same", "".join(before[len(before) - tail :])))
    return [piece for piece in pieces if piece.text]


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many tokens both begin with."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


class Changes(NamedTuple):
    """An article in which its changes are written, and how many characters, white space not counted, they are."""

    article: Article
    inserted: int
    deleted: int


def changed(old: Article, new: Article) -> Changes:
    """The newer article with what was inserted and deleted written into its headline and blocks; blocks that are gone
    stand where they stood."""
    return _Merging().article(old, new)


class _Merging:
    """One comparison."""

    def __init__(self) -> None:
        self._counts: Counter[Kind] = Counter()

    def article(self, old: Article, new: Article) -> Changes:
        title = "".join(self._written(piece) for piece in differences(old.title, new.title))
        blocks: list[Block] = []
        before, after = list(old.blocks), list(new.blocks)
        texts = [_text(block) for block in before], [_text(block) for block in after]
        for tag, a, b, c, d in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
            blocks += after[c:d] if tag == "equal" else self._aligned(before[a:b], after[c:d])
        article = replace(new, title=title, blocks=tuple(blocks))
        return Changes(article, self._counts["inserted"], self._counts["deleted"])

    def _aligned(self, before: list[Block], after: list[Block]) -> Iterator[Block]:
        """Blocks in whose place others stand: each with the first later one that it is alike, the rest deleted or
        new."""
        at = 0
        for block in before:
            match = next((n for n in range(at, len(after)) if _alike(block, after[n])), None)
            if match is None:
                yield from self._whole(block, "deleted")
                continue
            for added in after[at:match]:
                yield from self._whole(added, "inserted")
            yield self._merged(block, after[match])
            at = match + 1
        for added in after[at:]:
            yield from self._whole(added, "inserted")

    def _merged(self, old: Block, new: Block) -> Block:
        """A block with what was changed in it; one of _FIXED is never alike another."""
        assert not isinstance(new, _FIXED)
        spans: list[Span] = []
        at = 0  # characters of the new block's text
        for piece in differences(_text(old), _text(new)):
            if piece.kind == "deleted":
                spans += self._marked([Span(piece.text)], "deleted")
                continue
            part = _cut(new.spans, at, at + len(piece.text))
            at += len(piece.text)
            spans += part if piece.kind == "same" else self._marked(part, "inserted")
        return replace(new, spans=tuple(spans))

    def _whole(self, block: Block, kind: Kind) -> Iterator[Block]:
        if isinstance(block, (ImageBlock, Rule)):
            if kind == "inserted":
                yield block
        elif isinstance(block, Table) or kind == "deleted":  # its links are not those of the newer article
            yield Paragraph(tuple(self._marked([Span(_text(block))], kind)))
        else:
            yield replace(block, spans=tuple(self._marked(block.spans, kind)))

    def _marked(self, spans: Sequence[Span], kind: Kind) -> list[Span]:
        if not spans:
            return []
        self._counts[kind] += len("".join(plain(spans).split()))
        style = _STYLES[kind]
        opening, closing = _SIGNS[kind]
        marked = [replace(span, style=(*span.style, style)) for span in spans]
        return [Span(opening, (style,)), *marked, Span(closing, (style,))]

    def _written(self, piece: Piece) -> str:
        if piece.kind == "same":
            return piece.text
        return plain(self._marked([Span(piece.text)], piece.kind))


def _alike(one: Block, other: Block) -> bool:
    if one.type != other.type or isinstance(one, _FIXED):
        return False
    a, b = _TOKEN.findall(_text(one))[:_MOST_TOKENS], _TOKEN.findall(_text(other))[:_MOST_TOKENS]
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _text(block: Block) -> str:
    return plain(block.spans)


def _cut(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """The part of spans between two characters."""
    parts = []
    at = 0
    for span in spans:
        text = span.text[max(start - at, 0) : max(end - at, 0)]
        if text:
            parts.append(replace(span, text=text))
        at += len(span.text)
    return parts
