"""`newsreader export`: every dump of every kind of archive, in order, whole, at every width."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from newsreader.archive import open_archive
from newsreader.article import Media, article_from_json, plain
from newsreader.cli.export_workers import Press, Sheet
from newsreader.dump import decode
from newsreader.parse import parse
from newsreader.safety import cell_width, clean
from tests.test_archive import PACKERS, as_folder, dump
from tests.test_cli import run


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "C.UTF-8")


def text(time_ms: int | None, title: str, url: str, body: str = "<p>x</p>") -> bytes:
    head = "" if time_ms is None else f"<!--{time_ms}-->\n"
    return f"{head}[{title}]({url})\n------\n\n{body}\n".encode()


TREE = {
    "lists/t.md": "潮報\n------\n".encode(),
    "articles/t/1048000_new.md": text(1594900000000, "New", "https://t.example/s", '<a href="//t.example/o">o</a>'),
    "articles/t/1048009_old.md": text(1594000000000, "Old", "http://www.t.example/s/?utm_source=x"),
    "articles/t/1048010_copy.md": text(1594000000000, "Old", "http://www.t.example/s/?utm_source=x"),
    "articles/u/1048001_other.md": text(1594000000001, "Other", "https://t.example/o"),
    "articles/u/no header.html": b"<p>Only text.</p>",
}


def articles(*words: str | os.PathLike[str]) -> list[dict[str, Any]]:
    result = run("export", *words)
    assert (result.code, result.err) == (0, "")
    return [json.loads(line) for line in result.out.splitlines()]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return as_folder(TREE, tmp_path / "archive")


def test_every_dump_is_one_line_in_the_order_of_paths(archive: Path) -> None:
    found = articles(archive)
    assert [item["dump"] for item in found] == sorted(f"{archive}/{name}" for name in TREE if name[0] == "a")
    assert [item["title"] for item in found][:4] == ["New", "Old", "Old", "Other"]
    assert found[0]["source"] == "潮報"


@pytest.mark.parametrize("kind", list(PACKERS))
def test_every_kind_of_archive_gives_the_same(archive: Path, kind: str, tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(PACKERS[kind](dict(reversed(TREE.items()))))
    found = articles(packed)
    for item, other in zip(found, articles(archive), strict=True):
        assert item.pop("dump").replace("packed!", "archive/") == other.pop("dump")
        assert item == other


def test_stories_and_revisions_are_those_among_the_paths(archive: Path) -> None:
    new, old, copy, other, _ = articles(archive)
    assert new["id"] == old["id"] == copy["id"] != other["id"]
    assert [(item["revision"], item["revisions"]) for item in (new, old, copy, other)] == [
        (2, 2),
        (1, 2),
        (1, 2),
        (1, 1),
    ]
    assert [(link["kind"], link["story"]) for link in new["links"]] == [("story", other["id"])]
    (alone,) = articles(archive / "articles/t/1048000_new.md")
    assert (alone["revision"], alone["revisions"]) == (1, 1)
    assert [(link["kind"], link["story"]) for link in alone["links"]] == [("web", None)]


def test_the_same_text_of_two_sources_is_one_revision(tmp_path: Path) -> None:
    tree = {
        "articles/t/2.md": text(1594900000000, "New", "https://t.example/s"),
        "articles/t/1.md": text(1594000000000, "Old", "https://t.example/s"),
        "articles/u/1.md": text(1594000000000, "Old", "http://www.t.example/s/?utm_source=x"),
    }
    found = articles(as_folder(tree, tmp_path / "shared"))
    assert {(item["title"], item["revision"], item["revisions"]) for item in found} == {("Old", 1, 2), ("New", 2, 2)}


def test_several_paths_are_one_export_and_nothing_is_printed_twice(archive: Path) -> None:
    paths = [archive / "articles/u", archive / "articles/t", archive / "articles/u/1048001_other.md", archive]
    assert [item["dump"] for item in articles(*paths)] == [item["dump"] for item in articles(archive)]


def test_json_that_is_printed_can_be_read_back(archive: Path) -> None:
    for item in articles(archive):
        path = item.pop("dump")
        assert article_from_json(item).blocks == parse(decode(Path(path).read_bytes()), source="").blocks


def test_text_has_a_form_feed_after_each(archive: Path) -> None:
    pages = run("export", archive, "--format", "text", "--width", "30").out.split("\f\n")
    assert pages.pop() == ""
    assert [page.split("\n")[0] for page in pages][:4] == ["New", "Old", "Old", "Other"]


def test_html_is_one_document_and_markdown_has_rules(archive: Path) -> None:
    html = run("export", archive, "--format", "html").out
    assert (html.count("<!DOCTYPE"), html.count("</html>"), html.count("<article "), html.count("</article>")) == (
        1,
        1,
        5,
        5,
    )
    assert run("export", archive, "--format", "markdown").out.count("\n* * *\n") == 5


def test_a_path_that_is_missing_does_not_keep_the_rest_back(archive: Path, tmp_path: Path) -> None:
    result = run("export", tmp_path / "missing", archive)
    assert result.code == 3
    assert len(result.out.splitlines()) == 5
    assert str(tmp_path / "missing") in result.err


def test_names_of_odd_bytes_are_escaped_in_json(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/odd"
    os.mkdir(folder)  # noqa: PTH102 (a name of bytes)
    with os.fdopen(os.open(folder + b"/\xff\x1b\n.md", os.O_WRONLY | os.O_CREAT), "wb") as file:
        file.write(dump())
    result = run("export", os.fsdecode(folder))
    assert result.code == 0
    assert "\\udcff\\u001b\\n.md" in result.out
    assert os.fsencode(json.loads(result.out)["dump"]) == folder + b"/\xff\x1b\n.md"


def test_it_needs_no_library_and_no_settings(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "config.toml").write_text("nonsense")
    assert run("export", archive).code == 0
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == ["config"]


# --- worker processes ---------------------------------------------------------------------------------------------


def sheets(number: int) -> list[Sheet]:
    return [Sheet(f"{n}.md", "s", text(n, f"T{n}", f"https://e.example/{n}"), 1, 1) for n in range(number)]


def test_workers_print_the_same_in_the_same_order() -> None:
    with Press("jsonl", 80, frozenset(), 500) as many:
        printed = list(many.printed(iter(sheets(500))))
    assert [item.path for item in printed] == [f"{n}.md" for n in range(500)]
    with Press("jsonl", 80, frozenset(), 1) as few:
        assert printed == list(few.printed(sheets(500)))


def test_a_dump_that_ends_its_worker_is_named_and_the_rest_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    given = [*sheets(200), Deadly("deadly.md", "s", b"", 1, 1), *sheets(300)[200:]]
    with Press("jsonl", 80, frozenset(), len(given)) as press:
        printed = list(press.printed(given))
    assert [item.path for item in printed] == [sheet.path for sheet in given]
    assert [item.path for item in printed if item.fault] == ["deadly.md"]


class Deadly(Sheet):
    """A sheet that ends whichever process unpacks it, as a fault in a C library would."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (9,)


