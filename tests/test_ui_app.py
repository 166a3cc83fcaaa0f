"""The window as a person uses it: keys in, screen out, on a real archive of our own making."""

from __future__ import annotations

import asyncio
import gc
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key, Paste
from textual.geometry import Region
from textual.keys import key_to_character
from textual.pilot import Pilot
from textual.strip import Strip

from newsreader.article import Summary
from newsreader.config import Config, Keys, load_config
from newsreader.dump import Dump, encode
from newsreader.reader import Reader, View
from newsreader.ui import paint
from newsreader.ui.app import NewsreaderApp
from newsreader.ui.garbage_collection import Garbage
from newsreader.ui.layout import Geometry
from newsreader.ui.panes.article_view import ArticleView
from newsreader.ui.prompt import Prompt
from newsreader.ui.screens.dialog import Dialog, Line
from newsreader.ui.screens.reading_screen import ReadingScreen
from newsreader.ui.terminal.textual_private import strips_of
from tests.newsroom import ingested

NOW = datetime(2026, 2, 13, 12, 24, tzinfo=UTC)
STORIES = 40
LONG = "".join(f"<p>第{n}段：河口的鳥在退潮時回來，一隻接一隻。Paragraph {n} of it.</p>" for n in range(60))
BODY = (
    '<p>It links to <a href="https://example.org/story-5">the fifth story</a>, to '
    '<a href="https://elsewhere.example/page?a=1">another place</a> and nowhere else.</p>'
    '<img src="https://img.example.org/one.jpg"><div><small>One picture.</small></div>'
    "<div>获取更多RSS：<br>https://feedx.net <br>https://feedx.fun</div>"
)
NOTES = (
    '<p id="up">The bell rang in 1984<sup><a href="#note">1</a></sup>.</p>'
    + "".join(f"<p>Paragraph {n} of the text.</p>" for n in range(30))
    + '<p id="note">On Sundays only. <a href="#up">↩</a></p>'
    + "".join(f"<p>Paragraph {n} below it.</p>" for n in range(30))
)


def story_url(number: int) -> str:
    return f"https://example.org/story-{number}"


def write_archive(root: Path, count: int = STORIES, *, newest: datetime = NOW) -> Path:
    """Story 0 is the newest; one every three hours, in two sources; story 3 is long, story 4 has links and a fold."""
    for number in range(count):
        folder = root / "articles" / ("河口通訊" if number % 3 else "Lamp")
        folder.mkdir(parents=True, exist_ok=True)
        body = {3: LONG, 4: BODY, 6: NOTES}.get(number, f"<p>The text of story {number}.</p>")
        time = int((newest - timedelta(minutes=12, hours=3 * number)).timestamp() * 1000)
        name = f"{0x1000 + number}_story.md"
        (folder / name).write_bytes(encode(Dump(f"Story {number} 河口", story_url(number), time, body)))
    return root


@pytest.fixture
def config(tmp_path: Path) -> Config:
    found = load_config({"NEWSREADER_HOME": str(tmp_path / "home")})
    return found._replace(settings=found.settings._replace(timezone=UTC, language="en", mark_read_after=0.05))


@cache
def once(base: Path) -> Path:
    """A folder that holds an archive, and a home that has read one like it at `base`/news."""
    made = base / "once"
    with Reader.open(load_config({"NEWSREADER_HOME": str(made / "home")}), write_archive(base / "news")) as opened:
        for _progress in opened.ingest():
            pass
    shutil.copytree(base / "news", made / "news")
    return made


