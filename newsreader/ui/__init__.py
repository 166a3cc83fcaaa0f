"""The window: two panes, a status line, and whatever lies over them for a moment.

Nothing is imported from here on the way in: the pure modules (keys, rows, layout, words, themes, list_viewport,
screen_layout, ...) stand without Textual, and the first frame is painted by them before it is imported.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsreader.config import Config
    from newsreader.reader import Reader


def run(config: Config, reader: Reader) -> int:
    """Show the window on a reader until the person leaves it; the exit code. Raises BadSettings for settings that only
    the window can judge, the theme and the keys, and for sources that a reader opened `later` could not look for."""
    # The driver knows the terminal better than the libraries above it, which take the first two for the whole truth.
    os.environ.pop("UNICODE_VERSION", None)
    # With Textual's 60 frames a second, a key that comes soon after a frame, such as one of the indexing, waits for its
    # own. The driver sends no more frames than the terminal takes.
    os.environ.update(TEXTUAL_COLOR_SYSTEM="truecolor", TEXTUAL_FPS="500")
    from newsreader.ui.first_frame import TITLE, Opening
    from newsreader.ui.terminal.capabilities import detect
    from newsreader.ui.terminal.takeover import FirstFrame

    settings, terminal = config.settings, detect(os.environ)
    opening = Opening(config, reader, os.environ, capabilities=terminal)
    frame = FirstFrame(terminal, mouse=settings.mouse, ambiguous_wide=settings.ambiguous_wide, title=TITLE)
    try:
        opening.paint(frame)
        reader.locate()
        from newsreader.ui.app import NewsreaderApp
        from newsreader.ui.terminal.driver import Wire, driver_for

        wire = Wire(
            terminal,
            mouse=settings.mouse,
            ambiguous_wide=bool(settings.ambiguous_wide),
            title=TITLE,
            on_end=lambda: app.save(),
            on_ambiguous=(lambda wide: app.count_ambiguous(wide)) if settings.ambiguous_wide is None else None,
            first=frame,
        )
        app = NewsreaderApp(config, reader, opening=opening, driver_class=driver_for(wire))
        app.run(mouse=settings.mouse)
        return app.return_code or 0
    finally:
        frame.give_back()
