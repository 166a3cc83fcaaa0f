"""Worker processes that read what came, for some documents cost a parser minutes or the whole memory.

Owns: what a worker does, and what it may use. Decided only here: how long one document may take, how much memory its
worker gets, how many there are. Never: the network; a worker has no use for it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from subprocess import Popen
from typing import Final, NamedTuple

from newsreader.errors import FetchFailed
from newsreader.fetch.items import Feed, NotAFeed
from newsreader.wire import Closed, Wire, start

SECONDS: Final = 20.0
"""How long reading one document may take, with a second more for each megabyte of it."""

MEMORY: Final = 1 << 30
"""Bytes of address space of a worker."""

_GRACE: Final = 60
_MOST: Final = 4
_NICENESS: Final = 5


class Task(NamedTuple):
    """One document to read: its bytes, where from, the charset that its server declared (of a page: the type too)."""

    data: bytes
    url: str
    charset: str


class Fault(NamedTuple):
    """Why a document was not read: a code of FetchFailed, and words that may be untrusted."""

    why: str
    detail: str


def main(wire: Wire) -> None:
    """The life of a worker that reads feeds."""
    from newsreader.fetch.feeds import read_feed

    work(wire, read_feed)


def work(wire: Wire, read: Callable[[bytes, str, str], object]) -> None:
    """The life of a worker: answer every task with what `read` makes of its data, url and declared type, or a Fault."""
    _keep_within_limits()
    with suppress(Closed):
        while True:
            for task in wire.receive(None):
                # Whoever waits for the answer ends a worker that is late; this is for when nobody waits any longer.
                signal.alarm(int(SECONDS + len(task.data) / 2**20) + _GRACE)
                wire.send(_answer(task, read))
                signal.alarm(0)


def _keep_within_limits() -> None:
    import resource

    with suppress(OSError):
        os.nice(_NICENESS)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(task: Task, read: Callable[[bytes, str, str], object]) -> object:
    try:
        return read(task.data, task.url, task.charset)
    except NotAFeed as error:
        return Fault("not-a-feed", str(error))
    except MemoryError:
        return Fault("too-costly", "memory")
    except Exception as error:  # noqa: BLE001 - around feedparser and its like, which raise what they will
        return Fault("unreadable", f"{type(error).__name__}: {error}"[:200])


class Workers:
    """Reads documents in worker processes, which are started when they are needed. `module`: whose `main` a worker
    runs. Use it in one event loop."""

    def __init__(self, module: str = __name__, *, seconds: float = SECONDS) -> None:
        self._module = module
        self._seconds = seconds
        self._idle: list[tuple[Popen[bytes], Wire]] = []
        self._places = asyncio.Semaphore(min(os.cpu_count() or 1, _MOST))

    async def read(self, task: Task) -> Feed:
        """The feed in a document; raises FetchFailed with "not-a-feed" (detail "html" if it is a page), "unreadable",
        or "too-costly" (detail "time" or "memory")."""
        feed = await self.result(task)
        assert isinstance(feed, Feed)
        return feed

    async def result(self, task: Task) -> object:
        """What the workers make of a document; raises FetchFailed as `read` does."""
        async with self._places:
            answer = await self._ask(task)
        if isinstance(answer, Fault):
            raise FetchFailed(task.url, answer.why, detail=answer.detail)
        return answer

    async def _ask(self, task: Task) -> object:
        try:
            process, wire = self._idle.pop() if self._idle else start(self._module)
        except OSError as error:
            return Fault("unreadable", str(error))
        try:
            seconds = self._seconds + len(task.data) / 2**20
            answer = await asyncio.to_thread(_exchange, wire, task, seconds)
        except (Closed, TimeoutError) as end:
            _end(process, wire)
            return Fault("too-costly", "time" if isinstance(end, TimeoutError) else "memory")
        except BaseException:
            _end(process, wire)
            raise
        self._idle.append((process, wire))
        return answer

    def close(self) -> None:
        """End all workers."""
        for process, wire in self._idle:
            _end(process, wire)
        self._idle.clear()


def _exchange(wire: Wire, task: Task, seconds: float) -> object:
    """What the worker answers; raises Closed if it ended, TimeoutError if it took too long."""
    wire.send(task)
    latest = time.monotonic() + seconds
    answers: list[object] = []
    while not answers:
        if (left := latest - time.monotonic()) <= 0:
            raise TimeoutError
        answers = wire.receive(left)
    return answers[0]


def _end(process: Popen[bytes], wire: Wire) -> None:
    wire.close()
    if process.poll() is None:
        process.kill()
    process.wait()
