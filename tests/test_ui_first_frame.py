"""The first frame: painted before Textual is imported, and the very screen that Textual then paints."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path
from unicodedata import east_asian_width

import pytest
from wcwidth import wcwidth

from newsreader.config import Source, add_source, load_config
from newsreader.dump import Dump, encode
from newsreader.reader import Reader
from newsreader.safety import cell_width
from tests.terminal import Terminal
from tests.test_ui_app import once, root, write_archive

__all__ = ["root"]


@pytest.fixture
def home(tmp_path: Path, root: Path) -> Path:
    """A home whose archive is in the index, with the first story open and half read."""
    home = shutil.copytree(once(root.parent) / "home", tmp_path / "home")
    with Reader.open(load_config({"NEWSREADER_HOME": str(home)}), root) as reader:
        first = next(iter(reader.rows().page()))
        reader.marks.mark_read([first.id])
        reader.save_session({"cursor": first.id, "line": 1, "open": first.id, "pane": "list", "asked_old": True})
    return home


@pytest.mark.parametrize(
    ("size", "environ"),
    [
        ((80, 24), {}),
        ((80, 24), {"NO_COLOR": "1"}),
        ((60, 20), {"TERM": "linux", "COLORTERM": None}),
        ((120, 40), {"COLORTERM": None}),
        ((120, 40), {"TERM": "vt220"}),
        ((200, 50), {}),
        ((40, 10), {}),
    ],
)
def test_the_window_sends_nothing_after_its_first_frame(
    home: Path, size: tuple[int, int], environ: dict[str, str | None]
) -> None:
    argv = [sys.executable, "-m", "newsreader"]
    with Terminal(argv, size=size, env={"NEWSREADER_HOME": str(home), **environ}, warm=True) as terminal:
        terminal.wait_for(lambda shown: re.search(r"% \S \? help" if size[0] > 40 else r"\? help", shown) is not None)
        check_that_nothing_is_sent_again(terminal)
        terminal.send("q")
        assert terminal.wait_end() == 0


def check_that_nothing_is_sent_again(terminal: Terminal) -> None:
    """The window's own first frame changes no cell of the one that was there before it: with it, a key sends what the
    same key sends later (and a few bytes, as nobody knows how the terminal's pen was left)."""

    def sent_by(key: str, *, shows: bool) -> int:
        before = len(terminal.raw)
        terminal.send(key)
        terminal.wait_for(lambda shown: shown.rstrip().endswith(" 7") == shows)
        terminal.settle(0.1)
        return len(terminal.raw) - before

    first = sent_by("7", shows=True)
    sent_by("\x1b", shows=False)
    assert first <= sent_by("7", shows=True) + 16


def test_keys_typed_before_textual_is_there_count(home: Path) -> None:
    with Terminal([sys.executable, "-m", "newsreader"], env={"NEWSREADER_HOME": str(home)}) as terminal:
        terminal.wait_for("1/40 ")
        terminal.send("jjjj")
        terminal.wait_for("5/40 ")


def test_a_click_before_textual_is_there_counts(home: Path) -> None:
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "config.toml").write_text("mouse = true\n")
    with Terminal([sys.executable, "-m", "newsreader"], env={"NEWSREADER_HOME": str(home)}) as terminal:
        terminal.wait_for("1/40 ")
        terminal.send("\x1b[<0;20;5M\x1b[<0;20;5m")
        terminal.wait_for("4/40 ")


@pytest.mark.parametrize(
    ("number", "waits"), [(signal.SIGTERM, (0.0, 0.03, 0.08)), (signal.SIGHUP, (0.0, 0.08)), (signal.SIGQUIT, (0.03,))]
)
def test_a_signal_at_any_moment_of_the_start_gives_the_terminal_back(
    home: Path, number: signal.Signals, waits: tuple[float, ...]
) -> None:
    for wait in waits:
        with Terminal([sys.executable, "-m", "newsreader"], env={"NEWSREADER_HOME": str(home)}) as terminal:
            terminal.wait_for("1/40 ")
            time.sleep(wait)
            os.kill(terminal.pid, number)
            assert terminal.wait_end() in (128 + number, -number)
            assert terminal.raw.rstrip(b"\n").endswith(b"\x1b[?25h")
            assert b"Traceback" not in terminal.raw


LOOK = """
import sys

last, first = sys.argv.pop(), sys.argv.pop()

def look(event, arguments):
    global first
    if event == "import" and arguments[0] in ("newsreader.ui.app", "newsreader.config.sources") and first:
        keep(first)
        first = ""

def keep(name):
    with open(name, "w") as file:
        print(*sys.modules, file=file)

sys.addaudithook(look)
from newsreader.cli import main

main([])
keep(last)
"""
"""The program, and two looks at what it has loaded: once its first frame is painted, and at its end."""

