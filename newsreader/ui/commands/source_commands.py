"""What the keys of the sources pane do to a source: add, change, fetch, remove. sources.toml stays the truth; of the
feeds of a server, that is the server, which is told.

Decided only here: what of a source is asked for, and in which order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from newsreader.config import Source
from newsreader.errors import BadSettings, FetchFailed, NewsreaderError, UnsafeUrl
from newsreader.reader import View
from newsreader.safety import clean_line
from newsreader.ui.dialogs import Ask, Choice, Item
from newsreader.ui.reasons import why_not_fetched
from newsreader.ui.watching import Watched

if TYPE_CHECKING:
    from newsreader.fetch.state import Subscription
    from newsreader.jobs import Job
    from newsreader.reader.adding import Proposal
    from newsreader.reader.network import Network
    from newsreader.ui.screens.reading_screen import ReadingScreen

_TERMS: Final = ("name", "short", "tags", "full-text", "keep-days", "keep-stories", "user", "paused")
_YES_NO: Final = ("full-text", "paused")
_NUMBERS: Final = ("keep-days", "keep-stories")


class SourceCommands:
    """Adds and changes sources for the keys of a screen."""

    def __init__(self, screen: ReadingScreen) -> None:
        self.screen = screen
        self._asking: Watched[Any] | None = None

    def action_next_source(self, _count: int | None) -> None:
        """Show the next source, by name, that has unread stories."""
        screen = self.screen
        view, names = screen.headlines.view, [row.name for row in screen.reader.sources() if row.unread]
        later = [name for name in names if view.source is not None and name > view.source]
        if names and (found := (later or names)[0]) != view.source:
            screen.narrow(View(found, view.unread, sort=view.sort))
        else:
            screen.status.say("nothing_unread")

    # --- Adding ---

    def action_add_source(self, _count: int | None) -> None:
        """Ask for a URL or a path, and add what is there; on a server, let that fetch what is there."""
        entry = self.screen.sources.current
        server = entry.added if entry is not None else None
        if entry is not None and server is not None and server.kind == "server":
            folder = entry.folder
            self._prompt("subscribe", lambda url: self._tell(server, "subscribed", url, "subscribe", url, "", folder))
        else:
            self._prompt("add_source", lambda typed: self._ask(typed, ""))

    def _prompt(self, name: str, then: Callable[[str], None], text: str = "") -> None:
        """Let something be typed that is not empty."""

        def done(typed: str) -> str:
            if not typed.strip():
                return self.screen.words.say(f"{name}_hint")
            then(typed.strip())
            return ""

        self.screen.prompt.open(Ask(name, text, done=done))

    def _ask(self, location: str, given: str) -> None:
        def take(told: list[Proposal]) -> None:
            self._take(told, location)

        self._begin(lambda network: network.start_add(location, given), location, take)

    def _tell(self, server: Source, done: str, name: str, *order: str) -> None:
        """Tell a server to do something about a feed of that name; once it is done say so, and sync."""
        screen = self.screen

        def take(_: object) -> None:
            screen.sources.load()
            screen.fit()
            screen.status.say(done, name=clean_line(name), server=clean_line(server.name))
            screen.window.fetches.start((server.location,))

        self._begin(lambda network: network.start_at(server, *order), server.name, take)

    def _begin(self, job: Callable[[Network], Job[Any]], asked: str, then: Callable[[list[Any]], None]) -> None:
        """Begin to ask beside the window; `then` takes what is told, if anything is."""
        screen = self.screen
        self.stop()
        try:
            asking = job(screen.reader.network)
        except NewsreaderError as error:
            screen.status.fail(error)
            return
        self._asking = Watched(asking, lambda told, failure: self._answered(told, failure, then))
        screen.status.say("source_asked", location=clean_line(asked))

    def stop(self) -> bool:
        """Ask no longer; False if nothing is asked."""
        return self._asking is not None and self._asking.stop()

    def _answered(self, told: list[Any], failure: NewsreaderError | None, then: Callable[[list[Any]], None]) -> None:
        status, say = self.screen.status, self.screen.words.say
        if isinstance(failure, FetchFailed):
            status.complain(say("not_done", why=why_not_fetched(failure, self.screen.words)))
        elif isinstance(failure, UnsafeUrl):
            status.complain(say("unsafe", url=failure.where))
        elif failure is not None:
            status.complain(say("not_done", why=f"{failure.where} {failure.why}"))
        elif not told:
            return
        self.stop()
        self.screen.window.after(0.01, lambda: then(told) if told else None)

    def _take(self, told: list[Proposal], location: str) -> None:
        for proposal in told:
            if isinstance(proposal, Source):
                self._added(proposal)
                return
            feeds = [(clean_line(title), clean_line(url), url) for title, url in proposal]
            items = [Item("", name or shown, note=shown, value=url) for name, shown, url in feeds]
            title = self.screen.words.say("feeds_of_page")
            self.screen.window.pick(Choice(title, items), lambda item: self._ask(item.value, location))

    def _added(self, source: Source) -> None:
        screen = self.screen
        screen.reader.network.add(source)
        screen.sources.load(View(source=source.name))  # the cursor on it: what is said next is about it
        screen.fit()
        key = screen.keymap.shown("fetch_source")
        screen.status.say("source_added", name=clean_line(source.name), key=key)

    # --- Changing ---

    def action_edit_source(self, _count: int | None) -> None:
        """The form of the source under the cursor: what is picked in it is changed."""
        source, feed = self._source(), self._feed()
        if source is not None and feed is not None:
            self._feed_form(source, feed)
        elif source is not None:
            self._form(source)

    def _form(self, source: Source) -> None:
        say = self.screen.words.say
        items = [
            Item(str(n), say(_phrase(term)), note=self._shown(source, term), value=term)
            for n, term in enumerate(_TERMS, 1)
            if source.kind != "archive" or term in ("name", "short", "tags")
        ]
        title = say("told_of", name=clean_line(source.name), what=clean_line(source.shown_location))
        self.screen.window.pick(Choice(title, items), lambda item: self._change(source, item.value))

    def _feed_form(self, server: Source, feed: Subscription) -> None:
        say = self.screen.words.say
        items = [
            Item("1", say("source_name"), note=feed.called, value=lambda typed: (typed, "")),
            Item("2", say("feed_folder"), note=clean_line(feed.folder), value=lambda typed: ("", typed)),
        ]

        def change(item: Item) -> None:
            def tell(typed: str) -> None:
                self._tell(server, "feed_changed", feed.called, "change", feed.id, *item.value(typed))

            self._prompt("feed_change", tell, item.note)

        title = say("told_of", name=feed.called, what=clean_line(feed.url))
        self.screen.window.pick(Choice(title, items), change)

    def _shown(self, source: Source, term: str) -> str:
        value = getattr(source, term.replace("-", "_"))
        if term in _YES_NO:
            return self.screen.words.say("yes" if value else "no")
        if isinstance(value, tuple):
            return clean_line(", ".join(value))
        return clean_line(str(value)) if value and not isinstance(value, dict) else ""

    def _change(self, source: Source, term: str) -> None:
        if term in _YES_NO:
            self._say(source, term, not getattr(source, term.replace("-", "_")))
            return

        def done(typed: str) -> str:
            try:
                self._say(source, term, _value(term, typed.strip()))
            except ValueError:
                return self.screen.words.say("no_number", typed=clean_line(typed))
            except BadSettings as error:
                return clean_line(error.why)
            except NewsreaderError as error:
                self.screen.status.fail(error)
            return ""

        self.screen.prompt.open(Ask("source_change", self._shown(source, term), done=done))

    def _say(self, source: Source, term: str, value: object) -> None:
        screen = self.screen
        others = [other for other in screen.reader.network.sources() if other != source] if term == "name" else []
        if term == "name" and (not value or any(other.name == value for other in others)):
            raise BadSettings("sources.toml", screen.words.say("source_name_taken"))
        screen.reader.network.change(source.location, term, value)
        screen.refresh_library()
        screen.status.say("source_changed", name=clean_line(source.name), what=screen.words.say(_phrase(term)))

    # --- Fetching, removing ---

    def action_fetch_source(self, _count: int | None) -> None:
        """Fetch the source under the cursor."""
        source = self._source(of_folder=True)
        if source is not None and source.kind == "archive":
            self.screen.status.say("source_is_here")
        elif source is not None:
            self.screen.window.fetches.start((source.location,))

    def action_remove_source(self, _count: int | None) -> None:
        """Take the source under the cursor out, once it is said what becomes of its stories."""
        source, feed, say = self._source(), self._feed(), self.screen.words.say
        if source is None:
            return
        if feed is not None:
            order = source, "unsubscribed", feed.called, "unsubscribe", feed.id
            asked = say("ask_unsubscribe", name=feed.called, server=clean_line(source.name))
            self.screen.window.ask(asked, lambda: self._tell(*order))
            return
        ways = ("keep", "delete") if source.kind != "archive" else ("archive",)
        items = [Item("", say(f"remove_{way}"), value=way) for way in ways]
        title = say("remove_source", name=clean_line(source.name))
        view = entry.view(View()) if (entry := self.screen.sources.current) is not None else View(source.name)
        self.screen.window.pick(Choice(title, items), lambda item: self._remove(source, item.value, view))

    def _remove(self, source: Source, way: str, view: View) -> None:
        screen = self.screen
        stories = 0
        if way == "delete":
            stories = screen.reader.marks.delete_all(screen.reader.rows(view))
        screen.reader.network.remove(source.location)
        screen.refresh_library()
        told = screen.words.say("source_removed", name=clean_line(source.name))
        key = screen.keymap.shown("undo")
        deleted = f" {screen.words.say('deleted', n=stories, key=key)}" if stories else ""
        screen.status.tell(f"{told}{deleted}")

    def _source(self, *, of_folder: bool = False) -> Source | None:
        """The source of sources.toml that the cursor is on, or the server that has the feed, with `of_folder` the
        folder; None if it said that there is none."""
        entry = self.screen.sources.current
        found = None if entry is None or (entry.is_folder and not of_folder) else entry.added
        if found is None and entry is not None and entry.source is not None:
            found = self.screen.reader.network.source_of(entry.source)
        if found is None:
            self.screen.status.say("no_source")
        return found

    def _feed(self) -> Subscription | None:
        """The feed of a server that the cursor is on."""
        return entry.feed if (entry := self.screen.sources.current) is not None else None


def _phrase(term: str) -> str:
    return f"source_{term.replace('-', '_')}"


def _value(term: str, typed: str) -> object:
    """What was typed, as sources.toml has it; ValueError for what is no number where one is wanted."""
    if term in _NUMBERS:
        return int(typed) if typed else None
    if term == "tags":
        return [tag.strip() for tag in typed.replace("，", ",").split(",") if tag.strip()]
    return typed
