"""The Textual driver: Textual's frames go out as differences, at the terminal's own pace; keys and answers come in.

The terminal while the window is open. Decided here: when a frame is sent, and what of Textual's own writes counts. The
event loop is never blocked, and never woken: the terminal's descriptor is watched by the loop itself.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import re
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar, Final

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message

from newsreader.ui.terminal import clipboard, modes
from newsreader.ui.terminal.capabilities import ASK_DEVICE, ASK_WIDTH, Capabilities
from newsreader.ui.terminal.cells import Grid
from newsreader.ui.terminal.frame_pacing import FramePacing
from newsreader.ui.terminal.keyboard import Keyboard
from newsreader.ui.terminal.replies import Answer
from newsreader.ui.terminal.signals import Endings
from newsreader.ui.terminal.stream import read_frame
from newsreader.ui.terminal.strips import StripReader
from newsreader.ui.terminal.takeover import FirstFrame, speller_and_screen
from newsreader.ui.terminal.textual_private import Piece, driver_in
from newsreader.ui.terminal.tty import Tty, raw_mode

_SYNCHRONIZED: Final = 1024  # bytes of a frame that a terminal may show half done
_RESIZE_PAUSE: Final = 0.05
_RESIZE_PATIENCE: Final = 0.25
_LAST_ANSWERS: Final = 0.2
_copied = re.compile("\x1b\\]52;c;([A-Za-z0-9+/=]*)\x07").fullmatch


@dataclass(frozen=True, slots=True)
class Wire:
    """What the app decides about the terminal. `on_end` is called once, in the loop, before a signal or a hang-up ends
    the app, and has 0.2 seconds. With `on_ambiguous` the terminal is asked, before its first frame, whether it gives
    ambiguous characters two cells; the answer is called in the loop if it is another than `ambiguous_wide`.
    """

    capabilities: Capabilities
    mouse: bool = False
    ambiguous_wide: bool = False
    title: str = ""
    on_end: Callable[[], None] = lambda: None
    on_ambiguous: Callable[[bool], None] | None = None
    first: FirstFrame | None = None


def driver_for(wire: Wire) -> type[TerminalDriver]:
    """The driver class to give `App(driver_class=...)`."""
    return type("WiredDriver", (TerminalDriver,), {"wire": wire})


def driver_of(app: App[Any]) -> TerminalDriver | None:
    """The app's driver, for what `App` has no method for: redraw, title; None where the app runs without a terminal."""
    driver = driver_in(app)
    return driver if isinstance(driver, TerminalDriver) else None


