"""The wire's pure parts: what terminals can do, styles, the defence against content, pace, answers, clipboard."""

from __future__ import annotations

import base64
import os
import re
import termios

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.safety import clean
from newsreader.ui.terminal import clipboard, modes
from newsreader.ui.terminal.capabilities import ASK_DEVICE, ASK_MODE, Capabilities, detect
from newsreader.ui.terminal.cells import Grid, Speller
from newsreader.ui.terminal.frame_pacing import PATIENCE, FramePacing
from newsreader.ui.terminal.replies import Answer, Replies
from newsreader.ui.terminal.screen import Screen
from newsreader.ui.terminal.stream import read_frame
from newsreader.ui.terminal.styles import ALL_COLOURS, Styles, reduce_colour
from newsreader.ui.terminal.tty import raw_mode, size_of
from tests.emulator import Emulator

# --- Capabilities ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "colours"),
    [
        ({"TERM": "xterm"}, 16),
        ({"TERM": "xterm-256color"}, 256),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, ALL_COLOURS),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, ALL_COLOURS),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, 0),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, 256),
        ({"TERM": "xterm-kitty"}, ALL_COLOURS),
        ({"TERM": "foot"}, ALL_COLOURS),
        ({"TERM": "linux"}, 8),
        ({"TERM": "screen"}, 8),
        ({"TERM": "screen-256color", "STY": "1.x", "COLORTERM": "truecolor"}, 256),
        ({"TERM": "screen-256color", "TMUX": "/tmp/x,1,0"}, 256),
        ({"TERM": "vt220"}, 0),
        ({"TERM": "dumb"}, 0),
    ],
)
def test_colours(env: dict[str, str], colours: int) -> None:
    assert detect(env).colours == colours


def test_each_family_gets_its_own() -> None:
    assert detect({"TERM": "dumb"}).is_dumb
    assert detect({}).is_dumb
    linux = detect({"TERM": "linux"})
    assert (linux.asks, linux.clipboard, linux.title, linux.links) == ((ASK_DEVICE,), "", False, False)
    assert detect({"TERM": "xterm"}).asks == (ASK_MODE, ASK_DEVICE)
    assert detect({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}).asks == (ASK_DEVICE,)
    assert detect({"TERM": "tmux-256color", "TMUX": "x"}).clipboard == "tmux"
    assert detect({"TERM": "screen", "STY": "1.x"}).clipboard == "screen"
    assert not detect({"TERM": "xterm-256color"}).kitty_keys
    assert detect({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}).kitty_keys
    assert not detect({"TERM": "vt100"}).scrolls
    for env, links in (
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "rxvt"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "foot"}, True),
        ({"TERM": "tmux-256color", "TMUX": "x", "TERM_PROGRAM_VERSION": "3.3a"}, False),
        ({"TERM": "tmux-256color", "TMUX": "x", "TERM_PROGRAM_VERSION": "3.4"}, True),
        ({"TERM": "tmux-256color", "TMUX": "x"}, False),
    ):
        assert detect(env).links == links
    assert detect({"TERM": "vt220"}).scrolls


@pytest.mark.parametrize(
    ("env", "charset", "ascii_marks"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "utf-8", False),
        ({"LANG": "C.utf8"}, "utf-8", False),
        ({"LANG": "zh_CN.GBK"}, "gbk", True),
        ({"LANG": "de_DE.ISO-8859-1"}, "iso8859-1", True),
        ({"LANG": "C"}, "utf-8", True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", True),  # as Python itself sets it
        ({"LANG": "C", "LC_ALL": "en_US.UTF-8"}, "utf-8", False),
        ({"LANG": "de_DE", "LC_CTYPE": "de_DE.UTF-8"}, "utf-8", False),
        ({"LANG": "xx.no-such-codec"}, "utf-8", True),
        ({"TERM": "vt220", "LANG": "C"}, "ascii", True),
    ],
)
def test_charsets(env: dict[str, str], charset: str, ascii_marks: bool) -> None:
    found = detect({"TERM": "xterm", **env})
    assert (found.charset, found.ascii_marks) == (charset, ascii_marks)


# --- Styles -----------------------------------------------------------------------------------------------------------


