"""What the commands' parsers have in common.

Decided only here: the usage's form, and that not even an argument reaches the terminal uncleaned.
"""

from __future__ import annotations

import argparse
from typing import NoReturn

from newsreader.cli import output
from newsreader.cli.messages import USAGE
from newsreader.safety import clean_line


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one sentence."""

    def __init__(self, command: str, description: str, *, epilog: str = "") -> None:
        super().__init__(
            prog=f"newsreader {command}".strip(),
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def _print_message(self, message: str, file: object = None) -> None:
        """Print help or version; argparse would pass over a full disk in silence."""
        output.put(message)

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 after one sentence and the usage."""
        output.narrate(message)
        output.narrate(clean_line(self.format_usage()))
        raise SystemExit(USAGE)


def width(text: str) -> int:
    """The value of --width: cells, 20 to 1000."""
    if not text.isascii() or not text.isdigit() or not 20 <= int(text[:6]) <= 1000:
        raise argparse.ArgumentTypeError(f'a width is a number of cells from 20 to 1000, not "{text}"')
    return int(text)


def count(text: str) -> int:
    """The value of --limit: a number, 1 or more."""
    if not text.isascii() or not text.isdigit() or not int(text[:18]):
        raise argparse.ArgumentTypeError(f'a limit is a number of rows from 1 on, not "{text}"')
    return int(text[:18])


def revision(text: str) -> int:
    """The value of --revision: a number, 1 or more."""
    if not text.isascii() or not text.isdigit() or not int(text[:18]):
        raise argparse.ArgumentTypeError(f'revisions are numbered from 1, the oldest, on; "{text}" is none')
    return int(text[:18])


def name(text: str) -> str:
    """The name of a source, topic or tag; bytes that are no text are replaced, as no name in the library has them."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def add_format(parser: argparse.ArgumentParser, formats: tuple[str, ...], default: str) -> None:
    """--format."""
    parser.add_argument("--format", choices=formats, default=default, help=f"what to print ({default} if not given)")


def add_all(parser: argparse.ArgumentParser) -> None:
    """--all."""
    parser.add_argument("--all", action="store_true", help="with what the page hides, which JSON always has")
