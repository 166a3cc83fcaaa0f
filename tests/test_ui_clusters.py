"""Rows of one story at several outlets: folded under one, unfolded, and where the cursor is meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.article import Summary
from newsreader.config import Config
from newsreader.reader import Reader, View
from newsreader.ui.panes.folded_rows import Clusters, Place
from newsreader.ui.panes.held_rows import HeldRows
from newsreader.ui.panes.list_viewport import ListLine, ListViewport
from tests.newsroom import Story, config_in, ingested, write_archive
from tests.test_search_near_duplicates import OTHER, SIMPLIFIED, TRADITIONAL
from tests.test_ui_app import NOW, until
from tests.test_ui_app import window as opened
from tests.test_ui_list_viewport import List, day_of, story

T, HOUR = int(NOW.timestamp() * 1000) - 60_000, 3_600_000

# --- The law -----------------------------------------------------------------------------------------------------

STEPS = ["move", "lines", "end", "rank", "toggle", "to", "refresh"]

groupings = st.lists(st.sets(st.integers(0, 120), min_size=2, max_size=4), max_size=12)


def gathered(shelf: List, groups: Iterable[set[int]]) -> Clusters:
    """Groups that share a story are one, as the library has it."""
    whole: list[set[int]] = []
    for group in groups:
        meeting = [one for one in whole if one & group]
        whole = [one for one in whole if not one & group] + [set().union(group, *meeting)]
    there = {row.id for row in shelf.rows}
    of = {f"{n:016x}": frozenset(f"{one:016x}" for one in group) & there for group in whole for n in group}
    return Clusters(shelf, lambda stories: {one: of[one] for one in stories if len(of.get(one, ())) > 1})


def shown(rows: Clusters, limit: int, *, upwards: bool = False) -> list[Summary]:
    """All rows, page by page."""
    found: list[Summary] = []
    place: Place | None = None
    while True:
        if upwards:
            more = rows.page(before=place or (-1, ""), limit=limit)
            found = [*more, *found]
        else:
            more = rows.page(after=place, limit=limit)
            found += more
        if len(more) < limit:
            return found
        place = rows.place(more[0] if upwards else more[-1])


@given(
    st.integers(0, 120),
    groupings,
    st.sets(st.integers(0, 120)),
    st.booleans(),
    st.sets(st.integers(0, 11), max_size=3),
    st.integers(1, 9),
)
def test_every_story_of_a_view_stands_once_or_is_folded_under_one_that_does(
    count: int, groups: list[set[int]], read: set[int], unread: bool, unfolded: set[int], limit: int
) -> None:
    shelf = List([story(n, read=n in read) for n in range(count)], unread=unread)
    rows = gathered(shelf, groups)
    shown(rows, 64)
    for n in unfolded:
        if n < len(groups) and (row := shelf.summary(f"{min(groups[n]):016x}")) is not None:
            rows.toggle(row)
    every = shown(rows, limit)
    assert [row.id for row in every] == [row.id for row in shown(rows, limit, upwards=True)]
    assert every == sorted(every, key=rows.place, reverse=True)
    standing = [row.id for row in every]
    assert len(standing) == len(set(standing))
    folded = [one.id for row in every for one in rows.folded(row)]
    assert len(folded) == len(set(folded))
    assert not {*folded} & {*standing}
    assert {row.id for row in shelf.view()} <= {*folded, *standing}
    beneath = {one for row in every for one in rows.below(row)}
    assert all(shelf.has(row) for row in every if row.id not in beneath)


def test_what_is_let_go_takes_no_part_of_a_gathering() -> None:
    shelf = List([story(n) for n in range(100)])
    rows = gathered(shelf, [{10, 11, 12}, {40, 41, 42, 43}])
    for row in shown(rows, 64):
        rows.toggle(row)
    for reach in range(60):
        held = HeldRows(rows)
        held.hold_start(200)
        whole = held.rows
        assert sum(map(rows.is_under, whole)) == 5
        start = held.let_go(50, 52, reach)
        end = start + len(held.rows)
        assert start <= max(50 - reach, 0) <= min(52 + reach, len(whole)) <= end
        assert end - start <= 2 * reach + 2 + 6
        assert not any(rows.is_under(one) for one in (whole[start], *whole[end : end + 1]))


@given(
    st.integers(1, 120),
    groupings,
    st.integers(1, 20),
    st.lists(
        st.tuples(st.sampled_from(["move", "lines", "end", "rank", "toggle", "to", "refresh"]), st.integers(-130, 130))
    ),
)
def test_the_cursor_goes_over_gatherings(
    count: int, groups: list[set[int]], height: int, steps: list[tuple[str, int]]
) -> None:
    shelf = List([story(n) for n in range(count)])
    rows = gathered(shelf, groups)
    one = ListViewport(rows, day_of, lambda _: 1)
    one.load()
    one.resize(height + 2)
    for what, n in steps:
        assert one.current is not None
        before = one.current.id
        match what:
            case "move":
                one.move(n)
            case "lines":
                one.move_lines(n or 1)
            case "end":
                one.to_end()
            case "rank":
                one.to_rank(abs(n))
            case "toggle":
                head = rows.toggle(one.current)
                if head is not None:
                    one.load_around(head)
                    one.ensure_visible()
            case "to":
                one.to_row(shelf.rows[abs(n) % count])
                assert one.current.id == shelf.rows[abs(n) % count].id
            case "refresh":
                one.refresh()
                assert one.current.id == before
        assert one.current is not None
        assert ListLine(one.cursor, 0) in one.lines()
        assert one.rank == shelf.rank(rows.place(one.current))
        assert one.rows == sorted(one.rows, key=rows.place, reverse=True)
        assert len({row.id for row in one.rows}) == len(one.rows)
    every = [row.id for row in shown(rows, 64)]
    at = every.index(one.rows[0].id)
    assert [row.id for row in one.rows] == every[at : at + len(one.rows)]


# --- The window ---------------------------------------------------------------------------------------------------


@pytest.fixture
def config(tmp_path: Path) -> Config:
    found = config_in(tmp_path)
    return found._replace(settings=found.settings._replace(timezone=UTC, language="en", mark_read_after=0))


@pytest.fixture
def reader(config: Config, tmp_path: Path) -> Iterator[Reader]:
    stories = [Story(n, T - n * HOUR, "Lamp", f"Story {n}", f"The text of story {n}.") for n in range(1, 30)]
    stories += [
        Story(31, T - 4 * HOUR + 1, "河口通訊", "夜間渡輪停航三週", TRADITIONAL),
        Story(32, T - 9 * HOUR + 1, "南湖之声", "河口夜间渡轮下月停航", SIMPLIFIED),
        Story(33, T - 20 * HOUR + 1, "Harbour Post", "渡輪停航", TRADITIONAL + OTHER[:60]),
    ]
    with Reader.open(config, write_archive(tmp_path / "archive", stories)) as found:
        ingested(found)
        list(found.fill_search())
        found.changed()
        yield found


async def test_a_story_of_three_outlets_is_one_row(config: Config, reader: Reader) -> None:
    async with opened(config, reader, (100, 40)) as w:
        assert w.screen.count("停航") == 1
        row = next(n for n, line in enumerate(w.lines()) if "夜間渡輪停航三週" in line)
        assert "+2" in w.lines()[row]
        await w.press("3", "j")
        assert w.cursor.title == "夜間渡輪停航三週"
        await w.press("tab")
        beneath = [line.split("∙")[1].strip() for line in w.lines()[row + 1 : row + 3]]
        assert beneath[0].startswith("河口夜间渡轮")
        assert beneath[1].startswith("渡輪停航")
        assert w.status.startswith("4/32")
        await w.press("j", "j")
        assert w.cursor.source == "Harbour Post"
        await w.press("j")
        assert (w.cursor.title, w.status.split()[0]) == ("Story 4", "5/32")
        await w.press("k", "tab")
        assert w.cursor.title == "夜間渡輪停航三週"
        assert w.screen.count("停航") == 1
        await w.press("6", "j")
        assert (w.cursor.title, w.status.split()[0]) == ("Story 9", "11/32"), "the folded ones count where they stand"
        await w.press("tab")
        assert "Nothing is gathered" in w.status


async def test_what_was_read_at_one_outlet_is_read_at_those_folded_under_it(config: Config, reader: Reader) -> None:
    async with opened(config, reader, (60, 24)) as w:
        await w.press("3", "j", "enter", "h")
        assert reader.rows(View(unread=True)).counts().stories == 29
        await w.press("U")
        assert reader.rows(View(unread=True)).counts().stories == 32, "undo takes all back"
        await w.press("m", "m")
        assert reader.rows(View(unread=True)).counts().stories == 32
        await w.press("tab", "m")
        assert reader.rows(View(unread=True)).counts().stories == 31, "unfolded, each is marked by itself"
        await w.press("U", ".")
        assert reader.rows(View(unread=True)).counts().stories == 32
        viewport = w.reading.headlines.viewport
        await w.press("G", "2", "6", "k")
        head, line = w.cursor.id, viewport.cursor_line
        await w.press("tab", "j", "j")
        assert w.cursor.source == "Harbour Post"
        await w.press("tab")
        assert (w.cursor.id, viewport.cursor_line) == (head, line), "it is folded where it stood"


async def test_copies_stay_unread_where_the_reader_wants_that(config: Config, reader: Reader) -> None:
    async with opened(config, reader, (60, 24), read_copies=False) as w:
        await w.press("3", "j", "enter")
        assert reader.rows(View(unread=True)).counts().stories == 31


async def test_the_next_story_and_the_next_unread_pass_over_what_is_folded(config: Config, reader: Reader) -> None:
    async with opened(config, reader) as w:
        await w.press("8", "j", "enter")
        assert w.reading.article.story is not None
        assert w.reading.article.story.title == "Story 8"
        for title in ("Story 9", "Story 10", "Story 11"):
            await w.press("J")
            assert w.reading.article.story.title == title
        await w.press("K", "n")
        assert w.reading.article.story.title == "Story 12"
        await w.press("N")
        assert w.reading.article.story.title == "Story 7"
        await w.press("h", "3", "g", "g", "j", "tab", "enter")
        assert w.reading.article.story.title == "夜間渡輪停航三週"
        await w.press("J", "J", "J")
        assert w.reading.article.story.title == "Story 4"
        await w.press("K", "K")
        assert w.reading.article.story.source == "南湖之声"


async def test_in_the_list_of_the_unread_a_gathering_shows_what_is_unread(config: Config, reader: Reader) -> None:
    reader.marks.mark_read([Story(31, 0, "", "", "").id])
    async with opened(config, reader, (100, 40)) as w:
        await w.press(".")
        assert "夜間渡輪停航三週" not in w.screen
        assert "+1" in next(line for line in w.lines() if "河口夜间渡轮" in line)
        await w.press(".")
        assert "河口夜间渡轮" not in w.screen


async def test_what_the_reader_is_on_is_not_folded_away(config: Config, reader: Reader, tmp_path: Path) -> None:
    async with opened(config, reader, (100, 40)) as w:
        await w.press("3", "j")
        line = w.reading.headlines.viewport.cursor_line
        archive = write_archive(
            tmp_path / "archive", [Story(34, T, "Ferry Tmes", "夜間渡輪停航", TRADITIONAL + "快訊。")]
        )
        with Reader.open(config, archive) as other:
            ingested(other)
            list(other.fill_search())
        await until(lambda: "Ferry…" in w.screen)
        assert (w.cursor.title, w.reading.headlines.viewport.cursor_line) == ("夜間渡輪停航三週", line)
        assert "+2" in next(text for text in w.lines() if "Ferry…" in text)


async def test_by_a_setting_every_story_has_its_row(config: Config, reader: Reader) -> None:
    async with opened(config, reader, (100, 40), gather=False) as w:
        assert w.screen.count("停航") == 3
        await w.press("3", "j", "tab")
        assert "Nothing is gathered" in w.status
