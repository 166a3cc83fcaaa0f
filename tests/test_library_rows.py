"""Pages, ranks and counts of every view, against a plain sort of the same stories."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.article import plain
from newsreader.library import Index, Place, View, counts, views
from newsreader.library.counts import DAY, is_exact
from newsreader.library.db import sid
from newsreader.library.marking import Marking
from newsreader.library.record import record
from newsreader.library.writing import Writer
from newsreader.script import sort_key
from tests.newsroom import Story, index_of, put

SOURCES = ("河口通訊", "Harbour Post", "南湖之声")
TITLES = ("", "Night ferry", "night ferry", "Night", "乌克兰", "白鷺", "白", "10 boats", "«Tide»", "潮")
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
        title=st.sampled_from(TITLES),
        text=st.sampled_from(("", "one", "潮水退了", "The boats lie dry.")),
        topics=st.lists(st.sampled_from(TOPICS), unique=True).map(tuple),
        also=st.sampled_from(((), (), (), SOURCES[:1], SOURCES)),
    ).map(lambda story: replace(story, also=tuple(name for name in story.also if name != story.source))),
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
    tag=st.sampled_from((None, None, None, "later", "never")),
    sort=st.sampled_from(("date", "date", "source", "length", "title")),
    query=st.just(""),
    sources=st.sampled_from(((), (), (), SOURCES[1:2], (*SOURCES[:2], "nobody"), ("nobody",))),
)
Marked = Callable[[Story], bool]


def expected(stories: list[Story], view: View, read: Marked, starred: Marked) -> list[Story]:
    """The rows of a view, by a plain sort."""
    found = [
        story
        for story in stories
        if (view.source in (None, story.source, *story.also))
        and (not view.sources or {*view.sources} & {story.source, *story.also})
        and not (view.unread and read(story))
        and not (view.starred and not starred(story))
        and (view.since is None or story.time >= view.since)
        and (view.until is None or story.time < view.until)
        and (view.topic is None or view.topic in story.topics)
        and (view.tag is None or (view.tag == "later" and tagged_fifth(story)))
    ]
    found.sort(key=lambda story: sid(story.id), reverse=True)
    if view.sort in ("date", "source"):
        found.sort(key=lambda story: story.time, reverse=True)
    if view.sort == "source":
        found.sort(key=lambda story: sort_key(told_by(story)))
    if view.sort == "title":
        found.sort(key=lambda story: sort_key(story.title))
    if view.sort == "length":
        found.sort(key=lambda story: record(story.article()).length, reverse=True)
    return found


def told_by(story: Story) -> str:
    """The source that the row of a story names where no other is asked for: of the same text, the first dump's."""
    return min((story.source, *story.also), key=lambda source: f"{source}/".encode())


def read_even(story: Story) -> bool:
    return story.n % 2 == 0


def starred_third(story: Story) -> bool:
    return story.n % 3 == 0


def tagged_fifth(story: Story) -> bool:
    return story.n % 5 == 0


def fill(index: Index, stories: list[Story]) -> None:
    put(index, stories)
    Marking(index).mark_read([story.id for story in stories if read_even(story)])
    Marking(index).star([story.id for story in stories if starred_third(story)])
    Marking(index).tag([story.id for story in stories if tagged_fifth(story)], "later")


@given(STORIES, VIEWS, st.integers(1, 9))
def test_pages_ranks_and_counts_are_those_of_a_plain_sort(stories: list[Story], view: View, limit: int) -> None:
    with tempfile.TemporaryDirectory() as home, index_of(Path(home)) as index:
        fill(index, stories)
        want = expected(stories, view, read_even, starred_third)
        ids = [story.id for story in want]

        down: list[str] = []
        page = index.rows(view).page(limit=limit)
        while page:
            assert len(page) <= limit
            assert [index.rows(view).summary(row.id) for row in page] == page
            for shown, of in zip(page, want[len(down) :], strict=False):
                assert (shown.source, shown.revisions) == (view.source or told_by(of), 1)
            down += [row.id for row in page]
            page = index.rows(view).page(after=page[-1].place, limit=limit)
        assert down == ids
        few = [row.id for row in index.rows(view).page(limit=100)]
        with patch.object(views, "FEW", -1):  # the plan that reads an index in order, not the one that finds and sorts
            assert [row.id for row in index.rows(view).page(limit=100)] == few

        up: list[str] = []
        oldest = index.rows(view).last()
        assert (oldest.id if oldest else None) == (ids[-1] if ids else None)
        page = [oldest] if oldest else []
        while page:
            up = [row.id for row in page] + up
            page = index.rows(view).page(before=page[0].place, limit=limit)
        assert up == ids

        place = {story.id: index_place(index, story, view) for story in stories}
        for n, story in enumerate(want):
            assert index.rows(view).rank(place[story.id]) == n
            nth = index.rows(view).nth(n)
            assert nth is not None
            assert nth.id == story.id
        assert index.rows(view).nth(len(ids)) is None
        assert index.rows(view).nth(-1) is None
        assert index.rows(view).counts() == (len(ids), sum(not read_even(story) for story in want))
        for story in stories:  # also one that is no row of the view
            row = index.rows(view).summary(story.id)
            assert row is not None
            assert index.rows(view).has(row) == (story in want)
            assert index.rows(view).rank(place[story.id]) == sum(place[other.id] > place[story.id] for other in want)

        names = {name for story in stories for name in (story.source, *story.also)}
        had = {name: [story for story in stories if name in (story.source, *story.also)] for name in names}
        told = index.ask(counts.sources)
        assert [source.name for source in told] == sorted(names)
        for source in told:
            unread = sum(not read_even(story) for story in had[source.name])
            assert (source.stories, source.unread) == (len(had[source.name]), unread)


