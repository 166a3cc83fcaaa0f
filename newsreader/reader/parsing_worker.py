"""What workers make of dumps and stories: records for the index, documents for the index of words."""

from __future__ import annotations

from typing import Any

from newsreader.dump import decode, former_key
from newsreader.library.record import Record, record
from newsreader.parse import parse
from newsreader.reader.parsing_pool import Task


def work(task: Any) -> Any:
    """The record of a dump; of what the index of words asks for, its documents.answer."""
    if isinstance(task, Task):
        return parsed(task)
    from newsreader.library.search.documents import answer  # the first rows do not wait for it

    return answer(task)


def parsed(task: Task) -> Record:
    """The record of a dump."""
    dump = decode(task.data)
    return record(parse(dump, source=task.source), former=bool(former_key(dump.body)))
