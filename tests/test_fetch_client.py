"""The one client, against a server that does what no server should."""

from __future__ import annotations

import gzip
import ipaddress
import ssl
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsreader.errors import FetchFailed, Gone, TryLater, UnsafeUrl
from newsreader.fetch.addresses import IPAddress, address_of, is_inside, literal, proxy_for, shown
from newsreader.fetch.client import Answer, Client
from newsreader.fetch.inflate import BadBody, Body
from newsreader.fetch.terms import LONGEST_WAIT, Access, Limits, Validators
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
SMALL = Limits(size=100_000, seconds=1.0)


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsstand]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with Newsstand() as server:
        yield server


async def get(url: str, **terms: object) -> Answer:
    async with Client() as client:
        return await client.get(url, **terms)  # type: ignore[arg-type]


async def refusal(url: str, **terms: object) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        await get(url, **{"limits": SMALL, **terms})
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
        (lambda talk: talk.answer(b"no gzip at all", Content_Encoding="gzip"), "damaged"),
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
    failure = await refusal(stand.url())
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
    async with Client() as client:
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
    for path, seconds in (("/busy", 120.0), ("/years", LONGEST_WAIT), ("/date", 0.0), ("/bare", None)):
        failure = await refusal(stand.url(path))
        assert isinstance(failure, TryLater)
        assert failure.seconds == seconds


async def test_a_host_that_wants_to_be_left_alone_is(stand: Newsstand) -> None:
    for path in ("/busy", "/full"):
        stand.routes[path] = lambda talk: talk.answer(b"", 429, Retry_After="120")
    stand.routes["/other"] = b"x"
    async with Client() as client:
        with pytest.raises(TryLater):
            await client.get(stand.url("/busy"))
        assert (await client.get(stand.url("/other"))).body == b"x"  # one busy address is not the host
        for path in ("/full", "/other"):
            with pytest.raises(TryLater):
                await client.get(stand.url(path))
    assert [request.path for request in stand.requests] == ["/busy", "/other", "/full"]


def inside_but_the_second(ip: IPAddress) -> bool:
    """127.0.0.2 plays the public Internet."""
    return ip != ipaddress.ip_address("127.0.0.2") and is_inside(ip)


@pytest.mark.parametrize("where", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "[::ffff:127.0.0.1]"])
async def test_a_public_page_does_not_lead_inside(stand: Newsstand, where: str) -> None:
    stand.routes["/"] = b"the router's settings"
    with Newsstand("127.0.0.2") as public:
        public.routes["/"] = redirect(f"http://{where}:{stand.port}/")
        async with Client(inside=inside_but_the_second) as client:
            with pytest.raises(FetchFailed) as caught:
                await client.get(public.url())
    assert caught.value.why == "private-address"
    assert stand.requests == []


async def test_what_begins_inside_may_stay_inside(stand: Newsstand) -> None:
    stand.routes |= {"/": redirect("/2"), "/2": b"mine"}
    with Newsstand("127.0.0.2") as other:
        other.routes["/"] = redirect(stand.url())
        assert (await get(other.url())).body == b"mine"


async def test_secrets_go_to_their_own_host_only(stand: Newsstand) -> None:
    access = Access({"X-Key": "sesame"}, "me", "pass:word")
    with Newsstand("127.0.0.2") as other:
        other.routes["/"] = b"x"
        stand.routes |= {"/": redirect("/here"), "/here": redirect(other.url())}
        await get(stand.url(), access=access)
        assert [r.headers.get("x-key") for r in (*stand.requests, *other.requests)] == ["sesame", "sesame", None]
        assert [r.headers.get("authorization") for r in (*stand.requests, *other.requests)] == [
            "Basic bWU6cGFzczp3b3Jk",
            "Basic bWU6cGFzczp3b3Jk",
            None,
        ]
    assert "sesame" not in repr(access)
    assert "pass" not in repr(access)


async def test_secrets_stand_in_no_error(stand: Newsstand) -> None:
    stand.routes["/"] = lambda talk: talk.answer(b"", 403)
    failure = await refusal(stand.url(user="me:secret"))
    assert stand.requests[0].headers["authorization"]
    assert "secret" not in f"{failure.where} {failure.detail} {failure!r}"
    broken = await refusal(stand.url(), access=Access({"X-Key": "sec\r\nret"}))
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
    assert (await refusal(stand.url())).why == "ca-bundle"


async def test_nobody_there() -> None:
    with Newsstand() as closed:
        url = closed.url()
    assert (await refusal(url)).why == "unreachable"
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
    async with Client(per_host=3) as client:
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
        ("fe80::1%eth0", True),
        ("::ffff:10.0.0.1", True),
        ("64:ff9b::7f00:1", True),
        ("2002:7f00:1::", True),
        ("224.0.0.1", True),
        ("0.0.0.0", True),
        ("93.184.216.34", False),
        ("2606:2800:220:1::", False),
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
    assert shown("http://me:secret@news.example/") == "http://news.example/"
    for url in ("http://a\x1b[31m/", "http://-x/", "http://x:0/", "http://x:99999/", "http://" + "a" * 9000):
        with pytest.raises(UnsafeUrl):
            address_of(url)


def test_pieces_of_any_size_inflate_alike() -> None:
    whole = bytes(range(256)) * 500
    packed = gzip.compress(whole[:60_000]) + gzip.compress(whole[60_000:]) + b"\0\0 padding"
    for size in (1, 7, 1000, len(packed)):
        body = Body("gzip", 10**6)
        got = b"".join(p for at in range(0, len(packed), size) for p in body.take(packed[at : at + size]))
        body.finish()
        assert got == whole
    with pytest.raises(BadBody):
        list(Body("gzip", 10**6).take(gzip.compress(b"") * 2000))
