"""Whatever Textual paints, the screen that our bytes make is the screen that Textual's own bytes make."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rich.console import Console
from textual import events
from textual._compositor import LayoutUpdate
from textual.driver import Driver
from textual.geometry import Region, Size
from textual.pilot import Pilot
from textual.strip import Strip

from newsreader.ui.terminal.cells import Grid, Speller
from newsreader.ui.terminal.screen import Screen
from newsreader.ui.terminal.stream import read_frame
from newsreader.ui.terminal.strips import StripReader
from newsreader.ui.terminal.styles import Styles
from newsreader.ui.terminal.textual_private import Piece, Straight, StraightApp, driver_in
from tests.emulator import Emulator
from tests.wire_app import WireApp

_SIZES = st.sampled_from([(80, 24), (81, 25), (60, 20), (33, 9), (120, 30), (5, 3), (1, 1)])
_ACTS = st.one_of(
    st.sampled_from(["j", "k", "J", "K", "g", "G", "f", "b", "space", "d", "l", "i", "enter", "守"]), _SIZES
)


class Both(Driver):
    """No terminal, but two emulators: one shows what Textual writes, the other what we make of it."""

    seen: ClassVar[list[Both]] = []

    def __init__(self, app: Any, **kind: Any) -> None:
        super().__init__(app, **kind)
        self._size = self._size or (80, 24)
        self.styles = Styles()
        self.speller = Speller(self.styles)
        self.screen = Screen(self.styles)
        self.difference = ""
        self.costs: list[tuple[int, int]] = []
        self.frames = self.stock_bytes = self.our_bytes = 0
        self.set_size(self._size)
        self.seen.append(self)

    def set_size(self, size: tuple[int, int]) -> None:
        """New screens, as terminals keep little that is worth keeping."""
        self.grid = Grid(*size)
        self.stock, self.ours = Emulator(*size), Emulator(*size)
        self.screen.forget()

    @property
    def is_late(self) -> bool:
        """Whether what comes was painted for the size before: its strips are longer than their places, and lie over
        one another."""
        size = self.grid.width, self.grid.height
        return self._app.screen.size != size or self._app.screen._compositor.size != size

    def write(self, data: str) -> None:
        """A frame."""
        if self.is_late:
            return
        # OPOST, which stock Textual leaves on, begins the line anew at each LF.
        self.stock.feed(data.replace("\n", "\r\n"))
        frame = read_frame(data, self.grid, self.speller)
        ours = self.screen.paint(self.grid, frame.cursor)
        self.ours.feed(ours)
        self.frames += 1
        self.stock_bytes += len(data.encode())
        self.our_bytes += len(ours.encode())
        if not self.difference:
            self.difference = _difference(self.ours, self.stock)

    def start_application_mode(self) -> None:
        """Tell the size."""
        self.tell_size()

    def tell_size(self) -> None:
        """As a terminal does."""
        size = Size(self.grid.width, self.grid.height)
        self.send_message(events.Resize(size, size))

    def disable_input(self) -> None:
        """There is none."""

    def stop_application_mode(self) -> None:
        """Nothing to restore."""


def _difference(ours: Emulator, stock: Emulator) -> str:
    """Where the screens differ, for the message of a failure."""
    for y, rows in enumerate(zip(ours.cells(), stock.cells(), strict=True)):
        for x, (one, other) in enumerate(zip(*rows, strict=True)):
            if one != other:
                return f"column {x} row {y}: {one} for {other} in {ours.text()[y]!r} for {stock.text()[y]!r}"
    return ""


_TRUECOLOR = Console(color_system="truecolor", force_terminal=True)


class Drawn(Both):
    """Takes frames as strips too: the same cells have to come of them."""

    def __init__(self, app: Any, **kind: Any) -> None:
        super().__init__(app, **kind)
        self.strips = StripReader(self.speller)
        self.coming: Any = None

    def set_size(self, size: tuple[int, int]) -> None:
        super().set_size(size)
        self.canvas = Grid(*size)

    def draw(self, pieces: Iterable[Piece], height: int) -> None:
        """A frame, which is spelled as well."""
        if self.is_late:
            return
        pieces = list(pieces)
        for style in (segment.style for _, _, strip in pieces for segment in strip if segment.style):
            style._ansi = None  # else it keeps the codes of the first console that spelled it, in that one's colours
        read_frame(self.coming.render_segments(_TRUECOLOR), self.grid, self.speller)
        self.frames += 1
        for x, y, strip in pieces:
            self.strips.put(self.canvas, x, y, strip)
        for y, (row, spelled) in enumerate(zip(self.canvas.rows, self.grid.rows, strict=True)):
            if row != spelled and not self.difference:
                self.difference = f"row {y}: {row.text} {row.styles} for {spelled.text} {spelled.styles}"

    def write(self, data: str) -> None:
        """The place of the cursor, the shape of the pointer: no text may come."""
        assert re.fullmatch(r"\x1b\[\d+;\d+H|\x1b\].*", data), data


class DrawnApp(StraightApp[None], WireApp):
    """Tells the driver which frame comes."""

    def _display(self, screen: Any, renderable: Any) -> None:
        driver = driver_in(self)
        if isinstance(driver, Drawn):
            driver.coming = renderable
        super()._display(screen, renderable)


async def _play(layout: str, acts: list[str | tuple[int, int]], *, is_drawn: bool = False) -> Both:
    app = DrawnApp(layout, driver_class=Drawn) if is_drawn else WireApp(layout, driver_class=Both)
    Both.seen.clear()
    running = asyncio.create_task(app.run_async())
    while not (Both.seen and Both.seen[0].frames and app.is_running):
        await asyncio.sleep(0.005)
    driver = Both.seen[0]
    pilot = Pilot(app)
    await pilot.pause(0.05)
    for act in acts:
        if isinstance(act, tuple):
            driver.set_size(act)
            driver.tell_size()
            await pilot.pause()
            app.screen.refresh(layout=True)
            await pilot.pause()
        else:
            await pilot.press(act)
        driver.costs.append((driver.our_bytes, driver.stock_bytes))
    app.exit()
    await running
    return driver


@given(st.sampled_from(["single", "stacked", "beside"]), st.lists(_ACTS, max_size=16))
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_screens_are_equal(layout: str, acts: list[str | tuple[int, int]]) -> None:
    driver = asyncio.run(_play(layout, acts))
    assert driver.frames
    assert driver.difference == ""


@given(st.sampled_from(["single", "stacked", "beside"]), st.lists(_ACTS, max_size=16))
@settings(deadline=None, max_examples=5, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
def test_strips_that_are_drawn_are_those_that_would_be_spelled(layout: str, acts: list[str | tuple[int, int]]) -> None:
    driver = asyncio.run(_play(layout, acts, is_drawn=True))
    assert driver.frames
    assert driver.difference == ""


def test_a_frame_of_another_form_is_spelled() -> None:
    """What a later Textual might do."""

    class Other(LayoutUpdate):
        def render_segments(self, console: Console) -> str:
            return "spelled"

    class Canvas:
        def draw(self, pieces: Iterable[Piece], height: int) -> None:
            raise AssertionError("half a frame was drawn")

    update = Other([[Strip.blank(3)]], Region(0, 0, 3, 1))
    del update.strips
    assert Straight(update, Canvas()).render_segments(Console()) == "spelled"


def test_keys_cost_little() -> None:
    """The figures of issue and README: bytes of a key, in the shape of the product, beside stock Textual's."""
    most = {"j": 260, "scrolling j": 280, "f": 2500, "J": 180, "space": 2500}
    for layout, name, before in (
        ("stacked", "j", 1),
        ("stacked", "scrolling j", 30),
        ("single", "f", 1),
        ("stacked", "J", 1),
        ("stacked", "space", 1),
    ):
        key = name.split()[-1]
        costs = asyncio.run(_play(layout, [key] * (before + 8))).costs
        ours, stock = (round((costs[-1][n] - costs[before - 1][n]) / 8) for n in (0, 1))
        print(f"{layout} {name}: {ours} bytes, stock {stock}")
        assert ours <= most[name]
