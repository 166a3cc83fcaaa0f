"""Every `tests/samples/NAME.md` gives the article in `NAME.json`, and that the page in `NAME.80.txt`: our own words in
the shapes of dump-format.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from newsreader.article import article_from_json, article_to_json, plain
from newsreader.dump import decode
from newsreader.export.text import to_text
from newsreader.parse import parse
from newsreader.typeset.layout import typeset
from newsreader.typeset.lines import Metrics
from tests.samples import SAMPLES, article_of, page_of

CASES = sorted((Path(__file__).resolve().parents[2] / "shared" / "cases" / "html").glob("*.expected.json"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_sample(sample: Path) -> None:
    article, written = article_of(sample), json.loads(sample.with_suffix(".json").read_text("utf-8"))
    assert article_to_json(article) == written
    assert article_from_json(written) == article


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


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name.partition(".")[0])
def test_case(case: Path) -> None:
    """What a page means, as the cases beside the corpus say it (their README.md)."""
    expected = json.loads(case.read_text("utf-8"))
    article = parse(decode(case.with_name(case.name.replace(".expected.json", ".md")).read_bytes()), source="")
    text = to_text(typeset(article, Metrics(76), fold=False))
    wrong = [("has", one) for one in expected.get("has", ()) if not re.search(one, text)]
    wrong += [("not", one) for one in expected.get("not", ()) if re.search(one, text)]
    links, images = {link.url for link in article.links}, {image.url for image in article.images}
    wrong += [("link", url) for url in expected.get("links", ()) if url not in links]
    wrong += [("image", url) for url in expected.get("images", ()) if url not in images]
    wrong += [("no image", part) for part in expected.get("images_not", ()) if any(part in url for url in images)]
    words = "\n".join(link.text for link in article.links)
    wrong += [("link's text", one) for one in expected.get("link_text_not", ()) if re.search(one, words)]
    assert not wrong, text
    assert sum(link.kind == "within" for link in article.links) >= expected.get("links_within", 0)
