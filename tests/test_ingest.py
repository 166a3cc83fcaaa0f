"""Archives into the index: only what changed, whatever happened meanwhile, and exact in the end."""

from __future__ import annotations

import json
import os
import re
import shutil
import tarfile
import time
import zipfile
import zlib
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import apsw
import pytest

from newsreader.article import plain
from newsreader.config import Source, add_source
from newsreader.dump import decode, encode
from newsreader.former_dumps import former_article, former_dump
from newsreader.jobs import Failed
from newsreader.parse import parse
from newsreader.reader import Reader, View
from newsreader.reader.parsing_pool import problem_of
from tests.newsroom import Story, config_in, ingested, titles, write_archive

DAWN = 1_600_000_000_000
STORIES = [
    Story(n, time=DAWN + n * 3_600_000, source=("Harbour Post", "河口通訊")[n % 2], title=f"第{n}日")
    for n in range(1, 40)
]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder of 39 dumps from two sources."""
    return write_archive(tmp_path / "archive", STORIES)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where settings, index and marks go."""
    return tmp_path / "home"


def test_every_dump_is_a_row_newest_first_and_a_second_pass_reads_nothing(archive: Path, home: Path) -> None:
    undated = Story(40, time=0, title="何日")
    write_archive(archive, [undated])
    with Reader.open(config_in(home), archive) as reader:
        assert reader.needs_index()
        first = ingested(reader)
        assert (first.stage, first.done, first.added, first.failed) == ("done", 40, 40, 0)
        assert not reader.needs_index()
        assert titles(reader) == [*(story.title for story in reversed(STORIES)), undated.title]
        row = reader.summary(undated.id)
        assert row is not None
        assert row.published is None
        again = ingested(reader)
        assert (again.done, again.added) == (40, 0)


def test_what_is_unchanged_is_not_read_again(archive: Path, home: Path) -> None:
    with Reader.open(config_in(home), archive) as reader:
        ingested(reader)
        path = archive / "articles" / STORIES[0].source / f"{STORIES[0].n}.md"
        before = path.stat()
        with path.open("r+b") as file:  # other text of the same length, and the time put back
            file.write(path.read_bytes().replace("第1日".encode(), "第9日".encode()))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        ingested(reader)
        assert "第1日" in titles(reader)
        os.utime(path)
        ingested(reader)
        assert "第1日" not in titles(reader)


def test_a_changed_dump_is_a_revision_of_the_same_story(archive: Path, home: Path) -> None:
    with Reader.open(config_in(home), archive) as reader:
        ingested(reader)
        story = STORIES[5]
        reader.marks.mark_read([story.id])
        write_archive(
            archive, [replace(story, title="更正", time=story.time + 60_000, name=f"articles/{story.source}/later.md")]
        )
        ingested(reader)
        row = reader.summary(story.id)
        assert row is not None
        assert (row.revisions, row.read, row.changed) == (2, True, True)
        assert row.published == datetime.fromtimestamp(story.time / 1000 + 60, UTC)
        shown = [reader.article(story.id, 1), reader.article(story.id)]
        assert [(one.revision, one.revisions) for one in shown] == [(1, 2), (2, 2)]
        assert reader.article(story.id, 1).title != reader.article(story.id, 2).title
        assert reader.rows().counts().stories == len(STORIES)


def test_renamed_and_touched_dumps_stay_and_vanished_ones_go(archive: Path, home: Path) -> None:
    with Reader.open(config_in(home), archive) as reader:
        ingested(reader)
        folder = archive / "articles" / "Harbour Post"
        reader.marks.star([STORIES[1].id])
        (folder / "2.md").rename(folder / "anders.md")
        os.utime(folder / "4.md")
        (folder / "6.md").unlink()
        last = ingested(reader)
        assert last.added == 0
        assert reader.rows().counts().stories == len(STORIES) - 1
        assert reader.summary(STORIES[5].id) is None
        kept = reader.summary(STORIES[1].id)
        assert kept is not None
        assert kept.starred


