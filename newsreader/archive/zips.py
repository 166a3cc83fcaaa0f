"""Dumps in a .zip.

Owns: finding the members of a zip, whole or cut short, and inflating one. Decided only here: what an honest member is.
The zipfile module reads the index at the zip's end; where that is missing (a transfer that broke off) the members
are found by their own headers. Never: unpacking to disk, or inflating beyond the cap.
"""

from __future__ import annotations

import calendar
import mmap
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, ClassVar, NamedTuple

from newsreader.archive.base import HEAD, MAX_DUMP, MAX_LIST, MAX_MEMBERS, Archive, Kind, Member, Skipped, unreadable
from newsreader.archive.folder import checked
from newsreader.archive.names import is_candidate, is_ours, is_unsafe, may_be_headless, surest_first, zip_name
from newsreader.errors import Unreadable

_SUSPECT = 2**20
_RATIO = 200
"""News text deflates to a third; a member over 1 MB that claims to be 200 times its packed size is a bomb."""

_UTF8, _LATER, _ENCRYPTED = 0x800, 0x8, 0x1
_LOCAL = struct.Struct("<4s5H3L2H")
_MAGIC = b"PK\x03\x04"


class _Part(NamedTuple):
    """Where a member lies in the file; `shared` if another one lies there too."""

    name: str
    start: int
    packed: int
    size: int
    crc: int
    method: int
    flags: int
    mtime_ns: int = 0
    link: bool = False
    shared: bool = False


class Zip(Archive):
    """All dumps of a zip file."""

    kind: ClassVar[Kind] = "zip"

    def __init__(self, root: str, status: os.stat_result) -> None:
        super().__init__(root, f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}")
        self._stem = zip_name(os.fsencode(Path(root).name)).rpartition(".")[0] or "zip"
        self._parts: dict[str, _Part] = {}
        self._faults: list[Skipped] = []
        try:
            self._file = Path(root).open("rb")  # noqa: SIM115 (held open until close)
        except OSError as error:
            raise unreadable(root, error) from None
        try:
            for part in self._index():
                if len(self._parts) == MAX_MEMBERS:
                    self._faults.append(Skipped(root, "too-many"))
                    break
                self._parts[part.name] = part
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        self._file.close()

    def listing(self) -> Iterator[Member | Skipped]:
        yield from self._faults
        found = []
        for part in self._parts.values():
            if part.name.endswith("/") or is_ours(part.name.rpartition("/")[2]):
                continue
            fault = self._fault(part)
            path = f"{self.root}!{part.name}"
            if fault is None:
                found.append(self._member(path, part.name, part.size, part.mtime_ns, part.crc))
            elif may_be_headless(part.name) or fault == "unsafe-name":
                yield Skipped(path, fault)
        for member in surest_first(found):
            if may_be_headless(member.name):
                yield member
                continue
            try:
                if is_candidate(member.name, self._inflated(self._parts[member.name], HEAD)):
                    yield member
            except Unreadable as error:
                yield Skipped.of(error)

    def read(self, member: Member) -> bytes:
        part = self._parts.get(member.name)
        if part is None:
            raise Unreadable(member.path, "vanished")
        fault = self._fault(part)
        if fault:
            raise Unreadable(member.path, fault)
        data = self._inflated(part, MAX_DUMP)
        if zlib.crc32(data) != part.crc:
            raise Unreadable(member.path, "damaged")
        return checked(member.path, member.name, data)

    def _index(self) -> Iterator[_Part]:
        try:
            with zipfile.ZipFile(self._file) as index:
                infos = index.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError):
            self._faults.append(Skipped(self.root, "damaged", "its index is missing"))
            yield from _salvaged(self._file)
            return
        end = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            start = info.header_offset
            shared, end = start < end, max(end, start + _LOCAL.size + info.compress_size)
            name = info.orig_filename
            if not info.flag_bits & _UTF8:
                name = zip_name(name.encode("cp437"))
            if not info.create_system and "/" not in name:
                name = name.replace("\\", "/")
            link = stat.S_ISLNK(info.external_attr >> 16)
            method, flags, moment = info.compress_type, info.flag_bits, _mtime(info.date_time)
            yield _Part(name, start, info.compress_size, info.file_size, info.CRC, method, flags, moment, link, shared)

    def _fault(self, part: _Part) -> str | None:
        """Why a member is left out, before a byte of it is inflated."""
        if is_unsafe(part.name):
            return "unsafe-name"
        if part.link:
            return "link"
        if part.flags & _ENCRYPTED:
            return "encrypted"
        if part.method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return "unsupported"
        if part.size > MAX_DUMP:
            return "too-big"
        if part.shared or (part.size > _SUSPECT and part.size > _RATIO * part.packed):
            return "bomb"
        return None if part.size else "empty"

    def _inflated(self, part: _Part, limit: int) -> bytes:
        """At most `limit` bytes of a member, never more than it claims to have."""
        path = f"{self.root}!{part.name}"
        limit = min(limit, part.size)
        try:
            self._file.seek(part.start)
            header = self._file.read(_LOCAL.size)
            magic, *_, name_length, extra_length = _LOCAL.unpack(header)
            if magic != _MAGIC:
                raise Unreadable(path, "damaged")
            self._file.seek(name_length + extra_length, os.SEEK_CUR)
            if part.method == zipfile.ZIP_STORED:
                data = self._file.read(min(limit, part.packed))
            else:
                packed = self._file.read(min(part.packed, max(2 * limit, 2**16)))
                data = zlib.decompressobj(-15).decompress(packed, limit)
        except (struct.error, zlib.error, ValueError):
            raise Unreadable(path, "damaged") from None
        except OSError as error:
            raise unreadable(path, error) from None
        if len(data) < limit:
            raise Unreadable(path, "damaged")
        return data

    def _full(self, folder: str) -> str:
        return f"{self._stem}/{folder}" if folder else self._stem

    def _peek(self, full: str) -> bytes:
        part = self._parts.get(full.removeprefix(f"{self._stem}/"))
        if part is None or self._fault(part):
            return b""
        try:
            return self._inflated(part, MAX_LIST)
        except Unreadable:
            return b""


