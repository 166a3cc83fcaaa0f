"""Servers that feeds are read at elsewhere too: FreshRSS, Miniflux, tt-rss and their kin, in the APIs that they speak.

    greader    the Google Reader API
    fever      Fever's
    ttrss      Tiny Tiny RSS's own
    discovery  which of them a URL speaks
    syncing    one server: what is new comes here, marks go both ways

Decided only here: what newsreader asks of any of them (`Api`), and how their answers are read: as strangers' texts, of
which whatever has another type than it should is passed over, and whatever is no answer of the API's is refused.

Codes of FetchFailed besides the client's: "login" (user and password are refused), "bad-token" (what the server gave
for them is), "api-off" (the API is not switched on), "not-an-answer" (what came is no answer of this API; the detail
says what instead: "html" or ""), "endless" (a list of ids that never ends), "changing" (it changed while it was read),
"not-offered" (the API has no such request), "refused" (the server says no, the detail why), "password" (it could not be
had; the detail says why).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from newsreader.config import ApiName
from newsreader.dates import EPOCH
from newsreader.errors import FetchFailed
from newsreader.fetch.addresses import shown
from newsreader.fetch.client import Client
from newsreader.fetch.items import Item, Medium
from newsreader.fetch.request_terms import Access, Call, Limits
from newsreader.fetch.state import Subscription

__all__ = ["LABEL", "Api", "Entry", "Subscription"]

LABEL: Final = "tag/"
"""What begins the mark of a label, before its name; the others are "read" and "starred"."""

_LIMITS: Final = Limits(size=8 * 2**20)
_MOST_PAGES: Final = 5000
_MOST_CHARACTERS: Final = 64 * 2**20
"""Of the ids of one list: three million, of the longest that servers have."""
_OVERLAP: Final = 20
_FORM: Final = "application/x-www-form-urlencoded"
_LATEST: Final = 4_102_444_800


@dataclass(frozen=True, slots=True)
class Entry:
    """A story at a server: its name there, the feed it is of, and what it says."""

    id: str
    feed: str
    item: Item


class Api(ABC):
    """One server, by its API. Ids are opaque texts, spelled one way each. Every method raises FetchFailed, TryLater
    among it."""

    name: ClassVar[ApiName]

    batch = 100
    """Entries that are asked for at once."""

    edits = 250
    """Marks that are sent at once."""

    has_labels = True

    def __init__(self, client: Client, location: str, user: str, password: str, access: Access | None = None) -> None:
        self._client = client
        self._access = access or Access(location)
        self.location = location.rstrip("/")
        self._user = user
        self._password = password

    @abstractmethod
    async def login(self) -> None:
        """Make sure that this is such a server, and lets the user in."""

    @abstractmethod
    async def subscriptions(self) -> list[Subscription]:
        """All feeds of the user."""

    @abstractmethod
    async def labels(self) -> list[str]:
        """The names of all labels that stories can have."""

    @abstractmethod
    def ids(self, what: str, since: int = 0) -> AsyncIterator[list[str]]:
        """The ids, page by page, of all that is "unread" or "starred", that has a label ("tag/NAME"), or of the
        "recent" that came after `since` (seconds since 1970), as far as the API knows of such. The list is whole if it
        ends without an error."""

    @abstractmethod
    async def entries(self, ids: Sequence[str]) -> list[Entry]:
        """The stories of at most `batch` ids, in any order, without those that are there no longer."""

    @abstractmethod
    async def mark(self, mark: str, value: bool, ids: Sequence[str]) -> None:
        """Set a mark of at most `edits` stories: "read", "starred" or "tag/NAME". The server has said OK when this
        returns."""

    async def subscribe(self, url: str, title: str, folder: str) -> None:
        """Let the server fetch a feed; `title` and `folder` "" as the server pleases."""
        raise self.failed("not-offered")

    async def change(self, feed: Subscription, title: str, folder: str) -> None:
        """Rename a feed, or move it into another folder, as far as these are given."""
        raise self.failed("not-offered")

    async def unsubscribe(self, feed: Subscription) -> None:
        """Let the server fetch a feed no longer."""
        raise self.failed("not-offered")

    def failed(self, why: str, detail: str = "", status: int = 0) -> FetchFailed:
        """A failure of this server's."""
        return FetchFailed(shown(self.location), why, status=status, detail=detail[:200])

    async def _text(self, path: str, form: Iterable[tuple[str, str]] | None = None, authorization: str = "") -> str:
        body = None if form is None else urlencode(list(form)).encode()
        answer = await self._sent(path, Call(authorization, _FORM, body))
        return answer.decode("utf-8-sig", "replace")

    async def _sent(self, path: str, call: Call) -> bytes:
        url = self.location + path
        return (await self._client.get(url, access=self._access, limits=_LIMITS, call=call)).body

    def _object(self, text: str | bytes) -> dict[str, Any]:
        """The JSON object that an answer is."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return found
        start = text[:200].lstrip()
        is_page = start[:1] in ("<", b"<")
        raise self.failed("not-an-answer", "html" if is_page else "")

    def _list(self, thing: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        """The list of objects that an answer must have."""
        found = thing.get(name)
        if not isinstance(found, list):
            raise self.failed("not-an-answer")
        return [one for one in found if isinstance(one, dict)]


def takes(api: Api | type[Api], feeds: Iterable[Subscription], mark: str) -> bool:
    """Whether a server with these feeds takes a mark: a label it must have, and none by the name of a folder."""
    name = mark.removeprefix(LABEL)
    return name == mark or (api.has_labels and all(name != feed.folder for feed in feeds))


class Ending:
    """Watches over a list that comes in pages, lest it never end, or lack what stood between two of them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._seen: set[str] = set()
        self._pages = self._characters = 0
        self._held: Collection[str] | None = None

    def look(self, page: Collection[str], continuation: str) -> None:
        """Take note of a page, and by what the next one is asked for; raises FetchFailed ("endless")."""
        self._pages += 1
        self._characters += sum(map(len, page))
        first = next(iter(page), "")
        marks = {f"i{first}", f"c{continuation}"}
        is_long = self._pages >= _MOST_PAGES or self._characters > _MOST_CHARACTERS
        if not page or marks & self._seen or is_long:
            raise self._api.failed("endless")
        self._seen |= marks

    def overlap(self, page: Sequence[str]) -> int:
        """Take note of a page of a list that is asked for by places. What is read meanwhile moves up what follows, out
        of sight: by so many ids the next page has to reach back."""
        number = min(_OVERLAP, len(page) // 2)
        self._held = page[-number:] if number else None
        return number

    def joins(self, page: Collection[str]) -> None:
        """See that a page holds some of what it has to reach back to; raises FetchFailed ("changing")."""
        if self._held is not None and set(page).isdisjoint(self._held):
            raise self._api.failed("changing")
        self._held = None


def text_in(thing: Mapping[str, Any], name: str) -> str:
    """A text in an answer, a number too; "" for anything else."""
    value = thing.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 1 << 64 else ""
    return whole(value) if isinstance(value, str) else ""


def whole(text: str) -> str:
    """A text without the halves of characters that JSON may hold, which nobody takes."""
    return text.encode("utf-8", "replace").decode()


def things_in(thing: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects that an answer may have."""
    found = thing.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def count_in(thing: Mapping[str, Any], name: str) -> int:
    """A whole number, as a number or a text; 0 for anything else."""
    digits = text_in(thing, name)
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 18 else 0


def moment_in(thing: Mapping[str, Any], name: str) -> datetime | None:
    """A moment that is given in seconds since 1970, as a number or a text."""
    seconds = count_in(thing, name)
    return EPOCH + timedelta(seconds=seconds) if 0 < seconds < _LATEST else None


def flat(story: Mapping[str, Any], url: str, body: str, moment: str, media: Iterable[Medium] = ()) -> Entry:
    """A story whose parts stand side by side in an answer, by the names of those that each API names otherwise."""
    return Entry(
        text_in(story, "id"),
        text_in(story, "feed_id"),
        Item(
            url=web(text_in(story, url)),
            title=line(text_in(story, "title")),
            body=text_in(story, body),
            published=moment_in(story, moment),
            authors=tuple(filter(None, [line(text_in(story, "author"))])),
            media=tuple(media),
        ),
    )


def line(text: str) -> str:
    """A name or headline as plain text: some servers escape it as HTML."""
    return " ".join(unescape(text).split())


def web(url: str) -> str:
    """An address that may be a story's or a feed's, "" for anything else; some servers escape it as HTML."""
    url = url.strip().replace("&amp;", "&")
    return url if url.lower().startswith(("http://", "https://")) else ""
