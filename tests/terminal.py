"""A real terminal for tests: a program in a pty, the bytes it wrote, and the screen they make.

    with Terminal([sys.executable, "-m", "newsreader", "--demo"], size=(80, 24)) as terminal:
        terminal.wait_for("unread")
        terminal.press("j")
        assert "…" in terminal.screen()

`raw` is every byte the program wrote; `screen()` is what pyte makes of them. The program has a session of its own, and
is killed at the end. A `warm` one of ours (WARM) is forked from a process that has imported what it imports, as its own
workers are, which is most of what a start costs: for tests of what comes later. `run` is such a start of newsreader
without a terminal.
"""

from __future__ import annotations

import errno
import fcntl
import importlib
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pkgutil import resolve_name
from tempfile import TemporaryFile
from types import TracebackType
from typing import Final

import pyte

from newsreader.jobs import forkserver
from newsreader.jobs.wire import Wire

WARM: Final = {
    "newsreader": ("newsreader.cli:main", "newsreader.ui.app:NewsreaderApp"),
    "tests.wire_app": ("tests.wire_app:main", "tests.wire_app:main"),
    "tests.one_after_another": ("tests.one_after_another:main", "tests.one_after_another:main"),
}
"""Modules that may be started warm: what is called with the arguments, and what has all that it imports."""

KEYS: Final = {
    **{"Up": b"\x1b[A", "Down": b"\x1b[B", "Right": b"\x1b[C", "Left": b"\x1b[D", "Home": b"\x1b[H", "End": b"\x1b[F"},
    **{"PgUp": b"\x1b[5~", "PgDn": b"\x1b[6~", "Enter": b"\r", "Esc": b"\x1b", "Tab": b"\t", "S-Tab": b"\x1b[Z"},
    **{"Space": b" ", "Backspace": b"\x7f"},
}

