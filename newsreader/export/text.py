"""A page as plain text, for pipes and files."""

from __future__ import annotations

from newsreader.typeset.lines import Page


def to_text(page: Page) -> str:
    """The page's lines without styles and without blanks at their ends, each with a line end; safe for a terminal."""
    return "".join([line.text.rstrip() + "\n" for line in page.lines])
