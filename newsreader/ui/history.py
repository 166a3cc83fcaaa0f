"""What came before: the stories that were read, to go back to and forward again, and what was typed at the prompts.

Pure: no textual, no rich.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final, NamedTuple

from newsreader.ui.panes.article_page import Place

_STEPS: Final = 1000
_TEXTS: Final = 50
"""What is remembered: steps each way, and texts of a prompt."""


class Step(NamedTuple):
    """A story that was open, by its id, and where its reader was in it."""

    story: str
    spot: Place


class History:
    """The steps behind and before the present one."""

    def __init__(self) -> None:
        self._past: deque[Step] = deque(maxlen=_STEPS)
        self._future: deque[Step] = deque(maxlen=_STEPS)

    def remember(self, here: Step | None) -> None:
        """Another story is opened; this one was open."""
        if here is not None:
            self._past.append(here)

    def go_on(self, here: Step | None) -> None:
        """The same, and there is no way forward any more."""
        self.remember(here)
        self._future.clear()

    def step(self, way: int) -> Step | None:
        """The next step back (-1) or forward, taken off its side; None if there is none."""
        side = self._past if way < 0 else self._future
        return side.pop() if side else None

    def left(self, here: Step, way: int) -> None:
        """A step back (-1) or forward was taken from here."""
        (self._future if way < 0 else self._past).append(here)


class PromptHistory:
    """What was typed at each prompt, the latest last."""

    def __init__(self) -> None:
        self.typed: dict[str, list[str]] = {}

    def restore(self, typed: Mapping[str, list[str]]) -> None:
        """Remember what the last session did."""
        self.typed = dict(typed)

    def of(self, prompt: str) -> list[str]:
        """What was typed at one."""
        return self.typed.get(prompt, [])

    def remember(self, prompt: str, text: str) -> None:
        """A text was typed and sent off."""
        self.typed[prompt] = [*(known for known in self.of(prompt) if known != text), text][-_TEXTS:]
