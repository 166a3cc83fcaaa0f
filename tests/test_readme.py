"""README.md says what is so: its commands are those that `.ci/run` runs, its table of keys is the program's."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from typing import Final

import pytest

from newsreader.config import default_toml
from tests.readme import README, cut, key_table

HOME: Final = README.parent
TEXT: Final = README.read_text("utf-8")
CI: Final = (HOME / ".ci" / "run").read_text("utf-8")


def commands(last_word: str) -> list[str]:
    """README's lines that make an environment and end in what `last_word` is a part of."""
    return [line for line in TEXT.splitlines() if line.startswith("python3 -m venv ") and last_word in line]


def test_the_key_table_is_the_programs() -> None:
    assert cut(TEXT)[1] == key_table(), "run `python -m tests.readme`"


@pytest.mark.parametrize("last_word", ["--demo", "pytest"])
def test_ci_runs_readmes_own_commands(last_word: str) -> None:
    (command,) = commands(last_word)
    (pattern,) = [p for p in re.findall(r"grep -m1 -E '([^']+)' README\.md", CI) if last_word in p]
    assert re.search(pattern, command)
    found = subprocess.run(["grep", "-m1", "-E", pattern, README], capture_output=True, text=True, check=True)
    assert found.stdout == command + "\n"


@pytest.mark.parametrize("last_word", ["--demo", "pytest"])
def test_one_line_needs_only_python_and_what_it_installs(last_word: str) -> None:
    (command,) = commands(last_word)
    steps = [shlex.split(step) for step in command.split("&&")]
    assert steps[0] == ["python3", "-m", "venv", ".venv"]
    assert all(step[0].startswith(".venv/bin/") for step in steps[1:])
    with (HOME / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    for extra in re.findall(r"\.\[(\w+)\]", command):
        assert extra in project["optional-dependencies"]
    assert ".venv/bin/newsreader" not in command or "newsreader" in project["scripts"]


def test_the_same_is_there_for_uv() -> None:
    assert {"uv run newsreader --demo", "uv run pytest"} <= {line.strip() for line in TEXT.splitlines()}


def test_every_setting_that_readme_names_exists() -> None:
    settings = set(re.findall(r"^# (\w+) = ", default_toml(), re.MULTILINE))
    section = TEXT.partition("## Settings")[2].partition("\n## ")[0]
    named = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    assert named
    assert named <= settings


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_every_file_that_a_page_links_to_exists(page: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (HOME / page).read_text("utf-8"))
    assert [link for link in links if not (HOME / link).exists()] == []
