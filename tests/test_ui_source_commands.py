"""Sources in the window: added, changed, fetched and removed by keys of their pane, sources.toml staying the truth."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsreader.config import Config, Source, add_source, load_sources
from newsreader.fetch.state import load_state, save_state
from newsreader.reader import Reader, View
from newsreader.reader.fetching import fetched
from tests.feedserver import GREADER, PASSWORD, USER, FeedServer
from tests.newsroom import ingested
from tests.newsstand import Newsstand
from tests.test_ui_app import Window, until, window
from tests.test_ui_app import config as config
from tests.test_ui_app import root as root

FEED = (
    '<rss version="2.0"><channel><title>{0}</title><item><guid>{0}1</guid><title>Quay {0}</title>'
    "<link>https://quay.example/{0}</link><description>At the quay.</description></item></channel></rss>"
)
PAGE = (
    '<html><head><title>P</title><link rel="alternate" type="application/rss+xml" title="First" href="/one.xml">'
    '<link rel="alternate" type="application/rss+xml" title="Second" href="/two.xml"></head><body>x</body></html>'
)


@pytest.fixture
def stand() -> Iterator[Newsstand]:
    with Newsstand() as found:
        found.routes = {"/": PAGE, "/one.xml": FEED.format("One"), "/two.xml": FEED.format("Two")}
        yield found


def at_rest(w: Window) -> bool:
    """Whether nothing runs beside that would tell anything."""
    return not (w.app.fetches.is_running or w.app.indexing.is_running)


async def test_a_source_from_its_addition_to_its_end(config: Config, root: Path, stand: Newsstand) -> None:
    file = config.places.sources_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'# mine\n[[source]]\nname = "news"\nlocation = "{root}"\nkind = "archive"\n')
    with Reader.open(config) as reader:
        ingested(reader)
        async with window(config, reader, (120, 30)) as w:
            await w.press("c", "a", *stand.url("/"), "enter")
            await until(lambda: "Second" in w.screen)
            await w.press("2")
            await until(lambda: "Added: Two" in w.status)
            assert [source.location for source in load_sources(config.places)][1:] == [stand.url("/two.xml")]
            await w.press("k", "j")
            assert "Two: never fetched" in w.status
            await w.press("r")
            await until(lambda: bool(stand.asked("/two.xml")[1:]) and not w.app.fetches.is_running)
            await until(lambda: reader.changed() or any(row.name == "Two" for row in reader.sources()))

            def told(line: str) -> bool:
                w.app._tick()
                return re.search(line, w.screen, re.MULTILINE) is not None

            await until(lambda: told(r"^ Two .* 0m "))
            stand.routes["/two.xml"] = "no feed"
            await w.press("r")
            await until(lambda: told(r"^!Two .* 0m "))

            await w.press("e", "2", *"2nd", "enter")
            await w.press("e", "5", *"x", "enter")
            assert "no number" in w.screen
            await w.press("escape", "e", "8", "e", "1", *"news", "enter")
            assert "A name that no other source has" in w.screen
            await w.press("escape")
            found = load_sources(config.places)[1]
            assert (found.short, found.paused, found.keep_days, found.name) == ("2nd", True, None, "Two")
            assert file.read_text().startswith("# mine\n")

            file.write_text(file.read_text().replace('"2nd"', '"Zwei"'))
            w.app._tick()
            assert reader.added()[1].short == "Zwei", "what changes it outside is taken up"

            await until(lambda: at_rest(w))  # what ends tells what it found
            await w.press("D", "2")
            assert "Removed: Two." in w.status
            assert [source.name for source in load_sources(config.places)] == ["news"]
            assert reader.rows(View(source="Two")).counts().stories == 0
            await w.press("c", "g", "n")
            assert w.app.reading_screen.headlines.view.source == "Lamp"
            await w.press("g", "n")
            assert w.app.reading_screen.headlines.view.source == "河口通訊"
            await w.press("c", "D", "escape", "r", "e")
            assert len(load_sources(config.places)) == 1


async def test_what_cannot_be_added_is_said(config: Config, root: Path, stand: Newsstand) -> None:
    file = config.places.sources_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'[[source]]\nname = "news"\nlocation = "{root}"\nkind = "archive"\n')
    with Reader.open(config) as reader:
        ingested(reader)
        async with window(config, reader, (120, 30)) as w:
            for location in (stand.url("/none"), "ftp://a.example/", str(root / "none")):
                await w.press("c", "a", *location, "enter")
                await until(lambda: w.app.status.is_error)
                await w.press("c")
            await w.press("c", "a", *str(root / "articles" / "Lamp"), "enter")
            await until(lambda: "Added: Lamp" in w.status)
    assert len(load_sources(config.places)) == 2


async def test_the_feeds_of_a_server_are_changed_there(config: Config) -> None:
    with FeedServer() as server:
        server.add(3)
        server.add(2, first=4, feed=2)
        add_source(config.places, Source("there", server.url(), "server", user=USER, password=PASSWORD))
        await asyncio.to_thread(lambda: list(fetched(config.places, [])))
        state = load_state(config.places, server.url())  # as of tt-rss, which says what it fails to fetch
        state.feeds = [feed._replace(error="HTTP\x07 404" * (feed.id == "feed/2")) for feed in state.feeds]
        save_state(config.places, server.url(), state)
        with Reader.open(config) as reader:
            ingested(reader)
            async with window(config, reader, (120, 30)) as w:
                await _change(w, server)


async def _change(w: Window, server: FeedServer) -> None:
    sources = w.app.reading_screen.sources

    def shown() -> list[tuple[str, int | None]]:
        return [(entry.shown, entry.unread) for entry in sources.entries[2:]]

    await w.press("c", "j", "j", "j")
    assert shown() == [("there", 5), ("  Port", 3), ("    Harbour Post", 3), ("  中文", 2), ("    海港日报", 2)]
    assert "there: last changed" in w.status
    await w.press("enter")
    assert w.app.reading_screen.headlines.counts == (3, 3), "a folder shows the stories of its feeds"
    assert [row.title for row in w.app.reading_screen.headlines.viewport.rows[:3]] == ["Story 3", "Story 2", "Story 1"]
    assert "Harbour Post  Story 3" in w.screen
    w.reading.narrow(View("Harbour Post"))
    await w.press("k")
    assert "│* 11:06  Story 3" in w.screen, "no row repeats the one source of its view"
    await w.press("c", "c", "G")
    assert "海港日报: there, 中文, the server fails to fetch it: HTTP 404" in w.status
    sources.go(3)
    await w.press("a", *"https://n.example/", "enter")
    await until(lambda: len(shown()) == 6)
    assert server.feeds[3]["folder"] == "Port", "it stands where the cursor was"
    await until(lambda: server.asked_for[-1] == "stream/items/ids" and at_rest(w))  # a sync

    edit = f"{GREADER}/reader/api/0/subscription/edit"
    server.routes[edit] = lambda talk: talk.answer("<p>no", 503)
    await w.press("j", "D", "y")
    await until(lambda: "Not done: the server is overburdened" in w.status)
    del server.routes[edit]
    await w.press("e", "1", "ctrl+u", *"Quay", "enter")
    await until(lambda: "    Quay" in dict(shown()))
    await until(lambda: at_rest(w))
    w.app.indexing.look_for_new()  # as a tick does, which sees that a list was renewed
    await until(lambda: ("    Quay", 3) in shown())
    sources.go(next(i for i, entry in enumerate(sources.entries) if entry.name == "Quay"))
    await w.press("D", "y")
    await until(lambda: "there fetches Quay no longer." in w.status)
    assert (1 in server.feeds, ("Quay", 3) in shown()) == (False, True), "the stories that came stay"
