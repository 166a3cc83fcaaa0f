"""Our own archive of fetched dumps, in the data folder: a tree for feeds, and one for each remote archive and server.

    archive/feeds/articles/<source>/<id>_<title>.md     and lists/<source>.md, so that other tools can read it
    archive/<remote>/articles/... and lists/...         the same bytes as there
    archive/<server>/articles/<feed>/...  and lists/...

Decided only here: the folder of a source, which stays the same when the source is renamed; what the lists of our own
tree say; how many revisions of a story are kept.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from heapq import nsmallest
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

from newsreader.archive import open_archive
from newsreader.archive.base import Member
from newsreader.archive.names import TEMPORARY, is_ours
from newsreader.archive.numbered import only_writer, put_as_named, put_numbered
from newsreader.config import Places
from newsreader.dump import decode, guid_of, is_full_text
from newsreader.errors import NewsreaderError
from newsreader.fetch.addresses import shown
from newsreader.fetch.compose import fingerprint, published_of
from newsreader.fetch.state import Known
from newsreader.files import clear_half_written, read_file
from newsreader.safety import clean_line, safe_filename

T = TypeVar("T")

FEEDS: Final = "feeds"
_TAKEN: Final = (FEEDS, "former")
"""Names in the root of our own archive that no remote archive gets."""
_SOURCE: Final = f"{TEMPORARY}source"
_LOCK: Final = f"{TEMPORARY}lock"
_UNNAMED: Final = f"{TEMPORARY}unnamed-"
_LISTED: Final = 80
MOST_REVISIONS: Final = 10
"""Dumps that are kept of one story in a feed's folder: the first and the newest; the others go when it is pruned. What
is starred or tagged keeps all."""
_NAME_BYTES: Final = 120


def own_archive(places: Places) -> Path:
    """The folder of all that was fetched."""
    return places.data / "archive"


class SourceFolder:
    """The place of one source in our own archive; while it is open, no other process writes there."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self._name = name

    def is_empty(self) -> bool:
        """Whether it holds no dump, for it is new, or they were deleted by hand."""
        with os.scandir(self.folder) as entries:
            return not any(entry.name.endswith(".md") for entry in entries)

    def known(self) -> dict[str, Known]:
        """What was fetched before, told by the dumps themselves, the oldest first; for where that was forgotten."""
        found: dict[str, Known] = {}
        try:
            with open_archive(self.folder) as archive:
                for entry in reversed([entry for entry in archive.listing() if isinstance(entry, Member)]):
                    dump = decode(archive.read(entry))
                    guid, own = guid_of(dump.body)
                    if not guid:
                        continue
                    known = found.pop(guid, Known("", own))
                    number = number_of(entry.name)
                    if is_full_text(dump.body):
                        found[guid] = known.with_text(number, dump.time_ms or 0)
                    else:
                        published = published_of(dump.body)
                        known = known.of(fingerprint(dump.title, dump.body), dump.url, published).since(published)
                        found[guid] = known._replace(dumps=(*known.dumps, number))
        except NewsreaderError:
            pass
        return found

    def put(self, dumps: Sequence[tuple[str, bytes]]) -> list[int]:
        """Add dumps (title, bytes), the oldest first, and renew the list of the source; their numbers. Raises
        OSError."""
        places = put_numbered(self.folder, dumps) if dumps else []
        if dumps or self._listed_as() != clean_line(self._name):
            put_as_named(self._list, self._listing())
        return [number_of(place.name) for place in places]

    def prune(self, numbers: Collection[int]) -> None:
        """Take dumps away; raises OSError."""
        with os.scandir(self.folder) as entries:
            surplus = [entry.path for entry in entries if number_of(entry.name) in numbers]
        for path in surplus:
            os.unlink(path)  # noqa: PTH108 (as scandir gives it)

    @property
    def _list(self) -> Path:
        return self.folder.parents[1] / "lists" / f"{self.folder.name}.md"

    def _listed_as(self) -> str | None:
        """The name that the list gives the source, None without one."""
        try:
            return read_file(self._list).decode("utf-8", "replace").partition("\n")[0]
        except OSError:
            return None

    def _listing(self) -> bytes:
        """The list of the newest dumps, as archives have it."""
        with os.scandir(self.folder) as entries:
            names = nsmallest(_LISTED, (entry.name for entry in entries if entry.name.endswith(".md")), key=number_of)
        lines = [clean_line(self._name), "------", ""]
        for name in names:
            title = name.removesuffix(".md").partition("_")[2] or name
            path = quote(f"/articles/{self.folder.name}/{name}")
            day = datetime.fromtimestamp((self.folder / name).stat().st_mtime).astimezone()
            lines += [f"{day.month}-{day.day} [{title.replace('[', '(').replace(']', ')')}]({path})", ""]
        return "\n".join(lines).encode("utf-8", "replace")


