"""How the window ends on bad lines: seconds to the end of every process, what they spent meanwhile, what is restored.

    python -m tests.benchmarks.endings [PATH] [--term TERM ...]

Owns: these trials. "Closed" is a terminal whose other end is gone, "deaf" one that takes nothing any more; with
"ignored" SIGHUP is ignored, as under nohup. What a process spends that does not end shows what it would spin away.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.benchmarks.probe import Probe, family

_SAMPLE: Final = Path(__file__).parents[2] / "newsreader" / "sample"
_PATIENCE: Final = 2.0
_IGNORED: Final = 'trap "" HUP; exec "$0" "$@"'
_LEFT: Final = b"\x1b[?25h"


class Line(Probe):
    """newsreader on a line that is about to break."""

    def __init__(self, path: Path, home: Path, term: str, *, ignored: bool = False) -> None:
        argv = [sys.executable, "-m", "newsreader", str(path)]
        if ignored:
            argv = ["/bin/sh", "-c", _IGNORED, *argv]
        super().__init__(argv, size=(80, 24), env={"NEWSREADER_HOME": str(home), "TERM": term})

    def __enter__(self) -> Line:
        return self

    def opened(self) -> Line:
        """Once the list stands."""
        self.until(lambda screen: "help" in screen)
        self.settle(1.0)
        return self

    def mode(self) -> list[object]:
        """The terminal's attributes."""
        return termios.tcgetattr(self._master)

    def break_off(self) -> None:
        """Close the other end."""
        os.close(self._master)
        self.ended = True
        self._master = os.open(os.devnull, os.O_RDWR)

    def ends(self, *, reads: bool = True) -> str:
        """How long all its processes live from now on, and what they spend."""
        begun = time.perf_counter()
        living, gone = family(self.pid), 0.0
        while time.perf_counter() - begun < _PATIENCE and living:
            if reads:
                self._read(0.001)
            self._program.poll()
            living = [pid for pid in living if _lives(pid)]
            gone = time.perf_counter() - begun
            time.sleep(0.001)
        code = None if living else self._program.wait()
        before = self.processor()
        time.sleep(_PATIENCE if living else 0)
        left = f"NOT ENDED, {self.processor() - before:.0f} ms spent in {_PATIENCE:.0f} s"
        return f"{left if living else f'{gone:5.3f} s'}, code {code}"


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _signal(number: int) -> Callable[[Line], str]:
    def trial(line: Line) -> str:
        before = len(line.raw)
        line.signal(number)
        said = line.ends()
        line.settle(0.1)
        restored = line.raw[before:].endswith(_LEFT) and b"Traceback" not in line.raw
        return f"{said}, terminal {'restored' if restored else 'NOT RESTORED'}"

    return trial


def _closed(line: Line) -> str:
    line.break_off()
    return line.ends(reads=False)


def _deaf(line: Line) -> str:
    for n in range(150):
        line.send("G" if n % 2 else "gg")
        time.sleep(0.005)
    spent = line.processor()
    time.sleep(_PATIENCE)
    spent = line.processor() - spent
    line.signal(signal.SIGTERM)
    return f"{line.ends(reads=False)}, {spent:.0f} ms spent in {_PATIENCE:.0f} s without a reader"


def _stopped(line: Line) -> str:
    shown = line.screen()
    line.signal(signal.SIGTSTP)
    line.settle(0.3)
    stopped = Path(f"/proc/{line.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    line.signal(signal.SIGCONT)
    line.settle(0.5)
    return f"{'stopped' if stopped else 'NOT STOPPED'}, {'shown again' if line.screen() == shown else 'NOT SHOWN'}"


def _resized(line: Line) -> str:
    line.press("gg")  # from elsewhere the list may come back scrolled otherwise
    shown, spent = line.screen(), line.processor()
    for n in range(200):
        line.resize(1 + n * 37 % 120, 1 + n * 11 % 50)
        line.settle(0.01)
    for size in ((0, 0), (1, 1), (80, 24)):
        line.resize(*size)
        line.settle(0.3)
    spent = line.processor() - spent
    before = line.processor()
    time.sleep(_PATIENCE)
    resting = line.processor() - before
    same = line.screen() == shown
    return f"{'the same' if same else 'ANOTHER'} screen, {spent:.0f} ms spent, {resting:.0f} ms in the 2 s after"


TRIALS: Final[dict[str, tuple[bool, Callable[[Line], str]]]] = {
    "SIGTERM": (False, _signal(signal.SIGTERM)),
    "SIGHUP": (False, _signal(signal.SIGHUP)),
    "SIGQUIT": (False, _signal(signal.SIGQUIT)),
    "closed": (False, _closed),
    "closed, SIGHUP ignored": (True, _closed),
    "deaf, then SIGTERM": (False, _deaf),
    "stop and go on": (False, _stopped),
    "200 sizes, 0x0, 1x1": (False, _resized),
}


def main() -> None:
    """Print what every trial said."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.endings", description="How the window ends.")
    parser.add_argument("path", nargs="?", type=Path, default=_SAMPLE, help="an archive (default: the sample)")
    parser.add_argument("--term", nargs="*", default=["xterm-256color"])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        for term in asked.term:
            for name, (ignored, trial) in TRIALS.items():
                with Line(asked.path, Path(home), term, ignored=ignored) as line:
                    line.opened()
                    print(f"{term:16} {name:24} {trial(line)}", flush=True)
            with Line(asked.path, Path(home) / f"new-{term}", term) as line:
                while len(family(line.pid)) < 2:
                    line.settle(0.01)
                print(f"{term:16} {'closed while it indexes':24} {_closed(line)}", flush=True)


if __name__ == "__main__":
    main()
