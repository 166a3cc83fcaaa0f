"""Marks as a text that is carried to another machine: one mark a line, and what was set later wins.

    # newsreader marks 1
    2026-02-13T12:12:00.250Z <tab> starred <tab> 1 <tab> dw:71613218
    2026-02-13T12:14:01.003Z <tab> tag/harbour <tab> <tab> dw:71613218

Time (UTC), mark, value (empty: taken away), key of the story. Lines may stand in any order, be sorted, merged and cut
with other tools; those that begin with # are passed over. Control and format characters, quotes and backslashes are
escaped as in JSON.

Decided only here: that format, and which lines are taken for marks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from newsreader.identity import story_id
from newsreader.library.db import sid
from newsreader.library.mark_kinds import AHEAD_MS, Change, is_known, is_mark
from newsreader.library.record import milliseconds
from newsreader.safety import safe_json

HEADER = "# newsreader marks 1"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_KEY = 8192


class Imported(NamedTuple):
    """How many marks were taken over, how many were older than what is here or the same, and the numbers of the lines
    that are no marks."""

    taken: int
    older: int
    bad: tuple[int, ...]


def lines(marks: Iterable[tuple[str, str, str | None, int]]) -> Iterator[str]:
    """The text of marks (key, mark, value, time in milliseconds), a line each, without its end."""
    yield HEADER
    for key, mark, value, at in marks:
        when = (_EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        yield "\t".join((when, *(_escaped(text) for text in (mark, value or "", key))))


def read(text: Iterable[str], now: datetime) -> Iterator[Change | int]:
    """The marks in lines of text; of a line that is none, its number, from 1."""
    for n, line in enumerate(text, 1):
        line = line.rstrip("\r\n").removeprefix("\ufeff")
        if line and not line.startswith("#"):
            yield _change(line, now) or n


def _change(line: str, now: datetime) -> Change | None:
    try:
        when, *fields = line.split("\t")
        mark, value, key = (json.loads(f'"{field}"') for field in fields)
        at = datetime.fromisoformat(when)
        if at.tzinfo is None or not _EPOCH <= at <= now + timedelta(milliseconds=AHEAD_MS):
            return None
        if not 0 < len(key) <= _LONGEST_KEY:
            return None
        key.encode()
    except (ValueError, OverflowError):
        return None
    if not is_known(mark) or not is_mark(mark, value or None):
        return None
    return Change(sid(story_id(key)), key, mark, value or None, milliseconds(at))


def _escaped(text: str) -> str:
    return safe_json(text)[1:-1]
