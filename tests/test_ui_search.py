"""Searching and fetching in the window: what is found while one types, matches that are walked, news that come in."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from newsreader.config import Config, Source, add_source
from newsreader.dump import Dump, encode
from newsreader.errors import StorageFailed
from newsreader.fetch import FetchProgress
from newsreader.identity import story_id, story_key
from newsreader.reader import Reader, View
from newsreader.ui.screens.search import SearchScreen
from tests.feedserver import GREADER, PASSWORD, USER, FeedServer
from tests.newsroom import ingested
from tests.newsstand import Newsstand
from tests.test_fetch import item, rss
from tests.test_ui_app import (
    NOW,
    STORIES,
    Enclosed,
    Window,
    config,
    reader,
    root,
    story_url,
    until,
    window,
    write_archive,
)

__all__ = ["config", "reader", "root"]

SIZES = [(80, 24), (120, 40), (60, 20)]
BODY = (
    "<p>清晨的雾还没有散，渡轮已经离岸。</p>"
    + "<p>Nothing here.</p>" * 40
    + "<p>渡轮在十点回来。The ferry, the ferry! It is -40 degrees.</p>"
)


@pytest.fixture
def found(config: Config, root: Path, reader: Reader) -> Reader:
    """The archive with a story of two ferries, its words read."""
    dump = Dump("Story 77 北山日报的渡轮", story_url(77), int(NOW.timestamp() * 1000) - 10**9, BODY)
    (root / "articles" / "Lamp" / "1_ferry.md").write_bytes(encode(dump))
    for _progress in reader.ingest():
        pass
    list(reader.fill_search())
    reader.changed()
    return reader


@pytest.mark.parametrize("size", SIZES)
async def test_stories_are_found_while_one_types(config: Config, found: Reader, size: tuple[int, int]) -> None:
    async with window(config, found, size) as w:
        await w.press("/")
        await w.type("渡")
        assert "北山日报的渡轮" in w.screen
        assert "渡轮已经离岸" in w.screen
        await w.type("轮 source:")
        await w.press("tab")
        assert "source:" in w.screen
        await w.press("ctrl+u")
        await w.type("paragraph")
        for first in ("Story 6 河口", "Story 3 河口", "Story 6 河口"):  # by rank, by date, by rank
            assert isinstance(w.dialog, SearchScreen)
            assert w.dialog.current is not None
            assert w.dialog.current.value.title == first
            await w.press("shift+tab")
        await w.press("ctrl+u")
        await w.type("渡輪")  # written in the other script
        await w.press("enter")
        assert w.reading.article.story is not None
        assert w.reading.article.story.title.startswith("Story 77")
        assert w.reading.article.reading is not None
        assert len(w.reading.article.reading.matches) == 3, "the title, and two in the text"
        top = w.reading.article.reading.top
        await w.press("n", "n")
        assert w.reading.article.reading.top > top
        assert "渡轮在十点回来" in w.screen
        assert "3/3 ∙" in w.status
        await w.press("n")
        assert "No more matches" in w.status
        await w.press("N", "N", "escape", "q")
        assert w.reading.article.reading.matches == []
        assert w.reading.pane == "list"
        for number, is_there in (("4", False), ("3", True)):  # what was searched for last, of another source
            await w.press("g", "s", number, "/")
            assert isinstance(w.dialog, SearchScreen)
            assert (w.dialog.current is not None) is is_there, w.reading.headlines.view
            await w.press("escape", "escape")


async def test_what_is_wrong_with_a_query_is_said_under_the_prompt(config: Config, found: Reader) -> None:
    async with window(config, found) as w:
        for keys in ("/", "F"):
            await w.press(keys)
            await w.type("(ferry date:soon")
            assert "no date: 2025-02" in w.screen
            await w.press(*["backspace"] * 9)
            await w.type(") is:x")
            assert "unread, read, star" in w.screen
            await w.press("escape")
            assert w.dialog is None
        assert w.reading.headlines.view == View()
        await w.press("/")
        await w.type("ferry")
        await w.press("shift+tab", "down", "up", "escape")
        assert w.dialog is None


async def test_the_list_is_narrowed_while_one_types(config: Config, found: Reader) -> None:
    async with window(config, found, (80, 24)) as w:
        await w.press("F")
        await w.type("渡轮 OR fifth")
        assert w.reading.headlines.counts.stories == found.rows(View(query="渡轮 OR fifth")).counts().stories == 2
        await w.press("enter")
        assert "F: 渡轮 OR fifth" in w.status
        await w.press("j", "k", "G", "m", "space")
        await w.press("escape", "escape")
        assert w.reading.headlines.view == View()
        await w.press("F")
        await w.type("渡轮")
        assert "Nothing found" not in w.screen
        await w.type("zzz")
        assert "Nothing found" in w.screen
        await w.press("ctrl+u")
        await w.type("is:unr")
        await w.press("tab")
        assert w.reading.headlines.view == View(query="is:unread")
        await w.press("escape")
        assert w.reading.headlines.view == View()


async def test_what_is_read_meanwhile_comes_into_the_search(config: Config, root: Path, reader: Reader) -> None:
    dump = Dump("Story 77 北山日报的渡轮", story_url(77), int(NOW.timestamp() * 1000) - 10**9, BODY)
    (root / "articles" / "Lamp" / "1_ferry.md").write_bytes(encode(dump))
    for progress in reader.ingest():
        assert progress.stage != "words"
    reader.changed()
    async with window(config, reader) as w:
        await w.press("/")
        await w.type("渡轮")
        assert "not yet searched" in w.screen
        assert "Nothing found" in w.screen
        list(reader.fill_search())
        await until(lambda: "北山日报的渡轮" in w.screen)
        assert "not yet searched" not in w.screen


async def test_a_search_is_kept_among_the_sources(config: Config, found: Reader) -> None:
    async with window(config, found) as w:
        await w.press("g", "k")
        assert "no search to keep" in w.status
        await w.press("F")
        await w.type("渡轮")
        await w.press("enter", "g", "k")
        assert "Kept among the sources: 渡轮" in w.status
        await w.press("escape", "c")
        assert [kept.query for kept in found.searcher.kept()] == ["渡轮"]
        assert any(line.startswith(" 渡轮") for line in w.lines())
        await w.press("G", "enter")
        assert w.reading.headlines.view.query == "渡轮"
        await w.press("g", "k")
        assert found.searcher.kept() == []
        assert "No longer kept: 渡轮" in w.status
    shutil.rmtree(config.places.config)
    config.places.config.symlink_to("/proc/nowhere/at/all")
    with pytest.raises(StorageFailed) as failed:
        found.searcher.keep("ferries", "渡轮")
    assert failed.value.why in map(os.strerror, (errno.ENOENT, errno.EEXIST))


async def test_matches_are_shown_in_the_story_and_end(config: Config, found: Reader) -> None:
    async with window(config, found, (80, 24)) as w:
        await w.press("g", "d")
        await w.press("escape", "j", "j", "j", "enter", "/")
        await w.type("退潮")
        assert "60 matches" in w.screen
        await w.press("enter")
        reading = w.reading.article.reading
        assert reading is not None
        await w.press("n", "n", "5", "n")
        assert "8/60 ∙" in w.status
        block, start, _ = reading.matches[7]
        assert reading.top + reading.height // 3 == reading.page.line_of(block, start)
        top = reading.top
        await w.press("N")
        assert ("7/60 ∙" in w.status, reading.top) == (True, top), "it is in sight already"
        await w.press("q")
        assert reading.matches == []
        assert w.reading.pane == "article"
        await w.press("/")
        await w.type("zzz")
        assert "Nothing found" in w.screen
        await w.press("enter", "n")
        assert w.open_number == 3, "n stays in the story"
        assert "Nothing found" in w.status
        await w.press("escape", "n")
        assert w.open_number == 4


async def test_the_language_stands_where_nothing_is_typed_yet(config: Config, found: Reader) -> None:
    async with window(config, found, (80, 24)) as w:
        await w.press("/")
        assert "date:2024..2025-03  from the one to the end of the other" in w.screen
        await w.press("down", "down", "down", "down", "down", "enter")
        await w.type("渡轮")
        assert w.dialog is not None
        assert w.typed == "title:渡轮"
        assert "北山日报的渡轮" in w.screen
        await w.press("ctrl+u")
        assert "date:昨天" in w.screen
        await w.press("escape", "question_mark")
        await w.type("date:7d")
        assert "the last seven days" in w.screen


async def test_what_is_read_as_an_operator_is_told_and_can_be_done_without(
    config: Config, root: Path, found: Reader
) -> None:
    (root / "articles" / "Lamp" / "1_new.md").write_bytes(encode(Dump("New", story_url(78), 10**12, "<p>x")))
    ingested(found)
    async with window(config, found, (80, 24)) as w:
        await w.press("/")
        await w.type("degrees -40")
        line = w.app.screen.query_one(Input)
        colours = {text.strip(): style.color for text, style, _ in line.render_line(0) if style is not None}
        assert colours["-"] != colours["degrees"]
        assert "Nothing so; the same words as they stand: 1" in w.screen
        assert "not yet searched" in w.screen
        list(found.fill_search())
        await until(lambda: "not yet searched" not in w.screen)
        assert "Nothing so; the same words as they stand: 1" in w.screen
        await w.press("enter")
        assert w.typed == 'degrees "-40"'
        assert "北山日报的渡轮" in w.screen


async def test_what_the_words_bring_takes_the_place_of_what_was_offered(
    config: Config, root: Path, found: Reader
) -> None:
    body = "<p>It is some degrees.</p>"
    (root / "articles" / "Lamp" / "1_new.md").write_bytes(encode(Dump("Colder", story_url(78), 10**12, body)))
    ingested(found)
    async with window(config, found, (80, 24)) as w:
        await w.press("/")
        await w.type("degrees -40")
        assert "Nothing so; the same words as they stand: 1" in w.screen
        list(found.fill_search())
        await until(lambda: "Colder" in w.screen)
        assert "Nothing so" not in w.screen


async def test_a_title_that_only_sounds_so_is_marked(config: Config, found: Reader) -> None:
    async with window(config, found, (80, 24)) as w:
        await w.press("/")
        await w.type("beishan")
        assert "   ~  Story 77 北山日报的渡轮" in w.screen
        await w.press("enter")
        assert "1/1" in w.status, "and shown where it stands"
        await w.press("q", "escape", "/")
        await w.type("dulun")
        await w.press("enter")
        assert "1/3" in w.status


async def test_more_like_this(config: Config, found: Reader) -> None:
    async with window(config, found) as w:
        await w.press("M")
        assert "More like this" in w.screen or "Nothing like this" in w.status
        await w.press("enter", "escape")


async def test_without_anything_to_fetch_one_is_told_how_to_add_it(config: Config, found: Reader) -> None:
    async with window(config, found) as w:
        await w.press("r")
        await until(lambda: "newsreader add URL" in w.status)
        await w.press("E")
        assert "Nothing has failed" in w.status
        for told, failure, said in (
            ([FetchProgress("Post", "done")], None, "0 dumps fetched."),
            ([], StorageFailed("x", "disk full"), "Not fetched: disk full"),
        ):
            w.app.fetches._listen(told, failure)  # the last word of a process, which is at work no longer
            await w.press()
            assert said in w.status
        assert found.rows().counts().stories == STORIES + 1


async def test_sources_are_fetched_beside_the_reading(config: Config, tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "news")
    add_source(config.places, Source("news", str(archive), "archive"))
    with Newsstand() as stand, FeedServer() as server:
        stand.routes |= {"/post": rss(item(2), item(1))}
        add_source(config.places, Source("Post", stand.url("/post"), "feed"))
        (there,) = server.add(1)
        add_source(config.places, Source("there", server.url(GREADER), "server", user=USER, password=PASSWORD))
        add_source(config.places, Source("Gone", stand.url("/nothing"), "feed"))
        with Reader.open(config) as reader:
            ingested(reader)
            app = Enclosed(config, reader, environ={}, clock=lambda: NOW)
            async with app.run_test(size=(80, 24)) as pilot:
                w = Window(app, pilot)
                await until(lambda: not app.indexing.is_running)
                await w.press("5", "j")
                before = w.cursor.id, w.reading.headlines.viewport.cursor_line
                await w.press("r")
                assert app.fetches.is_running
                await w.press("k", "j")
                await until(lambda: not app.fetches.is_running)
                await until(lambda: reader.rows().counts().stories == STORIES + 3 and not app.indexing.is_running)
                assert "1 source failed" in w.status
                assert (w.cursor.id, w.reading.headlines.viewport.cursor_line) == before
                reader.marks.star([story_id(story_key(there.url))])
                await w.press("E")
                assert "Gone" in w.screen
                assert "1 mark waits to be sent" in w.screen
                assert "not taken" not in w.screen
                await w.press("escape", "r")
                await until(lambda: there.starred and not app.fetches.is_running)
                await w.press("E")
                assert "0 marks wait to be sent" in w.screen
                assert "there is nothing at this address" in w.screen
                await w.press("escape")
        with Reader.open(config) as reader:  # in a new window
            app = Enclosed(config, reader, environ={}, clock=lambda: NOW)
            async with app.run_test(size=(80, 24)) as pilot:
                w = Window(app, pilot)
                await w.press("E")
                assert "Gone" in w.screen
                assert "since" in w.screen
                assert "there is nothing at this address" in w.screen


@pytest.fixture
def teaser(config: Config) -> Iterator[None]:
    """A library of one story whose feed only teases, its page on a server that runs."""
    text = "".join(
        f"<p>The whole of part {n}, which tells of the ferry and of the fog at length.</p>" for n in range(9)
    )
    page = f"<html><body><nav>Menu</nav><article><h1>Night ferry 1</h1>{text}</article></body></html>"
    with Newsstand() as stand:
        feed = rss(item(1).replace("https://harbour.example/1", stand.url("/story")))
        stand.routes |= {"/post": feed, "/story": page.encode()}
        add_source(config.places, Source("Post", stand.url("/post"), "feed"))
        with Reader.open(config) as reader:
            list(reader.network.fetch())
        with Reader.open(config) as reader:
            list(reader.ingest())
        yield


async def test_the_full_text_of_a_teaser_takes_its_place(config: Config, teaser: None) -> None:
    with Reader.open(config) as reader:
        app = Enclosed(config, reader, environ={}, clock=lambda: NOW)
        async with app.run_test(size=(80, 24)) as pilot:
            w = Window(app, pilot)
            await until(lambda: not app.indexing.is_running)
            await w.press("enter", "x")
            assert "Fetching the full text." in w.status
            await until(lambda: "The full text is here." in w.status)
            await until(lambda: "The whole of part 1" in w.screen)
            assert "Menu" not in w.screen
