"""One SQLite file: opened, private, its failures told apart.

Owns: connections and their pragmas, transactions, what an SQLite error means to us. Decided only here: the journal
(write-ahead, but not on network file systems, where its shared memory does not reach), how long a lock is waited for,
and that a commit is on its way to the disk, not yet on the platter, when it returns (synchronous = NORMAL): it survives
the death of the process by whatever signal, a power cut may take back the last commits, never harm the file.
Never: what the tables are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import apsw

from newsreader.errors import StorageFailed

if TYPE_CHECKING:
    from _typeshed import StrPath

PATIENCE_MS = 10_000
"""How long a lock of another process is waited for."""

DAMAGE = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError)
"""What SQLite raises where a file is damaged or no database at all."""

REFUSED = (apsw.FullError, apsw.ReadOnlyError, apsw.IOError, apsw.CantOpenError, apsw.BusyError, apsw.PermissionsError)
"""What SQLite raises where a sound file cannot be written or opened."""

_NETWORK = r"nfs4?|cifs|smb\w*|(fuse\.)?sshfs|9p|afs|ceph|(fuse\.)?glusterfs|lustre|beegfs|davfs|fuse\.rclone"


def connect(path: StrPath, *, write: bool = True, cache_kib: int = 4096) -> apsw.Connection:
    """A connection to a database that is made if it is missing (`write`), private to its owner. Its `with` is an
    immediate transaction. Raises apsw's errors: the caller knows what the file is worth."""
    if write:
        _make_private(path)
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    elif os.access(os.path.dirname(path) or ".", os.W_OK):
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    else:  # beside it nothing can be made that readers share: nobody can be writing it either
        from pathlib import Path

        uri = f"{Path(path).absolute().as_uri()}?immutable=1"
        db = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    db.set_busy_timeout(PATIENCE_MS)
    db.transaction_mode = "IMMEDIATE"
    if write and db.pragma("journal_mode") != "wal" and not on_network(path):
        db.pragma("journal_mode", "wal")
    db.pragma("synchronous", "normal")
    db.pragma("cache_size", -cache_kib)
    db.pragma("temp_store", "memory")
    db.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    return db


def connect_somehow(path: StrPath, *, cache_kib: int = 4096) -> apsw.Connection:
    """A connection that writes if the disk lets it, else one that reads what is there."""
    try:
        return connect(path, cache_kib=cache_kib)
    except (apsw.ReadOnlyError, apsw.CantOpenError):
        if not os.path.isfile(path):
            raise
        return connect(path, write=False, cache_kib=cache_kib)


def _make_private(path: StrPath) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise apsw.CantOpenError(error.strerror or str(error)) from None


@contextmanager
def failures(path: StrPath, kind: type[StorageFailed] = StorageFailed) -> Iterator[None]:
    """Turn every error of SQLite's into StorageFailed, or a `kind` of it, for that file."""
    try:
        yield
    except apsw.Error as error:
        raise kind(str(path), reason(error)) from error


def reason(error: apsw.Error) -> str:
    """A short reason: the name of the kind of error where it tells enough, else SQLite's own words."""
    match error:
        case apsw.FullError():
            return "full"
        case apsw.ReadOnlyError() | apsw.PermissionsError():
            return "read-only"
        case apsw.BusyError():
            return "busy"
        case apsw.CorruptError() | apsw.NotADBError() | apsw.FormatError():
            return "damaged"
        case _:
            return str(error)


def sound(db: apsw.Connection) -> list[str]:
    """What SQLite finds wrong with a database, reading all of it; empty if it is sound."""
    found = [str(row[0]) for row in db.execute("PRAGMA quick_check(20)")]
    return [] if found == ["ok"] else found


@contextmanager
def snapshot(db: apsw.Connection) -> Iterator[None]:
    """Several reads that see one state; nothing may be written meanwhile."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        db.execute("COMMIT")


def on_network(path: StrPath) -> bool:
    """Whether a path lies on a file system of another machine; False where the system does not tell (/proc)."""
    try:
        with open("/proc/self/mounts", "rb") as file:
            mounts = [line.split(b" ") for line in file]
    except OSError:
        return False
    home = os.path.dirname(os.path.realpath(os.fsencode(path))) + b"/"
    best, kind = b"", ""
    for mount in mounts:
        point = mount[1].replace(b"\\040", b" ").rstrip(b"/") + b"/"
        if home.startswith(point) and len(point) >= len(best):
            best, kind = point, mount[2].decode("ascii", "replace")
    import re

    return re.fullmatch(_NETWORK, kind) is not None


def remove(path: StrPath) -> None:
    """Delete a database with its journals. The journals first: one that outlives its database would be
    played back into the next file of that name."""
    for ending in ("-wal", "-shm", "-journal", ""):
        with suppress(FileNotFoundError):
            os.unlink(f"{path}{ending}")


@contextmanager
def locked(path: StrPath, patience_ms: int = PATIENCE_MS) -> Iterator[None]:
    """Hold a lock that no other process holds and that dies with us; raises apsw.BusyError after `patience_ms`."""
    _make_private(path)
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        db.set_busy_timeout(patience_ms)
        db.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        db.close()


@contextmanager
def alone(path: StrPath) -> Iterator[bool]:
    """Whether no other process does what this lock stands for; none will while this lasts. Raises StorageFailed."""
    with ExitStack() as held:
        try:
            held.enter_context(locked(path, 0))
            is_alone = True
        except apsw.BusyError:
            is_alone = False
        except apsw.Error as error:
            raise StorageFailed(str(path), reason(error)) from error
        yield is_alone


def inode(path: StrPath) -> int:
    """What tells a file from another that took its name; 0 if there is none."""
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0


# --- ids ----------------------------------------------------------------------------------------------------------

_MIDDLE = 1 << 63


def sid(story: str) -> int:
    """The id of a story as SQLite keeps it: 64 bits, signed, in the order of the text."""
    return int(story, 16) - _MIDDLE


def story_of(number: int) -> str:
    """The inverse of `sid`."""
    return f"{number + _MIDDLE:016x}"


LOWEST, HIGHEST = -_MIDDLE, _MIDDLE - 1
