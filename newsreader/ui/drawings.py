"""What stands on the screen, and where: the drawings of the panes and the boxes they stand in.

Decided only here: that `layout.geometry` is what is shown, and what gives way on a line that two-cell ambiguous
characters make too long. Pure: no textual, no rich; the first frame uses it too.
"""

from __future__ import annotations

import re
from typing import Protocol

from newsreader.safety import cell_width
from newsreader.ui.appearance import Appearance
from newsreader.ui.keys import Pane
from newsreader.ui.layout import Box, Layout
from newsreader.ui.panes.article_view import ArticleView
from newsreader.ui.panes.headlines import Headlines
from newsreader.ui.panes.open_article import OpenArticle
from newsreader.ui.panes.sources import SourceList
from newsreader.ui.panes.status import Status, StatusLine
from newsreader.ui.rows import PLAIN, Cells, Drawn
from newsreader.ui.terminal.cells import FILLER, widen


class Drawing(Protocol):
    """What a pane shows."""

    def lines(self, width: int, height: int, focus: Pane) -> list[Drawn]:
        """What stands on each line while a pane has the focus; fewer than `height` are filled up with blank ones."""


class Wall:
    """The thin rule between the panes."""

    def __init__(self, appearance: Appearance) -> None:
        self.appearance = appearance

    def lines(self, width: int, height: int, focus: Pane) -> list[Drawn]:
        """The rule, lying or standing."""
        marks = self.appearance.marks
        sign = marks.rule if height == 1 else marks.wall
        return [(((sign * width, "wall"),), "")] * height


class Spaced:
    """A drawing on a terminal that may give ambiguous characters two cells: there each has its filler."""

    def __init__(self, appearance: Appearance, drawing: Drawing) -> None:
        self.appearance = appearance
        self.drawing = drawing

    def lines(self, width: int, height: int, focus: Pane) -> list[Drawn]:
        """The drawing's lines, none of them longer for the fillers than the pane is wide."""
        return self.fit(self.drawing.lines(width, height, focus), width)

    def fit(self, drawn: list[Drawn], width: int) -> list[Drawn]:
        """Lines with their fillers."""
        if not self.appearance.style.ambiguous_wide:
            return drawn
        return [(spaced(cells, width), ground) for cells, ground in drawn]


class ScreenLayout:
    """The panes of the reading screen: what they are about, how they are drawn, and where they stand."""

    def __init__(
        self, headlines: Headlines, article: OpenArticle, sources: SourceList, status: Status, layout: Layout
    ) -> None:
        self.headlines = headlines
        self.article = article
        self.sources = sources
        self.layout = layout
        look = headlines.appearance
        drawings: tuple[Drawing, ...] = (
            headlines,
            Wall(look),
            ArticleView(article, headlines),
            StatusLine(status, headlines, article, layout, sources),
            sources,
            Wall(look),
        )
        self.drawings = tuple(Spaced(look, drawing) for drawing in drawings)

    def ahead(self, focus: Pane) -> tuple[int, list[Drawn]]:
        """Read what may be wanted soon; the width of the list, and what its next page would show."""
        box, drawn = self.layout.geometry(focus).list, self.headlines.ahead()
        return (box.width, self.drawings[0].fit(drawn, box.width)) if box is not None else (0, [])

    def boxes(self, focus: Pane) -> tuple[Box | None, ...]:
        """Where each drawing stands while a pane has the focus; None where it is not shown."""
        _kind, *boxes = self.layout.geometry(focus)
        return tuple(boxes)

    def arrange(self, focus: Pane) -> None:
        """Fit what the panes are about to their boxes: the cursor's row and the article's top stay."""
        where = self.layout.geometry(focus)
        for what, box in ((self.headlines, where.list), (self.article, where.article), (self.sources, where.sources)):
            if box is not None:
                what.fit(box.width, box.height)

    def restyle(self, focus: Pane) -> None:
        """The appearance has changed: everything is measured anew."""
        self.headlines.restyle()
        self.article.restyle()
        self.arrange(focus)


def spaced(cells: Cells, width: int) -> Cells:
    """Cells with their fillers; where the line gets too long, each cell keeps to the room that it had."""
    spaced = tuple((widen(text), role) for text, role in cells)
    if sum(cell_width(text) for text, _ in spaced) <= width:
        return spaced
    return tuple((_within(text, cell_width(cells[n][0])), role) for n, (text, role) in enumerate(spaced))


def _within(text: str, width: int) -> str:
    """Text with its fillers in so many cells: blanks at its ends give way first, then its last characters."""
    over = max(cell_width(text) - width, 0)
    after = min(over, len(text) - len(text.rstrip(" ")))
    text = text[: len(text) - after]
    before = min(over - after, len(text) - len(text.lstrip(" ")))
    text = text[before:]
    if over == after + before:
        return text
    glyphs: list[str] = re.findall(f"(?s).{FILLER}?", text)
    while glyphs and sum(map(cell_width, glyphs)) >= width:
        glyphs.pop()
    shown = "".join(glyphs) + PLAIN.cut[:width]
    return shown + " " * (width - cell_width(shown))
