"""No mark is forgotten: whatever bytes stand in the file of the marks, and what its copies of the last days are for."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from newsreader.cli import main
from newsreader.identity import story_id
from newsreader.library import Marks, View
from newsreader.library.backups import backups
from newsreader.library.db import connect, sid
from newsreader.library.mark_kinds import READ, STARRED, TAG, Change, everything
from newsreader.library.salvage import bring_over, salvage
from newsreader.library.schema import memory_marks
from newsreader.library.sqlite_pages import records
from newsreader.reader import Reader
from newsreader.reader.target import marks_file
from tests.newsroom import Story, config_in, ingested, write_archive

STORIES = [Story(n, time=n * 60_000) for n in range(40)]


class Home:
    """A home whose archive was opened last, and its file of marks."""

    def __init__(self, root: Path, archive: Path | None = None) -> None:
        self.home = root / "home"
        self.archive = archive or write_archive(root / "archive", STORIES)
        self.marks = marks_file(config_in(self.home), demo=False)

    def open(self) -> Reader:
        return Reader.open(config_in(self.home), self.archive)

    def starred(self) -> set[str]:
        with self.open() as reader:
            return {row.id for row in reader.rows(View(starred=True)).page()}

    def sql(self, statement: str, *values: object) -> None:
        db = apsw.Connection(str(self.marks))
        db.execute(statement, values)
        db.close()

    def age(self, days: int) -> None:
        """Have every copy be so many days older."""
        for backup in sorted(backups(self.marks)):
            day = time.strptime(backup.stem[-10:], "%Y-%m-%d")
            then = time.strftime("%Y-%m-%d", time.gmtime(time.mktime(day) - time.timezone - days * 86400))
            backup.rename(backup.with_name(f"{backup.stem[:-10]}{then}.db"))


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of which three stories are starred, one of them read and tagged."""
    made = Home(tmp_path_factory.mktemp("once"))
    with made.open() as reader:
        ingested(reader)
        reader.marks.star([story.id for story in STORIES[:3]])
        reader.marks.mark_read([STORIES[0].id])
        reader.marks.tag([STORIES[0].id], "harbour")
    for backup in backups(made.marks):
        backup.unlink()
    return made


@pytest.fixture
def home(once: Home, tmp_path: Path) -> Home:
    """The same, to do anything to."""
    shutil.copytree(once.home, tmp_path / "home")
    return Home(tmp_path, once.archive)


def codes(reader: Reader) -> list[str]:
    return [notice.code for notice in reader.notices()]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE marks SET mark = CAST(x'7461672fff' AS TEXT) WHERE mark = 'tag/harbour'",
        "UPDATE marks SET value = CAST(x'ff' AS TEXT) WHERE mark = 'read'",
        "UPDATE keys SET key = CAST(x'c3' AS TEXT) WHERE story = (SELECT story FROM marks WHERE mark = 'read')",
        "UPDATE marks SET value = '7' WHERE mark = 'read'",
        "UPDATE marks SET value = 7.5 WHERE mark = 'read'",
        "UPDATE marks SET at = 'yesterday' WHERE mark = 'read'",
        "UPDATE marks SET at = 1000000000000000 WHERE mark = 'read'",
        "UPDATE marks SET mark = 'tag/a,b' WHERE mark = 'tag/harbour'",
        "UPDATE state SET value = x'00' WHERE name = 'epoch'",
        "DELETE FROM state WHERE name = 'epoch'",
        "UPDATE state SET value = '{' WHERE name = 'last-path'",
        "UPDATE sqlite_sequence SET seq = 9223372036854775807",
        "UPDATE changes SET new = '7'",
        "DROP TABLE keys",
        "DROP TABLE changes",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -7",
    ],
)
def test_nothing_that_no_version_writes_locks_out_or_is_believed(home: Home, statement: str) -> None:
    home.sql(statement)
    with home.open() as reader:
        assert {row.id for row in reader.rows(View(starred=True)).page()} == {story.id for story in STORIES[:3]}
        text = "".join(reader.marks.lines())
        while reader.marks.undo() is not None:
            pass
        reader.marks.star([STORIES[7].id])
        assert "marks-damaged" in codes(reader)
        assert not any(bad in text for bad in ("\t7", "a,b", "\ufffd"))
    assert STORIES[7].id in home.starred()
    with home.open() as reader:
        assert "".join(reader.marks.lines())
        assert codes(reader) == [], "it is mended for good"


