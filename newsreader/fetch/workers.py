"""Reading what came, by workers: some documents cost a parser minutes or the whole memory.

Decided only here: how many documents are read at a time, and what a failure of a worker is called.
"""

from __future__ import annotations

import asyncio
import os
from typing import Final, NamedTuple

from newsreader.errors import FetchFailed, NoProcess
from newsreader.fetch.items import Feed
from newsreader.jobs import SECONDS, Failed, Pool

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


def pool_of(function: str, *, seconds: float = SECONDS) -> Pool[Task, object]:
    """One worker, started when it is needed, that reads documents."""
    return Pool(function, lambda task: len(task.data), most=1, seconds=seconds, niceness=_NICENESS)


def read_by(pool: Pool[Task, object], task: Task) -> object:
    """What a worker makes of a document; raises FetchFailed with the code of a Fault, "unreadable", or "too-costly"
    (detail "time" or "memory")."""
    try:
        answer = pool.ask(task)
    except NoProcess as error:
        answer = Fault("unreadable", error.why)
    if isinstance(answer, Failed):
        costly = "time" if answer.why == "time" else "memory"
        answer = Fault("unreadable", answer.detail) if answer.why == "raised" else Fault("too-costly", costly)
    if isinstance(answer, Fault):
        raise FetchFailed(task.url, answer.why, detail=answer.detail)
    return answer


class Workers:
    """Reads documents, each by a worker of its own; `function` is "module:name" and takes a Task. Use it in one event
    loop."""

    def __init__(self, function: str = "newsreader.fetch.feed_worker:feed_of", *, seconds: float = SECONDS) -> None:
        self._function = function
        self._seconds = seconds
        self._idle: list[Pool[Task, object]] = []
        self._places = asyncio.Semaphore(min(os.cpu_count() or 1, _MOST))

    async def read(self, task: Task) -> Feed:
        """The feed in a document; raises FetchFailed as `read_by` does, with "not-a-feed" if it is none: detail
        "html" of a page, else what kind of file it is, "" if that is not known."""
        feed = await self.result(task)
        assert isinstance(feed, Feed)
        return feed

    async def result(self, task: Task) -> object:
        """What a worker makes of a document; raises FetchFailed as `read_by` does."""
        async with self._places:
            pool = self._idle.pop() if self._idle else pool_of(self._function, seconds=self._seconds)
            try:
                return await asyncio.to_thread(read_by, pool, task)
            except asyncio.CancelledError:
                pool.close()
                raise
            finally:
                if not pool.is_closed:
                    self._idle.append(pool)

    def close(self) -> None:
        """End all workers."""
        for pool in self._idle:
            pool.close()
