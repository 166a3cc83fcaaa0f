"""What of the settings cannot be taken: the doctor names it with line and nearest right one, and the window opens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsreader.cli import main
from newsreader.config import Source, add_source, load_config
from newsreader.config.toml_file import line_of
from newsreader.reader import Reader
from newsreader.ui.first_frame import Opening
from tests.newsroom import Story, config_in, ingested, write_archive

FAULTY = """\
# mine
measure = 5
them = "dark"
theme = "drak"
language = "fr"
timezone = "Mars/Olympus"
script = "simple"

[keys]
preset = "vimm"
star = ["f", 7]
opne = "x"
undo = "Ctrl-Shift-9"
redo = "Z"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    return tmp_path


def test_the_doctor_names_each_with_its_line_and_the_nearest_right_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config" / "config.toml").write_text(FAULTY)
    assert main(["doctor", "--json"]) == 3
    found = {
        problem["where"].rpartition("line ")[2]: problem["detail"]
        for problem in json.loads(capsys.readouterr().out)
        if problem["code"] == "setting-not-taken"
    }
    wanted = {2: "measure", 3: '"theme"?', 4: '"dark"?', 5: "zh-Hans", 6: "Asia/Taipei", 7: '"simplified"'}
    wanted |= {10: '"vim"?', 11: "keys.star", 12: '"open"?', 13: "Ctrl-x"}
    assert {line: detail in found.get(str(line), "") for line, detail in wanted.items()} == dict.fromkeys(wanted, True)
    assert len(found) == len(wanted)


def test_a_key_that_was_anothers_is_named_with_one_that_is_free(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config" / "config.toml").write_text('[keys]\nredo = "Z"\nstar = "j"\nopne = "x"\nup = "J"\n')
    assert main(["doctor", "--json"]) == 3
    problems = json.loads(capsys.readouterr().out)
    taken = [problem for problem in problems if problem["code"] == "key-taken"]
    assert sorted(problem["where"].rpartition(", ")[2] for problem in taken) == ["line 3", "line 5"]
    assert '"j" is taken from down, which keeps ↓; ' in taken[0]["detail"] + taken[1]["detail"]
    (home / "config" / "config.toml").write_text('[keys]\nstar = "j"\ndown = "f"\n')
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == "", "two that change places are no clash"


def test_what_nobody_knows_in_sources_is_named_and_passed_over(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config" / "sources.toml").write_text(
        '[[source]]\nlocation = "/a"\nkind = "archive"\nful-text = true\nkeep_days = 3\n\n[serches]\ntide = "潮"\n'
    )
    assert main(["doctor", "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    found = {one["where"].rpartition("line ")[2]: one["detail"] for one in told if one["code"] == "setting-not-taken"}
    assert found.keys() == {"4", "7"}
    assert '"full-text"?' in found["4"]
    assert '"searches"?' in found["7"]
    assert main(["sources", "--added"]) == 0


def test_broken_sources_keep_nothing_shut(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story(1)
    archive = write_archive(tmp_path / "harbour", [story])
    assert main(["add", str(archive)]) == 0
    file = home / "config" / "sources.toml"
    whole = file.read_text()
    for broken, line in ((f"{whole}kind = 3\n", 0), (whole.replace('archive"', 'achive"'), 4), ("x = = 1", 1)):
        file.write_text(broken)
        for command in (["list"], ["search", "ferry"], ["show", story.id], ["sources"], ["stats"]):
            capsys.readouterr()
            assert main(command) == 0, command
            said = capsys.readouterr()
            assert "Night ferry" in said.out or command[0] in ("sources", "stats")
            assert "sources.toml" in said.err
            assert f"line {line or len(broken.splitlines())}" in said.err
        assert main(["doctor"]) == 3
        assert "sources.toml" in capsys.readouterr().out
        for command in (["index"], ["fetch"], ["add", str(archive)]):
            assert main(command) == 2
    file.write_bytes(b"\xff")
    assert main(["fetch"]) == 2
    assert capsys.readouterr().err.endswith(f'"{file}" cannot be used: it is not UTF-8\n'), "which is on no line"
    with Reader.open(config_in(home)) as reader:
        assert not reader.needs_index()
        file.write_text(whole)
        assert reader.stale(), "it is taken up once it is mended"
        assert ingested(reader).done == 1


def test_a_source_has_a_short_name_where_there_is_little_room(home: Path, tmp_path: Path) -> None:
    stories = [Story(1, source="Harbour Post"), Story(2, source="河口通訊")]
    archive = write_archive(tmp_path / "harbour", stories)
    config = config_in(home)
    add_source(
        config.places, Source("harbour", str(archive), "archive", short={"河口通訊": "河口", "Harbour Post": "HP\x1b"})
    )
    add_source(config.places, Source("Feed", "https://feed.example/", "feed", short="F"))
    with Reader.open(config) as reader:
        ingested(reader)
        names = reader.short_names()
        assert names == {"河口通訊": "河口", "Harbour Post": "HP", "Feed": "F"}
        assert reader.short_names() is names, "sources.toml is read once"
        opening = Opening(config, reader, {})
        opening.start((80, 24))
        assert opening.headlines.columns.source == 4
        assert {opening.headlines.worded(row).source for row in opening.headlines.viewport.rows} == {"河口", "HP"}


@pytest.mark.parametrize("loses", ["all", "rest"])
def test_an_archive_that_vanishes_while_it_is_read_is_said_and_nothing_of_it_goes(
    home: Path, tmp_path: Path, loses: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stories = [Story(n, time=n) for n in range(1, 300)]
    archive = write_archive(tmp_path / "harbour", stories)
    with Reader.open(config_in(home), archive) as reader:
        if loses == "rest":
            ingested(reader)
            for path in archive.rglob("*.md"):
                path.write_bytes(path.read_bytes() + b"<p>More.</p>")
        pieces = reader.ingest()
        told = [next(pieces)]
        archive.rename(tmp_path / "away")
        told += pieces
        skipped = [item for progress in told for item in progress.skipped]
        assert [(item.path, item.why) for item in skipped] == [(str(archive), "archive-gone")]
        assert reader.rows().counts().stories >= (299 if loses == "rest" else 1)
    assert main(["list", "--limit", "1"]) == 0
    assert main(["index"]) == 3
    assert "it is not there; what was read of it stays" in capsys.readouterr().err


def test_what_can_be_taken_is(home: Path) -> None:
    (home / "config" / "config.toml").write_text(FAULTY + 'next_unread = "X"\n')
    config = load_config(lenient=True)
    assert config.settings.measure == 80
    assert config.settings.keys.overrides["redo"] == ("Z",)
    assert config.settings.keys.overrides["next_unread"] == ("X",)
    (home / "config" / "config.toml").write_text("measure = = 1")
    assert "line 1" in load_config(lenient=True).faults[0].why


def test_a_command_refuses_and_names_the_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config" / "config.toml").write_text(FAULTY)
    assert main(["list"]) == 2
    assert "line 2" in capsys.readouterr().err


def test_a_key_is_found_in_its_table_however_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('open = 1\n[ keys ]\n"open" = "x"\n[other]\nopen = 3\n')
    assert line_of(file, "open") == 1
    assert line_of(file, "open", "keys") == 3
    assert line_of(file, "close", "keys") == 2
    file.write_text('keys.open = "x"\n')
    assert line_of(file, "open", "keys") == 1
    file.write_text('x = 1\nkeys = { open = "x" }\n')
    assert line_of(file, "open", "keys") == 2
    assert line_of(file, "nothing") == 0
