"""The window on bad lines and on every kind of terminal: it ends, restores the terminal, and loses no place."""

from __future__ import annotations

import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.answering import MODERN, Answering
from tests.terminal import Terminal
from tests.test_ui_app import write_archive

_COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")


class Product(Answering):
    """newsreader itself on an archive of forty stories, in a terminal that answers as modern ones do or never."""

    def __init__(self, tmp_path: Path, *, knows: frozenset[bytes] = MODERN, shell: str = "", **env: str) -> None:
        self.knows, self.holds, self.asked, self._heard = knows, False, [], 0
        root = tmp_path / "news"
        if not root.exists():
            tmp_path.mkdir(exist_ok=True)
            write_archive(root)
        argv = [sys.executable, "-m", "newsreader", str(root)]
        if shell:
            argv = ["/bin/sh", "-c", shell + ' exec "$0" "$@"', *argv]
        home = {"NEWSREADER_HOME": str(tmp_path / "home"), "COLORTERM": None}
        warm = not shell and "LD_PRELOAD" not in env
        Terminal.__init__(self, argv, env={**home, **env}, warm=warm)

    def ready(self) -> Product:
        """Once the list stands and nothing more comes."""
        shown = self.wait_for(lambda shown: _stands(shown) or "Only ASCII is sent" in shown)
        if not _stands(shown):
            self.send("jk")
            self.wait_for(_stands)
        self.settle(0.5)
        self.wait_for(lambda shown: "indexing" not in shown)
        self.settle(0.2)
        return self


def _stands(shown: str) -> bool:
    return " 1/40 ∙ 40 unread   " in shown.replace(" - ", " ∙ ")  # - in plain ASCII


@pytest.mark.parametrize("shell", ["", 'trap "" HUP;'])
def test_a_line_that_breaks_keeps_the_story_and_the_place(tmp_path: Path, shell: str) -> None:
    with Product(tmp_path, shell=shell) as terminal:
        terminal.ready()
        terminal.press("jjj\r")
        terminal.wait_for("4/40 ")
        terminal.press("jjjjj")
        shown = terminal.screen().split("\n")
        terminal.hang_up()
        assert terminal.wait_end() == 128 + signal.SIGHUP
    with Product(tmp_path) as terminal:
        terminal.wait_for("4/40 ")
        terminal.wait_for(lambda again: again.split("\n")[10:-1] == shown[10:-1])
        assert "Story 3" not in "".join(shown[10:-1])


def test_a_line_that_breaks_before_textual_is_there_ends_it(tmp_path: Path) -> None:
    with Product(tmp_path, shell='trap "" HUP;') as terminal:
        terminal.settle(0.0, first=10.0)  # the first frame
        terminal.hang_up()
        assert terminal.wait_end() == 128 + signal.SIGHUP


def test_a_terminal_that_never_reads_does_not_hold_the_end_up(tmp_path: Path) -> None:
    with Product(tmp_path, knows=frozenset()) as terminal:
        terminal.ready()
        for n in range(150):
            terminal.send("G" if n % 2 else "gg")
            time.sleep(0.005)
        terminal.signal(signal.SIGTERM)
        end = time.monotonic() + 10
        while terminal.state() != "Z" and time.monotonic() < end:
            time.sleep(0.01)
        assert terminal.state() == "Z"


def test_links_are_links_to_a_terminal_that_knows_them(tmp_path: Path) -> None:
    link = b"\x1b]8;id=1;https://example.org/story-5\x1b\\"
    for term, known in (("foot", True), ("xterm-256color", True), ("linux", False)):
        with Product(tmp_path / term, TERM=term) as terminal:
            terminal.ready()
            terminal.press("jjjj\r")
            terminal.wait_for("5/40 ")
            assert (link in terminal.raw) == known
            assert (b"\x1b]8;" in terminal.raw) == known
            terminal.hang_up()
            terminal.wait_end()
        if known:
            with Product(tmp_path / term, TERM=term) as terminal:
                terminal.wait_for("5/40 ")
                terminal.settle(0.5)
                assert terminal.raw.count(link) == 1  # the first frame has it, and Textual's is the same


@pytest.mark.parametrize(
    "env",
    [
        {"TERM": "linux"},
        {"TERM": "vt220", "LANG": "C"},
        {"TERM": "xterm"},
        {"TERM": "screen", "STY": "1.pts", "NO_COLOR": "1"},
        {"TERM": "tmux-256color", "LANG": "C"},
    ],
)
def test_every_terminal_gets_through_a_hard_day(tmp_path: Path, env: dict[str, str]) -> None:
    with Product(tmp_path, knows=frozenset() if env["TERM"] == "linux" else MODERN, **env) as terminal:
        shown = terminal.ready().screen()
        assert terminal.mode() != terminal.untouched
        for n in range(60):
            terminal.resize(1 + n * 37 % 120, 1 + n * 11 % 50)
            terminal.settle(0.002)
        for size in ((0, 0), (1, 1), (80, 24)):
            terminal.resize(*size)
            terminal.send("jk")
            terminal.settle(0.1)
        terminal.wait_for(shown.__eq__)
        terminal.signal(signal.SIGTSTP)
        terminal.stopped()
        assert terminal.mode() == terminal.untouched
        terminal.goes_on(shown)
        terminal.signal(signal.SIGQUIT)
        assert terminal.wait_end() == 128 + signal.SIGQUIT
        assert terminal.mode() == terminal.untouched
        assert terminal.raw.endswith(b"\x1b[?25h")
        assert b"Traceback" not in terminal.raw
        assert not ("NO_COLOR" in env and _COLOUR.search(terminal.raw))
        if env.get("LANG") == "C":
            assert not re.search("[─│…▸✦]", terminal.raw.decode("utf-8", "replace"))
