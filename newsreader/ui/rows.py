"""A Summary -> the cells of its row in the list.

Decided only here: how wide each column is, when a title takes two lines, and how a title is cut. Pure, and used for the
first frame too: no textual, no rich.

A cell is (text, role). Every line's cells add up to exactly the pane's width, so that columns stand straight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from newsreader.safety import cell_width, cell_widths, clean_line
from newsreader.summary import Summary
from newsreader.ui.i18n import Words

if TYPE_CHECKING:
    from newsreader.reader import Sort

Cell: TypeAlias = tuple[str, str]
Cells: TypeAlias = tuple[Cell, ...]
Drawn: TypeAlias = tuple[Cells, str]
"""A line: its cells, and the role of the ground they stand on."""

AGE: Final = 5
FIRST: Final[Mapping[Sort, int]] = {"date": AGE, "length": 7, "source": 10, "title": 10}
"""The cells of the first column by order: the age under a day, the characters to read, or the date."""
DAY: Final = timedelta(days=1)
SOURCE_WIDEST: Final = 12
_KEPT: Final = 256  # rows that were drawn lately
TWO_LINES_UNDER: Final = 60  # cells of the title's column under which a long title takes two lines


class Marks(NamedTuple):
    """The signs of the window: none is of ambiguous width, but for those that `PLAIN` replaces."""

    unread: str = "*"
    changed: str = "~"
    selected: str = "▸"
    star: str = "✦"
    dot: str = "∙"
    cut: str = "…"
    rule: str = "─"
    wall: str = "│"
    done: str = "━"
    todo: str = "─"
    prompt: str = "▏"


FINE: Final = Marks()
PLAIN: Final = Marks(cut="~", rule="-", wall="|", done="#", todo="-", prompt="|")  # where ambiguous ones take two cells
ASCII: Final = Marks("*", "~", ">", "+", "-", "~", "-", "|", "#", "-", "_")


class Columns(NamedTuple):
    """The columns of a pane of `width` cells; a width of 0 leaves a column out. Right of the title a star has room.
    `ambiguous_wide`: how the cells of a text are counted."""

    width: int
    age: int
    source: int
    title_x: int
    title: int
    two_lines: bool
    gap: int
    ambiguous_wide: bool = False


def marks_for(*, ascii_marks: bool, ambiguous_wide: bool) -> Marks:
    """The signs for a terminal."""
    return ASCII if ascii_marks else PLAIN if ambiguous_wide else FINE


def columns(
    width: int, widest_source: int, *, two_lines: bool, ambiguous_wide: bool = False, sort: Sort = "date"
) -> Columns:
    """The columns for a pane; `widest_source`: the cells of the longest name of a source, 0 to leave them out. Under
    the name of a source no row repeats it."""
    gap = 2 if width >= 60 else 1
    room = SOURCE_WIDEST if width >= 70 else 10 if width >= 44 else 8
    source = min(widest_source, room) if width >= 40 and sort != "source" else 0
    age = FIRST[sort] if width >= 21 + FIRST[sort] else 0
    title_x = 2 + (age + gap if age else 0) + (source + gap if source else 0)
    title = max(width - title_x - 3, 1)
    return Columns(width, age, source, title_x, title, two_lines and title < TWO_LINES_UNDER, gap, ambiguous_wide)


def widest_source(names: Iterable[str]) -> int:
    """The cells that the column of sources would need; 0 where all rows would say the same."""
    widths = [cell_width(clean_line(name)) for name in names]
    return max(widths) if len(widths) > 1 else 0


def day_of(row: Summary, zone: tzinfo) -> date | None:
    """The day that a row stands under, in the reader's zone; the source's own where it told only the day."""
    if row.precision == "date" and row.published is not None:
        return row.published.date()
    return _day(row.time, zone) if row.time else None


# With every key each row in sight is asked for its day, and its line, again.
@lru_cache(_KEPT)
def _moment(milliseconds: int, zone: tzinfo) -> datetime:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)


@lru_cache(_KEPT)
def _day(milliseconds: int, zone: tzinfo) -> date:
    return _moment(milliseconds, zone).date()


def age_of(row: Summary, words: Words, now: datetime, *, under_day: bool = True) -> str:
    """The text of the age column; "" where the hour is not known. Where no day stands above the rows (`under_day`), the
    day, of another year with the year."""
    zone = now.tzinfo
    if not row.time or zone is None:
        return ""
    moment = _moment(row.time, zone)
    if not under_day and (row.precision == "date" or now - moment >= DAY):
        day = day_of(row, zone) or moment
        return f"{day:%m-%d}" if day.year == now.year else f"{day:%Y-%m-%d}"
    return "" if row.precision == "date" else words.age(moment, now)


def title_lines(title: str, shape: Columns, sign: str, *, ends: bool = False) -> tuple[str, ...]:
    """A cleaned title cut to its column: one line or two. `ends`: where it is cut, its end is kept."""
    if _fits(title, shape):
        return (title,)
    wide = shape.ambiguous_wide
    shorten = cut_inside if ends else cut
    if not shape.two_lines:
        return (shorten(title, shape.title, sign, ambiguous_wide=wide),)
    from newsreader.typeset.wrapping import ColumnRuler, fill

    measure = ColumnRuler(title, ambiguous_wide=wide)
    (start, end), (rest, _), *_more = fill(title, measure, shape.title, shape.title)
    return title[start:end], shorten(title[rest:], shape.title, sign, ambiguous_wide=wide)


def row_height(row: Summary, shape: Columns) -> int:
    """How many lines a row takes, without the day above it."""
    return 2 if shape.two_lines and not _fits(_title(row.title, row.url), shape) else 1


def _fits(title: str, shape: Columns) -> bool:
    return cell_width(title, ambiguous_wide=shape.ambiguous_wide) <= shape.title


def _title(title: str, url: str) -> str:
    return clean_line(title) or clean_line(url)


def row_cells(
    row: Summary,
    shape: Columns,
    words: Words,
    now: datetime,
    marks: Marks = FINE,
    *,
    selected: bool = False,
    sort: Sort = "date",
    below: int = 0,
    is_below: bool = False,
    near: Iterable[Summary] = (),
) -> tuple[Cells, ...]:
    """The lines of a row. `now` carries the reader's zone; `sort`: the order of the view; `below`: how many rows are
    gathered under it, `is_below`: whether it is one of those; `near`: the rows next to it, whose
    titles it is to be told from."""
    if sort == "length" and isinstance(row.order, int):
        age = f"{row.order:,}"
    else:
        age = age_of(row, words, now, under_day=sort == "date") if shape.age else ""
    titles = tuple((other.title, other.url) for other in near)
    return _lines(row, shape, age, marks, selected, below, is_below, titles)


@lru_cache(_KEPT)
def _lines(
    row: Summary,
    shape: Columns,
    age: str,
    marks: Marks,
    selected: bool,
    below: int,
    is_below: bool,
    near: tuple[tuple[str, str], ...],
) -> tuple[Cells, ...]:
    state = "read" if row.read else "unread"
    sign = marks.changed if row.changed else " " if row.read else marks.unread
    picked = marks.selected if selected else " "
    wide = shape.ambiguous_wide
    head: list[Cell] = [(sign, "changed" if row.changed else "new"), (picked, "selected" if selected else "pad")]
    if shape.age:
        head += [(fit(age, shape.age, right=True), "age"), (" " * shape.gap, "pad")]
    if shape.source:
        source = cut_inside(clean_line(row.source), shape.source, marks.cut, ambiguous_wide=wide)
        source = fit(source, shape.source, sign=marks.cut, ambiguous_wide=wide)
        head += [(source, "source"), (" " * shape.gap, "pad")]
    whole = _title(row.title, row.url)
    ends = any(_looks_like(whole, _title(*other), shape) for other in near)
    if is_below:
        titles: tuple[str, ...] = (cut(f"{marks.dot} {whole}", shape.title, marks.cut, ambiguous_wide=wide),)
    else:
        titles = title_lines(whole, shape, marks.cut, ends=ends)
    lines: list[Cells] = []
    for number, title in enumerate(titles):
        before = tuple(head) if number == 0 else ((" " * shape.title_x, "pad"),)
        is_last = number == len(titles) - 1
        star = marks.star if row.starred and is_last else " "
        after = ((" ", "pad"), (star, "star"), (" ", "pad"))
        count = f"  +{below}" if below and is_last else ""
        shorten = cut_inside if ends else cut
        shown = shorten(title, shape.title - len(count), marks.cut, ambiguous_wide=wide)
        room = shape.title - len(count) - cell_width(shown, ambiguous_wide=wide)
        more = (_tags(row, room, ambiguous_wide=wide) if is_last else "") + count
        room = shape.title - cell_width(more, ambiguous_wide=wide)
        text: Cells = ((fit(shown, room, ambiguous_wide=wide), f"headline {state}"),)
        lines.append(_exactly((*before, *text, *(((more, "tag"),) if more else ()), *after), shape))
    return tuple(lines)


def _tags(row: Summary, room: int, *, ambiguous_wide: bool) -> str:
    """The tags of a row, as many as stand in the room that its title leaves."""
    shown = ""
    for tag in row.tags:
        more = f"{shown}  #{clean_line(tag)}"
        if cell_width(more, ambiguous_wide=ambiguous_wide) > room:
            break
        shown = more
    return shown


def heading_cells(text: str, shape: Columns, sign: str = FINE.cut) -> Cells:
    """The line above rows that share something."""
    shown = fit(text, max(shape.width - 1, 1), sign=sign, ambiguous_wide=shape.ambiguous_wide)
    return _exactly(((" ", "pad"), (shown, "day")), shape)


@lru_cache(_KEPT)
def day_cells(day: date | None, today: date, shape: Columns, words: Words, sign: str = FINE.cut) -> Cells:
    """The line above the rows of a day."""
    return heading_cells(words.day(day, today), shape, sign)


def fit(text: str, width: int, *, right: bool = False, sign: str = FINE.cut, ambiguous_wide: bool = False) -> str:
    """Cleaned text cut or padded to exactly `width` cells."""
    shown = cut(text, width, sign, ambiguous_wide=ambiguous_wide)
    room = " " * (width - cell_width(shown, ambiguous_wide=ambiguous_wide))
    return room + shown if right else shown + room


def cut(text: str, width: int, sign: str = FINE.cut, *, ambiguous_wide: bool = False) -> str:
    """Cleaned text of at most `width` cells; `sign` stands for what was cut off."""
    if cell_width(text, ambiguous_wide=ambiguous_wide) <= width:
        return text
    room = width - cell_width(sign, ambiguous_wide=ambiguous_wide)
    if room < 0:
        return ""
    kept = 0
    for at, cells in enumerate(cell_widths(text, ambiguous_wide=ambiguous_wide)):
        kept += cells
        if kept > room:
            return text[:at].rstrip() + sign
    return text


def cut_cells(cells: Iterable[Cell], room: int, sign: str = FINE.cut, *, ambiguous_wide: bool = False) -> list[Cell]:
    """As `cut`, of a line of cells."""
    out: list[Cell] = []
    for text, role in cells:
        shown = cut(text, max(room, 0), sign, ambiguous_wide=ambiguous_wide)
        room -= cell_width(shown, ambiguous_wide=ambiguous_wide)
        out.append((shown, role))
        if shown != text:
            break
    return out


def cut_inside(text: str, width: int, sign: str = FINE.cut, *, ambiguous_wide: bool = False) -> str:
    """As `cut`, but of what is too long the end is kept, too: up to eight cells of it, a third of the width."""
    if cell_width(text, ambiguous_wide=ambiguous_wide) <= width:
        return text
    room, taken = min(8, width // 3), 0
    start = len(text)
    while start and (cells := cell_width(text[start - 1 :], ambiguous_wide=ambiguous_wide)) <= room:
        start, taken = start - 1, cells
    return cut(text[:start] + sign * 2, width - taken, sign, ambiguous_wide=ambiguous_wide) + text[start:]


def _looks_like(title: str, other: str, shape: Columns) -> bool:
    """Whether two titles that are cut would show the same."""
    room = shape.title * (2 if shape.two_lines else 1) - 2
    for at, (one, two) in enumerate(zip(title, other, strict=False)):
        if one != two:
            return cell_width(title[:at], ambiguous_wide=shape.ambiguous_wide) >= room
    return False


def _exactly(cells: Cells, shape: Columns) -> Cells:
    """Cells cropped to the width, for panes too narrow for the fixed columns."""
    out: list[Cell] = []
    room, wide = shape.width, shape.ambiguous_wide
    for text, role in cells:
        taken = cell_width(text, ambiguous_wide=wide)
        if taken > room:
            out.append((fit(text, room, sign="", ambiguous_wide=wide), role))
            break
        room -= taken
        out.append((text, role))
    return tuple(out)
