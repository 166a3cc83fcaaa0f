"""Every feed in tests/feeds gives the stories that NAME.expected.json says: our own words in the shapes of what other
readers stumbled over.

Such a file names the feed, the address that it was served at, and of each story what has to hold: `title`, `url`, the
beginning of `date` in UTC, `author`, what stands in its `text` and what does not (`text_not`), and what stands in its
dump (`html`)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsreader.article import Article, plain
from newsreader.dump import decode, encode
from newsreader.fetch.compose import compose
from newsreader.fetch.feeds import read_feed
from newsreader.parse import parse

FOLDER = Path(__file__).parent / "feeds"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "cases" / "feeds"
SAMPLES = [*sorted(FOLDER.glob("*.expected.json")), *sorted(SHARED.glob("*.expected.json"))]
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def stories_of(file: Path, url: str) -> dict[str, tuple[Article, str]]:
    """The articles of a feed by their titles, each with its dump."""
    stories = {}
    for n, item in enumerate(read_feed(file.read_bytes(), url).items):
        dump = encode(compose(item, now=NOW, name=f"x:{n}"))
        article = parse(decode(dump), source="")
        stories[article.title] = article, dump.decode()
    return stories


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name.partition(".")[0])
def test_feed(sample: Path) -> None:
    expected = json.loads(sample.read_text("utf-8"))
    stories = stories_of(sample.parent / expected["file"], expected["served_at"])
    wrong: list[Any] = []
    for wanted in expected["stories"]:
        if wanted["title"] not in stories:
            wrong.append((wanted["title"], list(stories)))
            continue
        article, dump = stories[wanted["title"]]
        text = "\n".join(plain(block.spans) for block in article.blocks)
        date = article.published.astimezone(UTC).isoformat() if article.published else ""
        facts = {"url": article.url, "author": article.byline, "date": date[: len(wanted.get("date", ""))]}
        wrong += [(article.title, fact, told) for fact, told in facts.items() if wanted.get(fact, told) != told]
        wrong += [(article.title, part, text) for part in wanted.get("text", ()) if part not in text]
        wrong += [(article.title, "not", part) for part in wanted.get("text_not", ()) if part in text]
        wrong += [(article.title, part, dump) for part in wanted.get("html", ()) if part not in dump]
    assert not wrong
