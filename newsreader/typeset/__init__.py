"""(Article, Metrics) -> lines: for the article pane and for `show` and `export`. Pure: no terminal, no files.

Owns: the page of an article, from cell widths over line breaking to layout. Never: colours, keys, widgets; roles name
what a run is, and `ui` and `cli` dress them.
"""

from newsreader.typeset.flow import shown_text
from newsreader.typeset.layout import typeset
from newsreader.typeset.lines import Fold, Labels, Line, Metrics, Page, Place, Run, line_width
from newsreader.typeset.text import to_text

__all__ = [
    "Fold",
    "Labels",
    "Line",
    "Metrics",
    "Page",
    "Place",
    "Run",
    "line_width",
    "shown_text",
    "to_text",
    "typeset",
]
