"""Milliseconds from a key press to its frame, medians and 99th percentiles: in turns with the smallest list of stock
Textual, while the window indexes, and opening stories.

    python -m tests.benchmarks.latency [PATH] [--sizes 1000,1000000] [--work DIR] [--stories 1112]

Owns: these figures. Every key waits until the frame before it has come: keys never queue.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.benchmarks import stories
from tests.benchmarks.probe import Probe, family
from tests.benchmarks.table import Table

SIZE: Final = (80, 24)
HEIGHTS: Final = (10, 23)
PRESSES: Final = 200
_SAMPLE: Final = Path(__file__).parents[2] / "newsreader" / "sample"
_QUIET: Final = 0.025
_IN_VIEW: Final = ("j",) * 4 + ("k",) * 4
_PAGES: Final = ("PgDn",) * 20 + ("PgUp",) * 20
_FEW_PAGES: Final = ("PgDn",) * 4 + ("PgUp",) * 4
_MANY: Final = 16_000
_row = re.compile(r"^[* ] (?:\d\d:\d\d|     ) +\S", re.MULTILINE).findall
# Without what goes on beside it, which at a million stories takes an hour.
_ALONE: Final = (
    "import sys; from newsreader.ui.indexing import Indexing; Indexing.start = lambda self: None;"
    " from newsreader.cli import main; sys.exit(main())"
)


class Window(Probe):
    """newsreader with its list on the whole screen."""

    def __init__(self, path: Path, home: Path, *, alone: bool = False) -> None:
        program = ["-c", _ALONE] if alone else ["-m", "newsreader"]
        super().__init__([sys.executable, *program, str(path)], size=SIZE, env={"NEWSREADER_HOME": str(home)})

    def __enter__(self) -> Window:
        self.until(lambda screen: len(_row(screen)) > 4, timeout=30)
        self.settle(1.0, limit=1.0)
        if "Mark them as read?" in self.screen():
            self.strike("n")
        self.strike("L", quiet=0.2)
        while "Single" not in self.screen():
            self.strike("L", quiet=0.2)
        return self

    def take(self, keys: Sequence[str], times: int) -> list[float]:
        """Milliseconds to the first byte of each frame, other frames coming between."""
        took = []
        for n in range(times):
            took.append(self.strike(keys[n % len(keys)], quiet=_QUIET / 2).first)
            self.settle(0.03, limit=0.03)
        return took


def part(values: Sequence[float], share: float) -> float:
    """The percentile of the numbers among `values`."""
    numbers = sorted(value for value in values if value == value)
    return numbers[min(len(numbers) - 1, int(share * len(numbers)))] if numbers else float("nan")


def _add(table: Table, what: str, ours: Sequence[float], other: str, theirs: Sequence[float]) -> None:
    for name, share in (("median", 0.5), ("p90", 0.9), ("p99", 0.99)):
        table.add(f"{what}: {name}", "ms", part(ours, share), other, part(theirs, share))


def beside_few_rows(path: Path, home: Path, height: int, table: Table) -> None:
    """Keys in the list, in turns with the same keys in the smallest list; ours has 23 rows in sight, that one
    `height`."""
    few = Probe([sys.executable, "-m", "tests.benchmarks.few_rows", str(height)], size=SIZE)
    with few, Window(path, home, alone=True) as window:
        few.until(lambda screen: f"row {height - 1}" in screen)
        few.settle(0.5)

        def both(keys: Sequence[str]) -> tuple[list[float], list[float]]:
            took: tuple[list[float], list[float]] = [], []
            for n in range(PRESSES):
                for program, times in zip((window, few), took, strict=True):
                    times.append(program.strike(keys[n % len(keys)], quiet=_QUIET).last)
            return took

        other = f"{height} rows in sight"
        ours, theirs = both(_IN_VIEW)
        _add(table, "j and k in view", ours, other, theirs)
        for program, rows in ((window, SIZE[1]), (few, height)):
            for _ in range(rows):
                program.strike("j", quiet=_QUIET)
        ours, theirs = both("j")
        _add(table, "j that scrolls", ours, other, theirs)
        ours, theirs = both(_PAGES)
        _add(table, "PageDown, PageUp", ours, other, theirs)


def while_indexing(archive: Path, work: Path, table: Table) -> None:
    """Keys while the window reads so many dumps for the first time, and once it has."""
    many = copies(archive, work / "many")
    with tempfile.TemporaryDirectory() as home:
        with Window(many, Path(home)) as window:
            busy = [window.take(keys, PRESSES // 2) for keys in (_IN_VIEW, _FEW_PAGES)]
            assert len(family(window.pid)) > 1, "it had ended: take more dumps"
        with Window(many, Path(home)) as window:
            window.alone()
            if "Mark them as read?" in window.screen():
                window.strike("n")
            idle = [window.take(keys, PRESSES // 2) for keys in (_IN_VIEW, _FEW_PAGES)]
    for what, slow, quick in zip(("j and k in view", "PageDown, PageUp"), busy, idle, strict=True):
        _add(table, what, slow, "idle", quick)


def copies(archive: Path, into: Path) -> Path:
    """An archive of the dumps of another, many times over under other URLs."""
    dumps = [found for found in archive.rglob("*") if found.is_file()]
    laps = -(-_MANY // len(dumps))
    for found in dumps:
        for lap in range(laps):
            copy = into / f"part-{lap}" / found.relative_to(archive)
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(re.sub(rb"\]\(https?://", b"](https://copy-%d." % lap, found.read_bytes(), count=1))
    return into


def opening(path: Path, home: Path, count: int, table: Table) -> None:
    """Every story from the first on, opened in the whole screen."""
    took = []
    with Window(path, home) as window:
        window.alone()
        window.strike("gg")
        for _ in range(count):
            took.append(window.strike("Enter", quiet=_QUIET).last)
            window.strike("h", quiet=_QUIET)
            window.strike("j", quiet=_QUIET)
    for name, share in (("median", 0.5), ("p99", 0.99), ("most", 1.0)):
        table.add(f"opening {count:,} stories, one after the other: {name}", "ms", part(took, share))
    table.add("of them in more than 15 ms", "stories", sum(time > 15 for time in took))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.latency", description="From key to frame.")
    parser.add_argument("path", nargs="?", type=Path, default=_SAMPLE, help="whose stories (default: the sample)")
    parser.add_argument("--sizes", default="1000", help="numbers of stories (default: %(default)s)")
    parser.add_argument("--stories", type=int, default=20, help="how many to open (default: %(default)s)")
    parser.add_argument("--work", type=Path, help="where indices are built and kept for the next run")
    asked = parser.parse_args()
    table = Table()
    with tempfile.TemporaryDirectory() as made:
        work = asked.work or Path(made)
        for size in map(int, asked.sizes.split(",")):
            home = work / f"newsreader-{size}"
            table.heading(f"A key, {SIZE[0]}x{SIZE[1]}, one pane, {size:,} stories")
            path = stories.prepare(asked.path, size, home)
            for height in HEIGHTS:
                beside_few_rows(path, home, height, table)
        table.heading("A key while the window indexes")
        while_indexing(asked.path, work, table)
        table.heading("Opening")
        opening(asked.path, Path(made) / "opening", asked.stories, table)
    print(table)


if __name__ == "__main__":
    main()
