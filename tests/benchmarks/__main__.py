"""`python -m tests.benchmarks`: one table of what newsreader costs; every ratio is of two figures of this run.

Machines differ and drift: what is compared takes turns, and the medians count. newsboat is compared with where it is
installed; the stories are those of the real archive, where there is one, else of the sample.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import newsreader
from tests.benchmarks import keys, newsboat, speed, start
from tests.benchmarks.table import Table
from tests.conftest import CORPUS

SAMPLE: Final = Path(newsreader.__file__).parent / "sample"


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="What newsreader costs, as ratios.")
    parser.add_argument("--archive", type=Path, help="whose stories (default: the real archive, else the sample)")
    parser.add_argument("--sizes", default="0,1000,100000", help="numbers of stories (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=9, help="starts of each program (default: %(default)s)")
    parser.add_argument("--work", type=Path, help="where indices are built and kept for the next run")
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    with _work(asked.work) as work:
        archive = asked.archive or _archive(work)
        table = Table()
        print(f"stories of {archive}; building indices of {asked.sizes} in {work}", file=sys.stderr)
        subjects = start.subjects(archive, sizes, work)
        start.measure(subjects, asked.rounds, table)
        middling = min(sizes, key=lambda size: abs(size - 1000))
        keys.measure(subjects, middling, table)
        speed.report(speed.measure(archive, 500), table)
        print(table)
    if not newsboat.installed():
        print("newsboat is not installed: nothing was compared with it", file=sys.stderr)


@contextlib.contextmanager
def _work(chosen: Path | None) -> Iterator[Path]:
    if chosen is None:
        with tempfile.TemporaryDirectory(prefix="newsreader-benchmarks-") as made:
            yield Path(made)
    else:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen.resolve()


def _archive(work: Path) -> Path:
    if not CORPUS.is_file():
        return SAMPLE
    home = work / "corpus"
    if not home.is_dir():
        with tarfile.open(CORPUS) as tar:
            tar.extractall(home, filter="data")
    return next(home.rglob("articles")).parent


if __name__ == "__main__":
    main()
