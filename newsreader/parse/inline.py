"""Runs of text -> spans: white space as a browser would show it, except where Chinese would suffer.

Decided only here: where a paragraph ends at <br><br>, that the end of a source line between two wide characters is no
space (CSS Text 3, 4.1.2, segment breaks), and quotation marks. No character that is not white space is ever changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

from newsreader.article import Span, Spans, Style

# Inside pieces "\n" is a <br>; the line ends of the source are this.
SOFT = "\r"

_SPACE = re.compile(r"\s+")
_ODD = re.compile(r"\A\s|\s\Z|\s\s|[^\S ]")
_LINE_END = re.compile(r"[\r\n]+")
_PARAGRAPHS = re.compile(r"\n{2,}")


class Piece(NamedTuple):
    """A text as the tree gave it: styles, the number of its link, and the role of the element it stands in."""

    text: str
    style: tuple[Style, ...] = ()
    link: int | None = None
    role: str = ""


BREAK = Piece("\n")


_QUOTES = {
    "zh": "“”‘’", "zh-hant": "「」『』", "zh-tw": "「」『』", "zh-hk": "「」『』", "ja": "「」『』",
    "fr": "«\xa0\xa0»“”", "de": "„“‚‘", "ru": "«»„“", "uk": "«»„“", "es": "«»“”", "it": "«»“”", "pt": "«»“”",
    "pl": "„”«»", "cs": "„“‚‘", "sv": "””’’", "fi": "””’’", "da": "»«›‹", "el": "«»“”", "hu": "„”»«", "no": "«»‘’",
}  # fmt: skip


def quotation_marks(language: str, depth: int) -> tuple[str, str]:
    """The marks of a quotation in a language (BCP 47) at a depth, 1 outermost, as browsers set them."""
    language = language.lower().replace("_", "-")
    marks = _QUOTES.get(language) or _QUOTES.get(language.partition("-")[0], "“”‘’")
    half = len(marks) // 2 if len(marks) == 4 else 4
    pair = marks[:half] if depth % 2 else marks[half:]
    return pair[: len(pair) // 2], pair[len(pair) // 2 :]


def soften(text: str) -> str:
    """Source text as the text of a piece: its line ends are only soft ones."""
    return _LINE_END.sub(SOFT, text) if "\n" in text else text


def paragraphs(pieces: Sequence[Piece]) -> list[Spans]:
    """The paragraphs that pieces make: white space collapsed and trimmed, "\\n" for a single <br>, none empty."""
    if len(pieces) == 1:
        text, style, link, _ = pieces[0]
        if not _ODD.search(text):
            return [(Span(text, style, link),)] if text else []
        joined = text
    else:
        joined = "".join([piece.text for piece in pieces])
        if not _ODD.search(joined):
            return [_spans([(p.text, p.style, p.link) for p in pieces])]
    if not joined.strip():
        return []
    parts: list[list[tuple[str, tuple[Style, ...], int | None]]] = [[]]
    for text, piece in zip(_edited(joined, [len(piece.text) for piece in pieces]), pieces, strict=True):
        first, *others = _PARAGRAPHS.split(text) if "\n\n" in text else (text,)
        parts[-1].append((first, piece.style, piece.link))
        parts.extend([(other, piece.style, piece.link)] for other in others)
    return [_spans(part) for part in parts]


def lines(spans: Spans) -> list[Spans]:
    """The lines of a paragraph, as spans each, without their "\\n"."""
    found: list[list[Span]] = [[]]
    for span in spans:
        first, *others = span.text.split("\n")
        for i, text in enumerate((first, *others)):
            if i:
                found.append([])
            if text:
                found[-1].append(Span(text, span.style, span.link))
    return [tuple(line) for line in found if line]


def joined_lines(found: Sequence[Spans]) -> Spans:
    """The inverse of `lines`."""
    spans: list[Span] = []
    for i, line in enumerate(found):
        spans += (Span("\n"), *line) if i else line
    return _spans([(span.text, span.style, span.link) for span in spans])


def _edited(joined: str, lengths: Sequence[int]) -> list[str]:
    """The pieces of `joined` again after its white space was put right; what straddles two pieces goes to the first."""
    edits = [(m.start(), m.end(), _white(joined, m.start(), m.end())) for m in _SPACE.finditer(joined)]
    edits.append((len(joined), len(joined), ""))
    texts: list[str] = []
    at, end, next_edit = 0, 0, 0
    for length in lengths:
        end += length
        out: list[str] = []
        while edits[next_edit][0] < end:
            start, stop, white = edits[next_edit]
            out += (joined[at:start], white)
            at = stop
            next_edit += 1
        out.append(joined[at:end])
        at = max(at, end)
        texts.append("".join(out))
    return texts


def _white(text: str, start: int, stop: int) -> str:
    """What the white space text[start:stop] becomes."""
    if start == 0 or stop == len(text):
        return ""
    run = text[start:stop]
    if run == " ":
        return run
    if breaks := run.count("\n"):
        return "\n\n" if breaks > 1 else "\n"
    if SOFT in run:
        return "" if _joins(text[start - 1]) and _joins(text[stop]) else " "
    return "\u3000" * run.count("\u3000") or " "


def _joins(char: str) -> bool:
    """Whether a line end beside `char` is no space: wide, but not Hangul, which is written with spaces."""
    return east_asian_width(char) in "WF" and not "\uac00" <= char <= "\ud7af"


def _spans(parts: Sequence[tuple[str, tuple[Style, ...], int | None]]) -> Spans:
    """Spans of texts, neighbours of one kind joined."""
    spans: list[Span] = []
    text: list[str] = []
    kind: tuple[tuple[Style, ...], int | None] | None = None
    for part, style, link in parts:
        if not part:
            continue
        if kind != (style, link):
            if kind is not None:
                spans.append(Span("".join(text), *kind))
            text, kind = [], (style, link)
        text.append(part)
    if kind is not None:
        spans.append(Span("".join(text), *kind))
    return tuple(spans)
