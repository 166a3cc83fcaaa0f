"""`newsreader export PATH...`: every dump, parsed, on stdout.

Decided only here: that stories and revisions are those among the PATHs, and that the order is that of the paths.

Two passes. The first decodes every dump for its key, so that revisions can be counted and links to stories told; the
second parses and prints, in worker processes where there is enough to do. Neither keeps the texts in memory, except
packed those of a compressed tar, which can only be read in its own order.
"""

from __future__ import annotations

import os
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from newsreader.archive import Archive, Member, Skipped, open_archive
from newsreader.cli import output
from newsreader.cli.arguments import Parser, add_all, add_format, width
from newsreader.cli.export_workers import Press, Sheet
from newsreader.cli.messages import DONE, FAILED, NOTHING, Refused, exit_code, left_out, sentence
from newsreader.dump import decode, former_key, key_of
from newsreader.errors import NewsreaderError, Unreadable
from newsreader.former_dumps import is_page
from newsreader.identity import story_id
from newsreader.jobs import Failed
from newsreader.library.record import content_hash, text_of
from newsreader.library.revisions import Held, apart
from newsreader.reader.parsing_pool import Task, workers

FORMATS = ("jsonl", "text", "html", "markdown")


def run(arguments: Sequence[str]) -> int:
    """Print every dump of the paths."""
    parser = Parser(
        "export",
        "Print every story of files, folders, .zip and .tar archives, in the order of their paths.",
        epilog="jsonl: one article a line, with the path of its dump; text: a line with a form feed after each.",
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a folder, a .zip, a .tar, or one dump")
    add_format(parser, FORMATS, "jsonl")
    parser.add_argument("--width", type=width, metavar="N", default=80, help="cells of a line of text (80)")
    add_all(parser)
    given = parser.parse_args(arguments[1:])
    with ExitStack() as stack:
        export = _Export(stack)
        export.survey(given.paths)
        if not export.dumps:
            return export.code or NOTHING
        with Press(given.format, given.width, export.ids(), len(export.dumps), hidden=given.all) as press:
            export.print(press)
    return FAILED if export.failed else DONE


@dataclass(slots=True)
class _Dump:
    """What is known of a dump after the first pass. `page`: a command made it, which is no revision; `text`: packed,
    where it cannot be read again."""

    archive: Archive
    member: Member
    key: str
    made: int
    content: bytes
    former: bool
    page: bool
    text: bytes | None
    edition: str = ""
    revision: int = 1
    revisions: int = 1

    def held(self) -> Held:
        """What tells which revision it is; one whose text cannot be had, or need not, is told by its content."""
        edition = self.edition or f":{self.content.hex()}"
        name = os.fsencode(self.member.name)
        return Held(self.made, name, self.former, self.content, edition, self.member.source, 0, 0)

    def read(self) -> bytes:
        """The dump's bytes; raises Unreadable."""
        return self.archive.read(self.member) if self.text is None else zlib.decompress(self.text)


class _Export:
    """The dumps of all paths, and what went wrong with some."""

    def __init__(self, stack: ExitStack) -> None:
        self.dumps: list[_Dump] = []
        self.failed = False
        self.code = 0
        self._stack = stack

    def survey(self, paths: Sequence[str]) -> None:
        """The first pass. A path that cannot be opened is named, and the others are read."""
        found: dict[str, _Dump] = {}
        for path in paths:
            try:
                if not path.strip():
                    raise Refused(path, "an empty path names no archive; the current folder is .")
                archive = self._stack.enter_context(open_archive(Path(path)))
            except NewsreaderError as error:
                self._fail(sentence(error))
                self.code = self.code or exit_code(error)
                continue
            for item in archive.entries():
                if isinstance(item, Skipped):
                    self._fail(left_out(item))
                else:
                    found[item[0].path] = _surveyed(archive, *item)
        self.dumps = [found[path] for path in sorted(found)]
        self._count_revisions()

    def ids(self) -> frozenset[str]:
        """The ids of all stories."""
        return frozenset(story_id(dump.key) for dump in self.dumps)

    def print(self, press: Press) -> None:
        """The second pass."""
        output.put(press.opening)
        for printed in press.printed(self._sheets()):
            output.put(printed.text)
            if printed.fault:
                self._fail(f'"{printed.path}" cannot be parsed: {printed.fault}')
        output.put(press.closing)

    def _data(self, dump: _Dump) -> bytes:
        try:
            return dump.read()
        except Unreadable:  # which is told of where it is printed
            return b""

    def _sheets(self) -> Iterator[Sheet]:
        for dump in self.dumps:
            try:
                data = dump.read()
            except Unreadable as error:
                self._fail(left_out(Skipped.of(error)))
                continue
            yield Sheet(dump.member.path, dump.member.source, data, dump.revision, dump.revisions)

    def _fail(self, line: str) -> None:
        self.failed = True
        output.narrate(line)

    def _count_revisions(self) -> None:
        """Give the revisions of a story their numbers, 1 the oldest, as the index does."""
        stories: defaultdict[str, list[_Dump]] = defaultdict(list)
        for dump in self.dumps:
            if not dump.page:
                stories[dump.key].append(dump)
        several = [dumps for dumps in stories.values() if len(dumps) > 1]
        differing = [dumps for dumps in several if len({dump.content for dump in dumps}) > 1]
        shared = [dumps for dumps in differing if len({dump.member.source for dump in dumps}) > 1]
        self._ask_texts([dump for dumps in shared for dump in dumps])
        self._ask_texts([dump for dumps in differing for dump in dumps if not dump.made])
        for dumps in several:
            order = apart(dump.held() for dump in dumps)[::-1]
            by_text = {text_of(one.edition): n for n, one in enumerate(order, 1)}
            by_content = {one.hash: n for n, one in enumerate(order, 1)}
            for dump in dumps:
                dump.revision = by_content.get(dump.content) or by_text[text_of(dump.held().edition)]
                dump.revisions = len(order)

    def _ask_texts(self, dumps: list[_Dump]) -> None:
        """Let dumps have the editions and times of their texts."""
        with closing(workers()) as pool:
            for n, _, answer in pool.map(Task("", self._data(dump)) for dump in dumps):
                if not isinstance(answer, Failed):
                    dumps[n - 1].edition, dumps[n - 1].made = answer.edition, answer.made


def _surveyed(archive: Archive, member: Member, data: bytes) -> _Dump:
    dump = decode(data)
    key = key_of(dump)
    text = zlib.compress(data, 1) if archive.in_one_pass else None
    made, former = dump.time_ms or 0, bool(former_key(dump.body))
    return _Dump(archive, member, key, made, content_hash(data), former, former and is_page(dump), text)
