"""Pages, ranks and counts of every view, against a plain sort of the same stories."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import apsw
from hypothesis import given
from hypothesis import strategies as st

from newsreader.library import Shelf, View, Writer, rows
from newsreader.library.rows import DAY
from newsreader.library.tally import is_exact
from tests.newsroom import Story, put, shelf_of

SOURCES = ("河口通訊", "Harbour Post", "南湖之声")
TOPICS = ("tides", "橋", "ferries")
# Crowded: many share a millisecond, some a day, some stand before 1970.
TIMES = st.one_of(
    st.integers(-3, 3),
    st.integers(-3 * DAY, 3 * DAY),
    st.sampled_from((0, DAY - 1, DAY, DAY + 1, -1, -DAY, 400 * DAY)),
)
STORIES = st.lists(
    st.builds(
        Story,
        n=st.integers(0, 200),
        time=TIMES,
        source=st.sampled_from(SOURCES),
        topics=st.lists(st.sampled_from(TOPICS), unique=True).map(tuple),
    ),
    unique_by=lambda story: story.n,
    max_size=40,
)
MAYBE_TIME = st.none() | TIMES
VIEWS = st.builds(
    View,
    source=st.sampled_from((None, *SOURCES, "nobody")),
    unread=st.booleans(),
    starred=st.booleans(),
    since=MAYBE_TIME,
    until=MAYBE_TIME,
    topic=st.sampled_from((None, None, *TOPICS, "nothing")),
)
Marked = Callable[[Story], bool]


def expected(stories: list[Story], view: View, read: Marked, starred: Marked) -> list[Story]:
    """The rows of a view, by a plain sort."""
    found = [
        story
        for story in stories
        if (view.source in (None, story.source))
        and not (view.unread and read(story))
        and not (view.starred and not starred(story))
        and (view.since is None or story.time >= view.since)
        and (view.until is None or story.time < view.until)
        and (view.topic is None or view.topic in story.topics)
    ]
    return sorted(found, key=lambda story: story.place, reverse=True)


def read_even(story: Story) -> bool:
    return story.n % 2 == 0


def starred_third(story: Story) -> bool:
    return story.n % 3 == 0


def fill(shelf: Shelf, stories: list[Story]) -> None:
    put(shelf, stories)
    shelf.mark_read([story.id for story in stories if read_even(story)])
    shelf.star([story.id for story in stories if starred_third(story)])


@given(STORIES, VIEWS, st.integers(1, 9))
def test_pages_ranks_and_counts_are_those_of_a_plain_sort(stories: list[Story], view: View, limit: int) -> None:
    with tempfile.TemporaryDirectory() as home, shelf_of(Path(home)) as shelf:
        fill(shelf, stories)
        want = expected(stories, view, read_even, starred_third)
        ids = [story.id for story in want]

        down: list[str] = []
        page = shelf.page(view, limit=limit)
        while page:
            assert len(page) <= limit
            down += [row.id for row in page]
            page = shelf.page(view, after=(page[-1].time, page[-1].id), limit=limit)
        assert down == ids

        up: list[str] = []
        oldest = shelf.last(view)
        assert (oldest.id if oldest else None) == (ids[-1] if ids else None)
        page = [oldest] if oldest else []
        while page:
            up = [row.id for row in page] + up
            page = shelf.page(view, before=(page[0].time, page[0].id), limit=limit)
        assert up == ids

        for n, story in enumerate(want):
            assert shelf.rank(view, story.place) == n
            nth = shelf.nth(view, n)
            assert nth is not None
            assert nth.id == story.id
        assert shelf.nth(view, len(ids)) is None
        assert shelf.nth(view, -1) is None
        assert shelf.counts(view) == (len(ids), sum(not read_even(story) for story in want))
        for story in stories:  # a place that is no row of the view
            assert shelf.rank(view, story.place) == sum(other.place > story.place for other in want)


@given(STORIES)
def test_sources_are_counted(stories: list[Story]) -> None:
    with tempfile.TemporaryDirectory() as home, shelf_of(Path(home)) as shelf:
        fill(shelf, stories)
        want = {
            source: (
                sum(story.source == source for story in stories),
                sum(story.source == source and not read_even(story) for story in stories),
            )
            for source in {story.source for story in stories}
        }
        assert {row.name: (row.stories, row.unread) for row in shelf.sources()} == want
        assert [row.name for row in shelf.sources()] == sorted(want)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("put", "put", "drop", "read", "unread", "star", "unstar")),
        st.lists(
            st.builds(
                Story,
                n=st.integers(0, 9),
                time=TIMES,
                source=st.sampled_from(SOURCES),
                title=st.sampled_from(("Low water", "低潮", "High water")),
                topics=st.lists(st.sampled_from(TOPICS), unique=True).map(tuple),
                name=st.sampled_from(("", "a.md", "b.md", "c.md")),
            ),
            min_size=1,
            max_size=6,
            unique_by=lambda story: story.found().name,
        ),
    ),
    max_size=12,
)


@given(STEPS)
def test_whatever_happened_the_index_is_the_one_that_is_made_anew(steps: list[tuple[str, list[Story]]]) -> None:
    """Dumps come, change their story, go; marks are set; the rows and counts are those of a fresh index of what is
    left with the same marks."""
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "1").mkdir()
        with shelf_of(Path(home) / "1") as shelf:
            left: dict[str, Story] = {}
            for what, stories in steps:
                if what == "put":
                    put(shelf, stories)
                    left |= {story.found().name: story for story in stories}
                elif what == "drop":
                    drop(shelf, {story.found().name for story in stories})
                    left = {name: s for name, s in left.items() if name not in {x.found().name for x in stories}}
                else:
                    ids = [story.id for story in stories]
                    mark = shelf.mark_read if what.endswith("read") else shelf.star
                    mark(ids, not what.startswith("un"))
            rows = shelf.page(View(), limit=1000)
            (Path(home) / "2").mkdir()
            (Path(home) / "2" / "marks.db").write_bytes((Path(home) / "1" / "marks.db").read_bytes())
            wal = Path(home) / "1" / "marks.db-wal"
            if wal.exists():
                (Path(home) / "2" / "marks.db-wal").write_bytes(wal.read_bytes())
            with shelf_of(Path(home) / "2", left.values()) as fresh:
                assert fresh.page(View(), limit=1000) == rows
                for topic in TOPICS:
                    ids = [row.id for row in shelf.page(View(topic=topic), limit=1000)]
                    assert ids == [row.id for row in fresh.page(View(topic=topic), limit=1000)]
                for story in left.values():
                    assert shelf.article(story.id) == fresh.article(story.id)
                    assert [shelf.article(story.id, n) for n in range(1, fresh.article(story.id).revisions + 1)] == [
                        fresh.article(story.id, n) for n in range(1, fresh.article(story.id).revisions + 1)
                    ]
        db = apsw.Connection(str(Path(home) / "1" / "index.db"))
        assert is_exact(db)
        assert db.execute("SELECT count(*) FROM revisions WHERE n NOT IN (SELECT revision FROM dumps)").get == 0
        topics = dict(db.execute("SELECT n, stories FROM topics WHERE stories"))
        assert topics == dict(db.execute("SELECT topic, count(*) FROM story_topics GROUP BY 1"))
        db.close()


def drop(shelf: Shelf, names: set[str]) -> None:
    number, _ = shelf.write(Writer.archive, "/archive", "folder")
    shelf.write(Writer.drop, [n for n, name in shelf.write(Writer.dumps_of, number) if name.decode() in names])


def test_a_page_costs_its_rows_whatever_the_size(tmp_path: Path) -> None:
    """SQLite's own count of the rows that it passed over: the same for a page in 200 stories and in 4,000."""

    def steps(count: int, view: View) -> int:
        home = tmp_path / f"{count}-{hash(view)}"
        stories = [Story(n, time=n * DAY // 50) for n in range(count)]
        with shelf_of(home, stories) as shelf:
            shelf.mark_read([story.id for story in stories[40:]])
            db = apsw.Connection(str(home / "index.db"))
            ticks = [0]

            def tick() -> bool:
                ticks[0] += 1
                return False

            db.set_progress_handler(tick, 10)
            middle = stories[count // 2].place
            rows.page(db, view, after=middle, limit=20)
            rows.page(db, replace(view, unread=True), limit=20)
            rows.counts(db, view)
            db.close()
            return ticks[0]

    for view in (View(), View(source="Harbour Post"), View(unread=True)):
        assert steps(4000, view) <= steps(200, view) * 1.3 + 20
