"""The screen that things are picked from. There is one for all pickers, filled anew for each.

Decided only here: among up to nine things digits pick, and j and k move; among more, typing finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.reactive import Reactive
from textual.renderables.blank import Blank
from textual.strip import Strip
from textual.visual import Padding
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from newsreader.safety import cell_width
from newsreader.ui.appearance import Appearance
from newsreader.ui.dialogs import FEW, Choice, Item
from newsreader.ui.drawings import Wall, spaced
from newsreader.ui.paint import Painter
from newsreader.ui.panes.line_pane import LinePane
from newsreader.ui.rows import Cell, Cells, cut, fit
from newsreader.ui.screens.dialog import Dialog, Head, Line, Sheet, Text, bindings

HEAD: Final = 2  # lines above the items
KEYS_WIDEST: Final = 18
_ONE_LINE: Final = Blank()
_TWO_LINES: Final = Padding(_ONE_LINE, Spacing(bottom=1))


class Row(Option):
    """A row of the list: an item, or a line that cannot be picked. To Textual it is blank, and so high: its cells are
    asked for once it is in sight."""

    def __init__(self, item: Item | None = None, text: str = "", role: str = "pad") -> None:
        self.height = 2 if item is not None and item.below else 1
        self.keys = tuple(cell_width(item.key if item else "", ambiguous_wide=wide) for wide in (False, True))
        """The cells of its keys, where ambiguous characters take one and where they take two."""
        super().__init__(_TWO_LINES if self.height == 2 else _ONE_LINE, disabled=item is None)
        self.item = item
        self.text = text
        self.role = role
        self._shape = (-1, -1, "", False)
        self._drawn: tuple[Cells, ...] = ()

    def cells(self, line: int, shape: tuple[int, int, str, bool]) -> Cells:
        """The cells of a line of it. `shape`: the cells of the keys, those of the list, the sign of what is cut off,
        and whether ambiguous characters take two. Kept, as Textual asks for all lines of a list to paint one."""
        if self._shape != shape:
            self._shape, self._drawn = shape, self._draw(*shape)
        return self._drawn[line]

    def _draw(self, keys: int, width: int, sign: str, wide: bool) -> tuple[Cells, ...]:
        if self.item is None:
            lines: tuple[Cells, ...] = ((("   ", "pad"), (cut(self.text, width - 3, sign), self.role)),)
        else:
            room = min(keys, width // 3)
            lines = (_item_cells(self.item, room, width, sign, ambiguous_wide=wide),)
            lines += (_below_cells(self.item, room, width, sign),) if self.item.below else ()
        return tuple(spaced(line, width) for line in lines) if wide else lines


class _List(OptionList):
    """The rows, on the ground of the sheet. Its lines are painted as those of a LinePane: what Textual looks up for
    every line, they have nothing of."""

    virtual_size = Reactive(Size(0, 0))
    """Without a layout of the screen when it changes, as there are no scroll bars."""
    highlighted = Reactive[int | None](None, repaint=False)
    """Without all of it being painted when it changes, see `watch_highlighted`."""

    def __init__(self, appearance: Appearance, painter: Painter) -> None:
        super().__init__(compact=True, markup=False)
        self.appearance = appearance
        self.painter = painter
        self.lines: list[tuple[Row, int]] = []
        """Which line of which row stands on each, also out of sight."""
        self._keys = 0
        self._set_off = 0

    def post_message(self, message: Message) -> bool:
        """Nobody is to be told where the cursor is."""
        return not isinstance(message, OptionList.OptionHighlighted) and super().post_message(message)

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Bring the cursor into sight, and paint its line and the one where it was."""
        current = self.highlighted_option
        now = next((y for y, (row, _) in enumerate(self.lines) if row is current), 0)
        top, (width, height) = self.scroll_offset.y, self.size
        if now < top or now + 2 > top + height:
            super().watch_highlighted(highlighted)
        self.refresh(Region(0, self._set_off - top, width, 1), Region(0, now - top, width, 1))
        self._set_off = now

    def fill(self, rows: Sequence[Row]) -> None:
        """Hold other rows, the cursor on the first that can be picked."""
        self.lines = [(row, line) for row in rows for line in range(row.height)]
        wide = self.appearance.style.ambiguous_wide
        self._keys = min(max((row.keys[wide] for row in rows), default=0), KEYS_WIDEST)
        self.set_options(rows)
        self.action_first()

    def go(self, number: int) -> None:
        """The cursor on a row."""
        self.highlighted = number

    def move(self, steps: int) -> None:
        """To the next item, or with -1 the one before; never round the end."""
        before = self.highlighted or 0
        if steps > 0:
            self.action_cursor_down()
        else:
            self.action_cursor_up()
        if self.highlighted is not None and (self.highlighted - before) * steps < 0:
            self.highlighted = before

    def on_click(self, event: events.Click) -> None:
        """Pick what is clicked on."""
        line = self.scroll_offset.y + event.y
        if line < len(self.lines) and not self.lines[line][0].disabled:
            self.highlighted = self.options.index(self.lines[line][0])
            self.action_select()

    def render_line(self, y: int) -> Strip:
        return self.render_lines(Region(0, y, self.size.width, 1))[0]

    def render_lines(self, crop: Region) -> list[Strip]:
        width, top, look, current = self.size.width, self.scroll_offset.y, self.appearance, self.highlighted_option
        strips: list[Strip] = []
        for row, line in self.lines[top + crop.y : top + crop.bottom]:
            cells = row.cells(line, (self._keys, width, look.marks.cut, look.style.ambiguous_wide))
            ground = "sheet cursor" if row is current and not line else "sheet"
            strips.append(self.painter.strip(cells, ground, width))
        strips += [self.painter.strip((), "sheet", width)] * (crop.height - len(strips))
        return [strip.crop(crop.x, crop.right) for strip in strips]


