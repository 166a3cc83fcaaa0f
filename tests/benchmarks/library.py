"""`python -m tests.benchmarks.library`: what the size of the library costs, and indexing and rescanning it.

Every ratio is of two figures of this run: a question asked of a large library and of a small one; indexing beside the
bare extraction of the text; a rescan of unchanged dumps beside `find -newer` over the same files.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from newsreader.archive import open_archive
from newsreader.config import load_config
from newsreader.dump import decode, encode
from newsreader.reader import Reader, View
from tests.benchmarks import shelves
from tests.benchmarks.probe import Probe, middle
from tests.benchmarks.speed import _bare
from tests.benchmarks.table import Table

ROUNDS: Final = 15
STARTS: Final = 5


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.library")
    parser.add_argument("--sizes", default="10000,100000", help="numbers of stories (default: %(default)s)")
    parser.add_argument("--work", type=Path, required=True, help="where libraries are made, and kept for the next run")
    parser.add_argument("--archive", type=Path, help="dumps to index and rescan")
    parser.add_argument("--files", type=int, default=20_000, help="how many files are rescanned (default: %(default)s)")
    asked = parser.parse_args()
    table = Table()
    ask(asked.work, [int(size) for size in asked.sizes.split(",")], table)
    look(asked.work, [int(size) for size in asked.sizes.split(",")], table)
    if asked.archive is not None:
        rescan(asked.work, asked.archive, asked.files, table)
    sys.stdout.write(f"{table}\n")


def ask(work: Path, sizes: list[int], table: Table) -> None:
    """What the list asks of a library, at each size beside the smallest one."""
    found = {size: _questions(work / f"made-{size}", size) for size in sizes}
    small = found[sizes[0]]
    for size in sizes:
        table.heading(f"{size:,} stories: milliseconds, beside {sizes[0]:,}")
        for what, milliseconds in found[size].items():
            table.add(what, "ms", milliseconds, f"{sizes[0]:,}", small[what])


def _questions(home: Path, size: int) -> dict[str, float]:
    config = shelves.make(home, size, read=0.5)

    def opened() -> object:
        with Reader.open(config) as reader:
            return reader.rows().counts(), reader.rows().page()

    with Reader.open(config) as reader:
        view = View()
        while reader.changed():
            pass
        middle = reader.rows(view).nth(size // 2)
        source = max(reader.sources(), key=lambda row: row.stories).name
        assert middle is not None
        some = [row.id for row in reader.rows(view).page(limit=ROUNDS + 1)]
        marks = iter([*some, *some])
        titles = view._replace(sort="title")
        first = reader.rows(titles).page(limit=64)[-1].place
        return {
            "open, count, first page": _middle(opened),
            "next page": _middle(lambda: reader.rows(view).page(after=middle.place)),
            "page before": _middle(lambda: reader.rows(view).page(before=middle.place)),
            "end of the list": _middle(lambda: reader.rows(view).last()),
            "where a row stands": _middle(lambda: reader.rows(view).rank(middle.place)),
            "row by its number": _middle(lambda: reader.rows(view).nth(size // 3)),
            "a source: count and first page": _middle(lambda: _first(reader, View(source=source))),
            "unread: count and first page": _middle(lambda: _first(reader, View(unread=True))),
            "a topic: first page": _middle(lambda: reader.rows(View(topic="topic 3")).page()),
            "by title: next page": _middle(lambda: reader.rows(titles).page(after=first)),
            "all sources with their counts": _middle(reader.sources),
            "one star": _middle(lambda: reader.marks.star([next(marks)])),
            "a tick with nothing new": _middle(reader.changed),
        }


def _first(reader: Reader, view: View) -> object:
    return reader.rows(view).counts(), reader.rows(view).page()


def _middle(question: Callable[[], object]) -> float:
    """The median of a question's milliseconds."""
    question()
    gc.collect()
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        question()
        spent.append((time.perf_counter() - began) * 1e3)
    return statistics.median(spent)


