"""HTTP: the only door to httpx, and all that is decided about a request.

Decided only here: who is asked, and with what (`_admit`, `Errand.request`); how redirects are followed and how many,
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
import ssl
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from os import environ
from pathlib import Path
from typing import Any, Final, Self

import httpx
from socksio import SOCKSError

from newsreader.errors import FetchFailed, TryLater, UnsafeUrl
from newsreader.fetch.addresses import (
    Inside,
    IPAddress,
    address_of,
    is_inside,
    literal,
    proxy_for,
    shown,
)
from newsreader.fetch.client.answers import Answer, location_of, received, refusal
from newsreader.fetch.client.redirects import Errand
from newsreader.fetch.failures import code_of, words_of
from newsreader.fetch.inflate import BadBody
from newsreader.fetch.request_terms import LONGEST_WAIT, Access, Call, Limits, Validators

PER_HOST: Final = 6
"""Requests that one host is asked to bear at once, as browsers do."""

AT_ONCE: Final = 32

_REDIRECTS: Final = (301, 302, 303, 307, 308)


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
        errand = Errand(first, own, access, validators, limits or Limits(), enough, into, call)
        for _ in range(errand.limits.redirects + 1):
            answer = await self._one(errand)
            if isinstance(answer, Answer):
                return answer
            if answer is not None:
                errand.follow(*answer)
        raise errand.failed("redirects")

    async def _one(self, errand: Errand) -> Answer | tuple[str, int] | None:
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
    async def _turn(self, errand: Errand) -> AsyncIterator[None]:
        """Wait until a host has a place free, which is no fault of the server's and not counted against it."""
        host = self._hosts[errand.here.host]
        async with host.gate, self._all:
            if (left := host.paused_until - time.monotonic()) > 0:
                raise TryLater(shown(errand.here.url), "status", status=429, seconds=left)
            yield

    def _admit(self, errand: Errand) -> None:
        """Decide whether this address may be asked on this errand, as far as its URL tells. One that is inside is for
        the source whose own location names its host and port; for others, the reader may have opened it."""
        here, own = errand.here, errand.own
        errand.may_be_inside = (own is not None and here.has_the_place_of(own)) or self._inside.has_opened(here)
        ip = literal(here.host)
        if ip is not None and not errand.may_be_inside and self._inside.refuses(ip, by_name=False):
            raise errand.failed("private-address", detail=here.host)

    def _watch(self, errand: Errand) -> Callable[[str, Mapping[str, Any]], Coroutine[Any, Any, None]]:
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

    async def _ask(self, errand: Errand) -> Answer | tuple[str, int] | None:
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
                return location_of(response), status
            if status not in (200, 203, 304):
                raise refusal(errand, response)
            return await received(errand, response)
        finally:
            await response.aclose()

    def _transport(self, errand: Errand, proxy: str | None) -> httpx.AsyncHTTPTransport:
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

    def _tls(self, errand: Errand) -> ssl.SSLContext:
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
