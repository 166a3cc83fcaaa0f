"""Many dumps: a folder, a .zip, a .tar or one file, told apart by what is in it.

Decided only here: what a path holds. Nothing of an archive file is ever unpacked to disk. The two archive formats are
imported when one is opened.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from newsreader.archive.base import HEAD, MAX_DUMP, MAX_MEMBERS, Archive, Kind, Member, Skipped, unreadable
from newsreader.archive.folder import Folder, SingleFile, read_file
from newsreader.archive.names import TEMPORARY, is_binary, is_candidate
from newsreader.dump import looks_like_dump
from newsreader.errors import NotADump, NotFound, Unreadable

__all__ = [
    "HEAD",
    "MAX_DUMP",
    "MAX_MEMBERS",
    "Archive",
    "Kind",
    "Member",
    "Skipped",
    "is_candidate",
    "open_archive",
    "put",
    "refuse_other",
]


def open_archive(path: Path, *, pipes: bool = True) -> Archive:
    """The archive at a path. Raises NotFound; NotADump for a folder without a dump (`why` "folder"), an empty file
    ("empty"), a compressed file that is no tar ("compressed") and what is no text ("binary"); Unreadable.
    Without `pipes` no pipe is read: it would hold us until somebody writes."""
    root = str(path)
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise NotFound(root) from None
    except OSError as error:
        raise unreadable(root, error) from None
    if stat.S_ISDIR(status.st_mode):
        return _open_folder(root)
    if stat.S_ISFIFO(status.st_mode) and pipes:
        return _open_pipe(root, status)
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(root, "not a regular file")
    return _open_file(root, status, read_file(root, HEAD, cut=True))


def _open_folder(root: str) -> Archive:
    folder = Folder(root)
    fault = folder.fault_if_empty()
    if fault is None:
        raise NotADump(root, "folder")
    if isinstance(fault, Skipped):
        raise Unreadable(fault.path, fault.detail or fault.why)
    return folder


def _open_pipe(root: str, status: os.stat_result) -> Archive:
    try:
        with Path(root).open("rb") as pipe:
            data = pipe.read(MAX_DUMP + 1)
    except OSError as error:
        raise unreadable(root, error) from None
    if len(data) > MAX_DUMP:
        raise Unreadable(root, "too-big")
    refuse_other(root, data[:HEAD])
    return SingleFile(root, status, pipe=data)


def _open_file(root: str, status: os.stat_result, head: bytes) -> Archive:
    if not looks_like_dump(head):
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            from newsreader.archive.zips import Zip

            return Zip(root, status)
        from newsreader.archive.tars import Tar, is_tar

        if is_tar(root, head):
            return Tar(root, status, head)
        refuse_other(root, head)
    return SingleFile(root, status)


def refuse_other(root: str, head: bytes) -> None:
    """Raise NotADump for the beginning of a file that was given directly and is no dump by any stretch."""
    if looks_like_dump(head):
        return
    if not head:
        raise NotADump(root, "empty")
    if head.startswith((b"\x1f\x8b", b"\xfd7zXZ\0", b"BZh")):
        raise NotADump(root, "compressed")
    if is_binary(head):
        raise NotADump(root, "binary")


def put(folder: Path, title: str, data: bytes) -> Path:
    """Write a dump into a folder (made if missing, 0700) under a safe name made of `title`, and return where it stands.
    Whoever lists the folder sees the whole dump or none, also after a crash. A file of that name is never
    overwritten: the same bytes are left as they are, others get the next free number. Raises OSError."""
    from newsreader.safety import safe_filename  # costs a C library, which reading does not need

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = folder / f"{TEMPORARY}{os.getpid()}-{os.urandom(4).hex()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        number = 1
        while True:
            place = folder / safe_filename(title, suffix=f" {number}.md" if number > 1 else ".md")
            try:
                os.link(temporary, place)
                break
            except FileExistsError:
                if place.is_file() and place.stat().st_size == len(data) and place.read_bytes() == data:
                    break
                number += 1
    finally:
        temporary.unlink()
    _sync(folder)
    return place


def _sync(folder: Path) -> None:
    """Make a new name in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
