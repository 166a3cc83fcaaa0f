"""Fetching from a real server on loopback that can misbehave: what comes is whole dumps, a fault costs one source."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsreader.article import Furniture, plain
from newsreader.cli import main
from newsreader.config import Config, Source, add_source, add_sources, load_sources
from newsreader.dump import Dump, decode, encode, looks_like_dump
from newsreader.errors import FetchFailed, Gone, NotFound, TryLater
from newsreader.fetch import FetchProgress
from newsreader.fetch import fetch as fetch_sources
from newsreader.fetch.request_terms import Limits
from newsreader.fetch.state import load_state
from newsreader.files import put_whole
from newsreader.reader import Reader
from newsreader.reader.fulltext import _original
from tests.newsroom import Story, config_in
from tests.newsstand import (
    Newsstand,
    conditional,
    dies,
    gzip_bomb,
    late,
    packed_zeros,
    redirect,
    says_length,
    without_length,
)

HOME = Path(__file__).resolve().parents[1]


@pytest.fixture
def stand() -> Iterator[Newsstand]:
    with Newsstand() as server:
        yield server


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


def rss(*items: str, title: str = "Harbour Post") -> bytes:
    head = f"<rss version='2.0'><channel><title>{title}</title><link>https://harbour.example/</link>"
    return f"{head}{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>".encode()


def item(n: int, text: str = "The first ferry left before the fog did.", title: str = "Night ferry") -> str:
    return (
        f"<title>{title} {n}</title><link>https://harbour.example/{n}</link><guid>tag:harbour.example,2026:{n}</guid>"
        f"<pubDate>Sun, 28 Jun 2020 09:{n % 60:02}:00 GMT</pubDate><description>&lt;p&gt;{text}&lt;/p&gt;</description>"
    )


def subscribe(config: Config, stand: Newsstand, *paths: str, **terms: object) -> None:
    for path in paths:
        add_source(config.places, Source(path.strip("/"), stand.url(path), "feed"))
    if terms:
        file = config.places.sources_file
        file.write_text(file.read_text() + "".join(f"{k.replace('_', '-')} = {v}\n" for k, v in terms.items()))


def fetch(config: Config, *names: str) -> dict[str, FetchProgress]:
    """The last word about each source."""
    with Reader.open(config) as reader:
        return {told.source: told for told in reader.network.fetch(names) if told.is_last}


def dumps(config: Config) -> list[Path]:
    """Every file in our own archive that a reader may take for a dump."""
    try:
        found = sorted((config.places.data / "archive").rglob("articles/*/*"))
    except FileNotFoundError:  # a file vanished while pathlib looked
        return dumps(config)
    return [path for path in found if not path.name.startswith(".newsreader-")]


def rows(config: Config) -> list[str]:
    with Reader.open(config) as reader:
        for _ in reader.ingest():
            pass
        return [row.title for row in reader.rows().page(limit=1000)]


# --- what comes ---------------------------------------------------------------------------------------------------


def test_a_feed_becomes_dumps_which_become_rows(stand: Newsstand, config: Config) -> None:
    stand.routes["/post"] = rss(item(3), item(2), item(1))
    subscribe(config, stand, "/post")
    assert fetch(config)["post"] == FetchProgress("post", "done", 3, 3, 3)
    names = [path.name for path in dumps(config)]
    assert names == ["1048573_Night ferry 3.md", "1048574_Night ferry 2.md", "1048575_Night ferry 1.md"]
    assert all(looks_like_dump(path.read_bytes()) for path in dumps(config))
    assert rows(config) == ["Night ferry 3", "Night ferry 2", "Night ferry 1"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (config.places.data / "archive").rglob("*"))


def test_only_what_is_new_or_has_changed_is_written(stand: Newsstand, config: Config) -> None:
    stand.routes["/post"] = rss(item(2), item(1))
    subscribe(config, stand, "/post")
    fetch(config)
    assert fetch(config)["post"].added == 0
    stand.routes["/post"] = rss(item(3), item(2, "The ferry did not leave."), item(1))
    assert fetch(config)["post"].added == 2
    assert len(dumps(config)) == 4
    assert len(rows(config)) == 3
    with Reader.open(config) as reader:
        story = reader.by_url("https://harbour.example/2")
        assert story is not None
        assert [reader.article(story, n).revisions for n in (1, 2)] == [2, 2]


def test_the_cache_may_be_deleted_at_any_time(stand: Newsstand, config: Config) -> None:
    stand.routes["/post"] = conditional(rss(item(1), "<title>Neither link nor date</title>", "<author>A B</author>"))
    subscribe(config, stand, "/post")
    assert fetch(config)["post"].added == 3
    assert fetch(config)["post"].stage == "unchanged"
    for path in (config.places.cache / "fetch").iterdir():
        path.unlink()
    assert fetch(config)["post"] == FetchProgress("post", "done", 3, 3, 0)


def test_a_feed_that_is_the_same_again_is_not_read_again(stand: Newsstand, config: Config) -> None:
    stand.routes["/post"] = rss(item(1))
    subscribe(config, stand, "/post")
    assert [fetch(config)["post"].stage for _ in range(2)] == ["done", "unchanged"]


def test_what_was_deleted_by_hand_comes_again(stand: Newsstand, config: Config) -> None:
    stand.routes["/post"] = conditional(rss(item(1)))
    subscribe(config, stand, "/post")
    fetch(config)
    shutil.rmtree(config.places.data / "archive")
    assert fetch(config)["post"].added == 1


def test_stories_at_one_address_stay_apart(stand: Newsstand, config: Config) -> None:
    def at_one_address(n: int) -> str:
        return item(n).replace(f"harbour.example/{n}", "harbour.example/live")

    stand.routes["/post"] = rss(at_one_address(2), at_one_address(1))
    subscribe(config, stand, "/post")
    fetch(config)
    assert rows(config) == ["Night ferry 2", "Night ferry 1"]
    stand.routes["/post"] = rss(at_one_address(2))
    assert fetch(config)["post"].added == 0
    assert len(rows(config)) == 2


def test_a_renamed_source_keeps_its_folder(stand: Newsstand, config: Config) -> None:
    stand.routes["/post"] = rss(item(1))
    subscribe(config, stand, "/post")
    fetch(config)
    add_source(config.places, Source("The <Post> / 郵報", stand.url("/post"), "feed"))
    stand.routes["/post"] = rss(item(2), item(1))
    assert fetch(config)["The <Post> / 郵報"].added == 1
    assert {path.parent.name for path in dumps(config)} == {"post"}
    with Reader.open(config) as reader:
        for _ in reader.ingest():
            pass
        assert [(row.name, row.stories) for row in reader.sources()] == [("The <Post> / 郵報", 2)]


def test_names_that_no_file_system_takes(stand: Newsstand, config: Config) -> None:
    titles = ["../../etc/passwd", "con", "a" * 400, "守" * 200, 'x: "y" | <z>?*', ".", "-rf", "\u202eabc", "a\tb\nc"]
    stand.routes["/post"] = rss(*(item(n, title=t.replace("<", "&lt;")) for n, t in enumerate(titles)))
    add_source(config.places, Source("../aux", stand.url("/post"), "feed"))
    assert fetch(config)["../aux"].added == len(titles)
    for path in dumps(config):
        assert len(os.fsencode(path.name)) <= 255
        assert not set('/\\:*?"<>|\n\t\u202e') & set(path.name)
    assert len(dumps(config)) == len(titles)
    assert (config.places.data / "archive" / "feeds" / "articles") in dumps(config)[0].parents


def test_redirects_that_last_are_remembered(stand: Newsstand, config: Config) -> None:
    stand.routes |= {"/old": redirect("/new", 301), "/new": rss(item(1))}
    subscribe(config, stand, "/old")
    fetch(config)
    fetch(config)
    assert [request.path for request in stand.requests] == ["/old", "/new", "/new"]
    del stand.routes["/new"]
    stand.routes["/old"] = rss(item(2))
    assert fetch(config)["old"].stage == "failed"
    assert fetch(config, "old")["old"].added == 1


def test_a_password_in_a_location_is_kept_nowhere_else(stand: Newsstand, config: Config) -> None:
    stand.routes |= {"/a": rss("<title>A</title><guid>1</guid><description>x</description>"), "/b": rss(item(1))}
    own = "feed:" + stand.url("/a", user="me:sesame")
    places = config.places
    add_sources(places, (Source("a", own, "feed"), Source("b", own.replace("/a", "/b").replace("http:", ""), "feed")))
    told = fetch(config)
    assert [one.added for one in told.values()] == [1, 1]
    assert {request.headers["authorization"] for request in stand.requests} == {"Basic bWU6c2VzYW1l"}
    kept = [path for path in config.places.data.parent.rglob("*") if path.is_file() and path != places.sources_file]
    assert len(kept) > 4
    assert not [path for path in kept if b"sesame" in path.read_bytes()]
    assert not [source for source in load_sources(places) if "sesame" in source.shown_location]


def test_secrets_of_a_source_are_sent_and_not_shown(stand: Newsstand, config: Config) -> None:
    stand.routes["/post"] = lambda talk: talk.answer(b"", 403)
    subscribe(config, stand, "/post", user='"me"', password='"sesame"', headers='{ "X-Key" = "open" }')
    told = fetch(config)["post"]
    (asked,) = stand.requests
    assert asked.headers["authorization"] == "Basic bWU6c2VzYW1l"
    assert asked.headers["x-key"] == "open"
    assert "sesame" not in repr(told) + str(told.failure)
    assert not any(b"sesame" in path.read_bytes() for path in config.places.cache.rglob("*") if path.is_file())


def test_what_is_past_keeping_is_not_fetched(stand: Newsstand, config: Config) -> None:
    stand.routes["/post"] = rss(item(3), item(2), item(1))
    subscribe(config, stand, "/post", keep_stories=2)
    assert fetch(config)["post"].added == 2
    assert rows(config) == ["Night ferry 3", "Night ferry 2"]


# --- what goes wrong ----------------------------------------------------------------------------------------------


def test_one_clear_word_names_each_that_failed_and_the_others_finish(stand: Newsstand, config: Config) -> None:
    good = rss(item(1))
    faults: dict[str, tuple[object, str]] = {
        "/dies": (dies, "cut-short"),
        "/short": (says_length(9999, good), "cut-short"),
        "/bomb": (gzip_bomb(100_000_000), "too-big"),
        "/file": (packed_zeros(100_000_000), "too-big"),
        "/loop": (redirect("/loop"), "redirects"),
        "/page": (b"<!doctype html><title>Sign in</title>", "not-a-feed"),
        "/portal": (redirect("/page"), "not-a-feed"),
        "/nothing": (b"", "not-a-feed"),
        "/304": (lambda talk: talk.answer(b"", 304), "not-modified"),
        "/404": (lambda talk: talk.answer(b"", 404), "status"),
        "/reference": (b"<rss><channel><item><title>&#1114112; &bad</title></item></channel>", ""),
    }
    for path, (handler, _) in faults.items():
        stand.routes[path] = handler  # type: ignore[assignment]
    stand.routes |= {"/good": good, "/late": late(good, 0.3)}
    subscribe(config, stand, *faults, "/good", "/late")
    told = fetch(config)
    assert {name: (word.failure.why if word.failure else "") for name, word in told.items()} == {
        **{path.strip("/"): why for path, (_, why) in faults.items()},
        "good": "",
        "late": "",
    }
    assert told["404"].failure is not None
    assert told["404"].failure.status == 404
    assert len(dumps(config)) == 3


def test_gone_and_busy_sources_are_left_alone(stand: Newsstand, config: Config) -> None:
    stand.routes |= {
        "/gone": lambda talk: talk.answer(b"", 410),
        "/busy": lambda talk: talk.answer(b"", 429, Retry_After="3600"),
        "/down": lambda talk: talk.answer(b"", 500),
    }
    subscribe(config, stand, "/gone", "/down")
    for _ in range(5):
        told = fetch(config)
    assert isinstance(told["gone"].failure, Gone)
    assert len(stand.asked("/gone")) == 1
    assert isinstance(told["down"].failure, TryLater)
    assert len(stand.asked("/down")) == 3
    stand.routes["/down"] = rss(item(1))
    assert fetch(config, "down")["down"].added == 1
    assert load_state(config.places, stand.url("/down")).failures == 0
    subscribe(config, stand, "/busy")
    for _ in range(3):
        failure = fetch(config)["busy"].failure
        assert isinstance(failure, TryLater)
        assert failure.seconds is not None
        assert 3500 < failure.seconds <= 3600
    assert len(stand.asked("/busy")) == 1


def test_a_name_that_is_none(stand: Newsstand, config: Config) -> None:
    subscribe(config, stand, "/post")
    with Reader.open(config) as reader:
        with pytest.raises(NotFound):
            list(reader.network.fetch(["nobody"]))
        with pytest.raises(NotFound):
            reader.network.start_fetch(["nobody"])


def test_two_at_once_write_nothing_twice(stand: Newsstand, config: Config) -> None:
    stand.routes["/post"] = late(rss(*(item(n) for n in range(40))), 0.1)
    subscribe(config, stand, "/post")
    with Reader.open(config) as reader:
        both = [reader.network.start_fetch(), reader.network.start_fetch()]
        words = [word for one in both for word in whole(one)]
    assert sorted(word.stage for word in words if word.is_last) in (["done", "done"], ["done", "elsewhere"])
    assert len(dumps(config)) == 40
    assert len({path.name.partition("_")[0] for path in dumps(config)}) == 40


def whole(process: object) -> Iterable[FetchProgress]:
    from newsreader.jobs import Job

    assert isinstance(process, Job)
    while process.is_running:
        yield from process.poll(20)


def test_cancelling_is_at_once_and_leaves_whole_dumps(stand: Newsstand, config: Config) -> None:
    stand.routes |= {"/hangs": late(b"", 30), "/good": rss(item(1))}
    stand.routes["/hangs"] = lambda talk: talk.drip([b"HTTP/1.1 200 OK\r\n"] * 2, 30)
    subscribe(config, stand, "/good", "/hangs")
    with Reader.open(config) as reader:
        seen: list[FetchProgress] = []
        for word in reader.network.fetch(cancel=lambda: any(word.stage == "done" for word in seen)):
            seen.append(word)
    assert [word.source for word in seen if word.is_last] == ["good"]
    assert len(dumps(config)) == 1


def test_a_kill_at_any_moment_costs_no_story_and_leaves_no_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.kill_sweep", str(tmp_path)]
    told = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=True, timeout=300).stdout
    (last,) = told.splitlines()
    assert int(last.removesuffix(" operations")) > 30


def test_what_is_being_made_is_nobodys(stand: Newsstand, config: Config) -> None:
    stand.routes |= {"/post": rss(item(1)), "/other": rss(item(2))}
    subscribe(config, stand, "/post", "/other")
    above = config.places.data / "archive" / "feeds" / "articles"
    for name, dump in (("empty", ""), ("full", "1048575_x.md")):
        folder = above / f".newsreader-unnamed-1-{name}"
        folder.mkdir(parents=True)
        (folder / ".newsreader-source").write_text(stand.url("/post"))
        if dump:
            (folder / dump).write_bytes(encode(Dump("Kept", "https://harbour.example/0", None, "<p>Kept.</p>")))
    assert [told.added for told in fetch(config).values()] == [1, 1]
    assert sorted(path.name for path in above.iterdir() if path.is_dir()) == [
        ".newsreader-unnamed-1-full",
        "other",
        "post",
    ]
    assert sorted(rows(config)) == ["Kept", "Night ferry 1", "Night ferry 2"]


@pytest.mark.parametrize("written", [0, 25])
def test_a_fetch_that_is_killed_leaves_whole_dumps_only(stand: Newsstand, config: Config, written: int) -> None:
    body = rss(*(item(n, "word " * 500) for n in range(50)))
    stand.routes["/post"] = body
    subscribe(config, stand, "/post")
    code = (
        "from newsreader.config import load_config\nfrom newsreader.reader import Reader\n"
        "with Reader.open(load_config()) as reader:\n    list(reader.network.fetch())"
    )
    env = {**os.environ, "NEWSREADER_HOME": str(config.places.data.parent)}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=HOME, env=env)
    own = config.places.data / "archive"
    while process.poll() is None and len(dumps(config)) < written + (not own.exists()):
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    if (own / "feeds" / "lists").exists():
        (own / "feeds" / "lists" / f".newsreader-new-{process.pid}-0a-0").touch()  # as if it had come so far
    for path in dumps(config):
        assert decode(path.read_bytes()).body.endswith("-->")
    assert fetch(config)["post"].failure is None
    assert len({decode(path.read_bytes()).url for path in dumps(config)}) == 50
    assert len(dumps(config)) == 50
    assert not list((config.places.data / "archive").rglob(".newsreader-new-*"))


def test_what_was_written_is_known_though_it_could_not_be_remembered(
    stand: Newsstand, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.routes["/post"] = rss(item(1))
    subscribe(config, stand, "/post")
    fetch(config)
    stand.routes["/post"] = rss(item(2), item(1))
    with monkeypatch.context() as broken:

        def full(place: Path, data: bytes) -> None:
            if b'"unfinished":false' in data:
                raise OSError(28, "No space left on device", str(place))
            put_whole(place, data)

        broken.setattr("newsreader.fetch.state.put_whole", full)
        failure = fetch(config)["post"].failure
    assert failure is not None
    assert (failure.why, failure.detail) == ("disk", "No space left on device")
    assert len(dumps(config)) == 2
    assert fetch(config)["post"] == FetchProgress("post", "done", 2, 2, 0)
    assert len(dumps(config)) == 2


# --- full texts ---------------------------------------------------------------------------------------------------


def full_item(stand: Newsstand, n: int, text: str = "Short.") -> str:
    return item(n, text).replace(f"https://harbour.example/{n}", stand.url(f"/page/{n}"))


def fetch_with_texts(config: Config) -> FetchProgress:
    sources, extractor = load_sources(config.places), "tests.plain_extractor:text_of"
    (*_, last) = fetch_sources(config.places, sources, named=False, extractor=extractor)
    return last


def test_full_texts_stay_on_top_of_what_the_feed_says(stand: Newsstand, config: Config) -> None:
    stand.routes |= {
        "/post": rss(full_item(stand, 1), full_item(stand, 2)),
        "/page/1": lambda talk: talk.answer(
            "<nav>x</nav><article>The whole story.</article>", Content_Type="text/html"
        ),
        "/page/2": lambda talk: talk.answer("", 500),
    }
    subscribe(config, stand, "/post", full_text="true")
    told = fetch_with_texts(config)
    assert (told.stage, told.added) == ("failed", 2)
    assert told.failure is not None
    assert told.failure.where == stand.url("/page/2")
    assert newest_text(config, stand.url("/page/1")) == (2, "The whole story.")
    assert newest_text(config, stand.url("/page/2")) == (1, "Short.")
    stand.routes["/post"] = rss(full_item(stand, 1, "Other words."), full_item(stand, 2))
    fetch(config)
    assert newest_text(config, stand.url("/page/1")) == (3, "The whole story.")
    for path in (config.places.cache / "fetch").iterdir():
        path.unlink()
    assert fetch(config)["post"].added == 0


def newest_text(config: Config, url: str) -> tuple[int, str]:
    with Reader.open(config) as reader:
        for _ in reader.ingest():
            pass
        story = reader.by_url(url)
        assert story is not None
        article = reader.article(story)
        texts = [plain(block.spans) for block in article.blocks if not isinstance(block, Furniture)]
        return article.revisions, "\n".join(texts)


def test_the_full_text_of_one_story(stand: Newsstand, config: Config, tmp_path: Path) -> None:
    def page(text: str) -> str:
        return f"<!doctype html><nav>Home</nav><main><p>{text * 20}</p></main>"

    stand.routes |= {"/post": rss(full_item(stand, 1)), "/page/1": page("All. And more. ")}
    subscribe(config, stand, "/post", headers='{ "X-Key" = "open" }')
    mine = Dump("Mine", stand.url("/page/2"), 16 * 10**11, "<div>09/07/2020 - 14:59</div><p>Part of mine.</p>")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "1.md").write_bytes(encode(mine))
    add_source(config.places, Source("mine", str(tmp_path / "mine"), "archive"))
    config.places.settings_file.write_text('[fetch]\ninside = ["127.0.0.1"]\n')
    fetch(config)
    assert newest_text(config, stand.url("/page/2")) == (1, "Part of mine.")
    with Reader.open(config) as reader:
        story, other = (reader.by_url(stand.url(path)) for path in ("/page/1", "/page/2"))
        assert story is not None
        assert other is not None
        before = reader.article(other)
        reader.network.full_text(story)
        assert stand.requests[-1].headers["x-key"] == "open"
        for handler, why in (
            (lambda talk: talk.answer(b"PNG", Content_Type="image/png"), "nothing-to-read"),
            (lambda talk: talk.answer(b"<nav>Home</nav>", Content_Type="text/html"), "no-text"),
            (lambda talk: talk.answer(b"", 404), "status"),
        ):
            stand.routes["/page/2"] = handler
            with pytest.raises(FetchFailed) as caught:
                list(whole(reader.network.start_full_text(other)))
            assert caught.value.why == why
        stand.routes["/page/2"] = page("Mine as a whole. ")
        assert list(whole(reader.network.start_full_text(other))) == []
        assert "x-key" not in stand.requests[-1].headers
    assert newest_text(config, stand.url("/page/1")) == (2, ("All. And more. " * 20).strip())
    assert newest_text(config, stand.url("/page/2")) == (2, ("Mine as a whole. " * 20).strip())
    stand.routes["/post"] = rss(full_item(stand, 1, "Changed."))
    assert fetch(config)["post"].added == 1
    assert newest_text(config, stand.url("/page/1")) == (3, ("All. And more. " * 20).strip())
    stand.routes["/page/1"] = page("All of it, once more. ")
    with Reader.open(config) as reader:
        after = reader.article(other)
        assert (after.title, after.published, after.source) == (before.title, before.published, before.source)
        assert len(list((tmp_path / "mine").iterdir())) == 1
        reader.network.full_text(story)
    with Reader.open(config) as reader:
        list(reader.ingest())
        dumps = list(config.places.data.rglob("*.md"))
        reader.network.full_text(story)  # nothing new is on the page
        reader.network.full_text(other)
        assert list(config.places.data.rglob("*.md")) == dumps
    assert newest_text(config, stand.url("/page/1")) == (4, ("All of it, once more. " * 20).strip())


def test_what_is_no_file_any_more_keeps_the_time_of_its_last_change(tmp_path: Path) -> None:
    article = Story(1, 1_600_000_000_000).article()
    article = replace(article, updated=datetime.fromtimestamp(1_600_000_001.5, UTC))
    assert repr(_original(article, str(tmp_path / "gone.md")).time_ms) == "1600000001500"


def test_a_site_that_is_slow_on_purpose_is_left(
    stand: Newsstand, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsreader.fetch.pages.LIMITS", Limits(seconds=0.2))
    links = [f"<title>{n}</title><link>{stand.url(f'/{n}')}</link><guid>{n}</guid>" for n in range(60)]
    stand.routes |= {"/post": rss(*links), "*": lambda talk: talk.drip([b""], 5)}
    subscribe(config, stand, "/post", full_text="true")
    told = fetch(config)["post"]
    assert (told.added, told.failure and told.failure.why) == (60, "timeout")
    assert len(stand.requests) < 30


def test_a_source_with_full_texts(stand: Newsstand, config: Config) -> None:
    stand.routes |= {
        "/post": rss(full_item(stand, 1)),
        "/page/1": f"<nav>Home</nav><main><p>{'The whole story of the tower. ' * 9}</p></main>",
    }
    subscribe(config, stand, "/post", full_text="true")
    assert fetch(config)["post"].stage == "done"
    revisions, text = newest_text(config, stand.url("/page/1"))
    assert (revisions, text.count("whole story")) == (2, 9)


# --- what is the same, and how much is kept -------------------------------------------------------------------------


def test_a_feed_of_very_many_items_is_remembered_whole(stand: Newsstand, config: Config, monkeypatch: Any) -> None:
    monkeypatch.setattr("newsreader.fetch.state._MOST_KNOWN", 4)
    subscribe(config, stand, "/post")
    stand.routes["/post"] = rss(*(item(n) for n in range(9)))
    assert fetch(config)["post"].added == 9
    stand.routes["/post"] = rss(*(item(n) for n in range(1, 10)))
    assert fetch(config)["post"].added == 1
    stand.routes["/post"] = rss(*(item(n) for n in range(9, 0, -1)))
    assert fetch(config)["post"].added == 0
    stand.routes["/post"] = rss(item(11), item(10))
    fetch(config)
    known = load_state(config.places, stand.url("/post")).known
    assert len(known) == 4
    assert {"tag:harbour.example,2026:10", "tag:harbour.example,2026:11"} < set(known)


@pytest.mark.parametrize(
    "change",
    [
        lambda text, at: text.replace("2026:", f"fetch-{at}:"),
        lambda text, at: re.sub("<guid>.*?</guid>", "", text).replace("</link>", f"?session={at}</link>"),
        lambda text, at: re.sub("harbour.example/[0-9]+</link>", "harbour.example/</link>", text).replace(
            "2026:", f"fetch-{at}:"
        ),
    ],
    ids=["guid", "address", "guid of those at one address"],
)
def test_what_has_another_name_at_each_fetch_is_known_again(stand: Newsstand, config: Config, change: Any) -> None:
    subscribe(config, stand, "/post")
    for at in range(5):
        stand.routes["/post"] = rss(*(change(item(n), at) for n in range(3)))
        assert fetch(config)["post"].added == (0 if at else 3)
        if at == 2:
            shutil.rmtree(config.places.cache)
    stand.routes["/post"] = rss(*(change(item(n), 9) for n in range(4)))
    assert fetch(config)["post"].added == 1
    assert len(rows(config)) == 4


@pytest.mark.parametrize("changing", ["title", "guid and body"])
def test_what_changes_at_each_fetch_has_so_many_revisions_and_the_newest(
    stand: Newsstand, config: Config, changing: str
) -> None:
    subscribe(config, stand, "/post")
    for at in range(14):
        title, text = (f"At {at}", "Text.") if changing == "title" else ("Night ferry", f"Seen by {at}.")
        items = [item(n, text, title) for n in range(2)]
        if "guid" in changing:
            items = [one.replace("2026:", f"fetch-{at}:") for one in items]
        stand.routes["/post"] = rss(*items)
        fetch(config)
        if at == 11:
            rows(config)
            with Reader.open(config) as reader:
                story = reader.by_url("https://harbour.example/1")
                assert story is not None
                reader.marks.star([story])
                assert reader.article(story).revisions == 10
    assert len(dumps(config)) == 10 + 12
    assert rows(config)[0] == ("At 13 1" if changing == "title" else "Night ferry 1")
    assert story is not None
    with Reader.open(config) as reader:
        newest, first = (reader.article(story, n) for n in (None, 1))
        assert ("At 0" if changing == "title" else "Seen by 0.") in str(first)
        assert ("At 13" if changing == "title" else "Seen by 13.") in str(newest)
        assert newest.revisions == 12


def test_what_was_not_kept_was_not_seen(stand: Newsstand, config: Config, monkeypatch: Any) -> None:
    stand.routes["/post"] = conditional(rss(item(3), item(2), item(1)))
    subscribe(config, stand, "/post", keep_stories=2)
    assert fetch(config)["post"].added == 2
    assert fetch(config)["post"].stage == "unchanged"
    file = config.places.sources_file
    file.write_text(file.read_text().replace("keep-stories = 2", "keep-days = 36500"))
    assert fetch(config)["post"].added == 1
    assert fetch(config)["post"].stage == "unchanged"


def test_a_clock_that_was_wrong_keeps_nothing_out(stand: Newsstand, config: Config) -> None:
    stand.routes |= {"/post": conditional(rss(item(1), item(2))), "/down": lambda talk: talk.answer(b"", 500)}
    subscribe(config, stand, "/down")
    subscribe(config, stand, "/post", keep_days=3650)
    fetch_at(config, 20 * 366 * 24 * 3600, times=4)
    assert not dumps(config)
    told = fetch(config)
    assert told["post"].added == 2
    assert told["down"].failure is not None
    assert told["down"].failure.status == 500


def fetch_at(config: Config, ahead: int, times: int = 1) -> None:
    """Fetch so many times where the clock is so many seconds ahead."""
    code = (
        "import sys, time, datetime\nahead = int(sys.argv[1])\nreal, clock = time.time, datetime.datetime\n"
        "time.time = lambda: real() + ahead\n"
        "class Ahead(clock):\n"
        "    @classmethod\n"
        "    def now(cls, tz=None):\n        return clock.fromtimestamp(time.time(), tz)\n"
        "datetime.datetime = Ahead\n"
        "from newsreader.config import load_config, load_sources\nfrom newsreader.fetch import fetch\n"
        "places = load_config().places\n"
        "for _ in range(int(sys.argv[2])): list(fetch(places, load_sources(places), named=False))"
    )
    env = {**os.environ, "NEWSREADER_HOME": str(config.places.data.parent)}
    subprocess.run([sys.executable, "-c", code, str(ahead), str(times)], cwd=HOME, env=env, check=True)


def test_nothing_that_may_be_cut_is_final(stand: Newsstand, config: Config) -> None:
    body = rss(item(2), item(1))
    cut = [body[: body.index(b"first ferry", 400) + n] for n in (5, 9)]
    stand.routes |= {
        "/cut": without_length(*cut, body, ETag='"one"'),
        "/twice": without_length(cut[0], ETag='"one"'),
        "/whole": without_length(body, ETag='"one"'),
        "/told": says_length(len(cut[0]), cut[0]),
        "/json": without_length(b'{"version": "https://jsonfeed.org/version/1.1", "items": []}\n'),
    }
    subscribe(config, stand, *stand.routes)
    told = fetch(config)
    asked = {"cut": 2, "twice": 2, "whole": 1, "told": 1, "json": 1}
    assert {name: len(stand.asked(f"/{name}")) for name in told} == asked
    whys = {name: [fault.why for fault in word.partly] for name, word in told.items()}
    assert whys == {"cut": ["no-end"], "twice": ["no-end"], "told": ["no-end"], "whole": [], "json": []}
    assert [word.failure for word in told.values()] == [None] * 5
    told = fetch(config)
    assert "if-none-match" not in stand.asked("/cut")[-1].headers
    assert "if-none-match" in stand.asked("/whole")[-1].headers
    assert (told["cut"].added, told["cut"].partly) == (1, ())
    newest = next(path for path in dumps(config) if path.parent.name == "cut")
    assert b"before the fog did.</p>" in newest.read_bytes()


def test_a_title_that_comes_later_replaces_the_host_that_stood_for_it(
    stand: Newsstand,
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("127.0.0.1", "127.0.0.1 2", "Mine"):
        path = f"/{len(name)}"
        stand.routes[path] = rss(item(1), title="")
        add_source(config.places, Source(name, stand.url(path), "feed"))
    fetch(config)
    assert [source.name for source in load_sources(config.places)] == ["127.0.0.1", "127.0.0.1 2", "Mine"]
    for path in list(stand.routes):
        stand.routes[path] = rss(item(1), title="Harbour Post")
    sources = config.places.sources_file
    sources.write_text("# the list\n" + sources.read_text())
    monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path))
    assert main(["fetch"]) == 0
    assert sorted(line.partition(":")[0] for line in capsys.readouterr().out.splitlines()) == [
        *("Harbour Post", "Harbour Post (127.0.0.1)", "Mine")
    ]
    names = [source.name for source in load_sources(config.places)]
    assert sorted(names) == ["Harbour Post", "Harbour Post (127.0.0.1)", "Mine"]
    assert sources.read_text().startswith("# the list\n")
    with Reader.open(config) as reader:
        for _ in reader.ingest():
            pass
        assert {row.name for row in reader.sources()} <= set(names)
