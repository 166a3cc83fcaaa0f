"""The reader for a terminal that can only take lines: TERM=dumb, a teletype, a shell inside an editor.

Owns: headlines and stories printed one screen at a time, and the words that are typed between them. Decided only here:
what those words are. Never: a control sequence, or a place for text other than the next line.
"""

from __future__ import annotations

import os
import shutil
import sys

from newsreader.article import Summary
from newsreader.cli import output
from newsreader.cli.moments import written
from newsreader.cli.words import DONE, left_out
from newsreader.config import Config
from newsreader.reader import Reader, View
from newsreader.safety import clean_line
from newsreader.ui.rows import cut
from newsreader.ui.terminal.capabilities import detect

_LIST_HELP = "number: open   Enter, n: older   p: newer   q: quit"
_STORY_HELP = "Enter: read on   n, p: next, previous story   l: headlines   q: quit"
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
    session.list_from(reader.page(session.view, limit=session.height))
    while True:
        output.put(f"{_STORY_HELP if session.story else _LIST_HELP} > ")
        sys.stdout.flush()
        line = sys.stdin.buffer.readline().decode("utf-8", "replace")
        word = line.strip().lower()
        if not line or word == "q":
            return DONE
        session.answer(word)


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
        self._rest: list[str] = []

    def answer(self, word: str) -> None:
        """Do what was typed."""
        if word.isdecimal() and len(word) < _DIGITS:
            self._open_number(int(word))
        elif word == "" and self._rest:
            self._read_on()
        elif word in ("", "n"):
            self._go(1)
        elif word == "p":
            self._go(-1)
        elif word == "l" and self.story:
            place = self.story.place
            self.list_from([self.story, *self.reader.page(self.view, after=place, limit=self.height - 1)])
        else:
            output.put(f'"{cut(clean_line(word), 20)}" is none of these.\n')

    def list_from(self, rows: list[Summary]) -> None:
        """Print a page of headlines."""
        self.rows, self.story, self._rest = rows, None, []
        for number, row in enumerate(rows, 1):
            marks = (" " if row.read else "*") + ("+" if row.starred else " ")
            when = written(row.published, row.precision, self.settings.timezone)
            line = f"{number:3} {marks} {when:16}  {clean_line(row.title) or clean_line(row.url)}"
            output.put(cut(line, self.cells - 1, "~") + "\n")
        if not rows:
            output.put("There are no stories here.\n")

    def _open_number(self, number: int) -> None:
        if 1 <= number <= len(self.rows):
            self._open(self.rows[number - 1])
        else:
            output.put(f"There is no story {number} here.\n")

    def _go(self, steps: int) -> None:
        shown = [self.story] if self.story else self.rows
        found: list[Summary] = []
        if shown:
            edge = shown[-1] if steps > 0 else shown[0]
            place, limit = edge.place, 1 if self.story else self.height
            after, before = (place, None) if steps > 0 else (None, place)
            found = self.reader.page(self.view, after=after, before=before, limit=limit)
        if not found:
            output.put("There is nothing older.\n" if steps > 0 else "There is nothing newer.\n")
        elif self.story:
            self._open(found[0])
        else:
            self.list_from(found)

    def _open(self, row: Summary) -> None:
        from newsreader.typeset import Metrics, to_text, typeset
        from newsreader.ui.words import chosen_language, words_for

        article = self.reader.article(row.id)
        metrics = Metrics(
            max(self.cells - 1, 20),
            measure=self.settings.measure,
            ambiguous_wide=bool(self.settings.ambiguous_wide),
            ascii_marks=detect(os.environ).ascii_marks,
        )
        labels = words_for(chosen_language(self.settings.language, os.environ)).labels
        when = written(article.published, article.precision, self.settings.timezone)
        self.story = row
        self._rest = to_text(typeset(article, metrics, labels=labels, when=when, fold=False)).splitlines()
        self._read_on()
        self.reader.mark_read([row.id])

    def _read_on(self) -> None:
        for line in self._rest[: self.height]:
            output.put(line + "\n")
        self._rest = self._rest[self.height :]
