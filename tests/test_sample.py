"""The built-in sample archive: it reads without a warning, shows every shape of the format, and teaches every key."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

import pytest

import newsreader
from newsreader.archive import Member, open_archive
from newsreader.article import Article, ListItem, Media, Paragraph
from newsreader.config import load_config
from newsreader.dump import Dump, decode, encode, normalise
from newsreader.identity import story_key
from newsreader.parse import parse
from newsreader.reader import Reader
from newsreader.ui.keys import COMMANDS

SAMPLE: Final = Path(newsreader.__file__).parent / "sample"
LANGUAGES: Final = {"Lamp & Ink": "en", "河口通訊": "zh-Hant", "字里行间": "zh-Hans", "潮の便り": "ja"}
# Hosts that nobody can register, an image proxy, and DW with numbers far beyond any that it has given out.
OUR_HOST: Final = re.compile(r"(?:[\w-]+\.)*(?:example|example\.org)|images\.weserv\.nl")
OUR_NUMBER: Final = re.compile(r"/(?:a-|api/detail/article/)9900000\d\d$")
PROXIED: Final = r'<img src="https://images\.weserv\.nl/\?url=[^"]+" width="100%"><div><small style="color: #999;">'


class Entry(NamedTuple):
    member: Member
    dump: Dump
    article: Article


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    with open_archive(SAMPLE) as archive:
        found: list[Entry] = []
        for item in archive.entries():
            assert isinstance(item, tuple), f"left out: {item}"
            member, data = item
            dump = decode(data)
            found.append(Entry(member, dump, parse(dump, source=member.source)))
        return found


def test_every_dump_reads_without_a_warning(entries: list[Entry]) -> None:
    assert 10 <= len(entries) <= 15
    for entry in entries:
        assert entry.dump.warnings == ()
        assert entry.article.warnings == ()
        assert decode(encode(normalise(entry.dump))) == normalise(entry.dump)
        assert entry.article.title == entry.dump.title


def test_names_are_in_the_readers_four_scripts(entries: list[Entry]) -> None:
    assert {entry.member.source for entry in entries} == LANGUAGES.keys()
    assert {entry.member.source: entry.article.language for entry in entries} == LANGUAGES


def test_every_kind_of_block_is_there(entries: list[Entry]) -> None:
    blocks = [block for entry in entries for block in entry.article.blocks]
    assert {block.type for block in blocks} == {
        *("heading", "paragraph", "list_item", "quote", "caption", "credit", "image", "code", "table", "rule", "media"),
        "furniture",
    }
    assert {block.kind for block in blocks if isinstance(block, Media)} == {"video", "audio"}
    assert {block.kind for block in blocks if isinstance(block, ListItem)} == {"bullet", "number"}
    assert {block.level for block in blocks if isinstance(block, ListItem)} == {1, 2}
    assert "lead" in {block.kind for block in blocks if isinstance(block, Paragraph)}
    assert {getattr(block, "kind", "") for block in blocks} >= {"byline", "copyright", "hidden", "related"}
    assert any(entry.article.topics for entry in entries)
    assert any(entry.article.byline for entry in entries)


@pytest.mark.parametrize(
    "shape",
    [
        r"^<div><i>[^<]+<br>\d{4}-\d\d-\d\dT[\d:.]+Z</i></div>",  # author and time
        r"^<div><i><br>\d{4}-\d\d-\d\dT[\d:.]+Z</i></div>",  # no author
        r"^<div><i>\d{4}年 \d+月 \d+日</i></div>",
        r"^<div><i>\w{3}, \d\d \w{3} \d{4} [\d:]+ GMT</i></div>",
        r"^<div><i>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d</i></div>",
        r"^<div>\d\d/\d\d/\d{4} - \d\d:\d\d</div>",
        r"^<div></div><div class=\"story-lead\">",
        PROXIED + "[^<]",
        PROXIED + "</small></div>",
        r"<p><strong>[^<]+</strong></p>",
        r'<span data-id="\d+" data-type="AUTO_TOPIC"',
        r'<a href="https://api\.dw\.com/api/detail/article/\d+" rel="ArticleRef">',
        r'rel="ExternalRef"',
        r"<li>[^<]*(?:<strong>[^<]*</strong>)?[^<]*<ul><li>",
        r"<ol><li>",
        r"<blockquote>",
        r"<table><tr><th>",
        r"<pre>",
        r"<video poster=",
        r"<audio src=",
        r"<iframe ",
        r"<figure>.*<figcaption>",
        r'<figcaption class="media-caption"><span class="off-screen">',
        r'<span class="story-image-copyright">',
        r'<span class="copyright">',
        r'<span class="imageCaption">',
        r'<div class="pic"><img [^>]+>[^<]',
        r'<img src="//',
        r'<img alt="[^"]+" src="/',
        r'<img class="wp-smiley" alt=',
        r"<p><em>© ",
        r"<h2[ >]",
        r"<h3>",
        r"<br><br>",
        r"<hr>",
    ],
)
def test_every_shape_of_the_format_is_there(entries: list[Entry], shape: str) -> None:
    assert any(re.search(shape, entry.dump.body, re.DOTALL) for entry in entries)


def test_a_dump_with_a_written_date_and_no_title_in_its_name() -> None:
    (path,) = [p for p in SAMPLE.rglob("*.md") if "\n日期：" in p.read_text("utf-8")]
    assert path.stem.isdecimal()


def test_the_corrected_story_is_one_story(entries: list[Entry]) -> None:
    counted = Counter(entry.article.key for entry in entries)
    (key,) = [key for key, times in counted.items() if times > 1]
    newer, older = (entry for entry in entries if entry.article.key == key)
    assert key.startswith("dw:")
    assert newer.article.title != older.article.title
    assert newer.article.url != older.article.url
    assert newer.article.updated
    assert older.article.updated
    assert newer.article.updated > older.article.updated


def test_stories_lead_to_each_other(entries: list[Entry]) -> None:
    ids = {entry.article.id: entry.article.language for entry in entries}
    by_key = {entry.article.key: entry.article.id for entry in entries}
    led_to: set[str] = set()
    crossed: set[tuple[str, str]] = set()
    for entry in entries:
        for link in entry.article.links:
            story = by_key.get(story_key(link.url))
            is_numbered = "api.dw.com" in link.url
            assert story or not is_numbered, f"{link.url} leads nowhere"
            if story:
                assert story != entry.article.id
                led_to.add(story)
                crossed.add((entry.article.language, ids[story]))
    assert len(led_to) >= 6
    assert len({languages for languages in crossed if languages[0] != languages[1]}) >= 4
    spellings = {urlsplit(x.url)._replace(path="").geturl() for e in entries for x in e.article.links}
    assert {"http://lampandink.example?utm_source=front", "https://www.lampandink.example"} <= spellings


def test_the_demo_is_one_row_a_story_and_its_links_stay_inside(tmp_path: Path, entries: list[Entry]) -> None:
    with Reader.open(load_config({"NEWSREADER_HOME": str(tmp_path)}), demo=True) as reader:
        last = [*reader.ingest()][-1]
        assert (last.stage, last.failed, last.skipped) == ("done", 0, ())
        rows = reader.rows().page(limit=64)
        assert len(rows) == len({entry.article.key for entry in entries}) == reader.rows().counts().unread
        assert [row.revisions for row in rows if row.revisions != 1] == [2]
        links = [link for row in rows for link in reader.article(row.id).links]
        assert sum(link.kind == "story" for link in links) >= 12
        assert all(link.kind == "story" for link in links if "api.dw.com" in link.url)
        assert rows[0].title == "A light that reaches the horizon"
        assert [*reader.fill_search()][-1].stage == "done"
        (together,) = set(reader.clusters(row.id for row in rows).values())
        assert {row.title for row in rows if row.id in together} == {"台风的一百四十个名字", "颱風的一百四十個名字"}


def test_every_key_is_taught_and_none_that_does_not_exist(entries: list[Entry]) -> None:
    keys = {key: {command.id for command in COMMANDS if key in command.keys} for one in COMMANDS for key in one.keys}
    taught: set[str] = set()
    for entry in entries:
        for block in entry.article.blocks:
            for span in block.spans:
                if "code" in span.style and block.type != "code":
                    key = span.text.lstrip("0123456789")
                    assert key in keys, f"{entry.article.title}: no key {span.text!r}"
                    taught |= keys[key]
    assert {command.id for command in COMMANDS} <= taught


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant", "ja"])
def test_each_language_teaches_the_first_steps(entries: list[Entry], language: str) -> None:
    told = {
        span.text
        for entry in entries
        if entry.article.language == language
        for block in entry.article.blocks
        for span in block.spans
        if "code" in span.style
    }
    assert {"j", "k", "Enter", "Space", "h", "n", "f", "m", "?", "q"} <= told


def test_no_address_is_anybody_elses(entries: list[Entry]) -> None:
    for entry in entries:
        images = [image.url for image in entry.article.images]
        for url in [entry.dump.url, *(link.url for link in entry.article.links), *images]:
            host = urlsplit(url).hostname or ""
            assert OUR_HOST.fullmatch(host) or (host.endswith("dw.com") and OUR_NUMBER.search(url)), url


def test_the_days_are_several_and_past(entries: list[Entry]) -> None:
    moments = [entry.article.published for entry in entries]
    assert all(
        m is not None and datetime(2026, 11, 1, tzinfo=UTC) < m < datetime(2026, 11, 20, tzinfo=UTC) for m in moments
    )
    assert len({m.date() for m in moments if m}) >= 7
    for entry in entries:
        article = entry.article
        assert article.published
        assert article.updated
        assert article.published <= article.updated


def test_readme_and_lists_name_every_dump_newest_first() -> None:
    linked = re.compile(r"^(?:(\d+)-(\d+) )?\[(.*)\]\((\S+)\)$", re.MULTILINE)
    readme = (SAMPLE / "README.md").read_text("utf-8")
    lists = {unquote(m[4]): m[3] for m in linked.finditer(readme)}
    assert set(lists) == {p.relative_to(SAMPLE).as_posix() for p in (SAMPLE / "lists").iterdir()}
    named: set[str] = set()
    for path, name in lists.items():
        text = (SAMPLE / path).read_text("utf-8")
        assert text.startswith(f"{name}\n------\n")
        rows = list(linked.finditer(text))
        numbers = [int(re.match(r"\d+", Path(row[4]).name)[0]) for row in rows]  # type: ignore[index]
        assert numbers == sorted(numbers)
        for row in rows:
            dump = decode((SAMPLE / unquote(row[4]).lstrip("/")).read_bytes())
            assert dump.time_ms is not None
            day = datetime.fromtimestamp(dump.time_ms / 1000, UTC)
            assert (row[3], int(row[1]), int(row[2])) == (dump.title, day.month, day.day)
            named.add(unquote(row[4]).lstrip("/"))
    assert named == {p.relative_to(SAMPLE).as_posix() for p in (SAMPLE / "articles").rglob("*.md")}
