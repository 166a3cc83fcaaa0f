"""The way to the person's own clipboard, wherever newsreader runs.

Decided only here: what of a text is copied, and how much.
"""

from __future__ import annotations

import base64
import subprocess
from typing import Final

from newsreader.safety import clean

LONGEST: Final = 74_988
"""Bytes of UTF-8 that are copied: xterm takes no OSC 52 longer than 100,000 bytes (base64 makes 3 bytes into 4)."""
_SCREEN_PART: Final = 252  # bytes of a string that GNU screen passes on
_TMUX_SECONDS: Final = 2.0
TMUX_COPY: Final = ("tmux", "load-buffer", "-w", "-")


def copyable(text: str) -> str:
    """What of `text` is put into a clipboard: no control characters but line ends, so that pasting it types nothing but
    text, and at most LONGEST bytes.
    """
    return clean(text, newlines=True).encode("utf-8", "replace")[:LONGEST].decode("utf-8", "ignore")


def osc52(text: str) -> str:
    """The sequence that puts copyable text into the clipboard."""
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"


def through_screen(sequence: str) -> str:
    """A sequence as GNU screen passes it on to its own terminal: in DCS strings short enough for it."""
    parts = (sequence[at : at + _SCREEN_PART] for at in range(0, len(sequence), _SCREEN_PART))
    return "".join(f"\x1bP{part}\x1b\\" for part in parts)


def give_to_tmux(text: str) -> bool:
    """Let tmux copy, to its buffers and to its terminal's clipboard; False if it cannot be asked.

    tmux's default set-up takes OSC 52 from no program in it (limits.md). Waits up to 2 seconds: not for the event loop.
    """
    try:
        done = subprocess.run(
            TMUX_COPY,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TMUX_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
