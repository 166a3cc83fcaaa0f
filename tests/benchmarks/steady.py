"""`python -m tests.benchmarks.steady`: what a library survives.

    kills     a process that marks and one that indexes are ended with SIGKILL at random moments, again and again: every
              mark that was acknowledged must be there, the index must be the one that is made anew
    crowd     sixteen processes mark and list for a while: no error, no mark lost

Owns: these two trials. It prints what it found and ends with 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import apsw

from newsreader.library.counts import is_exact
from newsreader.reader import Reader
from tests.newsroom import Story, config_in, write_archive

_MARKER = """
import sys
from pathlib import Path
from newsreader.reader import Reader, View
from tests.newsroom import config_in
home, archive, share, shares = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
with Reader.open(config_in(home), archive) as reader:
    n = 0
    while True:
        rows = [row for row in reader.rows().page(limit=500) if int(row.id, 16) % shares == share]
        for row in rows:
            n += 1
            marks = reader.marks
            marks.star([row.id], n % 2 == 1) if share % 2 else marks.tag([row.id], f"t{n % 3}", n % 2 == 1)
            state = reader.summary(row.id)
            print(row.id, int(state.starred), ",".join(state.tags), flush=True)
            reader.rows(View(unread=True)).counts()
"""
_INDEXER = """
import sys
from pathlib import Path
from newsreader.reader import Reader
from tests.newsroom import config_in
with Reader.open(config_in(Path(sys.argv[1])), Path(sys.argv[2])) as reader:
    for progress in reader.ingest():
        pass
"""


def main() -> int:
    """Run both trials; 0 if nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.steady")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--processes", type=int, default=16)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        lost = kills(Path(work) / "kills", asked.kills)
        lost += crowd(Path(work) / "crowd", asked.processes, asked.seconds)
    return 1 if lost else 0


def kills(work: Path, times: int) -> int:
    """How many acknowledged marks are missing, and how often the index was wrong."""
    archive = write_archive(work / "archive", [Story(n, time=n * 60_000, text=f"{n} " * 200) for n in range(400)])
    chance = random.Random(1)
    acknowledged: dict[str, tuple[str, str]] = {}
    wrong = marks = 0
    _run(_INDEXER, work, archive).wait()
    for n in range(times):
        write_archive(archive, [Story(1000 + n * 50 + k, time=k, text=f"{n} {k} " * 100) for k in range(50)])
        both = _run(_MARKER, work, archive, "0", "2"), _run(_INDEXER, work, archive)
        time.sleep(0.15 + chance.random() * 0.4)
        for process in both:
            process.send_signal(signal.SIGKILL)
        out, _ = both[0].communicate()
        both[1].communicate()
        for line in out.splitlines(keepends=True):
            if line.endswith("\n"):
                story, starred, tags = line.rstrip("\n").split(" ")
                acknowledged[story] = starred, tags
                marks += 1
        wrong += _missing(work, archive, acknowledged)
    _run(_INDEXER, work, archive).wait()
    with Reader.open(config_in(work / "home"), archive) as reader:
        index = reader.target.index
        whole = reader.rows().counts().stories == 400 + 50 * times
    db = apsw.Connection(str(index))
    sound = is_exact(db) and db.execute("PRAGMA quick_check").get == "ok"
    db.close()
    sys.stdout.write(
        f"{times} kills, {marks:,} marks acknowledged: {wrong} lost; index {'whole' if sound and whole else 'WRONG'}\n"
    )
    return wrong + (not sound) + (not whole)


def _missing(work: Path, archive: Path, acknowledged: dict[str, tuple[str, str]]) -> int:
    with Reader.open(config_in(work / "home"), archive) as reader:
        missing = 0
        for story, (_, tags) in list(acknowledged.items()):
            row = reader.summary(story)
            assert row is not None
            # The last mark may have been set and not yet told when the process ended: one more than was told.
            missing += len(set(row.tags) ^ set(filter(None, tags.split(",")))) > 1
            acknowledged[story] = str(int(row.starred)), ",".join(row.tags)
        return missing


def crowd(work: Path, processes: int, seconds: float) -> int:
    """How many processes failed, and how many marks are not as they were told last."""
    archive = write_archive(work / "archive", [Story(n, time=n * 60_000) for n in range(400)])
    _run(_INDEXER, work, archive).wait()
    running = [_run(_MARKER, work, archive, str(n), str(processes)) for n in range(processes)]
    time.sleep(seconds)
    failed = sum(process.poll() is not None for process in running)
    for process in running:
        process.send_signal(signal.SIGTERM)
    told: dict[str, tuple[str, str]] = {}
    marks = 0
    for process in running:
        out, err = process.communicate()
        failed += "Error" in err
        for line in out.splitlines(keepends=True):
            if line.endswith("\n"):
                story, starred, tags = line.rstrip("\n").split(" ")
                told[story] = starred, tags
                marks += 1
    lost = 0
    with Reader.open(config_in(work / "home"), archive) as reader:
        for story, (starred, tags) in told.items():
            row = reader.summary(story)
            assert row is not None
            changed = (str(int(row.starred)) != starred) + len(set(row.tags) ^ set(filter(None, tags.split(","))))
            lost += changed > 1
    sys.stdout.write(f"{processes} processes, {seconds:.0f} s, {marks:,} marks: {failed} failed, {lost} lost\n")
    return failed + lost


def _run(code: str, work: Path, archive: Path, *more: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", code, str(work / "home"), str(archive), *more]
    root = Path(__file__).parents[2]
    return subprocess.Popen(words, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


if __name__ == "__main__":
    raise SystemExit(main())
