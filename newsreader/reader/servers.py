"""Servers that are synced with, as use cases: adding one, its feeds, how it stands.

Decided only here: where what is agreed with a server is kept, and the name that it gets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from hashlib import sha256
from typing import NamedTuple, TypeVar

from newsreader.config import ApiName, Places, Source, load_settings, load_sources
from newsreader.errors import NotFound, StorageFailed
from newsreader.fetch.addresses import address_of
from newsreader.fetch.client import Client
from newsreader.fetch.servers import Api, Subscription
from newsreader.fetch.servers.discovery import APIS, discovered
from newsreader.fetch.servers.syncing import api_of, home_of
from newsreader.fetch.source_names import free_name
from newsreader.library import MARKS_FILE, Marks
from newsreader.library.agreement import Agreement, Standing

_T = TypeVar("_T")


class ServerStanding(NamedTuple):
    """How it stands with a server that is a source, by its name; `fault`: why that cannot be told."""

    source: str
    standing: Standing | None
    fault: str = ""


def agreement_with(places: Places, source: Source) -> Agreement:
    """What is agreed with a server. Raises StorageFailed."""
    name = sha256(home_of(source).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return Agreement(places.data / "servers" / f"{name}.db", Marks(places.data / MARKS_FILE))


def standings(places: Places) -> Iterator[ServerStanding]:
    """How it stands with each server among the sources. Raises BadSettings."""
    for source in load_sources(places):
        if source.kind == "server":
            try:
                with agreement_with(places, source) as agreement:
                    yield ServerStanding(source.name, agreement.standing(tags=APIS[source.api].has_labels))
            except StorageFailed as failure:
                yield ServerStanding(source.name, None, failure.why)


def found_server(
    places: Places, url: str, user: str, password: str, api: ApiName | None
) -> tuple[Source, list[Subscription]]:
    """The server at or below a URL, as a source without a password, under a name that no other has, and its feeds.
    Raises UnsafeUrl, BadSettings and FetchFailed."""
    address = address_of(url)

    async def found(client: Client) -> tuple[ApiName, Api, list[Subscription]]:
        name, server = await discovered(client, address.url, user, password, api)
        return name, server, await server.subscriptions()

    name, server, feeds = _asked(places, found)
    sources = load_sources(places)
    location = server.location
    known = next((source for source in sources if source.location == location), None)
    called = known.name if known else free_name(address.host, address.place, [source.name for source in sources])
    return Source(called, location, "server", user=user, api=name), feeds


def server_named(places: Places, name: str) -> Source:
    """The server that has a name or location; raises NotFound and BadSettings."""
    for source in load_sources(places):
        if source.kind == "server" and name in (source.name, source.location):
            return source
    raise NotFound(name)


def feeds_of(places: Places, server: Source) -> list[Subscription]:
    """The feeds of a server, as it tells them now. Raises FetchFailed."""
    return _with_api(places, server, lambda api: api.subscriptions())


def subscribe(places: Places, server: Source, url: str, title: str = "", folder: str = "") -> Subscription | None:
    """Let a server fetch a feed; one that it fetches already gets the title and the folder that are given. What it has
    then, as far as it says. Raises FetchFailed."""

    async def subscribed(api: Api) -> Subscription | None:
        if (known := _feed(await api.subscriptions(), url)) is None:
            await api.subscribe(url, title, folder)
        elif (title and title != known.title) or (folder and folder != known.folder):
            await api.change(known, title, folder)
        return _feed(await api.subscriptions(), url)

    return _with_api(places, server, subscribed)


def change_feed(places: Places, server: Source, feed: str, title: str = "", folder: str = "") -> None:
    """Rename a feed of a server, by its title, address or id there, or move it. Raises FetchFailed and NotFound."""
    _with_api(places, server, lambda api: _with_feed(api, feed, lambda found: api.change(found, title, folder)))


def unsubscribe(places: Places, server: Source, feed: str) -> None:
    """Let a server fetch a feed no longer. Raises FetchFailed and NotFound."""
    _with_api(places, server, lambda api: _with_feed(api, feed, api.unsubscribe))


async def _with_feed(api: Api, name: str, act: Callable[[Subscription], Awaitable[None]]) -> None:
    found = _feed(await api.subscriptions(), name)
    if found is None:
        raise NotFound(name)
    await act(found)


def _feed(feeds: list[Subscription], name: str) -> Subscription | None:
    return next((feed for feed in feeds if name in (feed.title, feed.url, feed.id)), None)


def _with_api(places: Places, server: Source, act: Callable[[Api], Awaitable[_T]]) -> _T:
    return _asked(places, lambda client: act(api_of(client, server)))


def _asked(places: Places, act: Callable[[Client], Awaitable[_T]]) -> _T:
    async def asked() -> _T:
        async with Client(load_settings(places).inside) as client:
            return await act(client)

    return asyncio.run(asked())
