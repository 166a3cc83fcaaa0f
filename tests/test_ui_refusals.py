"""What cannot be done is said, in words that say why, and does nothing else."""

from __future__ import annotations

from pathlib import Path

from newsreader.config import Config
from newsreader.dump import Dump, encode
from newsreader.reader import Reader
from tests.newsroom import ingested
from tests.test_ui_app import Window, config, reader, root, window

__all__ = ["config", "reader", "root"]  # fixtures

NO_STORY_OPEN = {
    **dict.fromkeys(("u", "g O", "g y", "C", "I", "i", "right_curly_bracket", "semicolon"), "No story is open."),
    "1 7 o": "There is no link 17.",
    "left_square_bracket": "Nothing further back.",
    "U": "Nothing to undo.",
    "ctrl+r": "Nothing to redo.",
    "g r": "Narrow the list first: the rule is for what it shows then.",
    "x": "This is for added sources: newsreader add.",
    "g t": "No topics here.",
    "g k": "There is no search to keep.",
    "g A": "Nothing unread here.",
    "exclamation_mark": "No commands yet: [commands.NAME] in config.toml.",
    "M": "Nothing like this here.",
    "E": "Nothing has failed.",
    "ctrl+c": "Nothing is running. Q quits.",
}
AT_THE_LAST_STORY = {
    "J": "This is the last story.",
    **dict.fromkeys(("u", "g O", "g y", "tab", "semicolon"), "This story has no links."),
    "C": "This story has no headings.",
    **dict.fromkeys(("I", "i"), "This story has no images."),
}
OF_NO_SOURCE = dict.fromkeys(("e", "r", "D"), "This is no source that was added.")


async def _say(w: Window, told: dict[str, str]) -> None:
    for keys, said in told.items():
        await w.press(*keys.split())
        assert w.status.startswith(said), keys
        assert w.dialog is None, keys
    assert (w.browsed, w.copied) == ([], [])


async def test_what_cannot_be_done_says_why(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await _say(w, NO_STORY_OPEN)
        assert (w.cursor_number, w.open_number) == (0, None)
        await w.press("G", "enter")
        await _say(w, AT_THE_LAST_STORY)
        assert w.open_number == 39
        await w.press("h", "g", "g", "enter", "K")
        assert w.status.startswith("This is the first story.")
        await w.press("h", "c")
        await _say(w, OF_NO_SOURCE)
        await w.press("escape", "F")
        await w.type("Story")
        await w.press("enter", "g", "r")
        assert w.status.startswith("This is for added sources"), "there is nobody to whom a rule could be kept"


async def test_a_window_for_one_pane_says_so(config: Config, reader: Reader) -> None:
    async with window(config, reader, (30, 8)) as w:
        await w.press("L")
        assert w.status.startswith("Too small for two panes.")


async def test_nothing_is_opened_that_is_not_of_the_web(config: Config, tmp_path: Path) -> None:
    story = Dump("Story 0", "ftp://example.org/story", 10**12, '<img src="https://example.org/a.png"><p>x</p>')
    (tmp_path / "1.md").write_bytes(encode(story))
    with Reader.open(config, tmp_path / "1.md") as reader:
        ingested(reader)
        async with window(config, reader) as w:
            await w.press("o", "O")
            assert w.status.startswith("Not opened, as this is no web address: ftp://example.org/story")
            assert (w.browsed, w.cursor.read) == ([], False)
            await w.press("enter", "3", "i")
            assert w.status.startswith("There is no image 3.")


async def test_nothing_found_in_a_story_is_said(config: Config, reader: Reader) -> None:
    async with window(config, reader) as w:
        await w.press("enter", "/")
        await w.type("zz")
        assert "Nothing found." in w.lines()[-2]
        await w.press("enter")
        assert w.dialog is None
