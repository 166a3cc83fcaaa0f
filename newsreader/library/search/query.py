"""The language of searches: text -> what is looked for, or what is wrong with the text and where.

    harbour 海港              both; a Han word of any length, a whole Latin word, a* all words that begin so
    "the night ferry"        these words next to each other; “ ” and 「 」 as well
    -fog · a OR b · ( )      without, also NOT and 不含; either, also 或; together
    title: source: topic: author: lang: tag:         what stands there
    date:2025-02  date:>=2025-02-01  date:2024..2025-03  date:today  date:7d
    is:unread is:read is:starred is:changed is:tagged    has:image has:link

Decided only here: the grammar, and its errors, BadQuery with one of `FAULTS`; which fields there are; what a date
means, days of the reader's zone. A headline is a query that finds its story: a minus excludes only right before a
word, a quote without partner is a character, a colon makes a field only after the name of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, NamedTuple, TypeAlias

from newsreader.errors import BadQuery
from newsreader.library.search.tokens import is_word, tokens
from newsreader.script import fold

FIELDS: Final = ("title", "source", "topic", "author", "tag", "lang", "date", "is", "has")
IS: Final = ("unread", "read", "starred", "changed", "tagged")
HAS: Final = ("image", "link")
DATES: Final = ("today", "yesterday", "7d", "30d")

FAULTS: Final = (
    *("unclosed-group", "unopened-group", "empty-group", "nothing-to-exclude", "or-needs-two"),
    *("empty-field", "bad-date", "bad-is", "bad-has", "nothing-to-find", "too-long"),
)

_MOST_TERMS: Final = 64
_MOST_TOKENS: Final = 400
"""Of one phrase."""
_DEEPEST: Final = 24


@dataclass(frozen=True, slots=True)
class Text:
    """A row of tokens in the title or body, or in a field; `prefix`: the last may be the beginning of a word; `typed`:
    the letters of a word that may be pinyin."""

    row: tuple[str, ...]
    prefix: bool = False
    field: str = ""
    typed: str = ""


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


Node: TypeAlias = Text | Is | Tag | Dates | Not | And | Or


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
    """A word of a query: `kind` "(", ")", "-", "or", "word", "phrase"; `field` is what stands before its colon."""

    kind: str
    text: str
    at: int
    field: str = ""


_QUOTES: Final = {'"': '"', "“": "”", "”": "”", "＂": "＂", "「": "」", "『": "』"}
_OPEN, _CLOSE = "(（", ")）"
_space = re.compile(r"\s+")
_field = re.compile(r"([A-Za-z]+)[:：](?!//)")
_word = re.compile(r"[^\s()（）\"“”＂「『]+")
_OPERATORS: Final = {"OR": "or", "或": "or", "AND": "and", "NOT": "-", "不含": "-"}


def _pieces(query: str) -> Iterator[_Piece]:
    at = 0
    while at < len(query):
        if blank := _space.match(query, at):
            at = blank.end()
        elif query[at] in _OPEN:
            yield _Piece("(", query[at], at)
            at += 1
        elif query[at] in _CLOSE:
            yield _Piece(")", query[at], at)
            at += 1
        elif _excludes(query, at):
            yield _Piece("-", query[at], at)
            at += 1
        else:
            start, field = at, ""
            if (named := _field.match(query, at)) and named[1].lower() in FIELDS:
                field, at = named[1], named.end()
            quote = query[at] if at < len(query) and query[at] in _QUOTES else ""
            end = query.find(_QUOTES[quote], at + 1) if quote else -1
            if end >= 0:
                yield _Piece("phrase", query[at + 1 : end], start, field)
                at = end + 1
            else:
                found = _word.match(query, at + len(quote))
                word = quote + (found[0] if found else "")
                shouted = word == "NOT" and query.replace(word, "").isupper()  # a headline in capitals
                kind = "word" if field or shouted else _OPERATORS.get(word, "word")
                yield _Piece(kind, word, start, field)
                at += len(word)


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
        if not self._pieces:
            return And(())
        node = self._either(0)
        if self._next < len(self._pieces):
            self._fail("unopened-group", self._pieces[self._next])
        return node

    def _peek(self) -> str:
        return self._pieces[self._next].kind if self._next < len(self._pieces) else ""

    def _take(self) -> _Piece:
        self._next += 1
        return self._pieces[self._next - 1]

    def _fail(self, why: str, piece: _Piece, at: int | None = None) -> None:
        raise BadQuery(self._query, why, piece.at if at is None else at, piece.field or piece.text)

    def _either(self, depth: int) -> Node:
        if depth > _DEEPEST:
            self._fail("too-long", self._pieces[self._next])
        sides = [self._all(depth)]
        while self._peek() == "or":
            word = self._take()
            if self._peek() in ("", "or", ")"):
                self._fail("or-needs-two", word)
            sides.append(self._all(depth))
        return sides[0] if len(sides) == 1 else Or(tuple(sides))

    def _all(self, depth: int) -> Node:
        if self._peek() == "or":
            self._fail("or-needs-two", self._pieces[self._next])
        parts = []
        while self._peek() not in ("", "or", ")"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, depth: int) -> Node:
        piece = self._take()
        if piece.kind == "-":
            if self._peek() in ("", "or", ")", "-"):
                self._fail("nothing-to-exclude", piece)
            return Not(self._one(depth + 1))
        if piece.kind == "(":
            if self._peek() == ")":
                self._fail("empty-group", piece)
            if self._peek() == "":
                self._fail("unclosed-group", piece)
            node = self._either(depth + 1)
            if self._peek() != ")":
                self._fail("unclosed-group", piece)
            self._take()
            return node
        return self._term(piece)

    def _term(self, piece: _Piece) -> Node:
        field = piece.field.lower()
        value = piece.text.strip()
        if field and not value:
            self._fail("empty-field", piece, piece.at + len(field) + 1)
        at = piece.at + (len(field) + 1 if field else 0)
        if field in ("is", "has"):
            chosen = fold(value)
            if chosen not in (IS if field == "is" else HAS):
                raise BadQuery(self._query, f"bad-{field}", at, value)
            return Is(chosen) if field == "is" else Text((chosen,), field="has")
        if field == "date":
            dates = interval(value, self._now, self._zone)
            if dates is None:
                raise BadQuery(self._query, "bad-date", at, value)
            return dates
        if field == "tag":
            return Tag(fold(value))
        return self._text(piece, field, value, at)

    def _text(self, piece: _Piece, field: str, value: str, at: int) -> Text:
        prefix = piece.kind == "word" and value.endswith(("*", "＊"))
        row = tuple(tokens(value[:-1] if prefix else value))
        if not row:
            raise BadQuery(self._query, "nothing-to-find", at, value)
        if len(row) > _MOST_TOKENS:
            raise BadQuery(self._query, "too-long", at)
        typed = fold(value.rstrip("*＊")) if piece.kind == "word" and field in ("", "title") else ""
        if not re.fullmatch("[a-z]{2,64}", typed):
            typed = ""
        return Text(row, prefix and is_word(row[-1]), field, typed)


# --- dates --------------------------------------------------------------------------------------------------------

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_day = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})月?(?:[-/.]?(\d{1,2})日?)?)?年?")
_ago = re.compile(r"(\d{1,5})([hdwy])")
_HOURS: Final = {"h": 1, "d": 24, "w": 7 * 24, "y": 365 * 24}
_compare = re.compile(r"(>=|<=|≥|≤|>|<)?(.*)")


def interval(text: str, now: datetime, zone: tzinfo) -> Dates | None:
    """The time that the value of `date:` means; None if it means none."""
    text = text.strip().lower().replace("＞", ">").replace("＜", "<").replace("＝", "=")
    first, dots, last = text.partition("..")
    if dots:
        since = _span(first, now, zone) if first else (None, None)
        until = _span(last, now, zone) if last else (None, None)
        if since is None or until is None or not (first or last):
            return None
        begin, end = since[0], until[1] if not _ago.fullmatch(last) else until[0]
        return None if begin is not None and end is not None and begin >= end else Dates(begin, end)
    match = _compare.fullmatch(text)
    span = _span(match[2], now, zone) if match else None
    if match is None or span is None:
        return None
    begin, end = span
    match match[1]:
        case ">=" | "≥":
            return Dates(begin, None)
        case ">":
            return Dates(begin if end is None else end, None)
        case "<":
            return Dates(None, begin)
        case "<=" | "≤":
            return Dates(None, begin if end is None else end)
        case _:
            return Dates(begin, end)


def _span(text: str, now: datetime, zone: tzinfo) -> tuple[int | None, int | None] | None:
    """The first millisecond of a day, month or year and the first after it; of "7d" when it was, with no end."""
    try:
        if ago := _ago.fullmatch(text):
            return _milliseconds(now - timedelta(hours=int(ago[1]) * _HOURS[ago[2]])), None
        if text in ("today", "yesterday"):
            day = now.astimezone(zone).date() - timedelta(days=text == "yesterday")
            begin, end = datetime(*day.timetuple()[:3]), datetime(*day.timetuple()[:3]) + timedelta(days=1)
        elif match := _day.fullmatch(text):
            year, month, day_ = (int(part) if part else None for part in match.groups())
            assert year is not None
            begin = datetime(year, month or 1, day_ or 1)
            if day_:
                end = begin + timedelta(days=1)
            elif month:
                end = datetime(year + month // 12, month % 12 + 1, 1)
            else:
                end = datetime(year + 1, 1, 1)
        else:
            return None
        return _milliseconds(begin.replace(tzinfo=zone)), _milliseconds(end.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


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
    if named and named[1].lower() in FIELDS:
        return Open(named.end(), named[1].lower(), query[named.end() : position].lstrip('"“「'))
    return Open(start, "", query[start:position])
