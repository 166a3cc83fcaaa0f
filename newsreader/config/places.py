"""Where newsreader keeps its things: three places, none of which is made before it is asked for.

Decided only here: where one that was there is gone, it was renamed or its disk taken away, and nothing is made in its
place, where it would be out of sight once it is back.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from errno import ENOENT
from pathlib import Path
from typing import NamedTuple

from newsreader.errors import BadSettings
from newsreader.files import clear_half_written, make_folder, put_whole

HOME = "NEWSREADER_HOME"
"""The environment's variable that puts all three places under one folder."""


class Places(NamedTuple):
    """Three folders, none of which need exist: `config` and `data` are precious, `cache` may be deleted at any time.
    `there`: those of the precious ones that were there when this was made."""

    config: Path
    cache: Path
    data: Path
    there: tuple[Path, ...] = ()

    @property
    def settings_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def sources_file(self) -> Path:
        return self.config / "sources.toml"

    def make(self, place: Path) -> Path:
        """One of the three folders, or one under them, made if missing, the reader's alone (0700); raises OSError, as
        `look_for` does too."""
        self.look_for(place)
        make_folder(place)
        return place

    def look_for(self, place: Path) -> None:
        """Raise FileNotFoundError where what a place is in, or what stood beside it in one home, is gone."""
        for folder in self.there:
            if folder.parent in place.parents and not folder.exists():
                raise FileNotFoundError(ENOENT, "it is gone", str(folder))


def places(environ: Mapping[str, str] | None = None) -> Places:
    """Where things live: under $NEWSREADER_HOME if that is set, else where the system keeps such things; raises
    BadSettings for a user without a home."""
    home = (os.environ if environ is None else environ).get(HOME)
    try:
        if home:
            root = Path(home).expanduser().absolute()
            return _found(root / "config", root / "cache", root / "data")
        from platformdirs import PlatformDirs

        system = PlatformDirs("newsreader", appauthor=False)
        return _found(system.user_config_path, system.user_cache_path, system.user_data_path)
    except RuntimeError:  # for a user whom the system does not know
        raise BadSettings(
            "HOME", f"you have no home folder; set HOME, or {HOME} to a folder of newsreader's own"
        ) from None


def _found(config: Path, cache: Path, data: Path) -> Places:
    return Places(config, cache, data, tuple(folder for folder in (config, data) if folder.exists()))


def write_private(path: Path, text: str) -> None:
    """Put a whole file (0600) in the place of another at once, of a link's goal where it is one; its folder must exist.
    Into a pipe or device (/dev/stdout) it is written. Raises OSError."""
    data = text.encode()
    if path.exists() and not (path.is_file() or path.is_dir()):
        path.write_bytes(data)
        return
    place = path.resolve()
    clear_half_written(place.parent)
    put_whole(place, data)
