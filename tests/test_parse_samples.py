"""Every `tests/samples/NAME.md` gives the article in `NAME.json`: our own words in the shapes of dump-format.md."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsreader.article import article_to_json, plain
from newsreader.dump import decode
from newsreader.parse import parse

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.md"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_sample(sample: Path) -> None:
    wanted = json.loads(sample.with_suffix(".json").read_text(encoding="utf-8"))
    article = parse(decode(sample.read_bytes()), source=wanted["source"])
    assert article_to_json(article) == wanted


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
