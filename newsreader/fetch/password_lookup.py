"""The password of a source, where sources.toml does not say it but where it is."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from newsreader.config import Source
from newsreader.errors import FetchFailed
from newsreader.files import read_file

_SECONDS: Final = 60
_LONGEST: Final = 4096


def with_password(source: Source) -> Source:
    """The source with its password: the first line of its `password_file` (~ is the home), or of what its
    `password_command` prints, which no shell sees. Raises FetchFailed ("password")."""
    if source.password or not (source.password_file or source.password_command):
        return source
    try:
        if source.password_file:
            told = read_file(Path(source.password_file).expanduser(), _LONGEST)
        else:
            argv = source.password_command
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False)
            if done.returncode:
                raise _failed(source, f"{argv[0]} ends with {done.returncode}")
            told = done.stdout
    except subprocess.TimeoutExpired:
        raise _failed(source, f"{source.password_command[0]} takes too long") from None
    except (OSError, RuntimeError, ValueError) as error:
        what = source.password_file or source.password_command[0]
        raise _failed(source, f"{what}: {getattr(error, 'strerror', None) or error}") from None
    password = told.decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")
    if not password:
        raise _failed(source, "it is empty")
    return source._replace(password=password)


def _failed(source: Source, why: str) -> FetchFailed:
    return FetchFailed(source.shown_location, "password", detail=why)
