"""What is to be read, and which files belong to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from newsreader.config import Config
from newsreader.errors import BadSettings, NotFound
from newsreader.files import make_folder, read_file
from newsreader.library import INDEX_VERSION, MARKS_FILE, Marks
from newsreader.library.date_only import days_apart

if TYPE_CHECKING:
    from _typeshed import StrPath

    from newsreader.config import Source

Kind: TypeAlias = Literal["library", "path", "demo"]

Locations: TypeAlias = "tuple[str, ...] | Callable[[], tuple[str, ...]]"

LAST_PATH = "last-path"
"""The name under which the marks keep the path that was opened last."""

FETCHED = "archive"
"""Our own archive of what was fetched, in the data folder."""

FORMER = "former"
"""Where in it the former texts of dumps are that were overwritten, of every archive alike."""

SAMPLE = str(Path(__file__).resolve().parents[1] / "sample")
"""The sample archive that comes with newsreader."""


class Target:
    """What is to be read. `name` is its session's, `index` and `marks` its files, `locations` its archives' paths;
    `title` is the name of the path's last part, "" for the library and the demo, which the door puts into words;
    `zone`: whose days the index has. `fault`: why its archives cannot be told; what is in the index can be read all the
    same."""

    __slots__ = ("_locations", "fault", "index", "kind", "marks", "name", "title", "zone")

    def __init__(
        self, kind: Kind, name: str, title: str, index: Path, marks: Path, locations: Locations, zone: tzinfo
    ) -> None:
        self.kind: Final = kind
        self.name: Final = name
        self.title: Final = title
        self.index: Final = index
        self.marks: Final = marks
        self.zone: Final = zone
        self.fault: BadSettings | None = None
        self._locations = locations

    @property
    def locations(self) -> tuple[str, ...]:
        return self.locate()

    def locate(self) -> tuple[str, ...]:
        """The locations, looked for now if they were not yet."""
        if not isinstance(self._locations, tuple):
            try:
                self._locations = self._locations()
            except BadSettings as fault:
                self.fault, self._locations = fault, ()
        return self._locations

    @property
    def own(self) -> str:
        """Our own archive, whether it is there or not."""
        return str(self.marks.with_name(FETCHED))

    def former(self, root: str) -> Path:
        """The folder, part of our own archive, for what dumps of an archive said before they were overwritten."""
        whole = Path(os.path.realpath(root))
        return Path(self.own, FORMER, f"{whole.name[:40]} {_named(str(whole))}".strip())

    def make_former(self, root: str) -> Path:
        """That folder, made if missing, but not in the place of a home that has gone. Raises OSError."""
        self.marks.parent.stat()
        make_folder(folder := self.former(root))
        return folder

    def but(self, *, index: Path | None = None, locations: tuple[str, ...] | None = None) -> Target:
        """The same with another index, or with other archives."""
        index, found = index or self.index, locations or self._locations
        return Target(self.kind, self.name, self.title, index, self.marks, found, self.zone)

    def __reduce__(self) -> tuple[type[Target], tuple[object, ...]]:
        return Target, (self.kind, self.name, self.title, self.index, self.marks, self.locations, self.zone)


def marks_file(config: Config, *, demo: bool) -> Path:
    """Where marks are kept; the demo's apart from all others."""
    return config.places.data / f"{'demo-' if demo else ''}{MARKS_FILE}"


def choose(config: Config, marks: Marks, path: StrPath | None, *, demo: bool, later: bool = False) -> Target:
    """What is to be read; raises NotFound and Unreadable for a path. With `later` the archives of the library may be
    looked for when they are asked for."""
    if path is not None:
        _look_at(path)
        return _of_path(config, path)
    if not demo:
        library = _library(config, marks, lambda: tuple(_locations(config, _sources(config))))
        if (later and _names_sources(config)) or library.locate() or library.fault or _sources(config):
            return library
        last = marks.kept_as(LAST_PATH)
        if isinstance(last, str):
            found = _of_path(config, last)
            # The index outlives a disk that is not plugged in today.
            if Path(last).exists() or found.index.exists():
                return found
    index = _index(config, "demo")
    return Target("demo", "demo", "", index, marks_file(config, demo=True), (SAMPLE,), config.settings.timezone)


def _library(config: Config, marks: Marks, locations: Locations) -> Target:
    return Target(
        "library", "library", "", _index(config, "index"), Path(marks.path), locations, config.settings.timezone
    )


def _names_sources(config: Config) -> bool:
    """Whether sources.toml names sources, as far as a look tells: reading TOML takes longer than the first frame."""
    try:
        return b"\n[[source]]" in b"\n" + read_file(config.places.sources_file)
    except OSError:
        return False


def _sources(config: Config) -> tuple[Source, ...]:
    if not os.path.lexists(config.places.sources_file):
        return ()
    from newsreader.config import load_sources

    return load_sources(config.places)


def _locations(config: Config, sources: Sequence[Source]) -> Iterator[str]:
    """The archives of the library: those that were added, and our own of what was fetched, once it is there."""
    yield from (source.location for source in sources if source.kind == "archive")
    own = config.places.data / FETCHED
    try:
        held = {path.name for path in own.iterdir()}
    except OSError:
        return
    if sources or held - {FORMER}:
        yield str(own)


def _index(config: Config, name: str) -> Path:
    days = days_apart(config.settings.timezone)
    name += f"-days-{_named(days)}" if days else ""
    return config.places.cache / f"{name}-v{INDEX_VERSION}.db"


def _look_at(path: StrPath) -> None:
    """Raise NotFound or Unreadable for a path that nothing can be read from."""
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise NotFound(str(path)) from None
    except OSError as error:
        from newsreader.archive.base import unreadable

        raise unreadable(str(path), error) from None


def _of_path(config: Config, path: StrPath) -> Target:
    whole = os.path.realpath(path)
    name = f"path-{_named(whole)}"
    marks = marks_file(config, demo=False)
    return Target(
        "path", name, Path(whole).name or whole, _index(config, name), marks, (whole,), config.settings.timezone
    )


def _named(whole: str) -> str:
    return f"{_fnv(os.fsencode(whole)):016x}"


def _fnv(data: bytes) -> int:
    """FNV-1a, 64 bits: names what no foe chooses, and spares the start hashlib."""
    number = 0xCBF29CE484222325
    for byte in data:
        number = (number ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return number