class TerminalDriver(Driver):
    """See the module. Frames are put into a grid as they come, and the grid is sent when the terminal is ready."""

    wire: ClassVar[Wire]

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        wire = self.wire
        terminal = self._terminal = wire.capabilities
        super().__init__(app, debug=debug, mouse=mouse and wire.mouse and terminal.mouse, size=size)
        self._pacing = FramePacing()
        self._ask = "".join(terminal.asks)
        self._synchronized = False
        self._must_probe = wire.on_ambiguous is not None and terminal.tells_widths
        self._is_probing = False
        self._keyboard = Keyboard(self._loop, self.process_message, self._answered, debug=debug)
        self._first = wire.first
        if self._first:
            self._is_probing = self._must_probe and self._first.was_asked
            self._must_probe = self._must_probe and not self._is_probing
            self._speller, self._screen = self._first.speller, self._first.screen
        else:
            self._speller, self._screen = speller_and_screen(terminal, ambiguous_wide=wire.ambiguous_wide)
        self._strips = StripReader(self._speller)
        self._tty = Tty(self._loop, self._hung_up)
        self._size = size or self._tty.size()
        self._grid = Grid(*self._size)
        self._cursor = (0, 0)
        self._extras: list[str] = []
        self._mode_before: list[Any] | None = None
        self._is_open = False
        self._is_ending = False
        self._awaits_whole = True
        self._is_resizing = False
        self._sending: asyncio.Handle | None = None
        self._endings = Endings(self._loop, self._end, self._restore)

    # -- What Textual calls ------------------------------------------------------------------------------------------

    @property
    def can_suspend(self) -> bool:
        """Ctrl-Z works."""
        return True

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        if self._is_open:
            return
        if self._tty.is_gone:
            self._tty = Tty(self._loop, self._hung_up)
        self._endings.install()
        if self._tty.is_gone:
            self._hung_up()
            return
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
        self._loop.add_signal_handler(signal.SIGTSTP, self._stop)
        self._loop.add_signal_handler(signal.SIGCONT, self._continued)
        self._enter()
        self._post_size()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        self.disable_input()
        if self._is_open:
            for number in (signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT):
                self._loop.remove_signal_handler(number)
            self._endings.remove()
            self._leave()

    def disable_input(self) -> None:
        """Hear no more keys."""
        if not self._tty.is_gone:
            self._loop.remove_reader(self._tty.fd)
        self._keyboard.rest()

    def close(self) -> None:
        """Let go of the terminal."""
        if not self._tty.is_closed:
            self.stop_application_mode()
            self._tty.close()

    def write(self, data: str) -> None:
        """Take what Textual writes: frames, a bell, a clipboard. What is none of these is dropped."""
        if data == "\x07":
            self._extras.append(data)
        elif copied := _copied(data):
            with suppress(binascii.Error):
                self.copy(base64.b64decode(copied[1]).decode("utf-8", "replace"))
        else:
            frame = read_frame(data, self._grid, self._speller)
            if frame.cursor is not None:
                self._cursor = frame.cursor
            if frame.whole:
                self._awaits_whole = False

    def draw(self, pieces: Iterable[Piece], height: int) -> None:
        """Take a frame as strips, which are whole rows, from the first on, as far as `height` says."""
        for x, y, strip in pieces:
            self._strips.put(self._grid, x, y, strip)
        if height >= self._grid.height:
            self._awaits_whole = False

    def flush(self) -> None:
        """Send soon what was written."""
        if self._sending is None:
            self._sending = self._loop.call_soon(self._send)

    def send_message(self, message: Message) -> None:
        """Hand a key to the app; the caller is in its loop."""
        self._app.post_message(message)

    # -- What the app may call ---------------------------------------------------------------------------------------

    def copy(self, text: str) -> None:
        """Put text into the person's clipboard (`App.copy_to_clipboard` comes here too): cleaned, and cut at 75 kB."""
        text = clipboard.copyable(text)
        match self._terminal.clipboard:
            case "tmux":
                copied = self._loop.run_in_executor(None, clipboard.give_to_tmux, text)
                copied.add_done_callback(lambda done: None if done.result() else self._say(clipboard.osc52(text)))
            case "screen":
                self._say(clipboard.through_screen(clipboard.osc52(text)))
            case "osc52":
                self._say(clipboard.osc52(text))

    def set_title(self, title: str) -> None:
        """Name the window; its old title comes back at the end."""
        self._say(modes.set_title(self._terminal, title))

    def redraw(self) -> None:
        """Send the whole screen again, whatever the terminal shows (Ctrl-L)."""
        self._screen.forget()
        self.flush()

    # -- Frames ------------------------------------------------------------------------------------------------------

    def _say(self, sequence: str) -> None:
        self._extras.append(sequence)
        self.flush()

    def _send(self) -> None:
        """Send the newest frame, unless an older one is still on its way: then this is called again."""
        self._forget_sending()
        if not self._is_open or self._is_ending or self._awaits_whole or self._tty.is_busy:
            return
        now = monotonic()
        delay = self._pacing.wait(now)
        if delay:
            self._sending = self._loop.call_later(delay, self._send)
            return
        if self._screen.styles.are_many:
            self._screen.keep_styles(self._grid)
            self._speller.forget()
            self._strips.forget()
        # The cursor is hidden: it only tells an input method where to open, so it serves a widget that takes text.
        cursor = self._cursor if hasattr(self._app.focused, "cursor_screen_offset") else None
        probe = self._probe()
        frame = probe + self._screen.paint(self._grid, cursor)
        if self._synchronized and len(frame) > _SYNCHRONIZED:
            frame = f"\x1b[?2026h{frame}\x1b[?2026l"
        if self._extras:
            frame += "".join(self._extras)
            self._extras.clear()
        if not frame:
            return
        if self._ask and self._pacing.asks:
            frame += self._ask
            self._pacing.sent(now)
        self._tty.write(frame.encode(self._terminal.charset, "replace"), self._send)

    def _probe(self) -> str:
        """Once: an ambiguous character, and the question where it took the cursor; the frame covers it."""
        if not self._must_probe:
            return ""
        self._must_probe = False
        self._is_probing = True
        self._screen.disturb(0)
        return ASK_WIDTH

    def _forget_sending(self) -> None:
        if self._sending:
            self._sending.cancel()
            self._sending = None

    # -- Keys and answers --------------------------------------------------------------------------------------------

    def _readable(self) -> None:
        data = self._tty.read()
        if data:
            is_probing = self._is_probing
            self._keyboard.feed(data, expecting=self._pacing.waits or is_probing, position=is_probing)

    def _answered(self, answer: Answer) -> None:
        if answer.kind == "R":
            self._probed(wide=answer.parameters[-1] == 3)
            return
        self._is_probing = False  # it was asked first
        if answer.kind == "$y":
            if answer.parameters[0] == 2026 and answer.parameters[1:] in ((1,), (2,)):
                self._synchronized = True
            return
        self._ask = ASK_DEVICE  # what else was asked is known by now, and this is the shortest question of all
        self._pacing.answered()
        if self._is_open:
            self._send()

    def _probed(self, *, wide: bool) -> None:
        self._is_probing = False
        if wide != self._speller.ambiguous_wide and self.wire.on_ambiguous:
            self._speller.set_ambiguous_wide(wide)
            self._screen.forget()  # what it shows of such characters stands elsewhere
            self.wire.on_ambiguous(wide)

    # -- Size --------------------------------------------------------------------------------------------------------

    def _resized(self) -> None:
        """Many sizes in a row, as while a window is dragged, become few."""
        if not self._is_resizing:
            self._is_resizing = True
            self._loop.call_later(_RESIZE_PAUSE, self._take_size)

    def _take_size(self) -> None:
        self._is_resizing = False
        if not self._is_open or self._tty.is_gone:
            return
        # Also at the same size: on the way back to it the terminal may have cut what it showed.
        self._screen.forget()
        size = self._tty.size()
        if size != (self._grid.width, self._grid.height):
            self._grid = Grid(*size)
            # Until Textual has laid the screen out anew there is nothing worth sending.
            self._awaits_whole = True
            self._loop.call_later(_RESIZE_PATIENCE, self._no_longer_await)
            self._post_size()
        self.flush()

    def _no_longer_await(self) -> None:
        self._awaits_whole = False
        self.flush()

    def _post_size(self) -> None:
        self._size = (self._grid.width, self._grid.height)
        size = Size(*self._size)
        self.send_message(events.Resize(size, size))

    # -- In and out --------------------------------------------------------------------------------------------------

    def _enter(self) -> None:
        first, self._first = self._first, None
        self._mode_before = first.hand_over() if first else self._tty.mode()
        if self._mode_before is not None:
            self._tty.set_mode(raw_mode(self._mode_before))
        if first:
            self._tty.write(first.rest)
        else:
            self._screen.forget()
            self._say_entering()
        self._is_open = True
        self._loop.add_reader(self._tty.fd, self._readable)
        if (self._grid.width, self._grid.height) != self._tty.size():
            self._take_size()
        self.flush()

    def _say_entering(self) -> None:
        entering = modes.enter(self._terminal, mouse=self._mouse, title=self.wire.title)
        self._tty.write(entering.encode(self._terminal.charset, "replace"))

    def _leave(self) -> None:
        """Restore the terminal, after its last answers came: else the shell would take them for typing."""
        if not self._is_ending:
            self._restore_screen()
        self._is_open = False
        deadline = monotonic() + (0 if self._is_ending else _LAST_ANSWERS)
        while self._pacing.waits and not self._tty.is_gone and (left := deadline - monotonic()) > 0:
            if self._tty.is_readable(left):
                self._keyboard.drain(self._tty.read())
        self._pacing = FramePacing()
        self._ask = "".join(self._terminal.asks)
        self._restore_mode()

    def _restore_screen(self) -> None:
        leaving = modes.leave(self._terminal, mouse=self._mouse, synchronized=self._synchronized)
        self._tty.farewell(leaving.encode())

    def _restore_mode(self) -> None:
        if self._mode_before is not None:
            self._tty.set_mode(self._mode_before, drop_input=True)

    def _restore(self) -> None:
        """The last resort, from another thread."""
        if self._is_open and not self._tty.is_closed:
            self._restore_screen()
            self._restore_mode()

    # -- Signals -----------------------------------------------------------------------------------------------------

    def _hung_up(self) -> None:
        self._endings.end(signal.SIGHUP)

    def _end(self, number: int) -> None:
        """Leave in order: the screen first, then what the app has to save, then the app."""
        if self._is_ending:
            return
        self._is_ending = True
        self._restore_screen()
        self.wire.on_end()
        self._app.exit(return_code=128 + number)

    def _stop(self) -> None:
        """SIGTSTP, by Ctrl-Z or from outside: stop as any program does, and go on where we were."""
        self.stop_application_mode()
        os.kill(os.getpid(), signal.SIGSTOP)
        self.start_application_mode()
        self.send_message(self.SignalResume())

    def _continued(self) -> None:
        """SIGCONT after a SIGSTOP that nobody can catch: whoever had the terminal meanwhile left it as it pleased."""
        if self._is_open and not self._is_ending and self._mode_before is not None:
            self._tty.set_mode(raw_mode(self._mode_before))
            self._say_entering()
            self._take_size()
