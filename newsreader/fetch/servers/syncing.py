"""One server synced: what it has is told to the agreement, marks go both ways, new stories become dumps.

Decided only here: the order in which it is asked. What says of a story that it is unread comes last, so that no story
which came meanwhile counts as read. Nothing is marked before all lists are whole. What was marked here is sent before
the texts of new stories come, which may take long, and what that leaves once more at the end.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, ParamSpec, Protocol, TypeVar

from newsreader.archive import Member, open_archive
from newsreader.archive.numbered import only_writer
from newsreader.config import Source
from newsreader.dump import decode, encode, guid_of, key_of, normalise
from newsreader.errors import FetchFailed, NewsreaderError, TryLater
from newsreader.fetch.addresses import shown
from newsreader.fetch.client import Client
from newsreader.fetch.compose import compose
from newsreader.fetch.servers import LABEL, Api, Entry, takes
from newsreader.fetch.servers.discovery import opened
from newsreader.fetch.state import Fault, Subscription, load_state, save_state
from newsreader.fetch.store import SourceFolder

if TYPE_CHECKING:
    from newsreader.fetch.run import _Run

_P = ParamSpec("_P")
_T = TypeVar("_T")

_IN_A_ROW: Final = 3
"""So many marks that a server does not take one after the other, and the rest waits for another time."""

_WRITTEN: Final = 500
"""So many stories are written at once: each time, their folders are looked through."""

_DAY: Final = 24 * 3600
_REFUSALS: Final = ("refused", "no-label", "not-an-answer")


class Agreement(Protocol):
    """What is agreed with a server about marks; see library.agreement."""

    def knows(self, mark: str) -> bool: ...
    def tell(self, what: str, ids: Iterable[str]) -> None: ...
    def lacking(self) -> int: ...
    def missing(self, limit: int) -> Iterator[list[str]]: ...
    def hold(self, stories: Iterable[tuple[str, str]]) -> None: ...
    def has_stories(self) -> bool: ...
    def forget_stories(self) -> None: ...
    def look(self) -> None: ...
    def vanished(self, limit: int) -> Iterator[list[str]]: ...
    def let_go(self, ids: Sequence[str]) -> None: ...
    def merge(self) -> int: ...
    def waiting(self, limit: int, takes: Callable[[str], bool]) -> Iterator[tuple[str, bool, list[str]]]: ...
    def sent(self, mark: str, value: bool, ids: Sequence[str]) -> None: ...
    def refused(self, mark: str, ids: Sequence[str], why: str) -> None: ...
    def synced(self) -> None: ...


class Agreements(Protocol):
    """Opens what is agreed with a server, for one of its users."""

    def __call__(self, source: Source) -> AbstractContextManager[Agreement]: ...


async def aside(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """What is done on a thread beside the loop, to its end also where it is waited for no longer."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def sync_server(run: _Run, client: Client, source: Source) -> None:
    """Sync one server, and tell of it; see the module. Raises FetchFailed, StorageFailed and OSError."""
    api = await opened(run.places, client, source)
    source = source._replace(api=api.name)
    is_new = run.store.find(source.location) is None
    tree = await aside(run.store.tree, source.name, source.location)
    with only_writer(tree) as alone:
        if not alone:
            run.tell(source, "elsewhere")
            return
        assert run.agreements is not None
        with run.agreements(source) as agreement:
            if is_new:
                agreement.forget_stories()
            elif not agreement.has_stories():  # it was lost
                await aside(agreement.hold, _held(tree, home_of(source)))
            await _Sync(run, source, api, agreement, tree).everything()


