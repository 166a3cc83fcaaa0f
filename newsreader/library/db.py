"""One SQLite file: opened, private, its failures told apart.

Decided only here: the journal (write-ahead, but not on network file systems, where its shared memory does not reach),
how long a lock is waited for, how a file is read that cannot be written, and that a commit is on its way to the disk,
not yet on the platter, when it returns (synchronous = NORMAL): it survives the death of the process by whatever signal,
a power cut may take back the last commits, never harm the file.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from newsreader.errors import StorageFailed
from newsreader.files import name_beside

if TYPE_CHECKING:
    from _typeshed import StrPath

PATIENCE_MS = 10_000
"""How long a lock of another process is waited for."""

_NAP_MS = 5

DAMAGE = (
    *(apsw.CorruptError, apsw.NotADBError, apsw.FormatError),
    *(apsw.SQLError, apsw.ConstraintError, apsw.MismatchError, apsw.TooBigError, UnicodeDecodeError),
)
"""What is raised where a file is damaged or no database at all: the first three by SQLite where it sees it; the others
where it doesn't: a table that is not there, a number that was given twice, a text that is none."""

REFUSED = (
    *(apsw.FullError, apsw.ReadOnlyError, apsw.IOError, apsw.CantOpenError, apsw.BusyError, apsw.PermissionsError),
    *(apsw.LockedError, apsw.NoMemError, apsw.ConnectionClosedError),
)
"""What SQLite raises where a sound file cannot be written or opened, the last where that is known already."""

_NETWORK = r"nfs4?|cifs|smb\w*|(fuse\.)?sshfs|9p|afs|ceph|(fuse\.)?glusterfs|lustre|beegfs|davfs|fuse\.rclone"


def connect(path: StrPath, *, write: bool = True, cache_kib: int = 4096) -> apsw.Connection:
    """A connection to a database that is made if it is missing (`write`), private to its owner. Its `with` is an
    immediate transaction. Raises apsw's errors: the caller knows what the file is worth."""
    if write:
        _make_private(path)
    flags = apsw.SQLITE_OPEN_READWRITE if write else apsw.SQLITE_OPEN_READONLY
    db = apsw.Connection(os.fspath(path), flags=flags)
    try:
        set_patience(db, path, PATIENCE_MS)
        db.transaction_mode = "IMMEDIATE"
        if db.pragma("journal_mode") != "wal" and write and not on_network(path):
            db.pragma("journal_mode", "wal")
        _look(db)
        return _tuned(db, cache_kib)
    except BaseException:
        db.close()
        raise


def connect_somehow(path: StrPath, *, write: bool = True, cache_kib: int = 4096) -> apsw.Connection:
    """As `connect` if the disk lets it, else a connection that reads what is there, the write-ahead log included."""
    try:
        return connect(path, write=write, cache_kib=cache_kib)
    except REFUSED as refused:
        if isinstance(refused, apsw.BusyError) or not Path(path).is_file():
            raise
        return connect_apart(path, cache_kib=cache_kib)


def connect_apart(path: StrPath, *, cache_kib: int = 4096) -> apsw.Connection:
    """A connection that reads a file beside which nothing can be made that readers share, so that nobody can be writing
    it: without locks, the write-ahead log read into memory. It sees no later change."""
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    db = apsw.Connection(read_apart(path), flags=flags, vfs="unix-none")
    try:
        db.pragma("locking_mode", "exclusive")
        db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        _look(db)
        return _tuned(db, cache_kib)
    except BaseException:
        db.close()
        raise


def read_apart(path: StrPath) -> str:
    """The name of a file for a connection that only reads: where it has no write-ahead log and SQLite can make none, it
    has to be told that it needs none."""
    return Path(path).absolute().as_uri() + ("" if Path(f"{path}-wal").exists() else "?immutable=1")


def _look(db: apsw.Connection) -> None:
    """Read something: only then SQLite looks whether it can."""
    db.pragma("schema_version")


def _tuned(db: apsw.Connection, cache_kib: int) -> apsw.Connection:
    db.pragma("synchronous", "normal")
    db.pragma("cache_size", -cache_kib)
    db.pragma("temp_store", "memory")
    db.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    return db


