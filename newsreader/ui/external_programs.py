"""Other programs: the browser, and those that a story is piped to.

Owns: finding and starting them. Decided only here: when there is a browser that the person would see. Never: a shell; a
URL that `safety.openable` has not let through.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Thread
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["opened", "none", "failed"]


def browser_of(environ: Mapping[str, str]) -> str | None:
    """The program that opens a URL where this person sits; None over SSH, and where there is no desktop."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return None
    if sys.platform == "darwin":
        return shutil.which("open", path=environ.get("PATH"))
    if not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return None
    return shutil.which("xdg-open", path=environ.get("PATH"))


def browse(url: str, environ: Mapping[str, str]) -> Outcome:
    """Open a safe URL; returns as soon as the opener has been started."""
    program = browser_of(environ)
    if program is None:
        return "none"
    try:
        opener = subprocess.Popen(
            [program, url],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return "failed"
    # Somebody has to see it end, or it stays in the table of processes as long as we do.
    Thread(target=opener.wait, name="browser", daemon=True).start()
    return "opened"


def pipe(argv: Sequence[str], text: str, environ: Mapping[str, str]) -> int | None:
    """Run a program on the terminal, which is its own meanwhile, with a text as its input; its exit code, None if it
    could not be started. Ctrl-C ends the program, not us."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        program = subprocess.Popen(list(argv), stdin=subprocess.PIPE, env=dict(environ))
        program.communicate(text.encode("utf-8", "replace"))
        return program.returncode
    except (OSError, ValueError):
        return None
    finally:
        signal.signal(signal.SIGINT, before)


def wait_for_enter(told: str) -> None:
    """Say something below what a program has printed, and let the person read it; Ctrl-C goes on as well."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with suppress(OSError, KeyboardInterrupt):
        terminal = os.open("/dev/tty", os.O_RDWR)
        try:
            os.write(terminal, f"\n{told}".encode())
            os.read(terminal, 4096)  # a line at a time: its mode is the shell's now
        finally:
            os.close(terminal)
    signal.signal(signal.SIGINT, before)
