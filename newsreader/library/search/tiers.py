"""What a query means in each part of what is found: what was typed, then what is like it.

Decided only here: what is not a hit of the first rank. A text that repeats over a source's stories (appendices) is
searched last; what is excluded is so there too. A former headline of a story is another name of it, and so is a
headline with the name of its site behind: "… - Harbour Post", as pages and browsers have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import apsw

from newsreader.library.search.other_names import other_names
from newsreader.library.search.query import And, Node, Not, Or, Text, rebuilt, texts
from newsreader.library.search.sounds import heard

IN_TITLE, BY_RANK, BY_DATE, BY_NAME, BY_SOUND, BY_APPENDIX = 0, 1, 2, 3, 5, 7
"""Where the parts of what is found begin. By name and by sound there is a part of titles, and one of the others."""

Tier: TypeAlias = Literal["", "name", "sound", "appendix"]


def tier(part: int) -> Tier:
    """Whether what is found in a part only has another name of what was typed, a word that sounds so, or the words in
    an appendix; "" for what has them."""
    names: tuple[Tier, ...] = ("", "name", "sound", "appendix")
    return names[(part >= BY_NAME) + (part >= BY_SOUND) + (part >= BY_APPENDIX)]


_BEFORE_A_SITE: Final = frozenset("–—-|·_")
_HEADLINE: Final = 5  # tokens


def first(node: Node) -> Node:
    """A query for the first parts: what is excluded is so in appendices too."""
    return Not(wide(node.node)) if isinstance(node, Not) else rebuilt(node, first)


def wide(node: Node) -> Node:
    """A query for everything that was typed, wherever it stands."""
    if isinstance(node, Text) and not node.field:
        return Or((node, replace(node, field="appendix")))
    return rebuilt(node, wide)


def divided(query: Node) -> tuple[Node, tuple[Node, ...]]:
    """The parts of a query that lower parts of what is found say in another way, and the others."""
    parts = query.nodes if isinstance(query, And) else (query,)
    words = tuple(part for part in parts if any(texts(part)))
    return words[0] if len(words) == 1 else And(words), tuple(part for part in parts if part not in words)


def meant(db: apsw.Connection, query: Node, part: int, own_names: Path | None = None) -> Node | None:
    """What a query means in a part of what is found, there only; None if nothing."""
    match part:
        case _ if part < BY_NAME:
            return query
        case _ if part < BY_SOUND:
            others = [*_headlines(query), *({other_names(query, own_names)} - {query})]
            return Or(tuple(others)) if others else None
        case _ if part < BY_APPENDIX:
            return heard(db, query)
    beside = tuple(replace(text, field="appendix") for text in texts(query) if not text.field)
    found = Or(beside) if isinstance(query, Text) else And((wide(query), Or(beside)))
    return found if beside else None


def _headlines(query: Node) -> Iterator[Node]:
    if any(not text.field for text in texts(query)):
        yield _in_field(query, "former")
    parts = query.nodes if isinstance(query, And) else ()
    for n in range(len(parts) - 1, 0, -1):
        site = parts[n]
        if isinstance(site, Text) and len(site.row) == 1 and site.row[0] in _BEFORE_A_SITE:
            headline = And(parts[:n])
            if sum(len(text.row) for text in texts(headline)) >= _HEADLINE:
                yield _in_field(headline, "title")


def _in_field(node: Node, field: str) -> Node:
    if isinstance(node, Text) and not node.field:
        return replace(node, field=field)
    return node if isinstance(node, Not) else rebuilt(node, lambda part: _in_field(part, field))
