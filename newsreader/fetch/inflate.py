"""Bodies as they come over the wire -> what they hold.

Owns: undoing gzip and deflate. Decided only here: the cap acts on what has been inflated so far, piece by piece, so
that a small body which inflates to gigabytes costs no more than the cap; what a compressed body lacks at its end is
told. Never: brotli or zstd, which are not asked for.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

_PIECE: Final = 1 << 16
_MOST_MEMBERS: Final = 1000
_GZIP: Final = 0x1F  # the first byte of a member


class BadBody(Exception):
    """A body that cannot be taken; its one argument is the code: "too-big", "cut-short", "damaged", "encoding"."""


class Body:
    """What comes of a body whose headers name `encoding` (Content-Encoding, "" for none); `limit` in bytes holds for
    each of its forms. Raises BadBody."""

    def __init__(self, encoding: str, limit: int) -> None:
        names = [name for part in encoding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
        if len(names) > 2 or not {*names} <= {"gzip", "x-gzip", "deflate"}:
            raise BadBody("encoding")
        self._stages = [_Stage(name, limit) for name in reversed(names)]
        self._raw = _Counter(limit)

    @property
    def ends_itself(self) -> bool:
        """Whether `finish` knows what is missing."""
        return bool(self._stages)

    def take(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes off the wire add to the body, in pieces."""
        self._raw.count(data)
        return self._through(0, data)

    def finish(self) -> None:
        """Say that no more will come."""
        for stage in self._stages:
            stage.finish()

    def _through(self, n: int, data: bytes) -> Iterator[bytes]:
        if n == len(self._stages):
            yield data
            return
        for piece in self._stages[n].take(data):
            yield from self._through(n + 1, piece)


def unpacked(body: bytes, limit: int) -> bytes:
    """A body that is a file compressed with gzip, inflated to at most `limit` bytes; any other as it is. Raises
    BadBody."""
    if body[:2] != b"\x1f\x8b":
        return body
    packed = Body("gzip", limit)
    whole = b"".join(packed.take(body))
    packed.finish()
    return whole


class _Counter:
    def __init__(self, limit: int) -> None:
        self._left = limit

    def count(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise BadBody("too-big")


class _Stage:
    """One layer of compression: members of gzip, one after the other, or one of deflate. What follows the last is
    dropped, as gzip does."""

    def __init__(self, name: str, limit: int) -> None:
        self._is_gzip = name != "deflate"
        self._counter = _Counter(limit)
        self._inflate: zlib._Decompress | None = None
        self._begun = 0
        self._over = False

    def take(self, data: bytes) -> Iterator[bytes]:
        full = False
        while (data or full) and not self._over:
            if self._inflate is None:
                if self._begun and not (self._is_gzip and data[0] == _GZIP):
                    self._over = True
                    return
                self._inflate = self._next(data)
            try:
                piece = self._inflate.decompress(data, _PIECE)
            except zlib.error:
                raise BadBody("damaged") from None
            self._counter.count(piece)
            if piece:
                yield piece
            data, full = self._inflate.unconsumed_tail, len(piece) == _PIECE
            if self._inflate.eof:
                data, full = self._inflate.unused_data, False
                self._inflate = None

    def finish(self) -> None:
        if self._inflate is not None:
            raise BadBody("cut-short")

    def _next(self, data: bytes) -> zlib._Decompress:
        self._begun += 1
        if self._begun > _MOST_MEMBERS:
            raise BadBody("damaged")
        if self._is_gzip:
            return zlib.decompressobj(31)
        try:
            zlib.decompressobj(15).decompress(data, 1)
        except zlib.error:
            return zlib.decompressobj(-15)  # RFC 9110 wants zlib's header in front, which some servers leave out
        return zlib.decompressobj(15)
