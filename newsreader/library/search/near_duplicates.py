"""The same story at several outlets, or twice at one: texts that say mostly the same, told within three days of each
other.

The tables `samples` and `alike`. Decided only here: which stories are compared: those that share some of their samples
(documents.Document), few for each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

import apsw

from newsreader.library.counts import DAY
from newsreader.library.db import among

DAYS: Final = 3

TABLES: Final = """
CREATE TABLE samples (hash INTEGER, day INTEGER, sid INTEGER, PRIMARY KEY (hash, day, sid)) WITHOUT ROWID;
CREATE TABLE alike (sid INTEGER, other INTEGER, PRIMARY KEY (sid, other)) WITHOUT ROWID;
"""

_MOST_TRIED: Final = 8

_NEAR: Final = "SELECT s.sid FROM json_each(?) j CROSS JOIN samples s ON s.hash = j.value WHERE s.day BETWEEN ? AND ?"
_OTHER: Final = "SELECT s.time, r.body FROM stories s JOIN revisions r ON r.n = s.revision WHERE s.sid = ?"


class Unwritten:
    """The samples of stories that are about to be written together."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._here: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)

    def candidates(self, sid: int, time_ms: int, samples: Sequence[int]) -> list[tuple[int, bytes]]:
        """The stories (sid, packed) that a story may be alike, of those written and those asked for here before."""
        day = time_ms // DAY
        near: Counter[int] = Counter()
        if samples:
            near.update(n for (n,) in self._db.execute(_NEAR, (among(samples), day - DAYS, day + DAYS)))
        for sample in samples:
            near.update(other for other, then in self._here[sample] if abs(then - day) <= DAYS)
            self._here[sample].append((sid, day))
        del near[sid]
        least = max(2, len(samples) // 10)
        found = []
        for other in [other for other, n in near.most_common(_MOST_TRIED) if n >= least]:
            row = self._db.execute(_OTHER, (other,)).fetchone()
            if row is not None and abs(row[0] - time_ms) <= DAYS * DAY:
                found.append((other, row[1]))
        return found


def put_in(db: apsw.Connection, sid: int, time_ms: int, samples: Sequence[int]) -> bytes:
    """Remember a story; what `take_out` wants to forget it. In a transaction."""
    day = time_ms // DAY
    db.executemany("INSERT OR IGNORE INTO samples VALUES (?, ?, ?)", [(sample, day, sid) for sample in samples])
    return day.to_bytes(4, "big", signed=True) + b"".join(sample.to_bytes(4, "big") for sample in samples)


def join(db: apsw.Connection, sid: int, other: int) -> None:
    """Remember that two stories are alike. In a transaction."""
    db.execute("INSERT OR REPLACE INTO alike VALUES (?1, ?2), (?2, ?1)", (sid, other))


def take_out(db: apsw.Connection, sid: int, remembered: bytes) -> None:
    """Forget a story. In a transaction."""
    day = int.from_bytes(remembered[:4], "big", signed=True)
    hashes = [int.from_bytes(remembered[at : at + 4], "big") for at in range(4, len(remembered), 4)]
    db.executemany(
        "DELETE FROM samples WHERE hash = ? AND day = ? AND sid = ?", [(sample, day, sid) for sample in hashes]
    )
    others = [other for (other,) in db.execute("SELECT other FROM alike WHERE sid = ?", (sid,))]
    db.executemany("DELETE FROM alike WHERE sid = ? AND other = ?", [(other, sid) for other in others])
    db.execute("DELETE FROM alike WHERE sid = ?", (sid,))
