"""What is wrong with the library: our own files, the archives, and the dumps in them.

Decided only here: the order in which problems are found, that an archive of our own without a dump, of which nothing
came yet, is none, and that a damaged index, of stories or of words, is
thrown away at once, as it is wherever else damage is met; the next ingest fills a new one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from newsreader.errors import NewsreaderError, NotFound, Unsearchable, Warning
from newsreader.library import Index, counts
from newsreader.library.backups import backups
from newsreader.reader.target import Target

if TYPE_CHECKING:
    from newsreader.fetch.state import Trouble

_ROOM: Final = 256 * 1024
"""Bytes that a disk has left which is not full: what a mark or a page of the index wants at once."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong. `where`: a path, untrusted; `detail`: untrusted, may be empty. Codes: those of Reader.notices;
    "disk-full" and "disk-read-only" (`where` is the folder of the marks, or of the index);
    "marks-backups" (nothing wrong: the detail is the names of copies of the marks, beside them, the newest first);
    "marks-fault", "index-fault", "words-fault", "words-not-kept" (the detail is SQLite's), "counts-wrong";
    "source-missing", "source-unreadable"; "source-failing", "source-partly" (`where` is its name, the detail why,
    `trouble` all of it);
    "dump-unreadable" (the detail is why), "dump-warning" (the code of the warning and what it says)."""

    code: str
    where: str
    detail: str = ""
    trouble: Trouble | None = None


def problems(
    target: Target, index: Index, notices: Iterable[Warning], troubles: Iterable[Trouble]
) -> Iterator[Problem]:
    """Everything that is wrong, the most precious first. Reads all of both databases, and no dump."""
    for folder in dict.fromkeys((target.marks.parent, target.index.parent)):
        yield from _of_disk(folder)
    for fault in index.marks.faults():
        yield Problem("marks-fault", str(target.marks), fault)
    for notice in (*notices, *index.notices()):
        ours = target.marks if notice.code.startswith("marks") else target.index
        yield Problem(notice.code, str(ours), notice.detail)
    if copies := backups(target.marks):
        yield Problem("marks-backups", str(target.marks), " ".join(path.name for path in copies))
    faults = index.faults()
    for fault in faults:
        yield Problem("index-fault", str(target.index), fault)
    if faults:
        index.throw_away()
    elif not index.ask(counts.is_exact):
        yield Problem("counts-wrong", str(target.index))
        index.throw_away()
    yield from _of_words(target)
    for location in target.locations:
        yield from (problem for problem in _of_source(location) if (location, problem.detail) != (target.own, "folder"))
    for trouble in troubles:
        code = "source-failing" if trouble.times else "source-partly"
        yield Problem(code, trouble.source, trouble.failure.why, trouble)
    for path, problem, warnings in index.faulty_dumps():
        if problem is not None:
            yield Problem("dump-unreadable", path, problem)
        for code, detail in json.loads(warnings or "[]"):
            yield Problem("dump-warning", path, f"{code} {detail}".strip())


def _of_disk(folder: Path) -> Iterator[Problem]:
    with suppress(OSError):
        disk = os.statvfs(folder)
        if disk.f_flag & os.ST_RDONLY:
            yield Problem("disk-read-only", str(folder))
        elif (disk.f_blocks and disk.f_bavail * disk.f_frsize < _ROOM) or (disk.f_files and not disk.f_favail):
            yield Problem("disk-full", str(folder))


def _of_words(target: Target) -> Iterator[Problem]:
    from newsreader.library.search import Search

    try:
        search = Search(target.index)
    except Unsearchable as error:  # there is none yet, and none can be made
        yield Problem("words-not-kept", error.where, error.why)
        return
    try:
        for fault in search.faults():
            yield Problem("words-fault", str(search.path), fault)
    finally:
        search.close()


def _of_source(location: str) -> Iterator[Problem]:
    from newsreader.archive import open_archive

    try:
        open_archive(Path(location), pipes=False).close()
    except NotFound as error:
        yield Problem("source-missing", error.where, error.why)
    except NewsreaderError as error:
        yield Problem("source-unreadable", error.where, error.why)
