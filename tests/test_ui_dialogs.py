"""Dialogs and prompts: keys that come in one write, text that is typed, pasted and brought back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.events import Paste

from newsreader.config import Config, Keys
from newsreader.reader import Reader, View
from newsreader.safety import cell_width
from newsreader.ui.dialogs import Choice, Item
from tests.newsroom import Story, ingested
from tests.newsroom import write_archive as new_archive
from tests.test_ui_app import STORIES, config, reader, root, window

__all__ = ["config", "reader", "root"]

SIZES = [(80, 24), (120, 40), (60, 20)]


@pytest.mark.parametrize("size", SIZES)
async def test_keys_in_one_write_are_taken_in_their_order(
    config: Config, reader: Reader, size: tuple[int, int]
) -> None:
    async with window(config, reader, size, mark_read_after=3600) as w:
        await w.press(*"?star", "enter", "j")
        assert reader.rows().page()[0].starred, "the help runs what was found"
        assert w.cursor_number == 1, "and the key behind Enter counts"
        await w.press(*"?zzz", "escape", *"jj?", "escape", "j")
        assert w.cursor_number == 4
        await w.press(*":next_unr", "enter", "j")
        assert w.cursor_number == 6
        await w.press(*"tab", "backspace", *"c", "enter", "j")
        assert reader.tags() == [("ac", 1)]
        assert w.cursor_number == 7
        await w.press(*"Anj")
        assert reader.rows().counts().unread == STORIES
        assert w.cursor_number == 8
        await w.press(*"S4gg", "j", *"S1")
        assert (w.cursor_number, w.reading.headlines.view.sort) == (0, "date"), "an order begins at its top"
        await w.press(*"gs3gg", "j")
        assert (w.reading.headlines.view.source, w.cursor_number) == ("Lamp", 3)
        await w.press("escape", *"gg4j", "enter", *"u2j")
        assert w.browsed == ["https://elsewhere.example/page?a=1"]
        await w.press("h", *"FStory 1", "enter", "j", "j")
        assert w.reading.headlines.view.query == "Story 1"
        await w.press("escape", *"AyjU")
        assert w.dialog is None
        assert reader.rows().counts().unread == STORIES


async def test_a_dialog_takes_the_keys_of_the_table(config: Config, reader: Reader) -> None:
    async with window(config, reader, keys=Keys("default", {"down": ("e",), "page_down": ("gz",)})) as w:
        await w.press(*"Se", "enter")
        assert w.reading.headlines.view == View(sort="source")
        await w.press(*"Sj", "enter")
        assert w.reading.headlines.view == View(), "what was its key is none any more"
        await w.press("S", "tab", "ctrl+n", "S", "escape")
        assert w.dialog is None


async def test_a_prompt_is_a_line_with_a_cursor(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24)) as w:
        await w.press(*"Ftext", "left", "left", *"x", "home", *"a", "end", *"z")
        assert w.typed == "atexxtz"
        assert "   Narrow  atexxtz\n" in w.screen
        await w.press("ctrl+w", *"one two three", "ctrl+left", "ctrl+w")
        assert w.typed == "one three"
        w.app.post_message(Paste("\x1b[31m渡\n輪\u202e"))
        await w.pilot.pause()
        assert w.typed == "one [31m渡 輪three"
        await w.press("escape")
        assert w.dialog is None


async def test_what_was_typed_comes_back_and_is_replaced(config: Config, root: Path) -> None:
    with Reader.open(config, root) as reader:
        for _progress in reader.ingest():
            pass
        async with window(config, reader, (80, 24)) as w:
            await w.press(*"FStory 1", "enter", *"FStory 2", "enter")
            assert w.reading.headlines.view.query == "Story 2", "what is typed takes the place of what stood there"
            await w.press("F", "right", *"0", "enter", "Q")
            assert w.reading.headlines.view.query == "Story 20"
    with Reader.open(config, root) as reader:
        async with window(config, reader, (80, 24)) as w:
            await w.press("F", "up", "up", "up")
            assert w.typed == "Story 1"
            await w.press("down", "enter")
            assert w.reading.headlines.view.query == "Story 2"


async def test_more_than_nine_are_found_by_typing_and_few_have_digits(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24)) as w:
        await w.press("S")
        assert "digits pick, j and k move" in w.screen
        await w.press("9", "x", *"jjjjjk", "enter")
        assert w.reading.headlines.view.sort == "length"
        await w.press("S", "ctrl+c", "?")
        assert "type to find" in w.screen
        await w.press("j", "backspace", "backspace")
        assert w.dialog is None


async def test_what_a_head_has_no_room_for_is_cut_with_a_sign(config: Config, reader: Reader) -> None:
    async with window(config, reader, (60, 20)) as w:
        w.app.pick(Choice("A title that " * 5, [Item("", "one")]), lambda item: None)
        await w.press("9")
        assert re.search(r"^   A title that A title that A title that…  digits p… +1 *$", w.screen, re.MULTILINE), (
            w.screen
        )
        await w.press("escape", "t")
        assert "None yet: what is typed makes the first." in w.screen
        assert "type to find, or a new tag" in w.screen
        await w.press("escape", "g", "d", *"soon")
        assert "Nothing found. type a day: yesterday, last monday" in w.screen
        await w.press("escape")
        w.app.ask("Shall this question " * 5, lambda: None)
        await w.press("9")
        assert w.status == "Shall this question Shall this question Shal…  y yes, n no", "its keys stay in sight"
        await w.press("n")
        w.app.status.tell("What is said " * 5)
        w.app._show()
        await w.pilot.pause()
        assert w.status == "What is said What is said What is said What is said What…", "it has the whole line"
        await w.press("L", "L")
        assert w.kind == "side"
        await w.pilot.resize_terminal(56, 20)
        await w.pilot.pause()
        assert re.search(r"Space  reads on, to the next…$", w.screen, re.MULTILINE), w.screen
        await w.press("F")
        await w.pilot.resize_terminal(24, 20)
        await w.pilot.pause()
        assert w.lines()[-2].endswith("…"), w.screen


async def test_columns_stand_straight_where_arrows_take_two_cells(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24), ambiguous_wide=True) as w:
        await w.press("?")
        lines = {
            what: line for line in w.lines() for what in ("down; 5j", "to the top", "half a page up") if what in line
        }
        assert len({cell_width(line[: line.index(what)]) for what, line in lines.items()}) == 1, w.screen
        assert len(lines) == 3
        await w.press("escape")
        indents = set()
        for key in ("", "k"):
            w.app.pick(Choice("Which", [Item(key, "above", below="beneath")]), lambda item: None)
            await w.press("9")  # picks nothing
            above, beneath = (next(line.index(it) for line in w.lines() if it in line) for it in ("above", "beneath"))
            indents.add(beneath - above)
            await w.press("escape")
        assert len(indents) == 1, "a second line stands in by as much with keys and without"


async def test_a_title_whose_first_line_is_out_of_sight_says_so(config: Config, tmp_path: Path) -> None:
    stories = [
        Story(n, time=86_400_000 - n, title=f"Number {n} of the stories, each of which has two lines here")
        for n in range(9)
    ]
    with Reader.open(config, new_archive(tmp_path / "long", stories)) as reader:
        ingested(reader)
        async with window(config, reader, (60, 22)) as w:
            await w.press("j", "j", "j")
            assert re.match(r" +… \S", w.lines()[0]), w.screen
            await w.press("g", "g")
            assert "…" not in w.lines()[0]


@pytest.mark.parametrize("key", ["?", "S", "/", "F", "A"])
async def test_a_dialog_that_stays_open_sends_nothing(
    config: Config, reader: Reader, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    drawn: list[object] = []
    async with window(config, reader, (80, 24)) as w:
        await w.press(key)
        await w.pilot.pause(0.3)
        monkeypatch.setattr(w.app, "_display", lambda *frame: drawn.append(frame))
        await w.pilot.pause(1.2)
        assert drawn == []


async def test_the_terminal_gets_another_size_behind_a_dialog(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24)) as w:
        for key, shown, answer in (("S", "4  title", "escape"), ("A", "Mark 40 stories as read?", "n")):
            await w.press(key)
            for size in ((60, 20), (110, 30), (80, 24)):
                await w.pilot.resize_terminal(*size)
                await w.pilot.pause()
                lines = w.lines()
                assert len(lines) == size[1]
                assert lines[0].startswith(" Today"), "what lies behind is as it is without the dialog"
                assert any(shown in line for line in lines[-2:])
                assert key == "A" or (w.status.startswith("1/40") and "─" * size[0] in lines)
            await w.press(answer)


async def test_behind_a_dialog_stands_what_is_true_as_it_opens(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24)) as w:
        said = w.status
        await w.press("g")
        assert w.status != said, "what was typed of a chord"
        await w.press("s")
        assert w.dialog is not None
        assert w.status == said
