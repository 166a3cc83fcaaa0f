"""The spellings of dates in dumps and feeds -> aware datetimes.

Decided only here: which zone and which order of day and month a spelling without them means. Nothing raises; what is no
date is None.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from newsreader.article import Precision

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
BEIJING: Final = timezone(timedelta(hours=8), "UTC+08:00")


def since_epoch(seconds: float) -> datetime:
    """The moment so many seconds after 1970 began, no earlier than that and not much later than 2096: read from a file,
    they may be any number."""
    return EPOCH + timedelta(seconds=min(max(seconds, 0.0), 4e9))


class _Paris(tzinfo):
    """Europe/Paris by the rule of the European Union since 1996 (directive 2000/84/EC), which needs no zone database:
    summer time from the last Sunday of March to the last of October, each time at 01:00 UTC."""

    def utcoffset(self, when: datetime | None) -> timedelta:
        return timedelta(hours=1) + self.dst(when)

    def dst(self, when: datetime | None) -> timedelta:
        if when is None:
            return timedelta(0)
        return self._summer(when.replace(tzinfo=None), 3 - when.fold)

    def tzname(self, when: datetime | None) -> str:
        return "CEST" if self.dst(when) else "CET"

    def fromutc(self, when: datetime) -> datetime:
        utc = when.replace(tzinfo=None)
        summer = self._summer(utc, 1)
        repeated = not summer and bool(self._summer(utc - timedelta(hours=1), 1))
        return (when + timedelta(hours=1) + summer).replace(fold=int(repeated))

    @staticmethod
    def _summer(when: datetime, hour: int) -> timedelta:
        """What the clock is ahead at `when`, if it changes at that hour of the two Sundays."""
        starts, ends = (datetime(when.year, month, 31, hour) for month in (3, 10))
        starts, ends = (last - timedelta(days=last.isoweekday() % 7) for last in (starts, ends))
        return timedelta(hours=1 if starts <= when < ends else 0)


PARIS: Final = _Paris()

# --- Spellings ------------------------------------------------------------------------------------------------------

_LONGEST: Final = 100  # no date is longer, and none of the expressions below costs more than this squared
_TIME: Final = (
    r"(?P<half>上午|下午|中午|凌晨|早上|晚上|午前|午後|오전|오후)?\s*(?P<h>\d{1,2})(?:(?::|[时時点點시]\s*)(?P<mi>\d{2})"
    r"(?:(?::|[分분]\s*)(?P<s>\d{2})(?:[.,](?P<part>\d{1,9}))?)?)\s*[分秒분초]?\s*(?P<noon>[ap]\.?m\.?)?"
)
_ZONE: Final = (
    r"\s*(?P<zone>Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{1,5}|[（(]?北京时间[）)]?)?(?:\s*\([A-Z +-:0-9]*\))?"
)
_MONTH: Final = r"(?P<name>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_WEEKDAY: Final = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\.?,?\s*)?"


def _spelling(day: str, between: str) -> str:
    return f"{day}(?:{between}{_TIME}{_ZONE})?"


_ISO: Final = _spelling(r"(?P<y>\d{4})[-/.](?P<mo>\d{1,2})[-/.](?P<d>\d{1,2})", r"(?P<sep>\s*T\s*|\s*,?\s+)")
_DAY_FIRST: Final = _spelling(r"(?P<d>\d{1,2})[-/.](?P<mo>\d{1,2})[-/.](?P<y>\d{4})", r"(?P<sep>\s*-\s*|\s*,?\s+)")
# Each is tried in turn on the whole text.
_SPELLINGS: Final = (
    _ISO,
    _DAY_FIRST,
    # RFC 822 and its relatives: Sun, 28 Jun 2020 09:01:35 GMT
    _spelling(
        rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_MONTH}[\s,-]+(?P<y>\d{{4}}|\d\d)", r",?\s+(?:at\s+)?"
    ),
    _spelling(rf"{_WEEKDAY}{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})", r",?\s+(?:at\s+)?"),
    # Chinese, Japanese, Korean: 2020年 7月 15日
    _spelling(
        r"(?P<y>\d{4})\s*[年년]\s*(?P<mo>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日号號일]"
        r"\s*(?:[（(]?(?:星期|周|週|礼拜|禮拜)?[一二三四五六日天月火水木金土월화수목금토](?:曜日|요일)?[）)]?)?",
        r"\s*,?\s*",
    ),
    # C's asctime: Sun Jun 28 09:01:35 2020
    rf"{_WEEKDAY}{_MONTH}\s+(?P<d>\d{{1,2}})\s+(?P<h>\d\d):(?P<mi>\d\d):(?P<s>\d\d)\s+(?P<y>\d{{4}})",
    # ISO 8601, basic: 20200720T102018Z
    rf"(?P<y>\d{{4}})(?P<mo>\d\d)(?P<d>\d\d)(?:T?(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)?{_ZONE})?",
    r"(?P<epoch>\d{10}(?:\d{3})?)",  # seconds or milliseconds
)

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_AFTERNOON: Final = frozenset(("下午", "晚上", "午後", "오후", "p"))
_NARROW: Final = str.maketrans("０１２３４５６７８９：／－．，\u2212\u2013", "0123456789:/-.,--")
# Hours from UTC. Those of RFC 822 as it has them; the rest as feeds use them.
_ZONES: Final = {
    **dict.fromkeys(("", "z", "ut", "utc", "gmt", "wet"), 0.0),
    **{"est": -5.0, "edt": -4.0, "cst": -6.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0},
    **{"bst": 1.0, "west": 1.0, "cet": 1.0, "cest": 2.0, "mez": 1.0, "mesz": 2.0, "eet": 2.0, "eest": 3.0, "msk": 3.0},
    **{"ist": 5.5, "hkt": 8.0, "sgt": 8.0, "jst": 9.0, "kst": 9.0, "aest": 10.0, "aedt": 11.0, "北京时间": 8.0},
}


def parse_date(text: str, *, zone: tzinfo = UTC, dayfirst: bool = True) -> tuple[datetime, Precision] | None:
    """The moment that `text` spells, or None; in UTC if it has a time of day, else midnight in `zone`, as a "date".

    `zone` is for spellings that name none. `dayfirst` decides what 3/4/2020 is, where both are possible.
    """
    found = _match(text)
    return None if found is None else _moment(found, zone, dayfirst)


def first_line_date(text: str) -> tuple[datetime, Precision] | None:
    """`parse_date` for the first line of a dump's body, where the spelling tells the newsroom and so the zone:
    2020-07-20T10:20:18 is UTC, 2020-07-13 17:12:52 is UTC+8, 09/07/2020 - 14:59 is Europe/Paris."""
    found = _match(text)
    if found is None:
        return None
    zone: tzinfo = UTC
    if found.re.pattern == _ISO and found["h"] and "T" not in found["sep"].upper():
        zone = BEIJING
    elif found.re.pattern == _DAY_FIRST and found["h"] and "-" in found["sep"]:
        zone = PARIS
    return _moment(found, zone, dayfirst=True)


def _match(text: str) -> re.Match[str] | None:
    if len(text) > _LONGEST:
        return None
    text = " ".join(text.translate(_NARROW).split())
    for spelling in _SPELLINGS:
        if found := re.fullmatch(spelling, text, re.IGNORECASE):
            return found
    return None


def _moment(found: re.Match[str], zone: tzinfo, dayfirst: bool) -> tuple[datetime, Precision] | None:
    part = found.groupdict()
    if digits := part.get("epoch"):
        return EPOCH + timedelta(milliseconds=int(digits.ljust(13, "0"))), "time"
    try:
        year, month, day = _day(part, dayfirst or found.re.pattern != _DAY_FIRST)
        if part.get("h") is None:
            return datetime(year, month, day, tzinfo=zone), "date"
        named = _named_zone(part.get("zone"), zone)
        hour, minute, second = _hour(part), int(part["mi"]), int(part["s"] or 0)
        micro = int((part.get("part") or "").ljust(6, "0")[:6])
        # 24:00 is the next midnight (ISO 8601), :60 a leap second
        extra = timedelta(days=hour // 24, seconds=second // 60)
        if hour == 24 and (minute or second):
            return None
        wall = datetime(year, month, day, hour % 24, minute, 59 if second == 60 else second, micro, named)
        return (wall + extra).astimezone(UTC), "time"
    except (ValueError, OverflowError):
        return None


def _day(part: dict[str, str | None], dayfirst: bool) -> tuple[int, int, int]:
    year, day = int(part["y"] or 0), int(part["d"] or 0)
    name = part.get("name")
    month = _MONTHS.index(name.lower()) + 1 if name else int(part["mo"] or 0)
    if year < 100 and len(part["y"] or "") == 2:
        year += 2000 if year < 70 else 1900
    if (not dayfirst and day <= 12) or month > 12 >= day:
        day, month = month, day
    return year, month, day


def _hour(part: dict[str, str | None]) -> int:
    hour = int(part["h"] or 0)
    half = (part.get("half") or part.get("noon") or "").lower()
    if not half or hour > 12:
        return hour
    afternoon = half in _AFTERNOON or half[0] == "p" or (half == "中午" and hour < 10)
    return hour % 12 + (12 if afternoon or (half == "中午" and hour == 12) else 0)


def _named_zone(name: str | None, zone: tzinfo) -> tzinfo:
    """The zone of that name; unknown names are ValueError."""
    if name is None:
        return zone
    name = name.strip("()（） ").lower()
    offset = re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d\d)?", name)
    if offset is None:
        if name not in _ZONES:
            raise ValueError(name)
        return UTC if not _ZONES[name] else timezone(timedelta(hours=_ZONES[name]))
    minutes = int(offset[2]) * 60 + int(offset[3] or 0)
    return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
