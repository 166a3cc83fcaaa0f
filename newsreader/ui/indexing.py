"""The indexing that runs beside the window.

Decided only here: when it begins, how often the list looks at what it has brought, and what is said when it ends. Never
touches a widget: it asks the screen to read anew, and the app to show that.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Final

from newsreader.errors import NewsreaderError, NoProcess, StorageFailed
from newsreader.safety import clean_line
from newsreader.ui.watching import Watched

if TYPE_CHECKING:
    from newsreader.archive import Skipped
    from newsreader.reader.progress import Progress
    from newsreader.ui.screens.pane_screen import PaneScreen

LOOK_EVERY: Final = 0.25
"""Seconds between two looks at what it tells: each repaints what it moves, and the line may be slow."""


class Indexing:
    """Runs the indexing for a screen; `show` repaints."""

    def __init__(self, screen: PaneScreen, show: Callable[[], None]) -> None:
        self.reader = screen.reader
        self.screen = screen
        self.status = screen.status
        self.show = show
        self._first = self.reader.needs_index()
        self._job: Watched[Progress] | None = None
        self._left_out: list[Skipped] = []
        self._looked = 0.0
        self._added = 0
        self._wanted = False
        self._is_stopped = False

    @property
    def is_running(self) -> bool:
        """Whether the process is at work."""
        return self._job is not None and self._job.is_running

    def start(self) -> None:
        """Begin; a first reading is shown from its first moment, a later one only if it finds something."""
        self._left_out, self._added, self._looked = [], 0, 0.0
        self._is_stopped = False
        try:
            self._first = self.reader.needs_index()
            self._job = Watched(self.reader.start_ingest(), self._told)
        except (NoProcess, StorageFailed) as error:
            self.status.complain(self.status.words.say("index_failed", why=error.why))
            self.show()

    def start_if_stale(self) -> None:
        """Begin where archives have changed since they were read, unless the reader has stopped that."""
        if not self.is_running and not self._is_stopped and self.reader.stale():
            self.start()

    def look_for_new(self) -> None:
        """Begin, once what is running has ended: it may be past what is new."""
        self._wanted = self.is_running
        if not self._wanted:
            self.start()

    def stop(self) -> bool:
        """End it, as the reader wants; False if it is not running. The next start goes on where it was."""
        was_running = self._end()
        self._is_stopped |= was_running
        return was_running

    def _end(self) -> bool:
        self._first = False
        self.status.show_progress(None)
        return self._job is not None and self._job.stop()

    @property
    def is_first_look(self) -> bool:
        """Whether rows come in for the first time and nobody has moved among them: then the newest stay in sight."""
        return self._first and not self.screen.headlines.viewport.touched

    def _told(self, told: list[Progress], failure: NewsreaderError | None) -> None:
        if failure is not None:
            self._end()
            if isinstance(failure, StorageFailed) and self.reader.stand_in(failure):
                self.start()
                return
            self.status.complain(self.status.words.say("index_failed", why=failure.why or failure.where))
            self.show()
            return
        for progress in told:
            self._left_out += progress.skipped
        if not told:
            return
        last = told[-1]
        if last.is_last:
            self._finished(last)
            self._end()
            self.show()
            if self._wanted:
                self._wanted = False
                self.start()
        elif monotonic() - self._looked >= LOOK_EVERY or (last.added and not self._added):
            self._advanced(last)
            self.show()

    def _advanced(self, progress: Progress) -> None:
        if self._first or progress.added:
            self.status.show_progress(progress)
        if progress.added > self._added:
            self._look(progress)
        self._looked = monotonic()

    def _look(self, progress: Progress) -> None:
        self._added = progress.added
        try:
            if self.reader.changed():
                self.screen.refresh_library(from_top=self.is_first_look)
        except StorageFailed as error:
            self.status.fail(error)

    def _finished(self, progress: Progress) -> None:
        self._look(progress)
        status = self.status
        gone = next((item for item in self._left_out if item.why in ("archive-gone", "archive-missing")), None)
        if gone is not None:
            status.complain(status.words.say(gone.why.replace("-", "_"), path=clean_line(gone.path)))
        elif progress.failed or self._left_out:
            first = self._left_out[0].path if self._left_out else ""
            status.complain(
                status.words.say("left_out", n=max(progress.failed, len(self._left_out)), first=clean_line(first))
            )
        elif progress.added and not self._first and not status.is_error:  # which a fetch may just have told
            status.say("indexed", n=progress.added)
