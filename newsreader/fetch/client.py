"""HTTP: the only door to httpx, and all that is decided about a request.

Decided only here: who is asked, and with what (`_admit`, `_Errand.request`: a source's secrets go to the origin of its
location alone, and what is inside is asked only where that location names it); how redirects are followed and how many,
when an answer is too big or too slow, how many requests a host is asked to bear at once, and the code of every failure.
No cookie outlives its request.

Codes of FetchFailed: "name" (the host's name leads nowhere), "unreachable", "certificate", "tls", "proxy",
"ca-bundle", "timeout", "too-big", "cut-short", "damaged" and "encoding" (of a compressed body), "protocol" (no HTTP),
"redirects" (too many, or in a circle), "redirect" (to nowhere), "private-address" (it is inside, and not the source's
own; the detail is its host), "moved" (the source was led to the address in the detail, which wants what is the
location's alone), "unsafe-url", "header" (one of the source's own cannot be sent), "not-modified" (without anything to
compare), "bad-token" (an API's server says that what it was called with is no longer good), "status" (with HTTP's
number).
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from os import environ
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urljoin

import httpx
from socksio import SOCKSError

from newsreader import __version__
from newsreader.errors import FetchFailed, Gone, TryLater, UnsafeUrl
from newsreader.fetch.addresses import (
    Address,
    Inside,
    IPAddress,
    address_of,
    is_inside,
    literal,
    proxy_for,
    shown,
)
from newsreader.fetch.failures import code_of, words_of
from newsreader.fetch.inflate import BadBody, Body, unpacked
from newsreader.fetch.terms import (
    LONGEST_WAIT,
    Access,
    Call,
    Limits,
    Validators,
    fresh_for,
    is_header,
    opaque,
    retry_after,
)

USER_AGENT: Final = f"newsreader/{__version__}"
"""How newsreader names itself, unless a source's own headers say otherwise."""

PER_HOST: Final = 6
"""Requests that one host is asked to bear at once, as browsers do."""

AT_ONCE: Final = 32

_ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "application/json;q=0.8, text/html;q=0.5, */*;q=0.4"
)
_SILENT_SECONDS: Final = 30.0
_HEAD: Final = 4096
_BAD_TOKEN: Final = {"google-bad-token", "x-reader-google-bad-token"}
_PERMANENT: Final = (301, 308)
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_charset = re.compile(r"""(?i);\s*charset\s*=\s*["']?([a-z0-9_:.+-]{1,40})""")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came. `url` is where from, after redirects; `moved` where the permanent ones led, "" if none did. `type` is
    the media type in lower case, `charset` the one declared with it; `fresh`: for how many seconds it says that it
    stays as it is. Of an unchanged answer there is no body; one that is a file compressed with gzip is inflated.
    `may_be_cut`: nothing but the end of the connection says where the body ends."""

    url: str
    unchanged: bool
    body: bytes = field(repr=False)
    type: str
    charset: str
    validators: Validators
    moved: str
    fresh: float = 0.0
    whole: bool = True
    may_be_cut: bool = False

    @property
    def declared(self) -> str:
        """Media type and charset as a header has them."""
        return f"{self.type}; charset={self.charset}" if self.charset else self.type


class Client:
    """Asks servers, politely. One for a run, in one event loop, as an async context manager.

    `opened`: the hosts and networks inside that the reader opens to whatever leads there; `inside` says which IP
    addresses are inside.
    """

    def __init__(
        self,
        opened: Sequence[str] = (),
        *,
        per_host: int = PER_HOST,
        inside: Callable[[IPAddress], bool] = is_inside,
    ) -> None:
        self._inside = Inside(opened, inside)
        self._transports: dict[tuple[str | None, bool, bool], httpx.AsyncHTTPTransport] = {}
        self._context: ssl.SSLContext | None = None
        self._all = asyncio.Semaphore(AT_ONCE)
        self._hosts: defaultdict[str, _Host] = defaultdict(lambda: _Host(asyncio.Semaphore(per_host)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for transport in self._transports.values():
            await transport.aclose()

    async def get(
        self,
        url: str,
        *,
        access: Access | None = None,
        validators: Validators | None = None,
        limits: Limits | None = None,
        enough: Callable[[bytes], bool] | None = None,
        into: Callable[[bytes], object] | None = None,
        call: Call | None = None,
    ) -> Answer:
        """What a URL gives, or that it is unchanged since `validators`; `access`: for whom; `call`: with what its API
        is called. Raises FetchFailed.

        `enough` is asked once, with the first 4 kB of the body (or all of it): if it says so, the rest is not taken.
        `into` takes the body piece by piece instead of the Answer.
        """
        access = access or Access()
        try:
            first = address_of(url)
            own = address_of(access.location) if access.location else None
        except UnsafeUrl as error:
            raise FetchFailed(error.where, "unsafe-url", detail=error.why) from None
        errand = _Errand(first, own, access, validators, limits or Limits(), enough, into, call)
        for _ in range(errand.limits.redirects + 1):
            answer = await self._one(errand)
            if isinstance(answer, Answer):
                return answer
            if answer is not None:
                errand.follow(*answer)
        raise errand.failed("redirects")

    async def _one(self, errand: _Errand) -> Answer | tuple[str, int] | None:
        """One request: an answer, where it redirects with which status, or None if it is to be repeated."""
        self._admit(errand)
        async with self._turn(errand):
            began = time.monotonic()
            try:
                async with asyncio.timeout(errand.left):
                    return await self._ask(errand)
            except TimeoutError:
                raise errand.failed("timeout") from None
            except BadBody as error:
                raise errand.failed(str(error)) from None
            except TryLater as error:
                if error.seconds is not None or error.status == 429:
                    self._hosts[errand.here.host].pause(errand.here.url, error.seconds)
                raise
            except (httpx.HTTPError, httpx.InvalidURL, SOCKSError, AssertionError, OSError, ValueError) as error:
                raise errand.failed(code_of(error), detail=words_of(error)) from None
            finally:
                errand.left -= time.monotonic() - began

    @asynccontextmanager
    async def _turn(self, errand: _Errand) -> AsyncIterator[None]:
        """Wait until a host has a place free, which is no fault of the server's and not counted against it."""
        host = self._hosts[errand.here.host]
        async with host.gate, self._all:
            if (left := host.paused_until - time.monotonic()) > 0:
                raise TryLater(shown(errand.here.url), "status", status=429, seconds=left)
            yield

    def _admit(self, errand: _Errand) -> None:
        """Decide whether this address may be asked on this errand, as far as its URL tells. One that is inside is for
        the source whose own location names its host and port; for others, the reader may have opened it."""
        here, own = errand.here, errand.own
        errand.may_be_inside = (own is not None and here.has_the_place_of(own)) or self._inside.has_opened(here)
        ip = literal(here.host)
        if ip is not None and not errand.may_be_inside and self._inside.refuses(ip, by_name=False):
            raise errand.failed("private-address", detail=here.host)

    def _watch(self, errand: _Errand) -> Callable[[str, Mapping[str, Any]], Coroutine[Any, Any, None]]:
        """Look at what a name has led to, before anything is sent there."""

        async def watch(event: str, info: Mapping[str, Any]) -> None:
            if event != "connection.connect_tcp.complete":
                return
            stream = info["return_value"]
            peer = stream.get_extra_info("server_addr")
            ip = literal(str(peer[0])) if peer else None
            if ip is None or self._inside.refuses(ip, by_name=literal(errand.here.host) is None):
                await stream.aclose()
                raise errand.failed("private-address", detail=errand.here.host)

        return watch

    async def _ask(self, errand: _Errand) -> Answer | tuple[str, int] | None:
        request = errand.request()
        proxy = proxy_for(errand.here)  # behind one, names are the proxy's to resolve
        if proxy is None and not errand.may_be_inside:
            request.extensions["trace"] = self._watch(errand)
        response = await self._transport(errand, proxy).handle_async_request(request)
        response.request = request
        try:
            errand.cookies.extract_cookies(response)
            status = response.status_code
            if status == 304 and not errand.holds(response.headers.get("etag", "")):
                if errand.insists:
                    raise errand.failed("not-modified", status=status)
                errand.insists = True
                return None
            if status in _REDIRECTS:
                return _location(response), status
            if status not in (200, 203, 304):
                raise _refusal(errand, response)
            return await _receive(errand, response)
        finally:
            await response.aclose()

    def _transport(self, errand: _Errand, proxy: str | None) -> httpx.AsyncHTTPTransport:
        """The connections by a proxy; those that may be inside are apart, that no errand goes by another's, and those
        without TLS, which certificates are not read for: that takes longer than many an answer."""
        key = proxy, errand.may_be_inside, errand.here.scheme == "https"
        if key not in self._transports:
            try:
                via = None if proxy is None else httpx.Proxy(proxy)
                self._transports[key] = httpx.AsyncHTTPTransport(
                    verify=self._tls(errand) if errand.here.scheme == "https" else False,
                    trust_env=False,
                    proxy=via,
                    limits=httpx.Limits(max_connections=None, max_keepalive_connections=AT_ONCE),
                )
            except (ValueError, httpx.InvalidURL):
                raise errand.failed("proxy") from None  # without its URL, which may hold a password
        return self._transports[key]

    def _tls(self, errand: _Errand) -> ssl.SSLContext:
        """The system's certificates and certifi's; or, where the environment names a bundle, that alone."""
        if self._context is None:
            names = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
            bundle = next((Path(environ[name]) for name in names if environ.get(name)), None)
            try:
                if bundle is None:
                    import certifi

                    self._context = ssl.create_default_context()
                    self._context.load_verify_locations(certifi.where())
                elif bundle.is_dir():
                    self._context = ssl.create_default_context(capath=str(bundle))
                else:
                    self._context = ssl.create_default_context(cafile=str(bundle))
            except (OSError, ssl.SSLError) as error:
                raise errand.failed("ca-bundle", detail=f"{bundle}: {words_of(error)}") from None
        return self._context


