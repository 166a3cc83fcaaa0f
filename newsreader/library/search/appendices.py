"""Blocks that repeat over the stories of a source: a chronology, what a paper says of itself at the end of each.

The table `blocks`. Decided only here: what is an appendix of a story: a long block that two other stories of one of its
sources have as well, word for word, unless such blocks are nearly all of the story, which is then about them. Where
that changes for stories that are in, the index is told that it has to take them in again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import apsw

from newsreader.library.db import among

TABLES: Final = "CREATE TABLE blocks (hash INTEGER, sid INTEGER, PRIMARY KEY (hash, sid)) WITHOUT ROWID;"

ALL_BUT_NOTHING: Final = 0.9

_STORIES: Final = 3
_HASH: Final = 8  # bytes

_SHARED: Final = (
    f"SELECT value, (SELECT count(*) FROM (SELECT 1 FROM blocks WHERE hash = value LIMIT {_STORIES + 1}))"
    " FROM json_each(?)"
)
_STALE: Final = "UPDATE docs SET hash = x'' WHERE sid IN (SELECT sid FROM blocks WHERE hash = ? AND sid <> ?)"


def put_in(db: apsw.Connection, sid: int, blocks: Collection[int], before: bytes = b"") -> tuple[bytes, set[int]]:
    """Remember the hashes of a story's long blocks in place of those remembered `before`: what to remember next time,
    and those that are appendices. In a transaction."""
    old, new = set(_read(before)), set(blocks)
    if old:
        db.executemany("DELETE FROM blocks WHERE hash = ? AND sid = ?", [(one, sid) for one in old - new])
    db.executemany("INSERT INTO blocks VALUES (?, ?)", [(one, sid) for one in new - old])
    shared = dict(db.execute(_SHARED, (among(old | new),))) if old or new else {}
    for one in old ^ new:
        if shared[one] == (_STORIES if one in new else _STORIES - 1):
            db.execute(_STALE, (one, sid))
    remembered = b"".join(one.to_bytes(_HASH, "big", signed=True) for one in new)
    return remembered, {one for one in new if shared[one] >= _STORIES}


def take_out(db: apsw.Connection, sid: int, remembered: bytes) -> None:
    """Forget a story. In a transaction."""
    put_in(db, sid, (), remembered)


def _read(remembered: bytes) -> list[int]:
    starts = range(0, len(remembered), _HASH)
    return [int.from_bytes(remembered[at : at + _HASH], "big", signed=True) for at in starts]
