"""The story that is open: its article, what was open before, and where its reader is.

Decided only here: what goes to the history, and when a place is kept. Pure: no textual, no rich; the first frame makes
it, and the article pane shows it from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsreader.errors import NotFound
from newsreader.reader import Reader
from newsreader.summary import Summary
from newsreader.ui.appearance import Appearance
from newsreader.ui.history import History, Step
from newsreader.ui.layout import part_of
from newsreader.ui.panes.article_page import Place, Reading
from newsreader.ui.panes.headlines import Headlines
from newsreader.ui.panes.status import Status

if TYPE_CHECKING:
    from newsreader.article import Article


class OpenArticle:
    """What the article pane is about. `story` and `reading` are None until something is open; `is_preview`: that it is
    shown without having been opened, as a revision is; `left_open`: the story that the last session ended in, until it
    is opened again."""

    def __init__(self, reader: Reader, headlines: Headlines, appearance: Appearance, status: Status) -> None:
        self.reader = reader
        self.headlines = headlines
        self.appearance = appearance
        self.status = status
        self.story: Summary | None = None
        self.reading: Reading | None = None
        self.is_preview = False
        self.left_open: Summary | None = None
        self.openings = 0
        """How many stories were shown: tells whether another one is by now."""
        self._history = History()
        self._kept: Step | None = None
        self._awaited = ""

    def fit(self, width: int, height: int) -> None:
        """Be shown in a pane of that size."""
        if self.reading is not None:
            self.reading.resize(width, height)

    def restyle(self) -> None:
        """The appearance has changed."""
        if self.reading is not None:
            self.reading.restyle(self.appearance.style)

    def is_of(self, row: Summary) -> bool:
        """Whether a story is what is shown."""
        return self.story is not None and self.story.id == row.id

    # --- Opening ---

    def leave_open(self, row: Summary | None) -> None:
        """The last session ended in a story."""
        self.left_open = row

    def reopen(self) -> bool:
        """Open the story that the last session ended in, which takes longer than its rows; False if it is gone."""
        story, self.left_open = self.left_open, None
        return story is None or self._show(story, None)

    def open(self, row: Summary, spot: Place | None = None) -> bool:
        """Open a story at a place, or where it was left; what was open goes to the history. False if it is gone."""
        if self.is_preview or not self.is_of(row):
            self._history.go_on(self._here())
            return self._show(row, spot)
        if spot is not None and self.reading is not None:
            self.reading.go(self.reading.page.line_of(*spot))
        return True

    def preview(self, row: Summary) -> bool:
        """Show a story without opening it."""
        self._history.remember(self._here())
        return self._show(row, None, is_preview=True)

    def travel(self, steps: int) -> bool:
        """Back (-1) or forward in what was read, to the same place; False if there is nothing."""
        here = self._here()
        while (step := self._history.step(steps)) is not None:
            row = self.headlines.rows.summary(step.story)
            if row is not None and self._show(row, step.spot):
                if here is not None:
                    self._history.left(here, steps)
                return True
        return False

    def go_within(self, block: int) -> None:
        """Bring a block of the open story to the top; where the reader was goes to the history."""
        if self.reading is not None:
            self._history.go_on(self._here())
            self.reading.go_to_block(block)

    def show_revision(self, row: Summary, number: int, other: int | None) -> None:
        """A revision of a story, alone or with what changed between it and another."""
        article = self.reader.article(row.id, number)
        if other is not None:
            from newsreader.typeset.changes import changed

            against = self.reader.article(row.id, other)
            old, new = (article, against) if number < other else (against, article)
            article, inserted, deleted = changed(old, new)
            self.status.say("changes_shown", old=old.revision, new=new.revision, inserted=inserted, deleted=deleted)
        else:
            self.status.say("revision_shown", n=number, of=article.revisions)
        self.show_page(row, article)

    def show_page(self, row: Summary, article: Article) -> None:
        """An article in the place of a story's own: a revision, or what a command made of it."""
        self.keep_place()
        if not self.is_of(row):
            self._history.remember(self._here())
        self.story, self.reading, self.is_preview = row, Reading(article, self.appearance.style), True
        self.openings += 1

    def _show(self, row: Summary, spot: Place | None, *, is_preview: bool = False) -> bool:
        self.keep_place()
        try:
            article = self.reader.article(row.id)
        except NotFound as error:
            self.status.fail(error)
            return False
        place = spot or self.reader.marks.place(row.id)
        self.story, self.is_preview = row, is_preview
        self.reading = Reading(article, self.appearance.style, place, self.reader.appendix(row.id))
        self._kept = Step(row.id, self.reading.place)
        self.openings += 1
        return True

    def _here(self) -> Step | None:
        """Where the reader is in what is open; None for a preview or a revision."""
        if self.story is None or self.reading is None or self.is_preview:
            return None
        return Step(self.story.id, self.reading.place)

    # --- What changes beside ---

    def wait_for(self, row: Summary) -> None:
        """A new revision of a story is on its way: shown once it is there."""
        self._awaited = row.id

    def reread(self) -> bool:
        """Take the story's marks as they are now; whether the revision that was waited for has come, and is shown."""
        if self.story is None or self.reading is None:
            return False
        before, self.story = self.story, self.headlines.rows.summary(self.story.id) or self.story
        has_come = self.story.id == self._awaited and self.story.revisions > before.revisions
        if has_come:
            self._awaited = ""
            self._show(self.story, self.reading.place)
        return has_come

    # --- The place in it ---

    def move(self, lines: int) -> bool:
        """Scroll down (up: negative); whether anything moved."""
        return self.reading is not None and self.reading.scroll(lines)

    def move_page(self, part: float, times: int) -> bool:
        """Scroll by a part of a page, so many times."""
        if self.reading is None:
            return False
        return self.reading.scroll(part_of(self.reading.page_lines, part) * times)

    def go(self, number: int | None) -> bool:
        """To a line, counted from 0; None is the end."""
        reading = self.reading
        return reading is not None and reading.go(reading.last_top if number is None else number)

    def keep_place(self) -> None:
        """Save where the reader is, if that changed."""
        here = self._here()
        if here is not None and here != self._kept:
            self._kept = here
            self.reader.marks.set_place(here.story, *here.spot)
