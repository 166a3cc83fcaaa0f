"""The door, as scripts and people meet it: real processes, their output, what they say and how they end."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from newsreader import __version__
from newsreader.archive import Skipped
from newsreader.cli import COMMANDS, main
from newsreader.cli.forms import fitted
from newsreader.cli.messages import exit_code, left_out, sentence
from newsreader.errors import (
    AmbiguousId,
    BadSettings,
    NewsreaderError,
    NotADump,
    NotFound,
    StorageFailed,
    Unreadable,
    UnsafeUrl,
)
from tests.terminal import Terminal
from tests.terminal import run as warm_run
from tests.test_archive import dump, without_privilege

NEWSREADER = [sys.executable, "-m", "newsreader"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "home of newsreader"
    monkeypatch.setenv("NEWSREADER_HOME", str(place))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("LANG", "C.UTF-8")
    return place


def run(*arguments: str | os.PathLike[str], stdin: bytes = b"", before: tuple[str, ...] = (), **env: str) -> Result:
    """A command line's outcome: here, or by a process of its own where that has another environment or parent."""
    given = [os.fspath(word) for word in arguments]
    if before:
        words = [*before, *NEWSREADER, *given]
        done = subprocess.run(words, input=stdin, capture_output=True, env={**os.environ, **env}, timeout=120)
        return Result(done.returncode, done.stdout, done.stderr)
    if env:
        done = warm_run(*given, env={**os.environ, **env}, stdin=stdin)
        return Result(done.returncode, done.stdout, done.stderr)
    streams = [io.TextIOWrapper(io.BytesIO(data)) for data in (stdin, b"", b"")]
    before_us = sys.stdin, sys.stdout, sys.stderr
    time.tzset()
    sys.stdin, sys.stdout, sys.stderr = streams
    try:
        code = main(given)
    finally:
        sys.stdin, sys.stdout, sys.stderr = before_us
    for stream in streams:
        stream.flush()
    return Result(code, *(stream.buffer.getvalue() for stream in streams[1:]))


