"""Which items of a feed become dumps: those that are new, and those that have changed.

Decided only here: by what an item is known again whose name has changed, and which items are past keeping as they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from newsreader.config import Source
from newsreader.dates import EPOCH
from newsreader.dump import Dump
from newsreader.fetch.compose import compose, fingerprint, published_of
from newsreader.fetch.item_ids import Named, named_items
from newsreader.fetch.items import Feed
from newsreader.fetch.state import Known, State

_MILLISECOND = timedelta(milliseconds=1)


class New(NamedTuple):
    """A dump to write, and what to remember of it under which name."""

    moment: datetime
    name: str
    known: Known
    title: str
    dump: Dump


def selected(source: Source, feed: Feed, state: State) -> tuple[list[New], list[str]]:
    """The dumps of the items that are new or have changed, the oldest first, and the names of all that are kept, the
    last of the feed first; takes note in `state` of what was left out."""
    now = datetime.now(UTC).replace(microsecond=0)
    items = named_items(feed, source.location)
    former = _Former(state, {named.name for named in items})
    dumps: list[New] = []
    seen: list[str] = []
    state.too_old = state.too_many = 0
    for place, named in enumerate(items):
        # Without a date of its own it counts from now on; what stands higher in a feed is newer.
        moment = now + timedelta(milliseconds=len(items) - place - 1)
        new = _new(named, named.name, state.known.get(named.name), moment)
        if new.name not in state.known and (name := former.name_of(new.known)):
            new = _new(named, name, state.known[name], moment)
        known = state.known.get(new.name)
        if known is None and _is_past_keeping(source, state, place, named, now):
            continue
        seen.append(new.name)
        if known is None or new.known.fingerprint != known.fingerprint:
            dumps.append(new)
    return sorted(dumps, key=lambda new: new.moment), seen[::-1]


def lets_more_in(source: Source, state: State) -> bool:
    """Whether some of the items that were left out would be kept by now: the source keeps more, or the clock was
    wrong."""
    more = state.too_many and (source.keep_stories is None or source.keep_stories > state.too_many)
    return bool(more or (state.too_old and not _is_too_old(source, state.too_old, datetime.now(UTC))))


def _new(named: Named, name: str, known: Known | None, moment: datetime) -> New:
    item = named.item
    known = known or Known("", named.own)
    first = EPOCH + known.first * _MILLISECOND if known.first else None
    dump = compose(item, now=moment, first=first, name=name, own=known.own, below=known.full)
    known = known.of(fingerprint(dump.title, dump.body), item.url, item.published).since(published_of(dump.body))
    return New(item.updated or item.published or moment, name, known, item.title, dump)


class _Former:
    """The items that a feed had under names which it has no longer; each is found again once."""

    def __init__(self, state: State, present: set[str]) -> None:
        self._names: dict[str, str] = {}
        self._found = {""}
        for name, known in state.known.items():
            if name not in present:
                self._names |= dict.fromkeys(_marks(known), name)

    def name_of(self, known: Known) -> str:
        """The former name of an item, "" if it had none."""
        names = (self._names.get(mark, "") for mark in _marks(known))
        found = next((name for name in names if name not in self._found), "")
        self._found.add(found)
        return found


def _marks(known: Known) -> Iterator[str]:
    """By what else than its name an item is known: its address, or that and its text where others have that address
    too; or its text and its time."""
    if known.link:
        yield f"{known.link} {known.fingerprint}" if known.own else known.link
    if known.published:
        yield f"{known.published} {known.fingerprint}"


def _is_past_keeping(source: Source, state: State, place: int, named: Named, now: datetime) -> bool:
    """Whether an item would be pruned at once."""
    if source.keep_stories is not None and place >= source.keep_stories:
        state.too_many = source.keep_stories
        return True
    published = named.item.published
    age = 0 if published is None else (published - EPOCH) // _MILLISECOND
    if age and _is_too_old(source, age, now):
        state.too_old = max(state.too_old, age)
        return True
    return False


def _is_too_old(source: Source, published: int, now: datetime) -> bool:
    return source.keep_days is not None and now - EPOCH - published * _MILLISECOND > timedelta(days=source.keep_days)
