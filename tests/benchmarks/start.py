"""From exec to the first usable frame, and what is held and done then, at several numbers of stories.

Usable means: headlines are on the screen, and a key that was typed at once has its effect. Both are told apart.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from tests.benchmarks import minimal, newsboat, stories
from tests.benchmarks.probe import Probe, middle
from tests.benchmarks.table import Table

SIZE: Final = (80, 24)
IDLE_SECONDS: Final = 6.0
MINIMAL: Final = "minimal Textual"
SQLITE: Final = "import sqlite3"


class Subject(NamedTuple):
    """A program to start: its first frame shows `shows`; after `key`, typed at once, it shows `answers`. Without a key
    it ends of itself."""

    name: str
    argv: list[str]
    env: Mapping[str, str]
    shows: Callable[[str], bool]
    key: str = ""
    answers: Callable[[str], bool] = lambda _: True


class Figures(NamedTuple):
    """Medians: milliseconds to the headlines and to the answer, MiB, and bytes and processor time while idle."""

    headlines: float
    answer: float
    memory: float
    idle_bytes: float
    idle_ms: float


def subjects(archive: Path, sizes: list[int], work: Path) -> dict[str, Subject]:
    """Python that imports sqlite3, the minimal app, newsreader at each size, and newsboat at each size where it is
    installed; by name."""
    ready = "import sqlite3; print('imported')"
    found = [
        Subject(SQLITE, [sys.executable, "-c", ready], {}, lambda screen: "imported" in screen),
        Subject(
            MINIMAL,
            [sys.executable, "-m", "tests.benchmarks.minimal"],
            {},
            lambda screen: minimal.READY in screen,
            "j",
            lambda screen: minimal.ANSWER in screen,
        ),
    ]
    for size in sizes:
        home = work / f"newsreader-{size}"
        path = stories.prepare(archive, size, home)
        found.append(_newsreader(size, path, home))
        if size and newsboat.installed():
            argv = newsboat.prepare(archive, size, work)
            found.append(
                Subject(
                    f"newsboat {size:,}",
                    argv,
                    {},
                    lambda screen: newsboat.FEED in screen,
                    "Enter",
                    lambda screen: "Articles in feed" in screen,
                )
            )
    return {subject.name: subject for subject in found}


def _newsreader(size: int, path: Path, home: Path) -> Subject:
    argv = [sys.executable, "-m", "newsreader", str(path)]
    env = {"NEWSREADER_HOME": str(home)}
    if not size:
        return Subject(_ours(0), argv, env, lambda s: "No stories" in s, "?", lambda s: "redraw" in s or "Move" in s)
    return Subject(_ours(size), argv, env, _shows_headlines, "j", lambda screen: "2/" in screen.splitlines()[-1])


def _shows_headlines(screen: str) -> bool:
    return sum(line.startswith(("* ", "  ")) and ":" in line[:9] for line in screen.splitlines()) >= 4


def _ours(size: int) -> str:
    return f"newsreader {size:,}"


def measure(found: dict[str, Subject], rounds: int, table: Table) -> None:
    """Start them all in turns, and put what came of it into the table."""
    shown: dict[str, list[float]] = {name: [] for name in found}
    answered: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(rounds + 1):
        for name, subject in found.items():
            with Probe(subject.argv, size=SIZE, env=subject.env) as probe:
                shown[name].append(probe.until(subject.shows))
            if not subject.key:
                continue
            with Probe(subject.argv, size=SIZE, env=subject.env) as probe:
                probe.send(subject.key)
                answered[name].append(probe.until(subject.answers))
    figures = {
        name: Figures(middle(shown[name][1:]), middle(answered[name][1:]), *_at_rest(subject))
        for name, subject in found.items()
        if subject.key
    }
    _report(figures, middle(shown[SQLITE][1:]), table)


def _at_rest(subject: Subject) -> tuple[float, float, float]:
    with Probe(subject.argv, size=SIZE, env=subject.env) as probe:
        probe.until(subject.shows)
        probe.settle(1.0, limit=1.0)
        probe.alone()
        memory, spent, size = probe.memory(), probe.processor(), len(probe.raw)
        until = time.perf_counter() + IDLE_SECONDS
        while (left := until - time.perf_counter()) > 0:
            probe.settle(left)
        return memory, len(probe.raw) - size, probe.processor() - spent


def _report(figures: dict[str, Figures], sqlite: float, table: Table) -> None:
    base = figures[MINIMAL]
    ours = [name for name in figures if name.startswith("newsreader")]
    table.heading("From exec, 80x24")
    for name in ours:
        other = name.replace("newsreader", "newsboat")
        table.add(f"{name}: headlines", "ms", figures[name].headlines, SQLITE, sqlite)
        table.add(f"{name}: answer to a key typed at once", "ms", figures[name].answer, MINIMAL, base.answer)
        if other in figures:
            table.add(f"{name}: list open", "ms", figures[name].headlines, "newsboat", figures[other].answer)
    table.heading("Memory (PSS, with children)")
    for name in ours:
        other = name.replace("newsreader", "newsboat")
        table.add(name, "MiB", figures[name].memory, MINIMAL, base.memory)
        if other in figures:
            table.add(name, "MiB", figures[name].memory, "newsboat", figures[other].memory)
    table.heading(f"Idle for {IDLE_SECONDS:.0f} s")
    for name in ours:
        table.add(f"{name}: bytes sent", "bytes", figures[name].idle_bytes)
        table.add(f"{name}: processor", "ms", figures[name].idle_ms, MINIMAL, base.idle_ms)
