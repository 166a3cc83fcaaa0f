"""Stories handed on: into files that were not there before, to programs without a shell between."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsreader.config import Config
from newsreader.reader import Reader
from tests.newsroom import Story, ingested, write_archive
from tests.terminal import Terminal
from tests.test_ui_app import NOW, config, window

__all__ = ["config"]

HOSTILE = "$(touch pwned) `touch pwned`; ../../-rf | \x1b[31m渡輪"


@pytest.fixture
def reader(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    time = int(NOW.timestamp() * 1000) - 60_000
    stories = [Story(1, time, "河口", "渡輪停航", "她在等渡輪。"), Story(2, time - 1000, "河口", HOSTILE, "霧。")]
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with Reader.open(config, write_archive(tmp_path / "news", stories)) as found:
        ingested(found)
        yield found


async def test_a_story_is_saved_and_never_over_another_file(config: Config, reader: Reader, tmp_path: Path) -> None:
    here = tmp_path / "here"
    async with window(config, reader, (80, 24)) as w:
        await w.press("s")
        assert "渡輪停航.txt" in w.screen
        await w.press("enter")
        assert "Saved" in w.status
        saved = (here / "渡輪停航.txt").read_text("utf-8")
        assert "她在等渡輪。" in saved
        assert saved.endswith("\nhttps://harbour.example/story-1\n")
        (here / "渡輪停航.txt").write_text("mine")
        await w.press("s", "enter")
        assert "such a file already" in w.screen
        assert (here / "渡輪停航.txt").read_text() == "mine"
        await w.press("ctrl+u", "enter")
        await w.type("none/x.txt")
        await w.press("enter")
        assert "No such file or directory" in w.screen
        await w.press("ctrl+u")
        await w.type("~nobody-of-that-name/x")
        await w.press("enter")
        assert "Not saved" in w.screen
        await w.press("escape")
        assert w.dialog is None
    assert [path.name for path in here.iterdir()] == ["渡輪停航.txt"]


@pytest.mark.parametrize(
    ("name", "beginning"),
    [("a.md", "# 渡輪停航\n"), ("a.HTML", "<!DOCTYPE html>\n"), ("a.json", "{\n"), ("a.b", "渡輪停航\n")],
)
async def test_a_story_is_saved_in_the_form_that_its_name_says(
    config: Config, reader: Reader, tmp_path: Path, name: str, beginning: str
) -> None:
    async with window(config, reader, (80, 24)) as w:
        await w.press("s", "ctrl+u")
        await w.type(name)
        await w.press("enter")
        assert "Saved" in w.status
    saved = (tmp_path / "here" / name).read_text("utf-8")
    assert saved.startswith(beginning)
    assert "她在等渡輪。" in saved


async def test_the_name_of_a_hostile_story_stays_in_the_folder(config: Config, reader: Reader, tmp_path: Path) -> None:
    async with window(config, reader, (80, 24)) as w:
        await w.press("j", "s", "enter")
        assert "Saved" in w.status
    (saved,) = (tmp_path / "here").iterdir()
    assert saved.name.endswith("渡輪.txt")
    assert "\x1b" not in saved.name + saved.read_text("utf-8")


async def test_a_command_that_cannot_be_run_is_told_before(config: Config, reader: Reader) -> None:
    async with window(config, reader, (80, 24)) as w:
        for typed, told in (
            ("no-such-program -x", "no program no-such-program"),
            ("wc '", "never closed"),
            ("", "input"),
        ):
            await w.press("|", "ctrl+u")
            await w.type(typed)
            await w.press("enter")
            assert told in w.screen
            await w.press("escape")


@pytest.mark.parametrize("row", ["", "j"])
def test_a_program_gets_the_terminal_and_the_story(reader: Reader, config: Config, tmp_path: Path, row: str) -> None:
    here = tmp_path / "here"
    (here / "show.py").write_text(
        "import sys\ntext = sys.stdin.read()\nprint()\nprint(sys.argv[1:], sys.stdout.isatty(), text[-60:])\nexit(7)\n"
    )
    environ = {"NEWSREADER_HOME": str(tmp_path / "home"), "LANG": "C.UTF-8"}
    argv = [sys.executable, "-m", "newsreader", str(tmp_path / "news")]
    with Terminal(argv, env=environ, cwd=str(here), warm=True) as terminal:
        terminal.wait_for("1/2 ")
        terminal.send(f"{row}|")
        terminal.wait_for("Pipe to")
        terminal.send(f"{sys.executable} show.py '$(touch pwned)' ; \r")
        screen = terminal.wait_for("Enter goes back")
        assert "['$(touch pwned)', ';'] True" in screen
        assert f"https://harbour.example/story-{2 if row else 1}" in screen
        terminal.send("\x03" if row else "\r")
        terminal.wait_for(f"\n {sys.executable} ended with 7.")
        terminal.press("j")
        terminal.wait_for("2/2 ")
        (tmp_path / "broken").write_bytes(b"\x7fELF")
        (tmp_path / "broken").chmod(0o755)
        terminal.send("|")
        terminal.wait_for("Pipe to")
        terminal.send("\x15../broken\r")
        terminal.wait_for("../broken could not be started. Enter goes back")
        terminal.send("\r")
        terminal.wait_for("\n ../broken could not be started.  ")
    assert [path.name for path in here.iterdir()] == ["show.py"]
