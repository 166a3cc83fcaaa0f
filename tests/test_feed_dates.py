"""The dates of feeds: every spelling that other readers met, in a dozen languages, and what a server gives for want of
one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.fetch.compose import compose, published_of
from newsreader.fetch.feed_dates import Dates, read_date
from newsreader.fetch.items import Item

SPELLINGS = """
Sun, 17 Dec 2017 1:55 PM EST | 2017-12-17T18:55:00
9 Dec 2016 12:00 GMT | 2016-12-09T12:00:00
Friday, December 22, 2017 - 3:09pm | 2017-12-22T15:09:00
Thu, 25 Feb 2016 00:00:00 Europe/Brussels | 2016-02-24T23:00:00
Mon, 09 Apr 2018, 16:04 | 2018-04-09T16:04:00
Di, 23 Jan 2018 00:00:00 +0100 | 2018-01-22T23:00:00
Do, 29 Mär 2018 00:00:00 +0200 | 2018-03-28T22:00:00
mer, 9 avr 2018 00:00:00 +0200 | 2018-04-08T22:00:00
1520932969 | 2018-03-13T09:22:49
Tue 16 Feb 2016, 23:16:00 EDT | 2016-02-17T03:16:00
Tue, Feb 16 2016 23:16:00 EDT | 2016-02-17T03:16:00
March 30 2020 07:02:38 PM | 2020-03-30T19:02:38
Mon, 30 Mar 2020 19:53 +0000 | 2020-03-30T19:53:00
Mon, 03/30/2020 - 19:19 | 2020-03-30T19:19:00
2018-12-12T12:12 | 2018-12-12T12:12:00
2020-11-08T16:20:00-05:00Z | 2020-11-08T21:20:00
Nov. 16, 2020, 10:57 a.m. | 2020-11-16T10:57:00
Friday 06 November 2020 | 2020-11-06
Mon, November 16, 2020, 11:12 PM EST | 2020-11-17T04:12:00
Lundi, 16. Novembre 2020 - 15:54 | 2020-11-16T15:54:00
Thu Nov 12 2020 17:00:00 GMT+0000 (Coordinated Universal Time) | 2020-11-12T17:00:00
Sat, 11 04 2020 08:51:49 +0100 | 2020-04-11T07:51:49
Mon, 16th Nov 2020 13:16:28 GMT | 2020-11-16T13:16:28
Nov. 2020 | 2020-11-01
ven., 03 juil. 2020 15:09:58 +0000 | 2020-07-03T15:09:58
Fri, 26/06/2020 | 2020-06-26
Thu, 29 Oct 2020 07:36:03 GMT-07:00 | 2020-10-29T14:36:03
jeu., 02 avril 2020 00:00:00 +0200 | 2020-04-01T22:00:00
Jan. 4, 2016, 12:37 p.m. | 2016-01-04T12:37:00
2018-10-23 04:07:42 +00:00 | 2018-10-23T04:07:42
5 August, 2019 | 2019-08-05
mar., 01 déc. 2020 16:11:02 +0000 | 2020-12-01T16:11:02
Thurs, 15 Oct 2020 00:00:39 +0000 | 2020-10-15T00:00:39
26 Sep 2022 GMT | 2022-09-26
Thu, June 22, 2023 at 01:11 PM EDT | 2023-06-22T17:11:00
Apr 16, 2023 08:01 GMT | 2023-04-16T08:01:00
09/15/2014 4:20 pm PST | 2014-09-16T00:20:00
Fri, 23rd Jun 2023 09:32:20 GMT | 2023-06-23T09:32:20
Sat, Oct 28 2023 08:28:28 PM | 2023-10-28T20:28:28
Monday, October 6, 2023 - 16:29 | 2023-10-06T16:29:00
10/30/23 21:55:58 | 2023-10-30T21:55:58
30.10.23 | 2023-10-30
2023-05-29 00:00:00-13:00 | 2023-05-29T13:00:00
2023-05-29 00:00:00+15:00 | 2023-05-28T09:00:00
2017-08-01 13:55:44.364419679 +0200 CEST | 2017-08-01T11:55:44
ma, 08 okt 2018 10:09:29 +0000 | 2018-10-08T10:09:29
Sun, 15 Dec 2024 12:15 PM | 2024-12-15T12:15:00
Thu, 02 Sep 2021 20:0:0 Z | 2021-09-02T20:00:00
Mon, 25 Jan 2016 1:35:20 -0800 | 2016-01-25T09:35:20
2020年02月01日 上午9:05 | 2020-02-01T09:05:00
2020年2月1日 下午03:05:06 | 2020-02-01T15:05:06
2020年2月1日(土) 10時05分 | 2020-02-01T10:05:00
令和2年2月1日 | 2020-02-01
2020년 2월 1일 오후 3:05 | 2020-02-01T15:05:00
토, 01 2월 2020 10:00:00 +0900 | 2020-02-01T01:00:00
土, 01 2月 2020 10:00:00 +0900 | 2020-02-01T01:00:00
周六, 01 二月 2020 10:00:00 +0800 | 2020-02-01T02:00:00
周六, 01 十二月 2020 10:00:00 +0800 | 2020-12-01T02:00:00
1 февраля 2020 г. 10:00 | 2020-02-01T10:00:00
Сб, 01 фев 2020 10:00:00 +0300 | 2020-02-01T07:00:00
sobota, 1 lutego 2020 10:00 | 2020-02-01T10:00:00
sáb, 01 feb 2020 10:00:00 +0100 | 2020-02-01T09:00:00
sábado, 1 de febrero de 2020, 10:00 | 2020-02-01T10:00:00
sexta-feira, 1 de maio de 2020 10:00 | 2020-05-01T10:00:00
za 1 februari 2020 10:00 | 2020-02-01T10:00:00
sab, 01 feb 2020 10:00:00 +0100 | 2020-02-01T09:00:00
martedì 3 marzo 2020 | 2020-03-03
mardi 3 mars 2020 à 10h30 | 2020-03-03T10:30:00
1er février 2020 | 2020-02-01
20200201T100000Z | 2020-02-01T10:00:00
20200201100000 | 2020-02-01T10:00:00
20200201 | 2020-02-01
1580551200000 | 2020-02-01T10:00:00
1580551200.5 | 2020-02-01T10:00:00
2016/6/29 15:07:41 | 2016-06-29T15:07:41
Sat Feb  1 10:00:00 CET 2020 | 2020-02-01T09:00:00
Sat, 01 Feb 20 10:00:00 GMT | 2020-02-01T10:00:00
Sat, 01 Feb 2020 23:59:60 GMT | 2020-02-02T00:00:00
15:04 02.01.2006 -0700 | 2006-01-02T22:04:00
2006-01-02T15:04:05:-0700 | 2006-01-02T22:04:05
Mon, 02 Jan 2006 15:04:05 --0700 | 2006-01-02T22:04:05
Mon, 02 Jan 2006 15:04:05 MST-07:00 | 2006-01-02T22:04:05
02 Monday, Jan 2006 15:04 | 2006-01-02T15:04:00
2006 January 02 | 2006-01-02
Mon,02 Jan 2006 15:04 MST | 2006-01-02T22:04:00
Sat, 01 Feb 2020 5pm EST | 2020-02-01T22:00:00
0000-00-00 00:00:00 | none
0001-01-01T00:00:00Z | 0001-01-01T00:00:00
Tue, | none
yesterday | none
2 hours ago | none
Κυρ, 01 Φεβ 2004 10:00:00 | 2004-02-01T10:00:00
2020. február 1. 10:00 | 2020-02-01T10:00:00
január 1, 2020 | 2020-01-01
Pá, 01 Čer 2020 10:00:00 +0200 | 2020-06-01T08:00:00
2020-02-01 at 10:00:05 | 2020-02-01T10:00:05
2020-02-01 10:00 (北京时间) | 2020-02-01T02:00:00
01.02.2020 10:00 Uhr | 2020-02-01T10:00:00
Samstag, 1. Februar 2020, 10:00 Uhr MEZ | 2020-02-01T09:00:00
Saturday 1st of February 2020 10:00:00 AM | 2020-02-01T10:00:00
2020-02-01T10:00:00 America/New_York | 2020-02-01T15:00:00
Sat, 1 Feb 2020 10:00:00 BST | 2020-02-01T09:00:00
Sat, 01 Feb 2020 10:00:00 GMT+0530 | 2020-02-01T04:30:00
2020-02-01T10:00:00.000+0000 | 2020-02-01T10:00:00
Sat, 01-Feb-2020 10:00:00 GMT | 2020-02-01T10:00:00
Wed, 11 Sep 2019 22:52:30+5:30 | 2019-09-11T17:22:30
Sat, 01 Feb 2020 10:00:00 CEST | 2020-02-01T08:00:00
2020-02-01T10:00:00Europe/Berlin | 2020-02-01T09:00:00
Sat, 01 Feb 2020 24:00:00 GMT | 2020-02-02T00:00:00
01 Feb 2020 10:00 AM EST | 2020-02-01T15:00:00
Fri, 31 Mar 2023 20:19:00 America/Los_Angeles | 2023-04-01T03:19:00
Sat 01 Feb, 2020 | 2020-02-01
2020-02-01+02:00 | 2020-02-01T02:00:00
2020-02-01Z | 2020-02-01
Sat, 1 Feb 2020 12:30 AM | 2020-02-01T00:30:00
2020/02/01 下午 3:05:06 | 2020-02-01T15:05:06
2020年2月1日 星期六 10:00 | 2020-02-01T10:00:00
Feb 1, 2020 10:00:00 AM GMT+1 | 2020-02-01T09:00:00
2020-02-01 10:00:00.0 | 2020-02-01T10:00:00
2020-02-01 10:00:00 +0100 CET | 2020-02-01T09:00:00
Sat, 01 Feb 2020 10:00:00 +01:00 | 2020-02-01T09:00:00
Sat, 01 Feb 2020 10:00:00 Z | 2020-02-01T10:00:00
Sat,01 Feb 2020 10:00:00 UT | 2020-02-01T10:00:00
Sat, 01 Febr 2020 10:00:00 | 2020-02-01T10:00:00
2020-W05-6 | none
2020-02-01T10:00:00 08:00 | 2020-02-01T02:00:00
"""


@pytest.mark.parametrize("line", SPELLINGS.strip().splitlines())
def test_spellings(line: str) -> None:
    text, _, wanted = line.rpartition(" | ")
    found = read_date(text)
    told = "none" if found is None else found[0].isoformat()[: 10 if found[1] == "date" else 19]
    assert told == wanted


@pytest.mark.parametrize(
    ("text", "language", "moment"),
    [
        ("Sat, 01 Feb 2020 10:00:00 CST", "zh-cn", "2020-02-01T02:00"),
        ("Sat, 01 Feb 2020 10:00:00 CST", "zh", "2020-02-01T02:00"),
        ("Sat, 01 Feb 2020 10:00:00 CST", "en-us", "2020-02-01T16:00"),
        ("Sat, 01 Feb 2020 10:00:00 IST", "en-in", "2020-02-01T04:30"),
        ("Sat, 01 Feb 2020 10:00:00 IST", "he", "2020-02-01T08:00"),
        ("Sat, 01 Feb 2020 10:00:00 IST", "ga", "2020-02-01T09:00"),
        ("Sat, 01 Feb 2020 10:00:00 BST", "en-gb", "2020-02-01T09:00"),
        ("Sat, 01 Feb 2020 10:00:00 BST", "bn", "2020-02-01T04:00"),
        ("01/02/2020", "en-us", "2020-01-02"),
        ("01/02/2020", "en-gb", "2020-02-01"),
        ("01/02/2020", "fr", "2020-02-01"),
        ("01/02/2020", "", "2020-02-01"),
        ("01.02.2020", "en-us", "2020-02-01"),
        ("13/02/2020", "en-us", "2020-02-13"),
        ("Thu, 01/02/2020", "", "2020-01-02"),  # the first of February was a Saturday
        ("01/02/2020 10:00 PM", "", "2020-01-02T22:00"),
    ],
)
def test_what_the_feed_s_language_decides(text: str, language: str, moment: str) -> None:
    found = read_date(text, language)
    assert found is not None
    assert found[0].isoformat().startswith(moment)


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 +0000",
        "Thu, 01 Jan 1970 01:00:00 +0100",
        "Wed, 31 Dec 1969 19:00:00 -0500",
        "1970-01-01T00:00:00+08:00",
        "0",
        "0000000000",
        "1900-01-01T00:00:00",
        "0000-00-00 00:00:00",
        "-0001-11-30T00:00:00+00:00",
        "Wed, 30 Nov -0001 00:00:00 +0000",
    ],
)
def test_what_is_given_for_want_of_a_date(text: str) -> None:
    assert Dates("").read(text) is None


def test_which_of_an_item_s_dates_counts() -> None:
    item = fromstring(
        "<item><lastBuildDate>2020-02-03T00:00:01Z</lastBuildDate><pubDate>soon</pubDate>"
        "<date xmlns='http://purl.org/dc/elements/1.1/'>2020-02-01</date></item>"
    )
    when = Dates("").of(item)
    assert (when.published, when.day_only) == (datetime(2020, 2, 1, tzinfo=UTC), True)
    assert when.updated == datetime(2020, 2, 3, 0, 0, 1, tzinfo=UTC)


def test_a_time_to_come_is_the_moment_that_it_was_first_seen() -> None:
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    for ahead, kept in ((timedelta(hours=23), True), (timedelta(days=2), False), (timedelta(days=20_000), False)):
        item = Item(title="x", published=now + ahead, updated=now + ahead, authors=("Lin An",))
        dump = compose(item, now=now)
        seen = now + ahead if kept else now
        assert dump.time_ms == int(seen.timestamp() * 1000)
        assert seen.isoformat().replace("+00:00", "Z") in dump.body
    missing = compose(Item(title="x"), now=now)
    assert missing.time_ms == int(now.timestamp() * 1000)
    later = compose(Item(title="x"), now=now + timedelta(days=3), first=now)
    assert later.time_ms == int((now + timedelta(days=3)).timestamp() * 1000)
    assert published_of(missing.body) == published_of(later.body) == now


@given(
    st.text()
    | st.text("0123456789-/.: TZ+年月日時分,上午下", max_size=40)
    | st.text("JanuryFebModay ,0123456789:+GMTpm", max_size=40)
)
def test_no_text_raises(text: str) -> None:
    for language in ("", "zh", "en-us"):
        found = read_date(text, language)
        assert found is None or found[0].tzinfo is not None
