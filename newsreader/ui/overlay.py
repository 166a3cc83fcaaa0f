"""The sheet over the panes. Pure: the first frame imports it.

Owns: the open sheet as it is drawn: a thin rule, its title with what was typed, its items. Never: what is found or
picked (dialogs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsreader.safety import cell_width
from newsreader.ui.desk import Desk
from newsreader.ui.rows import Cell, Drawn, cut, fit

if TYPE_CHECKING:
    from newsreader.ui.dialogs import Item, Sheet

KEYS_WIDEST: Final = 18
HEAD: Final = 2  # lines above the items


def sheet_height(sheet: Sheet, rows: int) -> int:
    """The lines of a sheet on a screen with `rows` of them for the panes: as high as all its items need."""
    lines = rows if sheet.fills else len(_lines_of(sheet.items)) + HEAD
    return max(min(lines, rows - 1), min(rows, HEAD + 1))


class SheetView:
    """The desk's sheet, if one is open."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._top = 0
        self._sheet: Sheet | None = None

    def lines(self, width: int, height: int) -> list[Drawn]:
        """The rule, the head, and the items around the cursor's."""
        sheet = self.desk.sheet
        if sheet is None:
            return []
        sign = self.desk.marks.cut
        if sheet is not self._sheet:
            self._sheet, self._top = sheet, 0
        drawn: list[Drawn] = [(((self.desk.marks.rule * width, "wall"),), "sheet"), (self._head(sheet, width), "sheet")]
        lines = [] if sheet.notice else _lines_of(sheet.found)
        if not lines:
            text = sheet.notice or ("" if not (sheet.typed and sheet.lists) else self.desk.words.say("nothing_found"))
            drawn.append((((" " * 3, "pad"), (cut(text, width - 3, sign), "sheet-note")), "sheet"))
        room = max(height - HEAD, 1)
        at = next((i for i, line in enumerate(lines) if line == sheet.cursor), 0)
        above = 1 if at and isinstance(lines[at - 1], str) else 0
        last = at + (1 if sheet.found and sheet.found[sheet.cursor].below else 0)
        self._top = max(min(self._top, at - above), last - room + 1, 0)
        keys = min(max((cell_width(item.key) for item in sheet.items or sheet.found), default=0), KEYS_WIDEST)
        for line in lines[self._top : self._top + room]:
            if isinstance(line, str):
                drawn.append((((" " * 3, "pad"), (cut(line, width - 3, sign), "sheet-group")), "sheet"))
            elif isinstance(line, tuple):
                drawn.append((_below_cells(sheet.found[line[0]], keys, width, sign), "sheet"))
            else:
                ground = "sheet cursor" if line == sheet.cursor else "sheet"
                drawn.append((_item_cells(sheet.found[line], keys, width, sign), ground))
        return drawn + [((), "sheet")] * (height - len(drawn))

    def _head(self, sheet: Sheet, width: int) -> tuple[Cell, ...]:
        typed = sheet.typed or ""
        hint = sheet.hint if sheet.hint or typed else self.desk.words.say("type_to_find")
        hint = f"  {hint}" if typed and hint else hint
        count = f"{len(sheet.found):,}" if sheet.items or sheet.found else ""  # a prompt has nothing to count
        room = width - cell_width(sheet.title) - cell_width(count) - 9
        shown = typed if cell_width(typed) <= room else typed[-max(room // 2, 1) :]
        middle = fit(shown + self.desk.marks.prompt + hint, max(room, 1), sign=self.desk.marks.cut)
        cells: list[Cell] = [("   ", "pad"), (sheet.title, "sheet-title"), ("  ", "pad")]
        cut_at = len(shown) + len(self.desk.marks.prompt)
        cells += [(middle[:cut_at], "prompt"), (middle[cut_at:], "sheet-note"), (f" {count}", "sheet-note")]
        return tuple(cells)


def _lines_of(items: tuple[Item, ...]) -> list[int | str | tuple[int]]:
    """Indexes of items, with the name of a group above its first, and (index,) for what stands below one."""
    lines: list[int | str | tuple[int]] = []
    group = ""
    for index, item in enumerate(items):
        if item.group != group:
            group = item.group
            lines += ["", group] if lines else [group]
        lines.append(index)
        if item.below:
            lines.append((index,))
    return lines


def _below_cells(item: Item, keys: int, width: int, sign: str) -> tuple[Cell, ...]:
    """The second line of an item: cut around what is set off in it."""
    left = 5 + (keys + 2 if keys else 0)
    room = max(width - left - 1, 1)
    text, spans = item.below, item.spans
    if spans and cell_width(text[: spans[0][1]]) > room:  # what was found would stand outside
        start = max(spans[0][0] - room // 6, 0)
        text = text[start:]
        spans = tuple((max(a - start, 0), b - start) for a, b in spans if b > start)
    shown = cut(text, room, sign)
    cells: list[Cell] = [(" " * left, "pad")]
    at = 0
    for start, end in spans:
        start, end = min(start, len(shown)), min(end, len(shown))
        if start >= at and end > start:
            cells += [(shown[at:start], "sheet-note"), (shown[start:end], "sheet-text strong")]
            at = end
    return (*cells, (shown[at:], "sheet-note"))


def _item_cells(item: Item, keys: int, width: int, sign: str) -> tuple[Cell, ...]:
    cells: list[Cell] = [("   ", "pad")]
    if keys:
        cells += [(fit(item.key, keys, sign=sign), "sheet-key"), ("  ", "pad")]
    room = max(width - 5 - (keys + 2 if keys else 0), 1)
    note = cut(item.note, room // 2, sign) if item.note else ""
    text_room = room - (cell_width(note) + 2 if note else 0)
    cells.append((fit(item.text, max(text_room, 1), sign=sign), "sheet-text"))
    if note:
        cells += [("  ", "pad"), (note, "sheet-note")]
    return tuple(cells)