@pytest.fixture
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive, at the same path for each test, by which an index knows it."""
    base = tmp_path_factory.getbasetemp() / "window"
    made = once(base)
    shutil.rmtree(base / "news", ignore_errors=True)
    return shutil.copytree(made / "news", base / "news")


@pytest.fixture
def reader(config: Config, root: Path) -> Iterator[Reader]:
    """A reader that has read it."""
    shutil.copytree(once(root.parent) / "home", config.places.data.parent, dirs_exist_ok=True)
    with Reader.open(config, root) as opened:
        yield opened


class Enclosed(NewsreaderApp):
    """The app, its ways out recorded."""

    copied: list[str]
    browsed: list[str]
    browser = "opened"

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)

    def browse(self, url: str) -> str:
        self.browsed.append(url)
        return self.browser


class Window:
    """The app under test, its screen as text, and what it did outside."""

    def __init__(self, app: Enclosed, pilot: Pilot[int]) -> None:
        self.app = app
        self.reading = app.reading_screen
        self.pilot = pilot
        self.copied = app.copied = []
        self.browsed = app.browsed = []

    async def press(self, *keys: str) -> None:
        """Type keys, by Textual's names, all at once."""
        for key in keys:
            character = key if len(key) == 1 else key_to_character(key)
            self.app.post_message(Key(key if len(key) > 1 else f"char_{ord(key)}", character))
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*text)

    def lines(self) -> list[str]:
        """The screen, line by line."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def dialog(self) -> Dialog[Any] | Prompt | None:
        """What lies over the panes."""
        top = self.app.screen
        if isinstance(top, Dialog):
            return top
        prompt = top.query_one(Prompt)
        return prompt if prompt.is_open else None

    @property
    def typed(self) -> str:
        """What was typed into it."""
        assert isinstance(self.app.focused, Line)
        return self.app.focused.value

    @property
    def screen(self) -> str:
        return "\n".join(self.lines())

    @property
    def status(self) -> str:
        return self.lines()[-1].strip()

    @property
    def geometry(self) -> Geometry:
        """Where the panes stand."""
        return self.reading.places.geometry(self.reading.pane)

    @property
    def kind(self) -> str:
        return self.geometry.kind

    @property
    def cursor(self) -> Summary:
        assert self.reading.headlines.current is not None
        return self.reading.headlines.current

    @property
    def cursor_number(self) -> int:
        return int(self.cursor.title.split()[1])

    @property
    def open_number(self) -> int | None:
        return int(self.reading.article.story.title.split()[1]) if self.reading.article.story else None


@asynccontextmanager
async def window(
    config: Config, reader: Reader, size: tuple[int, int] = (120, 40), **settings: Any
) -> AsyncIterator[Window]:
    chosen = config._replace(settings=config.settings._replace(**settings))
    app = Enclosed(chosen, reader, environ={}, clock=lambda: NOW, indexes=False)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Window(app, pilot)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what a timer of the app is to bring."""
    for _ in range(6000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


# --- What stands on the screen --------------------------------------------------------------------------------------


async def test_the_first_screen(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        lines = w.lines()
        assert lines[0].startswith(" Today")
        assert lines[1].startswith("*   12m Lamp     Story 0")
        assert lines[2].startswith("*    3h 河口通訊")
        assert w.status.startswith("1/40 ∙ 40 unread")
        assert w.status.endswith("? help")
        assert " Yesterday" in w.screen
        assert reader.title == "news"
        assert len(strips_of(w.app.screen, Region(0, 0, 120, 50))) == 50


async def test_an_opened_story_has_its_head(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("j", "enter")
        assert "Story 1" in w.lines()[0][49:]
        assert "13 February, 09:12 ∙ 1 min" in w.screen
        assert "The text of story 1." in w.screen
        assert "100 %" in w.status


@pytest.mark.parametrize("size", [(120, 40), (100, 24), (80, 24), (60, 20), (59, 14), (30, 8), (20, 4), (5, 2), (1, 1)])
async def test_every_size_is_survived(config: Config, reader: Reader, size: tuple[int, int]) -> None:
    async with window(config, reader, size) as w:
        await w.press("j", "enter", "space", "h", "question_mark", "x", "escape", "escape", "L", "z", "u", "escape")
        await w.press("G", "ctrl+u", "semicolon", "a", "greater_than_sign", "equals_sign")
        assert len(w.lines()) == size[1]


async def test_resizing_to_nothing_and_back(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("5", "j", "enter")
        for size in ((1, 1), (0, 0), (80, 24), (3, 40), (200, 3), (120, 40)):
            await w.pilot.resize_terminal(*size)
            await w.pilot.pause()
        assert w.cursor_number == 5
        assert "The text of story 5." in w.screen


async def test_a_resize_keeps_the_block_at_the_top(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("3", "j", "enter", "space", "j")
        assert w.reading.article.reading is not None
        block = w.reading.article.reading.place[0]
        assert block > 5
        for size in ((80, 24), (60, 12), (200, 50), (90, 30), (120, 40)):
            await w.pilot.resize_terminal(*size)
            await w.pilot.pause()
            page, top = w.reading.article.reading.page, w.reading.article.reading.top
            assert page.lines[top].block == block
            assert w.cursor_number == 3


async def test_layouts(config: Config, reader: Reader) -> None:
    async with window(config, reader, (120, 40)) as w:
        await w.press("enter")

        def listed_width() -> int:
            return w.geometry.list.width if w.geometry.list is not None else 0

        assert w.kind == "side"
        await w.press("L")
        assert w.kind == "stacked"
        assert "Stacked" in w.status
        await w.press("L")
        assert w.kind == "single"
        assert w.geometry.list is None
        await w.press("h")
        assert w.geometry.article is None
        await w.press("L", "enter", "z")
        assert w.geometry.list is None
        await w.press("z")
        width = listed_width()
        await w.press("greater_than_sign", "greater_than_sign")
        assert listed_width() == width + 4
        await w.press("3", "less_than_sign")
        assert listed_width() == width - 2
        await w.press("equals_sign")
        assert listed_width() == width


# --- Moving ---------------------------------------------------------------------------------------------------------


async def test_motion_with_counts(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24)) as w:
        for keys, where in (
            ("j", 1),
            ("5j", 6),
            ("k", 5),
            ("99j", 39),
            ("gg", 0),
            ("12G", 11),
            ("3gg", 2),
            ("G", 39),
            ("2k", 37),
        ):
            await w.type(keys)
            assert w.cursor_number == where, keys
        await w.press("home")
        assert w.cursor_number == 0
        await w.press("ctrl+d")
        half = w.cursor_number
        assert 2 <= half <= 4
        await w.press("pagedown")
        assert w.cursor_number > half
        await w.press("pageup", "ctrl+u", "ctrl+u")
        assert w.cursor_number == 0
        await w.press("down", "up", "end")
        assert w.cursor_number == 39


async def test_unknown_keys_do_nothing(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        before = w.screen
        await w.press("percent_sign", "ctrl+y", "f7", "escape", "g", "percent_sign")
        assert w.screen == before


async def test_what_is_being_typed_is_shown(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.type("12g")
        assert w.status.endswith("12g")
        await w.press("escape")
        assert w.status.endswith("? help")


async def test_keys_typed_at_once_are_all_taken(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press(*"jjj?helpx", "backspace")
        assert w.cursor_number == 3
        assert w.dialog is not None
        assert w.typed == "help"


async def test_scrolling_the_article(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24)) as w:
        await w.press("3", "j", "enter")
        reading = w.reading.article.reading
        assert reading is not None
        await w.press("j", "j", "k")
        assert reading.top == 1
        await w.type("7j")
        assert reading.top == 8
        await w.press("b")
        assert reading.top == 0
        await w.press("space")
        assert reading.top == reading.page_lines
        await w.press("G")
        assert reading.at_end
        assert "100 %" in w.status
        await w.type("gg")
        assert reading.top == 0
        await w.type("20G")
        assert reading.top == 19


async def test_space_pages_and_then_goes_to_the_next_unread(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24)) as w:
        await w.press("space")
        assert w.open_number == 0
        await w.press("space")
        assert w.open_number == 1
        assert w.cursor_number == 1
        await w.press("2", "j")
        await w.press("enter")
        assert w.open_number == 3
        presses = 0
        while w.open_number == 3:
            await w.press("space")
            presses += 1
        assert w.open_number == 4
        assert presses > 3
        assert reader.summary(w.reading.headlines.viewport.rows[3].id).read  # type: ignore[union-attr]


# --- Marks ----------------------------------------------------------------------------------------------------------


async def test_opening_marks_read_after_a_moment_and_nothing_jumps(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("j", "enter")
        story = w.cursor.id
        rows = [line[8:48] for line in w.lines()]
        await until(lambda: reader.summary(story).read)  # type: ignore[union-attr]
        await w.pilot.pause()
        assert [line[8:48] for line in w.lines()][:-1] == rows[:-1]
        assert not w.lines()[2].startswith("*")
        assert "39 unread" in w.status


async def test_a_story_left_at_once_stays_unread(config: Config, reader: Reader) -> None:
    async with window(config, reader, mark_read_after=0.3) as w:
        await w.press("enter", "J")
        first, second = (row.id for row in w.reading.headlines.viewport.rows[:2])
        await until(lambda: reader.summary(second).read)  # type: ignore[union-attr]
        assert not reader.summary(first).read  # type: ignore[union-attr]


async def test_delete_and_undo(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        second = reader.rows().page()[1]
        await w.press("D")
        assert reader.rows().counts().stories == STORIES - 1
        assert "U undoes it" in w.status
        assert w.app.reading_screen.headlines.current is not None
        assert w.app.reading_screen.headlines.current.id == second.id
        await w.press("enter", "D")
        assert w.app.reading_screen.pane == "list"
        assert reader.rows().counts().stories == STORIES - 2
        await w.press("U", "U")
        assert reader.rows().counts().stories == STORIES
        assert "Undone: deleted (1)" in w.status


async def test_toggle_star_and_undo(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("m")
        assert reader.rows().counts().unread == STORIES - 1
        await w.press("j", "f")
        assert "✦" in w.lines()[2]
        assert reader.rows(View(starred=True)).counts().stories == 1
        await w.press("U")
        assert "✦" not in w.screen
        await w.press("U")
        assert reader.rows().counts().unread == STORIES
        await w.press("U")
        assert "Nothing to undo" in w.status
        await w.type("3m")
        assert reader.rows().counts().unread == STORIES - 3


async def test_all_in_view_is_asked_for_and_can_be_undone(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("A")
        assert "Mark 40 stories as read?" in w.status
        await w.press("x")
        assert reader.rows().counts().unread == STORIES
        await w.press("A", "y")
        assert reader.rows().counts().unread == 0
        assert "*" not in "".join(line[:1] for line in w.lines())
        await w.press("U")
        assert reader.rows().counts().unread == STORIES


async def test_hiding_what_is_read(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.type("2m")
        await w.press("j", "full_stop")
        assert w.cursor_number == 2
        assert "unread only" in w.status
        assert "1/38" in w.status
        await w.press("j", "m")
        assert w.cursor_number == 3
        assert "2/38 ∙ 37 unread" in w.status
        await w.press("j", "k")
        assert w.cursor_number == 3
        await w.press("full_stop")
        assert w.cursor_number == 3
        assert "4/40" in w.status
        await w.press("A", "y", "full_stop")
        assert "Everything here is read" in w.screen
        await w.press("j", "enter", "space", "n", "G", "m", "f", "o")


async def test_next_unread(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("j", "m", "k", "n")
        assert w.cursor_number == 2
        await w.press("N")
        assert w.cursor_number == 0
        await w.press("N")
        assert w.cursor_number == 39  # round
        await w.press("n")
        assert w.cursor_number == 0
        await w.press("m", "G", "n")
        assert w.cursor_number == 2, "round to the first that is unread"
        await w.press("enter", "n")
        assert w.open_number == 3
        assert w.cursor_number == 3
        await w.press("J", "J", "K")
        assert w.open_number == 4


# --- Links ----------------------------------------------------------------------------------------------------------


async def test_walking_and_following_links(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("4", "j", "enter", "tab")
        reading = w.reading.article.reading
        assert reading is not None
        assert reading.selected is not None
        assert reading.selected.link == 1
        drawn = ArticleView(w.reading.article, w.reading.headlines).lines(80, 30, "article")
        assert [text for cells, _ in drawn for text, role in cells if " picked" in role] == ["the fifth story", "[1]"]
        await w.press("enter")
        assert w.open_number == 5
        assert w.cursor_number == 5
        await w.press("left_square_bracket")
        assert w.open_number == 4
        await w.press("right_square_bracket")
        assert w.open_number == 5
        await w.press("right_square_bracket")
        assert "Nothing further on" in w.status
        await w.press("left_square_bracket", "tab", "tab", "enter")
        assert w.browsed == ["https://elsewhere.example/page?a=1"]
        assert w.open_number == 4


async def test_a_note_is_shown_followed_and_left_again(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("6", "j", "enter", "tab")
        assert "On Sundays only." in w.status
        assert "1984 [1]" in w.screen
        await w.press("enter")
        assert w.open_number == 6
        assert w.browsed == []
        assert "Paragraph 0 below it." in w.screen
        assert "The bell rang" not in w.screen
        await w.press("left_square_bracket")
        assert "The bell rang" in w.screen
        assert w.open_number == 6


async def test_unfolding(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("4", "j", "enter", "shift+tab")
        assert "▸ 1 note" in w.screen
        assert "feedx" not in w.screen
        await w.press("enter")
        assert "▾" in w.screen
        assert "feedx" in w.screen
        await w.press("enter")
        assert "feedx" not in w.screen


async def test_links_by_number_by_list_and_by_letter(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("4", "j", "enter")
        await w.type("2o")
        assert w.browsed == ["https://elsewhere.example/page?a=1"]
        await w.type("2y")
        assert w.copied == ["https://elsewhere.example/page?a=1"]
        await w.type("99o")
        assert "There is no link 99" in w.status
        await w.press("u")
        assert "another place" in w.lines()[-3] or "another place" in w.screen
        await w.press("2")
        assert len(w.browsed) == 2
        await w.press("semicolon")
        assert "Type the letters" in w.status
        await w.press("a")
        assert w.open_number == 5
        await w.press("I")
        assert "no images" in w.status
        await w.press("semicolon")
        assert "no links" in w.status


async def test_a_story_that_is_opened_in_the_browser_is_read_and_its_links_do_not_read_it(
    config: Config, reader: Reader
) -> None:
    async with window(config, reader, mark_read_after=3600) as w:
        await w.press("4", "j", "enter", *"2O")
        assert not w.cursor.read
        await w.press("O")
        assert w.cursor.read
        assert w.browsed == ["https://elsewhere.example/page?a=1", story_url(4)]


async def test_images_are_listed(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("4", "j", "enter", "I")
        assert "One picture." in w.screen
        await w.press("enter")
        assert w.browsed == ["https://img.example.org/one.jpg"]


async def test_the_image_in_sight_is_opened_or_that_of_a_number(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("4", "j", "enter", "i", "1", "i")
        assert w.browsed == ["https://img.example.org/one.jpg"] * 2
        await w.press("7", "i")
        assert "no image 7" in w.status
        await w.press("J", "i")
        assert "no images" in w.status


async def test_a_picture_that_stands_in_the_story_is_shown_from_a_file_of_ours(config: Config, tmp_path: Path) -> None:
    root, png = tmp_path / "held", b"\x89PNG\r\n\x1a\n" + bytes(300)
    body = "".join(
        f'<p>Text.</p><img src="data:image/{said};base64,{b64encode(data).decode()}" alt="{alt}">'
        for said, data, alt in (("jpeg", png, "A tower"), ("svg+xml", b"<svg onload='x()'>" + bytes(200), ""))
    )
    (root / "articles" / "Lamp").mkdir(parents=True)
    (root / "articles" / "Lamp" / "1.md").write_bytes(encode(Dump("Story", story_url(0), 1_700_000_000_000, body)))
    with Reader.open(config, root) as reader:
        ingested(reader)
        async with window(config, reader) as w:
            await w.press("enter", "I")
            assert "A tower" in w.screen
            assert "data:image/jpeg;base64" in w.screen
            assert w.screen.count("data:image/svg+xml;base64") == 1, "what has no name is called by its address"
            await w.press("1")
            (shown,) = w.browsed
            assert Path(shown).read_bytes() == png
            assert shown.startswith(str(config.places.cache))
            assert shown.endswith(".png")  # what it is, whatever it says
            assert Path(shown).stat().st_mode & 0o777 == 0o600
            await w.press("2", "i")
            assert w.browsed == [shown]
            assert "Not opened" in w.status


async def test_without_a_browser_the_address_is_copied_and_shown(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        w.app.browser = "none"
        await w.press("o")
        assert w.copied == [story_url(0)]
        assert w.status.startswith(f"No browser here. Copied: {story_url(0)}")
        await w.press("Y")
        assert w.copied[-1] == f"Story 0 河口\n{story_url(0)}"
        await w.press("j", "O")
        assert reader.rows().counts().unread == STORIES - 1


# --- Help, palette --------------------------------------------------------------------------------------------------


async def test_help_is_searched_and_runs_what_is_picked(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("question_mark")
        assert "Keys" in w.screen
        await w.type("star")
        assert "star, or take the star away" in w.screen
        assert "half a page" not in w.screen
        await w.press("enter")
        assert w.dialog is None
        assert "✦" in w.lines()[1]
        await w.press("question_mark")
        await w.type("zzz")
        assert "Nothing found" in w.screen
        await w.press("enter")
        assert w.dialog is None


async def test_the_palette_finds_by_name_and_by_sentence(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("colon")
        await w.type("next_unr")
        await w.press("enter")
        assert w.cursor_number == 1
        await w.press("colon")
        await w.type("this help")
        await w.press("enter")
        assert "Keys" in w.screen
        await w.press("down", "down", "pagedown", "up", "escape")
        assert w.dialog is None


async def test_pasted_text_narrows_a_sheet_and_does_nothing_else(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        w.app.post_message(Paste("jjjQ"))
        await w.pilot.pause()
        assert w.cursor_number == 0
        await w.press("question_mark")
        w.app.post_message(Paste("sta\x1b[31mr"))
        await w.pilot.pause()
        assert w.dialog is not None
        assert w.typed == "sta[31mr"


# --- Going and coming back ------------------------------------------------------------------------------------------


async def test_q_goes_back_and_then_quits(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("enter", "q")
        assert w.reading.pane == "list"
        await w.press("q")
        assert w.app.return_value == 0
    async with window(config, reader) as w:
        await w.press("enter", "Q")
        assert w.app.return_value == 0


async def test_a_session_comes_back(config: Config, root: Path) -> None:
    with Reader.open(config, root) as reader:
        for _progress in reader.ingest():
            pass
        async with window(config, reader, (80, 24)) as w:
            await w.press("9", "j", "m", "3", "k", "full_stop", "h")
            await w.type("4G")
            assert w.cursor_number == 3
            await w.press("enter", "space", "j", "L", "Q")
            place = w.reading.article.reading.place if w.reading.article.reading else None
    with Reader.open(config, root) as reader:
        async with window(config, reader, (80, 24)) as w:
            assert w.cursor_number == 3
            assert w.open_number == 3
            assert w.reading.pane == "article"
            assert w.reading.headlines.view.unread
            assert w.reading.places.preferences.kind == "single"
            assert w.reading.article.reading is not None
            assert w.reading.article.reading.place == place
            assert w.reading.article.reading.top > 10


async def test_the_place_in_an_article_is_kept_without_a_quit(config: Config, root: Path) -> None:
    with Reader.open(config, root) as reader:
        for _progress in reader.ingest():
            pass
        async with window(config, reader, (80, 24)) as w:
            await w.press("3", "j", "enter", "space", "space")
            story, place = w.cursor.id, w.reading.article.reading.place if w.reading.article.reading else None
            assert place != (-1, 0)
            with Reader.open(config, root) as other:
                await until(lambda: other.marks.place(story) == place)
            await w.press("J")
            await w.press("K")
            assert w.reading.article.reading is not None
            assert w.reading.article.reading.place == place


async def test_old_stories_are_marked_only_where_that_is_asked_for(config: Config, tmp_path: Path) -> None:
    root = write_archive(tmp_path / "old", 100, newest=NOW - timedelta(days=30))
    with Reader.open(config, root) as reader:
        for _progress in reader.ingest():
            pass
        async with window(config, reader) as w:
            assert "older than a week" not in w.screen
            await w.press("y", "n")
            assert reader.rows().counts().unread == 100
            await w.press("g", "A")
            assert "Mark 100 older than a week as read?" in w.status
            await w.press("n", "j")
            assert reader.rows().counts().unread == 100
            await w.press("g", "A", "y", "j")
            assert reader.rows().counts().unread == 0
            await w.press("U")
            assert reader.rows().counts().unread == 100
            assert "older ones marked as read" in w.status


async def test_preview_follows_the_cursor_and_marks_nothing(config: Config, reader: Reader) -> None:
    async with window(config, reader, preview=True, mark_read_after=0) as w:
        await w.press("j", "j")
        assert "The text of story 2." in w.screen
        assert reader.rows().counts().unread == STORIES
        await w.press("enter")
        assert reader.rows().counts().unread == STORIES - 1


async def test_what_another_window_marks_is_shown(config: Config, reader: Reader, root: Path) -> None:
    async with window(config, reader) as w:
        with Reader.open(config, root) as other:
            other.marks.mark_read([w.cursor.id])
        await until(lambda: not w.lines()[1].startswith("*"))
        assert w.cursor_number == 0


async def test_ages_grow(config: Config, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    async with window(config, reader) as w:
        assert "12m" in w.lines()[1]
        monkeypatch.setattr(w.reading.appearance, "_clock", lambda: NOW + timedelta(minutes=30))
        await until(lambda: "42m" in w.lines()[1])


# --- Settings -------------------------------------------------------------------------------------------------------


async def test_the_newsboat_preset(config: Config, reader: Reader) -> None:
    async with window(config, reader, keys=Keys("newsboat")) as w:
        await w.press("N")
        assert reader.rows().counts().unread == STORIES - 1
        await w.press("l")
        assert w.reading.headlines.view.unread


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"keys": Keys("nethack")}, "nethack"),
        ({"keys": Keys("default", {"fly": ("x",)})}, "fly"),
        ({"language": "fr"}, "fr"),
        ({"theme": "drak"}, '"dark"?'),
    ],
)
async def test_a_setting_that_only_the_window_can_judge_does_not_keep_it_from_opening(
    config: Config, reader: Reader, settings: dict[str, Any], named: str
) -> None:
    app = NewsreaderApp(config._replace(settings=config.settings._replace(**settings)), reader, clock=lambda: NOW)
    async with app.run_test(size=(200, 40)) as pilot:
        await pilot.pause()
        assert "config.toml" in app.status.text
        assert named in app.status.text
        await pilot.press("j")
        assert app.status.text == ""


@pytest.mark.parametrize("theme", ["auto", "dark", "light", "plain"])
async def test_no_colour_where_none_is_wanted(config: Config, reader: Reader, theme: str) -> None:
    chosen = config._replace(settings=config.settings._replace(theme=theme))
    app = NewsreaderApp(chosen, reader, environ={"NO_COLOR": "1"}, clock=lambda: NOW)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter", "question_mark")
        for strip in app.screen._compositor.render_strips():
            for _, style, _ in strip:
                assert style is not None
                assert style.color is None or style.color.is_default
                assert style.bgcolor is None or style.bgcolor.is_default


async def test_the_cursor_is_seen_without_colour(config: Config, reader: Reader) -> None:
    app = NewsreaderApp(config, reader, environ={"NO_COLOR": "1"}, clock=lambda: NOW)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("j")
        headlines = app.screen.children[0]
        lines = [list(headlines.render_line(y)) for y in range(6)]
        marked = [y for y, line in enumerate(lines) if all(s.style and s.style.reverse for s in line)]
        assert marked == [2]


# --- What is repainted ----------------------------------------------------------------------------------------------


class Repaints:
    """Counts the lines that panes are asked to repaint."""

    def __init__(self, w: Window) -> None:
        self.seen: list[tuple[str, int]] = []
        for pane in w.app.screen.children:
            self._watch(pane)

    def _watch(self, pane: Any) -> None:
        original = pane.refresh

        def refresh(*regions: Any, **more: Any) -> Any:
            height = sum(region.height for region in regions) if regions else pane.size.height
            self.seen.append((type(pane.drawing.drawing).__name__, height))
            return original(*regions, **more)

        pane.refresh = refresh

    def taken(self) -> dict[str, int]:
        totals: dict[str, int] = {}
        for name, height in self.seen:
            totals[name] = totals.get(name, 0) + height
        self.seen.clear()
        return totals


async def test_only_what_changed_is_repainted(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24), mark_read_after=3600) as w:
        await w.press("enter", "h")
        repaints = Repaints(w)
        await w.press("j")
        assert repaints.taken() == {"Headlines": 2, "StatusLine": 1}
        await w.press("m")
        assert repaints.taken() == {"Headlines": 1, "StatusLine": 1}
        await w.press("f")
        assert repaints.taken() == {"Headlines": 1}
        await w.press("j", "j", "enter")
        assert repaints.taken()["Headlines"] <= 8
        await w.press("j")
        assert set(repaints.taken()) == {"ArticleView", "StatusLine"}
        await w.press("escape", "percent_sign")
        assert repaints.taken() == {}
        w.app._tick()
        assert repaints.taken() == {}


async def test_keys_leave_nothing_to_be_searched_for_by_the_garbage_collector(
    config: Config, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paint, "_KEPT", 64)  # so that strips are let go of
    async with window(config, reader, (80, 24)) as w:
        for _ in range(3):
            await w.press("enter", "j", "h", "j")
        gc.collect()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            for _ in range(20):
                await w.press("enter", "j", "h", "j")
            gc.collect()
            assert [type(found) for found in gc.garbage if isinstance(found, Strip)] == []
        finally:
            gc.set_debug(0)
            gc.garbage.clear()


def test_what_outlived_the_last_looks_is_looked_at_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    monkeypatch.setattr(gc, "collect", looked.append)
    garbage = Garbage()
    for _ in range(256):
        garbage.pause()
    assert [looked.count(generation) for generation in (0, 1, 2)] == [240, 15, 1]


def test_a_pause_is_wanted_once_much_is_new() -> None:
    garbage = Garbage()
    gc.collect(0)
    assert not garbage.use()
    new = [[n] for n in range(3000)]
    assert garbage.use(), len(new)


async def test_the_next_page_is_painted_before_it_is_asked_for(
    config: Config, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[str] = []
    paint_line = paint.Painter._paint

    def counted(self: paint.Painter, cells: Any, ground: str, width: int) -> Any:
        painted.append("".join(text for text, _ in cells))
        return paint_line(self, cells, ground, width)

    def ahead(self: ReadingScreen) -> None:
        before = painted[:]
        paint_ahead(self)
        painted[:] = before

    monkeypatch.setattr(paint.Painter, "_paint", counted)
    paint_ahead = ReadingScreen.paint_ahead
    monkeypatch.setattr(ReadingScreen, "paint_ahead", ahead)
    async with window(config, reader, (80, 24), mark_read_after=3600) as w:
        for turned in range(4):
            painted.clear()
            before = w.lines()[:7]
            await w.press("pagedown")
            assert w.lines()[:7] != before
            if turned:
                assert sum("Story" in line for line in painted) <= 3  # the cursor's, and those at the edge
            while w.reading.headlines.viewport.paging:
                await w.pilot.pause(0.02)
