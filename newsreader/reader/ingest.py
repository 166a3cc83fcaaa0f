"""Archives -> the index, only what changed.

Decided only here: in what batches it is written, and when what a dump said before it was overwritten is kept.

However it ends, the index holds whole batches and the next run goes on from there. Only one process fills an index at a
time; another finds it so and stops, and its reader sees the rows come.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsreader.archive import Archive, Member, Skipped, open_archive
from newsreader.archive.numbered import put_numbered
from newsreader.dump import encode
from newsreader.errors import NewsreaderError, NotADump, NotFound, StorageFailed
from newsreader.former_dumps import former_dump
from newsreader.jobs import Done, Failed, Pool
from newsreader.library import Index, Marks, forget_older
from newsreader.library.record import Record, content_hash, unpack
from newsreader.library.writing import Found, Known, Writer
from newsreader.reader.listing import FAULTS, Listing
from newsreader.reader.parsing_pool import Task, problem_of, workers
from newsreader.reader.progress import Progress
from newsreader.reader.target import Target
from newsreader.reader.watching import mtime
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from newsreader.reader.rules import RuleBook

_BATCH = 64
_BATCH_SECONDS = 0.05
_DROPPED = 256

_PATIENCE = 0.1

_HASH = 12
"""Digits in a former text's name that tell it from others."""

# What was changed within this time before it was read is read once more: it may not have been its last change.
_MOMENT = 2 * 10**9  # nanoseconds
_UNSETTLED = -2


def ingest(target: Target, cancel: Callable[[], bool] = lambda: False) -> Iterator[Progress]:
    """Bring into the index of a target what changed in its archives, newest first, a Progress after every batch; the
    last one's stage is not "reading". Archives that cannot be read are skipped. Raises StorageFailed and NoProcess."""
    with closing(workers()) as pool:
        yield from _ingest(target, pool, cancel)


def ingest_all(
    target: Target, book: RuleBook | None = None, cancel: Callable[[], bool] = lambda: False
) -> Iterator[Progress]:
    """As `ingest`, then `fill_search`; the last Progress is still that of the dumps."""
    with closing(workers()) as pool:
        last = None
        for progress in _ingest(target, pool, cancel):
            if progress.stage == "done":
                last = progress
            else:
                yield progress
        if last is not None:
            yield replace(last, stage="reading")
            for words in _fill_search(target, book, pool, cancel):
                if words.stage == "words":
                    yield replace(last, done=words.done, total=words.total, stage="words", skipped=())
            yield replace(last, skipped=())


def fill_search(
    target: Target, book: RuleBook | None = None, cancel: Callable[[], bool] = lambda: False
) -> Iterator[Progress]:
    """Bring the index of words up to date with the main index, and do to what arrived what the rules say that stand
    where `book` says. Raises StorageFailed and NoProcess."""
    with closing(workers()) as pool:
        yield from _fill_search(target, book, pool, cancel)


def _ingest(target: Target, pool: Pool[Any, Any], cancel: Callable[[], bool]) -> Iterator[Progress]:
    if not target.index.parent.is_dir():  # nothing is made in the place of a home that is away
        raise StorageFailed(str(target.index), "its folder is gone")
    forget_older(target.index)
    index = Index(target.index, Marks(target.marks), zone=target.zone, filling=True)
    try:
        with index.only_filler() as alone:
            if not alone:
                yield Progress(0, None, 0, 0, "elsewhere")
                return
            try:
                yield from _Run(index, target, pool, cancel).everything()
            except StorageFailed as failure:
                if failure.why != "damaged":
                    raise
                yield from _Run(index, target, pool, cancel).everything()  # the index is an empty one by now
    finally:
        index.close()


def _fill_search(
    target: Target, book: RuleBook | None, pool: Pool[Any, Any], cancel: Callable[[], bool]
) -> Iterator[Progress]:
    from newsreader.library.search import Search

    search = Search(target.index)
    try:
        for filling in search.fill(pool, cancel):
            stage = "words" if filling.stage in ("indexing", "merging") else filling.stage
            if stage == "done" and book is not None:
                from newsreader.reader.rules import on_arrival

                with suppress(StorageFailed):  # what they say waits until marks can be written
                    on_arrival(target, book)
            yield Progress(filling.done, filling.total, 0, 0, stage)
    finally:
        search.close()


