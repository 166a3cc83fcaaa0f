"""Processes of ours: a job that runs beside us and tells what it does, and pools of workers for what strangers wrote.

    Job    one function, one order; what it yields is told here
    Pool   one function, many tasks, by as many processes as are worth it

    process     how each begins, lives and ends
    forkserver  what it is forked from
    wire        objects between two processes

Decided only here: each task of a pool has its limits of time (the processor's, so that a busy machine harms none)
and memory, and what exceeds them, or ends its worker twice, costs that task alone. What a function raises is caught
here, where strangers' data meets our parsers, and named.

Functions are given as "module:name", so that nobody imports here what only runs there.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, Generic, NamedTuple, TypeVar

from newsreader.errors import NewsreaderError, NoProcess, StorageFailed
from newsreader.jobs.process import Failed, Process
from newsreader.jobs.wire import Closed, wait

__all__ = ["MEMORY", "MOST_WORKERS", "SECONDS", "Closed", "Done", "Failed", "Job", "Pool"]

SECONDS: Final = 20.0
"""How much of a processor's time one task may take, with a second more for each megabyte of it."""

MEMORY: Final = 1 << 30
"""Bytes of address space of a worker."""

MOST_WORKERS: Final = 8

_AHEAD: Final = 8  # tasks of a worker
_AHEAD_BYTES: Final = 1 << 17  # less than a socket holds: nobody waits for a worker that is only starting
_IN_FLIGHT: Final = 4 * _AHEAD_BYTES  # bytes of a worker

T = TypeVar("T")
R = TypeVar("R")


class Done(NamedTuple, Generic[T, R]):
    """A task, by its number, and what became of it."""

    n: int
    task: T
    answer: R | Failed


class Job(Generic[T]):
    """A generator function that runs elsewhere with an order. `fileno` is readable when `poll` has something to tell;
    `is_running` is False after its last word. Raises NoProcess."""

    def __init__(self, function: str, *order: object) -> None:
        self._function = function
        self._process = Process("job", function, order)
        self.is_running = True

    def fileno(self) -> int:
        """The file number to wait on; -1 once it has ended."""
        return self._process.wire.fileno()

    def poll(self, timeout: float | None = 0) -> list[T]:
        """What it told since the last time, waiting up to `timeout` seconds (None: for ever) for it. Raises what the
        work raised, and StorageFailed with `why` "ended" if it ended without a word; after either it has ended."""
        told: list[T] = []
        if not self.is_running:
            return told
        try:
            for thing in self._process.wire.receive(timeout):
                if thing is None or isinstance(thing, NewsreaderError):
                    self.cancel()
                    if thing is not None:
                        raise thing
                    break
                told.append(thing)
        except Closed:
            self.cancel()
            raise StorageFailed(self._function.partition(":")[0].rpartition(".")[2], "ended") from None
        return told

    def cancel(self) -> None:
        """End it now; whatever it writes is whole at any moment."""
        if self.is_running:
            self.is_running = False
            self._process.end()


@dataclass(frozen=True, slots=True)
class _Given(Generic[T]):
    n: int
    task: T
    size: int
    seconds: float
    is_again: bool = False


@dataclass(slots=True, eq=False)
class _Worker(Generic[T]):
    process: Process
    is_ready: bool = False
    given: deque[_Given[T]] = field(default_factory=deque)

    def has_room(self) -> bool:
        return len(self.given) < _AHEAD and sum(given.size for given in self.given) < _AHEAD_BYTES


