"""Every `tests/samples/NAME.md` gives the article in `NAME.json`, and that the page in `NAME.80.txt`: our own words in
the shapes of dump-format.md."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsreader.article import article_to_json, plain
from newsreader.dump import decode
from newsreader.parse import parse
from tests.samples import SAMPLES, article_of, page_of


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_sample(sample: Path) -> None:
    assert article_to_json(article_of(sample)) == json.loads(sample.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_page_of_a_sample(sample: Path) -> None:
    assert page_of(sample) == sample.with_suffix(".80.txt").read_text("utf-8")


def test_samples_show_every_kind_of_block() -> None:
    types, furniture = set(), set()
    for sample in SAMPLES:
        for block in parse(decode(sample.read_bytes()), source="").blocks:
            types.add(block.type)
            if block.type == "furniture":
                furniture.add(getattr(block, "kind", ""))
            assert block.type in ("image", "rule", "media") or plain(block.spans)
    assert types == {
        *("heading", "paragraph", "list_item", "quote", "caption", "credit", "image", "code", "table", "rule", "media"),
        "furniture",
    }
    assert furniture >= {"byline", "copyright", "advert", "share", "feed-footer", "label", "promotion", "related"}