# --- the real archive ---------------------------------------------------------------------------------------------


def test_every_real_dump_is_printed_with_all_of_its_text(some_corpus: Path) -> None:
    found = articles(some_corpus)
    with open_archive(some_corpus) as folder:
        expected = {item[0].path: item[1] for item in folder.entries() if isinstance(item, tuple)}
    assert [item["dump"] for item in found] == sorted(expected)
    for item in found[::9]:
        story = parse(decode(expected[item["dump"]]), source=item["source"])
        assert [block["text"] for block in item["blocks"]] == [plain(block.spans) for block in story.blocks]


@pytest.mark.parametrize("width", [30, 80])
def test_no_real_line_is_too_wide_and_no_text_is_lost(some_corpus: Path, width: int) -> None:
    result = run("export", some_corpus, "--format", "text", "--width", str(width), "--all")
    assert (result.code, result.err) == (0, "")
    pages = result.out.split("\f\n")[:-1]
    assert [line for page in pages for line in page.split("\n") if cell_width(line) > width] == []
    found = articles(some_corpus)
    assert len(pages) == len(found)
    for page, item in list(zip(pages, found, strict=True))[::11]:
        seen = re.sub(r"\s", "", page)
        at = 0
        for block in article_from_json(item).blocks:
            if isinstance(block, Media):
                continue
            for char in re.sub(r"\s", "", clean(plain(block.spans))):
                at = seen.find(char, at) + 1
                assert at, (item["dump"], plain(block.spans)[:80])


def test_where_no_process_can_be_started_it_says_so(archive: Path) -> None:
    failed = run("export", archive, before=("sh", "-c", 'ulimit -n 7; exec "$@"', "sh"))
    assert failed.code == 3
    assert "no process can be started" in failed.err
