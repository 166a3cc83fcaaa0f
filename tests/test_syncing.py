"""Syncing with a server: stories come, marks go both ways, and none is lost, whatever breaks when."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import TypeAlias

import apsw
import pytest

from newsreader.cli import main
from newsreader.config import Places, Source, add_source, change_source, load_sources, places
from newsreader.errors import FetchFailed
from newsreader.fetch import FetchProgress
from newsreader.identity import story_id, story_key
from newsreader.library import MARKS_FILE, Marks
from newsreader.library.db import sid
from newsreader.library.mark_kinds import Change
from newsreader.reader import Reader
from newsreader.reader.fetching import fetched
from newsreader.reader.servers import agreement_with, change_feed, standings
from tests.feedserver import FEVER, GREADER, PASSWORD, TTRSS, USER, FeedServer, Miniflux
from tests.newsroom import config_in
from tests.newsstand import Talk

Run: TypeAlias = Callable[..., tuple[int, str, str]]
Ending: TypeAlias = "Callable[[Newsreader, int], bool]"
Flags: TypeAlias = tuple[bool, bool, frozenset[str]]
PLACES = {"greader": GREADER, "fever": FEVER, "ttrss": TTRSS}


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as found:
        yield found


class Newsreader:
    """One installation, whose one source is the server."""

    def __init__(self, home: Path, server: FeedServer, api: str = "greader", **terms: object) -> None:
        self.places: Places = config_in(home).places
        self.server = server
        terms = {"location": server.url(PLACES[api]), "api": api, **terms}
        add_source(self.places, Source("there", kind="server", user=USER, password=PASSWORD, **terms))  # type: ignore[arg-type]

    def sync(self) -> FetchProgress:
        """The last word about it."""
        return [word for word in fetched(self.places, ["there"]) if word.is_last][-1]

    def failure(self) -> FetchFailed:
        """Why it fails, as it must."""
        failure = self.sync().failure
        assert failure is not None
        return failure

    def mark(self, mark: str, value: bool, *ids: int) -> None:
        """Mark stories, as one action."""
        with closing(Marks(self.places.data / MARKS_FILE, makes=True)) as marks:
            marks.set("read", [self._change(mark, value, n) for n in ids])

    def _change(self, mark: str, value: bool, n: int) -> Change:
        key = self.key(n)
        text = None if not value else "1795000000000:a1" if mark == "read" else "1"
        return Change(sid(story_id(key)), key, mark, text)

    def key(self, n: int) -> str:
        return story_key(self.server.stories[n].url)

    def state(self) -> dict[int, Flags]:
        """Read, starred and tags of each story of the server's."""
        with closing(Marks(self.places.data / MARKS_FILE)) as marks:
            found = {n: marks.of(sid(story_id(self.key(n)))) for n in self.server.stories}
        return {
            n: ("read" in of, "starred" in of, frozenset(m.removeprefix("tag/") for m in of if m.startswith("tag/")))
            for n, of in found.items()
        }

    def dumps(self) -> list[Path]:
        return sorted((self.places.data / "archive" / "there" / "articles").rglob("*.md"))


@pytest.fixture
def here(tmp_path: Path, server: FeedServer) -> Newsreader:
    return Newsreader(tmp_path / "here", server)


# --- as it is typed -----------------------------------------------------------------------------------------------


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path / "home"))

    def typed(*words: str) -> tuple[int, str, str]:
        code = main(words)
        told = capsys.readouterr()
        return code, told.out, told.err

    return typed