class Result:
    """How a command ended. What went to stderr never holds a traceback, and each line says who speaks."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code, self.raw = code, out
        self.out, self.err = out.decode(), err.decode()
        assert "Traceback" not in self.err
        assert all(line.startswith("newsreader: ") for line in self.err.splitlines()), self.err
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", self.err)

    def __repr__(self) -> str:
        return f"{self.code} {self.out!r} {self.err!r}"


# --- help, versions, usage ----------------------------------------------------------------------------------------


def test_version_and_help_go_to_stdout() -> None:
    assert run("--version").out == f"newsreader {__version__}\n"
    told = run("--help")
    assert (told.code, told.err) == (0, "")
    for name, (_, told_of) in COMMANDS.items():
        assert name in told.out
        assert told_of in told.out
        one = run(name, "--help")
        assert (one.code, one.err) == (0, "")
        assert one.out.startswith(f"usage: newsreader {name}")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--nonsense"], "--nonsense"),
        (["a", "b"], "unrecognized arguments: b"),
        (["--demo", "x"], "--demo"),
        ([""], "PATH is empty"),
        (["show"], "REF"),
        (["show", "x", "--width", "19"], "20 to 1000"),
        (["show", "x", "--width", "²"], "20 to 1000"),
        (["show", "x", "--format", "pdf"], "pdf"),
        (["export"], "PATH"),
        (["export", "x", "--format", "json"], "json"),
        (["export", "x", "--wid", "30"], "--wid"),
        (["list", "--limit", "0"], 'a limit is a number of rows from 1 on, not "0"'),
        (["list", "--since", "someday"], 'such as 3d; not "someday"'),
        (["list", "--deleted", "--tag", "x"], "--deleted goes with --source and --limit only"),
        (["mark", "x"], "say how to mark them: --read"),
        (["export", ""], "an empty path names no archive"),
        (["add", ""], "an empty path names no archive"),
        (["search", "title:"], "a field wants its value right behind the colon"),
        (["search", "length:x"], "take >2000, <500 or 500..2000"),
        (["search", "has:x"], "take image or link"),
        (["search", "a " * 600], "too many words or parentheses"),
        (["list", "--json", "--tsv"], "not allowed"),
        (["where", "x"], "x"),
        (["show", "\x1b[31m\x9bevil", "--\x1b]0;evil\x07"], "evil"),
    ],
)
def test_wrong_usage_is_said_in_one_sentence(words: list[str], part: str) -> None:
    result = run(*words)
    assert (result.code, result.out) == (2, "")
    assert part in result.err


def test_the_first_word_that_is_a_command_is_the_command(tmp_path: Path) -> None:
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "a.md").write_bytes(dump("In a folder called list"))
    with_dot = warm_run("export", "./list", "--format", "text", env=os.environ, cwd=str(tmp_path))
    assert b"In a folder called list" in with_dot.stdout
    as_command = warm_run("list", env=os.environ, cwd=str(tmp_path))
    assert b"In a folder called list" not in as_command.stdout


def test_reading_needs_a_terminal(tmp_path: Path) -> None:
    for words in ([], ["--demo"], [str(tmp_path)]):
        result = run(*words)
        assert (result.code, result.out) == (2, "")
        assert "newsreader list" in result.err


# --- what cannot be read ------------------------------------------------------------------------------------------


@pytest.fixture
def troubles(tmp_path: Path) -> Path:
    """One of everything that can be wrong with a path."""
    place = tmp_path / "troubles"
    (place / "empty folder").mkdir(parents=True)
    (place / "empty.md").touch()
    (place / "photo").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    (place / "cut.zip").write_bytes(b"PK\x03\x04" + b"\0" * 20)
    (place / "cut.tar.gz").write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\x03rubbish")
    (place / "loop").symlink_to("loop")
    return place


@pytest.mark.parametrize("command", ["show", "export", None])
@pytest.mark.parametrize(
    ("name", "code", "part"),
    [
        ("missing.md", 2, "there is no file or folder"),
        ("missing.md/below", 2, "there is no file or folder"),
        ("empty folder", 1, "holds no article dumps"),
        ("empty.md", 2, "is empty"),
        ("photo", 2, "neither text nor"),
        ("cut.tar.gz", 2, "compressed"),
        ("loop", 2, "leads back"),
    ],
)
def test_a_path_that_cannot_be_read_is_named_with_the_reason(
    troubles: Path, command: str | None, name: str, code: int, part: str
) -> None:
    path = troubles / name
    if command == "show" and path.is_dir():
        code, part = 2, "is a folder"
    if command is None:
        with Terminal([*NEWSREADER, str(path)]) as terminal:
            assert terminal.wait_end(30) == code
            said = terminal.raw.decode()
            assert "\x1b[?1049h" not in said, "the window was opened"
    else:
        result = run(command, path)
        assert (result.code, result.out) == (code, "")
        said = result.err
    said = re.sub(r"\s+", " ", said)
    assert part in said
    assert name in said
    assert "Traceback" not in said


def test_what_permissions_forbid_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "shut"
    folder.mkdir()
    (folder / "a.md").write_bytes(dump())
    (tmp_path / "shut.md").write_bytes(dump())
    before = tuple(without_privilege())
    for path in (folder, tmp_path / "shut.md"):
        path.chmod(0)
        for command in ("export", "show"):
            if command == "export" or path.is_file():
                result = run(command, path, before=before)
                assert (result.code, result.out) == (2, "")
                assert "permissions" in result.err
                assert str(path) in result.err
        path.chmod(0o700)


def test_the_rest_is_read_and_the_exit_code_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../up.md", dump("Up"))
        archive.writestr("fine.md", dump("Fine"))
    whole = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: whole.index(b"PK\x01\x02")])
    folder = tmp_path / "folder"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "back").symlink_to("..")
    (folder / "in" / "gone.md").symlink_to("nowhere")
    (folder / "in" / "good.md").write_bytes(dump("Good"))
    for path, title, named in (
        (tmp_path / "a.zip", "Fine", ["../up.md", "out of the archive"]),
        (tmp_path / "cut.zip", "Fine", ["cut.zip", "not whole"]),
        (folder, "Good", ["in/back", "leads back", "gone.md", "vanished"]),
    ):
        result = run("export", path)
        assert result.code == 3
        assert [json.loads(line)["title"] for line in result.out.splitlines()] == [title]
        assert all(part in result.err for part in named), result.err


def test_names_of_hostile_files_are_cleaned(tmp_path: Path) -> None:
    name = "a\x1b]0;evil\x07\nb\x9b31m\u202e.md"
    (tmp_path / name).write_bytes(b"")
    (tmp_path / "b.md").write_bytes(dump())
    result = run("export", tmp_path)
    assert result.code == 3
    assert "is left out: it is empty" in result.err
    line = run("export", tmp_path / name)
    assert line.code == 2


# --- the table of sentences ---------------------------------------------------------------------------------------


def leaves(kind: type[NewsreaderError]) -> Iterator[type[NewsreaderError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from leaves(below)


def test_every_error_has_a_sentence_that_names_its_object() -> None:
    assert {NotFound, NotADump, Unreadable, UnsafeUrl, BadSettings, StorageFailed} <= set(leaves(NewsreaderError))
    for kind in leaves(NewsreaderError):
        if kind.__module__ == "newsreader.errors":
            for why in ("", "the reason", "forbidden", "folder", "damaged"):
                told = sentence(kind("the object", why))
                assert "the object" in told
                assert ("reason" in told) == (why == "the reason" and kind not in (NotFound, AmbiguousId, UnsafeUrl))
                assert not told.endswith((":", " ", "."))
                assert exit_code(kind("the object", why)) in (1, 2, 3)


def test_every_code_of_what_is_left_out_has_words() -> None:
    codes = re.findall(r'"([a-z-]+)"', Skipped.__doc__ or "")
    assert len(codes) >= 14
    for code in codes:
        if code != "unreadable":
            assert left_out(Skipped("a.zip!b", code)) != left_out(Skipped("a.zip!b", "no such code")).replace(
                "no such code", code
            )
    assert "Input/output error" in left_out(Skipped("x", "unreadable", "Input/output error"))


# --- ends ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(tmp_path: Path) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(400):
        (folder / f"{n:03}.md").write_bytes(dump(f"Number {n}", f"<p>{'A long story. ' * 200}</p>"))
    return folder


def test_a_reader_that_has_had_enough_is_no_failure(many: Path) -> None:
    words = subprocess.list2cmdline([*NEWSREADER, "export", str(many)])
    done = subprocess.run(
        ["bash", "-c", f"{words} | head -n 1; echo ${{PIPESTATUS[0]}}"], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "0"


def test_a_full_disk_is_said(many: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    for words in (["export", str(many)], ["show", str(many / "000.md")], ["where"], ["--version"]):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run([*NEWSREADER, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 3, words
        assert done.stderr == "newsreader: the output: No space left on device\n"


def test_ctrl_c_ends_quietly_and_leaves_no_process(many: Path) -> None:
    reader, writer = os.pipe()
    program = subprocess.Popen(
        [*NEWSREADER, "export", str(many)], stdout=writer, stderr=subprocess.PIPE, start_new_session=True
    )
    os.close(writer)
    assert os.read(reader, 1)  # it is at work, and will soon wait for us to read
    os.killpg(program.pid, signal.SIGINT)
    _, err = program.communicate(timeout=30)
    os.close(reader)
    assert program.returncode == 130
    assert err == b""
    assert _ends(program.pid)


def test_workers_do_not_outlive_a_killed_parent(many: Path) -> None:
    reader, writer = os.pipe()
    program = subprocess.Popen([*NEWSREADER, "export", str(many)], stdout=writer, start_new_session=True)
    os.close(writer)
    assert os.read(reader, 1)
    program.kill()
    program.wait()
    os.close(reader)
    assert _ends(program.pid)


def _ends(group: int) -> bool:
    """Whether all processes of a group are gone after at most 20 seconds."""
    for _ in range(400):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_a_fault_of_our_own_is_one_sentence_and_a_log(home: Path, tmp_path: Path) -> None:
    program = (
        "import sys, newsreader.cli.where as w\n"
        "def broken(*_): raise RuntimeError('\\x1b[31mbroken\\n')\n"
        "w.run = broken\n"
        "from newsreader.cli import main\nsys.exit(main(['where']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    log = home / "cache" / "crash.log"
    assert "RuntimeError" in line
    assert str(log) in line
    assert "\x1b" not in line
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


# --- where --------------------------------------------------------------------------------------------------------


def test_where_names_the_places_and_makes_none(home: Path) -> None:
    told = run("where")
    assert told.code == 0
    for part in ("config/config.toml", "config/sources.toml", "data", "cache"):
        assert str(home / part) in told.out
    assert told.out.count("(not there") == 2
    places = json.loads(run("where", "--json").out)
    assert places == {
        "settings": str(home / "config/config.toml"),
        "sources": str(home / "config/sources.toml"),
        "marks": str(home / "data"),
        "index": str(home / "cache"),
    }
    assert not home.exists()


def test_the_settings_file_is_written_once(home: Path) -> None:
    path = home / "config" / "config.toml"
    assert run("where", "--write-config").code == 0
    assert tomllib.loads(path.read_text()) == {}
    assert path.stat().st_mode & 0o777 == 0o600
    assert "(what you chose)" in run("where").out
    path.write_text("measure = 66\n")
    again = run("where", "--write-config")
    assert (again.code, again.out) == (2, "")
    assert "stays as it is" in again.err
    assert path.read_text() == "measure = 66\n"
    path.unlink()
    path.symlink_to("nowhere")
    assert run("where", "--write-config").code == 2


def test_settings_that_cannot_be_used_are_named_and_where_still_works(home: Path, tmp_path: Path) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text('measure = "\\u001b[31mwide"\n')
    (tmp_path / "a.md").write_bytes(dump())
    for words in (["show", str(tmp_path / "a.md")], ["list"], ["sources"]):
        result = run(*words)
        assert (result.code, result.out) == (2, "")
        assert "config.toml" in result.err
        assert "measure: takes a whole number from 20 to 200" in result.err
    assert run("where").code == 0
    assert run("export", tmp_path / "a.md").code == 0
    assert "newsreader list" in run().err, "they keep no window from opening"


# --- the library --------------------------------------------------------------------------------------------------


@pytest.fixture
def library(home: Path, tmp_path: Path) -> Path:
    """An archive that is the whole library: three sources, one story in two revisions, one read and one starred."""
    folder = tmp_path / "news"
    stories = {
        "tide/1048000_a.md": (1_594_900_000_000, "Spring tide", "https://tide.example/a"),
        "tide/1048001_b.md": (1_594_800_000_000, "Neap\ttide\x1b[31m", "https://tide.example/b"),
        "tide/1048002_a.md": (1_594_700_000_000, "Spring tide expected", "https://tide.example/a"),
        "snow/1048000_c.md": (1_594_600_000_000, "雪線以上", "https://snow.example/c"),
        "w\x1b[2Jind/1048000_d.md": (1_594_500_000_000, "Wind [/x]", "https://wind.example/d"),
    }
    for name, (time_ms, title, url) in stories.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        body = '<p>Text</p><p><a href="https://tide.example/b">the neap tide</a></p>'
        path.write_text(f"<!--{time_ms}-->\n[{title}]({url})\n------\n\n{body}\n")
    (home / "config").mkdir(parents=True)
    (home / "config" / "sources.toml").write_text(
        f'[[source]]\nname = "news"\nlocation = "{folder}"\nkind = "archive"\n'
    )
    assert run("list").code == 0
    return folder


def rows(*words: str) -> list[Mapping[str, object]]:
    result = run("list", "--json", *words)
    found = json.loads(result.out)
    assert result.code == (0 if found else 1)
    assert isinstance(found, list)
    return found


def test_list_prints_every_story_once_newest_first(library: Path) -> None:
    found = rows()
    assert [row["title"] for row in found] == ["Spring tide", "Neap tide[31m", "雪線以上", "Wind [/x]"]
    first = found[0]
    assert set(first) == {
        *("id", "title", "url", "source", "published", "read", "starred", "tags", "changed", "revisions", "dump")
    }
    assert (first["revisions"], first["read"], first["source"]) == (2, False, "tide")
    assert first["published"] == "2020-07-16T11:46:40Z"
    assert first["dump"] == f"{library}/tide/1048000_a.md"
    assert [json.loads(line) for line in run("list", "--jsonl").out.splitlines()] == found


def test_list_in_columns_and_as_text_holds_no_control_characters(library: Path) -> None:
    table = [line.split("\t") for line in run("list", "--tsv").out.splitlines()]
    assert [len(row) for row in table] == [7] * 4
    assert table[1][1:] == ["2020-07-15 08:00", "unread", "", "tide", "Neap tide[31m", "https://tide.example/b"]
    for form in ("--tsv", "--json", "--jsonl"):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", run("list", form).out)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", run("sources", form).out)
    text = run("list").out.splitlines()
    assert len(text) == 4
    assert text[0].endswith("Spring tide")
    assert text[0].startswith(table[0][0])


def test_list_filters(library: Path) -> None:
    def titles(*words: str) -> list[object]:
        return [row["title"] for row in rows(*words)]

    assert titles("--source", "snow") == ["雪線以上"]
    assert titles("--source", "nobody") == []
    assert titles("--limit", "2") == ["Spring tide", "Neap tide[31m"]
    assert titles("--since", "2020-07-15") == ["Spring tide", "Neap tide[31m"]
    assert titles("--until", "2020-07-15") == ["Neap tide[31m", "雪線以上", "Wind [/x]"]
    assert titles("--since", "2020-07-15", "--until", "2020-07-15") == ["Neap tide[31m"]
    assert titles("--since", "1h") == []
    assert titles("--unread") == titles()
    assert titles("--starred") == []
    assert titles("--topic", "none") == []


def test_times_are_the_readers(library: Path, home: Path) -> None:
    (home / "config" / "config.toml").write_text('timezone = "Asia/Taipei"\n')
    assert "2020-07-16 19:46" in run("list", "--limit", "1").out
    assert [row["title"] for row in rows("--until", "2020-07-16T20:00:00+08:00", "--since", "2020-07-16")] == [
        "Spring tide"
    ]


def test_a_column_is_filled_or_cut() -> None:
    fitted_ones = [fitted(text, 4) for text in ("ab", "abcdef", "河口日報", "a河口日")]
    assert fitted_ones == ["ab  ", "abcd", "河口", "a河 "]
    assert [fitted("a中b", cells) for cells in range(6)] == ["", "a", "a ", "a中", "a中b", "a中b "]


def test_sources_are_counted(library: Path) -> None:
    found = json.loads(run("sources", "--json").out)
    assert {row["name"]: (row["stories"], row["unread"]) for row in found} == {
        "tide": (2, 2),
        "snow": (1, 1),
        found[-1]["name"]: (1, 1),
    }
    assert len(run("sources").out.splitlines()) == 3
    assert len(run("sources", "--tsv").out.splitlines()) == 3


def test_show_finds_stories_by_url_and_by_the_beginning_of_an_id(library: Path) -> None:
    story = rows()[0]
    identity = str(story["id"])
    for ref in (identity, identity[:12], identity.upper(), "http://www.tide.example/a/?utm_source=x#y"):
        article = json.loads(run("show", ref, "--format", "json").out)
        assert (article["id"], article["title"]) == (identity, "Spring tide")
        assert (article["revision"], article["revisions"]) == (2, 2)
        (link,) = article["links"]
        assert (link["kind"], link["story"]) == ("story", rows()[1]["id"])
    for ref, code, part in (
        ("ffffffffffffffff0", 1, "no file, folder or story"),
        ("zzz", 1, "newsreader list"),
        ("https://nobody.example/x", 1, "no story of the library is at"),
        ("", 1, "no file"),
    ):
        missing = run("show", ref)
        assert (missing.code, missing.out) == (code, "")
        assert part in missing.err


def test_an_id_that_several_stories_share_is_refused(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(40):
        (folder / f"{n}.md").write_text(f"<!--1594900000000-->\n[T{n}](https://e.example/{n})\n------\n\n<p>x</p>\n")
    (home / "config").mkdir(parents=True)
    (home / "config" / "sources.toml").write_text(f'[[source]]\nlocation = "{folder}"\n')
    shared = next(first for first in "0123456789abcdef" if sum(str(row["id"]).startswith(first) for row in rows()) > 1)
    result = run("show", shared)
    assert (result.code, result.out) == (2, "")
    assert "several stories" in result.err


def test_the_library_can_be_listed_again_without_its_archive(library: Path) -> None:
    before = run("list").out
    shutil.rmtree(library)
    again = run("list")
    assert (again.code, again.out, again.err) == (0, before, "")
    assert run("show", "https://tide.example/a").code == 0
