"""The window on the rows: motion, paging, and what stays where while rows come and go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from newsreader.article import Summary
from newsreader.ui.panes.folded_rows import Clusters, Place
from newsreader.ui.panes.list_viewport import LARGEST, ListLine, ListViewport

DAY = 86_400_000


def story(number: int, *, read: bool = False, day: int | None = None) -> Summary:
    time = (day if day is not None else number // 5) * DAY + number * 1000
    return Summary(
        f"{number:016x}", "k", f"story {number}", "u", "s", time, None, "time", read, False, (), False, 1, "", 0
    )


def place_of(row: Summary) -> Place:
    return row.place


class List:
    """A view held in a plain list; counts the rows it was asked for."""

    def __init__(self, rows: list[Summary], *, unread: bool = False) -> None:
        self.rows = sorted(rows, key=place_of, reverse=True)
        self.unread = unread
        self.served = 0

    def view(self) -> list[Summary]:
        return [row for row in self.rows if self.has(row)]

    def page(self, *, after: Place | None = None, before: Place | None = None, limit: int = 64) -> list[Summary]:
        rows = self.view()
        if after is not None:
            rows = [row for row in rows if place_of(row) < after]
        if before is not None:
            rows = [row for row in rows if place_of(row) > before][-limit:]
        self.served += len(rows[:limit])
        return rows[:limit]

    def nth(self, n: int) -> Summary | None:
        rows = self.view()
        return rows[n] if 0 <= n < len(rows) else None

    def last(self) -> Summary | None:
        return self.view()[-1] if self.view() else None

    def rank(self, place: Place) -> int:
        return sum(place_of(row) > place for row in self.view())

    def summaries(self, names: Iterable[str]) -> list[Summary]:
        return [row for row in map(self.summary, names) if row is not None]

    def summary(self, name: str) -> Summary | None:
        return next((row for row in self.rows if row.id == name), None)

    def has(self, row: Summary) -> bool:
        return not (self.unread and row.read)

    def add(self, *rows: Summary) -> None:
        self.rows = sorted([*self.rows, *rows], key=place_of, reverse=True)

    def mark(self, row: Summary, read: bool = True) -> Summary:
        changed = row._replace(read=read)
        self.rows = [changed if one.id == row.id else one for one in self.rows]
        return changed


def day_of(row: Summary) -> date:
    return datetime.fromtimestamp(row.time / 1000, UTC).date()


def window(shelf: List, height: int = 10, high: int = 1) -> ListViewport:
    one = ListViewport(Clusters(shelf, lambda _: {}), day_of, lambda row: 1 + (high - 1) * (int(row.id, 16) % 3 == 0))
    one.load()
    one.resize(height)
    return one


def current(one: ListViewport) -> Summary:
    assert one.current is not None
    return one.current


def check(one: ListViewport, shelf: List) -> None:
    """What must hold after every step."""
    assert one.rows == sorted(one.rows, key=place_of, reverse=True)
    if not one.rows:
        assert not shelf.view()
        return
    lines = one.lines()
    assert len(lines) <= one.height
    assert ListLine(one.cursor, 0) in lines
    assert one.rank == shelf.rank(place_of(current(one))) + sum(
        place_of(row) > place_of(current(one)) for row in one.kept.values()
    )
    assert len(one.rows) <= LARGEST * 2
    total = sum(one.height_of(row) for row in one.rows)
    assert len(lines) == one.height or total <= one.height or lines[-1].row == len(one.rows) - 1
    days = [line.row for line in lines if line.line < 0]
    for row in {line.row for line in lines[1:]}:
        above = next((r for r in shelf.view()[::-1] if place_of(r) > place_of(one.rows[row])), None)
        if lines[0].row < row and not one.kept:
            assert (row in days) == (above is None or day_of(above) != day_of(one.rows[row]))


@given(
    st.integers(0, 300),
    st.integers(1, 40),
    st.integers(1, 2),
    st.lists(
        st.tuples(st.sampled_from(["move", "lines", "start", "end", "rank", "resize", "look"]), st.integers(-400, 400))
    ),
)
def test_motion_keeps_the_cursor_in_sight(count: int, height: int, high: int, steps: list[tuple[str, int]]) -> None:
    shelf = List([story(n) for n in range(count)])
    one = window(shelf, height, high)
    for what, n in steps:
        match what:
            case "move":
                one.move(n)
            case "lines":
                one.move_lines(n or 1)
            case "start":
                one.to_start()
            case "end":
                one.to_end()
            case "rank":
                one.to_rank(abs(n))
            case "resize":
                one.resize(abs(n) % 60 + 1)
            case "look":
                shown = [one.rows[line.row] for line in one.lines()]
                one.look_ahead()
                assert [one.rows[line.row] for line in one.lines()] == shown
        if one.height > 2 * high:
            check(one, shelf)


def test_moving_by_rows_counts_rows() -> None:
    shelf = List([story(n) for n in range(1000)])
    one = window(shelf)
    assert not one.move(-1)
    assert one.move(7)
    assert current(one) == shelf.rows[7]
    one.move(900)
    assert current(one) == shelf.rows[907]
    assert one.rank == 907
    one.move(10_000)
    assert current(one) == shelf.rows[-1]
    assert not one.move(1)
    one.to_rank(499)
    assert current(one) == shelf.rows[499]
    one.to_start()
    assert one.rank == 0


def test_a_page_moves_the_rows_by_a_page() -> None:
    shelf = List([story(n, day=1) for n in range(200)])
    one = window(shelf, 10)
    one.move_lines(10)
    assert one.lines()[0].row == 9  # the day took a line
    one.move_lines(-10)
    assert one.lines()[0] == ListLine(0, -1)


def test_the_window_stays_small_however_far_one_goes() -> None:
    shelf = List([story(n, day=1) for n in range(20_000)])
    one = window(shelf)
    for _ in range(2000):
        one.move(5)
        assert len(one.rows) <= LARGEST + 64
    assert one.rank == 10_000
    assert shelf.served < 12_000
    one.to_end()
    assert shelf.served < 12_500


def test_who_looks_ahead_reads_nothing_when_a_page_is_asked_for() -> None:
    shelf = List([story(n, day=1) for n in range(5000)])
    one = window(shelf)
    for lines in (*[10] * 40, *[-10] * 20):
        while one.is_short:
            one.look_ahead()
        served = shelf.served
        one.move_lines(lines)
        assert shelf.served == served


def test_new_rows_leave_the_cursor_on_its_story_and_its_line() -> None:
    shelf = List([story(n) for n in range(0, 600, 2)])
    one = window(shelf)
    one.move(40)
    one.move(-3)
    was, line = current(one), one.cursor_line
    shelf.add(*(story(n) for n in range(1, 700, 2)))
    one.refresh()
    check(one, shelf)
    assert current(one).id == was.id
    assert one.cursor_line == line


def test_until_one_moves_newer_rows_come_into_sight_above() -> None:
    shelf = List([story(n) for n in range(100)])
    one = window(shelf)
    shelf.add(story(100), story(101))
    one.refresh()
    check(one, shelf)
    assert one.rank == 2
    assert one.lines()[0] == ListLine(0, -1)
    one.move(1)
    line = one.cursor_line
    shelf.add(story(102))
    one.refresh()
    assert one.cursor_line == line
    assert one.lines()[0] != ListLine(0, -1)


def test_rows_come_to_an_empty_list() -> None:
    shelf = List([])
    one = window(shelf)
    assert one.current is None
    one.move(3)
    one.move_lines(5)
    one.to_end()
    one.to_rank(4)
    shelf.add(story(1), story(2))
    one.refresh()
    check(one, shelf)
    assert current(one).id == story(2).id


def test_what_was_just_read_stays_until_the_view_is_left() -> None:
    shelf = List([story(n) for n in range(200)], unread=True)
    one = window(shelf)
    one.move(50)
    was, line = current(one), one.cursor_line
    one.replace(shelf.mark(was))
    check(one, shelf)
    one.refresh()
    check(one, shelf)
    assert current(one).id == was.id
    assert current(one).read
    assert one.cursor_line == line
    assert len(one.kept) == 1
    one.move(20)
    one.refresh()
    check(one, shelf)
    one.to_end()
    one.to_start()
    one.move(50)
    assert current(one).id == was.id
    one.replace(shelf.mark(was, read=False))
    assert not one.kept
    one.replace(shelf.mark(was))
    one.to_start()
    while one.move(2):
        one.replace(shelf.mark(current(one)))
    for end, steps in ((one.to_end, -1), (one.to_start, 1)):
        end()
        walked = [current(one).id]
        while one.move(steps):
            walked.append(current(one).id)
        assert walked == [row.id for row in shelf.rows[::steps]], (
            "those between two that are read in one after the other"
        )
    one.load()
    one.move(50)
    assert current(one).id != was.id


def test_a_story_that_is_gone_hands_the_cursor_on() -> None:
    shelf = List([story(n) for n in range(100)])
    one = window(shelf)
    one.move(20)
    following = one.rows[21]
    shelf.rows.remove(current(one))
    one.refresh()
    check(one, shelf)
    assert current(one).id == following.id


def test_resizing_keeps_the_cursor_in_sight() -> None:
    shelf = List([story(n) for n in range(300)])
    one = window(shelf, 30, 2)
    one.move(200)
    was = current(one)
    for height in (3, 60, 10, 1, 25):
        one.resize(height)
        assert current(one) == was
        assert ListLine(one.cursor, 0) in one.lines()
    one.move(200)
    for height in (10, 11):
        one.resize(height)
        assert len(one.lines()) == height, "no line stays blank below the last row"


def test_a_key_that_moves_nothing_does_not_hold_the_cursor_where_it_is() -> None:
    shelf = List([story(0)])
    one = window(shelf)
    one.move(2)
    assert not one.touched
    shelf.add(story(1), story(2))
    one.refresh()
    one.move(-1)
    assert one.touched
    for goes in (one.to_start, one.to_end, one.touch, lambda: one.to_rank(9), lambda: one.to_row(shelf.rows[1])):
        one.load()
        goes()
        assert one.touched