def test_a_server_is_added_synced_and_read(server: FeedServer, run: Run, tmp_path: Path) -> None:
    server.add(3)
    server.stories[2].title = "\x1b[31m渡轮\x07 <b>停航</b>"
    server.stories[2].body = "<script>alert(1)</script><p>海上有雾。\x1b]0;x\x07</p>"
    server.stories[3].read = server.stories[3].starred = True
    server.feeds[2] |= {"title": "\x1b[2J海港", "error": "404"}
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD + "\n")
    given = ("add", "--server", server.url(), "--user", USER, "--password-file", str(secret))
    places().config.parent.mkdir(parents=True, exist_ok=True)
    places().config.symlink_to("/proc/nowhere/at/all")
    code, out, err = run(*given)
    assert (code, out, f'"{places().sources_file}" cannot be read or written' in err) == (3, "", True)
    places().config.unlink()
    code, out, err = run(*given)
    assert (code, "Google Reader API, 2 feeds" in err) == (0, True)
    assert "[Port]  Harbour Post  https://harbour.example/feed\n" in out
    assert "\x1b" not in out + err
    (source,) = load_sources(places())
    assert (source.kind, source.api, source.location) == ("server", "greader", server.url(GREADER))
    assert (source.password, source.password_file) == ("", str(secret))
    code, out, err = run("fetch")
    assert (code, out) == (0, "127.0.0.1: 3 new\n")
    rows = {row["title"]: row for row in json.loads(run("list", "--json")[1])}
    assert {(row["read"], row["starred"], row["source"]) for row in rows.values()} == {
        (False, False, "Harbour Post"),
        (True, True, "Harbour Post"),
    }
    assert not any("\x1b" in title or "\x07" in title for title in rows)
    story = rows["Story 1"]["id"]
    assert run("mark", "--read", story)[0] == 0
    assert run("tag", "later", story)[0] == 0
    told = json.loads(run("sources", "--added", "--json")[1])[0]["server"]
    assert (told["waiting"], [feed["folder"] for feed in told["feeds"]]) == (2, ["Port", "中文"])
    assert "2 marks waiting to be sent" in run("doctor")[1]
    assert PASSWORD not in "".join(run("sources", "--added", "--json")[1:])
    with server.lock:
        server.stories[3].starred = False
    assert run("fetch")[0] == 0
    assert server.state()[1] == (True, False, frozenset({"later"}))
    rows = {row["title"]: row for row in json.loads(run("list", "--json")[1])}
    assert (rows["Story 1"]["read"], rows["Story 3"]["starred"], rows["Story 3"]["changed"]) == (True, False, False)
    with Reader.open(config_in(tmp_path / "home")) as reader:
        undone = reader.marks.undo()
        assert undone is not None
        assert undone.what == "tag:later"  # what came from the server is passed over
    assert run("fetch")[0] == 0
    assert server.state()[1] == (True, False, frozenset())
    server.routes[f"{GREADER}/*"] = lambda talk: talk.answer("<html>maintenance", 503)
    code, out, err = run("fetch")
    assert code == 3
    assert "overburdened" in err


def test_feeds_are_added_moved_and_removed_on_a_server(server: FeedServer, run: Run, tmp_path: Path) -> None:
    terms = ("--user", USER, "--password-file", "-")
    with (tmp_path / "in").open("w+") as file, pytest.MonkeyPatch.context() as patch:
        file.write(PASSWORD + "\nmore\n")
        file.seek(0)
        patch.setattr("sys.stdin", file)
        assert run("add", "--server", server.url(), "--name", "mine", *terms)[0] == 0
    url = "https://new.example/feed"
    assert run("add", url, "--on", "mine", "--folder", "Port")[0] == 0
    assert server.feeds[3] == {"title": url, "url": url, "folder": "Port", "error": ""}
    assert run("add", url, "--on", "mine", "--folder", "中文", "--name", "New")[0] == 0
    assert server.feeds[3] == {"title": "New", "url": url, "folder": "中文", "error": ""}
    (tmp_path / "secret").write_text(PASSWORD)
    assert run("add", "--server", server.url(), "--user", USER, "--password-file", str(tmp_path / "secret"))[0] == 0
    assert (load_sources(places())[0].password, len(load_sources(places()))) == ("", 1)
    change_feed(places(), load_sources(places())[0], "New", title="Newer")
    code, _, err = run("remove", "New", "--on", "mine")
    assert (code, "has no feed" in err) == (2, True)
    assert run("remove", "Newer", "--on", "mine")[0] == 0
    assert list(server.feeds) == [1, 2]
    assert run("add", url, "--on", "nobody")[0] == 2
    code, _, err = run("add", "--server", server.url(), "--user", USER, "--password-file", str(tmp_path / "none"))
    assert (code, "cannot be had" in err) == (3, True)
    (tmp_path / "wrong").write_text("wrong")
    code, _, err = run("add", "--server", server.url(), "--user", USER, "--password-file", str(tmp_path / "wrong"))
    assert (code, "refuses the user name or password" in err, "wrong" in err) == (3, True, False)
    code, _, err = run("add", "--server", server.url())
    assert (code, "no terminal to ask" in err) == (2, True)