@dataclass(slots=True)
class _Host:
    """One host of a run: its places, the first of its addresses that wants to be left alone, and until when (of the
    monotonic clock) all of it does."""

    gate: asyncio.Semaphore
    busy: str = ""
    paused_until: float = 0.0

    def pause(self, url: str, seconds: float | None) -> None:
        # One address may be the busy one, for which the others must not wait; where a second is, it is the host.
        if self.busy not in ("", url):
            self.paused_until = time.monotonic() + (LONGEST_WAIT if seconds is None else seconds)
        self.busy = url


class _Errand:
    """One `get` on its way through redirects."""

    def __init__(
        self,
        first: Address,
        own: Address | None,
        access: Access,
        validators: Validators | None,
        limits: Limits,
        enough: Callable[[bytes], bool] | None,
        into: Callable[[bytes], object] | None,
        call: Call | None,
    ) -> None:
        self.first = self.here = first
        self.own = own
        self.may_be_inside = False
        self.limits = limits
        self.enough = enough
        self.into = into
        self.left = limits.seconds
        self.cookies = httpx.Cookies(CookieJar())  # a server may set one and look for it after its redirect
        self.moved = ""
        self.insists = False
        self.sent = Validators()
        self._access = access
        self._call = call
        in_url = (own.user, own.password) if own else ("", "")
        self._secrets = in_url if any(in_url) else (access.user, access.password)
        self._validators = validators or Validators()
        self._only_permanent = True
        self._seen = {(first.url, "")}

    def wants_what_is_withheld(self, status: int) -> bool:
        """Whether a refusal may be for what was meant for the source's own location, which led here."""
        own = self.own
        if own is None or self.here.origin == own.origin:
            return False
        was_led = self.first.origin == own.origin or self.first.url == self._access.moved
        return was_led and (status == 401 or (status == 403 and (any(self._secrets) or bool(self._access.headers))))

    def failed(self, why: str, *, status: int = 0, detail: str = "") -> FetchFailed:
        return FetchFailed(shown(self.here.url), why, status=status, detail=detail)

    def request(self) -> httpx.Request:
        headers = {"User-Agent": USER_AGENT, "Accept": _ACCEPT, "Accept-Encoding": "gzip"}
        auth: httpx.Auth | None = None
        if self.own is not None and self.here.origin == self.own.origin:
            for name, value in self._access.headers.items():
                if not is_header(name, value):
                    raise self.failed("header", detail=name)  # its value may be a secret
                headers[name] = value
            user, password = self._secrets
            if self._call is not None and self._call.authorization:
                headers["Authorization"] = self._call.authorization
            elif user or password:
                auth = httpx.BasicAuth(user, password)
        headers["Accept-Encoding"] = "gzip"
        self.sent = Validators()
        if self.insists:
            headers["Cache-Control"] = "no-cache"
        elif self._validators.url == self.here.url:
            self.sent = self._validators.sendable()
        headers |= self.sent.headers()
        seconds = {"connect": self.limits.connect, "read": _SILENT_SECONDS, "write": _SILENT_SECONDS, "pool": None}
        body = None if self._call is None else self._call.body
        if self._call is not None and body is not None:
            headers["Content-Type"] = self._call.type
        method, extensions = "GET" if body is None else "POST", {"timeout": seconds}
        request = httpx.Request(method, self.here.url, headers=headers, content=body, extensions=extensions)
        self.cookies.set_cookie_header(request)
        return next(auth.auth_flow(request)) if auth else request

    def holds(self, etag: str) -> bool:
        """Whether a 304 is about what we have: validators were sent, and its own ETag, if it has one, is among them
        (RFC 9111, 4.3.4)."""
        sent = self.sent
        return sent != Validators() and not (etag and sent.etag and opaque(etag).isdisjoint(opaque(sent.etag)))

    def follow(self, location: str, status: int) -> None:
        """Go where a redirect says; raises FetchFailed."""
        if not location:
            raise self.failed("redirect", status=status)
        try:
            there = address_of(urljoin(self.here.url, location))
        except (UnsafeUrl, ValueError):
            raise self.failed("redirect", status=status, detail=shown(location)[:200]) from None
        if self._call is not None and (self.own is None or there.origin != self.own.origin):
            raise self.failed("moved", status=status, detail=shown(there.url))
        self.here = there
        self._only_permanent = self._only_permanent and status in _PERMANENT
        if self._only_permanent:
            self.moved = self.here.url
        step = (self.here.url, ";".join(sorted(f"{c.name}={c.value}" for c in self.cookies.jar)))
        if step in self._seen:  # only a cookie that changed could make it lead elsewhere this time
            raise self.failed("redirects")
        self._seen.add(step)


