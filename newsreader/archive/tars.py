"""Dumps in a .tar, plain or compressed with gzip, xz or bzip2.

Decided only here: one pass finds all members, a second one reads them, both in the tar's own order, since going back in
a compressed file means beginning anew.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, ClassVar, cast

from newsreader.archive.base import (
    HEAD,
    MAX_DUMP,
    MAX_LIST,
    MAX_MEMBERS,
    Archive,
    Kind,
    Member,
    Skipped,
    unreadable,
)
from newsreader.archive.folder import checked
from newsreader.archive.names import is_candidate, is_ours, is_unsafe, may_be_headless, newest_first, readable
from newsreader.errors import Unreadable

_BLOCK = tarfile.BLOCKSIZE
_PIECE = 1 << 16
_RATIO = 1000
"""News text packs to a tenth; a tar that unpacks to a thousand times its size is a bomb."""
_ENDING = re.compile(r"\.(tar(\.\w+)?|t[gbx]z2?)$", re.IGNORECASE)

DAMAGE: tuple[type[Exception], ...] = (tarfile.TarError, EOFError, OSError, ValueError, OverflowError, zlib.error)
"""What a damaged tar or compressed file raises."""
with contextlib.suppress(ImportError):  # a Python built without xz
    from lzma import LZMAError

    DAMAGE += (LZMAError,)


class _Careful(io.BufferedReader):
    """A stream that no header can talk into filling memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or not 0 <= size <= MAX_DUMP:
            raise ValueError("a size beyond all measure")
        return super().read(size)


def open_stream(path: str, head: bytes) -> tuple[io.BufferedReader, bool]:
    """The bytes inside a file, decompressed by what its first bytes say, and whether they were compressed; raises
    OSError, and ImportError where Python lacks the decompressor."""
    opened: object
    if head.startswith(b"\x1f\x8b"):
        import gzip

        opened = gzip.GzipFile(path)
    elif head.startswith(b"\xfd7zXZ\0"):
        import lzma

        opened = lzma.LZMAFile(path)  # noqa: SIM115 (closed with the archive)
    elif head.startswith(b"BZh"):
        import bz2

        opened = bz2.BZ2File(path)
    else:
        return _Careful(io.FileIO(path)), False
    return _Careful(cast(io.RawIOBase, opened)), True


def is_tar(path: str, head: bytes) -> bool:
    """Whether a file is a tar or a compressed one, by its first header. A damaged compressed file that ends
    before that is none."""
    if not head.startswith((b"\x1f\x8b", b"\xfd7zXZ\0", b"BZh")) and len(head) < _BLOCK:
        return False
    try:
        with open_stream(path, head)[0] as stream:
            tarfile.TarInfo.frombuf(stream.read(_BLOCK), "utf-8", "surrogateescape")
    except (*DAMAGE, ImportError):  # type: ignore[misc]
        return False
    return True


def _nanoseconds(seconds: float) -> int:
    """A moment that a header gives, which may be none."""
    return int(seconds * 10**9) if abs(seconds) < 1e11 else 0


