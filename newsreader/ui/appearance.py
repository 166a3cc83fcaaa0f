"""How the window words what it shows, and what that takes on this terminal: language, zone, signs, Chinese script.

Everything that draws reads it; it changes when the person asks for another script, or the terminal tells what its
characters measure. Pure: no textual, no rich.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from newsreader.config.settings import Settings
from newsreader.ui.i18n import Words
from newsreader.ui.panes.article_page import Style
from newsreader.ui.rows import Marks, marks_for

if TYPE_CHECKING:
    from newsreader.article import Style as TextStyle
    from newsreader.conversion import Script


class Appearance:
    """Language, zone, signs and script. `clock` tells the present, in any zone."""

    def __init__(
        self,
        settings: Settings,
        words: Words,
        clock: Callable[[], datetime],
        *,
        ascii_marks: bool,
        shows: frozenset[TextStyle],
    ) -> None:
        self.words = words
        self.zone = settings.timezone
        self.script: Script = "written"
        self.style = Style(settings.measure, bool(settings.ambiguous_wide), ascii_marks, words, self.now, shows=shows)
        self._clock = clock
        self.count_ambiguous(wide=self.style.ambiguous_wide)

    def now(self) -> datetime:
        """The present in the reader's zone."""
        return self._clock().astimezone(self.zone)

    def count_ambiguous(self, *, wide: bool) -> None:
        """The terminal gives ambiguous characters two cells, or one."""
        self.style = self.style._replace(ambiguous_wide=wide)
        self.marks: Marks = marks_for(ascii_marks=self.style.ascii_marks, ambiguous_wide=wide)

    def show_script(self, script: Script) -> bool:
        """Show Chinese in a script; False where nothing can convert it."""
        from newsreader.conversion import converter

        try:
            convert = converter(script)
        except ImportError:
            return False
        self.script, self.style = script, self.style._replace(convert=convert)
        return True
