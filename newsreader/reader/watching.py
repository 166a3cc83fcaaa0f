"""Whether archives have changed since they were read, told by the mtimes of their folders and files.

Decided only here: how much of that is looked at in one tick.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice

from newsreader.archive.base import bounded_time

AT_ONCE = 256
"""How many folders one look takes in; of more, the next look goes on where this one ended."""


def mtime(path: str | bytes) -> int:
    """When a folder or file was changed last, in nanoseconds; -1 if that cannot be told."""
    try:
        return bounded_time(os.stat(path).st_mtime_ns)  # noqa: PTH116 (bytes)
    except (OSError, ValueError):
        return -1


class Watch:
    """Looks at folders and files, given with the mtimes that they had before they were read."""

    def __init__(self, known: Mapping[bytes, int]) -> None:
        self._known = list(known.items())
        self._at = 0

    def sees_change(self) -> bool:
        """Whether one of the next AT_ONCE has another mtime now."""
        look = list(islice(self._known, self._at, self._at + AT_ONCE))
        self._at = self._at + AT_ONCE if self._at + AT_ONCE < len(self._known) else 0
        return any(mtime(path) != then for path, then in look)
