"""Bytes of a key: what goes over the wire, what stock Textual sends for the very same frames, and what the cells that
changed hold.

    python -m tests.benchmarks.wire [PATH]

Owns: this table. The window itself runs twice: with a driver that takes frames as the product's does, and with one that
takes them as stock Textual spells them; the frames of the driver's question to the terminal are not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from textual.pilot import Pilot

from newsreader.config import load_config
from newsreader.reader import Reader
from newsreader.ui.app import NewsreaderApp
from newsreader.ui.terminal.cells import Grid, Row
from newsreader.ui.terminal.stream import read_frame
from newsreader.ui.terminal.strips import StripReader
from newsreader.ui.terminal.textual_private import Piece
from tests.benchmarks.probe import middle
from tests.benchmarks.table import Table
from tests.test_terminal_frames import Both

SIZES: Final = ((80, 24), (200, 50))
LAYOUTS: Final = ("Single", "Stacked", "Side by side")
_SAMPLE: Final = Path(__file__).parents[2] / "newsreader" / "sample"
_PRESSES: Final = 12
_STORIES: Final = 14


class Cost(NamedTuple):
    """Of one key: our bytes, stock Textual's, and the bytes of the text in the cells that changed."""

    ours: int
    stock: int
    changed: int


class Counting(Both):
    """Takes frames as the product's driver does, as strips; counts our bytes, and those of the cells that changed."""

    changed_bytes = 0

    def __init__(self, app: Any, **kind: Any) -> None:
        super().__init__(app, **kind)
        self._strips = StripReader(self.speller)
        self._cursor: tuple[int, int] | None = None

    def draw(self, pieces: Iterable[Piece], height: int) -> None:
        """Take a frame."""
        for x, y, strip in pieces:
            self._strips.put(self.grid, x, y, strip)
        self.frames += 1

    def write(self, data: str) -> None:
        """Take what is no frame: where the cursor is to be."""
        self._cursor = read_frame(data, self.grid, self.speller).cursor or self._cursor

    def flush(self) -> None:
        """Send what has changed."""
        self.changed_bytes += sum(map(_changed, self.sent.rows, self.grid.rows))
        shows_cursor = hasattr(self._app.focused, "cursor_screen_offset")
        sent = self.screen.paint(self.grid, self._cursor if shows_cursor else None)
        self.our_bytes += len(sent.encode())
        self.ours.feed(sent)
        for y, row in enumerate(self.grid.rows):
            self.sent.put(y, row)

    def set_size(self, size: tuple[int, int]) -> None:
        super().set_size(size)
        self.sent = Grid(*size)


def _changed(old: Row, new: Row) -> int:
    return sum(
        len(text.encode())
        for text, was, style, had in zip(new.text, old.text, new.styles, old.styles, strict=True)
        if text != was or style != had
    )


class _Run:
    """The window at one size in one layout."""

    def __init__(self, pilot: Pilot[int], driver: Both) -> None:
        self._pilot = pilot
        self._driver = driver

    async def press(self, key: str) -> Cost:
        """What a key cost."""
        driver = self._driver
        before = driver.our_bytes, driver.stock_bytes, getattr(driver, "changed_bytes", 0)
        await self._pilot.press(key)
        await self._pilot.pause()
        changed = getattr(driver, "changed_bytes", 0) - before[2]
        return Cost(driver.our_bytes - before[0], driver.stock_bytes - before[1], changed)

    async def lay_out(self, layout: str) -> None:
        """Press L until that layout is said."""
        for _ in range(4):
            await self.press("L")
            if layout in self._driver.ours.text()[-1]:
                return
        raise RuntimeError(f"no layout {layout}")

    async def scroll_a_story(self) -> list[Cost]:
        """What lines of the first story cost that does not fit its pane."""
        for _ in range(_STORIES):
            await self.press("enter")
            await self.press("j")
            costs: list[Cost] = []
            while len(costs) < _PRESSES and (cost := await self.press("j")).ours:
                costs.append(cost)
            if len(costs) > _PRESSES // 2:
                return costs
            await self.press("h")
            await self.press("j")
        return []


async def _costs(path: Path, home: Path, size: tuple[int, int], layout: str, kind: type[Both]) -> dict[str, list[Cost]]:
    config = load_config({"NEWSREADER_HOME": str(home)})
    costs: dict[str, list[Cost]] = {}
    with Reader.open(config, path) as reader:
        for _ in reader.ingest():
            pass
        app = NewsreaderApp(config, reader, environ={}, driver_class=kind, indexes=False)
        kind.seen.clear()
        running = asyncio.create_task(app.run_async(size=size))
        while not (kind.seen and kind.seen[0].frames and app.is_running):
            await asyncio.sleep(0.005)
        driver = kind.seen[0]
        pilot = Pilot(app)
        await pilot.pause(0.05)
        run = _Run(pilot, driver)
        await run.lay_out(layout)
        await run.press("j")
        costs["j within the view"] = [await run.press("j") for _ in range(min(_PRESSES, size[1] // 2 - 8))]
        for _ in range(size[1]):
            await run.press("j")
        costs["j that scrolls the list"] = [await run.press("j") for _ in range(_PRESSES)]
        costs["PageDown in the list"] = [await run.press("pagedown") for _ in range(6)]
        costs["j in a story"] = await run.scroll_a_story()
        for name, key in (("the help", "?"), ("the orders", "S"), ("the links", "u")):
            await run.press(key)
            await run.press("escape")
            costs[f"{name} opens"] = [await run.press(key)]
            costs[f"{name}: down"] = [await run.press("down") for _ in range(3)]
            costs[f"{name}: a typed key"] = [await run.press("m")]
            costs[f"{name} closes"] = [await run.press("escape")]
        app.exit()
        await running
        if driver.difference:
            raise RuntimeError(driver.difference)
    return costs


def measure(path: Path, table: Table) -> None:
    """Put every layout at every size into the table."""
    with tempfile.TemporaryDirectory() as home:
        for size in SIZES:
            for layout in LAYOUTS:
                table.heading(f"Bytes of a key, {size[0]}x{size[1]}, {layout.lower()}")
                found, other = (asyncio.run(_costs(path, Path(home), size, layout, kind)) for kind in (Counting, Both))
                for what, each in found.items():
                    ours, changed = (middle(cost[n] for cost in each) for n in (0, 2))
                    stock = middle(cost.stock for cost in other[what])
                    table.add(
                        f"{what} (most {max((cost.ours for cost in each), default=0)})", "bytes", ours, "stock", stock
                    )
                    table.add("", "", ours, "cells changed", changed)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.wire", description="Bytes of a key.")
    parser.add_argument("path", nargs="?", type=Path, default=_SAMPLE, help="whose stories (default: the sample)")
    table = Table()
    measure(parser.parse_args().path, table)
    print(table)


if __name__ == "__main__":
    main()
