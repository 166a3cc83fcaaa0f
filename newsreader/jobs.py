"""Processes of ours: a job that runs beside us and tells what it does, and pools of workers for what strangers wrote.

    Job    one function, one order; what it yields is told here
    Pool   one function, many tasks, by as many processes as are worth it

Decided only here: a process is a fresh interpreter, never a copy of this one; it has no terminal, no output, no other
file of ours and a process group of its own, so that Ctrl-C is ours to answer; it ends when the other side of its socket
does, by whatever means. Each task of a pool has its limits of time (the processor's, so that a busy machine harms none)
and memory, and what exceeds them, or ends its worker twice, costs that task alone. What a function raises is caught
here, where strangers' data meets our parsers, and named.

Functions are given as "module:name", so that nobody imports here what only runs there.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, NamedTuple, TypeVar

from newsreader.errors import NewsreaderError, NoProcess, StorageFailed

SECONDS: Final = 20.0
"""How much of a processor's time one task may take, with a second more for each megabyte of it."""

_ASLEEP: Final = 30
"""How many times as long it may take by the clock."""

MEMORY: Final = 1 << 30
"""Bytes of address space of a worker."""

MOST_WORKERS: Final = 8

_JOB_NICENESS: Final = 15  # less nice, it makes keys wait where cores are few; nicer, it starves beside other work
_AHEAD: Final = 8  # tasks of a worker
_AHEAD_BYTES: Final = 1 << 17  # less than a socket holds: nobody waits for a worker that is only starting
_IN_FLIGHT: Final = 4 * _AHEAD_BYTES  # bytes of a worker

T = TypeVar("T")
R = TypeVar("R")


class Failed(NamedTuple):
    """Why a task has no answer. `why`: "time", "memory", "ended" (its worker did, twice) or "raised"; `detail`:
    untrusted."""

    why: str
    detail: str = ""


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
        self._process = _Process("job", function, order)
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
    process: _Process
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
                    worker = _Worker(_Process("worker", *self._how))
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


# --- two processes, and objects between them ------------------------------------------------------------------------

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


class _Process:
    """A new process that lives as `part` of a job or pool says, and our end of its wire. Raises NoProcess."""

    def __init__(self, part: str, function: str, order: tuple[Any, ...]) -> None:
        try:
            ours, self._popen = _start(function)
        except OSError as error:
            raise NoProcess(function, error.strerror or str(error)) from error
        self.wire = Wire(ours)
        with suppress(Closed):
            self.wire.send((part, order))

    def end(self) -> int:
        """End it, whatever it does; its exit status."""
        self.wire.close()
        self._popen.kill()
        return self._popen.wait()


def _start(function: str) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair()
    with ExitStack() as opened:
        opened.enter_context(theirs)
        failed = opened.enter_context(ExitStack())
        failed.enter_context(ours)
        number = theirs.fileno()
        module, _, name = function.partition(":")
        code = (
            f"import sys; sys.path[:] = {sys.path!r}; sys.dont_write_bytecode = {sys.dont_write_bytecode!r}\n"
            f"from {module} import {name}; from {__name__} import live; live({number}, {name})"
        )
        popen = subprocess.Popen(
            [sys.executable, "-c", code],
            pass_fds=(number,),
            process_group=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        failed.pop_all()
    return ours, popen


# --- the life of a process ------------------------------------------------------------------------------------------


def live(number: int, function: Callable[..., Any]) -> None:
    """All that a process of ours does, with the number of its end of the wire."""
    wire = Wire(socket.socket(fileno=number))
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
