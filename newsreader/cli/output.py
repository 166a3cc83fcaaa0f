"""The two ways out: data on stdout, everything else on stderr.

Decided only here: when output is styled, and how wide a page is.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping

from newsreader.safety import clean_line

LONGEST = 2000
"""Characters of one sentence on stderr; a hostile file name may have more."""


def prepare() -> None:
    """Make any text writable: UTF-8 in pipes and files, what the locale says on a terminal, ? for all else."""
    _reopen()
    if not sys.warnoptions:  # what Python has to say of a library and a stranger's text is for nobody here
        warnings.showwarning = _unsaid
    for stream, errors in ((sys.stdout, "replace"), (sys.stderr, "backslashreplace")):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        if stream.isatty():
            reconfigure(errors=errors)
        else:
            reconfigure(encoding="utf-8", errors=errors, newline="\n")


def _unsaid(*_: object, **__: object) -> None:
    """In the place of what writes Python's warnings to stderr."""


def _reopen() -> None:
    """Fill the places of standard streams that were closed before we began (`>&-`), or the next file that is opened
    would take them. What is read there is empty; what is written to stdout fails, as it should."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def put(text: str) -> None:
    """Write data."""
    sys.stdout.write(text)


def narrate(sentence: str) -> None:
    """Tell the person something, on one line; what in it is not ours may be any text."""
    line = clean_line(sentence)
    if len(line) > LONGEST:
        line = line[:LONGEST] + "…"
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"newsreader: {line}\n")
        sys.stderr.flush()


def is_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout.isatty()


def is_styled(environ: Mapping[str, str] | None = None) -> bool:
    """Whether text is written with styles and links: on a terminal that is not a dumb one."""
    environ = os.environ if environ is None else environ
    return is_terminal() and environ.get("TERM", "dumb") not in ("", "dumb")


def has_colour(environ: Mapping[str, str] | None = None) -> bool:
    """Whether styled text may be coloured (https://no-color.org)."""
    environ = os.environ if environ is None else environ
    return not environ.get("NO_COLOR")


def columns() -> int:
    """The terminal's width in cells, at least 20; 80 where there is none."""
    import shutil

    return max(20, shutil.get_terminal_size((80, 24)).columns) if is_terminal() else 80


def drop_stdout() -> None:
    """Let the interpreter end without another try to write to whoever has gone."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def has_bar() -> bool:
    """Whether stderr is a terminal on which a bar can be drawn."""
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb")


@contextlib.contextmanager
def bar() -> Iterator[Callable[[int, int | None], None]]:
    """A bar on stderr, where that can have one; it is told (done, total) and gone at the end."""
    if not has_bar():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True, no_color=not has_colour(), highlight=False)
    shown = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    # What is printed meanwhile stands above the bar; that of a pipe or file goes there.
    with Progress(*shown, console=console, transient=True, redirect_stdout=is_terminal()) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
