"""Damages to our own files, one after another: every start works, and no mark that SQLite can read is lost.

    python -m tests.damage_sweep        all of it, as a table; minutes
    pytest tests/test_damage_sweep.py   a sample

Each page zeroed, each page random, the file cut at each page, one byte changed at 500 places; the marks also with most
of them in the write-ahead log.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import apsw

from newsreader.errors import NotFound
from newsreader.library.db import sid
from newsreader.reader import Reader
from newsreader.reader.target import marks_file
from tests.newsroom import Story, config_in, ingested, titles, write_archive

PAGE = 4096
PLACES = 500
Damage: TypeAlias = tuple[str, Callable[[bytearray], None]]
LOST = "and are lost"
Mark: TypeAlias = tuple[str, str]
"""Key of the story, and name of the mark."""


def damages(size: int, every: int = 1) -> Iterator[Damage]:
    """Every damage to a file of a size, or each `every`th of a kind; the same each time."""
    noise = random.Random(14)
    for at in range(0, size, PAGE * every):
        yield "a page zeroed", partial(put, at=at, what=bytes(PAGE))
        yield "a page random", partial(put, at=at, what=noise.randbytes(PAGE))
        yield "cut at a page", partial(cut, at=at)
    for _ in range(0, PLACES, every):
        yield "one byte changed", partial(change, at=noise.randrange(size), bits=noise.randrange(1, 256))


def put(data: bytearray, *, at: int, what: bytes) -> None:
    data[at : at + PAGE] = what[: len(data) - at]


def cut(data: bytearray, *, at: int) -> None:
    del data[at:]


def change(data: bytearray, *, at: int, bits: int) -> None:
    data[at] ^= bits


@dataclass
class Home:
    """A home with an archive that is indexed, and marks of its stories."""

    root: Path
    stories: list[Story]

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def marks(self) -> Path:
        return marks_file(config_in(self.home), demo=False)

    @property
    def index(self) -> Path:
        (found,) = (self.home / "cache").glob("path-*-v[0-9].db")
        return found

    def open(self) -> Reader:
        return Reader.open(config_in(self.home), self.archive)


def make_home(root: Path, stories: int, *, in_log: bool) -> Home:
    """A home; with `in_log` its marks were written by a process that was killed, so that they stand in the log."""
    found = [Story(n, time=n * 60_000, title=f"Tide {n}", text=f"water {n} " * 40) for n in range(1, stories + 1)]
    made = Home(root, found)
    write_archive(made.archive, found)
    with made.open() as reader:
        ingested(reader)
        mark(reader, found[: len(found) // 4])
    with made.open() as reader:
        mark(reader, found[len(found) // 4 :])
        if in_log:
            kept = root / "kept"
            shutil.copytree(made.marks.parent, kept)
    if in_log:
        shutil.rmtree(made.marks.parent)
        kept.rename(made.marks.parent)
        Path(f"{made.marks}-shm").unlink(missing_ok=True)
    for backup in made.marks.parent.glob("*.backup-*"):
        backup.unlink()
    return made


def mark(reader: Reader, stories: list[Story]) -> None:
    ids = [story.id for story in stories]
    reader.marks.mark_read(ids)
    reader.marks.star(ids[::3])
    reader.marks.tag(ids[::5], "harbour")
    reader.marks.tag(ids[1::7], "潮汐")
    reader.marks.undo()
    for n, story in enumerate(ids[::4]):
        reader.marks.set_place(story, n, 7)


def exported(reader: Reader) -> dict[Mark, str]:
    found = {}
    for line in reader.marks.lines():
        if not line.startswith("#"):
            when, name, value, key = line.split("\t")
            found[key, name] = f"{when} {value}"
    return found


def readable(marks: Path, wanted: dict[Mark, str], ids: dict[str, str]) -> set[Mark]:
    """Which marks SQLite reads of a file, each looked for by itself."""
    found: set[Mark] = set()
    try:
        db = apsw.Connection(str(marks))
    except apsw.Error:
        return found
    for key, name in wanted:
        try:
            row = db.execute(
                "SELECT k.key, m.value FROM marks m JOIN keys k ON k.story = m.story WHERE m.story = ? AND m.mark = ?",
                (sid(ids[key]), name.encode().decode("unicode_escape") if "\\u" in name else name),
            ).fetchone()
        except (apsw.Error, UnicodeDecodeError):
            continue
        if row is not None and row[0] == key and (row[1] or "") == wanted[key, name].partition(" ")[2]:
            found.add((key, name))
    db.close()
    return found


def harmed(path: Path, harm: Callable[[bytearray], None]) -> None:
    data = bytearray(path.read_bytes())
    harm(data)
    path.write_bytes(data)


def sweep_marks(made: Home, every: int = 1, *, in_log: bool = False) -> dict[str, Counter[str]]:
    """Every damage to the marks: how many starts told it, and how many marks were lost, `LOST` of those that SQLite
    reads."""
    with made.open() as reader:
        ids = {story.article().key: story.id for story in made.stories}
        whole = exported(reader)
        reader._index.marks._file.db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, int(in_log))
    kept = made.root / "whole"
    for backup in made.marks.parent.glob("*.backup-*"):
        backup.unlink()
    made.marks.parent.rename(kept)
    log = Path(f"{made.marks.name}-wal")
    victim = log if in_log else Path(made.marks.name)
    counts: dict[str, Counter[str]] = {}
    for kind, harm in damages((kept / victim).stat().st_size, every):
        count = counts.setdefault(kind, Counter())
        fresh(kept, made.marks.parent)
        harmed(made.marks.parent / victim, harm)
        by_sqlite = readable(made.marks, whole, ids)
        fresh(kept, made.marks.parent)
        harmed(made.marks.parent / victim, harm)
        with made.open() as reader:
            assert len(titles(reader)) == len(made.stories)
            after = exported(reader)
            told = {notice.code for notice in reader.notices()}
            reader.marks.star([made.stories[0].id])
        with made.open() as reader:
            row = reader.summary(made.stories[0].id)
            assert row is not None
            assert row.starred or "marks-of-newer-version" in told, kind
        lost = {one for one in whole if after.get(one, "").partition(" ")[2] != whole[one].partition(" ")[2]}
        if lost & by_sqlite:
            print(kind, harm, sorted(lost & by_sqlite)[:5], file=sys.stderr)
        count["cases"] += 1
        count["told"] += bool(told)
        count["marks"] += len(whole)
        count["SQLite reads"] += len(by_sqlite)
        count["kept"] += len(whole) - len(lost)
        count[LOST] += len(lost & by_sqlite)
        count["lost unsaid"] += len(lost) if not told else 0
    return counts


def fresh(kept: Path, where: Path) -> None:
    shutil.rmtree(where, ignore_errors=True)
    shutil.copytree(kept, where)


def sweep_index(made: Home, every: int = 1) -> dict[str, Counter[str]]:
    """Every damage to the index: how many starts told it, and in how many a row of the list was wrong unsaid; raises
    AssertionError where a mark is lost, or a story after the next indexing."""
    with made.open() as reader:
        whole = [row[:5] for row in reader.rows().page(limit=1000)], reader.rows().counts().unread
    index = made.index
    kept = made.root / "whole"
    shutil.copytree(index.parent, kept)
    counts: dict[str, Counter[str]] = {}
    for kind, harm in damages(index.stat().st_size, every):
        count = counts.setdefault(kind, Counter())
        fresh(kept, index.parent)
        harmed(index, harm)
        with made.open() as reader:
            titles(reader)
            for story in made.stories[:: len(made.stories) // 5]:
                with suppress(NotFound):
                    reader.article(story.id)
            ingested(reader)
            after = [row[:5] for row in reader.rows().page(limit=1000)], reader.rows().counts().unread
            told = bool(reader.notices())
        if kind != "one byte changed" or told:
            assert after == whole, kind
        count["cases"] += 1
        count["told"] += told
        if after != whole:
            count["wrong unsaid"] += 1
            with made.open() as reader:
                count["doctor finds it"] += any(problem.code != "dump-warning" for problem in reader.problems())
    return counts


def main() -> int:
    for title, stories, in_log in (("marks", 900, False), ("marks in the log", 300, True)):
        with tempfile.TemporaryDirectory() as root:
            show(title, sweep_marks(make_home(Path(root), stories, in_log=in_log), in_log=in_log))
    with tempfile.TemporaryDirectory() as root:
        show("index", sweep_index(make_home(Path(root), 60, in_log=False)))
    return 0


def show(title: str, counts: dict[str, Counter[str]]) -> None:
    columns = list(dict.fromkeys(name for count in counts.values() for name in count))
    print(f"{title:20} " + " ".join(f"{name:>14}" for name in columns))
    for kind, count in counts.items():
        print(f"{kind:20} " + " ".join(f"{count[name]:14,}" for name in columns))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
