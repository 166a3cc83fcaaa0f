"""The size of the terminal and what the reader prefers -> where the panes stand.

Decided only here: when panes stand side by side, stacked or one at a time, and how large each is. Pure, and used for
the first frame too: no textual, no rich.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from newsreader.ui.keys import Pane

Kind: TypeAlias = Literal["side", "stacked", "single"]
KINDS: Final[tuple[Kind, ...]] = ("side", "stacked", "single")
Divider: TypeAlias = Literal["rule", "fence"]
"""A line between panes: between list and article, and right of the sources."""

SIDE_FROM: Final = 100  # columns from which panes stand side by side of themselves
PANES_FROM: Final = (60, 15)  # columns and rows under which there is one pane at a time
NARROWEST: Final = (24, 30)  # columns of the list and of the article, side by side
LOWEST: Final = (3, 5)  # rows of the list and of the article, stacked
LIST_WIDEST: Final = 64
SOURCES_FROM: Final = 60  # columns from which the sources have room beside the list
SOURCES: Final = (16, 30)  # columns of the sources, at least, and at most of themselves


class Box(NamedTuple):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int


class Preferences(NamedTuple):
    """What the reader chose: a layout (None: by the size), the list's size in columns and in rows (None: the usual),
    the article alone, and the sources beside the list, in how many columns."""

    kind: Kind | None = None
    columns: int | None = None
    rows: int | None = None
    zen: bool = False
    sources: bool = False
    source_columns: int | None = None


class Layout:
    """Where the panes stand: by the size of the screen, in columns and rows, and what the reader prefers; `sources`
    tells the columns that the names of the sources need."""

    def __init__(self, sources: Callable[[], int]) -> None:
        self.size = (80, 24)
        self.preferences = Preferences()
        self._sources = sources

    def geometry(self, pane: Pane) -> Geometry:
        """Where everything stands while a pane has the focus."""
        return geometry(*self.size, self.preferences, pane, self._sources())

    def resize(self, size: tuple[int, int]) -> None:
        """The screen has another size."""
        self.size = size

    def prefer(self, **changes: Any) -> None:
        """Change fields of the preferences."""
        self.preferences = self.preferences._replace(**changes)

    def next(self) -> Kind | None:
        """Go on to the next kind that has room; None where there is no other."""
        kind = next_kind(*self.size, self.preferences)
        self.prefer(kind=kind, zen=False)
        return kind if next_kind(*self.size, self.preferences) != kind else None

    def drag(self, divider: Divider, x: int, y: int, pane: Pane) -> None:
        """Put a divider at a place of the screen, as far as there is room."""
        where = self.geometry(pane)
        if divider == "fence":
            self.prefer(source_columns=max(x, 1))
        elif where.list is not None and where.kind == "side":
            self.prefer(columns=max(x - where.list.x, 1))
        elif where.list is not None:
            self.prefer(rows=max(y - where.list.y, 1))

    def widen_list(self, steps: int) -> None:
        """Make the list larger by steps (negative: smaller), as far as there is room."""
        self.preferences = resized(*self.size, self.preferences, steps)


class Geometry(NamedTuple):
    """Where everything stands; None where it is not shown."""

    kind: Kind
    list: Box | None
    rule: Box | None
    article: Box | None
    status: Box | None
    sources: Box | None = None
    fence: Box | None = None


def kind_for(width: int, height: int, preferences: Preferences) -> Kind:
    """The layout at this size: the chosen one where it fits, else the one that the size asks for."""
    chosen = preferences.kind
    if chosen is not None and fits(chosen, width, height):
        return chosen
    if width < PANES_FROM[0] or height < PANES_FROM[1]:
        return "single"
    return "side" if width >= SIDE_FROM else "stacked"


def fits(kind: Kind, width: int, height: int) -> bool:
    """Whether a layout has room at this size."""
    if kind == "side":
        return width > sum(NARROWEST) and height > 3
    if kind == "stacked":
        return height > sum(LOWEST) + 1 and width > 20
    return True


def next_kind(width: int, height: int, preferences: Preferences) -> Kind:
    """The layout after the present one that has room."""
    at = KINDS.index(kind_for(width, height, preferences))
    return next(kind for kind in (*KINDS[at + 1 :], *KINDS[: at + 1]) if fits(kind, width, height))


def geometry(width: int, height: int, preferences: Preferences, pane: Pane, sources: int = 0) -> Geometry:
    """Where the panes stand; `pane` is the one with the focus, which is the one shown where only one is; `sources`: the
    columns that the names of the sources need."""
    if not preferences.sources or preferences.zen or width < SOURCES_FROM:
        return _panes(width, height, preferences, pane)
    chosen = preferences.source_columns
    columns = max(SOURCES[0], min(sources, SOURCES[1], width * 3 // 10) if chosen is None else min(chosen, width // 2))
    rest = _panes(width - columns - 1, height, preferences, pane)
    left = columns + 1
    rows = max(height - 1, 1)
    listed, rule, article = (box and box._replace(x=box.x + left) for box in (rest.list, rest.rule, rest.article))
    status = rest.status and rest.status._replace(width=width)
    return Geometry(rest.kind, listed, rule, article, status, Box(0, 0, columns, rows), Box(columns, 0, 1, rows))


def _panes(width: int, height: int, preferences: Preferences, pane: Pane) -> Geometry:
    kind = kind_for(width, height, preferences)
    rows = max(height - 1, 1)
    status = Box(0, height - 1, width, 1) if height > 1 else None
    whole = Box(0, 0, width, rows)
    if kind == "single" or preferences.zen:
        listed = pane != "article" and not preferences.zen
        return Geometry(kind, whole if listed else None, None, None if listed else whole, status)
    if kind == "side":
        columns = _list_columns(width, preferences.columns)
        return Geometry(
            kind,
            Box(0, 0, columns, rows),
            Box(columns, 0, 1, rows),
            Box(columns + 1, 0, width - columns - 1, rows),
            status,
        )
    above = _list_rows(rows, preferences.rows)
    return Geometry(
        kind,
        Box(0, 0, width, above),
        Box(0, above, width, 1),
        Box(0, above + 1, width, rows - above - 1),
        status,
    )


def resized(width: int, height: int, preferences: Preferences, steps: int) -> Preferences:
    """The list larger by `steps` (negative: smaller): two columns or one row each, as far as there is room."""
    kind = kind_for(width, height, preferences)
    if kind == "side":
        columns = _list_columns(width, _list_columns(width, preferences.columns) + 2 * steps)
        return preferences._replace(columns=columns)
    if kind == "stacked":
        return preferences._replace(rows=_list_rows(height - 1, _list_rows(height - 1, preferences.rows) + steps))
    return preferences


def _list_columns(width: int, chosen: int | None) -> int:
    usual = min(max(round(width * 0.4), 40), LIST_WIDEST) if chosen is None else chosen
    return max(NARROWEST[0], min(usual, width - 1 - NARROWEST[1]))


def _list_rows(rows: int, chosen: int | None) -> int:
    usual = round((rows - 1) * 0.36) if chosen is None else chosen
    return max(LOWEST[0], min(usual, rows - 1 - LOWEST[1]))


def part_of(lines: int, part: float) -> int:
    """The lines of a part of a page, at least one; negative for one upwards."""
    return max(int(lines * abs(part)), 1) * (1 if part > 0 else -1)
