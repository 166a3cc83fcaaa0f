"""Samples: a dump of our own writing, the article it becomes, and its page at 80 cells.

    NAME.md       the dump
    NAME.json     the article, as `show --format json` prints it
    NAME.80.txt   the page at 80 cells, nothing folded

`python -m tests.samples [NAME...]` makes the last two from the first; read them before you commit them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from newsreader.article import Article, article_to_json
from newsreader.dump import decode
from newsreader.export.text import to_text
from newsreader.parse import parse
from newsreader.safety import safe_json
from newsreader.typeset.layout import typeset
from newsreader.typeset.lines import Metrics

FOLDER: Final = Path(__file__).parent
SAMPLES: Final = sorted(FOLDER.glob("*.md"))


def article_of(sample: Path) -> Article:
    """The article of a sample; its source is the one that NAME.json says, at first the sample's name."""
    known = sample.with_suffix(".json")
    source = json.loads(known.read_text("utf-8"))["source"] if known.exists() else sample.stem
    return parse(decode(sample.read_bytes()), source=source)


def page_of(sample: Path) -> str:
    """The page of a sample at 80 cells, without a time, which would depend on the reader's zone."""
    return to_text(typeset(article_of(sample), Metrics(80), fold=False)).rstrip("\n") + "\n"


def write(sample: Path) -> None:
    """Make NAME.json and NAME.80.txt anew."""
    article = safe_json(article_to_json(article_of(sample)), indent=1)
    sample.with_suffix(".json").write_text(article + "\n", "utf-8")
    sample.with_suffix(".80.txt").write_text(page_of(sample), "utf-8")
