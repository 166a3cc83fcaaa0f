"""Dumps -> records, here or in worker processes.

Owns: what a worker does, and how many there are. Decided only here: dumps whose worker ended are tried once more, each
alone, and one that ends a worker alone is given up; whatever a dump raises is caught here, where strangers' data meets
our parser, and named. Never: reading archives, writing the index.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from newsreader.library.record import Record, record
from newsreader.wire import Closed, Wire, start, wait

if TYPE_CHECKING:
    from subprocess import Popen

MOST_WORKERS = 8
ENOUGH_FOR_WORKERS = 50
"""Dumps that are parsed here, at once, before others do it."""

_AHEAD = 2
_TASKS = 16
_TASK_BYTES = 128 * 1024
_PATIENCE = 0.1


class Task(NamedTuple):
    """One dump: a number by which it is known again, the display name of its source, its bytes."""

    n: int
    source: str
    data: bytes


class Result(NamedTuple):
    """What became of a task: a record, or the problem that kept it from being one."""

    n: int
    record: Record | None
    problem: str | None


def parse_one(task: Task) -> Result:
    """Parse one dump in this process."""
    from newsreader.dump import decode, former_key
    from newsreader.parse import parse

    try:
        dump = decode(task.data)
        former = bool(former_key(dump.body))
        return Result(task.n, record(parse(dump, source=task.source), former=former), None)
    except Exception as error:  # noqa: BLE001 - the worker boundary
        return Result(task.n, None, f"{type(error).__name__}: {error}"[:500])


def main(wire: Wire) -> None:
    """The life of a worker: say that it is ready, then answer every list of tasks with the list of their results."""
    import newsreader.dump
    import newsreader.parse  # noqa: F401

    try:
        wire.send(None)
        while True:
            for tasks in wire.receive(None):
                wire.send([parse_one(task) for task in tasks])
    except Closed:
        return


@dataclass(slots=True, eq=False)
class _Worker:
    process: Popen[bytes]
    wire: Wire
    ready: bool = False
    given: deque[list[Task]] = field(default_factory=deque)


class Pool:
    """Worker processes, one a core. Give it lists of tasks, at most as many as `room` says, and take the results.
    Workers that do not even start are not replaced: with none at all there is never room."""

    def __init__(self, workers: int | None = None) -> None:
        wanted = min(os.cpu_count() or 1, MOST_WORKERS) if workers is None else workers
        self._workers = [_begin() for _ in range(wanted)]
        self._suspects: deque[list[Task]] = deque()

    def room(self) -> int:
        """How many lists of tasks would not have to wait."""
        room = sum(_AHEAD - len(worker.given) for worker in self._workers if worker.ready)
        return max(0, room - len(self._suspects))

    def busy(self) -> bool:
        """Whether any result is still to come."""
        return bool(self._suspects) or any(worker.given for worker in self._workers)

    def give(self, tasks: list[Task]) -> None:
        """Have a list of tasks parsed."""
        worker = min((w for w in self._workers if w.ready), key=lambda w: len(w.given))
        worker.given.append(tasks)
        with suppress(Closed):  # its results will not come, and that is where it is dealt with
            worker.wire.send(tasks)

    def take(self, timeout: float | None) -> list[Result]:
        """The results that came, waiting up to `timeout` seconds for the first."""
        results: list[Result] = []
        by_wire = {worker.wire: worker for worker in self._workers}
        for wire in wait(list(by_wire), timeout):
            worker = by_wire[wire]
            try:
                for answer in wire.receive():
                    worker.ready = True
                    if answer is not None:
                        worker.given.popleft()
                        results += answer
            except Closed:
                results += self._replace(worker)
        while self._suspects and any(worker.ready and not worker.given for worker in self._workers):
            self.give(self._suspects.popleft())
        return results

    def close(self) -> None:
        """End all workers, whatever they do."""
        for worker in self._workers:
            worker.wire.close()
            worker.process.kill()
        for worker in self._workers:
            worker.process.wait()

    def _replace(self, worker: _Worker) -> Iterable[Result]:
        """Put a new worker in the place of one that ended. What it had in hand is suspect, one by one."""
        self._workers.remove(worker)
        worker.wire.close()
        worker.process.kill()
        worker.process.wait()
        if worker.ready:
            self._workers.append(_begin())
        if not worker.given:
            return []
        in_hand = worker.given.popleft()
        self._suspects.extend(worker.given)
        if len(in_hand) == 1:
            return [Result(in_hand[0].n, None, f"ended its worker ({worker.process.returncode})")]
        self._suspects.extend([task] for task in in_hand)
        return []


class Parser:
    """Parses what it is given: the first dumps here and at once, when there are many by worker processes. Results come
    in any order."""

    def __init__(self) -> None:
        self._tasks: list[Task] = []
        self._pool: Pool | None = None
        self._here = 0

    def give(self, task: Task) -> None:
        """Have a dump parsed."""
        self._tasks.append(task)

    def is_full(self) -> bool:
        """Whether results should be taken before more is given."""
        return len(self._tasks) >= _TASKS or sum(len(task.data) for task in self._tasks) >= _TASK_BYTES

    def is_busy(self) -> bool:
        """Whether any result is still to come."""
        return bool(self._tasks) or (self._pool is not None and self._pool.busy())

    def take(self, *, flush: bool = False) -> list[Result]:
        """The results that are there; where it is full, or with `flush`, after waiting a moment for some."""
        if self._here < ENOUGH_FOR_WORKERS:
            return self._parse_here(len(self._tasks))
        if self._pool is None:
            self._pool = Pool()
        waiting = flush or self.is_full()
        if waiting and self._tasks:
            if self._pool.room():
                self._pool.give(self._tasks)
                self._tasks = []
                return self._pool.take(0)
            if not self._pool.busy():  # the workers are still on their way
                return self._parse_here(1) + self._pool.take(0)
        return self._pool.take(_PATIENCE if waiting else 0)

    def close(self) -> None:
        """End the workers, whatever they do."""
        if self._pool is not None:
            self._pool.close()

    def _parse_here(self, count: int) -> list[Result]:
        now, self._tasks = self._tasks[:count], self._tasks[count:]
        self._here += len(now)
        return [parse_one(task) for task in now]


def _begin() -> _Worker:
    process, wire = start(__name__)
    return _Worker(process, wire)
