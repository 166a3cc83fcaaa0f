"""Which day is meant by what is typed: 2020-07, 7月, yesterday, 昨天, last monday. Pure.

Decided only here: a month or a year is its last day, as the list begins with the newest; what names no year is the last
one that has been, of those up to the newest story: in an archive of 2020 it is one of 2020.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from newsreader.ui.i18n import LANGUAGES, words_for

_NUMBERS: Final = re.compile(r"(?:(\d{4})(?:[-/.年]|$))?(?:(\d{1,2})(?:[-/.月]|$))?(?:(\d{1,2})[日号號]?)?", re.ASCII)
_NAMED: Final = re.compile(r"(?:(\d{1,2})\.? )?([a-z]{3,9})(?: (\d{1,2}))?(?:,? (\d{4}))?", re.ASCII)
_WEEK: Final = re.compile(r"(?:last |上个?|上個?|先)?(?:星期|周|週|禮拜|礼拜)?(.+?)(?:曜日)?")
_WEEKDAYS: Final = (
    *("monday一月", "tuesday二火", "wednesday三水", "thursday四木"),
    *("friday五金", "saturday六土", "sunday日天"),
)


def day_meant(typed: str, today: date, newest: date) -> date | None:
    """The day of a text in any language of the window; None if it names none. `newest`: that of the newest story."""
    text = " ".join(typed.lower().split())
    for back, name in enumerate(("today", "yesterday")):
        if text in {words_for(language).say(name).lower() for language in LANGUAGES}:
            return today - timedelta(days=back)
    if not text:
        return None
    if found := _NUMBERS.fullmatch(text.replace(" ", "")):
        year, month, day = (int(part) if part else 0 for part in found.groups())
        return _last(year, month, day, min(today, newest))
    if found := _NAMED.fullmatch(text):
        before, name, after, year_given = found.groups()
        months = words_for("en").say("months").lower().split()
        number = next((n for n, month in enumerate(months, 1) if month.startswith(name)), 0)
        if number:
            return _last(int(year_given or 0), number, int(before or after or 0), min(today, newest))
    if (found := _WEEK.fullmatch(text)) and (len(found[1]) > 2 or found[0] != found[1]):
        weekday = next((n for n, names in enumerate(_WEEKDAYS) if found[1] in names), None)
        if weekday is not None:
            return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    return None


def _last(year: int, month: int, day: int, newest: date) -> date | None:
    """The day, or the last one of the month or the year; without a year the latest that is not after `newest`."""
    try:
        if not year:
            first = date(newest.year, month, day or 1)
            year = newest.year if first <= newest else newest.year - 1
        return date(year, month or 12, day or monthrange(year, month or 12)[1])
    except (ValueError, IndexError):
        return None
