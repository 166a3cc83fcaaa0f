"""Dumps in a .zip.

Finding the members of a zip, whole or cut short, and inflating one. Decided only here: what an honest member is, and
how many are looked at: the zipfile module reads an index to its end, however long, and takes ten times as long. Where
there is no index (a transfer that broke off) the members are found by their own headers. Nothing is unpacked to disk,
or inflated beyond the cap.
"""

from __future__ import annotations

import calendar
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final, NamedTuple

from newsreader.archive.base import HEAD, MAX_DUMP, MAX_LIST, MAX_MEMBERS, Archive, Kind, Member, Skipped, unreadable
from newsreader.archive.folder import checked
from newsreader.archive.names import is_candidate, is_ours, is_unsafe, may_be_headless, surest_first, zip_name
from newsreader.errors import Unreadable

_SUSPECT = 2**20
_RATIO = 200
"""News text deflates to a third; a member over 1 MB that claims to be 200 times its packed size is a bomb."""

_PIECE: Final = 2**20

_UTF8, _LATER, _ENCRYPTED = 0x800, 0x8, 0x1
_STORED, _DEFLATED = 0, 8
_LOCAL, _MAGIC = struct.Struct("<4s5H3L2H"), b"PK\x03\x04"
_ENTRY, _ENTRY_MAGIC = struct.Struct("<4s4B4H3L5H2L"), b"PK\x01\x02"
_END, _END_MAGIC = struct.Struct("<4s4H2LH"), b"PK\x05\x06"
_END64, _END64_MAGIC = struct.Struct("<4sQ2H2L4Q"), b"PK\x06\x06"
_LOCATOR, _LOCATOR_MAGIC = struct.Struct("<4sLQL"), b"PK\x06\x07"


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
        self._faults: list[Skipped] = []
        try:
            self._file = Path(root).open("rb")  # noqa: SIM115 (held open until close)
        except OSError as error:
            raise unreadable(root, error) from None

    @cached_property
    def _parts(self) -> dict[str, _Part]:
        parts = {}
        for n, part in enumerate(self._index()):
            if n == MAX_MEMBERS:
                self._faults.append(Skipped(self.root, "too-many"))
                break
            parts[part.name] = part
        return parts

    def close(self) -> None:
        self._file.close()

    def listing(self) -> Iterator[Member | Skipped]:
        parts = self._parts
        yield from self._faults
        found = []
        for part in parts.values():
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
                if is_candidate(member.name, self._inflated(parts[member.name], HEAD)):
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
        """All members, up to one more than are listed."""
        try:
            data = _Bytes(self._file.fileno())
            parts = list(islice(_indexed(data), MAX_MEMBERS + 1))
            if not parts:
                self._faults.append(Skipped(self.root, "damaged", "its index is missing"))
                yield from islice(_salvaged(data), MAX_MEMBERS + 1)
                return
        except (OSError, ValueError) as error:
            self._faults.append(Skipped(self.root, "damaged", str(error)))
            return
        end = 0
        for part in sorted(parts, key=lambda part: part.start):
            shared, end = part.start < end, max(end, part.start + _LOCAL.size + part.packed)
            yield part._replace(shared=True) if shared else part

    def _fault(self, part: _Part) -> str | None:
        """Why a member is left out, before a byte of it is inflated."""
        if is_unsafe(part.name):
            return "unsafe-name"
        if part.link:
            return "link"
        if part.flags & _ENCRYPTED:
            return "encrypted"
        if part.method not in (_STORED, _DEFLATED):
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
            if part.method == _STORED:
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


