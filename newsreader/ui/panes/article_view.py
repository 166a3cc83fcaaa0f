"""The article pane. Pure: the first frame uses it too."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from newsreader.safety import cell_width, cell_widths, clean_line
from newsreader.ui.keys import Pane
from newsreader.ui.palette import LEADS
from newsreader.ui.panes.article_page import Reading
from newsreader.ui.panes.headlines import Headlines
from newsreader.ui.panes.open_article import OpenArticle
from newsreader.ui.rows import Cell, Drawn, cut_cells

if TYPE_CHECKING:
    from newsreader.typeset.lines import Line

_TAUGHT: Final = (("open", "welcome_open"), ("read_on", "welcome_read_on"), ("help", "welcome_help"))


class ArticleView:
    """The article that is open, or a welcome."""

    def __init__(self, article: OpenArticle, headlines: Headlines) -> None:
        self.article = article
        self.headlines = headlines

    def lines(self, width: int, height: int, focus: Pane) -> list[Drawn]:
        """The lines of the page that are in view."""
        reading = self.article.reading
        if reading is None:
            return self._welcome(width, height) if self.article.left_open is None else []
        reading.resize(width, height)
        page = reading.page.lines[reading.top : reading.top + height]
        return [(self._cells(reading, number, line), "") for number, line in enumerate(page, reading.top)]

    def _cells(self, reading: Reading, number: int, line: Line) -> tuple[Cell, ...]:
        picked = reading.selected
        cells: list[Cell] = [(" " * (line.indent + reading.side), "pad")]
        whole = picked is not None and picked.fold is not None and picked.line == number
        for run in line.runs:
            chosen = whole or (run.link is not None and picked is not None and run.link == picked.link)
            role = f"{run.role} picked" if chosen else run.role
            target = reading.target(run.link)
            cells.append((run.text, f"{role} {LEADS}{target}" if target else role))
        if reading.matches:
            cells = _with_matches(cells, line, reading.matches, reading.matches[reading.match])
        for letters, stop in reading.hints.stops.items():
            if stop.line == number:
                self._letter(cells, line, stop.link, letters)
        return tuple(cells)

    def _letter(self, cells: list[Cell], line: Line, link: int | None, letters: str) -> None:
        """Put the letters over the beginning of the link, or of the fold, without moving what follows."""
        at = next((i for i, run in enumerate(line.runs) if link is None or run.link == link), None)
        if at is None:
            return
        # Letters of an earlier link on this line may have split its cell from those before: count from the end.
        place = len(cells) - (len(line.runs) - at)
        text, role = cells[place]
        covered = len(text)
        cells_seen = 0
        wide = self.article.appearance.style.ambiguous_wide
        for index, width in enumerate(cell_widths(text, ambiguous_wide=wide)):
            if cells_seen >= len(letters):
                covered = index
                break
            cells_seen += width
        shown = letters + " " * max(cell_width(text[:covered], ambiguous_wide=wide) - len(letters), 0)
        cells[place : place + 1] = [(shown, "hint"), (text[covered:], role)]

    def _welcome(self, width: int, height: int) -> list[Drawn]:
        """What is read here, and the three keys that are enough to begin."""
        words, sign = self.article.appearance.words, self.article.appearance.marks.cut
        keymap, told = self.headlines.keymap, self.headlines.counts
        if height < 8 or width < 24:
            return []
        title = clean_line(self.article.reader.title)
        lines: list[list[Cell]] = []
        if title:
            lines += [[(title, "title")]]
        elif self.article.reader.kind == "demo":
            lines += [[(words.say("welcome_demo"), "title")], [(words.say("welcome_add"), "meta")], []]
        counts = words.say("welcome_stories", n=told.stories, unread=told.unread)
        lines += [[(counts, "meta")], []]
        keys = [(keymap.shown(command).split(" ")[0], words.say(phrase)) for command, phrase in _TAUGHT]
        widest = max((cell_width(key) for key, _ in keys), default=0)
        lines += [[(key + " " * (widest - cell_width(key) + 2), "sheet-key"), (text, "meta")] for key, text in keys]
        room = max(sum(cell_width(text) for text, _ in line) for line in lines)
        left = max((width - room) // 2, 1)
        shown = [
            ((("" if not line else " " * left, "pad"), *cut_cells(line, width - left, sign)), "") for line in lines
        ]
        return [((), "")] * max((height - len(lines)) // 2 - 1, 0) + shown


def _with_matches(
    cells: list[Cell], line: Line, matches: list[tuple[int, int, int]], current: tuple[int, int, int]
) -> list[Cell]:
    """The cells of a line, what was searched for set off, the current match more. A line's own characters count from
    its offset in its block; our marks among them do not."""
    found = [(start, end) for block, start, end in matches if block == line.block and line.kind != "meta"]
    shown = [cells[0]]
    at = max(line.offset, 0)
    for run, (text, role) in zip(line.runs, cells[1:], strict=True):
        if run.ours:
            shown.append((text, role))
            continue
        edges = {0, len(text), *(min(max(edge - at, 0), len(text)) for span in found for edge in span)}
        for start, end in pairwise(sorted(edges)):
            span = next(((first, last) for first, last in found if first <= at + start and at + end <= last), None)
            mark = "" if span is None else " match now" if (line.block, *span) == current else " match"
            shown.append((text[start:end], f"{role}{mark}"))
        at += len(text)
    return shown