HEAVY = {"asyncio", "bs4", "feedparser", "httpx", "lxml", "PIL", "pypinyin", "rich", "sqlite3", "textual", "tomlkit"}
"""What the first frame does without: each takes as long to load as the headlines to stand, or longer."""

PARSER = {"bs4", "feedparser", "httpx", "lxml", "newsreader.parse", "newsreader.reader.ingest"}
"""What the window does without: others read what comes."""


@pytest.mark.parametrize("is_added", [False, True])
def test_it_loads_nothing_that_it_does_not_need(tmp_path: Path, is_added: bool) -> None:
    ours = loaded_for(tmp_path, write_archive(tmp_path / "news"), (80, 24), is_added=is_added)
    assert ours.isdisjoint(("typeset", "config.table"))


@pytest.mark.parametrize("size", [(60, 20), (120, 40)])
def test_it_loads_little_more_for_settings_and_headlines_of_two_lines(tmp_path: Path, size: tuple[int, int]) -> None:
    settings = load_config({"NEWSREADER_HOME": str(tmp_path / "home")}).places.settings_file
    settings.parent.mkdir(parents=True)
    settings.write_text('theme = "dark"  # at night\n[keys]\nopen = ["enter", "o"]\n')
    archive = tmp_path / "news"
    folder = archive / "articles" / "河口"
    folder.mkdir(parents=True)
    for number in range(40):
        title = f"第{number}天：河口的“守塔人”在退潮時回來，港口的罷工還在繼續；Port strike enters its third week"
        (folder / f"{number}_a.md").write_bytes(encode(Dump(title, f"https://a.example/{number}", 10**12, "<p>x")))
    ours = loaded_for(tmp_path, archive, size)
    assert {name for name in ours if name.startswith("typeset")} == {"typeset", "typeset.breaking", "typeset.wrapping"}


def loaded_for(tmp_path: Path, archive: Path, size: tuple[int, int], *, is_added: bool = False) -> set[str]:
    """The modules of ours that the first frame of an archive of 40 stories loads, after a look at the others, and at
    those of the whole window."""
    home, kept, last = tmp_path / "home", tmp_path / "modules", tmp_path / "last"
    config = load_config({"NEWSREADER_HOME": str(home)})
    if is_added:
        add_source(config.places, Source("news", str(archive), "archive"))
    with Reader.open(config, None if is_added else archive) as reader:
        for _ in reader.ingest():
            pass
        reader.save_session({"cursor": next(iter(reader.rows().page())).id, "line": 2, "asked_old": True})
    argv = [sys.executable, "-c", LOOK, str(kept), str(last)]
    with Terminal(argv, size=size, env={"NEWSREADER_HOME": str(home)}) as terminal:
        terminal.wait_for("1/40 ")
        terminal.wait_for(lambda _: kept.exists() and kept.read_text().endswith("\n"))
        terminal.send("j")
        terminal.wait_for("2/40 ")
        terminal.send("q")
        assert terminal.wait_end() == 0
    assert PARSER.isdisjoint(last.read_text().split())
    loaded = set(kept.read_text().split())
    assert HEAVY.isdisjoint(name.partition(".")[0] for name in loaded)
    ours = {name.removeprefix("newsreader.") for name in loaded if name.startswith("newsreader.")}
    assert {"ui.first_frame", "library.index"} <= ours
    assert ours.isdisjoint(("article", "archive", "config.sources", "fetch", "identity", "library.revisions", "parse"))
    assert ours.isdisjoint(
        ("library.salvage", "library.search", "library.writing", "script", "ui.dialogs", "ui.searching")
    )
    return ours


HELD = """
import sys, time

def hold(event, arguments):
    if event == "import" and arguments[0] == "newsreader.parse":
        time.sleep(3600)

sys.addaudithook(hold)
from newsreader.cli import main

main([])
"""
"""The program, that never gets to parse a story."""


@pytest.mark.parametrize("pane", ["list", "article"])
def test_headlines_do_not_wait_for_the_story_that_was_left_open(tmp_path: Path, pane: str) -> None:
    env = {"NEWSREADER_HOME": str(tmp_path / "home")}
    with Reader.open(load_config(env), write_archive(tmp_path / "news")) as reader:
        for _ in reader.ingest():
            pass
        first = next(iter(reader.rows().page())).id
        reader.save_session({"cursor": first, "open": first, "pane": pane, "asked_old": True})
    with Terminal([sys.executable, "-c", HELD], env=env) as terminal:
        assert "The text of story 0" not in terminal.wait_for("1/40 ")
    with Terminal([sys.executable, "-m", "newsreader"], env=env) as terminal:
        terminal.wait_for("The text of story 0")


