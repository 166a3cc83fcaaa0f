"""The themes: that text is legible in each, that the first frame has the styles of the second, and a person's own."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from newsreader.config import Config
from newsreader.reader import Reader
from newsreader.ui.app import NewsreaderApp
from newsreader.ui.first_frame import Opening
from newsreader.ui.paint import Painter
from newsreader.ui.palette import BASE, Palette, load_palette, palette_file, read_palette
from newsreader.ui.terminal.capabilities import Capabilities
from newsreader.ui.terminal.styles import BOLD, DIM, REVERSE, Colour, Style
from newsreader.ui.themes import THEMES, contrast, own_themes, shown_contrast
from tests.palettes import FOLDER, made
from tests.terminal import Terminal
from tests.test_ui_app import config, once, reader, root, window
from tests.test_ui_first_frame import check_that_nothing_is_sent_again

__all__ = ["config", "reader", "root"]

PAINTED: Final = [theme for theme in (*THEMES, *BUILTIN_THEMES.values()) if not theme.ansi]
GROUNDS: Final = ("", "cursor", "resting", "sheet", "sheet cursor", "highlight", "cursor highlight")
NO_TEXT: Final = frozenset(("wall", "rule", "bar", "bar-todo"))
"""Roles of lines and bars."""


def named(theme: Theme) -> str:
    return theme.name


@pytest.mark.parametrize("theme", PAINTED, ids=named)
async def test_text_is_legible_on_every_ground(theme: Theme) -> None:
    palette = await made(theme)
    for role in {*palette.roles, BASE} - NO_TEXT:
        for ground in GROUNDS:
            style = palette.style(f"{ground} {role}")
            found = shown_contrast(colour(style.ink), colour(style.ground))
            assert found >= 4.5, f"{role} on {ground or 'the paper'}"
    assert contrast(colour(palette.style("cursor").ground), colour(palette.base.ground)) >= 1.5


@pytest.mark.parametrize("theme", THEMES, ids=named)
async def test_the_palettes_that_come_with_us_are_those_of_the_style_sheet(theme: Theme) -> None:
    shipped = read_palette((FOLDER / f"{theme.name}.txt").read_text())
    assert shipped._replace(made_of="") == (await made(theme))._replace(made_of=""), "run python -m tests.palettes"


async def test_the_terminals_own_colours_stay_its_own() -> None:
    auto, plain = [await made(theme) for theme in THEMES if theme.ansi]
    assert all(
        len(style.ink) < 2 and not style.ground for style in auto.roles.values() if REVERSE not in style.attributes
    )
    assert not any(style.ink or style.ground for style in plain.roles.values())
    told_apart = [plain.style(role) for role in ("unread", "read", "cursor", "resting", "match", "title")]
    assert len(set(told_apart)) == len(told_apart)


def test_roles_are_laid_over_one_another() -> None:
    palette = Palette(
        Style(ink=(1, 1, 1), ground=(2, 2, 2)),
        {
            "cursor": Style(frozenset((REVERSE,))),
            "new": Style(frozenset((BOLD,)), (5,)),
            "dim": Style(frozenset((DIM,))),
        },
    )
    assert palette.style("") == palette.style("unheard-of") == palette.base
    assert palette.style("new dim") == Style(frozenset((BOLD, DIM)), (5,), (2, 2, 2))
    assert palette.style("cursor new dim") == Style(frozenset((REVERSE,)))
    assert palette.style("new to=https://a.example/").link == "https://a.example/"
    painter = Painter(palette)
    for texts, line in ((("河口", "abc"), "河口a"), (("河口潮",), "河口 "), (("a",), "a    ")):
        strip = painter.strip(tuple((text, text) for text in texts), "", 5)
        assert (strip.text, sum(segment.cell_length for segment in strip)) == (line, 5)


def test_a_palette_comes_back_as_it_was_written(tmp_path: Path) -> None:
    palette = load_palette("dark", tmp_path)
    assert palette is not None
    assert read_palette(palette.written()) == palette
    path = palette_file(tmp_path, "dark")
    path.parent.mkdir()
    for damaged in (b"", b"\xff\xfe", b"# x\nbase what", b"x\n", b"# textual\nbase 38;2;1;2;" + b"9" * 100_000):
        path.write_bytes(damaged)
        assert load_palette("dark", tmp_path) == palette
    path.write_text("# mine\nbase 1\n")
    assert load_palette("dark", tmp_path) == Palette(Style(frozenset((BOLD,))), {}, "mine")
    assert load_palette("unheard-of", tmp_path) is None


THEME: Final = 'primary = "#336699"\nforeground = "#ddeeff"\nbackground = "#101820"\n'


def test_a_persons_own_themes(tmp_path: Path) -> None:
    (tmp_path / "night.toml").write_text(THEME + 'dark = true\n[variables]\nrole-star = "#ff00ff"\n')
    wrong = {
        "a": "primary = 7",
        "b": 'primary = "bluish"',
        "c": 'accent = "red"',
        "d": "= x",
        "e": 'primary = "red"\nfont = "x"',
        "f": 'primary = "red"\n[variables]\nrole-ink = "} * { display: none"\n',
    }
    for name, text in wrong.items():
        (tmp_path / f"{name}.toml").write_text(text)
    themes, faults = own_themes(tmp_path)
    assert [theme.name for theme in themes] == ["night"]
    assert [Path(fault.where).stem for fault in faults] == [*wrong]


@pytest.fixture
def home(tmp_path: Path, root: Path) -> Path:
    """A home whose archive is in the index, with a theme of its own."""
    home = shutil.copytree(once(root.parent) / "home", tmp_path / "home")
    (home / "config" / "themes").mkdir(parents=True)
    (home / "config" / "themes" / "night.toml").write_text(THEME)
    return home


NO_COLOR: Final[dict[str, str | None]] = {"NO_COLOR": "1"}
SIXTEEN: Final[dict[str, str | None]] = {"TERM": "xterm", "COLORTERM": None}


@pytest.mark.parametrize(
    ("theme", "environ"),
    [
        ("auto", {}),
        ("auto", NO_COLOR),
        ("auto", SIXTEEN),
        ("dark", {}),
        ("light", SIXTEEN),
        ("nord", {}),
        ("night", {}),
    ],
)
def test_nothing_is_painted_twice(home: Path, theme: str, environ: dict[str, str | None]) -> None:
    (home / "config" / "config.toml").write_text(f'theme = "{theme}"\n')
    env = {"NEWSREADER_HOME": str(home), **environ}
    if theme not in {known.name for known in THEMES}:
        with Terminal([sys.executable, "-m", "newsreader"], env=env, warm=True) as terminal:  # which makes the palette
            terminal.wait_for(lambda _: palette_file(home / "cache", theme).exists())
            terminal.send("q")
            assert terminal.wait_end() == 0
    with Terminal([sys.executable, "-m", "newsreader"], env=env, warm=True) as terminal:
        terminal.wait_for("? help")
        painted = bytes(terminal.raw)
        check_that_nothing_is_sent_again(terminal)
        colours = b"\x1b[38;2" in painted or b";38;2" in painted
        assert colours == (not environ and theme != "auto")
        assert theme != "night" or b"48;2;16;24;32" in painted
        assert environ is not SIXTEEN or re.search(rb"\x1b\[[0-9;]*7m", painted), "the cursor's row is told apart"


async def test_a_theme_is_chosen_live(config: Config, reader: Reader) -> None:
    async with window(config, reader, theme="dark") as w:
        dark = w.app.painter.palette
        w.app.choose_theme("light")
        await w.pilot.pause()
        assert w.app.painter.palette._replace(made_of="") == await made_again("light")
        w.app.choose_theme("auto")
        await w.pilot.pause()
        assert w.app.painter.palette._replace(made_of="") == await made_again("auto")
        w.app.choose_theme("dark")
        await w.pilot.pause()
        assert w.app.painter.palette == dark
        segment = next(iter(w.app.screen.children[0].render_line(0)))
        assert segment.style is not None
        assert segment.style.bgcolor is not None
        assert segment.style.bgcolor.get_truecolor() == dark.base.ground
        w.app.choose_theme("light")
        w.app.save()
    for setting, shown in (("dark", "light"), ("contrast", "contrast")):
        async with window(config, reader, theme=setting) as w:
            assert w.app.theme == shown, "what was chosen is kept until the settings say something else"


@pytest.mark.parametrize(("told", "shown"), [({"NO_COLOR": "1"}, "plain"), ({}, "auto")])
async def test_few_colours_show_no_theme_that_needs_many(
    config: Config, reader: Reader, told: dict[str, str], shown: str
) -> None:
    opening = Opening(config, reader, told, capabilities=Capabilities(colours=16))
    app = NewsreaderApp(config, reader, environ=told, opening=opening, indexes=False)
    async with app.run_test(size=(80, 24)) as pilot:
        app.choose_theme("dark")
        await pilot.pause()
        assert app.theme == shown
        assert f"dark: {shown} is shown" in app.status.text
        app.save()
    assert Opening(config, reader, {}).theme == "dark", "it is what was chosen where there are more"


async def made_again(name: str) -> Palette:
    return read_palette((FOLDER / f"{name}.txt").read_text())._replace(made_of="")


async def test_a_theme_that_does_not_exist_is_said(config: Config, reader: Reader) -> None:
    async with window(config, reader, theme="rainbow") as w:
        assert "rainbow" in w.lines()[-1]


def colour(of: Colour) -> Color:
    assert len(of) == 3
    return Color(*of)


async def test_the_colours_are_picked_from_a_list(config: Config, reader: Reader) -> None:
    async with window(config, reader, theme="dark") as w:
        await w.press("g", "c")
        await w.type("gruvbox")
        await w.press("enter")
        await w.pilot.pause()
        assert w.app.theme == "gruvbox"
        assert w.app.painter.palette.base.ground == (0x28, 0x28, 0x28)
