"""All of the window that needs no Textual, and its first frame.

Decided here: that the headlines stand on the screen before Textual is imported, in the cells and styles in which it
will paint them. Pure: no textual, no rich, no asyncio.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from newsreader.config import Config
from newsreader.reader import Reader
from newsreader.ui.desk import Desk
from newsreader.ui.i18n import chosen_language, language_faults, words_for
from newsreader.ui.keys import make_keymap_somehow
from newsreader.ui.palette import DEFAULT, PLAIN, Palette, load_palette
from newsreader.ui.rows import Drawn
from newsreader.ui.screen_layout import ScreenLayout
from newsreader.ui.terminal.capabilities import Capabilities
from newsreader.ui.terminal.cells import Grid, Row, Speller
from newsreader.ui.terminal.first_frame import FirstFrame

TITLE: Final = "newsreader"
"""The title of the terminal's window."""


class Opening:
    """A window that is about to open: its desk, theme and drawings. `faults`: what of the settings it does not take."""

    def __init__(
        self,
        config: Config,
        reader: Reader,
        environ: Mapping[str, str],
        *,
        capabilities: Capabilities | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        settings = config.settings
        where = config.places.settings_name
        has_colours = not environ.get("NO_COLOR") and (capabilities is None or capabilities.colours > 0)
        self.theme = settings.theme if has_colours else PLAIN
        cache = config.places.cache
        self.palette = load_palette(self.theme, cache) or load_palette(DEFAULT, cache) or Palette()
        self.keymap, faults = make_keymap_somehow(settings.keys.preset, settings.keys.overrides, where)
        self.faults = [*config.faults, *faults, *language_faults(settings.language, where)]
        self.clock = clock or (lambda: datetime.now(UTC))
        self.waiting: list[tuple[float, Callable[[], None]]] = []
        ascii_marks = capabilities is not None and capabilities.ascii_marks
        shows = Capabilities().shows if capabilities is None else capabilities.shows
        words = words_for(chosen_language(settings.language, environ))
        self.desk = Desk(config, reader, words, self.keymap, self, ascii_marks=ascii_marks, shows=shows)
        self.layout = ScreenLayout(self.desk)
        self._is_started = False
        self._numbers: dict[str, int] = {}

    def after(self, seconds: float, then: Callable[[], None]) -> None:
        """Keep it until there is an app that can wait."""
        self.waiting.append((seconds, then))

    def start(self, size: tuple[int, int]) -> None:
        """The first rows, and the story that was left open, for a screen of that size; once they are there, only the
        size is new."""
        if not self._is_started:
            self._is_started = True
            self.desk.start(size)
            self.desk.reopen()
        elif self.desk.size != size:
            self.desk.size = size
            self.desk.arrange()

    def paint(self, frame: FirstFrame) -> None:
        """Show on a terminal what the window will show: the headlines before the story that was left open is read."""
        self._is_started = True
        self.desk.start(frame.size)
        if self.desk.left_open is not None and self.desk.geometry.list is not None:
            frame.show(self._grid(frame))
        self.desk.reopen()
        frame.show(self._grid(frame))

    def _grid(self, frame: FirstFrame) -> Grid:
        grid = Grid(*frame.size)
        for drawing, box in zip(self.layout.drawings, self.layout.boxes(), strict=True):
            if box is None:
                continue
            lines = drawing.lines(box.width, box.height)[: box.height]
            for y, line in enumerate(lines + [((), "")] * (box.height - len(lines)), box.y):
                row = self._row(line, box.width, frame.speller)
                grid.rows[y].put(box.x, row.text, row.styles)
        return grid

    def _row(self, line: Drawn, width: int, speller: Speller) -> Row:
        cells, ground = line
        row = Row(width)
        x = 0
        for text, role in (*cells, (" " * width, "pad")):
            role = f"{ground} {role}"
            if role not in self._numbers:
                self._numbers[role] = speller.styles.number(self.palette.style(role))
            spelled = speller.cells(text, self._numbers[role])
            row.put(x, *spelled)
            x += len(spelled[0])
        return row
