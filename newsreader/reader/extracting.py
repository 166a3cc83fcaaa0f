"""The worker process that finds the story in a page.

Owns: its `main`. Never: how a story is found.
"""

from __future__ import annotations

from newsreader.fetch.workers import work
from newsreader.wire import Wire


def main(wire: Wire) -> None:
    """The life of the worker."""
    from newsreader.parse.fulltext import full_text

    work(wire, full_text)
