"""The dates of items, in the spellings of many languages and servers.

What most feeds write is left to `newsreader.dates`. Decided only here: the months' names in a dozen languages; what a
zone's abbreviation means in a feed of some language, and whether its days come before its months; and which dates a
server only gives for want of one.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from newsreader.article import Precision
from newsreader.dates import EPOCH, parse_date
from newsreader.fetch.document import name_of

_EPOCH_YEAR: Final = 1970
_PUBLISHED: Final = (
    "pubdate",
    "published",
    "dcterms:issued",
    "issued",
    "dc:date",
    "date",
    "dcterms:created",
    "created",
)
_UPDATED: Final = ("updated", "modified", "dcterms:modified", "lastbuilddate")


class When(NamedTuple):
    """When an item was published and last changed; `day_only`: it names no hour."""

    published: datetime | None = None
    updated: datetime | None = None
    day_only: bool = False


class Dates:
    """Reads the dates of a feed in a language, given as a tag, "" if it is not known."""

    def __init__(self, language: str) -> None:
        self._language = language.strip().lower().replace("_", "-")

    def of(self, item: Element) -> When:
        """The dates of an item."""
        published, updated = self._first(item, _PUBLISHED), self._first(item, _UPDATED)
        if published is None:
            published = updated
        return When(
            published[0] if published else None,
            updated[0] if updated else None,
            bool(published and published[1] == "date"),
        )

    def _first(self, item: Element, names: tuple[str, ...]) -> tuple[datetime, Precision] | None:
        texts = ("".join(child.itertext()) for name in names for child in item if name_of(child) == name)
        return next((found for text in texts if (found := self.read(text)) is not None), None)

    def read(self, text: str) -> tuple[datetime, Precision] | None:
        """The moment that a text spells, if it does and is no stand-in for none."""
        found = read_date(text, self._language)
        return None if found is None or _is_for_want_of_one(found[0]) else found


def _is_for_want_of_one(moment: datetime) -> bool:
    """Whether it is where some calendar begins: year 1, Excel's and the databases' first days, 1970 in any zone."""
    if moment.year <= 1:
        return True
    day = moment.astimezone(UTC)
    if (day.year, day.month, day.day) in ((1899, 12, 30), (1900, 1, 1), (1601, 1, 1)):
        return (day.hour, day.minute, day.second) == (0, 0, 0)
    return abs(day - EPOCH) <= timedelta(hours=14) and (day - EPOCH) % timedelta(minutes=30) == timedelta(0)


# --- what the parts of a date mean --------------------------------------------------------------------------------

# How the months' names begin, without accents: English, German, French, Spanish, Portuguese, Italian, Dutch, Polish,
# Russian, Ukrainian, Czech, the languages of the North, Turkish, Hungarian, Romanian, Greek.
_MONTHS: Final = (
    "jan ene gen sty янв січ led tammi oca ian ιαν",
    "feb fev lut фев лют uno helmi sub φεβ",
    "mar mrt maa мар бер bre maalis μαρ",
    "apr avr abr kwi апр кві dub huhti nis απρ",
    "may mai maj mei mag май мая тра kve touko μαι",
    "jun jui juin giu cze июн чер cer kesa haz iun ιουν",
    "jul juil lug lip июл лип cervenec cervence heina tem iul ιουλ",
    "aug aou ago agu sie авг сер srp elo avg αυγ",
    "sep set wrz сен вер zar syys eyl szep σεπ",
    "oct okt out ott paz окт жов rij loka eki οκτ",
    "nov noi lis ноя лис marras kas νοε",
    "dec dez dic des gru дек гру pros joulu ara δεκ",
)
_BEGINNINGS: Final = {word: month for month, words in enumerate(_MONTHS, 1) for word in words.split()}
_HAN: Final = {
    name: n for n, name in enumerate(["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"], 1)
}
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ERAS: Final = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_AFTERNOON: Final = frozenset(("pm", "下午", "晚上", "午後", "오후", "中午"))
_MONTH_FIRST: Final = frozenset(("en", "en-us", "en-ph", "fil", "tl"))

# Hours from UTC, as feeds use the abbreviations; and what some mean in the feeds of a language.
_HOURS: Final[dict[str, float]] = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0),
    **{"hst": -10, "akst": -9, "akdt": -8, "pst": -8, "pdt": -7, "mst": -7, "mdt": -6, "cst": -6, "cdt": -5, "est": -5},
    **{
        "edt": -4,
        "ast": -4,
        "adt": -3,
        "nst": -3.5,
        "ndt": -2.5,
        "clt": -4,
        "brt": -3,
        "brst": -2,
        "art": -3,
        "cot": -5,
    },
    **{
        "pet": -5,
        "vet": -4,
        "bst": 1,
        "west": 1,
        "cet": 1,
        "mez": 1,
        "met": 1,
        "wat": 1,
        "cest": 2,
        "mesz": 2,
        "mest": 2,
    },
    **{
        "eet": 2,
        "cat": 2,
        "sast": 2,
        "eest": 3,
        "msk": 3,
        "msd": 4,
        "eat": 3,
        "trt": 3,
        "idt": 3,
        "irst": 3.5,
        "gst": 4,
    },
    **{
        "pkt": 5,
        "ist": 5.5,
        "npt": 5.75,
        "ict": 7,
        "wib": 7,
        "hkt": 8,
        "sgt": 8,
        "myt": 8,
        "pht": 8,
        "awst": 8,
        "jst": 9,
    },
    **{
        "kst": 9,
        "acst": 9.5,
        "acdt": 10.5,
        "aest": 10,
        "aedt": 11,
        "nzst": 12,
        "nzdt": 13,
        "北京时间": 8,
        "北京時間": 8,
    },
}
_LOCAL_HOURS: Final[dict[tuple[str, str], float]] = {
    **{("zh", "cst"): 8, ("he", "ist"): 2, ("ga", "ist"): 1, ("en-ie", "ist"): 1, ("bn", "bst"): 6, ("ar", "ast"): 3},
    **{("fil", "pst"): 8, ("tl", "pst"): 8, ("en-ph", "pst"): 8, ("en-au", "est"): 10, ("en-au", "edt"): 11},
}
_FURTHEST: Final = timedelta(hours=15)

# --- spellings ----------------------------------------------------------------------------------------------------

_LONGEST: Final = 100
_usual = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d"
    r" (?:GMT|UTC|Z|[+-](?:0\d|1[0-4])[0-5]\d)"
    r"|\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?",
    re.ASCII,
)
_epoch = re.compile(r"(\d{9,10})(\d{3})?(?:\d{3})?(?:\.\d*)?")
_basic = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:[t ]?(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)?(?:\.(?P<part>\d+))?(?P<rest>\D.*)?)?"
)
_clock = re.compile(
    r"(?P<half>上午|下午|中午|凌晨|早上|晚上|午前|午後|오전|오후|[ap]\.?m\.?(?![a-z]))?\s*"
    r"(?<![\d:.])(?P<h>\d{1,2})\s*(?:[:h]|時|时|點|点|시)\s*(?P<mi>\d{1,2})(?!\d)"
    r"(?:\s*[:分분]\s*(?P<s>\d{1,2})(?!\d)(?:[.,:](?P<part>\d+))?)?\s*[秒초분]?"
    r"\s*(?P<noon>[ap]\.?m\b\.?)?(?P<rest>.*)"
)
_hour = re.compile(r"(?<![\d:.])(?P<h>\d{1,2})\s*(?P<noon>[ap]\.?m\b\.?)(?P<rest>.*)")
_place = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-z]+/[A-Za-z_/+0-9-]+")
_offset = re.compile(r"(?<!\d)(?:utc|gmt)?\s*([+-])\s*-?(\d{1,2})(?::?([0-5]\d)(?::?[0-5]\d)?)?(?!\d)")
_lost_plus = re.compile(r"\s?()(\d\d):(\d\d)")
_bracket = re.compile(r"\([^)]*\)")
_word = re.compile(r"[^\W\d_]+")
_number = re.compile(r"(?<!\d)\d{1,4}(?!\d)")
_year_first = re.compile(r"(?<!\d)(\d{4})\s*(?:[-/.]|年|년|\s)\s*(\d{1,2})\s*(?:[-/.]|月|월|\s)\s*(\d{1,2})(?!\d)")
_year_last = re.compile(r"(?<!\d)(\d{1,2})\s*([-/.]|\s)\s*(\d{1,2})\s*(?:[-/.]|\s)\s*(\d{4}|\d\d)(?!\d)")
_east = re.compile(r"(?<!\d)(\d{1,2})\s*[月월]")
_era = re.compile(rf"({'|'.join(_ERAS)})\s*(\d{{1,3}}|元)\s*年")
_han_month = re.compile(r"(十[一二]?|[一二三四五六七八九])\s*月")


def read_date(text: str, language: str = "") -> tuple[datetime, Precision] | None:
    """The moment that a text spells, in UTC, or the day that it names, at its midnight in UTC; `language`: the feed's
    tag in small letters. Nothing raises."""
    text = text.strip()
    if len(text) > _LONGEST or not any(map(str.isdigit, text)):
        return None
    try:
        return parse_date(text) if _usual.fullmatch(text) else _by_parts(text, language)
    except (ValueError, OverflowError):
        return None


def _by_parts(original: str, language: str) -> tuple[datetime, Precision] | None:
    """A date told apart into its parts: the clock with what follows it, the year, the name of a month, the numbers."""
    place = _place.search(original)
    text = _folded(original.replace(place[0], " ") if place else original)
    if found := _basic.fullmatch(text):
        with suppress(ValueError):
            day = int(found[1]), int(found[2]), int(found[3])
            datetime(*day)
            if day[0] >= _EPOCH_YEAR:
                return _moment(day, found if found["h"] else None, _zone(found["rest"] or "", place, language))
    if found := _epoch.fullmatch(text):
        return EPOCH + timedelta(seconds=int(found[1]), milliseconds=int(found[2] or 0)), "time"
    clock = _clock.search(text) or _hour.search(text)
    rest = _bracket.sub(" ", clock["rest"]) if clock else ""
    day_text = f"{text[: clock.start()]} {_offset.sub(' ', rest)}" if clock else text
    is_american = bool(clock and clock["noon"]) and language[:2] in ("", "en")
    calendar_day = _day(day_text, is_american or language in _MONTH_FIRST)
    if calendar_day is None:
        return None
    return _moment(calendar_day, clock, _zone(clock["rest"] if clock else "", place, language))


def _folded(text: str) -> str:
    """In small letters of usual width, Latin and Greek ones without accents, eras as years, Han months as numbers."""
    text = unicodedata.normalize("NFKC", text).lower().replace("\u2212", "-").replace("\u2013", "-")
    if not text.isascii():
        text = "".join(base if (base := unicodedata.normalize("NFD", c)[0]) < "\u0400" else c for c in text)
        text = _era.sub(lambda era: f"{_ERAS[era[1]] + (1 if era[2] == '元' else int(era[2]))}年", text)
        text = _han_month.sub(lambda month: f"{_HAN[month[1]]}月", text)
    return text


def _day(text: str, month_first: bool) -> tuple[int, int, int] | None:
    """Year, month and day."""
    if found := _year_first.search(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _year_last.search(text):
        one, other, year = int(found[1]), int(found[3]), _year(found[4])
        return year, *_in_order(one, other, year, text, month_first and found[2] != ".")
    if found := re.search(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)", text):
        return int(found[1]), int(found[2]), int(found[3])
    named = [(word.start(), word.end(), month) for word in _word.finditer(text) if (month := _month(word[0]))]
    named += [(found.start(), found.end(), int(found[1])) for found in _east.finditer(text)]
    if not named:
        return None
    start, end, month = max(named)
    before = [int(n) if len(n) < 3 else n for n in _number.findall(text[:start])]
    after = [int(n) if len(n) < 3 else n for n in _number.findall(text[end:])]
    years = [n for n in (*after, *before) if isinstance(n, str)]
    days = [n for n in (*reversed(before), *after) if isinstance(n, int)]
    if years:
        return int(years[0]), month, days[0] if days else 1
    return (_year(f"{days[1]:02}"), month, days[0]) if len(days) > 1 else None


def _month(word: str) -> int | None:
    """The month that a word names."""
    return next((_BEGINNINGS[word[:n]] for n in range(8, 2, -1) if word[:n] in _BEGINNINGS), None)


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 70 else 1900)


def _in_order(one: int, other: int, year: int, text: str, month_first: bool) -> tuple[int, int]:
    """Month and day, which are two numbers in some order: the one that can be, that fits the weekday, that is usual."""
    possible = [(month, day) for month, day in ((one, other), (other, one)) if 1 <= month <= 12 and 1 <= day <= 31]
    if len(possible) == 2:
        weekday = next((n for n, name in enumerate(_WEEKDAYS) if re.search(rf"\b{name}", text)), None)
        fitting = [pair for pair in possible if _weekday(year, *pair) == weekday]
        if weekday is not None and len(fitting) == 1:
            return fitting[0]
        return possible[0 if month_first else 1]
    return possible[0] if possible else (one, other)


def _weekday(year: int, month: int, day: int) -> int | None:
    try:
        return datetime(year, month, day).weekday()
    except ValueError:
        return None


def _moment(day: tuple[int, int, int], clock: re.Match[str] | None, zone: tzinfo) -> tuple[datetime, Precision]:
    if clock is None:
        return datetime(*day, tzinfo=UTC), "date"
    part = {"half": None, "noon": None, "mi": None, "s": None, "part": None, **clock.groupdict()}
    half = (part["half"] or part["noon"] or "").replace(".", "")
    hour, minute, second = (int(part[name] or 0) for name in ("h", "mi", "s"))
    if half and hour <= 12:
        hour = hour % 12 + 12 * (half in _AFTERNOON and not (half == "中午" and hour == 11))
    micro = int((part["part"] or "").ljust(6, "0")[:6])
    # 24:00 is the next midnight (ISO 8601), :60 a leap second.
    extra = timedelta(days=hour // 24, seconds=second // 60)
    wall = datetime(*day, hour % 24, minute, min(second, 59), micro, zone)
    return (wall + extra).astimezone(UTC), "time"


def _zone(text: str, place: re.Match[str] | None, language: str) -> tzinfo:
    """What is told of the zone after the clock, UTC where that is nothing: a place, an offset, an abbreviation."""
    if place is not None:
        with suppress(KeyError, ValueError, OSError):
            return ZoneInfo(place[0])
    if found := _offset.search(_bracket.sub(" ", text)) or _lost_plus.fullmatch(text):
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return UTC if offset > _FURTHEST else timezone(-offset if found[1] == "-" else offset)
    for word in _word.findall(text):
        hours = _LOCAL_HOURS.get(
            (language, word), _LOCAL_HOURS.get((language.partition("-")[0], word), _HOURS.get(word))
        )
        if hours is not None:
            return timezone(timedelta(hours=hours))
    return UTC
