"""`newsreader show`: where a story may come from, its forms, and what a terminal gets to see."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from newsreader.cli import main
from newsreader.jobs import Pool
from newsreader.reader import parsing_pool
from newsreader.safety import cell_width
from tests.one_after_another import END
from tests.terminal import Terminal
from tests.terminal import run as warm_run
from tests.test_archive import dump
from tests.test_attacks import ATTACKS, hostile_dump
from tests.test_cli import NEWSREADER, run

STORY: Final = """<!--1594900000000-->
[The keeper’s tide tables](https://www.example.org/tide/a-1)
------

<div><i>Mara<br>2020-07-16T10:00:00Z</i></div><h2>A heading</h2>
<p>The keeper counts <strong>white herons</strong> at <em>low</em> water and reads
<a href="https://example.org/tables?x=1&amp;y=2">the tables</a>, not <a href="javascript:alert(1)">this</a>.</p>
<ul><li>first</li><li>second</li></ul><pre>a  b
  c</pre>
""".replace("\n<a", " <a")


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "archive" / "articles" / "tide" / "1048000_keeper.md"
    path.parent.mkdir(parents=True)
    path.write_text(STORY)
    return path


def test_in_a_pipe_it_is_plain_text(story: Path) -> None:
    result = run("show", story)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("The keeper’s tide tables\ntide ∙ Mara ∙ 2020-07-16 10:00\n\n")
    assert "\x1b" not in result.out
    assert max(map(cell_width, result.out.splitlines())) <= 80


def test_a_story_that_costs_too_much_is_refused_as_in_the_library(
    story: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever it stands, by the limits that an ingest has, here of less time."""
    with zipfile.ZipFile(story.parent / "a.zip", "w") as archive:
        archive.writestr("keeper.md", STORY + "<p><b>low</b> water " * 100_000)
    monkeypatch.setattr(parsing_pool, "Pool", partial(Pool, seconds=0.01))
    assert main(["show", f"{story.parent / 'a.zip'}!keeper.md"]) == 2
    assert "parsing it takes too long" in capsys.readouterr().err


def test_standard_input_is_a_story_too(story: Path) -> None:
    given = run("show", "-", stdin=story.read_bytes())
    assert given.code == 0
    assert given.out.replace("Mara", "tide ∙ Mara", 1) == run("show", story).out
    for data, part in ((b"", "empty"), (bytes(range(256)) * 30, "neither text")):
        refused = run("show", "-", stdin=data)
        assert (refused.code, refused.out) == (2, "")
        assert part in refused.err
    assert "only text" in run("show", "-", stdin=b"<p>only text</p>").out


def test_a_file_called_dash_comes_before_standard_input(story: Path, tmp_path: Path) -> None:
    (tmp_path / "-").write_bytes(dump("In a file"))
    done = warm_run("show", "-", env=os.environ, cwd=str(tmp_path), stdin=STORY.encode())
    assert (done.returncode, done.stdout.startswith(b"In a file\n")) == (0, True)


def test_process_substitution_is_read(story: Path) -> None:
    line = f"{subprocess.list2cmdline([*NEWSREADER, 'show'])} <(cat '{story}')"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert "The keeper’s tide tables" in done.stdout


def test_a_member_of_an_archive_file_is_shown_by_the_path_that_export_prints(story: Path, tmp_path: Path) -> None:
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("articles/tide/1.md", STORY)
        archive.writestr("articles/tide/../2.md", STORY)
    path = json.loads(run("export", packed).out)["dump"]
    assert path == f"{packed}!articles/tide/1.md"
    assert run("show", path).out.startswith("The keeper’s tide tables\ntide ∙")
    assert run("show", f"{packed}!missing.md").code == 2
    assert "out of the archive" in run("show", f"{packed}!articles/tide/../2.md").err
    assert "export" in run("show", packed).err


@pytest.mark.parametrize("width", [20, 33, 80, 200])
def test_width_is_kept_and_used(story: Path, width: int) -> None:
    lines = run("show", story, "--width", str(width)).out.splitlines()
    assert max(map(cell_width, lines)) <= width
    assert not any(line.startswith("   ") for line in lines if line.strip() != "c"), "centred though nobody asked"


def test_the_measure_is_the_readers(story: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "config.toml").write_text('measure = 40\ntimezone = "Asia/Taipei"\n')
    text = run("show", story).out
    assert max(map(cell_width, text.splitlines())) <= 40
    assert "2020-07-16 18:00" in text


def test_json_is_one_document_with_everything(story: Path) -> None:
    article = json.loads(run("show", story, "--format", "json").out)
    assert set(article) >= {
        *("id", "key", "url", "title", "source", "published", "precision", "updated", "byline", "language", "topics"),
        *("blocks", "links", "images", "revision", "revisions", "warnings"),
    }
    assert article["key"] == "example.org/tide/a-1"
    assert (article["published"], article["updated"]) == ("2020-07-16T10:00:00Z", "2020-07-16T11:46:40Z")
    assert [block["type"] for block in article["blocks"]][-4:] == ["paragraph", "list_item", "list_item", "code"]


def test_html_and_markdown_are_printed(story: Path) -> None:
    html = run("show", story, "--format", "html").out
    assert html.startswith("<!DOCTYPE html>")
    assert '<a href="https://example.org/tables?x=1&amp;y=2">the tables</a>' in html
    assert "javascript" not in html
    markdown = run("show", story, "--format", "markdown").out
    assert markdown.startswith("# The keeper’s tide tables\n")
    assert "**white herons**" in markdown
    assert "[the tables](<https://example.org/tables?x=1&y=2>)" in markdown


# --- on a terminal ------------------------------------------------------------------------------------------------

LINK = "\x1b]8;;https://example.org/tables?x=1&y=2\x1b\\"
_ours = re.compile(rb"\x1b\[[0-9;]*m|\x1b\]8;;(?:https?://|mailto:)[\x21-\x7e]*\x1b\\|\x1b\]8;;\x1b\\|\r\n")


def shown(path: Path, *words: str, size: tuple[int, int] = (80, 24), **env: str | None) -> str:
    with Terminal([*NEWSREADER, "show", str(path), *words], size=size, env=env, warm=True) as terminal:
        assert terminal.wait_end(60) == 0
        return terminal.raw.decode()


def test_on_a_terminal_it_has_styles_and_links(story: Path) -> None:
    text = shown(story)
    assert "\x1b[1mThe keeper’s tide tables\x1b[m" in text
    assert "\x1b[1mwhite herons\x1b[m" in text
    assert f"{LINK}\x1b[4;36mthe tables\x1b[m\x1b]8;;\x1b\\" in text
    assert "javascript" not in text
    assert text.count("\x1b]8;;") == 2 * text.count("\x1b]8;;https")
    assert text.count("\x1b[4;36m") == 1, "what cannot be opened looks like no link"


def test_on_a_wide_terminal_the_page_is_centred(story: Path) -> None:
    lines = shown(story, size=(120, 30)).splitlines()
    assert lines[0].startswith(" " * 20 + "\x1b[1mThe keeper")
    assert not shown(story, "--width", "70", size=(120, 30)).startswith(" ")


def test_no_color_takes_the_colours_and_a_dumb_terminal_everything(story: Path) -> None:
    text = shown(story, NO_COLOR="1")
    codes = {code for codes in re.findall(r"\x1b\[([0-9;]*)m", text) for code in codes.split(";")}
    assert codes <= {"", "1", "2", "3", "4", "7", "9"}
    assert LINK in text
    assert shown(story, NO_COLOR="").count("36m") == 2  # the words and their number
    for term in ("dumb", ""):
        assert "\x1b" not in shown(story, TERM=term)


def test_a_terminal_that_is_not_utf8_gets_what_it_can_show(story: Path) -> None:
    with Terminal(
        [sys.executable, "-X", "utf8=0", "-m", "newsreader", "show", str(story)],
        env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
    ) as terminal:
        assert terminal.wait_end(60) == 0
        assert b"The keeper?s tide tables" in terminal.raw


def printed(asked: list[list[str]], folder: Path) -> list[bytes]:
    """What a terminal gets of several command lines, each run in the same process after the other."""
    (folder / "asked.json").write_text(json.dumps(asked))
    argv = [sys.executable, "-m", "tests.one_after_another", str(folder / "asked.json")]
    with Terminal(argv, warm=True) as terminal:
        assert terminal.wait_end(120) == 0
        *every, rest = bytes(terminal.raw).split(END)
    assert (len(every), rest) == (len(asked), b"")
    return every


def test_hostile_stories_send_no_byte_of_their_own(tmp_path: Path) -> None:
    asked = []
    for number, attack in enumerate([*ATTACKS.values(), "".join(ATTACKS.values())]):
        path = tmp_path / f"{number}.md"
        path.write_bytes(hostile_dump(attack, number))
        asked.append(["show", str(path)])
    asked += [["show", str(path), "--format", form] for form in ("json", "html", "markdown")]
    for words, raw in zip(asked, printed(asked, tmp_path), strict=True):
        assert len(raw) > 100
        rest = _ours.sub(b"", raw)
        assert not re.search(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]", rest), (words, rest[:2000])
        assert not re.search("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]", rest.decode())
        assert b"\x1b[7331" not in raw
        assert b";javascript:" not in b"".join(_ours.findall(raw))


def test_hostile_names_send_no_byte_of_their_own(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    asked = [["export", str(root), "--format", "text"], ["export", str(root)]]
    for number, attack in enumerate(ATTACKS.values()):
        name = attack.replace("/", "_").replace("\0", "")[:60]
        folder = root / f"{number}" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.md").write_bytes(STORY.encode())
        (folder / f"{name}.txt").touch()
        asked += [
            *(["show", str(path)] for path in (folder / f"{name}.md", folder / f"{name}.txt", folder / name, folder)),
            ["show", "x", f"--{name}"],
        ]
    for words, raw in zip(asked, printed(asked, tmp_path), strict=True):
        assert raw
        rest = _ours.sub(b"", raw).replace(b"\f", b"")
        assert not re.search(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]", rest), (words, rest)
        assert b"\x1b[7331" not in raw


def test_environment_is_not_needed(story: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "NEWSREADER_HOME": os.environ["NEWSREADER_HOME"]}
    done = subprocess.run(
        [*NEWSREADER, "show", str(story)],
        env=bare,
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        check=True,
    )
    assert "The keeper’s tide tables".encode() in done.stdout
