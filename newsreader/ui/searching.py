"""Searching from the window: the prompts that narrow the list and find in a story, and the matches that n and N walk.

Decided only here: that what is typed counts at once, and that a mistake in it changes nothing but the line that says
so. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsreader.errors import BadQuery, NewsreaderError
from newsreader.reader import View
from newsreader.safety import clean_line
from newsreader.summary import Summary
from newsreader.ui.dialogs import Ask, Choice, Dialogs, Item

if TYPE_CHECKING:
    from newsreader.reader.searching import Hit
    from newsreader.ui.desk import Desk

LIKE: Final = 40


class Finding:
    """What is searched for on a desk."""

    def __init__(self, desk: Desk, dialogs: Dialogs) -> None:
        self.desk = desk
        self.dialogs = dialogs
        self.query = ""

    # --- Prompts ---

    def narrow(self) -> None:
        """Narrow the list to what is typed."""
        desk = self.desk
        place = desk.here()
        before = place.view
        desk.focus("list")

        def show(view: View) -> None:
            if view != desk.view:
                try:
                    desk.change_view(view, place)
                except NewsreaderError as error:
                    desk.fail(error)

        def act(text: str) -> str:
            wrong = self._wrong(text)
            if not wrong:
                show(before._replace(query=text.strip()))
            return wrong or ("" if desk.counts.stories else desk.words.say("none_found"))

        self.dialogs.prompt(
            Ask(
                "narrow",
                before.query,
                act,
                undo=lambda: desk.go_back(place),
                complete=lambda text: completed(desk, text),
            )
        )

    def in_story(self) -> None:
        """Find in the open story."""
        desk = self.desk

        def act(text: str) -> str:
            wrong = self._wrong(text)
            if not wrong:
                self.show(text)
            if wrong or not text.strip() or desk.reading is None:
                return wrong
            count = len(desk.reading.matches)
            return desk.words.say("matches", n=count) if count else desk.words.say("nothing_found")

        self.dialogs.prompt(Ask("find", "", act, undo=lambda: self.show("")))

    def _wrong(self, text: str) -> str:
        wrong = self.desk.reader.searcher.check(text) if text.strip() else None
        return "" if wrong is None else fault(self.desk, wrong)

    def similar(self, row: Summary) -> None:
        """The stories nearest to one."""
        desk = self.desk
        found = desk.reader.searcher.similar(row.id, LIKE)
        if not found:
            desk.say("nothing_similar")
            return
        items = [story_item(desk, other) for other in found]
        self.dialogs.pick(Choice(desk.words.say("similar"), items), lambda item: self.go(item.value))

    def go(self, row: Summary, query: str = "") -> None:
        """Open a story that was found, and show where a query's words stand in it."""
        self.desk.open(row)
        self.desk.show_in_list(row)
        self.show(query)
        if self.desk.reading is not None and not self.desk.reading.matches:
            self.end()

    # --- Matches in the open story ---

    def show(self, query: str) -> None:
        """Show where a query's words stand in the open story, from the first on."""
        desk = self.desk
        self.query = query
        if desk.story is None or desk.reading is None:
            return
        found = desk.reader.searcher.matches(desk.story.id, query) if query.strip() else []
        if desk.reading.find(query.strip(), found):
            desk.scrolled()

    def step(self, steps: int) -> bool:
        """To the next match, or with -1 the previous one, never out of the story; False if nothing is looked for."""
        desk, reading = self.desk, self.desk.reading
        if desk.pane != "article" or reading is None or not reading.query:
            return False
        number = reading.next_match(steps)
        if number is not None:
            reading.go_to_match(number)
            desk.scrolled()
        else:
            desk.say("no_more_matches" if reading.matches else "nothing_found")
        return True

    def end(self) -> bool:
        """Show no matches any more; False if nothing was looked for."""
        reading = self.desk.reading
        shown = reading is not None and bool(reading.query)
        if reading is not None:
            reading.find("", [])
        self.query = ""
        return shown


def completed(desk: Desk, typed: str) -> str:
    """A query with its last word completed, if there is a way."""
    offered = desk.reader.searcher.complete(typed, len(typed))
    if not offered.texts:
        return typed
    text = offered.texts[0]
    return typed[: offered.start] + text + ("" if text.endswith(":") else " ")


def fault(desk: Desk, error: BadQuery) -> str:
    """What is wrong with a query, and where."""
    why = desk.words.say(f"query_{error.why.replace('-', '_')}")
    return desk.words.say("query_fault", at=error.position + 1, word=clean_line(error.word), why=why)


def hit_item(desk: Desk, hit: Hit) -> Item:
    """What was found, in its sentence."""
    item = story_item(desk, hit.summary)
    return item._replace(below=hit.snippet.text, spans=hit.snippet.spans, key="~" if hit.pinyin else "")


def story_item(desk: Desk, row: Summary) -> Item:
    """A story to pick."""
    when = row.published.astimezone(desk.zone) if row.published is not None else None
    told = f"{when:%Y-%m-%d}" if when else ""
    title = clean_line(row.title) or clean_line(row.url)
    return Item("", title, note=f"{clean_line(row.source)} {told}".strip(), value=row)
