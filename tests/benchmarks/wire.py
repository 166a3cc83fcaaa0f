"""Bytes of a key: what goes over the wire, what stock Textual sends for the very same frames, and what the cells that
changed hold.

    python -m tests.benchmarks.wire [PATH]

Owns: this table. The window itself runs, with a driver that feeds every frame both to the stock driver's emulator and
to ours, so that the two columns are of one run; the frames of the driver's question to the terminal are not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from textual.pilot import Pilot

from newsreader.config import load_config
from newsreader.reader import Reader
from newsreader.ui.app import NewsreaderApp
from newsreader.ui.terminal.cells import Row
from tests.benchmarks.probe import middle
from tests.benchmarks.table import Table
from tests.test_terminal_frames import Both

SIZES: Final = ((80, 24), (200, 50))
LAYOUTS: Final = ("Single", "Stacked", "Side by side")
_SAMPLE: Final = Path(__file__).parents[2] / "newsreader" / "sample"
_PRESSES: Final = 12


class Cost(NamedTuple):
    """Of one key: our bytes, stock Textual's, and the bytes of the text in the cells that changed."""

    ours: int
    stock: int
    changed: int


class Counting(Both):
    """Counts the cells that changed, too."""

    changed_bytes = 0

    def write(self, data: str) -> None:
        before = [row.copy() for row in self.grid.rows]
        super().write(data)
        self.changed_bytes += sum(map(_changed, before, self.grid.rows))


def _changed(old: Row, new: Row) -> int:
    return sum(
        len(text.encode())
        for text, was, style, had in zip(new.text, old.text, new.styles, old.styles, strict=True)
        if text != was or style != had
    )


class _Run:
    """The window at one size in one layout."""

    def __init__(self, pilot: Pilot[int], driver: Counting) -> None:
        self._pilot = pilot
        self._driver = driver

    async def press(self, key: str) -> Cost:
        """What a key cost."""
        driver = self._driver
        before = driver.our_bytes, driver.stock_bytes, driver.changed_bytes
        await self._pilot.press(key)
        await self._pilot.pause()
        return Cost(driver.our_bytes - before[0], driver.stock_bytes - before[1], driver.changed_bytes - before[2])

    async def lay_out(self, layout: str) -> None:
        """Press L until that layout is said."""
        for _ in range(4):
            await self.press("L")
            if layout in self._driver.ours.text()[-1]:
                return
        raise RuntimeError(f"no layout {layout}")

    async def scroll_a_story(self) -> list[Cost]:
        """What lines of the first story cost that does not fit its pane."""
        for _ in range(50):
            await self.press("enter")
            await self.press("j")
            costs = [cost for _ in range(_PRESSES) if (cost := await self.press("j")).ours]
            if len(costs) > _PRESSES // 2:
                return costs
            await self.press("h")
            await self.press("j")
        return []


async def _costs(path: Path, home: Path, size: tuple[int, int], layout: str) -> dict[str, list[Cost]]:
    config = load_config({"NEWSREADER_HOME": str(home)})
    costs: dict[str, list[Cost]] = {}
    with Reader.open(config, path) as reader:
        for _ in reader.ingest():
            pass
        app = NewsreaderApp(config, reader, environ={}, driver_class=Counting, indexes=False)
        Counting.seen.clear()
        running = asyncio.create_task(app.run_async(size=size))
        while not (Counting.seen and Counting.seen[0].frames and app.is_running):
            await asyncio.sleep(0.005)
        driver = Counting.seen[0]
        assert isinstance(driver, Counting)
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
        for name, key in (("the help", "?"), ("the orders", "S")):
            await run.press(key)
            await run.press("escape")
            costs[f"{name} opens"] = [await run.press(key)]
            costs[f"{name}: down"] = [await run.press("down") for _ in range(3)]
            costs[f"{name}: a typed key"] = [await run.press("m")]
            costs[f"{name} closes"] = [await run.press("escape")]
        costs["j in a story"] = await run.scroll_a_story()
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
                for what, each in asyncio.run(_costs(path, Path(home), size, layout)).items():
                    ours, stock, changed = (middle(cost[n] for cost in each) for n in range(3))
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
