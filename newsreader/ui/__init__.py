"""The window: two panes, a status line, and whatever lies over them for a moment.

Owns: `run`, its door. Nothing is imported from here on the way in: the pure modules (keys, rows, layout, window, words,
themes, desk, commands, ...) stand without Textual, and the first frame uses some of them before it.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsreader.config import Config
    from newsreader.reader import Reader


def run(config: Config, reader: Reader) -> int:
    """Show the window on a reader until the person leaves it; the exit code. Raises BadSettings for settings that only
    the window can judge: the theme and the keys."""
    # Importing makes many objects and no garbage: a tenth of the time to the first frame would be spent on looking
    # through them. The app turns the collector on again once it is shown.
    gc.disable()
    from newsreader.ui.app import open_window

    return open_window(config, reader)