class _Bytes:
    """A file's bytes, of which a piece at a time is read. Were it mapped, a look at what somebody else cuts off it
    meanwhile would end this process."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._size = os.fstat(file).st_size
        self._at, self._piece = 0, b""

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, wanted: slice) -> bytes:
        begin, end = wanted.start, min(wanted.stop, self._size)
        self._hold(begin, end)
        return self._piece[begin - self._at : end - self._at]

    def find(self, what: bytes, at: int) -> int:
        """Where that stands next, -1 for nowhere."""
        while at + len(what) <= self._size:
            self._hold(at, at + len(what))
            if (found := self._piece.find(what, at - self._at)) >= 0:
                return self._at + found
            at = self._at + len(self._piece) - len(what) + 1
        return -1

    def _hold(self, begin: int, end: int) -> None:
        if not self._at <= begin <= end <= self._at + len(self._piece):
            self._at, self._piece = begin, os.pread(self._file, max(end - begin, _PIECE), begin)
            if len(self._piece) < end - begin:
                raise OSError("it was cut short meanwhile")


def _indexed(data: _Bytes) -> Iterator[_Part]:
    """The members that the index at a zip's end names, as far as it is sound; none where there is none."""
    last = max(0, len(data) - _END.size - 0xFFFF)
    end = last + data[last : len(data)].rfind(_END_MAGIC)
    if end < last or end + _END.size > len(data):
        return
    _, _, _, _, _, length, offset, _ = _END.unpack(data[end : end + _END.size])
    locator = end - _LOCATOR.size
    if locator >= 0 and data[locator : locator + 4] == _LOCATOR_MAGIC:
        # What stands before the zip (a program that unpacks it) shifts every offset.
        last = max(0, locator - 0xFFFF)
        end = last + data[last:locator].rfind(_END64_MAGIC)
        if end < last or end + _END64.size > len(data):
            return
        *_, length, offset = _END64.unpack(data[end : end + _END64.size])
    shift = end - length - offset
    at = end - length
    while 0 <= at <= end - _ENTRY.size and data[at : at + 4] == _ENTRY_MAGIC:
        _, _, system, _, _, flags, method, clock, day, crc, packed, size, *rest = _ENTRY.unpack(
            data[at : at + _ENTRY.size]
        )
        name_length, extra_length, comment_length, _, _, mode, start = rest
        at += _ENTRY.size
        raw = data[at : at + name_length]
        extra = data[at + name_length : at + name_length + extra_length]
        at += name_length + extra_length + comment_length
        if 0xFFFFFFFF in (size, packed, start):
            size, packed, start = _big_numbers(extra, size, packed, start)
        try:
            name = raw.decode() if flags & _UTF8 else zip_name(raw)
        except UnicodeDecodeError:
            name = zip_name(raw)
        if not system and "/" not in name:
            name = name.replace("\\", "/")
        link = stat.S_ISLNK(mode >> 16)
        if 0 <= start + shift < len(data):
            yield _Part(name, start + shift, packed, size, crc, method, flags, _mtime(day, clock), link)


def _mtime(day: int, clock: int) -> int:
    """Nanoseconds of a moment as MS-DOS wrote it, in two numbers."""
    try:
        date = 1980 + (day >> 9), day >> 5 & 15, day & 31
        return calendar.timegm((*date, clock >> 11, clock >> 5 & 63, 2 * (clock & 31))) * 10**9
    except ValueError:
        return 0


def _salvaged(data: _Bytes) -> Iterator[_Part]:
    """The members that begin in what is there of a zip, found by their local headers."""
    at, left = 0, len(data) * _RATIO
    while (at := data.find(_MAGIC, at)) >= 0 and at + _LOCAL.size <= len(data):
        _, _, flags, method, clock, day, crc, packed, size, name_length, extra_length = _LOCAL.unpack(
            data[at : at + _LOCAL.size]
        )
        raw = data[at + _LOCAL.size : at + _LOCAL.size + name_length]
        begin = at + _LOCAL.size + name_length + extra_length
        if 0xFFFFFFFF in (packed, size):
            size, packed, _ = _big_numbers(data[begin - extra_length : begin], size, packed, 0)
        if flags & _LATER and method == _DEFLATED:
            packed, size, crc = _measured(data, begin, min(left, MAX_DUMP))
            left -= size
        name = zip_name(raw)
        if name and packed >= 0:
            yield _Part(name, at, packed, size, crc, method, flags, _mtime(day, clock))
        at = max(begin + packed, at + 1)


def _big_numbers(extra: bytes, *numbers: int) -> Iterator[int]:
    """(size, packed size, start) of a zip64 member: those that do not fit stand in its extra field 1."""
    big = b""
    while len(extra) >= 4:
        tag, length = struct.unpack_from("<HH", extra)
        if tag == 1:
            big = extra[4 : 4 + length]
        extra = extra[4 + length :]
    for number in numbers:
        if number == 0xFFFFFFFF and len(big) >= 8:
            number, big = int.from_bytes(big[:8], "little"), big[8:]
        yield number


def _measured(data: _Bytes, begin: int, most: int) -> tuple[int, int, int]:
    """(packed size, size, CRC) of a deflated member whose header leaves them out; packed size -1 if it is cut short, or
    has more than `most` bytes."""
    inflate = zlib.decompressobj(-15)
    size = crc = 0
    at = begin
    try:
        while not inflate.eof and at < len(data) and size <= most:
            chunk = inflate.unconsumed_tail or data[at : at + 2**16]
            if not inflate.unconsumed_tail:
                at += len(chunk)
            out = inflate.decompress(chunk, 2**20)
            size += len(out)
            crc = zlib.crc32(out, crc)
    except zlib.error:
        return -1, size, 0
    if not inflate.eof:
        return -1, size, 0
    return at - begin - len(inflate.unused_data), size, crc
