"""A terminal in a pty that answers as a modern one does, or later, or never."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from tests.terminal import Terminal

_questions = re.compile(rb"\x1b\[\?2026\$p|\x1b\[c")
_ANSWERS = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[c": b"\x1b[?62;22c"}
MODERN = frozenset(_ANSWERS)


class Answering(Terminal):
    """The app of tests.wire_app on our driver. Questions in `knows` are answered at once, or while `holds` when
    `release` is called.
    """

    def __init__(
        self,
        *words: str,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str | None] | None = None,
        knows: frozenset[bytes] = MODERN,
        shell: str = "",
    ) -> None:
        self.knows = knows
        self.holds = False
        self.asked: list[bytes] = []
        self._heard = 0
        argv: Sequence[str] = [sys.executable, "-m", "tests.wire_app", *words]
        if shell:
            argv = ["/bin/sh", "-c", shell + ' exec "$0" "$@"', *argv]
        super().__init__(
            argv,
            size=size,
            env={"TEXTUAL_COLOR_SYSTEM": "truecolor", **(env or {})},
            cwd=str(Path(__file__).parents[1]),
            warm=not shell,
        )

    def __enter__(self) -> Self:
        return self

    def release(self) -> None:
        """Answer what was asked meanwhile."""
        asked, self.asked = self.asked, []
        for question in asked:
            os.write(self._master, _ANSWERS[question])

    def mode(self) -> list[Any]:
        """The terminal's attributes."""
        return termios.tcgetattr(self._master)

    def state(self) -> str:
        """The process's state as in /proc: S sleeps, T is stopped, Z has ended."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]

    def stopped(self) -> None:
        """Wait until the process is stopped, and read what it wrote before."""
        self.wait_for(lambda _: self.state() == "T")
        self.settle(0.05)

    def goes_on(self, shown: str) -> None:
        """Let a stopped process go on, and wait until it shows that, painted anew."""
        sent = len(self.raw)
        self.signal(signal.SIGCONT)
        self.wait_for(lambda screen: b"\x1b[2J" in self.raw[sent:] and screen == shown)

    def switches(self) -> int:
        """How often the process's threads have woken so far."""
        total = 0
        for status in Path(f"/proc/{self.pid}/task").glob("*/status"):
            for line in status.read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    total += int(line.split()[1])
        return total

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        os.close(self._master)
        self.ended = True
        self._master = os.open(os.devnull, os.O_RDWR)

    def _read(self, timeout: float) -> bool:
        came = super()._read(timeout)
        for question in _questions.finditer(self.raw, self._heard):
            self._heard = question.end()
            if question[0] in self.knows:
                self.asked.append(question[0])
        if not self.holds:
            self.release()
        return came
