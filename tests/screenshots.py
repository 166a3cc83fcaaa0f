"""`python -m tests.screenshots`: draws screenshots/ anew, from the sample archive, at a fixed time.

An SVG of ours and not Textual's: every run of characters of one width is pinned to its cells, so that columns stand
straight in a browser whatever fonts it has, and no font is loaded from elsewhere.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from itertools import accumulate, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from newsreader.config import Config, places
from newsreader.config import load_settings as load
from newsreader.reader import Reader
from newsreader.safety import cell_width
from newsreader.ui.app import NewsreaderApp
from newsreader.ui.themes import THEMES, role_variables

HOME: Final = Path(__file__).resolve().parents[1] / "screenshots"
NOW: Final = datetime(2026, 11, 19, 12, 30, tzinfo=UTC)
CELL: Final = (9.0, 22)  # pixels of a cell
FONT: Final = 15
WIDE_FONT: Final = 18
BASELINE: Final = 16
MARGIN: Final = 14
CRISP: Final = 'shape-rendering="crispEdges"'
WALL: Final = "│"
FONTS: Final = (
    "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK TC', 'Noto Sans Mono', "
    "'PingFang TC', 'Microsoft JhengHei', monospace"
)


class Shot(NamedTuple):
    """One screenshot: the terminal's size, the theme, the language of the window, and what is typed first."""

    name: str
    size: tuple[int, int]
    theme: str
    language: str
    keys: tuple[str, ...]


SHOTS: Final = (
    Shot("120x40-dark-zh", (120, 40), "dark", "zh-Hant", ("j", "j", "enter", "h", "f", "j", "f", "k", "enter")),
    Shot("120x40-light-en", (120, 40), "light", "en", ("enter", "h", "j", "m", "j", "f", "k", "k")),
    Shot("80x24-dark-en", (80, 24), "dark", "en", ("j", "f", "k", "enter")),
    Shot("80x24-light-zh", (80, 24), "light", "zh-Hans", ("j", "enter", "h", "j", "f", "k")),
    Shot("60x20-dark-en", (60, 20), "dark", "en", ("L", "enter", "space")),
    Shot("60x20-light-zh", (60, 20), "light", "zh-Hans", ("L", "j", "f", "j")),
    Shot("80x24-dark-search", (80, 24), "dark", "en", ("/", "月", "亮")),
    Shot("120x40-light-sources", (120, 40), "light", "en", ("c", "j", "j", "j", "enter", "j", "t", *"later", "enter")),
    Shot("80x24-dark-help", (80, 24), "dark", "en", ("question_mark",)),
)


async def draw(shot: Shot, config: Config) -> str:
    """The SVG of one screenshot."""
    chosen = config.settings._replace(theme=shot.theme, language=shot.language, timezone=UTC, mark_read_after=0)
    with Reader.open(config._replace(settings=chosen), demo=True) as reader:
        for _progress in reader.ingest():
            pass
        for _progress in reader.fill_search():
            pass
        reader.changed()
        app = NewsreaderApp(config._replace(settings=chosen), reader, environ={}, clock=lambda: NOW)
        async with app.run_test(size=shot.size) as pilot:
            await pilot.press(*shot.keys)
            await pilot.pause()
            return svg(list(screen_lines(app)), shot)


def screen_lines(app: NewsreaderApp) -> Iterator[list[tuple[int, Segment]]]:
    """Each line of the screen as its segments, with the column where each begins: drawn by widgets over one another."""
    width, height = app.size
    lines = [Strip.blank(width)] * height
    for screen in app.screen_stack:
        for widget in screen.walk_children(Widget):
            left, right = widget.region.x, widget.region.right
            for y in range(max(widget.region.y, 0), min(widget.region.bottom, height) if widget.is_on_screen else 0):
                drawn = widget.render_line(y - widget.region.y).crop(0, right - left)
                lines[y] = Strip.join([lines[y].crop(0, left), drawn, lines[y].crop(right, width)])
    for line in lines:
        begins = accumulate((cell_width(segment.text) for segment in line), initial=0)
        yield list(zip(begins, line, strict=False))


def svg(lines: Sequence[list[tuple[int, Segment]]], shot: Shot) -> str:
    """The lines as an SVG image."""
    paper = next(role_variables(theme)["role-paper"] for theme in THEMES if theme.name == shot.theme).lower()
    width = shot.size[0] * CELL[0] + 2 * MARGIN
    height = shot.size[1] * CELL[1] + 2 * MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="{FONTS}" font-size="{FONT}">',
        f"<title>newsreader, {shot.name}</title>",
        f'<rect width="100%" height="100%" rx="8" fill="{paper}"/>',
    ]
    for y, line in enumerate(lines):
        for x, segment in line:
            out += _segment(x, y, segment.text, segment.style or Style(), paper)
    return "\n".join([*out, "</svg>", ""])


def _segment(x: int, y: int, text: str, style: Style, paper: str) -> Iterator[str]:
    fore, back = _hex(style, "color"), _hex(style, "bgcolor")
    if style.reverse:
        fore, back = back, fore
    left, top = MARGIN + x * CELL[0], MARGIN + y * CELL[1]
    cells = cell_width(text)
    if back != paper:
        yield f'<rect x="{left:g}" y="{top}" width="{cells * CELL[0]:g}" height="{CELL[1]}" fill="{back}" {CRISP}/>'
    looks = f' fill="{fore}"'
    looks += ' font-weight="bold"' if style.bold else ""
    looks += ' font-style="italic"' if style.italic else ""
    looks += ' text-decoration="underline"' if style.underline else ""
    for is_blank, run in _runs(text):
        width = cell_width(run) * CELL[0]
        if run == WALL:  # no font's is as high as the cell
            yield f'<path d="M{left + CELL[0] / 2:g} {top}v{CELL[1]}" stroke="{fore}"/>'
        elif not is_blank:
            # A wide character is as wide as its font is high: with two sizes, either kind fills its cells by itself.
            size = "" if cell_width(run) == len(run) else f' font-size="{WIDE_FONT}"'
            pinned = f'x="{left:g}" textLength="{width:g}" lengthAdjust="spacingAndGlyphs"'
            yield f'<text {pinned} y="{top + BASELINE}"{size}{looks}>{escape(run, quote=False)}</text>'
        left += width


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    """Runs of blanks, and of characters of one width."""
    for (is_blank, _), run in groupby(text, key=lambda char: (char.isspace(), cell_width(char))):
        yield is_blank, "".join(run)


def _hex(style: Style, which: str) -> str:
    color = getattr(style, which)
    return color.get_truecolor().hex if color is not None else "#000000"


def main() -> None:
    """Draw them all."""
    HOME.mkdir(exist_ok=True)
    for shot in SHOTS:
        with TemporaryDirectory() as home:
            where = places({"NEWSREADER_HOME": home})
            image = asyncio.run(draw(shot, Config(where, load(where))))
        (HOME / f"{shot.name}.svg").write_text(image, encoding="utf-8")
        os.write(1, f"screenshots/{shot.name}.svg\n".encode())


if __name__ == "__main__":
    main()
