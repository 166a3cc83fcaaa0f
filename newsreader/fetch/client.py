"""HTTP: the only door to httpx, and all that is decided about a request.

Owns: one answer for one URL. Decided only here: what is sent (and that a source's secrets go to its own host alone),
how redirects are followed and how many, when an answer is too big or too slow, how many requests a host is asked to
bear at once, and the code of every failure. Never: asking twice on its own account, keeping cookies beyond one
request, or anything about what a body means.

Codes of FetchFailed: "name" (the host's name leads nowhere), "unreachable", "certificate", "tls", "proxy",
"ca-bundle", "timeout", "too-big", "cut-short", "damaged" and "encoding" (of a compressed body), "protocol" (no HTTP),
"redirects" (too many, or in a circle), "redirect" (to nowhere), "private-address" (a public URL led inside),
"unsafe-url", "header" (one of the source's own cannot be sent), "not-modified" (without anything to compare),
"status" (with HTTP's number).
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from os import environ
from pathlib import Path
from typing import Final, Self
from urllib.parse import urljoin

import httpx
from socksio import SOCKSError

from newsreader import __version__
from newsreader.errors import FetchFailed, Gone, TryLater, UnsafeUrl
from newsreader.fetch.addresses import (
    Address,
    IPAddress,
    address_of,
    is_inside,
    leads_inside,
    literal,
    proxy_for,
    shown,
)
from newsreader.fetch.inflate import BadBody, Body
from newsreader.fetch.terms import LONGEST_WAIT, Access, Limits, Validators, checked, is_validator, retry_after

USER_AGENT: Final = f"newsreader/{__version__}"
"""How newsreader names itself, unless a source's own headers say otherwise."""

PER_HOST: Final = 6
"""Requests that one host is asked to bear at once, as browsers do."""

AT_ONCE: Final = 32

_ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "application/json;q=0.8, text/html;q=0.5, */*;q=0.4"
)
_CONNECT_SECONDS: Final = 15.0
_SILENT_SECONDS: Final = 30.0
_HEAD: Final = 4096
_PERMANENT: Final = (301, 308)
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_charset = re.compile(r"""(?i);\s*charset\s*=\s*["']?([a-z0-9_:.+-]{1,40})""")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came. `url` is where from, after redirects; `moved` where the permanent ones led, "" if none did. `type` is
    the media type in lower case, `charset` the one declared with it. Of an unchanged answer there is no
    body. `may_be_cut`: nothing but the end of the connection says where the body ends."""

    url: str
    unchanged: bool
    body: bytes = field(repr=False)
    type: str
    charset: str
    validators: Validators
    moved: str
    whole: bool = True
    may_be_cut: bool = False


class Client:
    """Asks servers, politely. One for a run, in one event loop, as an async context manager.

    `inside` says which IP addresses a public URL must not lead to.
    """

    def __init__(self, *, per_host: int = PER_HOST, inside: Callable[[IPAddress], bool] = is_inside) -> None:
        self._inside = inside
        self._transports: dict[str | None, httpx.AsyncHTTPTransport] = {}
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
    ) -> Answer:
        """What a URL gives, or that it is unchanged since `validators`. Raises FetchFailed.

        `enough` is asked once, with the first 4 kB of the body (or all of it): if it says so, the rest is not taken.
        `into` takes the body piece by piece instead of the Answer.
        """
        try:
            first = address_of(url)
        except UnsafeUrl as error:
            raise FetchFailed(error.where, "unsafe-url", detail=error.why) from None
        errand = _Errand(first, checked(first, access), validators, limits or Limits(), enough, into)
        for _ in range(errand.limits.redirects + 1):
            answer = await self._one(errand)
            if isinstance(answer, Answer):
                return answer
            if answer is not None:
                errand.follow(*answer)
                await self._stay_outside(errand)
        raise errand.failed("redirects")

    async def _one(self, errand: _Errand) -> Answer | tuple[str, int] | None:
        """One request: an answer, where it redirects with which status, or None if it is to be repeated."""
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
                # httpcore asserts what a SOCKS proxy answers, and lets socksio's errors through.
                raise errand.failed(_code(error), detail=_words(error)) from None
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

    async def _ask(self, errand: _Errand) -> Answer | tuple[str, int] | None:
        request = errand.request()
        proxy = proxy_for(errand.here)
        response = await self._transport(errand, proxy).handle_async_request(request)
        response.request = request
        try:
            if proxy is None and errand.began_inside is False and self._peer_is_inside(response):
                raise errand.failed("private-address")
            errand.cookies.extract_cookies(response)
            status = response.status_code
            if status == 304 and not errand.has_sent_validators:
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
        if proxy not in self._transports:
            try:
                via = None if proxy is None else httpx.Proxy(proxy)
                self._transports[proxy] = httpx.AsyncHTTPTransport(
                    verify=self._tls(errand),
                    trust_env=False,
                    proxy=via,
                    limits=httpx.Limits(max_connections=None, max_keepalive_connections=AT_ONCE),
                )
            except (ValueError, httpx.InvalidURL):
                raise errand.failed("proxy") from None  # without its URL, which may hold a password
        return self._transports[proxy]

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
                raise errand.failed("ca-bundle", detail=f"{bundle}: {_words(error)}") from None
        return self._context

    async def _stay_outside(self, errand: _Errand) -> None:
        """Refuse a redirect that leads from the public Internet inside. Behind a proxy names are the proxy's to
        resolve, and may well resolve to private addresses: only what is written in the URL counts there."""
        if errand.here.host == errand.first.host:
            return
        if errand.began_inside is None:
            errand.began_inside = await leads_inside(errand.first, self._inside)
        if not errand.began_inside and await leads_inside(errand.here, self._inside):
            raise errand.failed("private-address")

    def _peer_is_inside(self, response: httpx.Response) -> bool:
        """Whether the address that answered is one; its name may have changed since it was looked up."""
        stream = response.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        ip = literal(str(peer[0])) if isinstance(peer, tuple) else None
        return ip is not None and self._inside(ip)


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
        access: Access,
        validators: Validators | None,
        limits: Limits,
        enough: Callable[[bytes], bool] | None,
        into: Callable[[bytes], object] | None,
    ) -> None:
        self.first = self.here = first
        self.limits = limits
        self.enough = enough
        self.into = into
        self.left = limits.seconds
        self.cookies = httpx.Cookies(CookieJar())  # a server may set one and look for it after its redirect
        self.hops = 0
        self.moved = ""
        self.began_inside: bool | None = None
        self.insists = False
        self.has_sent_validators = False
        self._access = access
        self._validators = validators or Validators()
        self._only_permanent = True
        self._seen = {(first.url, "")}

    def failed(self, why: str, *, status: int = 0, detail: str = "") -> FetchFailed:
        return FetchFailed(shown(self.here.url), why, status=status, detail=detail)

    def request(self) -> httpx.Request:
        headers = {"User-Agent": USER_AGENT, "Accept": _ACCEPT, "Accept-Encoding": "gzip"}
        auth: httpx.Auth | None = None
        if self.here.keeps_secrets_of(self.first):
            headers.update(self._access.headers)
            if self._access.user or self._access.password:
                auth = httpx.BasicAuth(self._access.user, self._access.password)
        headers["Accept-Encoding"] = "gzip"
        self.has_sent_validators = False
        if self.insists:
            headers["Cache-Control"] = "no-cache"
        elif self._validators.url == self.here.url:
            for name, value in (
                ("If-None-Match", self._validators.etag),
                ("If-Modified-Since", self._validators.modified),
            ):
                if is_validator(value):
                    headers[name] = value
                    self.has_sent_validators = True
        seconds = {"connect": _CONNECT_SECONDS, "read": _SILENT_SECONDS, "write": _SILENT_SECONDS, "pool": None}
        request = httpx.Request("GET", self.here.url, headers=headers, extensions={"timeout": seconds})
        self.cookies.set_cookie_header(request)
        return next(auth.auth_flow(request)) if auth else request

    def follow(self, location: str, status: int) -> None:
        """Go where a redirect says; raises FetchFailed."""
        if not location:
            raise self.failed("redirect", status=status)
        try:
            there = address_of(urljoin(self.here.url, location))
        except (UnsafeUrl, ValueError):
            raise self.failed("redirect", status=status, detail=shown(location)[:200]) from None
        self.here = there._replace(user="", password="")
        self.hops += 1
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
    body = Body(headers.get("content-encoding", ""), errand.limits.size)
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
    if whole:
        body.finish()
    declared = _charset.search(headers.get("content-type", ""))
    return Answer(
        url=errand.here.url,
        unchanged=unchanged,
        body=bytes(held) if errand.into is None else b"",
        type=headers.get("content-type", "").partition(";")[0].strip().lower(),
        charset=declared[1].lower() if declared else "",
        validators=Validators(errand.here.url, *(_kept(headers.get(name, "")) for name in ("etag", "last-modified"))),
        moved=errand.moved,
        whole=whole,
        may_be_cut=not (
            unchanged or length or "chunked" in headers.get("transfer-encoding", "").lower() or body.ends_itself
        ),
    )


def _kept(value: str) -> str:
    return value if is_validator(value) else ""


def _location(response: httpx.Response) -> str:
    """Where a redirect leads; servers send it in raw UTF-8 too."""
    raw = next((value for name, value in response.headers.raw if name.lower() == b"location"), b"")
    return raw.decode("utf-8", "replace").strip()


def _refusal(errand: _Errand, response: httpx.Response) -> FetchFailed:
    status, where = response.status_code, shown(errand.here.url)
    if status == 410:
        return Gone(where, "status", status=status)
    seconds = retry_after(response.headers.get("retry-after", ""))
    if status == 429 or (status == 503 and seconds is not None):
        return TryLater(where, "status", status=status, seconds=seconds)
    return FetchFailed(where, "status", status=status, detail=response.reason_phrase[:80])


# --- what went wrong ----------------------------------------------------------------------------------------------

_BY_TYPE: Final[tuple[tuple[tuple[type[BaseException], ...], str], ...]] = (
    ((ssl.SSLCertVerificationError,), "certificate"),
    ((ssl.SSLError,), "tls"),
    ((socket.gaierror, UnicodeError), "name"),
    ((httpx.TimeoutException,), "timeout"),
    ((httpx.ProxyError, SOCKSError, AssertionError), "proxy"),
    ((httpx.ConnectError,), "unreachable"),
    ((httpx.UnsupportedProtocol, httpx.InvalidURL), "unsafe-url"),
    ((httpx.ReadError, httpx.WriteError), "cut-short"),
    ((httpx.ProtocolError,), "protocol"),
    ((OSError,), "unreachable"),
)


def _code(error: BaseException) -> str:
    """The code of what httpx raised, or of what it was raised from."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and len(chain) < 10:
        chain.append(cause)
    if isinstance(error, httpx.RemoteProtocolError) and "without sending" in str(error):
        return "cut-short"
    return next((code for kinds, code in _BY_TYPE for link in chain if isinstance(link, kinds)), "protocol")


def _words(error: BaseException) -> str:
    """What the system says of it. What httpx refuses to send it repeats, and that may be a secret."""
    return "" if isinstance(error, httpx.LocalProtocolError) else " ".join(str(error).split())[:200]
