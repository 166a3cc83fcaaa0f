"""What finds the text of a page between two marks, for tests of what becomes of it."""

from __future__ import annotations

import re

from newsreader.fetch.workers import Task


def text_of(task: Task) -> str:
    """The text of a page."""
    found = re.search("<article>(.*)</article>", task.data.decode(), re.DOTALL)
    return found[1] if found else ""
