"""A server that feeds are read at, in its three APIs, as the recorded ones answer, which breaks as it is asked to.

The user is alice, the password sesame. `stories` is what it has; `edits` what it was told to mark, in order.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from hashlib import md5
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.newsstand import Newsstand, Talk

USER, PASSWORD = "alice", "sesame"
LONG = "tag:google.com,2005:reader/item/"
GREADER, FEVER, TTRSS = "/api/greader.php", "/fever/", "/api/"


@dataclass
class There:
    """One story at the server."""

    id: int
    feed: int
    title: str
    url: str
    body: str = "<p>The first ferry left before the fog did.</p>"
    published: int = 1_795_000_000
    read: bool = False
    starred: bool = False
    labels: set[str] = field(default_factory=set)


class Refusal(Exception):
    """Something is answered with this status."""


class FeedServer(Newsstand):
    """The server. `breaks`: told of each request by what it asks ("login", "subscription/list", "unread_item_ids",
    "getFeeds", "edit", ...); if it answers the talk itself it says so, and nothing else is done."""

    def __init__(self) -> None:
        super().__init__()
        self.feeds: dict[int, dict[str, str]] = {
            1: {"title": "Harbour Post", "url": "https://harbour.example/feed", "folder": "Port", "error": ""},
            2: {"title": "海港日报", "url": "https://haigang.example/feed", "folder": "中文", "error": ""},
        }
        self.stories: dict[int, There] = {}
        self.labels: set[str] = set()
        self.edits: list[tuple[str, bool, int]] = []
        self.asked_for: list[str] = []
        self.page = 1000
        self.breaks: Callable[[str, Talk], bool] = lambda what, talk: False
        self.spell: Callable[[int], str] = str
        self.lock = threading.RLock()
        self._token = 0
        self.routes |= {
            f"{GREADER}/*": self._greader,
            f"{FEVER}*": self._fever,
            TTRSS: self._ttrss,
        }

    def add(self, count: int, *, first: int = 1, feed: int = 1, **told: Any) -> list[There]:
        """Stories that are new there."""
        found = [
            There(n, feed, f"Story {n}", f"https://harbour.example/{n}.html", published=1_795_000_000 + n, **told)
            for n in range(first, first + count)
        ]
        self.stories |= {one.id: one for one in found}
        return found

    def state(self) -> dict[int, tuple[bool, bool, frozenset[str]]]:
        """Read, starred and labels of each story."""
        return {n: (one.read, one.starred, frozenset(one.labels)) for n, one in self.stories.items()}

    def renew(self) -> None:
        """End all sessions."""
        self._token += 1

    def mark(self, mark: str, value: bool, ids: Iterable[int]) -> None:
        """Mark stories, as another reader does."""
        for n in ids:
            one = self.stories.get(n)
            if one is None:
                continue
            if mark.startswith("tag/"):
                name = mark.removeprefix("tag/")
                self.labels.add(name)
                (one.labels.add if value else one.labels.discard)(name)
            else:
                setattr(one, mark, value)

    def _edit(self, mark: str, value: bool, ids: list[int]) -> None:
        self.edits += [(mark, value, n) for n in ids]
        self.mark(mark, value, ids)

    def _takes(self, what: str, talk: Talk) -> bool:
        self.asked_for.append(what)
        return not self.breaks(what, talk)

    # --- Google Reader ---

    def _greader(self, talk: Talk) -> None:
        place, _, query = talk.request.path.partition("?")
        said = parse_qs(query) | parse_qs(talk.request.body.decode())
        name = place.removeprefix(GREADER).removeprefix("/reader/api/0/")
        with self.lock:
            if name == "/accounts/ClientLogin":
                if self._takes("login", talk):
                    good = (said["Email"], said["Passwd"]) == ([USER], [PASSWORD])
                    talk.answer(f"SID=x\nAuth={USER}/{self._token}\n") if good else self._unauthorised(talk)
                return
            if not self._knows(talk, said):
                self._unauthorised(talk)
            elif self._takes("edit" if name == "edit-tag" else name, talk):
                try:
                    talk.answer(self._told(name, said))
                except Refusal as refusal:
                    talk.answer('{"error_message": "googlereader: no"}', refusal.args[0])

    def _knows(self, talk: Talk, said: dict[str, list[str]]) -> bool:
        is_known = talk.request.headers.get("authorization") == f"GoogleLogin auth={USER}/{self._token}"
        return is_known and (talk.request.method != "POST" or said.get("T") == [f"T{self._token}"])

    def _unauthorised(self, talk: Talk) -> None:
        talk.answer("Unauthorized!", 401, Google_Bad_Token="true")

    def _told(self, name: str, said: dict[str, list[str]]) -> str:
        if name == "token":
            return f"T{self._token}"
        if name == "subscription/list":
            return json.dumps({"subscriptions": [self._subscription(n) for n in self.feeds]})
        if name == "tag/list":
            tags = [{"id": "user/-/state/com.google/starred"}]
            tags += [{"id": f"user/-/label/{feed['folder']}", "type": "folder"} for feed in self.feeds.values()]
            return json.dumps({"tags": tags + [{"id": f"user/-/label/{one}", "type": "tag"} for one in self.labels]})
        if name == "stream/items/ids":
            found = sorted(self._stream(said), reverse=True)
            begin, size = int(said.get("c", ["0"])[0]), min(self.page, int(said["n"][0]))
            page = {"itemRefs": [{"id": self.spell(n)} for n in found[begin : begin + size]]}
            return json.dumps(page | ({"continuation": str(begin + size)} if begin + size < len(found) else {}))
        ids = [_number(one) for one in said.get("i", [])]
        if name == "stream/items/contents":
            return json.dumps({"items": [self._item(self.stories[n]) for n in ids if n in self.stories]})
        if name == "edit-tag":
            for value, streams in ((True, said.get("a", [])), (False, said.get("r", []))):
                for stream in streams:
                    label = stream.partition("/label/")[2]
                    self._edit(f"tag/{label}" if label else stream.rpartition("/")[2], value, ids)
            return "OK"
        assert name == "subscription/edit", name
        return self._subscribe(said)

    def _subscription(self, n: int) -> dict[str, Any]:
        feed = self.feeds[n]
        folder = {"id": f"user/-/label/{feed['folder']}", "label": feed["folder"]}
        return {"id": f"feed/{n}", "title": feed["title"], "url": feed["url"], "categories": [folder]}

    def _stream(self, said: dict[str, list[str]]) -> Iterable[int]:
        stream, is_unread = said["s"][0], said.get("xt") == ["user/-/state/com.google/read"]
        since = int(said.get("ot", ["0"])[0])
        label = stream.partition("/label/")[2]
        for one in self.stories.values():
            held = label in one.labels if label else not stream.endswith("starred") or one.starred
            if held and not (is_unread and one.read) and one.published >= since:
                yield one.id

    def _item(self, one: There) -> dict[str, Any]:
        return {
            "id": f"{LONG}{one.id % 2**64:016x}",
            "title": one.title,
            "published": one.published,
            "canonical": [{"href": one.url}],
            "summary": {"content": one.body},
            "origin": {"streamId": f"feed/{one.feed}"},
            "categories": ["user/-/state/com.google/reading-list", "port"],
        }

    def _subscribe(self, said: dict[str, list[str]]) -> str:
        action, stream = said["ac"][0], said["s"][0].removeprefix("feed/")
        folder = said.get("a", [""])[0].partition("/label/")[2]
        if action == "subscribe":
            n = max(self.feeds) + 1
            self.feeds[n] = {"title": said.get("t", [stream])[0], "url": stream, "folder": folder, "error": ""}
        elif action == "unsubscribe":
            del self.feeds[int(stream)]
        else:
            feed = self.feeds[int(stream)]
            folder = "" if "r" in said else folder or feed["folder"]  # FreshAPI removes last
            feed |= {"title": said.get("t", [feed["title"]])[0], "folder": folder}
        return "OK"

    # --- Fever ---

    def _fever(self, talk: Talk) -> None:
        asked = parse_qs(urlsplit(talk.request.path).query, keep_blank_values=True)
        said = parse_qs(talk.request.body.decode())
        key = md5(f"{USER}:{PASSWORD}".encode(), usedforsecurity=False).hexdigest()
        with self.lock:
            if said.get("api_key") != [key]:
                talk.answer(json.dumps({"api_version": 3, "auth": 0}))
                return
            what = next((name for name in asked if name != "api"), "edit" if "mark" in said else "login")
            if not self._takes(what, talk):
                return
            told: dict[str, Any] = {"api_version": 3, "auth": 1}
            folders = sorted({feed["folder"] for feed in self.feeds.values()})
            if "feeds" in asked:
                told["feeds"] = [{"id": n, "title": f["title"], "url": f["url"]} for n, f in self.feeds.items()]
            if "groups" in asked:
                told["groups"] = [{"id": n, "title": folder} for n, folder in enumerate(folders)]
                told["feeds_groups"] = [
                    {"group_id": folders.index(feed["folder"]), "feed_ids": str(n)} for n, feed in self.feeds.items()
                ]
            for name, stories in (
                ("unread_item_ids", [n for n, one in self.stories.items() if not one.read]),
                ("saved_item_ids", [n for n, one in self.stories.items() if one.starred]),
            ):
                if name in asked:
                    told[name] = ",".join(map(str, stories))
            if "items" in asked:
                since, wanted = int(asked.get("since_id", ["0"])[0]), asked.get("with_ids")
                ids = [int(n) for n in wanted[0].split(",")] if wanted else sorted(n for n in self.stories if n > since)
                told["items"] = [self._fever_item(self.stories[n]) for n in ids[:50] if n in self.stories]
            if said.get("mark") == ["item"]:
                mark = said["as"][0]
                name = "starred" if mark.endswith("saved") else "read"
                self._edit(name, not mark.startswith("un"), [int(said["id"][0])])
            talk.answer(json.dumps(told))

    def _fever_item(self, one: There) -> dict[str, Any]:
        told = {"id": one.id, "feed_id": one.feed, "title": one.title, "html": one.body, "url": one.url}
        return {**told, "is_read": int(one.read), "is_saved": int(one.starred), "created_on_time": one.published}

    # --- tt-rss ---

    def _ttrss(self, talk: Talk) -> None:
        order = json.loads(talk.request.body)
        op = order["op"]
        with self.lock:
            if op == "login":
                good = (order["user"], order["password"]) == (USER, PASSWORD)
                content: Any = {"session_id": f"s{self._token}"} if good else {"error": "LOGIN_ERROR"}
                talk.answer(json.dumps({"seq": 0, "status": int(not good), "content": content}))
            elif order.get("sid") != f"s{self._token}":
                talk.answer(json.dumps({"seq": 0, "status": 1, "content": {"error": "NOT_LOGGED_IN"}}))
            elif self._takes("edit" if op in ("updateArticle", "setArticleLabel") else op, talk):
                talk.answer(json.dumps({"seq": 0, "status": 0, "content": self._ordered(op, order)}))

    def _ordered(self, op: str, order: dict[str, Any]) -> Any:
        folders = sorted({feed["folder"] for feed in self.feeds.values()})
        labels = dict(enumerate(sorted(self.labels), 2000))
        if op == "getCategories":
            return [{"id": n, "title": folder} for n, folder in enumerate(folders, 1)]
        if op == "getFeeds":
            return [
                {
                    "id": n,
                    "title": feed["title"],
                    "feed_url": feed["url"],
                    "cat_id": folders.index(feed["folder"]) + 1,
                    "last_error": feed["error"],
                }
                for n, feed in self.feeds.items()
            ]
        if op == "getLabels":
            return [{"id": -n, "caption": name} for n, name in labels.items()]
        if op == "getUnread":
            return {"unread": str(sum(not one.read for one in self.stories.values()))}
        if op == "getHeadlines":
            found = sorted(self.stories.values(), key=lambda one: -one.id)
            if order["feed_id"] == -1:
                found = [one for one in found if one.starred]
            elif order["feed_id"] < -4:
                found = [one for one in found if labels[-order["feed_id"]] in one.labels]
            if order["view_mode"] == "unread":
                found = [one for one in found if not one.read]
            begin = order.get("skip", 0)
            return [self._headline(one) for one in found[begin : begin + min(200, order["limit"])]]
        ids = [int(n) for n in str(order.get("article_ids", order.get("article_id", ""))).split(",") if n]
        if op == "getArticle":
            return [
                self._headline(self.stories[n]) | {"content": self.stories[n].body} for n in ids if n in self.stories
            ]
        if op == "updateArticle":
            mark = {0: "starred", 2: "read"}[order["field"]]
            self._edit(mark, (order["mode"] == 1) == (mark == "starred"), ids)
        elif op == "setArticleLabel":
            self._edit(f"tag/{labels[-order['label_id']]}", order["assign"], ids)
        else:
            assert op in ("subscribeToFeed", "unsubscribeFeed"), op
        return {"status": "OK", "updated": len(ids)}

    def _headline(self, one: There) -> dict[str, Any]:
        told = {"id": one.id, "feed_id": one.feed, "title": one.title, "link": one.url, "updated": one.published}
        return {**told, "unread": not one.read, "marked": one.starred}


class Miniflux(FeedServer):
    """The same as Miniflux answers, its older versions among them: what is sent is judged by T alone, a short id is
    taken for a hexadecimal one, what is marked already is unmarked, there are no labels, and Fever's questions are
    answered one at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.routes = {
            "/accounts/ClientLogin": self._greader,
            "/reader/api/0/*": self._greader,
            "/fever/*": self._fever,
        }

    def _knows(self, talk: Talk, said: dict[str, list[str]]) -> bool:
        if talk.request.method == "POST":
            return said.get("T") == [f"{USER}/{self._token}"]
        return super()._knows(talk, said)

    def _told(self, name: str, said: dict[str, list[str]]) -> str:
        if name == "token":
            return f"{USER}/{self._token}"
        if name not in ("edit-tag", "subscription/edit") and said.get("output") != ["json"]:
            raise Refusal(400)
        streams = [stream for key in "sar" for stream in said.get(key, [])]
        if name in ("edit-tag", "stream/items/ids") and any("/label/" in stream for stream in streams):
            raise Refusal(500)
        said = said | {"i": [one if one.startswith(LONG) else str(int(one, 16)) for one in said.get("i", [])]}
        if name == "stream/items/contents" and not any(_number(one) in self.stories for one in said["i"]):
            raise Refusal(400)
        return super()._told(name, said).replace("user/-/", "user/1/")

    def _edit(self, mark: str, value: bool, ids: list[int]) -> None:
        is_so = {n: getattr(self.stories[n], mark) for n in ids if n in self.stories}
        super()._edit(mark, value, ids)
        self.mark(mark, not value, [n for n, before in is_so.items() if before == value])

    def _fever(self, talk: Talk) -> None:
        path, _, query = talk.request.path.partition("?")
        asked = query.split("&")
        first = next((name for name in ("groups", "feeds") if name in asked), None)
        if first is not None:
            query = f"api&{first}"
        super()._fever(replace(talk, request=replace(talk.request, path=f"{path}?{query}")))


def _number(spelled: str) -> int:
    if spelled.startswith(LONG):
        return int(spelled.removeprefix(LONG), 16)
    return int(spelled)
