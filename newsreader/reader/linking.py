"""The worker process that finds the feeds which a page names."""

from __future__ import annotations

from newsreader.fetch.workers import work
from newsreader.wire import Wire


def main(wire: Wire) -> None:
    """The life of the worker."""
    from newsreader.parse.feedlinks import feed_links

    work(wire, lambda data, url, declared: [link.url for link in feed_links(data, url, declared)])
