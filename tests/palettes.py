"""Makes the palettes of our own themes, which the first frame paints in, anew: `python -m tests.palettes`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from textual.app import App
from textual.theme import Theme

from newsreader.ui import palette
from newsreader.ui.palette import Palette
from newsreader.ui.themes import THEMES, make_palette, role_variables

FOLDER: Final = Path(palette.__file__).with_name("palettes")


class _Themed(App[None]):
    def __init__(self, theme: Theme) -> None:
        super().__init__(ansi_color=theme.ansi)
        self.register_theme(theme)
        self.set_reactive(App.theme, theme.name)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return role_variables(self.current_theme)


async def made(theme: Theme) -> Palette:
    """What the style sheet says of a theme."""
    app = _Themed(theme)
    async with app.run_test():
        return await make_palette(app)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for known in THEMES:
        (FOLDER / f"{known.name}.txt").write_text(asyncio.run(made(known)).written())
