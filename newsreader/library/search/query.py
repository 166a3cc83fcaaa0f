"""The language of searches: text -> what is looked for, or what is wrong with the text and where.

    harbour 海港              both; a Han word of any length, a whole Latin word, a* all words that begin so
    "the night ferry"        these words next to each other; “ ” and 「 」 as well
    -fog · a OR b · ( )      without, also NOT and 不含; either, also 或; together
    title: source: topic: author: lang: tag:         what stands there
    date:2025-02  date:>=2025-02-01  date:2024..2025-03  date:昨天  date:7d     see query_dates
    length:>2000  length:<500  length:500..2000          characters
    is:unread is:read is:starred is:changed is:tagged    has:image has:link

Decided only here: the grammar, and its errors, BadQuery with one of `FAULTS`. What of a text is an operator: see
query_pieces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, TypeAlias

from newsreader.errors import BadQuery
from newsreader.library.search.query_dates import Newest, Span, interval
from newsreader.library.search.query_pieces import Piece, pieces
from newsreader.library.search.tokens import is_word, tokens
from newsreader.script import fold

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


def parse(query: str, now: datetime, zone: tzinfo, newest: Newest = lambda: None) -> Node:
    """What a query looks for; of an empty one, all. `newest`: see query_dates. Raises BadQuery."""
    return _Parser(query, lambda value: interval(value, now, zone, newest)).whole()


def texts(node: Node) -> Iterator[Text]:
    """What is looked for in titles and bodies, without what is excluded."""
    match node:
        case Text() if node.field in ("", "title"):
            yield node
        case And(nodes) | Or(nodes):
            for part in nodes:
                yield from texts(part)


def conjuncts(node: Node) -> Iterator[Node]:
    """The parts of a query every one of which must hold."""
    if isinstance(node, And):
        for part in node.nodes:
            yield from conjuncts(part)
    else:
        yield node


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The same query with each of its parts changed; what has none stays as it is."""
    match node:
        case Not(inner):
            return Not(change(inner))
        case And(nodes) | Or(nodes):
            return type(node)(tuple(map(change, nodes)))
        case _:
            return node


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


# --- parsing ------------------------------------------------------------------------------------------------------


class _Parser:
    """One query, read from left to right."""

    def __init__(self, query: str, dates: Callable[[str], Span | None]) -> None:
        self._query = query
        self._dates = dates
        self._pieces = [piece for piece in pieces(query) if piece.kind != "and"]
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

    def _term(self, piece: Piece) -> Node:
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
                span = self._dates(value)
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

    def _text(self, piece: Piece, field: str, value: str, at: int) -> Node:
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