# Sequences that pyte takes for text: private CSI, mode requests, and OSC, DCS, APC strings.
_unknown_to_pyte = re.compile(
    rb"\x1b\[[<>=][0-9;:]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b[P_^X][^\x1b]*\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_half = re.compile(rb"\x1b(?:[P_^X\]][^\x07\x1b]*\x1b?|\[[0-9;:<>=?$]*)?$")


class _Screen(pyte.Screen):
    """pyte's screen, with the alternate one and with scrolling by SU and SD."""

    def set_mode(self, *modes: int, **kind: bool) -> None:
        if kind.get("private") and 1049 in modes:
            self.erase_in_display(2)
        super().set_mode(*modes, **kind)

    def scroll_up(self, count: int = 1) -> None:
        x, y, margins = self.cursor.x, self.cursor.y, self.margins
        self.cursor.y = margins.top if margins else 0
        self.delete_lines(count or 1)
        self.cursor.x, self.cursor.y = x, y

    def scroll_down(self, count: int = 1) -> None:
        x, y, margins = self.cursor.x, self.cursor.y, self.margins
        self.cursor.y = margins.top if margins else 0
        self.insert_lines(count or 1)
        self.cursor.x, self.cursor.y = x, y


class _Stream(pyte.ByteStream):
    csi = {**pyte.Stream.csi, "S": "scroll_up", "T": "scroll_down"}  # noqa: RUF012 -- so pyte declares it
    events = pyte.Stream.events | {"scroll_up", "scroll_down"}


class Terminal:
    """A program in a pty of `size` (columns, rows); `env` is laid over ours, None takes a variable away. `warm`: where
    it is `python -m` of one of ours."""

    position = b"\x1b[1;1R"
    """The answer to a question for the cursor."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str | None] | None = None,
        cwd: str | None = None,
        warm: bool = False,
    ) -> None:
        self.raw = bytearray()
        self.ended = False
        self._fed = 0
        self._shown: str | None = None
        self._tail = b""
        self._display = _Screen(*size)
        self._stream = _Stream(self._display)
        full = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        for name, value in {"COLUMNS": None, "LINES": None, **(env or {})}.items():  # workers of xdist have these
            full.pop(name, None)
            if value is not None:
                full[name] = value
        self._master, slave = os.openpty()
        _set_size(self._master, size)
        self.untouched = termios.tcgetattr(self._master)
        """The terminal's attributes before the program had it."""
        self._program = _Forked(argv, [slave], full, cwd) if warm else _Started(argv, slave, full, cwd)
        os.close(slave)
        self.pid = self._program.pid

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def send(self, keys: str | bytes) -> None:
        """Type one key by name, or text as it is."""
        data = KEYS.get(keys, keys.encode()) if isinstance(keys, str) else keys
        os.write(self._master, data)

    def press(self, keys: str | bytes, *, quiet: float = 0.15, first: float = 1.0) -> bytes:
        """Type, wait up to `first` seconds for an answer, then until none came for `quiet`; the answer."""
        before = len(self.raw)
        self.send(keys)
        self.settle(quiet, first=first)
        return bytes(self.raw[before:])

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the program gets SIGWINCH."""
        self._feed()
        self._display.resize(rows, columns)
        self._shown = None
        _set_size(self._master, (columns, rows))

    def settle(self, quiet: float = 0.15, *, first: float | None = None, limit: float = 30.0) -> None:
        """Read until nothing came for `quiet` seconds; wait up to `first` seconds for the first of it."""
        end = time.monotonic() + limit
        wait = quiet if first is None else first
        while time.monotonic() < end and self._read(wait):
            wait = quiet

    def wait_for(self, wanted: str | Callable[[str], bool], *, timeout: float = 30.0) -> str:
        """Read until the screen shows `wanted`, and return the screen; TimeoutError with the screen in it."""
        end = time.monotonic() + timeout
        while True:
            shown = self.screen()
            if wanted(shown) if callable(wanted) else wanted in shown:
                return shown
            if self.ended or time.monotonic() > end:
                raise TimeoutError(f"{wanted!r} is not on the screen (ended: {self.ended}):\n{shown}")
            self._read(0.05)

    def screen(self) -> str:
        """The screen's rows, without the blanks at their ends."""
        self._feed()
        if self._shown is None:
            self._shown = "\n".join(row.rstrip() for row in self._display.display)
        return self._shown

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        self._program.send_signal(number)

    def wait_end(self, timeout: float = 10.0) -> int | None:
        """The exit code once the program has ended (negative: the signal), None if it has not within `timeout`."""
        end = time.monotonic() + timeout
        while self._program.poll() is None and time.monotonic() < end:
            if not self._read(0.02):
                time.sleep(0.01)
        if self._program.returncode is not None:
            self.settle(0.05)
        return self._program.returncode

    def close(self) -> None:
        """Kill the program if it still runs, and close the terminal."""
        self._program.kill()
        self._program.wait()
        os.close(self._master)

    def _read(self, timeout: float) -> bool:
        if self.ended or not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        self.raw += data
        self.ended = not data
        if b"\x1b[6n" in data:
            os.write(self._master, self.position)
        return bool(data)

    def _feed(self) -> None:
        if self._fed == len(self.raw):
            return  # who waits asks again and again
        self._shown = None
        new = self._tail + bytes(self.raw[self._fed :])
        self._fed = len(self.raw)
        new = _unknown_to_pyte.sub(b"", new)
        half = _half.search(new)
        cut = half.start() if half else len(new)
        self._tail = new[cut:]
        self._stream.feed(new[:cut])


def run(
    *words: str, env: Mapping[str, str], cwd: str | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """newsreader with these words, without a terminal, in a process that is warm."""
    argv = [sys.executable, "-m", "newsreader", *words]
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        program = _Forked(argv, [file.fileno() for file in (given, out, err)], env, cwd)
        select.select([program], [], [], 120)
        program.kill()
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess(argv, program.wait(), out.read(), err.read())


class _Started(subprocess.Popen[bytes]):
    """A program that leads a session on the terminal."""

    def __init__(self, argv: Sequence[str], terminal: int, env: dict[str, str], cwd: str | None) -> None:
        super().__init__(
            argv,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )


class _Forked:
    """The same by a fork of what has imported it."""

    def __init__(self, argv: Sequence[str], streams: list[int], env: Mapping[str, str], cwd: str | None) -> None:
        assert argv[:2] == [sys.executable, "-m"]
        main, imports = WARM[argv[2]]
        end, self._leash = forkserver.fork(f"{__name__}:{lead_session.__name__}", imports)
        socket.send_fds(end, [b"!"], streams)
        self._wire = Wire(end)
        self._wire.send((main, argv[3:], dict(env), cwd))
        [self.pid] = self._wire.receive(None, most=1)
        self.returncode: int | None = None

    def fileno(self) -> int:
        return self._wire.fileno()

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._wire], [], [], 0)[0]:
            self.kill()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> int:
        if self.returncode is None:
            self.returncode = forkserver.kill(self._leash)
            self._wire.close()
        return self.returncode

    wait = kill


def lead_session(end: socket.socket, _: object) -> None:
    """All that a forked program does."""
    streams = socket.recv_fds(end, 1, 3)[1]  # a terminal, or three files
    wire = Wire(end)
    [(main, words, env, cwd)] = wire.receive(None, most=1)
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # which a process of ours leaves to who wants it
    if len(streams) == 1:
        fcntl.ioctl(streams[0], termios.TIOCSCTTY, 0)
    for n, mode in enumerate("rww"):
        os.dup2(streams[n % len(streams)], n)
        stream = os.fdopen(n, mode, buffering=1, encoding="utf-8", errors="surrogateescape", closefd=False)
        setattr(sys, ("stdin", "stdout", "stderr")[n], stream)
    for number in streams:
        os.close(number)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd or ".")
    importlib.reload(importlib.import_module("textual.constants"))  # made of the environment
    wire.send(os.getpid())
    sys.argv = [main, *words]
    code = resolve_name(main)(words)
    sys.stdout.flush()
    os._exit(code)


def _set_size(fd: int, size: tuple[int, int]) -> None:
    columns, rows = size
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
