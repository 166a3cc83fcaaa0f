"""The reader for a terminal that can only take lines: TERM=dumb, a teletype, a shell inside an editor.

Decided only here: what those words are; the place is kept with each, so that a line that breaks loses none.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from newsreader.article import Summary
from newsreader.cli import output
from newsreader.cli.messages import DONE, left_out
from newsreader.cli.timestamps import written
from newsreader.config import Config
from newsreader.reader import Reader, View
from newsreader.safety import clean_line
from newsreader.ui.i18n import chosen_language, words_for
from newsreader.ui.rows import cut
from newsreader.ui.terminal.capabilities import detect

if TYPE_CHECKING:
    from newsreader.typeset.lines import Page

_DIGITS = 6
"""No screen has as many rows as a longer number says."""


def read(config: Config, reader: Reader) -> int:
    """Print headlines and stories as the lines of standard input ask for them, until "q" or its end."""
    if reader.needs_index():
        output.narrate("reading the archive for the first time")
        for progress in reader.ingest():
            for item in progress.skipped:
                output.narrate(left_out(item))
    session = _Plain(config, reader)
    session.start()
    while True:
        output.put(f"{session.words.say('plain_story' if session.story else 'plain_list')} > ")
        sys.stdout.flush()
        line = sys.stdin.buffer.readline().decode("utf-8", "replace")
        word = line.strip().lower()
        if not line or word == "q":
            return DONE
        session.answer(word)
        session.keep()


class _Plain:
    """What was printed last: a page of headlines, or a story and what of it is still to come."""

    def __init__(self, config: Config, reader: Reader) -> None:
        self.settings = config.settings
        self.reader = reader
        self.view = View()
        self.cells, lines = output.columns(), shutil.get_terminal_size((80, 24)).lines
        self.height = max(lines - 2, 4)
        self.rows: list[Summary] = []
        self.story: Summary | None = None
        self.words = words_for(chosen_language(config.settings.language, os.environ))
        self._page: Page | None = None
        self._shown = self._next = 0
        self._kept: dict[str, Any] = {}

    def start(self) -> None:
        """Print the headlines from the story on that was read last."""
        cursor = self.reader.session().get("cursor")
        row = self.reader.summary(cursor) if isinstance(cursor, str) else None
        if row is None:
            self.list_from(self.reader.rows(self.view).page(limit=self.height))
        else:
            self._list_at(row)

    def keep(self) -> None:
        """Save which story is read, or heads the list, and where in it the reader is; the window goes on from there."""
        if self.story and self._page:
            self.reader.marks.set_place(self.story.id, *self._page.place_of(self._shown))
        row = self.story or (self.rows[0] if self.rows else None)
        now = {"cursor": row.id if row else None, "open": self.story.id if self.story else None}
        if now != self._kept:
            self._kept = now
            self.reader.save_session({**self.reader.session(), **now})

    def answer(self, word: str) -> None:
        """Do what was typed."""
        if word.isdecimal() and len(word) < _DIGITS:
            self._open_number(int(word))
        elif word == "" and self._page and self._next < len(self._page.lines):
            self._read_on()
        elif word in ("", "n"):
            self._go(1)
        elif word == "p":
            self._go(-1)
        elif word == "l" and self.story:
            self._list_at(self.story)
        else:
            self._say("plain_unknown", word=cut(clean_line(word), 20, "~"))

    def list_from(self, rows: list[Summary]) -> None:
        """Print a page of headlines."""
        self.rows, self.story, self._page = rows, None, None
        for number, row in enumerate(rows, 1):
            marks = (" " if row.read else "*") + ("+" if row.starred else " ")
            when = written(row.published, row.precision, self.settings.timezone)
            line = f"{number:3} {marks} {when:16}  {clean_line(row.title) or clean_line(row.url)}"
            output.put(cut(line, self.cells - 1, "~") + "\n")
        if not rows:
            self._say("no_stories")

    def _list_at(self, row: Summary) -> None:
        self.list_from([row, *self.reader.rows(self.view).page(after=row.place, limit=self.height - 1)])

    def _say(self, phrase: str, **fields: object) -> None:
        output.put(self.words.say(phrase, **fields) + "\n")

    def _open_number(self, number: int) -> None:
        if 1 <= number <= len(self.rows):
            self._open(self.rows[number - 1])
        else:
            self._say("plain_no_number", n=number)

    def _go(self, steps: int) -> None:
        shown = [self.story] if self.story else self.rows
        found: list[Summary] = []
        if shown:
            edge = shown[-1] if steps > 0 else shown[0]
            place, limit = edge.place, 1 if self.story else self.height
            after, before = (place, None) if steps > 0 else (None, place)
            found = self.reader.rows(self.view).page(after=after, before=before, limit=limit)
        if not found:
            self._say("plain_oldest" if steps > 0 else "plain_newest")
        elif self.story:
            self._open(found[0])
        else:
            self.list_from(found)

    def _open(self, row: Summary) -> None:
        from newsreader.typeset.layout import typeset
        from newsreader.typeset.lines import Metrics

        article = self.reader.article(row.id)
        metrics = Metrics(
            max(self.cells - 1, 20),
            measure=self.settings.measure,
            ambiguous_wide=bool(self.settings.ambiguous_wide),
            ascii_marks=detect(os.environ).ascii_marks,
        )
        when = written(article.published, article.precision, self.settings.timezone)
        self.story = row
        self._page = typeset(article, metrics, labels=self.words.labels, when=when, fold=False)
        place = self.reader.marks.place(row.id)
        self._next = self._page.line_of(*place) if place else 0
        self._read_on()
        self.reader.marks.mark_read([row.id])

    def _read_on(self) -> None:
        assert self._page is not None
        self._shown, self._next = self._next, self._next + self.height
        for line in self._page.lines[self._shown : self._next]:
            output.put(line.text.rstrip() + "\n")
