"""What dialogs have in common: their keys, and that nothing changes behind them; and the smallest of them."""

from __future__ import annotations

from typing import Any, ClassVar, Final, TypeVar

from rich.highlighter import Highlighter
from rich.style import Style
from rich.text import Text as RichText
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.containers import Horizontal, Vertical
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from newsreader.library.search.query_pieces import operators
from newsreader.safety import cell_width, clean_line
from newsreader.ui.key_names import key_name, on_us_layout, textual_name
from newsreader.ui.keys import DIALOG_KEYS, Keymap, Pane, make_keymap
from newsreader.ui.paint import Painter
from newsreader.ui.panes.line_pane import LinePane
from newsreader.ui.rows import Drawn, cut
from newsreader.ui.terminal.textual_private import strips_of

Result = TypeVar("Result")
_ROLES: Final = {"input--selection": "prompt picked", "input--placeholder": "sheet-note"}


class Text(LinePane):
    """A text on the sheet, over its whole width, or `fits`: just as wide as it is."""

    def __init__(self, painter: Painter, role: str, *, fits: bool = False) -> None:
        super().__init__(painter, self, classes="line")
        self.fits = fits
        self.role = role
        self.text = ""

    def show(self, text: str, role: str = "") -> None:
        """Show another text, in its role if that is another one."""
        self.text, self.role = text, role or self.role
        if self.fits:
            self.set_styles(width=cell_width(text))
        self.forget()

    def lines(self, width: int, height: int, focus: Pane) -> list[Drawn]:
        """The text as it is drawn."""
        return [(((cut(self.text, width), self.role),), "sheet")]


class Sheet(Vertical):
    """What lies over the panes."""

    BLANK = True  # its lines cover it


class Head(Horizontal):
    """The line of a sheet that is typed in, with what stands beside."""

    BLANK = True


class _Operators(Highlighter):
    """Tells what is read as an operator in the query that is being typed."""

    def __init__(self, painter: Painter) -> None:
        self.painter = painter

    def highlight(self, text: RichText) -> None:
        for start, end in operators(text.plain):
            text.stylize(self.painter.style("question", "sheet"), start, end)


class Line(Input):
    """A line to type in; what is pasted into it, or brought back, is cleaned. Whoever has it looks at it after each key
    that it was given: no message tells of a change."""

    virtual_size = Reactive(Size(0, 0))
    """Without a layout of the screen when it changes, as there are no scroll bars."""

    def __init__(self, painter: Painter) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.painter = painter

    def on_mount(self) -> None:
        self.look()

    def post_message(self, message: Message) -> bool:
        return not isinstance(message, Input.Changed) and super().post_message(message)

    def tell_operators(self, *, told: bool) -> None:
        """Tell what is read as an operator, where a query is typed."""
        self.highlighter = _Operators(self.painter) if told else None

    def look(self) -> None:
        """Have the colours that the theme has now."""
        style = self.painter.style("prompt", "sheet")
        color, background = map(Color.from_rich_color, (style.color, style.bgcolor))
        self.set_styles(color=color, background=background)

    def get_component_rich_style(self, *names: str, partial: bool = False, default: Style | None = None) -> Style:
        """The style of the cursor, of what is selected, and of what stands where nothing is typed."""
        role = _ROLES.get(names[-1], "prompt")
        return self.painter.style(role, "sheet") + Style(reverse=role == "prompt" or None)

    def begin(self, text: str) -> None:
        """Take the keys, with a text that the first character typed replaces."""
        self.look()
        self.put(text)
        self.select_all()
        self.screen.set_focus(self)

    def put(self, text: str) -> None:
        """Another text, the cursor at its end."""
        self.value = clean_line(text)
        self.cursor_position = len(self.value)

    def tell(self, hint: str) -> None:
        """Say something where nothing is typed."""
        self.placeholder = hint

    def take(self, text: str) -> None:
        """Type text where the cursor is, or in the place of what is selected."""
        self.replace(text, *sorted(self.selection))


