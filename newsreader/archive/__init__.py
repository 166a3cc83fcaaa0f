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
from newsreader.archive.names import is_binary, is_candidate
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
