"""Bytes -> keys, in whatever pieces they come."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest
from textual import events
from textual.message import Message

from newsreader.ui.terminal.keyboard import Keyboard
from newsreader.ui.terminal.replies import Answer

LONGER_THAN_ESC_WAITS: Final = 0.2
UP: Final = "\x1b[A"
F1: Final = "\x1bOP"


async def typed(*pieces: str) -> list[str]:
    """The names of the keys, and the texts of pastes, that pieces of input make, read one right after the other."""
    heard: list[str] = []

    def hear(message: Message) -> None:
        heard.append(message.key if isinstance(message, events.Key) else getattr(message, "text", "?"))

    keyboard = Keyboard(asyncio.get_running_loop(), hear, lambda answer: None)
    for piece in pieces:
        keyboard.feed(piece.encode())
    await asyncio.sleep(LONGER_THAN_ESC_WAITS)
    keyboard.rest()
    return heard


@pytest.mark.parametrize(
    "text", ["\x1bj", "q\x1bj", "\x1b\x1bj", f"{UP}\x1bj{F1}", "\x1b:q\r", "\x1b好", "\x1b\tj", "j\x1b"]
)
async def test_esc_is_a_key_of_its_own_also_right_before_another(text: str) -> None:
    whole = await typed(text)
    assert whole.count("escape") == text.replace(UP, "").replace(F1, "").count("\x1b")
    assert not any(key.startswith("alt+") or key == "circumflex_accent" for key in whole)
    assert await typed(*text) == whole


async def test_sequences_stay_keys_in_any_pieces() -> None:
    assert await typed(UP + F1 + UP) == ["up", "f1", "up"]
    assert await typed("\x1b", "[A", "\x1b[", "A", "\x1b", "O", "P") == ["up", "up", "f1"]
    begun = await typed("\x1b[A\x1b", "[A", "\x1b[")
    assert begun == ["up", "up", "escape", "left_square_bracket"], "what is never ended was keys"
    assert await typed("\x1b[\x1b[200~a\x1b[201~\x1bO") == ["escape", "left_square_bracket", "a", "escape", "O"]


async def test_what_is_pasted_presses_no_key() -> None:
    assert await typed("\x1b[200~a\x1bq b\x1b[201~j") == ["aq b", "j"]
    assert await typed("\x1b[200~a", "\x1bq", " b\x1b[201~", "j") == ["aq b", "j"]


async def test_at_the_end_only_answers_are_heard() -> None:
    answers: list[Answer] = []
    keys: list[Message] = []
    Keyboard(asyncio.get_running_loop(), keys.append, answers.append).drain(b"q\x1b[?62;4c")
    assert (answers, keys) == ([Answer("c", (62, 4))], [])


async def test_ctrl_with_a_letter_of_another_layout_is_that_with_the_key_at_its_place() -> None:
    assert await typed("\x1b[1086::106;5u", "\x1b[1075:1043:117;5u", "j") == ["ctrl+j", "ctrl+u", "j"]
    assert await typed("\x1b[106;5u\x1b[97:65;2u") == await typed("\x1b[106;5u\x1b[97;2u")
    assert await typed("\x1b[1086::9999999;5u", "j") == ["j"]
