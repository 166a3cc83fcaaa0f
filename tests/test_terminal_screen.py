"""The diff: whatever is painted after whatever, a terminal shows exactly the cells asked for."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import ControlType, Segment
from textual.strip import Strip

from newsreader.safety import cell_width, clean
from newsreader.ui.terminal.cells import FILLER, Grid, Row, Speller, widen
from newsreader.ui.terminal.screen import Screen, best_scroll
from newsreader.ui.terminal.strips import StripReader
from newsreader.ui.terminal.styles import MOST, Styles
from tests.emulator import Emulator

# Text as rows hold it: plain, two-cell, marked, long blanks.
_TEXT = st.one_of(
    st.text(alphabet="abc xyz-", max_size=12),
    st.text(alphabet="河口的守塔人潮汐。 a", max_size=8),
    st.sampled_from(["", " " * 38, "é e\u0301t", "新聞 news 新聞", "—————", "🌊 wave"]),
)
_SGR = st.sampled_from(["", "1", "2", "7", "4;31", "38;2;10;20;30", "48;2;40;50;60", "1;38;5;99;44", "9"])
_RUN = st.tuples(st.integers(0, 39), _TEXT, _SGR)
_CHANGE = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 9), st.lists(_RUN, min_size=1, max_size=3)),
    st.tuples(st.just("scroll"), st.integers(-9, 9), st.tuples(st.integers(0, 9), st.integers(0, 9))),
    st.tuples(st.just("clear"), st.integers(0, 9), st.just(None)),
)


def _apply(grid: Grid, speller: Speller, change: tuple[str, int, object]) -> None:
    kind, number, detail = change
    if kind == "put":
        assert isinstance(detail, list)
        for x, text, sgr in detail:
            cells, styles = speller.cells(text, speller.styles.parsed(sgr))
            grid.rows[number].put(x, cells, styles)
    elif kind == "scroll":
        assert isinstance(detail, tuple)
        top, bottom = sorted(detail)
        rows = grid.rows[top : bottom + 1]
        by = number % len(rows)
        grid.rows[top : bottom + 1] = [row.copy() for row in (*rows[by:], *rows[:by])]
    else:
        grid.rows[number] = Row(grid.width)


@given(st.lists(st.lists(_CHANGE, max_size=6), max_size=8), st.booleans(), st.booleans(), st.booleans())
@settings(deadline=None, max_examples=80)
def test_the_terminal_shows_what_was_asked(
    frames: list[list[tuple[str, int, object]]], scrolls: bool, erases_runs: bool, coloured: bool
) -> None:
    styles = Styles(erases_coloured=coloured)
    speller = Speller(styles)
    screen = Screen(styles, scrolls=scrolls, erases_runs=erases_runs)
    terminal = Emulator(40, 10)
    grid = Grid(40, 10)
    for frame in frames:
        for change in frame:
            _apply(grid, speller, change)
        terminal.feed(screen.paint(grid))
        fresh = Emulator(40, 10)
        fresh.feed(Screen(styles, scrolls=False, erases_runs=False).paint(grid))
        assert terminal.cells() == fresh.cells()
        _assert_shows(terminal, grid)
        assert screen.paint(grid) == ""


def _assert_shows(terminal: Emulator, grid: Grid) -> None:
    shown = [[cell[0] for cell in row] for row in terminal.cells()]
    # pyte composes marks with their base.
    assert shown == [[unicodedata.normalize("NFC", cell) for cell in row.text] for row in grid.rows]


def _painted(lines: list[str], styles: Styles, screen: Screen, width: int = 80) -> str:
    speller = Speller(styles)
    grid = Grid(width, len(lines))
    for row, line in zip(grid.rows, lines, strict=True):
        row.put(0, *speller.cells(line, 0))
    return screen.paint(grid)


def test_a_scrolled_list_sends_one_new_row() -> None:
    styles = Styles()
    screen = Screen(styles)
    lines = [f"{n:3} a headline of story number {n}, as long as headlines are" for n in range(40)]
    _painted([*lines[:23], "status"], styles, screen)
    down = _painted([*lines[1:24], "status"], styles, screen)
    assert "\x1b[1;23r\x1b[M\x1b[r" in down
    assert len(down) < len(lines[23]) + 30
    up = _painted([*lines[:23], "status"], styles, screen)
    assert "\x1b[1;23r\x1b[L\x1b[r" in up
    assert len(up) < len(lines[0]) + 30


def test_only_cells_that_changed_are_sent() -> None:
    styles = Styles()
    screen = Screen(styles)
    _painted(["the cat sat on the mat", "and stayed"], styles, screen)
    assert _painted(["the cat sat on the hat", "and stayed"], styles, screen) == "\x1b[1;20Hh"
    assert _painted(["the", "and stayed"], styles, screen) == "\r\x1b[4C\x1b[K"


def test_blanks_are_erased_where_that_is_shorter() -> None:
    styles = Styles()
    screen = Screen(styles)
    wall = " " * 20 + "|"
    _painted(["  a first line of text" + wall, "  another line of it, too" + wall], styles, screen)
    sent = _painted(["  b       " + " " * 12 + wall, "  and other" + " " * 14 + wall], styles, screen)
    assert sent == "\x1b[1;3Hb\x1b[19X\n\x1b[Cd other\x1b[14X"


def test_a_bar_in_reverse_is_moved_where_its_blanks_cost_more() -> None:
    styles = Styles()
    speller = Speller(styles)
    bar = styles.parsed("7")
    for width, moves in ((200, True), (80, False)):
        screen = Screen(styles)
        grid = Grid(width, 9)
        lines = [f"{n} headline {n * n * n} of about sixty cells, as they are wide in Chinese" for n in range(9)]

        def put(at: int, grid: Grid = grid, lines: list[str] = lines) -> None:
            for y, line in enumerate(lines):
                grid.rows[y].put(0, *speller.cells(line.ljust(grid.width), bar if y == at else 0))

        terminal = Emulator(width, 9)
        sent = []
        for at in (3, 4, 3):
            put(at)
            sent.append(screen.paint(grid))
            terminal.feed(sent[-1])
            plain = Emulator(width, 9)
            plain.feed(Screen(styles, scrolls=False).paint(grid))
            assert terminal.cells() == plain.cells()
        _, down, up = sent
        assert ("\x1b[L" in down, "\x1b[M" in up) == (moves, moves)
        assert max(len(down), len(up)) < 200


def test_a_short_way_is_written_over() -> None:
    styles = Styles()
    screen = Screen(styles)
    _painted(["  eleven", "  twelve"], styles, screen)
    assert _painted(["  houses", "  stands"], styles, screen) == "\x1b[1;3Hhouses\r\n  stands"
    speller = Speller(styles)
    sent = ""
    for letters in ("ab", "cd"):
        grid = Grid(80, 1)
        for x, letter in zip((0, 2), letters, strict=True):
            grid.rows[0].put(x, *speller.cells(letter, styles.parsed("1")))
        sent = screen.paint(grid)
    assert sent == "\rc d", "a bold blank looks as any"


def test_after_a_cell_of_uncertain_width_the_column_is_set_and_its_neighbour_sent() -> None:
    styles = Styles()
    screen = Screen(styles)
    _painted(["ab🌊cd"], styles, screen)
    assert _painted(["ab🌋cd"], styles, screen) == "\rab🌋\r\x1b[4Cc"


def test_after_a_cell_of_uncertain_width_the_column_is_set_whatever_the_style_behind_it() -> None:
    styles = Styles()
    grid = Grid(80, 1)
    grid.rows[0].put(0, *Speller(styles).cells("🌊 sea", styles.parsed("1")))
    assert "🌊\r\x1b[2C sea" in Screen(styles).paint(grid)


def test_a_region_is_scrolled_only_where_it_saves() -> None:
    speller = Speller(Styles())

    def rows(lines: list[str]) -> list[Row]:
        made = []
        for line in lines:
            row = Row(20)
            row.put(0, *speller.cells(line, 0))
            made.append(row)
        return made

    old = rows(["a", "b", "c", "d"])
    new = rows(["b", "c", "d", "e"])
    assert best_scroll(old, new, [0, 1, 2, 3], [True]) is None
    old = rows([letter * 15 for letter in "abcd"])
    new = rows([letter * 15 for letter in "bcde"])
    assert best_scroll(old, new, [0, 1, 2, 3], [True]) == (0, 3, 1)


@given(st.text(max_size=40))
@settings(deadline=None)
def test_no_control_character_reaches_a_cell(text: str) -> None:
    cells, styles = Speller(Styles()).cells(text, 0)
    assert len(cells) == len(styles)
    shown = "".join(cells)
    assert clean(shown) == shown
    assert not [char for char in shown if ord(char) < 32 or 0x7F <= ord(char) < 0xA0]


def test_a_filler_makes_an_ambiguous_character_two_cells() -> None:
    speller = Speller(Styles(), ambiguous_wide=True)
    assert speller.cells(f"“{FILLER}a", 0)[0] == ["“", "", "a"]
    assert speller.cells(f"{FILLER}a…", 0)[0] == [" ", "a", "."]
    assert speller.cells("─│河", 0)[0] == ["-", "|", "河", ""]


@given(st.text(alphabet="a“”…—·河①α ", max_size=12))
def test_fillers_make_textual_count_what_the_terminal_shows(text: str) -> None:
    widened = widen(text)
    cells, _ = Speller(Styles(), ambiguous_wide=True).cells(widened, 0)
    assert cell_len(widened) == cell_width(text, ambiguous_wide=True) == len(cells)
    assert "".join(cells) == text


def test_a_charset_without_the_character_shows_the_nearest() -> None:
    assert Speller(Styles(), charset="ascii").cells("“a…” 河é", 0)[0] == ['"', "a", ".", '"', " ", "?", "?", "?"]
    assert Speller(Styles(), charset="gbk").cells("河", 0)[0] == ["河", ""]


def test_a_strip_is_put_without_what_is_no_text() -> None:
    grid = Grid(4, 2)
    bell = Segment("x", control=[(ControlType.BELL,)])
    for y in (-1, 0, 2):
        StripReader(Speller(Styles())).put(grid, 0, y, Strip([Segment("ab"), bell, Segment("c")]))
    assert ["".join(row.text) for row in grid.rows] == ["abc ", "    "]


def test_styles_that_no_cell_has_are_forgotten() -> None:
    """Every link is a style: of a thousand stories there were as many as of links."""
    styles = Styles()
    speller, screen, terminal = Speller(styles), Screen(styles), Emulator(20, 2)
    grid = Grid(20, 2)
    for number in range(3 * MOST):
        grid.rows[number % 2].put(
            0, *speller.cells(f"{number}".ljust(9), styles.parsed("1;34", f"https://a.example/{number}"))
        )
        if styles.are_many:
            screen.keep_styles(grid)
            speller.forget()
        if number % 50 == 0:
            terminal.feed(screen.paint(grid))
            again = Emulator(20, 2)
            again.feed(Screen(styles).paint(grid))
            assert terminal.cells() == again.cells()
    assert len(styles.looks) <= MOST + 3
    looks = [styles.looks[number] for row in grid.rows for number in row.styles]
    assert {look.link for look in looks} == {"", f"https://a.example/{number}", f"https://a.example/{number - 1}"}
