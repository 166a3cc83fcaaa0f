"""The ground gives way: a full disk, a read-only home, no inodes, a home that is renamed or unmounted, locks that fail.
What is there is shown, it is said, and what is marked is written once that goes again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest

from newsreader.config import Source, add_source
from newsreader.errors import BadSettings, StorageFailed
from newsreader.fetch.state import State, save_state
from newsreader.jobs import forkserver
from newsreader.jobs.wire import Wire
from newsreader.library import MARKS_FILE, Marks, View
from newsreader.library.db import REFUSED, inode
from newsreader.library.schema import start_over
from newsreader.reader import Reader
from newsreader.reader.servers import agreement_with
from newsreader.reader.target import marks_file
from tests.newsroom import Story, config_in, ingested, write_archive
from tests.terminal import run as warm_run
from tests.test_cli import run
from tests.test_ui_endings import Product

STORIES = [Story(n, time=n * 60_000, title=f"Tide {n}") for n in range(30)]


@contextmanager
def disk(where: Path, options: str) -> Iterator[None]:
    """A file system of its own at a path."""
    where.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", where], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", where], check=False)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home on a disk of 3 MB and 60 inodes, last used by a process that was killed: the index is there, and two
    stars stand in the log of the marks only."""
    archive = write_archive(tmp_path / "archive", STORIES)
    with disk(tmp_path / "home", "size=3m,nr_inodes=60"):
        end, leash = forkserver.fork("tests.newsroom:live_and_be_killed", "tests.newsroom:ingested")
        with end:
            Wire(end).send((tmp_path / "home", archive, [STORIES[3].id, STORIES[4].id]))
            assert not end.recv(1), "it has ended"
        assert forkserver.kill(leash) == 0
        marks = marks_file(config_in(tmp_path / "home"), demo=False)
        assert Path(f"{marks}-wal").stat().st_size
        for shared in (tmp_path / "home").rglob("*-shm"):
            shared.unlink()
        yield tmp_path / "home"


def full(home: Path) -> Callable[[], object]:
    filler = home / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    return filler.unlink


def read_only(home: Path) -> Callable[[], object]:
    subprocess.run(["mount", "-o", "remount,ro", home], check=True)
    return partial(subprocess.run, ["mount", "-o", "remount,rw", home], check=True)


def no_inodes(home: Path) -> Callable[[], object]:
    made = []
    with suppress(OSError):
        for n in range(10_000):
            (home / f"file-{n}").touch()
            made.append(home / f"file-{n}")
    return partial(subprocess.run, ["rm", *made], check=True)


TROUBLES = pytest.mark.parametrize("trouble", [full, read_only, no_inodes])


def starred(reader: Reader) -> set[int]:
    return {n for n, story in enumerate(STORIES) if (row := reader.summary(story.id)) and row.starred}


@TROUBLES
def test_what_is_there_is_shown_and_marks_are_written_once_that_goes(
    home: Path, trouble: Callable[[Path], Callable[[], object]]
) -> None:
    relieved = trouble(home)
    with Reader.open(config_in(home), home.parent / "archive") as reader:
        assert len(reader.rows().page()) == len(STORIES)
        assert starred(reader) == {3, 4}, "what stands in the log counts"
        assert reader.article(STORIES[3].id).title
        for story in STORIES[10:13]:
            with suppress(StorageFailed):
                reader.marks.star([story.id])
        codes = {notice.code for notice in reader.notices()}
        assert codes & {"index-read-only", "marks-read-only"}
        assert not codes & {"index-not-kept", "marks-not-kept"}
        assert starred(reader) == {3, 4, 10, 11, 12}
        assert reader.marks.undo() is not None, "what is marked meanwhile can be taken back"
        assert starred(reader) == {3, 4, 10, 11}
        assert not reader.marks.are_kept
        relieved()
        reader._index.marks._file._next_try = reader._index._next_look = 0
        reader.changed()
        assert reader.marks.are_kept
        again = {notice.code for notice in reader.notices()}
        assert "marks-kept-again" in again
        assert ("index-back" in again) == ("index-read-only" in codes)
        assert starred(reader) == {3, 4, 10, 11}
        with Reader.open(config_in(home), home.parent / "archive") as other:
            assert len(other.rows(View(starred=True)).page()) == 4
        reader.marks.star([STORIES[20].id])
        assert reader.marks.are_kept
    with Reader.open(config_in(home), home.parent / "archive") as reader:
        assert starred(reader) == {3, 4, 10, 11, 20}


