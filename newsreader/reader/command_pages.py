"""What a command of the reader's made of a story, kept as a page of it.

Such a page is a dump in our own archive, beside the former texts of the archive that the story is from, and names the
command (`Article.made_by`). Decided only here: what of plain text and Markdown becomes which block, and that a command
has one page of a story, its latest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from newsreader.archive import open_archive
from newsreader.archive.base import Member
from newsreader.archive.numbered import put_numbered
from newsreader.article import Article, Block, Code, Heading, ListItem, Paragraph, Span
from newsreader.dump import decode, encode
from newsreader.errors import NewsreaderError, StorageFailed
from newsreader.former_dumps import former_article, former_dump
from newsreader.safety import clean
from newsreader.script import language_of

if TYPE_CHECKING:
    from newsreader.reader.target import Target

_SEQUENCES: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\Z)|\x1b[@-_]", re.DOTALL)
_HEADING: Final = re.compile(r"(#{1,6}) (.*)")
_ITEM: Final = re.compile(r"(?:[-*+]|(\d{1,9})[.)]) +(.*)", re.DOTALL)
_FENCE: Final = re.compile(r"(`{3,}|~{3,})\s*([\w+-]*).*")


def keep(target: Target, root: str, article: Article, command: str, output: str) -> None:
    """Keep what a command printed of a story of an archive in our own archive, in the place of what it printed before.
    Raises StorageFailed."""
    text = clean(_SEQUENCES.sub("", output), newlines=True)
    page = replace(
        article,
        source=command,
        updated=datetime.now(UTC),
        byline="",
        language=language_of(text[:2000]) or article.language,
        lead="",
        topics=(),
        blocks=tuple(_blocks(text)),
        links=(),
        images=(),
        revision=1,
        revisions=1,
        warnings=(),
        made_by=command,
    )
    try:
        folder = target.make_former(root)
        before = list(_made(folder, article.key, command))
        put_numbered(folder, [(f"{command} {article.title}", encode(former_dump(page, command)))])
        for path in before:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageFailed(target.own, error.strerror or str(error)) from error


def drop(path: str) -> None:
    """Take a page away, by the path of its dump. Raises StorageFailed."""
    try:
        Path(path).unlink(missing_ok=True)
    except OSError as error:
        raise StorageFailed(path, error.strerror or str(error)) from error


def _made(folder: Path, key: str, command: str) -> Iterator[Path]:
    with suppress(NewsreaderError), open_archive(folder) as archive:
        for member in archive.listing():
            if isinstance(member, Member):
                with suppress(NewsreaderError):
                    page = former_article(decode(archive.read(member)))
                    if page is not None and (page.key, page.made_by) == (key, command):
                        yield folder / member.name


def _blocks(text: str) -> Iterator[Block]:
    """Paragraphs between blank lines; of Markdown what stands at the beginning of a line: headings, items, fences."""
    lines: list[str] = []
    fence = None
    for line in [*text.split("\n"), ""]:
        if fence is not None:
            if line.strip().startswith(fence[1]):
                yield Code((Span("\n".join(lines)),), fence[2])
                lines, fence = [], None
            else:
                lines.append(line)
        elif begun := _FENCE.fullmatch(line.strip()):
            yield from _paragraph(lines)
            lines, fence = [], begun
        elif not line.strip() or _HEADING.fullmatch(line) or _ITEM.fullmatch(line):
            yield from _paragraph(lines)
            lines = [line] if line.strip() else []
        else:
            if lines and _HEADING.fullmatch(lines[0]):
                yield from _paragraph(lines)
                lines = []
            lines.append(line.rstrip())
    if fence is not None and lines:
        yield Code((Span("\n".join(lines)),), fence[2])


def _paragraph(lines: list[str]) -> Iterator[Block]:
    if not lines:
        return
    text = "\n".join(lines).strip()
    if heading := _HEADING.fullmatch(text):
        if title := heading[2].rstrip(" #").lstrip():
            yield Heading((Span(title),), len(heading[1]))
    elif item := _ITEM.fullmatch(text):
        number = int(item[1]) if item[1] else None
        yield ListItem((Span(item[2]),), n=number, kind="bullet" if number is None else "number")
    else:
        yield Paragraph((Span(text),))
