"""Tiny Tiny RSS's own API: objects in JSON to one address, at most 200 headlines at once.

It lists what is unread by place, not by id. Labels cannot be made by it, nor feeds renamed or moved.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from newsreader.errors import FetchFailed
from newsreader.fetch.items import Medium
from newsreader.fetch.request_terms import Call
from newsreader.fetch.servers import (
    LABEL,
    Api,
    Ending,
    Entry,
    Subscription,
    flat,
    line,
    moment_in,
    text_in,
    things_in,
    web,
)

_PAGE: Final = 200
_ALL, _STARRED, _ALL_FEEDS = -4, -1, -3
_WHY: Final = {"LOGIN_ERROR": "login", "NOT_LOGGED_IN": "login", "API_DISABLED": "api-off"}
_FIELDS: Final = {"starred": (0, True), "read": (2, False)}
"""A mark's number, and the value of that field where it is set: it is kept as "unread"."""


class TinyTinyRss(Api):
    """A server by tt-rss's own API; `location` is its address, which ends in /api."""

    name = "ttrss"
    batch = 50

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.location += "/"
        self._session = ""
        self._labels: dict[str, int] = {}

    async def login(self) -> None:
        told = await self._called({"op": "login", "user": self._user, "password": self._password})
        self._session = text_in(told, "session_id") if isinstance(told, dict) else ""
        if not self._session:
            raise self.failed("not-an-answer")

    async def _called(self, order: Mapping[str, Any]) -> Any:
        """What an order gives; raises FetchFailed with "login", or with "refused" and the server's word for why."""
        answer = await self._sent("", Call("", "application/json", json.dumps(order).encode()))
        told = self._object(answer)
        if "status" not in told or "content" not in told:
            raise self.failed("not-an-answer")
        content = told["content"]
        if told["status"] == 0:
            return content
        why = text_in(content, "error") if isinstance(content, dict) else ""
        raise self.failed(_WHY.get(why, "refused"), why)

    async def _asked(self, op: str, **order: Any) -> Any:
        """The same in a session, with a new one if it has ended."""
        is_new = not self._session
        if is_new:
            await self.login()
        try:
            return await self._called({"op": op, "sid": self._session, **order})
        except FetchFailed as failure:
            if failure.why != "login" or is_new:
                raise
        self._session = ""
        return await self._asked(op, **order)

    async def _listed(self, op: str, **order: Any) -> list[dict[str, Any]]:
        return self._list({op: await self._asked(op, **order)}, op)

    async def subscriptions(self) -> list[Subscription]:
        names = {text_in(row, "id"): line(text_in(row, "title")) for row in await self._listed("getCategories")}
        return [
            Subscription(
                text_in(feed, "id"),
                line(text_in(feed, "title")),
                web(text_in(feed, "feed_url")),
                "" if text_in(feed, "cat_id") in ("", "0") else names.get(text_in(feed, "cat_id"), ""),
                line(text_in(feed, "last_error")),
            )
            for feed in await self._listed("getFeeds", cat_id=_ALL_FEEDS)
        ]

    async def labels(self) -> list[str]:
        found = await self._listed("getLabels")
        numbers = {line(text_in(one, "caption")): one["id"] for one in found if isinstance(one.get("id"), int)}
        self._labels = {name: number for name, number in numbers.items() if name}
        return list(self._labels)

    async def ids(self, what: str, since: int = 0) -> AsyncIterator[list[str]]:
        feed = {"starred": _STARRED}.get(what, _ALL)
        if what.startswith(LABEL):
            feed = self._label(what)
        order = {"feed_id": feed, "view_mode": "unread" if what == "unread" else "all_articles", "limit": _PAGE}
        ending = Ending(self)
        skip = 0
        while True:
            rows = await self._listed("getHeadlines", **order, skip=skip, show_excerpt=False, show_content=False)
            page = [text_in(row, "id") for row in rows if text_in(row, "id")]
            recent = [
                text_in(row, "id") for row in rows if (at := moment_in(row, "updated")) and at.timestamp() >= since
            ]
            yield recent if since else page
            ending.joins(page)
            skip += len(page) - ending.overlap(page)
            if len(page) < _PAGE or (since and not recent):
                return
            ending.look(page, str(skip))

    async def entries(self, ids: Sequence[str]) -> list[Entry]:
        found = await self._listed("getArticle", article_id=",".join(ids))
        return [_entry(row) for row in found]

    async def mark(self, mark: str, value: bool, ids: Sequence[str]) -> None:
        ids = ",".join(ids)
        if mark.startswith(LABEL):
            await self._asked("setArticleLabel", article_ids=ids, label_id=self._label(mark), assign=value)
            return
        field, is_so = _FIELDS[mark]
        await self._asked("updateArticle", article_ids=ids, mode=int(value == is_so), field=field)

    def _label(self, mark: str) -> int:
        try:
            return self._labels[mark.removeprefix(LABEL)]
        except KeyError:
            raise self.failed("no-label", mark.removeprefix(LABEL)) from None

    async def subscribe(self, url: str, title: str, folder: str) -> None:
        rows = await self._listed("getCategories")
        category = next((row["id"] for row in rows if "id" in row and line(text_in(row, "title")) == folder), 0)
        told = await self._asked("subscribeToFeed", feed_url=url, category_id=category)
        status = told.get("status") if isinstance(told, dict) else None
        if not isinstance(status, dict) or text_in(status, "code") not in ("0", "1"):
            raise self.failed("refused", line(text_in(status, "message")) if isinstance(status, dict) else "")

    async def unsubscribe(self, feed: Subscription) -> None:
        await self._asked("unsubscribeFeed", feed_id=feed.id)


def _entry(row: Mapping[str, Any]) -> Entry:
    media = [
        Medium(url, text_in(one, "content_type"), line(text_in(one, "title")))
        for one in things_in(row, "attachments")
        if (url := web(text_in(one, "content_url")))
    ]
    return flat(row, "link", "content", "updated", media)
