"""How cells look: styles, by numbers, and the shortest way from one to another.

Decided here: which SGR and OSC 8 sequences are sent, and what of a style a terminal of fewer colours and attributes
gets. Pure. A style stands in a cell as its number, so that cells compare as integers; 0 is the terminal's own default.
Two styles that look alike on this terminal are one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias

from newsreader.safety import is_openable

Colour: TypeAlias = tuple[int, ...]
"""() the terminal's default, (n,) one of its 256 palette colours, (r, g, b)."""

ALL_COLOURS: Final = 1 << 24
BOLD, DIM, ITALIC, UNDERLINE, BLINK, REVERSE, CONCEAL, STRIKE = 1, 2, 3, 4, 5, 7, 8, 9
ALL_ATTRIBUTES: Final = frozenset((BOLD, DIM, ITALIC, UNDERLINE, BLINK, REVERSE, CONCEAL, STRIKE))

_OFF: Final = {BOLD: 22, DIM: 22, ITALIC: 23, UNDERLINE: 24, BLINK: 25, REVERSE: 27, CONCEAL: 28, STRIKE: 29}
_ALIASES: Final = {6: BLINK, 21: UNDERLINE}  # rapid blink, double underline: as near as every terminal comes
_SEEN_ON_BLANKS: Final = frozenset((UNDERLINE, REVERSE, STRIKE))
_LONGEST_LINK: Final = 2083  # VTE's own limit
_CACHED: Final = 4096
MOST: Final = 4096
"""Styles that are kept at a time."""


class Style(NamedTuple):
    """One look: SGR attribute numbers, the colours of ink and ground, and the URL that OSC 8 gives."""

    attributes: frozenset[int] = frozenset()
    ink: Colour = ()
    ground: Colour = ()
    link: str = ""


class Styles:
    """The styles of one terminal, of so many `colours` (0, 8, 16, 256 or ALL_COLOURS) and of these attributes."""

    def __init__(
        self,
        colours: int = ALL_COLOURS,
        attributes: frozenset[int] = ALL_ATTRIBUTES,
        *,
        links: bool = True,
        erases_coloured: bool = True,
    ) -> None:
        self.colours = colours
        self.attributes = attributes
        self.links = links
        self.erases_coloured = erases_coloured
        self.looks: list[Style] = []
        """By number."""
        self.blank: list[int] = []
        """The style as a blank shows it: styles that differ only in ink are one."""
        self.erasable: list[bool] = []
        """Whether erasing with this style looks like blanks written with it."""
        self._numbers: dict[Style, int] = {}
        self._asked: dict[Style, int] = {}
        self._parsed: dict[str, Style] = {}
        self._changes: dict[tuple[int, int], str] = {}
        self._link_ids: dict[str, int] = {}
        self._links_told = 0
        self._number(Style())

    @property
    def are_many(self) -> bool:
        """Whether it is time to forget those that no cell has: each link is a style of its own."""
        return len(self.looks) > MOST

    def keep(self, rows: Iterable[list[int]]) -> None:
        """Forget the styles that are not in these rows of numbers, and number those anew, in place; whoever else kept a
        number has to forget it."""
        former = self.looks
        self.looks, self.blank, self.erasable = [], [], []
        for cache in (self._numbers, self._asked, self._changes, self._link_ids):
            cache.clear()
        self._number(Style())
        for row in rows:
            row[:] = [self._number(former[number]) for number in row]

    def number(self, style: Style) -> int:
        """The number of a style as this terminal shows it, without a link that may not be opened."""
        number = self._asked.get(style)
        if number is None:
            if len(self._asked) >= _CACHED:
                self._asked.clear()
            link = style.link if style.link and self.links and _is_sendable(style.link) else ""
            number = self._asked[style] = self._number(self._reduce(style._replace(link=link)))
        return number

    def parsed(self, parameters: str, link: str = "") -> int:
        """The number of the style that SGR parameters ("1;38;2;1;2;3") after a reset make; what they hold beyond
        colours and attributes is dropped.
        """
        style = self._parsed.get(parameters)
        if style is None:
            if len(self._parsed) >= _CACHED:
                self._parsed.clear()
            style = self._parsed[parameters] = parse_sgr(parameters)
        return self.number(style._replace(link=link) if link else style)

    def change(self, old: int, new: int) -> str:
        """What to send so that a terminal that writes with `old` writes with `new`."""
        if old == new:
            return ""
        key = (old, new)
        change = self._changes.get(key)
        if change is None:
            if len(self._changes) >= _CACHED:
                self._changes.clear()
            change = self._changes[key] = self._spell_change(self.looks[old], self.looks[new])
        return change

    def _number(self, style: Style) -> int:
        number = self._numbers.get(style)
        if number is None:
            number = self._numbers[style] = len(self.looks)
            self.looks.append(style)
            self.blank.append(number)
            seen = style.attributes & _SEEN_ON_BLANKS
            self.erasable.append(not seen and not style.link and (self.erases_coloured or not style.ground))
            self.blank[number] = self._number(
                Style(seen, style.ink if seen else (), style.ground, style.link),
            )
        return number

    def _reduce(self, style: Style) -> Style:
        ink, ground = (reduce_colour(colour, self.colours) for colour in (style.ink, style.ground))
        attributes = style.attributes & self.attributes
        if ITALIC in style.attributes - self.attributes:
            attributes |= {UNDERLINE} & self.attributes
        if self.colours == 8:
            if ink and ink[0] >= 8 and BOLD in self.attributes:
                attributes |= {BOLD}
            ink, ground = (tuple(index & 7 for index in colour) for colour in (ink, ground))
        if ink and ink == ground and style.ink != style.ground:
            ink = reduce_colour((0, 0, 0) if sum(_rgb(ground)) > 3 * 127 else (229, 229, 229), self.colours)
        return Style(attributes, ink, ground, style.link)

    def _spell_change(self, old: Style, new: Style) -> str:
        sgr = ""
        if old[:3] != new[:3]:
            sgr = min((";".join(_from_reset(new)), ";".join(_from_style(old, new))), key=len)
            sgr = f"\x1b[{sgr}m"
        return sgr + (self._spell_link(new.link) if old.link != new.link else "")

    def _spell_link(self, url: str) -> str:
        if not url:
            return "\x1b]8;;\x1b\\"
        number = self._link_ids.get(url)
        if number is None:
            self._links_told += 1
            number = self._link_ids[url] = self._links_told
        return f"\x1b]8;id={number};{url}\x1b\\"


