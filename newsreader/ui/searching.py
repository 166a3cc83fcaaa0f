"""Searching from the window: the prompts that find stories, narrow the list, and find in a story.

Owns: these sheets, and the matches that n and N walk. Decided only here: that what is typed counts at once, and that a
mistake in it changes nothing but the line that says so. Pure: no textual, no rich. Never: what a query means (reader).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from newsreader.errors import BadQuery, NewsreaderError, Unsearchable
from newsreader.reader import View
from newsreader.safety import clean_line
from newsreader.summary import Summary
from newsreader.ui.dialogs import Item, Sheet
from newsreader.ui.help import search_items

if TYPE_CHECKING:
    from newsreader.reader.searching import Hit
    from newsreader.ui.desk import Desk

HITS: Final = 60
LIKE: Final = 40


class Finding:
    """What is searched for on a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.query = ""

    # --- Prompts ---

    def stories(self) -> None:
        """Find stories in all that the view is narrowed to."""
        self.desk.sheet = SearchSheet(self.desk, self._open)

    def narrow(self) -> None:
        """Narrow the list to what is typed."""
        self.desk.sheet = NarrowSheet(self.desk)

    def in_story(self) -> None:
        """Find in the open story."""
        self.desk.sheet = FindSheet(self.desk, self.show)

    def similar(self, row: Summary) -> None:
        """The stories nearest to one."""
        desk = self.desk
        found = desk.reader.similar(row.id, LIKE)
        if not found:
            desk.say("nothing_similar")
            return
        items = [_item(desk, other) for other in found]
        desk.sheet = Sheet(desk.words.say("similar"), items, lambda item: self._go(item.value))

    def _open(self, row: Summary, query: str) -> None:
        self._go(row)
        self.show(query)

    def _go(self, row: Summary) -> None:
        self.desk.open(row)
        self.desk.show_in_list(row)

    # --- Matches in the open story ---

    def show(self, query: str) -> None:
        """Show where a query's words stand in the open story, from the first on."""
        desk = self.desk
        self.query = query
        if desk.story is None or desk.reading is None:
            return
        desk.reading.matches = desk.reader.search_matches(desk.story.id, query) if query.strip() else []
        if desk.reading.matches and desk.reading.go_to_match(0):
            desk.scrolled()

    def step(self, steps: int) -> bool:
        """To the next match, or with -1 the previous one; False if no search is shown."""
        desk = self.desk
        reading = desk.reading
        if reading is None or not reading.matches:
            return False
        number = reading.next_match(steps)
        if number is None:
            desk.say("no_more_matches")
        else:
            reading.go_to_match(number)
            desk.scrolled()
            desk.say("match", n=number + 1, of=len(reading.matches))
        return True

    def end(self) -> bool:
        """Show no matches any more; False if none were shown."""
        reading = self.desk.reading
        shown = bool(reading is not None and reading.matches)
        if reading is not None:
            reading.matches = []
        self.query = ""
        return shown


class SearchSheet(Sheet):
    """Stories as they are found while typing. Tab completes, S-Tab orders by rank or by date. Until something is typed,
    the language stands there."""

    def __init__(self, desk: Desk, open_: Callable[[Summary, str], None]) -> None:
        super().__init__(desk.words.say("search"), (), lambda item: open_(item.value, self.typed))
        self.desk = desk
        self.by_date = False
        self.fills = True
        self.hint = desk.words.say("search_hint")
        self._missing = 0
        self.found = self._language = search_items(desk.words)

    def key(self, key: str, character: str | None) -> None:
        """As any sheet's; Tab and S-Tab are ours, and Enter on the language types on from there."""
        if key == "Enter" and self.current in self._language:
            self.type(self.current.value if self.current else "")
        elif key == "Tab":
            self.type(completed(self.desk, self.typed))
        elif key == "S-Tab":
            self.by_date = not self.by_date
            self._find()
        else:
            super().key(key, character)

    def type(self, text: str) -> None:
        """Find what `text` asks for."""
        if text != self.typed:
            self.typed = text
            self._find()

    def _find(self) -> None:
        desk = self.desk
        self.cursor = 0
        self.notice = ""
        if not self.typed.strip():
            self.found = self._language
            return
        view = desk.view._replace(sort="date", query="")
        try:
            hits = desk.reader.search(self.typed, view, order="date" if self.by_date else "rank", limit=HITS)
        except BadQuery as error:
            self.notice = fault(desk, error)
            return
        except Unsearchable as error:
            self.notice = desk.words.say("unsearchable", why=clean_line(error.why))
            return
        self.found = tuple(_hit(desk, hit) for hit in hits)
        self._missing = desk.reader.search_missing()
        self.hint = desk.words.say("search_filling", n=self._missing) if self._missing else ""

    def look_again(self) -> None:
        """While the words are read: what can be found by now, the cursor on the story where it was."""
        waits = self._missing and self.typed.strip() and not self.notice
        if waits and self.desk.reader.search_missing() != self._missing:
            before = self.current
            self._find()
            stories = [item.value.id for item in self.found]
            if before is not None and before.value.id in stories:
                self.cursor = stories.index(before.value.id)


