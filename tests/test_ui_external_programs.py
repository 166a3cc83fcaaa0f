"""The window and the world: the browser, the indexing process, the mouse, and a terminal that goes away."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from textual.events import MouseDown, MouseEvent, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp

from newsreader.config import Config
from newsreader.reader import Reader
from newsreader.safety import cell_width
from newsreader.ui.app import NewsreaderApp
from newsreader.ui.external_programs import Browser, browse, browser_of
from tests.terminal import Terminal
from tests.test_ui_app import NOW, STORIES, Window, config, reader, root, until, window, write_archive

__all__ = ["config", "reader", "root"]  # fixtures

READ = " 1/40 ∙ 40 unread   "
"""The status once all is read."""


# --- The browser ----------------------------------------------------------------------------------------------------


@pytest.fixture
def desktop(tmp_path: Path) -> dict[str, str]:
    """An environment with a desktop whose xdg-open writes down what it was given."""
    folder = tmp_path / "bin"
    folder.mkdir()
    opener = folder / "xdg-open"
    opener.write_text(f'#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done >{tmp_path}/opened.new\n')
    with opener.open("a") as script:
        script.write(f"mv {tmp_path}/opened.new {tmp_path}/opened\n")
    opener.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "DISPLAY": ":0"}


@pytest.mark.skipif(sys.platform != "linux", reason="xdg-open is Linux's")
async def test_the_browser_gets_the_url_as_one_word(desktop: dict[str, str], tmp_path: Path) -> None:
    url = "https://example.org/a?b=$(touch%20x)&c=`id`;d"
    browser = browser_of(desktop)
    assert browser is not None
    assert browse(browser, url, desktop)
    await until((tmp_path / "opened").exists)
    assert (tmp_path / "opened").read_text() == url + "\n"
    assert not browse(Browser(("/nonexistent",)), url, desktop)


@pytest.mark.skipif(sys.platform != "linux", reason="xdg-open is Linux's")
def test_no_browser_where_the_person_would_not_see_it(desktop: dict[str, str]) -> None:
    assert browser_of(desktop) is not None
    assert browser_of(desktop | {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}) is None
    assert browser_of({"PATH": desktop["PATH"]}) is None
    assert browser_of(desktop | {"PATH": "/nonexistent"}) is None


def test_the_browser_that_was_chosen_comes_first(desktop: dict[str, str]) -> None:
    far = desktop | {"SSH_TTY": "/dev/pts/1", "BROWSER": "no-such-one:'broken:xdg-open --new %s --last:sh"}
    assert browser_of(far) == Browser(("xdg-open", "--new", "%s", "--last"))
    assert Browser(("xdg-open", "--new", "%s", "--last")).argv("u") == ["xdg-open", "--new", "u", "--last"]
    chosen = browser_of(far, ("/opt/bin/w3m", "-o", "x=%u"))
    assert chosen == Browser(("/opt/bin/w3m", "-o", "x=%u"))
    assert chosen.argv("u") == ["/opt/bin/w3m", "-o", "x=u"]
    assert chosen.takes_terminal
    assert Browser(("firefox",)).argv("u") == ["firefox", "u"]
    assert not Browser(("firefox",)).takes_terminal


def test_a_browser_of_the_terminal_gets_it_and_gives_it_back(tmp_path: Path) -> None:
    root = write_archive(tmp_path / "news")
    browser = tmp_path / "lynx"
    browser.write_text('#!/bin/sh\ntest -t 0 && test -t 1 && echo && echo "shows $1"\nread line\n')
    browser.chmod(0o755)
    environ = {"NEWSREADER_HOME": str(tmp_path / "home"), "LANG": "C.UTF-8", "BROWSER": str(browser)}
    with Terminal([sys.executable, "-m", "newsreader", str(root)], env=environ, warm=True) as terminal:
        terminal.wait_for("40 unread")
        terminal.send("o")
        terminal.wait_for("shows https://example.org/story-")
        terminal.send("\r")
        terminal.wait_for("Opened: https://example.org/story-")
        terminal.send("G")
        terminal.wait_for("40/40 ")


def test_a_browser_beside_the_terminal_is_started_or_said_to_have_failed(tmp_path: Path) -> None:
    root = write_archive(tmp_path / "news")
    browser = tmp_path / "firefox"
    browser.write_text(f'#!/bin/sh\necho "$1" >{tmp_path}/opened\n')
    browser.chmod(0o755)
    environ = {"NEWSREADER_HOME": str(tmp_path / "home"), "LANG": "C.UTF-8", "BROWSER": str(browser)}
    with Terminal([sys.executable, "-m", "newsreader", str(root)], env=environ, warm=True) as terminal:
        terminal.wait_for("40 unread")
        terminal.send("o")
        terminal.wait_for("Opened: https://example.org/story-")
        while not list(tmp_path.glob("opened")):
            terminal.settle(0.01)
        browser.write_bytes(b"\0 no program")
        terminal.send("jo")
        terminal.wait_for("The browser did not start. Copied: https://example.org/story-")


# --- Indexing -------------------------------------------------------------------------------------------------------


async def test_rows_come_while_one_looks(config: Config, tmp_path: Path) -> None:
    root = write_archive(tmp_path / "news", 300)
    chosen = config._replace(settings=config.settings._replace(mark_read_after=0))
    with Reader.open(chosen, root) as reader:
        app = NewsreaderApp(chosen, reader, environ={}, clock=lambda: NOW)
        async with app.run_test(size=(80, 24)) as pilot:
            assert app.indexing.is_running
            headlines = app.reading_screen.headlines
            await until(lambda: headlines.counts.stories > 30)  # so that there is a page below the cursor
            await pilot.press("j", "j")
            cursor, line = app.reading_screen.headlines.current, app.reading_screen.headlines.viewport.cursor_line
            assert cursor is not None
            await until(lambda: not app.indexing.is_running)
            assert app.reading_screen.headlines.counts.stories == 300
            assert app.reading_screen.headlines.current is not None
            assert app.reading_screen.headlines.current.id == cursor.id
            assert app.reading_screen.headlines.viewport.cursor_line == line
            assert app.status.progress is None
        assert not app.indexing.is_running


async def test_a_second_start_finds_what_is_new(config: Config, reader: Reader, root: Path) -> None:
    write_archive(root, STORIES + 2, newest=NOW)
    app = NewsreaderApp(config, reader, environ={}, clock=lambda: NOW)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.status.text != "")
        await pilot.pause()
        assert app.status.text == "2 stories added."
        assert app.reading_screen.headlines.counts.stories == STORIES + 2


async def test_indexing_can_be_stopped(config: Config, tmp_path: Path) -> None:
    root = write_archive(tmp_path / "news", 1000, newest=NOW)
    with Reader.open(config, root) as reader:
        app = NewsreaderApp(config, reader, environ={}, clock=lambda: NOW)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(lambda: app.status.progress is not None)
            w = Window.__new__(Window)
            w.app, w.reading, w.pilot = app, app.reading_screen, pilot  # type: ignore[assignment]
            assert "indexing" in w.status
            await pilot.press("ctrl+c")
            assert not app.indexing.is_running
            assert "Indexing stopped" in w.status
            app._tick()
            await pilot.press("ctrl+c")
            assert "Nothing is running" in w.status
            app._tick()
            assert not app.indexing.is_running
    with Reader.open(config, root) as reader:
        assert reader.needs_index()
        assert list(reader.ingest())[-1].stage == "done"
        assert reader.rows().counts().stories == 1000


async def test_an_archive_that_is_gone_is_said_and_the_rest_is_read(config: Config, reader: Reader, root: Path) -> None:
    root.rename(root.with_name("elsewhere"))
    app = NewsreaderApp(config, reader, environ={}, clock=lambda: NOW)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: not app.indexing.is_running)
        await pilot.pause()
        assert app.status.is_error
        await pilot.press("enter")
        assert app.reading_screen.article.reading is not None


# --- The mouse ------------------------------------------------------------------------------------------------------


class Mouse:
    """A mouse over the window."""

    def __init__(self, w: Window) -> None:
        self.w = w

    async def do(self, kind: type[MouseEvent], x: int, y: int, button: int = 1) -> None:
        self.w.app.post_message(kind(None, x, y, 0, 0, button, False, False, False, screen_x=x, screen_y=y))
        await self.w.pilot.pause()

    async def click(self, x: int, y: int) -> None:
        await self.do(MouseDown, x, y)
        await self.do(MouseUp, x, y)

    async def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        await self.do(MouseDown, *start)
        await self.do(MouseMove, *end)
        await self.do(MouseUp, *end)

    def find(self, text: str) -> tuple[int, int]:
        """Where the screen says something."""
        y, line = next((y, line) for y, line in enumerate(self.w.lines()) if text in line)
        return cell_width(line[: line.index(text)]), y


async def test_a_click_goes_to_a_row_a_second_one_opens_it_and_the_wheel_scrolls(
    config: Config, reader: Reader
) -> None:
    async with window(config, reader, (120, 40), mouse=True) as w:
        mouse = Mouse(w)
        await mouse.click(20, 4)
        assert w.cursor_number == 3
        await mouse.click(20, 4)
        assert w.open_number == 3
        assert w.reading.pane == "article"
        await mouse.do(MouseScrollDown, 80, 10)
        assert w.reading.article.reading is not None
        assert w.reading.article.reading.top == 3
        await mouse.do(MouseScrollUp, 80, 10)
        assert w.reading.article.reading.top == 0
        await mouse.do(MouseScrollDown, 10, 10)
        assert w.cursor_number == 6
        await mouse.click(20, 39)
        await mouse.click(48, 3)
        assert w.cursor_number == 6
        await w.press("c")
        fence = mouse.find("│")
        await mouse.drag(fence, (44, 7))
        assert w.geometry.sources is not None
        assert w.geometry.sources.width == 44, "every line between panes goes where it is dragged to"
        await w.press("=")
        assert mouse.find("│") == fence
        await mouse.click(3, 3)
        assert w.reading.headlines.view.source == "Lamp"
        await w.press("S")
        await mouse.click(*mouse.find("longest first"))
        assert w.reading.headlines.view.sort == "length"
        await w.press("F")
        await mouse.click(60, 5)
        await w.type("x")
        assert w.typed.endswith("x"), "a click takes nothing from the prompt"


async def test_a_click_follows_a_link_or_unfolds(config: Config, reader: Reader) -> None:
    async with window(config, reader, (120, 40), mouse=True) as w:
        mouse = Mouse(w)
        await w.press(*"4j", "enter")
        await mouse.click(*mouse.find("▸"))
        assert "https://feedx.net" in w.screen
        await mouse.click(*mouse.find("another place"))
        assert w.browsed == ["https://elsewhere.example/page?a=1"]
        await mouse.click(*mouse.find("It links"))
        assert w.open_number == 4
        await mouse.click(*mouse.find("fifth story"))
        assert w.open_number == 5


@pytest.mark.parametrize("wide", [False, True])
async def test_text_that_is_selected_is_copied_without_the_breaks_of_its_lines(
    config: Config, reader: Reader, *, wide: bool
) -> None:
    async with window(config, reader, (120, 40), mouse=True, ambiguous_wide=wide) as w:
        mouse = Mouse(w)
        await w.press(*"3j", "enter")
        await mouse.drag((48, 5), (89, 9))
        assert w.geometry.list is not None
        assert w.geometry.list.width == 89, "the rule goes where it is dragged to"
        x, y = mouse.find("第0段")
        assert "Paragraph 0 of it." not in w.screen, "it stands on two lines"
        await mouse.drag((x, y), (w.app.size.width - 1, mouse.find("第1段")[1] - 1))
        whole = "第0段：河口的鳥在退潮時回來，一隻接一隻。Paragraph 0 of it."
        assert w.copied == [whole]
        await mouse.drag((mouse.find("第1段")[0] + 3, mouse.find("第1段")[1]), (x, y))
        assert w.copied[1:] == [f"{whole}\n\n第1段"]
        assert "Copied" in w.status
        await w.press("j")
        await mouse.drag((x, mouse.find("第1段")[1]), (2, 39))
        assert w.copied[2].startswith(f"{whole[:1]}1{whole[2:17]}"), "it ends with the pane, not in the list"
        await w.press("J")
        assert not w.app.screen.selections


# --- The terminal goes away -----------------------------------------------------------------------------------------


def test_after_a_hang_up_the_same_story_stands_at_the_same_place(tmp_path: Path) -> None:
    root = write_archive(tmp_path / "news")
    command = [sys.executable, "-m", "newsreader", str(root)]
    environ = {"NEWSREADER_HOME": str(tmp_path / "home"), "LANG": "C.UTF-8"}
    with Terminal(command, env=environ, warm=True) as terminal:
        terminal.wait_for(READ)
        terminal.send("jjj\r")
        terminal.wait_for("Paragraph 0")
        terminal.press("20j")
        top = terminal.screen()
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_end() is not None
    with Terminal(command, env=environ, warm=True) as terminal:
        terminal.wait_for("4/40 ")
        again = terminal.wait_for("Paragraph")
    first = [next(line for line in screen.splitlines()[9:] if line) for screen in (top, again)]
    assert first[0] == first[1]
    assert "Paragraph" in first[0]


def test_a_mark_survives_a_kill(tmp_path: Path) -> None:
    root = write_archive(tmp_path / "news")
    command = [sys.executable, "-m", "newsreader", str(root)]
    environ = {"NEWSREADER_HOME": str(tmp_path / "home"), "LANG": "C.UTF-8"}
    with Terminal(command, env=environ, warm=True) as terminal:
        terminal.wait_for(READ)
        terminal.press("jf")
        terminal.wait_for("✦")
        terminal.signal(signal.SIGKILL)
        terminal.wait_end()
    with Terminal(command, env=environ, warm=True) as terminal:
        assert "✦" in terminal.wait_for(READ)


async def test_nothing_waits_for_an_app_that_has_ended(config: Config, reader: Reader) -> None:
    async with window(config, reader, mark_read_after=0.2) as w:
        await w.press("enter", "Q")
        story = w.cursor.id
    await asyncio.sleep(0.3)
    row = reader.summary(story)
    assert row is not None
    assert not row.read
