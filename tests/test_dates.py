"""Every spelling of a date that dumps and feeds use, and the zone that each means."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.dates import BEIJING, EPOCH, PARIS, first_line_date, parse_date
from newsreader.dump import decode


def spelt(text: str, *, first_line: bool = False) -> str | None:
    found = first_line_date(text) if first_line else parse_date(text)
    if found is None:
        return None
    moment, precision = found
    assert moment.tzinfo is not None
    return moment.strftime("%Y-%m-%d") if precision == "date" else moment.astimezone(UTC).isoformat()


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("2025-02-13T04:12:14.526Z", "2025-02-13T04:12:14.526000+00:00"),  # DW
        ("2020年 7月 15日", "2020-07-15"),  # BBC
        ("2020年7月5日", "2020-07-05"),
        ("2020-07-20T10:20:18", "2020-07-20T10:20:18+00:00"),  # Reuters: UTC
        ("2020-07-13 17:12:52", "2020-07-13T09:12:52+00:00"),  # The New York Times: UTC+8
        ("Sun, 28 Jun 2020 09:01:35 GMT", "2020-06-28T09:01:35+00:00"),  # VOA
        ("09/07/2020 - 14:59", "2020-07-09T12:59:00+00:00"),  # RFI: Paris, summer
        ("09/02/2020 - 14:59", "2020-02-09T13:59:00+00:00"),  # winter
        ("40 分钟前", None),
        ("3 小时前", None),
        ("4天前", None),
        ("", None),
        ("林岸", None),
        ("公元79年", None),
        ("1556年", None),
    ],
)
def test_first_lines_of_dumps(line: str, moment: str | None) -> None:
    assert spelt(line, first_line=True) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Fri, 12 Jun 2020 02:07:26 +0000", "2020-06-12T02:07:26+00:00"),
        (" Fri, 12 Jun 2020 02:07:26 -0330 ", "2020-06-12T05:37:26+00:00"),
        ("12 Jun 2020 02:07 EST", "2020-06-12T07:07:00+00:00"),
        ("12 Jun 20 02:07:26 Z", "2020-06-12T02:07:26+00:00"),
        ("12 Jun 99 02:07:26 Z", "1999-06-12T02:07:26+00:00"),
        ("Wed, 15 Jul 2020 08:10:00 +0800 (CST)", "2020-07-15T00:10:00+00:00"),
        ("Wednesday, 15-Jul-20 08:10:00 GMT", "2020-07-15T08:10:00+00:00"),
        ("Sun Jun 28 09:01:35 2020", "2020-06-28T09:01:35+00:00"),
        ("June 28, 2020", "2020-06-28"),
        ("Jun. 28, 2020, 9:01 p.m.", "2020-06-28T21:01:00+00:00"),
        ("Sunday, June 28th, 2020 at 12:01 AM", "2020-06-28T00:01:00+00:00"),
        ("28 June 2020", "2020-06-28"),
        ("2020-07-15", "2020-07-15"),
        ("2020/7/5 9:05", "2020-07-05T09:05:00+00:00"),
        ("2020.07.15", "2020-07-15"),
        ("2020-07-15T10:00Z", "2020-07-15T10:00:00+00:00"),
        ("2020-07-15t10:00:00z", "2020-07-15T10:00:00+00:00"),
        ("2020-07-15T10:00:00.123456789+08:00", "2020-07-15T02:00:00.123456+00:00"),
        ("2020-07-15T10:00:00+0800", "2020-07-15T02:00:00+00:00"),
        ("2020-07-15T10:00:00-08", "2020-07-15T18:00:00+00:00"),
        ("2020-07-15 10:00:00 UTC", "2020-07-15T10:00:00+00:00"),
        ("2020-07-15 10:00:00 UTC+8", "2020-07-15T02:00:00+00:00"),
        ("2020-07-15 10:00 (北京时间)", "2020-07-15T02:00:00+00:00"),
        ("20200720T102018Z", "2020-07-20T10:20:18+00:00"),
        ("20200720", "2020-07-20"),
        ("2020年7月15日 星期三 15:05", "2020-07-15T15:05:00+00:00"),
        ("2020年7月15日（水）15時05分", "2020-07-15T15:05:00+00:00"),
        ("2020年7月15日 下午3:05", "2020-07-15T15:05:00+00:00"),
        ("2020年7月15日 上午12:05", "2020-07-15T00:05:00+00:00"),
        ("2020年7月15日 中午12:05", "2020-07-15T12:05:00+00:00"),
        ("2020년 7월 15일 오후 3:05", "2020-07-15T15:05:00+00:00"),
        ("２０２０年７月１５日", "2020-07-15"),
        ("14.07.2020", "2020-07-14"),
        ("14-07-2020 10:00", "2020-07-14T10:00:00+00:00"),
        ("07/14/2020", "2020-07-14"),
        ("1739420223000", "2025-02-13T04:17:03+00:00"),
        ("1739420223", "2025-02-13T04:17:03+00:00"),
        ("2020-07-15T24:00:00Z", "2020-07-16T00:00:00+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("2020-02-29", "2020-02-29"),
        ("2019-02-29", None),
        ("2020-13-45", None),
        ("0000-00-00", None),
        ("0000-00-00T00:00:00Z", None),
        ("9999-12-31T23:59:59-08:00", None),
        ("2020-07-15T24:00:01Z", None),
        ("2020-07-15T10:61:00Z", None),
        ("2020-07-15T10:00:61Z", None),
        ("2020-07-15T10:00:00+99:00", None),
        ("2020-07-15 10:00 XYZ", None),
        ("2020-07-15 in the harbour", None),
        ("10:20", None),
        ("yesterday", None),
        ("\x00", None),
    ],
)
def test_dates_of_feeds_and_pages(text: str, moment: str | None) -> None:
    assert spelt(text) == moment


def test_a_spelling_without_a_zone_takes_the_one_that_is_given() -> None:
    assert parse_date("2020-07-15 10:00", zone=BEIJING) == (datetime(2020, 7, 15, 2, tzinfo=UTC), "time")
    assert parse_date("2020-07-15 10:00Z", zone=BEIJING) == (datetime(2020, 7, 15, 10, tzinfo=UTC), "time")
    day = parse_date("2020-07-15", zone=PARIS)
    assert day is not None
    assert day[0].isoformat() == "2020-07-15T00:00:00+02:00"


def test_day_and_month_change_places_only_where_both_are_possible() -> None:
    third_of_april, fourth_of_march = datetime(2020, 4, 3, tzinfo=UTC), datetime(2020, 3, 4, tzinfo=UTC)
    assert parse_date("3/4/2020") == (third_of_april, "date")
    assert parse_date("3/4/2020", dayfirst=False) == (fourth_of_march, "date")
    assert (
        parse_date("25/4/2020", dayfirst=False)
        == parse_date("4/25/2020")
        == (datetime(2020, 4, 25, tzinfo=UTC), "date")
    )


def test_paris_is_right_without_a_zone_database() -> None:
    try:
        database = ZoneInfo("Europe/Paris")
    except KeyError:
        pytest.skip("this machine has no zone database to compare with")
    chance = random.Random(1)
    for _ in range(20_000):
        second = chance.randrange(820_454_400, 2_145_916_800)  # 1996 to 2037
        wall = (EPOCH + timedelta(seconds=second)).replace(tzinfo=None, fold=chance.randrange(2))
        assert wall.replace(tzinfo=PARIS).utcoffset() == wall.replace(tzinfo=database).utcoffset(), wall
        instant = EPOCH + timedelta(seconds=second)
        assert instant.astimezone(database).replace(tzinfo=None) == instant.astimezone(PARIS).replace(tzinfo=None)
    assert datetime(2020, 7, 1, tzinfo=PARIS).tzname() == "CEST"


moments = st.datetimes(
    min_value=datetime(1000, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)
) | st.datetimes(
    min_value=datetime(1000, 1, 2),
    max_value=datetime(9999, 12, 30),
    timezones=st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@given(moments)
def test_what_machines_write_is_read_back(moment: datetime) -> None:
    assert parse_date(moment.isoformat()) == (moment, "time")
    whole = moment.replace(microsecond=0)
    assert parse_date(whole.strftime("%a, %d %b %Y %H:%M:%S %z")) == (whole, "time")
    assert parse_date(whole.strftime("%d/%m/%Y - %H:%M:%S %z")) == (whole, "time")


@given(
    st.text()
    | st.text("0123456789-/.: TZ+年月日時分,", max_size=40)
    | st.text("JanuryFebModay ,0123456789:", max_size=40)
)
def test_no_text_raises(text: str) -> None:
    for found in (parse_date(text), parse_date(text, dayfirst=False), first_line_date(text)):
        assert found is None or found[0].tzinfo is not None


def test_first_lines_of_a_real_archive_are_not_later_than_the_feed(corpus_dumps: list[tuple[str, bytes]]) -> None:
    read: Counter[str] = Counter()
    for path, data in corpus_dumps:
        dump = decode(data)
        first = re.match(r"<div>(?:<i>)?(?:[^<]*<br>)?([^<]*[0-9][^<]*)<", dump.body)
        if first is None:
            continue
        found = first_line_date(first[1])
        assert found is not None, path
        assert dump.time_ms is not None, path
        late = (EPOCH + timedelta(milliseconds=dump.time_ms)) - found[0]
        assert timedelta(0) <= late < timedelta(days=60), (path, late)
        read[path.split("/")[1]] += 1
    print(f"{read.total()} first lines: {dict(read)}")
    assert read.total() > 850


def test_long_text_is_no_date() -> None:
    for text in ("1" * 5_000_000, " " * 5_000_000, "2020-07-15 " * 500_000, "Mon, " * 1_000_000, "年" * 5_000_000):
        assert parse_date(text) is None
    assert parse_date(" " * 40 + "2020-07-15" + " " * 40) is not None
