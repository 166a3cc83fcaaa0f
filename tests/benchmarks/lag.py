"""What is still on its way when the last key was pressed: a held key over a line of 3 kB/s, answered and not.

The line is modelled by reading no faster; what the kernel's buffer of the terminal holds is on its way too. The lag is
the time from the last key to the last byte of the frame that answers it.

    python -m tests.benchmarks.lag PATH
"""

from __future__ import annotations

import argparse
import os
import select
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.terminal import KEYS, Terminal

RATE: Final = 3000
HELD_SECONDS: Final = 3.0
HELD: Final = {"j": 30, "PgDn": 10}
"""Keys, and how often a second they repeat."""
_QUIET: Final = 2.5
_ANSWERS: Final = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[c": b"\x1b[?62;22c"}


class SlowLine(Terminal):
    """A terminal behind a line of `RATE` bytes a second, which answers questions, if at all, once they came through."""

    answers = True

    def __enter__(self) -> SlowLine:
        return self

    def hold(self, key: str, times: int) -> float:
        """Repeat a key, and return the seconds from the last to the last byte that came."""
        data = KEYS.get(key, key.encode())
        begun = last_key = last_byte = time.perf_counter()
        pressed, taken = 0, 0
        while True:
            now = time.perf_counter()
            if pressed < times and now >= begun + pressed * HELD_SECONDS / times:
                os.write(self._master, data)
                pressed, last_key = pressed + 1, now
            room = int((now - begun) * RATE) - taken
            if room >= 16 and select.select([self._master], [], [], 0)[0]:
                came = os.read(self._master, room)
                taken, last_byte = taken + len(came), now
                self.raw += came
                self._answer(len(came))
            elif room > RATE // 20:
                taken = int((now - begun) * RATE) - RATE // 20  # a line that was idle saves nothing up
            if pressed == times and now - max(last_byte, last_key) > _QUIET:
                return max(last_byte - last_key, 0.0)
            time.sleep(0.002)

    def _read(self, timeout: float) -> bool:
        known = len(self.raw)
        came = super()._read(timeout)
        self._answer(len(self.raw) - known)
        return came

    def _answer(self, came: int) -> None:
        if self.answers:
            for question, answer in _ANSWERS.items():
                # A question may come in two pieces.
                for _ in range(self.raw.count(question, max(len(self.raw) - came - len(question) + 1, 0))):
                    os.write(self._master, answer)


def main() -> None:
    """Print the lags."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.lag", description=__doc__)
    parser.add_argument("path", help="an archive")
    path = str(Path(parser.parse_args().path).resolve())
    with tempfile.TemporaryDirectory() as home:
        for answers in (True, False):
            for key, rate in HELD.items():
                env = {"NEWSREADER_HOME": home}
                with SlowLine([sys.executable, "-m", "newsreader", path], env=env) as line:
                    line.answers = answers
                    line.wait_for("? ", timeout=120)
                    line.settle(3.0)
                    if "read?" in line.screen():
                        line.press("n")
                    lag = line.hold(key, int(rate * HELD_SECONDS))
                    how = "answered" if answers else "unanswered"
                    print(f"{key:5} {how:10} {lag:5.2f} s, {len(line.raw):,} bytes in all")


if __name__ == "__main__":
    main()
