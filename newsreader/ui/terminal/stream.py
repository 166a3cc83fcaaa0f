"""What Textual writes -> cells. The last line of defence: only text, colours, links and cursor moves come through.

Reads Textual's frames (`textual._compositor`, `textual.strip`: moves, `SGR text reset` runs, OSC 8, line feeds).
Decided here: what in them counts.

Content is not trusted to be clean. A sequence that content smuggled in cannot be told from Textual's own by its bytes,
so nothing is passed on: a frame only says which cells it wants, and only downwards and rightwards, as Textual's frames
go. What is no move, no SGR and no OSC 8 is text without its control characters.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from newsreader.ui.terminal.cells import Grid, Speller

_tokens = re.compile(
    "\x1b\\[([0-9;]{0,99})m([^\x1b]*)(\x1b\\[0m)?"  # a run and the reset that closes it
    "|([^\x1b]+)"
    "|\x1b\\[([0-9]{1,5});([0-9]{1,5})H"
    "|\x1b\\]8;([^;\x07\x1b]*);([^\x07\x1b]*)\x1b\\\\"
    "|\x1b"
)


class Frame(NamedTuple):
    """What one write held: where Textual wants the cursor, and whether it painted every row from its beginning."""

    cursor: tuple[int, int] | None
    whole: bool


def read_frame(data: str, grid: Grid, speller: Speller) -> Frame:
    """Put what Textual wrote into the grid; what stands out of it is cut."""
    rows, height = grid.rows, grid.height
    styles = speller.styles
    parameters = link = ""
    cursor = None
    x, y = 0, -1
    begun = 0
    for token in _tokens.finditer(data):
        sgr, run, reset, plain, line, column, _, url = token.groups()
        if sgr is not None:
            parameters, text = sgr, run
        elif plain is not None:
            text = plain
        elif line is not None:
            to_x, to_y = int(column) - 1, int(line) - 1
            if token.end() == len(data):
                cursor = (max(to_x, 0), max(to_y, 0))
            elif (to_y, to_x) >= (y, x):
                begun += to_x == 0
                x, y = max(to_x, 0), to_y
            continue
        else:
            link = url or ""
            continue
        if text and text != "\n" and 0 <= y < height:
            cells, cell_styles = speller.cells(text, styles.parsed(parameters, link))
            rows[y].put(x, cells, cell_styles)
            x += len(cells)
        if reset:
            parameters = ""
    return Frame(cursor, whole=begun >= height > 0)
