"""Rules: what becomes of stories when they arrive, once and never again, and of all of them when that is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsreader.cli import main
from newsreader.config import Rule, add_rule, load_config, load_rules
from newsreader.reader import Reader
from tests.newsroom import Story, config_in, write_archive

RULES = """
# mine
[[rule]]
query = "fog"
read = true

[[rule]]
name = "ferries"
query = 'source:post "night ferry"'
star = true
tag = ["port", "夜"]

[[rule]]
query = "title:advert"
delete = true
"""
STORIES = [
    Story(1, time=1000, title="Fog", text="Fog again."),
    Story(2, time=2000, title="Night ferry", text="No mist."),
    Story(3, time=3000, title="Advert", text="Buy a boat."),
    Story(4, time=4000, title="Night ferry", text="Mist.", source="河口通訊"),
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path))
    return tmp_path


def shown() -> dict[str, tuple[bool, bool, tuple[str, ...]]]:
    """Read, starred and tags by the text's number in the URL."""
    with Reader.open(load_config()) as reader:
        return {row.url[-1]: (row.read, row.starred, row.tags) for row in reader.rows().page()}


def rules(*options: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    main(["rules", "--json", *options])
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_what_arrives_is_ruled_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = write_archive(home / "news", STORIES[:2])
    assert main(["add", str(archive)]) == 0
    file = home / "config" / "sources.toml"
    file.write_text(file.read_text() + RULES)
    before = {"1": (False, False, ()), "2": (False, False, ())}
    assert main(["index"]) == 0
    assert shown() == before, "a rule is for what arrives after it was written"
    assert [rule["would"] for rule in rules("--dry-run", capsys=capsys)] == [1, 1, 0]
    assert shown() == before

    write_archive(
        archive, [*STORIES[2:], Story(5, time=5000, text="Fog."), Story(6, time=6000, title="Night ferry", text="")]
    )
    assert main(["index"]) == 0
    assert shown() == {
        **before,
        "4": (False, False, ()),
        "5": (True, True, ("port", "夜")),
        "6": (False, True, ("port", "夜")),
    }
    assert [rule["touched"] for rule in rules(capsys=capsys)] == [1, 2, 1]

    with Reader.open(load_config()) as reader:
        assert reader.marks.undo() is None, "what rules did is nothing that the reader did"
        reader.marks.for_command()
        story = STORIES[2]
        reader.marks.undelete([story.id])
        row = next(row for row in reader.rows().page() if row.url[-1] == "5")
        reader.marks.mark_read([row.id], False)
        reader.marks.star([row.id], False)
    for index in (home / "cache").glob("index*"):
        index.unlink()
    assert main(["index"]) == 0
    after = shown()
    assert after["3"] == after["1"] == (False, False, ()), "a new index is no arrival"
    assert after["5"] == (False, False, ("port", "夜"))
    write_archive(archive, [Story(7, time=7000, title="Fog")])
    assert main(["index"]) == 0
    assert shown() == {**after, "7": (True, False, ())}


def test_all_of_them_are_applied_as_one_action(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = write_archive(home / "news", STORIES)
    assert main(["add", str(archive)]) == 0
    assert main(["rules"]) == 1
    assert "no rules yet" in capsys.readouterr().err
    assert main(["rules", "--add", "date:soon", "--read"]) == 2
    assert main(["rules", "--add", "fog", "--read"]) == 0
    assert main(["rules", "--add", 'source:post "night ferry"', "--star", "--tag", "port", "--tag", "夜"]) == 0
    assert main(["rules", "--add", "title:advert", "--delete"]) == 0
    assert main(["rules", "--apply"]) == 0
    assert shown() == {"1": (True, False, ()), "2": (False, True, ("port", "夜")), "4": (False, False, ())}
    told = rules("--dry-run", capsys=capsys)
    assert [(rule["touched"], rule["would"]) for rule in told] == [(1, 0), (1, 0), (1, 0)]
    with Reader.open(load_config()) as reader:
        done = reader.marks.undo()
        assert done is not None
        assert (done.what, done.stories) == ("apply-rules", 3)
    assert shown() == {str(n): (False, False, ()) for n in range(1, 5)}


def test_a_faulty_rule_is_named_with_its_line_and_stops_no_other(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = write_archive(home / "news", STORIES[:1])
    assert main(["add", str(archive)]) == 0
    file = home / "config" / "sources.toml"
    whole = file.read_text()
    faulty = '[[rule]]\nquery = "date:soon"\nread = true\n[[rule]]\nquery = "a"\nraed = true\n[[rule]]\nquery = "x"\n'
    faulty += '[[rule]]\nquery = 3\nread = true\n[[rule]]\nquery = "a"\ntag = "a,b"\n'
    file.write_text(f"{whole}{faulty}{RULES}")
    write_archive(archive, [Story(7, time=7000, title="Fog")])
    assert main(["index"]) == 0
    assert shown()["7"] == (True, False, ())
    capsys.readouterr()
    assert main(["doctor"]) == 3
    said = capsys.readouterr().out
    first = len(whole.splitlines()) + 1
    for line, what in ((1, "no date"), (5, '"read"'), (7, "it does nothing"), (9, "query"), (13, "comma")):
        assert any(f"line {first + line}" in told and what in told for told in said.splitlines()), (line, said)
    assert main(["rules"]) == 3
    file.write_text(f"rule = 3\n{whole}")
    assert main(["doctor"]) == 3
    assert "line 1" in capsys.readouterr().out


def test_a_rule_is_written_as_it_is_read(tmp_path: Path) -> None:
    where = config_in(tmp_path).places
    rules = [Rule("ferry", tags=("port",)), Rule("fog", star=True, tags=("port", "夜"), name="Fog")]
    for rule in rules:
        add_rule(where, rule)
    found, faults = load_rules(where)
    assert [one._replace(line=0) for one in found] == rules
    assert not faults
