"""The pages of stories, and the full text of them beside what the feed gave.

Decided only here: the dump with the full text is the newest revision of its story, and stays so when the feed changes
the item.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from newsreader.archive.numbered import only_writer, put_numbered
from newsreader.config import Places, Source, load_settings
from newsreader.dump import Dump, encode, guid_of, trailer
from newsreader.errors import FetchFailed
from newsreader.fetch.addresses import shown
from newsreader.fetch.client import PER_HOST, Client
from newsreader.fetch.compose import first_line_of, topics_line_of
from newsreader.fetch.request_terms import Access, Limits
from newsreader.fetch.state import load_state, save_state
from newsreader.fetch.store import number_of, own_archive
from newsreader.fetch.truncation import has_end, whole
from newsreader.fetch.workers import Task, Workers
from newsreader.safety import safe_filename

PAGES: Final = "pages"
LIMITS: Final = Limits(size=12 * 2**20)
_GIVE_UP: Final = 10
"""So many pages that take too long one after the other, and the rest is not asked for."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came: its bytes, where from, and the media type and charset that its server declared."""

    data: bytes = field(repr=False)
    url: str
    type: str


def get_page(places: Places, url: str, access: Access | None = None) -> Page:
    """Ask for the page of a story; raises FetchFailed and BadSettings."""
    return asyncio.run(_get_page(load_settings(places).inside, url, access))


async def _get_page(opened: Sequence[str], url: str, access: Access | None) -> Page:
    async with Client(opened) as client:
        return await page_of(client, url, access)


async def page_of(client: Client, url: str, access: Access | None) -> Page:
    """The page at a URL; raises FetchFailed, with "nothing-to-read" for what is no text."""
    answer = await whole(client, url, is_whole=has_end, access=access, limits=LIMITS)
    if answer.type.partition("/")[0] not in ("", "text") and "html" not in answer.type and "xml" not in answer.type:
        raise FetchFailed(shown(url), "nothing-to-read")
    return Page(answer.body, shown(answer.url), answer.declared)


async def full_texts(
    client: Client, extractors: Workers, access: Access, dumps: Sequence[Dump]
) -> tuple[list[Dump], list[FetchFailed]]:
    """The dumps of the full texts of stories, and why some have none. Where one page after the other takes too long,
    the rest is left: a site that is slow on purpose would hold up the fetch for days."""
    found: list[Dump] = []
    failed: list[FetchFailed] = []
    queue = iter(dumps)
    slow = 0

    async def take() -> None:
        nonlocal slow
        for dump in queue:
            if slow >= _GIVE_UP:
                return
            try:
                page = await page_of(client, dump.url, access)
                html = await extractors.result(Task(page.data, page.url, page.type))
            except FetchFailed as failure:
                slow = slow + 1 if failure.why == "timeout" else 0
                failed.append(failure)
                continue
            slow = 0
            if isinstance(html, str) and html:
                found.append(with_full_text(dump, html))

    await asyncio.gather(*(take() for _ in range(PER_HOST)))
    return found, failed


def with_full_text(dump: Dump, html: str) -> Dump:
    """The dump of the full text of a story, of which a feed or an archive gave `dump`: as that, a moment younger."""
    name, own = guid_of(dump.body)
    mark = trailer(name or dump.url, own=own, full_text=True)
    parts = (first_line_of(dump.body), html.strip("\r\n"), topics_line_of(dump.body), mark)
    time_ms = None if dump.time_ms is None else dump.time_ms + 1
    return Dump(dump.title, dump.url, time_ms, "\n".join(part for part in parts if part))


def keep_full_text(
    places: Places, dump: Dump, html: str, *, name: str, beside: Path | None = None, source: Source | None = None
) -> Path:
    """Keep the full text of a story that stands in `dump`. `beside`: the folder of our own archive where that lies, and
    its `source`; None for a dump of the reader's own, whose full text goes into a tree of our own under the `name` of
    its source. Returns where it stands; raises OSError."""
    full = with_full_text(dump, html)
    folder = beside or own_archive(places) / PAGES / "articles" / safe_filename(name)
    places.make(folder)
    with only_writer(folder):
        (place,) = put_numbered(folder, [(dump.title, encode(full))])
    if source is not None:
        state = load_state(places, source.location)
        named = guid_of(dump.body)[0]
        if (known := state.known.get(named)) is not None:
            state.learn(named, known.with_text(number_of(place.name), full.time_ms or 0))
            save_state(places, source.location, state)
    return place