def _mtime(moment: tuple[int, int, int, int, int, int]) -> int:
    try:
        return calendar.timegm(moment) * 10**9
    except ValueError:
        return 0


def _salvaged(file: BinaryIO) -> Iterator[_Part]:
    """The members that begin in what is there of a zip, found by their local headers."""
    try:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return
    with data:
        at = 0
        while (at := data.find(_MAGIC, at)) >= 0 and at + _LOCAL.size <= len(data):
            _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack_from(data, at)
            raw = data[at + _LOCAL.size : at + _LOCAL.size + name_length]
            begin = at + _LOCAL.size + name_length + extra_length
            if 0xFFFFFFFF in (packed, size):
                size, packed = _big_sizes(data[begin - extra_length : begin], size, packed)
            if flags & _LATER and method == zipfile.ZIP_DEFLATED:
                packed, size, crc = _measured(data, begin)
            name = zip_name(raw)
            if name and packed >= 0:
                yield _Part(name, at, packed, size, crc, method, flags)
            at = max(begin + packed, at + 1)


def _big_sizes(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    """(size, packed size) of a zip64 member, from its extra field 1."""
    while len(extra) >= 4:
        tag, length = struct.unpack_from("<HH", extra)
        if tag == 1 and length >= 16 and len(extra) >= 20:
            return struct.unpack_from("<QQ", extra, 4)
        extra = extra[4 + length :]
    return size, packed


def _measured(data: mmap.mmap, begin: int) -> tuple[int, int, int]:
    """(packed size, size, CRC) of a deflated member whose header leaves them out; packed size -1 if it is cut short."""
    inflate = zlib.decompressobj(-15)
    size = crc = 0
    at = begin
    try:
        while not inflate.eof and at < len(data) and size <= MAX_DUMP:
            chunk = inflate.unconsumed_tail or data[at : at + 2**16]
            if not inflate.unconsumed_tail:
                at += len(chunk)
            out = inflate.decompress(chunk, 2**20)
            size += len(out)
            crc = zlib.crc32(out, crc)
    except zlib.error:
        return -1, 0, 0
    if not inflate.eof:
        return -1, 0, 0
    return at - begin - len(inflate.unused_data), size, crc