def look(work: Path, sizes: list[int], table: Table) -> None:
    """What the window costs on a library, at each size beside the smallest one."""
    found = {size: _window(work / f"made-{size}") for size in sizes}
    for size in sizes:
        table.heading(f"the window on {size:,} stories, beside {sizes[0]:,}")
        for what, (figure, unit) in found[size].items():
            table.add(what, unit, figure, f"{sizes[0]:,}", found[sizes[0]][what][0])


def _window(home: Path) -> dict[str, tuple[float, str]]:
    starts = []
    for _ in range(STARTS):
        with _opened(home) as probe:
            starts.append(probe.until(lambda screen: " unread" in screen))
    with _opened(home) as probe:
        probe.until(lambda screen: " unread" in screen)
        probe.settle(2.0)
        if "Mark them as read?" in probe.screen():
            probe.strike("n")

        def press(keys: str, times: int) -> tuple[float, str]:
            return middle(probe.strike(keys).last for _ in range(times)), "ms"

        return {
            "headlines": (middle(starts), "ms"),
            "j": press("j", 30),
            "PageDown": press("PgDn", 20),
            "G and gg": (middle(probe.strike(key).last for key in ("G", "gg") * 5), "ms"),
            "a source, and all again": (middle(_narrowed(probe) for _ in range(5)), "ms"),
            "memory, without what indexes beside it": (probe.memory(alone=True), "MiB"),
        }


def _narrowed(probe: Probe) -> float:
    probe.strike("gs")
    probe.strike("Ferry")
    narrowed = probe.strike("Enter").last
    probe.strike("Esc")
    return narrowed


def _opened(home: Path) -> Probe:
    env = {"NEWSREADER_HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    return Probe([sys.executable, "-m", "newsreader"], size=(80, 24), env=env)


def rescan(work: Path, archive: Path, files: int, table: Table) -> None:
    """Indexing so many dumps, then looking for changes where there are none."""
    root = work / f"files-{files}"
    if not root.exists():
        _copies(archive, root, files)
    config = load_config({"NEWSREADER_HOME": str(work / "home-of-files")})
    with Reader.open(config, root) as reader:
        reader.target.index.unlink(missing_ok=True)
    with Reader.open(config, root) as reader:
        indexed = _once(lambda: list(reader.ingest()))
        reader.changed()
        stories = reader.rows().counts().stories
        dumps = _some(archive, 500)
        bare = _once(lambda: [_bare(decode(data)) for data in dumps])
        table.heading(f"{files:,} dumps, {stories:,} stories")
        table.add("indexed", "dumps/s", files / indexed, "bare lxml, a core", len(dumps) / bare)
        stamp = work / "stamp"
        stamp.touch()
        again = statistics.median(_once(lambda: list(reader.ingest())) for _ in range(5))
        find = ["find", str(root), "-newer", str(stamp)]
        found = statistics.median(
            _once(lambda: subprocess.run(find, check=True, capture_output=True)) for _ in range(5)
        )
        table.add("looked at again, all unchanged", "ms", again * 1e3, "find -newer", found * 1e3)
        table.add("a tick", "ms", _middle(reader.stale))


def _find(root: Path, stamp: Path) -> object:
    return subprocess.run(["find", str(root), "-newer", str(stamp)], check=True, capture_output=True)


def _copies(archive: Path, root: Path, files: int) -> None:
    """The dumps of an archive again and again, each time at other URLs."""
    made = lap = 0
    while made < files:
        with open_archive(archive) as opened:
            for entry in opened.entries():
                if made >= files or not isinstance(entry, tuple):
                    continue
                member, data = entry
                dump = decode(data)
                path = root / f"{lap:03}" / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(encode(replace(dump, url=f"https://copy-{lap}.example/{made}")))
                made += 1
        lap += 1


def _some(archive: Path, count: int) -> list[bytes]:
    with open_archive(archive) as opened:
        return [entry[1] for entry in opened.entries() if isinstance(entry, tuple)][:count]


def _once(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
