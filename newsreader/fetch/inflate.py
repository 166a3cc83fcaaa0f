"""Bodies as they come over the wire -> what they hold.

Decided only here: what a header says of gzip and deflate counts as far as the bytes bear it out; the cap acts on what
has been inflated so far, piece by piece, so that a small body which inflates to gigabytes costs no more than the cap;
what a compressed body lacks at its end is told.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from newsreader.fetch.signatures import GZIP

_PIECE: Final = 1 << 16
_TELLING: Final = 16
_MOST_MEMBERS: Final = 1000
_OURS: Final = frozenset({"gzip", "x-gzip", "deflate"})
_OTHERS: Final = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi"})  # of IANA's registry


class BadBody(Exception):
    """A body that cannot be taken; its one argument is the code: "too-big", "cut-short", "damaged", "encoding"."""


class Body:
    """What comes of a body whose headers name `encoding` (Content-Encoding, "" for none); `limit` in bytes holds for
    each of its forms. What is no coding of a body (utf-8, none, aws-chunked), or one that the bytes are not in, leaves
    them as they are. Raises BadBody."""

    def __init__(self, encoding: str, limit: int) -> None:
        names = [part.strip().lower() for part in encoding.split(",")]
        ours = [name for name in names if name in _OURS]
        if len(ours) > 2:
            raise BadBody("encoding")
        self._stages = [_Stage(name, limit) for name in reversed(ours)]
        self._raw = _Counter(limit)
        self._is_other = not _OTHERS.isdisjoint(names)
        self._head = b""
        self._begun = False

    @property
    def ends_itself(self) -> bool:
        """Whether `finish` knows what is missing."""
        return any(not stage.is_plain for stage in self._stages)

    def take(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes off the wire add to the body, in pieces."""
        self._raw.count(data)
        if self._begun:
            return self._through(0, data)
        self._head += data
        return iter(()) if len(self._head) < _TELLING else self._begin()

    def finish(self) -> list[bytes]:
        """Say that no more will come; what there still is."""
        rest = [] if self._begun else list(self._begin())
        for stage in self._stages:
            stage.finish()
        return rest

    def _begin(self) -> Iterator[bytes]:
        """The first bytes, by which one tells what they are in."""
        self._begun = True
        is_text = self._head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{", b"")
        if self._is_other and not is_text:
            raise BadBody("encoding")
        return self._through(0, self._head)

    def _through(self, n: int, data: bytes) -> Iterator[bytes]:
        if n == len(self._stages):
            yield data
            return
        for piece in self._stages[n].take(data):
            yield from self._through(n + 1, piece)


def unpacked(body: bytes, limit: int) -> bytes:
    """A body that is a file compressed with gzip, inflated to at most `limit` bytes; any other as it is. Raises
    BadBody."""
    if not body.startswith(GZIP):
        return body
    packed = Body("gzip", limit)
    return b"".join([*packed.take(body), *packed.finish()])


class _Counter:
    def __init__(self, limit: int) -> None:
        self._left = limit

    def count(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise BadBody("too-big")


class _Stage:
    """One layer of compression: members of gzip, one after the other, or one of deflate. What follows the last is
    dropped, as gzip does. `is_plain`: it is none at all."""

    def __init__(self, name: str, limit: int) -> None:
        self._is_gzip = name != "deflate"
        self._counter = _Counter(limit)
        self._inflate: zlib._Decompress | None = None
        self._begun = 0
        self._over = False
        self.is_plain = False

    def take(self, data: bytes) -> Iterator[bytes]:
        if not self._begun and data and not self._begins(data):
            self.is_plain = True
        if self.is_plain:
            yield data
            return
        full = False
        while (data or full) and not self._over:
            if self._inflate is None:
                if self._begun and not (self._is_gzip and data[0] == GZIP[0]):
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

    def _begins(self, data: bytes) -> bool:
        """Whether these first bytes are such a layer's."""
        if self._is_gzip:
            return data[:2] == GZIP[: len(data)]
        return any(_inflates(data, wbits) for wbits in (15, -15))

    def _next(self, data: bytes) -> zlib._Decompress:
        self._begun += 1
        if self._begun > _MOST_MEMBERS:
            raise BadBody("damaged")
        if self._is_gzip:
            return zlib.decompressobj(31)
        # RFC 9110 wants zlib's header in front, which some servers leave out.
        return zlib.decompressobj(15 if _inflates(data, 15) else -15)


def _inflates(data: bytes, wbits: int) -> bool:
    try:
        zlib.decompressobj(wbits).decompress(data, 1)
    except zlib.error:
        return False
    return True