async def _receive(errand: _Errand, response: httpx.Response) -> Answer:
    headers = response.headers
    length = headers.get("content-length", "")
    unchanged = response.status_code == 304
    if length.isdecimal() and int(length[:20]) > errand.limits.size and errand.enough is None and not unchanged:
        raise BadBody("too-big")
    body = Body("" if unchanged else headers.get("content-encoding", ""), errand.limits.size)
    held = bytearray()
    asked = errand.enough is None
    whole = True
    async for data in response.aiter_raw():
        for piece in body.take(data):
            if errand.into is None or not asked:
                held += piece
            if errand.into is not None:
                errand.into(piece)
        if not asked and errand.enough is not None and len(held) >= _HEAD:
            asked = True
            if errand.enough(bytes(held[:_HEAD])):
                whole = False
                break
    for piece in body.finish() if whole else ():
        held += piece
        if errand.into is not None:
            errand.into(piece)
    declared = _charset.search(headers.get("content-type", ""))
    return Answer(
        url=errand.here.url,
        unchanged=unchanged,
        body=b"" if errand.into is not None else unpacked(bytes(held), errand.limits.size) if whole else bytes(held),
        type=headers.get("content-type", "").partition(";")[0].strip().lower(),
        charset=declared[1].lower() if declared else "",
        validators=Validators(
            errand.here.url,
            headers.get("etag", "") or (errand.sent.etag if unchanged else ""),
            headers.get("last-modified", "") or (errand.sent.modified if unchanged else ""),
        ).sendable(),
        moved=errand.moved,
        fresh=fresh_for(headers),
        whole=whole,
        may_be_cut=whole
        and not (unchanged or length or "chunked" in headers.get("transfer-encoding", "").lower() or body.ends_itself),
    )


def _location(response: httpx.Response) -> str:
    """Where a redirect leads; servers send it in raw UTF-8 too."""
    raw = next((value for name, value in response.headers.raw if name.lower() == b"location"), b"")
    return raw.decode("utf-8", "replace").strip()


def _refusal(errand: _Errand, response: httpx.Response) -> FetchFailed:
    status, where = response.status_code, shown(errand.here.url)
    if errand.own is not None and errand.wants_what_is_withheld(status):
        return FetchFailed(shown(errand.own.url), "moved", status=status, detail=where)
    if status == 410:
        return Gone(where, "status", status=status)
    if status in (400, 401) and _BAD_TOKEN & set(response.headers):
        return FetchFailed(where, "bad-token", status=status)
    seconds = retry_after(response.headers.get("retry-after", ""))
    if status == 429 or (status == 503 and seconds is not None):
        return TryLater(where, "status", status=status, seconds=seconds)
    return FetchFailed(where, "status", status=status, detail=response.reason_phrase[:80])
