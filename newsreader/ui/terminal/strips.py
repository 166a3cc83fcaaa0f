"""Textual's strips -> cells. Only text, colours, attributes and links come through; the cells clean the text."""

from __future__ import annotations

from typing import Final

from rich.color import Color
from rich.style import Style as RichStyle
from textual.strip import Strip

from newsreader.ui.terminal.cells import Grid, Speller
from newsreader.ui.terminal.styles import (
    BLINK,
    BOLD,
    CONCEAL,
    DIM,
    ITALIC,
    REVERSE,
    STRIKE,
    UNDERLINE,
    Colour,
    Style,
)

_KEPT: Final = 1024
_ATTRIBUTES: Final = (
    (BOLD, "bold"),
    (DIM, "dim"),
    (ITALIC, "italic"),
    (UNDERLINE, "underline"),
    (UNDERLINE, "underline2"),
    (BLINK, "blink"),
    (BLINK, "blink2"),
    (REVERSE, "reverse"),
    (CONCEAL, "conceal"),
    (STRIKE, "strike"),
)


class StripReader:
    """Puts strips into a grid."""

    def __init__(self, speller: Speller) -> None:
        self.speller = speller
        self._numbers: dict[int, tuple[RichStyle, int]] = {}
        """By the identity of styles, which are the same objects in most strips and take long to compare."""

    def forget(self) -> None:
        """The numbers of styles have changed."""
        self._numbers.clear()

    def put(self, grid: Grid, x: int, y: int, strip: Strip) -> None:
        """Put a strip from column `x` of row `y` on; what stands out is cut."""
        if not 0 <= y < grid.height:
            return
        row = grid.rows[y]
        for text, style, control in strip:
            if control:
                continue
            cells, styles = self.speller.cells(text, self._number(style) if style else 0)
            row.put(x, cells, styles)
            x += len(cells)

    def _number(self, style: RichStyle) -> int:
        known = self._numbers.get(id(style))
        if known is None:
            if len(self._numbers) >= _KEPT:
                self._numbers.clear()
            known = self._numbers[id(style)] = style, self.speller.styles.number(look_of(style))
        return known[1]


def look_of(style: RichStyle) -> Style:
    """A style of rich's as a terminal knows it."""
    attributes = frozenset(number for number, name in _ATTRIBUTES if getattr(style, name))
    return Style(attributes, _colour(style.color), _colour(style.bgcolor), style.link or "")


def _colour(color: Color | None) -> Colour:
    if color is None or color.is_default:
        return ()
    return tuple(color.triplet) if color.triplet is not None else (color.number or 0,)
