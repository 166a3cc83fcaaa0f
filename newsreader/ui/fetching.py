"""The fetching that runs beside the window.

Decided only here: when it begins of itself, what is said when it ends, and what is listed of what failed. It touches no
widget: it says what the status line shows, and asks the app to show it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Final, Never

from newsreader.errors import FetchFailed, NewsreaderError, NoProcess
from newsreader.safety import clean_line
from newsreader.summary import Summary
from newsreader.ui.dialogs import Choice, Item
from newsreader.ui.reasons import why_not_fetched
from newsreader.ui.watching import Watched

if TYPE_CHECKING:
    from newsreader.fetch import FetchProgress
    from newsreader.fetch.state import Trouble
    from newsreader.reader.servers import ServerStanding
    from newsreader.ui.screens.reading_screen import ReadingScreen


_MOST_DUMPS: Final = 200


class Fetching:
    """Fetches the sources for a screen; `show` repaints."""

    def __init__(self, screen: ReadingScreen, show: Callable[[], None]) -> None:
        self.reader = screen.reader
        self.screen = screen
        self.status = screen.status
        self.show = show
        self.failures: dict[str, FetchFailed] = {}
        self._job: Watched[FetchProgress] | None = None
        self._told: dict[str, FetchProgress] = {}
        self._began, self._asked = monotonic(), False
        self._pages: dict[str, Watched[Never]] = {}

    @property
    def is_running(self) -> bool:
        """Whether the process is at work."""
        return self._job is not None and self._job.is_running

    def start_if_due(self) -> None:
        """Begin if the reader wants it every so many minutes, and so many have passed."""
        every = self.screen.settings.fetch_every
        if every and not self.is_running and monotonic() - self._began >= every * 60:
            self.start(asked=False)

    def action_fetch(self, _count: int | None) -> None:
        """Begin with all sources."""
        self.start()

    def start(self, names: Sequence[str] = (), *, asked: bool = True) -> None:
        """Begin with the sources of these names, with none all; says so where there is nothing to fetch, if it was
        asked for."""
        if self.is_running:
            return
        self._began, self._asked = monotonic(), asked
        try:
            self._job = Watched(self.reader.network.start_fetch(names), self._listen)
        except NewsreaderError as error:
            if asked:
                self.status.fail(error)
            return
        self._told = {}
        self.failures = {}

    def action_full_text(self, _count: int | None) -> None:
        """Bring in the text of a story's own page, beside the reading; the open story shows it once it is there."""
        status, row = self.status, self.screen.marking.target()
        if row is None:
            return
        if self.reader.kind != "library":
            status.say("library_only")
        elif not row.url:
            status.say("no_address")
        elif row.id not in self._pages:
            try:
                job = self.reader.network.start_full_text(row.id)
            except NoProcess as error:
                status.complain(status.words.say("fetch_failed", why=error.why))
                return
            self._pages[row.id] = Watched(job, lambda _, failure: self._page_told(row, failure))
            status.say("full_text_asked")

    def _page_told(self, row: Summary, failure: NewsreaderError | None) -> None:
        status = self.status
        if self._pages[row.id].is_running:
            return
        del self._pages[row.id]
        if isinstance(failure, FetchFailed):
            self.failures[clean_line(row.title)] = failure
            status.complain(status.words.say("fetch_failed", why=why_not_fetched(failure, status.words)))
        elif failure is not None:
            status.complain(status.words.say("fetch_failed", why=failure.why or failure.where))
        else:
            self.screen.article.wait_for(row)
            status.say("full_text_came")
            self.screen.window.indexing.look_for_new()
        self.show()

    def stop(self) -> bool:
        """End it; False if it is not running. Whole dumps are left."""
        stopped = [page.stop() for page in self._pages.values()]
        self._pages.clear()
        self.status.show_fetching("")
        return (self._job is not None and self._job.stop()) or any(stopped)

    def _listen(self, told: list[FetchProgress], failure: NewsreaderError | None) -> None:
        for progress in told:
            self._told[progress.source] = progress
            if progress.failure is not None:
                self.failures[progress.source] = progress.failure
        self.status.show_fetching(self._line() if self.is_running else "")
        if not self.is_running:
            self._ended(failure)
        self.show()

    def _line(self) -> str:
        done = sum(progress.is_last for progress in self._told.values())
        at = next((p.source for p in self._told.values() if p.stage in ("asking", "reading")), "")
        return self.status.words.say("fetching", done=done, total=len(self._told), source=clean_line(at)).rstrip()

    def _ended(self, failure: NewsreaderError | None) -> None:
        status = self.status
        added = sum(progress.added for progress in self._told.values())
        if failure is not None:
            status.complain(status.words.say("fetch_failed", why=failure.why or failure.where))
        elif self.failures:
            key = self.screen.keymap.shown("failures")
            failed = status.words.say("sources_failed", n=len(self.failures), key=key)
            status.complain(f"{status.words.say('fetched', n=added)} {failed}")
        elif self._told:
            status.say("fetched", n=added)
        elif self._asked:
            status.say("nothing_to_fetch")
        self.screen.sources.load()
        if added:
            self.screen.window.indexing.look_for_new()

    def action_failures(self, _count: int | None) -> None:
        """A list of what failed or came in part, also before this window was opened, with what to do; and of the
        commands that ended."""
        from newsreader.fetch.state import Trouble

        status = self.status
        troubles = self.reader.network.troubles()
        known = {found.source for found in troubles}
        troubles += [Trouble(name, why) for name, why in self.failures.items() if name not in known]
        items = [self._item(found) for found in troubles] + [
            *map(self._of_server, self.reader.network.servers()),
            *self.screen.programs.items(),
            *(
                Item("", clean_line(path), below=clean_line(problem) if problem else status.words.say("dump_odd"))
                for path, problem, _ in islice(self.reader.faulty_dumps(), _MOST_DUMPS)
            ),
        ]
        if items:
            self.screen.window.pick(Choice(status.words.say("failures"), items), lambda item: None)
        else:
            status.say("no_failures")

    def _of_server(self, found: ServerStanding) -> Item:
        """When a server was synced last, and what waits to be sent to it."""
        words, told = self.status.words, found.standing
        if told is None:
            return Item("", clean_line(found.source), below=clean_line(words.say("server_unknown", why=found.fault)))
        now = self.screen.appearance.now()
        since = words.moment(told.last.astimezone(now.tzinfo), now.year)
        said = words.say("server_synced" if told.synced else "server_never", since=since, n=told.waiting)
        note = words.say("server_refused", n=told.refused, why=told.why) if told.refused else ""
        return Item("", clean_line(found.source), below=said, note=clean_line(note))

    def _item(self, found: Trouble) -> Item:
        words, note = self.status.words, ""
        if found.times:
            now = self.screen.appearance.now()
            since = words.moment(found.began.astimezone(now.tzinfo), now.year)
            note = words.say("failing", n=found.times, since=since)
        why = f"{why_not_fetched(found.failure, words)}  {found.failure.where}"
        return Item("", clean_line(found.source), below=clean_line(why), note=clean_line(note))
