"""Files of our own: the reader's alone (0700, 0600), each whole or not at all, also after a crash or a power cut.

Decided only here: how a file is called while it is being written, and that what a killed writer left is cleared away.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import EINVAL
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import StrPath

# The second and third are how the first version called them; the endings are those of a database's journals.
_half_written = re.compile(
    r"\.(?:newsreader-(?:new-)?|[0-9a-f]{24}\.json-|(?:sources|config)\.toml-)"
    r"([0-9]{1,10})-[0-9a-f]+(?:-[0-9]+)?(?:-wal|-shm|-journal)?"
)


def make_folder(folder: StrPath) -> None:
    """Make a folder with those that it is in, as far as they are missing, the reader's alone (0700); raises OSError."""
    folder = Path(folder)
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(0o700, exist_ok=True)


def read_file(path: StrPath, most: int = -1) -> bytes:
    """What a file holds, or its first bytes. Raises OSError, also for a pipe or device: it might hold us for ever."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(EINVAL, "it is no file", str(path))
        return file.read(most)


def put_whole(place: Path, data: bytes) -> None:
    """Write a file (0600) at a place in a folder that is there, over what was there; raises OSError."""
    (beside,) = write_beside(place.parent, [data])
    try:
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_beside(folder: Path, contents: Sequence[bytes]) -> list[Path]:
    """Each content in a file (0600) that nobody takes for a dump yet, made to last; raises OSError, and then there is
    none."""
    written: list[Path] = []
    stem = name_beside()
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


def name_beside() -> str:
    """A name for what is still being written, which nobody else has."""
    return f".newsreader-new-{os.getpid()}-{os.urandom(4).hex()}"


def clear_half_written(folder: StrPath, *, alone: bool = False) -> None:
    """Remove what writers that are no more left half-written in a folder; `alone`: nobody but us writes there."""
    with suppress(OSError), os.scandir(folder) as entries:
        half_written = [(entry.path, found) for entry in entries if (found := _half_written.fullmatch(entry.name))]
        for path, found in half_written:
            if alone or not is_alive(int(found[1])):
                with suppress(OSError):
                    Path(path).unlink()


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Be the only process that holds a lock, a file that is made if missing in a folder that is there; where a file
    system knows none, nobody can be kept out. Raises OSError."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_alive(process: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def sync_folder(folder: StrPath) -> None:
    """Make new names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
