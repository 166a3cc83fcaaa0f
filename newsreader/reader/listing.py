"""The listing of one archive, compared with what the index knows of it.

Decided only here: what counts as unchanged (size, mtime and inode; else the content decides), and when a dump counts as
vanished: its archive was listed to the end and still holds some dump, and nothing above it was at fault.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Protocol

from newsreader.archive import Archive, Member, Skipped
from newsreader.article import Article, Furniture, plain
from newsreader.errors import Unreadable
from newsreader.library import dump_path
from newsreader.library.record import Record, unpack
from newsreader.library.writing import UNFIT, Found, Known, dump_name
from newsreader.reader.target import FORMER
from newsreader.safety import clean_line

_LOOK_EVERY = 256
_CUT = 20
"""Characters at the end of a text that was cut off which may be no part of it."""

# What was left out so was there: what the index has of it stays.
FAULTS = frozenset({"forbidden", "unreadable", "damaged", "too-many", "too-big", "encrypted", "bomb"})
# These too are dumps, perhaps, that cannot be read.
_NAMED = frozenset({"unsupported", "unsafe-name"})
# Of the first, what may read otherwise though the file is the same.
_PASSING = frozenset({"forbidden", "unreadable"})


class Run(Protocol):
    """What reads the archives, and is told how far it is."""

    @property
    def own(self) -> str:
        """Our own archive."""

    def expect(self, dumps: int) -> None:
        """So many dumps more are to be looked at."""

    def passed(self, member: Member) -> None:
        """One dump was looked at."""

    def left_out(self, what: Skipped) -> None:
        """Something could not be read."""

    def known(self, archive: int, name: str) -> Known | None:
        """What the index knows of a dump."""


class Listing:
    """The listing of one archive: which of its dumps have changed, and which are gone. `newest`: the number of the dump
    that came into the index last; those that come now have greater ones. `may_differ`: the same file may be read
    otherwise another time. `faults`: why it could not read what (paths)."""

    def __init__(self, archive: Archive, number: int, newest: int, run: Run) -> None:
        self.waiting: dict[int, tuple[Member, bytes]] = {}
        self._archive = archive
        self._number = number
        self.may_differ = False
        self._seen = bytearray(newest + 1)
        self._run = run
        self._faults: set[str] = set()
        self.faults: dict[str, str] = {}
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
        if item.why in FAULTS:
            self._faults.add(item.path)
            self.may_differ |= item.why in _PASSING
        if item.why in FAULTS or item.why in _NAMED:
            self.faults[item.path] = item.detail or item.why
        self._run.left_out(item)


def _text(article: Article) -> str:
    return "\n".join(plain(block.spans) for block in article.blocks if not isinstance(block, Furniture))