def test_an_empty_file_is_told_and_what_its_log_holds_is_saved(home: Home) -> None:
    with home.open() as reader:
        reader.marks.star([STORIES[9].id])
        log = Path(f"{home.marks}-wal").read_bytes()
    home.marks.write_bytes(b"")
    Path(f"{home.marks}-wal").write_bytes(log)
    with home.open() as reader:
        told = [(problem.code, problem.where) for problem in reader.problems()]
        assert told[:2] == [("marks-damaged", str(home.marks)), ("marks-salvaged", str(home.marks))]
        assert STORIES[9].id in {row.id for row in reader.rows(View(starred=True)).page()}


def test_a_first_start_makes_no_empty_file(tmp_path: Path) -> None:
    marks = Marks(tmp_path / "data" / "marks.db", makes=True)
    assert marks.notices == []
    assert (tmp_path / "data" / "marks.db").stat().st_size
    marks.close()


def test_export_saves_what_can_be_read(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with home.open() as reader:
        reader.marks.star([story.id for story in STORIES])
        reader.marks.tag([story.id for story in STORIES], "潮" * 60)
    for backup in backups(home.marks):
        backup.unlink()
    data = bytearray(home.marks.read_bytes())
    data[4096 * 3 : 4096 * 4] = random.Random(4).randbytes(4096)
    home.marks.write_bytes(data)
    monkeypatch.setenv("NEWSREADER_HOME", str(home.home))
    assert main(["export-marks"]) == 0
    told = capsys.readouterr()
    assert told.out.count("\tstarred\t1\t") > 20
    assert "set aside" in told.err


# --- copies -------------------------------------------------------------------------------------------------------


def test_a_copy_a_day_where_marks_changed_and_the_last_three_are_kept(home: Home) -> None:
    for n in range(5):
        for _ in range(2):
            with home.open() as reader:
                reader.marks.star([STORIES[10 + n].id])
                reader.marks.star([STORIES[20 + n].id])
        with home.open():
            pass
        home.age(1)
    kept = backups(home.marks)
    assert len(kept) == 3
    with home.open():
        pass
    assert backups(home.marks) == kept, "nothing was marked today"
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in home.marks.parent.iterdir())
    assert not [path for path in home.marks.parent.iterdir() if path.name.startswith(".")]


def test_a_copy_of_a_day_to_come_does_not_push_out_the_others(home: Home) -> None:
    home.starred()
    home.age(-400)
    with home.open() as reader:
        reader.marks.star([STORIES[10].id])
    assert len(backups(home.marks)) == 2
    assert time.strftime("%Y-%m-%d", time.gmtime()) in backups(home.marks)[0].name


def test_what_the_damaged_file_lost_comes_from_the_newest_copy(home: Home) -> None:
    home.starred()
    home.age(1)
    with home.open() as reader:
        reader.marks.star([STORIES[0].id], False)
    home.sql("DROP TABLE marks")
    home.sql("DROP TABLE changes")
    home.marks.write_bytes(home.marks.read_bytes()[:8192] + bytes(20 * 4096))
    with home.open() as reader:
        told = dict(reader.notices())
        assert {row.id for row in reader.rows(View(starred=True)).page()} >= {story.id for story in STORIES[1:3]}
    assert told["marks-salvaged"].split(", ")[1] != "0"


def test_a_salvage_that_is_killed_at_its_last_step_leaves_what_it_began_with(home: Home) -> None:
    home.starred()
    home.sql("DELETE FROM state WHERE name = 'epoch'")
    child = os.fork()
    if not child:
        rename = Path.replace
        Path.replace = lambda *way: os._exit(9) if home.marks in way else rename(*way)  # type: ignore[method-assign]
        salvage(home.marks)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    with home.open() as reader:
        assert codes(reader) == ["marks-damaged", "marks-salvaged"]
        assert {row.id for row in reader.rows(View(starred=True)).page()} >= {story.id for story in STORIES[:3]}
    left = [path for path in home.marks.parent.glob(".newsreader-*") if str(child) not in path.name]
    assert not left, "one that ends leaves nothing"


