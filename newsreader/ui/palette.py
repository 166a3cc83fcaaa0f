"""What each role looks like: the styles of a theme, as the first frame needs them. Pure: no textual, no rich.

Textual's style sheet says it (themes.py); what came of it is kept as lines of text, `ROLE SGR`, a file for each theme:
ours lie beside this module, others in the cache. A role is words: the first has a style of its own, the others change
it; one that begins with LEADS says where a terminal that knows of links should lead to.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from newsreader.files import read_file
from newsreader.ui.terminal.styles import BOLD, DIM, REVERSE, Style, parse_sgr, spell_sgr

LEADS: Final = "to="
DEFAULT: Final = "auto"
"""The theme of the terminal's own colours and the attributes that any terminal has."""
PLAIN: Final = "plain"
"""The same without any colour, for NO_COLOR."""
BASE: Final = "base"
FEW: Final = 256
"""Colours of a terminal under which a theme's grounds fall together, and the cursor's row with the others."""
_SHIPPED: Final = Path(__file__).with_name("palettes")
_LARGEST: Final = 65_536


class Palette(NamedTuple):
    """The styles of a theme: `base` of what has no role, the others laid over it where they say something. `made_of`
    names what they were made of, "" where nobody knows."""

    base: Style = Style()
    roles: Mapping[str, Style] = {}
    made_of: str = ""

    def style(self, role: str) -> Style:
        """The style of a role; unknown words change nothing."""
        style = self.base
        for word in role.split():
            laid = self.roles.get(word)
            if laid is None:
                if word.startswith(LEADS):
                    style = style._replace(link=word[len(LEADS) :])
                continue
            # On a reversed ground, dim text is hard to read, and colours and bold make patches.
            is_lost = {BOLD} if REVERSE in style.attributes and REVERSE not in laid.attributes else set()
            style = Style(
                style.attributes | (laid.attributes - is_lost),
                laid.ink or style.ink,
                laid.ground or style.ground,
                style.link,
            )
        if REVERSE in style.attributes:
            return Style(style.attributes - {DIM}, link=style.link)
        return style

    def written(self) -> str:
        """The palette as a file holds it."""
        styles = {BASE: self.base, **self.roles}
        lines = [f"{role} {spell_sgr(style)}".rstrip() for role, style in styles.items()]
        return "\n".join([f"# {self.made_of}".rstrip(), *lines, ""])


def read_palette(text: str) -> Palette:
    """The palette of a file. Raises ValueError for what none is."""
    head, *lines = text.splitlines() or [""]
    styles = {role: parse_sgr(sgr) for role, _, sgr in (line.partition(" ") for line in lines)}
    if not head.startswith("#") or BASE not in styles:
        raise ValueError(head)
    return Palette(styles.pop(BASE), styles, head[1:].strip())


def theme_within(theme: str, colours: int) -> str:
    """The theme that a terminal of so many colours shows in the place of one."""
    return theme if colours >= FEW or theme == PLAIN else DEFAULT if colours else PLAIN


def palette_file(cache: Path, theme: str) -> Path:
    """Where a theme's palette is cached; its name is one of a file."""
    return cache / "palettes" / f"{theme}.txt"


def load_palette(theme: str, cache: Path) -> Palette | None:
    """The palette of a theme as it was made last, or as it came with us; None if it never was, or is damaged."""
    for path in (palette_file(cache, theme), palette_file(_SHIPPED.parent, theme)):
        try:
            return read_palette(read_file(path, _LARGEST).decode())
        except (OSError, ValueError):
            continue
    return None
