"""What a key costs: from the press to the last byte of the frame, and the bytes of it, against newsboat.

Both show one pane on the whole screen, and the same stories. Dialogs have nothing beside them but a key of the list; a
closing one waits 0.1 s for whether Esc begins a longer sequence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tests.benchmarks.probe import Press, Probe, middle
from tests.benchmarks.start import SIZE, Subject
from tests.benchmarks.table import Table


class Cost(NamedTuple):
    """Medians of presses of one key."""

    ms: float
    size: float


WHAT: Final = {
    "j": "j within the view",
    "scroll": "j that scrolls the list",
    "page": "PageDown in the list",
    "open": "opening a story",
    "line": "j in a story",
    "story page": "Space in a story",
}
DIALOGS: Final = {"the help": "?", "the sources": "gs", "the commands": ":"}


def measure(found: dict[str, Subject], size: int, table: Table) -> None:
    """Press the keys in newsreader and, where it is installed, in newsboat, with `size` stories."""
    table.heading(f"A key, {SIZE[0]}x{SIZE[1]}, one pane, {size:,} stories")
    ours = _newsreader(found[f"newsreader {size:,}"])
    boat = found.get(f"newsboat {size:,}")
    theirs = _newsboat(boat) if boat else {}
    for key, what in WHAT.items():
        other = theirs.get(key)
        table.add(f"{what}: time", "ms", ours[key].ms, "newsboat", other and other.ms)
        table.add(f"{what}: bytes", "bytes", ours[key].size, "newsboat", other and other.size)
    table.heading("A dialog, from its second opening on, beside j within the view")
    for what, cost in _dialogs(found[f"newsreader {size:,}"]):
        table.add(f"{what}: time", "ms", cost.ms, "j", ours["j"].ms)
        table.add(f"{what}: bytes", "bytes", cost.size, "j", ours["j"].size)


def _dialogs(subject: Subject) -> Iterator[tuple[str, Cost]]:
    with Probe(subject.argv, size=SIZE, env=subject.env) as probe:
        probe.until(subject.shows)
        probe.settle(1.0, limit=1.0)
        probe.alone()
        if "Mark them as read?" in probe.screen():
            probe.strike("n")
        for name, key in DIALOGS.items():
            costs: dict[str, list[Press]] = {}
            for _ in range(6):
                for what, pressed in (("opens", key), ("down", "Down"), ("a typed key", "e"), ("closes", "Esc")):
                    costs.setdefault(what, []).append(probe.strike(pressed, quiet=0.15))
            for what, presses in costs.items():
                yield f"{name}, {what}", _middle(presses[1:])


def _newsreader(subject: Subject) -> dict[str, Cost]:
    with Probe(subject.argv, size=SIZE, env=subject.env) as probe:
        probe.until(subject.shows)
        probe.settle(1.5)
        if "Mark them as read?" in probe.screen():
            probe.strike("n")
        while "─" * SIZE[0] in probe.screen():  # until one pane has the screen
            probe.strike("L", quiet=0.3)
        return _presses(probe, back="h")


def _newsboat(subject: Subject) -> dict[str, Cost]:
    with Probe(subject.argv, size=SIZE, env=subject.env) as probe:
        probe.until(subject.shows)
        probe.settle(0.5)
        probe.strike("Enter", quiet=0.5, first=60)
        return _presses(probe, back="q")


def _presses(probe: Probe, *, back: str) -> dict[str, Cost]:
    costs = {"j": _press(probe, "j", SIZE[1] - 12)}
    for _ in range(SIZE[1]):
        probe.strike("j", quiet=0.03)
    costs["scroll"] = _press(probe, "j", 40)
    costs["page"] = _press(probe, "PgDn", 12)
    opened, lines, pages = [], [], []
    for _ in range(5):
        opened.append(_press(probe, "Enter", 1, warm=0, quiet=0.3))
        lines.append(_press(probe, "j", 6, warm=2))
        pages.append(_press(probe, "Space", 1, warm=0))
        probe.strike(back, quiet=0.3)
        probe.strike("PgDn", quiet=0.3)
    for name, each in (("open", opened), ("line", lines), ("story page", pages)):
        costs[name] = Cost(middle(cost.ms for cost in each), middle(cost.size for cost in each))
    return costs


def _press(probe: Probe, key: str, times: int, *, warm: int = 3, quiet: float = 0.06) -> Cost:
    for _ in range(warm):
        probe.strike(key, quiet=quiet)
    return _middle([probe.strike(key, quiet=quiet) for _ in range(times)])


def _middle(presses: Sequence[Press]) -> Cost:
    return Cost(middle(press.last for press in presses), middle(press.size for press in presses if press.size))
