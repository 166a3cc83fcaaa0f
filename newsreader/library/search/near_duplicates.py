"""The same story at several outlets: texts that say mostly the same, told within three days of each other.

Owns: which stories are alike, and the tables `samples` and `alike`. Decided only here: the measure. Two stories are
alike if they stand in different sources, at most `DAYS` apart, half of the shorter one stands word for word in the
longer one, which is not five times as long, and their titles share a telling word: what only quotes the same agency,
or carries the same appendix, is another story. Never: how they are shown, or which of them is the best.

Few of a text's pieces, chosen by their first character, lead to the stories that may be alike; those are then compared
in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

import apsw

from newsreader.library.record import texts_of
from newsreader.library.rows import DAY
from newsreader.library.search.related import telling_terms
from newsreader.script import fold

DAYS: Final = 3

TABLES: Final = """
CREATE TABLE samples (hash INTEGER, day INTEGER, sid INTEGER, PRIMARY KEY (hash, day, sid)) WITHOUT ROWID;
CREATE TABLE alike (sid INTEGER, other INTEGER, PRIMARY KEY (sid, other)) WITHOUT ROWID;
"""

_PIECE: Final = 10  # characters
_ONE_IN, _REMAINDER = 29, 3
_MOST_SAMPLES: Final = 32
_MOST_TRIED: Final = 8
_SHORTEST: Final = 80  # characters; below that, everything is alike
_CONTAINED, _SHARED = 0.5, 0.2


def put_in(db: apsw.Connection, sid: int, time_ms: int, source: str, title: str, texts: Sequence[str]) -> bytes:
    """Remember a story, and which others it is alike; what `take_out` wants to forget it. In a transaction."""
    text = _bare(texts)
    samples = _samples(text)
    day = time_ms // DAY
    near: Counter[int] = Counter()
    for sample in samples:
        near.update(
            other
            for (other,) in db.execute(
                "SELECT sid FROM samples WHERE hash = ? AND day BETWEEN ? AND ?", (sample, day - DAYS, day + DAYS)
            )
        )
    least = max(2, len(samples) // 10)
    for other in [other for other, n in near.most_common(_MOST_TRIED) if n >= least]:
        if _is_alike(db, other, time_ms, source, title, text):
            db.execute("INSERT OR REPLACE INTO alike VALUES (?1, ?2), (?2, ?1)", (sid, other))
    db.executemany("INSERT OR IGNORE INTO samples VALUES (?, ?, ?)", [(sample, day, sid) for sample in samples])
    return day.to_bytes(4, "big", signed=True) + b"".join(sample.to_bytes(4, "big") for sample in samples)


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


def _is_alike(db: apsw.Connection, other: int, time_ms: int, source: str, title: str, text: str) -> bool:
    row = db.execute(
        "SELECT s.time, c.name, r.body FROM stories s JOIN sources c ON c.n = s.source"
        " JOIN revisions r ON r.n = s.revision WHERE s.sid = ?",
        (other,),
    ).fetchone()
    if row is None or row[1] == source or abs(row[0] - time_ms) > DAYS * DAY:
        return False
    their_title, texts = texts_of(row[2])
    if not telling_terms(title) & telling_terms(their_title):
        return False
    ours, theirs = _pieces(text), _pieces(_bare(part for _, part in texts))
    common = len(ours & theirs)
    return common >= _CONTAINED * min(len(ours), len(theirs)) and common >= _SHARED * len(ours | theirs)


def _bare(texts: Iterable[str]) -> str:
    """The letters and digits of a text, folded."""
    return "".join(filter(str.isalnum, fold(" ".join(texts))))


def _samples(text: str) -> list[int]:
    if len(text) < _SHORTEST:
        return []
    chosen = {
        crc32(text[n : n + _PIECE].encode("utf-8", "replace"))
        for n, char in enumerate(text[: 1 - _PIECE])
        if ord(char) % _ONE_IN == _REMAINDER
    }
    return sorted(chosen)[:_MOST_SAMPLES]


def _pieces(text: str) -> set[str]:
    return {text[n : n + _PIECE] for n in range(len(text) - _PIECE + 1)}
