"""What a command made of a story: a page of it, found by searches, and never the source's text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsreader.article import Code, Heading, ListItem, Paragraph, plain
from newsreader.cli import main
from newsreader.reader import Reader
from newsreader.reader.command_pages import drop
from tests.newsroom import Story, config_in, ingested, write_archive

STORY = Story(1, time=1_600_000_000_000)
SLOW = f"# Précis{' ' * 300_000}et #"
"""What a pattern that tries every way to end a heading would take hours for."""

OUTPUT = """\
# Précis
The ferry \x1b[31mleft\x1b[0m\x1b]52;c;AAAA\x07 early.
Quarter past.

- quokka
2. two

```py
x = 1
```
"""


@pytest.mark.parametrize("kind", ["path", "library"])
def test_a_page_is_found_and_is_no_revision(tmp_path: Path, kind: str) -> None:
    archive = write_archive(tmp_path / "news", [STORY])
    config = config_in(tmp_path / "home")
    if kind == "library":
        config.places.sources_file.parent.mkdir(parents=True)
        config.places.sources_file.write_text(f'[[source]]\nlocation = "{archive}"\nkind = "archive"\n')
    with Reader.open(config, archive if kind == "path" else None) as reader:
        ingested(reader)
        list(reader.fill_search())
        before, text = reader.summary(STORY.id), reader.article(STORY.id)
        assert reader.searcher.search("quokka") == []
        for output in (SLOW, "An older answer: wombat.", OUTPUT):
            reader.keep_page(STORY.id, "gist", output)
            ingested(reader)
            list(reader.fill_search())
        reader.keep_page(STORY.id, "translate", "河口的人说，渡轮这么停着呢，没来。")
        ingested(reader)
        assert reader.summary(STORY.id) == before
        assert reader.article(STORY.id) == text
        assert len(reader.revisions(STORY.id)) == 1
        pages = {article.made_by: (article, dump) for article, dump in reader.pages(STORY.id)}
        assert sorted(pages) == ["gist", "translate"]
        assert (text.language, pages["translate"][0].language) == ("en", "zh-Hans")
        page, dump = pages["gist"]
        assert (page.title, page.key, page.links) == (text.title, text.key, ())
        assert [type(block) for block in page.blocks] == [Heading, Paragraph, ListItem, ListItem, Code]
        assert [block.n for block in page.blocks if isinstance(block, ListItem)] == [None, 2]
        assert plain(page.blocks[1].spans) == "The ferry left early.\nQuarter past."
        assert [hit.summary.id for hit in reader.searcher.search("quokka")] == [STORY.id]
        assert "quokka" in reader.searcher.search("quokka")[0].snippet.text
        assert reader.searcher.search("wombat") == []
        drop(dump)
        ingested(reader)
        list(reader.fill_search())
        assert [article.made_by for article, _ in reader.pages(STORY.id)] == ["translate"]
        assert reader.searcher.search("quokka") == []
        assert reader.searcher.search("河口")
        for file in (tmp_path / "home" / "cache").iterdir():
            file.unlink()
    with Reader.open(config, archive if kind == "path" else None) as reader:
        ingested(reader)
        assert [article.made_by for article, _ in reader.pages(STORY.id)] == ["translate"], "it needs no cache"


def test_the_last_page_can_be_dropped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, archive = config_in(tmp_path / "home"), write_archive(tmp_path / "news", [STORY])
    with Reader.open(config, archive) as reader:
        ingested(reader)
        reader.keep_page(STORY.id, "gist", "Quokka.")
        ingested(reader)
        assert len(reader.pages(STORY.id)) == 1
        assert main(["export", reader.target.own, str(archive)]) == 0
        exported = list(map(json.loads, capsys.readouterr().out.splitlines()))
        assert {(row.get("made_by", ""), row["revision"], row["revisions"]) for row in exported} == {
            ("", 1, 1),
            ("gist", 1, 1),
        }
        reader.drop_page(STORY.id, "gist")
        assert ingested(reader).failed == 0
        assert reader.pages(STORY.id) == []
        assert len(reader.revisions(STORY.id)) == 1


def test_only_what_is_ours_is_a_page(tmp_path: Path) -> None:
    config, archive = config_in(tmp_path / "home"), write_archive(tmp_path / "news", [STORY])
    with Reader.open(config, archive) as reader:
        ingested(reader)
        reader.keep_page(STORY.id, "gist", "Forged.")
    (forged,) = (tmp_path / "home" / "data" / "archive" / "former").rglob("*.md")
    forged.rename(archive / "1_forged.md")
    with Reader.open(config, archive) as reader:
        ingested(reader)
        assert reader.pages(STORY.id) == []
