"""One process of ours: how it begins, and what it does until its end.

Decided only here: it is forked from a fresh interpreter, never from this one; it has no terminal, no output, no other
file of ours and is in no process group of ours, so that Ctrl-C is ours to answer; it ends when we do, by whatever
means.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple

from newsreader.errors import NewsreaderError, NoProcess
from newsreader.jobs import forkserver
from newsreader.jobs.wire import Closed, Wire

_ASLEEP: Final = 30
"""How many times as long a task may take by the clock as of a processor's time."""

_JOB_NICENESS: Final = 15  # less nice, it makes keys wait where cores are few; nicer, it starves beside other work


class Failed(NamedTuple):
    """Why a task has no answer. `why`: "time", "memory", "ended" (its worker did, twice) or "raised"; `detail`:
    untrusted."""

    why: str
    detail: str = ""


class Process:
    """A new process that lives as `part` of a job or pool says, and our end of its wire. Raises NoProcess."""

    def __init__(self, part: str, function: str, order: tuple[Any, ...]) -> None:
        try:
            ours, self._leash = forkserver.fork(f"{__name__}:{live.__name__}", function)
        except OSError as error:
            raise NoProcess(function, error.strerror or str(error)) from error
        self.wire = Wire(ours)
        with suppress(Closed):
            self.wire.send((part, order))

    def end(self) -> int:
        """End it, whatever it does; its exit status."""
        self.wire.close()
        return forkserver.kill(self._leash)


def live(end: socket.socket, function: Callable[..., Any]) -> None:
    """All that a process of ours does, with its end of the wire."""
    wire = Wire(end)
    with suppress(Closed):
        [(part, order)] = wire.receive(None, most=1)
        if part == "job":
            _tell(wire, function, order)
        else:
            _answer(wire, function, order)


def _tell(wire: Wire, function: Callable[..., Any], order: tuple[Any, ...]) -> None:
    """Tell everything that the work yields, then None, or the error that ended it."""
    with suppress(OSError):
        os.nice(_JOB_NICENESS)
    try:
        for thing in function(*order):
            wire.send(thing)
        wire.send(None)
    except NewsreaderError as error:
        wire.send(error)


def _answer(wire: Wire, function: Callable[..., Any], order: tuple[Any, ...]) -> None:
    """Say that it is ready, then answer every task, none unpacked before its turn, so that it alone is to blame."""
    memory, niceness, order = order
    _keep_within(memory, niceness)
    work = function(*order) if order else function
    wire.send(None)
    while True:
        [(task, seconds)] = wire.receive(None, most=1)
        # At the end of either the process ends, which nothing can put off.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, _ASLEEP * seconds)
        try:
            answer = work(task)
        except MemoryError:
            answer = Failed("memory")
        except Exception as error:  # noqa: BLE001 - the worker boundary
            answer = Failed("raised", f"{type(error).__name__}: {error}"[:500])
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        wire.send(answer)


def _keep_within(memory: int, niceness: int) -> None:
    import resource

    with suppress(OSError):
        os.nice(niceness)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
