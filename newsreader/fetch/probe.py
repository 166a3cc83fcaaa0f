"""What a URL is, for whoever adds it as a source.

Decided only here: a feed, a page, a remote archive and an archive file are told by what an answer holds, never by what
it or its name says.
"""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import basename
from typing import Final, Literal, TypeAlias, TypeVar
from urllib.parse import unquote, urljoin, urlsplit

from newsreader.archive.names import heading
from newsreader.config import Places, load_settings
from newsreader.dump import looks_like_dump
from newsreader.errors import FetchFailed
from newsreader.fetch.addresses import address_of, shown
from newsreader.fetch.client import Client
from newsreader.fetch.client.answers import Answer
from newsreader.fetch.remote import base_of, names_of_lists
from newsreader.fetch.request_terms import Access, Limits
from newsreader.fetch.workers import Task, Workers
from newsreader.files import clear_half_written, name_beside
from newsreader.safety import safe_filename

_T = TypeVar("_T")
FoundKind: TypeAlias = Literal["feed", "remote", "file", "dump", "page", "other"]

_PAGE: Final = Limits(size=32 * 2**20)
_FILE: Final = Limits(size=8 * 2**30, seconds=4 * 3600.0)
_NO_INDEX: Final = frozenset({401, 403, 404, 406})
_PACKED: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\xfd7zXZ\0", b"BZh")
_TAR: Final = slice(257, 262)


@dataclass(frozen=True, slots=True)
class Found:
    """What a URL is. `location`: where to fetch it from the next time; `name`: what it calls itself, or its host does.
    "file": a zip or tar; "dump": a single one; "page": a page, whose `body`, `type` and final `url` are given."""

    kind: FoundKind
    name: str
    location: str
    url: str = ""
    type: str = ""
    body: bytes = field(default=b"", repr=False)


def probe(places: Places, url: str, access: Access) -> Found:
    """Ask a URL what it is; raises FetchFailed and BadSettings."""
    return _asked(places, lambda client: _probe(client, url, access))


def probe_archive(places: Places, url: str, access: Access) -> Found | None:
    """The remote archive whose base address a URL is, None if it is none. Raises BadSettings."""
    return _asked(places, lambda client: _archive_at(client, url, access))


def download(places: Places, url: str, access: Access, told: Callable[[int], object] = id) -> Path:
    """Keep the file at a URL in the data folder, and say where; `told` hears how many bytes have come. A file of that
    name that was kept before is replaced once the new one is whole. Raises FetchFailed and OSError."""
    folder = places.make(places.data / "files")
    name = unquote(basename(urlsplit(url).path)) or address_of(url).host
    stem, ending = os.path.splitext(name)  # noqa: PTH122 (no path)
    place = folder / safe_filename(stem, suffix=ending if ending.isascii() and len(ending) < 9 else "")
    clear_half_written(folder)
    beside = folder / name_beside()
    size = 0
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:

            def take(piece: bytes) -> None:
                nonlocal size
                file.write(piece)
                size += len(piece)
                told(size)

            _asked(places, lambda client: client.get(url, access=access, limits=_FILE, into=take))
            file.flush()
            os.fsync(descriptor)
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return place


def _asked(places: Places, use: Callable[[Client], Awaitable[_T]]) -> _T:
    async def ask() -> _T:
        async with Client(load_settings(places).inside) as client:
            return await use(client)

    return asyncio.run(ask())


async def _probe(client: Client, url: str, access: Access) -> Found:
    try:
        answer = await client.get(url, access=access, limits=_PAGE, enough=_is_packed)
    except FetchFailed as failure:
        if failure.status in _NO_INDEX:
            with suppress(FetchFailed):
                if (archive := await _archive_at(client, url, access)) is not None:
                    return archive
        raise
    return await _told_by(answer, url)


async def _told_by(answer: Answer, url: str) -> Found:
    location = answer.moved or address_of(url).url
    host = address_of(location).host.removeprefix("www.")
    if not answer.whole or _is_packed(answer.body):
        return Found("file", unquote(basename(urlsplit(answer.url).path)) or host, location)
    if looks_like_dump(answer.body):
        return Found("dump", host, location)
    if (archive := _archive_in(answer.body, shown(answer.url))) is not None:
        return archive
    workers = Workers()
    try:
        feed = await workers.read(Task(answer.body, shown(answer.url), answer.charset))
        return Found("feed", feed.title or host, location)
    except FetchFailed as failure:
        if failure.why != "not-a-feed":
            raise
        kind: FoundKind = "page" if failure.detail == "html" or "html" in answer.type else "other"
        return Found(kind, host, location, answer.url, answer.declared, answer.body)
    finally:
        workers.close()


async def _archive_at(client: Client, url: str, access: Access) -> Found | None:
    readme = urljoin(base_of(address_of(url).url), "README.md")
    try:
        answer = await client.get(readme, access=access, limits=_PAGE)
    except FetchFailed:
        return None
    return _archive_in(answer.body, readme)


def _archive_in(body: bytes, url: str) -> Found | None:
    """The archive whose README.md this is, None if it is none."""
    if body.lstrip()[:1] == b"<" or not names_of_lists(body.decode("utf-8-sig", "replace")):
        return None
    base = base_of(url)
    return Found("remote", heading(body) or address_of(base).host.removeprefix("www."), base)


def _is_packed(head: bytes) -> bool:
    """Whether a body begins like a zip or a tar, compressed or not."""
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(31).decompress(head, 1024)
        except zlib.error:
            return False
    return head.startswith(_PACKED) or head[_TAR] == b"ustar"
