"""The screen that stories are searched from: found while one types.

Decided only here: what stands there until something is typed, and how the hits are ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType

from newsreader.errors import BadQuery, Unsearchable
from newsreader.reader import View
from newsreader.safety import clean_line
from newsreader.ui.appearance import Appearance
from newsreader.ui.commands.searching import completed, fault, hit_item
from newsreader.ui.dialogs import Choice, Item
from newsreader.ui.help import search_items
from newsreader.ui.paint import Painter
from newsreader.ui.palette import Palette
from newsreader.ui.panes.headlines import Headlines
from newsreader.ui.screens.dialog import bindings
from newsreader.ui.screens.picker import PickScreen, Row

HITS: Final = 60


class SearchScreen(PickScreen):
    """Until something is typed, the language stands there. It keeps what was found for when one comes back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("complete", "order")

    def __init__(self, appearance: Appearance, headlines: Headlines, painter: Painter) -> None:
        super().__init__(appearance, painter)
        self.line.tell_operators(told=True)
        self.headlines = headlines
        self.reader = headlines.reader
        self._by_date = False
        self._missing = 0
        self._spelled = ""
        self._shown_in: tuple[View, Palette] | None = None
        self.fill(Choice(appearance.words.say("search"), search_items(appearance.words)))

    @property
    def hint(self) -> str:
        return self.appearance.words.say("search_hint")

    def height_wanted(self) -> int:
        return self.app.size.height

    def begin(self) -> None:
        """Take the keys; what is typed takes the place of what was searched for last."""
        super().begin()
        self.line.select_all()
        if self._shown_in != (self.headlines.view, self.painter.palette):
            self.find(self.line.value)

    def find(self, typed: str) -> None:
        """Show the stories that a query finds."""
        self._shown_in = self.headlines.view, self.painter.palette
        if not typed.strip():
            self._missing, self._spelled = 0, ""
            self.show(self.rows)
            return
        view = self.headlines.view._replace(sort="date", query="")
        try:
            hits = self.reader.searcher.search(typed, view, order="date" if self._by_date else "rank", limit=HITS)
        except BadQuery as error:
            self.show((), fault(self.appearance.words, error))
            return
        except Unsearchable as error:
            self.show((), self.appearance.words.say("unsearchable", why=clean_line(error.why)))
            return
        self._missing = self.reader.searcher.missing()
        items, words = [hit_item(self.appearance, hit) for hit in hits], self.appearance.words
        if not items and (offered := self.reader.searcher.offered(typed, view)):
            items = [Item("", words.say("query_literal", n=offered[1]), below=offered[0], value=offered[0])]
        self._spelled = ""
        if any(hit.tier == "sound" for hit in hits):
            told = (f"{clean_line(one.word)} {one.stories}" for one in self.reader.searcher.spelled(typed))
            self._spelled = f" {'  '.join(told)}  ~"
        self.show([Row(item) for item in items], words.say("none_found"))

    def show(self, found: Sequence[Row], otherwise: str = "") -> None:
        super().show(found, otherwise)
        told, more = self._spelled if found else "", "+" if len(found) == HITS else ""
        if self._missing:
            told = f" {self.appearance.words.say('search_filling', n=self._missing)} "
        if told or more:
            self._count.show(f"{told} {len(found):,}{more or ' '} ")

    def look_again(self) -> None:
        """While the words are read: show what is found by now, the cursor on the story where it was."""
        if self._missing and self.reader.searcher.missing() != self._missing:
            before = _named(self.current)
            self.find(self.line.value)
            found = [_named(row.item) for row, line in self.list.lines if not line]
            if before is not None and before in found:
                self.list.go(found.index(before))

    def action_pick(self) -> None:
        """Close with the story under the cursor; of the language, type on from there."""
        if self.current is not None and isinstance(self.current.value, str):  # of the language, or another query
            self.line.put(self.current.value)
        else:
            super().action_pick()

    def action_complete(self) -> None:
        """Complete the last word."""
        self.line.put(completed(self.reader, self.line.value))

    def action_order(self) -> None:
        """By date, or by rank again."""
        self._by_date = not self._by_date
        self.find(self.line.value)


def _named(item: Item | None) -> object:
    """What tells one item from others: a story's id, else the query that it is."""
    return getattr(item.value, "id", item.value) if item is not None else None
