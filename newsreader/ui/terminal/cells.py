"""Text in the cells of a screen.

Rows and grids of cells, and text -> cells for this terminal's character set and widths. Decided here: which text is
sent in place of what the terminal cannot show. Pure.

A cell is the text that stands in it, a space where it is empty, and "" where the character before takes two cells.
"""

from __future__ import annotations

from typing import Final

from newsreader.safety import cell_width, cell_widths, clean
from newsreader.ui.terminal.styles import Styles

FILLER: Final = "\ue000"
"""Follows an ambiguous character where the terminal gives it two cells but Textual counts one; it is never sent. A
private character, which `safety.clean` keeps out of every other text."""

_BLANK: Final = " "
_CACHED: Final = 512
_NO_CONTROLS: Final = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))

_ASCII: Final = {
    **dict.fromkeys("‐‑‒–—―─━╌╍┄┅┈┉▁▔", "-"),
    **dict.fromkeys("│┃▏▎▍▌▐▕╎╏┆┇┊┋", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛", "+"),
    **dict.fromkeys("“”„″", '"'),
    **dict.fromkeys("‘’‚′", "'"),
    **dict.fromkeys("…·∙․", "."),
    **dict.fromkeys("•✦★☆✱●■◆", "*"),
    **dict.fromkeys("▸▶›»→", ">"),
    **dict.fromkeys("◂◀‹«←", "<"),
    **dict.fromkeys("▾▼↓", "v"),
    **dict.fromkeys("▴▲↑", "^"),
    **dict.fromkeys("█▓▒", "#"),
    "×": "x",
    "\u3000": "  ",
}


def widen(text: str) -> str:
    """Cleaned text for a terminal that gives ambiguous characters two cells: each is followed by its filler, so that
    Textual, which counts one cell for either, counts right.
    """
    if text.isascii():
        return text
    widths = zip(text, cell_widths(text), cell_widths(text, ambiguous_wide=True), strict=True)
    return "".join(char if narrow == wide else char + FILLER for char, narrow, wide in widths)


class Row:
    """One line of a screen: the text of each cell and the style it was written with."""

    __slots__ = ("styles", "text")

    def __init__(self, width: int) -> None:
        self.text = [_BLANK] * width
        self.styles = [0] * width

    def copy(self) -> Row:
        """A row that later changes of this one leave alone."""
        row = Row(0)
        row.put_all(self.text, self.styles)
        return row

    def put_all(self, text: list[str], styles: list[int]) -> None:
        """Hold these cells and no others."""
        self.text, self.styles = text[:], styles[:]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.text == other.text and self.styles == other.styles

    __hash__ = None  # type: ignore[assignment]

    def put(self, x: int, text: list[str], styles: list[int]) -> None:
        """Write cells from column `x` on; what stands out is cut, and of a two-cell character half covered the other
        half becomes blank.
        """
        room = len(self.text) - x
        if room <= 0 or not text:
            return
        if len(text) > room:
            halved = text[room] == ""
            text, styles = text[:room], styles[:room]
            if halved:
                text[-1] = _BLANK
        end = x + len(text)
        if self.text[x] == "":
            self.text[x - 1] = _BLANK
        if end < len(self.text) and self.text[end] == "":
            self.text[end] = _BLANK
        self.text[x:end] = text
        self.styles[x:end] = styles


class Grid:
    """The rows of a screen of `width` by `height` cells, blank to begin with."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.rows = [Row(width) for _ in range(height)]

    def put(self, y: int, row: Row) -> None:
        """Show a copy of another row on row `y`."""
        self.rows[y] = row.copy()

    def scroll(self, top: int, bottom: int, by: int) -> None:
        """Move the rows from `top` to `bottom` up (down: negative) by so many, which leaves blank ones."""
        rows = self.rows[top : bottom + 1]
        blank = [Row(self.width) for _ in range(abs(by))]
        self.rows[top : bottom + 1] = rows[by:] + blank if by > 0 else blank + rows[:by]


class Speller:
    """Text -> cells, for a terminal of this character set (a codec) and of these widths of ambiguous characters."""

    def __init__(self, styles: Styles, *, charset: str = "utf-8", ambiguous_wide: bool = False) -> None:
        self.styles = styles
        self.charset = charset
        self.ambiguous_wide = ambiguous_wide
        self._spelled: dict[tuple[str, int], tuple[list[str], list[int]]] = {}

    def set_ambiguous_wide(self, wide: bool) -> None:
        """The terminal turned out to give ambiguous characters two cells, or one."""
        self.ambiguous_wide = wide
        self.forget()

    def forget(self) -> None:
        """Widths or the numbers of styles have changed."""
        self._spelled.clear()

    def cells(self, text: str, style: int) -> tuple[list[str], list[int]]:
        """The cells of `text` and their styles, blanks with the style's blank; not to be changed, as they are kept."""
        key = (text, style)
        spelled = self._spelled.get(key)
        if spelled is None:
            if len(self._spelled) >= _CACHED:
                self._spelled.clear()
            cells = self._spell(text)
            blank = self.styles.blank[style]
            styles = [blank if cell == _BLANK else style for cell in cells] if blank != style else [style] * len(cells)
            spelled = self._spelled[key] = (cells, styles)
        return spelled

    def _spell(self, text: str) -> list[str]:
        if text.isascii() and text.isprintable():
            return list(text)
        # Textual gives control characters no cell, so they leave none behind.
        text = text.translate(_NO_CONTROLS)
        if not self.ambiguous_wide:
            return self._shape(clean(text))
        cells: list[str] = []
        for n, piece in enumerate(text.split(FILLER)):
            if n:
                cells.append("" if cells and cells[-1] and _wide_width(cells[-1]) == 2 else _BLANK)
            cells += self._shape(clean(piece))
        return [self._narrowed(cell, cells[n + 1 : n + 2] == [""]) for n, cell in enumerate(cells)]

    def _shape(self, text: str) -> list[str]:
        cells: list[str] = []
        for char, width in zip(text, cell_widths(text), strict=True):
            if not self._is_known(char):
                cells += _ASCII.get(char, "?").ljust(width, "?") if width else ""
            elif width == 0:
                _combine(cells, char)
            elif width == 1:
                cells.append(char)
            else:
                cells += (char, "")
        return cells

    def _narrowed(self, cell: str, wide: bool) -> str:
        """An ambiguous character without its filler would take a cell that is not its own."""
        if wide or not cell or _wide_width(cell) == 1:
            return cell
        return _ASCII.get(cell[0], "?")

    def _is_known(self, char: str) -> bool:
        if self.charset == "utf-8":
            return True
        try:
            char.encode(self.charset)
        except UnicodeEncodeError:
            return False
        return True


def _wide_width(cell: str) -> int:
    return cell_width(cell, ambiguous_wide=True)


def _combine(cells: list[str], mark: str) -> None:
    """Let a mark stand over the character before it, which may be one of two cells; without one it is dropped."""
    base = len(cells) - (2 if cells and cells[-1] == "" else 1)
    if base >= 0:
        cells[base] += mark
