"""How often a source is asked, and what becomes of one that moved: what HTTP and the feeds themselves say."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsreader.cli import main
from newsreader.config import Config
from newsreader.errors import TryLater
from newsreader.fetch import FetchProgress
from newsreader.fetch.feeds import read_feed
from newsreader.fetch.schedule import DAY, Schedule
from newsreader.fetch.state import load_state, save_state, states_of
from newsreader.reader import Reader
from newsreader.ui.reasons import why_not_fetched
from tests.newsroom import config_in, ingested
from tests.newsstand import Handler, Newsstand, Talk, redirect
from tests.test_fetch import fetch, item, rss, subscribe

HOUR = 3600.0
SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Newsstand]:
    monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path))
    with Newsstand() as server:
        yield server


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


def saying(about: str, *items: str) -> bytes:
    """A feed that says this of itself."""
    return rss(*items).replace(b"</title><link>", f"</title>{about}<link>".encode(), 1)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("about", "schedule"),
    [
        ("", Schedule()),
        ("<ttl>60</ttl>", Schedule(HOUR)),
        ("<ttl> 90 min </ttl>", Schedule(1.5 * HOUR)),
        ("<ttl>soon</ttl>", Schedule()),
        ("<ttl>-5</ttl>", Schedule()),
        (f"<ttl>{'9' * 5000}</ttl>", Schedule()),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", Schedule(HOUR / 2)),
        ("<sy:updatePeriod> Weekly </sy:updatePeriod>", Schedule(7 * DAY)),
        ("<sy:updateFrequency>4</sy:updateFrequency>", Schedule(DAY / 4)),
        ("<sy:updatePeriod>often</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", Schedule()),
        ("<ttl>10</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", Schedule(HOUR)),
        ("<skipHours><hour>0</hour><hour> 3 </hour><hour>24</hour></skipHours>", Schedule(0, (0, 3))),
        ("<skipDays><day>Sunday</day><day>saturday</day><day>Someday</day></skipDays>", Schedule(0, (), (5, 6))),
    ],
)
def test_what_a_feed_says_of_itself(about: str, schedule: Schedule) -> None:
    feed = saying(about, item(1) + "<ttl>7</ttl>").replace(b"<rss ", f"<rss xmlns:sy='{SYNDICATION}' ".encode(), 1)
    assert read_feed(feed, "https://harbour.example/").schedule == schedule


@pytest.mark.parametrize(
    ("schedule", "fresh", "due"),
    [
        (Schedule(), 0, "2020-06-27 09:30"),
        (Schedule(), 600, "2020-06-27 09:40"),
        (Schedule(HOUR), 600, "2020-06-27 10:30"),
        (Schedule(HOUR), 7200, "2020-06-27 11:30"),
        (Schedule(30 * DAY), 0, "2020-06-28 09:30"),
        (Schedule(), 1e9, "2020-06-28 09:30"),
        (Schedule(0, (9, 10, 12)), 0, "2020-06-27 11:00"),
        (Schedule(HOUR, (10, 11)), 0, "2020-06-27 12:00"),
        (Schedule(0, tuple(range(24))), 0, "2020-06-28 09:30"),
        (Schedule(0, (), (5,)), 0, "2020-06-28 00:00"),
        (Schedule(0, (), (5, 6)), 0, "2020-06-28 09:30"),
    ],
)
def test_when_it_is_asked_again(schedule: Schedule, fresh: float, due: str) -> None:
    assert schedule.next_after(at("2020-06-27 09:30"), fresh) == at(due)  # a Saturday


@pytest.mark.parametrize("about", ["", "<ttl>60</ttl>"])
def test_a_source_is_not_asked_before_something_new_is_due(stand: Newsstand, config: Config, about: str) -> None:
    def serve(talk: Talk) -> None:
        headers = {"ETag": '"a"'} if about else {"ETag": '"a"', "Cache_Control": "max-age=3600"}
        is_known = talk.request.headers.get("if-none-match") == '"a"'
        talk.answer(b"" if is_known else saying(about, item(1)), 304 if is_known else 200, **headers)

    stand.routes["/post"] = serve
    subscribe(config, stand, "/post")
    assert [fetch(config)["post"].stage for _ in range(3)] == ["done", "resting", "resting"]
    assert len(stand.requests) == 1
    assert fetch(config, "post")["post"].stage == "unchanged"
    assert fetch(config)["post"].stage == "resting"
    assert main(["fetch"]) == 0
    assert main(["fetch", "--force"]) == 0
    assert len(stand.requests) == 3
    state = load_state(config.places, stand.url("/post"))
    assert 3500 < state.not_due - time.time() <= 3600
    for ahead in (-1.0, 2 * DAY):  # it is due, or the clock was ahead
        state.not_due = time.time() + ahead
        save_state(config.places, stand.url("/post"), state)
        assert fetch(config)["post"].stage == "unchanged"


def test_what_is_resting_and_was_deleted_comes_again(stand: Newsstand, config: Config) -> None:
    import shutil

    stand.routes["/post"] = saying("<ttl>60</ttl>", item(1))
    subscribe(config, stand, "/post")
    fetch(config)
    shutil.rmtree(config.places.data / "archive")
    assert fetch(config)["post"].added == 1


@pytest.mark.parametrize("asking", [["post"], ["--force"]])
def test_who_is_named_or_forced_is_asked_though_its_server_wants_to_be_left_alone(
    stand: Newsstand, config: Config, asking: list[str]
) -> None:
    stand.routes["/post"] = lambda talk: talk.answer(b"", 503, Retry_After="3600")
    subscribe(config, stand, "/post")
    for _ in range(2):
        assert isinstance(fetch(config)["post"].failure, TryLater)
    assert len(stand.requests) == 1
    stand.routes["/post"] = rss(item(1))
    assert main(["fetch", *asking]) == 0
    assert fetch(config)["post"].stage == "unchanged"


def test_a_permanent_move_that_loops_is_forgotten(stand: Newsstand, config: Config) -> None:
    stand.routes |= {"/old": redirect("/new", 301), "/new": rss(item(1))}
    subscribe(config, stand, "/old")
    assert fetch(config)["old"].added == 1
    stand.routes["/new"] = redirect("/old", 308)
    told = fetch(config)["old"]
    assert told.failure is not None
    assert told.failure.why == "redirects"
    stand.routes["/old"] = rss(item(2), item(1))
    assert fetch(config)["old"].added == 1


def test_a_later_revision_keeps_the_moment_at_which_an_undated_story_was_seen(stand: Newsstand, config: Config) -> None:
    def undated(text: str) -> bytes:
        return rss(f"<link>https://harbour.example/7</link><title>The lock</title><description>{text}</description>")

    def found() -> tuple[int, int]:
        with Reader.open(config) as reader:
            ingested(reader)
            (row,) = reader.rows().page()
            return row.time, row.revisions

    stand.routes["/post"] = undated("It opens.")
    subscribe(config, stand, "/post")
    fetch(config)
    first, _ = found()
    for text, forgets in (("It is open.", False), ("It was open.", True)):
        if forgets:
            clear_states(config)
        stand.routes["/post"] = undated(text)
        fetch(config)
    assert found() == (first, 3)


def clear_states(config: Config) -> None:
    for path in states_of(config.places).iterdir():
        path.unlink()


def test_a_new_tag_of_the_same_feed_is_remembered(stand: Newsstand, config: Config) -> None:
    tags = iter(('"a"', '"b"', '"c"'))
    stand.routes["/post"] = lambda talk: talk.answer(rss(item(1)), ETag=next(tags))
    subscribe(config, stand, "/post")
    assert [fetch(config)["post"].stage for _ in range(3)] == ["done", "unchanged", "unchanged"]
    assert [request.headers.get("if-none-match") for request in stand.requests] == [None, '"a"', '"b"']


def test_what_is_no_text_is_told_by_its_first_bytes(stand: Newsstand, config: Config) -> None:
    def endless(head: bytes) -> Handler:
        def handler(talk: Talk) -> None:
            talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n" + head)
            with suppress(OSError):
                while not talk.stand.closing.is_set():
                    talk.send(bytes(1 << 16))

        return handler

    stand.routes |= {"/a": endless(b"\x89PNG\r\n"), "/b": endless(b"%PDF-1.7"), "/c": endless(b"PK\x03\x04")}
    stand.routes["/d"] = gzip.compress(b"PK\x03\x04" + bytes(9999))
    subscribe(config, stand, "/a", "/b", "/c", "/d")
    told = fetch(config)
    assert {word.failure.why for word in told.values() if word.failure} == {"not-a-feed"}
    reasons = {name: why_not_fetched(word.failure) for name, word in told.items() if word.failure}
    kinds = {"a": "PNG", "b": "PDF", "c": "ZIP", "d": "ZIP"}
    assert reasons == {name: f"it is a {kind} file, no feed" for name, kind in kinds.items()}


def test_a_feed_that_became_a_page_offers_the_feed_of_the_page(stand: Newsstand, config: Config) -> None:
    stand.routes |= {
        "/post": rss(item(1)),
        "/blog": "<!doctype html><link rel=alternate type=application/rss+xml href=/new.xml><body>We have moved",
        "/bare": "<!doctype html><body>Sign in",
    }
    subscribe(config, stand, "/post")
    fetch(config)

    def told() -> FetchProgress:
        return fetch(config)["post"]

    stand.routes["/post"] = redirect("/blog", 301)
    failure = told().failure
    assert failure is not None
    assert (failure.why, failure.where, failure.detail) == ("names-a-feed", stand.url("/blog"), stand.url("/new.xml"))
    assert stand.url("/new.xml") in why_not_fetched(failure)
    stand.routes["/post"] = redirect("/bare", 302)
    failure = told().failure
    assert failure is not None
    assert (failure.why, failure.detail) == ("not-a-feed", "html")
    with Reader.open(config) as reader:
        assert list(reader.ingest())
