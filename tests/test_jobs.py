"""Processes of ours: what one task may cost, and what becomes of the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from newsreader.errors import NoProcess, NotFound, StorageFailed
from newsreader.jobs import Closed, Failed, Job, Pool

HERE = "tests.test_jobs"


def work(task: str) -> str:
    """What workers do here: as told."""
    verb, _, rest = task.partition(" ")
    match verb:
        case "raise":
            raise ValueError(rest)
        case "spin":
            while True:
                pass
        case "eat":
            return str(len(bytearray(1 << 31)))
        case "die":
            os._exit(9)
        case "pid":
            return str(os.getpid())
        case "die-once":
            if not Path(rest).exists():
                Path(rest).touch()
                os.kill(os.getpid(), signal.SIGKILL)
    return task.upper()


class Adder:
    """Made of an order; takes some of the processor's time, and says which process it is."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, task: int) -> tuple[int, int]:
        begun = time.process_time()
        while time.process_time() < begun + 0.03:
            pass
        return self.number + task, os.getpid()


def count(to: int, fault: bool = False) -> Iterator[int]:
    """What jobs do here."""
    yield from range(to)
    if fault:
        raise NotFound("nowhere", "it is gone")


def interrupted() -> Iterator[int]:
    """A job that gets a Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)
    yield 1
    time.sleep(60)


def pool(**limits: float) -> Pool[str, str]:
    return Pool(f"{HERE}:work", len, most=2, seconds=limits.get("seconds", 20.0))


def test_every_task_is_answered_in_order_whatever_its_neighbours_do(tmp_path: Path) -> None:
    faults = {20: "raise what", 45: "die", 70: "eat", 95: "spin", 120: f"die-once {tmp_path / 'x'}"}
    tasks = [faults.get(n, f"task {n}") for n in range(150)]
    with closing(pool(seconds=0.5)) as workers:
        done = list(workers.map(iter(tasks)))
    assert [one.task for one in done] == tasks
    answers = {n: one.answer for n, one in enumerate(done)}
    assert answers.pop(20) == Failed("raised", "ValueError: what")
    assert answers.pop(45) == Failed("ended", "9")
    assert answers.pop(70) == Failed("memory")
    assert answers.pop(95) == Failed("time")
    assert list(answers.values()) == [tasks[n].upper() for n in answers]


def test_a_pool_has_an_order_and_great_tasks_do_not_wait_for_each_other() -> None:
    """And have more time."""
    with closing(Pool[int, tuple[int, int]](f"{HERE}:Adder", lambda _: 1 << 20, 5, most=2, seconds=0.001)) as workers:
        answers = [one.answer for one in workers.map(range(8))]
        assert [number for number, _ in answers] == list(range(5, 13))
        assert len({pid for _, pid in answers}) == 2
        assert workers.ask(1)[0] == 6
    with pytest.raises(Closed):
        workers.take(0)


def test_workers_that_cannot_begin_are_an_error_and_no_endless_wait() -> None:
    with closing(Pool[str, str]("tests.nothing:work", len)) as workers, pytest.raises(NoProcess):
        list(workers.map(["x"] * 99))


def test_a_job_tells_what_it_does_and_how_it_ended() -> None:
    job = Job[int](f"{HERE}:count", 1000)
    told: list[int] = []
    while job.is_running:
        told += job.poll(None)
    assert told == list(range(1000))
    assert job.poll() == []
    with pytest.raises(NotFound, match="it is gone"):
        Job[int](f"{HERE}:count", 0, True).poll(None)
    with pytest.raises(StorageFailed, match="ended"):
        Job[int]("tests.nothing:work").poll(None)


def test_a_ctrl_c_that_is_ours_ends_no_job_not_even_one_that_is_still_in_our_group() -> None:
    """For a moment each is; what is blocked then stays so."""
    job = Job[int](f"{HERE}:interrupted")
    assert job.poll(None) == [1]
    job.cancel()
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def nested(environment: str) -> Iterator[str]:
    """A job that has a pool of its own."""
    yield os.environ[environment]
    workers = pool()
    yield str(workers.ask("pid"))
    workers.give("spin")
    time.sleep(60)


def gone(pid: str) -> bool:
    """Whether a process has ended, waited for by whoever has to or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_what_works_for_us_ends_with_us_also_what_works_for_that() -> None:
    code = (
        "import os, time; from tests.test_jobs import *; workers = pool(seconds=60);"
        "print(workers.ask('pid'), flush=True); workers.give('spin');"
        "os.environ['HERE'] = 'as it is now'; job = Job(f'{HERE}:nested', 'HERE');"
        "[print(thing, flush=True) for _ in range(2) for thing in job.poll(None)]; time.sleep(60)"
    )
    ours = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert ours.stdout is not None
    pid, environment, others = (ours.stdout.readline().strip() for _ in range(3))
    assert environment == "as it is now"
    assert not gone(pid)
    assert not gone(others)
    ours.kill()
    ours.communicate()
    while not (gone(pid) and gone(others)):
        time.sleep(0.05)


def test_a_job_that_is_cancelled_before_it_began_is_gone() -> None:
    """Whatever of it has come to the server by then."""
    for _ in range(50):
        Job[int](f"{HERE}:count", 1000).cancel()


def test_what_all_are_forked_from_ends_when_nobody_wants_it_and_begins_again() -> None:
    code = (
        "import os; from newsreader.jobs import forkserver; forkserver._IDLE = 0.2; from tests.test_jobs import *;"
        "first = pool().ask('pid'); server = forkserver._popen; server.wait(20); print(first != pool().ask('pid'));"
        "held = pool(); held.ask('pid'); server = forkserver._popen; time.sleep(0.5);"
        "pool().ask('pid'); print(server is forkserver._popen); held.close();"
        "forkserver.leave(); server = pool().ask('pid'); forkserver.leave()"
    )
    ours = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (ours.stdout, ours.stderr) == ("True\nTrue\n", "")
