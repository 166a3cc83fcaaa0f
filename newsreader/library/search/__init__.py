"""What makes stories found.

    tokens    text -> what is indexed and compared
    query     the language of searches; query_pieces its words and operators, query_dates its dates
    word_index  a database of its own, and its filling
    documents what workers make of stories for it
    lookup    what a query finds, in order
    ranking   how well a story fits
    tiers     what a query means beside what was typed
    other_names  other names of what is looked for
    sounds    how titles sound, and the words that letters spell
    snippets  where in a story the words stand
    related   the stories nearest to one
    near_duplicates the same story at several outlets
    appendices what repeats over the stories of a source

Decided only here: a damaged index of words is replaced by an empty one, and the question asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import apsw

from newsreader.article import Article
from newsreader.errors import Unsearchable
from newsreader.jobs import Pool
from newsreader.library.db import DAMAGE, failures, reason, sid, sound, story_of, version
from newsreader.library.record import texts_of
from newsreader.library.search import lookup
from newsreader.library.search.lookup import Cursor, Order
from newsreader.library.search.query import Node, Or
from newsreader.library.search.related import similar
from newsreader.library.search.snippets import TITLE, Snippet, Words, has_each, matches, snippet
from newsreader.library.search.sounds import Named, named
from newsreader.library.search.tiers import BY_NAME, BY_SOUND, Tier, meant, tier
from newsreader.library.search.word_index import Filling, SearchIndex
from newsreader.library.views import View

__all__ = ["TITLE", "Cursor", "Filling", "Named", "Order", "Search", "Snippet", "Tier", "matches_in", "tier"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Search:
    """The words of the stories in the index at a path; `own_names`: a person's file of names (names). Used from one
    thread. Raises StorageFailed."""

    def __init__(self, index: Path, own_names: Path | None = None) -> None:
        self._index = SearchIndex(index)
        self._own_names = own_names

    def close(self) -> None:
        """Let go of the files."""
        self._index.close()

    def find(
        self, query: Node, view: View, *, order: Order = "rank", after: Cursor | None = None, limit: int = 64
    ) -> list[tuple[str, Snippet, Cursor]]:
        """As lookup.find, each story by its id, with the sentence that shows the words."""
        found = self._ask(lookup.find, query, view, order=order, after=after, limit=limit, own_names=self._own_names)
        parts = {one.part for one in found}
        words = {part: Words(self._ask(meant, query, part, self._own_names) or query) for part in parts}
        bodies = self._ask(_bodies, [one.sid for one in found])
        return [
            (story_of(one.sid), _snippet(packed, words[one.part]), one)
            for one, packed in zip(found, bodies, strict=True)
        ]

    def matches(self, article: Article, query: Node) -> list[tuple[int, int, int]]:
        """Where a query's words stand in an article, as snippets.matches; where one of them stands nowhere, other names
        of them too, or else what sounds so."""
        words = Words(query)
        found = matches(article, words)
        if found and has_each(article, words):
            return found
        for part in (BY_NAME, BY_SOUND):
            means = self._ask(meant, query, part, self._own_names)
            if means is not None and (more := matches_in(article, Or((query, means)))) != found:
                return more
        return found

    def spelled(self, query: Node) -> list[Named]:
        """As sounds.named."""
        return self._ask(named, query)

    def count(self, query: Node, view: View) -> int:
        """As lookup.count."""
        return self._ask(lookup.count, query, view)

    def everything(self, query: Node) -> list[tuple[int, int]]:
        """As lookup.everything."""
        return self._ask(lookup.everything, query)

    def among(self, query: Node, after: int, until: int | None) -> list[tuple[int, str, str]]:
        """As lookup.among."""
        return self._ask(lookup.among, query, after, until)

    def last_whole(self, after: int) -> int:
        """The number of the last story up to which all that came after another are in."""
        return self._ask(_last_whole, after)

    def version(self) -> int:
        """What differs when another process has changed the words."""
        return self._ask(version)

    def similar(self, story: str, limit: int) -> list[str]:
        """The ids of the stories nearest to one (related.similar); none for a story that is not there."""
        body = self._ask(_body, sid(story))
        return [] if body is None else [story_of(n) for n in self._ask(similar, *texts_of(body), sid(story), limit)]

    @property
    def path(self) -> Path:
        """The file of the words."""
        return self._index.path

    def faults(self) -> list[str]:
        """What SQLite finds wrong with the file, reading all of it; then it is an empty one afterwards."""
        try:
            found = sound(self._index.db)
        except DAMAGE as error:
            found = [reason(error)]
        if found:
            self._index.start_over()
        return found

    def missing(self) -> int:
        """How many stories more the main index has, roughly: what was revised is not counted."""
        stories, docs = self._ask(_sizes)
        return max(0, stories - docs)

    def is_another(self) -> bool:
        """Whether the file was replaced since this was last asked, perhaps by an empty one that wants filling."""
        was, self._index.is_another = self._index.is_another, False
        return was

    def fill(self, pool: Pool[Any, Any], cancel: Callable[[], bool] = lambda: False) -> Iterator[Filling]:
        """As SearchIndex.fill."""
        self._index.refresh()
        return self._index.fill(pool, cancel)

    def _ask(self, question: Callable[Concatenate[apsw.Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        self._index.refresh()
        with failures(self._index.path, Unsearchable):
            try:
                return question(self._index.db, *args, **kwargs)
            except DAMAGE:
                self._index.start_over()
                return question(self._index.db, *args, **kwargs)


def matches_in(article: Article, query: Node) -> list[tuple[int, int, int]]:
    """As snippets.matches."""
    return matches(article, Words(query))


def _snippet(bodies: list[bytes], words: Words) -> Snippet:
    shown = Snippet()
    for body in bodies:
        shown = snippet(texts_of(body)[1], words)
        if shown.spans:
            break
    return shown


def _bodies(db: apsw.Connection, numbers: list[int]) -> list[list[bytes]]:
    """Of each story the newest revision and what commands made of it, packed."""
    pages = "SELECT body FROM revisions WHERE former = 2 AND story = ? ORDER BY n"
    return [
        [body, *(bytes(page) for (page,) in db.execute(pages, (number,)))]
        if (body := _body(db, number)) is not None
        else []
        for number in numbers
    ]


def _body(db: apsw.Connection, number: int) -> bytes | None:
    """The newest revision of a story, packed."""
    row = db.execute(
        "SELECT r.body FROM stories s JOIN revisions r ON r.n = s.revision WHERE s.sid = ?", (number,)
    ).fetchone()
    return None if row is None else bytes(row[0])


def _last_whole(db: apsw.Connection, after: int) -> int:
    lacking = "SELECT min(n) - 1 FROM stories WHERE n > ? AND sid NOT IN (SELECT sid FROM docs)"
    return int(db.execute(f"SELECT coalesce(({lacking}), (SELECT max(n) FROM stories), 0)", (after,)).get)


def _sizes(db: apsw.Connection) -> tuple[int, int]:
    stories = db.execute("SELECT coalesce(sum(stories), 0) FROM totals WHERE source = 0").get
    return int(stories), int(db.execute("SELECT count(*) FROM docs").get)