def home_of(source: Source) -> str:
    """What names a server with one of its APIs and users, which may each have other stories by the same ids."""
    whose = sha256(f"{source.api} {source.user}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{shown(source.location)}#{whose}"


def _named(home: str, name: str) -> str:
    """How dumps and folders name what a server has."""
    return f"{home}/{name}"


def _held(tree: Path, home: str) -> list[tuple[str, str]]:
    """The server's id and the key of each story whose dump is here, told by the dumps themselves."""
    held = []
    with suppress(NewsreaderError), open_archive(tree) as archive:
        for member in archive.listing():
            if isinstance(member, Member):
                with suppress(NewsreaderError):
                    dump = decode(archive.read(member))
                    name, _ = guid_of(dump.body)
                    if name.startswith(_named(home, "")):
                        held.append((name.removeprefix(_named(home, "")), key_of(dump)))
    return held


class _Sync:
    """One sync of one server."""

    def __init__(self, run: _Run, source: Source, api: Api, agreement: Agreement, tree: Path) -> None:
        self._run = run
        self._source = source
        self._api = api
        self._agreement = agreement
        self._tree = tree
        self._feeds: dict[str, Subscription] = {}
        self._faults: list[Fault] = []
        self._not_taken = 0
        self._failure: FetchFailed | None = None

    async def everything(self) -> None:
        """All of it."""
        agreement, run, source = self._agreement, self._run, self._source
        before = load_state(run.places, source.location).feeds
        await aside(agreement.look)
        await self._ask()
        await self._look_after_vanished()
        await aside(agreement.merge)
        await self._send()
        added = await self._bring()
        if added:
            await aside(agreement.merge)
            await self._send()
        if self._failure is not None:
            raise self._failure
        await aside(self._rename)
        agreement.synced()
        state = load_state(run.places, source.location)
        if self._not_taken:
            self._faults.append(Fault(shown(self._api.location), "not-taken", 0, str(self._not_taken)))
        state.succeeded()
        if state.feeds == before:  # else they were changed meanwhile, from here
            state.feeds = list(self._feeds.values())
        state.api, state.place = self._api.name, self._api.location
        failing = [f"{feed.called}: {feed.error}" for feed in self._feeds.values() if feed.error]
        state.partly = [*self._faults, *(Fault(shown(self._api.location), "feed-there", 0, why) for why in failing)]
        save_state(run.places, source.location, state)
        run.tell(source, "done", added, added, added, partly=state.partly)

    async def _ask(self) -> None:
        """Let the server tell what it has."""
        api, agreement = self._api, self._agreement
        self._feeds = {feed.id: feed for feed in await api.subscriptions()}
        labels = [LABEL + name for name in await api.labels()] if api.has_labels else []
        for what in ("starred", *(label for label in labels if self._takes(label) and agreement.knows(label))):
            await self._list(what)
        if self._source.keep_days:
            await self._list("recent", int(time.time()) - self._source.keep_days * _DAY)
        await self._list("unread")

    def _takes(self, mark: str) -> bool:
        return takes(self._api, self._feeds.values(), mark)

    async def _list(self, what: str, since: int = 0) -> None:
        async for page in self._api.ids(what, since):
            await aside(self._agreement.tell, what, page)

    async def _look_after_vanished(self) -> None:
        """Ask for what is starred or labelled no longer: perhaps the server has it no longer, as it does with what is
        old, or of a feed that was unsubscribed. That takes nobody's star away."""
        for ids in list(self._agreement.vanished(self._api.batch)):
            there = {entry.id for entry in await self._entries(ids)}
            self._agreement.let_go([item for item in ids if item not in there])

    # --- marks ---

    async def _send(self) -> None:
        """Send what waits: together, and one by one what is not taken so. What the server does not take goes on
        waiting, and holds up nothing else; after several in a row, so does the rest of that mark."""
        self._not_taken = 0
        in_a_row: Counter[str] = Counter()
        for mark, value, ids in self._agreement.waiting(self._api.edits, self._takes):
            if len(ids) > 1 and in_a_row[mark] < _IN_A_ROW and await self._try(mark, value, ids) is None:
                continue
            for place, item in enumerate(ids):
                if in_a_row[mark] >= _IN_A_ROW:
                    self._not_taken += len(ids) - place
                    break
                failure = await self._try(mark, value, [item])
                in_a_row[mark] = 0 if failure is None else in_a_row[mark] + 1
                if failure is not None:
                    why = f"{failure.why} {failure.status or ''} {failure.detail}"
                    self._agreement.refused(mark, [item], " ".join(why.split()))
                    self._not_taken += 1
                    if in_a_row[mark] >= _IN_A_ROW and failure.status >= 500 and not mark.startswith(LABEL):
                        self._failure = failure  # it is the server's own trouble

    async def _try(self, mark: str, value: bool, ids: list[str]) -> FetchFailed | None:
        """Send a mark; why the server did not take it. Raises what may hold for all that it is asked."""
        try:
            await self._api.mark(mark, value, ids)
        except FetchFailed as failure:
            is_refusal = failure.why in _REFUSALS or (failure.why == "status" and failure.status not in (401, 429))
            if not is_refusal or isinstance(failure, TryLater):
                raise
            return failure
        self._agreement.sent(mark, value, ids)
        return None

    # --- stories ---

    async def _bring(self) -> int:
        """Bring in the stories that are not here; how many came."""
        total = self._agreement.lacking()
        done = added = 0
        waiting: list[Entry] = []
        for ids in self._agreement.missing(self._api.batch):
            self._run.tell(self._source, "reading", done, total, added)
            waiting += await self._entries(ids)
            done += len(ids)
            if len(waiting) >= _WRITTEN:
                added += await self._written(waiting)
        return added + await self._written(waiting)

    async def _written(self, waiting: list[Entry]) -> int:
        """Write stories, which wait no longer; how many they were."""
        async with self._run.writing:
            await aside(self._keep, tuple(waiting))
        number = len(waiting)
        waiting.clear()
        return number

    async def _entries(self, ids: Sequence[str]) -> list[Entry]:
        """The stories of some ids, by halves where they are too big together; one that is so alone is left out. Where
        it has none of them, Miniflux answers 400."""
        try:
            return [entry for entry in await self._api.entries(ids) if entry.id in ids]
        except FetchFailed as failure:
            if failure.why != "too-big" and failure.status != 400:
                raise
            if len(ids) == 1:
                if failure.why == "too-big":
                    self._faults.append(Fault.of(failure))
                return []
        half = len(ids) // 2
        return [*await self._entries(ids[:half]), *await self._entries(ids[half:])]

    def _rename(self) -> None:
        """Let the lists in the archive say what feeds are called by now."""
        for feed in self._feeds:
            if self._run.store.find(_named(home_of(self._source), feed), self._tree):
                with self._folder(feed) as folder:
                    if folder is not None:
                        folder.put([])

    def _folder(self, feed: str) -> AbstractContextManager[SourceFolder | None]:
        known = self._feeds.get(feed)
        title = (known and (known.title or known.url)) or self._source.name
        return self._run.store.open(title, _named(home_of(self._source), feed), self._tree)

    def _keep(self, entries: Sequence[Entry]) -> None:
        """Write stories as dumps, then take note that they are here."""
        now = datetime.now(UTC).replace(microsecond=0)
        home = home_of(self._source)
        feeds: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            feeds[entry.feed if entry.feed in self._feeds else ""].append(entry)
        for feed, some in feeds.items():
            dumps = [normalise(compose(entry.item, now=now, name=_named(home, entry.id))) for entry in some]
            with self._folder(feed) as folder:
                if folder is None:
                    raise FetchFailed(shown(self._source.location), "disk", detail=feed)
                folder.put([(dump.title, encode(dump)) for dump in dumps])
            self._agreement.hold((entry.id, key_of(dump)) for entry, dump in zip(some, dumps, strict=True))
