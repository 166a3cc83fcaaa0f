"""What typesetting takes and gives: Metrics and Labels in; runs, lines and a Page out.

Decided only here: what a line carries, and how roles are spelt.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from newsreader.article import Style

Place = tuple[int, int]  # index of a block (-1: the header), characters of its cleaned text


@dataclass(frozen=True, slots=True)
class Metrics:
    """The page: `width` cells are there, lines take at most `measure` of them and are centred.

    `ambiguous_wide`: the terminal gives East Asian ambiguous characters two cells. `ascii_marks`: our own signs
    (bullets, bars, rules, triangles) are ASCII only, raised and lowered characters too. `shows`: the styles that are
    seen where the page is shown; around text in others stand marks, where it would be taken for the text beside it.
    """

    width: int
    measure: int = 80
    ambiguous_wide: bool = False
    ascii_marks: bool = False
    shows: frozenset[Style] = frozenset()


@dataclass(frozen=True, slots=True)
class Labels:
    """Every word that typesetting adds to an article, in the reader's language; `{n}` and `{host}` are filled in."""

    image: str = "Image: "
    video: str = "Video: "
    audio: str = "Audio: "
    frame: str = "Embedded: "
    host: str = " ({host})"
    colon: str = ": "
    note: str = "{n} note"
    notes: str = "{n} notes"


class Run(NamedTuple):
    """A piece of a line in one role, belonging to link number `link`.

    A role is words with a space between. The first says what it is: "text", "title", "meta", "heading", "lead",
    "caption", "credit", "quote", "code", "furniture", "table", "table-header", or "mark" for what is not the
    article's own but ours (bars, bullets, labels, link numbers). Further ones: "link", "rule", "fold" and a span's
    styles ("strong", "em", "code", "underline", "strike", "sup", "sub", "highlight", "small").
    """

    text: str
    role: str
    link: int | None = None

    @property
    def ours(self) -> bool:
        """Whether the text is a mark of ours and no part of the article."""
        return self.role.startswith("mark")


class Line(NamedTuple):
    """One line: `indent` blank cells, then runs; an empty line has none.

    `block` is the index of the block it belongs to (-1: title and meta line) and `offset` the characters of that
    block's cleaned text before it; -1 on the gap above a block. `kind`: "title", "meta", "gap", "fold" or a block's
    type.
    """

    runs: tuple[Run, ...]
    indent: int
    block: int
    offset: int
    kind: str

    @property
    def text(self) -> str:
        """The line as plain text, indent included."""
        return " " * self.indent + "".join([run.text for run in self.runs])

    @property
    def place(self) -> Place:
        """Where in the article the line begins."""
        return self.block, self.offset


class Fold(NamedTuple):
    """Furniture gathered under one line: `line` carries the triangle, `blocks` are what it stands for."""

    line: int
    blocks: tuple[int, ...]
    unfolded: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A typeset article. `links`: (line, link number) for every line that a link is on, in order; `folds` in order."""

    lines: tuple[Line, ...]
    links: tuple[tuple[int, int], ...] = ()
    folds: tuple[Fold, ...] = ()

    def line_of(self, block: int, offset: int = 0) -> int:
        """The index of the line where character `offset` of block `block` stands; where it is folded, of its fold."""
        found = bisect_right(self.lines, (block, offset), key=_place) - 1
        if found < 0:
            return 0
        first = bisect_left(self.lines, _place(self.lines[found]), key=_place)
        after_gap = self.lines[first].kind == "gap" and first + 1 < len(self.lines)
        return first + 1 if after_gap else first

    def place_of(self, line: int) -> Place:
        """(block, offset) of what stands on line `line`, clamped to the page; `line_of` finds it at any other width."""
        if not self.lines:
            return -1, 0
        block, offset = self.lines[max(0, min(line, len(self.lines) - 1))].place
        return block, max(offset, 0)


def _place(line: Line) -> Place:
    return line.block, line.offset
