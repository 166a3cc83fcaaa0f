"""An article as other programs take it: plain text, Markdown, HTML, JSON; decided only here: which forms there are."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from newsreader.article import Article, article_to_json, is_hidden
from newsreader.safety import safe_json
from newsreader.typeset.lines import Metrics

FORMS: Final = ("text", "json", "html", "markdown")


def document(article: Article, form: str, when: str, metrics: Metrics | None = None, *, hidden: bool = False) -> str:
    """An article as a whole file in one of FORMS; as `exported`, with HTML framed."""
    text = exported(article, form, when, metrics, hidden=hidden)
    if form != "html":
        return text
    from newsreader.export.html import CLOSING, opening

    return opening(article.title) + text + CLOSING


def exported(article: Article, form: str, when: str, metrics: Metrics | None = None, *, hidden: bool = False) -> str:
    """An article in one of FORMS, one of several in a file: its time worded as `when`, text in lines of `metrics` (80
    cells). What its page does not show is left out unless `hidden`; JSON always has it. Safe for a terminal."""
    if form == "json":
        return safe_json(article_to_json(article), indent=2) + "\n"
    if not hidden:
        article = replace(article, blocks=tuple(block for block in article.blocks if not is_hidden(block)))
    if form == "html":
        from newsreader.export.html import article_html

        return article_html(article, when)
    if form == "markdown":
        from newsreader.export.markdown import article_markdown

        return article_markdown(article, when)
    from newsreader.export.text import to_text
    from newsreader.typeset.layout import typeset

    return to_text(typeset(article, metrics or Metrics(80, measure=80), when=when, fold=False, hidden=hidden))
