"""Searching: queries as they are typed -> stories, each with the sentence that shows why.

Decided only here: the moment and zone by which a query's dates are read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property, partial
from typing import Final, NamedTuple

from newsreader.config import Places, drop_search, keep_search, load_searches
from newsreader.errors import BadQuery, Unsearchable
from newsreader.library import ALL, Index, View, counts
from newsreader.library.days import newest_day
from newsreader.library.search import Cursor, Named, Order, Search, Snippet, Tier, matches_in, tier
from newsreader.library.search.query import DATES, HAS, IS, LENGTHS, Node, has_marks, parse
from newsreader.library.search.query_pieces import FIELDS, being_typed, literal
from newsreader.reader.target import Target
from newsreader.script import fold
from newsreader.summary import Summary

SIGNS: Final[dict[Tier, str]] = {"": "", "name": "=", "sound": "~", "appendix": "+"}
"""What tells a hit that has not just what was typed, in both doors."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A story that was found: its row, the sentence that shows the words, whether it has them at all or only what is
    like them (library.search.tiers), and where it stands among all (for `search`'s `after`)."""

    summary: Summary
    snippet: Snippet
    tier: Tier
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
    """The searches of one reader. `target`: what that reads now; `zone`: where its days begin; `places`: where searches
    are kept, if anywhere. Raises Unsearchable where the index of words cannot be read."""

    def __init__(self, target: Callable[[], Target], index: Index, zone: tzinfo, places: Places | None) -> None:
        self._target = target
        self._index = index
        self._zone = zone
        self._places = places
        self._narrowed: tuple[Node, int, int, int] | None = None
        self._counted: dict[str, _Counted] = {}

    @cached_property
    def words(self) -> Search:
        """The index of words."""
        own_names = None if self._places is None else self._places.config / "names.txt"
        return Search(self._target().index, own_names)

    def close(self) -> None:
        """Let go of the files."""
        if "words" in self.__dict__:
            self.words.close()

    def search(
        self, query: str, view: View = ALL, *, order: Order = "rank", after: Cursor | None = None, limit: int = 64
    ) -> list[Hit]:
        """What a query (library.search.query) finds in a view, whatever that is sorted by: by rank, or the newest
        first; in either case the tiers one after another; `after`: what follows a hit's cursor. Raises BadQuery."""
        found = self.words.find(self._read(query), view, order=order, after=after, limit=limit)
        rows = {row.id: row for row in self._index.rows().summaries(story for story, _, _ in found)}
        # An ingest may just have dropped one.
        return [Hit(rows[story], shown, tier(cursor.part), cursor) for story, shown, cursor in found if story in rows]

    def spelled(self, query: str) -> list[Named]:
        """The Han words that the letters of a query spell in titles, with how many stories have each. Raises
        BadQuery."""
        return self.words.spelled(self._read(query))

    def count(self, query: str, view: View = ALL) -> int:
        """How many stories of a view a query finds, without those that only sound so. Raises BadQuery."""
        return self.words.count(self._read(query), view)

    def offered(self, query: str, view: View) -> tuple[str, int] | None:
        """The same words without operators, for a query that finds nothing in a view, and how many stories have them;
        None if that is no other query, or finds nothing either."""
        other = literal(query)
        if other == query or self.check(other) is not None:
            return None
        found = self.count(other, view)
        return (other, found) if found else None

    def matches(self, story: str, query: str) -> list[tuple[int, int, int]]:
        """Where a query's words, or what is like them (Search.matches), stand in the newest revision of a story:
        (block, first character, one after the last), in order; block -1 is the title; nothing for a query that cannot
        be understood. Without an index of words they are found as they stand. Raises NotFound."""
        article = self._index.article(story)
        try:
            meant = self._read(query)
            return self.words.matches(article, meant)
        except BadQuery:
            return []
        except Unsearchable:
            return matches_in(article, meant)

    def similar(self, story: str, limit: int = 20) -> list[Summary]:
        """The stories that share most of the rare terms of one, the nearest first, of all sources and times."""
        rows = map(self._index.summary, self.words.similar(story, limit))
        return [row for row in rows if row is not None]

    def check(self, query: str) -> BadQuery | None:
        """What is wrong with a query, and where; None if nothing is."""
        try:
            self._read(query)
        except BadQuery as error:
            return error
        return None

    def kept(self) -> list[KeptSearch]:
        """The searches that are kept, in the order of sources.toml, each with what it finds; counted anew where
        anything has changed or a minute has passed, but for no more than a twentieth of the time: while an index is
        filled it changes without end. Raises BadSettings, but for the target's own fault."""
        if self._places is None or self._target().fault is not None:
            return []
        searches = load_searches(self._places)
        if not searches:
            return []
        try:
            return self._count_kept(searches)
        except Unsearchable:
            return [KeptSearch(name, query) for name, query in searches.items()]

    def keep(self, name: str, query: str) -> None:
        """Keep a search under a name. Raises BadQuery, BadSettings and StorageFailed."""
        assert self._places is not None
        self._read(query)
        keep_search(self._places, name, query)

    def drop(self, name: str) -> None:
        """Keep a search no longer. Raises NotFound, BadSettings and StorageFailed."""
        assert self._places is not None
        drop_search(self._places, name)

    def _count_kept(self, searches: Mapping[str, str]) -> list[KeptSearch]:
        now = time.monotonic()
        state = (*self._index.state(), self.words.version(), int(now // 60))
        for query in set(searches.values()):
            counted = self._counted.get(query)
            if counted is None or (counted.state != state and now >= counted.rest_until):
                found = self._kept(query)
                taken = time.monotonic() - now
                self._counted[query] = _Counted(state, now + _REST * taken, found)
        return [self._counted[query].found._replace(name=name) for name, query in searches.items()]

    def _kept(self, query: str) -> KeptSearch:
        if fault := self.check(query):
            return KeptSearch("", query, fault=fault)
        return KeptSearch("", query, self.count(query), self.count(query, View(unread=True)))

    def narrow(self, query: str) -> None:
        """Make the index's views that have this query show what it finds now. Raises BadQuery."""
        node = self._read(query, datetime.now(UTC).replace(second=0, microsecond=0))
        data, own = self._index.state()
        state = node, data, self.words.version(), own if has_marks(node) else 0
        if state != self._narrowed:
            self._index.narrow(self.words.everything(node))
            data, own = self._index.state()
            self._narrowed = node, data, state[2], own if has_marks(node) else 0

    def missing(self) -> int:
        """How many stories cannot be found yet, because the index of words has not come to them."""
        return self.words.missing()

    def is_another(self) -> bool:
        """Whether the index of words was replaced since this was last asked, and may have to be filled."""
        return "words" in self.__dict__ and self.words.is_another()

    def complete(self, text: str, position: int) -> Completions:
        """How the word of a query that ends at a position may go on: fields, sources, topics, tags and the like."""
        word = being_typed(text, position)
        match word.field:
            case "":
                options = [f"{field}:" for field in FIELDS] if word.typed else []
            case "source":
                options = [row.name for row in sorted(self._index.ask(counts.sources), key=lambda row: -row.stories)]
            case "topic":
                options = [name for name, _ in self._index.ask(counts.topics)]
            case "tag":
                options = [name for name, _ in sorted(self._index.ask(counts.tags), key=lambda tag: -tag[1])]
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

    def _read(self, query: str, now: datetime | None = None) -> Node:
        newest = partial(self._index.ask, newest_day, self._zone)
        return parse(query, now or datetime.now(UTC), self._zone, newest)


def _quoted(option: str) -> str:
    return f'"{option}"' if any(char.isspace() or char in "()（）" for char in option) else option