class _Run:
    """One pass over all archives."""

    def __init__(self, index: Index, target: Target, pool: Pool[Any, Any], cancel: Callable[[], bool]) -> None:
        self._index = index
        self._target = target
        self._cancel = cancel
        self._pool = pool
        self._done = self._added = self._failed = 0
        self._total: int | None = None
        self._skipped: list[Skipped] = []
        self._batch: list[Found] = []
        self._written = time.monotonic()
        self._watched: dict[bytes, int] = {}
        self._began = time.time_ns()
        self._unsettled = False
        self._kept = False

    def everything(self) -> Iterator[Progress]:
        """All archives of the target; those that are no longer its own leave the index."""
        roots = []
        for location in self._target.locations:
            roots.append((yield from self._location(location)))
        for location in self._with_former():
            roots.append((yield from self._location(location)))
        if self._cancel():
            yield self._progress("canceled")
            return
        for other in self._index.write(Writer.other_archives, roots):
            yield from self._drop([n for n, _ in self._index.write(Writer.dumps_of, other)])
            self._index.write(Writer.forget_archive, other)
        self._index.write(Writer.bring_marks)
        self._index.write(Writer.watch, self._watched)
        self._index.write(Writer.complete)
        self._total = self._done
        yield self._progress("done")

    def _location(self, location: str) -> Generator[Progress, None, str]:
        """What stands at a location; the root of the archive."""
        if self._cancel():
            return location
        self._watched[os.fsencode(location)] = self._settled(mtime(location))
        try:
            archive = open_archive(Path(location), pipes=self._target.kind == "path")
        except NewsreaderError as error:
            if isinstance(error, NotADump) and f"{location}/".startswith(f"{self.own}/"):
                return ""  # the last that was in ours was taken out
            why = "archive-missing" if isinstance(error, NotFound) else "unreadable"
            self._skipped.append(Skipped(error.where, why, error.why))
            return location
        with archive:
            yield from self._archive(archive)
            for folder, changed in archive.folders.items():
                self._watched[os.fsencode(folder)] = self._settled(changed)
            if archive.folders and self._unsettled:
                self._watched[os.fsencode(archive.root)] = _UNSETTLED
            return archive.root

    def _with_former(self) -> list[str]:
        """Where the former texts of what was read are, as far as that was not read with the rest."""
        target = self._target
        if target.kind == "library":
            is_read = target.own in target.locations and not self._kept
            return [target.own] if not is_read and Path(target.own).is_dir() else []
        return [str(folder) for folder in map(target.former, target.locations) if folder.is_dir()]

    def _archive(self, archive: Archive) -> Iterator[Progress]:
        number, fingerprint = self._index.write(Writer.archive, archive.root, archive.kind)
        if fingerprint and fingerprint == archive.fingerprint:
            return
        listed = Listing(archive, number, self._index.write(Writer.newest_dump), self)
        for found in listed.changed():
            if found is None:
                if self._cancel():
                    return
                yield self._progress("reading")
                continue
            member, data = found
            content, source = content_hash(data), clean_line(member.source)
            revision = self._index.write(Writer.revision_of, content)
            if revision is not None:
                yield from self._put(listed, listed.found(member, content, revision=revision))
            else:
                listed.waiting[self._pool.give(Task(source, data))] = member, content
            yield from self._settle(listed, self._pool.take(0))
            while self._pool.is_full() and not self._cancel():
                yield from self._settle(listed, self._pool.take(_PATIENCE))
            if self._cancel():
                return
        while self._pool.is_busy():
            yield from self._settle(listed, self._pool.take(_PATIENCE))
            if self._cancel():
                return
        yield from self._write(listed)
        self._index.write(Writer.leave_out, number, listed.faults.items())
        if listed.is_whole():
            yield from self._drop(listed.gone(self._index.write(Writer.dumps_of, number)))
            if archive.fingerprint and not listed.may_differ:
                self._index.write(Writer.read_wholly, number, archive.fingerprint)

    # --- what the listing tells ---

    @property
    def own(self) -> str:
        """Our own archive."""
        return self._target.own

    def expect(self, dumps: int) -> None:
        """So many dumps more are to be looked at."""
        self._total = (self._total or 0) + dumps

    def passed(self, member: Member) -> None:
        """One dump was looked at."""
        self._done += 1
        if self._settled(member.mtime_ns) == _UNSETTLED:
            self._unsettled = True

    def left_out(self, what: Skipped) -> None:
        """Something could not be read."""
        self._skipped.append(what)
        self._failed += what.why in FAULTS or what.why == "vanished"

    def known(self, archive: int, name: str) -> Known | None:
        """What the index knows of a dump."""
        return self._index.write(Writer.known, archive, name)

    def _settled(self, changed: int) -> int:
        """An mtime to compare with later, unless more may have changed at that very time."""
        return _UNSETTLED if self._began - _MOMENT <= changed <= time.time_ns() else changed

    # --- writing ---

    def _settle(self, listed: Listing, results: Iterable[Done[Task, Record]]) -> Iterator[Progress]:
        for done in results:
            if done.n not in listed.waiting:  # of a run that met a damaged index
                continue
            member, content = listed.waiting.pop(done.n)
            if isinstance(done.answer, Failed):
                problem = problem_of(done.answer)
                self._give_up(member.path, problem)
                yield from self._put(listed, listed.found(member, content, problem=problem))
            else:
                made = done.answer
                record = made if listed.is_ours(member) else made._replace(former=min(made.former, 1))
                yield from self._put(listed, listed.found(member, content, record=record))

    def _give_up(self, path: str, problem: str) -> None:
        self._failed += 1
        self._skipped.append(Skipped(path, "damaged", problem))

    def _put(self, listed: Listing, dump: Found) -> Iterator[Progress]:
        self._batch.append(dump)
        if len(self._batch) >= _BATCH or time.monotonic() - self._written >= _BATCH_SECONDS:
            yield from self._write(listed)

    def _write(self, listed: Listing) -> Iterator[Progress]:
        if self._batch:
            self._keep_former(listed)
            added, unfit = self._index.write(Writer.put, self._batch)
            self._added += added
            for dump in unfit:
                self._give_up(listed.path_of(dump.name), dump.problem or "")
            self._batch = []
            self._written = time.monotonic()
            yield self._progress("reading")

    def _keep_former(self, listed: Listing) -> None:
        """Make what dumps of the batch said before into dumps of our own archive. Where they cannot be written, the
        index keeps what it has, and these dumps are tried again."""
        lost = [
            (new, article, encode(former_dump(article, listed.path_of(new.name))))
            for new, body in self._index.write(Writer.overwritten, self._batch)
            if not listed.was_cut(article := unpack(body, new.source), new)
        ]
        if not lost:
            return
        try:
            folder = self._target.make_former(listed.root)
            there = {path.name.partition("_")[2][:_HASH] for path in folder.iterdir()}
            named = [(f"{content_hash(data).hex()[:_HASH]} {article.title}", data) for _, article, data in lost]
            put_numbered(folder, [(name, data) for name, data in named if name[:_HASH] not in there])
            self._kept = True
        except OSError as error:
            for new, *_ in lost:
                self._batch.remove(new)
                self._skipped.append(Skipped(listed.path_of(new.name), "unreadable", error.strerror or str(error)))

    def _drop(self, dumps: Sequence[int]) -> Iterator[Progress]:
        for start in range(0, len(dumps), _DROPPED):
            self._index.write(Writer.drop, dumps[start : start + _DROPPED])
            yield self._progress("reading")

    def _progress(self, stage: str) -> Progress:
        skipped, self._skipped = tuple(self._skipped), []
        return Progress(self._done, self._total, self._added, self._failed, stage, skipped)
