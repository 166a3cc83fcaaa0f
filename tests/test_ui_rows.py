"""Rows of the list, ages and days, layouts, and the words they are told in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.article import Summary
from newsreader.safety import cell_width, clean_line
from newsreader.ui.i18n import chosen_language, nearest, words_for
from newsreader.ui.layout import (
    Box,
    Geometry,
    Preferences,
    fits,
    geometry,
    kind_for,
    next_kind,
    resized,
)
from newsreader.ui.rows import (
    age_of,
    columns,
    cut,
    cut_cells,
    cut_inside,
    day_cells,
    day_of,
    fit,
    row_cells,
    row_height,
    widest_source,
)

TAIPEI = timezone(timedelta(hours=8))
NOW = datetime(2026, 2, 13, 12, 24, tzinfo=TAIPEI)
TITLE = "河口的守塔人：潮汐、鳥群與一本手寫的日誌，以及四十年沒有缺過的一頁"


def row(title: str = TITLE, *, ago: timedelta = timedelta(minutes=12), **more: object) -> Summary:
    moment = NOW - ago
    fields: dict[str, object] = {
        "id": "0" * 16,
        "key": "k",
        "title": title,
        "url": "https://example.org/1",
        "source": "德國之聲",
        "time": int(moment.timestamp() * 1000),
        "published": moment,
        **{"precision": "time", "read": False, "starred": False, "tags": (), "changed": False},
        **{"revisions": 1, "dump": "", "order": 0},
    }
    return Summary(**(fields | more))  # type: ignore[arg-type]


def text_of(cells: tuple[tuple[str, str], ...]) -> str:
    return "".join(text for text, _ in cells)


def test_a_row_has_its_columns() -> None:
    shape = columns(50, widest_source(["德國之聲", "BBC"]), two_lines=True)
    lines = row_cells(row(starred=True), shape, words_for("en"), NOW)
    assert [text_of(line) for line in lines] == [
        "*   12m 德國之聲 河口的守塔人：潮汐、鳥群與一本   ",
        "                 手寫的日誌，以及四十年沒有缺…  ✦ ",
    ]


def test_columns_stand_straight_whatever_the_script() -> None:
    shape = columns(80, 12, two_lines=False)
    for source in ("BBC", "德國之聲", "纽约时报中文网国际版", "Lamp & Ink Quarterly", "́́x"):
        (line,) = row_cells(row(source=source), shape, words_for("ja"), NOW)
        before = text_of(tuple(cell for cell in line if not cell[1].startswith("headline"))[:-3])
        assert cell_width(before) == shape.title_x


def test_a_long_title_takes_two_lines_where_its_column_is_narrow() -> None:
    shapes = [columns(width, 12, two_lines=True) for width in range(30, 130)]
    assert [shape.two_lines for shape in shapes] == [shape.title < 60 for shape in shapes]
    assert 60 in {shape.title for shape in shapes}


def test_one_source_needs_no_column() -> None:
    assert widest_source(["only"]) == 0
    assert columns(80, 0, two_lines=False).source == 0


@given(
    st.text(max_size=80),
    st.text(max_size=40),
    st.integers(0, 220),
    st.integers(0, 60),
    st.integers(-(2**53), 2**53),
    st.booleans(),
    st.booleans(),
)
def test_every_line_is_exactly_as_wide_as_the_pane(
    title: str, source: str, width: int, widest: int, time: int, two: bool, flag: bool
) -> None:
    shape = columns(width, widest, two_lines=two)
    one = row(title, source=source, time=time, starred=flag, read=not flag, changed=flag)
    lines = row_cells(one, shape, words_for("zh-Hans"), NOW)
    assert len(lines) == row_height(one, shape) <= (2 if two else 1)
    for line in (*lines, day_cells(day_of(one, TAIPEI), NOW.date(), shape, words_for("en"))):
        assert cell_width(text_of(line)) == width or width < 2
        assert clean_line(text_of(line)) == " ".join(text_of(line).split())


@given(st.text(max_size=60).map(clean_line), st.integers(0, 40))
def test_cut_and_fit(text: str, width: int) -> None:
    assert cell_width(cut(text, width)) <= width
    assert cell_width(fit(text, width)) == width
    assert cut(text, 10_000) == text
    assert cut("“a”", 3) == "“a”", "of one cell each, if nothing else is said"
    assert sum(cell_width(part) for part, _ in cut_cells([(text, "title"), (text, "meta")], width)) <= width


def test_ages() -> None:
    words = words_for("en")
    assert age_of(row(ago=timedelta(seconds=20)), words, NOW) == "now"
    assert age_of(row(ago=timedelta(minutes=59)), words, NOW) == "59m"
    assert age_of(row(ago=timedelta(hours=2, minutes=59)), words, NOW) == "2h"
    assert age_of(row(ago=timedelta(days=3)), words, NOW) == "12:24"
    assert age_of(row(ago=-timedelta(hours=1)), words, NOW) == "13:24"
    assert age_of(row(precision="date"), words, NOW) == ""
    assert age_of(row(time=0), words, NOW) == ""
    assert age_of(row(ago=timedelta(days=3)), words, NOW, under_day=False) == "02-10"
    assert age_of(row(ago=timedelta(days=400)), words, NOW, under_day=False) == "2025-01-09"
    assert age_of(row(ago=timedelta(hours=2)), words, NOW, under_day=False) == "2h"
    assert age_of(row(precision="date"), words, NOW, under_day=False) == "02-13"


def test_a_day_is_the_readers_own() -> None:
    late = row(ago=timedelta(0), time=int(datetime(2026, 2, 12, 23, 30, tzinfo=UTC).timestamp() * 1000))
    assert day_of(late, TAIPEI) == date(2026, 2, 13)
    assert day_of(late, UTC) == date(2026, 2, 12)
    named = row(precision="date", published=datetime(2026, 2, 11, 0, 0, tzinfo=UTC))
    assert day_of(named, timezone(timedelta(hours=-8))) == date(2026, 2, 11)
    assert day_of(row(time=0), UTC) is None


@pytest.mark.parametrize(
    ("language", "today", "yesterday", "near", "this_year", "other"),
    [
        ("en", "Today", "Yesterday", "Sunday, 8 February", "Thursday, 15 January", "Monday, 13 July 2020"),
        ("zh-Hans", "今天", "昨天", "星期日 2月8日", "1月15日 星期四", "2020年7月13日 星期一"),
        ("zh-Hant", "今天", "昨天", "星期日 2月8日", "1月15日 星期四", "2020年7月13日 星期一"),
        ("ja", "今日", "昨日", "2月8日（日）", "1月15日（木）", "2020年7月13日（月）"),
    ],
)
def test_days(language: str, today: str, yesterday: str, near: str, this_year: str, other: str) -> None:
    words = words_for(language)
    now = NOW.date()
    days = (now, now - timedelta(1), date(2026, 2, 8), date(2026, 1, 15), date(2020, 7, 13))
    assert tuple(words.day(day, now) for day in days) == (today, yesterday, near, this_year, other)
    assert words.day(None, now)


def test_moments() -> None:
    moment = datetime(2025, 2, 13, 12, 12, tzinfo=TAIPEI)
    assert words_for("zh-Hant").moment(moment, 2025) == "2月13日 12:12"
    assert words_for("zh-Hant").moment(moment, 2026) == "2025年2月13日 12:12"
    assert words_for("en").moment(moment, 2026) == "13 February 2025, 12:12"
    assert words_for("en").moment(moment, 2026, hour_known=False) == "Thursday, 13 February 2025"


def test_the_windows_language() -> None:
    assert chosen_language("ja", {"LANG": "zh_TW.UTF-8"}) == "ja"
    assert chosen_language("auto", {"LANG": "zh_TW.UTF-8"}) == "zh-Hant"
    assert chosen_language("auto", {"LC_ALL": "C", "LANG": "zh_CN"}) == "en"
    assert chosen_language("auto", {}) == "en"
    assert [nearest(tag) for tag in ("zh", "zh-HK", "zh-Hant-HK", "zh_CN.GB18030", "fr", "en_GB")] == [
        "zh-Hans",
        "zh-Hant",
        "zh-Hant",
        "zh-Hans",
        "en",
        "en",
    ]


# --- Layouts --------------------------------------------------------------------------------------------------------


def test_the_size_chooses_the_layout() -> None:
    usual = Preferences()
    assert kind_for(120, 40, usual) == "side"
    assert kind_for(100, 24, usual) == "side"
    assert kind_for(80, 24, usual) == "stacked"
    assert kind_for(59, 24, usual) == "single"
    assert kind_for(200, 14, usual) == "single"
    assert kind_for(80, 24, Preferences("side")) == "side"
    assert kind_for(40, 24, Preferences("side")) == "single"


def _covered(where: Geometry) -> list[Box]:
    return [box for box in (where.list, where.rule, where.article, where.status) if box is not None]


@given(
    st.integers(0, 250),
    st.integers(0, 120),
    st.sampled_from(["side", "stacked", "single", None]),
    st.none() | st.integers(-5, 300),
    st.none() | st.integers(-5, 300),
    st.booleans(),
    st.sampled_from(["list", "article"]),
)
def test_panes_cover_the_screen_once(width, height, kind, wide, high, zen, pane) -> None:  # type: ignore[no-untyped-def]
    boxes = _covered(geometry(width, height, Preferences(kind, wide, high, zen), pane))
    if width and height:
        assert sum(box.width * box.height for box in boxes) == width * height
        assert all(box.width > 0 and box.height > 0 for box in boxes)
        assert all(box.x + box.width <= width and box.y + box.height <= height for box in boxes)


def test_single_shows_the_pane_with_the_focus() -> None:
    single = Preferences("single")
    assert geometry(80, 24, single, "list").article is None
    assert geometry(80, 24, single, "article").list is None
    assert geometry(120, 40, Preferences(zen=True), "article").list is None


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (50, 10), (10, 3)])
def test_the_next_layout_comes_round(size: tuple[int, int]) -> None:
    preferences = Preferences()
    seen = []
    for _ in range(3):
        preferences = Preferences(next_kind(*size, preferences))
        seen.append(preferences.kind)
    possible = {kind for kind in ("side", "stacked", "single") if fits(kind, *size)}
    assert set(seen) == possible


def test_resizing_stops_where_a_pane_would_be_too_small() -> None:
    preferences = Preferences()
    for _ in range(100):
        preferences = resized(120, 40, preferences, 1)
    wide = geometry(120, 40, preferences, "list")
    assert wide.article is not None
    assert wide.article.width >= 30
    for _ in range(100):
        preferences = resized(120, 40, preferences, -1)
    narrow = geometry(120, 40, preferences, "list")
    assert narrow.list is not None
    assert narrow.list.width >= 24
    lower = geometry(80, 24, resized(80, 24, Preferences(), 3), "list")
    usual = geometry(80, 24, Preferences(), "list")
    assert lower.list is not None
    assert usual.list is not None
    assert lower.list.height == usual.list.height + 3


@given(st.text(max_size=60).map(clean_line), st.integers(1, 40))
def test_what_is_cut_inside_keeps_its_end_and_fits(text: str, width: int) -> None:
    shown = cut_inside(text, width)
    assert cell_width(shown) <= width
    if cell_width(text) <= width:
        assert shown == text
    elif width >= 9 and all(cell_width(char) in (1, 2) for char in text):
        assert "…" in shown
        assert text.endswith(shown.rpartition("…")[2])


def test_parts_of_a_series_are_told_apart() -> None:
    for width, two in ((80, False), (44, True)):
        shape = columns(width, 12, two_lines=two)
        whole = "河口的守塔人與潮汐：一本沒有缺過一頁的日誌，從一九六二年寫到今天，記下每一天的風向和水位，共三部之一部"
        parts = [row(title=f"{whole}（{n}）") for n in "一二三"]
        for n, part in enumerate(parts):
            near = [other for other in parts if other is not part]
            lines = row_cells(part, shape, words_for("en"), NOW, near=near)
            shown = "".join(text for cells in lines for text, role in cells if role.startswith("headline"))
            assert shown.rstrip().endswith(f"（{'一二三'[n]}）")
            assert all(sum(cell_width(text) for text, _ in cells) == width for cells in lines)
