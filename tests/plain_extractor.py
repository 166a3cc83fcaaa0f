"""A worker that finds the text of a page between two marks, for tests of what becomes of it."""

from __future__ import annotations

import re

from newsreader.fetch.workers import work
from newsreader.wire import Wire


def main(wire: Wire) -> None:
    """The life of the worker."""
    work(wire, _text)


def _text(data: bytes, url: str, content_type: str) -> str:
    found = re.search("<article>(.*)</article>", data.decode(), re.DOTALL)
    return found[1] if found else ""
