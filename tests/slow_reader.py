"""What never comes to an end with a document which says "slow", and dies of one that says "vast", for tests of what
becomes of its worker."""

from __future__ import annotations

import os

from newsreader.fetch.feed_worker import feed_of
from newsreader.fetch.items import Feed
from newsreader.fetch.workers import Fault, Task


def read(task: Task) -> Feed | Fault:
    """A feed."""
    while b"slow" in task.data:
        pass
    if b"vast" in task.data:
        os._exit(1)
    return feed_of(task)
