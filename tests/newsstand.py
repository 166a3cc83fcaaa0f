"""A web server on loopback that does what it is told, also what no server should: bytes are sent as they are given.

Every request gets a thread, its handler a `Talk`, and the connection is closed after it unless the handler asks for
more. `requests` keeps what was asked, in order.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote

_HEAD = 64 * 1024
_TLS = 0x16  # the first byte of a handshake


@dataclass(frozen=True)
class Request:
    """What was asked for: the path as sent, the headers with small names, the method and the body."""

    path: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""

    @property
    def name(self) -> str:
        """The path as text."""
        return unquote(self.path)


@dataclass
class Talk:
    """One request, and the way to answer it."""

    request: Request
    stand: Newsstand
    _end: socket.socket = field(repr=False)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._end.sendall(data)

    def drip(self, pieces: Iterable[bytes], seconds: float) -> None:
        """Send pieces with a pause after each, until they or the server end."""
        for piece in pieces:
            self.send(piece)
            if self.stand.closing.wait(seconds):
                return

    def answer(self, body: bytes | str = b"", status: int = 200, **headers: str) -> None:
        """A proper answer; the underlines of a header's name are hyphens."""
        data = body.encode() if isinstance(body, str) else body
        named = {"Content-Length": str(len(data)), **{name.replace("_", "-"): text for name, text in headers.items()}}
        lines = [
            f"HTTP/1.1 {status} As told",
            *(f"{name}: {text}" for name, text in named.items()),
            "Connection: close",
        ]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data)


Handler = Callable[[Talk], None]


class Newsstand:
    """The server. `routes`: a path (or how paths begin, with a `*`) -> a handler, or the body of a proper answer."""

    def __init__(self, host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Handler | bytes | str] = {}
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self.most_at_once = 0
        self._at_once = 0
        self._counting = threading.Lock()
        self._host = host
        self._tls = tls
        self._door = socket.create_server((host, 0), backlog=256)
        self._threads: list[threading.Thread] = []
        self._porter = threading.Thread(target=self._welcome, daemon=True)

    def __enter__(self) -> Self:
        self._porter.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._door.shutdown(socket.SHUT_RDWR)
        self._porter.join(10)
        for thread in self._threads:
            thread.join(10)
        self._door.close()

    @property
    def port(self) -> int:
        return int(self._door.getsockname()[1])

    def url(self, path: str = "/", *, user: str = "") -> str:
        """The address of a path."""
        return f"http{'s' if self._tls else ''}://{user + '@' if user else ''}{self._host}:{self.port}{path}"

    def asked(self, path: str) -> list[Request]:
        """The requests for a path."""
        return [request for request in self.requests if request.path == path]

    def _welcome(self) -> None:
        while not self.closing.is_set():
            try:
                end, _ = self._door.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(end,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, end: socket.socket) -> None:
        with suppress(OSError), end:
            end.settimeout(20)
            if self._tls is not None:
                end = self._tls.wrap_socket(end, server_side=True)
            with end:
                request = _request(end)
                if request is None:
                    return
                with self._counting:
                    self.requests.append(request)
                    self._at_once += 1
                    self.most_at_once = max(self.most_at_once, self._at_once)
                try:
                    self._answer(Talk(request, self, end))
                finally:
                    with self._counting:
                        self._at_once -= 1
                with suppress(OSError):
                    end.shutdown(socket.SHUT_WR)

    def _answer(self, talk: Talk) -> None:
        path = talk.request.path
        found = self.routes.get(path)
        if found is None:
            begun = [name for name in self.routes if name.endswith("*") and path.startswith(name[:-1])]
            found = self.routes[max(begun, key=len)] if begun else None
        if found is None:
            talk.answer("there is no such page", 404)
        elif callable(found):
            found(talk)
        else:
            talk.answer(found)


def _request(end: socket.socket) -> Request | None:
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _HEAD:
        piece = end.recv(4096)
        if not piece:
            return None
        head += piece
        if head[0] == _TLS:
            end.sendall(b"HTTP/1.1 400 Speak plainly\r\n\r\n")
            return None
    top, _, body = head.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for name, _, text in (line.partition(":") for line in lines):
        name = name.strip().lower()
        headers[name] = f"{headers[name]}, {text.strip()}" if name in headers else text.strip()
    while len(body) < int(headers.get("content-length", "0")) and (piece := end.recv(65536)):
        body += piece
    return Request(first.split(" ")[1], headers, first.split(" ")[0], body)


# --- bad manners --------------------------------------------------------------------------------------------------


def redirect(location: str, status: int = 302) -> Handler:
    """Leads elsewhere."""
    return lambda talk: talk.answer(b"", status, Location=location)


def slow_drip(talk: Talk) -> None:
    """A byte now and then, for ever."""
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
    talk.drip(iter(lambda: b"x", b""), 0.05)


def endless_chunks(talk: Talk) -> None:
    """Chunks without an end."""
    talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with suppress(OSError):
        while not talk.stand.closing.is_set():
            talk.send(b"4000\r\n" + b"y" * 0x4000 + b"\r\n")


def says_length(length: int, body: bytes) -> Handler:
    """Announces one length and sends another."""
    return lambda talk: talk.answer(body, Content_Length=str(length))


def without_length(*bodies: bytes, **headers: str) -> Handler:
    """Says nothing of where its body ends, as HTTP/1.0 did; at each asking the next body, then always the last."""
    left = list(bodies)

    def handler(talk: Talk) -> None:
        body = left.pop(0) if len(left) > 1 else left[0]
        lines = ["HTTP/1.0 200 As told", *(f"{name}: {text}" for name, text in headers.items())]
        talk.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return handler


def dies(talk: Talk) -> None:
    """Ends in the middle of a chunk."""
    talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf of")


def gzip_bomb(size: int) -> Handler:
    """A small body that inflates to `size` bytes."""
    body = packed_zeros(size)
    return lambda talk: talk.answer(body, Content_Encoding="gzip")


def packed_zeros(size: int) -> bytes:
    """So many zeros, compressed: a million of them, packed so that the same bytes can stand again and again."""
    zeros, times = bytes(1_000_000), size // 1_000_000
    pack = zlib.compressobj(9, wbits=31)
    start, crc = pack.compress(b"") + pack.flush(zlib.Z_FULL_FLUSH), 0
    million = pack.compress(zeros) + pack.flush(zlib.Z_FULL_FLUSH)
    for _ in range(times):
        crc = zlib.crc32(zeros, crc)
    return start + million * times + b"\x03\0" + struct.pack("<II", crc, size)  # an empty last block, and gzip's end


def conditional(body: bytes, etag: str = '"one"') -> Handler:
    """Gives the body once, then says that it is unchanged."""

    def handler(talk: Talk) -> None:
        if talk.request.headers.get("if-none-match") == etag:
            talk.answer(b"", 304, ETag=etag)
        else:
            talk.answer(body, ETag=etag)

    return handler


def late(body: bytes, seconds: float) -> Handler:
    """Thinks for a while."""

    def handler(talk: Talk) -> None:
        time.sleep(seconds)
        talk.answer(body)

    return handler