# --- each API -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", PLACES)
def test_marks_go_both_ways(api: str, server: FeedServer, tmp_path: Path) -> None:
    server.add(230)
    server.labels.add("later")
    for n in range(1, 200):
        server.stories[n].read = True
    server.stories[5].starred = True
    labelled = frozenset() if api == "fever" else frozenset({"later"})
    server.stories[6].labels |= labelled
    here = Newsreader(tmp_path, server, api)
    assert (word := here.sync()).failure is None
    assert word.added == 31 + 1 + len(labelled)
    assert len(here.dumps()) == word.added
    assert here.state()[5] == (True, True, frozenset())
    assert here.state()[210] == (False, False, frozenset())
    here.mark("read", True, *range(210, 231))
    here.mark("starred", True, 220)
    here.mark("starred", False, 5)
    here.mark("read", False, 5)
    here.mark("tag/later", True, 221)
    server.mark("read", True, [201])
    server.mark("starred", True, [202])
    assert here.sync().failure is None
    assert (here.state()[201], here.state()[202]) == ((True, False, frozenset()), (False, True, frozenset()))
    assert server.state()[220] == (True, True, frozenset())
    assert server.state()[5] == (False, False, frozenset())
    assert server.state()[221] == (True, False, labelled)
    edits = len(server.edits)
    assert here.sync().failure is None
    assert len(server.edits) == edits  # what is agreed is not sent again, nor what came sent back
    here.mark("tag/made-up", True, 203)  # a label that tt-rss has not and cannot make, and Fever has none at all
    last = here.sync()
    assert last.failure is None
    assert [fault.why for fault in last.partly] == (["not-taken"] if api == "ttrss" else [])
    assert server.stories[203].labels == ({"made-up"} if api == "greader" else set())


@pytest.mark.parametrize("api", [None, *PLACES])
def test_a_server_written_by_hand_needs_no_more_than_its_address(
    api: str | None, server: FeedServer, tmp_path: Path
) -> None:
    server.add(2)
    found = config_in(tmp_path).places
    add_source(found, Source("there", server.url(), "server", user=USER, password=PASSWORD, api=api))  # type: ignore[arg-type]
    said = found.sources_file.read_text()
    assert [word.added for word in fetched(found, []) if word.is_last] == [2]
    assert found.sources_file.read_text() == said
    place = PLACES[api or "greader"]
    server.requests.clear()
    (last,) = (word for word in fetched(found, []) if word.is_last)
    assert last.failure is None
    assert all(request.path.startswith(place) for request in server.requests)
    del server.routes[f"{GREADER}/*"]
    stages = [word.stage for _ in range(2) for word in fetched(found, []) if word.is_last]
    assert stages == ["failed" if api in (None, "greader") else "done"] * 2  # no other API takes its place
    with closing(Marks(found.data / MARKS_FILE)) as marks:
        key = story_key(server.stories[1].url)
        marks.set("read", [Change(sid(story_id(key)), key, "starred", "1")])
    if api == "fever":
        return
    server.stories = {n + 7: one for n, one in server.stories.items()}  # as another API may name them
    for n, one in server.stories.items():
        one.id = n
    change_source(found, server.url(), "api", "fever")
    (last,) = (word for word in fetched(found, []) if word.is_last)
    assert (last.failure, server.state()[8]) == (None, (False, True, frozenset()))


