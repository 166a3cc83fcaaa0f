"""A typeset page as a terminal shows it: styles and OSC 8 links round text that has been cleaned.

Decided only here: which control sequences `show` writes.
"""

from __future__ import annotations

from collections.abc import Mapping

from newsreader.article import Article
from newsreader.errors import UnsafeUrl
from newsreader.safety import clean, openable
from newsreader.typeset.lines import Page, Run

_SGR = {
    "title": "1",
    "heading": "1",
    "table-header": "1",
    "strong": "1",
    "meta": "2",
    "mark": "2",
    "caption": "2",
    "credit": "2",
    "furniture": "2",
    "em": "3",
    "underline": "4",
    "highlight": "7",
    "strike": "9",
}
_LINK, _LINK_COLOUR = "4", "36"
_CODE_COLOUR = "33"


def to_terminal(page: Page, article: Article, *, colour: bool) -> str:
    """The page with styles; a link whose URL is safe is one to the terminal too."""
    urls: dict[int, str] = {}
    for link in article.links:
        try:
            urls[link.n] = openable(link.url)
        except UnsafeUrl:
            continue
    lines = []
    for line in page.lines:
        runs = "".join(_dressed(run, urls, colour) for run in line.runs)
        lines.append(" " * line.indent + runs + "\n" if runs else "\n")
    return "".join(lines)


def _dressed(run: Run, urls: Mapping[int, str], colour: bool) -> str:
    text = clean(run.text)
    words = run.role.split()
    codes = [code for word in words if (code := _SGR.get(word))]
    if colour and "code" in words:
        codes.append(_CODE_COLOUR)
    url = urls.get(run.link or 0)
    if "link" in words and url:
        codes += [_LINK, _LINK_COLOUR] if colour else [_LINK]
    if codes:
        text = f"\x1b[{';'.join(dict.fromkeys(codes))}m{text}\x1b[m"
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if url else text
