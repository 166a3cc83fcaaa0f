"""A story with a date and no time belongs to that day wherever one reads: in the list's order and under its heads, to
`date:`, `--since` and `--until`, and in the list of days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newsreader.cli.timestamps import understood
from newsreader.config.settings import LocalZone
from newsreader.dump import Dump, encode
from newsreader.library.date_only import days_apart
from newsreader.reader import Reader, View
from newsreader.ui.rows import day_of
from tests.newsroom import config_in, ingested

DAY = date(2020, 1, 20)
ZONES: list[tzinfo] = [
    *(timezone(timedelta(hours=hours)) for hours in range(-12, 15)),
    *map(ZoneInfo, ("America/Los_Angeles", "Asia/Kolkata", "Asia/Shanghai", "Pacific/Auckland", "Pacific/Apia")),
]


def archive(root: Path) -> Path:
    """A story an hour over three days, on each day one that tells no hour, and later one that stands alone."""
    (root / "articles" / "Post").mkdir(parents=True)
    begin = datetime(2020, 1, 19, tzinfo=UTC)
    hours = [(begin + timedelta(hours=n), f"hour {n}") for n in (*range(72), 1010)]
    days = [(begin + timedelta(days=n), f"day {19 + n}") for n in range(3)]
    for n, (moment, title) in enumerate((*hours, *days)):
        line = f"{moment:%Y-%m-%d}" if title.startswith("day") else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        body = f"<div><i>Lin An<br>{line}</i></div>\n<p>The ferry left.</p>"
        dump = Dump(title, f"https://harbour.example/{n}", int(moment.timestamp() * 1000), body)
        (root / "articles" / "Post" / f"{n}.md").write_bytes(encode(dump))
    return root


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("days")
    archive(home / "archive")
    return home


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_day_is_that_day_in_every_zone(home: Path, zone: tzinfo) -> None:
    config = config_in(home)
    config = config._replace(settings=config.settings._replace(timezone=zone))
    with Reader.open(config, home / "archive") as reader:
        if not reader.rows().counts().stories:
            ingested(reader)
        rows = reader.rows().page(limit=1000)
        heads = [day for row in rows if (day := day_of(row, zone)) is not None]
        assert heads == sorted(heads, reverse=True)  # no day stands twice
        assert {day_of(row, zone) for row in rows if row.title == "day 20"} == {DAY}
        found = [hit.summary.title for hit in reader.searcher.search("date:2020-01-20", View(), limit=100)]
        assert "day 20" in found
        assert not {"day 19", "day 21"} & set(found)
        assert len(found) == 25
        now = datetime(2020, 2, 1, tzinfo=UTC)
        since, until = understood("2020-01-20", zone, now), understood("2020-01-20", zone, now, end=True)
        assert sorted(row.title for row in reader.rows(View(since=since, until=until)).page(limit=100)) == sorted(found)
        assert reader.local_days() == sorted(set(heads), reverse=True) == reader.local_days("Post")


def test_the_zones_that_share_an_index_agree_on_its_days() -> None:
    shared = {zone: days_apart(zone) for zone in (UTC, LocalZone(), *ZONES)}
    apart = [str(zone) for zone, days in shared.items() if days]
    assert apart == ["UTC-12:00", "UTC-11:00", "UTC+14:00", "Pacific/Apia"]
    assert len(set(shared.values())) == 5
    assert days_apart(ZoneInfo("Pacific/Niue")) == shared[timezone(timedelta(hours=-11))]
