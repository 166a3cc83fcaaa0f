"""What is told of indexing while it goes on: a module of its own, as the window, which only hears of it, would
otherwise load all that indexing needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsreader.archive import Skipped


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. `done` of `total` dumps (None: not counted yet) were looked at, `added` stories are new, `failed`
    dumps could not be read; `skipped` says what was left out since the last Progress. `stage`: "reading"; "words" while
    the index of words is filled, `done` and `total` being stories then; "done"; "elsewhere" if another process is at
    it; "canceled"."""

    done: int
    total: int | None
    added: int
    failed: int
    stage: str
    skipped: tuple[Skipped, ...] = ()

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after it."""
        return self.stage not in ("reading", "words")
