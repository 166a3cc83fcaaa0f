"""The Google Reader API, as FreshRSS, Miniflux and tt-rss with FreshAPI speak it.

Decided only here: one spelling for each id. Those of 64 bits come as decimal numbers, signed or not, as 16 hexadecimal
digits, and as these after a long beginning: they are signed decimal numbers here. Any other is opaque. All go back with
the long beginning: of the shorter spellings, older ones of Miniflux take the decimal for hexadecimal ones.

What is sent by POST carries a token T (Miniflux wants it in every one), which is asked for anew where a server says
that it is no longer good; so is what a login gave.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from newsreader.errors import FetchFailed, TryLater
from newsreader.fetch.items import Item, Medium
from newsreader.fetch.request_terms import is_header
from newsreader.fetch.servers import (
    LABEL,
    Api,
    Ending,
    Entry,
    Subscription,
    count_in,
    line,
    moment_in,
    text_in,
    things_in,
    web,
    whole,
)

_LONG: Final = "tag:google.com,2005:reader/item/"
_API: Final = "/reader/api/0/"
_STATE: Final = "user/-/state/com.google/"
_NAMED: Final = "/label/"
_PAGE: Final = 1000
_STREAMS: Final = {"unread": "reading-list", "recent": "reading-list", "starred": "starred"}

_decimal = re.compile(r"-?[0-9]{1,20}")
_bare_hex = re.compile(r"(?=0|.*[a-f])[0-9a-f]{16}")  # of 16 decimal digits FreshRSS has ids, none begins with a zero
_long_hex = re.compile(r"[0-9a-f]{1,16}")


def item_id(spelled: str) -> str:
    """The one spelling of an item's id."""
    bare = spelled.removeprefix(_LONG)
    is_long = bare != spelled
    if (_long_hex if is_long else _bare_hex).fullmatch(bare.lower()):
        number = int(bare, 16)
    elif _decimal.fullmatch(bare) and not is_long:
        number = int(bare)
    else:
        return bare
    return str(number - (1 << 64) if 1 << 63 <= number < 1 << 64 else number)


def _sent_id(item: str) -> str:
    return _LONG + (f"{int(item) % (1 << 64):016x}" if _decimal.fullmatch(item) else item)


