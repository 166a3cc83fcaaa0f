"""When a feed is asked again: what it says of itself (ttl, skipHours and skipDays of RSS 2.0, the syndication module).

Decided only here: the longest that its server (terms.fresh_for) or itself asks for counts, but a day at most.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DAY: Final = 24 * 3600.0
_HOUR: Final = 3600.0
_PERIODS: Final = {"hourly": _HOUR, "daily": DAY, "weekly": 7 * DAY, "monthly": 30 * DAY, "yearly": 365 * DAY}
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Schedule(NamedTuple):
    """How often a feed wants to be asked: every so many seconds (0: it does not say), and not in these hours (0 to 23)
    nor on these days (0 is Monday), all of UTC."""

    every: float = 0.0
    hours: tuple[int, ...] = ()
    days: tuple[int, ...] = ()

    def next_after(self, now: float, fresh: float) -> float:
        """When (seconds since 1970) to ask again, if it was asked `now` and its answer stays the same for `fresh`
        seconds."""
        at = now + min(max(self.every, fresh), DAY)
        while at < now + DAY and self._skips(datetime.fromtimestamp(at, UTC)):
            at = (at // _HOUR + 1) * _HOUR
        return min(at, now + DAY)

    def _skips(self, moment: datetime) -> bool:
        return moment.hour in self.hours or moment.weekday() in self.days


def schedule_of(channel: Element) -> Schedule:
    """What a feed says in its channel, beside the items."""
    said: dict[str, list[str]] = {}
    for element in channel:
        name = element.tag.rpartition("}")[2].lower()
        if name in ("ttl", "updateperiod", "updatefrequency", "skiphours", "skipdays"):
            said[name] = " ".join(element.itertext()).lower().split()
    every = 60.0 * _number(said.get("ttl"))
    if said.keys() & {"updateperiod", "updatefrequency"}:
        (period,) = said.get("updateperiod", [])[:1] or ["daily"]
        every = max(every, _PERIODS.get(period, 0.0) / max(1, _number(said.get("updatefrequency"))))
    hours = {_number([hour]) % 24 for hour in said.get("skiphours", [])}
    days = {_DAYS.index(day[:3]) for day in said.get("skipdays", []) if day[:3] in _DAYS}
    return Schedule(every, tuple(sorted(hours)), tuple(sorted(days)))


def _number(words: list[str] | None) -> int:
    """The number that is said, 0 if it is none."""
    word = words[0] if words else ""
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 10 else 0
