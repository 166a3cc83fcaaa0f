"""Retention: what was fetched and is past keeping.

Decided only here: which stories of our own archive go, as their sources say (`keep-days`, `keep-stories`), of the
others in feeds the revisions that are too many, and which former texts of dumps that were overwritten (`keep_former`);
a starred or tagged story stays, with all its dumps.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Container, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from newsreader.archive import Member, open_archive
from newsreader.archive.numbered import only_writer
from newsreader.config import Places, Source, load_sources
from newsreader.dump import decode, key_of
from newsreader.errors import NewsreaderError
from newsreader.fetch.remote import PRUNED
from newsreader.fetch.store import Store, number_of, own_archive, surplus
from newsreader.former_dumps import is_page
from newsreader.identity import story_id
from newsreader.reader.target import FORMER

_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Pruned:
    """A story that goes, or some of its former revisions: its id, the name of the source as it was added, its title and
    time (milliseconds UTC, 0 for none) and the files of the dumps that go. `is_whole`: all of it goes."""

    id: str
    source: str
    title: str
    time: int
    dumps: tuple[Path, ...]
    is_whole: bool = True


class _Dump(NamedTuple):
    path: Path
    title: str
    time: int


def pruned(
    places: Places, stays: Callable[[str], bool], deleted: frozenset[str] = frozenset(), *, dry_run: bool
) -> Iterator[Pruned]:
    """Take away every story or revision that is past keeping, and tell of it; with `dry_run` only tell. `stays` says of
    an id whether the story stays whatever its age, but for those that are `deleted`. Raises BadSettings and OSError."""
    store = Store(places)
    for source in load_sources(places):
        keeps_all = source.kind == "remote" and source.keep_days is source.keep_stories is None and not deleted
        if source.kind == "archive" or keeps_all:
            continue
        home = store.find(source.location)
        if home is None:
            continue
        with only_writer(home) as alone:
            if alone:
                yield from _of_source(source, home, stays, deleted, dry_run)


def pruned_former(
    places: Places, stays: Callable[[str], bool], gone: Container[str], keep_days: int, *, dry_run: bool
) -> Iterator[Pruned]:
    """Take away the former texts of stories that are `gone`, and those that were overwritten more than `keep_days` ago
    (0: none) unless their story stays."""
    home = own_archive(places) / FORMER
    oldest = time.time_ns() - keep_days * _DAY * 10**6 if keep_days else 0
    with suppress(NewsreaderError), open_archive(home) as archive:
        for member in archive.listing():
            if isinstance(member, Member):
                with suppress(NewsreaderError):
                    dump = decode(archive.read(member))
                    story = story_id(key_of(dump))
                    is_old = member.mtime_ns < oldest and not stays(story)
                    if story in gone or (is_old and not is_page(dump)):
                        path = home / member.name
                        if not dry_run:
                            path.unlink(missing_ok=True)
                        yield Pruned(story, FORMER, dump.title, dump.time_ms or 0, (path,), False)


def _of_source(
    source: Source, home: Path, stays: Callable[[str], bool], deleted: frozenset[str], dry_run: bool
) -> Iterator[Pruned]:
    folders = sorted(path for path in (home / "articles").iterdir()) if source.kind in ("remote", "server") else [home]
    for folder in folders:
        past = _past_keeping(source, folder, deleted)
        gone = [story for story in past if story.id in deleted or not stays(story.id)]
        if not dry_run and gone and source.kind == "remote":
            _note(home, gone)
        for story in gone:
            if not dry_run:
                for path in story.dumps:
                    path.unlink(missing_ok=True)
            yield story


def _past_keeping(source: Source, folder: Path, deleted: frozenset[str]) -> Iterator[Pruned]:
    stories: defaultdict[str, list[_Dump]] = defaultdict(list)
    with suppress(NewsreaderError), open_archive(folder) as archive:
        for member in archive.listing():
            if isinstance(member, Member):
                with suppress(NewsreaderError):
                    dump = decode(archive.read(member))
                    found = _Dump(folder / member.name, dump.title, dump.time_ms or member.mtime_ns // 1_000_000)
                    stories[story_id(key_of(dump))].append(found)
    newest_first = sorted(stories.items(), key=lambda story: -max(dump.time for dump in story[1]))
    oldest = 0 if source.keep_days is None else int(time.time() * 1000) - source.keep_days * _DAY
    for place, (story, dumps) in enumerate(newest_first):
        dumps.sort(key=lambda dump: (dump.time, -number_of(dump.path.name)))
        latest = dumps[-1]
        is_old = latest.time < oldest or (source.keep_stories is not None and place >= source.keep_stories)
        is_whole = is_old or story in deleted
        gone = dumps if is_whole else surplus(dumps) if source.kind == "feed" else ()
        if gone:
            paths = tuple(dump.path for dump in gone)
            yield Pruned(story, source.name, latest.title, latest.time, paths, is_whole)


def _note(home: Path, gone: list[Pruned]) -> None:
    """Remember which dumps of a remote archive went, lest the next fetch bring them back."""
    names = (path.relative_to(home).as_posix() for story in gone for path in story.dumps)
    with (home / PRUNED).open("a", encoding="utf-8", errors="surrogateescape") as file:
        file.write("".join(name + "\0" for name in names))
