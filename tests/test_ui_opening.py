"""The first frame: painted before Textual is imported, and the very screen that Textual then paints."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from newsreader.config import load_config
from newsreader.reader import Reader, View
from tests.terminal import Terminal
from tests.test_ui_app import write_archive

PURE = ("textual", "rich", "asyncio", "httpx", "sqlite3")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose archive is in the index, with the first story open and half read."""
    home, root = tmp_path / "home", write_archive(tmp_path / "news")
    config = load_config({"NEWSREADER_HOME": str(home)})
    with Reader.open(config, root) as reader:
        for _ in reader.ingest():
            pass
        first = next(iter(reader.page(View())))
        reader.mark_read([first.id])
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
    with Terminal(argv, size=size, env={"NEWSREADER_HOME": str(home), **environ}) as terminal:
        terminal.wait_for("1/40 ")
        terminal.settle(0.05)
        painted = terminal.raw
        terminal.settle(1.0)
        assert terminal.raw == painted
        terminal.send("q")
        assert terminal.wait_end() == 0


def test_keys_typed_before_textual_is_there_count(home: Path) -> None:
    with Terminal([sys.executable, "-m", "newsreader"], env={"NEWSREADER_HOME": str(home)}) as terminal:
        terminal.wait_for("1/40 ")
        terminal.send("jjjj")
        terminal.wait_for("5/40 ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_at_any_moment_of_the_start_gives_the_terminal_back(home: Path, number: signal.Signals) -> None:
    for wait in (0.0, 0.03, 0.08):
        with Terminal([sys.executable, "-m", "newsreader"], env={"NEWSREADER_HOME": str(home)}) as terminal:
            terminal.wait_for("1/40 ")
            time.sleep(wait)
            os.kill(terminal.pid, number)
            assert terminal.wait_end() in (128 + number, -number)
            assert terminal.raw.rstrip(b"\n").endswith(b"\x1b[?25h")
            assert b"Traceback" not in terminal.raw


def test_what_paints_it_imports_neither_textual_nor_asyncio() -> None:
    code = "import sys, newsreader.ui.opening, newsreader.reader; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()).isdisjoint(PURE)
