"""Where an index lies that lasts only as long as its reader.

Decided only here: on which disk, and that what killed readers left there goes by the number of their process.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage, rmtree
from tempfile import gettempdir, mkdtemp

from newsreader.errors import StorageFailed
from newsreader.files import is_alive


def scratch_folder(failure: StorageFailed) -> str:
    """A folder for an index that cannot be kept, on disk or in memory, where most room is; raises that failure where
    there is none. What readers that were killed left there goes."""
    folders = ["/dev/shm"] if os.access("/dev/shm", os.W_OK) else []
    with suppress(OSError):
        folders.append(gettempdir())
    try:
        folder = max(folders, key=lambda folder: disk_usage(folder).free)
        for left in Path(folder).glob("newsreader-index-*-????????"):
            process = left.name.split("-")[2]
            if process.isdecimal() and not is_alive(int(process)):
                rmtree(left, ignore_errors=True)
        return mkdtemp(prefix=f"newsreader-index-{os.getpid()}-", dir=folder)
    except (OSError, ValueError):
        raise failure from None
