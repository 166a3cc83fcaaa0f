"""`newsreader list` and `newsreader sources`: the library's rows on stdout.

Owns: their options and forms. Decided only here: the columns of text and TSV. Never: loading what only the window or
the parser needs; an index that is there is only read.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeAlias

from newsreader.article import Summary, summary_to_json
from newsreader.cli import output
from newsreader.cli.arguments import Parser, count
from newsreader.cli.moments import understood, written
from newsreader.cli.words import DONE, FAILED, NOTHING, left_out
from newsreader.config import Config, load_config
from newsreader.reader import Reader, View
from newsreader.safety import cell_width, clean_line, safe_json

_Forms: TypeAlias = dict[str, Callable[..., Any]]
_PAGE = 500
_SOURCE_CELLS = 14


def run(arguments: Sequence[str]) -> int:
    """Print headlines or sources."""
    return _list(arguments[1:]) if arguments[0] == "list" else _sources(arguments[1:])


# --- list ---------------------------------------------------------------------------------------------------------


def _list(arguments: Sequence[str]) -> int:
    parser = Parser(
        "list",
        "Print the headlines of the library, newest first.",
        epilog="D: 2020-07-20, 2020-07-20T18:00, today, yesterday, or how long ago: 12h, 3d, 2w.\n"
        "--tsv has the columns id, published, read, starred, source, title, url.",
    )
    parser.add_argument("--source", metavar="S", help="only stories of this source")
    parser.add_argument("--since", metavar="D", help="only stories from then on")
    parser.add_argument("--until", metavar="D", help="only stories before then; of a day, to its end")
    parser.add_argument("--unread", action="store_true", help="only unread stories")
    parser.add_argument("--starred", action="store_true", help="only starred stories")
    parser.add_argument("--topic", metavar="T", help="only stories of this topic")
    parser.add_argument("--limit", metavar="N", type=count, help="at most so many")
    _add_forms(parser)
    given = parser.parse_args(arguments)
    config = load_config()
    zone = config.settings.timezone
    view = View(
        source=given.source,
        unread=given.unread,
        starred=given.starred,
        since=_moment(parser, "--since", given.since, zone),
        until=_moment(parser, "--until", given.until, zone, end=True),
        topic=given.topic,
    )
    with _library(config) as (reader, failed):
        forms: _Forms = {"json": summary_to_json, "jsonl": summary_to_json, "tsv": _tsv, "text": _line}
        found = _print(_rows(reader, view, given.limit), given.form, forms, zone)
    return FAILED if failed else DONE if found else NOTHING


def _moment(parser: Parser, option: str, text: str | None, zone: tzinfo, *, end: bool = False) -> int | None:
    if text is None:
        return None
    moment = understood(text, zone, datetime.now(UTC), end=end)
    if moment is None:
        parser.error(f'{option} takes a date such as 2020-07-20, or how long ago, such as 3d; not "{text}"')
    return moment


def _rows(reader: Reader, view: View, limit: int | None) -> Iterator[Summary]:
    after = None
    left = limit
    while left is None or left > 0:
        rows = reader.page(view, after=after, limit=_PAGE if left is None else min(_PAGE, left))
        if not rows:
            return
        yield from rows
        after = rows[-1].place
        left = None if left is None else left - len(rows)


def _tsv(row: Summary, zone: tzinfo) -> str:
    published = written(row.published, row.precision, zone)
    marks = "read" if row.read else "unread", "starred" if row.starred else ""
    return "\t".join(map(clean_line, (row.id, published, *marks, row.source, row.title, row.url)))


def _line(row: Summary, zone: tzinfo) -> str:
    """One row as people read it: id, time, unread and star, source, title; cut to the width on a terminal."""
    source = _fitted(clean_line(row.source), _SOURCE_CELLS)
    marks = (" " if row.read else "*") + ("+" if row.starred else " ")
    line = f"{row.id}  {written(row.published, row.precision, zone):16}  {marks} {source}  {clean_line(row.title)}"
    return _fitted(line, output.columns()).rstrip() if output.is_terminal() else line


def _fitted(text: str, cells: int) -> str:
    """Text in so many cells: blanks behind it, or its end cut off."""
    width = cell_width(text)
    while width > cells:
        width -= cell_width(text[-1])
        text = text[:-1]
    return text + " " * (cells - width)


# --- sources ------------------------------------------------------------------------------------------------------


def _sources(arguments: Sequence[str]) -> int:
    parser = Parser("sources", "Print the sources of the library: name, stories, how many of them are unread.")
    _add_forms(parser)
    given = parser.parse_args(arguments)
    config = load_config()
    with _library(config) as (reader, failed):
        forms: _Forms = {"json": _source_json, "jsonl": _source_json, "tsv": _source_tsv, "text": _source_line}
        found = _print(reader.sources(), given.form, forms, config.settings.timezone)
    return FAILED if failed else DONE if found else NOTHING


def _source_json(row: Any) -> dict[str, Any]:
    return {"name": row.name, "stories": row.stories, "unread": row.unread}


def _source_tsv(row: Any, zone: tzinfo) -> str:
    return f"{clean_line(row.name)}\t{row.stories}\t{row.unread}"


def _source_line(row: Any, zone: tzinfo) -> str:
    return f"{row.stories:8}  {row.unread:8} unread  {clean_line(row.name)}"


# --- both ---------------------------------------------------------------------------------------------------------


def _add_forms(parser: argparse.ArgumentParser) -> None:
    forms = parser.add_mutually_exclusive_group()
    parser.set_defaults(form="text")
    for form, what in (
        ("json", "print one JSON document"),
        ("jsonl", "print one JSON object a line"),
        ("tsv", "print columns with tabs between them"),
    ):
        forms.add_argument(f"--{form}", dest="form", action="store_const", const=form, help=what)


def _print(rows: Iterable[Any], form: str, forms: _Forms, zone: tzinfo) -> bool:
    """Print rows in a form as they come; whether there were any."""
    make = forms[form]
    found = False
    for row in rows:
        if form == "json":
            output.put((",\n " if found else "[") + safe_json(make(row)))
        else:
            output.put((safe_json(make(row)) if form == "jsonl" else make(row, zone)) + "\n")
        found = True
    if form == "json":
        output.put("]\n" if found else "[]\n")
    return found


@contextmanager
def _library(config: Config) -> Iterator[tuple[Reader, list[str]]]:
    """What a bare `newsreader` reads, brought into the index if it never was; and what could not be read of it."""
    failed: list[str] = []
    with Reader.open(config) as reader:
        if reader.needs_index():
            output.narrate("reading the archive for the first time")
            for progress in reader.ingest():
                failed += map(left_out, progress.skipped)
        for line in failed:
            output.narrate(line)
        yield reader, failed