class Prompt(Sheet):
    """A line to type in that acts while one types: Enter keeps what it did, Esc takes it back at once."""

    def __init__(self, desk: Desk, title: str) -> None:
        super().__init__(desk.words.say(title), (), lambda item: None)
        self.desk = desk
        self.lists = False
        self.hint = desk.words.say(f"{title}_hint")

    def key(self, key: str, character: str | None) -> None:
        """As any sheet's, but for these."""
        if key in ("Esc", "Ctrl-c"):
            self.take_back()
            self.is_open = False
        elif key == "Enter":
            self.is_open = False
        else:
            super().key(key, character)

    def type(self, text: str) -> None:
        """Act on what was typed, if it can be understood."""
        self.typed = text
        wrong = self.desk.reader.check_query(text) if text.strip() else None
        self.notice = "" if wrong is None else fault(self.desk, wrong)
        if wrong is None:
            self.act(text)

    def act(self, text: str) -> None:
        """Do what `text` asks for."""

    def take_back(self) -> None:
        """Undo what was done."""


class NarrowSheet(Prompt):
    """Narrows the list while typing. Tab completes."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "narrow")
        self.typed = desk.view.query
        self._before = desk.view

    def key(self, key: str, character: str | None) -> None:
        """As any prompt's; Tab is ours."""
        if key == "Tab":
            self.type(completed(self.desk, self.typed))
        else:
            super().key(key, character)

    def act(self, text: str) -> None:
        self._show(self._before._replace(query=text.strip()))
        if not self.desk.counts.stories:
            self.notice = self.desk.words.say("nothing_found")

    def take_back(self) -> None:
        self._show(self._before)

    def _show(self, view: View) -> None:
        if view == self.desk.view:
            return
        try:
            self.desk.change_view(view)
        except NewsreaderError as error:
            self.desk.fail(error)


class FindSheet(Prompt):
    """Shows matches in the open story while typing; n and N walk those that are kept."""

    def __init__(self, desk: Desk, show: Callable[[str], None]) -> None:
        super().__init__(desk, "find")
        self.show = show

    def act(self, text: str) -> None:
        self.show(text)
        reading = self.desk.reading
        if text.strip() and reading is not None:
            count = len(reading.matches)
            self.notice = self.desk.words.say("matches", n=count) if count else self.desk.words.say("nothing_found")

    def take_back(self) -> None:
        self.show("")


def completed(desk: Desk, typed: str) -> str:
    """A query with its last word completed, if there is a way."""
    offered = desk.reader.complete(typed, len(typed))
    if not offered.texts:
        return typed
    text = offered.texts[0]
    return typed[: offered.start] + text + ("" if text.endswith(":") else " ")


def fault(desk: Desk, error: BadQuery) -> str:
    """What is wrong with a query, and where."""
    why = desk.words.say(f"query_{error.why.replace('-', '_')}")
    return desk.words.say("query_fault", at=error.position + 1, word=clean_line(error.word), why=why)


def _hit(desk: Desk, hit: Hit) -> Item:
    item = _item(desk, hit.summary)
    return item._replace(below=hit.snippet.text, spans=hit.snippet.spans, key="~" if hit.pinyin else "")


def _item(desk: Desk, row: Summary) -> Item:
    when = row.published.astimezone(desk.zone) if row.published is not None else None
    told = f"{when:%Y-%m-%d}" if when else ""
    title = clean_line(row.title) or clean_line(row.url)
    return Item("", title, note=f"{clean_line(row.source)} {told}".strip(), value=row)
