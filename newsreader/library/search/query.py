"""The language of searches: text -> what is looked for, or what is wrong with the text and where.

    harbour 海港              both; a Han word of any length, a whole Latin word, a* all words that begin so
    "the night ferry"        these words next to each other; “ ” and 「 」 as well
    -fog · a OR b · ( )      without, also NOT and 不含; either, also 或; together
    title: source: topic: author: lang: tag:         what stands there
    date:2025-02  date:>=2025-02-01  date:2024..2025-03  date:昨天  date:7d     see query_dates
    length:>2000  length:<500  length:500..2000          characters
    is:unread is:read is:starred is:changed is:tagged    has:image has:link

Decided only here: the grammar, and its errors, BadQuery with one of `FAULTS`; which fields there are. A headline is a
query that finds its story, so whatever can be no operator is a character: a minus excludes only right before a word,
a quote or parenthesis without partner is a sign, OR without something on either side a word, and a colon makes a field
only between the name of one and its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple, TypeAlias

from newsreader.errors import BadQuery
from newsreader.library.search.query_dates import interval
from newsreader.library.search.tokens import is_word, tokens
from newsreader.script import fold

FIELDS: Final = ("title", "source", "topic", "author", "tag", "lang", "date", "length", "is", "has")
IS: Final = ("unread", "read", "starred", "changed", "tagged")
HAS: Final = ("image", "link")
DATES: Final = ("today", "yesterday", "last week", "last month", "7d", "30d")
LENGTHS: Final = (">2000", "<500", "500..2000")

FAULTS: Final = (*("empty-field", "bad-date", "bad-length", "bad-is", "bad-has", "nothing-to-find", "too-long"),)

_MOST_TERMS: Final = 64
_MOST_TOKENS: Final = 400
"""Of one phrase."""
_DEEPEST: Final = 24


@dataclass(frozen=True, slots=True)
class Text:
    """A row of tokens in the title or body, or in a field; `prefix`: the last may be the beginning of a word; `typed`:
    the letters of a word that may be pinyin, with "'" where a syllable ends for certain; `quoted`: just this."""

    row: tuple[str, ...]
    prefix: bool = False
    field: str = ""
    typed: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Is:
    """A mark, of `IS`."""

    what: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, folded."""

    name: str


@dataclass(frozen=True, slots=True)
class Dates:
    """A time, milliseconds UTC: from `since` to before `until`."""

    since: int | None
    until: int | None


@dataclass(frozen=True, slots=True)
class Length:
    """How much there is to read, in characters: from `least` to `most`."""

    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Not:
    """All but."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """Every one; all stories if there is none."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one."""

    nodes: tuple[Node, ...]


Node: TypeAlias = Text | Is | Tag | Dates | Length | Not | And | Or


def parse(query: str, now: datetime, zone: tzinfo) -> Node:
    """What a query looks for; of an empty one, all. Raises BadQuery."""
    return _Parser(query, now, zone).whole()


def texts(node: Node) -> Iterator[Text]:
    """What is looked for in titles and bodies, without what is excluded."""
    match node:
        case Text() if node.field in ("", "title"):
            yield node
        case And(nodes) | Or(nodes):
            for part in nodes:
                yield from texts(part)


def has_marks(node: Node) -> bool:
    """Whether what is found depends on marks."""
    match node:
        case Is() | Tag():
            return True
        case Not(inner):
            return has_marks(inner)
        case And(nodes) | Or(nodes):
            return any(map(has_marks, nodes))
        case _:
            return False


# --- words of a query ---------------------------------------------------------------------------------------------


class _Piece(NamedTuple):
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
    for piece in _pieces(query):
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


