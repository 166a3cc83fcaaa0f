"""The sources pane: what the list can be narrowed to, with the number of unread stories.

Decided only here: their order: all, the starred, sources by name, kept searches, tags by name; below a server its
feeds, by folders; that a source which failed has a sign before it, and how long ago each was fetched stands behind
where there is room. Pure: no textual, no rich; the first frame uses it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from newsreader.reader import Reader, View
from newsreader.safety import cell_width, clean_line
from newsreader.ui.i18n import Words
from newsreader.ui.keys import Pane
from newsreader.ui.layout import part_of
from newsreader.ui.panes.headlines import Headlines
from newsreader.ui.rows import Cell, Drawn, cut_inside, fit

if TYPE_CHECKING:
    from newsreader.config import Source
    from newsreader.fetch.state import Subscription
    from newsreader.reader.network import Standing

AGES_FROM: Final = 24  # columns of the pane from which ages have room, whatever the names
_AGE: Final = 4


class Entry(NamedTuple):
    """A line of the pane: a name, cleaned, the number of unread stories (None: not told), and what it narrows to.
    `gap`: a blank line stands above it; `added`: what sources.toml says of it, or of the server that it is a `feed` or
    a `folder` of; `depth`: how far it is below that."""

    name: str
    unread: int | None
    source: str | None = None
    starred: bool = False
    tag: str | None = None
    query: str = ""
    gap: bool = False
    added: Source | None = None
    feed: Subscription | None = None
    folder: str = ""
    depth: int = 0
    sources: tuple[str, ...] = ()

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of a server's feeds."""
        return self.depth > 0 and self.feed is None

    @property
    def shown(self) -> str:
        """The name where it stands."""
        return "  " * self.depth + self.name

    @property
    def narrows(self) -> tuple[object, ...]:
        """What tells it from others, however many of its stories are read."""
        return self.name, self.source, self.starred, self.tag, self.query, self.sources

    def view(self, view: View) -> View:
        """A view narrowed to this and to nothing else; what is read, and the order, stay as they are."""
        found = View(self.source, view.unread, self.starred, tag=self.tag, query=self.query, sort=view.sort)
        return found._replace(sources=self.sources)

    def is_of(self, view: View) -> bool:
        """Whether a view is narrowed to this."""
        return self.view(view) == view._replace(topic=None, since=None, until=None) and view.topic is None


def entries(reader: Reader, words: Words) -> list[Entry]:
    """Everything that the list can be narrowed to."""
    sources = reader.sources()
    added = {source.name: source for source in reader.added()}
    stories = {row.name: row.unread for row in sources}
    feeds = {name: reader.network.feeds(source) for name, source in added.items() if source.kind == "server"}
    below = {feed.called for some in feeds.values() for feed in some}
    names = {name for name in stories if name not in below} | {n for n, s in added.items() if s.kind != "archive"}
    found = [
        Entry(words.say("all_sources"), sum(row.unread for row in sources)),
        Entry(words.say("starred"), None, starred=True),
    ]
    for i, name in enumerate(sorted(names)):
        one = Entry(clean_line(name) or "?", stories.get(name, 0), name, gap=not i, added=added.get(name))
        found += _with_feeds(one, feeds[name], stories) if name in feeds else [one]
    found += [
        Entry(clean_line(kept.name), kept.unread, query=kept.query, gap=not i)
        for i, kept in enumerate(kept for kept in reader.searcher.kept() if kept.fault is None)
    ]
    found += [Entry(f"#{clean_line(tag)}", None, tag=tag, gap=not i) for i, (tag, _) in enumerate(reader.tags())]
    return found


def _with_feeds(server: Entry, feeds: Iterable[Subscription], unread: Mapping[str, int]) -> Iterator[Entry]:
    """A server, and below it its feeds, each folder's below that."""

    def together(entry: Entry, some: Iterable[Subscription]) -> Entry:
        names = tuple(sorted({feed.called for feed in some}))
        return entry._replace(unread=sum(unread.get(name, 0) for name in names), source=None, sources=names)

    feeds = sorted(feeds, key=lambda feed: (feed.folder, feed.called))
    yield together(server, feeds) if feeds else server
    for folder, group in groupby(feeds, key=lambda feed: feed.folder):
        some = list(group)
        one = Entry(clean_line(folder), None, added=server.added, folder=folder, depth=1)
        if folder:
            yield together(one, some)
        for feed in some:
            name, depth = feed.called, 2 if folder else 1
            yield one._replace(name=name or "?", unread=unread.get(name, 0), source=name, feed=feed, depth=depth)


