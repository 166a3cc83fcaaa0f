"""What searching costs: `python -m tests.benchmarks.search`; beside LIKE over a plain table and grep -r over files.

The words are taken from the stories themselves: the most frequent of their kind, and some that a single story has. Each
is searched by rank and by date, the first page with its sentences, by a reader that was just opened and then again.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from newsreader.config import load_config
from newsreader.library.clusters import search_file
from newsreader.library.search.snippets import searched
from newsreader.reader import Reader, View
from tests.benchmarks.__main__ import _archive, _work
from tests.benchmarks.probe import Probe
from tests.benchmarks.stories import prepare
from tests.benchmarks.table import Table

PAGE: Final = 64
ROUNDS: Final = 3
ORDERS: Final = ("rank", "date")


class Text(NamedTuple):
    """One story as plain text."""

    time: int
    title: str
    body: str


class Words(NamedTuple):
    """Words of one kind, to be searched."""

    kind: str
    words: list[str]


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.search", description="What searching costs.")
    parser.add_argument("--count", type=int, default=100_000, help="number of stories (default: %(default)s)")
    parser.add_argument("--work", type=Path, help="where indices are built and kept for the next run")
    asked = parser.parse_args()
    with _work(asked.work) as work:
        home = work / f"search-{asked.count}"
        path = prepare(_archive(work), asked.count, home)
        table = Table()
        with Reader.open(load_config({"NEWSREADER_HOME": str(home)}), path) as reader:
            index = search_file(reader.target.index)
            index.unlink(missing_ok=True)
            plain = home / "plain.db"
            plain.unlink(missing_ok=True)
            texts = list(_texts(reader))
            size = sum(len((text.title + text.body).encode()) for text in texts)
            bare = _timed(lambda: _insert(plain, texts))
            filled = _timed(lambda: list(reader.fill_search()))
            table.heading(f"{len(texts):,} stories, {size / 1e6:,.0f} MB of text")
            table.add("index of words filled", "s", filled, "bare insertion", bare)
            table.add("index of words", "MB", index.stat().st_size / 1e6, "the text", size / 1e6)
            folder = _write(home / "files", texts)
            chosen = _choose(texts)
        _report(table, home, path, plain, folder, chosen)
        _typing(table, home, path, chosen)
        _pressing(table, home, path, chosen)
        print(table)


def _texts(reader: Reader) -> Iterator[Text]:
    after = None
    while rows := reader.rows().page(after=after, limit=1000):
        after = rows[-1].place
        for row in rows:
            article = reader.article(row.id)
            yield Text(row.time, article.title, "\n".join(text for _, text in searched(article)))


def _insert(path: Path, texts: list[Text]) -> None:
    db = apsw.Connection(str(path))
    db.pragma("journal_mode", "wal")
    db.execute("CREATE TABLE texts (n INTEGER PRIMARY KEY, time INTEGER, title TEXT, body TEXT)")
    for start in range(0, len(texts), 256):
        with db:
            db.executemany("INSERT INTO texts (time, title, body) VALUES (?, ?, ?)", texts[start : start + 256])
    db.close()


def _write(folder: Path, texts: list[Text]) -> Path:
    if not folder.is_dir():
        for n, text in enumerate(texts):
            part = folder / f"{n // 1000:03}"
            part.mkdir(parents=True, exist_ok=True)
            (part / f"{n}.txt").write_text(f"{text.title}\n{text.body}\n", "utf-8", "replace")
    return folder


def _choose(texts: list[Text]) -> list[Words]:
    """Frequent and rare words of one, two and four characters, Latin words, and queries with fields."""
    sample = random.Random(1).sample(texts, min(len(texts), 1500))
    kinds = [(f"{n} Han", rf"(?=([\u4e00-\u9fff]{{{n}}}))") for n in (1, 2, 4)] + [("Latin", r"\b([a-z]{3,12})\b")]
    chosen = []
    for name, pattern in kinds:
        found: Counter[str] = Counter()
        for text in sample:
            found.update(set(re.findall(pattern, f"{text.title}\n{text.body}".lower())))
        order = [word for word, _ in found.most_common()]
        chosen += [Words(f"{name}, frequent", order[:8]), Words(f"{name}, rare", order[-8:])]
    frequent = chosen[2].words
    fields = [f"{word} title:{frequent[0]} date:2010..2030 has:link" for word in frequent[1:5]]
    return [*chosen, Words("three fields", [*fields, *(f"{word} is:unread -{frequent[0]}" for word in frequent[1:5])])]


def _report(table: Table, home: Path, path: Path, plain: Path, folder: Path, chosen: list[Words]) -> None:
    table.heading(f"first page ({PAGE} stories with their sentences), against LIKE over all and grep -rl")
    db = apsw.Connection(str(plain), flags=apsw.SQLITE_OPEN_READONLY)
    every: list[float] = []
    for kind, words in chosen:
        ours: list[float] = []
        for word in words:
            for order in ORDERS:
                with Reader.open(load_config({"NEWSREADER_HOME": str(home)}), path) as reader:
                    for _ in range(ROUNDS):
                        search = partial(reader.searcher.search, word, order=order, limit=PAGE)
                        ours.append(1000 * _timed(search))
        every += ours
        if " " in words[0]:
            table.add(f"{kind}: median", "ms", statistics.median(ours))
            table.add(f"{kind}: worst", "ms", max(ours))
            continue
        scans = [1000 * _timed(lambda: _like(db, word)) for word in words[:2]]  # noqa: B023
        greps = [1000 * _timed(lambda: _grep(folder, word)) for word in words[:2]]  # noqa: B023
        table.add(f"{kind}: median", "ms", statistics.median(ours), "LIKE", statistics.median(scans))
        table.add(f"{kind}: worst", "ms", max(ours), "grep -rl", statistics.median(greps))
    table.add("all of them: median", "ms", statistics.median(every))
    table.add("all of them: worst", "ms", max(every))
    db.close()


def _like(db: apsw.Connection, word: str) -> int:
    pattern = f"%{word}%"
    return len(db.execute("SELECT n FROM texts WHERE title LIKE ? OR body LIKE ?", (pattern, pattern)).fetchall())


def _grep(folder: Path, word: str) -> None:
    subprocess.run(["grep", "-rlF", word, folder], stdout=subprocess.DEVNULL, check=False, env={"LC_ALL": "C"})


def _typing(table: Table, home: Path, path: Path, chosen: list[Words]) -> None:
    """Every word, character by character, as it is typed."""
    keys: list[float] = []
    with Reader.open(load_config({"NEWSREADER_HOME": str(home)}), path) as reader:
        for kind, words in chosen:
            if "fields" in kind:
                continue
            for word in words:
                for n in range(1, len(word) + 1):
                    typed = word[:n] + ("*" if kind.startswith("Latin") else "")
                    keys.append(1000 * _timed(lambda: reader.searcher.search(typed, View(), limit=30)))  # noqa: B023
    keys.sort()
    table.heading("a key while typing: 30 stories with their sentences, without drawing")
    table.add("median", "ms", statistics.median(keys))
    table.add("99 of 100", "ms", keys[min(len(keys) - 1, int(len(keys) * 0.99))])


def _pressing(table: Table, home: Path, path: Path, chosen: list[Words]) -> None:
    """The same keys in the window, in a pty: from the key to the last byte of the results."""
    keys: list[float] = []
    argv = [sys.executable, "-m", "newsreader", str(path)]
    with Probe(argv, size=(80, 24), env={"NEWSREADER_HOME": str(home), "LANG": "C.UTF-8"}) as probe:
        probe.settle(2.0, first=60)
        probe.strike("n", quiet=0.5)  # old stories stay unread
        probe.strike("/", quiet=0.5)
        for kind, words in chosen:
            for word in words[: 0 if "fields" in kind else 5]:
                keys += [probe.strike(key, quiet=0.25).last for key in word]
                probe.press(b"\x15")
    keys = sorted(key for key in keys if key == key)
    table.heading(f"a key while typing in the window, 80x24: to the last byte of the results, {len(keys)} keys")
    table.add("median", "ms", statistics.median(keys))
    table.add("99 of 100", "ms", keys[min(len(keys) - 1, int(len(keys) * 0.99))])


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
