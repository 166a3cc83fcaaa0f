"""What is taken back and done again: the journal of the marks, over sessions and processes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.errors import StorageFailed
from newsreader.library import Shelf, Undone, View
from tests.newsroom import Story, new_shelf, put, shelf_of

STORIES = [Story(n, time=n) for n in range(6)]
IDS = [story.id for story in STORIES]
State = dict[str, tuple[bool, bool, tuple[str, ...]]]


def state(shelf: Shelf) -> State:
    return {row.id: (row.read, row.starred, row.tags) for row in shelf.page(View(), limit=100)}


@contextmanager
def opened(home: Path) -> Iterator[Shelf]:
    """Another session on the same files."""
    shelf = new_shelf(home)
    try:
        yield shelf
    finally:
        shelf.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with shelf_of(tmp_path, STORIES) as shelf:
        yield shelf


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
        shelf = new_shelf(Path(home))
        put(shelf, STORIES)
        done: list[tuple[int, State]] = []
        undone: list[tuple[int, State]] = []
        session = last = 0
        try:
            for what, stories in actions:
                before = state(shelf)
                if what == "again":
                    shelf.close()
                    shelf = new_shelf(Path(home))
                    session += 1
                    done = [entry for entry in done if entry[0] == last]
                    undone = [entry for entry in undone if entry[0] == last]
                elif what in ("undo", "redo"):
                    told, stack, other = (
                        (shelf.undo(), done, undone) if what == "undo" else (shelf.redo(), undone, done)
                    )
                    assert (told is None) == (not stack)
                    if stack:
                        whose, want = stack.pop()
                        other.append((whose, before))
                        assert state(shelf) == want
                else:
                    act(shelf, what, stories)
                    if state(shelf) != before:
                        done.append((session, before))
                        undone.clear()
                        last = session
        finally:
            shelf.close()


def act(shelf: Shelf, what: str, stories: list[str]) -> None:
    match what:
        case "all":
            shelf.mark_view_read(View())
        case "tag" | "untag":
            shelf.tag(stories, "later", what == "tag")
        case "read" | "unread":
            shelf.mark_read(stories, what == "read")
        case _:
            shelf.star(stories, what == "star")


def test_undo_says_what_it_took_back_and_what_it_left_alone(shelf: Shelf, tmp_path: Path) -> None:
    shelf.tag(IDS[:3], "harbour")
    with opened(tmp_path) as other:
        other.tag([IDS[0]], "harbour", False)
        assert shelf.undo() == Undone("tag:harbour", 2, 1)
        other.changed()
        assert not any(tags for _, _, tags in state(other).values())


def test_another_process_is_not_taken_back_while_ours_has_something(shelf: Shelf, tmp_path: Path) -> None:
    shelf.star([IDS[0]])
    with opened(tmp_path) as other:
        other.star([IDS[1]])
        assert shelf.undo() == Undone("star", 1, 0)
        assert shelf.undo() is None, "the other session began later and goes on"
        assert other.undo() == Undone("star", 1, 0)


def test_what_a_story_marks_by_being_opened_is_not_taken_back(shelf: Shelf) -> None:
    shelf.star([IDS[0]])
    shelf.mark_read([IDS[1]], unasked=True)
    assert shelf.undo() == Undone("star", 1, 0)
    assert shelf.undo() is None
    assert state(shelf)[IDS[1]][0]


def test_undo_goes_on_with_the_last_session_after_a_restart(tmp_path: Path) -> None:
    with shelf_of(tmp_path, STORIES) as shelf:
        shelf.star([IDS[0]])
        shelf.star([IDS[1]])
    with opened(tmp_path) as shelf:
        assert shelf.undo() == Undone("star", 1, 0)
        assert shelf.redo() == Undone("star", 1, 0)
        assert shelf.undo() == Undone("star", 1, 0)
    with opened(tmp_path) as shelf:
        assert shelf.undo() == Undone("star", 1, 0)
        assert shelf.undo() is None
        assert shelf.redo() == Undone("star", 1, 0)
        assert [story for story, (_, starred, _) in state(shelf).items() if starred] == [IDS[0]]


def test_the_journal_does_not_grow_for_ever(shelf: Shelf) -> None:
    for n in range(2300):
        shelf.star([IDS[0]], n % 2 == 0)
    (actions,) = shelf.marks._ask("SELECT count(*) FROM actions")[0]
    (changes,) = shelf.marks._ask("SELECT count(*) FROM changes")[0]
    assert 2000 <= actions == changes <= 2100
    assert shelf.undo() == Undone("unstar", 1, 0)


def test_where_nothing_can_be_written_undo_says_so(tmp_path: Path) -> None:
    with shelf_of(tmp_path, STORIES) as shelf:
        shelf.star([IDS[0]])
        shelf.marks._db.pragma("query_only", True)
        with pytest.raises(StorageFailed):
            shelf.undo()


@pytest.mark.parametrize("name", ["", " a", "a ", "a,b", "a\nb", "a\x1b[2J", "x" * 65, "\u202eabc"])
def test_a_tag_has_a_name_that_can_be_seen(shelf: Shelf, name: str) -> None:
    with pytest.raises(ValueError, match="tag"):
        shelf.tag(IDS, name)
    assert shelf.tags() == []


def test_tags_are_counted_and_seen(shelf: Shelf) -> None:
    shelf.tag(IDS[:2], "潮")
    shelf.tag(IDS[1:4], "long read")
    assert shelf.tags() == [("long read", 3), ("潮", 2)]
    assert {row.id for row in shelf.page(View(tag="潮"))} == set(IDS[:2])
    assert state(shelf)[IDS[1]][2] == ("long read", "潮")
