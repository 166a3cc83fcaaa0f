"""The full text of a story, from its own page.

Decided only here: a story of an archive of the reader's own gets its full text in ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Never

from newsreader.archive.folder import read_file
from newsreader.article import Article
from newsreader.config import Places, Source, load_sources
from newsreader.dates import EPOCH
from newsreader.dump import Dump, decode, is_full_text
from newsreader.errors import FetchFailed, Unreadable
from newsreader.fetch.addresses import shown
from newsreader.fetch.compose import fingerprint, first_line_of, heading
from newsreader.fetch.pages import Page, get_page, keep_full_text, with_full_text
from newsreader.fetch.request_terms import access_of
from newsreader.fetch.store import owner_of
from newsreader.fetch.workers import Task, pool_of, read_by
from newsreader.jobs import Job


def page_of(places: Places, article: Article, dump: str) -> Page:
    """The page of a story, of which `dump` is the path of a dump; raises FetchFailed and BadSettings."""
    source = _source(places, dump)
    return get_page(places, article.url, None if source is None else access_of(source))


def keep(places: Places, article: Article, dump: str, html: str) -> Path:
    """Keep the full text of a story as its newest revision, if it is not that already, and say where; raises OSError
    and BadSettings."""
    source = _source(places, dump)
    beside = None if source is None else Path(dump).parent
    original = _original(article, dump)
    full = with_full_text(original, html)
    told, was = (fingerprint(one.title, one.body) for one in (full, original))
    if is_full_text(original.body) and told == was:
        return Path(dump)
    return keep_full_text(places, original, html, name=article.source, beside=beside, source=source)


def text_of(task: Task) -> str:
    """What a worker makes of a page."""
    from newsreader.parse.fulltext import full_text

    return full_text(*task)


def bring(places: Places, article: Article, dump: str) -> None:
    """Ask for the page of a story and keep the text on it; raises FetchFailed, "no-text" for a page without any and
    "disk" for a text that cannot be written, and BadSettings."""
    page = page_of(places, article, dump)
    with closing(pool_of(f"{__name__}:{text_of.__name__}")) as pool:
        html = read_by(pool, Task(page.data, page.url, page.type))
    if not html:
        raise FetchFailed(page.url, "no-text")
    try:
        keep(places, article, dump, str(html))
    except OSError as error:
        raise FetchFailed(str(error.filename or page.url), "disk", detail=error.strerror or str(error)) from None


def bringing(places: Places, article: Article, dump: str) -> Iterator[Never]:
    """The same for a process of its own: it tells nothing on its way."""
    bring(places, article, dump)
    yield from ()


def start_bring(places: Places, article: Article, dump: str) -> Job[Never]:
    """Begin to do so; `poll` raises what `bring` does. Raises NoProcess."""
    return Job(f"{__name__}:{bringing.__name__}", places, article, dump)


def _source(places: Places, dump: str) -> Source | None:
    """The feed that a dump of our own archive came from; None for any other dump."""
    owner = owner_of(Path(dump).parent)
    sources = (source for source in load_sources(places) if source.kind == "feed")
    return next((source for source in sources if owner and shown(source.location) == owner), None)


def _original(article: Article, path: str) -> Dump:
    """The dump, with a first line as our own have it."""
    made = article.updated or article.published
    try:
        dump = decode(read_file(path))
    except Unreadable:  # a member of an archive file, or one that is gone
        dump = Dump(article.title, article.url, None, "")
    if dump.time_ms is None and made is not None:
        dump = replace(dump, time_ms=(made - EPOCH) // timedelta(milliseconds=1))
    if article.published is not None and not first_line_of(dump.body):
        line = heading([article.byline] if article.byline else [], article.published, article.precision == "date")
        dump = replace(dump, body=line + "\n" + dump.body)
    return dump
