"""The tree of a body -> drafts of blocks, in document order.

Decided only here: in which places the role that an element claims is believed, and what stands beside a paragraph
rather than in it. What a tag opens is in `handlers`; texts are judged by their wording elsewhere.

Every text goes into `pieces`, and `flush` turns whatever stands there into drafts: so nothing is lost, doubled, moved.
What the page does not show is set apart there, into furniture right beside its paragraph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, takewhile
from typing import NamedTuple, TypeAlias

from newsreader.article import LinkKind, Span, Style, Topic
from newsreader.parse.drafts import Draft, Figure, Kind, Picture
from newsreader.parse.inline import BREAK, Piece, paragraphs, soften
from newsreader.parse.links import addresses_in, place_within, resolve
from newsreader.parse.roles import Role, role_of
from newsreader.parse.soup import BLOCKS, STYLES, Element, Node, Text
from newsreader.parse.tables import Grid, is_line_numbers

_FURNITURE_ROLES = frozenset(
    {"label", "byline", "advert", "share", "promotion", "related", "navigation", "boilerplate"}
)
_PLUGS = frozenset({"label", "advert", "share", "promotion", "boilerplate"})
# A container that calls itself an image holds a caption at most; more text than this is an article in an odd class.
CAPTION_LONG = 500
# No furniture is this large a part of a story, whatever its class says, unless it is short.
_FURNITURE_PART = 0.35
_FURNITURE_SHORT = 120
# A page that would show less than this without what it hides is shown by a script.
_SHOWN_LEAST = 20
# An advert, share bar or plug is a few lines; a longer one is an element that nobody closed.
_PLUG_LONG = 300
# The detail of a draft that marks where a picture would stand, which stood before or is missing: it becomes no block,
# but the caption below it is one.
NOT_SHOWN = "not shown"

# What a tag does on being entered: it changes the builder's place, or adds a draft.
Handler: TypeAlias = Callable[["Builder", Element], None]


class Item:
    """The list item being read; only its first paragraph carries the mark."""

    __slots__ = ("kind", "mark", "n")

    def __init__(self, kind: str, n: int | None = None, mark: str = "") -> None:
        self.kind = kind
        self.n = n
        self.mark = mark

    def take_mark(self) -> str:
        """What stands before the item where it is a line of a table's cell; nothing before its further lines."""
        mark = self.mark or (f"{self.n}." if self.n is not None else "\N{BULLET}" if self.kind == "bullet" else "")
        self.kind, self.n, self.mark = "continued", None, ""
        return f"{mark} " if mark.strip() else ""


class Place(NamedTuple):
    """Where in the structure the walk stands."""

    kind: Kind = "paragraph"
    level: int = 0  # of the quote or heading
    depth: int = 0  # of the list
    counter: list[int] | None = None  # the next number of an ordered list, alone in a list
    step: int = 1
    style: str = ""  # of the list's numbers
    item: Item | None = None
    figure: Figure | None = None
    role: str = ""  # of the text: "caption", "credit", "lead" or a kind of furniture
    medium: Draft | None = None
    grid: Grid | None = None
    cell: list[Span] | None = None
    in_furniture: bool = False
    language: str = ""  # of code
    lang: str = ""  # of text, as far as the body says


