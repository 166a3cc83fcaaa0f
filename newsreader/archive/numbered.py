"""Writing many dumps into a folder of numbered ones.

Decided only here: how a new dump gets its number (ids count down, so that the newest sorts first); a file's name is its
id and its title, safe on ext4, APFS and NTFS; no file is overwritten. Each dump is written beside its place, made to
last, then linked there. Whoever writes into a folder that others may write into at the same time holds `only_writer`.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from newsreader.archive.names import TEMPORARY
from newsreader.files import clear_half_written, make_folder, put_whole, sync_folder, write_beside

HIGHEST: Final = 0xFFFFF
_LOCK: Final = f"{TEMPORARY}lock"
_id = re.compile(r"([0-9]{1,7})(?=[_.])")


@contextmanager
def only_writer(folder: Path) -> Iterator[bool]:
    """Whether no other process writes into a folder, which then none does until the end. What a writer that was killed
    left half-written is removed. Raises OSError."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:
            pass  # a file system without locks: then nobody can be kept out
        clear_half_written(folder, alone=True)
        yield True
    finally:
        os.close(lock)


def put_numbered(folder: Path, dumps: Sequence[tuple[str, bytes]]) -> list[Path]:
    """Write dumps (title, bytes), the oldest first, and return where they stand. Whoever lists the folder sees whole
    dumps only, also after a crash. Raises OSError; then none is there, or the first of them."""
    from newsreader.safety import safe_filename

    written = write_beside(folder, [data for _, data in dumps])
    places: list[Path] = []
    number = _lowest(folder) - 1
    try:
        for (title, _), beside in zip(dumps, written, strict=True):
            while True:
                place = folder / safe_filename(f"{number}_{title}" if title.strip() else str(number), suffix=".md")
                number -= 1
                try:
                    os.link(beside, place)
                    break
                except FileExistsError:
                    continue
            places.append(place)
    finally:
        for beside in written:
            beside.unlink(missing_ok=True)
        sync_folder(folder)
    return places


def put_as_named(place: Path, data: bytes) -> None:
    """Write a file at a place, over what is there, whole or not at all; its folder is made if missing. Raises
    OSError."""
    make_folder(place.parent)
    put_whole(place, data)


def _lowest(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return min((int(found[1]) for entry in entries if (found := _id.match(entry.name))), default=HIGHEST + 1)