@TROUBLES
def test_the_commands_work_and_say_it(
    home: Path, trouble: Callable[[Path], Callable[[], object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSREADER_HOME", str(home))
    trouble(home)
    for words in (["list"], ["list", "--starred"], ["show", STORIES[4].id], ["stats"], ["export-marks"]):
        told = run(*words)
        assert told.code == 0, told.err
        assert told.out.count("\n") >= (30 if words == ["list"] else 2)
        if words[0] != "show":
            assert "cannot be written" in told.err
    told = run("mark", STORIES[9].id, "--star")
    assert told.code == 3
    assert "cannot be written" in told.err
    said = run("doctor").out
    assert "cannot be written" in said
    assert f'home/data": its disk {"can only be read" if trouble is read_only else "is full"}; ' in said


def test_marks_of_a_home_that_had_no_room_for_its_folders_are_written_once_it_has(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", STORIES)
    with disk(tmp_path / "home", "size=1m,nr_inodes=20"):
        relieved = no_inodes(tmp_path / "home")
        with Reader.open(config_in(tmp_path / "home"), archive) as reader:
            ingested(reader)
            with suppress(StorageFailed):
                reader.marks.star([STORIES[2].id])
            relieved()
            reader._index.marks._file._next_try = 0
            reader.changed()
            assert reader.marks.are_kept
        with Reader.open(config_in(tmp_path / "home"), archive) as reader:
            ingested(reader)
            assert starred(reader) == {2}


def test_a_home_without_an_index_that_cannot_be_written_is_read_from_scratch(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", STORIES)
    with disk(tmp_path / "home", "size=1m"):
        read_only(tmp_path / "home")
        with Reader.open(config_in(tmp_path / "home"), archive) as reader:
            ingested(reader)
            assert len(reader.rows().page()) == len(STORIES)
            with suppress(StorageFailed):
                reader.marks.star([STORIES[2].id])
            assert starred(reader) == {2}
            assert {"index-not-kept", "marks-not-kept"} <= {notice.code for notice in reader.notices()}


@pytest.mark.parametrize("name", ["home", "a home? 100% #é"])
def test_a_home_that_was_left_in_order_and_can_only_be_read_shows_all(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_archive(tmp_path / "archive", STORIES)
    with disk(tmp_path / name, "size=3m"):
        monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path / name))
        assert run("add", archive).code == 0
        assert run("mark", STORIES[3].id, "--star").code == 0
        assert not list((tmp_path / name).rglob("*-wal"))
        read_only(tmp_path / name)
        assert run("list").out.count("\n") == len(STORIES)
        told = run("list", "--starred")
        assert told.out.startswith(STORIES[3].id)
        assert "not kept" not in told.err
        assert run("search", STORIES[3].title).out.count(STORIES[3].id) == 1
        assert "nothing can be found" not in run("doctor").out
        assert "\tstarred\t1\t" in run("export-marks").out


@pytest.mark.parametrize("left", ["empty", "damaged", "never filled"])
def test_an_index_of_no_use_that_cannot_be_written_is_no_hindrance(
    left: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_archive(tmp_path / "archive", STORIES)
    with disk(tmp_path / "home", "size=3m"):
        monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path / "home"))
        assert run("add", archive).code == 0
        with Reader.open(config_in(tmp_path / "home")) as reader:
            index = reader.target.index
        for path in index.parent.iterdir():
            path.unlink()
        if left == "never filled":
            Reader.open(config_in(tmp_path / "home")).close()
        else:
            index.write_bytes(b"" if left == "empty" else b"no database" * 1000)
        for lock in ("swap", "lock"):
            Path(f"{index}.{lock}").touch()
        read_only(tmp_path / "home")
        told = run("list")
        assert (told.code, told.out.count("\n")) == (0, len(STORIES)), told.err
        assert "no index can be kept" in told.err


@pytest.fixture
def cramped(tmp_path: Path) -> Iterator[Path]:
    """A home on a disk that has room for marks and an empty index, and none for that of the stories in `news`."""
    write_archive(tmp_path / "news", STORIES)
    with disk(tmp_path / "home", "size=400k"):
        yield tmp_path / "home"


@pytest.mark.parametrize("in_memory", [False, True], ids=["temporary", "in memory"])
def test_a_disk_too_full_for_a_first_index_shows_all_and_says_it(
    in_memory: bool, cramped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSREADER_HOME", str(cramped))
    if in_memory:  # what is for temporary files is as full
        monkeypatch.setattr(tempfile, "tempdir", str(cramped))
    (cramped / "config").mkdir()
    (cramped / "config/sources.toml").write_text(f'[[source]]\nname = "n"\nlocation = "{cramped.parent / "news"}"\n')
    told = run("list")
    assert (told.code, told.out.count("\n")) == (0, len(STORIES)), told.err
    assert "no index can be kept (full)" in told.err
    told = run("search", "ferry", "--limit", "3")  # there is no room to keep what the rules begin with
    assert (told.code, told.out.count("Tide")) == (0, 3), told.err
    assert not list(cramped.glob("newsreader-*"))


def test_a_window_on_a_disk_too_full_for_a_first_index_shows_all(tmp_path: Path, cramped: Path) -> None:
    with Product(tmp_path) as window:
        window.wait_for("No index can be kept")
        window.wait_for("30 stories")
        window.send("jjj")
        window.wait_for("4/30")
        window.press("Q")
        assert window.wait_end() == 0


def test_what_killed_newsreaders_were_making_is_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)  # nothing is kept in memory
    archive, home = write_archive(tmp_path / "archive", STORIES), tmp_path / "home"
    names = ["data/.newsreader-new-{}-0a1b", "data/.newsreader-new-{}-0a1b-wal", "cache/.newsreader-new-{}-0a1b"]
    theirs = [home / f"data/{MARKS_FILE}.copy-20261129", tmp_path / "newsreader-20261129-draft1/text"]
    for path in theirs:  # what people call so
        path.parent.mkdir(parents=True)
        path.touch()
    for name in (*names, "../newsreader-index-{}-abcdefgh/index"):
        for process in (os.getppid(), 1_999_999_999):
            path = home / name.format(process)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    with Reader.open(config_in(home), archive) as reader:
        ingested(reader)
        reader.marks.star([STORIES[1].id])
    (home / "cache").rename(tmp_path / "away")
    (home / "cache").touch()  # where no index can be
    with Reader.open(config_in(home), archive):
        pass
    made = [path.name for top in ("home", "away") for path in (tmp_path / top).rglob(".newsreader-*")]
    assert sorted(made) == sorted(Path(name.format(os.getppid())).name for name in names)
    left = [path.name for path in tmp_path.glob("newsreader-index-*")]
    assert left == [f"newsreader-index-{os.getppid()}-abcdefgh"]
    assert all(path.exists() for path in theirs)


def test_an_index_that_cannot_be_made_anew_leaves_nothing_of_it(tmp_path: Path) -> None:
    with disk(tmp_path / "cache", "size=32k"):
        index = tmp_path / "cache" / "index.db"
        index.write_bytes(b"no database")
        Path(f"{index}.swap").touch()
        full(index.parent)
        os.truncate(index.parent / "filler", (index.parent / "filler").stat().st_size - 8192)  # for its lock
        with pytest.raises(REFUSED):
            start_over(index, inode(index))
        assert index.read_bytes() == b"no database"
        assert not list(index.parent.glob(".newsreader-*"))


def test_where_no_index_at_all_can_stand_in_the_one_that_is_there_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, shm = write_archive(tmp_path / "archive", STORIES), tmp_path / "shm"
    with disk(shm, "size=16k"), Reader.open(config_in(tmp_path / "home"), archive) as reader:
        full(shm)
        monkeypatch.setattr(tempfile, "tempdir", str(shm))
        monkeypatch.setattr(os, "access", lambda *_: False)  # nothing is kept in memory
        before = reader.target
        assert not reader.stand_in(StorageFailed("index", "full"))
        assert reader.target is before
        ingested(reader)
        assert len(reader.rows().page()) == len(STORIES)


# --- the home goes, and comes back --------------------------------------------------------------------------------


@contextmanager
def bound(root: Path) -> Iterator[tuple[Callable[[], object], Callable[[], object]]]:
    """A home that is a folder bound to its place: what takes it away, and what brings it back."""
    (root / "disk").mkdir()
    (root / "home").mkdir()
    mount, umount = ["mount", "--bind", str(root / "disk"), str(root / "home")], ["umount", "-l", str(root / "home")]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield partial(subprocess.run, umount, check=True), partial(subprocess.run, mount, check=True)
    finally:
        subprocess.run(umount, check=False)


@contextmanager
def renamed(root: Path) -> Iterator[tuple[Callable[[], object], Callable[[], object]]]:
    """A home that is renamed, and gets its name back."""
    home, other = root / "home", root / "other name"
    yield partial(home.rename, other), partial(other.rename, home)


GOING = pytest.mark.parametrize("going", [renamed, bound], ids=["renamed", "unmounted"])
Going: TypeAlias = Callable[[Path], AbstractContextManager[tuple[Callable[[], object], Callable[[], object]]]]


@GOING
def test_a_home_that_goes_is_told_and_reading_goes_on(tmp_path: Path, going: Going) -> None:
    archive = write_archive(tmp_path / "archive", STORIES)
    config = config_in(tmp_path / "home")
    with going(tmp_path) as (take, bring_back), Reader.open(config, archive) as reader:
        ingested(reader)
        reader.marks.star([STORIES[1].id])
        places = config_in(tmp_path / "home").places
        take()
        with pytest.raises(BadSettings, match="it is gone"):  # not: there are none
            add_source(places, Source("new", "/new", "archive"))
        with pytest.raises(OSError, match="it is gone"):
            save_state(places, "https://harbour.example/feed", State())
        with pytest.raises(StorageFailed, match="it is gone"):
            agreement_with(places, Source("new", "https://harbour.example/", "server", api="fever"))
        with pytest.raises(StorageFailed):
            reader.keep_page(STORIES[2].id, "summary", "In short")
        Marks(reader.target.marks).close()
        reader.changed()
        assert [notice.code for notice in reader.notices()] == ["index-gone", "marks-gone"]
        assert not reader.stale(), "no index is made in the place of the one that went"
        assert len(reader.rows().page()) == len(STORIES)
        assert reader.article(STORIES[2].id).title
        with pytest.raises(StorageFailed):
            reader.marks.star([STORIES[2].id])
        reader._index.marks._file._next_try = 0
        reader.marks.star([STORIES[3].id])  # is tried again, and said once
        assert starred(reader) == {1, 2, 3}
        assert reader.marks.undo() is not None
        assert starred(reader) == {1, 2}
        assert not (tmp_path / "home").exists() or not list((tmp_path / "home").iterdir()), "nothing is made there"
        bring_back()
        reader._index.marks._file._next_try = 0
        reader.changed()
        told = [notice.code for notice in reader.notices()]
        assert told == ["index-back", "marks-back", "marks-kept-again"]
        assert reader.marks.are_kept
        with Reader.open(config, archive) as other:
            assert starred(other) == {1, 2}


def test_marks_go_into_another_home_that_took_the_place(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive", STORIES)
    config = config_in(tmp_path / "home")
    with Reader.open(config, archive) as reader:
        ingested(reader)
        reader.marks.star([STORIES[1].id])
        shutil.copytree(tmp_path / "home", tmp_path / "copy")
        (tmp_path / "home").rename(tmp_path / "old")
        with suppress(StorageFailed):
            reader.marks.star([STORIES[2].id])
        (tmp_path / "copy").rename(tmp_path / "home")
        reader._index.marks._file._next_try = 0
        reader.changed()
    with Reader.open(config, archive) as reader:
        assert starred(reader) == {1, 2}


@GOING
def test_the_window_outlives_its_home(tmp_path: Path, going: Going) -> None:
    with going(tmp_path) as (take, bring_back), Product(tmp_path) as window:
        window.ready()
        take()
        window.wait_for(lambda shown: "gone" in shown or "out of reach" in shown)
        window.press("jj\r")
        window.wait_for("The text of story 2")  # below it is told, sooner or later, that its place is not kept
        window.press("f")
        window.press("q")
        window.press("j")
        assert "Traceback" not in window.screen()
        bring_back()
        window.wait_for("written again")
        window.press("Q")
        assert window.wait_end() == 0
        assert b"Traceback" not in window.raw
        with Reader.open(config_in(tmp_path / "home"), tmp_path / "news") as reader:
            assert len(reader.rows(View(starred=True)).page()) == 1


# --- locks and limits ---------------------------------------------------------------------------------------------

_NO_LOCKS = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
static int locks(int c) { return c == F_SETLK || c == F_SETLKW || c == F_GETLK; }
#define INSTEAD(name) int name(int fd, int cmd, ...) { \\
    va_list rest; va_start(rest, cmd); void *more = va_arg(rest, void *); va_end(rest); \\
    if (locks(cmd)) { errno = ENOLCK; return -1; } \\
    return ((int (*)(int, int, ...))dlsym(RTLD_NEXT, #name))(fd, cmd, more); }
INSTEAD(fcntl)
INSTEAD(fcntl64)
"""


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A home with an index of an archive that was opened last, and a star."""
    with Reader.open(config_in(tmp_path / "home"), write_archive(tmp_path / "archive", STORIES)) as reader:
        ingested(reader)
        reader.marks.star([STORIES[4].id])
    return tmp_path / "home"


def compiled(tmp_path: Path, source: str) -> str:
    """A library for LD_PRELOAD."""
    (tmp_path / "shim.c").write_text(source)
    shim = tmp_path / "shim.so"
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, tmp_path / "shim.c", "-ldl"], check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no C compiler to make system calls fail with")
    return str(shim)


def newsreader(home: Path, *words: str, before: Sequence[str] = (), **environ: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "NEWSREADER_HOME": str(home), **environ}
    if not (before or environ):
        told = warm_run(*words, env=env)
        return subprocess.CompletedProcess(words, told.returncode, told.stdout.decode(), told.stderr.decode())
    argv = [*before, sys.executable, "-m", "newsreader", *words]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=120)


def test_where_nothing_can_be_locked_it_is_read_and_said_at_once(used: Path, tmp_path: Path) -> None:
    shim = compiled(tmp_path, _NO_LOCKS)
    told = newsreader(tmp_path / "new", "list", LD_PRELOAD=shim)
    assert "busy" not in told.stderr, "nobody holds them"
    assert "cannot be locked" in told.stderr
    told = newsreader(used, "list", "--starred", LD_PRELOAD=shim)
    assert told.returncode == 0
    assert STORIES[4].id in told.stdout
    assert "cannot be written" in told.stderr
    told = newsreader(used, "mark", STORIES[5].id, "--star", LD_PRELOAD=shim)
    assert told.returncode == 3
    told = newsreader(used, "index", LD_PRELOAD=shim)
    assert told.returncode == 3
    assert "cannot be locked" in told.stderr


@pytest.mark.parametrize(
    ("limit", "commands"),
    [
        ("--nproc=0", [["list"], ["index"], ["doctor"], ["mark", STORIES[5].id, "--star"]]),
        ("--nofile=8", [["list"]]),
        ("--nofile=8", [["mark", STORIES[5].id, "--star"]]),
        ("--nofile=8", [["doctor"]]),
        ("--nofile=14", [["list"], ["index"], ["doctor"], ["mark", STORIES[5].id, "--star"]]),
        ("--fsize=1000", [["list"], ["index"], ["doctor"], ["mark", STORIES[5].id, "--star"]]),
    ],
)
def test_limits_of_a_process_are_no_fault_of_ours(used: Path, limit: str, commands: list[list[str]]) -> None:
    if not shutil.which("prlimit"):
        pytest.skip("there is no prlimit")
    (used.parent / "lines").write_text(json.dumps(commands))
    argv = ["prlimit", limit, sys.executable, "-m", "tests.one_after_another", str(used.parent / "lines")]
    env = {**os.environ, "NEWSREADER_HOME": str(used)}
    told = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert "fault of newsreader's own" not in told.stderr
    assert "Traceback" not in told.stderr
    *every, _ = told.stdout.split("<end>\n")
    assert commands[0] != ["list"] or STORIES[4].id in every[0]
    assert limit == "--nofile=8" or len(every) == len(commands)


_NO_PROCESSES = """
#include <errno.h>
#include <pthread.h>
#include <unistd.h>
pid_t fork(void) { errno = EAGAIN; return -1; }
pid_t vfork(void) { errno = EAGAIN; return -1; }
int pthread_create(pthread_t *one, const pthread_attr_t *how, void *(*what)(void *), void *with) { return EAGAIN; }
"""
"""What a limit on processes does, which does not hold root."""


def test_where_no_process_and_no_thread_can_be_started_reading_goes_on(tmp_path: Path) -> None:
    shim, home = compiled(tmp_path, _NO_PROCESSES), tmp_path / "home"
    with Reader.open(config_in(home), write_archive(tmp_path / "news", STORIES)) as reader:
        ingested(reader)
    with Product(tmp_path, LD_PRELOAD=shim) as window:
        window.wait_for("Indexing stopped")
        window.press("j\r")
        window.wait_for("2/30")
        window.press("Q")
        assert window.wait_end() == 0
        assert b"Traceback" not in window.raw
    add_source(config_in(home).places, Source("f", "http://localhost:9/", "feed"))
    told = newsreader(home, "fetch", LD_PRELOAD=shim)
    assert told.returncode == 3
    assert "a limit on processes" in told.stderr


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        ("config/config.toml", ["doctor"], "it is no file"),
        ("config/sources.toml", ["doctor"], "it is no file"),
        ("config/names.txt", ["search", "tide"], "Tide 3"),
        ("data/marks-v1.db", ["list"], "Lamp & Ink"),  # the sample: nobody knows what was read last
    ],
)
def test_a_pipe_in_the_place_of_a_file_of_ours_holds_nobody(used: Path, name: str, words: list[str], told: str) -> None:
    (used / name).parent.mkdir(exist_ok=True)
    (used / name).unlink(missing_ok=True)
    os.mkfifo(used / name)
    ran = newsreader(used, *words)
    assert told in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_user_of_no_name_and_no_home_is_told_what_to_set(tmp_path: Path) -> None:
    if os.geteuid() or not shutil.which("setpriv"):
        pytest.skip("only root can be somebody else")
    before = ["env", "-u", "HOME", "-u", "NEWSREADER_HOME", "setpriv", "--reuid=54321", "--clear-groups"]
    reaches = [*before, sys.executable, "-c", "import newsreader, textual, platformdirs"]
    if subprocess.run(reaches, capture_output=True, check=False).returncode:
        pytest.skip("the checkout or its environment stands where nobody else may read")
    told = newsreader(tmp_path, "where", before=before)
    assert told.returncode == 2
    assert "NEWSREADER_HOME" in told.stderr


# --- a disk with bad sectors --------------------------------------------------------------------------------------

_BAD_SECTORS = """
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static ssize_t really_read(int fd, void *data, size_t size) {
    return ((ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read"))(fd, data, size); }
static int fails(int fd) {
    char link[64], path[4096] = "", bad[4096] = "";
    int rules = open(getenv("FAILS"), O_RDONLY);
    if (rules < 0) return 0;
    if (really_read(rules, bad, sizeof bad - 1) > 0) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        if (readlink(link, path, sizeof path - 1) < 0) path[0] = 0;
    }
    close(rules);
    if (!bad[0] || !strstr(path, bad)) return 0;
    errno = EIO;
    return 1;
}
ssize_t read(int fd, void *data, size_t size) { return fails(fd) ? -1 : really_read(fd, data, size); }
#define INSTEAD(name, data_type, at_type) ssize_t name(int fd, data_type data, size_t size, at_type at) { \\
    if (fails(fd)) return -1; \\
    return ((ssize_t (*)(int, data_type, size_t, at_type))dlsym(RTLD_NEXT, #name))(fd, data, size, at); }
INSTEAD(pread, void *, off_t)
INSTEAD(pread64, void *, off64_t)
INSTEAD(pwrite, const void *, off_t)
INSTEAD(pwrite64, const void *, off64_t)
#define READS(name, type) struct type *name(DIR *dir) { \\
    return fails(dirfd(dir)) ? NULL : ((struct type *(*)(DIR *))dlsym(RTLD_NEXT, #name))(dir); }
READS(readdir, dirent)
READS(readdir64, dirent64)
"""


BAD = (
    ("home/cache/index", ["list"], 0, "one is made for this time only"),
    ("home/data/marks", ["list"], 0, "marks cannot be kept"),
    ("home/data/marks", ["mark", STORIES[5].id, "--star"], 3, "does not last"),
    ("home/data/marks", ["export-marks"], 3, "cannot be read"),
    ("home/", ["list"], 2, "Input/output error"),
    ("archive/", ["index"], 3, "Input/output error"),
)
"""What of a home or an archive cannot be read, a command, its exit code and what it says."""


def test_bad_sectors_are_told_and_the_rest_is_read(used: Path, tmp_path: Path) -> None:
    newsreader(used, "add", str(tmp_path / "archive"))
    rules, shim = tmp_path / "fails", compiled(tmp_path, _BAD_SECTORS)
    for bad, words, code, says in BAD:
        rules.write_text(f"{tmp_path.name}/{bad}")
        told = newsreader(used, *words, LD_PRELOAD=shim, FAILS=str(rules))
        assert (told.returncode, "Traceback" in told.stderr) == (code, False), told.stderr
        assert says in told.stderr
        if words[0] == "list" and not code:
            assert STORIES[4].id in told.stdout
    assert STORIES[4].id in newsreader(used, "list", "--starred").stdout, "nothing is lost once the disk works again"


def test_what_stands_in_a_folder_that_cannot_be_read_stays(used: Path, tmp_path: Path) -> None:
    rules, shim = tmp_path / "fails", compiled(tmp_path, _BAD_SECTORS)
    archive = write_archive(tmp_path / "archive", [Story(99, source="Night Post")])
    newsreader(used, "add", str(archive))
    before = newsreader(used, "list").stdout
    for folder in ("articles/Harbour Post", "articles"):
        rules.write_text(f"{archive.name}/{folder}")
        told = newsreader(used, "index", LD_PRELOAD=shim, FAILS=str(rules))
        assert f'{folder}" is left out: Input/output error' in told.stderr
        assert newsreader(used, "list").stdout == before


def test_a_window_whose_index_cannot_be_read_goes_on(tmp_path: Path) -> None:
    rules = tmp_path / "fails"
    rules.touch()
    with Product(tmp_path, LD_PRELOAD=compiled(tmp_path, _BAD_SECTORS), FAILS=str(rules)) as window:
        window.ready()
        window.press("jj")
        rules.write_text(f"{tmp_path.name}/home/cache/path-")
        window.press("\r")
        window.wait_for("out of reach")
        for keys in ("j", "f", "A", "n", "/tide\r", "\x1b"):
            window.press(keys)
        assert "Story " in window.screen(), "what was read before is still shown"
        rules.write_text("")
        window.wait_for("works again")
        window.press("j\r")
        window.wait_for("It links to the fifth story")
        window.press("Q")
        assert window.wait_end() == 0
        assert b"Traceback" not in window.raw
