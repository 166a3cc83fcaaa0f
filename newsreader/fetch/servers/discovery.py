"""Which API a URL speaks, found out by asking.

Decided only here: where each API is looked for, and what it is called that is found nowhere. The user's password goes
along, as it would once it is known, and to no other origin.
"""

from __future__ import annotations

from typing import Final

from newsreader.config import ApiName
from newsreader.errors import FetchFailed, TryLater
from newsreader.fetch.addresses import shown
from newsreader.fetch.client import Client
from newsreader.fetch.servers import Api
from newsreader.fetch.servers.fever import Fever
from newsreader.fetch.servers.greader import GoogleReader
from newsreader.fetch.servers.ttrss import TinyTinyRss

APIS: Final[dict[ApiName, type[Api]]] = {"greader": GoogleReader, "fever": Fever, "ttrss": TinyTinyRss}

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

_ELSEWHERE: Final = ("status", "not-an-answer", "login", "bad-token", "refused", "moved", "redirect", "redirects")
"""What says that something else is there, so that it is worth while to ask at the next place."""

_NOTHING_THERE: Final = (400, 404, 405, 410)


async def discovered(
    client: Client, url: str, user: str, password: str, only: ApiName | None = None
) -> tuple[ApiName, Api]:
    """The API that a server speaks at a URL or below it, logged in. Raises FetchFailed: "login" where one is there and
    lets the user not in, "no-server" where none is."""
    url = url.rstrip("/")
    refusal: FetchFailed | None = None
    unsure: FetchFailed | None = None
    for name, place in _PLACES:
        if only not in (None, name):
            continue
        api = APIS[name](client, url + place, user, password)
        try:
            await api.login()
        except FetchFailed as failure:
            if failure.why not in _ELSEWHERE or isinstance(failure, TryLater):
                raise
            if failure.why in ("login", "moved", "refused"):
                refusal = refusal or failure
            elif failure.why == "status" and failure.status not in _NOTHING_THERE:
                unsure = unsure or failure
        else:
            return name, api
    raise refusal or unsure or FetchFailed(shown(url), "no-server")
