"""The themes, Textual's and ours, and how they become the palette that the panes are painted with.

Decided here: our themes, and what of a theme the roles are coloured by: the variables that `roles.tcss` uses. Those of
text are made legible: 4.5:1 at least (WCAG 2, AA) on every ground that it may stand on, whatever the theme, also as
a terminal of 256 colours shows them, which most are over SSH.
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import __version__
from textual.app import App
from textual.color import Color, ColorParseError
from textual.css.styles import RenderStyles
from textual.theme import BUILTIN_THEMES, Theme
from textual.widget import Widget

from newsreader.config.places import Places, write_private
from newsreader.config.toml_file import line_of, meant, read_toml, shown
from newsreader.errors import BadSettings
from newsreader.ui.palette import BASE, Palette, palette_file
from newsreader.ui.terminal.styles import BOLD, DIM, ITALIC, REVERSE, STRIKE, UNDERLINE, Colour, Style, in_256

_OWN: Final = "ansi_default"
"""The terminal's own colour."""


def _terminal(name: str, *, accent: str = _OWN, warning: str = _OWN, error: str = _OWN) -> Theme:
    return replace(BUILTIN_THEMES["ansi-dark"], name=name, accent=accent, warning=warning, error=error)


THEMES: Final = (
    _terminal("auto", accent="ansi_magenta", warning="ansi_yellow", error="ansi_red"),
    Theme(
        "dark",
        foreground="#cfccc4",
        background="#16181d",
        primary="#86aed4",
        secondary="#8aa9c8",
        accent="#e0a458",
        warning="#e7c66b",
        success="#a3be8c",
        error="#e58080",
    ),
    Theme(
        "light",
        dark=False,
        foreground="#35322c",
        background="#fbf8f1",
        primary="#1f5f9b",
        secondary="#5f86ad",
        accent="#b3541e",
        warning="#a97b00",
        success="#3f6b3a",
        error="#b3261e",
    ),
    Theme(
        "contrast",
        foreground="#ffffff",
        background="#000000",
        primary="#66ccff",
        secondary="#66ccff",
        accent="#ffb000",
        warning="#ffe14d",
        success="#7dff7d",
        error="#ff8080",
    ),
    _terminal("plain"),
)
"""Ours, the default first."""


def own_themes(folder: Path) -> tuple[list[Theme], list[BadSettings]]:
    """The themes that a person wrote, one in a .toml file named after it, and what is wrong with others."""
    themes: list[Theme] = []
    faults: list[BadSettings] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            themes.append(_theme(path))
        except BadSettings as fault:
            faults.append(fault)
    return themes, faults


def _theme(path: Path) -> Theme:
    """A theme of the fields of Textual's Theme: colours, `dark`, and [variables] that are colours."""
    table = read_toml(path)
    variables = table.pop("variables", {})
    known = {field.name for field in fields(Theme)} - {"name", "ansi", "luminosity_spread", "text_alpha"}
    for name, value in (*table.items(), *(variables.items() if isinstance(variables, dict) else [])):
        if name not in known and name not in variables:
            raise BadSettings(str(path), f"{name}: no colour of a theme; one of {', '.join(sorted(known))}")
        if name == "dark" and isinstance(value, bool):
            continue
        try:
            Color.parse(value)
        except (ColorParseError, TypeError, AttributeError):
            raise BadSettings(str(path), f'{name}: takes a colour such as "#86aed4", not {shown(value)}') from None
    if "primary" not in table:
        raise BadSettings(str(path), "primary: a theme needs this colour")
    return Theme(path.stem, **table, variables=variables)


# --- The variables of the roles -------------------------------------------------------------------------------------

LEGIBLE: Final = 4.5
SEEN: Final = 1.5
"""The contrast of the cursor's ground to the paper."""


_ATTRIBUTES_INSTEAD: Final = {
    "role-dim": "dim",
    "role-bold": "bold",
    "role-invert": "reverse",
    "role-underline": "underline",
    "role-match": "bold reverse",
    "role-hint": "bold reverse",
    "role-group": "bold dim",
}


def role_variables(theme: Theme) -> dict[str, str]:
    """The variables that roles.tcss colours the roles by; what the theme itself says of them stands."""
    return {**(_of_the_terminal(theme) if theme.ansi else _painted(theme)), **theme.variables}


def _of_the_terminal(theme: Theme) -> dict[str, str]:
    names = ("paper", "ink", "bright", "soft", "muted", "faint", "link", "code", "bar", "cursor", "resting")
    own = {f"role-{name}": _OWN for name in names}
    marks = {"role-mark": theme.accent, "role-star": theme.warning, "role-error": theme.error}
    return {**own, **{name: colour or _OWN for name, colour in marks.items()}, **_ATTRIBUTES_INSTEAD}


