"""What of the settings cannot be taken: the doctor names it with line and nearest right one, and the window opens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsreader.cli import main
from newsreader.config import load_config
from newsreader.config.toml_file import line_of

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