class SourceList:
    """The entries and the cursor among them, and how they are drawn."""

    def __init__(self, headlines: Headlines) -> None:
        self.reader = headlines.reader
        self.headlines = headlines
        self.words = headlines.appearance.words
        self.now = headlines.appearance.now
        self.entries: list[Entry] = []
        self.cursor = 0
        self._height = 1
        self._top = 0
        self._standings: dict[str, Standing] = {}

    def fit(self, _width: int, height: int) -> None:
        """Be shown in a pane of that size."""
        self._height = height

    def shown(self) -> list[int | None]:
        """Which entry stands on each line of the pane; None where it is blank. The cursor's is in sight."""
        lines: list[int | None] = []
        for index, entry in enumerate(self.entries):
            lines += [None, index] if entry.gap else [index]
        at = lines.index(self.cursor) if self.entries else 0
        height = self._height
        self._top = max(0, min(max(min(self._top, at), at - height + 1), len(lines) - height))
        return lines[self._top : self._top + height]

    def look(self) -> bool:
        """See how it stands with the sources in sight, which is not known before; whether that changes the width."""
        before = self.ages
        for number in self.shown():
            entry = self.entries[number] if number is not None else None
            source = entry.added if entry is not None and not entry.depth else None
            if source is not None and source.kind != "archive":
                self._standings[source.location] = self._standing_now(source)
        return self.ages != before

    def _standing_now(self, source: Source) -> Standing:
        return self.reader.network.standing(source, self._standings.get(source.location, (None, None)))

    def standing(self, entry: Entry) -> tuple[bool, str]:
        """Whether a source failed, and how long ago something last came of it, in four cells at most."""
        if entry.depth:  # a feed or folder of a server
            return entry.feed is not None and bool(entry.feed.error), ""
        at, trouble = self._standings.get(entry.added.location if entry.added is not None else "", (None, None))
        minutes = 0 if at is None else max(int((self.now() - at).total_seconds() // 60), 0)
        hours, days = minutes // 60, min(minutes // (24 * 60), 999)
        age = f"{days}d" if days else f"{hours}h" if hours else f"{minutes}m"
        return trouble is not None and trouble.times > 0, age if at is not None else ""

    @property
    def note(self) -> str:
        """The last result of the source under the cursor, and when that was; "" for what is not fetched."""
        entry, words, now = self.current, self.words, self.now()
        source = entry.added if entry is not None else None
        if entry is None or source is None or source.kind == "archive":
            return ""
        if (feed := entry.feed) is not None:
            failing = words.say("feed_failing", why=feed.error) if feed.error else ""
            return self._told_of(entry.name, source.name, feed.folder, failing)
        from newsreader.ui.reasons import why_not_fetched

        at, trouble = self._standing_now(source)
        told = "" if at is None else words.moment(at.astimezone(now.tzinfo), now.year)
        parts = [words.say("source_paused")] if source.paused else []
        if trouble is not None:
            if trouble.times:
                since = words.moment(trouble.began.astimezone(now.tzinfo), now.year)
                parts.append(words.say("failing", n=trouble.times, since=since))
            parts.append(why_not_fetched(trouble.failure, words))
        else:
            parts.append(words.say("source_fetched", when=told) if told else words.say("source_never"))
        return self._told_of(cut_inside(source.name, 16), *parts)

    def _told_of(self, name: str, *parts: str) -> str:
        what = self.words.say("comma").join(filter(None, parts))
        return clean_line(self.words.say("told_of", name=name, what=what))

    @property
    def current(self) -> Entry | None:
        """The entry under the cursor."""
        return self.entries[self.cursor] if self.entries else None

    def load(self, view: View | None = None) -> None:
        """Read the entries; the cursor stays on its own, or goes to what `view` is narrowed to."""
        old = self.current
        self.entries = found = entries(self.reader, self.words)
        at = next(
            (
                i
                for i, entry in enumerate(found)
                if (entry.is_of(view) if view is not None else old is not None and entry.narrows == old.narrows)
            ),
            None,
        )
        self.go(self.cursor if at is None else at)

    def go(self, number: int | None) -> bool:
        """The cursor on an entry, counted from 0, as far as there are any; None is the last one. Whether it moved."""
        before, last = self.cursor, len(self.entries) - 1
        self.cursor = max(0, last if number is None else min(number, last))
        return self.cursor != before

    def move(self, steps: int) -> bool:
        """The cursor down (up: negative) by so many entries."""
        return self.go(max(self.cursor + steps, 0))

    def move_page(self, part: float, times: int) -> bool:
        """The cursor down (up: negative) by a part of a page, so many times."""
        return self.move(part_of(self._height, part) * times)

    @property
    def width(self) -> int:
        """The cells that its names, numbers and ages need."""
        needed = max((cell_width(entry.shown) + len(_number(entry)) for entry in self.entries), default=0) + 4
        return needed + (_AGE + 1 if self.ages else 0)

    @property
    def ages(self) -> bool:
        """Whether of any source is known when it was fetched."""
        return any(at is not None for at, _ in self._standings.values())

    def lines(self, width: int, height: int, focus: Pane) -> list[Drawn]:
        """The entries around the cursor, as they are drawn."""
        drawn: list[Drawn] = []
        for number in self.shown():
            if number is None:
                drawn.append(((), ""))
                continue
            entry = self.entries[number]
            ground = ("cursor" if focus == "sources" else "resting") if number == self.cursor else ""
            sign = self.headlines.appearance.marks.cut
            failed, age = self.standing(entry)
            room = _AGE + 1 if self.ages and width >= min(AGES_FROM, self.width) else 0
            cells = _cells(entry, width - room, sign, chosen=entry.is_of(self.headlines.view))
            told: list[Cell] = [(fit(age, room - 1, right=True), "age"), (" ", "pad")] if room else []
            drawn.append((((("!", "error") if failed else cells[0]), *cells[1:], *told), ground))
        return drawn


def _cells(entry: Entry, width: int, sign: str, *, chosen: bool) -> tuple[Cell, ...]:
    number = _number(entry)
    room = max(width - 3 - len(number), 1)
    name = "headline unread" if entry.unread or chosen else "headline read"
    return (
        (" ", "pad"),
        (fit(entry.shown, room, sign=sign), f"{name} strong" if chosen else name),
        (" ", "pad"),
        (number[: max(width - 3, 0)], "meta"),
        (" ", "pad"),
    )


def _number(entry: Entry) -> str:
    return f"{entry.unread:,}" if entry.unread else ""
