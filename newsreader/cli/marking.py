"""`newsreader mark`, `tag`, `export-marks` and `import-marks`: marks from scripts, and to another machine.

Decided only here: that an id which names none does not keep the others from being marked, and how much is taken from
another machine at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from newsreader.archive.folder import read_file
from newsreader.cli import output
from newsreader.cli.arguments import Parser
from newsreader.cli.forms import Forms, add_forms, library, print_rows, tell_nothing, tell_notices
from newsreader.cli.messages import DONE, FAILED, NOTHING, Refused, sentence
from newsreader.config import load_config
from newsreader.errors import NotFound, StorageFailed
from newsreader.reader import Reader
from newsreader.safety import clean_line

_IDS_HELP = 'ids or their beginnings; "-" reads them from standard input, the first word of each line'
_TOLD = 5

_MOST_LINES, _MOST_BYTES = 1_000_000, 256 * 2**20
"""What is taken from another machine at once, all of it in memory."""


def run(arguments: Sequence[str]) -> int:
    """Mark, tag, export or import."""
    command, *rest = arguments
    return {"mark": _mark, "tag": _tag, "export-marks": _export, "import-marks": _import}[command](rest)


def _mark(arguments: Sequence[str]) -> int:
    parser = Parser(
        "mark",
        "Mark stories read or unread, star them or take their stars away, delete them or show them again.",
        epilog="example: newsreader list --source BBC --unread --tsv | newsreader mark - --read",
    )
    parser.add_argument("ids", metavar="ID", nargs="+", help=_IDS_HELP)
    read, star = parser.add_mutually_exclusive_group(), parser.add_mutually_exclusive_group()
    read.add_argument("--read", action="store_const", const=True, dest="read", help="mark them read")
    read.add_argument("--unread", action="store_const", const=False, dest="read", help="mark them unread")
    star.add_argument("--star", action="store_const", const=True, dest="star", help="star them")
    star.add_argument("--unstar", action="store_const", const=False, dest="star", help="take their stars away")
    delete = parser.add_mutually_exclusive_group()
    delete.add_argument(
        "--delete",
        action="store_const",
        const=True,
        dest="delete",
        help="delete them: no view shows them, and what was fetched of them goes at the next prune",
    )
    delete.add_argument("--undelete", action="store_const", const=False, dest="delete", help="show deleted ones again")
    given = parser.parse_args(arguments)
    if given.read is given.star is given.delete is None:
        parser.error("say how to mark them: --read, --unread, --star, --unstar, --delete or --undelete")
    with library(load_config()) as (reader, _):
        reader.marks.for_command()
        stories, code = _resolved(reader, given.ids, deleted=given.delete is False)
        if given.delete is False:
            reader.marks.undelete(stories)
        if given.read is not None:
            reader.marks.mark_read(stories, given.read)
        if given.star is not None:
            reader.marks.star(stories, given.star)
        if given.delete:
            reader.marks.delete(stories)
        return _kept(reader, code)


def _tag(arguments: Sequence[str]) -> int:
    parser = Parser(
        "tag",
        "Give stories a tag, or take it away; without arguments print the tags and how many stories carry each.",
        epilog="A tag has 1 to 64 characters and no comma.",
    )
    parser.add_argument("name", metavar="TAG", nargs="?", help="the tag")
    parser.add_argument("ids", metavar="ID", nargs="*", help=_IDS_HELP)
    parser.add_argument("--remove", action="store_true", help="take the tag away")
    add_forms(parser)
    given = parser.parse_args(arguments)
    config = load_config()
    with library(config) as (reader, _):
        if given.name is None:
            forms: Forms = {"json": _tag_json, "jsonl": _tag_json, "tsv": _tag_tsv, "text": _tag_line}
            found = print_rows(reader.tags(), given.form, forms, config.settings.timezone)
            if not found:
                tell_nothing(reader, config, 'none of the {stories} has a tag; "newsreader tag NAME ID" gives one')
            return DONE if found else NOTHING
        if not given.ids:
            parser.error(f'say which stories: newsreader tag "{given.name}" ID...')
        stories, code = _resolved(reader, given.ids)
        reader.marks.for_command()
        try:
            reader.marks.tag(stories, given.name, not given.remove)
        except ValueError:
            parser.error(f'"{given.name}" cannot be a tag: that has 1 to 64 visible characters and no comma')
        return _kept(reader, code)


def _kept(reader: Reader, code: int) -> int:
    """The exit code of what was marked: a script must learn that it does not last."""
    tell_notices(reader)
    if reader.marks.are_kept:
        return code
    output.narrate('what was marked here does not last; "newsreader doctor" says more')
    return FAILED


def _resolved(reader: Reader, words: Iterable[str], *, deleted: bool = False) -> tuple[list[str], int]:
    """The stories that are meant, and the exit code: what names none is told."""
    found: dict[str, None] = {}
    failed = 0
    for word in _ids(words):
        try:
            found[reader.resolve(word, deleted=deleted)] = None
        except NotFound as error:
            failed += 1
            if failed <= _TOLD:
                output.narrate(sentence(error))
    if failed > _TOLD:
        output.narrate(f"and {failed - _TOLD} more ids name no story")
    return list(found), FAILED if failed and found else NOTHING if failed else DONE


def _ids(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        if word != "-":
            yield word
            continue
        for line in sys.stdin:
            if first := line.split(maxsplit=1):
                yield first[0]


def _tag_json(row: Any) -> dict[str, Any]:
    return {"name": row[0], "stories": row[1]}


def _tag_tsv(row: Any, zone: tzinfo) -> str:
    return f"{clean_line(row[0])}\t{row[1]}"


def _tag_line(row: Any, zone: tzinfo) -> str:
    return f"{row[1]:8}  {clean_line(row[0])}"


# --- to another machine -------------------------------------------------------------------------------------------


def _export(arguments: Sequence[str]) -> int:
    parser = Parser(
        "export-marks",
        "Write all marks as text, one a line: time, mark, value and story; `import-marks` reads it on another machine.",
    )
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="where to write (standard output)")
    given = parser.parse_args(arguments)
    with Reader.open(load_config()) as reader:
        tell_notices(reader)
        if not reader.marks.are_read:
            output.narrate("no marks are written, as yours cannot be read")
            return FAILED
        lines = (line + "\n" for line in reader.marks.lines())
        if given.file == "-":
            for line in lines:
                output.put(line)
        else:
            from newsreader.config import write_private

            try:
                write_private(Path(given.file), "".join(lines))
            except (OSError, ValueError) as error:
                raise StorageFailed(given.file, getattr(error, "strerror", None) or str(error)) from None
    tell_notices(reader)
    return DONE


def _import(arguments: Sequence[str]) -> int:
    parser = Parser(
        "import-marks",
        "Take over the marks of another machine, as `export-marks` wrote them. Of each mark the later change wins.",
    )
    parser.add_argument("file", metavar="FILE", help='what to read; "-" is standard input')
    given = parser.parse_args(arguments)
    with Reader.open(load_config()) as reader:
        reader.marks.for_command()
        told = reader.marks.take_over(_lines(given.file))
        tell_notices(reader)
        if not reader.marks.are_kept:
            output.narrate("no marks are taken over, as they cannot be kept")
            return FAILED
    output.narrate(f"{told.taken:,} marks taken over, {told.older:,} older than yours or the same")
    if not told.bad:
        return DONE
    places = ", ".join(map(str, told.bad[:_TOLD])) + (" ..." if len(told.bad) > _TOLD else "")
    if not told.taken and not told.older:
        raise Refused(given.file, f'"{given.file}" holds no marks: line {places} is none')
    output.narrate(f'"{given.file}": {len(told.bad):,} lines are no marks and were passed over: line {places}')
    return FAILED


def _lines(file: str) -> Iterable[str]:
    if file != "-" and not os.path.lexists(file):
        raise NotFound(file)
    most = _MOST_BYTES + 1
    text = sys.stdin.buffer.read(most) if file == "-" else read_file(file, most, cut=True)
    if len(text) > _MOST_BYTES or text.count(b"\n") > _MOST_LINES:
        limit = f"{_MOST_LINES:,} lines or {_MOST_BYTES // 2**20} MB"
        raise Refused(file, f'"{file}" has more than {limit}, which is as much as is taken at once: split it')
    return text.decode("utf-8", "replace").splitlines()