def test_damage_is_never_copied_over_a_sound_copy(home: Home) -> None:
    home.starred()
    home.age(1)
    with home.open() as reader:
        reader.marks.star([story.id for story in STORIES])
    for backup in backups(home.marks)[:1]:
        backup.unlink()
    home.sql("UPDATE marks SET value = 'x' WHERE mark = 'starred' AND story = ?", sid(STORIES[30].id))
    with home.open() as reader:
        pass
    assert codes(reader) == ["marks-damaged", "marks-salvaged"]
    for backup in backups(home.marks):
        db = connect(backup, write=False)
        assert db.execute("SELECT count(*) FROM marks WHERE value = 'x'").get == 0
        db.close()


def test_doctor_names_the_copies_and_its_way_back_leads_back(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home.starred()
    (copy,) = backups(home.marks)
    with home.open() as reader:
        reader.marks.star([story.id for story in STORIES])
    monkeypatch.setenv("NEWSREADER_HOME", str(home.home))
    assert main(["doctor"]) == 0
    told = capsys.readouterr()
    assert copy.name in told.out
    assert "nothing is wrong" in told.err
    assert f'copy the copy to "{home.marks}"' in told.out
    Path(f"{home.marks}-wal").unlink(missing_ok=True)
    shutil.copy(copy, home.marks)
    with home.open() as reader:
        reader.marks.star([STORIES[30].id])
    assert home.starred() == {story.id for story in (*STORIES[:3], STORIES[30])}


# --- carried ------------------------------------------------------------------------------------------------------


def line(at: str, mark: str, value: str, key: str = "harbour.example/story-1") -> str:
    return f"{at}\t{mark}\t{value}\t{key}"


@pytest.mark.parametrize("value", ["1", ""])
def test_the_order_of_lines_does_not_matter_at_one_moment(tmp_path: Path, value: str) -> None:
    text = [line("2026-01-01T00:00:00Z", "tag/x", value), line("2026-01-01T00:00:00Z", "tag/x", "" if value else "1")]
    home = Home(tmp_path)
    with home.open() as reader:
        ingested(reader)
        reader.marks.take_over(text)
        assert dict(reader.tags()) == {"x": 1}


def test_many_tags_on_one_story_take_no_more_steps_each_than_few(tmp_path: Path) -> None:
    def steps(tags: int) -> int:
        home = Home(tmp_path / str(tags))
        with home.open() as reader:
            ingested(reader)
            count = 0

            def step() -> bool:
                nonlocal count
                count += 1
                return False

            for db in (reader._index._db, reader._index.marks._file.db):
                db.set_progress_handler(step, 100)
            reader.marks.take_over(line("2026-01-01T00:00:00Z", f"tag/{n}", "1") for n in range(tags))
        return count

    assert steps(8000) < 6 * steps(2000)


def test_what_is_no_file_or_too_much_is_refused(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSREADER_HOME", str(home.home))
    fifo, large = tmp_path / "fifo", tmp_path / "large.txt"
    os.mkfifo(fifo)
    large.write_text("#\n" * 1_000_001)
    for name, word in ((str(fifo), "not a regular file"), ("/dev/zero", "not a regular"), (str(large), "1,000,000")):
        assert main(["import-marks", name]) == 2
        assert word in capsys.readouterr().err
    assert main(["import-marks", str(tmp_path / "nothing")]) == 2


def test_marks_of_a_clock_that_was_ahead_yield_to_later_ones_and_to_no_earlier_ones(home: Home) -> None:
    now = int(time.time() * 1000)
    ahead = [sid(story.id) for story in STORIES[1:3]]
    home.sql("UPDATE marks SET at = at + 31536000000 WHERE mark = 'starred' AND story IN (?, ?)", *ahead)
    stamps = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now / 1000 + seconds)) for seconds in (60, -86400)]
    with home.open() as reader:
        told = reader.marks.take_over(
            [line(stamps[0], "starred", "", STORIES[1].url[8:]), line(stamps[1], "starred", "", STORIES[2].url[8:])]
        )
        assert told.taken == 1
        assert {row.id for row in reader.rows(View(starred=True)).page()} == {STORIES[0].id, STORIES[2].id}
        with Home(home.home.parent / "other").open() as other:
            ingested(other)
            assert other.marks.take_over(reader.marks.lines()).bad == ()
            assert len(other.rows(View(starred=True)).page()) == 2


