"""The reader of lines, on a real terminal that knows nothing else."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal

NEWSREADER = [sys.executable, "-m", "newsreader"]


def opened(tmp_path: Path, *arguments: str, size: tuple[int, int] = (80, 24)) -> Terminal:
    env = {"TERM": "dumb", "NEWSREADER_HOME": str(tmp_path / "home"), "LANG": "C.UTF-8", "TZ": "UTC"}
    return Terminal([*NEWSREADER, *arguments], size=size, env=env)


def wait_for_answer(terminal: Terminal, begin: int, text: str) -> None:
    """Until `text` came after the bytes up to `begin`, and the next question after it."""

    def has_come(_screen: str) -> bool:
        came = bytes(terminal.raw[begin:])
        return text.encode() in came and came.endswith(b"> ")

    terminal.wait_for(has_come)


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_nothing_but_lines_is_sent(tmp_path: Path, term: str) -> None:
    env = {"TERM": term, "NEWSREADER_HOME": str(tmp_path), "LANG": "C.UTF-8"}
    with Terminal([*NEWSREADER, "--demo"], env=env) as terminal:
        terminal.wait_for("quit >")
        terminal.send("1\n")
        terminal.wait_for("read on")
        terminal.send("q\n")
        assert terminal.wait_end(5) == 0
        assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", bytes(terminal.raw))


def test_headlines_and_stories_are_walked_by_lines(tmp_path: Path) -> None:
    news = tmp_path / "news"
    news.mkdir()
    for n in range(1, 10):
        text = "".join(f"<p>Line {n}.{m}</p>" for m in range(1, 9))
        head = f"<!--{1594000000000 + n * 3600000}-->\n[Story {n} \x1b[31m](https://example.org/{n})\n------\n\n"
        news.joinpath(f"{n}.md").write_text(f"{head}{text}\n")
    with opened(tmp_path, str(news), size=(70, 8)) as terminal:
        wait_for_answer(terminal, 0, "Story 4")
        for typed, shown in (
            ("n", "Story 3"),
            ("n", "nothing older"),
            ("p", "Story 9"),
            ("77", "no story 77"),
            ("9" * 5000, "is none of these"),
            ("2", "Line 8.1"),
            ("", "Line 8.4"),
            ("n", "Line 7.1"),
            ("p", "Line 8.4"),
            ("l", "Story 3"),
        ):
            before = len(terminal.raw)
            terminal.send(typed[:4000] + "\n")
            wait_for_answer(terminal, before, shown)
        terminal.send("\x04")
        assert terminal.wait_end(5) == 0
        assert b"\x1b" not in terminal.raw
    with opened(tmp_path, str(news)) as terminal:
        terminal.wait_for("quit >")
        rows = [line for line in terminal.screen().splitlines() if "Story" in line]
        assert ["*" in row for row in rows] == [False, False, *[True] * 6]


def test_a_line_that_breaks_loses_no_place_and_words_are_the_readers(tmp_path: Path) -> None:
    news = tmp_path / "news"
    news.mkdir()
    for n in range(1, 10):
        text = "".join(f"<p>Line {n}.{m}</p>" for m in range(1, 9))
        head = f"<!--{1594000000000 + n * 3600000}-->\n[Story {n}](https://example.org/{n})\n------\n\n"
        news.joinpath(f"{n}.md").write_text(f"{head}{text}\n")
    with opened(tmp_path, str(news), size=(70, 8)) as terminal:
        for typed, shown in (("", "Story 4"), ("3", "Line 7.1"), ("", "Line 7.4")):
            before = len(terminal.raw) if typed or shown != "Story 4" else 0
            if before:
                terminal.send(typed + "\n")
            wait_for_answer(terminal, before, shown)
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_end(5) == -signal.SIGKILL
    env = {"TERM": "dumb", "NEWSREADER_HOME": str(tmp_path / "home"), "LANG": "zh_CN.UTF-8", "TZ": "UTC"}
    with Terminal([*NEWSREADER, str(news)], size=(70, 8), env=env) as terminal:
        wait_for_answer(terminal, 0, "Story 7")
        assert "退出" in terminal.screen()
        assert b"Story 8" not in terminal.raw
        before = len(terminal.raw)
        terminal.send("1\n")
        wait_for_answer(terminal, before, "Line 7.4")
        assert b"Line 7.1" not in terminal.raw[before:]
