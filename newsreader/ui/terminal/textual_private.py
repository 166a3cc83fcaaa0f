"""What is used of Textual that Textual does not promise: this module has all of it.

Frames go straight from the compositor's strips to the driver's cells. On Textual's own way they would be spelled as
escape sequences and read back (stream.py), which is what still happens where a frame is not as expected here;
`tests/test_terminal_frames.py` then fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar, runtime_checkable

from rich.console import Console, RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

__all__ = ["Canvas", "Piece", "StraightApp", "XTermParser", "driver_in", "strips_of"]

Result = TypeVar("Result")
Piece = tuple[int, int, Strip]
"""A column, a row, and what stands from there on."""
_CHANGED = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What tells that Textual's frames are others than those known here."""


@runtime_checkable
class Canvas(Protocol):
    """A driver that takes strips."""

    def draw(self, pieces: Iterable[Piece], height: int) -> None:
        """Take a frame: its pieces, and how many whole rows they are from the first on."""


def driver_in(app: App[Any]) -> Driver | None:
    """The driver that the app runs on."""
    return app._driver


def strips_of(screen: Screen[Any], lines: Region) -> list[Strip]:
    """Some lines of a screen as they are; blank ones where it does not have the terminal's size yet."""
    known = lines.intersection(screen._compositor.size.region)
    chops = screen._compositor._render_chops(known, known.line_range.__contains__) if known else []
    joined = (Strip.join(chop.values()) for chop in chops[known.y : known.bottom])
    strips = [strip.adjust_cell_length(lines.width) for strip in joined]
    return strips + [Strip.blank(lines.width)] * (lines.height - len(strips))


class StraightApp(App[Result]):
    """An app whose frames go to a Canvas as strips."""

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if isinstance(renderable, (ChopsUpdate, LayoutUpdate)) and isinstance(self._driver, Canvas):
            renderable = Straight(renderable, self._driver)
        super()._display(screen, renderable)


class Straight(CompositorUpdate):
    """A frame that is drawn when Textual asks for its escape sequences; it has none then."""

    def __init__(self, update: ChopsUpdate | LayoutUpdate, canvas: Canvas) -> None:
        self._update = update
        self._canvas = canvas

    def render_segments(self, console: Console) -> str:
        update = self._update
        try:
            if isinstance(update, ChopsUpdate):
                pieces, height = list(_changed(update)), 0
            else:
                pieces, height = list(_all(update)), update.region.height if update.region.x == 0 else 0
        except _CHANGED:
            return update.render_segments(console)
        self._canvas.draw(pieces, height)
        return ""


def _all(update: LayoutUpdate) -> Iterator[Piece]:
    left = update.region.x
    for y, strips in enumerate(update.strips, update.region.y):
        x = left
        for strip in strips:
            yield x, y, strip
            x += strip.cell_length


def _changed(update: ChopsUpdate) -> Iterator[Piece]:
    """As ChopsUpdate.render_segments goes."""
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x > last or end <= first:
                continue
            yield x, y, strip if x >= first and end <= last else strip.crop(0, min(end, last) - x)