# --- the file -----------------------------------------------------------------------------------------------------


def test_a_second_connection_does_not_let_go_of_the_locks_of_the_first(tmp_path: Path) -> None:
    """Closing any file number of a file lets go of all locks of the process on it: whoever closes the file last in
    another process would then take away the log that the first still writes to."""
    path = tmp_path / "marks.db"
    first = connect(path)
    first.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    second = connect(path)
    code = "import apsw, sys; print(apsw.Connection(sys.argv[1]).pragma('journal_mode', 'delete'))"
    told = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert "delete" not in told.stdout, "another process could take the log away"
    second.close()
    first.close()


def test_what_may_only_be_read_stays_as_it_is(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "marks.db")) as db:
        db.pragma("journal_mode", "delete")  # what there is on a network
    connect(tmp_path / "marks.db", write=False).close()


@pytest.fixture
def marks(tmp_path: Path) -> Iterator[Marks]:
    made = Marks(tmp_path / "marks.db")
    yield made
    made.close()


def test_every_record_is_found_in_the_pages_also_long_ones_and_those_in_the_log(marks: Marks) -> None:
    changes = [
        Change(sid(f"{n:016x}"), f"guid:{'潮' * n}", name, value)
        for n in range(1, 1500, 7)
        for name, value in ((READ, f"{n}:abc"), (STARRED, "1"), (f"{TAG}{n}", "1"))
    ]
    marks.set("import", changes)
    found = list(records(Path(marks.path)))
    keys = {row[2] for row in found if len(row) == 3 and row[1] is None}
    assert keys == {change.key for change in changes}
    assert {row[:3] for row in found if len(row) == 5} >= {(one.story, one.mark, one.value) for one in changes}


DAMAGES = {
    **{f"the kind of the last number is {kind}": (b"starred1", -9, 9, kind) for kind in (3, 6, 10, 23, 0x81)},
    "the kind of the time swallows that of the number": (b"starred1", -10, 5, 0xB5),
    **{f"in the place of a rowid stands one of kind {kind}": (b"guid:", -2, 0, kind) for kind in (8, 10, 12, 13)},
}
"""A text, how far from it a byte is changed, what it was, and what it becomes."""


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_record_loses_only_what_is_damaged_of_it(tmp_path: Path, damage: tuple[bytes, int, int, int]) -> None:
    text, away, was, becomes = damage
    one = salvaged(tmp_path, lambda data: changed(data, data.index(text) + away, was, becomes))
    assert one == "1"


def test_a_record_is_found_by_as_much_of_a_pointer_as_sqlite_reads(tmp_path: Path) -> None:
    def harm(data: bytearray) -> None:
        for page in range(4096, len(data), 4096):
            if data[page] in (0x0A, 0x0D) and data[page + 4] == 1:
                data[page + 8] |= 0x80

    assert salvaged(tmp_path, harm) == "1"


def test_what_is_kept_under_a_name_comes_back(tmp_path: Path) -> None:
    marks = Marks(tmp_path / "marks.db")
    flat = [True, 3, "潮", {"a": 1, "b": "x", "c": False}]
    for value in (*flat, {"a": [1, 2]}, {"a": {"b": None}}, [1, "x"], [[]]):
        marks.keep("thing", value)
        assert marks.kept_as("thing") == value
    assert marks.kept_as("another") is None
    marks.close()


def changed(data: bytearray, at: int, was: int, becomes: int) -> None:
    assert data[at] == was
    data[at] = becomes


def salvaged(tmp_path: Path, harm: Callable[[bytearray], None]) -> object:
    """What is left of a star in marks that are harmed."""
    marks = Marks(tmp_path / "marks.db")
    key = "guid:潮"
    one = Change(sid(story_id(key)), key, STARRED, "1")
    marks.set("star", [one])
    marks.close()
    for backup in backups(Path(marks.path)):
        backup.unlink()
    data = bytearray(Path(marks.path).read_bytes())
    harm(data)
    Path(marks.path).write_bytes(data)
    db = memory_marks()
    bring_over(Path(marks.path), db)
    assert everything(db), "what is brought over is believed"
    return db.execute("SELECT m.value FROM marks m JOIN keys k ON k.story = m.story WHERE k.key = ?", (key,)).get
