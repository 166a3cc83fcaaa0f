"""The window on a real terminal: what it sends, and that it sends nothing when nothing happens."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tests.test_ui_app import write_archive

_text = re.compile(rb"\x1b\[[0-9;:<>=?$]*[a-zA-Z]|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)")


def shown(raw: bytes) -> str:
    """The text among the bytes, without any sequence."""
    return _text.sub(b"", raw).decode()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    root = write_archive(tmp_path / "news")
    environ = {"NEWSREADER_HOME": str(tmp_path / "home"), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    argv = [sys.executable, "-m", "newsreader", str(root)]
    with Terminal(argv, size=(80, 24), env=environ, warm=True) as opened:
        opened.wait_for(" 1/40 ∙ 40 unread   ")
        opened.settle(1.0)
        yield opened


def test_a_cursor_move_sends_two_rows_and_the_position(terminal: Terminal) -> None:
    sent = terminal.press("j")
    assert len(sent) < 400
    assert "2" in shown(sent)
    assert "Story 3" not in shown(sent)
    assert "Yesterday" not in shown(sent)
    for _ in range(3):
        assert len(terminal.press("j")) < 400


def test_a_read_mark_sends_little(terminal: Terminal) -> None:
    assert len(terminal.press("f")) < 120
    assert len(terminal.press("m")) < 300


def test_what_changes_nothing_sends_nothing(terminal: Terminal) -> None:
    assert terminal.press("%") == b""
    assert terminal.press("k") == b""


def test_idle_sends_nothing(terminal: Terminal) -> None:
    for keys, seconds in (("", 2.5), ("\r", 5.0), ("?", 2.5)):
        terminal.press(keys) if keys else None
        terminal.settle(1.6)  # a read mark and a place in the article may still come
        before = len(terminal.raw)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            terminal.settle(0.5)
        assert terminal.raw[before:] == b"", keys


def test_keys_typed_faster_than_they_are_painted_all_count(terminal: Terminal) -> None:
    terminal.send("jjjjjjjjjjkk3j")
    terminal.settle()
    assert " 12/40 " in terminal.screen()
    terminal.send("?star\r")
    terminal.wait_for("✦")


def test_quitting_gives_the_terminal_back(terminal: Terminal) -> None:
    terminal.press("\r")
    terminal.send("Q")
    assert terminal.wait_end() == 0
    assert b"\x1b[?1049l" in terminal.raw
    assert b"Traceback" not in terminal.raw


def fills(columns: int, screen: str) -> bool:
    """Whether the status line and the rule of a dialog are as wide as the screen."""
    return "? help" in screen and "─" * columns in screen.splitlines()


def test_a_dialog_outlives_another_size_of_the_terminal(terminal: Terminal) -> None:
    terminal.press("S")
    for columns, rows in ((60, 20), (110, 30), (80, 24)):
        terminal.resize(columns, rows)
        terminal.wait_for(partial(fills, columns))
        assert "4  title" in terminal.screen()
