"""The status line: what is said until the next key, else where the reader is and what runs beside.

Pure: no textual, no rich; the first frame uses it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsreader.errors import BadSettings, NewsreaderError, NotFound, StorageFailed, Unsearchable
from newsreader.safety import cell_width, clean_line
from newsreader.ui.i18n import Words
from newsreader.ui.rows import Cell, Drawn, cut, cut_cells

if TYPE_CHECKING:
    from newsreader.reader.progress import Progress
    from newsreader.ui.keys import Pane
    from newsreader.ui.layout import Layout
    from newsreader.ui.panes.headlines import Headlines
    from newsreader.ui.panes.open_article import OpenArticle
    from newsreader.ui.panes.sources import SourceList

_WIDE: Final = 80
BAR: Final = 16  # cells of the progress bar

_NAMED: Final = 3  # of several sources, so many are named


class Status:
    """What the program has to say: a line until the next key, what was typed of a chord, and what runs beside."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.text = ""
        self.is_error = False
        self.pending = ""
        self.progress: Progress | None = None
        self.fetching = ""
        self.running = ""

    def say(self, phrase: str, /, **fields: object) -> None:
        """Show a line until the next key."""
        self.tell(self.words.say(phrase, **fields))

    def tell(self, text: str) -> None:
        """Show a line that is worded already, or none any more."""
        self.text, self.is_error = text, False

    def complain(self, text: str) -> None:
        """Show a line about an error until the next key; cleaned where it is drawn."""
        self.text, self.is_error = text, True

    def fail(self, error: NewsreaderError) -> None:
        """Show a line about an error of ours."""
        if isinstance(error, Unsearchable):
            self.complain(self.words.say("unsearchable", why=error.why))
        elif isinstance(error, StorageFailed):
            self.complain(self.words.say("not_saved", why=error.why))
        elif isinstance(error, NotFound):
            self.complain(self.words.say("gone"))
        elif isinstance(error, BadSettings):
            self.not_taken(error)
        else:
            self.complain(self.words.say("failed", why=f"{error.where} {error.why}"))

    def not_taken(self, first: BadSettings, *more: BadSettings) -> None:
        """Show a line about what of the settings is not taken."""
        name = first.where.rpartition("/")[2]
        where = f"{name}:{first.line}" if first.line else name
        self.complain(self.words.say("not_taken", n=1 + len(more), where=where, why=first.why))

    def show_pending(self, typed: str) -> None:
        """Show what was typed of a count or a chord."""
        self.pending = typed

    def show_progress(self, progress: Progress | None) -> None:
        """Show how far the indexing is, or that there is none."""
        self.progress = progress

    def show_running(self, told: str) -> None:
        """Show which of the reader's commands run, "" for none."""
        self.running = told

    def show_fetching(self, told: str) -> None:
        """Show how far the fetching is, "" for none."""
        self.fetching = told


