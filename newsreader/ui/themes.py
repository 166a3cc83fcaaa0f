"""The themes: what each role looks like.

Owns: the roles' pens in every theme. Decided only here: colours. Pure: no textual, no rich; the first frame uses it
too. Never: what carries which role.

`auto` takes the terminal's own colours and the attributes that any terminal has, so that it is right on dark and on
light and with sixteen colours; `plain` is the same without any colour, for NO_COLOR. `dark` and `light` paint all.
A role is words: the first has a pen of its own, the others change it; one that begins with LEADS says where a terminal
that knows of links should lead to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Pen(NamedTuple):
    """How text is drawn. Colours are "#rrggbb", one of the sixteen by name, or None: as what it is laid over."""

    fg: str | None = None
    bg: str | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    reverse: bool = False

    def over(self, base: Pen) -> Pen:
        """This pen laid over another: its colours if it has any, the attributes of both."""
        return Pen(
            self.fg or base.fg,
            self.bg or base.bg,
            self.bold or base.bold,
            self.dim or base.dim,
            self.italic or base.italic,
            self.underline or base.underline,
            self.strike or base.strike,
            self.reverse or base.reverse,
        )


class Theme(NamedTuple):
    """A theme: `ansi` leaves the terminal's own colours alone."""

    name: str
    dark: bool
    ansi: bool
    base: Pen
    pens: Mapping[str, Pen]

    def pen(self, role: str) -> Pen:
        """The pen of a role; unknown words change nothing."""
        pen = self.base
        for word in role.split():
            laid = self.pens.get(word, _NONE)
            pen = (laid._replace(bold=False) if pen.reverse and not laid.reverse else laid).over(pen)
        # On a reversed ground, dim text is hard to read, and colours and bold make patches.
        return pen._replace(fg=None, bg=None, dim=False) if pen.reverse else pen


LEADS: Final = "to="
_NONE: Final = Pen()


def leads_to(role: str) -> str:
    """The URL in a role; "" if it has none."""
    return role.partition(LEADS)[2].split(" ")[0] if LEADS in role else ""


# What a span's style does in every theme.
_STYLES: Final = {
    "strong": Pen(bold=True),
    "em": Pen(italic=True),
    "underline": Pen(underline=True),
    "strike": Pen(strike=True),
}


def _painted(
    name: str,
    *,
    dark: bool,
    paper: str,
    ink: str,
    bright: str,
    soft: str,
    muted: str,
    faint: str,
    mark: str,
    star: str,
    link: str,
    code: str,
    bar: str,
    cursor: str,
    resting: str,
    picked: str,
    error: str,
) -> Theme:
    pens = {
        **_STYLES,
        # the list
        "day": Pen(muted),
        "new": Pen(mark, bold=True),
        "changed": Pen(mark),
        "selected": Pen(star, bold=True),
        "star": Pen(star),
        "tag": Pen(muted),
        "age": Pen(muted),
        "source": Pen(muted),
        "unread": Pen(bright),
        "read": Pen(soft),
        "cursor": Pen(bg=cursor),
        "resting": Pen(bg=resting),
        # the article
        "title": Pen(bright, bold=True),
        "meta": Pen(muted),
        "lead": Pen(bright),
        "heading": Pen(bright, bold=True),
        "caption": Pen(soft),
        "credit": Pen(muted),
        "quote": Pen(soft),
        "code": Pen(code),
        "furniture": Pen(muted),
        "table-header": Pen(bright, bold=True),
        "link": Pen(link),
        "highlight": Pen(bg=cursor),
        "match": Pen(paper, bg=star),
        "small": Pen(muted),
        "rule": Pen(faint),
        "mark": Pen(muted),
        "fold": Pen(muted),
        "picked": Pen(paper, bg=picked),
        "hint": Pen(paper, bg=mark, bold=True),
        # the frame
        "wall": Pen(faint),
        "status": Pen(muted),
        "status-strong": Pen(ink),
        "bar": Pen(bar),
        "bar-todo": Pen(faint),
        "error": Pen(error),
        "question": Pen(mark),
        "sheet": Pen(bg=resting),
        "sheet-title": Pen(bright, bold=True),
        "sheet-key": Pen(mark),
        "sheet-group": Pen(muted, bold=True),
        "sheet-note": Pen(muted),
        "prompt": Pen(bright),
    }
    return Theme(name, dark, False, Pen(ink, paper), pens)


DARK: Final = _painted(
    "dark",
    dark=True,
    paper="#16181d",
    ink="#cfccc4",
    bright="#f2efe8",
    soft="#a8a9a4",
    muted="#7d828c",
    faint="#363b44",
    mark="#e0a458",
    star="#e7c66b",
    link="#86aed4",
    code="#a3be8c",
    bar="#8aa9c8",
    cursor="#2b313b",
    resting="#23272f",
    picked="#86aed4",
    error="#e58080",
)
LIGHT: Final = _painted(
    "light",
    dark=False,
    paper="#fbf8f1",
    ink="#35322c",
    bright="#16140f",
    soft="#5f5a50",
    muted="#817b6f",
    faint="#d9d2c3",
    mark="#b3541e",
    star="#a97b00",
    link="#1f5f9b",
    code="#3f6b3a",
    bar="#5f86ad",
    cursor="#e8e0cc",
    resting="#f2ecdf",
    picked="#1f5f9b",
    error="#b3261e",
)


def _own(name: str, *, mark: str | None, star: str | None, error: str | None) -> Theme:
    dim = Pen(dim=True)
    pens = {
        **_STYLES,
        "day": dim,
        "new": Pen(mark, bold=True),
        "changed": Pen(mark),
        "selected": Pen(star, bold=True),
        "star": Pen(star),
        "tag": dim,
        "age": dim,
        "source": dim,
        "unread": Pen(),
        "read": dim,
        "cursor": Pen(reverse=True),
        "resting": Pen(underline=True),
        "title": Pen(bold=True),
        "meta": dim,
        "lead": Pen(bold=True),
        "heading": Pen(bold=True),
        "credit": dim,
        "furniture": dim,
        "table-header": Pen(bold=True),
        "link": Pen(underline=True),
        "highlight": Pen(reverse=True),
        "match": Pen(reverse=True, bold=True),
        "small": dim,
        "rule": dim,
        "mark": dim,
        "fold": dim,
        "picked": Pen(reverse=True),
        "hint": Pen(reverse=True, bold=True),
        "wall": dim,
        "status": dim,
        "bar-todo": dim,
        "error": Pen(error, bold=True),
        "question": Pen(bold=True),
        "sheet-title": Pen(bold=True),
        "sheet-key": Pen(bold=True),
        "sheet-group": Pen(dim=True, bold=True),
        "sheet-note": dim,
    }
    return Theme(name, True, True, Pen(), pens)


AUTO: Final = _own("auto", mark="magenta", star="yellow", error="red")
PLAIN: Final = _own("plain", mark=None, star=None, error=None)
THEMES: Final[Mapping[str, Theme]] = {theme.name: theme for theme in (AUTO, DARK, LIGHT, PLAIN)}


def theme_for(setting: str, environ: Mapping[str, str]) -> Theme | None:
    """The theme of that name, without any colour where NO_COLOR is set; None if there is none of that name."""
    theme = THEMES.get(setting)
    return PLAIN if theme is not None and environ.get("NO_COLOR") else theme