def test_a_change_of_pen_is_the_shortest() -> None:
    styles = Styles()
    plain, bold, red = styles.parsed(""), styles.parsed("1"), styles.parsed("1;31")
    assert styles.change(plain, bold) == "\x1b[1m"
    assert styles.change(bold, red) == "\x1b[31m"
    assert styles.change(red, plain) == "\x1b[m"
    assert styles.change(styles.parsed("1;38;2;1;2;3"), styles.parsed("38;2;1;2;3")) == "\x1b[22m"
    assert styles.change(styles.parsed("1;2;38;2;1;2;3"), styles.parsed("2;38;2;1;2;3")) == "\x1b[22;2m"
    assert styles.change(styles.parsed("48;5;200"), styles.parsed("4;48;5;200")) == "\x1b[4m"


@given(st.lists(st.sampled_from(["1", "2", "4", "7", "31", "96", "44", "38;5;99", "48;2;9;8;7", "0", "22", "39"])))
def test_pens_look_as_their_parameters(codes: list[str]) -> None:
    """A terminal that is led from style to style writes as one that is reset and told the parameters."""
    styles = Styles()
    led, told = Emulator(20, 1), Emulator(20, 1)
    style = 0
    kept = [code for code in codes if code not in ("22", "39")]
    for n in range(len(kept)):
        parameters = ";".join(kept[: n + 1])
        new = styles.parsed(parameters)
        led.feed(styles.change(style, new) + "x")
        told.feed(f"\x1b[0m\x1b[{parameters}mx")
        style = new
    assert led.cells() == told.cells()


def test_links_that_may_not_be_opened_are_none() -> None:
    styles = Styles()
    assert styles.parsed("", "https://example.org/a") != 0
    for url in (
        "javascript:x",
        "http://e.org/\x1b\\",
        "http://e.org/河",
        "file:///etc/passwd",
        "http://e.org/" + "a" * 9000,
    ):
        assert styles.parsed("", url) == 0
    assert Styles(links=False).parsed("", "https://example.org/a") == 0
    change = styles.change(0, styles.parsed("", "https://example.org/a"))
    assert change == "\x1b]8;id=1;https://example.org/a\x1b\\"


def test_fewer_colours() -> None:
    assert reduce_colour((250, 5, 5), 256) == (196,)
    assert reduce_colour((250, 5, 5), 16) == (9,)
    assert reduce_colour((46,), 16) == (10,)
    assert reduce_colour((1, 2, 3), 0) == ()
    eight = Styles(8)
    assert eight.looks[eight.parsed("38;2;255;0;0")].ink == (1,)
    assert 1 in eight.looks[eight.parsed("38;2;255;0;0")].attributes
    none = Styles(0)
    assert none.parsed("31;44") == 0


@given(st.tuples(*[st.integers(0, 255)] * 6), st.sampled_from([8, 16, 256]))
def test_ink_stays_readable_in_fewer_colours(parts: tuple[int, ...], colours: int) -> None:
    ink, ground = parts[:3], parts[3:]
    styles = Styles(colours)
    style = styles.looks[styles.parsed(";".join(map(str, (38, 2, *ink, 48, 2, *ground))))]
    if ink != ground:
        assert style.ink != style.ground


# --- The last line of defence ---------------------------------------------------------------------------------------

_ATTACKS = [
    # From limits.md, "Attack inputs".
    "\x1b[31mred",
    "\x1b[2J",
    "\x1bc",
    "\x1b[?1049l",
    "\x1b[6n",
    "\x1b[c",
    "\x1b]0;title\x07",
    "\x1b]52;c;eA==\x07",
    "\x1b]8;;javascript:x\x1b\\",
    "\x1b]2;never ends",
    "\x1bP$q\x1b\\",
    "\x1b_Gi=1\x1b\\",
    "\x1bPtmux;\x1b\x1b[2J\x1b\\",
    "\x9b31m",
    "\x9d0;x\x9c",
    "\x90x\x9c",
    "\x00\x08\x08\r\x7f",
    "\u202egnp.exe",
    "\u2066x\u2069",
    "\u200f",
    "\U000e0041",
    "\u2028",
    "e" + "\u0301" * 2000,
    "\U0001f468" + "\u200d\U0001f469" * 500,
    "\ufeff",
    "\ud800",
    "\x1b[9;9Hx",
    "\x1b[0m\x1b[1;1Hx",
    "\x1b[" + "9" * 5000 + "m",
    "\x1b[1;1H\x1b[1;1H",
    "\n\n",
    "\t",
    "\x0e\x0f",
    "\x1b#8",
    "\x1b[1;3r\x1b[99S",
]
_OURS = re.compile("\x1b\\[[0-9;]*[HmKJXCDLMr]|\x1b\\]8;(?:id=[0-9]+)?;[!-~]*\x1b\\\\|[\r\n\b]")


