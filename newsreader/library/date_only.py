"""Stories that tell the day and no time: where their rows stand among those of moments.

A row has one moment, and 10:00 UTC lies in its day from Hawaii to New Zealand. Further out it does not, and no other
hour would do for all: an index is of the zones that agree on it (`days_apart`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

_USUAL: Final = time(10, tzinfo=UTC)
_NOON: Final = time(12)
_JANUARIES: Final = [date(year, 1, 1) for year in range(1990, 2038)]


def moment_in(day: date, zone: tzinfo) -> datetime:
    """The moment for a row of a day: 10:00 UTC, or the noon of a zone in which that is another day."""
    noon = datetime.combine(day, _NOON, zone)
    ahead = noon.utcoffset() or timedelta(0)
    return datetime.combine(day, _USUAL) if timedelta(hours=-10) <= ahead < timedelta(hours=14) else noon


def days_apart(zone: tzinfo) -> str:
    """What tells the zones apart in which rows of days have other moments; "" for nearly all of them."""
    moments = [moment_in(day, zone) for day in _JANUARIES]
    return " ".join(f"{moment:%y%z}" for moment in moments if moment.timetz() != _USUAL)
