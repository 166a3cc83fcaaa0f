"""Archives -> the index, only what changed.

Decided only here: what counts as unchanged (size, mtime and inode; else the content decides), in what batches it is
written, when a dump counts as vanished: its archive was listed to the end and still holds some dump, and nothing above
it was at fault.

However it ends, the index holds whole batches and the next run goes on from there. Only one process fills an index at a
time; another finds it so and stops, and its reader sees the rows come.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsreader.archive import Archive, Member, Skipped, open_archive
from newsreader.archive.numbered import put_numbered
from newsreader.article import Article, Furniture, plain
from newsreader.dump import encode
from newsreader.errors import NewsreaderError, NotFound, StorageFailed, Unreadable
from newsreader.files import make_folder
from newsreader.former import former_dump
from newsreader.jobs import Done, Failed, Pool
from newsreader.library import Index, Marks, dump_path, forget_older
from newsreader.library.record import Record, content_hash, unpack
from newsreader.library.writing import UNFIT, Found, Known, Writer, dump_name
from newsreader.reader.parsing import Task, problem_of, workers
from newsreader.reader.target import FORMER, Target
from newsreader.reader.watching import mtime
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from newsreader.reader.rules import RuleBook

_BATCH = 64
_BATCH_SECONDS = 0.05
_DROPPED = 256

_LOOK_EVERY = 256
_PATIENCE = 0.1

_HASH = 12
"""Digits in a former text's name that tell it from others."""
_CUT = 20
"""Characters at the end of a text that was cut off which may be no part of it."""

# What was changed within this time before it was read is read once more: it may not have been its last change.
_MOMENT = 2 * 10**9  # nanoseconds
_UNSETTLED = -2

# What was left out so was there: what the index has of it stays.
_FAULTS = frozenset({"forbidden", "unreadable", "damaged", "too-many", "too-big", "encrypted", "bomb"})
# Of these, what may read otherwise though the file is the same.
_PASSING = frozenset({"forbidden", "unreadable"})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. `done` of `total` dumps (None: not counted yet) were looked at, `added` stories are new, `failed`
    dumps could not be read; `skipped` says what was left out since the last Progress. `stage`: "reading"; "words" while
    the index of words is filled, `done` and `total` being stories then; "done"; "elsewhere" if another process is at
    it; "canceled"."""

    done: int
    total: int | None
    added: int
    failed: int
    stage: str
    skipped: tuple[Skipped, ...] = ()

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after it."""
        return self.stage not in ("reading", "words")


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
    index = Index(target.index, Marks(target.marks), filling=True)
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
        listed = _Listed(archive, number, self._index.write(Writer.newest_dump), self)
        for found in listed.changed():
            if found is None:
                if self._cancel():
                    return
                yield self._progress("reading")
                continue
            member, data = found
            content, source = content_hash(data), clean_line(member.source)
            revision = self._index.write(Writer.revision_of, content, source)
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
        self._failed += what.why in _FAULTS or what.why == "vanished"

    def known(self, archive: int, name: str) -> Known | None:
        """What the index knows of a dump."""
        return self._index.write(Writer.known, archive, name)

    def _settled(self, changed: int) -> int:
        """An mtime to compare with later, unless more may have changed at that very time."""
        return _UNSETTLED if self._began - _MOMENT <= changed <= time.time_ns() else changed

    # --- writing ---

    def _settle(self, listed: _Listed, results: Iterable[Done[Task, Record]]) -> Iterator[Progress]:
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

    def _put(self, listed: _Listed, dump: Found) -> Iterator[Progress]:
        self._batch.append(dump)
        if len(self._batch) >= _BATCH or time.monotonic() - self._written >= _BATCH_SECONDS:
            yield from self._write(listed)

    def _write(self, listed: _Listed) -> Iterator[Progress]:
        if self._batch:
            self._keep_former(listed)
            added, unfit = self._index.write(Writer.put, self._batch)
            self._added += added
            for dump in unfit:
                self._give_up(listed.path_of(dump.name), dump.problem or "")
            self._batch = []
            self._written = time.monotonic()
            yield self._progress("reading")

    def _keep_former(self, listed: _Listed) -> None:
        """Make what dumps of the batch said before into dumps of our own archive. Where they cannot be written, the
        index keeps what it has, and these dumps are tried again."""
        lost = [
            (new, article, encode(former_dump(article, listed.path_of(new.name))))
            for new, body in self._index.write(Writer.overwritten, self._batch)
            if not listed.was_cut(article := unpack(body), new)
        ]
        if not lost:
            return
        folder = self._target.former(listed.root)
        try:
            make_folder(str(folder))
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


