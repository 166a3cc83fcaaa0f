"""Searching: queries as they are typed -> stories, each with the sentence that shows why.

Decided only here: the moment and zone by which a query's dates are read.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from newsreader.article import Article, Summary
from newsreader.errors import BadQuery
from newsreader.library import Index, View
from newsreader.library.search import BY_SOUND, Cursor, Order, Search, Snippet, matches_in
from newsreader.library.search.query import (
    DATES,
    FIELDS,
    HAS,
    IS,
    LENGTHS,
    Node,
    being_typed,
    has_marks,
    literal,
    parse,
)
from newsreader.script import fold


@dataclass(frozen=True, slots=True)
class Hit:
    """A story that was found: its row, the sentence that shows the words, whether its title only sounds like what was
    typed, and where it stands among all (for Reader.search's `after`)."""

    summary: Summary
    snippet: Snippet
    pinyin: bool
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Completions:
    """What may stand between two characters of a query instead, the most frequent first."""

    start: int
    end: int
    texts: tuple[str, ...]


class KeptSearch(NamedTuple):
    """A search that stands among the sources: its name, its query, and how many stories it finds; `fault` is what is
    wrong with a query that was written by hand."""

    name: str
    query: str
    stories: int = 0
    unread: int = 0
    fault: BadQuery | None = None


class _Counted(NamedTuple):
    """What a kept search found in a state of the indexes, and until when that will do (time.monotonic)."""

    state: tuple[int, ...]
    rest_until: float
    found: KeptSearch


_MOST_COMPLETIONS = 20
_REST = 20


class Searcher:
    """The searches of one reader; `zone`: where its days begin."""

    def __init__(self, index_path: Path, index: Index, zone: tzinfo) -> None:
        self._search = Search(index_path)
        self._index = index
        self._zone = zone
        self._narrowed: tuple[Node, int, int, int] | None = None
        self._counted: dict[str, _Counted] = {}

    def close(self) -> None:
        """Let go of the files."""
        self._search.close()

    def search(self, query: str, view: View, order: Order, after: Cursor | None, limit: int) -> list[Hit]:
        """What a query finds in a view, in an order, from the place `after` on. Raises BadQuery."""
        hits = []
        for story, snippet, cursor in self._search.find(
            read(query, self._zone), view, order=order, after=after, limit=limit
        ):
            row = self._index.summary(story)
            if row is not None:  # not just dropped by an ingest
                hits.append(Hit(row, snippet, cursor.part == BY_SOUND, cursor))
        return hits

    def count(self, query: str, view: View) -> int:
        """How many stories of a view a query finds. Raises BadQuery."""
        return self._search.count(read(query, self._zone), view)

    def offered(self, query: str, view: View) -> tuple[str, int] | None:
        """The same words without operators, for a query that finds nothing in a view, and how many stories have them;
        None if that is no other query, or finds nothing either."""
        other = literal(query)
        if other == query or check(other, self._zone) is not None:
            return None
        found = self.count(other, view)
        return (other, found) if found else None

    def similar(self, story: str, limit: int) -> list[Summary]:
        """The stories nearest to one, the nearest first."""
        rows = map(self._index.summary, self._search.similar(story, limit))
        return [row for row in rows if row is not None]

    def kept(self, searches: Mapping[str, str]) -> list[KeptSearch]:
        """What kept searches (name: query) find; counted anew where anything has changed or a minute has passed, but
        for no more than a twentieth of the time: while an index is filled it changes without end."""
        now = time.monotonic()
        state = (*self._index.state(), self._search.version(), int(now // 60))
        for query in set(searches.values()):
            counted = self._counted.get(query)
            if counted is None or (counted.state != state and now >= counted.rest_until):
                found = self._kept(query)
                taken = time.monotonic() - now
                self._counted[query] = _Counted(state, now + _REST * taken, found)
        return [self._counted[query].found._replace(name=name) for name, query in searches.items()]

    def _kept(self, query: str) -> KeptSearch:
        fault = check(query, self._zone)
        if fault is not None:
            return KeptSearch("", query, fault=fault)
        return KeptSearch("", query, self.count(query, View()), self.count(query, View(unread=True)))

    def narrow(self, query: str) -> None:
        """Make the index's views that have this query show what it finds now. Raises BadQuery."""
        minute = datetime.now(UTC).replace(second=0, microsecond=0)
        node = parse(query, minute, self._zone)
        data, own = self._index.state()
        state = node, data, self._search.version(), own if has_marks(node) else 0
        if state != self._narrowed:
            self._index.narrow(self._search.everything(node))
            data, own = self._index.state()
            self._narrowed = node, data, state[2], own if has_marks(node) else 0

    def missing(self) -> int:
        """How many stories are not in the index of words yet."""
        return self._search.missing()

    def is_another(self) -> bool:
        """Whether the index of words was replaced since this was last asked, and may have to be filled."""
        return self._search.is_another()

    def complete(self, text: str, position: int) -> Completions:
        """How the word of a query that ends at a position may go on."""
        word = being_typed(text, position)
        match word.field:
            case "":
                options = [f"{field}:" for field in FIELDS] if word.typed else []
            case "source":
                options = [row.name for row in sorted(self._index.sources(), key=lambda row: -row.stories)]
            case "topic":
                options = [name for name, _ in self._index.topics()]
            case "tag":
                options = [name for name, _ in sorted(self._index.tags(), key=lambda tag: -tag[1])]
            case "is":
                options = list(IS)
            case "has":
                options = list(HAS)
            case "date":
                options = list(DATES)
            case "length":
                options = list(LENGTHS)
            case _:
                options = []
        typed = fold(word.typed)
        begin = [option for option in options if fold(option).startswith(typed)]
        hold = [option for option in options if typed in fold(option) and option not in begin] if word.field else []
        return Completions(word.start, position, tuple(map(_quoted, (begin + hold)[:_MOST_COMPLETIONS])))


def read(query: str, zone: tzinfo) -> Node:
    """What a query looks for now. Raises BadQuery."""
    return parse(query, datetime.now(UTC), zone)


def check(query: str, zone: tzinfo) -> BadQuery | None:
    """What is wrong with a query."""
    try:
        read(query, zone)
    except BadQuery as error:
        return error
    return None


def matches(article: Article, query: str, zone: tzinfo) -> list[tuple[int, int, int]]:
    """Where a query's words stand in a story; nothing for one that cannot be understood."""
    try:
        return matches_in(article, read(query, zone))
    except BadQuery:
        return []


def _quoted(option: str) -> str:
    return f'"{option}"' if any(char.isspace() or char in "()（）" for char in option) else option