def index_place(index: Index, story: Story, view: View) -> Place:
    row = index.rows(view).summary(story.id)
    assert row is not None
    assert view.sort != "date" or row.place == story.place
    return row.place


def test_what_several_sources_have_is_one_revision_until_the_text_differs(tmp_path: Path) -> None:
    """Whatever else differs between the dumps. What one source says again counts, as it always did."""
    one = Story(1, time=DAY, source="南湖之声", also=("Harbour Post",), topics=("tides",))
    later = replace(one, time=2 * DAY, source="河口通訊", also=(), topics=())
    other = replace(later, text="Corrected.", time=3 * DAY, name="b.md")
    with index_of(tmp_path, [one, later]) as index:
        assert index.article(one.id).revisions == 1
        assert index.article(one.id).source == later.source
        put(index, [other, replace(other, source="Harbour Post", name="c.md")])
        put(index, [replace(later, time=4 * DAY, name="d.md")])
        told = [
            (article.updated, article.source, plain(article.blocks[0].spans)) for article, _ in index.revisions(one.id)
        ]
        assert [(moment.day, source, text) for moment, source, text in told if moment] == [
            (3, "河口通訊", one.text),
            (4, "河口通訊", other.text),
            (5, "河口通訊", one.text),
        ]


def test_titles_stand_in_the_order_of_digits_letters_and_pinyin() -> None:
    want = ["10 ships", "Älv", "alvar", "Zebra", "「阿」", "白", "白鷺", "北", "乌克兰", "烏龍", "站", "中国"]
    assert sorted(set(want), key=sort_key) == want


def test_the_table_of_sounds_is_the_one_that_is_made() -> None:
    pytest.importorskip("pypinyin")
    from tests.pinyin import FILE, lines

    assert FILE.read_text(encoding="utf-8").splitlines() == lines()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("put", "put", "drop", "read", "unread", "star", "unstar", "tag", "untag", "undo", "redo")),
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
        with index_of(Path(home) / "1") as index:
            left: dict[str, Story] = {}
            for what, stories in steps:
                if what == "put":
                    put(index, stories)
                    left |= {story.found().name: story for story in stories}
                elif what == "drop":
                    drop(index, {story.found().name for story in stories})
                    left = {name: s for name, s in left.items() if name not in {x.found().name for x in stories}}
                elif what in ("undo", "redo"):
                    Marking(index).undo() if what == "undo" else Marking(index).redo()
                elif what.endswith("tag"):
                    Marking(index).tag([story.id for story in stories], "later", what == "tag")
                else:
                    ids = [story.id for story in stories]
                    marking = Marking(index)
                    mark = marking.mark_read if what.endswith("read") else marking.star
                    mark(ids, not what.startswith("un"))
            rows = index.rows().page(limit=1000)
            (Path(home) / "2").mkdir()
            (Path(home) / "2" / "marks.db").write_bytes((Path(home) / "1" / "marks.db").read_bytes())
            wal = Path(home) / "1" / "marks.db-wal"
            if wal.exists():
                (Path(home) / "2" / "marks.db-wal").write_bytes(wal.read_bytes())
            with index_of(Path(home) / "2", left.values()) as fresh:
                assert fresh.rows().page(limit=1000) == rows
                for topic in TOPICS:
                    ids = [row.id for row in index.rows(View(topic=topic)).page(limit=1000)]
                    assert ids == [row.id for row in fresh.rows(View(topic=topic)).page(limit=1000)]
                for story in left.values():
                    assert index.article(story.id) == fresh.article(story.id)
                    assert [index.article(story.id, n) for n in range(1, fresh.article(story.id).revisions + 1)] == [
                        fresh.article(story.id, n) for n in range(1, fresh.article(story.id).revisions + 1)
                    ]
        db = apsw.Connection(str(Path(home) / "1" / "index.db"))
        assert is_exact(db)
        assert db.execute("SELECT count(*) FROM revisions WHERE n NOT IN (SELECT revision FROM dumps)").get == 0
        topics = dict(db.execute("SELECT n, stories FROM topics WHERE stories"))
        assert topics == dict(db.execute("SELECT topic, count(*) FROM story_topics GROUP BY 1"))
        tagged = set(db.execute("SELECT tag, time, sid FROM story_tags"))
        assert tagged == set(db.execute("SELECT tags, time, sid FROM stories WHERE tags IS NOT NULL"))
        db.close()


def drop(index: Index, names: set[str]) -> None:
    number, _ = index.write(Writer.archive, "/archive", "folder")
    index.write(Writer.drop, [n for n, name in index.write(Writer.dumps_of, number) if name.decode() in names])


def test_a_page_costs_its_rows_whatever_the_size(tmp_path: Path) -> None:
    """SQLite's own count of the rows that it passed over: the same for a page in 200 stories and in 1,500."""

    views = (View(), View(source="Harbour Post"), View(unread=True))

    def steps(count: int) -> list[int]:
        stories = [Story(n, time=n * DAY // 50) for n in range(count)]
        with index_of(tmp_path / str(count), stories) as index:
            Marking(index).mark_read([story.id for story in stories[40:]])
            ticks = [0]

            def tick() -> bool:
                ticks[-1] += 1
                return False

            index.ask(lambda db: db.set_progress_handler(tick, 10))
            middle = stories[count // 2].place
            for view in views:
                index.rows(view).page(after=middle, limit=20)
                index.rows(view._replace(unread=True)).page(limit=20)
                index.rows(view).counts()
                ticks.append(0)
            return ticks[:-1]

    for view, many, few in zip(views, steps(1500), steps(200), strict=True):
        assert many <= few * 1.3 + 20, view
