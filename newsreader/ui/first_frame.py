"""All of the window that needs no Textual, and its first frame.

Decided here: that the headlines stand on the screen before Textual is imported, in the cells and styles in which it
will paint them. Pure: no textual, no rich, no asyncio.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from newsreader.config import Config
from newsreader.reader import Reader, View
from newsreader.summary import Summary
from newsreader.ui.appearance import Appearance
from newsreader.ui.drawings import ScreenLayout
from newsreader.ui.history import PromptHistory
from newsreader.ui.i18n import chosen_language, language_faults, words_for
from newsreader.ui.keys import Pane, make_keymap_somehow
from newsreader.ui.layout import Layout
from newsreader.ui.palette import DEFAULT, Palette, load_palette, theme_within
from newsreader.ui.panes.headlines import Headlines
from newsreader.ui.panes.open_article import OpenArticle
from newsreader.ui.panes.sources import SourceList
from newsreader.ui.panes.status import Status
from newsreader.ui.rows import Drawn
from newsreader.ui.session import preferences_of, theme_of, typed_of, view_of
from newsreader.ui.terminal.capabilities import Capabilities
from newsreader.ui.terminal.cells import Grid, Row, Speller
from newsreader.ui.terminal.takeover import FirstFrame

TITLE: Final = "newsreader"
"""The title of the terminal's window."""


class Opening:
    """A window that is about to open: what its panes are about, its theme and its drawings. `faults`: what of the
    settings it does not take; `focus`: the pane that is to have it."""

    def __init__(
        self,
        config: Config,
        reader: Reader,
        environ: Mapping[str, str],
        *,
        capabilities: Capabilities | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        settings = self.settings = config.settings
        self.reader = reader
        where = str(config.places.settings_file)
        self._kept = reader.session()
        self.chosen_theme = theme_of(self._kept, settings.theme)
        self.colours = 0 if environ.get("NO_COLOR") else (capabilities or Capabilities()).colours
        self.theme = theme_within(self.chosen_theme, self.colours)
        cache = config.places.cache
        self.palette = load_palette(self.theme, cache) or load_palette(DEFAULT, cache) or Palette()
        self.keymap, faults = make_keymap_somehow(settings.keys.preset, settings.keys.overrides, where)
        self.faults = [*config.faults, *faults, *language_faults(settings.language, where)]
        self.focus: Pane = "list"
        self.typed = PromptHistory()
        self.charset = capabilities.charset if capabilities is not None else "utf-8"
        self._is_started = False
        self._numbers: dict[str, int] = {}
        words = words_for(chosen_language(settings.language, environ))
        self.appearance = Appearance(
            settings,
            words,
            clock or (lambda: datetime.now(UTC)),
            ascii_marks=capabilities is not None and capabilities.ascii_marks,
            shows=(capabilities or Capabilities()).shows,
        )
        self.status = Status(words)
        self.headlines = Headlines(reader, settings, self.appearance, self.keymap, self.status)
        self.article = OpenArticle(reader, self.headlines, self.appearance, self.status)
        self.sources = SourceList(self.headlines)
        self.layout = Layout(lambda: self.sources.width)
        self.panes = ScreenLayout(self.headlines, self.article, self.sources, self.status, self.layout)

    def start(self, size: tuple[int, int]) -> None:
        """The first rows, and the story that was left open, for a screen of that size; once they are there, only the
        size is new."""
        if not self._is_started:
            self._load(size)
            self._reopen()
        elif self.layout.size != size:
            self.layout.resize(size)
            self.panes.arrange(self.focus)

    def _load(self, size: tuple[int, int]) -> None:
        """The first rows, or those that the last session ended with; its story waits for `_reopen`."""
        self._is_started = True
        self.layout.resize(size)
        if self.settings.script != "written" and not self.appearance.show_script(self.settings.script):
            self.status.say("no_conversion")
        kept = self._kept
        self.layout.prefer(**preferences_of(kept)._asdict())
        self.typed.restore(typed_of(kept))
        if self.layout.preferences.sources:
            self.sources.load()
        view = view_of(kept)
        if not self.reader.rows(view).counts().stories:
            view = View(unread=view.unread)
        self.headlines.start(view)
        self.panes.arrange(self.focus)
        row, opened = (self._kept_row(kept.get(name)) for name in ("cursor", "open"))
        line = kept.get("line")
        if row is not None:
            self.headlines.viewport.put(row, line if isinstance(line, int) else 0)
        else:
            self.headlines.viewport.load()
        self.article.leave_open(opened)
        if self.article.left_open is not None and kept.get("pane") == "article":
            self.focus = "article"
        self.panes.arrange(self.focus)

    def _kept_row(self, story: object) -> Summary | None:
        return self.headlines.rows.summary(story) if isinstance(story, str) else None

    def _reopen(self) -> None:
        if not self.article.reopen():
            self.focus = "list"
        self.panes.arrange(self.focus)

    def paint(self, frame: FirstFrame) -> None:
        """Show on a terminal what the window will show: the headlines before the story that was left open is read."""
        self._load(frame.size)
        if self.article.left_open is not None and self.layout.geometry(self.focus).list is not None:
            frame.show(self._grid(frame))
        self._reopen()
        frame.show(self._grid(frame))

    def _grid(self, frame: FirstFrame) -> Grid:
        grid = Grid(*frame.size)
        for drawing, box in zip(self.panes.drawings, self.panes.boxes(self.focus), strict=True):
            if box is None:
                continue
            lines = drawing.lines(box.width, box.height, self.focus)[: box.height]
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
