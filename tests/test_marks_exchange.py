"""Marks carried to another machine: a text that merges, whatever order it comes in."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.library import View
from newsreader.library.marks_exchange import HEADER, lines, read
from newsreader.reader import Reader
from tests.newsroom import Story, config_in, ingested, write_archive

STORIES = [Story(n, time=1_600_000_000_000 + n) for n in range(4)]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
VALUES = st.sampled_from(("1", None))
Mark: TypeAlias = tuple[str, str, str | None, int]
TIMES = st.integers(0, int(NOW.timestamp() * 1000))


PARTS = ("", "x", "\t", '"', "\\u000", "tag/", "read", "1", "2026-01-01T00:00:00Z")


def marks_of(reader: Reader) -> list[tuple[bool, bool, tuple[str, ...], tuple[int, int] | None]]:
    return [(row.read, row.starred, row.tags, reader.marks.place(row.id)) for row in reader.rows().page()]


@given(
    st.lists(
        st.tuples(KEYS, st.sampled_from(("starred", "tag/潮", "tag/long read")), st.sampled_from(("1", None)), TIMES)
    )
)
def test_what_is_written_is_read_again(marks: list[tuple[str, str, str | None, int]]) -> None:
    text = list(lines(marks))
    assert text[0] == HEADER
    assert not any(set(line) & set("\n\r\x1b\x00\x85\u2028") for line in text)
    back = list(read(("\ufeff" + "\r\n".join(text)).splitlines(keepends=True), NOW))
    assert not [line for line in back if isinstance(line, int)]
    assert [(c.key, c.mark, c.value, c.at) for c in back if not isinstance(c, int)] == marks


@given(
    st.text(), st.lists(st.sampled_from(["", "x", "\t", '"', "\\u000", "tag/", "read", "1", "2026-01-01T00:00:00Z"]))
)
def test_no_line_whatever_is_more_than_passed_over(line: str, parts: list[str]) -> None:
    for candidate in (line, "\t".join(parts)):
        for found in read([candidate], NOW):
            assert isinstance(found, int) or (
                (found.key and found.mark in ("read", "starred", "place")) or found.mark[4:]
            )


def test_lines_that_are_no_marks_are_told_by_their_numbers() -> None:
    good = "2026-02-13T12:12:00.250Z\tstarred\t1\tdw:71613218"
    late = (NOW + timedelta(days=2)).isoformat()
    bad = [
        "2026-02-13T12:12:00\tstarred\t1\tdw:1",  # no zone
        f"{late}\tstarred\t1\tdw:1",
        "2026-02-13T12:12:00Z\tstarred\t2\tdw:1",
        "2026-02-13T12:12:00Z\tlove\t1\tdw:1",
        "2026-02-13T12:12:00Z\ttag/a,b\t1\tdw:1",
        "2026-02-13T12:12:00Z\tstarred\t1\t",
        "2026-02-13T12:12:00Z\tstarred\t1",
        "2026-02-13T12:12:00Z\tstarred\t1\t\\ud800",
    ]
    found = list(read([HEADER, "", good, *bad], NOW))
    assert [line for line in found if isinstance(line, int)] == [*range(4, 4 + len(bad))]
    assert len(found) == len(bad) + 1


def test_marks_arrive_on_another_machine_and_the_later_change_wins(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", STORIES)
    ids = [story.id for story in STORIES]
    with (
        Reader.open(config_in(tmp_path / "a"), archive) as here,
        Reader.open(config_in(tmp_path / "b"), archive) as there,
    ):
        ingested(here)
        ingested(there)
        here.marks.mark_read([ids[0]])
        here.marks.star(ids[:2])
        here.marks.tag([ids[2]], "long read")
        here.marks.set_place(ids[3], 4, 17)
        there.marks.star([ids[0]])
        there.marks.star([ids[0]], False)  # later than here
        told = there.marks.take_over(here.marks.lines())
        assert (told.taken, told.older, told.bad) == (4, 1, ())
        back = here.marks.take_over(there.marks.lines())
        assert back.taken == 1
        assert marks_of(here) == marks_of(there)
        assert not here.rows(View(starred=True, until=STORIES[1].time)).page()
        assert there.marks.take_over(here.marks.lines()).taken == 0
        assert there.marks.undo() is not None
        assert there.rows(View(unread=True)).counts().stories == len(STORIES)


def test_marks_of_stories_that_are_not_here_wait_for_them(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", STORIES[:2])
    key = "2026-02-13T12:12:00Z\tstarred\t1\tharbour.example/story-3"
    with Reader.open(config_in(tmp_path / "home"), archive) as reader:
        ingested(reader)
        assert reader.marks.take_over([key]).taken == 1
        write_archive(archive, STORIES[2:])
        ingested(reader)
        assert [row.id for row in reader.rows(View(starred=True)).page()] == [STORIES[3].id]


MARKS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(("starred", "tag/x")), st.sampled_from(("1", None)), TIMES),
    max_size=8,
)


@settings(max_examples=25)
@given(MARKS, MARKS)
def test_machines_that_exchange_their_marks_agree(ours: list[Mark], theirs: list[Mark]) -> None:
    """In any order, also where two changes bear the same time."""
    with (
        tempfile.TemporaryDirectory() as home,
        Reader.open(config_in(Path(home) / "a"), demo=True) as a,
        Reader.open(config_in(Path(home) / "b"), demo=True) as b,
    ):
        a.marks.take_over(lines(ours))
        a.marks.take_over(lines(theirs))
        b.marks.take_over(lines(theirs[::-1]))
        b.marks.take_over(lines(ours))
        assert list(a.marks.lines()) == list(b.marks.lines())
        assert a.marks.take_over(b.marks.lines()).taken == 0
