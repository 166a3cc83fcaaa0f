"""Blocks in the making, which the passes after the first one may still change: Draft, which becomes a block, and
Picture, which becomes an Image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from newsreader.article import ListKind, Spans, plain
from newsreader.parse.tables import Grid

Kind: TypeAlias = Literal[
    "paragraph", "lead", "heading", "list_item", "quote", "caption", "credit", "image", "code", "table", "rule",
    "media", "furniture",
]  # fmt: skip


class Figure:
    """What is shown as one: the numbers of its pictures."""

    __slots__ = ("pictures",)

    def __init__(self, picture: int | None = None) -> None:
        self.pictures: list[int] = [picture] if picture else []


@dataclass(slots=True)
class Picture:
    """An image: its address (unwrapped, absolute), the text of its attributes, what names the same picture in any size,
    and the size that the address asks for, 0 if it asks for none."""

    url: str
    alt: str = ""
    key: str = ""
    size: int = 0

    def improve(self, other: Picture) -> None:
        """Take over what another copy of the same picture has better: its text, its size."""
        self.alt = self.alt or other.alt
        if other.size > self.size:
            self.url, self.size = other.url, other.size


@dataclass(slots=True, eq=False)
class Draft:
    """One block to be. `level` is a heading's, list's or quote's; `n` an item's number, a medium's link or a picture's
    number; `detail` a list's, medium's or furniture's kind, or code's language; `mark`
    an item's where it is no common one; `raw` the text with its spaces where they make columns."""

    kind: Kind
    spans: Spans = ()
    level: int = 0
    n: int | None = None
    detail: str = ""
    figure: Figure | None = None
    raw: str = ""
    grid: Grid | None = None
    mark: str = ""

    @property
    def text(self) -> str:
        """Its text without styles."""
        return self.spans[0].text if len(self.spans) == 1 else plain(self.spans)

    @property
    def list_kind(self) -> ListKind:
        """`detail` of a list item."""
        return "number" if self.detail == "number" else "continued" if self.detail == "continued" else "bullet"

    def fold(self, kind: str) -> None:
        """Make it furniture of `kind`; what has no text of its own is left alone."""
        if self.spans:
            self.kind, self.detail, self.raw = "furniture", kind, ""
