"""Keys typed one after another -> commands with counts.

Decided only here: how digits, chords and unknown keys are read.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from newsreader.ui.key_names import Sequence, show_chord
from newsreader.ui.keys import Keymap, Pane

LARGEST_COUNT: Final = 9_999_999


class Call(NamedTuple):
    """A command that was asked for; `number` was typed before it, None if none was."""

    command: str
    number: int | None = None


class Dispatcher:
    """Reads keys; knows nothing of the window but which pane has the focus."""

    def __init__(self, keymap: Keymap) -> None:
        self.keymap = keymap
        self._count = ""
        self._typed: Sequence = ()

    @property
    def pending(self) -> str:
        """What was typed and waits for more, as the status line shows it."""
        return self._count + "".join(map(show_chord, self._typed))

    def clear(self) -> None:
        """Forget what was typed."""
        self._count, self._typed = "", ()

    def feed(self, key: str, pane: Pane) -> Call | None:
        """Take one key; a command once its chord is complete. A key that leads nowhere clears what was typed."""
        if key == "Esc" and self.pending:
            self.clear()
            return None
        if key.isdigit() and key.isascii() and not self._typed and (self._count or key != "0"):
            self._count = self._count + key if int(self._count + key) <= LARGEST_COUNT else self._count
            return None
        typed = (*self._typed, key)
        command = self.keymap.find(pane, typed)
        if command is not None:
            count = int(self._count) if self._count else None
            self.clear()
            return Call(command, count)
        if key and self.keymap.begins(pane, typed):
            self._typed = typed
        else:
            self.clear()
        return None
