"""Which stories are the same one at several outlets, for the list, and what of one repeats: read, never written.

Decided only here: where the words of an index are, and that nothing is clustered where their file cannot be read. Apart
from `search`, as the first frame needs no more of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import apsw

from newsreader.library.db import connect_somehow, inode, sid, story_of

if TYPE_CHECKING:
    from _typeshed import StrPath

SEARCH_VERSION: Final = 6

_SHORT_MS: Final = 15
"""How long a key press waits for a file that is being written, where that makes readers wait."""


def search_file(index: StrPath) -> Path:
    """Where the words of an index are, and with them what is alike."""
    index = Path(index)
    return index.with_name(f"{index.stem}-search-v{SEARCH_VERSION}.db")


class Clusters:
    """The clusters of the index at a path. Used from one thread."""

    def __init__(self, index: StrPath) -> None:
        self.path = search_file(index)
        self._db: apsw.Connection | None = None
        self._node = 0
        self._pairs = 0
        self._state: tuple[list[int], int] = [], 0

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
        self._db, self._node = None, 0

    def of(self, stories: Iterable[str]) -> dict[str, frozenset[str]]:
        """Those of some stories that other outlets have too: each with the ids of all that belong together, its own
        among them. Some of them may be gone since."""
        found: dict[str, frozenset[str]] = {}
        for number in self._ask(f"SELECT DISTINCT sid FROM alike WHERE sid IN {_several(map(sid, stories))}"):
            if story_of(number) not in found:
                together = new = frozenset([number])
                while new:
                    new = frozenset(self._ask(f"SELECT other FROM alike WHERE sid IN {_several(new)}")) - together
                    together |= new
                every = frozenset(map(story_of, together))
                found.update(dict.fromkeys(every, every))
        return found

    def appendix(self, story: str) -> frozenset[int]:
        """The numbers of the blocks of a story that are appendices of it (search.appendices)."""
        found = self._ask(f"SELECT appendix FROM docs WHERE sid = {sid(story)}")
        return frozenset(int(number) for told in found for number in told.split(",") if number)

    def changed(self) -> bool:
        """Whether there are others than when this was asked last; cheap enough for every tick."""
        state = self._ask("PRAGMA data_version"), self._node
        if state == self._state:
            return False
        before, self._state = self._pairs, state
        self._pairs = next(iter(self._ask("SELECT count(*) FROM alike")), 0)
        return self._pairs != before

    def _ask(self, query: str) -> list[Any]:
        try:
            if (node := inode(self.path)) and node != self._node:
                self.close()
                self._db, self._node = connect_somehow(self.path, write=False, cache_kib=256), node
                self._db.set_busy_timeout(_SHORT_MS)
            return [] if self._db is None else [value for (value,) in self._db.execute(query)]
        except apsw.Error:  # whoever fills the file mends it
            self.close()
            return []


def _several(numbers: Iterable[int]) -> str:
    return f"({', '.join(map(str, numbers))})"
