"""Sources, marks, tags, counts and the doctor from the command line, through real processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC
from itertools import product
from pathlib import Path

import pytest

from newsreader.cli.doctor import said
from newsreader.cli.messages import _NOTICES
from newsreader.cli.messages import standing as in_words
from newsreader.config import load_sources, places
from newsreader.fetch.state import Subscription
from newsreader.library.sync_state import Standing
from newsreader.reader.checking import Problem
from newsreader.reader.servers import ServerStanding
from tests.newsroom import Story, write_archive
from tests.test_cli import NEWSREADER, home, rows, run

__all__ = ["home"]

DAWN = 1_600_000_000_000
STORIES = [
    Story(n, time=DAWN + n * 86_400_000, source=("Harbour Post", "河口通訊")[n % 2], title=f"第{n}日") for n in range(5)
]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_archive(tmp_path / "news", STORIES)


@pytest.fixture
def library(archive: Path) -> Path:
    assert run("add", archive).code == 0
    return archive


# --- sources ------------------------------------------------------------------------------------------------------


def test_add_reads_an_archive_and_remembers_its_whole_path(archive: Path) -> None:
    told = run("add", os.path.relpath(archive))
    assert (told.code, told.out) == (0, "")
    assert f'"news" is added: {archive}\n' in told.err
    assert "5 stories new" in told.err
    assert [source.location for source in load_sources(places())] == [str(archive)]
    assert "there already" in run("add", archive, "--name", "again").err
    assert [source.name for source in load_sources(places())] == ["again"]
    assert run("sources", "--added", "--tsv").out == f"again\tarchive\t{archive}\n"
    assert json.loads(run("sources", "--json").out)[0] == {
        "name": "Harbour Post",
        "stories": 3,
        "unread": 3,
        "troubles": [],
    }


def test_names_are_not_shared_and_what_is_no_archive_is_not_added(library: Path, tmp_path: Path) -> None:
    other = write_archive(tmp_path / "other" / "news", [Story(9, time=DAWN)])
    refused = run("add", other)
    assert refused.code == 2
    assert "--name" in refused.err
    assert run("add", other, "--name", "news 2").code == 0
    (tmp_path / "empty").mkdir()
    assert run("add", tmp_path / "empty").code == 1
    assert run("add", tmp_path / "nowhere.zip").code == 2
    assert len(load_sources(places())) == 2


def test_remove_takes_stories_away_and_leaves_files_and_marks(library: Path, tmp_path: Path) -> None:
    run("add", write_archive(tmp_path / "more", [Story(9, time=DAWN)]))
    first = rows()[0]
    run("mark", str(first["id"]), "--star")
    assert run("remove", "no such").code == 2
    assert "removed" in run("remove", library).err
    assert len(rows()) == 1
    assert run("add", library).code == 0
    assert [row["id"] for row in rows("--starred")] == [first["id"]]
    assert run("remove", "news").code == 0


def test_index_finds_what_is_new_and_says_what_it_could_not_read(library: Path) -> None:
    write_archive(library, [Story(7, time=DAWN)])
    assert "1 stories new, 6 in all" in run("index").err
    (library / "articles" / "broken.md").symlink_to(library / "articles" / "broken.md")
    told = run("index")
    assert told.code == 3
    assert "broken.md" in told.err


# --- marks --------------------------------------------------------------------------------------------------------


def test_marks_are_set_by_ids_from_arguments_and_from_a_pipe(library: Path) -> None:
    ids = [str(row["id"]) for row in rows()]
    assert run("mark", ids[0], ids[1][:10], "--read", "--star").code == 0
    assert [row["id"] for row in rows("--starred")] == ids[:2]
    listed = run("list", "--tsv", "--unread").raw
    assert run("mark", "-", "--read", stdin=listed).code == 0
    assert run("list", "--unread").code == 1
    assert run("mark", "-", "--unread", "--unstar", stdin=listed + b"\n\n").code == 0
    assert len(rows("--unread")) == 3


def test_an_id_that_names_nothing_does_not_keep_the_others_from_being_marked(library: Path) -> None:
    ids = [str(row["id"]) for row in rows()]
    told = run("mark", "feedfeedfeedfeed", ids[0], "--read")
    assert told.code == 3
    assert "feedfeedfeedfeed" in told.err
    assert len(rows("--unread")) == 4
    assert run("mark", "zzz", "--read").code == 1
    assert run("mark", ids[0]).code == 2
    assert run("mark", ids[0], "--read", "--unread").code == 2


def test_tags_are_given_listed_and_taken_away(library: Path) -> None:
    ids = [str(row["id"]) for row in rows()]
    assert run("tag").code == 1
    assert run("tag", "長讀", *ids[:3]).code == 0
    assert run("tag", "later", ids[0]).code == 0
    assert run("tag", "--tsv").out == "later\t1\n長讀\t3\n"
    assert [row["tags"] for row in rows("--tag", "later")] == [["later", "長讀"]]
    assert run("tag", "later", ids[0], "--remove").code == 0
    assert run("list", "--tag", "later").code == 1
    for bad in ("a,b", "", "x" * 65, "a\x1b[2Jb"):
        assert run("tag", bad, ids[0]).code == 2
    assert run("tag", "alone").code == 2


def test_marks_go_to_another_machine_as_a_text(library: Path, tmp_path: Path) -> None:
    ids = [str(row["id"]) for row in rows()]
    run("mark", *ids[:2], "--read")
    run("tag", "later", ids[2])
    file = tmp_path / "marks.txt"
    assert run("export-marks", file).code == 0
    assert file.read_text(encoding="utf-8") == run("export-marks").out
    there = str(tmp_path / "there")
    assert run("add", library, NEWSREADER_HOME=there).code == 0
    told = run("import-marks", "-", stdin=file.read_bytes() + b"not a mark\n", NEWSREADER_HOME=there)
    assert told.code == 3
    assert "3 marks taken over" in told.err
    assert "line 5" in told.err
    assert len(run("list", "--tsv", "--unread", NEWSREADER_HOME=there).out.splitlines()) == 3
    assert run("import-marks", file, NEWSREADER_HOME=there).code == 0
    assert run("import-marks", tmp_path / "none.txt").code == 2
    file.write_bytes(b"\n" * 1_000_001)
    told = run("import-marks", file)
    assert (told.code, "has more than 1,000,000 lines or 256 MB, which is" in told.err) == (2, True)
    assert run("import-marks", library / "articles").code == 2
    assert run("export-marks", tmp_path / "no" / "where").code == 3


@pytest.mark.parametrize("sort", ["source", "length", "title"])
def test_list_sorts(library: Path, sort: str) -> None:
    ordered = rows("--sort", sort)
    assert len(ordered) == 5
    if sort != "length":
        values = [str(row[sort]) for row in ordered]
        assert values == sorted(values)
    assert run("list", "--sort", "colour").code == 2


# --- stats, doctor, revisions -------------------------------------------------------------------------------------


def test_stats_counts_by_source_and_day(library: Path) -> None:
    run("mark", str(rows()[0]["id"]), "--read")
    document = json.loads(run("stats", "--json").out)
    assert document["sources"][0] == {"name": "Harbour Post", "stories": 3, "unread": 2}
    assert [day["stories"] for day in document["days"]] == [1] * 5
    assert document["days"][0] == {"day": "2020-09-17", "stories": 1, "unread": 0}
    drawn = run("stats", "--days", "2").out.splitlines()
    assert len(drawn) == 5
    assert drawn[0].startswith("Harbour Post ")
    assert drawn[0].count("#") > drawn[0].count("-") > 0
    assert all(len(line) <= 80 for line in drawn)
    assert json.loads(run("stats", "--source", "河口通訊", "--json").out)["sources"][0]["stories"] == 2
    assert run("stats", "--source", "nobody").code == 1


@pytest.mark.parametrize("words", [("list",), ("stats",), ("search", "ferry")])
def test_a_source_that_is_none_is_named(library: Path, words: tuple[str, ...]) -> None:
    told = run(*words, "--source", "nobody")
    assert told.code == 1
    assert 'no source is called "nobody"' in told.err


def test_the_doctor_names_what_is_wrong_and_what_to_do(library: Path, tmp_path: Path) -> None:
    well = run("doctor")
    assert (well.code, well.out) == (0, "")
    assert "nothing is wrong" in well.err
    (library / "odd.md").write_text("only text\x1b[2J\n", encoding="utf-8")
    run("index")
    odd = run("doctor")
    assert odd.code == 0
    assert "odd.md" in odd.out
    assert "\x1b" not in odd.out
    (places().data / "archive" / "feeds").mkdir(parents=True)  # of our own, and nothing came yet
    assert run("doctor").code == 0
    (library / "articles").rename(tmp_path / "articles")
    (library / "odd.md").unlink()
    bare = run("doctor")
    assert bare.code == 3
    assert "cannot be read (it holds no article dumps: " in bare.out
    library.rename(tmp_path / "elsewhere")
    gone = run("doctor", "--jsonl")
    assert gone.code == 3
    assert json.loads(gone.out.splitlines()[0])["code"] == "source-missing"
    assert "newsreader remove" in run("doctor").out


def test_every_problem_and_notice_has_words() -> None:
    told = Problem.__doc__ or ""
    for code in (
        "marks-fault",
        "index-fault",
        "counts-wrong",
        "source-missing",
        "source-unreadable",
        "dump-unreadable",
    ):
        assert code in told
        assert "/x" in said(Problem(code, "/x", "why"), UTC)
    for code in _NOTICES:
        assert "why" in said(Problem(code, "/x", "why"), UTC)
    for detail, words in (
        ("no-header", "it has no header: all of it is read as text"),
        ("time 1 of May", 'its time "1 of May" is none'),
        ("encoding gb18030", "it is written in gb18030, not in UTF-8"),
    ):
        assert said(Problem("dump-warning", "/x", detail), UTC) == f'"/x": {words}'


def test_how_it_stands_with_a_server_is_said() -> None:
    feeds = [Subscription("1", "Post", "https://h.example/")]
    for standing, told in (
        (Standing(0.0, 0, 0, ""), "never synced, 1 feed, no mark waits to be sent"),
        (Standing(1.0, 1, 0, ""), "synced 1970-01-01 00:00 UTC, 1 feed, 1 mark waiting to be sent"),
        (
            Standing(1.0, 3, 2, "no"),
            "synced 1970-01-01 00:00 UTC, 1 feed, 3 marks waiting to be sent, 2 of them not taken (no)",
        ),
        (None, "what is agreed with it cannot be read: why"),
    ):
        assert in_words(ServerStanding("s", feeds, standing, "why"), UTC) == told


def test_show_prints_a_revision(library: Path) -> None:
    story = STORIES[1]
    later = Story(
        1, time=story.time + 1000, source=story.source, title="更正", name=f"articles/{story.source}/later.md"
    )
    write_archive(library, [later])
    run("index")
    assert run("show", story.id).out.startswith("更正")
    assert run("show", story.id, "--revision", "1").out.startswith("第1日")
    assert "2 revisions" in run("show", story.id, "--revision", "3").err
    assert json.loads(run("show", story.url, "--revision", "2", "--format", "json").out)["revisions"] == 2


# --- odd input and homes that keep nothing ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["list --source", "list --topic", "list --tag", "search 第 --source", "stats --source"]
)
def test_a_name_that_is_no_text_finds_nothing(library: Path, words: str) -> None:
    told = run(*words.split(), os.fsdecode(b"\xff\xfe"))
    assert (told.code, told.out) == (1, "")
    assert "fault" not in told.err


def test_an_empty_path_exports_nothing_and_revisions_begin_at_one(library: Path) -> None:
    told = run("export", "")
    assert (told.code, told.out) == (2, "")
    assert "empty path" in told.err
    assert "revisions are numbered from 1" in run("show", STORIES[1].id, "--revision", "0").err
    assert "has 1 revision;" in run("show", STORIES[1].id, "--revision", "2").err


def test_a_source_that_is_there_already_is_told_by_the_name_it_has(library: Path) -> None:
    run("add", library, "--name", "mine")
    assert run("add", library).err.startswith('newsreader: "mine" is there already')


def test_marks_that_cannot_be_kept_are_a_failure(library: Path, tmp_path: Path) -> None:
    story = str(rows()[0]["id"])
    assert run("mark", story, "--star").code == 0
    carried = tmp_path / "marks.txt"
    assert run("export-marks", carried).code == 0
    shutil.rmtree(places().data)
    places().data.write_text("in the way of the folder")
    for words in (["mark", story, "--read"], ["tag", "later", story], ["import-marks", str(carried)], ["export-marks"]):
        told = run(*words)
        assert (told.code, told.out) == (3, ""), words
        assert "marks cannot be kept" in told.err


# --- closed streams -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "closed"),
    [*product(["list", ""], ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"]), ("show -", "<&-"), ("--version", ">&-")],
)
def test_closed_standard_streams_end_in_an_exit_code(library: Path, words: str, closed: str) -> None:
    line = f'exec "$0" -m newsreader {words} {closed}'
    ran = subprocess.run(["/bin/sh", "-c", line, NEWSREADER[0]], capture_output=True, timeout=60)
    assert ran.returncode in (0, 1, 2, 3)
    assert b"Traceback" not in ran.stderr
    assert b"Error" not in ran.stderr
    if closed == ">&-" and words:
        assert ran.returncode == 3
        assert ran.stderr.startswith(b"newsreader: ")
