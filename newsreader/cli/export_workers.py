"""Dumps -> what `export` prints of them, one after the other, by as many processes as are worth it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC
from typing import NamedTuple, Self

from newsreader.article import article_to_json
from newsreader.cli.timestamps import written
from newsreader.dump import decode
from newsreader.export import exported
from newsreader.identity import with_stories
from newsreader.jobs import Failed, Pool
from newsreader.reader.parsing_pool import problem_of
from newsreader.safety import safe_json
from newsreader.typeset.lines import Metrics

_ENOUGH = 200


class Sheet(NamedTuple):
    """One dump to print."""

    path: str
    source: str
    data: bytes
    revision: int
    revisions: int


class Printed(NamedTuple):
    """One dump as printed; `fault` says why it is not, else "". `text` then is empty."""

    path: str
    text: str
    fault: str = ""


class Plate:
    """How every dump is printed: the form, the width, the ids of the stories that links may lead to."""

    def __init__(self, form: str, cells: int, ids: frozenset[str], hidden: bool) -> None:
        self.hidden = hidden
        self.form = form
        self.cells = cells
        self.ids = ids

    def __call__(self, sheet: Sheet) -> str:
        """One dump as printed."""
        from newsreader.parse import parse  # only workers do

        article = parse(decode(sheet.data), source=sheet.source)
        links = with_stories(article.links, self.ids.__contains__)
        article = replace(article, links=links, revision=sheet.revision, revisions=sheet.revisions)
        if self.form == "jsonl":
            return safe_json({**article_to_json(article), "dump": sheet.path}) + "\n"
        when = written(article.published, article.precision, UTC)
        metrics = Metrics(self.cells, measure=self.cells)
        text = exported(article, self.form, when, metrics, hidden=self.hidden)
        return text + {"text": "\f\n", "markdown": "\n* * *\n\n"}.get(self.form, "")


class Press:
    """All dumps of an export, printed in their order; workers pay from some hundred on."""

    def __init__(self, form: str, cells: int, ids: frozenset[str], number: int, *, hidden: bool = False) -> None:
        most = None if number >= _ENOUGH else 1
        plate = f"{__name__}:{Plate.__name__}"
        self._pool: Pool[Sheet, str] = Pool(plate, lambda sheet: len(sheet.data), form, cells, ids, hidden, most=most)
        self.opening = self.closing = ""
        if form == "html":
            from newsreader.export.html import CLOSING, opening

            self.opening, self.closing = opening("newsreader export"), CLOSING

    def printed(self, sheets: Iterable[Sheet]) -> Iterator[Printed]:
        """Every dump, as it is printed. Raises NoProcess."""
        for _, sheet, answer in self._pool.map(sheets):
            if isinstance(answer, Failed):
                yield Printed(sheet.path, "", problem_of(answer))
            else:
                yield Printed(sheet.path, answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()