@given(st.lists(st.one_of(st.sampled_from(_ATTACKS), st.text(max_size=8)), min_size=1, max_size=8))
@settings(deadline=None)
def test_content_sends_nothing_but_text(pieces: list[str]) -> None:
    content = "".join(pieces)
    frame = f"\x1b[1;1H\x1b[1;38;2;1;2;3m{content}\x1b[0m\n\x1b[2;1H{content}\n\x1b[3;1Hlast\x1b[1;1H"
    frame = frame.replace("last", f"\x1b]8;id=1;{content}\x1b\\\x1b[4m{content}\x1b[0m\x1b]8;;\x1b\\")
    styles = Styles()
    grid = Grid(40, 5)
    read_frame(frame, grid, Speller(styles))
    sent = Screen(styles).paint(grid)
    text = _OURS.sub("", sent)
    assert "\x1b" not in text
    assert clean(text) == text
    assert all(len(row.text) == len(row.styles) == 40 for row in grid.rows)


def test_content_cannot_write_upwards_or_leftwards() -> None:
    styles = Styles()
    grid = Grid(20, 4)
    read_frame("\x1b[1;1Htitle\n\x1b[2;1H\x1b[1;1Hfake\n\x1b[3;1Hend\x1b[2;2H", grid, Speller(styles))
    assert ["".join(row.text).rstrip() for row in grid.rows] == ["title", "fake", "end", ""]


def test_a_frame_tells_its_cursor_and_whether_it_is_whole() -> None:
    grid, speller = Grid(5, 2), Speller(Styles())
    assert read_frame("\x1b[1;1Ha\n\x1b[2;1Hb\x1b[2;3H", grid, speller) == ((2, 1), True)
    assert read_frame("\x1b[2;1Hb\x1b[1;1H", grid, speller) == ((0, 0), False)
    assert read_frame("\x1b[?1049h", grid, speller) == (None, False)


# --- Pace -----------------------------------------------------------------------------------------------------------


def test_nothing_is_held_back_before_the_first_answer() -> None:
    pacing = FramePacing()
    assert pacing.asks
    pacing.sent(0.0)
    assert pacing.wait(0.1) == 0
    assert not pacing.asks
    assert pacing.wait(PATIENCE) == 0
    assert not pacing.asks  # never again


def test_frames_wait_for_the_answer() -> None:
    pacing = FramePacing()
    pacing.sent(0.0)
    pacing.answered()
    assert pacing.asks
    pacing.sent(1.0)
    assert pacing.wait(1.5) == pytest.approx(PATIENCE - 0.5)
    pacing.answered()
    assert pacing.wait(1.6) == 0


def test_a_terminal_that_falls_silent_is_given_up_and_heard_again() -> None:
    pacing = FramePacing()
    pacing.sent(0.0)
    pacing.answered()
    now = 1.0
    asked = 0
    while pacing.asks and asked < 9:
        pacing.sent(now)
        asked += 1
        now += PATIENCE
        assert pacing.wait(now) == 0
    assert 1 < asked < 9
    pacing.answered()
    assert pacing.asks


# --- Answers --------------------------------------------------------------------------------------------------------


@given(st.data())
def test_answers_in_any_pieces_leave_the_keys(data: st.DataObject) -> None:
    keys = ["j", "\x1b[A", "守", "\x1bOP", "\x1b[1;5C", "k"]
    answers = ["\x1b[?2026;2$y", "\x1b[?62;22c", "\x1b[?1;2c"]
    stream = data.draw(st.lists(st.sampled_from([*keys, *answers]), max_size=12))
    text = "".join(stream)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    replies = Replies()
    typed, heard = "", 0
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        more, found = replies.feed(text[start:end], expecting=True)
        typed += more
        heard += len(found)
    typed += replies.release()
    assert typed == "".join(piece for piece in stream if piece in keys)
    assert heard == sum(piece in answers for piece in stream)


def test_escape_is_only_held_while_an_answer_is_expected() -> None:
    assert Replies().feed("\x1b", expecting=False) == ("\x1b", [])
    replies = Replies()
    assert replies.feed("\x1b", expecting=True) == ("", [])
    assert not replies.is_answer
    assert replies.feed("[?2026;1$y", expecting=True) == ("", [Answer("$y", (2026, 1))])