def test_an_archive_that_is_away_keeps_its_rows(archive: Path, home: Path) -> None:
    config = config_in(home)
    with Reader.open(config, archive) as reader:
        ingested(reader)
        away = archive.rename(archive.with_name("away"))
        archive.mkdir()
        ingested(reader)
        assert reader.rows().counts().stories == len(STORIES)
        archive.rmdir()
        away.rename(archive)
        assert ingested(reader).added == 0


def test_marks_outlive_the_index(archive: Path, home: Path) -> None:
    config = config_in(home)
    with Reader.open(config, archive) as reader:
        ingested(reader)
        reader.marks.mark_read([STORIES[3].id])
        reader.marks.star([STORIES[4].id])
        reader.marks.set_place(STORIES[3].id, 0, 12)
    shutil.rmtree(config.places.cache)
    with Reader.open(config, archive) as reader:
        ingested(reader)
        assert [row.id for row in reader.rows(View(starred=True)).page()] == [STORIES[4].id]
        assert reader.rows().counts().unread == len(STORIES) - 1
        assert reader.marks.place(STORIES[3].id) == (0, 12)


def test_rows_come_in_while_another_process_reads_the_archive(archive: Path, home: Path) -> None:
    with Reader.open(config_in(home), archive) as reader:
        process = reader.start_ingest()
        last = None
        while process.is_running:
            for last in process.poll(5):
                assert last.stage in ("reading", "words", "done")
        assert last is not None
        assert reader.searcher.missing() == 0
        assert last.added == len(STORIES)
        assert reader.changed()
        assert len(titles(reader)) == len(STORIES)


def test_only_one_process_fills_an_index(archive: Path, home: Path) -> None:
    with Reader.open(config_in(home), archive) as one:
        going = one.ingest()
        next(going)
        assert [progress.stage for progress in one.ingest()] == ["elsewhere"]
        del going  # ends it
        assert ingested(one).stage == "done"


def test_canceled_and_gone_on(archive: Path, home: Path) -> None:
    with Reader.open(config_in(home), archive) as reader:
        assert [progress.stage for progress in reader.ingest(lambda: True)][-1] == "canceled"
        assert reader.needs_index()
        ingested(reader)
        assert len(titles(reader)) == len(STORIES)


@pytest.mark.parametrize("after", [0.0, 0.2])
def test_the_index_is_whole_after_a_kill_at_any_moment(tmp_path: Path, home: Path, after: float) -> None:
    archive = write_archive(tmp_path / "many", [Story(n, time=n * 1000, text="潮汐" * 200) for n in range(600)])
    with Reader.open(config_in(home), archive) as reader:
        process = reader.start_ingest()
        process.poll(30)
        time.sleep(after)
        process.cancel()
    with Reader.open(config_in(home), archive) as reader:
        found = reader.rows().counts().stories
        assert len(reader.rows().page(limit=2000)) == found
        last = ingested(reader)
        assert (last.stage, last.added) == ("done", 600 - found)
        assert len(reader.rows().page(limit=2000)) == reader.rows().counts().stories == 600


def test_a_killed_ingest_says_so_and_nothing_is_left_of_it(archive: Path, home: Path) -> None:
    with Reader.open(config_in(home), archive) as reader:
        process = reader.start_ingest()
        process.cancel()
        assert not process.is_running
        assert process.poll() == []
        assert ingested(reader).stage == "done"


