"""What the terminal is able to do, told from the environment.

Decided only here: which sequences a terminal knows. Pure, and cheap to import: the first frame needs it before Textual.

Sources: terminfo of ncurses 6.4, the terminals' own documentation, and what tmux 3.3a and GNU screen 4.9 let through.
What is not known of a terminal is not sent to it.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from newsreader.ui.terminal.styles import ALL_ATTRIBUTES, ALL_COLOURS, CONCEAL, DIM, ITALIC, STRIKE

if TYPE_CHECKING:
    from newsreader.article import Style as TextStyle

ASK_MODE: Final = "\x1b[?2026$p"
"""DECRQM of synchronized output: its answer says whether the terminal has it."""
ASK_DEVICE: Final = "\x1b[c"
"""DA1, which every VT100 and its heirs answer: that a frame came through."""

ASK_WIDTH: Final = "\x1b[H…\x1b[6n"
"""An ambiguous character, and the question where it took the cursor; what is painted next covers it."""


class Capabilities(NamedTuple):
    """What may be sent. The defaults are the modern xterm family."""

    is_dumb: bool = False
    """No cursor addressing: only lines of text may be sent."""
    colours: int = ALL_COLOURS
    """0, 8, 16, 256 or ALL_COLOURS."""
    attributes: frozenset[int] = ALL_ATTRIBUTES
    charset: str = "utf-8"
    """A codec's name."""
    ascii_marks: bool = False
    """Our own marks, rules and bars in ASCII."""
    erases_coloured: bool = True
    """EL, ED, IL and DL leave blanks of the style's ground (terminfo's bce)."""
    erases_runs: bool = True
    """ECH."""
    scrolls: bool = True
    """DECSTBM, IL and DL."""
    alternate_screen: bool = True
    links: bool = True
    """OSC 8."""
    title: bool = True
    """OSC 2, and the stack of titles (CSI 22 t, CSI 23 t)."""
    paste: bool = True
    """Bracketed paste."""
    mouse: bool = True
    """SGR mouse reports."""
    kitty_keys: bool = False
    """Kitty's keyboard protocol."""
    asks: tuple[str, ...] = (ASK_MODE, ASK_DEVICE)
    """What is asked after the first frame, ASK_DEVICE last; that alone after later ones."""
    clipboard: str = "osc52"
    """The way to the person's clipboard: "osc52", "tmux" (its own command), "screen" (OSC 52 wrapped in DCS) or ""."""

    @property
    def shows(self) -> frozenset[TextStyle]:
        """The styles of texts that are seen on it. Italics that it lacks are underlined; code is told by its colour."""
        if self.is_dumb:
            return frozenset()
        attributes: tuple[TextStyle, ...] = ("strike",) if STRIKE in self.attributes else ()
        colours: tuple[TextStyle, ...] = ("code",) if self.colours else ()
        return frozenset(("strong", "em", "underline", "mark", *attributes, *colours))

    @property
    def tells_widths(self) -> bool:
        """Whether it may be sent an ambiguous character to learn its width: only where it is surely one of UTF-8."""
        return self.charset == "utf-8" and not self.ascii_marks


# What a console of its own, without windows, tabs and clipboards, knows.
_PLAIN: Final = Capabilities(
    alternate_screen=False, links=False, title=False, paste=False, mouse=False, asks=(ASK_DEVICE,), clipboard=""
)

# Terminals that are known by TERM, by their own variable, or by TERM_PROGRAM.
_KITTY_KEYS: Final = ("xterm-kitty", "kitty", "xterm-ghostty", "ghostty", "foot", "alacritty", "wezterm", "rio")
_KNOWN: Final = (*_KITTY_KEYS, "contour", "iterm", "vscode", "mintty", "konsole")
_VT_FAMILY: Final = ("ansi", "cons25", "pcansi", "sun", "qvt", "adm", "wy")
_NO_CURSOR: Final = ("dumb", "unknown", "emacs", "", "network", "dialup", "lpr", "printer")


