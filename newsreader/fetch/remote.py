"""An archive of dumps elsewhere: README.md -> lists/ -> articles/ under a base address, as the dump format has it.

Owns: bringing its new dumps here, byte by byte as they are there. Decided only here: what of an archive is asked for
(its lists each time, a dump once), in which order, and under which name a dump stands here where its own is not safe on
every file system. Never: changing a dump.
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
from newsreader.fetch.state import State, load_state, save_state
from newsreader.fetch.terms import Access, Limits
from newsreader.files import clear_half_written
from newsreader.safety import safe_filename

if TYPE_CHECKING:
    from newsreader.fetch.run import _Run

PRUNED: Final = f"{TEMPORARY}pruned"
"""The file in a tree that names the dumps which were pruned, and so are not fetched again."""

_LIST_LINK: Final = re.compile(r"\]\((?:\./|/)?lists/([^()\n]{1,1000}\.md)\)")
_DUMP_LINK: Final = re.compile(r"\]\((?:\./|/)?articles/((?:(?!\]\()[\s\S]){1,2000}?)\)[ \t]*(?=[\r\n]|\Z)")
_MOST_LISTS: Final = 2000
_GIVE_UP: Final = 5
"""So many dumps that fail one after the other, and the rest is left for another time."""
_LIMITS: Final = Limits(size=64 * 2**20)


class _Dump(NamedTuple):
    """A dump there and here."""

    url: str
    place: Path


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
        self._access = Access(source.headers, source.user, source.password)
        self._validators = dict(state.validators)
        self._tree = tree
        self._base = base_of(source.location)
        self._failures: list[FetchFailed] = []
        self._in_a_row = 0
        self._done = self._total = self._added = 0

    async def fetch(self) -> None:
        """The lists, then what is missing here."""
        readme = await self._text("README.md", self._tree / "README.md")
        lists = names_of_lists(readme)
        if not lists:
            raise FetchFailed(shown(self._base + "README.md"), "not-an-archive")
        texts = await asyncio.gather(*(self._list(name) for name in lists))
        missing = await asyncio.to_thread(lambda: list(self._missing([text for text in texts if text is not None])))
        self._total = len(missing)
        self._run.tell(self._source, "reading", 0, self._total)
        queue = iter(missing)
        await asyncio.gather(*(self._take(queue) for _ in range(2 * PER_HOST)))
        self._remember()
        if self._failures:
            failure = self._failures[0]
            self._run.tell(self._source, "failed", self._done, self._total, self._added, failure)
        elif not self._total:
            self._run.tell(self._source, "unchanged")
        else:
            self._run.tell(self._source, "done", self._done, self._total, self._added)

    async def _list(self, name: str) -> str | None:
        place = _local(self._tree / "lists", name)
        if place is None:
            return None
        try:
            return await self._text("lists/" + name, place)
        except FetchFailed as failure:
            self._failures.append(failure)
            return None

    async def _text(self, name: str, place: Path) -> str:
        """A file of the archive that may change; it is asked for each time, but taken only when it has changed."""
        url = urljoin(self._base, quote(name))
        known = self._validators.get(url) if place.exists() else None
        answer = await self._client.get(url, access=self._access, validators=known, limits=_LIMITS)
        if answer.unchanged:
            return (await asyncio.to_thread(place.read_bytes)).decode("utf-8-sig", "replace")
        await asyncio.to_thread(put_as_named, place, answer.body)
        self._validators[url] = answer.validators
        return answer.body.decode("utf-8-sig", "replace")

    def _missing(self, listings: Sequence[str]) -> Iterator[_Dump]:
        """What is not here yet, the newest of each list first."""
        pruned = self._pruned()
        keep = self._source.keep_stories
        by_list = [names_of_dumps(listing)[:keep] for listing in listings]
        for name in dict.fromkeys(filter(None, chain.from_iterable(zip_longest(*by_list)))):
            place = _local(self._tree / "articles", name)
            if place is None or place.relative_to(self._tree).as_posix() in pruned or place.exists():
                continue
            yield _Dump(urljoin(self._base, "articles/" + quote(name)), place)

    def _pruned(self) -> frozenset[str]:
        try:
            return frozenset((self._tree / PRUNED).read_text("utf-8", "surrogateescape").split("\0"))
        except OSError:
            return frozenset()

    async def _take(self, queue: Iterator[_Dump]) -> None:
        """Fetch one dump after the other, until there are no more or too many fail."""
        for dump in queue:
            if self._in_a_row >= _GIVE_UP:
                return
            try:
                answer = await self._client.get(dump.url, access=self._access, limits=_LIMITS)
                if not looks_like_dump(answer.body[:HEAD]):
                    raise FetchFailed(shown(dump.url), "not-a-dump")
            except FetchFailed as failure:
                self._failures.append(failure)
                self._in_a_row += 1
                if isinstance(failure, TryLater):
                    self._in_a_row = _GIVE_UP
                continue
            try:
                await asyncio.to_thread(put_as_named, dump.place, answer.body)
            except OSError as error:  # of a full disk
                self._failures.append(FetchFailed(str(dump.place), "disk", detail=error.strerror or str(error)))
                self._in_a_row = _GIVE_UP
                return
            self._in_a_row = 0
            self._done += 1
            self._added += 1
            self._run.tell(self._source, "reading", self._done, self._total, self._added)

    def _remember(self) -> None:
        state = load_state(self._run.places, self._source.location)
        state.succeeded()
        later = next((failure for failure in self._failures if isinstance(failure, TryLater)), None)
        if later is not None:
            state.failed(later, time.time())
        state.validators = self._validators
        save_state(self._run.places, self._source.location, state)


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
    if safe == part:
        return part
    mark = blake2b(part.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return safe_filename(stem, suffix=f" {mark}{suffix}")
