"""A program in a pty whose bytes are stamped as they are read: when frames come, what keys cost, how much memory.

The terminal emulator is fed afterwards, so that its slowness never delays a stamp. Times are in milliseconds.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.terminal import Terminal

_private = re.compile(rb"Pss:\s+(\d+) kB")
_answers = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[c": b"\x1b[?62;22c"}
_REST = 2.0
"""Milliseconds of processor time in 50 that are rest."""
_queries = re.compile(b"|".join(map(re.escape, _answers)))


class Press(NamedTuple):
    """What one key cost: from the key to the first and to the last byte that it caused, and how many there were."""

    first: float
    last: float
    size: int


class Probe(Terminal):
    """A program in a terminal of `size` that answers queries as modern ones do; `started` is when it was spawned."""

    def __init__(
        self, argv: Sequence[str], *, size: tuple[int, int], env: Mapping[str, str | None] | None = None
    ) -> None:
        self.stamps: list[tuple[float, int]] = []
        self._answered = 0
        self.started = time.perf_counter()
        super().__init__(argv, size=size, env=env)

    def __enter__(self) -> Probe:
        return self

    def until(self, shows: Callable[[str], bool], *, timeout: float = 120.0) -> float:
        """Milliseconds from the start to the byte that completed the first screen for which `shows` holds."""
        end = time.perf_counter() + timeout
        seen = 0
        while True:
            while seen < len(self.stamps):
                when, size = self.stamps[seen]
                seen += 1
                if shows(self._screen_after(size)):
                    return (when - self.started) * 1e3
            if self.ended or time.perf_counter() > end:
                raise TimeoutError(f"never shown (ended: {self.ended}):\n{self.screen()}")
            self._read(0.05)

    def strike(self, key: str, *, quiet: float = 0.06, first: float = 1.0) -> Press:
        """Press a key and read until nothing came for `quiet` seconds; ends of `nan` where nothing came."""
        before = len(self.stamps)
        size = len(self.raw)
        struck = time.perf_counter()
        self.send(key)
        self.settle(quiet, first=first)
        came = [when for when, _ in self.stamps[before:]] or [float("nan")]
        return Press((came[0] - struck) * 1e3, (came[-1] - struck) * 1e3, len(self.raw) - size)

    def rest(self) -> None:
        """Read until it has taken all that was sent, and does nothing any more."""
        spent = float("-inf")
        while self.processor() - spent > _REST and not self.ended:
            spent = self.processor()
            self.settle(0.05, limit=0.05)

    def alone(self) -> None:
        """Read until it has no children any more, and does nothing."""
        while len(family(self.pid)) > 1:
            self.settle(0.3, limit=0.3)
        self.rest()

    def forget(self) -> None:
        """Let go of what it has written so far."""
        self.raw, self.stamps, self._answered = bytearray(), [], 0

    def memory(self, *, alone: bool = False) -> float:
        """MiB that the program and, but for `alone`, its children hold, shared pages counted in parts (PSS)."""
        kib = 0
        for pid in [self.pid] if alone else family(self.pid):
            try:
                kib += int(_private.search(Path(f"/proc/{pid}/smaps_rollup").read_bytes())[1])  # type: ignore[index]
            except (OSError, TypeError):
                continue
        return kib / 1024

    def processor(self) -> float:
        """Milliseconds of processor time that the program and its children, as far as they live, have spent."""
        nanoseconds = 0
        for pid in family(self.pid):
            for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                try:
                    nanoseconds += int(thread.read_text().split()[0])
                except OSError:
                    continue
        return nanoseconds / 1e6

    def _read(self, timeout: float) -> bool:
        came = super()._read(timeout)
        if came:
            self.stamps.append((time.perf_counter(), len(self.raw)))
            for query in _queries.finditer(self.raw, self._answered):
                self.send(_answers[query[0]])
                self._answered = query.end()
        return came

    def _screen_after(self, size: int) -> str:
        whole, self.raw = self.raw, self.raw[:size]
        try:
            return self.screen()
        finally:
            self.raw = whole


def middle(values: Iterable[float]) -> float:
    """The median of the numbers among `values`, nan if there is none."""
    numbers = [value for value in values if value == value]
    return statistics.median(numbers) if numbers else float("nan")


def family(pid: int) -> list[int]:
    """The process and all that descend from it, but those that have ended and wait to be asked how."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        if not Path(f"/proc/{pid}/cmdline").read_bytes():
            return []
    except OSError:
        return []
    return [pid, *(member for child in text.split() for member in family(int(child)))]
