"""A folder of dumps, and one dump by itself.

Decided only here: links are followed, each folder is read once however many ways lead to it, and a link to a folder
that holds the archive is a loop.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from newsreader.archive.base import HEAD, MAX_DUMP, MAX_LIST, Archive, Kind, Member, Skipped, bounded_time, unreadable
from newsreader.archive.names import is_candidate, is_ours, is_version_control, may_be_headless, surest_first
from newsreader.errors import Unreadable


def read_file(path: str, limit: int = MAX_DUMP, *, cut: bool = False) -> bytes:
    """The bytes of a regular file of at most `limit` bytes, with `cut` its first `limit` bytes; raises Unreadable."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Unreadable(path, "not a regular file")
            parts = []
            left = limit if cut else limit + 1
            while left and (part := file.read(min(left, 2**20))):
                parts.append(part)
                left -= len(part)
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError:
        raise Unreadable(path, "vanished") from None
    if not left and not cut:
        raise Unreadable(path, "too-big")
    return b"".join(parts)


def checked(path: str, name: str, data: bytes) -> bytes:
    """The data of a member if it can be a dump at all; raises Unreadable with "empty" or "binary"."""
    if not data:
        raise Unreadable(path, "empty")
    if not is_candidate(name, data[:HEAD]):
        raise Unreadable(path, "binary")
    return data


class Folder(Archive):
    """All dumps under a folder, at any depth."""

    kind: ClassVar[Kind] = "folder"

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self._prefix = "" if root == "." else root.rstrip("/") + "/"
        self._home = Path(root).resolve().as_posix()

    def listing(self) -> Iterator[Member | Skipped]:
        found: list[Member] = []
        for item in self._walk():
            if isinstance(item, Skipped):
                yield item
            else:
                found.append(item)
        for member in surest_first(found):
            verdict = self._judge(member)
            if verdict is not None:
                yield verdict

    def read(self, member: Member) -> bytes:
        return checked(member.path, member.name, read_file(member.path))

    def fault_if_empty(self) -> Skipped | bool | None:
        """False as soon as one dump is found; with none at all, the first thing that was left out, else None."""
        fault = None
        for item in self._walk():
            verdict = item if isinstance(item, Skipped) else self._judge(item)
            if isinstance(verdict, Member):
                return False
            fault = fault or verdict
        return fault

    def _judge(self, member: Member) -> Member | Skipped | None:
        """Whether a file is a dump: most tell by their name, of the others the beginning is read."""
        if may_be_headless(member.name):
            if not member.size:
                return Skipped(member.path, "empty")
        else:
            try:
                if not is_candidate(member.name, read_file(member.path, HEAD, cut=True)):
                    return None
            except Unreadable as error:
                return Skipped.of(error)
        return Skipped(member.path, "too-big") if member.size > MAX_DUMP else member

    def _walk(self) -> Iterator[Member | Skipped]:
        """Every regular file. Linked folders come last, so that a folder is known by its own name, not by a link's."""
        seen = _holders(self._home)
        pending, linked = [""], list[str]()
        while pending or linked:
            folder = pending.pop() if pending else linked.pop()
            path = self._prefix + folder if folder else self.root
            try:
                status = os.stat(path)  # noqa: PTH116 (a walk of 100,000 files makes no Path)
                if (status.st_dev, status.st_ino) in seen:
                    yield Skipped(path, "loop")
                    continue
                seen.add((status.st_dev, status.st_ino))
                self.folders[path] = bounded_time(status.st_mtime_ns)
                with os.scandir(path) as scan:
                    entries = list(scan)
            except OSError as error:
                yield Skipped.of(unreadable(path, error))
                continue
            for entry in entries:
                name = f"{folder}/{entry.name}" if folder else entry.name
                try:
                    if entry.is_dir():
                        if not is_version_control(entry.name):
                            (linked if entry.is_symlink() else pending).append(name)
                        continue
                    status = entry.stat()
                except OSError as error:
                    yield Skipped.of(unreadable(self._prefix + name, error))
                    continue
                if stat.S_ISREG(status.st_mode) and not is_ours(entry.name):
                    yield self._member(self._prefix + name, name, status.st_size, status.st_mtime_ns, status.st_ino)

    def _full(self, folder: str) -> str:
        return f"{self._home}/{folder}" if folder else self._home

    def _peek(self, full: str) -> bytes:
        try:
            return read_file(full, MAX_LIST, cut=True)
        except Unreadable:
            return b""


def _holders(home: str) -> set[tuple[int, int]]:
    """The folders above a folder, by device and inode."""
    found = set()
    for folder in Path(home).parents:
        try:
            status = folder.stat()
        except OSError:
            continue
        found.add((status.st_dev, status.st_ino))
    return found


class SingleFile(Archive):
    """One dump that was given directly: a regular file, or a pipe that is read once."""

    kind: ClassVar[Kind] = "file"

    def __init__(self, root: str, status: os.stat_result, *, pipe: bytes | None = None) -> None:
        super().__init__(root, f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}")
        self._home = Path(root).resolve().parent.as_posix()
        self._pipe = pipe
        self._status = status

    def listing(self) -> Iterator[Member | Skipped]:
        status = self._status
        size = status.st_size if self._pipe is None else len(self._pipe)
        yield self._member(self.root, Path(self.root).name, size, status.st_mtime_ns, status.st_ino)

    def read(self, member: Member) -> bytes:
        return read_file(self.root) if self._pipe is None else self._pipe

    _full = Folder._full
    _peek = Folder._peek