class Store:
    """Our own archive, for one run: it remembers which folder is whose."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._root = own_archive(places)
        for folder in (self._root / FEEDS, self._root / FEEDS / "lists", self._root / FEEDS / "articles", self._root):
            clear_half_written(folder)
        self._folders: dict[Path, dict[bytes, Path]] = {}
        self._has_new = False

    @contextmanager
    def open(self, name: str, location: str, tree: Path | None = None) -> Iterator[SourceFolder | None]:
        """The place of a feed with that name and location, made if missing; None if another process is at it. `tree`:
        of the server that it is read through. Raises OSError."""
        folder = self._claimed((tree or self._root / FEEDS) / "articles", name, location)
        with only_writer(folder) as alone:
            yield SourceFolder(folder, name) if alone else None

    def tree(self, name: str, location: str) -> Path:
        """The tree of a remote archive or a server with that name and location, made if missing. Raises OSError."""
        return self._claimed(self._root, name, location)

    def find(self, location: str, tree: Path | None = None) -> Path | None:
        """Where what was fetched from a location stands, if anything was; `tree` as in `open`."""
        above = (tree / "articles",) if tree else (self._root / FEEDS / "articles", self._root)
        return next((found for folder in above if (found := self._known(folder).get(_named(location)))), None)

    def finish(self) -> None:
        """Let the tree's own table of contents name the sources that are new. Raises OSError."""
        if not self._has_new:
            return
        lists = sorted(path.stem for path in (self._root / FEEDS / "lists").glob("*.md"))
        lines = (f"[{name.replace('[', '(').replace(']', ')')}](lists/{quote(name)}.md)\n" for name in lists)
        put_as_named(self._root / FEEDS / "README.md", "\n".join(lines).encode("utf-8", "replace"))

    def _claimed(self, above: Path, name: str, location: str) -> Path:
        """The folder that a location has: the one that says so, else a new one named like the source."""
        if found := self._known(above).get(_named(location)):
            return found
        self._places.make(above)
        lock = os.open(above / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            del self._folders[above]
            if found := self._known(above).get(_named(location)):
                return found
            folder = _made(above, name, _named(location))
        finally:
            os.close(lock)
        self._folders[above][_named(location)] = folder
        self._has_new = True
        return folder

    def _known(self, above: Path) -> dict[bytes, Path]:
        found = self._folders.get(above)
        if found is None:
            found = self._folders[above] = {}
            with suppress(OSError):
                for folder in sorted(Path(entry) for entry in os.scandir(above) if not is_ours(entry.name)):
                    with suppress(OSError):
                        found.setdefault(read_file(folder / _SOURCE), folder)
        return found


def surplus(dumps: Sequence[T]) -> Sequence[T]:
    """What of a story's dumps, the oldest first, is past keeping."""
    return dumps[1 : 1 - MOST_REVISIONS] if len(dumps) > MOST_REVISIONS else ()


def owner_of(folder: Path) -> str:
    """The location whose dumps a folder of our own archive holds, "" if it is no such folder."""
    try:
        return read_file(folder / _SOURCE).decode("utf-8", "replace")
    except OSError:
        return ""


def _named(location: str) -> bytes:
    """How a folder says whose it is: no place for a password."""
    return shown(location).encode("utf-8", "replace")


def _made(above: Path, name: str, owner: bytes) -> Path:
    """A new folder that says whose it is from the moment it is there. Its maker is the only one at it."""
    for left in above.glob(f"{_UNNAMED}*"):  # of makers that were killed; one that holds anything of worth stays
        with suppress(OSError):
            clear_half_written(left, alone=True)
            if {entry.name for entry in left.iterdir()} <= {_SOURCE}:
                (left / _SOURCE).unlink(missing_ok=True)
                left.rmdir()
    folder = above / f"{_UNNAMED}{os.getpid()}-{os.urandom(4).hex()}"
    folder.mkdir(mode=0o700)
    put_as_named(folder / _SOURCE, owner)
    stem = safe_filename(name).encode()[:_NAME_BYTES].decode("utf-8", "ignore").rstrip(". ")
    number = 2 if stem in _TAKEN else 1
    while True:
        place = above / (f"{stem} {number}" if number > 1 else stem)
        try:
            return folder.rename(place)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                raise
            number += 1


def number_of(name: str) -> int:
    """The number with which the name of a fetched dump begins."""
    digits = name.partition("_")[0].removesuffix(".md")
    return int(digits) if digits.isdecimal() else 1 << 40
