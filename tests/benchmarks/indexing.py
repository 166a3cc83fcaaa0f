"""`python -m tests.benchmarks.indexing`: what indexing costs, rows and words, and who pays.

The writer is the process that indexes; the workers are its children. "At most a quarter" of the processors' time is to
be the writer's, so that more cores help; stories per second of processor time are compared with the parse alone in the
same run, since machines differ.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Final

from newsreader.archive import Member, open_archive
from newsreader.config import Config, Rule, add_rule, load_config
from newsreader.dump import decode
from newsreader.jobs import forkserver
from newsreader.parse import parse
from newsreader.reader import Reader
from newsreader.reader.ingest import ingest_all
from newsreader.reader.rules import RuleBook, on_arrival
from newsreader.reader.target import Target
from tests.benchmarks.table import Table

_URL: Final = re.compile(rb"\]\(([^()\s]+)\)")


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.indexing")
    parser.add_argument("archive", type=Path, help="dumps to index")
    parser.add_argument("--copies", type=int, default=3, help="how many times each is indexed (default: %(default)s)")
    asked = parser.parse_args()
    table = Table()
    with tempfile.TemporaryDirectory(prefix="newsreader-indexing-") as work:
        measure(copied(asked.archive, Path(work) / "archive", asked.copies), Path(work), table)
    sys.stdout.write(f"{table}\n")


def copied(archive: Path, to: Path, copies: int) -> Path:
    """An archive of so many copies of each dump, each copy another story."""
    with closing(open_archive(archive)) as opened:
        for n, (member, data) in enumerate(item for item in opened.entries() if isinstance(item, tuple)):
            for copy in range(copies):
                path = to / "articles" / f"{member.source} {copy}".replace("/", "_") / f"{n}.md"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_URL.sub(rb"](\1?copy=%d)" % copy, data, count=1))
    return to


def measure(archive: Path, work: Path, table: Table) -> None:
    """Index an archive that was never seen, and parse its dumps alone."""
    config = load_config({"NEWSREADER_HOME": str(work / "home")})
    with Reader.open(config, archive) as reader:
        target = reader.target
    began, own, children = time.perf_counter(), *_spent()
    *_, last = ingest_all(target)
    wall = time.perf_counter() - began
    own, children = _spent()[0] - own, _spent()[1] - children
    parsing = _parsing(archive)
    table.heading(f"{last.added:,} stories indexed, rows and words, on {os.cpu_count()} cores")
    table.add("stories a second of processor time", "1/s", last.added / (own + children), "parse", 1 / parsing)
    table.add("the writer's share of it", "%", 100 * own / (own + children), "goal", 25)
    table.add("by the clock", "s", wall, "processor time", own + children)
    table.add("twenty rules over all of them", "%", 100 * _ruling(config, target) / (own + children), "goal", 10)


def _ruling(config: Config, target: Target) -> float:
    """Seconds of processor time that twenty rules take when all stories have just arrived."""
    for n in range(20):
        query = ("the", "的", "a* -of", "title:新", "is:unread date:>=2020", "source:a OR source:e")[n % 6]
        add_rule(config.places, Rule(f"{query} -nothing{n}", read=n % 2 == 0, tags=() if n % 2 == 0 else (f"t{n}",)))
    began = time.process_time()
    on_arrival(target, RuleBook(config.places, UTC))
    return time.process_time() - began


def _parsing(archive: Path) -> float:
    """Seconds of processor time that one dump takes to parse."""
    with closing(open_archive(archive)) as opened:
        dumps = [opened.read(item) for item in opened.listing() if isinstance(item, Member)][:500]
    parse(decode(dumps[0]), source="")
    began = time.process_time()
    for data in dumps:
        parse(decode(data), source="")
    return (time.process_time() - began) / len(dumps)


def _spent() -> tuple[float, float]:
    """Seconds of processor time of this process, and of its children, which end for it."""
    forkserver.leave()
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    own, children = (used.ru_utime + used.ru_stime for used in both)
    return own, children


if __name__ == "__main__":
    main()