@pytest.mark.parametrize("year", [1500, 1677, 2262, 2300, 9999])
def test_a_time_beyond_all_measure_costs_nothing(archive: Path, home: Path, year: int) -> None:
    path = archive / "articles" / STORIES[0].source / "1.md"
    seconds = int((datetime(year, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    try:
        os.utime(path, (seconds, seconds))
        os.utime(path.parent, (seconds, seconds))
    except OverflowError:
        pytest.skip("no such time on this file system")
    with Reader.open(config_in(home), archive) as reader:
        assert ingested(reader).added == len(STORIES)
        assert ingested(reader).added == 0
        assert not list(reader.problems())


def test_what_cannot_become_a_row_is_named_and_tried_again_when_it_changes(archive: Path, home: Path) -> None:
    with Reader.open(config_in(home), archive) as reader:
        ingested(reader)
    db = apsw.Connection(str(next(config_in(home).places.cache.glob("path-*-v?.db"))))
    db.execute(
        "CREATE TRIGGER fault BEFORE INSERT ON stories WHEN new.title = 'fault' BEGIN SELECT raise(ABORT, 'unfit'); END"
    )
    db.close()
    faulty = replace(STORIES[1], title="fault")
    write_archive(archive, [faulty, *(replace(story, time=story.time + 1, title="new") for story in STORIES[2:5])])
    path = str(archive / "articles" / faulty.source / f"{faulty.n}.md")
    os.utime(path)
    with Reader.open(config_in(home), archive) as reader:
        *_, last = progress = list(reader.ingest())
        assert (last.stage, last.failed) == ("done", 1)
        assert [skipped.path for one in progress for skipped in one.skipped] == [path]
        assert titles(reader).count("new") == 3
        assert [(problem.code, problem.where) for problem in reader.problems()] == [("dump-unreadable", path)]
        write_archive(archive, [replace(faulty, title="mended")])
        assert ingested(reader).failed == 0
        assert "mended" in titles(reader)
        assert not list(reader.problems())


def overwrite(archive: Path, story: Story, text: str) -> Path:
    """Put another text into a story's dump, in place."""
    write_archive(archive, [replace(story, text=text)])
    path = archive / "articles" / story.source / f"{story.n}.md"
    os.utime(path)
    return path


def formers(home: Path) -> list[Path]:
    return sorted((config_in(home).places.data / "archive" / "former").rglob("*.md"))


def test_what_a_worker_could_not_do_is_said_by_its_reason() -> None:
    failed = (Failed("raised", "ValueError: x"), Failed("time"), Failed("ended", "9"))
    assert [problem_of(one) for one in failed] == ["ValueError: x", "too-costly time", "ended 9"]


def test_a_text_that_was_overwritten_stays_a_revision_without_the_cache(archive: Path, home: Path) -> None:
    config, story = config_in(home), STORIES[5]
    with Reader.open(config, archive) as reader:
        ingested(reader)
        first = reader.article(story.id)
        for text in ("Corrected once.", "Corrected twice."):
            path = overwrite(archive, story, text)
            ingested(reader)
        _, oldest = formers(home)
        again = parse(decode(oldest.read_bytes()), source="elsewhere")
        assert replace(again, revisions=1) == replace(first, revisions=1)
        assert (oldest.stat().st_mode & 0o777, oldest.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert str(path) in unquote(oldest.read_text())
    for lost in (False, True):
        if lost:
            shutil.rmtree(config.places.cache)
        with Reader.open(config, archive) as reader:
            ingested(reader)
            assert [plain(reader.article(story.id, n).blocks[0].spans) for n in (1, 2, 3)] == [
                *(story.text, "Corrected once.", "Corrected twice."),
            ]
            assert reader.revisions(story.id)[0].dump == str(oldest)
            row = reader.summary(story.id)
            assert row is not None
            assert (row.revisions, row.dump) == (3, str(path))
            assert reader.rows().counts().stories == len(STORIES)


def test_a_former_text_is_read_in_the_library_too_and_makes_no_row_of_its_own(archive: Path, home: Path) -> None:
    config, story = config_in(home), STORIES[5]
    add_source(config.places, Source("archive", str(archive), "archive"))
    with Reader.open(config) as reader:
        ingested(reader)
        path = overwrite(archive, story, "Corrected.")
        ingested(reader)
        assert [revision.n for revision in reader.revisions(story.id)] == [1, 2]
        path.unlink()
        ingested(reader)
        assert reader.summary(story.id) is None
        assert reader.rows().counts().stories == len(STORIES) - 1
    with Reader.open(config_in(home)) as reader:
        assert reader.kind == "library"


def test_a_text_that_our_own_archive_loses_is_read_again_at_once(home: Path) -> None:
    config, story = config_in(home), STORIES[5]
    own = write_archive(config.places.data / "archive" / "feeds", STORIES)
    add_source(config.places, Source("F", "https://harbour.example/feed", "feed"))
    with Reader.open(config) as reader:
        ingested(reader)
        overwrite(own, story, "Corrected.")
        ingested(reader)
        assert [revision.n for revision in reader.revisions(story.id)] == [1, 2]


def test_only_a_former_text_of_the_same_story_is_kept_and_only_where_it_is_lost(archive: Path, home: Path) -> None:
    config, story = config_in(home), STORIES[5]
    copy = replace(story, name="articles/Harbour Post/copy.md")
    with Reader.open(config, write_archive(archive, [copy])) as reader:
        ingested(reader)
        overwrite(archive, story, "Corrected.")  # its copy still says what it said
        ingested(reader)
        path = overwrite(archive, STORIES[6], "")
        path.write_bytes(STORIES[30].dump().replace(b"story-", b"other-"))  # another story
        overwrite(archive, replace(STORIES[7], time=STORIES[7].time + 5), STORIES[7].text)  # the same text
        ingested(reader)
        assert not formers(home)
        write_archive(archive, [replace(copy, text="Corrected otherwise.")])
        ingested(reader)
        assert len(formers(home)) == 1


def test_an_index_lets_go_of_no_text_that_cannot_be_kept(archive: Path, home: Path) -> None:
    config, story = config_in(home), STORIES[5]
    with Reader.open(config, archive) as reader:
        ingested(reader)
        kept = config.places.data / "archive"
        kept.write_text("no folder")
        path = overwrite(archive, story, "Corrected.")
        *_, last = progress = list(reader.ingest())
        assert last.stage == "done"
        assert [skipped.path for one in progress for skipped in one.skipped] == [str(path)]
        assert plain(reader.article(story.id).blocks[0].spans) == story.text
        kept.unlink()
        ingested(reader)
        assert plain(reader.article(story.id).blocks[0].spans) == "Corrected."
        assert len(reader.revisions(story.id)) == 2


def test_what_a_fetch_cut_short_is_no_former_text(home: Path) -> None:
    """Of our own archive, where a dump that was cut short is fetched once more; what it said otherwise is kept, as is
    what any other archive cuts and mends."""
    own = config_in(home).places.data / "archive" / "feeds"
    begun = replace(
        STORIES[3], text="The first ferry left before the fog did, and half of the second one's crew with i"
    )
    whole = replace(begun, time=begun.time + 1, text=begun.text + "t.")
    for root, story, kept in ((own, whole, 0), (home / "other", whole, 1), (own, replace(whole, text="Not so."), 2)):
        write_archive(root, [begun])
        if root != own and not (home / "config" / "sources.toml").exists():
            add_source(config_in(home).places, Source("other", str(root), "archive"))
        for dumps in ([], [story]):
            write_archive(root, dumps)
            with Reader.open(config_in(home)) as reader:
                ingested(reader)
        assert len(formers(home)) == kept, story.text
        shutil.rmtree(root)


@pytest.mark.parametrize("at", range(0, 14))
def test_a_forged_former_text_is_read_as_the_page_that_it_is(at: int) -> None:
    dump = former_dump(parse(decode(STORIES[3].dump()), source="x"), "/there")
    data = json.loads(zlib.decompress(b64decode(dump.body.partition("<!--article: ")[2].partition("-->")[0])))
    assert former_article(dump) is not None
    forgeries: list[object] = [
        *({**data, "title": 5}, {**data, "blocks": [{"type": "image", "image": 3, "text": ""}]}, {}, [], "x"),
        *({**data, "key": "other"}, {**data, "blocks": [{"type": "quote", "level": "1", "text": "x"}]}),
        {**data, "blocks": [{"type": "paragraph", "text": "x", "spans": [{"text": "x", "style": ["loud"]}]}]},
        {**data, "blocks": [{"type": "paragraph", "text": "x", "spans": [{"text": "x", "style": [], "link": 9}]}]},
        *(
            {**data, "published": when}
            for when in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-02:00", "2020-06-28")
        ),
        *({**data, "id": "0" * 16}, {**data, "revisions": 10**19}),
    ]
    for forged in forgeries[at : at + 1]:
        packed = b64encode(zlib.compress(json.dumps(forged).encode())).decode()
        body = re.sub("<!--article: [^-]*-->", f"<!--article: {packed}-->", dump.body)
        assert former_article(replace(dump, body=body)) is None
        assert plain(parse(replace(dump, body=body), source="x").blocks[0].spans) == STORIES[3].text


def test_real_articles_come_back_as_they_were(some_dumps: list[tuple[str, bytes]]) -> None:
    for name, data in some_dumps[::2]:
        article = parse(decode(data), source=name.split("/")[1])
        again = parse(decode(encode(former_dump(article, f"/{name}"))), source="x")
        assert again == article


def test_prune_takes_former_texts_that_are_old_and_of_stories_without_a_star(archive: Path, home: Path) -> None:
    config = config_in(home)
    with Reader.open(config, archive) as reader:
        ingested(reader)
        for story in STORIES[5:8]:
            overwrite(archive, story, "Corrected.")
        ingested(reader)
        reader.marks.star([STORIES[5].id])
        long_ago = time.time() - 366 * 86_400
        for path in formers(home):
            if f"story-{STORIES[7].n}]" not in path.read_text() and f"story-{STORIES[7].n})" not in path.read_text():
                os.utime(path, (long_ago, long_ago))
        would_go = list(reader.network.prune(dry_run=True))
        assert [(story.id, story.is_whole) for story in would_go] == [(STORIES[6].id, False)], "the story stays"
        assert len(formers(home)) == 3
        list(reader.network.prune())
        ingested(reader)
        assert [len(reader.revisions(story.id)) for story in STORIES[5:8]] == [2, 1, 2]


def test_what_an_archive_leaves_out_is_named_with_its_reason_until_it_is_whole(tmp_path: Path, home: Path) -> None:
    """A member whose bytes are not those that the zip promises, and a tar that was cut: also long after the ingest."""
    archive = tmp_path / "archives"
    archive.mkdir()
    packed, rolled = archive / "a.zip", archive / "b.tar"
    with zipfile.ZipFile(packed, "w") as members:
        for story in STORIES[:3]:
            members.writestr(f"{story.n}.md", story.dump())
    whole = packed.read_bytes()
    packed.write_bytes(whole.replace(STORIES[0].dump(), STORIES[0].dump().replace(b"ferry", b"fairy")))
    with tarfile.open(rolled, "w") as members:
        for story in STORIES[3:6]:
            entry = tarfile.TarInfo(f"{story.n}.md")
            entry.size = len(story.dump())
            members.addfile(entry, BytesIO(story.dump()))
    unrolled = rolled.read_bytes()
    rolled.write_bytes(unrolled[: 3 * 512 + 300])
    for path in (packed, rolled):
        add_source(config_in(home).places, Source(path.stem, str(path), "archive"))
    for rounds in (1, 2):
        with Reader.open(config_in(home)) as reader:
            ingested(reader)
            told = [(problem.code, problem.where) for problem in reader.problems()]
            assert [code for code, _ in told] == ["dump-unreadable"] * 2, rounds
            assert told[0][1] == f"{packed}!{STORIES[0].n}.md"
            assert told[1][1].startswith(str(rolled))
    packed.write_bytes(whole)
    rolled.write_bytes(unrolled)
    with Reader.open(config_in(home)) as reader:
        ingested(reader)
        assert not list(reader.problems())
