"""Who is asked, through the command line and the window: no secret leaves its origin, and what is inside is asked only
for the source that names it. All of it is played on addresses of 127.0.0.0/8, of which the setting opens 127.0.0.2:
that one is as the public internet is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from newsreader.cli import main
from newsreader.config import Config, Source, add_source, load_sources, places
from newsreader.dump import Dump, encode
from newsreader.errors import FetchFailed
from newsreader.reader import Reader
from tests.newsroom import config_in
from tests.newsstand import Newsstand, redirect
from tests.test_fetch import item, rss, whole
from tests.test_ui_app import NOW, Enclosed, Window, until

Run: TypeAlias = Callable[..., tuple[int, str, str]]
BASIC = "Basic bWU6czNjcmV0"
PAGE = f"<!doctype html><main><p>{'The whole story of the tower. ' * 9}</p></main>"


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Config:
    monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path))
    where = places()
    where.make(where.config)
    where.settings_file.write_text('[fetch]\ninside = ["127.0.0.2"]\n')
    return config_in(tmp_path)


@pytest.fixture
def run(config: Config, capsys: pytest.CaptureFixture[str]) -> Run:
    def typed(*words: str) -> tuple[int, str, str]:
        code = main(words)
        told = capsys.readouterr()
        return code, told.out, told.err

    return typed


@pytest.fixture
def lan() -> Iterator[Newsstand]:
    with Newsstand("127.0.0.1") as server:
        server.routes["*"] = PAGE
        yield server


@pytest.fixture
def other_port() -> Iterator[Newsstand]:
    with Newsstand("127.0.0.1") as server:
        server.routes["*"] = PAGE
        yield server


@pytest.fixture
def neighbour() -> Iterator[Newsstand]:
    with Newsstand("127.0.0.3") as server:
        server.routes["*"] = PAGE
        yield server


@pytest.fixture
def public() -> Iterator[Newsstand]:
    with Newsstand("127.0.0.2") as server:
        server.routes["*"] = PAGE
        yield server


def linking(*urls: str, title: str = "Harbour Post") -> bytes:
    """A feed whose items link there."""
    return rss(*(item(n).replace(f"https://harbour.example/{n}", url) for n, url in enumerate(urls)), title=title)


def secrets_in(*stands: Newsstand) -> list[str]:
    """What of the source's secrets these were sent."""
    sent = [request.headers for stand in stands for request in stand.requests]
    return [headers[name] for headers in sent for name in ("authorization", "x-key") if name in headers]


def with_secrets(stand: Newsstand, *, full_text: bool = False) -> None:
    headers = {"X-Key": "sesame"}
    source = Source("Post", stand.url("/feed"), "feed", full_text, headers=headers, user="me", password="s3cret")
    add_source(places(), source)


def test_the_full_texts_of_a_feed_inside(
    run: Run, lan: Newsstand, other_port: Newsstand, neighbour: Newsstand, public: Newsstand
) -> None:
    lan.routes["/feed"] = linking(*(stand.url("/page") for stand in (lan, other_port, neighbour, public)))
    with_secrets(lan, full_text=True)
    code, _, err = run("fetch")
    assert code == 3
    assert "[fetch] inside = [" in err
    assert [len(stand.asked("/page")) for stand in (lan, other_port, neighbour, public)] == [1, 0, 0, 1]
    assert (other_port.requests, neighbour.requests) == ([], [])
    assert secrets_in(public) == []
    assert secrets_in(lan) == [BASIC, "sesame"] * 2