class PickScreen(Dialog[Item]):
    """The sheet over the panes: a rule, a title with the line to type in, and the items."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("pick", "down", "up", "page_down", "page_up", "next", "previous", "rub_out"),
        *(Binding(str(digit), f"choose({digit})") for digit in range(1, FEW + 1)),
    ]

    def __init__(self, appearance: Appearance, painter: Painter) -> None:
        super().__init__()
        self.appearance = appearance
        self.painter = painter
        self.choice = Choice("", ())
        self.line = Line(painter)
        self.list = _List(appearance, painter)
        self.rows: list[Row] = []
        self._title, self._count = Text(painter, "sheet-title", fits=True), Text(painter, "sheet-note", fits=True)
        self.sheet = Sheet()
        self._typed: str | None = None
        self._all = 0

    def compose(self) -> ComposeResult:
        with self.sheet:
            yield LinePane(self.painter, Wall(self.appearance), classes="line")
            with Head():
                yield self._title
                yield self.line
                yield self._count
            yield self.list

    # --- What is shown ---

    def fill(self, choice: Choice) -> None:
        """Offer other things."""
        if choice.is_short and not all(len(item.key) == 1 and item.key.isdigit() for item in choice.items):
            choice = choice._replace(items=[item._replace(key=str(n)) for n, item in enumerate(choice.items, 1)])
        if choice is not self.choice:
            self.choice, self.rows = choice, [Row(item) for item in choice.items]
        self._typed = None
        self.line.put("")
        self.narrow()
        self._all = len(self.list.lines)
        self.fit()

    def begin(self) -> None:
        """Take the keys."""
        self.line.look()
        self.set_focus(self.list if self.choice.is_short else self.line)

    def on_resize(self) -> None:
        self.fit()

    def fit(self) -> None:
        """Be as high as all items need, or as there is room for beside the status line; what the head says leaves room
        to type in and for the count."""
        width, rows, sign = self.app.size.width, self.app.size.height - 1, self.appearance.marks.cut
        title = f"   {cut(self.choice.title, width - 20, sign)}  "
        self._title.show(title)
        self.line.tell(cut(self.hint, width - cell_width(title) - 7, sign))
        self.sheet.set_styles(height=max(min(self.height_wanted(), rows - 1), min(rows, HEAD + 1)))

    @property
    def hint(self) -> str:
        """What stands where nothing is typed yet."""
        told = "digits_pick" if self.choice.is_short else "type_to_find"
        return self.choice.hint or self.appearance.words.say(told)

    def height_wanted(self) -> int:
        """The lines of all items and the head."""
        return HEAD + self._all

    def narrow(self) -> None:
        """Show what is found by what is typed, unless it is shown already."""
        typed = self.line.value
        if typed == self._typed:
            return
        self._typed = typed
        self.find(typed)

    def find(self, typed: str) -> None:
        """Show what is found by a text."""
        words = typed.lower().split()
        found = [row for row in self.rows if row.item is not None and row.item.matches(words)] if words else self.rows
        offered = self.choice.offer(typed) if self.choice.offer is not None else None
        told = self.appearance.words.say("nothing_found" if typed else "nothing_yet")
        otherwise = f"{told} {self.choice.hint}" if typed else told
        self.show([*found, Row(offered)] if offered else found, otherwise)

    def show(self, found: Sequence[Row], otherwise: str = "") -> None:
        """Show rows of items under their groups, the cursor on the first, or where there are none a note."""
        rows: list[Row] = []
        group = ""
        for row in found:
            if row.item is not None and row.item.group != group:
                group = row.item.group
                rows += [Row()] if rows else []
                rows.append(Row(text=group, role="sheet-group"))
            rows.append(row)
        self.list.fill(rows or [Row(text=otherwise, role="sheet-note")])
        self._count.show(f" {len(found):,}  " if found else "")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """An item was clicked on."""
        event.stop()
        self.action_pick()

    # --- Keys ---

    async def press(self, event: events.Key | events.Paste) -> None:
        """Deal with a key; what it has typed finds at once."""
        await super().press(event)
        self.narrow()

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        option = self.list.highlighted_option
        return option.item if isinstance(option, Row) else None

    def action_down(self) -> None:
        """To the next item."""
        self.list.move(1)

    def action_up(self) -> None:
        """To the item before."""
        self.list.move(-1)

    action_next, action_previous = action_down, action_up

    def action_page_down(self) -> None:
        """A page down."""
        self.list.action_page_down()  # type: ignore[no-untyped-call]

    def action_page_up(self) -> None:
        """A page up."""
        self.list.action_page_up()  # type: ignore[no-untyped-call]

    def action_rub_out(self) -> None:
        """Take back a character; where there is none, close."""
        if self.line.value:
            self.line.action_delete_left()
        else:
            self.dismiss(None)

    def action_pick(self) -> None:
        """Close with the item under the cursor."""
        self.dismiss(self.current)

    def action_choose(self, digit: int) -> None:
        """Close with the item of a digit, if there is one."""
        picked = next((item for item in self.choice.items if item.key == str(digit)), None)
        if picked is not None:
            self.dismiss(picked)


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


def _item_cells(item: Item, keys: int, width: int, sign: str, *, ambiguous_wide: bool) -> tuple[Cell, ...]:
    """The line of an item: its note has what its text leaves, and half of the room at least."""
    shorten = partial(fit, sign=sign, ambiguous_wide=ambiguous_wide)
    cells: list[Cell] = [("   ", "pad")]
    if keys:
        cells += [(shorten(item.key, keys), "sheet-key"), ("  ", "pad")]
    room = max(width - 5 - (keys + 2 if keys else 0), 1)
    text, note = (cell_width(told, ambiguous_wide=ambiguous_wide) for told in (item.text, item.note))
    note = min(note, max(room // 2, room - text - 2))
    cells.append((shorten(item.text, max(room - (note + 2 if note else 0), 1)), "sheet-text"))
    if note:
        cells += [("  ", "pad"), (shorten(item.note, note), "sheet-note")]
    return tuple(cells)
