"""What a reader does over the network: fetching, full texts, and pruning what was fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Never, TypeAlias

from newsreader.config import Config, Places, Source
from newsreader.errors import NotFound
from newsreader.library import Index, Rows, View
from newsreader.library.db import story_of
from newsreader.reader.target import Target

if TYPE_CHECKING:
    from newsreader.fetch import FetchProgress
    from newsreader.fetch.state import Subscription, Trouble
    from newsreader.jobs import Job
    from newsreader.reader.adding import Proposal
    from newsreader.reader.pruning import Pruned
    from newsreader.reader.servers import ServerStanding


Standing: TypeAlias = "tuple[datetime | None, Trouble | None]"


class Network:
    """The network, for a reader of a target with a configuration (None: of what has no sources)."""

    def __init__(self, config: Config | None, target: Target, index: Index) -> None:
        self._config = config
        self._target = target
        self._index = index

    def fetch(
        self, names: Sequence[str] = (), cancel: Callable[[], bool] = lambda: False, *, force: bool = False
    ) -> Iterator[FetchProgress]:
        """Bring in what is new in the sources of these names (or locations), in all with none; what comes is seen after
        the next ingest. `force`: also where nothing new is due, or the server wants to be left alone. Raises NotFound
        and BadSettings."""
        from newsreader.reader.fetching import fetched

        return fetched(self._places(), names, cancel, force=force)

    def start_fetch(self, names: Sequence[str] = ()) -> Job[FetchProgress]:
        """The same in a process of its own; raises NoProcess too."""
        from newsreader.reader.fetching import start_fetch

        return start_fetch(self._places(), names)

    def troubles(self) -> list[Trouble]:
        """What is wrong with the sources that are fetched, as the last fetch found them."""
        if self._config is None or self._target.kind != "library" or self._target.fault is not None:
            return []
        from newsreader.config import load_sources
        from newsreader.fetch.state import troubles

        return list(troubles(self._config.places, load_sources(self._config.places)))

    def servers(self) -> list[ServerStanding]:
        """How it stands with the servers that are synced with: the last sync, and what waits. Raises BadSettings."""
        if self._config is None or self._target.kind != "library" or self._target.fault is not None:
            return []
        from newsreader.config import load_sources

        if not any(source.kind == "server" for source in load_sources(self._config.places)):
            return []
        from newsreader.reader.servers import standings

        return list(standings(self._config.places))

    def sources(self) -> tuple[Source, ...]:
        """The sources of sources.toml; none where that cannot be read."""
        if self._config is None or self._target.kind != "library" or self._target.fault is not None:
            return ()
        from newsreader.config import load_sources

        return load_sources(self._config.places)

    def feeds(self, server: Source) -> list[Subscription]:
        """The feeds of a source that is a server, as it told them last."""
        from newsreader.fetch.state import load_state

        return load_state(self._places(), server.location).feeds

    def start_at(self, server: Source, what: str, *terms: str) -> Job[list[Subscription]]:
        """Begin, in a process of its own, to change the feeds of a server; see servers.told_to. Raises NoProcess."""
        from newsreader.jobs import Job

        return Job("newsreader.reader.servers:told_to", self._places(), server.location, what, *terms)

    def standing(self, source: Source, known: Standing = (None, None)) -> Standing:
        """When something changed of a source that is fetched, and what is wrong with it, as the last fetch found it;
        `known`: what this said before, and says again if nothing has changed since."""
        from newsreader.fetch.state import saved_at, troubles

        saved = saved_at(self._places(), source.location)
        at = datetime.fromtimestamp(saved, UTC) if saved else None
        return known if at == known[0] else (at, next(troubles(self._places(), (source,)), None))

    def source_of(self, name: str) -> Source | None:
        """The source of that name, or the added archive in which stories of that name are."""
        sources = self.sources()
        found = next((source for source in sources if source.name == name), None)
        if found is None:
            rows = Rows(self._index, View(source=name), id).page(limit=1)
            held = [source for source in sources if source.kind == "archive" and rows]
            found = next((source for source in held if rows[0].dump.startswith(source.location)), None)
        return found

    def start_add(self, location: str, given: str = "") -> Job[Proposal]:
        """Begin to look, in a process of its own, for what can be added at a URL or path; see adding.proposed. Raises
        NotFound where there are no sources, and NoProcess."""
        from newsreader.jobs import Job

        return Job("newsreader.reader.adding:proposed", self._places(), location, given)

    def add(self, source: Source) -> None:
        """Add a source. Raises BadSettings and StorageFailed."""
        from newsreader.config import add_source

        add_source(self._places(), source)

    def change(self, location: str, term: str, value: object) -> None:
        """Say something else of a source (config.change_source). Raises NotFound, BadSettings and StorageFailed."""
        from newsreader.config import change_source

        change_source(self._places(), location, term, value)

    def remove(self, location: str) -> None:
        """Take a source out of sources.toml; what was fetched of it stays. Raises NotFound, BadSettings and
        StorageFailed."""
        from newsreader.config import remove_source

        remove_source(self._places(), location)

    def full_text(self, story: str) -> None:
        """Bring in the text of a story's own page as its newest revision, which it stays whatever its feed says; it is
        seen after the next ingest. Raises NotFound, BadSettings and FetchFailed ("no-text": the page has no story)."""
        from newsreader.reader.fulltext import bring

        bring(self._places(), self._index.article(story), self._dump_of(story))

    def start_full_text(self, story: str) -> Job[Never]:
        """The same in a process of its own, whose `poll` raises what it does; raises NotFound and NoProcess."""
        from newsreader.reader.fulltext import start_bring

        return start_bring(self._places(), self._index.article(story), self._dump_of(story))

    def _dump_of(self, story: str) -> str:
        row = self._index.summary(story)
        if row is None:
            raise NotFound(story)
        return row.dump

    def prune(self, *, dry_run: bool = False) -> Iterator[Pruned]:
        """Take away the stories of our own archive that are deleted, or past keeping and neither starred nor tagged,
        and the former texts of any so; tell of each, with `dry_run` only tell. The next ingest takes them out of the
        index.
        Raises BadSettings and OSError."""
        from newsreader.reader.pruning import pruned, pruned_former

        places, stays, gone = self._places(), self._index.marks.is_marked, set[str]()
        deleted = frozenset(map(story_of, self._index.marks.deleted()))
        for story in pruned(places, stays, deleted, dry_run=dry_run):
            if story.is_whole:
                gone.add(story.id)
            yield story
        assert self._config is not None
        yield from pruned_former(places, stays, gone, self._config.settings.keep_former, dry_run=dry_run)

    def _places(self) -> Places:
        if self._config is None:
            raise NotFound("sources.toml")
        return self._config.places
