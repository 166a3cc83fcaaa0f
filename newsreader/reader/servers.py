"""Servers that are synced with, as use cases: adding one, its feeds, how it stands.

Decided only here: where what is agreed with a server is kept, the name that it gets, and which of its feeds a name
means. What is asked for is done there at once, and what feeds it has then is remembered until the next sync.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from hashlib import sha256
from typing import NamedTuple, TypeVar

from newsreader.config import ApiName, Places, Source, load_settings, load_sources
from newsreader.errors import NotFound, StorageFailed
from newsreader.fetch.addresses import address_of
from newsreader.fetch.client import Client
from newsreader.fetch.servers import Api, takes
from newsreader.fetch.servers.discovery import APIS, discovered, opened, remembered
from newsreader.fetch.servers.syncing import home_of
from newsreader.fetch.source_names import free_name
from newsreader.fetch.state import Subscription, load_state, save_state
from newsreader.library import MARKS_FILE, Marks
from newsreader.library.sync_state import Agreement, Standing

_T = TypeVar("_T")


class ServerStanding(NamedTuple):
    """How it stands with a server that is a source, by its name, and its feeds; `fault`: why it cannot be told."""

    source: str
    feeds: list[Subscription]
    standing: Standing | None
    fault: str = ""


def agreement_with(places: Places, source: Source) -> Agreement:
    """What is agreed with a server by its API, which the source says. Raises StorageFailed."""
    name = sha256(home_of(source).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    path = places.data / "servers" / f"{name}.db"
    try:
        places.make(path.parent)
    except OSError as error:
        raise StorageFailed(str(path), error.strerror or str(error)) from error
    return Agreement(path, Marks(places.data / MARKS_FILE))


def standings(places: Places) -> Iterator[ServerStanding]:
    """How it stands with each server among the sources. Raises BadSettings."""
    for source in load_sources(places):
        if source.kind == "server":
            state = load_state(places, source.location)
            name = remembered(state) or source.api or "greader"
            try:
                with agreement_with(places, source._replace(api=name)) as agreement:
                    standing = agreement.standing(partial(takes, APIS[name], state.feeds))
                    yield ServerStanding(source.name, state.feeds, standing)
            except StorageFailed as failure:
                yield ServerStanding(source.name, state.feeds, None, failure.why)


def found_server(
    places: Places, url: str, user: str, password: str, api: ApiName | None
) -> tuple[Source, list[Subscription]]:
    """The server at or below a URL, as a source without a password, under a name that no other has, and its feeds.
    Raises UnsafeUrl, BadSettings and FetchFailed."""
    address = address_of(url)

    async def found(client: Client) -> tuple[Api, list[Subscription]]:
        server = await discovered(client, address.url, user, password, api)
        return server, await server.subscriptions()

    server, feeds = _asked(places, found)
    sources = load_sources(places)
    location = server.location
    known = next((source for source in sources if source.location == location), None)
    called = known.name if known else free_name(address.host, address.place, [source.name for source in sources])
    return Source(called, location, "server", user=user, api=server.name), feeds


def server_named(places: Places, name: str) -> Source:
    """The server that has a name or location; raises NotFound and BadSettings."""
    for source in load_sources(places):
        if source.kind == "server" and name in (source.name, source.location):
            return source
    raise NotFound(name)


def subscribe(places: Places, server: Source, url: str, title: str = "", folder: str = "") -> list[Subscription]:
    """Let a server fetch a feed; one that it fetches already gets the title and the folder that are given. The feeds
    that it has then. Raises UnsafeUrl and FetchFailed."""
    url = address_of(url).url

    async def subscribed(api: Api, feeds: list[Subscription]) -> None:
        known = next((feed for feed in feeds if feed.url == url), None)
        if known is None:
            await api.subscribe(url, title, folder)
        elif (title and title != known.title) or (folder and folder != known.folder):
            await api.change(known, title, folder)

    return _changed(places, server, subscribed)


def change_feed(places: Places, server: Source, feed: str, title: str = "", folder: str = "") -> list[Subscription]:
    """Rename a feed of a server, by its id, address or title there, or move it; the feeds that it has then. Raises
    FetchFailed, and NotFound where it names none, or several."""
    return _changed(places, server, lambda api, feeds: api.change(_feed(feeds, feed), title, folder))


def unsubscribe(places: Places, server: Source, feed: str) -> list[Subscription]:
    """Let a server fetch a feed no longer; the feeds that it has then. Raises FetchFailed, and NotFound where it names
    none, or several."""
    return _changed(places, server, lambda api, feeds: api.unsubscribe(_feed(feeds, feed)))


def told_to(places: Places, name: str, what: str, *terms: str) -> Iterator[list[Subscription]]:
    """One of these, by its name, for a server of that name or location. Raises what they do, and NotFound."""
    acts: dict[str, Callable[..., list[Subscription]]]
    acts = {"subscribe": subscribe, "change": change_feed, "unsubscribe": unsubscribe}
    yield acts[what](places, server_named(places, name), *terms)


def _feed(feeds: list[Subscription], name: str) -> Subscription:
    found = [feed for feed in feeds if name in (feed.id, feed.url)] or [feed for feed in feeds if name == feed.title]
    if len(found) != 1:
        raise NotFound(name)
    return found[0]


def _changed(
    places: Places, server: Source, act: Callable[[Api, list[Subscription]], Awaitable[None]]
) -> list[Subscription]:
    async def changed(client: Client) -> list[Subscription]:
        api = await opened(places, client, server)
        await act(api, await api.subscriptions())
        return await api.subscriptions()

    feeds = _asked(places, changed)
    state = load_state(places, server.location)
    state.feeds = feeds
    with suppress(OSError):
        save_state(places, server.location, state)
    return feeds


def _asked(places: Places, act: Callable[[Client], Awaitable[_T]]) -> _T:
    async def asked() -> _T:
        async with Client(load_settings(places).inside) as client:
            return await act(client)

    return asyncio.run(asked())
