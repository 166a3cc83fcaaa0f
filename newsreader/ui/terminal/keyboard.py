"""What is typed: bytes -> Textual's events, and the terminal's answers.

Decided only here: how long ESC waits to be a key.
"""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import Callable, Iterable
from typing import Final

from textual import constants, events
from textual.message import Message

from newsreader.ui.terminal.replies import Answer, Replies
from newsreader.ui.terminal.textual_private import XTermParser

_HELD_KEY: Final = 0.03
_HELD_ANSWER: Final = 1.0
_ESCAPE: Final = constants.ESCAPE_DELAY + 0.01
# No key of ours is Alt with another, and on a slow line Esc often comes together with the key after it: unless ESC
# begins a sequence, it is a key of its own.
_INTRODUCERS: Final = "\\[OP\\]\\\\^_X"
_escape_key = re.compile(f"\x1b(?=[^{_INTRODUCERS}])")
_beginning = re.compile(f"\x1b[{_INTRODUCERS}]?\\Z")
# Kitty's report of a key tells of another layout the key at its place, which Textual's parser does not take.
_alternate = re.compile("\x1b\\[([0-9]{1,7}):[0-9]{0,7}(?::([0-9]{1,7}))?((?:;[0-9:]{0,24}){0,2})u")
_CTRL: Final = 4
_PASTE, _PASTED = "\x1b[200~", "\x1b[201~"


class Keyboard:
    """Calls `on_event` and `on_answer`, in the loop, with what was fed."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_event: Callable[[Message], None],
        on_answer: Callable[[Answer], None],
        *,
        debug: bool = False,
    ) -> None:
        self._loop = loop
        self._on_event = on_event
        self._on_answer = on_answer
        self._debug = debug
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._replies = Replies()
        self._parser = XTermParser(debug)
        self._begun = ""
        self._tick: asyncio.TimerHandle | None = None
        self._release: asyncio.TimerHandle | None = None

    def feed(self, data: bytes, *, expecting: bool = False, position: bool = False) -> None:
        """Take what was read; `expecting` an answer, a cursor `position` among them, which may come in pieces."""
        if self._release:
            self._release.cancel()
        text, answers = self._replies.feed(self._decode(data), expecting=expecting, position=position)
        for answer in answers:
            self._on_answer(answer)
        if self._replies.held:
            delay = _HELD_ANSWER if self._replies.is_answer else _HELD_KEY
            self._release = self._loop.call_later(delay, self._no_answer)
        self._type(text)

    def drain(self, data: bytes) -> None:
        """Take what was read for its answers only."""
        for answer in self._replies.feed(self._decode(data), expecting=True)[1]:
            self._on_answer(answer)

    def rest(self) -> None:
        """Wait for nothing any more."""
        for timer in (self._tick, self._release):
            if timer:
                timer.cancel()

    def _no_answer(self) -> None:
        self._type(self._replies.release())

    def _type(self, text: str) -> None:
        if not text:
            return
        if self._tick:
            self._tick.cancel()
            self._tick = None
        text, self._begun = self._begun + text, ""
        while (start := text.find(_PASTE)) >= 0:
            self._keys_apart(self._keys(text[:start]))
            end = text.find(_PASTED, start)
            if end < 0:
                self._begun = text[start:]
                return
            # What is pasted presses no key, whatever it holds.
            self._feed(_PASTE + text[start + len(_PASTE) : end].replace("\x1b", "") + _PASTED)
            text = text[end + len(_PASTED) :]
        self._begun = self._keys(text)
        if self._begun or "\x1b" in text[-32:]:
            # A lone ESC is a key once nothing has followed it for a while.
            self._tick = self._loop.call_later(_ESCAPE, self._waited)

    def _keys(self, text: str) -> str:
        """Take keys; what at the end may begin a sequence is left over."""
        *before, last = _escape_key.split(text)
        for keys in before:
            self._feed(keys)
            self._press_escape()
        begun = _beginning.search(last)
        end = begun.start() if begun else len(last)
        self._feed(last[:end])
        return last[end:]

    def _keys_apart(self, begun: str) -> None:
        """What began no sequence: ESC, and the key behind it."""
        if begun:
            self._press_escape()
            self._feed(begun[1:])

    def _feed(self, text: str) -> None:
        if text:
            self._parse(lambda: self._parser.feed(_alternate.sub(_one_key, text)))

    def _waited(self) -> None:
        if _beginning.fullmatch(self._begun):
            begun, self._begun = self._begun, ""
            self._keys_apart(begun)
        self._parse(self._parser.tick)

    def _press_escape(self) -> None:
        self._on_event(events.Key("escape", "\x1b"))

    def _parse(self, step: Callable[[], Iterable[Message]]) -> None:
        try:
            for message in step():
                self._on_event(message)
        except (ValueError, OverflowError, StopIteration):
            # A sequence that no keyboard sends, such as a code point that is none, ends Textual's parser.
            self._parser = XTermParser(self._debug)


def _one_key(report: re.Match[str]) -> str:
    """A report with one key in it: with Ctrl the one at its place of a US layout, else the one that was typed."""
    typed, place, rest = report.groups()
    modifiers = rest[1:].partition(";")[0].partition(":")[0]
    has_ctrl = modifiers.isdigit() and (int(modifiers) - 1) & _CTRL
    return f"\x1b[{place if place and has_ctrl else typed}{rest}u"
