"""Where in a story a query's words stand: in its blocks, to be highlighted, and in one sentence, to be shown.

Decided only here: which sentence is shown (of the block that has most of the words, one of those between OR for all of
them, the one with the first of them), and how long it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from newsreader.article import Article, Furniture, Spans, plain, unread
from newsreader.library.search.query import Node, conjuncts, texts
from newsreader.library.search.tokens import pattern
from newsreader.safety import clean_line
from newsreader.script import fold, fold_whence

TITLE: Final = -1
"""Stands for the title where a number of a block is told."""

_BEFORE: Final = 40
_LONGEST: Final = 160  # characters
_clause_end = re.compile(r"[，,、：:—]\s*|\s")
_sentence_end = re.compile(r"[。！？!?；\n]+[”」』\"’）)]*|\.(?=\s)")


class Snippet(NamedTuple):
    """A sentence, safe for a terminal, and where in it the words stand: (first character, one after the last)."""

    text: str = ""
    spans: tuple[tuple[int, int], ...] = ()


class Words:
    """What a query looks for, ready to be found in texts."""

    def __init__(self, query: Node) -> None:
        every = {leaf: pattern(leaf.row, prefix=leaf.prefix) for leaf in dict.fromkeys(texts(query))}
        self.anywhere = [one for leaf, one in every.items() if not leaf.field]
        self.in_title = list(every.values())
        either = ([every[leaf].pattern for leaf in texts(part) if not leaf.field] for part in conjuncts(query))
        self.each = [re.compile("|".join(some)) for some in either if some]

    def spans(self, text: str, *, title: bool = False) -> list[tuple[int, int]]:
        """Where the words stand in a text, in order, those that overlap as one."""
        patterns = self.in_title if title else self.anywhere
        folded = fold(text)
        found = [one for one in patterns if one.search(folded)]
        if not found:
            return []
        folded, whence = fold_whence(text)
        spans = sorted((whence[m.start()], whence[m.end() - 1] + 1) for one in found for m in one.finditer(folded))
        joined = [spans[0]]
        for start, end in spans[1:]:
            if start < joined[-1][1]:
                joined[-1] = joined[-1][0], max(end, joined[-1][1])
            else:
                joined.append((start, end))
        return joined


def searched(article: Article) -> Iterator[tuple[int, str]]:
    """The texts of a body that are searched (documents), each with the number of its block."""
    for n, block in enumerate(article.blocks):
        if not isinstance(block, Furniture) and (text := plain(block.spans)):
            yield n, text
            if (without := unread(block.spans)) != text:
                yield n, without


def matches(article: Article, words: Words) -> list[tuple[int, int, int]]:
    """Where the words stand in a story: (block, first character, one after the last), the title first as `TITLE`."""
    found = [(TITLE, start, end) for start, end in words.spans(article.title, title=True)]
    for n, text in searched(article):
        spans = words.spans(text)
        if spans and len(text) < len(plain(block := article.blocks[n].spans)):
            whence = [at for at, is_reading in enumerate(_readings(block)) if not is_reading]
            spans = [(whence[start], whence[end - 1] + 1) for start, end in spans]
        found += [(n, start, end) for start, end in spans]
    return list(dict.fromkeys(found))


def has_each(article: Article, words: Words) -> bool:
    """Whether every word stands in a story, those of its title alone not asked for; one of those between OR will do."""
    missing = words.each
    for text in chain([article.title], (text for _, text in searched(article))):
        if not missing:
            break
        folded = fold(text)
        missing = [one for one in missing if not one.search(folded)]
    return not missing


def _readings(spans: Spans) -> Iterator[bool]:
    """Of each character of a text, whether it is of a reading."""
    for span in spans:
        yield from ["ruby" in span.style] * len(span.text)


def snippet(texts: Iterable[tuple[int, str]], words: Words) -> Snippet:
    """The sentence of a story's texts that shows the words; the first one where they stand in the title only."""
    best: tuple[int, str] | None = None
    first = ""
    for _, text in texts:
        first = first or text
        if not words.each:
            break
        folded = fold(text)
        here = sum(one.search(folded) is not None for one in words.each)
        if here and (best is None or here > best[0]):
            best = here, text
            if here == len(words.each):
                break
    if best is None:
        return _shown(first, [(0, 0)])
    return _shown(best[1], words.spans(best[1]))


def _shown(text: str, spans: Sequence[tuple[int, int]]) -> Snippet:
    """The sentence round the first span, cut to length."""
    if not text:
        return Snippet()
    at, end_of_match = spans[0]
    begin, end = 0, len(text)
    for stop in _sentence_end.finditer(text):
        if stop.end() <= at:
            begin = stop.end()
        elif stop.end() >= end_of_match:
            end = stop.end()
            break
    start = begin
    if at - begin > _BEFORE:
        clause = _clause_end.search(text, at - _BEFORE, at)
        start = clause.end() if clause else at - _BEFORE
    stop_at = min(end, start + _LONGEST)
    inside = [(max(a, start), min(b, stop_at)) for a, b in spans if a < stop_at and b > start and b > a]
    return _cleaned(text[start:stop_at], [(a - start, b - start) for a, b in inside], start > begin, stop_at < end)


def _cleaned(text: str, spans: Sequence[tuple[int, int]], cut: bool = False, cut_after: bool = False) -> Snippet:
    """A text made safe piece by piece, so that the spans still stand where they stood."""
    out = "…" if cut else ""
    kept = []
    at = 0
    for start, end in [*spans, (len(text), len(text))]:
        for piece, is_match in ((text[at:start], False), (text[start:end], True)):
            shown = clean_line(piece)
            if not shown:
                continue
            if (piece[0].isspace() or (out and at and text[at - 1 : at].isspace())) and out and out[-1] != " ":
                out += " "
            if is_match:
                kept.append((len(out), len(out) + len(shown)))
            out += shown
            if piece[-1].isspace():
                out += " "
        at = end
    whole = out.rstrip() + ("…" if cut_after else "")
    return Snippet(whole, tuple(kept)) if clean_line(whole) == whole else Snippet(clean_line(whole))
