"""What the keys of the sources pane do to a source: add, change, fetch, remove. sources.toml stays the truth.

Decided only here: what of a source is asked for, and in which order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from newsreader.config import Source
from newsreader.errors import BadSettings, FetchFailed, NewsreaderError, UnsafeUrl
from newsreader.reader import View
from newsreader.safety import clean_line
from newsreader.ui.dialogs import Ask, Choice, Item
from newsreader.ui.reasons import why_not_fetched

if TYPE_CHECKING:
    from newsreader.jobs import Job
    from newsreader.reader.adding import Proposal
    from newsreader.ui.screens.pane_screen import PaneScreen

_TERMS: Final = ("name", "short", "tags", "full-text", "keep-days", "keep-stories", "user", "paused")
_YES_NO: Final = ("full-text", "paused")
_NUMBERS: Final = ("keep-days", "keep-stories")


class SourceCommands:
    """Adds and changes sources for the commands of a screen."""

    def __init__(self, screen: PaneScreen) -> None:
        self.screen = screen
        self._asking: Job[Proposal] | None = None

    # --- Adding ---

    def add(self) -> None:
        """Ask for a URL or a path, and add what is there."""

        def done(typed: str) -> str:
            if not typed.strip():
                return self.screen.words.say("add_source_hint")
            self._ask(typed.strip(), "")
            return ""

        self.screen.outside.prompt(Ask("add_source", "", done=done))

    def _ask(self, location: str, given: str) -> None:
        screen = self.screen
        self.stop()
        try:
            self._asking = screen.reader.network.start_add(location, given)
        except NewsreaderError as error:
            screen.status.fail(error)
            return
        asyncio.get_running_loop().add_reader(self._asking.fileno(), self._answered, location)
        screen.status.say("source_asked", location=clean_line(location))

    def stop(self) -> bool:
        """Ask no longer; False if nothing is asked."""
        job, self._asking = self._asking, None
        if job is None:
            return False
        asyncio.get_running_loop().remove_reader(job.fileno())
        job.cancel()
        return True

    def _answered(self, location: str) -> None:
        job = self._asking
        assert job is not None
        number, screen = job.fileno(), self.screen
        told: list[Proposal] = []
        try:
            told = job.poll(0)
        except FetchFailed as failure:
            screen.status.complain(screen.words.say("source_not_added", why=why_not_fetched(failure, screen.words)))
        except UnsafeUrl as error:
            screen.status.complain(screen.words.say("unsafe", url=error.where))
        except NewsreaderError as error:
            screen.status.complain(screen.words.say("source_not_added", why=f"{error.where} {error.why}"))
        else:
            if not told:
                return
        asyncio.get_running_loop().remove_reader(number)
        job.cancel()
        self._asking = None
        screen.outside.after(0.01, lambda: self._take(told, location))

    def _take(self, told: list[Proposal], location: str) -> None:
        for proposal in told:
            if isinstance(proposal, Source):
                self._added(proposal)
                return
            feeds = [(clean_line(title), clean_line(url), url) for title, url in proposal]
            items = [Item("", name or shown, note=shown, value=url) for name, shown, url in feeds]
            title = self.screen.words.say("feeds_of_page")
            self.screen.outside.pick(Choice(title, items), lambda item: self._ask(item.value, location))

    def _added(self, source: Source) -> None:
        screen = self.screen
        screen.reader.network.add(source)
        screen.sources.load()
        screen.fit()
        key = screen.keymap.shown("fetch_source")
        screen.status.say("source_added", name=clean_line(source.name), key=key)

    # --- Changing ---

    def edit(self) -> None:
        """The form of the source under the cursor: what is picked in it is changed."""
        source = self._source()
        if source is not None:
            self._form(source)

    def _form(self, source: Source) -> None:
        say = self.screen.words.say
        items = [
            Item(str(n), say(f"source_{term.replace('-', '_')}"), note=self._shown(source, term), value=term)
            for n, term in enumerate(_TERMS, 1)
            if source.kind != "archive" or term in ("name", "short", "tags")
        ]
        title = f"{clean_line(source.name)}: {clean_line(source.shown_location)}"
        self.screen.outside.pick(Choice(title, items), lambda item: self._change(source, item.value))

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

        self.screen.outside.prompt(Ask("source_change", self._shown(source, term), done=done))

    def _say(self, source: Source, term: str, value: object) -> None:
        screen = self.screen
        if term == "name" and not value:
            raise BadSettings("sources.toml", screen.words.say("source_name_taken"))
        if term == "name" and any(other.name == value for other in screen.reader.network.sources() if other != source):
            raise BadSettings("sources.toml", screen.words.say("source_name_taken"))
        screen.reader.network.change(source.location, term, value)
        screen.refresh_library()
        screen.status.say("source_changed", name=clean_line(source.name), what=screen.words.say(_phrase(term)))

    # --- Fetching, removing ---

    def fetch(self, begin: Callable[[tuple[str, ...]], None]) -> None:
        """Fetch the source under the cursor."""
        source = self._source()
        if source is not None and source.kind == "archive":
            self.screen.status.say("source_is_here")
        elif source is not None:
            begin((source.location,))

    def remove(self) -> None:
        """Take the source under the cursor out, once it is said what becomes of its stories."""
        source, say = self._source(), self.screen.words.say
        if source is None:
            return
        ways = ("keep", "delete") if source.kind != "archive" else ("archive",)
        items = [Item("", say(f"remove_{way}"), value=way) for way in ways]
        title = say("remove_source", name=clean_line(source.name))
        self.screen.outside.pick(Choice(title, items), lambda item: self._remove(source, item.value))

    def _remove(self, source: Source, way: str) -> None:
        screen = self.screen
        stories = 0
        if way == "delete":
            stories = screen.reader.marks.delete_all(screen.reader.rows(View(source=source.name)))
        screen.reader.network.remove(source.location)
        screen.refresh_library()
        told = screen.words.say("source_removed", name=clean_line(source.name))
        key = screen.keymap.shown("undo")
        deleted = f" {screen.words.say('deleted', n=stories, key=key)}" if stories else ""
        screen.status.tell(f"{told}{deleted}")

    def _source(self) -> Source | None:
        """The source of sources.toml that the cursor is on; None if it said that there is none."""
        entry = self.screen.sources.current
        name = entry.source if entry is not None else None
        found = self.screen.reader.network.source_of(name) if name is not None else None
        if found is None:
            self.screen.status.say("no_source")
        return found


def _phrase(term: str) -> str:
    return f"source_{term.replace('-', '_')}"


def _value(term: str, typed: str) -> object:
    """What was typed, as sources.toml has it; ValueError for what is no number where one is wanted."""
    if term in _NUMBERS:
        return int(typed) if typed else None
    if term == "tags":
        return [tag.strip() for tag in typed.replace("，", ",").split(",") if tag.strip()]
    return typed
