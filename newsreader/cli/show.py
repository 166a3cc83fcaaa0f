"""`newsreader show REF`: one story on stdout, in its four forms.

Decided only here: the order in which REF is tried: a file, "-", a member of an archive file, a URL, an id.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from newsreader.archive import MAX_DUMP, Skipped, open_archive, refuse_other
from newsreader.article import Article
from newsreader.cli import output
from newsreader.cli.arguments import Parser, add_all, add_format, revision, width
from newsreader.cli.forms import tell_fault
from newsreader.cli.messages import DONE, Refused
from newsreader.cli.timestamps import written
from newsreader.config import Config, Settings, load_config
from newsreader.errors import NotADump, NotFound, Unreadable
from newsreader.export import FORMS, document

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def run(arguments: Sequence[str]) -> int:
    """Print one story."""
    parser = Parser("show", "Print one story: plain text in a pipe, with styles and links on a terminal.")
    parser.add_argument("ref", metavar="REF", help='a file, "-" for standard input, the URL or the id of a story')
    add_format(parser, FORMS, "text")
    parser.add_argument("--width", type=width, metavar="N", help="cells of a line (80, on a terminal its width)")
    parser.add_argument(
        "--revision", type=revision, metavar="N", help="of a story of the library: 1 the oldest (the newest)"
    )
    add_all(parser)
    given = parser.parse_args(arguments[1:])
    config = load_config()
    article = find(given.ref, config, given.revision)
    output.put(rendered(article, given.format, given.width, config.settings, hidden=given.all))
    return DONE


def find(ref: str, config: Config, revision: int | None = None) -> Article:
    """The article that REF names, of a story of the library the newest revision or the one of that number; raises the
    errors of archives and libraries."""
    if not ref:
        raise NotFound(ref)
    if revision is not None:
        return _of_library(ref, config, revision)
    path = Path(ref)
    if _exists(path):
        return _of_file(path)
    if ref == "-":
        return _of_stdin()
    archive, mark, name = ref.partition("!")
    if mark and _exists(Path(archive)):
        return _of_member(Path(archive), name)
    return _of_library(ref, config, None)


def rendered(article: Article, form: str, cells: int | None, settings: Settings, *, hidden: bool = False) -> str:
    """The article in one of export.FORMS, as it is printed; `cells` None: as wide as suits the terminal; `hidden`: with
    what its page does not show, as JSON always has it."""
    when = written(article.published, article.precision, settings.timezone)
    if form != "text":
        return document(article, form, when, hidden=hidden)
    from newsreader.export.text import to_text
    from newsreader.typeset.layout import typeset
    from newsreader.typeset.lines import Metrics
    from newsreader.ui.i18n import chosen_language, words_for
    from newsreader.ui.terminal.capabilities import detect

    metrics = Metrics(
        cells or (output.columns() if output.is_terminal() else settings.measure),
        measure=cells or settings.measure,
        ambiguous_wide=bool(settings.ambiguous_wide),
        shows=detect(os.environ).shows if output.is_styled() else frozenset(),
    )
    labels = words_for(chosen_language(settings.language, os.environ)).labels
    page = typeset(article, metrics, labels=labels, when=when, fold=False, hidden=hidden)
    if not output.is_styled():
        return to_text(page)
    from newsreader.cli.styled import to_terminal

    return to_terminal(page, article, colour=output.has_colour())


def _of_library(ref: str, config: Config, revision: int | None) -> Article:
    from newsreader.reader import Reader

    with Reader.open(config) as reader:
        tell_fault(reader)
        story = reader.by_url(ref) if _SCHEME.match(ref) else reader.resolve(ref)
        if story is None:
            raise NotFound(ref)
        try:
            return reader.article(story, revision)
        except NotFound:
            known = len(reader.revisions(story))
            raise Refused(
                ref, f'"{ref}" has {known} {"revision" if known == 1 else "revisions"}; there is no revision {revision}'
            ) from None


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True


def _of_file(path: Path) -> Article:
    if path.is_dir():
        raise Refused(str(path), f'"{path}" is a folder; "newsreader export" prints all of it')
    with open_archive(path) as archive:
        if archive.kind != "file":
            raise Refused(str(path), f'"{path}" is an archive; "newsreader export" prints all of it')
        for item in archive.entries():
            if isinstance(item, tuple):
                return _parsed(item[0].path, item[1], item[0].source)
            raise Unreadable(item.path, item.detail or item.why)
    raise NotADump(str(path), "empty")


def _of_member(path: Path, name: str) -> Article:
    with open_archive(path) as archive:
        for item in archive.listing():
            if item.path == f"{archive.root}!{name}":
                if isinstance(item, Skipped):
                    raise Unreadable(item.path, item.why)
                return _parsed(item.path, archive.read(item), item.source)
    raise NotFound(f"{path}!{name}")


def _of_stdin() -> Article:
    data = sys.stdin.buffer.read(MAX_DUMP + 1)
    if not data:
        raise NotADump("-", "empty")
    if len(data) > MAX_DUMP:
        raise Unreadable("-", "too-big")
    refuse_other("-", data)
    return _parsed("-", data, "")


def _parsed(path: str, data: bytes, source: str) -> Article:
    """The article of a dump, parsed like those of the library: by a worker with limits."""
    from newsreader.jobs import Failed
    from newsreader.library.record import unpack
    from newsreader.reader.parsing_pool import Task, problem_of, workers

    with closing(workers()) as pool:
        ((_, _, answer),) = pool.map([Task(source, data)])
    if isinstance(answer, Failed):
        raise Unreadable(path, problem_of(answer))
    return unpack(answer.body, source)
