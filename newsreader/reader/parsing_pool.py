"""The pool whose workers (`parsing_worker`) make records of dumps, and documents of stories."""

from __future__ import annotations

from typing import Any, NamedTuple

from newsreader.jobs import Failed, Pool


class Task(NamedTuple):
    """One dump: the display name of its source, its bytes."""

    source: str
    data: bytes


def workers() -> Pool[Any, Any]:
    """The pool that does it all."""
    return Pool("newsreader.reader.parsing_worker:work", _size)


def _size(task: tuple[str | bytes, ...]) -> int:
    return sum(map(len, task))


def problem_of(failed: Failed) -> str:
    """Why a dump has no record: what was raised, "too-costly" and the limit, or "ended" and its worker's status."""
    if failed.why == "raised":
        return failed.detail
    return f"ended {failed.detail}" if failed.why == "ended" else f"too-costly {failed.why}"
