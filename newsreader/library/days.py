"""The days of the reader's own calendar that have stories. The counts are of days in UTC, each of which lies in two."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

import apsw

from newsreader.library import rows
from newsreader.library.record import milliseconds

_FIRST = date(1970, 1, 1).toordinal()


def local_days(db: apsw.Connection, source: str | None, zone: tzinfo) -> list[date]:
    """The days in a zone that have stories, of all sources or one, the newest first."""
    around = {day + step for day, _, _ in rows.days(db, source) for step in (-1, 0, 1)}
    n = 0 if source is None else db.execute("SELECT n FROM sources WHERE name = ?", (source,)).get
    table, chosen = ("story_sources", "source = ? AND") if n else ("stories INDEXED BY by_time", "")
    found = []
    for number in sorted(around, reverse=True):
        try:
            day = date.fromordinal(_FIRST + number)
            begin, end = (datetime.combine(day + timedelta(days=step), time(), zone) for step in (0, 1))
            bounds = milliseconds(begin), milliseconds(end)
        except (ValueError, OverflowError):
            continue
        query = f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {chosen} time >= ? AND time < ?)"
        if db.execute(query, (n, *bounds) if n else bounds).get:
            found.append(day)
    return found
