"""The part of Reader that searches: what a query finds, kept searches, stories like another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from typing import TYPE_CHECKING

from newsreader.config import Config, Places
from newsreader.errors import BadQuery, StorageFailed, Unsearchable
from newsreader.library import Index, View
from newsreader.reader.target import Target
from newsreader.summary import Summary

if TYPE_CHECKING:
    from newsreader.library.clusters import Clusters
    from newsreader.library.search import Cursor, Order
    from newsreader.reader.ingest import Progress
    from newsreader.reader.searching import Completions, Hit, KeptSearch, Searcher


class Words:
    """Searching, on a reader's index."""

    target: Target
    _index: Index
    _config: Config | None
    _zone: tzinfo
    _searches: Searcher | None
    _clusters: Clusters

    def search(
        self, query: str, view: View, *, order: Order = "rank", after: Cursor | None = None, limit: int = 64
    ) -> list[Hit]:
        """What a query (library.search.query) finds in a view, whatever that is sorted by: by rank, or the newest
        first; in either case what only sounds so last; `after`: what follows a hit's cursor. Raises BadQuery."""
        return self._searcher().search(query, view, order, after, limit)

    def search_count(self, query: str, view: View) -> int:
        """How many stories of a view a query finds, without those that only sound so. Raises BadQuery."""
        return self._searcher().count(query, view)

    def search_literally(self, query: str, view: View) -> tuple[str, int] | None:
        """As Searcher.offered."""
        return self._searcher().offered(query, view)

    def search_matches(self, story: str, query: str) -> list[tuple[int, int, int]]:
        """Where a query's words stand in the newest revision of a story: (block, first character, one after the last),
        in order; block -1 is the title. Raises NotFound."""
        from newsreader.reader.searching import matches

        return matches(self._index.article(story), query, self._zone)

    def searches(self) -> list[KeptSearch]:
        """The searches that are kept, in the order of sources.toml, each with what it finds. Raises BadSettings."""
        if self._config is None:
            return []
        from newsreader.config import load_searches

        searches = load_searches(self._config.places)
        if not searches:
            return []
        try:
            return self._searcher().kept(searches)
        except Unsearchable:
            from newsreader.reader.searching import KeptSearch

            return [KeptSearch(name, query) for name, query in searches.items()]

    def keep_search(self, name: str, query: str) -> None:
        """Keep a search under a name. Raises BadQuery, BadSettings and StorageFailed."""
        if fault := self.check_query(query):
            raise fault
        from newsreader.config import keep_search

        self._edit_searches(lambda places: keep_search(places, name, query))

    def drop_search(self, name: str) -> None:
        """Keep a search no longer. Raises NotFound, BadSettings and StorageFailed."""
        from newsreader.config import drop_search

        self._edit_searches(lambda places: drop_search(places, name))

    def _edit_searches(self, edit: Callable[[Places], object]) -> None:
        assert self._config is not None
        try:
            edit(self._config.places)
        except OSError as error:
            raise StorageFailed(str(self._config.places.sources_file), error.strerror or str(error)) from error

    def clusters(self, stories: Iterable[str]) -> dict[str, frozenset[str]]:
        """Those of some stories that stand at several outlets within three days in mostly the same words: each with the
        ids of all that belong together, its own among them. (library.search.near_duplicates)"""
        found = self._clusters.of(stories)
        there = {story for story in found if self._index.holds(story)}  # the words may be behind
        return {story: found[story] & there for story in there if len(found[story] & there) > 1}

    def similar(self, story: str, limit: int = 20) -> list[Summary]:
        """The stories that share most of the rare terms of one, the nearest first, of all sources and times."""
        return self._searcher().similar(story, limit)

    def check_query(self, query: str) -> BadQuery | None:
        """What is wrong with a query, and where; None if nothing is."""
        from newsreader.reader.searching import check

        return check(query, self._zone)

    def complete(self, query: str, position: int) -> Completions:
        """How the word of a query that ends at a position may go on: fields, sources, topics, tags and the like."""
        return self._searcher().complete(query, position)

    def search_missing(self) -> int:
        """How many stories cannot be found yet, because fill_search has not come to them."""
        return self._searcher().missing()

    def fill_search(self, cancel: Callable[[], bool] = lambda: False) -> Iterator[Progress]:
        """Bring the index of words up to date with the stories, newest first, on a connection of its own; goes on where
        it was left. A Progress after every batch, of stage "words", then "done", "elsewhere" or "canceled"."""
        from newsreader.reader.ingest import fill_search

        return fill_search(self.target, cancel)

    def _narrowed(self, view: View) -> View:
        if view.query:
            self._searcher().narrow(view.query)
        return view

    def _searcher(self) -> Searcher:
        if self._searches is None:
            from newsreader.reader.searching import Searcher

            self._searches = Searcher(self.target.index, self._index, self._zone)
        return self._searches
