"""Searching from the window: the prompts that narrow the list and find in a story, and the matches that n and N walk.

Decided only here: that what is typed counts at once, and that a mistake in it changes nothing but the line that says
so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsreader.errors import BadQuery, NewsreaderError
from newsreader.reader import Reader, View
from newsreader.safety import clean_line
from newsreader.summary import Summary
from newsreader.ui.appearance import Appearance
from newsreader.ui.dialogs import Ask, Choice, Item
from newsreader.ui.i18n import Words
from newsreader.ui.rows import day_of

if TYPE_CHECKING:
    from newsreader.reader.searching import Hit
    from newsreader.ui.screens.reading_screen import ReadingScreen

LIKE: Final = 40


class Finding:
    """Searches for the keys of a screen."""

    def __init__(self, screen: ReadingScreen) -> None:
        self.screen = screen
        self.query = ""

    # --- Dialogs and prompts ---

    def action_search(self, _count: int | None) -> None:
        """Find stories, or in the open story."""
        if self.screen.pane == "article" and self.screen.article.reading is not None:
            self._in_story()
        else:
            self.screen.window.search()

    def action_narrow(self, _count: int | None) -> None:
        """Narrow the list to what is typed."""
        screen = self.screen
        place = screen.here()
        before = place.view
        screen.focus_pane("list")

        def show(view: View) -> None:
            if view != screen.headlines.view:
                try:
                    screen.change_view(view, place)
                except NewsreaderError as error:
                    screen.status.fail(error)

        def act(text: str) -> str:
            wrong = self._wrong(text)
            if not wrong:
                show(before._replace(query=text.strip()))
            return wrong or ("" if screen.headlines.counts.stories else screen.words.say("none_found"))

        screen.prompt.open(
            Ask(
                "narrow",
                before.query,
                act,
                undo=lambda: screen.go_back(place),
                complete=lambda text: completed(screen.reader, text),
            )
        )

    def _in_story(self) -> None:
        """Find in the open story."""
        screen = self.screen

        def act(text: str) -> str:
            wrong = self._wrong(text)
            if not wrong:
                self.show(text)
            if wrong or not text.strip() or screen.article.reading is None:
                return wrong
            count = len(screen.article.reading.matches)
            return screen.words.say("matches", n=count) if count else screen.words.say("nothing_found")

        screen.prompt.open(Ask("find", "", act, undo=lambda: self.show("")))

    def _wrong(self, text: str) -> str:
        wrong = self.screen.reader.searcher.check(text) if text.strip() else None
        return "" if wrong is None else fault(self.screen.words, wrong)

    def action_similar(self, _count: int | None) -> None:
        """The stories nearest to one."""
        screen = self.screen
        row = screen.marking.target()
        if row is None:
            return
        found = screen.reader.searcher.similar(row.id, LIKE)
        if not found:
            screen.status.say("nothing_similar")
            return
        items = [story_item(screen.appearance, other) for other in found]
        screen.window.pick(Choice(screen.words.say("similar"), items), lambda item: self.go(item.value))

    def go(self, row: Summary, query: str = "") -> None:
        """Open a story that was found, and show where a query's words stand in it."""
        self.screen.open(row)
        self.screen.headlines.show(row)
        self.show(query)
        if self.screen.article.reading is not None and not self.screen.article.reading.matches:
            self.end()

    def action_keep_search(self, _count: int | None) -> None:
        """Keep what is searched for among the sources, or drop it."""
        screen, searcher = self.screen, self.screen.reader.searcher
        query = screen.headlines.view.query or self.query
        if not query:
            screen.status.say("no_search")
            return
        kept = next((kept for kept in searcher.kept() if kept.query == query), None)
        if kept is not None:
            searcher.drop(kept.name)
        else:
            searcher.keep(query, query)
        screen.sources.load(screen.headlines.view)
        screen.status.say("search_dropped" if kept else "search_kept", query=clean_line(query))

    # --- Matches in the open story ---

    def show(self, query: str) -> None:
        """Show where a query's words stand in the open story, from the first on."""
        screen = self.screen
        self.query = query
        if screen.article.story is None or screen.article.reading is None:
            return
        found = screen.reader.searcher.matches(screen.article.story.id, query) if query.strip() else []
        if screen.article.reading.find(query.strip(), found):
            screen.scrolled()

    def step(self, steps: int) -> bool:
        """To the next match, or with -1 the previous one, never out of the story; False if nothing is looked for."""
        screen, reading = self.screen, self.screen.article.reading
        if screen.pane != "article" or reading is None or not reading.query:
            return False
        number = reading.next_match(steps)
        if number is not None:
            reading.go_to_match(number)
            screen.scrolled()
        else:
            screen.status.say("no_more_matches" if reading.matches else "nothing_found")
        return True

    def end(self) -> bool:
        """Show no matches any more; False if nothing was looked for."""
        reading = self.screen.article.reading
        shown = reading is not None and bool(reading.query)
        if reading is not None:
            reading.find("", [])
        self.query = ""
        return shown


def completed(reader: Reader, typed: str) -> str:
    """A query with its last word completed, if there is a way."""
    offered = reader.searcher.complete(typed, len(typed))
    if not offered.texts:
        return typed
    text = offered.texts[0]
    return typed[: offered.start] + text + ("" if text.endswith(":") else " ")


def fault(words: Words, error: BadQuery) -> str:
    """What is wrong with a query, and where."""
    why = words.say(f"query_{error.why.replace('-', '_')}")
    return words.say("query_fault", at=error.position + 1, word=clean_line(error.word), why=why)


def hit_item(appearance: Appearance, hit: Hit) -> Item:
    """What was found, in its sentence."""
    from newsreader.reader.searching import SIGNS

    item = story_item(appearance, hit.summary)
    return item._replace(below=hit.snippet.text, spans=hit.snippet.spans, key=SIGNS[hit.tier])


def story_item(appearance: Appearance, row: Summary) -> Item:
    """A story to pick."""
    day = day_of(row, appearance.zone) if row.published is not None else None
    told = day.isoformat() if day else ""
    title = clean_line(row.title) or clean_line(row.url)
    return Item("", title, note=f"{clean_line(row.source)} {told}".strip(), value=row)
