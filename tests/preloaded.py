"""Everything that workers load, so that the forkserver of a test process has it after one job of this module, and not
each of a thousand workers loads it again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Never

import newsreader.fetch.feed_worker
import newsreader.fetch.run
import newsreader.library.search.documents
import newsreader.parse.feedlinks
import newsreader.parse.fulltext
import newsreader.reader.ingest  # noqa: F401
from newsreader.dump import Dump, encode
from newsreader.library.search.documents import Packed
from newsreader.reader.parsing_pool import Task
from newsreader.reader.parsing_worker import parsed, work

# What is loaded at the first need: tables of characters, pypinyin.
work(Packed("", parsed(Task("", encode(Dump("单 a", "https://a.example/", 0, "<p>潮汐 café</p>")))).body))


def nothing() -> Iterator[Never]:
    """A job."""
    yield from ()
