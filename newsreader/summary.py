"""The row of the list.

It stands apart from the other nouns (`article`) as the first frame needs no other. The texts are as the source wrote
them, not yet safe for a terminal.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias

Precision: TypeAlias = Literal["time", "date"]


class Summary(NamedTuple):
    """One row of the list. `time`, in milliseconds UTC: published, else updated, else 0; `published` as in Article.
    `order`: what its view is ordered by, the greatest first. `changed`: it was read and has been revised
    since. `dump`: its path."""

    id: str
    key: str
    title: str
    url: str
    source: str
    time: int
    published: datetime | None
    precision: Precision
    read: bool
    starred: bool
    tags: tuple[str, ...]
    changed: bool
    revisions: int
    dump: str
    order: int | bytes
    snippet: str = ""

    @property
    def place(self) -> tuple[Any, str]:
        """Where it stands in its view; the greatest place is the first row's."""
        return self.order, self.id
