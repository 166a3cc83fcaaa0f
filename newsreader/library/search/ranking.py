"""How well a story fits what is looked for.

Decided only here: BM25 without the rarity of words, which is counted by a walk over all that has them: that took most
of a search in a large library, and where a story has to have every word it changes little. A title counts ten times.
"""

from __future__ import annotations

from typing import Any, Final

import apsw

FITNESS: Final = "fitness"
"""The function of a connection that takes the table `texts`."""

_IN_TITLE: Final = 10
_SATURATED, _BY_LENGTH = 1.2, 0.75  # k1 and b


def register(db: apsw.Connection) -> None:
    """Let a connection say how well a row fits."""
    db.register_fts5_function(FITNESS, _fitness)


def _fitness(api: Any, *_: Any) -> float:
    usual = max(1, api.column_total_size(-1) / max(1, api.row_count))
    least = _SATURATED * (1 - _BY_LENGTH + _BY_LENGTH * api.column_size(-1) / usual)
    total = 0.0
    for phrase in range(api.phrase_count):
        title, body, _ = api.phrase_locations(phrase)
        often = _IN_TITLE * len(title) + len(body)
        total += often * (_SATURATED + 1) / (often + least)
    return total
