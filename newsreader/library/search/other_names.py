"""Other names of what is looked for: 川普 for 特朗普 and Trump, 网路 for 网络.

Decided only here: names.txt beside this module has what the world calls in several ways, a person's own file of that
form what else is meant. A name counts wherever it stands in a Han word, of letters only as a whole word; within quotes
there are no others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

from newsreader.files import read_file
from newsreader.library.search.query import Node, Not, Or, Text, rebuilt
from newsreader.library.search.tokens import tokens

Row: TypeAlias = tuple[str, ...]

_LONGEST: Final = 12  # tokens
_MOST: Final = 12  # other ways to write one word
_OURS: Final = Path(__file__).with_name("names.txt")


def names_in(text: str) -> Iterator[list[Row]]:
    """The names of each line of a file, each as its tokens: separated by commas, nothing behind a #."""
    for line in text.splitlines():
        names = [tuple(tokens(name)) for name in line.partition("#")[0].replace("，", ",").split(",")]
        yield [name for name in names if 0 < len(name) <= _LONGEST]


class Names:
    """What is called in several ways, by the files at some paths; those that there are not are passed over."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._others: defaultdict[Row, dict[Row, None]] = defaultdict(dict)
        for path in paths:
            try:
                text = read_file(path).decode("utf-8", "replace")
            except OSError:
                continue
            for names in names_in(text):
                for name in names:
                    self._others[name].update(dict.fromkeys(other for other in names if other != name))

    def others(self, row: Row) -> list[Row]:
        """How else a row of tokens may be written, one name of it in another way."""
        found: dict[Row, None] = {}
        for start in range(len(row)):
            for end in range(min(len(row), start + _LONGEST), start, -1):
                for other in self._others.get(row[start:end], ()):
                    found[(*row[:start], *other, *row[end:])] = None
        return list(found)[:_MOST]

    def replaced(self, node: Node) -> Node:
        """A query in which every word may also be another name."""
        match node:
            case Text(row) if node.field in ("", "title") and not node.quoted:
                others = [Text(other, field=node.field) for other in self.others(row)]
                return Or((node, *others)) if others else node
            case Not():
                return node
            case _:
                return rebuilt(node, self.replaced)


@lru_cache(4)
def _names(own: Path | None, changed: int) -> Names:
    return Names([_OURS] if own is None else [_OURS, own])


def other_names(node: Node, own: Path | None = None) -> Node:
    """A query in which every word may also be another name, by our file and a person's own; the same if none has."""
    try:
        changed = 0 if own is None else own.stat().st_mtime_ns
    except OSError:
        changed = 0
    return _names(own, changed).replaced(node)
