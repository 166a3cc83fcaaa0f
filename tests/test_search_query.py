"""The language of searches: what a query means, and that a malformed one says what is wrong and where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.errors import BadQuery
from newsreader.library.search.query import (
    FAULTS,
    And,
    Dates,
    Is,
    Node,
    Not,
    Or,
    Tag,
    Text,
    being_typed,
    interval,
    parse,
)

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
        ("“the Night ferry”", Text(("the", "night", "ferry"))),
        ("covid-19", Text(("covid", "-", "19"))),
        ("ferry 海港", And((Text(("ferry",), typed="ferry"), Text(("海", "港"))))),
        ("海 AND 港", And((Text(("海",)), Text(("港",))))),
        ("-海", Not(Text(("海",)))),
        ("海 OR 港 河", Or((Text(("海",)), And((Text(("港",)), Text(("河",))))))),
        ("海 （港 OR -河）", And((Text(("海",)), Or((Text(("港",)), Not(Text(("河",)))))))),
        ("（海 OR 港）－河", And((Or((Text(("海",)), Text(("港",)))), Not(Text(("河",)))))),
        ("title:「夜航」", Text(("夜", "航"), field="title")),
        ("source：南湖", Text(("南", "湖"), field="source")),
        ('Topic:"night work"', Text(("night", "work"), field="topic")),
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
        ("DO NOT", And((Text(("do",), typed="do"), Text(("not",), typed="not")))),
    ],
)
def test_a_query_means(query: str, meaning: Node) -> None:
    assert read(query) == meaning


@pytest.mark.parametrize(
    ("query", "why", "position"),
    [
        ("海 (港 河", "unclosed-group", 2),
        ("(", "unclosed-group", 0),
        ("海) 港", "unopened-group", 1),
        ("海 ()", "empty-group", 2),
        ("海 NOT", "nothing-to-exclude", 2),
        ("OR 海", "or-needs-two", 0),
        ("海 OR", "or-needs-two", 2),
        ("海 OR OR 港", "or-needs-two", 2),
        ("海 (港 OR)", "or-needs-two", 5),
        ("海 source:", "empty-field", 9),
        ("date:soon", "bad-date", 5),
        ("date:2025-13", "bad-date", 5),
        ("is:late", "bad-is", 3),
        ("has:hope", "bad-has", 4),
        ("海 *", "nothing-to-find", 2),
        ("\u200b海 \u200b", "nothing-to-find", 3),
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
        ("2w..1w", at(2025, 2, 23, 15, 30), at(2025, 3, 2, 15, 30)),
    ],
)
def test_a_date_means(value: str, since: int | None, until: int | None) -> None:
    assert interval(value, NOW, UTC) == Dates(since, until)


def test_days_are_those_of_the_readers_zone() -> None:
    assert interval("today", NOW, EAST) == Dates(at(2025, 3, 8, 16), at(2025, 3, 9, 16))
    assert interval("2025-02-03", NOW, EAST) == Dates(at(2025, 2, 2, 16), at(2025, 2, 3, 16))


@pytest.mark.parametrize(
    "value", ["", "soon", "2025-13", "2025-02-30", "..", "9999999y", "99999y", "0000", ">", "1..x", "2026..2025"]
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
