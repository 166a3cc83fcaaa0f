"""The terminal's answers, taken out of what is typed.

Pure.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_answer = re.compile("\x1b\\[(?:\\?([0-9;]*)(c|\\$y))")
_begun = re.compile("\x1b(?:\\[(?:\\?[0-9;]*\\$?)?)?\\Z")
# A position report is also what F3 with a modifier sends: it counts only where one is expected.
_position = re.compile("\x1b\\[(?:([0-9]+;[0-9]+)(R))")
_begun_position = re.compile("\x1b(?:\\[[0-9;]*)?\\Z")
_certain = "\x1b[?"


class Answer(NamedTuple):
    """`kind` is "c" (DA1), "$y" (a mode report) or "R" (a cursor position), with its parameters."""

    kind: str
    parameters: tuple[int, ...]


class Replies:
    """Splits input into keys and answers."""

    def __init__(self) -> None:
        self.held = ""
        """What may be the beginning of an answer, and may be a key."""

    @property
    def is_answer(self) -> bool:
        """Whether what is held can be no key."""
        return self.held.startswith(_certain)

    def feed(self, text: str, *, expecting: bool, position: bool = False) -> tuple[str, list[Answer]]:
        """(keys, answers) of what came. While an answer is expected, what may be one's beginning is held back;
        `position` says that a cursor position is among those expected.
        """
        text = self.held + text
        self.held = ""
        answers: list[Answer] = []

        def take(found: re.Match[str]) -> str:
            answers.append(Answer(found[2], tuple(int(number[:6] or 0) for number in found[1].split(";"))))
            return ""

        if position:
            text = _position.sub(take, text, count=1)
        text = _answer.sub(take, text)
        begun = _begun.search(text) or (_begun_position.search(text) if position else None)
        if begun and (expecting or begun[0].startswith(_certain)):
            self.held = begun[0]
            text = text[: begun.start()]
        return text, answers

    def release(self) -> str:
        """What was held, as no more came: keys after all."""
        held, self.held = self.held, ""
        return held
