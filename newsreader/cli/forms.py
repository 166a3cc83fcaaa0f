"""The forms of rows, and the library they come from: what `list`, `sources`, `tag`, `stats` and `doctor` share.

Decided only here: that a library which was never indexed is indexed first.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, TypeAlias

from newsreader.cli import output
from newsreader.cli.messages import counted, left_out, sentence
from newsreader.config import Config, load_sources
from newsreader.reader import Reader
from newsreader.safety import cell_width, safe_json

if TYPE_CHECKING:
    from newsreader.reader.progress import Progress

Forms: TypeAlias = dict[str, Callable[..., Any]]
"""How a row is printed in each form: "json" and "jsonl" take the row, "tsv" and "text" the row and the zone."""


def add_forms(parser: argparse.ArgumentParser, *names: str) -> None:
    """The options of the forms: all, or these."""
    forms = parser.add_mutually_exclusive_group()
    parser.set_defaults(form="text")
    for form, what in (
        ("json", "print one JSON document"),
        ("jsonl", "print one JSON object a line"),
        ("tsv", "print columns with tabs between them"),
    ):
        if not names or form in names:
            forms.add_argument(f"--{form}", dest="form", action="store_const", const=form, help=what)


def print_rows(rows: Iterable[Any], form: str, forms: Forms, zone: tzinfo) -> bool:
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


def fitted(text: str, cells: int) -> str:
    """Text in so many cells: blanks behind it, or its end cut off."""
    width = cell_width(text)
    while width > cells:
        width -= cell_width(text[-1])
        text = text[:-1]
    return text + " " * (cells - width)


@contextmanager
def library(config: Config) -> Iterator[tuple[Reader, list[str]]]:
    """What a bare `newsreader` reads, brought into the index if it never was; and what could not be read of it."""
    failed: list[str] = []
    with Reader.open(config) as reader:
        tell_fault(reader)
        if reader.needs_index():
            output.narrate("reading the archive for the first time")
            _, failed = indexed(reader)
        tell_notices(reader)
        while reader.catch_up():  # what a window that was closed has left
            pass
        yield reader, failed
    tell_notices(reader)


def tell_fault(reader: Reader) -> None:
    """Say so where sources.toml cannot be read, and only what was read before is there."""
    if reader.fault is not None:
        output.narrate(f"{sentence(reader.fault)}; until it is mended, nothing new is read")


def tell_nothing(reader: Reader, config: Config, otherwise: str) -> None:
    """Say what to do where nothing is printed: as nothing is there at all, or `otherwise`."""
    stories = reader.rows().counts().stories
    if stories:
        output.narrate(otherwise.format(stories=counted(stories, "story", "stories")))
    elif reader.fault is None and any(source.kind != "archive" for source in load_sources(config.places)):
        output.narrate('nothing is here yet; "newsreader fetch" brings stories in')
    else:
        output.narrate('nothing is here yet; "newsreader add URL|PATH" adds what to read')


def fill_words(reader: Reader) -> bool:
    """Bring the index of words up to date, telling how far it is on a terminal; False if another process is at it."""
    stage = ""
    with output.bar() as show:
        for progress in reader.fill_search():
            show(progress.done, progress.total)
            stage = progress.stage
    return stage != "elsewhere"


def indexed(reader: Reader) -> tuple[Progress, list[str]]:
    """Bring into the index what changed, telling how far it is on a terminal; the last Progress, and the sentences that
    were told about what could not be read."""
    failed: list[str] = []
    last = None
    with output.bar() as show:
        for last in reader.ingest():
            failed += map(left_out, last.skipped)
            show(last.done, last.total)
    for line in failed:
        output.narrate(line)
    reader.changed()
    assert last is not None
    return last, failed


def tell_unknown(reader: Reader, source: str | None) -> None:
    """Say so where a source that was asked for is none."""
    if source is not None and all(row.name != source for row in reader.sources()):
        output.narrate(f'no source is called "{source}"; "newsreader sources" lists them')


def tell_notices(reader: Reader) -> None:
    """Say what happened to our own files."""
    from newsreader.cli.messages import notice

    for found in reader.notices():
        output.narrate(notice(found))