class StatusLine:
    """The last line of the screen."""

    def __init__(
        self,
        status: Status,
        headlines: Headlines,
        article: OpenArticle,
        layout: Layout,
        sources: SourceList,
    ) -> None:
        self.status = status
        self.appearance = headlines.appearance
        self.headlines = headlines
        self.article = article
        self.layout = layout
        self.sources = sources

    def lines(self, width: int, height: int, focus: Pane) -> list[Drawn]:
        """The one line, in its cells."""
        if height < 1 or width < 3:
            return []
        marks, wide = self.appearance.marks, self.appearance.style.ambiguous_wide
        left, right = self._left(width, focus), self._right(width, focus)
        if self.status.text and _width(left, wide) + 2 + _width(right, wide) > width - 2:
            right = []  # what is said is gone with the next key
        left = cut_cells(left, width - 2 - _width(right, wide) - (2 if right else 0), marks.cut, ambiguous_wide=wide)
        gap = width - 2 - _width(left, wide) - _width(right, wide)
        return [(((" ", "pad"), *left, (" " * max(gap, 0), "pad"), *right), "")]

    def _left(self, width: int, focus: Pane) -> list[Cell]:
        status, headlines, say = self.status, self.headlines, self.appearance.words.say
        if status.text:
            return [(clean_line(status.text), "error" if status.is_error else "status-strong")]
        if focus == "sources" and (note := self.sources.note):
            return [(note, "status")]
        if focus == "article" and self.article.reading is not None and (note := self.article.reading.note):
            return [(note, "status-strong")]
        viewport = headlines.viewport
        total = headlines.counts.stories + len(viewport.kept)
        parts: list[list[Cell]] = []
        if viewport.rows:
            parts.append([(f"{viewport.rank + 1:,}/{total:,}", "status-strong")])
            parts.append([(say("unread", n=headlines.counts.unread), "status")])
        if headlines.selection:
            parts.append([(say("selected", n=len(headlines.selection)), "status-strong")])
        parts += [[(text, "status")] for text in self._narrowing()]
        parts += [[(told, "status")] for told in (status.fetching, status.running) if told]
        if status.progress is not None:
            parts.append(self._progress(status.progress, width))
        cells: list[Cell] = []
        for part in parts:
            cells += [(f" {self.appearance.marks.dot} ", "status"), *part] if cells else part
        return cells

    def _narrowing(self) -> list[str]:
        """What the view leaves out, and its order, in words."""
        view, words = self.headlines.view, self.appearance.words
        parts = [words.say("unread_only")] if view.unread else []
        parts += [words.say("starred")] if view.starred else []
        parts += [clean_line(name) for name in (view.source, view.topic, *view.sources[:_NAMED]) if name]
        parts += [self.appearance.marks.cut] if len(view.sources) > _NAMED else []
        parts += [f"#{clean_line(view.tag)}"] if view.tag else []
        parts += [f"F: {clean_line(view.query)}"] if view.query else []
        return parts + ([words.say(f"sort_{view.sort}")] if view.sort != "date" else [])

    def _progress(self, progress: Progress, width: int) -> list[Cell]:
        marks = self.appearance.marks
        cells: list[Cell] = [(f"{self.appearance.words.say('indexing')} ", "status")]
        if progress.total:
            length = BAR if width >= 60 else BAR // 2
            done = min(progress.done * length // progress.total, length)
            cells += [(marks.done * done, "bar"), (marks.todo * (length - done), "bar-todo")]
            cells.append((f" {progress.done:,}/{progress.total:,}", "status"))
        else:
            cells.append((f"{progress.done:,}", "status"))
        return cells

    def _right(self, width: int, focus: Pane) -> list[Cell]:
        if self.status.pending:
            return [(self.status.pending, "status-strong")]
        words, dot, reading = self.appearance.words, self.appearance.marks.dot, self.article.reading
        cells: list[Cell] = []
        if reading is not None and self.layout.geometry(focus).article is not None:
            if reading.matches:
                number = f"{reading.match + 1:,}/{len(reading.matches):,}"
                cells += [(number, "status-strong"), (f" {dot} ", "status")]
            if reading.article.revisions > 1:
                shown = words.say("revision", n=reading.article.revision, of=reading.article.revisions)
                cells.append((f"{shown} {dot} ", "status"))
            if width >= _WIDE and focus == "article" and (block := reading.heading) is not None:
                shown = cut(reading.headings[block], width // 3, self.appearance.marks.cut)
                cells += [(shown, "status-strong"), (f" {dot} ", "status")]
            if width >= _WIDE and reading.minutes > 1 and (left := reading.minutes_left):
                cells.append((f"{words.say('minutes_left', n=left)} {dot} ", "status"))
            cells.append((f"{reading.percent} %", "status"))
        key = self.headlines.keymap.shown("help").split(" ")[0]
        if width >= 40 and key:
            cells += [(f" {dot} ", "status")] if cells else []
            cells.append((f"{key} {words.say('help_hint')}", "status"))
        return cells


def _width(cells: list[Cell], ambiguous_wide: bool) -> int:
    return sum(cell_width(text, ambiguous_wide=ambiguous_wide) for text, _ in cells)
