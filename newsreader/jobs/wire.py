"""Objects between two processes, over a socket that both hold."""

from __future__ import annotations

import pickle
import select
import socket
from typing import Any, Final

_LENGTH: Final = 4
_PIECE: Final = 1 << 18


class Closed(Exception):
    """The other side is gone."""


class Wire:
    """One end of a socket that both processes hold. `fileno` is readable when `receive` has something to do."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._buffer = bytearray()

    def fileno(self) -> int:
        """The file number, for select; -1 once closed."""
        return self._end.fileno()

    def close(self) -> None:
        """Close this end."""
        self._end.close()

    def send(self, thing: object) -> None:
        """Send an object, waiting until the other side has room; what comes meanwhile is taken in, lest both sides
        wait for each other. Raises Closed."""
        data = pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
        left = memoryview(len(data).to_bytes(_LENGTH, "big") + data)
        poll = select.poll()
        poll.register(self._end, select.POLLIN | select.POLLOUT)
        while left:
            events = poll.poll()[0][1]
            if events & select.POLLIN:
                self._read()
            elif events & select.POLLOUT:
                try:
                    left = left[self._end.send(left, socket.MSG_DONTWAIT) :]
                except BlockingIOError:
                    continue
                except OSError as error:
                    raise Closed from error
            else:
                raise Closed

    def receive(self, timeout: float | None = 0, *, most: int | None = None) -> list[Any]:
        """All objects that came, or the first `most`, waiting up to `timeout` seconds (None: for ever) for the first;
        raises Closed once the other side is gone and nothing of it is left."""
        things = self._whole(most)
        while not things and wait([self], timeout):
            self._read()
            things = self._whole(most)
            timeout = timeout if timeout is None else 0
        return things

    def has_whole(self) -> bool:
        """Whether an object is here already, however the file number looks."""
        return len(self._buffer) >= _LENGTH + int.from_bytes(self._buffer[:_LENGTH], "big")

    def _read(self) -> None:
        try:
            piece = self._end.recv(_PIECE)
        except OSError as error:
            raise Closed from error
        if not piece:
            raise Closed
        self._buffer += piece

    def _whole(self, most: int | None) -> list[Any]:
        things: list[Any] = []
        while self.has_whole() and len(things) != most:
            end = _LENGTH + int.from_bytes(self._buffer[:_LENGTH], "big")
            things.append(pickle.loads(self._buffer[_LENGTH:end]))
            del self._buffer[:end]
        return things


def wait(wires: list[Wire], timeout: float | None) -> list[Wire]:
    """The wires that can be read, after at most `timeout` seconds."""
    here = [wire for wire in wires if wire.has_whole()]
    if here:
        return here
    poll = select.poll()
    by_number = {wire.fileno(): wire for wire in wires}
    for number in by_number:
        poll.register(number, select.POLLIN)
    return [by_number[number] for number, _ in poll.poll(None if timeout is None else int(timeout * 1000))]
