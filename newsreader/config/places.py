"""Where newsreader keeps its things.

Owns: the three places, and how a file is written in them. Never: making one that is not asked for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

HOME = "NEWSREADER_HOME"
"""The environment's variable that puts all three places under one folder."""


class Places(NamedTuple):
    """Three folders, none of which need exist: `config` and `data` are precious, `cache` may be deleted at any time."""

    config: Path
    cache: Path
    data: Path

    @property
    def settings_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def sources_file(self) -> Path:
        return self.config / "sources.toml"

    def make(self, place: Path) -> Path:
        """One of the three folders, or one under them, made if missing, the reader's alone (0700); raises OSError."""
        missing = [folder for folder in (place, *place.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
        return place


def places(environ: Mapping[str, str] | None = None) -> Places:
    """Where things live: under $NEWSREADER_HOME if that is set, else where the system keeps such things."""
    home = (os.environ if environ is None else environ).get(HOME)
    if home:
        root = Path(home).expanduser().absolute()
        return Places(root / "config", root / "cache", root / "data")
    from platformdirs import PlatformDirs

    system = PlatformDirs("newsreader", appauthor=False)
    return Places(system.user_config_path, system.user_cache_path, system.user_data_path)


def write_private(path: Path, text: str) -> None:
    """Put a whole file (0600) in the place of another at once; its folder must exist. Raises OSError."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{os.urandom(4).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