@pytest.mark.parametrize("api", ["greader", "fever"])
def test_marks_go_both_ways_with_miniflux(api: str, tmp_path: Path) -> None:
    with Miniflux() as server:
        server.add(230, first=90)
        server.page = 100
        for n in range(90, 100):
            server.stories[n].starred = True
        here = Newsreader(tmp_path, server, api, location=server.url(), keep_days=36_500)
        assert (word := here.sync()).failure is None
        assert word.added == 230
        here.mark("read", True, 100, 256, 300)
        here.mark("starred", True, *range(110, 120))
        here.mark("starred", False, 90)
        here.mark("tag/later", True, 101)  # there are none
        server.mark("starred", True, [112])  # once more would take it away
        server.mark("read", True, [101])
        for n in range(95, 100):
            del server.stories[n]
        assert (word := here.sync()).failure is None
        assert [fault.why for fault in word.partly] == ([] if api == "fever" else ["not-taken"])
        marked = [n for n, (read, *_) in server.state().items() if read]
        starred = [n for n, (_, starred, _) in server.state().items() if starred]
        assert marked == [100, 101, 256, 300]
        assert starred == [91, 92, 93, 94, *range(110, 120)]
        here.mark("starred", True, 120)
        server.breaks = when("edit", lambda talk: talk.answer("", 502), times=1)
        here.sync()
        assert here.sync().failure is None
        assert server.stories[120].starred


def test_a_story_that_is_fetched_directly_is_the_same_one(server: FeedServer, here: Newsreader) -> None:
    (one, again) = server.add(2)
    again.url, again.feed = one.url + "?utm_source=again", 2
    here.mark("read", True, 1)  # as when its feed was read here before
    assert here.sync().added == 2
    assert server.state() == {1: (True, False, frozenset()), 2: (True, False, frozenset())}
    with closing(Marks(here.places.data / MARKS_FILE)) as marks:  # and what was read here stays what it was
        assert marks.of(sid(story_id(here.key(1))))["read"] == "1795000000000:a1"
    server.mark("read", False, [2])
    here.sync()
    assert not here.state()[1][0]
    assert not server.stories[1].read


@pytest.mark.parametrize("spell", ["{:016x}", "tag:google.com,2005:reader/item/{:016x}", "{}"])
def test_ids_may_be_spelled_in_any_way(spell: str, server: FeedServer, here: Newsreader) -> None:
    server.add(3, first=0x0006615D6CBDE870)
    server.spell = lambda n: spell.format(n)
    assert here.sync().added == 3
    here.mark("read", True, 0x0006615D6CBDE871)
    here.sync()
    assert server.edits == [("read", True, 0x0006615D6CBDE871)]
    assert here.sync().added == 0


# --- as it breaks -------------------------------------------------------------------------------------------------


def when(
    what: str, answer: Callable[[Talk], object], *, times: int = 1000, after: int = 0, only: bytes = b""
) -> Callable[[str, Talk], bool]:
    """Breaks what is asked for, so many times, after it was answered so many times; `only` where that is said."""
    seen = 0

    def breaks(asked: str, talk: Talk) -> bool:
        nonlocal seen
        seen += asked == what
        if asked != what or not after < seen <= after + times or only not in talk.request.body:
            return False
        answer(talk)
        return True

    return breaks


def test_a_list_that_came_incomplete_marks_nothing(server: FeedServer, here: Newsreader) -> None:
    server.add(50)
    server.page = 10
    here.sync()
    for answer, why in (
        (lambda talk: talk.answer("<html>sign in", 200), "not-an-answer"),
        (lambda talk: talk.answer("", 500), "status"),
        (lambda talk: talk.answer("{}"), "not-an-answer"),
        (lambda talk: talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), "cut-short"),
        (lambda talk: talk.answer('{"itemRefs": [{"id": "1"}], "continuation": "x"}'), "changing"),
    ):
        server.breaks = when("stream/items/ids", answer, after=2)
        assert here.failure().why == why
        assert not any(read for read, *_ in here.state().values())
    server.breaks = lambda what, talk: False
    assert here.sync().failure is None
    assert server.edits == []


