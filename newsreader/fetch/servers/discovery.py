"""Which API a URL speaks, found out by asking.

Decided only here: where each API is looked for, what it is called that is found nowhere, and that what was found of a
source is remembered: which API for good, as another may have other ids, and where until the source fails. The user's
password goes along, as it would once it is known, and to no other origin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from newsreader.config import ApiName, Places, Source
from newsreader.errors import FetchFailed, TryLater, UnsafeUrl
from newsreader.fetch.addresses import address_of, shown
from newsreader.fetch.client import Client
from newsreader.fetch.password_lookup import with_password
from newsreader.fetch.request_terms import Access
from newsreader.fetch.servers import Api
from newsreader.fetch.servers.fever import Fever
from newsreader.fetch.servers.greader import GoogleReader
from newsreader.fetch.servers.ttrss import TinyTinyRss
from newsreader.fetch.state import State, load_state

APIS: Final[Mapping[ApiName, type[Api]]] = {api.name: api for api in (GoogleReader, Fever, TinyTinyRss)}

_PLACES: Final[tuple[tuple[ApiName, str], ...]] = (
    ("greader", "/api/greader.php"),
    ("greader", "/plugins.local/freshapi/api/greader.php"),
    ("greader", ""),
    ("ttrss", "/api/"),
    ("fever", ""),
    ("fever", "/fever/"),
    ("fever", "/api/fever.php"),
    ("fever", "/plugins.local/fever/"),
    ("ttrss", ""),
)

_REFUSED: Final = ("login", "bad-token", "refused", "api-off", "moved")
_ELSEWHERE: Final = (*_REFUSED, "status", "not-an-answer", "redirect", "redirects")
"""What says that something else is there, so that it is worth while to ask at the next place."""

_NOTHING_THERE: Final = (400, 404, 405, 410)

_page = re.compile(r"(?:/i)?/index\.php$|/i/$")
"""What follows the address of FreshRSS and tt-rss where a browser shows one of their pages."""


async def discovered(
    client: Client, url: str, user: str, password: str, only: ApiName | None = None, access: Access | None = None
) -> Api:
    """The API that a server speaks at a URL or below it, logged in. Raises FetchFailed: "login" where one is there and
    lets the user not in, "no-server" where none is."""
    url = _page.sub("", url.partition("?")[0])
    refusal: FetchFailed | None = None
    unsure: FetchFailed | None = None
    for name, place in (*([(only, "")] if only else []), *_PLACES):
        if only not in (None, name):
            continue
        api = APIS[name](client, url.rstrip("/") + place if place else url, user, password, access)
        try:
            await api.login()
        except FetchFailed as failure:
            if failure.why not in _ELSEWHERE or isinstance(failure, TryLater):
                raise
            if failure.why in _REFUSED:
                refusal = refusal or failure
            elif failure.why == "status" and failure.status not in _NOTHING_THERE:
                unsure = unsure or failure
        else:
            return api
    raise refusal or unsure or FetchFailed(shown(url), "no-server")


def remembered(state: State) -> ApiName | None:
    """The API that a server was found to speak, if that is known."""
    return next((name for name in APIS if name == state.api), None)


async def opened(places: Places, client: Client, source: Source) -> Api:
    """The API of a source that is a server, with its user and password, which its location may hold, too, where the
    last sync found it. Raises FetchFailed."""
    source, state = with_password(source), load_state(places, source.location)
    known = remembered(state)
    try:
        address = address_of(source.location)
    except UnsafeUrl as error:
        raise FetchFailed(error.where, "unsafe-url", detail=error.why) from None
    access = Access(source.location, source.headers)
    only, terms = source.api or known, (source.user or address.user, source.password or address.password)
    if only is not None and only == known and state.place:
        return APIS[only](client, state.place, *terms, access)
    return await discovered(client, shown(source.location), *terms, only, access)
