"""What workers make of dumps and stories: records for the index, documents for the index of words."""

from __future__ import annotations

from typing import Any, NamedTuple

from newsreader.jobs import Failed, Pool
from newsreader.library.record import Record, record


class Task(NamedTuple):
    """One dump: the display name of its source, its bytes."""

    source: str
    data: bytes


def work(task: Any) -> Any:
    """The record of a dump; of what the index of words asks for, its documents.answer."""
    if isinstance(task, Task):
        return parsed(task)
    from newsreader.library.search.documents import answer

    return answer(task)


def parsed(task: Task) -> Record:
    """The record of a dump."""
    from newsreader.dump import decode, former_key
    from newsreader.parse import parse

    dump = decode(task.data)
    return record(parse(dump, source=task.source), former=bool(former_key(dump.body)))


def workers() -> Pool[Any, Any]:
    """The pool that does it all."""
    return Pool(f"{__name__}:{work.__name__}", _size)


def _size(task: tuple[str | bytes, ...]) -> int:
    return sum(map(len, task))


def problem_of(failed: Failed) -> str:
    """Why a dump has no record: what was raised, "too-costly" and the limit, or "ended" and its worker's status."""
    if failed.why == "raised":
        return failed.detail
    return f"ended {failed.detail}" if failed.why == "ended" else f"too-costly {failed.why}"
