"""Times on the command line: how one is written, and how one is understood.

Decided only here: that a day given as an end is meant whole.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from newsreader.article import Precision
from newsreader.dates import parse_date

_AGO = re.compile(r"(\d{1,6})\s*(m|h|d|w)(?:in|ours?|ays?|eeks?)?(?:\s+ago)?", re.IGNORECASE)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_WORDS = {"today": 0, "yesterday": 1}


def written(moment: datetime | None, precision: Precision, zone: tzinfo) -> str:
    """A story's time in a zone as "2020-07-20 18:20", with only the day where no more is known; "" for none."""
    if moment is None:
        return ""
    if precision == "date":
        return f"{moment:%Y-%m-%d}"
    try:
        moment = moment.astimezone(zone)
    except (OverflowError, ValueError):
        moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%d %H:%M}" + (" UTC" if zone is UTC else "")


def understood(text: str, zone: tzinfo, now: datetime, *, end: bool = False) -> int | None:
    """Milliseconds UTC of a date, a moment, "today", "yesterday", or so long ago ("3d", "12h", "2w"); None if it is
    none of these. A day is its first millisecond, with `end` the first one after it."""
    text = text.strip()
    if ago := _AGO.fullmatch(text):
        try:
            return _milliseconds(now - int(ago[1]) * _UNITS[ago[2].lower()])
        except OverflowError:
            return 0
    if text.lower() in _WORDS:
        day = now.astimezone(zone).date() - timedelta(days=_WORDS[text.lower()])
        moment, whole = datetime.combine(day, time(), zone), True
    else:
        found = parse_date(text, zone=zone)
        if found is None:
            return None
        moment, whole = found[0], found[1] == "date"
    try:
        if whole and end:
            moment = datetime.combine(moment.date() + timedelta(days=1), time(), moment.tzinfo)
        return _milliseconds(moment)
    except OverflowError:
        return None


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