def _pieces(query: str) -> list[_Piece]:
    """The words of a query; what can be no operator where it stands is a word."""
    pieces = list(_raw_pieces(query))
    opened: list[int] = []
    paired: set[int] = set()
    for n, piece in enumerate(pieces):
        if piece.kind == "(":
            opened.append(n)
        elif piece.kind == ")" and opened:
            if opened[-1] < n - 1:
                paired |= {opened[-1], n}
            opened.pop()
    told = [
        piece._replace(kind="word") if piece.kind in ("(", ")") and n not in paired else piece
        for n, piece in enumerate(pieces)
    ]
    for n, piece in enumerate(told):
        before, after = (told[n - 1].kind if n else ""), (told[n + 1].kind if n + 1 < len(told) else "")
        lacks_left = piece.kind in ("or", "and") and before not in _BEFORE
        lacks_right = piece.kind in ("or", "and", "-") and after not in _AFTER
        if lacks_left or lacks_right or (piece.kind == after == "-"):
            told[n] = piece._replace(kind="word")
    return told


def _raw_pieces(query: str) -> Iterator[_Piece]:
    at = 0
    while at < len(query):
        if blank := _space.match(query, at):
            at = blank.end()
        elif query[at] in _OPEN + _CLOSE:
            yield _Piece("(" if query[at] in _OPEN else ")", query[at], at, at + 1)
            at += 1
        elif _excludes(query, at):
            yield _Piece("-", query[at], at, at + 1)
            at += 1
        else:
            piece = _one_piece(query, at)
            yield piece
            at = piece.end


def _one_piece(query: str, start: int) -> _Piece:
    """The word, phrase or value of a field that begins somewhere."""
    at, field = start, ""
    named = _field.match(query, at)
    if named and fold(named[1]) in FIELDS and not query[named.end() : named.end() + 1].isspace():
        field, at = named[1], named.end()
    if fold(field) == "date" and (end := _end_of_date(query, at)):
        return _Piece("word", query[at:end], start, end, field)
    quote = query[at] if at < len(query) and query[at] in _QUOTES else ""
    end = query.find(_QUOTES[quote], at + 1) if quote else -1
    if end >= 0:
        return _Piece("phrase", query[at + 1 : end], start, end + 1, field)
    found = _word.match(query, at + len(quote))
    word = quote + (found[0] if found else "")
    shouted = word == "NOT" and query.replace(word, "").isupper()  # a headline in capitals
    kind = "word" if field or shouted else _OPERATORS.get(word.translate(_NARROW), "word")
    return _Piece(kind, word, start, at + len(word), field)


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