def test_a_feed_of_the_internet_does_not_reach_the_host_of_another_source(
    run: Run, lan: Newsstand, public: Newsstand
) -> None:
    lan.routes["/feed"] = linking(title="Mine")
    public.routes["/feed"] = linking(lan.url("/admin"), public.url("/page"))
    run("add", lan.url("/feed"))
    add_source(places(), Source("Post", public.url("/feed"), "feed", full_text=True))
    assert run("fetch", "--json")[0] == 3
    assert lan.asked("/admin") == []
    assert len(public.asked("/page")) == 1
    with Reader.open(config_in(places().data.parent)) as reader:
        story = reader.by_url(lan.url("/admin"))
        assert story is not None
        with pytest.raises(FetchFailed, match="private-address"):
            list(whole(reader.network.start_full_text(story)))
    assert lan.asked("/admin") == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_take_no_secrets_along_and_lead_nowhere_inside(
    run: Run, lan: Newsstand, other_port: Newsstand, public: Newsstand, status: int
) -> None:
    lan.routes["/feed"] = redirect(public.url("/feed"), status)
    public.routes["/feed"] = rss(item(1))
    with_secrets(lan)
    for n in (2, 3, 4):
        assert run("fetch", "Post")[0] == 0
        public.routes["/feed"] = rss(*(item(n) for n in range(n)))
    assert len(public.asked("/feed")) == 3
    assert len(lan.asked("/feed")) == (1 if status in (301, 308) else 3)
    assert secrets_in(public) == []
    assert set(secrets_in(lan)) == {BASIC, "sesame"}
    public.routes |= {"/feed": redirect(lan.url("/admin"), status), "/feed2": redirect(other_port.url(), status)}
    add_source(places(), Source("Second", public.url("/feed2"), "feed"))
    for _ in range(2):
        told = {word["source"]: word["failure"] for word in json.loads(run("fetch", "Second", "--json")[1])}
        assert told["Second"]["why"] == "private-address"
    assert other_port.requests == []


def test_a_moved_source_that_wants_its_password_says_where_to(run: Run, lan: Newsstand, public: Newsstand) -> None:
    lan.routes["/feed"] = redirect(public.url("/new"), 301)
    public.routes["/new"] = lambda talk: talk.answer(rss(item(1)), 200 if secrets_in(public) else 401)
    with_secrets(lan)
    for _ in range(2):
        code, _, err = run("fetch", "Post")
        assert (code, public.url("/new") in err, "sources.toml" in err) == (3, True, True)
    assert secrets_in(public) == []
    public.routes["/new"] = rss(item(1))
    run("fetch", "Post")
    public.routes["/new"] = lambda talk: talk.answer(b"", 401)
    code, _, err = run("fetch", "Post")
    assert (code, lan.url("/feed") in err, public.url("/new") in err) == (3, True, True)
    assert secrets_in(public) == []
    places().sources_file.write_text(places().sources_file.read_text().replace(lan.url("/feed"), public.url("/new")))
    public.routes["/new"] = rss(item(1))
    assert run("fetch", "Post")[0] == 0
    assert secrets_in(public) == [BASIC, "sesame"]


def test_what_is_added_by_a_moved_address_takes_no_password_along(run: Run, lan: Newsstand, public: Newsstand) -> None:
    public.routes["/feed"] = rss(item(1))
    lan.routes |= {
        "/feed": redirect(public.url("/feed"), 301),
        "/page": f"<html><link rel=alternate type=application/rss+xml href={lan.url('/mine')}>",
        "/mine": rss(item(2), title="Mine"),
    }
    assert run("add", lan.url("/feed", user="me:s3cret"))[0] == 0
    assert run("add", lan.url("/page", user="me:s3cret"))[0] == 0
    assert [(one.location, one.password) for one in load_sources(places())] == [
        (public.url("/feed"), ""),
        (lan.url("/mine"), "s3cret"),
    ]
    assert run("fetch")[0] == 0
    assert secrets_in(public) == []
    assert secrets_in(lan) == [BASIC] * 4


def test_the_feed_link_of_a_page_does_not_lead_inside(run: Run, lan: Newsstand, public: Newsstand) -> None:
    public.routes["/"] = f"<html><link rel=alternate type=application/rss+xml href={lan.url('/feed')}><body>x"
    lan.routes["/feed"] = rss(item(1))
    code, _, err = run("add", public.url())
    assert (code, lan.requests, load_sources(places())) == (3, [], ())
    assert 'inside = ["127.0.0.1"]' in err
    assert run("add", lan.url("/feed"))[0] == 0


