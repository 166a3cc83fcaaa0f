"""The door: `newsreader` as it is typed.

Decided only here: that nothing but one sentence reaches a person when something fails, and the only broad except of the
door.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from newsreader.errors import NewsreaderError

__all__ = ["COMMANDS", "main"]


COMMANDS = {
    "show": ("show", "print one story: a file, standard input, a URL, or an id"),
    "export": ("export", "print every story of files, folders, zips and tars; no library needed"),
    "list": ("rows", "print the headlines of the library"),
    "add": ("sources", "add a source to the library: a feed or other URL, a folder, a zip or tar, or one dump"),
    "search": ("search", "print the stories that a search finds, each with the sentence that shows why"),
    "rules": ("rules", "print what becomes of stories when they arrive, or apply it to all"),
    "remove": ("sources", "take a source out of the library; its files and your marks stay"),
    "sources": ("rows", "print the sources of the library, or what was added"),
    "fetch": ("fetching", "bring in what is new in feeds and remote archives"),
    "prune": ("fetching", "delete what was fetched and is past keeping"),
    "index": ("sources", "bring into the index what changed in the sources"),
    "mark": ("marking", "mark stories read or unread, star them"),
    "tag": ("marking", "give stories a tag, or print all tags"),
    "export-marks": ("marking", "write all marks as text for another machine"),
    "import-marks": ("marking", "take over the marks of another machine"),
    "export-opml": ("opml", "write the feeds and their tags as OPML, which other readers take"),
    "import-opml": ("opml", "add the feeds of another reader's OPML; nothing is fetched yet"),
    "stats": ("stats", "print how many stories there are, by source and by day"),
    "doctor": ("doctor", "check everything, and say what is wrong and what to do"),
    "where": ("where", "print where settings, marks and the index are; write the settings file"),
}
"""Each command: the module under `newsreader.cli` that has its `run(arguments) -> exit code`, and what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run newsreader with the arguments of a command line (without its first word) and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _guarded(arguments)
    except KeyboardInterrupt:
        return _interrupted()


def _guarded(arguments: list[str]) -> int:
    from newsreader.cli.output import drop_stdout, narrate, prepare
    from newsreader.errors import NewsreaderError, NoProcess

    prepare()
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        drop_stdout()  # whoever read our output has had enough
        return 0
    except NewsreaderError as error:
        return _told(error)
    except OSError as error:
        from newsreader.cli.messages import FAILED

        drop_stdout()
        narrate(f"{error.filename or 'the output'}: {error.strerror or error}")
        return FAILED
    except RuntimeError as error:
        limited = "new thread" in str(error)  # by what limits processes; Python knows no error of its own for it
        return _told(NoProcess(arguments[0], str(error))) if limited and arguments else _broken(error)
    except Exception as error:  # noqa: BLE001 - a person gets one sentence, the log gets the rest
        return _broken(error)


def _told(error: NewsreaderError) -> int:
    from newsreader.cli.messages import exit_code, sentence
    from newsreader.cli.output import narrate

    narrate(sentence(error))
    return exit_code(error)


def _dispatch(arguments: list[str]) -> int:
    name, _ = COMMANDS.get(arguments[0] if arguments else "", ("read", ""))
    module = import_module(f"newsreader.cli.{name}")
    try:
        code = module.run(arguments)
    except SystemExit as end:  # argparse ends so
        code = end.code
    assert isinstance(code, int)
    return code


def _broken(error: Exception) -> int:
    """Say that newsreader itself failed, and where the details are."""
    from newsreader.cli.messages import FAILED
    from newsreader.cli.output import drop_stdout, narrate

    log = ""
    try:
        import traceback

        from newsreader.config import places, write_private

        where = places()
        path = where.make(where.cache) / "crash.log"
        write_private(path, "".join(traceback.format_exception(error)).encode("utf-8", "replace").decode())
        log = f"; the details are in {path}"
    except Exception:  # noqa: BLE001 - there is nobody left to tell
        pass
    narrate(f"a fault of newsreader's own ended it ({type(error).__name__}: {error}){log}")
    drop_stdout()
    return FAILED


def _interrupted() -> NoReturn:
    """Leave at once and quietly, as the shell expects after Ctrl-C; what is half written stays so."""
    import contextlib

    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(130)
