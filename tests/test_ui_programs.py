"""The reader's own commands on stories: what they print becomes a page, and whatever they do costs only themselves."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from newsreader.article import plain
from newsreader.cli import main
from newsreader.config import Config, Program, load_config
from newsreader.dump import Dump, encode
from newsreader.reader import Reader
from tests.newsroom import ingested
from tests.test_ui_app import NOW, until, window
from tests.test_ui_app import config as config
from tests.test_ui_app import root as root

GIST = "import sys\nprint('# Gist\\n\\n\\x1b[31mquokka\\x1b[0m', len(sys.stdin.read()) > 20, *sys.argv[1:])"
FILM = "import sys, time\ntime.sleep(0.5)\nfor _ in range(9): print('x' * 99999, flush=True)\nopen(sys.argv[1], 'w')"
HANG = "import os, time, sys\nopen(sys.argv[1], 'w').write(str(os.getpid()))\ntime.sleep(600)"


def python(name: str, code: str, *more: str, **chosen: object) -> Program:
    return Program(name, (sys.executable, "-c", code, *more))._replace(**chosen)  # type: ignore[arg-type]


async def test_a_page_of_a_story(config: Config, root: Path) -> None:
    body = '<p>With sound.</p><audio src="https://a.example/e.mp3"></audio>'
    (root / "articles" / "Lamp" / "1_sound.md").write_bytes(
        encode(Dump("Sound", "https://example.org/%e", int(NOW.timestamp() * 1000), body))
    )
    with Reader.open(config, root) as reader:
        ingested(reader)
        commands = (python("gist", GIST, "%u", "x%e%%", input="markdown"), Program("none", ("no-such-program",)))
        async with window(config, reader, (100, 24), commands=commands) as w:
            await w.press("!", "1")
            await until(lambda: "R lists it" in w.status)
            assert reader.pages(w.cursor.id)
            await w.press("R", "2")
            reading = w.app.reading_screen.article.reading
            assert reading is not None
            assert (
                plain(reading.article.blocks[1].spans)
                == "quokka True https://example.org/%25e xhttps://a.example/e.mp3%%"
            )
            assert "\x1b" not in w.screen
            assert "What gist made" in w.status
            await w.press("D")
            assert "Delete what gist made?" in w.screen
            await w.press("y")
            await until(lambda: not reader.pages(w.cursor.id))
            assert "Deleted: what gist made." in w.status
            await w.press("!", "2")
            assert "There is no program no-such-program" in w.status
            await w.press("h", "j", "!", "1")
            await until(lambda: "no enclosure" in w.status)


async def test_what_floods_hangs_dies_or_says_nothing_is_told(config: Config, root: Path, tmp_path: Path) -> None:
    there = tmp_path / "pid"
    commands = (
        python("flood", "while True: print('x' * 10000)"),
        python("die", "import sys; sys.exit('\\x1b]0;broken\\x07 pipe')"),
        python("mute", "pass"),
        python("hang", HANG, str(there)),
        python("beside", "print('all done')", output="none", input="none"),
        python("film", FILM, str(tmp_path / "film"), output="none"),
    )
    with Reader.open(config, root) as reader:
        ingested(reader)
        async with window(config, reader, (100, 24), commands=commands) as w:
            for key, said in (("1", "printed too much"), ("2", "failed with 1"), ("3", "printed nothing")):
                await w.press("!", key)
                await until(lambda said=said: said in w.status)  # type: ignore[misc]
            await w.press("v", "v", "!", "5")
            await until(lambda: "beside has ended" in w.status and "beside runs" not in w.screen)
            await w.press("!", "4")
            await until(lambda: there.exists() and there.read_text() != "")
            await w.press("ctrl+c")
            assert "Stopped." in w.status
            await until(lambda: not Path(f"/proc/{there.read_text()}").exists() or os.name != "posix")
            await w.press("E")
            assert all(told in w.screen for told in ("pipe", "all done", "failed with 1", "flood"))
            assert "\x1b" not in w.screen
            there.unlink()
            await w.press("escape", "!", "4")
            await until(lambda: there.exists() and there.read_text() != "")
            await w.press("!", "6")
            await until(lambda: "film runs" in w.screen)
        assert not Path(f"/proc/{there.read_text()}").exists(), "what a page is waited for ends with the window"
        await until((tmp_path / "film").exists)  # a film goes on, and may print whatever it likes
        assert reader.pages(next(iter(reader.rows().page())).id) == []


def test_what_a_command_may_say_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    file = tmp_path / "config" / "config.toml"
    file.write_text(
        '[commands.gist]\nargv = "gist --short"\ninput = "markdown"\n'
        '[commands.a]\nargv = ["x"]\ninptu = "text"\n[commands.b]\nargv = ["%u"]\n[commands.c]\noutput = "page"\n'
        '[commands.d]\nargv = ["x"]\noutput = "pag"\n'
    )
    settings = load_config(lenient=True).settings
    assert settings.commands == (Program("gist", ("gist", "--short"), "markdown"),)
    assert main(["doctor", "--json"]) == 3
    found = [problem["where"] for problem in json.loads(capsys.readouterr().out) if "config.toml" in problem["where"]]
    assert sorted(where.rpartition("line ")[2] for where in found) == ["13", "6", "8", "9"]