def test_the_entries_of_a_remote_archive_do_not_lead_inside(run: Run, lan: Newsstand, public: Newsstand) -> None:
    there = encode(Dump("There", "https://h.example/1", 1_600_000_000_000, "<p>x</p>"))
    public.routes |= {
        "/README.md": "Far News\n------\n\n[HP](lists/HP.md)\n",
        "/lists/HP.md": f"HP\n------\n\n[a](/articles/HP/2.md)\n\n[b]({lan.url('/articles/HP/3.md')})\n",
        "/articles/HP/2.md": redirect(lan.url("/2.md")),
    }
    lan.routes["*"] = there
    assert run("add", public.url("/"))[0] == 0
    run("fetch")
    assert "[fetch] inside" in run("doctor")[1]
    assert lan.requests == []


def test_a_list_of_feeds_says_which_of_them_are_inside(run: Run, tmp_path: Path) -> None:
    inside = (
        "http://192.168.1.1/feed",
        "http://nas.lan:8080/",
        "http://me:s3cret@localhost/",
        "http://[::1]:1/",
        "http://box/",
    )
    outside = ("https://news.example/feed", "http://93.184.216.34/")
    opml = tmp_path / "list.opml"
    opml.write_text("".join(f"<outline xmlUrl='{url}' text='x'/>" for url in (*inside, *outside)))
    _, _, err = run("import-opml", str(opml))
    assert "192.168.1.1, [::1]:1, box, localhost, nas.lan:8080;" in err
    assert "own network" not in run("import-opml", str(opml))[2]


def test_no_password_stands_in_the_cache(run: Run, lan: Newsstand) -> None:
    lan.routes |= {"/old": redirect("/feed", 301), "/feed": lambda talk: talk.answer(rss(item(1)), ETag='"a"')}
    places().sources_file.write_text(
        f'[[source]]\nname = "By hand"\nlocation = "{lan.url("/old", user="me:s3cret")}"\nkind = "feed"\n'
    )
    for _ in range(2):
        assert run("fetch", "By hand")[0] == 0
    assert len(lan.asked("/old")) == 1
    assert set(secrets_in(lan)) == {BASIC}
    kept = [path for path in places().cache.rglob("*") if path.is_file()]
    assert any("fetch" in path.parts for path in kept)
    assert not [path for path in kept if b"s3cret" in path.read_bytes() or "s3cret" in path.name]
    from hashlib import sha256

    with_password = sha256(lan.url("/old", user="me:s3cret").encode()).hexdigest()
    assert not [path for path in kept if path.stem and with_password.startswith(path.stem)]


@pytest.fixture
def two_fetched(config: Config, lan: Newsstand, public: Newsstand) -> None:
    """A source with secrets that has moved, and one whose story leads inside."""
    public.routes["/feed"] = linking(lan.url("/admin"))
    lan.routes["/feed"] = redirect(public.url("/moved"), 301)
    public.routes["/moved"] = linking(title="Moved")
    with_secrets(lan)
    add_source(config.places, Source("Public", public.url("/feed"), "feed"))
    with Reader.open(config) as reader:
        list(reader.network.fetch())
        list(reader.ingest())


async def test_the_window_asks_as_the_command_line_does(
    config: Config, two_fetched: None, lan: Newsstand, public: Newsstand
) -> None:
    with Reader.open(config) as reader:
        app = Enclosed(config, reader, environ={}, clock=lambda: NOW)
        async with app.run_test(size=(80, 24)) as pilot:
            w = Window(app, pilot)
            await until(lambda: not app.indexing.is_running)
            await w.press("enter", "x")
            await until(lambda: bool(app.fetches.failures))
            await w.press("E")
            assert "inside your own network" in w.screen
            await w.press("escape", "r")
            await until(lambda: not app.fetches.is_running)
    assert lan.asked("/admin") == []
    assert secrets_in(public) == []
    assert len(public.asked("/moved")) == 2