class Builder:
    """Reads one tree. After `read`: drafts, pictures, link addresses, topics and <time>s in document order."""

    def __init__(self, base: str, handlers: Mapping[str, Handler], title: str = "") -> None:
        self.base = base
        self.title = title
        self._handlers = handlers
        self.drafts: list[Draft] = []
        self.pictures: list[Picture] = []
        self.links: list[tuple[str, LinkKind]] = []  # address, kind; number n stands at n - 1
        self.link_titles: dict[int, str] = {}
        self.topics: list[Topic] = []
        self.titles: set[str] = set()  # that stand beside their words already
        self.quotes = 0  # how many <q> are open
        self.formula: Piece | None = None  # the last
        self.tag_links: set[int] = set()
        self.times: list[tuple[int, str]] = []  # how many drafts stand before a <time>, and its datetime
        self.place = Place()
        self.pieces: list[Piece] = []
        self.numbers: dict[int, int | None] = {}  # of links, by id(anchor); None where it leads nowhere
        self.picture_numbers: dict[str, int] = {}  # by the pictures' keys
        self._last_link: int | None = None  # of the text before, while nothing stands between
        self._chars = 0
        self._root = Element("")
        self._names: set[str] | None = None
        self.places: dict[str, int] = {}  # by id: how many drafts stand before what has it

    # --- the walk ---------------------------------------------------------------------------------------------------

    def read(self, root: Element) -> None:
        """Take the whole tree."""
        self._chars, self._root = root.chars, root
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
                if self.pieces and (block or self.place.medium is not outer.medium):
                    self._edge(outer)
                self.place = outer

    def _enter(self, element: Element) -> tuple[Iterator[Node], Place, bool] | None:
        """Open an element; None if there is nothing inside to walk."""
        outer = self.place
        tag = element.tag
        block = tag in BLOCKS
        if block and self.pieces:
            self._edge(outer)
        if attributes := element.attributes:
            if name := attributes.get("id") or (tag == "a" and attributes.get("name")):
                self.places.setdefault(name, len(self.drafts))
            if "lang" in attributes:
                self.place = self.place._replace(lang=attributes["lang"])
        if role := role_of(element):
            self._believe(element, role)
        if handler := self._handlers.get(tag):
            handler(self, element)
        if not element.children:
            if self.pieces and (block or self.place is not outer):
                self._edge(outer)
            self.place = outer
            return None
        return iter(element.children), outer, block

    def _edge(self, outer: Place) -> None:
        """Where a block begins or ends: the end of a draft, within code only of a line."""
        if outer.kind != "code" or self.place.medium is not outer.medium:
            self.flush()
        elif not self.pieces[-1].text.endswith("\n"):
            self.pieces.append(BREAK)

    def _believe(self, element: Element, role: Role) -> None:
        """Change the place to what the element claims to be, where that can be true."""
        place = self.place
        if role == "topic":
            self._topic(element)
        elif role == "hidden":
            self._hide(element)
        elif place.in_furniture or element.tag in STYLES:
            pass
        elif role == "line-number":
            if (place.kind == "code" or element.tag in ("td", "th", "pre")) and is_line_numbers(element):
                self.place = place._replace(role="hidden", in_furniture=True)
        elif place.kind == "code" or not element.children:
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

    def _hide(self, element: Element) -> None:
        """Take what is below an element out of the story, unless it is the story."""
        if element.chars <= _FURNITURE_SHORT or element.chars < self._chars - _SHOWN_LEAST:
            self.place = self.place._replace(role="hidden", in_furniture=True)
            self.pieces.append(Piece(" ", role="hidden"))

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
            link = self.numbers.get(id(anchor)) if text.isspace() else self.link(anchor)
        elif place.kind != "code" and "code" not in style and role != "hidden" and (found := addresses_in(text)):
            self._addresses(text, found, style, role)
            return
        if not text.isspace():
            self._last_link = link
        self.pieces.append(Piece(text, style, link, role))

    def _addresses(self, text: str, found: list[tuple[int, int, str]], style: tuple[Style, ...], role: str) -> None:
        """A text with addresses that nobody made links of."""
        at = 0
        for start, end, url in found:
            if start > at:
                self.pieces.append(Piece(text[at:start], style, None, role))
            self.pieces.append(Piece(text[start:end], style, self.add_link(url, "web"), role))
            at = end
        if at < len(text):
            self.pieces.append(Piece(text[at:], style, None, role))
        self._last_link = None

    def word(self, text: str, anchor: Element | None = None) -> None:
        """A text that stands for what is no text, such as a picture of a character, within the sentence."""
        role = self.place.role
        link = None if anchor is None or role == "hidden" else self.link(anchor)
        self.pieces.append(Piece(text, (), link, role))

    def link(self, anchor: Element) -> int | None:
        """The number of the link that `anchor` opens; a link cut into neighbours of one address stays one."""
        key = id(anchor)
        if key in self.numbers:
            return self.numbers[key]
        href = anchor.get("href")
        url = resolve(href, self.base)
        kind: LinkKind = "web"
        if "#" in href and (name := place_within(href, url, self.base)) and self._has(name):
            url, kind = f"{self.base.partition('#')[0]}#{name}", "within"
        number: int | None = None
        if url:
            if self._last_link and self.pieces and self.links[self._last_link - 1][0] == url:
                number = self._last_link
            else:
                number = self.add_link(url, kind, anchor.get("title") or anchor.get("aria-label"))
            if "tag" in anchor.get("rel").split():
                self.tag_links.add(number)
        self.numbers[key] = number
        return number

    def _has(self, name: str) -> bool:
        """Whether anything in the body has this id."""
        if self._names is None:
            self._names = set()
            waiting = [self._root]
            while waiting:
                element = waiting.pop()
                self._names |= {element.get("id"), element.get("name") if element.tag == "a" else ""}
                waiting += [child for child in element.children if type(child) is Element]
        return name in self._names

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
        if not any(piece.role == "hidden" for piece in pieces):
            self._flush(pieces, place)
            return
        before = list(takewhile(lambda piece: piece.role == "hidden" or piece.text.isspace(), pieces))
        self._flush_hidden(before)
        if shown := [piece for piece in pieces if piece.role != "hidden"]:
            self._flush(shown, place)
        self._flush_hidden(pieces[len(before) :])

    def _flush_hidden(self, pieces: list[Piece]) -> None:
        hidden = [piece for piece in pieces if piece.role == "hidden"]
        self.drafts += [Draft("furniture", spans, detail="hidden") for spans in paragraphs(hidden)]

    def _flush(self, pieces: list[Piece], place: Place) -> None:
        if place.kind == "code" and not place.role:
            if place.cell is None:
                self._code(pieces)
            elif text := "".join(piece.text for piece in pieces).strip():
                place.cell.extend((*([Span("\n")] if place.cell else []), Span(text, ("code",))))
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
                if place.item is not None and (mark := place.item.take_mark()):
                    spans = (Span(mark), *spans)
                cell.extend((Span("\n"), *spans) if cell else spans)
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
            draft = Draft("list_item", spans, level=max(place.depth, 1), n=item.n, detail=item.kind, mark=item.mark)
            item.kind, item.n, item.mark = "continued", None, ""
            return draft
        if place.kind == "quote" and place.item is not None and (mark := place.item.take_mark()):
            spans = (Span(mark), *spans)
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
        self.drafts.append(Draft("code", tuple(kept), detail=self.place.language))

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