class Tar(Archive):
    """All dumps of a tar file."""

    kind: ClassVar[Kind] = "tar"

    def __init__(self, root: str, status: os.stat_result, head: bytes) -> None:
        super().__init__(root, f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}")
        self._stem = readable(_ENDING.sub("", Path(root).name)) or "tar"
        self._lists: dict[str, bytes] = {}
        self._begins: dict[str, int] = {}
        self._found: list[Member | Skipped] | None = None
        try:
            self._stream, self.in_one_pass = open_stream(root, head)
        except OSError as error:
            raise unreadable(root, error) from None
        self._most = MAX_DUMP + status.st_size * _RATIO

    def close(self) -> None:
        self._stream.close()

    def listing(self) -> Iterator[Member | Skipped]:
        if self._found is None:
            self._found = list(self._index())
        yield from (item for item in self._found if isinstance(item, Skipped))
        members = [item for item in self._found if isinstance(item, Member)]
        yield from members if self.in_one_pass else newest_first(members)

    def read(self, member: Member) -> bytes:
        if self._found is None:
            self._found = list(self._index())
        begin = self._begins.get(member.name)
        if begin is None:
            raise Unreadable(member.path, "vanished")
        try:
            self._stream.seek(begin)
            data = self._stream.read(member.size)
        except DAMAGE:
            raise Unreadable(member.path, "damaged") from None
        if len(data) < member.size:
            raise Unreadable(member.path, "damaged")
        return checked(member.path, member.name, data)

    def _index(self) -> Iterator[Member | Skipped]:
        """All dumps in the tar's own order. A member that comes again is the newer one, as it is when unpacking."""
        found: dict[str, tuple[int, int, int]] = {}
        for item in self._headers():
            if isinstance(item, Skipped):
                yield item
                continue
            name = item.name
            path = f"{self.root}!{name}"
            try:
                fault = self._fault(item)
                if fault is None:
                    found.pop(name, None)
                    found[name] = item.offset_data, item.size, _nanoseconds(item.mtime)
                elif fault:
                    yield Skipped(path, fault)
            except DAMAGE:
                yield Skipped(path, "damaged")
            if len(found) >= MAX_MEMBERS:
                yield Skipped(self.root, "too-many")
                break
        for name, (begin, size, mtime_ns) in found.items():
            self._begins[name] = begin
            yield self._member(f"{self.root}!{name}", name, size, mtime_ns, 0)

    def _fault(self, item: tarfile.TarInfo) -> str | None:
        """Why a member is left out: a code, "" where it is no dump and nobody need hear of it, None if it is one."""
        name = item.name
        if item.isdir() or is_ours(name.rpartition("/")[2]):
            return ""
        wanted = may_be_headless(name)
        if is_unsafe(name):
            return "unsafe-name"
        if item.issym() or item.islnk():
            return "link" if wanted else ""
        if not item.isreg() or item.issparse():
            return "unsupported" if wanted else ""
        if item.size > MAX_DUMP:
            return "too-big" if wanted else ""
        if not wanted:
            self._stream.seek(item.offset_data)
            head = self._stream.read(min(item.size, MAX_LIST if name.endswith(".md") else HEAD))
            if not is_candidate(name, head[:HEAD]):
                if name.endswith(".md"):
                    self._lists[name] = head
                return ""
        return None if item.size else "empty"

    def _headers(self) -> Iterator[tarfile.TarInfo | Skipped]:
        """Every member's header. The tarfile module takes a damaged one for the end, which is a block of zeros."""
        begin: int | None = 0
        told = False
        while begin is not None:
            try:
                self._stream.seek(begin)
                with tarfile.open(
                    fileobj=cast(BinaryIO, self._stream), mode="r:", encoding="utf-8", errors="surrogateescape"
                ) as tar:
                    while (item := tar.next()) is not None:
                        if item.offset_data < begin or tar.offset <= begin:
                            raise tarfile.ReadError("its headers run in a circle")
                        begin = item.offset_data
                        if begin + item.size > self._most:
                            yield Skipped(self.root, "bomb")
                            return
                        yield item
                        tar.members = []  # type: ignore[attr-defined]  # it would keep them all
                    self._stream.seek(tar.offset)
                    if not self._stream.read(_BLOCK).strip(b"\0"):
                        while self.in_one_pass and self._stream.tell() < self._most and self._stream.read(_PIECE):
                            pass  # the check sum of all stands at the end
                        return
                    raise tarfile.ReadError("a header is damaged")
            except DAMAGE as error:
                if not told:
                    yield Skipped(self.root, "damaged", str(error))
                told = True
            begin = self._next_header(begin)

    def _next_header(self, after: int) -> int | None:
        """Where the next sound header begins, a block or more after a place; None at the end of what can be read."""
        try:
            self._stream.seek(after)
            for place in itertools.count(after, _BLOCK):
                block = self._stream.read(_BLOCK)
                if len(block) < _BLOCK:
                    return None
                if place > after and block[257:262] == b"ustar":
                    with contextlib.suppress(tarfile.HeaderError):
                        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
                        return place
        except DAMAGE:
            pass
        return None

    def _full(self, folder: str) -> str:
        return f"{self._stem}/{folder}" if folder else self._stem

    def _peek(self, full: str) -> bytes:
        return self._lists.get(full.removeprefix(f"{self._stem}/"), b"")
