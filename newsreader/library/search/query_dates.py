"""The days that a reader types, for `date:` and to go to one: 2020-07, 2020年7月, July 2020, 昨天, last week, monday;
and the times that `date:` means by them, by 7d, and from one to another.

Decided only here: days are those of the reader's zone, weeks begin on Monday, and a month without a year is the last
one that has begun by the day of the newest story: in an archive of 2020 it is one of 2020.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, TypeAlias

from newsreader.script import fold

Span: TypeAlias = tuple[int | None, int | None]
"""From the first of these, before the second: milliseconds UTC."""

Newest: TypeAlias = Callable[[], date | None]
"""Tells the day of the newest story, if there is any."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_HAN_MONTHS: Final = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_WEEKDAYS: Final = (
    *("monday一月", "tuesday二火", "wednesday三水", "thursday四木"),
    *("friday五金", "saturday六土", "sunday日天"),
)
_DAYS_AGO: Final = {
    **dict.fromkeys(("today", "今天", "今日"), 0),
    **dict.fromkeys(("yesterday", "昨天", "昨日"), 1),
    **dict.fromkeys(("前天", "前日"), 2),
}
_AGO: Final = {
    **dict.fromkeys(("this", "本", "这", "这个", "今"), 0),
    **dict.fromkeys(("last", "上", "上个", "去", "昨"), 1),
    **dict.fromkeys(("上上", "上上个", "前"), 2),
}
_UNITS: Final = {
    **dict.fromkeys(("week", "周", "星期", "礼拜"), "week"),
    **dict.fromkeys(("month", "月"), "month"),
    **dict.fromkeys(("year", "年"), "year"),
}
_NO_MONTH: Final = 13
"""Of no year: a day alone means none."""
_HOURS: Final = {"h": 1, "d": 24, "w": 7 * 24, "y": 365 * 24}

_ago = re.compile(r"(\d{1,5})([hdwy])")
_numbers = re.compile(
    r"(?:(\d{4})(?:[-/.]| ?年 ?|$))?"
    r"(?:(\d{1,2})(?:[-/.]| ?月 ?|$)|([一二三四五六七八九十]{1,2})月)?"
    r"(?:(\d{1,2}) ?[日号]?)?",
    re.ASCII,
)
_named = re.compile(r"(?:(\d{4}) )?(?:(\d{1,2})\.? )?([a-z]{3,9})\.?(?: (\d{1,2}))?(?:,? (\d{4}))?", re.ASCII)
_weekday = re.compile(
    r"(?:last )?([a-z]{3,9})|(?:上个?)?(?:星期|周|礼拜)([一二三四五六日天])|(?:先周)?([月火水木金土日])曜日?"
)
_relative = re.compile(rf"({'|'.join(sorted(_AGO, key=len, reverse=True))}) ?({'|'.join(_UNITS)})")
_compare = re.compile(r"(>=|<=|≥|≤|>|<)? ?(.*)")
_between = re.compile(r" ?(?:\.\.+|~|至|到|\bto\b|--+| - ) ?")


def interval(text: str, now: datetime, zone: tzinfo, newest: Newest = lambda: None) -> Span | None:
    """The time that a text means, read now in a zone; None if it means none."""
    text = " ".join(fold(text).split())
    if (parts := _between.split(text, 1)) and len(parts) == 2:
        first, last = parts
        until = _span(last, now, zone, newest) if last else (None, None)
        since = _span(first, now, zone, _up_to(until and until[1], zone, newest)) if first else (None, None)
        if since is None or until is None or not (first or last):
            return None
        begin, end = since[0], until[1] if not _ago.fullmatch(last) else until[0]
        return None if begin is not None and end is not None and begin >= end else (begin, end)
    match = _compare.fullmatch(text)
    span = _span(match[2], now, zone, newest) if match else None
    if match is None or span is None:
        return None
    begin, end = span
    match match[1]:
        case ">=" | "≥":
            return begin, None
        case ">":
            return (begin if end is None else end), None
        case "<":
            return None, begin
        case "<=" | "≤":
            return None, (begin if end is None else end)
        case _:
            return begin, end


def _up_to(end: int | None, zone: tzinfo, newest: Newest) -> Newest:
    """The newest day of what begins an interval that ends there: 11月..2月 is of two years."""
    if end is None:
        return newest
    last = (_EPOCH + timedelta(milliseconds=end - 1)).astimezone(zone).date()
    return lambda: min(newest() or last, last)


def _span(text: str, now: datetime, zone: tzinfo, newest: Newest) -> Span | None:
    """The first millisecond of a day, week, month or year and the first after it; of "7d" when it was, with no end."""
    try:
        if ago := _ago.fullmatch(text):
            return _milliseconds(now - timedelta(hours=int(ago[1]) * _HOURS[ago[2]])), None
        found = days_meant(text, now.astimezone(zone).date(), newest)
        if found is None:
            return None
        begin, end = (_milliseconds(datetime.combine(day, time(), zone)) for day in found)
        return begin, end
    except (ValueError, OverflowError):
        return None


def days_meant(typed: str, today: date, newest: Newest) -> tuple[date, date] | None:
    """The first day that a text means, and the first after it; None if it means none."""
    text = " ".join(fold(typed).split())
    try:
        if text in _DAYS_AGO:
            return _day(today - timedelta(days=_DAYS_AGO[text]))
        if found := _relative.fullmatch(text):
            return _past(_AGO[found[1]], _UNITS[found[2]], today)
        if found := _numbers.fullmatch(text):
            month = _HAN_MONTHS.index(found[3]) + 1 if found[3] else int(found[2] or 0)
            return _dated(found[1], month, int(found[4] or 0), today, newest)
        if (found := _named.fullmatch(text)) and (month := _month(found[3])):
            return _dated(found[1] or found[5], month, int(found[2] or found[4] or 0), today, newest)
        if found := _weekday.fullmatch(text):
            name = found[1] or found[2] or found[3]
            for n, names in enumerate(_WEEKDAYS):
                if names.startswith(name) or name in names[-2:]:
                    return _day(today - timedelta(days=(today.weekday() - n - 1) % 7 + 1))
    except (ValueError, OverflowError):  # no such day, month or year
        pass
    return None


def _month(name: str) -> int:
    """The number of a month, 0 for a word that names none."""
    return next((n for n, month in enumerate(_MONTHS, 1) if month.startswith(name)), 0)


def _past(back: int, unit: str, today: date) -> tuple[date, date]:
    """So many weeks, months or years back."""
    if unit == "week":
        begin = today - timedelta(days=today.weekday() + 7 * back)
        return begin, begin + timedelta(days=7)
    if unit == "year":
        return date(today.year - back, 1, 1), date(today.year - back + 1, 1, 1)
    months = today.year * 12 + today.month - 1 - back
    return _calendar(months // 12, months % 12 + 1, 0)


def _dated(said: str | None, month: int, day: int, today: date, newest: Newest) -> tuple[date, date]:
    """A year, a month (0: all) and a day (0: all) of it; without a year the last that has begun."""
    if said:
        return _calendar(int(said), month, day)
    last = min(today, newest() or today)
    return _calendar(last.year - ((month, day or 1) > (last.month, last.day)), month or _NO_MONTH, day)


def _calendar(year: int, month: int, day: int) -> tuple[date, date]:
    """A year, a month (0: all) and a day (0: all) of it."""
    if day:
        return _day(date(year, month, day))
    if month:
        return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
    return date(year, 1, 1), date(year + 1, 1, 1)


def _day(day: date) -> tuple[date, date]:
    return day, day + timedelta(days=1)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
