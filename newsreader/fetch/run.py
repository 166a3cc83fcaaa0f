"""Many sources at once: each is asked, read, written, and remembered.

Decided only here: how many sources are in hand at once, and that what is remembered of a source is written after its
dumps.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Final

from newsreader.config import Places, Source, load_settings
from newsreader.dump import Dump, encode, guid_of, key_of
from newsreader.errors import FetchFailed, StorageFailed, TryLater
from newsreader.fetch import FetchProgress, Stage
from newsreader.fetch.addresses import shown
from newsreader.fetch.client import Client
from newsreader.fetch.client.answers import Answer
from newsreader.fetch.items import Feed
from newsreader.fetch.pages import full_texts
from newsreader.fetch.password_lookup import with_password
from newsreader.fetch.remote import fetch_remote
from newsreader.fetch.request_terms import Limits, access_of
from newsreader.fetch.selection import New, lets_more_in, selected
from newsreader.fetch.servers.syncing import Agreements, sync_server
from newsreader.fetch.signatures import is_no_text
from newsreader.fetch.source_names import under_its_title
from newsreader.fetch.state import Fault, State, left_alone, load_state, save_state, states_of
from newsreader.fetch.store import SourceFolder, Store, surplus
from newsreader.fetch.truncation import has_end, whole
from newsreader.fetch.workers import Task, Workers
from newsreader.files import clear_half_written
from newsreader.identity import story_id

_AT_ONCE: Final = 40
_LIMITS: Final = Limits(size=32 * 2**20)
_WRITING: Final = 4
"""Sources whose dumps are written at once: more of them only wait for the disk."""

_LOOK_SECONDS: Final = 0.1
_MOST_TOLD: Final = 20
"""So many pages that did not come are remembered of one fetch."""


def run(
    places: Places,
    sources: Sequence[Source],
    cancel: Callable[[], bool],
    *,
    named: bool,
    extractor: str,
    linker: str,
    stays: Callable[[str], bool],
    agreements: Agreements | None,
) -> Iterator[FetchProgress]:
    """See `newsreader.fetch.fetch`."""
    for source in sources:
        yield FetchProgress(source.name, "waiting")
    with asyncio.Runner() as runner:
        whole = _Run(places, named=named, extractor=extractor, linker=linker, stays=stays, agreements=agreements)
        work = runner.run(_begun(whole.everything(sources)))
        try:
            while not work.done() and not cancel():
                yield from runner.run(whole.told(work))
            yield from whole.rest()
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                runner.run(_ended(work))


async def _begun(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.create_task(work)


async def _ended(work: asyncio.Task[None]) -> None:
    await work


class _Run:
    """One fetch."""

    def __init__(
        self,
        places: Places,
        *,
        named: bool,
        extractor: str = "",
        linker: str = "",
        stays: Callable[[str], bool] = lambda story: False,
        agreements: Agreements | None = None,
    ) -> None:
        self.places = places
        self.agreements = agreements
        self._stays = stays
        self._extractors = Workers(extractor) if extractor else None
        self._linkers = Workers(linker) if linker else None
        self.store = Store(places)
        self._opened = load_settings(places).inside
        clear_half_written(states_of(places))
        self.named = named
        self._told: asyncio.Queue[FetchProgress] = asyncio.Queue()
        self.writing = asyncio.Semaphore(_WRITING)

    # --- telling ---

    async def told(self, work: asyncio.Task[None]) -> list[FetchProgress]:
        """What there is to tell, after waiting a moment for something."""
        wait = asyncio.ensure_future(self._told.get())
        await asyncio.wait((wait, work), timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not wait.done():
            wait.cancel()
            return []
        return [wait.result(), *self.rest()]

    def rest(self) -> list[FetchProgress]:
        """What has not been told yet."""
        told = []
        while not self._told.empty():
            told.append(self._told.get_nowait())
        return told

    def tell(
        self,
        source: Source,
        stage: Stage,
        done: int = 0,
        total: int | None = None,
        added: int = 0,
        failure: FetchFailed | None = None,
        partly: Sequence[Fault] = (),
        renamed: str = "",
    ) -> None:
        """Say how far a source is."""
        lacking = tuple(fault.failure() for fault in partly)
        self._told.put_nowait(FetchProgress(source.name, stage, done, total, added, failure, lacking, renamed))

    # --- sources ---

    async def everything(self, sources: Sequence[Source]) -> None:
        """All sources, each as if it were alone."""
        places = asyncio.Semaphore(_AT_ONCE)
        workers = Workers()
        try:
            async with Client(self._opened) as client, asyncio.TaskGroup() as group:
                for source in sources:
                    group.create_task(self._source(source, client, workers, places))
        finally:
            for some in (workers, self._extractors, self._linkers):
                if some is not None:
                    some.close()
            with suppress(OSError):
                self.store.finish()

    async def _source(self, source: Source, client: Client, workers: Workers, places: asyncio.Semaphore) -> None:
        async with places:
            state = load_state(self.places, source.location)
            try:
                reason = None if self.named else left_alone(state, shown(source.location))
                if reason is not None:
                    self.tell(source, "failed", failure=reason)
                    return
                self.tell(source, "asking")
                source = await asyncio.to_thread(with_password, source)
                if source.kind == "server":
                    await sync_server(self, client, source)
                elif source.kind == "remote":
                    await fetch_remote(self, client, source, state)
                else:
                    await self._feed(client, workers, source, state)
            except FetchFailed as failure:
                self._failed(source, failure)
            except OSError as error:
                where = str(error.filename or source.name)
                self._failed(source, FetchFailed(where, "disk", detail=error.strerror or str(error)))
            except StorageFailed as error:
                self._failed(source, FetchFailed(error.where, "disk", detail=error.why))

    def _failed(self, source: Source, failure: FetchFailed) -> None:
        state = load_state(self.places, source.location)
        state.failed(failure, time.time())
        if state.moved and not isinstance(failure, TryLater):
            state.moved, state.gone = "", ""  # where it had moved to; the next time its own address is asked
        with suppress(OSError):
            save_state(self.places, source.location, state)
        self.tell(source, "failed", failure=failure)

    async def _feed(self, client: Client, workers: Workers, source: Source, state: State) -> None:
        url = state.moved or shown(source.location)
        if self.store.find(source.location) is None:  # its folder was deleted: all of it is new
            state = State(moved=state.moved)
        if lets_more_in(source, state):
            state.validators, state.digest, state.not_due = {}, "", 0.0
        if state.is_resting(time.time()) and not self.named:
            self.tell(source, "resting")
            return
        validators = state.validators.get(url) if state.known else None
        access = access_of(source, state.moved)
        terms = {"access": access, "validators": validators, "limits": _LIMITS, "enough": is_no_text}
        answer = await whole(client, url, is_whole=has_end, **terms)
        digest = "" if answer.unchanged else blake2b(answer.body, digest_size=16).hexdigest()
        if answer.unchanged or (digest == state.digest and not state.unfinished):
            await asyncio.to_thread(self._remember_unchanged, source, answer, url)
            self.tell(source, "unchanged")
            return
        try:
            feed = await workers.read(Task(answer.body, shown(answer.url), answer.charset))
        except FetchFailed as unread:
            raise await self._instead(unread, answer) from None
        self.tell(source, "reading", 0, len(feed.items))
        async with self.writing:
            faults = [] if has_end(answer.body) else [Fault(shown(answer.url), "no-end")]
            named = await asyncio.to_thread(under_its_title, self.places, source, feed.title)
            new = await asyncio.to_thread(self._keep, named, feed, answer, url, digest, faults)
        if new is None:
            self.tell(source, "elsewhere")
            return
        lacking = await self._full_texts(client, named, new)
        done = len(feed.items)
        failure = lacking[0] if lacking else None
        renamed = named.name if named.name != source.name else ""
        self.tell(source, "failed" if failure else "done", done, done, len(new), failure, faults, renamed)

    async def _instead(self, failure: FetchFailed, answer: Answer) -> FetchFailed:
        """The failure to read a feed; of what is a page by now, with the feed that the page names."""
        if self._linkers is None or (failure.why, failure.detail) != ("not-a-feed", "html"):
            return failure
        links = await self._linkers.result(Task(answer.body, shown(answer.url), answer.declared))
        others = [link for link in links if link != answer.url] if isinstance(links, list) else []
        return FetchFailed(failure.where, "names-a-feed", detail=others[0]) if others else failure

    def _remember_unchanged(self, source: Source, answer: Answer, asked: str) -> None:
        before = load_state(self.places, source.location)
        state = replace(before, validators={asked: answer.validators})
        state.succeeded()
        state.rest(time.time(), answer.fresh)
        if state != before:
            save_state(self.places, source.location, state)

    async def _full_texts(self, client: Client, source: Source, new: Sequence[New]) -> list[FetchFailed]:
        """Bring in the full texts of new dumps, where the source is to have them; what failed."""
        if not source.full_text or self._extractors is None:
            return []
        dumps = [one.dump for one in new if one.dump.url.startswith(("http://", "https://"))]
        texts, lacking = await full_texts(client, self._extractors, access_of(source), dumps)
        async with self.writing:
            await asyncio.to_thread(self._keep_texts, source, texts, lacking)
        return lacking

    def _keep_texts(self, source: Source, texts: Sequence[Dump], lacking: Sequence[FetchFailed]) -> None:
        with self.store.open(source.name, source.location) as folder:
            if folder is None or not (texts or lacking):
                return
            state = load_state(self.places, source.location)
            state.partly += map(Fault.of, lacking[:_MOST_TOLD])
            texts = sorted(texts, key=lambda text: text.time_ms or 0)
            numbers = folder.put([(text.title, encode(text)) for text in texts])
            for text, number in zip(texts, numbers, strict=True):
                name = guid_of(text.body)[0]
                if (known := state.known.get(name)) is not None:
                    state.learn(name, known.with_text(number, text.time_ms or 0))
            save_state(self.places, source.location, state)

    def _keep(
        self, source: Source, feed: Feed, answer: Answer, asked: str, digest: str, faults: list[Fault]
    ) -> list[New] | None:
        """Write what is new in a feed, then remember it; what that is, None if another process is at it."""
        with self.store.open(source.name, source.location) as folder:
            if folder is None:
                return None
            state = load_state(self.places, source.location)
            if folder.is_empty():
                state.known = {}
            elif state.is_new or state.unfinished:
                state.known |= folder.known()
            dumps, seen = selected(source, feed, state)
            if dumps:
                state.unfinished = True
                save_state(self.places, source.location, state)
            self._write(folder, dumps, state)
            state.saw(seen)
            state.unfinished, state.partly = False, faults
            state.succeeded()
            state.moved = answer.moved or state.moved
            state.validators, state.digest = {state.moved or asked: answer.validators}, digest
            state.schedule = feed.schedule
            state.rest(time.time(), answer.fresh)
            save_state(self.places, source.location, state)
        return dumps

    def _write(self, folder: SourceFolder, dumps: Sequence[New], state: State) -> None:
        """Write dumps and learn them. What there is too much of by then goes at once, by the rule that `prune` has: a
        feed whose texts change at each fetch would grow without bound until somebody prunes."""
        gone: set[int] = set()
        numbers = folder.put([(new.title, encode(new.dump)) for new in dumps])
        for new, number in zip(dumps, numbers, strict=True):
            revisions = (*new.known.dumps, number)
            if (more := surplus(revisions)) and not self._stays(story_id(key_of(new.dump))):
                gone.update(more)
            state.learn(new.name, new.known._replace(dumps=tuple(n for n in revisions if n not in gone)))
        if gone:
            folder.prune(gone)
