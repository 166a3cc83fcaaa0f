"""The rows that the next mark is for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from newsreader.summary import Summary


class Selection:
    """Stories that were selected one by one, in that order."""

    def __init__(self) -> None:
        self._stories: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._stories)

    def __contains__(self, story: str) -> bool:
        return story in self._stories

    def __iter__(self) -> Iterator[str]:
        return iter(self._stories)

    def toggle(self, rows: Iterable[Summary]) -> None:
        """Select rows, or drop those that are selected."""
        for row in rows:
            if row.id in self._stories:
                del self._stories[row.id]
            else:
                self._stories[row.id] = None

    def clear(self) -> None:
        """Select nothing."""
        self._stories.clear()
