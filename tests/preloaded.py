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
import newsreader.reader.ingest
import newsreader.reader.parsing_worker  # noqa: F401


def nothing() -> Iterator[Never]:
    """A job."""
    yield from ()
