"""`newsreader [PATH]`: the window."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Open the window on a path, the demo, or what was read last; on a terminal without a cursor, its plain kin."""
    # Importing makes many objects and no garbage: a tenth of the time to the first frame would be spent on looking
    # through them. The window turns the collector on again once it is shown.
    gc.disable()
    path, demo = _understood(arguments)
    from newsreader.config import load_config

    config = load_config(lenient=True)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        from newsreader.cli.messages import Refused

        raise Refused("", _NO_TERMINAL)
    from newsreader.reader import Reader
    from newsreader.ui.terminal.capabilities import detect

    is_dumb = detect(os.environ).is_dumb
    if is_dumb:
        gc.enable()
        from newsreader.cli.plain import read as window
    else:
        from newsreader.ui import run as window

    with Reader.open(config, path, demo=demo, later=not is_dumb) as reader:
        return window(config, reader)


_NO_TERMINAL = (
    'reading needs a terminal; in a script or pipe use "newsreader list", "newsreader show" or "newsreader export"'
)


def _understood(arguments: Sequence[str]) -> tuple[str | None, bool]:
    """(path, whether the demo is wanted). The usual two forms need no parser."""
    if not arguments:
        return None, False
    if len(arguments) == 1 and arguments[0] and not arguments[0].startswith("-"):
        return arguments[0], False
    return _parser_values(arguments)


def _parser_values(arguments: Sequence[str]) -> tuple[str | None, bool]:
    from newsreader import __version__
    from newsreader.cli import COMMANDS
    from newsreader.cli.arguments import Parser

    commands = "\n".join(f"  {name:12} {sentence}" for name, (_, sentence) in COMMANDS.items())
    parser = Parser(
        "",
        "Read an archive of news in the terminal: a folder, a .zip or .tar, or one dump.\n"
        "Without PATH: the added sources, else what was read last, else the built-in sample archive.",
        epilog=f"commands (newsreader COMMAND --help tells more; ./list is a folder of that name):\n{commands}\n\n"
        "exit codes: 0 done, 1 nothing found, 2 wrong usage or input, 3 some items failed\n"
        "NEWSREADER_HOME=DIR keeps settings, marks and index under DIR.",
    )
    parser.usage = "newsreader [PATH]\n       newsreader --demo\n       newsreader COMMAND ..."
    parser.add_argument("path", metavar="PATH", nargs="?", help="what to read")
    parser.add_argument("--demo", action="store_true", help="read the built-in sample archive, which teaches the keys")
    parser.add_argument("--version", action="version", version=f"newsreader {__version__}")
    given = parser.parse_args(arguments)
    if given.demo and given.path is not None:
        parser.error("--demo reads the built-in sample archive; it takes no PATH")
    if given.path == "":
        parser.error("PATH is empty")
    return given.path, given.demo