def test_broken_sources_keep_no_window_shut(home: Path) -> None:
    sources = load_config({"NEWSREADER_HOME": str(home)}).places.sources_file
    sources.parent.mkdir(exist_ok=True)
    sources.write_text("[[source]]\nlocation = \n")
    with Terminal([sys.executable, "-m", "newsreader"], env={"NEWSREADER_HOME": str(home)}) as terminal:
        terminal.wait_for("sources.toml:2")
        terminal.send("Q")
        assert terminal.wait_end() == 0
        assert b"Traceback" not in terminal.raw


class WideTerminal(Terminal):
    """A terminal that says that it gives ambiguous characters two cells."""

    position = b"\x1b[1;3R"


def _wide(char: str) -> int:
    return 2 if east_asian_width(char) == "A" else wcwidth(char)


QUOTED = "“潮汐”——一本日誌…灯塔 · 河口“守塔人”—港口“罢工”进入第三天"


def write_quoted(home: Path, root: Path, setting: str) -> None:
    """An archive full of ambiguous characters, and the setting for them."""
    folder = root / "articles" / "河口“通訊”"
    folder.mkdir(parents=True)
    for number in range(40):
        title = QUOTED[number % 9 :] * (1 + number % 2)
        dump = Dump(title, f"https://a.example/{number}", 10**12 + number, f"<p>{QUOTED * 9}")
        (folder / f"{number}_a.md").write_bytes(encode(dump))
    settings = load_config({"NEWSREADER_HOME": str(home)}).places.settings_file
    settings.parent.mkdir(parents=True)
    settings.write_text(f"ambiguous_wide = {setting}\nmark_read_after = 0\n")


@pytest.mark.parametrize(("size", "setting"), [((80, 24), '"auto"'), ((120, 30), "true")])
def test_a_terminal_of_wide_quotes_shows_straight_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], setting: str
) -> None:
    monkeypatch.setattr("pyte.screens.wcwidth", _wide)
    home, root = tmp_path / "home", tmp_path / "news"
    write_quoted(home, root, setting)
    argv, env = [sys.executable, "-m", "newsreader", str(root)], {"NEWSREADER_HOME": str(home)}
    with WideTerminal(argv, size=size, env=env, warm=True) as terminal:
        terminal.wait_for(lambda shown: "40 stories" in shown and "~" in shown and "indexing" not in shown)
        terminal.settle(0.3)
        for keys in ("jj", "\r", "J", " ", "h3j", "?", "Esc", "h"):
            terminal.press(keys)
            shown = terminal.screen()
            terminal.press(b"\x0c")
            assert terminal.screen() == shown, keys
            assert keys == "?" or not re.search(r"\?(?! help|      shows)", shown), keys
            assert "─" not in shown
            walls = {cell_width(line.split("|")[0], ambiguous_wide=True) for line in shown.split("\n") if "|" in line}
            assert len(walls) == (1 if size[0] > 80 and keys != "?" else len(walls))
        for part in ("“潮汐”——一本日誌", "·", "河口“守塔人”—港口"):
            assert part in shown


def test_a_terminal_of_narrow_quotes_is_not_painted_twice(tmp_path: Path) -> None:
    home, root = tmp_path / "home", tmp_path / "news"
    write_quoted(home, root, '"auto"')
    env = {"NEWSREADER_HOME": str(home), "TERM": "linux"}
    with Terminal([sys.executable, "-m", "newsreader", str(root)], env=env, warm=True) as terminal:
        terminal.wait_for("1/40 ")
        terminal.settle(0.5)
        assert terminal.raw.count(b"\x1b[6n") == 1
        assert terminal.raw.count(b"\x1b[2J") == 1
        assert terminal.screen().startswith(" Sunday")


def test_a_sheet_over_the_panes_shows_every_wide_character(tmp_path: Path) -> None:
    names = ["港口" * 18, "a" + "港口" * 18]
    for n, name in enumerate(names):
        folder = tmp_path / "news/articles" / name
        folder.mkdir(parents=True)
        (folder / "1.md").write_bytes(encode(Dump("渡輪", f"https://example.org/{n}", 10**12, "<p>停航</p>")))
    env = {"NEWSREADER_HOME": str(tmp_path / "home")}
    argv = [sys.executable, "-m", "newsreader", str(tmp_path / "news")]
    with Terminal(argv, size=(120, 40), env=env, warm=True) as terminal:
        terminal.wait_for("2 unread")
        for key in "gs":
            terminal.press(key)
        terminal.wait_for(lambda screen: "Sources" in screen and all(name in screen for name in names))
        terminal.press("Esc")
        terminal.wait_for(lambda screen: "─" * 40 not in screen)
