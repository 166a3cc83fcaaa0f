"""Where newsreader keeps its things: three places, none of which is made before it is asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from newsreader.errors import BadSettings
from newsreader.files import clear_half_written, make_folder, put_whole

if TYPE_CHECKING:
    from pathlib import Path

HOME = "NEWSREADER_HOME"
"""The environment's variable that puts all three places under one folder."""


class Places(NamedTuple):
    """Three folders, none of which need exist: `config` and `data` are precious, `cache` may be deleted at any time.
    As texts for the way to the first frame, which does without pathlib, and as paths."""

    config_name: str
    cache_name: str
    data_name: str

    @property
    def settings_name(self) -> str:
        return os.path.join(self.config_name, "config.toml")

    @property
    def sources_name(self) -> str:
        return os.path.join(self.config_name, "sources.toml")

    @property
    def config(self) -> Path:
        return _path(self.config_name)

    @property
    def cache(self) -> Path:
        return _path(self.cache_name)

    @property
    def data(self) -> Path:
        return _path(self.data_name)

    @property
    def settings_file(self) -> Path:
        return _path(self.settings_name)

    @property
    def sources_file(self) -> Path:
        return _path(self.sources_name)

    def make(self, place: Path) -> Path:
        """One of the three folders, or one under them, made if missing, the reader's alone (0700); raises OSError."""
        make_folder(str(place))
        return place


def places(environ: Mapping[str, str] | None = None) -> Places:
    """Where things live: under $NEWSREADER_HOME if that is set, else where the system keeps such things; raises
    BadSettings for a user without a home."""
    home = (os.environ if environ is None else environ).get(HOME)
    if home:
        root = os.path.abspath(os.path.expanduser(home))
        return Places(*(os.path.join(root, name) for name in ("config", "cache", "data")))
    from platformdirs import PlatformDirs

    system = PlatformDirs("newsreader", appauthor=False)
    try:
        return Places(system.user_config_dir, system.user_cache_dir, system.user_data_dir)
    except RuntimeError:  # of platformdirs, for a user whom the system does not know
        raise BadSettings(
            "HOME", f"you have no home folder; set HOME, or {HOME} to a folder of newsreader's own"
        ) from None


def _path(name: str) -> Path:
    import pathlib

    return pathlib.Path(name)


def write_private(path: Path, text: str) -> None:
    """Put a whole file (0600) in the place of another at once, of a link's goal where it is one; its folder must exist.
    Raises OSError."""
    data = text.encode()
    place = _path(os.path.realpath(path))
    clear_half_written(place.parent)
    put_whole(place, data)
