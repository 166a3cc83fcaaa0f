"""What lies over the panes for a moment: a question in the status line, or a sheet of things to pick from.

Owns: both, as they are without a terminal: what was typed, what it narrows to, what is picked. Decided only here: how
a sheet is searched and which keys move in it. Pure: no textual, no rich. Never: how it is drawn, or what a pick does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

PAGE: Final = 10


class Question(NamedTuple):
    """A question that y answers with yes, n and Esc with no. Every other key means no as well, but for a question that
    came of itself (`waits`), while the reader may have been typing: other keys pass it by, and it stays."""

    text: str
    answer: Callable[[bool], None]
    waits: bool = False

    def takes(self, key: str) -> bool:
        """Whether the key is an answer; `reply` is then to be called."""
        return not self.waits or key in ("y", "n", "Esc")

    def reply(self, key: str) -> None:
        """Answer by a key."""
        self.answer(key == "y")


class Item(NamedTuple):
    """A line of a sheet, all cleaned: `key` stands before `text`, `note` behind; `group` heads the items of a group;
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


class Sheet:
    """Things to pick from, narrowed by what is typed. `offer` makes another item of what was typed, the last one.
    `fills`: it is as high as there is room; `hint`: what may be typed; `notice`: stands in the place of the items."""

    def __init__(
        self,
        title: str,
        items: Sequence[Item],
        pick: Callable[[Item], None],
        *,
        offer: Callable[[str], Item | None] | None = None,
    ) -> None:
        self.title = title
        self.items = tuple(items)
        self.pick = pick
        self.offer = offer
        self.typed = ""
        self.found = self.items
        self.cursor = 0
        self.is_open = True
        self.fills = False
        self.lists = True
        self.hint = ""
        self.notice = ""
        self._picked: Item | None = None

    def look_again(self) -> None:
        """Show what has come in since."""

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        return self.found[self.cursor] if self.found else None

    def key(self, key: str, character: str | None) -> None:
        """Take a key: letters narrow, arrows move, Enter picks, Esc closes."""
        steps = {
            "Down": 1,
            "Up": -1,
            "Tab": 1,
            "S-Tab": -1,
            "Ctrl-n": 1,
            "Ctrl-p": -1,
            "Ctrl-j": 1,
            "Ctrl-k": -1,
            "PgDn": PAGE,
            "PgUp": -PAGE,
            "Ctrl-d": PAGE,
            "Ctrl-f": PAGE,
            "Ctrl-b": -PAGE,
            "Home": -len(self.found),
            "End": len(self.found),
        }
        if key in steps:
            self.cursor = max(0, min(self.cursor + steps[key], len(self.found) - 1))
        elif key == "Enter":
            self._pick()
        elif key in ("Esc", "Ctrl-c"):
            self.is_open = False
        elif key == "Backspace":
            if not self.typed:
                self.is_open = False
            self.type(self.typed[:-1])
        elif key == "Ctrl-u":
            self.type("")
        elif key == "Ctrl-w":
            self.type(self.typed.rstrip().rpartition(" ")[0])
        elif character is not None and character.isprintable():
            self.type(self.typed + character)

    def type(self, text: str) -> None:
        """Narrow to what `text` finds."""
        if text == self.typed:
            return
        self.typed = text
        words = text.lower().split()
        self.found = tuple(item for item in self.items if item.matches(words))
        offered = self.offer(text) if self.offer is not None else None
        if offered is not None:
            self.found += (offered,)
        self.cursor = 0

    def _pick(self) -> None:
        self._picked = self.current
        self.is_open = False

    def deliver(self) -> None:
        """Do what was picked, if anything was: to be called once the sheet is away, as a pick may open another."""
        picked, self._picked = self._picked, None
        if picked is not None:
            self.pick(picked)