class Pool(Generic[T, R]):
    """Workers that call one function with task after task; they start when they are needed. `size`: about how many
    bytes a task has; with an `order`, tasks are answered by what the function makes of that. Raises NoProcess where not
    one worker can be had."""

    def __init__(
        self,
        function: str,
        size: Callable[[T], int],
        *order: object,
        most: int | None = None,
        seconds: float = SECONDS,
        memory: int = MEMORY,
        niceness: int = 0,
    ) -> None:
        self._how = function, (memory, niceness, order)
        self._size = size
        self._seconds = seconds
        self._most = min(os.cpu_count() or 1, MOST_WORKERS) if most is None else most
        self._workers: list[_Worker[T]] = []
        self._queue: deque[_Given[T]] = deque()
        self._count = 0
        self.is_closed = False

    def give(self, task: T) -> int:
        """Have a task done; its number, from 1."""
        self._count += 1
        size = self._size(task)
        self._queue.append(_Given(self._count, task, size, self._seconds + size / 2**20))
        self._spread()
        return self._count

    def is_full(self) -> bool:
        """Whether answers should be taken before more is given."""
        return len(self._queue) >= _AHEAD or sum(given.size for given in self._queue) >= _IN_FLIGHT

    def is_busy(self) -> bool:
        """Whether any answer is still to come."""
        return bool(self._queue) or any(worker.given for worker in self._workers)

    def ask(self, task: T) -> R | Failed:
        """The answer to one task, where nothing else is under way. Raises Closed."""
        self.give(task)
        done: list[Done[T, R]] = []
        while not done:
            done = self.take(None)
        return done[0].answer

    def take(self, timeout: float | None) -> list[Done[T, R]]:
        """The answers that came, waiting up to `timeout` seconds (None: for ever) for the first word of a worker."""
        if self.is_closed:
            raise Closed
        done: list[Done[T, R]] = []
        by_wire = {worker.process.wire: worker for worker in self._workers}
        for wire in wait(list(by_wire), timeout):
            worker = by_wire[wire]
            try:
                for answer in wire.receive():
                    if worker.is_ready:
                        given = worker.given.popleft()
                        done.append(Done(given.n, given.task, answer))
                    worker.is_ready = True  # which is its first word
            except Closed:
                done += [] if self.is_closed else self._bury(worker)
        self._spread()
        return done

    def map(self, tasks: Iterable[T]) -> Iterator[Done[T, R]]:
        """Every task with its answer, in order; no more than a few are under way at a time."""
        ready: dict[int, Done[T, R]] = {}
        tasks, is_more, first = iter(tasks), True, self._count + 1
        while is_more or first <= self._count:
            while is_more and not self.is_full() and len(ready) < 4 * _AHEAD * self._most:
                for task in tasks:
                    self.give(task)
                    break
                else:
                    is_more = False
            if first <= self._count and first not in ready:
                ready.update({done.n: done for done in self.take(None)})
            while first in ready:
                yield ready.pop(first)
                first += 1

    def close(self) -> None:
        """End all workers, whatever they do; also from another thread than the one that takes."""
        self.is_closed = True
        for worker in self._workers:
            worker.process.end()

    def _spread(self) -> None:
        """Give what waits to those that have least, and begin another worker where all have enough."""
        while self._queue and not self.is_closed:
            worker = min(self._workers, key=lambda worker: len(worker.given), default=None)
            if worker is None or not worker.has_room():
                if len(self._workers) >= self._most or (worker is not None and not worker.given):
                    return
                try:
                    worker = _Worker(Process("worker", *self._how))
                except NoProcess:
                    if not self._workers:
                        raise
                    self._most = len(self._workers)
                    return
                self._workers.append(worker)
            given = self._queue.popleft()
            worker.given.append(given)
            with suppress(Closed):  # its answer will not come, and that is where it is dealt with
                worker.process.wire.send((given.task, given.seconds))

    def _bury(self, worker: _Worker[T]) -> list[Done[T, R]]:
        """Deal with a worker that ended, and with what it had in hand."""
        self._workers.remove(worker)
        status = worker.process.end()
        first = worker.given.popleft() if worker.given and worker.is_ready else None
        self._queue.extendleft(reversed(worker.given))
        if not worker.is_ready:
            self._most = len(self._workers)
            if not self._workers:
                raise NoProcess(self._how[0], "a process that was started ended at once")
        if first is None:
            return []
        if status in (-signal.SIGPROF, -signal.SIGALRM):
            return [Done(first.n, first.task, Failed("time"))]
        if first.is_again:
            return [Done(first.n, first.task, Failed("ended", str(status)))]
        self._queue.appendleft(replace(first, is_again=True))  # it may have been ended from without
        return []