def test_what_is_marked_waits_until_the_server_says_ok(server: FeedServer, here: Newsreader) -> None:
    server.add(60)
    here.sync()
    here.mark("read", True, *range(1, 61))
    half: list[int] = []

    def halfway(talk: Talk) -> None:
        half.append(1)
        server.mark("read", True, range(1, 30))
        talk.answer("", 500)

    server.breaks = when("edit", halfway)
    failure = here.failure()
    assert (failure.why, failure.status) == ("status", 500)
    assert len(half) < 10
    (told,) = standings(here.places)
    assert told.standing is not None
    assert told.standing.waiting == 60
    assert "500" in told.standing.why
    server.breaks = when("edit", lambda talk: talk.answer("<html>maintenance"), times=1)
    assert here.sync().failure is None
    assert all(read for read, *_ in server.state().values())
    (told,) = standings(here.places)
    assert told.standing is not None
    assert (told.standing.waiting, told.standing.refused, told.standing.synced > 0) == (0, 0, True)


def test_one_story_that_is_refused_holds_up_no_other(server: FeedServer, here: Newsreader) -> None:
    server.add(10)
    here.sync()
    here.mark("read", True, *range(1, 11))
    bad = f"item%2F{server.stories[4].id:016x}&".encode()
    server.breaks = when("edit", lambda talk: talk.answer("Bad Request!", 400), only=bad)
    last = here.sync()
    assert (last.failure, [fault.why for fault in last.partly]) == (None, ["not-taken"])
    assert [n for n, (read, *_) in server.state().items() if not read] == [4]
    here.mark("read", False, 4)  # it agrees with the server again
    assert here.sync().partly == ()


def test_a_mark_that_is_never_taken_holds_up_no_other_mark(server: FeedServer, here: Newsreader) -> None:
    server.add(10)
    here.sync()
    here.mark("read", True, *range(1, 11))
    here.mark("starred", True, 2)
    server.breaks = when("edit", lambda talk: talk.answer("Bad Request!", 400), only=b"%2Fread")
    assert [fault.why for fault in here.sync().partly] == ["not-taken"]
    assert [n for n, (read, starred, *_) in server.state().items() if starred and not read] == [2]


def test_sessions_that_end_in_the_middle_are_begun_again(server: FeedServer, tmp_path: Path) -> None:
    server.add(120)
    for api in ("greader", "ttrss"):
        here = Newsreader(tmp_path / api, server, api)
        count = 0

        def ends(what: str, talk: Talk) -> bool:
            nonlocal count
            count += 1
            if count % 4 == 0:
                server.renew()
            return False

        server.breaks = ends
        assert here.sync().added == 120
        here.mark("starred", True, 1, 2, 3)
        server.renew()
        assert here.sync().failure is None


def test_a_damaged_agreement_and_lost_marks_take_nothing_away(server: FeedServer, here: Newsreader) -> None:
    server.add(6)
    here.sync()
    here.mark("read", True, 1)
    server.mark("starred", True, [2])
    here.sync()
    here.mark("starred", True, 3)
    (agreed,) = (here.places.data / "servers").glob("*.db")
    agreed.write_bytes(b"nonsense" * 999)
    for ending in ("-wal", "-shm"):
        Path(f"{agreed}{ending}").unlink(missing_ok=True)
    assert here.sync().failure is None
    state = here.state()
    assert state == server.state()
    assert (state[1][0], state[2][1], state[3][1]) == (True, True, True)
    marks = here.places.data / MARKS_FILE
    for path in here.places.data.glob(f"{MARKS_FILE}*"):
        path.unlink()
    assert not marks.exists()
    assert here.sync().failure is None
    assert here.state() == server.state() == state  # what the marks lack was not taken away by anybody


def test_a_star_that_the_server_has_no_longer_is_nobodys_to_take(server: FeedServer, here: Newsreader) -> None:
    server.add(4)
    for n in (1, 2):
        server.mark("starred", True, [n])
        server.mark("tag/later", True, [n])
    here.sync()
    server.mark("starred", False, [1])
    gone = server.stories.pop(2)
    assert here.sync().failure is None
    server.stories[2] = gone
    assert here.state()[1] == (False, False, frozenset({"later"}))
    assert here.state()[2][1:] == (True, frozenset({"later"}))
    assert server.edits == []


