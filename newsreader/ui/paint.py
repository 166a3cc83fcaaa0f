"""Cells with roles -> strips of styled segments, in the styles of a palette."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from newsreader.safety import cell_width
from newsreader.ui.palette import Palette
from newsreader.ui.rows import Cell, fit
from newsreader.ui.terminal import styles as looks

_KEPT: Final = 512


class Line(Strip):
    """A strip that can be let go of: Textual's keeps itself where it was divided into one piece, and then only a search
    for cycles finds it."""

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """The pieces between the cuts, as of any strip."""
        cuts = list(cuts)
        return [self] if cuts == [self.cell_length] else super().divide(cuts)


class Painter:
    """Paints in one palette; strips that were painted lately are kept."""

    def __init__(self, palette: Palette) -> None:
        self.take(palette)

    def take(self, palette: Palette) -> None:
        """Paint in another palette from now on."""
        self.palette = palette
        self._styles: dict[tuple[str, str], Style] = {}
        self._strips: dict[tuple[tuple[Cell, ...], str, int], Line] = {}

    def style(self, role: str, ground: str = "") -> Style:
        """The style of a role on the ground of another role, such as the cursor's."""
        style = self._styles.get((role, ground))
        if style is None:
            if len(self._styles) >= _KEPT:
                self._styles.clear()
            style = self._styles[role, ground] = _style(self.palette.style(f"{ground} {role}"))
        return style

    def strip(self, cells: tuple[Cell, ...], ground: str, width: int) -> Line:
        """One line of exactly `width` cells."""
        known = self._strips.get((cells, ground, width))
        if known is None:
            if len(self._strips) >= _KEPT:
                self._strips.clear()
            known = self._strips[cells, ground, width] = self._paint(cells, ground, width)
        return known

    def _paint(self, cells: Sequence[Cell], ground: str, width: int) -> Line:
        segments: list[Segment] = []
        filled = 0
        for text, role in cells:
            if (end := filled + cell_width(text)) > width:
                text, end = fit(text, width - filled, sign=""), width
            if not text:
                continue
            style, filled = self.style(role, ground), end
            if segments and segments[-1].style == style:
                segments[-1] = Segment(segments[-1].text + text, style)
            else:
                segments.append(Segment(text, style))
        if filled < width:
            segments.append(Segment(" " * (width - filled), self.style("pad", ground)))
        return Line(segments, width)


def _style(look: looks.Style) -> Style:
    has = look.attributes.__contains__
    return Style(
        color=_colour(look.ink),
        bgcolor=_colour(look.ground),
        bold=has(looks.BOLD) or None,
        dim=has(looks.DIM) or None,
        italic=has(looks.ITALIC) or None,
        underline=has(looks.UNDERLINE) or None,
        strike=has(looks.STRIKE) or None,
        reverse=has(looks.REVERSE) or None,
        link=look.link or None,
    )


def _colour(colour: looks.Colour) -> Color:
    if len(colour) == 3:
        return Color.from_rgb(*colour)
    return Color.from_ansi(colour[0]) if colour else Color.default()
