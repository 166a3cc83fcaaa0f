"""The driver on a real pty: what goes over the wire, and how it ends."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.answering import Answering
from tests.emulator import Cell, Emulator
from tests.wire_app import headline

_LEAVING = b"\x1b[?1049l\x1b[?25h"
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;<>=?$]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|.)")
_NUMBER = re.compile(rb"\d+")


def _started(terminal: Answering) -> str:
    terminal.wait_for("1/400")
    terminal.settle(0.3)
    return terminal.screen()


def _kinds(raw: bytes) -> set[bytes]:
    """The sequences sent, with their numbers taken out but those of modes."""
    found = _SEQUENCE.findall(raw)
    return {sequence if b"?" in sequence else _NUMBER.sub(b"", sequence) for sequence in found}


# --- Ends -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_in_order(number: signal.Signals, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    with Answering("mark", str(marks)) as terminal:
        _started(terminal)
        assert terminal.mode() != terminal.untouched
        assert not terminal.mode()[0] & (termios.IXON | termios.ICRNL), "Ctrl-S and Enter come as they are typed"
        sent = len(terminal.raw)
        terminal.signal(number)
        assert terminal.wait_end() == 128 + number
        assert terminal.mode() == terminal.untouched
        assert terminal.raw[sent:].endswith(_LEAVING)
        assert terminal.raw[sent:].count(b"\x1b[23;0t") == 1
    assert marks.read_text().split() == ["end", "unmount"]


@pytest.mark.parametrize("shell", ["", 'trap "" HUP;'])
def test_a_lost_connection_ends_also_where_its_signal_is_ignored(shell: str, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    with Answering("mark", str(marks), shell=shell) as terminal:
        _started(terminal)
        terminal.hang_up()
        assert terminal.wait_end() == 128 + signal.SIGHUP
    assert marks.read_text().split() == ["end", "unmount"]


def test_a_terminal_that_never_reads_holds_nothing_up(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    with Answering("single", "mark", str(marks), knows=frozenset()) as terminal:
        _started(terminal)
        for n in range(120):
            terminal.send("f" if n % 36 < 18 else "b")
            time.sleep(0.01)
        terminal.signal(signal.SIGTERM)
        end = time.monotonic() + 10
        while terminal.state() != "Z" and time.monotonic() < end:
            time.sleep(0.01)
        assert terminal.state() == "Z"
    assert marks.read_text().split()[0] == "end"


def test_a_stuck_app_is_ended_and_the_terminal_restored() -> None:
    with Answering("stuck") as terminal:
        terminal.wait_for("1/400")
        terminal.settle(0.3)
        terminal.send("s")
        time.sleep(0.2)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_end() == 128 + signal.SIGTERM
        assert terminal.raw.endswith(_LEAVING)
        assert terminal.mode() == terminal.untouched


def test_a_quit_and_a_bug_restore_the_terminal() -> None:
    for key, code in (("q", 0), ("x", 1)):
        with Answering() as terminal:
            _started(terminal)
            terminal.send(key)
            assert terminal.wait_end() == code
            assert _LEAVING in terminal.raw
            assert terminal.mode() == terminal.untouched
            assert (b"RuntimeError" in terminal.raw) == (key == "x")


def test_answers_that_come_late_are_not_left_to_the_shell() -> None:
    with Answering() as terminal:
        _started(terminal)
        terminal.holds = True
        terminal.press("j")
        assert terminal.asked
        terminal.send("q")
        time.sleep(0.05)
        terminal.holds = False
        terminal.release()
        assert terminal.wait_end() == 0
        assert terminal.raw.endswith(_LEAVING)


@pytest.mark.parametrize("how", ["key", "signal"])
def test_stop_and_go_on(how: str) -> None:
    with Answering() as terminal:
        shown = _started(terminal)
        if how == "key":
            terminal.send("z")
        else:
            terminal.signal(signal.SIGTSTP)
        terminal.stopped()
        assert terminal.raw.endswith(_LEAVING)
        assert terminal.mode() == terminal.untouched
        terminal.goes_on(shown)
        terminal.press("j")
        terminal.wait_for("2/400")


def test_going_on_after_a_stop_that_nobody_can_catch_paints_anew() -> None:
    with Answering() as terminal:
        shown = _started(terminal)
        os.kill(terminal.pid, signal.SIGSTOP)
        terminal.goes_on(shown)


# --- Sizes ----------------------------------------------------------------------------------------------------------


def test_many_sizes_and_none() -> None:
    with Answering() as terminal:
        shown = _started(terminal)
        for n in range(200):
            terminal.resize(1 + n * 37 % 120, 1 + n * 11 % 50)
            terminal.settle(0.01)
        for size in ((0, 0), (1, 1), (2, 1), (80, 24)):
            terminal.resize(*size)
            terminal.settle(0.1)
        terminal.wait_for(shown.__eq__)
        assert b"Traceback" not in terminal.raw


@pytest.mark.parametrize("size", [(0, 0), (1, 1)])
def test_starting_without_a_size(size: tuple[int, int]) -> None:
    with Answering(size=size) as terminal:
        terminal.settle(0.5, first=10)
        terminal.resize(80, 24)
        terminal.wait_for("1/400")
        terminal.send("q")
        assert terminal.wait_end() == 0


# --- Pace -----------------------------------------------------------------------------------------------------------


def test_newer_frames_replace_waiting_ones() -> None:
    with Answering() as terminal:
        _started(terminal)
        terminal.holds = True
        terminal.press("j")
        held = len(terminal.raw)
        for _ in range(9):
            terminal.send("j")
        terminal.settle(0.2)
        assert len(terminal.raw) == held
        terminal.holds = False
        terminal.release()
        terminal.wait_for("11/400")
        assert terminal.raw[held:].count(b"\x1b[c") == 1


def test_a_terminal_that_never_answers_is_not_waited_for() -> None:
    with Answering(knows=frozenset()) as terminal:
        _started(terminal)
        for n in range(2, 9):
            terminal.send("j")
            terminal.wait_for(f" {n}/400")
        assert terminal.raw.count(b"\x1b[?2026$p") == 1


def test_a_terminal_that_knows_only_its_kind_answers_with_it() -> None:
    with Answering(knows=frozenset((b"\x1b[c",))) as terminal:
        _started(terminal)
        sent = len(terminal.raw)
        terminal.press("j")
        terminal.wait_for("2/400")
        assert terminal.raw[sent:].endswith(b"\x1b[c")
        assert b"$p" not in terminal.raw[sent:]


def test_answers_are_no_keys() -> None:
    with Answering(knows=frozenset()) as terminal:
        _started(terminal)
        for piece in (b"\x1b", b"[?2026", b";2$", b"y", b"\x1b[?62;22", b"cj"):
            terminal.send(piece)
            time.sleep(0.005)
        terminal.wait_for("2/400")
        terminal.send("i")
        terminal.settle(0.2)
        terminal.press(b"\x1b[?1;2cabc\x1b[99999999;1u")
        terminal.send("z")
        terminal.wait_for("abcz")


def test_idle_sends_nothing_and_sleeps() -> None:
    with Answering() as terminal:
        _started(terminal)
        terminal.settle(1.0)
        sent, woken = len(terminal.raw), terminal.switches()
        time.sleep(3)
        assert terminal.switches() - woken < 10
        terminal.settle(0.1)
        assert len(terminal.raw) == sent


# --- The first frame ------------------------------------------------------------------------------------------------


def test_what_stood_there_before_textual_is_taken_over() -> None:
    with Answering("first") as terminal:
        terminal.wait_for(headline(0))
        terminal.send("jj")
        terminal.wait_for("3/400")
        assert terminal.raw.count(b"\x1b[2J") == 1
        assert terminal.raw.count(b"\x1b[?1049h") == 1
        assert _steady(terminal.raw.decode())
        terminal.send("q")
        assert terminal.wait_end() == 0
        assert terminal.mode() == terminal.untouched


def _steady(text: str) -> bool:
    """Whether the first rows, once they stand, are never taken away."""
    emulator = Emulator(80, 24)
    stood = False
    for piece in re.split("(?=\x1b)", text):
        emulator.feed(piece)
        stands = "".join(emulator.text()[2]).replace(" ", "").find(headline(2).replace(" ", "")) >= 0
        if stood and not stands:
            return False
        stood = stood or stands
    return stood


@pytest.mark.parametrize("column", [2, 3])
def test_the_terminal_is_asked_for_its_widths(column: int, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    with Answering("probe", "mark", str(marks)) as terminal:
        terminal.position = b"\x1b[1;%dR" % column
        _started(terminal)
        assert terminal.raw.count("…\x1b[6n".encode()) == 1
        terminal.press("j")
        terminal.send(b"\x1b[1;2R")  # later it is a key
        terminal.send("q")
        assert terminal.wait_end() == 0
    assert marks.read_text().split("\n")[:-1] == (["wide True"] if column == 3 else []) + ["unmount"]


# --- What terminals know --------------------------------------------------------------------------------------------

_EVERYWHERE = {b"\x1b[H", b"\x1b[;H", b"\x1b[J", b"\x1b[K", b"\x1b[C", b"\x1b[D", b"\x1b[m", b"\x1b[r", b"\x1b[;r"} | {
    *(b"\x1b[M", b"\x1b[L", b"\x1b[X", b"\x1b[c", b"\x1b[?7l", b"\x1b[?7h", b"\x1b[?25l", b"\x1b[?25h")
}
_ALTERNATE = {b"\x1b[?1049h", b"\x1b[?1049l"}
_XTERM = _ALTERNATE | {
    b"\x1b[?2004h",
    b"\x1b[?2004l",
    b"\x1b[?2026$p",
    b"\x1b[;t",
    b"\x1b];wire\x1b\\",
}
_SYNCHRONIZED = {b"\x1b[?2026h", b"\x1b[?2026l"}
_LINKS = {b"\x1b];;\x1b\\"}
_KITTY = {b"\x1b[>u", b"\x1b[<u"} | _LINKS


@pytest.mark.parametrize(
    ("env", "known"),
    [
        ({"TERM": "linux"}, _EVERYWHERE),
        ({"TERM": "vt220"}, _EVERYWHERE),
        ({"TERM": "vt100"}, _EVERYWHERE - {b"\x1b[M", b"\x1b[L", b"\x1b[X"}),
        ({"TERM": "screen"}, (_EVERYWHERE | _ALTERNATE) - {b"\x1b[X"}),
        ({"TERM": "tmux-256color"}, _EVERYWHERE | _XTERM | _SYNCHRONIZED),
        ({"TERM": "xterm"}, _EVERYWHERE | _XTERM | _SYNCHRONIZED | _LINKS),
        ({"TERM": "xterm-256color"}, _EVERYWHERE | _XTERM | _SYNCHRONIZED | _LINKS),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, _EVERYWHERE | _XTERM | _SYNCHRONIZED),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, _EVERYWHERE | _XTERM | _SYNCHRONIZED | _LINKS),
        ({"TERM": "xterm-kitty"}, _EVERYWHERE | _XTERM | _SYNCHRONIZED | _KITTY),
        ({"TERM": "foot"}, _EVERYWHERE | _XTERM | _SYNCHRONIZED | _KITTY),
    ],
)
def test_a_terminal_gets_only_what_it_knows(env: dict[str, str | None], known: set[bytes]) -> None:
    with Answering(env={"COLORTERM": None, "TMUX": None, "STY": None, "TERM_PROGRAM": None, **env}) as terminal:
        _started(terminal)
        for key in ("j", "G", "J", "Space", "d", "d", "l", "g"):
            terminal.press(key)
        terminal.send("q")
        assert terminal.wait_end() == 0
        colours = re.compile(rb"\x1b\[[0-9;]*m")
        assert {kind for kind in _kinds(bytes(terminal.raw)) if not colours.fullmatch(kind)} <= known


def test_no_color_sends_no_colour() -> None:
    for env, expected in (({"NO_COLOR": None}, True), ({"NO_COLOR": "1"}, False)):
        with Answering(env=env) as terminal:
            _started(terminal)
            terminal.press("G")
            terminal.press("d")
            numbers = re.findall(rb"\x1b\[([0-9;]*)m", terminal.raw)
            coloured = [sgr for sgr in numbers if any(int(code or 0) >= 30 for code in sgr.split(b";"))]
            assert bool(coloured) == expected


def test_only_our_own_control_characters_are_sent() -> None:
    with Answering() as terminal:
        _started(terminal)
        for key in ("y", "t", "i", b"\x1b[200~\x1b]0;x\x07\xc2\x9b31m\xe2\x80\xae\x1b[201~", "Enter", "G", "b"):
            terminal.press(key)
        text = _SEQUENCE.sub(b"", terminal.raw).decode()
        assert not [char for char in text if char not in "\r\n\b" and not char.isprintable()]
        assert b"\x1b]52;c;" in terminal.raw
        titles = re.findall(rb"\x1b\]2;([^\x1b\x07]*)\x1b\\", terminal.raw)
        assert titles == [b"wire", "河口\\]2;x".encode()]


# --- In tmux --------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_tmux_shows_what_stock_textual_shows(tmp_path: Path) -> None:
    keys = ["j", "j", "f", "J", "Space", "d", "d", "l", "G", "k", "b", "b", "l", "j", "g"]
    screens = [_in_tmux(kind, keys, tmp_path) for kind in ("stock", "ours")]
    for key, stock, ours in zip(["start", *keys], *screens, strict=True):
        assert _cells(ours) == _cells(stock), key
    assert len({*screens[0]}) > len(keys) // 2


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_tmux_is_told_to_copy(tmp_path: Path) -> None:
    socket = str(tmp_path / "copy")
    env = {name: value for name, value in os.environ.items() if name != "TMUX"}

    def tmux(*words: str) -> str:
        argv = ["tmux", "-u", "-S", socket, "-f", os.devnull, *words]
        return subprocess.run(argv, env=env, capture_output=True, text=True, check=False).stdout

    home = Path(__file__).parents[1]
    tmux("new-session", "-d", "-x", "80", "-y", "24", f"cd {home} && exec {sys.executable} -m tests.wire_app")
    end = time.monotonic() + 20
    while "1/400" not in tmux("capture-pane", "-p") and time.monotonic() < end:
        time.sleep(0.1)
    tmux("send-keys", "y")
    while not tmux("show-buffer") and time.monotonic() < end:
        time.sleep(0.1)
    copied = tmux("show-buffer")
    tmux("kill-server")
    assert copied == "守塔人]0;x copied"


def _cells(captured: str) -> list[list[Cell]]:
    emulator = Emulator(80, 24)
    emulator.feed(captured.rstrip("\n").replace("\n", "\r\n"))
    return emulator.cells()


def _in_tmux(kind: str, keys: list[str], tmp_path: Path) -> list[str]:
    def tmux(*words: str) -> str:
        env = {name: value for name, value in os.environ.items() if name != "TMUX"}
        argv = ["tmux", "-u", "-S", str(tmp_path / kind), "-f", os.devnull, *words]
        return subprocess.run(argv, env=env, capture_output=True, text=True, check=True).stdout

    def settled(wanted: str = "") -> str:
        shown, before = tmux("capture-pane", "-p", "-e"), None
        end = time.monotonic() + 20
        while (shown != before or wanted not in shown) and time.monotonic() < end:
            time.sleep(0.25)
            shown, before = tmux("capture-pane", "-p", "-e"), shown
        return shown

    home = Path(__file__).parents[1]
    app = f"cd {home} && TEXTUAL_COLOR_SYSTEM=truecolor exec {sys.executable} -m tests.wire_app {kind}"
    tmux("new-session", "-d", "-x", "80", "-y", "24", app)
    screens = [settled("1/400")]
    for key in keys:
        tmux("send-keys", key)
        screens.append(settled())
    tmux("kill-server")
    return screens
