"""The terminal as a device: its modes, its size, and writes that never block.

Decided only here: raw mode, and what happens to output that the terminal does not take.
"""

from __future__ import annotations

import os
import select
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio

IFLAG, OFLAG, LFLAG, CC = 0, 1, 3, 6
_FALLBACK_SIZE: Final = (80, 24)
_FAREWELL_SECONDS: Final = 0.05
_CHUNK: Final = 1 << 16
CANCEL: Final = b"\x18"
"""CAN: the terminal drops a sequence of which it has got only a part."""


def raw_mode(mode: list[Any]) -> list[Any]:
    """Terminal attributes as the window needs them: keys one by one, unechoed and without signals; no flow control;
    nothing added to what is sent.
    """
    raw = [*mode[:CC], list(mode[CC])]
    raw[LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    raw[IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    raw[OFLAG] &= ~termios.OPOST
    raw[CC][termios.VMIN], raw[CC][termios.VTIME] = 1, 0
    return raw


class Tty:
    """Our own way to the terminal: opened anew, so that it can be non-blocking while the shell's own descriptor, which
    the processes of a terminal share, stays as it is. `is_gone` from the beginning if there is none any more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_hangup: Callable[[], None]) -> None:
        self._loop = loop
        self._on_hangup = on_hangup
        self._pending = b""
        self._on_taken: Callable[[], None] | None = None
        self.fd = -1
        with suppress(OSError):
            self.fd = open_terminal()
        self.is_gone = self.is_closed = self.fd < 0

    # -- Modes -------------------------------------------------------------------------------------------------------

    def mode(self) -> list[Any] | None:
        """The terminal's attributes (`termios.tcgetattr`), None where it is gone."""
        try:
            return termios.tcgetattr(self.fd)
        except termios.error:
            return None

    def set_mode(self, mode: list[Any], *, drop_input: bool = False) -> None:
        """Set attributes, at once; what was typed before is kept or dropped. A terminal that is gone is left alone."""
        with suppress(termios.error):
            termios.tcsetattr(self.fd, termios.TCSANOW, mode)
            if drop_input:
                termios.tcflush(self.fd, termios.TCIFLUSH)

    def size(self) -> tuple[int, int]:
        """(columns, rows); 80 by 24 where the terminal does not know or says 0."""
        return size_of(self.fd)

    # -- Reading -----------------------------------------------------------------------------------------------------

    def read(self) -> bytes:
        """What was typed; empty if there is nothing. A terminal that was closed is reported as a hang-up."""
        try:
            data = os.read(self.fd, _CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self.hang_up()
        return data

    def is_readable(self, seconds: float) -> bool:
        """Whether something was typed, after waiting so long at most."""
        return bool(select.select([self.fd], [], [], seconds)[0])

    def hang_up(self) -> None:
        """The terminal is gone: nothing is read or written from now on, as a closed terminal is always ready."""
        if not self.is_gone:
            self.is_gone = True
            self._pending = b""
            self._loop.remove_reader(self.fd)
            self._loop.remove_writer(self.fd)
            self._on_hangup()

    # -- Writing -----------------------------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether the terminal has not yet taken all that was written."""
        return bool(self._pending)

    def write(self, data: bytes, on_taken: Callable[[], None] | None = None) -> None:
        """Write now what the terminal takes and the rest when it takes more; then, in the loop, call `on_taken`."""
        if self.is_gone:
            return
        if not self._pending:
            data = self._put(data)
            if data:
                self._loop.add_writer(self.fd, self._write_pending)
        self._pending += data
        self._on_taken = on_taken if self._pending else None

    def farewell(self, data: bytes) -> None:
        """Write the last words, from any thread and without waiting long: unsent output is dropped for them, and so is
        what a terminal that does not read has still to take.
        """
        if self.is_gone:
            return
        if self._pending:
            data = CANCEL + data
            self._pending = b""
        with suppress(OSError, ValueError):
            self._loop.remove_writer(self.fd)
        with suppress(OSError, termios.error):
            if not select.select([], [self.fd], [], _FAREWELL_SECONDS)[1]:
                termios.tcflush(self.fd, termios.TCOFLUSH)
                data = CANCEL + data
            while data:
                data = data[os.write(self.fd, data) :]

    def close(self) -> None:
        """Let go of the terminal."""
        self.is_gone = self.is_closed = True
        os.close(self.fd)

    def _put(self, data: bytes) -> bytes:
        """Write what goes; the rest is returned."""
        try:
            while data:
                data = data[os.write(self.fd, data) :]
        except BlockingIOError:
            return data
        except OSError:
            self.hang_up()
        return b""

    def _write_pending(self) -> None:
        self._pending = self._put(self._pending)
        if not self._pending and not self.is_gone:
            self._loop.remove_writer(self.fd)
            if self._on_taken:
                self._on_taken()


def size_of(fd: int) -> tuple[int, int]:
    """(columns, rows) of a terminal; 80 by 24 where it does not know or says 0."""
    try:
        columns, rows = os.get_terminal_size(fd)
    except OSError:
        return _FALLBACK_SIZE
    return (columns, rows) if columns > 0 and rows > 0 else _FALLBACK_SIZE


def open_terminal() -> int:
    """A descriptor of our own for the terminal, non-blocking. OSError if there is none."""
    names = []
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        with suppress(OSError, ValueError, AttributeError):
            names.append(os.ttyname(stream.fileno()))  # type: ignore[union-attr]
    for name in (*names, "/dev/tty"):
        with suppress(OSError):
            return os.open(name, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    raise OSError("no terminal")
