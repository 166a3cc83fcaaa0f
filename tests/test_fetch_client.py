"""The one client, against a server that does what no server should."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import ssl
import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from newsreader.errors import FetchFailed, Gone, TryLater, UnsafeUrl
from newsreader.fetch.addresses import Inside, IPAddress, address_of, is_inside, literal, proxy_for, shown
from newsreader.fetch.client import Client
from newsreader.fetch.client.answers import Answer
from newsreader.fetch.inflate import BadBody, Body
from newsreader.fetch.request_terms import Access, Limits, Validators, fresh_for
from newsreader.ui.reasons import why_not_fetched
from tests.newsstand import (
    Newsstand,
    Talk,
    conditional,
    dies,
    endless_chunks,
    gzip_bomb,
    late,
    packed_zeros,
    redirect,
    says_length,
    slow_drip,
)

JUNE = "Sun, 28 Jun 2020 09:01:35 GMT"
SMALL = Limits(size=100_000)
IMPATIENT = Limits(size=100_000, seconds=0.5)


@pytest.fixture
def stand() -> Iterator[Newsstand]:
    with Newsstand() as server:
        yield server


async def get(url: str, *opened: str, **terms: object) -> Answer:
    """What a URL gives to the source at that location, or to another one."""
    async with Client(opened) as client:
        return await client.get(url, **{"access": Access(url), **terms})  # type: ignore[arg-type]


async def refusal(url: str, *opened: str, **terms: object) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        await get(url, *opened, **{"limits": SMALL, **terms})
    return caught.value


async def test_an_answer_is_what_was_sent(stand: Newsstand) -> None:
    stand.routes["/feed"] = lambda talk: talk.answer(
        b"\xb5\xc2",
        Content_Type='Text/XML; charset="GB2312"',
        ETag='"a"',
        Last_Modified="Sun, 28 Jun 2020 09:01:35 GMT",
    )
    answer = await get(stand.url("/feed"))
    assert (answer.body, answer.type, answer.charset, answer.unchanged) == (b"\xb5\xc2", "text/xml", "gb2312", False)
    assert answer.validators == Validators(stand.url("/feed"), '"a"', JUNE)
    (asked,) = stand.requests
    assert asked.headers["user-agent"].startswith("newsreader/")
    assert asked.headers["accept-encoding"] == "gzip"
    assert "cookie" not in asked.headers


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, lambda body: zlib.compress(body)[2:-4]])
async def test_compressed_bodies(stand: Newsstand, pack: object) -> None:
    assert callable(pack)
    body = b"<rss/>" * 30_000
    coding = "gzip" if pack is gzip.compress else "deflate"
    stand.routes["/"] = lambda talk: talk.answer(pack(body), Content_Encoding=coding)
    assert (await get(stand.url())).body == body


@pytest.mark.parametrize(
    "coding",
    [
        "utf-8",
        "UTF-8",
        "none",
        "identity",
        "aws-chunked",
        "binary",
        "gzip",
        "x-gzip",
        "deflate",
        "br",
        "zstd",
        "utf-8, gzip",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 10**6])
async def test_what_a_body_is_not_in_is_not_undone(stand: Newsstand, coding: str, size: int) -> None:
    body = b"\xef\xbb\xbf<rss>\xe6\xb8\xa1</rss>"

    def handler(talk: Talk) -> None:
        talk.send(f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for at in range(0, len(body), size):
            piece = body[at : at + size]
            talk.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        talk.send(b"0\r\n\r\n")

    stand.routes["/"] = handler
    assert (await get(stand.url())).body == body


async def test_gzip_that_nobody_spoke_of_is_undone(stand: Newsstand) -> None:
    body = b"<rss/>" * 30_000
    packed = gzip.compress(body)
    stand.routes["/"] = packed
    assert (await get(stand.url())).body == body
    pieces: list[bytes] = []
    await get(stand.url(), into=pieces.append)
    assert b"".join(pieces) == packed
    stand.routes["/"] = lambda talk: talk.answer(gzip.compress(packed), Content_Encoding="gzip")
    assert (await get(stand.url())).body == body
    stand.routes["/bomb"] = packed_zeros(100_000_000)
    assert (await refusal(stand.url("/bomb"))).why == "too-big"


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (slow_drip, "timeout"),
        (late(b"", 1.5), "timeout"),
        (endless_chunks, "too-big"),
        (gzip_bomb(50_000_000), "too-big"),
        (says_length(10**15, b"x"), "too-big"),
        (lambda talk: talk.answer(b"z" * 100_001), "too-big"),
        (says_length(500, b"short"), "cut-short"),
        (dies, "cut-short"),
        (lambda talk: talk.answer(gzip.compress(b"whole" * 999)[:-20], Content_Encoding="gzip"), "cut-short"),
        (lambda talk: talk.answer(gzip.compress(b"x")[:10] + b"\xff\xff no more", Content_Encoding="gzip"), "damaged"),
        (lambda talk: talk.answer(gzip.compress(b"whole" * 999)[:-20]), "cut-short"),
        (lambda talk: talk.answer(b"x", Content_Encoding="br"), "encoding"),
        (lambda talk: talk.answer(b"x", Content_Encoding="gzip, gzip, gzip"), "encoding"),
        (lambda talk: talk.send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), "protocol"),
        (lambda talk: None, "cut-short"),
        (lambda talk: talk.answer(b"", 304), "not-modified"),
        (lambda talk: talk.answer(b"", 204), "status"),
        (lambda talk: talk.answer(b"", 500), "status"),
        (redirect("/"), "redirects"),
        (redirect(""), "redirect"),
        (redirect("file:///etc/passwd"), "redirect"),
        (redirect("http://[broken"), "redirect"),
    ],
)
async def test_bad_manners_have_a_code(stand: Newsstand, handler: object, why: str) -> None:
    stand.routes["/"] = handler  # type: ignore[assignment]
    failure = await refusal(stand.url(), limits=IMPATIENT if why == "timeout" else SMALL)
    assert failure.why == why
    assert failure.where == stand.url()


async def test_more_than_was_announced_is_not_taken(stand: Newsstand) -> None:
    stand.routes["/"] = says_length(4, b"<a/>and more")
    assert (await get(stand.url())).body == b"<a/>"


async def test_a_bomb_costs_no_memory(stand: Newsstand) -> None:
    bomb = gzip.compress(packed_zeros(300_000_000))
    stand.routes["/"] = lambda talk: talk.answer(bomb, Content_Encoding="gzip, gzip")
    tracemalloc.start()
    try:
        failure = await refusal(stand.url())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert failure.why == "too-big"
    assert len(bomb) < 3_000
    assert most < 30_000_000


async def test_redirects_are_followed_and_counted(stand: Newsstand) -> None:
    stand.routes |= {
        "/old": redirect("/older", 301),
        "/older": redirect("/now", 308),
        "/now": b"here",
        "/mixed": redirect("/then", 301),
        "/then": redirect("/old", 302),
        "/far": redirect("/far/1", 302),
        **{f"/far/{n}": redirect(f"/far/{n + 1}", 302) for n in range(1, 30)},
    }
    moved = await get(stand.url("/old"))
    assert (moved.body, moved.url, moved.moved) == (b"here", stand.url("/now"), stand.url("/now"))
    mixed = await get(stand.url("/mixed"))
    assert (mixed.url, mixed.moved) == (stand.url("/now"), stand.url("/then"))
    assert (await refusal(stand.url("/far"))).why == "redirects"
    assert len([r for r in stand.requests if r.path.startswith("/far")]) == 11


async def test_a_cookie_may_open_the_way_and_is_forgotten(stand: Newsstand) -> None:
    def door(talk: Talk) -> None:
        if "seen=1" in talk.request.headers.get("cookie", ""):
            talk.answer(b"welcome")
        else:
            talk.answer(b"", 302, Location="/", Set_Cookie="seen=1")

    stand.routes["/"] = door
    async with Client(["127.0.0.1"]) as client:
        assert (await client.get(stand.url())).body == b"welcome"
        assert (await client.get(stand.url())).body == b"welcome"
    assert ["cookie" in request.headers for request in stand.requests] == [False, True, False, True]


async def test_unchanged(stand: Newsstand) -> None:
    stand.routes["/"] = conditional(b"body")
    first = await get(stand.url())
    again = await get(stand.url(), validators=first.validators)
    assert (first.unchanged, again.unchanged, again.body) == (False, True, b"")
    other = Validators(stand.url("/elsewhere"), '"one"')  # these are of another address
    assert not (await get(stand.url(), validators=other)).unchanged
    forged = Validators(stand.url(), '"one"\r\nX-Evil: 1')
    assert not (await get(stand.url(), validators=forged)).unchanged
    assert all("x-evil" not in request.headers for request in stand.requests)


@pytest.mark.parametrize(
    ("sent", "answered", "is_ours"),
    [
        ('"a"', "", True),
        ('"a"', '"a"', True),
        ('W/"a"', '"a"', True),
        ('"a"', 'W/"a"', True),
        ('"a-gzip"', '"a"', True),
        ('"a", "b"', '"b"', True),
        ("bare", "bare", True),
        ('"a"', '"b"', False),
        ('W/"a"', 'W/"b"', False),
    ],
)
async def test_a_304_is_about_what_was_sent(stand: Newsstand, sent: str, answered: str, is_ours: bool) -> None:
    def handler(talk: Talk) -> None:
        if "if-none-match" in talk.request.headers:
            talk.answer(b"a body all the same", 304, Content_Encoding="br", **({"ETag": answered} if answered else {}))
        else:
            talk.answer(b"new", ETag=sent)

    stand.routes["/"] = handler
    first = await get(stand.url())
    again = await get(stand.url(), validators=first.validators)
    assert stand.requests[1].headers["if-none-match"] == sent
    assert (again.unchanged, again.body) == (is_ours, b"" if is_ours else b"new")
    assert again.validators.etag == (answered or sent if is_ours else sent)


@pytest.mark.parametrize("when", [JUNE, "Sunday, 28-Jun-20 09:01:35 GMT", "2020-06-28 09:01:35", "yesterday", "-1"])
async def test_times_go_back_byte_for_byte(stand: Newsstand, when: str) -> None:
    stand.routes["/"] = lambda talk: talk.answer(b"x", Last_Modified=when)
    await get(stand.url(), validators=(await get(stand.url())).validators)
    assert stand.requests[1].headers["if-modified-since"] == when


async def test_the_time_zero_says_nothing_of_a_document(stand: Newsstand) -> None:
    stand.routes["/"] = lambda talk: talk.answer(b"x", Last_Modified="Thu, 01 Jan 1970 00:00:00 GMT")
    await get(stand.url(), validators=(await get(stand.url())).validators)
    assert "if-modified-since" not in stand.requests[1].headers


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'public, Max-Age="600", max-age=5'}, 600),
        ({"cache-control": "max-age=600", "age": "100", "expires": JUNE}, 500),
        ({"cache-control": "max-age=600", "age": "1000"}, 0),
        ({"cache-control": "max-age=600, no-cache"}, 0),
        ({"cache-control": "s-maxage=600"}, 0),
        ({"cache-control": "max-age=-1"}, 0),
        ({"cache-control": "max-age=soon"}, 0),
        ({"expires": "Sun, 28 Jun 2020 10:01:35 GMT", "date": JUNE}, 3600),
        ({"expires": JUNE}, 0),
        ({"expires": "0"}, 0),
    ],
)
def test_how_long_an_answer_stays_fresh(headers: dict[str, str], seconds: int) -> None:
    assert fresh_for(headers) == seconds


async def test_304_out_of_the_blue_is_asked_once_more(stand: Newsstand) -> None:
    answers = iter((304, 200))
    stand.routes["/"] = lambda talk: talk.answer(b"", next(answers))
    assert not (await get(stand.url())).unchanged
    assert stand.requests[1].headers["cache-control"] == "no-cache"


async def test_gone_and_try_later(stand: Newsstand) -> None:
    stand.routes |= {
        "/gone": lambda talk: talk.answer(b"", 410),
        "/busy": lambda talk: talk.answer(b"", 429, Retry_After="120"),
        "/years": lambda talk: talk.answer(b"", 503, Retry_After="999999999999"),
        "/date": lambda talk: talk.answer(b"", 429, Retry_After=JUNE),
        "/bare": lambda talk: talk.answer(b"", 429),
    }
    assert isinstance(await refusal(stand.url("/gone")), Gone)
    for path, seconds in (("/busy", 120.0), ("/years", 24 * 3600.0), ("/date", 0.0), ("/bare", None)):
        failure = await refusal(stand.url(path))
        assert isinstance(failure, TryLater)
        assert failure.seconds == seconds


async def test_a_host_that_wants_to_be_left_alone_is(stand: Newsstand) -> None:
    for path in ("/busy", "/full"):
        stand.routes[path] = lambda talk: talk.answer(b"", 429, Retry_After="120")
    stand.routes["/other"] = b"x"
    async with Client(["127.0.0.1"]) as client:
        with pytest.raises(TryLater):
            await client.get(stand.url("/busy"))
        assert (await client.get(stand.url("/other"))).body == b"x"  # one busy address is not the host
        for path in ("/full", "/other"):
            with pytest.raises(TryLater):
                await client.get(stand.url(path))
    assert [request.path for request in stand.requests] == ["/busy", "/other", "/full"]


# --- who is asked, and with what ----------------------------------------------------------------------------------


def inside_but_the_second(ip: IPAddress) -> bool:
    """127.0.0.2 plays the public Internet."""
    return ip != ipaddress.ip_address("127.0.0.2") and is_inside(ip)


async def asked_by(access: Access, url: str, *opened: str) -> str:
    """What becomes of a request: "came", or why not."""
    async with Client(opened, inside=inside_but_the_second) as client:
        try:
            return "came" if (await client.get(url, access=access)).body else ""
        except FetchFailed as failure:
            return failure.why


@pytest.mark.parametrize("where", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "[::ffff:127.0.0.1]"])
async def test_a_public_page_does_not_lead_inside(stand: Newsstand, where: str) -> None:
    stand.routes["/"] = b"the router's settings"
    with Newsstand("127.0.0.2") as public:
        inside = f"http://{where}:{stand.port}/"
        public.routes["/"] = redirect(inside)
        for access, url in ((Access(public.url()), public.url()), (Access(public.url()), inside), (Access(), inside)):
            assert await asked_by(access, url) == "private-address"
        assert stand.requests == []


async def test_a_source_inside_has_its_own_host_and_port_and_no_more(stand: Newsstand) -> None:
    stand.routes["/"] = b"mine"
    with Newsstand("127.0.0.3") as neighbour, Newsstand() as other_port, Newsstand("127.0.0.2") as public:
        neighbour.routes["/"] = other_port.routes["/"] = public.routes["/"] = b"x"
        for lan in (stand.url(), f"http://localhost:{stand.port}/feed"):
            assert await asked_by(Access(lan), lan.removesuffix("feed")) == "came"
            for url in (neighbour.url(), other_port.url(), f"http://localhost:{other_port.port}/"):
                assert await asked_by(Access(lan), url) == "private-address"
            assert await asked_by(Access(lan), public.url()) == "came"
        for status in (301, 302, 303, 307, 308):
            for place, became in ((neighbour, "private-address"), (other_port, "private-address"), (public, "came")):
                stand.routes["/to"] = redirect(place.url(), status)
                assert await asked_by(Access(stand.url()), stand.url("/to")) == became
        assert (neighbour.requests, other_port.requests) == ([], [])
        assert await asked_by(Access(stand.url()), neighbour.url(), "127.0.0.3") == "came"
        assert await asked_by(Access(stand.url()), neighbour.url(), "127.0.0.0/29") == "came"
        assert await asked_by(Access(), f"http://localhost:{stand.port}/", "localhost") == "came"
        assert await asked_by(Access(), f"http://localhost:{stand.port}/", "127.0.0.1") == "came"
        assert await asked_by(Access(), stand.url(), "localhost", "10.0.0.0/8") == "private-address"


async def test_no_errand_goes_by_the_connection_of_another() -> None:
    """One that is open to a host inside, for its source, is not there for whoever else is led to that host."""

    def kept_open(talk: Talk) -> None:
        for _ in range(2):
            talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
            talk.stand.closing.wait(0.5)

    with Newsstand() as lan:
        lan.routes["*"] = kept_open
        url = f"http://localhost:{lan.port}/"
        async with Client() as client:
            assert (await client.get(url, access=Access(url))).body == b"x"
            with pytest.raises(FetchFailed) as caught:
                await client.get(url + "2", access=Access("https://public.example/"))
        assert (caught.value.why, caught.value.detail, len(lan.requests)) == ("private-address", "localhost", 1)


async def test_what_a_name_leads_to_counts_when_it_is_asked(stand: Newsstand, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is of the outside when one looks, and of the inside when one asks."""
    stand.routes["/"] = b"x"
    resolve, places = socket.getaddrinfo, iter(("93.184.216.34", "127.0.0.1"))

    def getaddrinfo(host: object, *rest: object, **more: object) -> object:
        name = host.decode() if isinstance(host, bytes) else str(host)
        return resolve(next(places) if name == "rebound.example" else name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert next(places)
    assert await asked_by(Access(), f"http://rebound.example:{stand.port}/") == "private-address"
    assert stand.requests == []


def test_names_that_lead_to_made_up_addresses_are_not_inside() -> None:
    rule, made_up = Inside(), ipaddress.ip_address("198.18.3.4")
    assert (rule.refuses(made_up, by_name=True), rule.refuses(made_up, by_name=False)) == (False, True)
    assert rule.refuses(ipaddress.ip_address("10.0.0.1"), by_name=True)


async def test_behind_a_proxy_only_what_is_written_counts(stand: Newsstand, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.routes["*"] = b"by proxy"
    monkeypatch.setenv("http_proxy", stand.url())
    assert await asked_by(Access(), "http://printer.local/") == "came"
    assert await asked_by(Access(), "http://10.1.2.3/") == "private-address"
    assert await asked_by(Access("http://10.1.2.3/feed"), "http://10.1.2.3/") == "came"
    assert await asked_by(Access("http://10.1.2.3/feed"), "https://10.1.2.3/") != "private-address"
    assert await asked_by(Access("https://10.1.2.3/feed"), "http://10.1.2.3/") == "private-address"


async def test_secrets_go_to_their_own_origin_only(stand: Newsstand) -> None:
    access = Access(stand.url("/feed"), {"X-Key": "sesame"}, "me", "pass:word")
    basic = "Basic bWU6cGFzczp3b3Jk"
    with Newsstand("127.0.0.2") as other, Newsstand() as other_port:
        other.routes["/"] = other_port.routes["/"] = b"x"
        opened = ("127.0.0.0/8",)
        for status in (301, 302, 303, 307, 308):
            for place in (other, other_port):
                stand.routes |= {"/": redirect("/here", status), "/here": redirect(place.url(), status)}
                await get(stand.url(), *opened, access=access)
        for place in (other, other_port):
            await get(place.url(), *opened, access=access)  # as an item links there, or as the feed has moved there
            await get(place.url(), *opened, access=replace(access, moved=place.url()))
        assert {r.headers.get("x-key") for r in stand.requests} == {"sesame"}
        assert {r.headers.get("authorization") for r in stand.requests} == {basic}
        elsewhere = other.requests + other_port.requests
        assert len(elsewhere) == 14
        assert {(r.headers.get("x-key"), r.headers.get("authorization")) for r in elsewhere} == {(None, None)}
        stand.routes["/"] = b"x"
        stand.requests.clear()
        small = Access(stand.url(), {"user-agent": "small", "ACCEPT-encoding": "br", "authorization": "x"}, "me", "x")
        await get(stand.url(), access=small)
        sent = stand.requests[0].headers  # each once: one of the source's own stands in the place of ours
        assert (sent["user-agent"], sent["accept-encoding"]) == ("small", "gzip")
        stand.requests.clear()
        await get(stand.url(), access=Access(stand.url("/", user="me:pass%3Aword"), user="other"))
        assert stand.requests[0].headers["authorization"] == basic
    assert "sesame" not in repr(access)
    assert "pass" not in repr(access)


@pytest.mark.parametrize(("from_tls", "to_tls"), [(True, False), (False, True)])
async def test_secrets_stay_where_they_are_when_tls_comes_or_goes(
    monkeypatch: pytest.MonkeyPatch, from_tls: bool, to_tls: bool
) -> None:
    pem = Path(__file__).with_name("wrong-name.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    trusting = ssl.create_default_context(cafile=str(pem))
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    monkeypatch.setattr(Client, "_tls", lambda self, errand: trusting)
    with Newsstand(tls=tls if from_tls else None) as first, Newsstand(tls=tls if to_tls else None) as second:
        access = Access(first.url(), {"X-Key": "sesame"}, "me", "secret")
        first.routes["/"] = redirect(second.url(), 301)
        second.routes["/"] = b"x"
        assert (await get(first.url(), "127.0.0.1", access=access)).body == b"x"
        assert first.requests[0].headers["x-key"] == "sesame"
        assert not {"x-key", "authorization"} & set(second.requests[0].headers)


@pytest.mark.parametrize(
    ("location", "there", "is_sent"),
    [
        ("http://h.example/", "http://h.example:80/x", True),
        ("http://h.example/", "HTTP://H.Example./x", True),
        ("http://h.example/", "https://h.example/x", False),
        ("https://h.example/", "http://h.example/x", False),
        ("https://h.example/", "https://h.example:8443/x", False),
        ("https://h.example/", "https://www.h.example/x", False),
        ("https://straße.example/", "https://xn--strae-oqa.example/", True),
        ("https://straße.example/", "https://strasse.example/", False),
    ],
)
def test_what_one_origin_is(location: str, there: str, is_sent: bool) -> None:
    assert (address_of(location).origin == address_of(there).origin) == is_sent


async def test_where_a_source_was_led_that_wants_more_is_named(stand: Newsstand) -> None:
    with Newsstand("127.0.0.2") as other:
        stand.routes["/"] = redirect(other.url("/feed?x=1"), 301)
        other.routes["*"] = lambda talk: talk.answer(b"", 401)
        access = Access(stand.url(), user="me", password="secret")
        for url, terms in ((stand.url(), access), (other.url("/new"), replace(access, moved=other.url("/new")))):
            failure = await refusal(url, "127.0.0.2", access=terms)
            assert (failure.why, failure.status, failure.where) == ("moved", 401, stand.url())
            assert failure.detail == other.url("/feed?x=1" if url == stand.url() else "/new")
            assert failure.detail in why_not_fetched(failure)
        assert (await refusal(other.url("/item"), "127.0.0.2", access=access)).why == "status"  # no move, a link
        other.routes["*"] = lambda talk: talk.answer(b"", 403)
        assert (await refusal(stand.url(), "127.0.0.2", access=access)).why == "moved"
        assert (await refusal(stand.url(), "127.0.0.2")).why == "status"


async def test_secrets_stand_in_no_error(stand: Newsstand) -> None:
    stand.routes["/"] = lambda talk: talk.answer(b"", 403)
    failure = await refusal(stand.url(user="me:secret"))
    assert stand.requests[0].headers["authorization"]
    assert "secret" not in f"{failure.where} {failure.detail} {failure!r}"
    broken = await refusal(stand.url(), access=Access(stand.url(), {"X-Key": "sec\r\nret"}))
    assert (broken.why, broken.detail) == ("header", "X-Key")


async def test_a_wrong_certificate(stand: Newsstand) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(Path(__file__).with_name("wrong-name.pem"))
    with Newsstand(tls=tls) as secure:
        assert (await refusal(secure.url())).why == "certificate"
        assert (await refusal(secure.url().replace("https", "http"))).why in ("cut-short", "protocol")
    assert (await refusal(stand.url().replace("http", "https"))).why == "tls"


async def test_a_bundle_of_the_environment(stand: Newsstand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    assert (await refusal(stand.url().replace("http", "https"))).why == "ca-bundle"


async def test_a_handshake_that_never_ends_is_slow_and_no_fault_of_its_tls() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"https://127.0.0.1:{door.getsockname()[1]}/"
        failure = await refusal(url, limits=Limits(connect=0.3))
    assert (failure.why, failure.detail) == ("timeout", "")


@pytest.mark.parametrize(
    ("handler", "why", "detail"),
    [
        (lambda talk: talk.send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), "protocol", '"SSH-2.0-OpenSSH_9.9"'),
        (lambda talk: talk.send(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n"), "protocol", '"no header"'),
        (lambda talk: talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"), "damaged", '"xyz"'),
    ],
)
async def test_reasons_are_in_a_readers_words(stand: Newsstand, handler: object, why: str, detail: str) -> None:
    stand.routes["/"] = handler  # type: ignore[assignment]
    failure = await refusal(stand.url())
    assert (failure.why, failure.detail) == (why, detail)
    assert "bytearray" not in why_not_fetched(failure)


async def test_nobody_there() -> None:
    with Newsstand() as closed:
        url = closed.url()
    nobody = await refusal(url)
    assert (nobody.why, nobody.detail) == ("unreachable", "Connection refused")
    assert (await refusal("http://no-such-host.invalid/")).why in ("name", "proxy")
    for unsafe in (
        "ftp://a.example/",
        "http:///x",
        "http://a b/",
        "http://\x1b[2J/",
        "-http://a.example",
        "javascript:1",
    ):
        assert (await refusal(unsafe)).why == "unsafe-url"


async def test_a_proxy_is_asked_for_others_but_not_for_this_machine(
    stand: Newsstand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.routes |= {"/": b"direct", "http://news.example/feed": b"by proxy"}
    monkeypatch.setenv("http_proxy", stand.url())
    assert (await get("http://news.example/feed")).body == b"by proxy"
    assert (await get(stand.url())).body == b"direct"
    monkeypatch.setenv("no_proxy", "10.0.0.0/8,.example")
    assert proxy_for(address_of("http://10.1.2.3/")) is None
    assert proxy_for(address_of("http://news.example/")) is None
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:9")
    assert (await refusal("http://news.org/feed")).why in ("proxy", "unreachable")


async def test_a_host_bears_only_so_much(stand: Newsstand) -> None:
    import asyncio

    stand.routes["*"] = late(b"x", 0.05)
    async with Client(["127.0.0.1"], per_host=3) as client:
        await asyncio.gather(*(client.get(stand.url(f"/{n}")) for n in range(12)))
    assert len(stand.requests) == 12
    assert 1 < stand.most_at_once <= 3


async def test_only_the_beginning(stand: Newsstand) -> None:
    stand.routes["/"] = endless_chunks
    answer = await get(stand.url(), enough=lambda head: head.startswith(b"yyyy"), limits=SMALL)
    assert not answer.whole
    pieces: list[bytes] = []
    stand.routes["/short"] = b"a short one"
    answer = await get(stand.url("/short"), into=pieces.append)
    assert (b"".join(pieces), answer.body) == (b"a short one", b"")


@pytest.mark.parametrize(
    ("spelling", "is_within"),
    [
        ("127.0.0.1", True),
        ("127.1", True),
        ("2130706433", True),
        ("0177.0.0.1", True),
        ("169.254.169.254", True),
        ("192.168.0.1", True),
        ("100.64.0.1", True),
        ("::1", True),
        ("::", True),
        ("fe80::1%eth0", True),
        ("fec0::1", True),
        ("fc00::1", True),
        ("ff02::1", True),
        ("2001:db8::1", True),
        ("4000::1", True),
        ("::ffff:10.0.0.1", True),
        ("::10.0.0.1", True),
        ("::ffff:0:10.0.0.1", True),
        ("64:ff9b::7f00:1", True),
        ("64:ff9b:1::808:808", True),
        ("2002:7f00:1::", True),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", True),  # Teredo of 10.0.0.1
        ("224.0.0.1", True),
        ("255.255.255.255", True),
        ("0.0.0.0", True),
        ("198.18.0.1", True),
        ("192.0.0.192", True),
        ("93.184.216.34", False),
        ("2606:2800:220:1::", False),
        ("::ffff:93.184.216.34", False),
        ("64:ff9b::5db8:d822", False),
        ("2002:5db8:d822::", False),
        ("2001:0:4136:e378:8000:63bf:a247:27dd", False),
    ],
)
def test_what_lies_inside(spelling: str, is_within: bool) -> None:
    ip = literal(spelling)
    assert ip is not None
    assert is_inside(ip) == is_within


def test_addresses() -> None:
    assert address_of("feed://News.Example:8080/a#b").url == "http://News.Example:8080/a"
    assert address_of("feed:https://news.example").url == "https://news.example/"
    assert address_of("http://me:p%40ss@news.example/")[4:] == ("me", "p@ss")
    assert address_of("http://Straße.example:80/ß?ß").url == "http://xn--strae-oqa.example:80/ß?ß"
    assert address_of("http://127.1/")[2] == address_of("http://0177.0.0.1/").host == "127.0.0.1"
    assert address_of("http://１２７。0.0.1/").host == "127.0.0.1"
    assert address_of("https://[2001:DB8::0:1]:8/").place == "[2001:db8::1]:8"
    for odd in ("me:secret@", "me:sec/r@et@", "me:sec#r?et@"):
        for begin in ("http://", "feed:http://", " FEED://", "//", "http:\\\\"):
            assert shown(f"{begin}{odd}news.example/") == f"{begin}news.example/", odd
    for plain in ("http://news.example:80/@me:x@y", "http://[::1]:80/@x:y@", "http://h/?a=b:c@d"):
        assert shown(plain) == plain
    for url in (
        "http://a\x1b[31m/",
        "http://-x/",
        "http://-中.cn/",
        "http://x:0/",
        "http://x:99999/",
        "http://" + "a" * 9000,
    ):
        with pytest.raises(UnsafeUrl):
            address_of(url)


def test_pieces_of_any_size_inflate_alike() -> None:
    whole = bytes(range(256)) * 500
    packed = gzip.compress(whole[:60_000]) + gzip.compress(whole[60_000:]) + b"\0\0 padding"
    for size in (1, 7, 1000, len(packed)):
        body = Body("gzip", 10**6)
        got = b"".join(p for at in range(0, len(packed), size) for p in body.take(packed[at : at + size]))
        got += b"".join(body.finish())
        assert got == whole
    with pytest.raises(BadBody):
        list(Body("gzip", 10**6).take(gzip.compress(b"") * 2000))
