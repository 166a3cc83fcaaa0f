"""The tree of a body -> drafts of blocks, in document order.

Owns: the walk over the tree. Decided only here: in which places the role that an element claims is believed. Never:
what a tag opens (`handlers`), judging a text by its wording (`furniture`, `shape`, `firstline`).

Every text goes into `pieces`, and `flush` turns whatever stands there into drafts: so nothing is lost, doubled, moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple, TypeAlias

from newsreader.article import LinkKind, Span, Topic
from newsreader.parse.drafts import Draft, Figure, Kind, Picture
from newsreader.parse.inline import BREAK, Piece, paragraphs, soften
from newsreader.parse.links import resolve
from newsreader.parse.roles import Role, role_of
from newsreader.parse.soup import BLOCKS, Element, Node, Text
from newsreader.parse.tables import Grid

_FURNITURE_ROLES = frozenset(
    {"label", "byline", "advert", "share", "promotion", "related", "navigation", "boilerplate"}
)
_PLUGS = frozenset({"label", "advert", "share", "promotion", "boilerplate"})
# A container that calls itself an image holds a caption at most; more text than this is an article in an odd class.
CAPTION_LONG = 500
# No furniture is this large a part of a story, whatever its class says, unless it is short.
_FURNITURE_PART = 0.35
_FURNITURE_SHORT = 120
# An advert, share bar or plug is a few lines; a longer one is an element that nobody closed.
_PLUG_LONG = 300
# The detail of a draft that marks where a picture would stand, which stood before or is missing: it becomes no block,
# but the caption below it is one.
NOT_SHOWN = "not shown"

# What a tag does on being entered: it changes the builder's place, or adds a draft.
Handler: TypeAlias = Callable[["Builder", Element], None]


class Item:
    """The list item being read; only its first paragraph carries the mark."""

    __slots__ = ("kind", "n")

    def __init__(self, kind: str, n: int | None) -> None:
        self.kind = kind
        self.n = n


class Place(NamedTuple):
    """Where in the structure the walk stands."""

    kind: Kind = "paragraph"
    level: int = 0  # of the quote or heading
    depth: int = 0  # of the list
    counter: list[int] | None = None  # the next number of an ordered list, alone in a list
    step: int = 1
    item: Item | None = None
    figure: Figure | None = None
    role: str = ""  # of the text: "caption", "credit", "lead" or a kind of furniture
    medium: Draft | None = None
    grid: Grid | None = None
    cell: list[Span] | None = None
    in_furniture: bool = False


class Builder:
    """Reads one tree. After `read`: drafts, pictures, link addresses, topics and <time>s in document order."""

    def __init__(self, base: str, handlers: Mapping[str, Handler]) -> None:
        self.base = base
        self._handlers = handlers
        self.drafts: list[Draft] = []
        self.pictures: list[Picture] = []
        self.links: list[tuple[str, LinkKind]] = []  # address, kind; number n stands at n - 1
        self.link_titles: dict[int, str] = {}
        self.topics: list[Topic] = []
        self.tag_links: set[int] = set()
        self.times: list[tuple[int, str]] = []  # how many drafts stand before a <time>, and its datetime
        self.place = Place()
        self.pieces: list[Piece] = []
        self.numbers: dict[int, int | None] = {}  # of links, by id(anchor); None where it leads nowhere
        self.picture_numbers: dict[str, int] = {}  # by the pictures' keys
        self._last_link: int | None = None  # of the text before, while nothing stands between
        self._chars = 0

    # --- the walk ---------------------------------------------------------------------------------------------------

    def read(self, root: Element) -> None:
        """Take the whole tree."""
        self._chars = root.chars
        walk: list[tuple[Iterator[Node], Place, bool]] = [(iter(root.children), self.place, True)]
        while walk:
            children, outer, block = walk[-1]
            for child in children:
                if type(child) is Text:
                    self._text(child)
                elif child.tag == "br":
                    self.pieces.append(BREAK)
                else:
                    entered = self._enter(child)
                    if entered is not None:
                        walk.append(entered)
                        break
            else:
                walk.pop()
                if block or self.place.medium is not outer.medium:
                    self.flush()
                self.place = outer

    def _enter(self, element: Element) -> tuple[Iterator[Node], Place, bool] | None:
        """Open an element; None if there is nothing inside to walk."""
        outer = self.place
        tag = element.tag
        block = tag in BLOCKS
        if block:
            self.flush()
        if element.children and (role := role_of(element)):
            self._believe(element, role)
        if handler := self._handlers.get(tag):
            handler(self, element)
        if not element.children:
            if block or self.place is not outer:
                self.flush()
            self.place = outer
            return None
        return iter(element.children), outer, block

    def _believe(self, element: Element, role: Role) -> None:
        """Change the place to what the element claims to be, where that can be true."""
        place = self.place
        if role == "topic":
            self._topic(element)
        elif place.in_furniture:
            pass
        elif role in ("figure", "caption") and element.pictures:
            small = element.chars <= CAPTION_LONG * element.pictures and 2 * element.chars <= max(self._chars, 200)
            if element.tag == "figure" or small:
                self.place = place._replace(figure=place.figure or Figure(), role="")
        elif role == "caption":
            self.place = place._replace(role="caption", kind="paragraph")
        elif role in ("credit", "copyright", "attribution"):
            if place.figure or place.role == "caption":
                self.place = place._replace(role="credit")
            elif role == "copyright" and element.chars <= _FURNITURE_SHORT * 3:
                self.place = place._replace(role="copyright")
            elif role == "attribution" and element.chars <= _FURNITURE_SHORT:
                self.place = place._replace(role="byline")
        elif role == "lead":
            if (
                element.tag in BLOCKS
                and not element.pictures
                and 0 < element.chars <= 2 * CAPTION_LONG
                and place.kind == "paragraph"
            ):
                self.place = place._replace(role="lead")
        elif role in _FURNITURE_ROLES and self._can_be_furniture(element, role):
            self.place = place._replace(role=role, in_furniture=role != "label")

    def _can_be_furniture(self, element: Element, role: Role) -> bool:
        if role == "byline":
            return element.chars <= _FURNITURE_SHORT
        if role in _PLUGS:
            return element.chars <= _PLUG_LONG
        return element.chars <= _FURNITURE_SHORT or element.chars < _FURNITURE_PART * self._chars

    # --- text -------------------------------------------------------------------------------------------------------

    def _text(self, node: Text) -> None:
        text, style, anchor = node
        if not text:
            return
        place = self.place
        role = place.role
        if not role and place.figure is not None and place.kind == "paragraph" and place.grid is None:
            role = "caption"
        if place.kind != "code":
            text = soften(text)
        link = None
        if anchor is not None:
            if not role and (claimed := role_of(anchor)) in ("label", "byline"):
                role = claimed
            link = self.numbers.get(id(anchor)) if text.isspace() else self._link(anchor)
        if not text.isspace():
            self._last_link = link
        self.pieces.append(Piece(text, style, link, role))

    def _link(self, anchor: Element) -> int | None:
        """The number of the link that `anchor` opens; a link cut into neighbours of one address stays one."""
        key = id(anchor)
        if key in self.numbers:
            return self.numbers[key]
        url = resolve(anchor.get("href"), self.base)
        number: int | None = None
        if url:
            if self._last_link and self.pieces and self.links[self._last_link - 1][0] == url:
                number = self._last_link
            else:
                number = self.add_link(url, "web")
            if "tag" in anchor.get("rel").split():
                self.tag_links.add(number)
        self.numbers[key] = number
        return number

    def add_link(self, url: str, kind: LinkKind, title: str = "") -> int:
        """Number a new link, from 1."""
        self.links.append((url, kind))
        if title:
            self.link_titles[len(self.links)] = title
        return len(self.links)

    def _topic(self, element: Element) -> None:
        name = "".join(child.text for child in element.children if type(child) is Text).strip()
        if name:
            self.topics.append(Topic(element.get("data-id"), name))

    # --- drafts -----------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Turn the texts since the last block into drafts."""
        pieces = self.pieces
        if not pieces:
            return
        self.pieces = []
        self._last_link = None
        place = self.place
        if place.kind == "code" and not place.role:
            self._code(pieces)
            return
        one_role = pieces[0].role
        if all(piece.role == one_role for piece in pieces):
            self._emit(pieces, one_role)
            return
        for role, group in groupby(_settled(pieces), key=lambda piece: piece.role):
            self._emit(list(group), role)

    def _emit(self, pieces: list[Piece], role: str) -> None:
        place = self.place
        for spans in paragraphs(pieces):
            if place.grid is not None:
                cell = self.cell() if place.cell is None else place.cell
                cell.extend((Span("\n"), *spans) if cell else spans)
            elif place.medium is not None and not place.medium.spans:
                place.medium.spans = spans
            else:
                self.drafts.append(self._draft(spans, role))
        if not role and any("   " in piece.text for piece in pieces) and place.kind == "paragraph":
            self._keep_columns(pieces)

    def _keep_columns(self, pieces: list[Piece]) -> None:
        raw = "".join(piece.text for piece in pieces)
        if "   " in raw.strip() and self.drafts and self.drafts[-1].kind == "paragraph":
            self.drafts[-1].raw = raw

    def _draft(self, spans: tuple[Span, ...], role: str) -> Draft:
        place = self.place
        if role == "caption":
            return Draft("caption", spans, figure=place.figure)
        if role == "credit":
            return Draft("credit", spans, figure=place.figure)
        if role == "lead":
            return Draft("lead", spans)
        if role:
            return Draft("furniture", spans, detail=role)
        if place.kind == "list_item":
            item = place.item or Item("bullet", None)
            draft = Draft("list_item", spans, level=max(place.depth, 1), n=item.n, detail=item.kind)
            item.kind, item.n = "continued", None
            return draft
        return Draft(place.kind, spans, level=place.level)

    def _code(self, pieces: list[Piece]) -> None:
        spans = [Span(p.text, tuple(s for s in p.style if s != "code"), p.link) for p in pieces]
        text = "".join(span.text for span in spans)
        if not text.strip():
            return
        # A line end right after <pre> is not content (HTML, 13.2.6.4.7), nor are blank lines at the end.
        lead = len(text) - len(text.lstrip("\r\n"))
        tail = len(text.rstrip())
        kept: list[Span] = []
        at = 0
        for span in spans:
            start, stop = max(lead - at, 0), max(min(tail - at, len(span.text)), 0)
            if start < stop:
                kept.append(Span(span.text[start:stop], span.style, span.link))
            at += len(span.text)
        self.drafts.append(Draft("code", tuple(kept)))

    def row(self) -> None:
        """Begin a row of the table at hand; the table stands where its first row does."""
        grid = self.place.grid
        if grid is not None:
            if not grid.rows:
                self.drafts.append(Draft("table", grid=grid))
            grid.row()

    def cell(self, *, header: bool = False, across: int = 1, down: int = 1) -> list[Span]:
        """Begin a cell of the table at hand; the list for its spans."""
        grid = self.place.grid
        if grid is None:
            return []
        if not grid.rows:
            self.row()
        return grid.cell(header=header, across=across, down=down)

    def picture(self, picture: Picture) -> None:
        """Place a picture, unless it stood before."""
        self.flush()
        place = self.place
        number = self.picture_numbers.get(picture.key)
        if number is not None:
            if place.figure is not None:
                place.figure.pictures.append(number)
            self.pictures[number - 1].improve(picture)
            self.drafts.append(Draft("image", n=number, figure=place.figure, detail=NOT_SHOWN))
            return
        self.pictures.append(picture)
        number = self.picture_numbers[picture.key] = len(self.pictures)
        if place.figure is not None:
            place.figure.pictures.append(number)
        self.drafts.append(Draft("image", n=number, figure=place.figure))


def _settled(pieces: list[Piece]) -> list[Piece]:
    """What stands within a sentence belongs to it: labels and the like stand apart only at the edges of a paragraph."""
    told = [i for i, piece in enumerate(pieces) if not piece.role and not piece.text.isspace()]
    first, last = (told[0], told[-1]) if told else (0, 0)
    settled: list[Piece] = []
    for i, piece in enumerate(pieces):
        if first < i < last and piece.role not in ("caption", "credit"):
            piece = piece._replace(role="")
        elif settled and piece.text.isspace():
            piece = piece._replace(role=settled[-1].role)  # white space alone makes no block
        settled.append(piece)
    return settled