class _Listed:
    """The listing of one archive: which of its dumps have changed, and which are gone. `newest`: the number of the dump
    that came into the index last; those that come now have greater ones. `may_differ`: the same file may be read
    otherwise another time."""

    def __init__(self, archive: Archive, number: int, newest: int, run: _Run) -> None:
        self.waiting: dict[int, tuple[Member, bytes]] = {}
        self._archive = archive
        self._number = number
        self.may_differ = False
        self._seen = bytearray(newest + 1)
        self._run = run
        self._faults: set[str] = set()
        self._ended = self._any = False

    def changed(self) -> Iterator[tuple[Member, bytes] | None]:
        """Every dump that the index does not know as it is now, with its bytes; and None now and then while there is
        none."""
        items: Iterable[Member | Skipped] = self._archive.listing()
        if self._archive.kind != "tar":  # a compressed one can be read only while it is listed
            items = list(items)
            self._run.expect(sum(isinstance(item, Member) for item in items))
        for n, item in enumerate(items, 1):
            if n % _LOOK_EVERY == 0:
                yield None
            if isinstance(item, Skipped):
                self._leave_out(item)
                continue
            self._any = True
            self._run.passed(item)
            known = self._run.known(self._number, item.name)
            if known is not None:
                self._seen[known.n] = 1
                if known[1:] == (item.size, item.mtime_ns, item.inode, clean_line(item.source)):
                    continue
            try:
                data = self._archive.read(item)
            except Unreadable as error:
                self._leave_out(Skipped.of(error))
                continue
            except UNFIT as error:
                self._leave_out(Skipped(item.path, "damaged", f"{type(error).__name__}: {error}"[:500]))
                continue
            yield item, data
        self._ended = True

    def is_whole(self) -> bool:
        """Whether what was not listed is gone: the listing came to its end and found some dump, and the archive did
        not vanish meanwhile."""
        return self._ended and self._any and not self._has_vanished()

    def gone(self, dumps: Iterable[tuple[int, bytes]]) -> list[int]:
        """Which of the archive's dumps (number, name) in the index were not listed, nor left out for a fault of theirs
        or of a folder above them."""
        missing = [(n, name) for n, name in dumps if n < len(self._seen) and not self._seen[n]]
        return [n for n, name in missing if not self._is_at_fault(name)]

    @property
    def root(self) -> str:
        """Where the archive is."""
        return self._archive.root

    def is_ours(self, member: Member) -> bool:
        """Whether a dump is where we keep former texts and what commands made, so that it may be such a page."""
        return f"{self._archive.root}/{member.name}".startswith(f"{self._run.own}/{FORMER}/")

    def was_cut(self, old: Article, new: Found) -> bool:
        """Whether a former text is but the beginning of a dump that was fetched once more."""
        if new.record is None or self._archive.root != self._run.own:
            return False
        whole, begun = (_text(article) for article in (unpack(new.record.body), old))
        return whole.startswith(begun[: -_CUT or None])

    def path_of(self, name: str) -> str:
        """The path of a dump, by its name."""
        return dump_path(os.fsencode(self._archive.root), self._archive.kind, dump_name(name))

    def _is_at_fault(self, name: bytes) -> bool:
        path = dump_path(os.fsencode(self._archive.root), self._archive.kind, name)
        while path not in self._faults:
            path, slash, _ = path.rpartition("/")
            if not slash:
                return bool(self._faults) and self._archive.root in self._faults
        return True

    def found(
        self,
        member: Member,
        content: bytes,
        *,
        record: Record | None = None,
        revision: int | None = None,
        problem: str | None = None,
    ) -> Found:
        """What is written of a member."""
        return Found(
            *(self._number, member.name, member.size, member.mtime_ns, member.inode, clean_line(member.source)),
            hash=content,
            record=record,
            revision=revision,
            problem=problem,
        )

    def _has_vanished(self) -> bool:
        return not os.path.lexists(self._archive.root)

    def _leave_out(self, item: Skipped) -> None:
        if item.why == "vanished" and self._has_vanished():
            item = Skipped(self._archive.root, "archive-gone")
            if item.path in self._faults:  # the first of its dumps told it
                return
            self._faults.add(item.path)
        if item.why in _FAULTS:
            self._faults.add(item.path)
            self.may_differ |= item.why in _PASSING
        self._run.left_out(item)


def _text(article: Article) -> str:
    return "\n".join(plain(block.spans) for block in article.blocks if not isinstance(block, Furniture))