def set_patience(db: apsw.Connection, path: StrPath, patience_ms: int) -> None:
    """Have a connection wait so long for locks of other processes, and raise apsw.CantOpenError at once where no file
    can be locked, which SQLite takes for the lock of another."""

    def wait(times: int) -> bool:
        if not times and not locks_work(path):
            raise apsw.CantOpenError("files cannot be locked there")
        if times * _NAP_MS >= patience_ms:
            return False
        time.sleep(min(_NAP_MS, patience_ms) / 1000)
        return True

    db.set_busy_handler(wait)


def locks_work(path: StrPath) -> bool:
    """Whether files beside that one can be locked: on some network file systems they cannot. Not asked of the file
    itself: closing it would let go of every lock that this process has on it."""
    import fcntl
    from tempfile import TemporaryFile

    try:
        with TemporaryFile(dir=Path(path).parent) as probe:
            fcntl.lockf(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP)
    return True


def _make_private(path: StrPath) -> None:
    """Make a file unless it is there: it is not opened then, as closing it would let go of every lock that another
    connection of this process has on it."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        if not Path(path).exists():
            raise apsw.CantOpenError(error.strerror or str(error)) from None


@contextmanager
def failures(path: StrPath, kind: type[StorageFailed] = StorageFailed) -> Iterator[None]:
    """Turn every error of SQLite's and the system's into StorageFailed, or a `kind` of it, for that file."""
    try:
        yield
    except (apsw.Error, UnicodeDecodeError, OSError) as error:
        raise kind(str(path), reason(error)) from error


def reason(error: Exception) -> str:
    """A short reason: the name of the kind of error where it tells enough, else SQLite's own words."""
    match error:
        case apsw.FullError():
            return "full"
        case apsw.ReadOnlyError() | apsw.PermissionsError():
            return "read-only"
        case apsw.BusyError():
            return "busy"
        case apsw.ConnectionClosedError():
            return "cannot be opened again"
        case _ if isinstance(error, DAMAGE):
            return "damaged"
        case OSError():
            return error.strerror or str(error)
        case _:
            return str(error)


def fetched(db: apsw.Connection, query: str, *values: Any) -> list[Any]:
    """All rows of a query."""
    return db.execute(query, values).fetchall()


AMONG = "(SELECT value FROM json_each(?))"
"""What `IN` finds numbers in that are bound as `among` of them, however many."""


def among(numbers: Iterable[int]) -> str:
    """Numbers as one value for `AMONG`."""
    return f"[{','.join(map(str, numbers))}]"


def version(db: apsw.Connection) -> int:
    """What differs when another connection has changed the database."""
    return int(db.pragma("data_version"))


def sound(db: apsw.Connection) -> list[str]:
    """What SQLite finds wrong with a database, reading all of it; empty if it is sound."""
    found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(20)")]
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
        mounts = [line.split(b" ") for line in Path("/proc/self/mounts").read_bytes().splitlines()]
    except OSError:
        return False
    home = os.fsencode(Path(path).resolve().parent) + b"/"
    best, kind = b"", ""
    for mount in mounts:
        point = mount[1].replace(b"\\040", b" ").rstrip(b"/") + b"/"
        if home.startswith(point) and len(point) >= len(best):
            best, kind = point, mount[2].decode("ascii", "replace")
    return re.fullmatch(_NETWORK, kind) is not None


def remove(path: StrPath) -> None:
    """Delete a database with its journals. The journals first: one that outlives its database would be
    played back into the next file of that name."""
    _remove_journals(path)
    Path(path).unlink(missing_ok=True)


@contextmanager
def beside(path: StrPath) -> Iterator[Path]:
    """A path beside another, which nobody else knows of, for a database that is to be renamed; what is left there in
    the end is deleted."""
    fresh = Path(path).with_name(name_beside())
    try:
        yield fresh
    finally:
        remove(fresh)


def put_in_place(fresh: Path, path: StrPath) -> None:
    """Rename a closed database to a path, over the one that is there, so that there always is one."""
    _remove_journals(path)
    fresh.replace(path)


def _remove_journals(path: StrPath) -> None:
    for ending in ("-wal", "-shm", "-journal"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


@contextmanager
def locked(path: StrPath, patience_ms: int = PATIENCE_MS) -> Iterator[None]:
    """Hold a lock that no other process holds and that dies with us; raises apsw.BusyError after `patience_ms`."""
    _make_private(path)
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        set_patience(db, path, patience_ms)
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
        return Path(path).stat().st_ino
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
