"""What is taken back and done again: the journal of the marks, over sessions and processes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.errors import StorageFailed
from newsreader.library import Index, Undone, View
from newsreader.library.counts import is_exact, tags
from newsreader.library.marking import Marking
from tests.newsroom import Story, index_of, new_index, put

STORIES = [Story(n, time=n) for n in range(6)]
IDS = [story.id for story in STORIES]
State = dict[str, tuple[Any, ...]]


def state(index: Index) -> State:
    return {row.id: (row.read, row.starred, row.tags) for row in index.rows().page(limit=100)}


@contextmanager
def opened(home: Path) -> Iterator[Index]:
    """Another session on the same files."""
    index = new_index(home)
    try:
        yield index
    finally:
        index.close()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with index_of(tmp_path, STORIES) as index:
        yield index


ACTIONS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(("read", "unread", "star", "unstar", "tag", "untag")),
            st.lists(st.sampled_from(IDS), min_size=1, max_size=4),
        ),
        st.tuples(st.sampled_from(("undo", "redo", "undo", "redo", "all", "again")), st.just([])),
    ),
    max_size=14,
)


@given(ACTIONS)
def test_undo_and_redo_are_those_of_a_plain_stack(actions: list[tuple[str, list[str]]]) -> None:
    """Also when the session ends and another goes on: it has its own actions and those of the last session that did
    anything. What changed nothing is nothing to take back."""
    with tempfile.TemporaryDirectory() as home:
        index = new_index(Path(home))
        put(index, STORIES)
        done: list[tuple[int, State, State]] = []
        undone: list[tuple[int, State, State]] = []
        session = last = 0
        try:
            for what, stories in actions:
                before = state(index)
                if what == "again":
                    index.close()
                    index = new_index(Path(home))
                    session += 1
                    done = [entry for entry in done if entry[0] == last]
                    undone = [entry for entry in undone if entry[0] == last]
                elif what in ("undo", "redo"):
                    told, stack, other = (
                        (Marking(index).undo(), done, undone)
                        if what == "undo"
                        else (Marking(index).redo(), undone, done)
                    )
                    assert (told is None) == (not stack)
                    if stack:
                        whose, old, new = stack.pop()
                        other.append((whose, old, new))
                        assert state(index) == turned(before, *((new, old) if what == "undo" else (old, new)))
                else:
                    act(index, what, stories)
                    if state(index) != before:
                        done.append((session, before, state(index)))
                        undone.clear()
                        last = session
        finally:
            index.close()


def turned(now: State, since: State, back: State) -> State:
    """A state with every mark that differs between two others as the second has it, if it is as in the first."""
    return {
        story: tuple(is_ if is_ != was else to for is_, was, to in zip(marks, since[story], back[story], strict=True))
        for story, marks in now.items()
    }


def act(index: Index, what: str, stories: list[str]) -> None:
    match what:
        case "all":
            Marking(index).mark_all_read(index.rows())
        case "tag" | "untag":
            Marking(index).tag(stories, "later", what == "tag")
        case "read" | "unread":
            Marking(index).mark_read(stories, what == "read")
        case _:
            Marking(index).star(stories, what == "star")


def test_undo_says_what_it_took_back_and_what_it_left_alone(index: Index, tmp_path: Path) -> None:
    Marking(index).tag(IDS[:3], "harbour")
    with opened(tmp_path) as other:
        Marking(other).tag([IDS[0]], "harbour", False)
        assert Marking(index).undo() == Undone("tag:harbour", 2, 1)
        other.changed()
        assert not any(tags for _, _, tags in state(other).values())


def test_another_process_is_not_taken_back_while_ours_has_something(index: Index, tmp_path: Path) -> None:
    Marking(index).star([IDS[0]])
    with opened(tmp_path) as other:
        Marking(other).star([IDS[1]])
        assert Marking(index).undo() == Undone("star", 1, 0)
        assert Marking(index).undo() is None, "the other session began later and goes on"
        assert other.marks.undo() == Undone("star", 1, 0)


def test_what_a_story_marks_by_being_opened_is_not_taken_back(index: Index) -> None:
    Marking(index).star([IDS[0]])
    Marking(index).mark_read([IDS[1]], unasked=True)
    assert Marking(index).undo() == Undone("star", 1, 0)
    assert Marking(index).undo() is None
    assert state(index)[IDS[1]][0]


def test_undo_goes_on_with_the_last_session_after_a_restart(tmp_path: Path) -> None:
    with index_of(tmp_path, STORIES) as index:
        Marking(index).star([IDS[0]])
        Marking(index).star([IDS[1]])
    with opened(tmp_path) as index:
        assert Marking(index).undo() == Undone("star", 1, 0)
        assert Marking(index).redo() == Undone("star", 1, 0)
        assert Marking(index).undo() == Undone("star", 1, 0)
    with opened(tmp_path) as index:
        assert Marking(index).undo() == Undone("star", 1, 0)
        assert Marking(index).undo() is None
        assert Marking(index).redo() == Undone("star", 1, 0)
        assert [story for story, (_, starred, _) in state(index).items() if starred] == [IDS[0]]


@contextmanager
def command(home: Path) -> Iterator[Index]:
    with opened(home) as index:
        index.marks.for_command()
        yield index


def test_a_window_takes_back_what_commands_marked(index: Index, tmp_path: Path) -> None:
    Marking(index).star([IDS[0]])
    for n in (1, 2):
        with command(tmp_path) as other:
            Marking(other).star([IDS[n]])
    Marking(index).star([IDS[3]])
    with command(tmp_path) as other:
        Marking(other).star([IDS[4]])
    index.changed()
    for n in (4, 3, 2, 1, 0):
        assert Marking(index).undo() == Undone("star", 1, 0)
        assert [IDS.index(story) for story, marks in state(index).items() if marks[1]] == sorted(range(n), reverse=True)
    assert Marking(index).undo() is None
    assert Marking(index).redo() == Undone("star", 1, 0)
    assert state(index)[IDS[0]][1]


def test_a_window_takes_back_what_commands_marked_before_it_opened(tmp_path: Path) -> None:
    with index_of(tmp_path, STORIES) as index:
        Marking(index).star([IDS[0]])
    for n in (1, 2):
        with command(tmp_path) as other:
            Marking(other).star([IDS[n]])
    with opened(tmp_path) as index:
        for _ in range(3):
            assert Marking(index).undo() == Undone("star", 1, 0)
        assert Marking(index).undo() is None


def test_the_journal_does_not_grow_for_ever(index: Index) -> None:
    for n in range(2300):
        Marking(index).star([IDS[0]], n % 2 == 0)
    (actions,) = index.marks._file.ask("SELECT count(*) FROM actions")[0]
    (changes,) = index.marks._file.ask("SELECT count(*) FROM changes")[0]
    assert 2000 <= actions == changes <= 2100
    assert Marking(index).undo() == Undone("unstar", 1, 0)


def test_where_nothing_can_be_written_undo_says_so(tmp_path: Path) -> None:
    with index_of(tmp_path, STORIES) as index:
        Marking(index).star([IDS[0]])
        index.marks._file.db.pragma("query_only", True)
        with pytest.raises(StorageFailed):
            Marking(index).undo()


@pytest.mark.parametrize("name", ["", " a", "a ", "a,b", "a\nb", "a\x1b[2J", "x" * 65, "\u202eabc"])
def test_a_tag_has_a_name_that_can_be_seen(index: Index, name: str) -> None:
    with pytest.raises(ValueError, match="tag"):
        Marking(index).tag(IDS, name)
    assert index.ask(tags) == []


def test_tags_are_counted_and_seen(index: Index) -> None:
    Marking(index).tag(IDS[:2], "潮")
    Marking(index).tag(IDS[1:4], "long read")
    assert index.ask(tags) == [("long read", 3), ("潮", 2)]
    assert {row.id for row in index.rows(View(tag="潮")).page()} == set(IDS[:2])
    assert state(index)[IDS[1]][2] == ("long read", "潮")


def test_a_mark_waits_for_nobody_who_writes_the_index(index: Index) -> None:
    code = (
        "import apsw, select, sys; db = apsw.Connection(sys.argv[1]); db.execute('BEGIN IMMEDIATE');"
        "print(flush=True); select.select([sys.stdin], [], [], 5)"
    )
    with subprocess.Popen([sys.executable, "-c", code, index.path], stdin=PIPE, stdout=PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        Marking(index).star(IDS[:1])
        assert index.is_behind
        other.communicate()


def test_in_a_window_rows_come_behind_their_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks meanwhile sees every mark, also of more stories than are known one by one, and of those deleted or
    taken back in between."""
    for name, value in (("marking.TICK_MS", 0.001), ("index._SLICE_MS", 0.001), ("index._MOST_WAITING", 100)):
        monkeypatch.setattr(f"newsreader.library.{name}", value)
    stories = [Story(n, time=n) for n in range(700)]
    with index_of(tmp_path, stories) as index:
        marking = Marking(index)
        marking.for_window()
        marking.star([story.id for story in stories])
        assert index.rows(View(starred=True)).counts().stories < 700, "the index has not all of them yet"
        rows = index.rows().page(limit=1000)
        assert all(row.starred for row in rows)
        assert index.rows().summaries([row.id for row in rows]) == rows
        marking.delete_all(index.rows())
        assert marking.undo() == Undone("delete", 700, 0)
        assert marking.undo() == Undone("star", 700, 0)
        assert marking.redo() == Undone("star", 700, 0)
        while index.catch_up():
            pass
        assert not index.is_behind
        assert index.rows(View(starred=True)).counts().stories == 700
        assert index.ask(is_exact)
