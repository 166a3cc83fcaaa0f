"""A worker that never comes to an end with a document which says "slow", and dies of one that says "vast", for tests of
what becomes of it."""

from __future__ import annotations

import os
import time

from newsreader.fetch.feeds import read_feed
from newsreader.fetch.items import Feed
from newsreader.fetch.workers import work
from newsreader.wire import Wire


def main(wire: Wire) -> None:
    """The life of the worker."""
    work(wire, _read)


def _read(data: bytes, url: str, charset: str) -> Feed:
    while b"slow" in data:
        time.sleep(60)
    if b"vast" in data:
        os._exit(1)
    return read_feed(data, url, charset)
