"""The terminal before Textual: taken over, painted on once, and handed to the driver or given back.

Decided here: what of the terminal the first frame and the driver have in common. Imports neither Textual nor asyncio.
"""

from __future__ import annotations

import os
import termios
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from newsreader.ui.terminal import modes
from newsreader.ui.terminal.capabilities import ASK_WIDTH, Capabilities
from newsreader.ui.terminal.cells import Grid, Speller
from newsreader.ui.terminal.screen import Screen
from newsreader.ui.terminal.styles import Styles
from newsreader.ui.terminal.tty import open_terminal, raw_mode, size_of

if TYPE_CHECKING:
    import signal
else:  # signal without the enums it wraps around its numbers, which take as long as reading the first page of rows
    import _signal as signal

FATAL: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)
"""Signals that end the program, and after which the terminal has to be as it was."""


def speller_and_screen(terminal: Capabilities, *, ambiguous_wide: bool) -> tuple[Speller, Screen]:
    """What turns text into cells, and cells into bytes, for a terminal."""
    styles = Styles(
        terminal.colours, terminal.attributes, links=terminal.links, erases_coloured=terminal.erases_coloured
    )
    speller = Speller(styles, charset=terminal.charset, ambiguous_wide=ambiguous_wide)
    return speller, Screen(styles, scrolls=terminal.scrolls, erases_runs=terminal.erases_runs)


class FirstFrame:
    """A terminal that has been taken over, raw and on a screen of our own, until `hand_over` or `give_back`. What is
    typed meanwhile waits in it, and so does the answer of a terminal that `was_asked` for its widths, as it is where
    `ambiguous_wide` is None. A signal that ends the program gives it back first. Raises OSError without a terminal.
    """

    def __init__(self, terminal: Capabilities, *, mouse: bool, ambiguous_wide: bool | None, title: str) -> None:
        self.speller, self.screen = speller_and_screen(terminal, ambiguous_wide=bool(ambiguous_wide))
        self.was_asked = ambiguous_wide is None and terminal.tells_widths
        self._terminal = terminal
        self._mouse = mouse
        self._entering = modes.enter(terminal, mouse=mouse, title=title) + (ASK_WIDTH if self.was_asked else "")
        self.rest = b""
        self._is_ours = True
        self._fd = open_terminal()
        self.size = size_of(self._fd)
        self.mode_before: list[Any] | None = None
        with suppress(termios.error):
            self.mode_before = termios.tcgetattr(self._fd)
            termios.tcsetattr(self._fd, termios.TCSANOW, raw_mode(self.mode_before))
        for number in FATAL:
            if signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, self._ended)

    def show(self, grid: Grid) -> None:
        """Paint the grid; `rest` is what the terminal did not take at once, and is left to the driver."""
        data = self.rest + (self._entering + self.screen.paint(grid)).encode(self._terminal.charset, "replace")
        self._entering, self.rest = "", b""
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except BlockingIOError:
            self.rest = data
        except OSError:
            self.screen.forget()

    def hand_over(self) -> list[Any] | None:
        """The terminal is the caller's from now on; its attributes from before."""
        self._is_ours = False
        os.close(self._fd)
        return self.mode_before

    def give_back(self) -> None:
        """Put the terminal as it was, if it was not handed over."""
        if not self._is_ours:
            return
        self._is_ours = False
        with suppress(OSError):
            os.write(self._fd, modes.leave(self._terminal, mouse=self._mouse, synchronized=False).encode())
        if self.mode_before is not None:
            with suppress(termios.error):
                termios.tcsetattr(self._fd, termios.TCSANOW, self.mode_before)
                termios.tcflush(self._fd, termios.TCIFLUSH)  # an answer is nothing that the shell should read
        os.close(self._fd)

    def _ended(self, number: int, _frame: FrameType | None) -> None:
        self.give_back()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
