"""What dialogs are asked: what is picked from, what is typed. Pure; their screens are in `screens`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

FEW: Final = 9
"""So many things to pick from have digits, which pick; among more of them typing finds."""


class Item(NamedTuple):
    """A thing to pick, all cleaned: `key` stands before `text`, `note` behind; `group` heads the items of a group;
    `below` is a second line, in which `spans` (first character, one after the last) are set off."""

    key: str
    text: str
    note: str = ""
    group: str = ""
    value: Any = None
    below: str = ""
    spans: tuple[tuple[int, int], ...] = ()

    def matches(self, words: Sequence[str]) -> bool:
        """Whether each of the words, in lower case, is in it; one character that is a key of it is enough."""
        text = f"{self.text} {self.note} {self.group}".lower()
        return all(word in text or word in self.key.lower().split() for word in words)


class Choice(NamedTuple):
    """What is picked from. `offer` makes another item of what was typed, the last one; `hint` tells what may be typed,
    where that is more than finds."""

    title: str
    items: Sequence[Item]
    offer: Callable[[str], Item | None] | None = None
    hint: str = ""

    @property
    def is_short(self) -> bool:
        """Whether digits pick."""
        return len(self.items) <= FEW and self.offer is None


class Ask(NamedTuple):
    """What is typed at a prompt; `name` is that of its phrases and of its history. `act` is called with every change
    and says what stands below the line; `done` with what Enter leaves, and says what is wrong, or "" to close; `undo`
    by Esc. `complete` makes of a text one with its last word completed."""

    name: str
    text: str
    act: Callable[[str], str] = lambda _: ""
    done: Callable[[str], str] = lambda _: ""
    undo: Callable[[], None] = lambda: None
    complete: Callable[[str], str] = lambda text: text
