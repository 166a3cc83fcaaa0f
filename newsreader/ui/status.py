"""The status line. Pure: the first frame uses it too."""

from __future__ import annotations

from typing import Final

from newsreader.safety import cell_width, clean_line
from newsreader.ui.desk import Desk
from newsreader.ui.rows import Cell, Drawn, cut

BAR: Final = 16  # cells of the progress bar


class StatusLine:
    """The last line of the screen."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def lines(self, width: int, height: int) -> list[Drawn]:
        """The one line, in its cells."""
        if height < 1 or width < 3:
            return []
        right, wide = self._right(width), self.desk.style.ambiguous_wide
        room = width - 2 - _width(right, wide) - (2 if right else 0)
        left = _within(self._left(width), room, self.desk.marks.cut, wide)
        gap = width - 2 - _width(left, wide) - _width(right, wide)
        return [(((" ", "pad"), *left, (" " * max(gap, 0), "pad"), *right), "")]

    def _left(self, width: int) -> list[Cell]:
        desk = self.desk
        if desk.message:
            return [(clean_line(desk.message), "error" if desk.is_error else "status-strong")]
        if desk.pane == "article" and desk.reading is not None and (note := desk.reading.note):
            return [(note, "status-strong")]
        window = desk.window
        total = desk.counts.stories + window.kept
        parts: list[list[Cell]] = []
        if window.rows:
            parts.append([(f"{window.rank + 1:,}/{total:,}", "status-strong")])
            parts.append([(desk.words.say("unread", n=desk.counts.unread), "status")])
        if desk.marking.selected:
            parts.append([(desk.words.say("selected", n=len(desk.marking.selected)), "status-strong")])
        parts += [[(text, "status")] for text in self._narrowing()]
        if desk.fetching:
            parts.append([(desk.fetching, "status")])
        if desk.progress is not None:
            parts.append(self._progress(width))
        cells: list[Cell] = []
        for part in parts:
            cells += [(f" {self.desk.marks.dot} ", "status"), *part] if cells else part
        return cells

    def _narrowing(self) -> list[str]:
        """What the view leaves out, and its order, in words."""
        view, words = self.desk.view, self.desk.words
        parts = [words.say("unread_only")] if view.unread else []
        parts += [words.say("starred")] if view.starred else []
        parts += [clean_line(name) for name in (view.source, view.topic) if name]
        parts += [f"#{clean_line(view.tag)}"] if view.tag else []
        parts += [f"F: {clean_line(view.query)}"] if view.query else []
        return parts + ([words.say(f"sort_{view.sort}")] if view.sort != "date" else [])

    def _progress(self, width: int) -> list[Cell]:
        desk = self.desk
        progress = desk.progress
        assert progress is not None
        cells: list[Cell] = [(f"{desk.words.say('indexing')} ", "status")]
        if progress.total:
            length = BAR if width >= 60 else BAR // 2
            done = min(progress.done * length // progress.total, length)
            cells += [(self.desk.marks.done * done, "bar"), (self.desk.marks.todo * (length - done), "bar-todo")]
            cells.append((f" {progress.done:,}/{progress.total:,}", "status"))
        else:
            cells.append((f"{progress.done:,}", "status"))
        return cells

    def _right(self, width: int) -> list[Cell]:
        desk = self.desk
        if desk.pending:
            return [(desk.pending, "status-strong")]
        cells: list[Cell] = []
        if desk.reading is not None and desk.geometry.article is not None:
            if desk.reading.matches:
                number = f"{desk.reading.match + 1:,}/{len(desk.reading.matches):,}"
                cells += [(number, "status-strong"), (f" {self.desk.marks.dot} ", "status")]
            article = desk.reading.article
            if article.revisions > 1:
                shown = desk.words.say("revision", n=article.revision, of=article.revisions)
                cells.append((f"{shown} {self.desk.marks.dot} ", "status"))
            cells.append((f"{desk.reading.percent} %", "status"))
        key = desk.keymap.shown("help").split(" ")[0]
        if width >= 40 and key:
            cells += [(f" {self.desk.marks.dot} ", "status")] if cells else []
            cells.append((f"{key} {desk.words.say('help_hint')}", "status"))
        return cells


def _width(cells: list[Cell], ambiguous_wide: bool) -> int:
    return sum(cell_width(text, ambiguous_wide=ambiguous_wide) for text, _ in cells)


def _within(cells: list[Cell], room: int, sign: str, ambiguous_wide: bool) -> list[Cell]:
    """Cells cut to a width."""
    out: list[Cell] = []
    for text, role in cells:
        shown = cut(text, max(room, 0), sign, ambiguous_wide=ambiguous_wide)
        room -= cell_width(shown, ambiguous_wide=ambiguous_wide)
        out.append((shown, role))
        if shown != text:
            break
    return out