class GoogleReader(Api):
    """A server by its Google Reader API; `location` is what stands before /accounts/ and /reader/."""

    name = "greader"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.location = self.location.removesuffix(_API.rstrip("/"))
        self._auth = self._token = ""
        self._streams: dict[str, str] = {}
        self._folders: set[str] = set()

    async def login(self) -> None:
        form = (("Email", self._user), ("Passwd", self._password))
        try:
            told = await self._text("/accounts/ClientLogin", form)
        except FetchFailed as failure:
            if failure.status in (400, 401, 403):
                raise self.failed("login", status=failure.status) from None
            if failure.status == 503 and not isinstance(failure, TryLater):  # so says FreshRSS
                raise self.failed("api-off", status=failure.status) from None
            raise
        auth = next((row[5:].strip() for row in told.splitlines() if row.startswith("Auth=")), "")
        if not auth or not is_header("Authorization", auth):
            raise self.failed("not-an-answer", "html" if told.lstrip()[:1] == "<" else "")
        self._auth = f"GoogleLogin auth={auth}"

    async def _asked(
        self, path: str, query: Mapping[str, str] = {}, form: Sequence[tuple[str, str]] | None = None
    ) -> str:
        """An answer, with a new login and a new token where the server wants them, once each."""
        path = _API + path + (f"?{urlencode(query)}" if query else "")
        for attempt in range(3):
            try:
                if not self._auth:
                    await self.login()
                if form is None:
                    return await self._text(path, authorization=self._auth)
                if not self._token:
                    self._token = (await self._text(_API + "token", authorization=self._auth)).strip()[:1000]
                return await self._text(path, [*form, ("T", self._token)], self._auth)
            except FetchFailed as failure:
                is_refusal = failure.why == "bad-token" or (failure.why, failure.status) == ("status", 401)
                if not is_refusal:
                    raise
                if attempt == 2:
                    raise self.failed("bad-token", status=failure.status) from None
                if not self._token or attempt:
                    self._auth = ""
                self._token = ""
        raise AssertionError

    async def subscriptions(self) -> list[Subscription]:
        told = self._object(await self._asked("subscription/list", {"output": "json"}))
        feeds = [(feed, _folders(feed)) for feed in self._list(told, "subscriptions")]
        self._folders = {name for _, folders in feeds for name in folders}
        return [
            Subscription(
                text_in(feed, "id"), line(text_in(feed, "title")), web(text_in(feed, "url")), next(iter(folders), "")
            )
            for feed, folders in feeds
        ]

    async def labels(self) -> list[str]:
        told = self._object(await self._asked("tag/list", {"output": "json"}))
        names = {
            name: stream
            for tag in self._list(told, "tags")
            if text_in(tag, "type") != "folder" and (name := _label(stream := text_in(tag, "id")))
            if name not in self._folders  # some servers name no types, and of one name the folder's stories are meant
        }
        self._streams = names
        return list(names)

    async def ids(self, what: str, since: int = 0) -> AsyncIterator[list[str]]:
        stream = self._label_stream(what) if what.startswith(LABEL) else _STATE + _STREAMS[what]
        query = {"output": "json", "s": stream, "n": str(_PAGE)}
        query |= {"xt": _STATE + "read"} if what == "unread" else {}
        query |= {"ot": str(since)} if since else {}
        ending = Ending(self)
        place = 0
        while True:
            told = self._object(await self._asked("stream/items/ids", query))
            page = [item_id(text_in(ref, "id")) for ref in self._list(told, "itemRefs") if text_in(ref, "id")]
            yield page
            ending.joins(page)
            if (continuation := text_in(told, "continuation")) in ("", "0"):
                return
            place += len(page)
            if page and continuation == str(place) and item_id(continuation) != page[-1]:
                place -= ending.overlap(page)
                continuation = str(place)
            query["c"] = continuation
            ending.look(page, continuation)

    async def entries(self, ids: Sequence[str]) -> list[Entry]:
        form = [("i", _sent_id(item)) for item in ids]
        told = self._object(await self._asked("stream/items/contents", {"output": "json"}, form))
        return [_entry(item) for item in self._list(told, "items") if text_in(item, "id")]

    async def mark(self, mark: str, value: bool, ids: Sequence[str]) -> None:
        stream = self._label_stream(mark) if mark.startswith(LABEL) else _STATE + mark
        await self._edit("edit-tag", [*(("i", _sent_id(item)) for item in ids), ("a" if value else "r", stream)])

    async def subscribe(self, url: str, title: str, folder: str) -> None:
        told = await self._edit(
            "subscription/edit",
            [("ac", "subscribe"), ("s", f"feed/{url}"), *_named("t", title), *_named("a", folder, _FOLDER)],
        )
        if told.startswith("{") and not text_in(self._object(told), "numResults").strip("0"):
            raise self.failed("refused", line(text_in(self._object(told), "error")))

    async def change(self, feed: Subscription, title: str, folder: str) -> None:
        edit = [("ac", "edit"), ("s", feed.id)]
        is_moved = bool(folder) and folder != feed.folder
        if is_moved and feed.folder:  # FreshAPI does what is removed last, whatever comes with it
            await self._edit("subscription/edit", [*edit, *_named("r", feed.folder, _FOLDER)])
        await self._edit(
            "subscription/edit", [*edit, *_named("t", title), *_named("a", folder if is_moved else "", _FOLDER)]
        )

    async def unsubscribe(self, feed: Subscription) -> None:
        await self._edit("subscription/edit", [("ac", "unsubscribe"), ("s", feed.id)])

    async def _edit(self, path: str, form: Sequence[tuple[str, str]]) -> str:
        told = (await self._asked(path, form=form)).strip()
        if told != "OK" and not told.startswith("{"):
            raise self.failed("not-an-answer", "html" if told[:1] == "<" else told)
        return told

    def _label_stream(self, label: str) -> str:
        name = label.removeprefix(LABEL)
        return self._streams.get(name, _FOLDER + name)


_FOLDER: Final = "user/-/label/"


def _named(key: str, name: str, before: str = "") -> list[tuple[str, str]]:
    return [(key, before + name)] if name else []


def _label(stream: str) -> str:
    """The name of the label that a stream is of, "" if it is another one; servers put the user's number into it."""
    user, _, name = stream.partition(_NAMED)
    return name if user.startswith("user/") else ""


def _folders(feed: Mapping[str, Any]) -> list[str]:
    names = (line(text_in(one, "label")) or _label(text_in(one, "id")) for one in things_in(feed, "categories"))
    return [name for name in names if name]


def _entry(item: Mapping[str, Any]) -> Entry:
    addresses = (web(text_in(one, "href")) for name in ("canonical", "alternate") for one in things_in(item, name))
    texts = [part for name in ("content", "summary") if isinstance(part := item.get(name), dict)]
    origin = item.get("origin")
    names = item.get("categories")
    topics = (line(whole(name)) for name in names if isinstance(name, str)) if isinstance(names, list) else ()
    return Entry(
        item_id(text_in(item, "id")),
        text_in(origin, "streamId") if isinstance(origin, dict) else "",
        Item(
            url=next(filter(None, addresses), ""),
            title=line(text_in(item, "title")),
            body=next(filter(None, (text_in(text, "content") for text in texts)), ""),
            published=moment_in(item, "published"),
            updated=moment_in(item, "updated"),
            authors=tuple(filter(None, [line(text_in(item, "author"))])),
            topics=tuple(topic for topic in topics if topic and not topic.startswith("user/")),
            media=tuple(
                Medium(url, text_in(one, "type"), size=count_in(one, "length"))
                for one in things_in(item, "enclosure")
                if (url := web(text_in(one, "href")))
            ),
        ),
    )
