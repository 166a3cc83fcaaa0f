"""The days of the reader's own calendar that have stories. The counts are of days in UTC, each of which lies in two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo

import apsw

from newsreader.library.counts import days
from newsreader.library.record import milliseconds
from newsreader.library.views import View, exists

_FIRST = date(1970, 1, 1).toordinal()


def local_days(db: apsw.Connection, source: str | None, zone: tzinfo) -> list[date]:
    """The days in a zone that have stories, of all sources or one, the newest first."""
    return list(_local_days(db, source, zone))


def newest_day(db: apsw.Connection, zone: tzinfo) -> date | None:
    """The day in a zone of the newest story, if there is any."""
    return next(_local_days(db, None, zone), None)


def _local_days(db: apsw.Connection, source: str | None, zone: tzinfo) -> Iterator[date]:
    around = {day + step for day, _, _ in days(db, source) for step in (-1, 0, 1)}
    for number in sorted(around, reverse=True):
        try:
            day = date.fromordinal(_FIRST + number)
            begin, end = (datetime.combine(day + timedelta(days=step), time(), zone) for step in (0, 1))
            within = View(source=source, since=milliseconds(begin), until=milliseconds(end))
        except (ValueError, OverflowError):
            continue
        if exists(db, within):
            yield day