def _painted(theme: Theme) -> dict[str, str]:
    system = theme.to_color_system().generate()
    paper = Color.parse(system["background"])
    names = ("foreground", "primary", "secondary", "accent", "warning", "error", "success")
    ink, *hues = (paper.blend(colour, colour.a, 1.0) for colour in (Color.parse(system[name]) for name in names))
    far = Color(255, 255, 255) if luminance(paper) < 0.18 else Color(0, 0, 0)
    cursor = _reach(paper, far, (paper,), SEEN, contrast)
    resting = paper.blend(cursor, 0.5)
    grounds = (paper, resting, cursor)
    muted = _reach(paper.blend(ink, 0.5), far, grounds, LEGIBLE, shown_contrast)
    texts = {"ink": ink, "bright": ink.blend(far, 0.6), "soft": muted.blend(ink, 0.4), "muted": muted}
    texts.update(zip(("link", "bar", "mark", "star", "error", "code"), hues, strict=True))
    colours = {name: _reach(colour, far, grounds, LEGIBLE, shown_contrast) for name, colour in texts.items()}
    colours.update(paper=paper, cursor=cursor, resting=resting, faint=paper.blend(ink, 0.2))
    attributes = {**dict.fromkeys(_ATTRIBUTES_INSTEAD, "none"), "role-hint": "bold", "role-group": "bold"}
    return {**{f"role-{name}": colour.hex6 for name, colour in colours.items()}, **attributes}


def _reach(
    colour: Color, far: Color, grounds: Sequence[Color], wanted: float, measure: Callable[[Color, Color], float]
) -> Color:
    """The colour, as near to `far` as it takes to stand out from all grounds."""

    def at(step: int) -> Color:
        return Color.parse(colour.blend(far, step / 128).hex6)

    def reaches(step: int) -> bool:
        return min(measure(at(step), ground) for ground in grounds) >= wanted

    if reaches(0):
        return at(0)
    too_near, enough = 0, 128
    while enough - too_near > 1:
        step = (too_near + enough) // 2
        if reaches(step):
            enough = step
        else:
            too_near = step
    return at(enough)


def shown_contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours on a terminal of all colours or of 256, where it is less."""
    return min(contrast(one, other), contrast(_in_256(one), _in_256(other)))


def _in_256(colour: Color) -> Color:
    red, green, blue = in_256(colour.rgb)
    return Color(red, green, blue)


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours, 1 to 21, as WCAG 2 defines it."""
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: Color) -> float:
    """The relative luminance of a colour, 0 to 1, as WCAG 2 defines it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# --- What they resolve to -------------------------------------------------------------------------------------------

SHEET: Final = Path(__file__).with_name("roles.tcss")
_PREFIX: Final = "roles--"
_ATTRIBUTES: Final = {
    "bold": BOLD, "dim": DIM, "italic": ITALIC, "underline": UNDERLINE, "strike": STRIKE, "reverse": REVERSE,
}  # fmt: skip


class Roles(Widget):
    """A widget that nobody sees: its component classes are the roles, which roles.tcss styles. It is mounted where a
    palette has to be made."""

    DEFAULT_CSS = SHEET.read_text("utf-8")
    SCOPED_CSS = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        word[1:] for word in DEFAULT_CSS.replace(",", " ").split() if word.startswith(f".{_PREFIX}")
    }

    def palette(self, made_of: str) -> Palette:
        """The styles of all roles in the app's theme."""
        styles = {name.removeprefix(_PREFIX): _style(self.get_component_styles(name)) for name in COMPONENTS}
        return Palette(styles.pop(BASE), styles, made_of)


COMPONENTS: Final = sorted(Roles.COMPONENT_CLASSES)


def _style(styles: RenderStyles) -> Style:
    text = styles.text_style
    return Style(
        frozenset(number for name, number in _ATTRIBUTES.items() if getattr(text, name)),
        _colour(styles.color) if styles.has_rule("color") else (),
        _colour(styles.background) if styles.has_rule("background") else (),
    )


def _colour(colour: Color) -> Colour:
    if colour.ansi is not None:
        return () if colour.ansi < 0 else (colour.ansi,)
    return colour.rgb


def made_of(theme: Theme) -> str:
    """What a palette is made of, so that it is known when it is to be made anew: Textual's version, the style sheet and
    the variables of the theme."""
    what = f"{Roles.DEFAULT_CSS}{sorted(role_variables(theme).items())}"
    return f"textual {__version__} {crc32(what.encode()):08x}"


async def make_palette(app: App[Any]) -> Palette:
    """The palette of the app's theme, by its style sheet."""
    found = app.screen_stack[0].query(Roles)
    roles = found.first() if found else Roles()
    if not found:
        await app.screen_stack[0].mount(roles)
    return roles.palette(made_of(app.current_theme))


def keep_palette(places: Places, theme: str, palette: Palette) -> None:
    """Keep a palette for the next start; where it cannot be kept, that one is painted twice."""
    path = palette_file(places.cache, theme)
    with suppress(OSError):
        places.make(places.cache)
        places.make(path.parent)
        write_private(path, palette.written())


def theme_faults(name: str, folder: Path, path: str) -> list[BadSettings]:
    """What is wrong with a person's own themes, and with the name of one in the settings at a path."""
    _, faults = own_themes(folder)
    known = available(folder)
    if name not in known:
        fault = BadSettings(path, f'theme: there is no "{name}"{meant(name, known)}; there are {", ".join(known)}')
        faults.append(fault.at(line_of(path, "theme")))
    return faults


def available(folder: Path) -> dict[str, Theme]:
    """Every theme that can be chosen, by name: ours, Textual's, a person's own."""
    own, _ = own_themes(folder)
    return {theme.name: theme for theme in (*THEMES, *BUILTIN_THEMES.values(), *own)}
