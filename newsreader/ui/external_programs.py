"""Other programs: the browser, and those that a story is piped to. Decided only here: which browser, and whether it
takes the terminal. Nothing goes through a shell, and no URL that `safety.openable` has not let through."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from newsreader.files import put_whole

if TYPE_CHECKING:
    from newsreader.pictures import Embedded

_PICTURES_KEPT: Final = 15
_IN_TERMINAL: Final = frozenset({"elinks", "links", "links2", "lynx", "w3m", "www-browser"})


class Browser(NamedTuple):
    """A program that opens addresses: its words, the address in the place of %u or %s or at the end."""

    words: tuple[str, ...]

    @property
    def takes_terminal(self) -> bool:
        """Whether it shows pages in the terminal."""
        return Path(self.words[0]).name in _IN_TERMINAL

    def argv(self, url: str) -> list[str]:
        """The words for an address, which is one of them or a part of one."""
        words = [word.replace("%u", url).replace("%s", url) for word in self.words[1:]]
        return [self.words[0], *(words if words != list(self.words[1:]) else [*words, url])]


def browser_of(environ: Mapping[str, str], chosen: tuple[str, ...] = ()) -> Browser | None:
    """What opens an address for this person: the program chosen, else the first of $BROWSER (programs between colons)
    that there is, else the desktop's own; None over SSH and where there is no desktop."""
    if chosen:
        return Browser(chosen)
    for command in environ.get("BROWSER", "").split(":"):
        try:
            words = shlex.split(command)
        except ValueError:
            continue
        if words and shutil.which(words[0], path=environ.get("PATH")):
            return Browser(tuple(words))
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return None
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    if opener != "open" and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return None
    program = shutil.which(opener, path=environ.get("PATH"))
    return Browser((program,)) if program else None


def browse(browser: Browser, url: str, environ: Mapping[str, str]) -> bool:
    """Start a browser that needs no terminal on a safe URL, and leave it alone; False if it could not be started."""
    try:
        opener = subprocess.Popen(
            browser.argv(url),
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return False
    # Somebody has to see it end, or it stays in the table of processes as long as we do.
    Thread(target=opener.wait, name="browser", daemon=True).start()
    return True


def put_aside(folder: Path, picture: Embedded) -> Path:
    """The file in a folder of ours that holds a picture, for a program to show; the newest of those before are kept.
    Raises OSError."""
    from hashlib import blake2b

    for old in sorted(folder.iterdir(), key=os.path.getmtime)[:-_PICTURES_KEPT]:
        old.unlink(missing_ok=True)
    path = folder / f"{blake2b(picture.data, digest_size=8).hexdigest()}.{picture.form}"
    put_whole(path, picture.data)
    return path


def on_terminal(argv: Sequence[str], environ: Mapping[str, str], text: str | None = None) -> int | None:
    """Run a program on the terminal, which is its own meanwhile, with a text as its input if one is given; its exit
    code, None if it could not be started. Ctrl-C ends the program, not us."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        program = subprocess.Popen(list(argv), stdin=None if text is None else subprocess.PIPE, env=dict(environ))
        program.communicate(None if text is None else text.encode("utf-8", "replace"))
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
