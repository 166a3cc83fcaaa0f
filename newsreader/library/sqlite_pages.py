"""The records that stand in the pages of an SQLite file, whatever holds them together.

SQLite finds a row through the pages above it; where one of those is damaged, it finds nothing of what is below. Here
every page is read for itself, with the pages of the write-ahead log in the place of those that they replace, so that a
record is lost only with its own page. The format: https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from newsreader.files import read_file

Value: TypeAlias = "int | float | str | bytes | None"

_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR = 0x0D, 0x0A, 0x02
_USUAL_SIZE = 4096
_WAL_HEADER, _FRAME_HEADER = 32, 24
_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8}
"""Serial types of numbers, the last of a float, and their bytes."""

_BROKEN = (IndexError, ValueError, struct.error)
"""What reading at a place that the file does not have, or text that is none, raises."""


def records(path: Path) -> Iterator[tuple[Value, ...]]:
    """Every record of the file at a path: of a table with a rowid that number and the values, else the values. In no
    order; one that was replaced or deleted may still be found. What cannot be read of one is bytes, what stands
    before it is as it was. Raises OSError."""
    file = _Pages(path)
    for n in range(1, file.count + 1):
        page = file.page(n)
        head = 100 if n == 1 else 0
        kind = page[head] if len(page) > head else 0
        if kind not in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR):
            continue
        first = head + (12 if kind == _INDEX_INTERIOR else 8)
        cells = min(int.from_bytes(page[head + 3 : head + 5]), (len(page) - first) // 2)
        for at in range(first, first + 2 * cells, 2):
            with suppress(*_BROKEN):
                # As SQLite takes it: bits beyond the page count for nothing.
                yield _cell(file, page, int.from_bytes(page[at : at + 2]) & (file.size - 1), kind)


class _Pages:
    """The pages of a file, numbered from 1, each as the log has it if it does."""

    def __init__(self, path: Path) -> None:
        self._data = read_file(path)
        log = b""
        with suppress(FileNotFoundError):
            log = read_file(f"{path}-wal")
        self.size = _page_size(self._data[16:18]) or _page_size(log[10:12]) or _USUAL_SIZE
        self._newer = _committed(log, self.size)
        self.count = max(-(-len(self._data) // self.size), *self._newer, 0)

    def page(self, n: int) -> bytes:
        """A page, less than whole at the end of a file that was cut."""
        return self._newer.get(n) or self._data[(n - 1) * self.size : n * self.size]


def _page_size(field: bytes) -> int:
    size = int.from_bytes(field)
    size = 65536 if size == 1 else size
    return size if 512 <= size <= 65536 and not size & (size - 1) else 0


def commits(log: bytes) -> int:
    """How many frames a write-ahead log has up to its last commit, their checksums not asked."""
    size = _page_size(log[10:12]) or _USUAL_SIZE
    return max((n for n, _, _, commits in _frames(log, size) if commits), default=0)


def _committed(log: bytes, size: int) -> dict[int, bytes]:
    """The pages that a write-ahead log holds up to its last commit, by their numbers."""
    found: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    for _, number, page, commits in _frames(log, size):
        waiting[number] = page
        if commits:
            found.update(waiting)
            waiting.clear()
    return found


def _frames(log: bytes, size: int) -> Iterator[tuple[int, int, bytes, int]]:
    """Number in the log, number of the page, the page, and whether it commits, of every frame. A log that was begun
    anew still ends with frames of before, which have another salt."""
    starts = range(_WAL_HEADER, len(log) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size)
    salts = [log[16:24], *(log[at + 8 : at + 16] for at in starts[:2])]
    salt = max(salts, key=salts.count)
    for n, at in enumerate(starts, 1):
        number, commits = struct.unpack_from(">II", log, at)
        if log[at + 8 : at + 16] == salt and 0 < number < 2**24:
            yield n, number, log[at + _FRAME_HEADER : at + _FRAME_HEADER + size], commits


def _cell(file: _Pages, page: bytes, at: int, kind: int) -> tuple[Value, ...]:
    if kind == _INDEX_INTERIOR:
        at += 4
    length, at = _varint(page, at)
    if kind != _TABLE_LEAF:
        return tuple(_record(_payload(file, page, at, length, kind)))
    n, at = _varint(page, at)
    return (n - 2**64 if n >= 2**63 else n, *_record(_payload(file, page, at, length, kind)))


def _payload(file: _Pages, page: bytes, at: int, length: int, kind: int) -> bytes:
    """The bytes of a record, of which a long one has the rest on pages of its own."""
    usable = file.size
    most = usable - 35 if kind == _TABLE_LEAF else (usable - 12) * 64 // 255 - 23
    if length <= most:
        return page[at : at + length]
    least = (usable - 12) * 32 // 255 - 23
    local = least + (length - least) % (usable - 4)
    local = local if local <= most else least
    parts, left = [page[at : at + local]], length - local
    following = int.from_bytes(page[at + local : at + local + 4])
    while left > 0 and 0 < following <= file.count:
        more = file.page(following)
        parts.append(more[4 : 4 + left])
        left -= usable - 4
        following = int.from_bytes(more[:4])
    return b"".join(parts)


def _record(payload: bytes) -> Iterator[Value]:
    end, at = _varint(payload, 0)
    body = end
    while at < end:
        kind, at = _varint(payload, at)
        size = _SIZES.get(kind, max(0, (kind - 12) // 2))
        data = payload[body : body + size]
        body += size
        yield _value(kind, data) if len(data) == size else data


def _value(kind: int, data: bytes) -> Value:
    if kind == 0:
        return None
    if kind == 7:
        return float(struct.unpack(">d", data)[0])
    if kind in _SIZES:
        return int.from_bytes(data, signed=True)
    if kind in (8, 9):
        return kind - 8
    with suppress(UnicodeDecodeError):
        return data.decode() if kind > 12 and kind % 2 else data
    return data


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    number = 0
    for n in range(8):
        byte = data[at + n]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, at + n + 1
    return number << 8 | data[at + 8], at + 9
