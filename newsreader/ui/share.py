"""Handing a story on: into a file, or to another program.

Owns: the prompts of both, and the text that is handed on. Decided only here: that no file is written over, and that a
command is a program with its arguments, never a line for a shell. Pure: no textual, no rich. Never: starting a program
(external_programs); a story's own words in a command.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from newsreader.safety import clean_line, safe_filename
from newsreader.summary import Summary
from newsreader.ui.desk import Desk
from newsreader.ui.dialogs import Item, Sheet
from newsreader.ui.reading import Reading, when_told

if TYPE_CHECKING:
    from newsreader.article import Article


_FORMS = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".json": "json"}


class Programs(Protocol):
    """What starts other programs."""

    def pipe(self, argv: Sequence[str], text: str) -> str:
        """Give the terminal to a program, a text as its input, until it ends; what became of it."""
        ...


class Handing:
    """Hands stories on for the commands, on the desk."""

    def __init__(self, desk: Desk, programs: Programs) -> None:
        self.desk = desk
        self.programs = programs
        self._command = ""

    def save(self, row: Summary) -> None:
        """Ask for a file and write the story into it."""
        name = safe_filename(row.title or row.id, suffix=".txt")
        self.desk.sheet = Line(self.desk, "save", name, lambda typed: self._write(row, typed))

    def _write(self, row: Summary, typed: str) -> str:
        say = self.desk.words.say
        if not typed.strip():
            return say("save_hint")
        try:
            path = Path(typed.strip()).expanduser()
            text = self.document(row, path.suffix.lower())
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
        self.desk.say("saved", path=clean_line(str(path)))
        return ""

    def pipe(self, row: Summary) -> None:
        """Ask for a command and give it the story."""

        def check(typed: str) -> str:
            say = self.desk.words.say
            try:
                argv = shlex.split(typed)
            except ValueError:
                return say("query_unclosed_quote")
            if not argv:
                return say("pipe_hint")
            if shutil.which(argv[0]) is None:
                return say("pipe_unknown", program=clean_line(argv[0]))
            return ""

        def run(typed: str) -> None:
            self._command = typed
            self.desk.complain(self.programs.pipe(shlex.split(typed), self.text(row)))
            self.desk.is_error = False

        self.desk.sheet = Line(self.desk, "pipe", self._command, check, run)

    def document(self, row: Summary, suffix: str) -> str:
        """A story in the form that a file's suffix says, text if it says none."""
        form = _FORMS.get(suffix)
        if form is None:
            return self.text(row)
        from newsreader.export import document

        article, style = self._article(row), self.desk.style
        return document(article, form, when_told(article, style.words, style.now()))

    def text(self, row: Summary) -> str:
        """A story as plain text, as it is shown, with its address below."""
        from newsreader.export.text import to_text
        from newsreader.typeset.lines import Metrics

        style, article = self.desk.style, self._article(row)
        metrics = Metrics(style.measure, measure=style.measure, ambiguous_wide=style.ambiguous_wide)
        page = Reading(article, style).typeset(metrics, fold=False)
        return f"{to_text(page)}\n{clean_line(article.url)}\n"

    def _article(self, row: Summary) -> Article:
        """The revision that is open, else the newest."""
        desk = self.desk
        if desk.reading is not None and desk.story is not None and desk.story.id == row.id:
            return desk.reading.article
        return desk.reader.article(row.id)


class Line(Sheet):
    """A line to type: Enter gives it to `check`, which says what is wrong with it, and once nothing is, to `done`."""

    def __init__(
        self,
        desk: Desk,
        title: str,
        typed: str,
        check: Callable[[str], str],
        done: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(desk.words.say(title), (), lambda item: done(item.value))
        self.hint = desk.words.say(f"{title}_hint")
        self.typed = typed
        self.lists = False
        self._check = check

    def key(self, key: str, character: str | None) -> None:
        """As any sheet's, but for these."""
        if key == "Enter":
            self.notice = self._check(self.typed)
            if not self.notice:
                self._picked = Item("", "", value=self.typed)
                self.is_open = False
        else:
            super().key(key, character)

    def type(self, text: str) -> None:
        """Take what was typed."""
        self.typed, self.notice = text, ""
