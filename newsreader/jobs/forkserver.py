"""The one fresh interpreter that all processes of ours are forked from, so that what they import is imported once.

Decided only here: it has one thread and holds nothing but modules, so that a fork of it is as good as a fresh
interpreter; it begins with the first process that is wanted, also by one that was forked from it, and ends when nobody
wanted anything for a while, or those whom it serves are gone. Who wanted a process holds a leash of it: where that
ends, by whatever means, the process is killed, and its exit status told.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pkgutil import resolve_name
from threading import Lock
from typing import Final

from newsreader.jobs.wire import Closed, Wire

_IDLE: Final = 20.0
"""Seconds that it waits for the next wish: it takes some 25 MiB, and half a second to have it again."""

_ENDING: Final = 1.0
"""Seconds that a new one waits for the end of one that refused."""

_STATUS: Final = 2  # bytes

_lock = Lock()
_control: socket.socket | None = None
_popen: subprocess.Popen[bytes] | None = None


def fork(live: str, function: str) -> tuple[socket.socket, socket.socket]:
    """A process that calls `live` with its end of a socket and with `function` (each a "module:name"); our end of the
    socket, and the leash. Its environment, search path and niceness are ours as they are now. Raises OSError."""
    ours, theirs = socket.socketpair()
    leash, held = socket.socketpair()
    with theirs, held:
        try:
            _ask([held.fileno(), theirs.fileno()])
            with suppress(Closed):
                Wire(leash).send((live, function, sys.path, dict(os.environ), os.nice(0)))
        except BaseException:
            ours.close()
            leash.close()
            raise
    return ours, leash


def kill(leash: socket.socket) -> int:
    """Kill what is on that leash, and tell its exit status as subprocess does."""
    with leash, suppress(OSError):
        leash.shutdown(socket.SHUT_WR)
        if status := leash.recv(_STATUS):
            return int.from_bytes(status, "big", signed=True)
    return -signal.SIGKILL  # the server is gone, and with it what it forked


def leave() -> None:
    """Let the server go, and wait until it has ended: what it and its forks took of a processor counts as our
    children's from then on."""
    global _control, _popen
    with _lock:
        if _control is not None and _popen is not None:
            _control.close()
            _popen.wait()
        _control = _popen = None


def _ask(numbers: list[int]) -> None:
    """Hand both sockets over, to a new server if there is none or it has ended."""
    global _control, _popen
    with _lock:
        if _control is not None:
            with suppress(OSError):
                socket.send_fds(_control, [b"!"], numbers)
                return
            _control.close()
        if _popen is not None:
            with suppress(subprocess.TimeoutExpired):  # it ends when the last whom it serves has
                _popen.wait(_ENDING)
        _control = None
        _control, _popen = _start()
        socket.send_fds(_control, [b"!"], numbers)


def _start() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair()
    with theirs:
        code = (
            f"import sys; sys.path[:] = {sys.path!r}; sys.dont_write_bytecode = {sys.dont_write_bytecode!r}\n"
            f"from {__name__} import serve; serve({theirs.fileno()}, {_IDLE})"
        )
        try:
            with _uninterrupted():
                popen = subprocess.Popen(
                    [sys.executable, "-c", code],
                    pass_fds=(theirs.fileno(),),
                    process_group=0,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
        except BaseException:
            ours.close()
            raise
    return ours, popen


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let a new process, which belongs to our group for a moment, not end by a Ctrl-C that is for us."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(number: int, idle: float) -> None:
    """All that the server does, with the number of its first control and the seconds that it waits for a wish."""
    root = socket.socket(fileno=number)
    controls, pids = [root], dict[socket.socket, int]()
    while controls or pids:
        poll = select.poll()
        ends = {end.fileno(): end for end in (*controls, *pids)}
        for n in ends:
            poll.register(n, select.POLLIN)
        ready = poll.poll(None if pids else int(idle * 1000))
        if not ready and root in controls:
            root.shutdown(socket.SHUT_RD)  # whoever asks now is refused; who has asked before is still heard
        for n, _ in ready:
            end = ends[n]
            if end in pids:
                _kill(end, pids.pop(end))
            elif numbers := socket.recv_fds(end, 1, 2)[1]:
                leash, theirs = (socket.socket(fileno=number) for number in numbers)
                _serve_one(leash, theirs, controls, pids)
            else:
                controls.remove(end)
                end.close()


def _serve_one(
    leash: socket.socket, theirs: socket.socket, controls: list[socket.socket], pids: dict[socket.socket, int]
) -> None:
    """Fork what is asked for on this leash, which may ask for others by a control of its own."""
    control, forked = socket.socketpair()
    with theirs, forked, suppress(Closed, OSError):
        [(live, function, *how)] = Wire(leash).receive(None, most=1)
        with suppress(Exception):  # what cannot be imported ends the process that wants it
            for name in (function, live):
                resolve_name(name)
        pids[leash] = os.fork()
        controls.append(control)
        if not pids[leash]:
            try:
                for end in (*controls, *pids):
                    end.close()
                _become(forked, *how)
                resolve_name(live)(theirs, resolve_name(function))
            finally:
                os._exit(0)


def _become(control: socket.socket, path: list[str], environment: dict[str, str], niceness: int) -> None:
    """Be like the process that wanted this one, as a fresh interpreter would be."""
    global _control
    _control = control
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    with suppress(OSError):
        os.nice(niceness - os.nice(0))


def _kill(leash: socket.socket, pid: int) -> None:
    with leash, suppress(OSError):
        os.kill(pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        leash.sendall(status.to_bytes(_STATUS, "big", signed=True))
