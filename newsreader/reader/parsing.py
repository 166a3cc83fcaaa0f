"""What workers make of dumps: records for the index. Imported by workers (jobs.Pool), and for the nouns."""

from __future__ import annotations

from typing import NamedTuple

from newsreader.jobs import Failed, Pool
from newsreader.library.record import Record, record


class Task(NamedTuple):
    """One dump: the display name of its source, its bytes."""

    source: str
    data: bytes


def parse_one(task: Task) -> Record:
    """The record of a dump."""
    from newsreader.dump import decode, former_key
    from newsreader.parse import parse

    dump = decode(task.data)
    return record(parse(dump, source=task.source), former=bool(former_key(dump.body)))


def parsers() -> Pool[Task, Record]:
    """Workers that parse."""
    return Pool(f"{__name__}:parse_one", lambda task: len(task.data))


def problem_of(failed: Failed) -> str:
    """Why a dump has no record: what was raised, "too-costly" and the limit, or "ended" and its worker's status."""
    if failed.why == "raised":
        return failed.detail
    return f"ended {failed.detail}" if failed.why == "ended" else f"too-costly {failed.why}"