async def press(screen: Screen[Any], event: events.Key | events.Paste) -> None:
    """Deal with a key of a dialog or a prompt before the next one is looked at. On Textual's own way, through the
    queues of its widgets, a key that is typed right behind Enter or Backspace overtakes it."""
    line = screen.focused if isinstance(screen.focused, Line) else None
    if isinstance(event, events.Paste):
        if line is not None:
            line.take(clean_line(event.text))
    elif line is not None and event.is_printable:
        line.take(event.character or "")
    else:
        key = on_us_layout(key_name(event.key, event.character)) if event.is_printable else event.key
        bound = screen.active_bindings.get(key)
        if bound is not None and bound.enabled:
            await screen.app.run_action(bound.binding.action, bound.node)


def bindings(*actions: str) -> list[BindingType]:
    """The Bindings of a dialog for actions of the table of keys, by its default keys; `keymap_of` knows the others."""
    keymap = keymap_of(make_keymap())
    return [Binding(keymap[f"dialog.{name}"], name, id=f"dialog.{name}", priority=True) for name in actions]


def keymap_of(keymap: Keymap) -> dict[str, str]:
    """What Textual's Bindings of dialogs are to be bound to, by their ids."""
    return {f"dialog.{name}": ",".join(map(textual_name, keymap.in_dialogs(name))) for name in DIALOG_KEYS}


def own_keys(keymap: Keymap) -> dict[str, str]:
    """The keys of dialogs that are others than the default ones, for `App.set_keymap`."""
    return dict(keymap_of(keymap).items() - keymap_of(make_keymap()).items())


class Dialog(ModalScreen[Result | None]):
    """A screen over the reading screen that ends with a result, or by Esc with None. `sheet`: what it shows."""

    sheet: Widget

    AUTO_FOCUS = ""
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings("cancel")

    def render_lines(self, crop: Region) -> list[Strip]:
        """What lies behind, unchanged: links stay links. Lines that the sheet covers are not drawn."""
        stack, width, height = self.app.screen_stack, crop.right, crop.bottom  # its size may still be the former one
        behind, sheet = stack[stack.index(self) - 1], self.sheet.region
        above, below = Region(0, 0, width, sheet.y), Region(0, sheet.bottom, width, height - sheet.bottom)
        strips = [*strips_of(behind, above), *[Strip.blank(width)] * sheet.height, *strips_of(behind, below)]
        return [strip.crop(crop.x, crop.right) for strip in strips[crop.y : crop.bottom]]

    def begin(self) -> None:
        """Take the keys."""

    async def press(self, event: events.Key | events.Paste) -> None:
        """Deal with a key."""
        await press(self, event)

    def action_cancel(self) -> None:
        """Close with nothing picked."""
        self.dismiss(None)


class QuestionScreen(Dialog[bool]):
    """A question in the place of the status line: y is yes, every other key is no. `keys` tells it, however long the
    text is; `sign` stands for what of that has no room."""

    def __init__(self, painter: Painter, text: str, keys: str, sign: str) -> None:
        super().__init__()
        self.sheet = LinePane(painter, self, classes="line")
        self.text = text
        self.keys = keys
        self.sign = sign

    def compose(self) -> ComposeResult:
        yield self.sheet

    def lines(self, width: int, height: int, focus: Pane) -> list[Drawn]:
        """The line as it is drawn."""
        keys = f"  {self.keys}"
        text = cut(clean_line(self.text), width - 2 - cell_width(keys), self.sign)
        return [(((" ", "pad"), (text, "question"), (keys, "status")), "")]

    async def press(self, event: events.Key | events.Paste) -> None:
        """Answer; what is pasted answers nothing."""
        if isinstance(event, events.Key):
            self.dismiss(on_us_layout(key_name(event.key, event.character)) in ("y", "Y"))
