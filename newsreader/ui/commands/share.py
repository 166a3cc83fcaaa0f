"""Handing a story on: into a file, or to another program.

Decided only here: that no file is written over, and that a command is a program with its arguments, never a line for a
shell.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from newsreader.safety import clean_line, safe_filename
from newsreader.summary import Summary
from newsreader.ui.dialogs import Ask
from newsreader.ui.panes.article_page import Reading, when_told

if TYPE_CHECKING:
    from newsreader.article import Article
    from newsreader.ui.screens.reading_screen import ReadingScreen

_FORMS = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".json": "json"}


class Sharing:
    """Hands stories on for the keys of a screen."""

    def __init__(self, screen: ReadingScreen) -> None:
        self.screen = screen

    def action_save(self, _count: int | None) -> None:
        """Ask for a file and write the stories into it."""
        if rows := self.screen.marking.targets(None):
            name = safe_filename(rows[0].title or rows[0].id, suffix=".txt")
            self.screen.prompt.open(Ask("save", name, done=lambda typed: self._write(rows, typed)))

    def _write(self, rows: Sequence[Summary], typed: str) -> str:
        say = self.screen.words.say
        if not typed.strip():
            return say("save_hint")
        try:
            path = Path(typed.strip()).expanduser()
            text = self.documents(rows, path.suffix.lower())
            with path.open("x", encoding="utf-8", errors="replace") as file:
                try:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:
                    path.unlink(missing_ok=True)
                    raise
        except FileExistsError:
            return say("save_exists")
        except (OSError, RuntimeError, ValueError) as error:
            return say("save_failed", why=clean_line(getattr(error, "strerror", None) or str(error)))
        self.screen.headlines.selection.clear()
        self.screen.status.say("saved", path=clean_line(str(path)))
        return ""

    def action_pipe(self, _count: int | None) -> None:
        """Ask for a command and give it the stories."""
        rows = self.screen.marking.targets(None)

        def done(typed: str) -> str:
            say = self.screen.words.say
            try:
                argv = shlex.split(typed)
            except ValueError:
                return say("query_unclosed_quote")
            if not argv:
                return say("pipe_hint")
            if shutil.which(argv[0]) is None:
                return say("pipe_unknown", program=clean_line(argv[0]))
            self.screen.status.tell(self.screen.window.pipe(argv, self.documents(rows)))
            return ""

        if rows:
            last = self.screen.typed.of("pipe")[-1:]
            self.screen.prompt.open(Ask("pipe", "".join(last), done=done))

    def documents(self, rows: Sequence[Summary], suffix: str = "") -> str:
        """Stories in the form that a file's suffix says, with a form feed between texts."""
        return ("" if suffix == ".json" else "\f\n").join(self.document(row, suffix) for row in rows)

    def document(self, row: Summary, suffix: str) -> str:
        """A story in the form that a file's suffix says, text if it says none."""
        form = _FORMS.get(suffix)
        if form is None:
            return self.text(row)
        from newsreader.export import document

        article, style = self._article(row), self.screen.appearance.style
        return document(article, form, when_told(article, style.words, style.now()))

    def text(self, row: Summary) -> str:
        """A story as plain text, as it is shown, with its address below."""
        from newsreader.export.text import to_text
        from newsreader.typeset.lines import Metrics

        style, article = self.screen.appearance.style, self._article(row)
        metrics = Metrics(style.measure, measure=style.measure, ambiguous_wide=style.ambiguous_wide)
        page = Reading(article, style).typeset(metrics, fold=False)
        return f"{to_text(page)}\n{clean_line(article.url)}\n"

    def _article(self, row: Summary) -> Article:
        """The revision that is open, else the newest."""
        opened = self.screen.article
        if opened.reading is not None and opened.is_of(row):
            return opened.reading.article
        return self.screen.reader.article(row.id)