def test_what_a_server_fails_to_fetch_is_named(server: FeedServer, tmp_path: Path) -> None:
    server.feeds[2]["error"] = "404"
    here = Newsreader(tmp_path, server, "ttrss")
    assert [(fault.why, fault.detail) for fault in here.sync().partly] == [("feed-there", "海港日报: 404")]


def test_two_users_of_one_server_are_two(server: FeedServer, here: Newsreader) -> None:
    server.add(2)
    server.mark("starred", True, [1])
    here.sync()
    (source,) = load_sources(here.places)
    add_source(here.places, source._replace(user="bob"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.feedserver.USER", "bob")
        server.mark("starred", False, [1])
        assert here.sync().added == 2
    assert here.state()[1][1]
    assert server.edits == [("starred", True, 1)]  # bob's was never starred: what is so here goes there


def test_stories_whose_folder_was_deleted_come_again(server: FeedServer, here: Newsreader) -> None:
    server.add(3)
    here.sync()
    here.mark("read", True, 1)
    here.sync()
    server.mark("read", False, [1])
    for path in sorted((here.places.data / "archive" / "there").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (here.places.data / "archive" / "there").rmdir()
    assert here.sync().added == 3
    assert here.state() == server.state()


def test_requests_are_few(server: FeedServer, tmp_path: Path) -> None:
    server.add(250)
    server.page = 100
    server.labels |= {"later", "port"}
    server.stories[1].labels |= {"later"}
    server.mark("starred", True, [3])
    here = Newsreader(tmp_path, server, keep_days=36_500)
    here.sync()
    assert len(server.asked_for) <= 6 + 2 + 2 + 2 + 1 + 3  # pages of unread and of recent, T, and texts
    server.requests.clear()
    server.asked_for.clear()
    assert here.sync().added == 0
    assert len(server.requests) <= 6 + 2 + 2 + 2
    here.mark("read", True, 1, 2)
    here.mark("starred", False, 3)
    server.add(1, first=251)  # for which the lists are looked at once more
    server.asked_for.clear()
    here.sync()
    assert server.asked_for.count("edit") == 2
    assert here.state() == server.state()


# --- the law ------------------------------------------------------------------------------------------------------


class Person:
    """Somebody with a newsreader, who knows what was marked here since it was synced last."""

    def __init__(self, home: Path, server: FeedServer) -> None:
        self.newsreader = Newsreader(home, server)
        self.touched: set[tuple[str, int]] = set()
        self.agreed: set[tuple[str, int]] | None = set()  # None after a sync that was killed: nobody knows
        self._marks = Marks(self.newsreader.places.data / MARKS_FILE, makes=True)

    def close(self) -> None:
        self._marks.close()

    def held(self) -> list[int]:
        """The stories that are here: what was read elsewhere before it came never does."""
        return sorted({int(path.stem.rpartition(" ")[2]) for path in self.newsreader.dumps()})

    def marks(self) -> set[tuple[str, int]]:
        """What is marked of them."""
        state = self.newsreader.state()
        return {
            (mark, n)
            for n in self.held()
            for read, starred, tags in [state[n]]
            for mark in (*["read"] * read, *["starred"] * starred, *(f"tag/{tag}" for tag in tags))
        }

    def act(self, chance: random.Random) -> None:
        """Mark some stories, or take the last action back."""
        before = self.marks()
        if chance.random() < 0.25:
            self._marks.undo()
        else:
            mark, value = chance.choice(["read", "read", "starred", "tag/later"]), chance.random() < 0.6
            ids = chance.sample(self.held(), chance.randint(1, 5))
            self._marks.set("read", [self.newsreader._change(mark, value, n) for n in ids])
        self.touched |= before ^ self.marks()

    def sync(self, chance: random.Random, ends: Ending | None = None) -> None:
        """Sync, perhaps killed or cut at some request; what the server was told is what was touched here."""
        server = self.newsreader.server
        before, edits = self.marks(), len(server.edits)
        done = ends(self.newsreader, chance.randint(1, 9)) if ends else self.newsreader.sync().failure is None
        assert {(mark, n) for mark, _, n in server.edits[edits:]} <= self.touched
        if done:
            there = {(m, n) for m in ("read", "starred", "tag/later") for n in self.held() if _has(server, m, n)}
            assert self.marks() == there
            changed = set() if self.agreed is None else before ^ self.agreed
            assert before & changed <= there
            assert not (changed - before) & there
            self.touched = set()
        self.agreed = there if done else None


def _has(server: FeedServer, mark: str, n: int) -> bool:
    one = server.stories[n]
    return {"read": one.read, "starred": one.starred, "tag/later": "later" in one.labels}[mark]


def _killed(newsreader: Newsreader, after: int) -> bool:
    """Sync in a process that is killed when it asks so many times, before or after it is answered; whether it ended
    before that."""
    child = os.fork()
    if not child:
        try:
            os._exit(0 if newsreader.sync().failure is None else 1)
        finally:
            os._exit(2)
    server = newsreader.server
    count = 0

    def breaks(what: str, talk: Talk) -> bool:
        nonlocal count
        count += 1
        if count != after:
            return False
        os.kill(child, signal.SIGKILL)
        return after % 2 == 0  # what was asked last is done or not

    server.breaks = breaks
    _, status = os.waitpid(child, 0)
    server.breaks = lambda what, talk: False
    with server.lock:
        return os.waitstatus_to_exitcode(status) == 0


def _cut(newsreader: Newsreader, after: int) -> bool:
    """Sync over a line that breaks when something is asked for the so many-th time, before it is done or while that is
    answered; whether it ended before that."""
    count = 0

    def breaks(what: str, talk: Talk) -> bool:
        nonlocal count
        count += 1
        if count == after:
            talk.answer = lambda *_, **__: talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")  # type: ignore[method-assign]
        return count == after and after % 2 == 0

    newsreader.server.breaks = breaks
    done = newsreader.sync().failure is None
    newsreader.server.breaks = lambda what, talk: False
    return done


def all_agree(home: Path, server: FeedServer, steps: int, seed: int) -> None:
    """Two newsreaders, a phone and a server; whatever is marked, undone, synced, killed and cut, they end agreeing."""
    chance = random.Random(seed)
    server.add(40)
    people = [Person(home / name, server) for name in ("one", "two")]
    for person in people:
        person.sync(chance)
    for _ in range(steps):
        person = chance.choice(people)
        match chance.random():
            case luck if luck < 0.6:
                person.act(chance)
            case luck if luck < 0.75:
                server.mark(
                    chance.choice(["read", "starred"]), chance.random() < 0.5, [chance.choice(list(server.stories))]
                )
                server.add(luck > 0.7, first=len(server.stories) + 1)
            case luck:
                person.sync(chance, _killed if luck > 0.92 else _cut if luck > 0.87 else None)
    for person in (*people, *people):
        person.sync(chance)
    both = {n for n in people[0].held() if n in people[1].held()}
    assert len(both) >= 40
    for person in people:
        assert {n: flags for n, flags in person.newsreader.state().items() if n in both} == {
            n: flags for n, flags in server.state().items() if n in both
        }
    for person in people:
        person.close()


def test_two_newsreaders_and_a_server_agree(server: FeedServer, tmp_path: Path) -> None:
    all_agree(tmp_path, server, 60, 8)


def test_what_is_agreed_cannot_be_had_without_marks_that_last(server: FeedServer, here: Newsreader) -> None:
    server.add(2)
    here.sync()
    here.mark("read", True, 1)
    here.sync()
    marks = here.places.data / MARKS_FILE
    marks.chmod(0o400)
    if os.access(marks, os.W_OK):
        marks.write_bytes(marks.read_bytes()[:60] + (99).to_bytes(4, "big") + marks.read_bytes()[64:])  # a newer one's
    assert here.failure().why == "disk"
    assert server.state()[1][0]
    with agreement_with(here.places, load_sources(here.places)[0]) as agreement:
        assert agreement.standing(bool).waiting == 0


def _killed_at_commit(newsreader: Newsreader, number: int) -> bool:
    """Sync in a process that is killed just before it commits for the so many-th time, to whichever file; whether it
    ended before that."""
    child = os.fork()
    if not child:
        left = iter(range(number - 1))

        def commits() -> bool:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return False

        apsw.connection_hooks.append(lambda db: db.set_commit_hook(commits))
        try:
            os._exit(0 if newsreader.sync().failure is None else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def test_a_kill_between_two_commits_loses_nothing(server: FeedServer, tmp_path: Path) -> None:
    all_commits(tmp_path, server, 5)  # an even step would only ever meet one of the two files


def all_commits(tmp_path: Path, server: FeedServer, step: int) -> None:
    """A sync that is killed before every so many-th of its commits ends, when it is done again, as if it never was."""
    server.add(12)
    server.labels = {"later"}
    before = Newsreader(tmp_path / "before", server)
    before.sync()
    for mark, ours, theirs in (("read", [1, 2, 3], [3, 4]), ("starred", [1, 5], [5, 6]), ("tag/later", [7], [8])):
        before.mark(mark, True, *ours)
        server.mark(mark, True, theirs)
    server.add(3, first=13, starred=True)
    stories, ends = deepcopy(server.stories), set()
    for number in range(1, 1000, step):
        with server.lock:
            server.stories = deepcopy(stories)
        shutil.copytree(tmp_path / "before", tmp_path / str(number))
        here = Newsreader(tmp_path / str(number), server)
        is_done = _killed_at_commit(here, number)
        assert here.sync().failure is None
        assert here.state() == server.state(), number
        ends.add(repr(sorted(here.state().items())))
        if is_done:
            break
    assert number > 10
    assert len(ends) == 1
    read = [n for n, (read, *_) in here.state().items() if read]
    assert read == [1, 2, 3, 4]


@pytest.mark.parametrize("api", [None, *PLACES])
def test_user_and_password_may_stand_in_the_location_and_nowhere_else(
    api: str | None, server: FeedServer, tmp_path: Path
) -> None:
    server.add(1)
    found = config_in(tmp_path).places
    location = server.url(user=f"{USER}:{PASSWORD}")
    add_source(found, Source("there", location, "server", api=api))  # type: ignore[arg-type]
    for added in (1, 0):
        (last,) = (word for word in fetched(found, []) if word.is_last)
        assert (last.failure, last.added) == (None, added)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path != found.sources_file]
    assert kept
    assert not [path for path in kept if PASSWORD.encode() in path.read_bytes()]


def test_a_location_that_is_none_ends_no_fetch(server: FeedServer, tmp_path: Path) -> None:
    server.add(1)
    found = config_in(tmp_path).places
    for name, location in (("wrong", "ftp://me:sesame@h.example/"), ("there", server.url())):
        add_source(found, Source(name, location, "server", user=USER, password=PASSWORD))
    told = {word.source: word for word in fetched(found, []) if word.is_last}
    assert told["there"].added == 1
    failure = told["wrong"].failure
    assert failure is not None
    assert (failure.why, failure.where) == ("unsafe-url", "ftp://h.example/")


# --- passwords ----------------------------------------------------------------------------------------------------


def test_a_password_comes_from_where_it_is_said_to_be(server: FeedServer, tmp_path: Path) -> None:
    server.add(1)
    program = tmp_path / "a program; exit 3"
    program.write_text(f"#!{sys.executable}\nimport sys\nprint(sys.argv[1])\nprint('more')\n")
    program.chmod(0o700)
    plain = Source("there", server.url(GREADER), "server", user=USER)
    for n, (terms, why) in enumerate(
        [
            ({"password_command": (str(program), PASSWORD)}, ""),
            ({"password_command": (str(program), "$(echo wrong)")}, "login"),
            ({"password_command": ("false",)}, "password"),
            ({"password_command": (str(tmp_path / "missing"),)}, "password"),
            ({"password_file": str(tmp_path / "missing")}, "password"),
            ({"password_file": "/dev/null"}, "password"),
        ]
    ):
        found = config_in(tmp_path / str(n)).places
        add_source(found, plain._replace(**terms))  # type: ignore[arg-type]
        assert load_sources(found)[0].has_secrets
        (last,) = (word for word in fetched(found, []) if word.is_last)
        assert (last.failure.why if last.failure else "") == why
