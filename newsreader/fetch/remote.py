"""An archive of dumps elsewhere: README.md -> lists/ -> articles/ under a base address, as the dump format has it.

Its new dumps come here byte by byte as they are there. Decided only here: what of an archive is asked for (its lists
each time, a dump once, one that it does not have now and then), in which order, and under which name a dump stands here
where its own is not safe on every file system.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, unquote, urljoin

from newsreader.archive import HEAD
from newsreader.archive.names import TEMPORARY
from newsreader.archive.numbered import only_writer, put_as_named
from newsreader.config import Source
from newsreader.dump import looks_like_dump
from newsreader.errors import FetchFailed, TryLater
from newsreader.fetch.addresses import shown
from newsreader.fetch.client import PER_HOST, Client
from newsreader.fetch.client.answers import Answer
from newsreader.fetch.request_terms import Limits, access_of
from newsreader.fetch.state import Fault, Missing, State, load_state, save_state
from newsreader.fetch.truncation import whole
from newsreader.files import clear_half_written, read_file
from newsreader.safety import safe_filename

if TYPE_CHECKING:
    from newsreader.fetch import Stage
    from newsreader.fetch.run import _Run

PRUNED: Final = f"{TEMPORARY}pruned"
"""The file in a tree that names the dumps which were pruned, and so are not fetched again."""

_LIST_LINK: Final = re.compile(r"\]\((?:\./|/)?lists/([^()\n]{1,1000}\.md)\)")
_DUMP_LINK: Final = re.compile(r"\]\((?:\./|/)?articles/((?:(?!\]\()[\s\S]){1,2000}?)\)[ \t]*(?=[\r\n]|\Z)")
_MOST_LISTS: Final = 2000
_MOST_LISTED: Final = 128 * 2**20
"""Characters of all lists of an archive together."""

_MOST_AT_ONCE: Final = 100_000
"""Dumps that one fetch asks for; the next one goes on."""

_GIVE_UP: Final = 5
"""So many dumps that fail one after the other, and the rest is left for another time."""

_HOLES: Final = frozenset({404, 410, 451, "not-a-dump", "too-big", "redirect", "redirects", "private-address"})
"""What is a fact about one dump; anything else may hold for all of the server."""

_DAY: Final = 24 * 3600.0
_LONGEST_PAUSE: Final = 32 * _DAY
_LIMITS: Final = Limits(size=64 * 2**20)


class _Dump(NamedTuple):
    """A dump there and here; `here`: its path below the tree."""

    url: str
    place: Path
    here: str


def base_of(url: str) -> str:
    """The base address of an archive that is known by that, or by the address of its README.md."""
    url = url.partition("#")[0].partition("?")[0]
    return url[: -len("README.md")] if url.endswith("/README.md") else url if url.endswith("/") else url + "/"


def names_of_lists(readme: str) -> list[str]:
    """The lists that a README.md links, as paths below lists/, unquoted."""
    return list(dict.fromkeys(unquote(found[1]) for found in _LIST_LINK.finditer(readme)))[:_MOST_LISTS]


def names_of_dumps(listing: str) -> list[str]:
    """The dumps that a list links, newest first, as paths below articles/, unquoted."""
    return list(dict.fromkeys(unquote(found[1]) for found in _DUMP_LINK.finditer(listing)))


async def fetch_remote(run: _Run, client: Client, source: Source, state: State) -> None:
    """Bring the new dumps of a remote archive here, newest first. Raises FetchFailed and OSError."""
    tree = await asyncio.to_thread(run.store.tree, source.name, source.location)
    with only_writer(tree) as alone:
        if not alone:
            run.tell(source, "elsewhere")
            return
        await asyncio.to_thread(_clear, tree)
        await _Remote(run, client, source, state, tree).fetch()


def _clear(tree: Path) -> None:
    """Remove what a fetch that was killed left half-written below a tree that is ours alone now."""
    for folder, _, _ in os.walk(tree):
        clear_half_written(folder, alone=True)


class _Remote:
    """One remote archive and its tree here."""

    def __init__(self, run: _Run, client: Client, source: Source, state: State, tree: Path) -> None:
        self._run = run
        self._client = client
        self._source = source
        self._access = access_of(source)
        self._validators = dict(state.validators)
        self._missing = dict(state.missing)
        self._unsure = set(state.unsure)
        self._tree = tree
        self._base = base_of(shown(source.location))
        self._end: FetchFailed | None = None
        self._passing: list[FetchFailed] = []
        self._in_a_row = 0
        self._room = _MOST_LISTED
        self._listing = asyncio.Semaphore(2 * PER_HOST)
        self._done = self._total = self._added = 0

    async def fetch(self) -> None:
        """The lists, then what is not here."""
        readme = await self._text("README.md", self._tree / "README.md")
        lists = names_of_lists(readme)
        if not lists:
            raise FetchFailed(shown(self._base + "README.md"), "not-an-archive")
        texts = await asyncio.gather(*(self._list(name) for name in lists))
        listings = [text for text in texts if isinstance(text, str)]
        faults = [text for text in texts if isinstance(text, FetchFailed)]
        if not listings and faults:
            raise faults[0]
        wanted = await asyncio.to_thread(self._wanted, listings)
        self._total = len(wanted)
        self._run.tell(self._source, "reading", 0, self._total)
        queue = iter(wanted)
        await asyncio.gather(*(self._take(queue) for _ in range(2 * PER_HOST)))
        failure = self._end or (self._passing[0] if self._passing and not self._added else None)
        state = self._remember(failure, [Fault.of(fault) for fault in faults])
        stage: Stage = "failed" if failure else "done" if self._added else "unchanged"
        self._run.tell(self._source, stage, self._done, self._total, self._added, failure, state.lacking())

    async def _list(self, name: str) -> str | FetchFailed | None:
        place = _local(self._tree / "lists", name)
        if place is None:
            return None
        async with self._listing:
            try:
                text = await self._text("lists/" + name, place) if self._room > 0 else ""
            except FetchFailed as failure:
                return failure
        self._room -= len(text)
        return text if self._room > 0 else FetchFailed(shown(urljoin(self._base, quote("lists/" + name))), "too-big")

    async def _text(self, name: str, place: Path) -> str:
        """A file of the archive that may change; it is asked for each time, but taken only when it has changed."""
        url = urljoin(self._base, quote(name))
        known = self._validators.get(url) if place.exists() else None
        answer = await whole(self._client, url, access=self._access, validators=known, limits=_LIMITS)
        if answer.unchanged:
            return (await asyncio.to_thread(read_file, place)).decode("utf-8-sig", "replace")
        await asyncio.to_thread(put_as_named, place, answer.body)
        self._validators[url] = answer.validators
        return answer.body.decode("utf-8-sig", "replace")

    def _wanted(self, listings: Sequence[str]) -> list[_Dump]:
        """What is to be asked for, the newest of each list first; last what was asked for in vain."""
        pruned = self._pruned()
        keep = self._source.keep_stories
        by_list = [names_of_dumps(listing)[:keep] for listing in listings]
        wanted: dict[str, _Dump] = {}
        missing: dict[str, Missing] = {}
        for name in filter(None, chain.from_iterable(zip_longest(*by_list))):
            place = _local(self._tree / "articles", name)
            here = "" if place is None else place.relative_to(self._tree).as_posix()
            if place is None or here in wanted or here in pruned:
                continue
            if here in self._missing:
                missing[here] = self._missing[here]
            if (here in self._unsure or not place.exists()) and self._is_due(here):
                wanted[here] = _Dump(urljoin(self._base, "articles/" + quote(name)), place, here)
                if len(wanted) == _MOST_AT_ONCE:
                    break
        else:
            self._missing = missing
        return sorted(wanted.values(), key=lambda dump: dump.here in self._missing)

    def _is_due(self, here: str) -> bool:
        """Whether a dump is to be asked for; a pause that is too long was begun when the clock was ahead."""
        hole = self._missing.get(here)
        return hole is None or self._run.named or not 0 < hole.not_before - time.time() <= _LONGEST_PAUSE

    def _pruned(self) -> frozenset[str]:
        try:
            return frozenset(read_file(self._tree / PRUNED).decode("utf-8", "surrogateescape").split("\0"))
        except OSError:
            return frozenset()

    async def _take(self, queue: Iterator[_Dump]) -> None:
        """Fetch one dump after the other, until there are no more or too many fail."""
        for dump in queue:
            if self._end is not None:
                return
            try:
                answer = await whole(self._client, dump.url, access=self._access, limits=_LIMITS)
                if not looks_like_dump(answer.body[:HEAD]):
                    raise FetchFailed(shown(dump.url), "not-a-dump")
            except FetchFailed as failure:
                self._miss(dump, failure)
                continue
            self._in_a_row = 0
            self._missing.pop(dump.here, None)
            try:
                is_new = await asyncio.to_thread(self._put, dump, answer)
            except OSError as error:  # of a full disk
                self._end = FetchFailed(str(dump.place), "disk", detail=error.strerror or str(error))
                return
            self._done += 1
            self._added += is_new
            self._run.tell(self._source, "reading", self._done, self._total, self._added)

    def _put(self, dump: _Dump, answer: Answer) -> bool:
        """Write a dump; False if it is here already: what came twice at the same length is whole."""
        if dump.here in self._unsure:
            self._unsure.discard(dump.here)
            if dump.place.exists() and dump.place.stat().st_size >= len(answer.body):
                return False
        put_as_named(dump.place, answer.body)
        if answer.may_be_cut:
            self._unsure.add(dump.here)
        return True

    def _miss(self, dump: _Dump, failure: FetchFailed) -> None:
        """Take note of a dump that did not come, and of when it is asked for again."""
        times = self._missing[dump.here].times + 1 if dump.here in self._missing else 1
        is_hole = failure.status in _HOLES or failure.why in _HOLES
        sure = times - (failure.why == "not-a-dump")  # the first time it may be a page to sign in at
        pause = _DAY * 2.0 ** min(sure - 1, 5) if is_hole and sure else 0.0
        self._missing[dump.here] = Missing(Fault.of(failure), times, time.time() + pause, not is_hole)
        if is_hole:
            self._in_a_row = 0
            return
        self._passing.append(failure)
        self._in_a_row += 1
        if isinstance(failure, TryLater) or self._in_a_row >= _GIVE_UP:
            self._end = self._end or failure

    def _remember(self, failure: FetchFailed | None, faults: list[Fault]) -> State:
        state = load_state(self._run.places, self._source.location)
        if failure is None:
            state.succeeded()
        else:
            state.failed(failure, time.time())
        state.validators, state.partly = self._validators, faults
        state.missing, state.unsure = self._missing, sorted(self._unsure)
        save_state(self._run.places, self._source.location, state)
        return state


def _local(above: Path, name: str) -> Path | None:
    """Where a file of the archive stands here; None for a name that leads elsewhere. A name that not every file system
    takes is made safe, with a mark of its own so that no two become one."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts or len(parts) > 8 or not parts[-1].endswith(".md"):
        return None
    return above.joinpath(*(_safe(part) for part in parts[:-1]), _safe(parts[-1], ".md"))


def _safe(part: str, suffix: str = "") -> str:
    stem = part.removesuffix(suffix)
    safe = safe_filename(stem, suffix=suffix)
    if safe == part and (suffix or not part.endswith(".md")):  # a folder of that name would stand in a dump's place
        return part
    mark = blake2b(part.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return safe_filename(stem, suffix=f" {mark}{suffix}")
