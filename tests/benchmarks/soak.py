"""`python -m tests.benchmarks.soak`: what the window still holds after many keys.

Random keys in a terminal, the same ones on every run: all that move, open, mark, sort, search and ask, none that leaves
the window or starts another program. The memory of its process stands beside what it held early in the same run.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.benchmarks.probe import Probe
from tests.benchmarks.table import Table
from tests.newsroom import Story, config_in, ingested, write_archive

KEYS: Final = (
    *"jkjkjkGgJKnNmft.hlwczL<>=[]uTRMSEF/?;0123456789  \t\r\x1b\x1b",
    "\x1b[A",
    "\x1b[B",
    "\x1b[5~",
    "\x1b[6~",
)
EARLY: Final = 2000
_AT_ONCE: Final = 20


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak")
    parser.add_argument("--keys", type=int, default=20_000, help="how many are pressed (default: %(default)s)")
    asked = parser.parse_args()
    table = Table()
    with tempfile.TemporaryDirectory() as work:
        held = soak(Path(work), asked.keys)
    table.heading(f"memory of the window, beside that after {EARLY:,} keys")
    for pressed, mebibytes in held.items():
        table.add(f"after {pressed:,} keys", "MiB", mebibytes, f"{EARLY:,}", held[EARLY])
    sys.stdout.write(f"{table}\n")


def soak(work: Path, keys: int) -> dict[int, float]:
    """MiB held after so many keys, each 2,000."""
    from newsreader.reader import Reader

    archive = write_archive(work / "archive", [_story(n) for n in range(300)])
    with Reader.open(config_in(work / "home"), archive) as reader:
        ingested(reader)
    chance = random.Random(14)
    env = {"NEWSREADER_HOME": str(work / "home"), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    held: dict[int, float] = {}
    with Probe([sys.executable, "-m", "newsreader", str(archive)], size=(80, 24), env=env) as probe:
        probe.until(lambda screen: "/300" in screen)
        probe.settle(2.0)
        for pressed in range(_AT_ONCE, keys + 1, _AT_ONCE):
            probe.send("".join(chance.choices(KEYS, k=_AT_ONCE)))
            probe.rest()  # else keys wait in its memory, where the machine is busy
            probe.forget()
            if probe.ended:
                raise RuntimeError(f"it ended after {pressed} keys")
            if pressed % EARLY == 0:
                probe.settle(3.0)
                held[pressed] = probe.memory(alone=True)
    return held


def _story(n: int) -> Story:
    text = f"第{n}班渡轮在雾中离岸，码头上的钟比电台慢两分钟。 The tide table of day {n} is wrong by {n} minutes. " * (
        n % 40 + 1
    )
    return Story(n, time=n * 3_600_000, title=f"Low water {n} 低潮", text=text, topics=("tides",))


if __name__ == "__main__":
    main()