class _Parser:
    """One query, read from left to right."""

    def __init__(self, query: str, now: datetime, zone: tzinfo) -> None:
        self._query = query
        self._now = now
        self._zone = zone
        self._pieces = [piece for piece in _pieces(query) if piece.kind != "and"]
        self._next = 0

    def whole(self) -> Node:
        if sum(piece.kind in ("word", "phrase") for piece in self._pieces) > _MOST_TERMS:
            raise BadQuery(self._query, "too-long", self._pieces[_MOST_TERMS].at)
        return self._either(0)

    def _peek(self) -> str:
        return self._pieces[self._next].kind if self._next < len(self._pieces) else ""

    def _either(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise BadQuery(self._query, "too-long", self._pieces[self._next].at)
        sides = [self._all(depth)]
        while self._peek() == "or":
            self._next += 1
            sides.append(self._all(depth))
        return sides[0] if len(sides) == 1 else Or(tuple(sides))

    def _all(self, depth: int) -> Node:
        parts = []
        while self._peek() not in ("", "or", ")"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, depth: int) -> Node:
        piece = self._pieces[self._next]
        self._next += 1
        if piece.kind == "-":
            return Not(self._one(depth + 1))
        if piece.kind == "(":
            node = self._either(depth + 1)
            self._next += 1
            return node
        return self._term(piece)

    def _term(self, piece: _Piece) -> Node:
        field = fold(piece.field)
        value = piece.text.strip()
        at = piece.at + (len(field) + 1 if field else 0)
        if field and not value:
            raise BadQuery(self._query, "empty-field", at, piece.field)
        found: Node | None
        match field:
            case "is" | "has":
                chosen = fold(value)
                known = chosen in (IS if field == "is" else HAS)
                found = (Is(chosen) if field == "is" else Text((chosen,), field="has")) if known else None
            case "date":
                span = interval(value, self._now, self._zone)
                found = None if span is None else Dates(*span)
            case "length":
                found = _length(value)
            case "tag":
                found = Tag(fold(value))
            case _:
                return self._text(piece, field, value, at)
        if found is None:
            raise BadQuery(self._query, f"bad-{field}", at, value)
        return found

    def _text(self, piece: _Piece, field: str, value: str, at: int) -> Node:
        prefix = piece.kind == "word" and value.endswith(("*", "＊"))
        row = tuple(tokens(value[:-1] if prefix else value))
        if not row:
            if len(self._pieces) > 1 and not field and piece.kind == "word" and not prefix:
                return And(())  # of a headline, what nobody sees
            raise BadQuery(self._query, "nothing-to-find", at, value)
        if len(row) > _MOST_TOKENS:
            raise BadQuery(self._query, "too-long", at)
        is_free = piece.kind == "word" and field in ("", "title")
        typed = _TONES.sub("'", fold(value.rstrip("*＊"))).strip("'") if is_free else ""
        typed = typed if _TYPED.fullmatch(typed) else ""
        text = Text(row, prefix and is_word(row[-1]), field, typed, quoted=piece.kind == "phrase")
        others = [Text(other, text.prefix, field) for other in _joined_and_parted(row)] if is_free else []
        return Or((text, *others)) if others else text


_TONES: Final = re.compile(r"(?<=[a-z])[0-5](?![0-9])")
_TYPED: Final = re.compile(r"[a-z][a-z']{1,63}")
_COMPOUND: Final = re.compile(r"([a-z]+|[0-9]+)(?=(?!\1)[a-z0-9])")
_model = re.compile(r"[a-z]{1,12}[0-9]{1,4}|[0-9]{1,4}[a-z]{1,12}")
_letters_digits = re.compile(r"[a-z]+|[0-9]+")


def _joined_and_parted(row: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """How else a word of letters and digits is written: covid-19 for covid19, and the other way round."""
    parted: list[str] = []
    joined: list[str] = []
    for token in row:
        parts = _letters_digits.findall(token) if _model.fullmatch(token) else [token]
        parted += [*parts[:1], *(["-", parts[1]] if len(parts) > 1 else [])]
        if len(joined) > 1 and joined[-1] == "-" and _model.fullmatch(joined[-2] + token):
            joined[-2:] = [joined[-2] + token]
        else:
            joined.append(token)
    yield from dict.fromkeys(other for other in (tuple(joined), tuple(parted)) if other != row)


_amount = re.compile(r"([0-9]{1,9})(k|千|万)?")
_bounds = re.compile(r"(>=|<=|≥|≤|>|<)?([^.<>=]*)(\.\.)?([^.<>=]*)")


def _length(value: str) -> Length | None:
    """The lengths that the value of `length:` means; None if it means none."""
    found = _bounds.fullmatch(fold(value).replace(" ", ""))
    if found is None:
        return None
    sign, first, dots, last = found.groups()
    one, other = _characters(first), _characters(last)
    if bool(sign) == bool(dots) or (one is None and bool(first or sign)) or (other is None and bool(last)):
        return None
    if dots:
        return None if one is other is None else Length(one, other)
    assert one is not None
    least = {">": one + 1, ">=": one, "≥": one}.get(sign)
    return Length(least, None) if least is not None else Length(None, one - 1 if sign == "<" else one)


def _characters(text: str) -> int | None:
    found = _amount.fullmatch(text)
    return int(found[1]) * {"k": 1000, "千": 1000, "万": 10_000}.get(found[2], 1) if found else None


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
