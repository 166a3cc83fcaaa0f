"""The pieces of a query: words, phrases and what is an operator, and where each stands.

Decided only here: what is read as an operator. A headline is a query that finds its story, so whatever can be no
operator is a character: a minus excludes only right before a word, a quote or parenthesis without partner is a sign, OR
without something on either side a word, and a colon makes a field only between the name of one and its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from newsreader.library.search.query_dates import interval
from newsreader.script import fold

FIELDS: Final = ("title", "source", "topic", "author", "tag", "lang", "date", "length", "is", "has")


class Piece(NamedTuple):
    """A word of a query: `kind` "(", ")", "-", "or", "and", "word", "phrase"; where it begins and ends; `field` is what
    stands before its colon."""

    kind: str
    text: str
    at: int
    end: int
    field: str = ""


_QUOTES: Final = {'"': '"', "“": "”", "”": "”", "＂": "＂", "「": "」", "『": "』"}
_OPEN, _CLOSE = "(（", ")）"
_MOST_WORDS_OF_A_DATE: Final = 7
_space = re.compile(r"\s+")
_field = re.compile(r"([A-Za-zＡ-Ｚａ-ｚ]+)[:：](?!//)")
_word = re.compile(r"[^\s()（）\"“”＂「『]+")
_words = re.compile(r"[^\s()（）]+")
_OPERATORS: Final = {"OR": "or", "或": "or", "AND": "and", "NOT": "-", "不含": "-"}
_BEFORE, _AFTER = ("word", "phrase", ")"), ("word", "phrase", "(", "-")
"""What OR and AND may stand after, and what they and NOT may stand before."""


def operators(query: str) -> list[tuple[int, int]]:
    """Where in a query what is read as an operator stands, in order: (first character, one after the last)."""
    found: list[tuple[int, int]] = []
    for piece in pieces(query):
        begin = piece.at
        if piece.field:
            begin += len(piece.field) + 1
            found.append((piece.at, begin))
        if piece.kind == "phrase":
            found += [(begin, begin + 1), (piece.end - 1, piece.end)]
        elif piece.kind != "word":
            found.append((begin, piece.end))
        elif piece.text[-1:] in "*＊" and len(piece.text) > 1:
            found.append((piece.end - 1, piece.end))
    return found


def literal(query: str) -> str:
    """The query that looks for the same words without any operator; the same query if it has none."""
    found = operators(query)
    words = []
    for word in re.finditer(r"\S+", query):
        if any(start < word.end() and end > word.start() for start, end in found):
            bare = "".join(char for char in word[0] if char not in _QUOTES and char not in _QUOTES.values())
            words.append(f'"{bare}"' if any(map(str.isalnum, bare)) else "")
        else:
            words.append(word[0])
    return " ".join(filter(None, words)) if found else query


def pieces(query: str) -> list[Piece]:
    """The words of a query; what can be no operator where it stands is a word."""
    raw = list(_raw(query))
    opened: list[int] = []
    paired: set[int] = set()
    for n, piece in enumerate(raw):
        if piece.kind == "(":
            opened.append(n)
        elif piece.kind == ")" and opened:
            if opened[-1] < n - 1:
                paired |= {opened[-1], n}
            opened.pop()
    told = [
        piece._replace(kind="word") if piece.kind in ("(", ")") and n not in paired else piece
        for n, piece in enumerate(raw)
    ]
    for n, piece in enumerate(told):
        before, after = (told[n - 1].kind if n else ""), (told[n + 1].kind if n + 1 < len(told) else "")
        lacks_left = piece.kind in ("or", "and") and before not in _BEFORE
        lacks_right = piece.kind in ("or", "and", "-") and after not in _AFTER
        if lacks_left or lacks_right or (piece.kind == after == "-"):
            told[n] = piece._replace(kind="word")
    return told


def _raw(query: str) -> Iterator[Piece]:
    at = 0
    while at < len(query):
        if blank := _space.match(query, at):
            at = blank.end()
        elif query[at] in _OPEN + _CLOSE:
            yield Piece("(" if query[at] in _OPEN else ")", query[at], at, at + 1)
            at += 1
        elif _excludes(query, at):
            yield Piece("-", query[at], at, at + 1)
            at += 1
        else:
            piece = _one_piece(query, at)
            yield piece
            at = piece.end


def _one_piece(query: str, start: int) -> Piece:
    """The word, phrase or value of a field that begins somewhere."""
    at, field = start, ""
    named = _field.match(query, at)
    if named and fold(named[1]) in FIELDS and not query[named.end() : named.end() + 1].isspace():
        field, at = named[1], named.end()
    if fold(field) == "date" and (end := _end_of_date(query, at)):
        return Piece("word", query[at:end], start, end, field)
    quote = query[at] if at < len(query) and query[at] in _QUOTES else ""
    end = query.find(_QUOTES[quote], at + 1) if quote else -1
    if end >= 0:
        return Piece("phrase", query[at + 1 : end], start, end + 1, field)
    found = _word.match(query, at + len(quote))
    word = quote + (found[0] if found else "")
    shouted = word == "NOT" and query.replace(word, "").isupper()  # a headline in capitals
    kind = "word" if field or shouted else _OPERATORS.get(word.translate(_NARROW), "word")
    return Piece(kind, word, start, at + len(word), field)


_NARROW: Final = {n: n - 0xFEE0 for n in range(0xFF21, 0xFF3B)}


def _end_of_date(query: str, at: int) -> int:
    """Where a date of several words ends, 0 if there is none."""
    ends: list[int] = []
    while len(ends) < _MOST_WORDS_OF_A_DATE and (word := _words.match(query, at if not ends else ends[-1] + 1)):
        ends.append(word.end())
    spans = (end for end in reversed(ends[1:]) if interval(query[at:end], _SOME_DAY, UTC) is not None)
    return next(spans, 0)


_SOME_DAY: Final = datetime(2000, 2, 2, tzinfo=UTC)


def _excludes(query: str, at: int) -> bool:
    """Whether a minus stands there that begins a word: after a blank, a bracket or nothing, and before something."""
    before, after = query[at - 1 : at], query[at + 1 : at + 2]
    begins = not before or before.isspace() or before in _OPEN + _CLOSE
    return query[at] in "-－" and begins and bool(after) and not after.isspace() and after not in _CLOSE


# --- completing ---------------------------------------------------------------------------------------------------


class Open(NamedTuple):
    """The word of a query that is being typed: where it begins, the field it is a value of ("": none yet, the names of
    fields fit as well), and what stands of it."""

    start: int
    field: str
    typed: str


def being_typed(query: str, position: int) -> Open:
    """The word that ends at a position."""
    start = position
    head = query[:position]
    quoted = re.search(r"[A-Za-z]+[:：][\"“「][^\"”」]*$", head)
    if quoted:
        start = quoted.start()
    else:
        while start and not query[start - 1].isspace() and query[start - 1] not in _OPEN:
            start -= 1
    if start < position and query[start] in "-－":
        start += 1
    named = _field.match(query[:position], start)
    if named and fold(named[1]) in FIELDS:
        return Open(named.end(), fold(named[1]), query[named.end() : position].lstrip('"“「'))
    return Open(start, "", query[start:position])
