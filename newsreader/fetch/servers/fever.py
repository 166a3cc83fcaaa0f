"""Fever's API, as FreshRSS, Miniflux, tt-rss with its plugin and coldsweat speak it.

It knows no labels, edits no subscriptions, and takes marks one by one. Items come at most 50 at once.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from hashlib import md5
from typing import Any

from newsreader.dates import EPOCH
from newsreader.fetch.servers import Api, Ending, Entry, Subscription, flat, line, moment_in, text_in, things_in, web

_number = re.compile("[0-9]{1,20}")


class Fever(Api):
    """A server by Fever's API; `location` is what stands before ?api."""

    name = "fever"
    batch, edits = 50, 1
    has_labels = False

    def __init__(self, *args: Any) -> None:
        location = args[1]
        super().__init__(*args)
        self.location = location  # some know themselves by the / at its end only
        self._key = md5(f"{self._user}:{self._password}".encode(), usedforsecurity=False).hexdigest()

    async def _asked(self, what: str = "", form: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
        told = self._object(await self._text(f"?api{what and '&'}{what}", [("api_key", self._key), *form]))
        if "auth" not in told:
            raise self.failed("not-an-answer")
        if text_in(told, "auth") != "1":
            raise self.failed("login")
        return told

    async def login(self) -> None:
        await self._asked()

    async def subscriptions(self) -> list[Subscription]:
        told, groups = await self._asked("feeds"), await self._asked("groups")  # Miniflux answers one at a time
        titles = {text_in(group, "id"): line(text_in(group, "title")) for group in things_in(groups, "groups")}
        folders = {
            feed.strip(): titles.get(text_in(row, "group_id"), "")
            for row in things_in(groups, "feeds_groups")
            for feed in text_in(row, "feed_ids").split(",")
        }
        return [
            Subscription(
                text_in(feed, "id"),
                line(text_in(feed, "title")),
                web(text_in(feed, "url")),
                folders.get(text_in(feed, "id"), ""),
            )
            for feed in self._list(told, "feeds")
        ]

    async def labels(self) -> list[str]:
        return []

    async def ids(self, what: str, since: int = 0) -> AsyncIterator[list[str]]:
        if what == "recent":
            async for page in self._recent(since):
                yield page
            return
        name = "unread_item_ids" if what == "unread" else "saved_item_ids"
        told = await self._asked(name)
        if not isinstance(told.get(name), str):
            raise self.failed("not-an-answer")
        yield [item for item in map(str.strip, text_in(told, name).split(",")) if item]

    async def _recent(self, since: int) -> AsyncIterator[list[str]]:
        """All items are passed over, the oldest first: nothing else tells which are recent."""
        ending, last = Ending(self), "0"
        while True:
            items = self._list(await self._asked(f"items&since_id={last}"), "items")
            page = [text_in(item, "id") for item in items if _number.fullmatch(text_in(item, "id"))]
            if not page:
                return
            is_sorted = last != "0" or page == sorted(page, key=int)  # Miniflux sorts all but those since 0
            last = max(page, key=int) if is_sorted else "1"
            ending.look(page, last)
            moments = {text_in(item, "id"): moment_in(item, "created_on_time") or EPOCH for item in items}
            yield [item for item in page if moments[item].timestamp() >= since]

    async def entries(self, ids: Sequence[str]) -> list[Entry]:
        told = await self._asked(f"items&with_ids={','.join(ids)}")
        return [flat(item, "url", "html", "created_on_time") for item in self._list(told, "items")]

    async def mark(self, mark: str, value: bool, ids: Sequence[str]) -> None:
        said = ("" if value else "un") + ("saved" if mark == "starred" else mark)
        for item in ids:
            await self._asked("", [("mark", "item"), ("as", said), ("id", item)])
