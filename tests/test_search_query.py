"""The language of searches: what a query means, and that a malformed one says what is wrong and where."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.errors import BadQuery
from newsreader.library.search.query import (
    FAULTS,
    And,
    Dates,
    Is,
    Length,
    Node,
    Not,
    Or,
    Tag,
    Text,
    parse,
)
from newsreader.library.search.query_dates import days_meant, interval
from newsreader.library.search.query_pieces import being_typed, literal, operators

NOW = datetime(2025, 3, 9, 15, 30, tzinfo=UTC)
EAST = timezone(timedelta(hours=8))


def read(query: str) -> Node:
    return parse(query, NOW, UTC)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize(
    ("query", "meaning"),
    [
        ("", And(())),
        ("海港", Text(("海", "港"))),
        ("臺灣", Text(("台", "湾"))),
        ("Ferry", Text(("ferry",), typed="ferry")),
        ("ferr*", Text(("ferr",), prefix=True, typed="ferr")),
        ("海港*", Text(("海", "港"))),
        ("“the Night ferry”", Text(("the", "night", "ferry"), quoted=True)),
        ("covid-19", Or((Text(("covid", "-", "19")), Text(("covid19",))))),
        ("F16机", Or((Text(("f16", "机")), Text(("f", "-", "16", "机"))))),
        ("2020-07", Text(("2020", "-", "07"))),
        ('"covid-19"', Text(("covid", "-", "19"), quoted=True)),
        ("xi'an", Text(("xi", "'", "an"), typed="xi'an")),
        ("xi1an1", Text(("xi1an1",), typed="xi'an")),
        ("ferry 海港", And((Text(("ferry",), typed="ferry"), Text(("海", "港"))))),
        ("海 AND 港", And((Text(("海",)), Text(("港",))))),
        ("-海", Not(Text(("海",)))),
        ("海 OR 港 河", Or((Text(("海",)), And((Text(("港",)), Text(("河",))))))),
        ("海 （港 OR -河）", And((Text(("海",)), Or((Text(("港",)), Not(Text(("河",)))))))),
        ("（海 OR 港）－河", And((Or((Text(("海",)), Text(("港",)))), Not(Text(("河",)))))),
        ("title:「夜航」", Text(("夜", "航"), field="title", quoted=True)),
        ("source：南湖", Text(("南", "湖"), field="source")),
        ('Topic:"night work"', Text(("night", "work"), field="topic", quoted=True)),
        ("ｔｏｐｉｃ：海", Text(("海",), field="topic")),
        ("topic: 海", And((Text(("topic", ":")), Text(("海",))))),
        ("date:last week 海", And((Dates(at(2025, 2, 24), at(2025, 3, 3)), Text(("海",))))),
        ("length:>2千", Length(2001, None)),
        ("length:<=500", Length(None, 500)),
        ("length:500..2k", Length(500, 2000)),
        ("tag:Später", Tag("spater")),
        ("is:unread", Is("unread")),
        ("has:IMAGE", Text(("image",), field="has")),
        ("https://harbour.example", Text(("https", ":", "/", "/", "harbour", ".", "example"))),
        ("--海", Not(Text(("-", "海")))),  # the second minus is a sign like any other
        ("12:30", Text(("12", ":", "30"))),
        # Pieces of headlines
        ("海 - 港", And((Text(("海",)), Text(("-",)), Text(("港",))))),
        ("海 －", And((Text(("海",)), Text(("-",))))),
        ("海 -港", And((Text(("海",)), Not(Text(("港",)))))),
        ('海 "港', And((Text(("海",)), Text(('"', "港"))))),
        ("IMF：海", Text(("imf", ":", "海"))),
        ("CNN:red", Text(("cnn", ":", "red"))),
        ("海 NOT 港", And((Text(("海",)), Not(Text(("港",)))))),
        ("海 不含 港", And((Text(("海",)), Not(Text(("港",)))))),
        ("海 或 港", Or((Text(("海",)), Text(("港",))))),
        ("海或港", Text(("海", "或", "港"))),
        # What can be no operator where it stands
        ("海 (港", And((Text(("海",)), Text(("(",)), Text(("港",))))),
        ("海) 港", And((Text(("海",)), Text((")",)), Text(("港",))))),
        ("()", And((Text(("(",)), Text((")",))))),
        ("OR 海", And((Text(("or",), typed="or"), Text(("海",))))),
        ("海 OR OR 港", Or((And((Text(("海",)), Text(("or",), typed="or"))), Text(("港",))))),
        ("海 ＯＲ 港", Or((Text(("海",)), Text(("港",))))),
        ("海 NOT", And((Text(("海",)), Text(("not",), typed="not")))),
        ("\u200b海 \u200b", And((Text(("海",)), And(())))),
        ("DO NOT", And((Text(("do",), typed="do"), Text(("not",), typed="not")))),
    ],
)
def test_a_query_means(query: str, meaning: Node) -> None:
    assert read(query) == meaning


@pytest.mark.parametrize(
    ("query", "why", "position"),
    [
        ("海 source:", "empty-field", 9),
        ("date:soon", "bad-date", 5),
        ("date:2025-13", "bad-date", 5),
        ("is:late", "bad-is", 3),
        ("has:hope", "bad-has", 4),
        ("length:2000", "bad-length", 7),
        ("length:>2000..3000", "bad-length", 7),
        ("length:..", "bad-length", 7),
        ("海 *", "nothing-to-find", 2),
        ("\u200b", "nothing-to-find", 0),
        ("海 " * 65, "too-long", 128),
        ("港 " + "海" * 401, "too-long", 2),
        ("(" * 40 + "海" + ")" * 40, "too-long", 25),
    ],
)
def test_a_malformed_query_says_what_is_wrong_and_where(query: str, why: str, position: int) -> None:
    with pytest.raises(BadQuery) as caught:
        read(query)
    assert (caught.value.why, caught.value.position) == (why, position)


@given(st.text(st.sampled_from('海港ab*-"“”（）()OR :.>=<7d2025isource\u200b\n\x00')) | st.text())
def test_any_text_is_a_query_or_a_bad_query_with_its_place(text: str) -> None:
    try:
        read(text)
    except BadQuery as error:
        fault = error
    else:
        return
    assert fault.why in FAULTS
    assert 0 <= fault.position <= len(text)


@pytest.mark.parametrize(
    ("value", "since", "until"),
    [
        ("2025", at(2025, 1, 1), at(2026, 1, 1)),
        ("2025-02", at(2025, 2, 1), at(2025, 3, 1)),
        ("2024-12", at(2024, 12, 1), at(2025, 1, 1)),
        ("2025-02-03", at(2025, 2, 3), at(2025, 2, 4)),
        ("2025年2月3日", at(2025, 2, 3), at(2025, 2, 4)),
        (">=2025-02-01", at(2025, 2, 1), None),
        (">2025-02", at(2025, 3, 1), None),
        ("<2025-02", None, at(2025, 2, 1)),
        ("<=2025-02-01", None, at(2025, 2, 2)),
        ("2024..2025-02", at(2024, 1, 1), at(2025, 3, 1)),
        ("..2025", None, at(2026, 1, 1)),
        ("2025-03-01..", at(2025, 3, 1), None),
        ("today", at(2025, 3, 9), at(2025, 3, 10)),
        ("yesterday", at(2025, 3, 8), at(2025, 3, 9)),
        ("7d", at(2025, 3, 2, 15, 30), None),
        ("<2w", None, at(2025, 2, 23, 15, 30)),
        ("昨日", at(2025, 3, 8), at(2025, 3, 9)),
        ("7月", at(2024, 7, 1), at(2024, 8, 1)),
        ("三月", at(2025, 3, 1), at(2025, 4, 1)),
        ("２０２０年７月", at(2020, 7, 1), at(2020, 8, 1)),
        ("7月20日", at(2024, 7, 20), at(2024, 7, 21)),
        ("上週", at(2025, 2, 24), at(2025, 3, 3)),
        ("上上个星期", at(2025, 2, 17), at(2025, 2, 24)),
        ("this week", at(2025, 3, 3), at(2025, 3, 10)),
        ("last month", at(2025, 2, 1), at(2025, 3, 1)),
        ("去年", at(2024, 1, 1), at(2025, 1, 1)),
        ("July 2020", at(2020, 7, 1), at(2020, 8, 1)),
        ("3 Sept 2020", at(2020, 9, 3), at(2020, 9, 4)),
        ("Sept 3, 2020", at(2020, 9, 3), at(2020, 9, 4)),
        ("dec", at(2024, 12, 1), at(2025, 1, 1)),
        ("last monday", at(2025, 3, 3), at(2025, 3, 4)),
        ("周六..", at(2025, 3, 8), None),
        ("dec..jan", at(2024, 12, 1), at(2025, 2, 1)),
        ("2020年7月至上月", at(2020, 7, 1), at(2025, 3, 1)),
        ("July 2020 to yesterday", at(2020, 7, 1), at(2025, 3, 9)),
        ("2w..1w", at(2025, 2, 23, 15, 30), at(2025, 3, 2, 15, 30)),
    ],
)
def test_a_date_means(value: str, since: int | None, until: int | None) -> None:
    assert interval(value, NOW, UTC) == (since, until)


@pytest.mark.parametrize(
    ("value", "since", "until"),
    [
        ("7月", at(2020, 7, 1), at(2020, 8, 1)),
        ("8月", at(2019, 8, 1), at(2019, 9, 1)),
        ("3 July..昨天", at(2020, 7, 3), at(2025, 3, 9)),
        ("2月29日", at(2020, 2, 29), at(2020, 3, 1)),
        ("last month", at(2025, 2, 1), at(2025, 3, 1)),
        ("9月..2月", at(2019, 9, 1), at(2020, 3, 1)),
        ("7月..8月", at(2019, 7, 1), at(2019, 9, 1)),
        ("8月..昨天", at(2019, 8, 1), at(2025, 3, 9)),
        ("8月..", at(2019, 8, 1), None),
    ],
)
def test_in_an_old_archive_a_month_without_a_year_is_one_of_it(value: str, since: int, until: int) -> None:
    assert interval(value, NOW, UTC, lambda: date(2020, 7, 20)) == (since, until)
    assert interval("7月", NOW, UTC, lambda: date(2026, 7, 20)) == (at(2024, 7, 1), at(2024, 8, 1))


def last_day(typed: str, today: date, newest: date) -> str | None:
    meant = days_meant(typed, today, lambda: newest)
    return str(meant[1] - timedelta(days=1)) if meant else None


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("today", "2026-02-13"),
        ("昨天", "2026-02-12"),
        ("Yesterday", "2026-02-12"),
        ("last monday", "2026-02-09"),
        ("friday", "2026-02-06"),
        ("周一", "2026-02-09"),
        ("上週五", "2026-02-06"),
        ("土曜日", "2026-02-07"),
        ("2020-07", "2020-07-31"),
        ("2020年7月3日", "2020-07-03"),
        ("7月", "2025-07-31"),
        ("2月", "2026-02-28"),
        ("2月14日", "2025-02-14"),
        ("2020", "2020-12-31"),
        ("3 July", "2025-07-03"),
        ("jan", "2026-01-31"),
        ("july 3, 2020", "2020-07-03"),
        ("2020-13", None),
        ("2020-02-30", None),
        ("0000", None),
        ("lamp", None),
        ("", None),
        ("2", "2026-02-28"),
        ("一", None),
        ("day", None),
        ("15日", None),
        ("2020 年 7 月 3 日", "2020-07-03"),
        ("7-3", "2025-07-03"),
        ("3. July", "2025-07-03"),
        ("2020 july 3", "2020-07-03"),
        ("先週月曜日", "2026-02-09"),
        ("last week", "2026-02-08"),
    ],
)
def test_which_day_is_meant(typed: str, day: str | None) -> None:
    assert last_day(typed, date(2026, 2, 13), date(2026, 2, 14)) == day


@pytest.mark.parametrize(
    ("typed", "day"),
    [("7月15日", "2020-07-15"), ("8月", "2019-08-31"), ("3 July", "2020-07-03"), ("昨天", "2026-02-12")],
)
def test_in_an_old_archive_a_day_without_a_year_is_one_of_it(typed: str, day: str) -> None:
    assert last_day(typed, date(2026, 2, 13), date(2020, 7, 20)) == day


@given(st.text(max_size=12))
def test_any_text_means_a_day_or_none(typed: str) -> None:
    meant = days_meant(typed, date(2024, 2, 29), lambda: date(1, 1, 1))
    assert meant is None or meant[0] < meant[1]


def test_days_are_those_of_the_readers_zone() -> None:
    assert interval("today", NOW, EAST) == (at(2025, 3, 8, 16), at(2025, 3, 9, 16))
    assert interval("2025-02-03", NOW, EAST) == (at(2025, 2, 2, 16), at(2025, 2, 3, 16))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "ju 2020 x",
        "31 feb 2020",
        "上年周",
        "2025-13",
        "2025-02-30",
        "..",
        "9999999y",
        "99999y",
        "0000",
        ">",
        "1..x",
        "2026..2025",
    ],
)
def test_no_date(value: str) -> None:
    assert interval(value, NOW, UTC) is None


@pytest.mark.parametrize(
    ("query", "start", "field", "typed"),
    [
        ("", 0, "", ""),
        ("海 so", 2, "", "so"),
        ("海 -source:南", 10, "source", "南"),
        ('(tag:"to re', 5, "tag", "to re"),
        ("colour:r", 0, "", "colour:r"),
    ],
)
def test_what_is_being_typed(query: str, start: int, field: str, typed: str) -> None:
    assert being_typed(query, len(query)) == (start, field, typed)


@pytest.mark.parametrize(
    ("query", "told", "plain"),
    [
        ("海 港", [], "海 港"),
        ("海 -港 OR (河)", ["-", "OR", "(", ")"], '海 "-港" "OR" "(河)"'),
        ('a "b c" title:e*', ['"', '"', "title:", "*"], 'a "b" "c" "title:e*"'),
        ("海 (港 OR", [], "海 (港 OR"),
    ],
)
def test_what_is_read_as_an_operator(query: str, told: list[str], plain: str) -> None:
    assert [query[start:end] for start, end in operators(query)] == told
    assert literal(query) == plain
    assert operators(plain.replace('"', "")) == [] or literal(literal(plain)) == literal(plain)