# --- SGR ------------------------------------------------------------------------------------------------------------


def parse_sgr(parameters: str) -> Style:
    """The style that SGR parameters make after a reset. Raises ValueError where they are no numbers."""
    attributes: set[int] = set()
    ink: Colour = ()
    ground: Colour = ()
    codes = iter([int(code or 0) for code in parameters.split(";")])
    for code in codes:
        code = _ALIASES.get(code, code)
        if code == 0:
            attributes, ink, ground = set(), (), ()
        elif code in ALL_ATTRIBUTES:
            attributes.add(code)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            ink = (code - 30 if code < 90 else code - 82,)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            ground = (code - 40 if code < 100 else code - 92,)
        elif code in (38, 48):
            kind = next(codes, 0)
            colour = tuple(min(next(codes, 0), 255) for _ in range({5: 1, 2: 3}.get(kind, 0)))
            ink, ground = (colour, ground) if code == 38 else (ink, colour)
        elif code == 39:
            ink = ()
        elif code == 49:
            ground = ()
    return Style(frozenset(attributes), ink, ground)


def spell_sgr(style: Style) -> str:
    """The SGR parameters that make a style after a reset."""
    return ";".join(_from_reset(style)[1:])


def _from_reset(new: Style) -> list[str]:
    codes = [*map(str, sorted(new.attributes)), *_colour_codes(new.ink, 30), *_colour_codes(new.ground, 40)]
    return ["", *codes] if codes else []


def _from_style(old: Style, new: Style) -> list[str]:
    lost = {_OFF[attribute] for attribute in old.attributes - new.attributes}
    # 22 takes bold and dim away together.
    kept = {attribute for attribute in old.attributes & new.attributes if _OFF[attribute] not in lost}
    codes = [*map(str, sorted(lost)), *map(str, sorted(new.attributes - kept))]
    if old.ink != new.ink:
        codes += _colour_codes(new.ink, 30) or ["39"]
    if old.ground != new.ground:
        codes += _colour_codes(new.ground, 40) or ["49"]
    return codes


def _colour_codes(colour: Colour, base: int) -> list[str]:
    if not colour:
        return []
    if len(colour) == 3:
        return [str(base + 8), "2", *map(str, colour)]
    index = colour[0]
    if index < 16:
        return [str(base + index if index < 8 else base + 52 + index)]
    return [str(base + 8), "5", str(index)]


def _is_sendable(link: str) -> bool:
    """Printable ASCII only, so that no link ends its own sequence (limits.md: a link URL breaks out of OSC 8)."""
    return len(link) <= _LONGEST_LINK and link.isascii() and link.isprintable() and is_openable(link)


# --- Fewer colours --------------------------------------------------------------------------------------------------

# xterm's sixteen; terminals differ, but not so far that another becomes the nearest.
_SIXTEEN: Final = (
    *((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)),
    *((127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255)),
    (255, 255, 255),
)
_CUBE: Final = (0, 95, 135, 175, 215, 255)


def reduce_colour(colour: Colour, colours: int) -> Colour:
    """The nearest colour that a terminal of so many colours has; at 8 still one of sixteen, bright ones bold."""
    if not colour or not colours:
        return ()
    if len(colour) == 3:
        if colours >= ALL_COLOURS:
            return colour
        return (_nearest_256(colour) if colours >= 256 else _nearest_16(colour),)
    if colours >= 256 or colour[0] < 16:
        return colour
    return (_nearest_16(_rgb(colour)),)


def in_256(colour: Colour) -> Colour:
    """The (r, g, b) in which a terminal of 256 colours shows one."""
    return _rgb(reduce_colour(colour, 256))


def _rgb(colour: Colour) -> Colour:
    if len(colour) == 3:
        return colour
    index = colour[0]
    if index < 16:
        return _SIXTEEN[index]
    if index >= 232:
        return (8 + 10 * (index - 232),) * 3
    index -= 16
    return _CUBE[index // 36], _CUBE[index // 6 % 6], _CUBE[index % 6]


def _distance(one: Colour, other: Colour) -> int:
    red, green, blue = (a - b for a, b in zip(one, other, strict=True))
    return 2 * red * red + 4 * green * green + 3 * blue * blue


def _nearest_256(colour: Colour) -> int:
    steps = [_nearest_step(part) for part in colour]
    cube = 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
    grey = 232 + min(max((sum(colour) // 3 - 3) // 10, 0), 23)
    return min((cube, grey), key=lambda index: _distance(_rgb((index,)), colour))


def _nearest_step(part: int) -> int:
    return min(range(6), key=lambda step: abs(_CUBE[step] - part))


def _nearest_16(colour: Colour) -> int:
    return min(range(16), key=lambda index: _distance(_SIXTEEN[index], colour))
