"""Writing many dumps into a folder of numbered ones.

Owns: how a new dump gets its number. Decided only here: ids count down, so that the newest sorts first; a file's name
is its id and its title, safe on ext4, APFS and NTFS. Never: overwriting a file, or leaving half of one under a dump's
name: each is written beside its place, made to last, then linked there. Whoever writes into a folder that others may
write into at the same time holds `only_writer`.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from newsreader.archive.names import TEMPORARY

HIGHEST: Final = 0xFFFFF
_LOCK: Final = f"{TEMPORARY}lock"
_HALF_WRITTEN: Final = f"{TEMPORARY}new-"
_id = re.compile(r"([0-9]{1,7})(?=[_.])")


@contextmanager
def only_writer(folder: Path) -> Iterator[bool]:
    """Whether no other process writes into a folder (made if missing, 0700), which then none does until the end. What
    a writer that was killed left half-written is removed. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:
            pass  # a file system without locks: then nobody can be kept out
        with os.scandir(folder) as entries:
            left = [entry.name for entry in entries if entry.name.startswith(_HALF_WRITTEN)]
        for name in left:
            with suppress(OSError):
                (folder / name).unlink()
        yield True
    finally:
        os.close(lock)


def forget_half_written(folder: Path) -> None:
    """Remove what writers that are no more left half-written in a folder that several may write into."""
    with suppress(OSError), os.scandir(folder) as entries:
        for name in [entry.name for entry in entries if entry.name.startswith(_HALF_WRITTEN)]:
            pid = name.removeprefix(_HALF_WRITTEN).partition("-")[0]
            with suppress(OSError):
                try:
                    os.kill(int(pid), 0)
                except (ProcessLookupError, ValueError, OverflowError):
                    (folder / name).unlink()


def put_numbered(folder: Path, dumps: Sequence[tuple[str, bytes]]) -> list[Path]:
    """Write dumps (title, bytes), the oldest first, and return where they stand. Whoever lists the folder sees whole
    dumps only, also after a crash. Raises OSError; then none is there, or the first of them."""
    from newsreader.safety import safe_filename

    written = _beside(folder, [data for _, data in dumps])
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
        _sync(folder)
    return places


def put_as_named(place: Path, data: bytes) -> None:
    """Write a file (0600) at a place, over what is there, whole or not at all; its folder is made if missing. Raises
    OSError."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    (beside,) = _beside(place.parent, [data])
    try:
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _beside(folder: Path, contents: Sequence[bytes]) -> list[Path]:
    """Each content in a file of its own that is no dump yet, made to last through a power cut."""
    written: list[Path] = []
    stem = f"{_HALF_WRITTEN}{os.getpid()}-{os.urandom(4).hex()}"
    try:
        for n, data in enumerate(contents):
            path = folder / f"{stem}-{n}"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            written.append(path)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return written


def _lowest(folder: Path) -> int:
    with os.scandir(folder) as entries:
        numbers = [int(found[1]) for entry in entries if (found := _id.match(entry.name))]
    return min(numbers, default=HIGHEST + 1)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
