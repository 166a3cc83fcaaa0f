"""What every kind of archive has in common: its members, what was left out, and the face the rest of the house sees.

Decided only here: the codes of what is left out, and how a source gets its display name.
"""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, Self, TypeAlias

from newsreader.archive.names import heading, linked_name, readable
from newsreader.errors import Unreadable

MAX_DUMP = 64 * 2**20
"""Bytes that one dump may have; the largest real one has 89 kB."""

MAX_MEMBERS = 250_000
"""Members that are listed of one zip or tar, whose list is held as long as it is open: a kilobyte each at most."""

HEAD = 16 * 2**10
"""Bytes at the beginning of a file that decide whether it is a dump."""

MAX_LIST = 2**20
"""Bytes that are read of a README.md or a list for the sources' names."""

Kind: TypeAlias = Literal["folder", "zip", "tar", "file"]


@dataclass(frozen=True, slots=True)
class Member:
    """One dump in an archive. `path`: what people and JSON see, "a.zip!member" inside an archive file. `name`: posix
    path relative to the archive's root, odd bytes as surrogates. `source`: display name of the folder it stands in.
    `size` in bytes and `mtime_ns`; `inode`: a zip member's is its CRC, a tar member's 0. Where size, mtime_ns
    and inode are as they were, the dump is as it was."""

    path: str
    name: str
    source: str
    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was left out while the rest was read. `why`: "forbidden", "vanished", "loop", "unreadable" (the
    system's reason in `detail`), "empty", "too-big", "binary", "unsafe-name", "encrypted", "unsupported", "link",
    "bomb", "damaged" or "too-many"; of a whole archive "archive-missing", or "archive-gone" where it vanished while it
    was read. `path` and `detail` are untrusted text."""

    path: str
    why: str
    detail: str = ""

    @classmethod
    def of(cls, error: Unreadable) -> Skipped:
        """The same fault as a member that was left out."""
        return cls(error.where, error.why) if error.why in _CODES else cls(error.where, "unreadable", error.why)


_CODES = frozenset(
    (
        *("forbidden", "vanished", "loop", "unreadable", "empty", "too-big", "binary", "unsafe-name"),
        *("encrypted", "unsupported", "link", "bomb", "damaged", "too-many"),
    )
)
_SYSTEM = {
    errno.ENOENT: "vanished",
    errno.ENOTDIR: "vanished",
    errno.ESTALE: "vanished",
    errno.EACCES: "forbidden",
    errno.EPERM: "forbidden",
    errno.ELOOP: "loop",
}


def unreadable(path: str, error: OSError) -> Unreadable:
    """A system's error as Unreadable: `why` is a code of Skipped, else the system's own words."""
    return Unreadable(path, _SYSTEM.get(error.errno or 0) or error.strerror or str(error) or "unreadable")


def bounded_time(mtime_ns: int) -> int:
    """A file's time, which may be any number, as one that the index can hold: the nearest within 1677 to 2262."""
    return min(max(mtime_ns, -(2**63)), 2**63 - 1)


class Archive(ABC):
    """Many dumps, read-only. Use it as a context manager, from one thread at a time."""

    kind: ClassVar[Kind]
    in_one_pass: bool = False
    """Whether reading in another order than the listing's means beginning anew each time."""
    root: str
    fingerprint: str
    """Equal as long as the file is unchanged; "" for a folder, whose members tell."""

    def __init__(self, root: str, fingerprint: str = "") -> None:
        self.root = root
        self.fingerprint = fingerprint
        self.folders: dict[str, int] = {}
        """The mtime (nanoseconds) of each folder before it was listed; filled by `listing`, of a folder only."""
        self._names: dict[str, str] = {}

    @abstractmethod
    def listing(self) -> Iterator[Member | Skipped]:
        """Every dump, newest first as far as the ids tell; what was left out comes before. A compressed tar is listed
        in its own order, the only one in which it can be read in one pass."""

    @abstractmethod
    def read(self, member: Member) -> bytes:
        """The bytes of a member as they are now; raises Unreadable."""

    def entries(self) -> Iterator[tuple[Member, bytes] | Skipped]:
        """Every dump with its bytes, in the order of `listing`."""
        for item in self.listing():
            if isinstance(item, Skipped):
                yield item
                continue
            try:
                data = self.read(item)
            except Unreadable as error:
                yield Skipped.of(error)
                continue
            yield item, data

    def source_name(self, folder: str) -> str:
        """The display name of a folder (posix path relative to the root, "" for the root): the heading of its list in
        `lists/`, else the name that README.md links it by, else the folder's own name."""
        name = self._names.get(folder)
        if name is None:
            name = self._names[folder] = self._ask_name(self._full(folder))
        return name

    def close(self) -> None:  # noqa: B027 (a folder holds nothing open)
        """Let go of what is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask_name(self, full: str) -> str:
        parent, _, slug = full.rpartition("/")
        for home in (parent.rpartition("/")[0], parent):
            listed = heading(self._peek(f"{home}/lists/{slug}.md"))
            if listed or (listed := linked_name(self._peek(f"{home}/README.md"), slug)):
                return listed
        return readable(slug)

    @abstractmethod
    def _full(self, folder: str) -> str:
        """The folder's path, long enough to have a parent where there is one; `_peek` takes paths that begin so."""

    @abstractmethod
    def _peek(self, full: str) -> bytes:
        """The beginning of a README.md or list; empty where there is none."""

    def _member(self, path: str, name: str, size: int, mtime_ns: int, inode: int) -> Member:
        inode -= inode >> 63 << 64  # some file systems number beyond 63 bits
        return Member(path, name, self.source_name(name.rpartition("/")[0]), size, bounded_time(mtime_ns), inode)
