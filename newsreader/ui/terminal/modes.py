"""What is sent on the way in and on the way out.

Pure: the first frame needs it too.
"""

from __future__ import annotations

from newsreader.safety import clean_line
from newsreader.ui.terminal.capabilities import Capabilities

_TITLE_LENGTH = 120
_MOUSE = (1002, 1006)  # buttons and motion while one is held, SGR reports


def enter(terminal: Capabilities, *, mouse: bool, title: str = "") -> str:
    """A screen of our own without margins, wrapping or cursor, and what tells keys, pastes and the mouse apart."""
    sequences = ["\x1b[?1049h" if terminal.alternate_screen else "", "\x1b[r\x1b[?7l\x1b[?25l"]
    if terminal.paste:
        sequences.append("\x1b[?2004h")
    if terminal.mouse and mouse:
        sequences += (f"\x1b[?{mode}h" for mode in _MOUSE)
    if terminal.kitty_keys:
        # Disambiguated keys, and of other layouts the key at the same place: text stays text, for input methods too.
        sequences.append("\x1b[>5u")
    if terminal.title:
        sequences += ("\x1b[22;0t", set_title(terminal, title) if title else "")
    return "".join(sequences)


def leave(terminal: Capabilities, *, mouse: bool, synchronized: bool) -> str:
    """Everything as it was, also when the last frame was cut short."""
    sequences = ["\x1b[?2026l" if synchronized else "", "\x1b]8;;\x1b\\" if terminal.links else "", "\x1b[m\x1b[r"]
    if terminal.title:
        sequences.append("\x1b[23;0t")
    if terminal.kitty_keys:
        sequences.append("\x1b[<1u")
    if terminal.mouse and mouse:
        sequences += (f"\x1b[?{mode}l" for mode in _MOUSE)
    if terminal.paste:
        sequences.append("\x1b[?2004l")
    sequences.append("\x1b[?7h\x1b[?1049l" if terminal.alternate_screen else "\x1b[?7h\x1b[H\x1b[2J")
    sequences.append("\x1b[?25h")
    return "".join(sequences)


def set_title(terminal: Capabilities, title: str) -> str:
    """The window's title; "" where the terminal has none. Whatever `title` holds, it stays a title."""
    return f"\x1b]2;{clean_line(title)[:_TITLE_LENGTH]}\x1b\\" if terminal.title else ""
