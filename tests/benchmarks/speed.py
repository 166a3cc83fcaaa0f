"""Dumps a second: decoded, parsed and typeset, against lxml taking the text out of the same bodies and nothing more."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from lxml import etree
from lxml import html as lxml_html

from newsreader.archive import open_archive
from newsreader.dump import Dump, decode
from newsreader.parse import parse
from newsreader.typeset.layout import typeset
from newsreader.typeset.lines import Metrics
from tests.benchmarks.table import Table

ROUNDS = 5
METRICS = Metrics(80)
_T = TypeVar("_T")


class Speed(NamedTuple):
    """Dumps a second, the best of ROUNDS rounds that took turns."""

    bare: float
    parsed: float
    typeset: float
    both: float


def measure(archive: Path, limit: int) -> Speed:
    """How fast up to `limit` dumps of the archive go, in this process, on one core."""
    with open_archive(archive) as opened:
        files = [entry[1] for entry in opened.entries() if isinstance(entry, tuple)][:limit]
    dumps = [decode(data) for data in files]
    articles = [parse(dump, source="") for dump in dumps]

    def both(data: bytes) -> object:
        return typeset(parse(decode(data), source=""), METRICS)

    best = [float("inf")] * 4
    for _ in range(ROUNDS):
        times = (
            _time(_bare, dumps),
            _time(lambda data: parse(decode(data), source=""), files),
            _time(lambda article: typeset(article, METRICS), articles),
            _time(both, files),
        )
        best = [min(pair) for pair in zip(best, times, strict=True)]
    return Speed(*(len(files) / seconds for seconds in best))


def report(speed: Speed, table: Table) -> None:
    """Put the figures into the table."""
    table.heading("Dumps a second, one core")
    table.add("decoded and parsed", "a second", speed.parsed, "bare lxml text", speed.bare)
    table.add("typeset at 80 cells", "a second", speed.typeset, "bare lxml text", speed.bare)
    table.add("decoded, parsed and typeset", "a second", speed.both, "bare lxml text", speed.bare)


def _bare(dump: Dump) -> str:
    try:
        return "".join(str(text) for text in lxml_html.fromstring(dump.body).itertext())
    except (etree.ParserError, ValueError):  # an empty body, or characters that no XML may hold
        return ""


def _time(work: Callable[[_T], object], items: Sequence[_T]) -> float:
    started = time.perf_counter()
    for item in items:
        work(item)
    return time.perf_counter() - started
