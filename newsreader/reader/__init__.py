"""Reader: the use cases that the window and the commands share.

    target    what is to be read, and which files belong to it
    ingest    archives -> the index, only what changed
    listing   what of an archive has changed, and what is gone
    parsing_pool  dumps -> records, here or in worker processes
    watching  whether archives have changed since
    checking  what is wrong
    fetching  what comes over the network, here or in a process of its own
    fulltext  the text of a story's own page
    servers   those that are synced with
    adding    what a URL is, and the source that it becomes
    pruning   what was fetched and is past keeping
    command_pages  what commands make of stories
    searching queries -> stories (Reader.searcher)
    rules     what becomes of what arrives (Reader.rules)
    network   what reaches the network (Reader.network)

Decided only here: which index stands in where none can be kept, and which links lead to stories.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from newsreader.config import Config
from newsreader.errors import AmbiguousId, BadSettings, NotFound, StorageFailed, Warning
from newsreader.files import make_folder
from newsreader.library import ALL, SORTS, Counts, Index, Marks, Place, Rows, Sort, SourceRow, Undone, View, counts
from newsreader.library.clusters import Clusters
from newsreader.library.db import sid
from newsreader.library.marking import Marking
from newsreader.reader.target import LAST_PATH, Kind, Target, choose, marks_file
from newsreader.summary import Summary

if TYPE_CHECKING:
    from _typeshed import StrPath

    from newsreader.article import Article
    from newsreader.config import Source
    from newsreader.jobs import Job
    from newsreader.reader.checking import Problem
    from newsreader.reader.network import Network
    from newsreader.reader.progress import Progress
    from newsreader.reader.rules import RuleBook, Rules
    from newsreader.reader.searching import Searcher
    from newsreader.reader.watching import Watch

__all__ = [
    "ALL",
    "SORTS",
    "Counts",
    "Place",
    "Reader",
    "Revision",
    "Rows",
    "Sort",
    "SourceRow",
    "Target",
    "Undone",
    "View",
]


class Revision(NamedTuple):
    """One revision of a story: its number, 1 the oldest, its times and title, and the path of a dump that holds it."""

    n: int
    published: datetime | None
    updated: datetime | None
    title: str
    dump: str


class Reader:
    """The library, an opened path or the sample archive, as its index and the marks know it. Used from one thread;
    another opens its own. `marks`: what marks stories, see Marking."""

    def __init__(self, target: Target, index: Index, notices: Iterable[Warning] = ()) -> None:
        self.target = target
        self._index = index
        self.marks = Marking(index)
        self._notices = list(notices)
        self._scratch: str | None = None
        self._watch: Watch | None = None
        self._sources: tuple[Config, int] | None = None
        self._short: tuple[int, dict[str, str]] | None = None
        self._added: tuple[int, tuple[Source, ...]] | None = None
        self._config: Config | None = None
        self._searcher: Searcher | None = None
        self._clusters = Clusters(target.index)
        self._zone: tzinfo = UTC

    @classmethod
    def open(cls, config: Config, path: StrPath | None = None, *, demo: bool = False, later: bool = False) -> Self:
        """Open a path, the demo, or what a bare `newsreader` reads; remembers the path. Raises NotFound, NotADump
        and Unreadable. Where no index can be kept, one is made that lasts as long as the reader. `later`:
        the caller calls `locate` once the first rows are shown, before all else."""
        marks = Marks(marks_file(config, demo=demo), makes=True)
        try:
            target = choose(config, marks, path, demo=demo, later=later)
            if str(target.marks) != marks.path:
                marks.close()
                marks = Marks(target.marks, makes=True)
            if path is not None and not target.index.exists():
                _look_inside(target.locations[0])
            reader = cls._on_index(config, target, marks)
        except BaseException:
            marks.close()
            raise
        reader._zone = config.settings.timezone
        if path is not None:
            reader._remember(target.locations[0])
        reader._config = config
        if target.kind == "library":
            reader._sources = config, _mtime(config.places.sources_file)
        return reader

    @classmethod
    def _on_index(cls, config: Config, target: Target, marks: Marks) -> Self:
        try:
            try:
                make_folder(config.places.cache)
            except OSError as error:
                raise StorageFailed(str(config.places.cache), error.strerror or str(error)) from error
            reader = cls(target, Index(target.index, marks, zone=target.zone))
            if reader._index.is_of_no_use:
                reader.stand_in(StorageFailed(str(target.index), "read-only"))
            return reader
        except StorageFailed as failure:
            from newsreader.reader.scratch import scratch_folder

            scratch = scratch_folder(failure)
            target = target.but(index=Path(scratch, target.index.name))
            reader = cls(target, Index(target.index, marks, zone=target.zone), [Warning("index-not-kept", failure.why)])
            reader._scratch = scratch
            return reader

    def stand_in(self, failure: StorageFailed) -> bool:
        """Whether an index that was never filled, and cannot be, as an ingest told, is replaced by one that lasts as
        long as this reader: then it is time for another ingest."""
        from newsreader.reader.scratch import scratch_folder

        is_away = not self.target.index.exists()
        try:
            if self._scratch is not None or is_away or self._index.is_complete():
                return False
            self._scratch = scratch_folder(failure)
            index = Path(self._scratch, self.target.index.name)
            self._index.move(index)
        except StorageFailed:
            return False
        self.target = self.target.but(index=index)
        self._let_go_of_words()
        self._clusters = Clusters(self.target.index)
        self._notices.append(Warning("index-not-kept", failure.why))
        return True

    def close(self) -> None:
        """Let go of everything."""
        self._let_go_of_words()
        self._index.close()
        if self._scratch is not None:
            from shutil import rmtree

            rmtree(self._scratch, ignore_errors=True)

    def _let_go_of_words(self) -> None:
        if self._searcher is not None:
            self._searcher.close()
            self._searcher = None
        self._clusters.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def locate(self) -> None:
        """Look for the archives that are read, where `open` left that for later."""
        self.target.locate()

    @property
    def fault(self) -> BadSettings | None:
        """What keeps sources.toml from being read: until it is mended, what is in the index is all there is."""
        self.target.locate()
        return self.target.fault

    def added(self) -> Sequence[Source]:
        """The sources of sources.toml, read again where that has changed; none where it cannot be read."""
        if self._sources is None:
            return ()
        config, _ = self._sources
        now = _mtime(config.places.sources_file)
        if self._added is None or self._added[0] != now:
            from newsreader.config import load_sources

            try:
                self._added = now, load_sources(config.places)
            except BadSettings:
                self._added = now, ()
        return self._added[1]

    def short_names(self) -> Mapping[str, str]:
        """What is shown for the names of sources where there is little room; see config.short_names."""
        if self._sources is None:
            return {}
        config, then = self._sources
        if self._short is None or self._short[0] != then:
            from newsreader.config import short_names

            self._short = then, short_names(config.places)
        return self._short[1]

    @property
    def kind(self) -> Kind:
        """Whether this is the library, a path or the demo."""
        return self.target.kind

    @property
    def title(self) -> str:
        """The name of the path that is read, untrusted; "" for the library and the demo, which the door names."""
        return self.target.title

    def notices(self) -> tuple[Warning, ...]:
        """What happened to our own files that one ought to know, each told once: the codes of Index.notices, and
        "index-not-kept" (the detail is the reason)."""
        told = (*self._notices, *self._index.notices())
        self._notices.clear()
        return told

    # --- the list ---

    def rows(self, view: View = ALL) -> Rows:
        """The rows of a view: pages of them, where one stands, how many there are. They raise BadQuery and Unsearchable
        where the view has a query."""
        return self._index.rows(view, lambda query: self.searcher.narrow(query))

    def summary(self, story: str) -> Summary | None:
        """The row of a story."""
        return self._index.summary(story)

    def sources(self) -> list[SourceRow]:
        """Every source that has stories, by name."""
        return self._index.ask(counts.sources)

    def topics(self) -> list[tuple[str, int]]:
        """Every topic and how many stories it has, the most frequent first."""
        return self._index.ask(counts.topics)

    def tags(self) -> list[tuple[str, int]]:
        """Every tag and how many stories carry it, by name."""
        return self._index.ask(counts.tags)

    def days(self, source: str | None = None) -> list[tuple[date, int, int]]:
        """The days (UTC) that have stories, of all sources or one, the newest first: how many, and how many unread."""
        return [(_day(day), stories, unread) for day, stories, unread in self._index.ask(counts.days, source)]

    def local_days(self, source: str | None = None) -> list[date]:
        """The days in the reader's zone that have stories, of all sources or one, the newest first."""
        from newsreader.library.days import local_days

        return self._index.ask(local_days, source, self._zone)

    def changed(self) -> bool:
        """Whether anything that the list shows may have changed since this was asked last, by an indexer or another
        newsreader; cheap enough for every tick."""
        moved = self._index.changed()
        if moved:
            self._watch = None
        return self._clusters.changed() or moved

    def catch_up(self) -> bool:
        """Bring a slice of many marks that were set at once into the rows; whether more are waiting."""
        return self._index.catch_up()

    def stale(self) -> bool:
        """Whether archives have changed since they were read, sources were added or removed, or words were lost: then
        it is time for an ingest. Looks at mtimes only, cheap enough for every tick while no ingest runs."""
        if self._index.is_gone:
            return False
        if self._sources is not None:
            config, then = self._sources
            now = _mtime(config.places.sources_file)
            if now != then:
                self._sources = config, now
                return self._choose_again(config)
        if self.fault is not None:
            return False
        if self._searcher is not None and self._searcher.is_another():
            return True
        if self._watch is None:
            from newsreader.library.writing import watched
            from newsreader.reader.watching import Watch

            unread = dict.fromkeys(map(os.fsencode, self.target.locations), -1)
            self._watch = Watch({**unread, **self._index.ask(watched)})
        return self._watch.sees_change()

    def _choose_again(self, config: Config) -> bool:
        target = choose(config, self._index.marks, None, demo=False)
        is_another = target.index.name != self.target.index.name
        if target.fault is not None or is_another:  # half-written, or all removed: what is read stays
            return False
        if target.locations == self.target.locations and self.target.fault is None:
            return False
        self.target = self.target.but(locations=target.locations)
        return True

    # --- what the first frame does without ---

    @property
    def searcher(self) -> Searcher:
        """What searches."""
        if self._searcher is None:
            from newsreader.reader.searching import Searcher

            places = self._config.places if self._config else None
            self._searcher = Searcher(lambda: self.target, self._index, self._zone, places)
        return self._searcher

    @property
    def rules(self) -> Rules:
        """What becomes of stories when they arrive."""
        from newsreader.reader.rules import Rules

        book = self._rule_book() if self.fault is None else None
        return Rules(book, self._index, self.marks, lambda: self.searcher.words)

    def _rule_book(self) -> RuleBook | None:
        """Where the rules are of what is read, if that has any."""
        if self._config is None or self.kind != "library":
            return None
        from newsreader.reader.rules import RuleBook

        return RuleBook(self._config.places, self._zone)

    @property
    def network(self) -> Network:
        """What fetches, and prunes what was fetched."""
        from newsreader.reader.network import Network

        return Network(self._config, self.target, self._index)

    # --- stories ---

    def article(self, story: str, revision: int | None = None) -> Article:
        """A revision of a story (1 the oldest, None the newest) from the index, its links to stories that are here
        resolved; raises NotFound."""
        from dataclasses import replace

        from newsreader.identity import with_stories

        article = self._index.article(story, revision)
        return replace(article, links=with_stories(article.links, self._index.holds))

    def resolve(self, beginning: str, *, deleted: bool = False) -> str:
        """The id that begins so, of what is shown or of what is `deleted`; raises NotFound and AmbiguousId."""
        wanted = beginning.lower()
        if not wanted or len(wanted) > 16 or wanted.strip("0123456789abcdef"):
            raise NotFound(beginning)
        if deleted:
            found = [row.id for row in self.marks.deleted() if row.id.startswith(wanted)]
        else:
            found = self._index.ids(wanted, 2)
        if not found:
            raise NotFound(beginning)
        if len(found) > 1:
            raise AmbiguousId(beginning)
        return found[0]

    def by_url(self, url: str) -> str | None:
        """The id of the story at a URL, if it is here."""
        from newsreader.identity import story_at

        story = story_at(url)
        return story if story and self._index.holds(story) else None

    def revisions(self, story: str) -> list[Revision]:
        """Every revision of a story, the newest last; empty if there is no such story."""
        return [
            Revision(article.revision, article.published, article.updated, article.title, dump)
            for article, dump in self._index.revisions(story)
        ]

    def pages(self, story: str) -> list[tuple[Article, str]]:
        """What commands made of a story, each with the path of its dump, the latest last."""
        from newsreader.library import revisions

        return self._index.ask(revisions.pages, sid(story))

    def keep_page(self, story: str, command: str, output: str) -> None:
        """Keep what a command printed of a story as a page of it, which is there after the next ingest. Raises NotFound
        and StorageFailed."""
        from newsreader.reader.command_pages import keep

        row = self._index.summary(story)
        if row is None:
            raise NotFound(story)
        root = next((root for root in self.target.locations if row.dump.startswith(root)), "")
        keep(self.target, root, self._index.article(story), command, output)

    def drop_page(self, story: str, command: str) -> None:
        """Take away what a command made of a story, which is gone after the next ingest. Raises StorageFailed."""
        from newsreader.reader.command_pages import drop

        for article, dump in self.pages(story):
            if article.made_by == command:
                drop(dump)

    def appendix(self, story: str) -> frozenset[int]:
        """The numbers of the blocks of a story's newest revision that are appendices (library.search.appendices)."""
        return self._clusters.appendix(story)

    def clusters(self, stories: Iterable[str]) -> dict[str, frozenset[str]]:
        """Those of some stories that stand at several outlets within three days in mostly the same words: each with the
        ids of all that belong together, its own among them. (library.search.near_duplicates)"""
        found = self._clusters.of(stories)
        there = {story for story in found if self._index.holds(story)}  # the words may be behind
        return {story: found[story] & there for story in there if len(found[story] & there) > 1}

    # --- the session ---

    def session(self) -> dict[str, Any]:
        """What was saved of the last session with this target; empty if nothing was."""
        saved = self._index.marks.kept_as(f"session:{self.target.name}")
        return saved if isinstance(saved, dict) else {}

    def save_session(self, session: dict[str, Any]) -> None:
        """Save what JSON can say of this session."""
        self._index.marks.keep(f"session:{self.target.name}", session)

    def _remember(self, path: str) -> None:
        marks = self._index.marks
        if marks.kept_as(LAST_PATH) != path:
            try:
                marks.keep(LAST_PATH, path)
            except StorageFailed as failure:
                self._notices.append(Warning("marks-not-kept", failure.why))

    # --- the index ---

    def needs_index(self) -> bool:
        """Whether the archives have never been read to the end, and can be."""
        return self.fault is None and not self._index.is_complete()

    def ingest(self, cancel: Callable[[], bool] = lambda: False) -> Iterator[Progress]:
        """Bring into the index what changed in the archives, newest first; see ingest.ingest. It works on a
        connection of its own, so that this reader can be read from meanwhile. Raises BadSettings at once."""
        self._look_for_archives()
        return self._ingested(cancel)

    def _ingested(self, cancel: Callable[[], bool]) -> Iterator[Progress]:
        from newsreader.reader.ingest import ingest

        try:
            yield from ingest(self.target, cancel)
        except StorageFailed as failure:
            if not self.stand_in(failure):
                raise
            yield from ingest(self.target, cancel)

    def fill_search(self, cancel: Callable[[], bool] = lambda: False) -> Iterator[Progress]:
        """Bring the index of words up to date with the stories, newest first, on a connection of its own; goes on where
        it was left. A Progress after every batch, of stage "words", then "done", "elsewhere" or "canceled"."""
        from newsreader.reader.ingest import fill_search

        return fill_search(self.target, self._rule_book(), cancel)

    def problems(self) -> Iterator[Problem]:
        """Everything that is wrong with our own files, the archives and their dumps; reads both databases whole."""
        from newsreader.reader.checking import problems

        return problems(self.target, self._index, self.notices(), self.network.troubles())

    def faulty_dumps(self) -> Iterator[tuple[str, str | None, str | None]]:
        """The dumps that cannot be read or are odd: path, why, and the warnings (JSON)."""
        return self._index.faulty_dumps()

    def start_ingest(self) -> Job[Progress]:
        """The same and then the index of words (ingest.ingest_all), in a process of its own. Raises NoProcess and
        BadSettings."""
        from newsreader.jobs import Job

        self._look_for_archives()
        return Job("newsreader.reader.ingest:ingest_all", self.target, self._rule_book())

    def _look_for_archives(self) -> None:
        """A first fetch makes an archive that was not there when this was opened."""
        if self._sources is not None:
            self._choose_again(self._sources[0])
        if self.fault is not None:
            raise self.fault


def _mtime(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _day(number: int) -> date:
    try:
        return date.fromordinal(date(1970, 1, 1).toordinal() + number)
    except (ValueError, OverflowError):
        return date.min if number < 0 else date.max


def _look_inside(path: str) -> None:
    """Raise NotADump or Unreadable for what is no archive; the index says it of a path that it knows."""
    from newsreader.archive import open_archive

    open_archive(Path(path)).close()
