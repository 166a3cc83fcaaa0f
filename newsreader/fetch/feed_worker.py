"""What workers make of documents that may be feeds."""

from __future__ import annotations

from newsreader.fetch.feeds import read_feed
from newsreader.fetch.items import Feed, NotAFeed
from newsreader.fetch.workers import Fault, Task


def feed_of(task: Task) -> Feed | Fault:
    """What a worker makes of a document that may be a feed."""
    try:
        return read_feed(*task)
    except NotAFeed as error:
        return Fault("not-a-feed", str(error))
