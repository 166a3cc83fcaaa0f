"""What is to be read, and which files belong to it.

Owns: Target, and the rule for a bare `newsreader`: the library if any source was added or anything was fetched, else
the path that was opened last, else the sample archive. Never: opening an archive or an index.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from newsreader.config import Config
from newsreader.errors import NotFound
from newsreader.library import INDEX_VERSION, MARKS_FILE, Marks

if TYPE_CHECKING:
    from newsreader.config import Source

Kind: TypeAlias = Literal["library", "path", "demo"]

LAST_PATH = "last-path"
"""The name under which the marks keep the path that was opened last."""

FETCHED = "archive"
"""Our own archive of what was fetched, in the data folder."""

SAMPLE = Path(__file__).resolve().parents[1] / "sample"
"""The sample archive that comes with newsreader."""


class Target:
    """What is to be read. `name` is its session's, `index` and `marks` its files, `locations` its archives' paths;
    `title` is the name of the path's last part, "" for the library and the demo, which the door puts into words."""

    __slots__ = ("index", "kind", "locations", "marks", "name", "title")

    def __init__(self, kind: Kind, name: str, title: str, index: Path, marks: Path, locations: tuple[str, ...]) -> None:
        self.kind: Final = kind
        self.name: Final = name
        self.title: Final = title
        self.index: Final = index
        self.marks: Final = marks
        self.locations: Final = locations

    def but(self, *, index: Path | None = None, locations: tuple[str, ...] | None = None) -> Target:
        """The same with another index, or with other archives."""
        return Target(self.kind, self.name, self.title, index or self.index, self.marks, locations or self.locations)


def marks_file(config: Config, *, demo: bool) -> Path:
    """Where marks are kept; the demo's apart from all others."""
    return config.places.data / f"{'demo-' if demo else ''}{MARKS_FILE}"


def choose(config: Config, marks: Marks, path: Path | None, *, demo: bool) -> Target:
    """What is to be read; raises NotFound and Unreadable for a path, and BadSettings."""
    if path is not None:
        _look_at(path)
        return _of_path(config, path)
    if not demo:
        sources = _sources(config)
        locations = tuple(_locations(config, sources))
        if sources or locations:
            index = config.places.cache / f"index-v{INDEX_VERSION}.db"
            return Target("library", "library", "", index, marks.path, locations)
        last = marks.kept_as(LAST_PATH)
        if isinstance(last, str):
            found = _of_path(config, Path(last))
            # The index outlives a disk that is not plugged in today.
            if Path(last).exists() or found.index.exists():
                return found
    index = config.places.cache / f"demo-v{INDEX_VERSION}.db"
    return Target("demo", "demo", "", index, marks_file(config, demo=True), (str(SAMPLE),))


def _sources(config: Config) -> tuple[Source, ...]:
    if not os.path.lexists(config.places.sources_file):
        return ()
    from newsreader.config import load_sources

    return load_sources(config.places)


def _locations(config: Config, sources: Sequence[Source]) -> Iterator[str]:
    """The archives of the library: those that were added, and our own of what was fetched, once it is there."""
    yield from (source.location for source in sources if source.kind == "archive")
    own = config.places.data / FETCHED
    if own.is_dir():
        yield str(own)


def _look_at(path: Path) -> None:
    """Raise NotFound or Unreadable for a path that nothing can be read from."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise NotFound(str(path)) from None
    except OSError as error:
        from newsreader.archive.base import unreadable

        raise unreadable(str(path), error) from None


def _of_path(config: Config, path: Path) -> Target:
    try:
        whole = path.resolve()
    except (OSError, RuntimeError):  # a loop of links
        whole = path.absolute()
    name = f"path-{_fnv(os.fsencode(whole)):016x}"
    index = config.places.cache / f"{name}-v{INDEX_VERSION}.db"
    return Target("path", name, whole.name or str(whole), index, marks_file(config, demo=False), (str(whole),))


def _fnv(data: bytes) -> int:
    """FNV-1a, 64 bits: names what no foe chooses, and spares the start hashlib."""
    number = 0xCBF29CE484222325
    for byte in data:
        number = (number ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return number