def detect(environ: Mapping[str, str]) -> Capabilities:
    """What the terminal of this environment (TERM, COLORTERM, NO_COLOR, LANG, TMUX, STY, ...) may be sent."""
    term = environ.get("TERM", "").lower()
    charset, ascii_marks = _charset(environ)
    if term in _NO_CURSOR:
        return Capabilities(is_dumb=True, colours=0, charset=charset, ascii_marks=ascii_marks, asks=(), clipboard="")
    if term.startswith(_VT_FAMILY) or _vt_number(term) >= 100:
        has_vt220 = _vt_number(term) >= 200
        says_utf8 = _says_utf8(environ)
        return _PLAIN._replace(
            colours=_colours(environ, 0 if term.startswith("vt") else 8),
            attributes=ALL_ATTRIBUTES - {DIM, ITALIC, CONCEAL, STRIKE},
            # An eight-bit terminal takes parts of UTF-8 for C1 controls.
            charset="ascii" if charset == "utf-8" and not says_utf8 else charset,
            ascii_marks=True,
            erases_coloured=False,
            erases_runs=has_vt220,
            scrolls=has_vt220,
        )
    if term.startswith("linux"):
        # It shows italics as a colour, and prints what it does not know of DECRQM.
        return _PLAIN._replace(
            colours=_colours(environ, 8),
            attributes=ALL_ATTRIBUTES - {ITALIC, STRIKE, CONCEAL},
            charset=charset,
            ascii_marks=ascii_marks,
        )
    if environ.get("TMUX") or term.startswith("tmux"):
        return Capabilities(
            colours=_colours(environ, 256),
            charset=charset,
            ascii_marks=ascii_marks,
            links=_tmux_version(environ) >= (3, 4),
            clipboard="tmux" if environ.get("TMUX") else "osc52",
        )
    if environ.get("STY") or term.startswith("screen"):
        known = 256 if "256" in term else 8
        return Capabilities(
            # COLORTERM is the outer terminal's: screen 4 itself has no more.
            colours=min(_colours(environ, known), known),
            attributes=ALL_ATTRIBUTES - {ITALIC, STRIKE, CONCEAL},
            charset=charset,
            ascii_marks=ascii_marks,
            erases_coloured=False,
            erases_runs=False,
            links=False,
            title=False,
            paste=False,
            asks=(ASK_DEVICE,),
            clipboard="screen",
        )
    return _modern(environ, term, charset, ascii_marks)


def _modern(environ: Mapping[str, str], term: str, charset: str, ascii_marks: bool) -> Capabilities:
    program = environ.get("TERM_PROGRAM", "")
    is_apple = program == "Apple_Terminal"
    names = (
        term,
        program.lower(),
        "kitty" if "KITTY_WINDOW_ID" in environ else "",
        environ.get("WEZTERM_PANE", "") and "wezterm",
        "konsole" if environ.get("KONSOLE_VERSION", "") >= "201200" else "",
    )
    is_known = any(name.startswith(_KNOWN) for name in names) or "VTE_VERSION" in environ or "WT_SESSION" in environ
    is_true = is_known or "-direct" in term
    return Capabilities(
        colours=_colours(environ, ALL_COLOURS if is_true else 256 if "256" in term or is_apple else 16),
        charset=charset,
        ascii_marks=ascii_marks,
        # What takes itself for an xterm ignores an OSC that it does not know; over SSH nothing else tells what it is.
        links=is_known or (term.startswith("xterm") and not is_apple),
        title=not is_apple,
        kitty_keys=any(name.startswith(_KITTY_KEYS) for name in names),
        # Apple's prints the last letter of DECRQM.
        asks=(ASK_DEVICE,) if is_apple else (ASK_MODE, ASK_DEVICE),
        clipboard="" if is_apple else "osc52",
    )


def _tmux_version(environ: Mapping[str, str]) -> tuple[int, int]:
    """tmux's version ("3.3a" -> (3, 3)); (0, 0) where it does not tell."""
    major, _, minor = environ.get("TERM_PROGRAM_VERSION", "").removeprefix("next-").partition(".")
    numbers = major, minor.rstrip("abcdefghijklmnopqrstuvwxyz-")
    is_told = all(number.isascii() and number.isdigit() for number in numbers)
    return (int(numbers[0]), int(numbers[1])) if is_told else (0, 0)


def _colours(environ: Mapping[str, str], known: int) -> int:
    """NO_COLOR (no-color.org: set and not empty) takes them all; COLORTERM may say that there are more."""
    if environ.get("NO_COLOR"):
        return 0
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return ALL_COLOURS
    return known


def _says_utf8(environ: Mapping[str, str]) -> bool:
    return "utf8" in _locale(environ).lower().replace("-", "")


def _vt_number(term: str) -> int:
    """The number of one of DEC's terminals ("vt220-w" -> 220); 0 for others."""
    digits = term[2:5]
    return int(digits) if term.startswith("vt") and digits.isascii() and digits.isdigit() else 0


def _locale(environ: Mapping[str, str]) -> str:
    """The locale of characters that the person set: Python itself sets LC_CTYPE where it finds "C" (PEP 538)."""
    if environ.get("LC_ALL"):
        return environ["LC_ALL"]
    lang, ctype = environ.get("LANG", ""), environ.get("LC_CTYPE", "")
    was_coerced = lang in ("", "C", "POSIX") and ctype in ("C.UTF-8", "C.utf8", "UTF-8")
    return lang if was_coerced or not ctype else ctype


def _charset(environ: Mapping[str, str]) -> tuple[str, bool]:
    """The codec, and whether marks should be ASCII.

    "C" says nothing about the terminal, and those of today are UTF-8: text is sent as it is, only our marks are ASCII.
    """
    locale = _locale(environ)
    name = locale.partition(".")[2].partition("@")[0]
    if _says_utf8(environ):
        return "utf-8", False
    try:
        return (codecs.lookup(name).name, True) if name else ("utf-8", True)
    except LookupError:
        return "utf-8", True