def test_a_cursor_position_is_an_answer_only_where_one_is_expected() -> None:
    assert Replies().feed("\x1b[1;2R", expecting=True) == ("\x1b[1;2R", [])
    assert Replies().feed("j\x1b[1;2Rk", expecting=True, position=True) == ("jk", [Answer("R", (1, 2))])
    assert Replies().feed("\x1b[c", expecting=True, position=True) == ("\x1b[c", [])  # a key of rxvt
    replies = Replies()
    assert replies.feed("\x1b[1;", expecting=True, position=True) == ("", [])
    assert replies.feed("2R", expecting=True, position=True) == ("", [Answer("R", (1, 2))])


# --- Clipboard and title --------------------------------------------------------------------------------------------


@given(st.text())
def test_what_is_copied_is_text(text: str) -> None:
    copied = clipboard.copyable(text)
    assert not [char for char in copied if char != "\n" and (ord(char) < 32 or 0x7F <= ord(char) < 0xA0)]
    encoded = re.fullmatch("\x1b\\]52;c;([A-Za-z0-9+/=]*)\x07", clipboard.osc52(copied))
    assert encoded
    assert base64.b64decode(encoded[1]).decode() == copied


def test_a_copy_is_capped_between_characters() -> None:
    copied = clipboard.copyable("守" * 100_000)
    assert clipboard.LONGEST - 3 < len(copied.encode()) <= clipboard.LONGEST
    assert set(copied) == {"守"}
    assert len(clipboard.osc52(copied)) < 100_000


@pytest.mark.parametrize(("program", "copied"), [("true", True), ("false", False), ("no-such-program", False)])
def test_what_tmux_does_not_copy_is_known(monkeypatch: pytest.MonkeyPatch, program: str, copied: bool) -> None:
    monkeypatch.setattr(clipboard, "TMUX_COPY", (program,))
    assert clipboard.give_to_tmux("守") is copied


def test_screen_is_given_short_strings_that_join() -> None:
    sequence = clipboard.osc52("x" * 1000)
    wrapped = clipboard.through_screen(sequence)
    parts = re.findall("\x1bP([^\x1b]*|[^\x1b]*\x1b[^\\\\][^\x1b]*)\x1b\\\\", wrapped)
    assert "".join(parts) == sequence
    assert max(map(len, parts)) <= 252


def test_a_terminal_that_says_no_size_has_the_usual_one() -> None:
    ends = os.openpty()
    for columns, rows in ((1, 1), (0, 24), (120, 0)):
        termios.tcsetwinsize(ends[1], (rows, columns))
        assert size_of(ends[1]) == ((1, 1) if columns == rows else (80, 24))
    for end in ends:
        os.close(end)


def test_a_terminal_gives_every_key_and_takes_every_byte_as_they_are() -> None:
    characters = [b"\0"] * 32
    modes_of_none, modes_of_all = ([bits] * 4 + [termios.B9600] * 2 + [characters] for bits in (0, 0xFFFF))
    assert raw_mode(modes_of_none)[:4] == [0] * 4
    given, out, _, local = (~bits & 0xFFFF for bits in raw_mode(modes_of_all)[:4])
    assert given == termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR
    assert (out, local) == (termios.OPOST, termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    assert characters == [b"\0"] * 32, "what is given back at the end"


def test_modes_are_undone() -> None:
    for terminal in (
        Capabilities(),
        Capabilities(kitty_keys=True),
        detect({"TERM": "linux"}),
        detect({"TERM": "screen"}),
    ):
        entered = modes.enter(terminal, mouse=True, title="a\x1b]0;b\x07")
        left = modes.leave(terminal, mouse=True, synchronized=True)
        on = set(re.findall(r"\[\?(\d+)h", entered)) | set(re.findall(r"\[\?(\d+)l", left))
        off = set(re.findall(r"\[\?(\d+)l", entered)) | set(re.findall(r"\[\?(\d+)h", left))
        assert set(re.findall(r"\[\?(\d+)l", left)) >= set(re.findall(r"\[\?(\d+)h", entered))
        assert on - {"2026"} | off == set(re.findall(r"\[\?(\d+)[hl]", entered))
        assert ("\x1b[?1006h" in entered) is terminal.mouse
        assert entered.count("22;0t") == left.count("23;0t")
        assert entered.count("\x1b[>5u") == left.count("\x1b[<1u")
