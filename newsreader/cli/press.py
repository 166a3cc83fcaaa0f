"""Dumps -> what `export` prints of them, one after the other, by as many processes as are worth it.

Owns: printing one dump, and the worker processes. Decided only here: that a fault in one dump costs that dump alone,
and when workers pay. Never: reading archives, writing to stdout.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from datetime import UTC
from itertools import islice
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import NamedTuple, Self

from newsreader.article import Link, article_to_json
from newsreader.cli.timestamps import written
from newsreader.dump import decode
from newsreader.export import exported
from newsreader.identity import normal_url, story_id, story_key
from newsreader.parse import parse
from newsreader.safety import safe_json
from newsreader.typeset.lines import Metrics

_CHUNK = 16
_ENOUGH = 200
_MOST = 8


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


class _Plate:
    """How every dump is printed: the form, the width, the ids of the stories that links may lead to."""

    def __init__(self, form: str, cells: int, ids: frozenset[str], *, hidden: bool) -> None:
        self.hidden = hidden
        self.form = form
        self.cells = cells
        self.ids = ids

    def print(self, sheet: Sheet) -> Printed:
        """Whatever happens to one dump is caught here, where strangers' data meets our parser."""
        try:
            return Printed(sheet.path, self._text(sheet))
        except Exception as error:  # noqa: BLE001 - the worker boundary
            return Printed(sheet.path, "", f"{type(error).__name__}: {error}"[:500])

    def _text(self, sheet: Sheet) -> str:
        article = parse(decode(sheet.data), source=sheet.source)
        links = tuple(map(self._resolved, article.links))
        article = replace(article, links=links, revision=sheet.revision, revisions=sheet.revisions)
        if self.form == "jsonl":
            return safe_json({**article_to_json(article), "dump": sheet.path}) + "\n"
        when = written(article.published, article.precision, UTC)
        metrics = Metrics(self.cells, measure=self.cells)
        text = exported(article, self.form, when, metrics, hidden=self.hidden)
        return text + {"text": "\f\n", "markdown": "\n* * *\n\n"}.get(self.form, "")

    def _resolved(self, link: Link) -> Link:
        if link.kind in ("web", "story") and normal_url(link.url):
            story = story_id(story_key(link.url))
            if story in self.ids:
                return replace(link, kind="story", story=story)
        return replace(link, kind="web") if link.kind == "story" else link


class Press:
    """All dumps of an export, printed in their order."""

    def __init__(self, form: str, cells: int, ids: frozenset[str], number: int, *, hidden: bool = False) -> None:
        self._plate = _Plate(form, cells, ids, hidden=hidden)
        self._workers = min(os.cpu_count() or 1, _MOST) if number >= _ENOUGH else 1
        self._pool: ProcessPoolExecutor | None = None
        self.opening = self.closing = ""
        if form == "html":
            from newsreader.export.html import CLOSING, opening

            self.opening, self.closing = opening("newsreader export"), CLOSING

    def printed(self, sheets: Iterable[Sheet]) -> Iterator[Printed]:
        """Every dump, as it is printed; no more than a few are under way at a time."""
        if self._workers == 1:
            yield from map(self._plate.print, sheets)
            return
        sheets = iter(sheets)
        waiting: deque[tuple[list[Sheet], Future[list[Printed]]]] = deque()
        while True:
            while len(waiting) < 3 * self._workers and (chunk := list(islice(sheets, _CHUNK))):
                waiting.append((chunk, self._submit(chunk)))
            if not waiting:
                return
            chunk, future = waiting.popleft()
            try:
                yield from future.result()
            except BrokenProcessPool:
                self._drop()
                yield from self._one_by_one(chunk)
                waiting = deque((chunk, self._submit(chunk)) for chunk, _ in waiting)

    def _submit(self, chunk: list[Sheet]) -> Future[list[Printed]]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._workers, get_context("spawn"), _begin, (self._plate,))
        # Workers begin with what is blocked here: else Ctrl-C would hit them while they import.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._pool.submit(_print, chunk)
        except BrokenProcessPool as error:
            broken: Future[list[Printed]] = Future()
            broken.set_exception(error)
            return broken
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _one_by_one(self, chunk: list[Sheet]) -> Iterator[Printed]:
        """The dumps of a chunk whose worker died, each alone: one of them is to blame."""
        for sheet in chunk:
            try:
                yield from self._submit([sheet]).result()
            except BrokenProcessPool:
                self._drop()
                yield Printed(sheet.path, "", "it ended the process that parsed it")

    def _drop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()


_plate: _Plate


def _begin(plate: _Plate) -> None:
    """A worker's first act. Ctrl-C is its parent's to answer, and it does not outlive its parent."""
    global _plate
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _plate = plate


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _print(chunk: list[Sheet]) -> list[Printed]:
    return [_plate.print(sheet) for sheet in chunk]
