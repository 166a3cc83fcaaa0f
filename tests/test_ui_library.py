"""The library in the window: sources, topics, days, orders, tags, selections, undo, revisions, new dumps."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsreader.archive import Skipped
from newsreader.config import Config
from newsreader.dump import Dump, encode
from newsreader.reader import Reader, View
from newsreader.reader.progress import Progress
from newsreader.ui import indexing
from newsreader.ui.app import TICK
from newsreader.ui.indexing import Indexing
from tests.newsroom import ingested
from tests.test_ui_app import NOW, STORIES, Enclosed, Window, config, reader, root, story_url, until, window

__all__ = ["config", "reader", "root"]

SIZES = [(80, 24), (120, 40), (60, 20)]


def revise(root: Path, number: int, text: str, title: str) -> None:
    """Another dump of a story, an hour younger."""
    moment = NOW - timedelta(minutes=12, hours=3 * number) + timedelta(hours=1)
    path = root / "articles" / "Lamp" / f"{0x900 + number}_again.md"
    path.write_bytes(encode(Dump(title, story_url(number), int(moment.timestamp() * 1000), f"<p>{text}</p>")))


async def test_the_sources_pane_narrows_and_counts(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("c")
        assert w.lines()[0].startswith(" All stories  40 │")
        assert w.lines()[3].startswith(" Lamp")
        await w.press("j", "j", "enter")
        assert w.reading.pane == "list"
        assert w.reading.headlines.view.source == "Lamp"
        assert "1/14 ∙ 14 unread ∙ Lamp" in w.status
        await w.press("m")
        assert w.lines()[3].split()[1] == "13"
        await w.press("c")
        assert w.geometry.sources is None
        await w.press("g", "r")
        assert "added sources" in w.status
        await w.press("escape")
        assert w.reading.headlines.view == View()
        assert w.cursor_number == 0
        await w.press("g", "r")
        assert "Narrow the list" in w.status
        await w.press("c", "G", "g", "g", "w")
        assert w.reading.pane == "list"
        sources = w.reading.sources
        for name in ("Lamp", "河口通訊"):
            sources.load(View(name))
            assert sources.current is not None
            assert sources.current.shown == name, "the cursor goes to what the list is narrowed to"


@pytest.mark.parametrize("size", SIZES)
async def test_the_sources_have_a_place_at_every_size(config: Config, reader: Reader, size: tuple[int, int]) -> None:
    async with window(config, reader, size) as w:
        await w.press("c")
        assert (w.geometry.sources is not None) == (size[0] >= 60)
        await w.press("j", "enter", "space", "L", "L", "L", "c", "c", "z", "q", "q")
        w.lines()
    async with window(config, reader, (50, 20)) as w:
        await w.press("c")
        assert "Sources" in w.screen
        await w.press("3")
        assert w.reading.headlines.view.source == "Lamp"


async def test_q_leaves_what_is_narrowed_before_it_leaves_the_program(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("g", "s", "3", "enter")
        assert w.reading.pane == "article"
        await w.press("q", "q")
        assert w.reading.headlines.view == View()
        assert not w.app._exit


@pytest.mark.parametrize("size", SIZES)
async def test_who_leaves_a_view_is_back_where_it_was_entered(
    config: Config, reader: Reader, size: tuple[int, int]
) -> None:
    async with window(config, reader, size, mark_read_after=3600) as w:
        await w.press(*"20G3k")
        before = w.lines()
        for keys in ([*"Fz"], [*"FStory 1", "enter", *"Gkk"], [*"gs3", *"Gk"], [*"gs2"], [*"gs3F1", "enter", "G"]):
            await w.press(*keys, "escape")
            assert w.lines() == before, keys
        await w.press("enter", *"jjh", "enter", *"F3", "escape")
        assert w.reading.pane == "article"
        await w.press(*"Flamp", "enter", "escape")
        assert w.reading.pane == "article"


async def test_an_order_shows_what_it_is_by(config: Config, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    async with window(config, reader, (80, 24)) as w:
        await w.press(*"20GS3")
        assert w.reading.headlines.viewport.rank == 0, "an order begins at its top"
        assert w.lines()[0].split()[1].replace(",", "").isdigit()
        assert int(w.lines()[0].split()[1].replace(",", "")) > int(w.lines()[1].split()[1].replace(",", ""))
        await w.press(*"S2")
        assert w.lines()[0].strip() == "Lamp"
        assert "Lamp" not in "".join(w.lines()[1:7])
        monkeypatch.setattr(w.reading.appearance, "_clock", lambda: NOW.replace(year=2027))
        await w.press(*"S4j")
        assert "2026-02-13" in w.lines()[0]


async def test_topics(config: Config, root: Path) -> None:
    body = '<p>Text.</p><span id="AUTO_TOPIC_1">潮汐</span>'
    (root / "articles" / "Lamp" / "1_topic.md").write_bytes(
        encode(Dump("Story 90 潮汐", story_url(90), int(NOW.timestamp() * 1000), body))
    )
    with Reader.open(config, root) as reader:
        ingested(reader)
        async with window(config, reader) as w:
            await w.press("g", "t")
            if not reader.topics():
                assert "No topics" in w.status
                return
            await w.press("enter")
            assert w.status.startswith("1/1")


async def test_days(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("g", "d", *"2026-02-11", "enter")
        assert w.reading.pane == "list"
        first = w.cursor
        assert datetime.fromtimestamp(first.time / 1000, UTC).date().isoformat() == "2026-02-11"
        assert w.status.startswith(f"{reader.rows().rank(first.place) + 1}/40")
        await w.press("k")
        assert w.cursor_number == int(first.title.split()[1]) - 1
        await w.press("g", "d", *"yesterday", "enter")
        assert w.cursor_number == 5


async def test_orders(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24), mark_read_after=3600) as w:
        await w.press("S", "4")
        titles = [row.title for row in w.reading.headlines.viewport.rows]
        assert titles == sorted(titles)
        assert "title" in w.status
        assert "Today" not in w.screen
        await w.press("G", "m", "k", "g", "g", "5", "G", "m", "n", "N", "space")
        assert w.reading.headlines.viewport.rank == 3, "N passes over what was just read"
        assert w.status.startswith("4/40 ∙ 38 unread")
        await w.press("S", "2", "g", "g")
        assert w.lines()[0].strip() == "Lamp"
        await w.press("1", "6", "G")
        assert sum(line.strip() == "河口通訊" for line in w.lines()) == 1
        await w.press("full_stop", "G", "S", "3", "S", "1", "g", "g")
        assert w.lines()[0].strip() == "Today"


@pytest.mark.parametrize("key", ["J", "n"])
async def test_what_is_open_has_neighbours_in_whatever_order_comes(config: Config, reader: Reader, key: str) -> None:
    """Also once the list shows rows that are far from it."""
    async with window(config, reader, (80, 6), mark_read_after=3600) as w:
        await w.press("enter")
        for order, end in (("2", "G"), ("4", "G"), ("3", "g"), ("1", "G")):
            await w.press("h", "S", order, *end * (1 + (end == "g")), "w", key)
            assert w.reading.article.story is not None


async def test_several_are_selected_and_marked_at_once(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("v", "j", "v")
        assert "2 selected" in w.status
        assert w.lines()[1].startswith("*▸")
        await w.press("f")
        assert {row.title.split()[1] for row in reader.rows(View(starred=True)).page()} == {"0", "2"}
        assert "selected" not in w.status
        await w.press("3", "v", "m")
        assert reader.rows().counts().unread == STORIES - 3
        await w.press("U", "U")
        assert reader.rows(View(starred=True)).counts().stories == 0
        await w.press("v", "escape", "m")
        assert reader.rows().counts().unread == STORIES - 1


async def test_tags_are_typed_once_and_then_picked(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("t")
        await w.type("長讀")
        await w.press("enter")
        assert "Tagged 長讀: 1" in w.status
        assert "#長讀" in w.lines()[1]
        await w.press("j", "2", "v", "t", "enter")
        assert reader.tags() == [("長讀", 3)]
        await w.press("U")
        assert "Undone: tagged 長讀 (2)" in w.status
        assert reader.tags() == [("長讀", 1)]
        await w.press("ctrl+r")
        assert "Done again: tagged 長讀 (2)" in w.status
        await w.press("g", "g", "t", "enter")
        assert reader.tags() == [("長讀", 2)]
        await w.press("c", "G", "enter")
        assert w.reading.headlines.view.tag == "長讀"
        assert "#長讀" in w.status
        await w.press("t", "x", "escape", "escape")
        assert reader.tags() == [("長讀", 2)]
        await w.press("t", *"new")
        assert "New tag: new" in w.screen
        await w.press("enter")
        assert "Tagged new: 1" in w.status
        await w.press("t", *"new", "enter")
        assert "Tag new taken away: 1" in w.status


async def test_what_is_taken_back_and_done_again_is_named(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        for keys, what in (
            ("f", "starred (1)"),
            ("f", "star taken away (1)"),
            ("m", "marked as read (1)"),
            ("m", "marked as unread (1)"),
            ("Ay", "all in view marked as read (40)"),
            ("D", "deleted (1)"),
        ):
            await w.press(*keys)
            await w.press("U")
            assert w.status.startswith(f"Undone: {what}")
            await w.press("ctrl+r")
            assert w.status.startswith(f"Done again: {what}")


async def test_undo_goes_on_after_a_restart(config: Config, root: Path) -> None:
    with Reader.open(config, root) as reader:
        ingested(reader)
        async with window(config, reader) as w:
            await w.press("f", "j", "m")
    with Reader.open(config, root) as reader:
        async with window(config, reader) as w:
            await w.press("U")
            assert "Undone: marked as read (1)" in w.status
            assert reader.rows().counts().unread == STORIES
            await w.press("U", "U")
            assert "Nothing to undo" in w.status
            assert reader.rows(View(starred=True)).counts().stories == 0


async def test_a_session_brings_back_the_view(config: Config, root: Path) -> None:
    with Reader.open(config, root) as reader:
        ingested(reader)
        async with window(config, reader) as w:
            await w.press("c", "j", "j", "enter", "S", "4", "3", "j", "Q")
            cursor = w.cursor
    with Reader.open(config, root) as reader:
        async with window(config, reader) as w:
            assert w.reading.headlines.view == View(source="Lamp", sort="title")
            assert w.cursor.id == cursor.id
            assert w.geometry.sources is not None


async def test_what_changed_between_two_revisions_is_shown(config: Config, root: Path) -> None:
    with Reader.open(config, root) as reader:
        ingested(reader)
        row = reader.rows().page()[9]
        reader.marks.mark_read([row.id])
        revise(root, 9, "The text of story nine.", "Story 9 河岸")
        ingested(reader)
        for size in SIZES:
            async with window(config, reader, size) as w:
                await w.press("R")
                assert "one revision only" in w.status
                await w.press("escape", "g", "g", "9", "j")
                assert w.cursor.changed
                line = next(line for line in w.lines() if "河岸" in line)
                assert line.startswith("~")
                await w.press("R")
                assert "Revisions" in w.screen
                await w.press("enter", "enter")
                assert w.reading.pane == "article"
                assert "[-口-]{+岸+}" in w.screen
                assert "story [-9-]{+nine+}." in w.screen
                assert "Revision 1 to 2" in w.status
                await w.press("q", "R", "j", "down", "enter", "escape", "escape")
                await w.press("R", "down", "enter", "up", "down", "enter")
                assert "The text of story 9." in w.screen
                assert "revision 1/2" in w.screen.lower()
                await w.press("q", "enter")
                assert "The text of story nine." in w.screen
                await w.press("q")


async def test_a_revision_of_what_is_open_is_no_step_of_the_history(config: Config, root: Path) -> None:
    with Reader.open(config, root) as reader:
        ingested(reader)
        revise(root, 9, "The text of story nine.", "Story 9 河岸")
        ingested(reader)
        async with window(config, reader) as w:
            await w.press("3", "j", "enter", "q", "g", "g", "9", "j", "enter", "R", "1", "2")
            assert "revision 1/2" in w.screen.lower()
            await w.press("[")
            assert w.open_number == 3
            await w.press("q", "g", "g", "9", "j", "R", "1", "2", "[")
            assert w.open_number == 3, "that of another story is one"
            article = w.reading.article
            assert article.story is not None
            article.wait_for(article.story)
            assert not article.reread(), "there is no newer one yet"


async def test_new_dumps_appear_and_nothing_moves(config: Config, root: Path) -> None:
    with Reader.open(config, root) as reader:
        ingested(reader)
        app = Enclosed(config, reader, environ={}, clock=lambda: NOW)
        async with app.run_test(size=(80, 24)) as pilot:
            w = Window(app, pilot)
            await until(lambda: not app.indexing.is_running)
            await w.press("5", "j")
            before = w.cursor.id, w.reading.headlines.viewport.cursor_line
            moment = int(NOW.timestamp() * 1000)
            for number in (100, 101):
                path = root / "articles" / "Lamp" / f"{number}_new.md"
                path.write_bytes(encode(Dump(f"Story {number} 新", story_url(number), moment, "<p>New.</p>")))
            assert TICK <= 2
            await until(lambda: app.reader.rows().counts().stories == STORIES + 2)
            await until(lambda: "2 stories added" in w.status)
            assert w.reading.headlines.viewport.rank == 7
            assert (w.cursor.id, w.reading.headlines.viewport.cursor_line) == before


@pytest.mark.parametrize(("seconds", "times"), [(0.0, 3), (3600.0, 1)])
async def test_what_comes_in_is_shown_at_once_and_then_every_moment(
    config: Config, reader: Reader, monkeypatch: pytest.MonkeyPatch, seconds: float, times: int
) -> None:
    monkeypatch.setattr(indexing, "LOOK_EVERY", seconds)
    shown: list[int] = []
    async with window(config, reader) as w:
        told = Indexing(w.reading, lambda: shown.append(1))
        told._looked = time.monotonic()
        for added in (1, 2, 3):
            told._told([Progress(added, None, added, 0, "reading")], None)
    assert len(shown) == times


async def test_what_could_not_be_read_is_counted_and_named(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        left = tuple(Skipped(f"/news/{n}.md", "damaged") for n in (1, 2))
        w.app.indexing._told([Progress(3, 3, 0, 2, "done", left)], None)
        assert w.app.status.text == "2 files could not be read: /news/1.md"
        w.app.indexing._told([Progress(3, 3, 0, 0, "done", (Skipped("/news", "archive-gone"),))], None)
        assert "It vanished while it was read" in w.app.status.text


async def test_a_fetch_that_is_due_says_nothing_where_there_is_nothing_to_fetch(config: Config, reader: Reader) -> None:
    async with window(config, reader, fetch_every=1) as w:
        w.app.fetches._began = -60.0
        w.app.fetches.start_if_due()
        assert w.app.fetches.is_running
        await until(lambda: not w.app.fetches.is_running)
        assert w.app.status.text == ""
        await w.press("r")
        await until(lambda: "Nothing to fetch" in w.status)


async def test_a_heading_stands_only_above_what_is_ordered_by_it(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24)) as w:
        for order, first in (("3", "*  "), ("4", "*  "), ("2", " Lamp"), ("1", " Today")):
            await w.press("S", order)
            assert w.lines()[0].startswith(first)
            await w.press("5", "j", "g", "g")
            assert w.lines()[0].startswith(first)


async def test_all_are_selected_or_none(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("v", "v", "V")
        assert len(w.reading.headlines.selection) == 40, "some are not all"
        await w.press("V")
        assert not w.reading.headlines.selection


async def test_what_happened_to_our_files_is_said(config: Config, root: Path) -> None:
    with Reader.open(config, root) as reader:
        ingested(reader)
        files = reader.target.index, reader.target.marks
    for file in files:
        for beside in file.parent.glob(file.name + "-*"):
            beside.unlink()
        file.write_bytes(os.urandom(8192))
    with Reader.open(config, root) as reader:
        async with window(config, reader) as w:
            assert "The index was damaged" in w.status
            w.app._tick()
            assert "The index was damaged" in w.status, "until the next key"
            await w.press("j")
            w.app._tick()
            assert "The marks were damaged" in w.status
            files[0].rename(files[0].with_suffix(".away"))
            w.app._tick()
            assert "The index is out of reach" in w.status, "what is new comes before what waits"
            files[0].with_suffix(".away").rename(files[0])
            w.app._tick()
            assert "The index works again" in w.status


async def test_a_row_cut_above_has_a_sign_before_its_title(config: Config, root: Path) -> None:
    for n in range(40):
        revise(root, n, "The text.", f"Story {n}, of a harbour and of what is told there on long evenings")
    with Reader.open(config, root) as reader:
        ingested(reader)
        async with window(config, reader, (60, 20)) as w:
            headlines, signs = w.reading.headlines, set()
            for _ in range(30):
                await w.press("j")
                if headlines.viewport.lines()[0].line > 0:
                    signs.add(w.lines()[0].index("… "))
            assert signs == {headlines.columns.title_x - 2}


async def test_no_row_is_hidden_or_cut_without_a_sign(config: Config, reader: Reader) -> None:
    async with window(config, reader, (60, 20)) as w:
        headlines = w.reading.headlines
        cuts = 0
        for height in range(3, 12):
            headlines.fit(14, height)
            row, line = headlines.viewport.lines()[-1]
            text = "".join(cell for cell, _ in headlines.lines(14, height, "list")[-1][0]).rstrip()
            is_cut = 0 <= line < headlines.viewport.height_of(headlines.viewport.rows[row]) - 1
            assert text.endswith("…") == is_cut
            cuts += is_cut
        assert cuts
        await w.press("9", "j", "F", *"title:9", "enter")
        assert [line.row for line in headlines.viewport.lines() if line.line == 0] == list(
            range(len(headlines.viewport.rows))
        )
