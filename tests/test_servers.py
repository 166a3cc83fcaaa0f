"""The servers that are synced with, by their APIs: as they were recorded, and as they break."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from hashlib import md5
from typing import TypeVar
from urllib.parse import parse_qs

import pytest

from newsreader.errors import FetchFailed, TryLater
from newsreader.fetch import servers
from newsreader.fetch.client import Client
from newsreader.fetch.request_terms import Access, Call
from newsreader.fetch.servers import Api
from newsreader.fetch.servers.discovery import discovered
from newsreader.fetch.servers.fever import Fever
from newsreader.fetch.servers.greader import GoogleReader, item_id
from newsreader.fetch.servers.ttrss import TinyTinyRss
from newsreader.fetch.state import Subscription
from tests.feedserver import GREADER, LONG, PASSWORD, USER, FeedServer
from tests.newsstand import Newsstand, Talk, redirect
from tests.recordings import Replay, recorded

A = TypeVar("A", bound=Api)
FRESHRSS, FRESHAPI = "/api/greader.php", "/plugins.local/freshapi/api/greader.php"


@pytest.fixture
def stand() -> Iterator[Newsstand]:
    with Newsstand() as server:
        yield server


async def all_of(pages: AsyncIterator[list[str]]) -> list[str]:
    return [item async for page in pages for item in page]


# --- as they were recorded ----------------------------------------------------------------------------------------


async def test_every_recorded_answer_comes_through_the_client() -> None:
    exchanges = recorded()
    with Newsstand() as stand:
        async with Client() as client:
            for number, one in enumerate(exchanges):
                stand.routes["*"] = lambda talk, one=one: talk.send(one.answer)  # type: ignore[misc]
                form = one.headers.get("content-type", "")
                call = Call(one.headers.get("authorization", ""), form, one.body if one.method == "POST" else None)
                ask = client.get(stand.url(one.path), access=Access(stand.url()), call=call)
                if one.status == 200:
                    assert (await ask).body == one.answer.partition(b"\r\n\r\n")[2], one.name
                else:
                    with pytest.raises(FetchFailed) as refused:
                        await ask
                    assert refused.value.status == one.status, one.name
                    assert (refused.value.why == "bad-token") == (b"Google-Bad-Token" in one.answer), one.name
                sent = stand.requests[number]
                assert (sent.method, sent.path, sent.body) == (one.method, one.path, one.body), one.name
                assert sent.headers.get("authorization", "") == call.authorization, one.name


@pytest.mark.parametrize(("family", "base"), [("freshrss-[0-9]", FRESHRSS), ("ttrssfreshapi", FRESHAPI)])
async def test_google_reader_as_recorded(family: str, base: str) -> None:
    is_freshrss = base == FRESHRSS
    with Replay(recorded(family)) as replay:
        async with Client() as client:
            api = await discovered(client, replay.url(), "alice", "apipass-1" if is_freshrss else "ttrsspass1")
            assert (api.name, api.location) == ("greader", replay.url(base))
            feeds = {feed.title: feed for feed in await api.subscriptions()}
            assert feeds["海港日报"].folder == "中文"
            assert feeds["Harbour Post"].url == "http://127.0.0.1:9811/harbour.xml"
            assert await api.labels() == []
            unread = await all_of(api.ids("unread"))
            first, second = (unread[0], unread[1])
            assert unread == [str(int(first) - n) for n in range(9)]
            pages = api.ids("recent")
            assert await anext(pages) == unread[:4]
            if is_freshrss:  # the other lists by places, of which other ones are asked for than were recorded
                assert await anext(pages) == unread[4:8]
            assert await all_of(api.ids("recent", 1795010000)) == unread
            entries = await api.entries([first, second])
            assert sorted(entry.id for entry in entries) == sorted([first, second])
            chinese = next(entry for entry in entries if "海港" in entry.item.title)
            assert chinese.feed == feeds["海港日报"].id
            assert chinese.item.url == "http://127.0.0.1:9811/haigang/3.html"
            assert chinese.item.published is not None
            assert chinese.item.published.replace(second=0) == datetime(2026, 11, 18, 14, 6, tzinfo=UTC).replace(
                hour=chinese.item.published.hour, minute=chinese.item.published.minute
            )
            assert "an ampersand" in chinese.item.body
            assert chinese.item.topics == (("port",) if is_freshrss else ())
            await api.mark("read", True, [first])
            after = await all_of(api.ids("unread"))
            assert first not in after
            assert len(after) < len(unread)
            assert await all_of(api.ids("starred")) == [second]
            await api.mark("read", False, [first])
            await api.mark("tag/later", True, [first])
            assert await api.labels() == ["later"]
            assert await api.entries(["999999"]) == []
            await api.mark("read", True, unread)
            url = "http://127.0.0.1:9811/harbour.xml?again"
            await api.subscribe(url, "", "Port")
            with pytest.raises(FetchFailed) as gone:
                await api.entries(["1"])
            assert (gone.value.why, gone.value.status) == ("status", 404)
    tokens = {parse_qs(r.body.decode()).get("T", ["?"])[0] for r in replay.requests if "edit-tag" in r.path}
    assert len(tokens) == 1
    assert "?" not in tokens
    with Replay(recorded(family)) as replay:
        async with Client() as client:
            with pytest.raises(FetchFailed) as refused:
                await discovered(client, replay.url(), "alice", "wrong")
            assert refused.value.why == "login"


@pytest.mark.parametrize(
    ("family", "base"),
    [
        ("coldsweat-fever", "/fever/"),
        ("freshrss-fever", "/api/fever.php"),
        ("ttrssfever", "/plugins.local/fever/index.php"),
    ],
)
async def test_fever_as_recorded(family: str, base: str) -> None:
    with Replay(recorded(family)) as replay:
        async with Client() as client:
            api = Fever(client, replay.url(base), "alice", "secret")
            await api.login()
            feeds = await api.subscriptions()
            assert {(feed.title, feed.folder) for feed in feeds} >= {("Harbour Post", "Port"), ("海港日报", "中文")}
            unread = await all_of(api.ids("unread"))
            assert len(unread) > 4
            assert set(unread) & set(await anext(api.ids("recent")))
            asked = next(one for one in recorded(family) if "with_ids" in one.path).path.rpartition("=")[2].split(",")
            entries = await api.entries(asked)
            assert [entry.id for entry in entries] == asked
            assert entries[0].item.title == "Harbour Post story 0"
            assert entries[0].item.url.endswith("/harbour/0.html")
            read = next(one for one in recorded(family) if b"as=read" in one.body).body.decode().rpartition("=")[2]
            await api.mark("read", True, [read])
            assert read not in await all_of(api.ids("unread"))
            starred = next(one for one in recorded(family) if b"as=saved" in one.body).body.decode().rpartition("=")[2]
            await api.mark("starred", True, [starred])
            assert starred in await all_of(api.ids("starred"))
            await api.mark("read", False, [read])
            assert read in await all_of(api.ids("unread"))
            refusal = next(one for one in recorded(family) if "auth-wrong" in one.name)
            replay.routes["*"] = lambda talk: talk.send(refusal.answer)
            with pytest.raises(FetchFailed) as refused:
                await api.login()
            assert refused.value.why == "login"


async def test_tiny_tiny_rss_as_recorded() -> None:
    exchanges = recorded("ttrss-api")
    with Replay(exchanges) as replay:
        async with Client() as client:
            api = await discovered(client, replay.url(), "alice", "ttrsspass1", "ttrss")
            assert (api.name, api.location) == ("ttrss", replay.url("/api/"))
            assert await api.subscriptions() == [
                Subscription("1", "Harbour Post", "http://127.0.0.1:9811/harbour.xml", "Port"),
                Subscription("2", "海港日报", "http://127.0.0.1:9811/haigang.xml", "中文"),
            ]
            assert await all_of(api.ids("unread")) == ["5", "4", "9", "3", "8", "2", "7", "1", "6"]
            entries = await api.entries(["5", "4"])
            assert [(entry.id, entry.feed, entry.item.title) for entry in entries] == [
                ("4", "1", "Harbour Post story 3"),
                ("5", "1", "Harbour Post story 4"),
            ]
            await api.mark("read", True, ["5"])
            await api.mark("starred", True, ["4"])
            with pytest.raises(FetchFailed) as refused:
                await api.mark("tag/later", True, ["4"])
            assert (refused.value.why, refused.value.detail) == ("no-label", "later")
            unknown = next(one for one in exchanges if b"UNKNOWN_METHOD" in one.answer)
            replay.routes["*"] = lambda talk: talk.send(unknown.answer)
            with pytest.raises(FetchFailed) as refused:
                await api.subscriptions()
            assert (refused.value.why, refused.value.detail) == ("refused", "UNKNOWN_METHOD")
            replay.routes["*"] = lambda talk: talk.answer('{"seq": 0, "status": 0, "content": []}')
            with pytest.raises(FetchFailed) as refused:
                await api.subscribe("https://harbour.example/feed", "", "")
            assert (refused.value.why, refused.value.detail) == ("refused", "")
            wrong = next(one for one in exchanges if b"LOGIN_ERROR" in one.answer)
            replay.routes["*"] = lambda talk: talk.send(wrong.answer)
            with pytest.raises(FetchFailed) as refused:
                await api.login()
            assert refused.value.why == "login"
            ended = next(one for one in exchanges if b"NOT_LOGGED_IN" in one.answer)
            again = iter([ended, exchanges[0], next(one for one in exchanges if "getCategories" in str(one.body))])
            replay.routes["*"] = lambda talk: talk.send(next(again, ended).answer)
            with pytest.raises(FetchFailed) as refused:  # a new session is begun once, not for ever
                await api.subscriptions()
            assert refused.value.why == "login"


# --- ids ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelled", "one"),
    [
        ("1795903744501881", "1795903744501881"),
        ("tag:google.com,2005:reader/item/0006615d6cbde879", "1795903744501881"),
        ("0006615d6cbde879", "1795903744501881"),
        ("0006615D6CBDE879", "1795903744501881"),
        ("tag:google.com,2005:reader/item/6615d6cbde879", "1795903744501881"),
        ("-355401917359550817", "-355401917359550817"),
        ("18091342156350000799", "-355401917359550817"),
        ("tag:google.com,2005:reader/item/fb115bd6d34a8e9f", "-355401917359550817"),
        ("fb115bd6d34a8e9f", "-355401917359550817"),
        ("0000000000000009", "9"),
        ("tag:google.com,2005:reader/item/0000000000000009", "9"),
        ("9", "9"),
        ("5e3f2a1b9c8d7e6f5a4b3c2d", "5e3f2a1b9c8d7e6f5a4b3c2d"),
        ("tag:google.com,2005:reader/item/5e3f2a1b9c8d7e6f5a4b3c2d", "5e3f2a1b9c8d7e6f5a4b3c2d"),
        ("urn:海港", "urn:海港"),
    ],
)
def test_an_item_has_one_id_however_it_is_spelled(spelled: str, one: str) -> None:
    assert item_id(spelled) == one


# --- as they break ------------------------------------------------------------------------------------------------

LOGIN = "SID=x\nLSID=x\nAuth=alice/1\n"
READING = "user/-/state/com.google/reading-list"


def ids(*found: str, c: str = "") -> str:
    return json.dumps({"itemRefs": [{"id": one} for one in found], **({"continuation": c} if c else {})})


async def greader(stand: Newsstand, act: Callable[[GoogleReader], object]) -> FetchFailed:
    stand.routes.setdefault("/accounts/ClientLogin", LOGIN)
    async with Client() as client:
        api = GoogleReader(client, stand.url(), "alice", "s3cret")
        with pytest.raises(FetchFailed) as failed:
            await act(api)  # type: ignore[misc]
        assert "s3cret" not in repr(failed.value)
        return failed.value


@pytest.mark.parametrize(
    "answer", ["<!DOCTYPE html><p>Please log in", "", "[]", "{}", '{"itemRefs": 5}', "[" * 100_000]
)
async def test_what_is_no_list_of_ids_is_none(stand: Newsstand, answer: str) -> None:
    stand.routes["/reader/api/0/stream/items/ids*"] = answer
    failure = await greader(stand, lambda api: all_of(api.ids("unread")))
    assert failure.why == "not-an-answer"
    assert failure.detail == ("html" if answer.startswith("<") else "")


async def test_lists_end(stand: Newsstand) -> None:
    count = iter(range(1, 10**6))
    for endless in (
        lambda talk: talk.answer(ids("1", "2", c="same")),
        lambda talk: talk.answer(ids("1", "2", c=str(next(count)))),
        lambda talk: talk.answer(ids(c=str(next(count)))),
    ):
        stand.routes["/reader/api/0/stream/items/ids*"] = endless
        stand.requests.clear()
        assert (await greader(stand, lambda api: all_of(api.ids("unread")))).why == "endless"
        assert len(stand.requests) < 5


async def test_what_is_no_number_is_no_id_of_fevers(stand: Newsstand) -> None:
    rows = [{"id": "9" * 5000}, {"id": "٣"}, {"id": 7, "created_on_time": "9" * 5000}, {"id": 10**25}]
    stand.routes["/?api&items&since_id=0"] = json.dumps({"auth": 1, "items": rows})
    stand.routes["/?api&items&since_id=7"] = json.dumps({"auth": 1, "items": []})
    async with Client() as client:
        assert await all_of(Fever(client, stand.url(), "alice", "s").ids("recent", -1)) == ["7"]


@pytest.mark.parametrize(("limit", "most"), [("_MOST_CHARACTERS", 2000), ("_MOST_PAGES", 4)])
async def test_a_list_has_no_more_than_servers_have(
    limit: str, most: int, stand: Newsstand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, limit, most)
    count = iter(range(1, 10**6))
    stand.routes["/reader/api/0/stream/items/ids*"] = lambda talk: talk.answer(
        ids(*(f"{next(count)}-{'x' * 100}" for _ in range(9)), c=str(next(count)))
    )
    assert (await greader(stand, lambda api: all_of(api.ids("unread")))).why == "endless"
    assert len(stand.requests) < 6


async def test_half_characters_are_none(stand: Newsstand) -> None:
    item = {"id": "a\ud800", "title": "Low \udc00 water", "origin": {"streamId": "\ud800"}, "categories": ["\ud800"]}
    stand.routes |= {
        "/accounts/ClientLogin": LOGIN,
        "/reader/api/0/token": "t",
        "/reader/api/0/stream/items/ids*": ids("a\ud800"),
        "/reader/api/0/stream/items/contents*": json.dumps({"items": [item]}),
        "/reader/api/0/tag/list*": json.dumps({"tags": [{"id": "user/-/label/\ud800"}]}),
    }
    async with Client() as client:
        api = GoogleReader(client, stand.url(), "alice", "s3cret")
        found = [*await all_of(api.ids("unread")), *await api.labels()]
        (entry,) = await api.entries(found)
    for text in (*found, entry.id, entry.feed, entry.item.title, *entry.item.topics):
        assert "?" in text.encode().decode()


@pytest.mark.parametrize(
    ("status", "header"), [(400, "Google-Bad-Token"), (401, "X-Reader-Google-Bad-Token"), (401, "")]
)
async def test_tokens_are_renewed(stand: Newsstand, status: int, header: str) -> None:
    """A 401 in the middle: first T is asked for anew, then the login."""
    given = iter(range(100))
    good: dict[str, str] = {}

    def login(talk: Talk) -> None:
        good["auth"] = f"alice/{next(given)}"
        talk.answer(f"Auth={good['auth']}\n")

    def refuse(talk: Talk) -> None:
        talk.answer("Unauthorized!", status, **({header: "true"} if header else {}))

    def token(talk: Talk) -> None:
        if talk.request.headers["authorization"] != f"GoogleLogin auth={good['auth']}":
            return refuse(talk)
        good["T"] = f"t{next(given)}"
        return talk.answer(good["T"])

    def edit(talk: Talk) -> None:
        said = parse_qs(talk.request.body.decode())
        is_good = (said["T"], talk.request.headers["authorization"]) == (
            [good["T"]],
            f"GoogleLogin auth={good['auth']}",
        )
        talk.answer("OK") if is_good else refuse(talk)

    stand.routes |= {"/accounts/ClientLogin": login, "/reader/api/0/token": token, "/reader/api/0/edit-tag": edit}
    async with Client() as client:
        api = GoogleReader(client, stand.url(), "alice", "s3cret")
        await api.mark("read", True, ["1"])
        good["T"] = "another"
        await api.mark("read", True, ["2"])
        good["auth"] = "alice/another"
        await api.mark("read", True, ["3"])
        assert len(stand.asked("/accounts/ClientLogin")) == 2
        stand.routes["/reader/api/0/edit-tag"] = refuse
        stand.requests.clear()
        with pytest.raises(FetchFailed) as refused:
            await api.mark("read", True, ["4"])
        assert refused.value.why == "bad-token"
        assert len(stand.requests) < 8


async def test_a_secret_stays_at_its_origin(stand: Newsstand) -> None:
    with Newsstand() as other:
        other.routes["*"] = LOGIN
        stand.routes["/accounts/ClientLogin"] = redirect(other.url("/accounts/ClientLogin"), 307)
        failure = await greader(stand, lambda api: api.login())
        assert (failure.why, failure.detail) == ("moved", other.url("/accounts/ClientLogin"))
        assert other.requests == []
    stand.routes["/accounts/ClientLogin"] = redirect("/elsewhere", 307)
    stand.routes["/elsewhere"] = LOGIN
    stand.routes["/reader/api/0/tag/list*"] = "nonsense"
    assert (await greader(stand, lambda api: api.labels())).why == "not-an-answer"
    assert b"s3cret" in stand.asked("/elsewhere")[0].body


async def test_errors_have_names(stand: Newsstand) -> None:
    stand.routes["/reader/api/0/token"] = "t"
    for status, why in ((500, "status"), (404, "status"), (403, "status")):
        stand.routes["/reader/api/0/edit-tag"] = lambda talk, status=status: talk.answer("no", status)  # type: ignore[misc]
        failure = await greader(stand, lambda api: api.mark("starred", True, ["1"]))
        assert (failure.why, failure.status) == (why, status)
    for answer, detail in (("<html>maintenance", "html"), ("Sorry", "Sorry")):
        stand.routes["/reader/api/0/edit-tag"] = answer
        failure = await greader(stand, lambda api: api.mark("starred", True, ["1"]))
        assert (failure.why, failure.detail) == ("not-an-answer", detail)
    stand.routes["/reader/api/0/edit-tag"] = lambda talk: talk.answer("", 429, Retry_After="60")
    assert isinstance(await greader(stand, lambda api: api.mark("starred", True, ["1"])), TryLater)
    for answer, detail in (("Auth=a\x07b\n", ""), ("\n<html>Log in", "html")):
        stand.routes["/accounts/ClientLogin"] = answer
        failure = await greader(stand, lambda api: api.login())
        assert (failure.why, failure.detail) == ("not-an-answer", detail)


async def test_nothing_that_is_no_such_server_is_taken_for_one(stand: Newsstand) -> None:
    async with Client() as client:
        pages = [("<!DOCTYPE html><title>Welcome</title>", 200), ("{}", 200), ("", 200), ('{"auth": 1', 200), ("", 404)]
        for page, status in pages:
            stand.routes["*"] = lambda talk, page=page, status=status: talk.answer(page, status)  # type: ignore[misc]
            stand.requests.clear()
            with pytest.raises(FetchFailed) as failed:
                await discovered(client, stand.url(), "alice", "s3cret")
            assert (failed.value.why, failed.value.status) == ("no-server", 0)
            assert not any("s3cret" in request.path for request in stand.requests)
        with pytest.raises(FetchFailed) as failed:
            await discovered(client, "http://127.0.0.1:9", "alice", "s3cret")
        assert (failed.value.why, failed.value.status) == ("unreachable", 0)


async def test_odd_contents_are_passed_over(stand: Newsstand) -> None:
    odd = {"items": [5, None, {}, {"id": 7, "title": 5, "canonical": "x", "origin": [], "published": "1e99"}]}
    stand.routes |= {
        "/accounts/ClientLogin": LOGIN,
        "/reader/api/0/token": "t",
        "/reader/api/0/stream/items/contents*": json.dumps(odd),
    }
    async with Client() as client:
        (entry,) = await GoogleReader(client, stand.url(), "alice", "s").entries(["7"])
    assert (entry.id, entry.item.title, entry.item.url, entry.item.published) == ("7", "5", "", None)


@pytest.mark.parametrize("page", ["/", "/i/", "/i/?a=normal&get=a", "/index.php", "/api/greader.php", "/i/index.php?x"])
async def test_a_server_is_found_from_where_a_browser_shows_it(page: str) -> None:
    with FeedServer() as server:
        async with Client() as client:
            api = await discovered(client, server.url(page), USER, PASSWORD)
            assert (api.name, api.location) == ("greader", server.url(GREADER))


async def test_an_api_that_is_switched_off_is_named(stand: Newsstand) -> None:
    stand.routes["/api/greader.php*"] = lambda talk: talk.answer("Service Unavailable!", 503)
    async with Client() as client:
        with pytest.raises(FetchFailed) as failed:
            await discovered(client, stand.url(), USER, PASSWORD)
        assert failed.value.why == "api-off"
        stand.routes = {"/api/": json.dumps({"seq": 0, "status": 1, "content": {"error": "API_DISABLED"}})}
        with pytest.raises(FetchFailed) as failed:
            await discovered(client, stand.url(), USER, PASSWORD)
        assert failed.value.why == "api-off"


async def test_a_story_is_taken_as_servers_spell_it(stand: Newsstand) -> None:
    odd = {
        "id": f"{LONG}000000000000000a",
        "title": "A &lt;b&gt;ferry&lt;/b&gt;",
        "published": "1795000000",
        "canonical": [{"href": "javascript:x"}],
        "alternate": [{"href": " https://x.example/?a=1&amp;copy=2"}],
        "summary": {"content": ""},
        "categories": ["user/1/label/Port", 5, "port"],
        "author": None,
    }
    answer = json.dumps({"items": [odd, {"id": 5}, "x", {"title": "without an id"}]})
    stand.routes |= {"/accounts/ClientLogin": LOGIN, "/reader/api/0/token": "t"}
    stand.routes["/reader/api/0/stream/items/contents*"] = "\ufeff" + answer
    async with Client() as client:
        first, *_ = await GoogleReader(client, stand.url(), "alice", "s").entries(["10"])
    item = first.item
    assert (first.id, item.title, item.url) == ("10", "A <b>ferry</b>", "https://x.example/?a=1&copy=2")
    assert (item.body, item.topics, item.authors) == ("", ("port",), ())
    assert item.published == datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)


async def test_a_folder_is_no_label_where_nothing_says_which_it_is(stand: Newsstand) -> None:
    names = ["user/-/label/Port", "user/7/label/a/b", "user/-/label/稍后 50%20", "user/-/label/News", "user/-/state/x"]
    feeds = [{"id": "feed/1", "categories": [{"id": "user/7/label/Port"}, {"id": "user/7/label/News"}]}]
    stand.routes |= {
        "/accounts/ClientLogin": LOGIN,
        "/reader/api/0/subscription/list*": json.dumps({"subscriptions": feeds}),
        "/reader/api/0/tag/list*": json.dumps({"tags": [{"id": name} for name in names]}),
        "/reader/api/0/stream/items/ids*": lambda talk: talk.answer(ids(talk.request.name.rpartition("&s=")[2])),
    }
    async with Client() as client:
        api = GoogleReader(client, stand.url(), "alice", "s")
        assert [feed.folder for feed in await api.subscriptions()] == ["Port"]
        assert await api.labels() == ["a/b", "稍后 50%20"]
        (asked,) = await all_of(api.ids("tag/a/b"))
        assert asked.startswith("user/7/label/a/b")


async def test_a_list_that_moves_while_it_is_read_is_none(stand: Newsstand) -> None:
    """tt-rss lists by place: what was read meanwhile moves another story out of sight."""
    rows = [{"id": n, "updated": 1795010000} for n in range(1, 301)]

    def answer(talk: Talk) -> None:
        order = json.loads(talk.request.body)
        if order["op"] == "login":
            content: object = {"session_id": "x"}
        else:
            content = rows[order["skip"] : order["skip"] + order["limit"]]
            del rows[:moving]
        talk.answer(json.dumps({"seq": 0, "status": 0, "content": content}))

    stand.routes["/api/"] = answer
    async with Client() as client:
        api = TinyTinyRss(client, stand.url("/api/"), "alice", "s")
        for moving in (0, 5):  # noqa: B007 (the server reads it)
            held = len(rows)
            assert len(set(await all_of(api.ids("unread")))) == held, "a few are reached back for"
        moving = 21
        with pytest.raises(FetchFailed) as failed:
            await all_of(api.ids("unread"))
        assert failed.value.why == "changing"


def test_fever_keys_are_as_its_api_has_them() -> None:
    assert Fever(Client(), "http://h.example/fever/", "alice", "secret")._key == md5(b"alice:secret").hexdigest()
