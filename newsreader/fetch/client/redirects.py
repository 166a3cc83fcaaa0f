"""One `get` on its way through redirects.

Decided only here: what is sent where: a source's secrets go to the origin of its location alone; and where a redirect
may lead.
"""

from __future__ import annotations

from collections.abc import Callable
from http.cookiejar import CookieJar
from typing import Final
from urllib.parse import urljoin

import httpx

from newsreader import __version__
from newsreader.errors import FetchFailed, UnsafeUrl
from newsreader.fetch.addresses import Address, address_of, shown
from newsreader.fetch.request_terms import Access, Call, Limits, Validators, is_header, opaque

USER_AGENT: Final = f"newsreader/{__version__}"
"""How newsreader names itself, unless a source's own headers say otherwise."""

_ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "application/json;q=0.8, text/html;q=0.5, */*;q=0.4"
)
_SILENT_SECONDS: Final = 30.0
_PERMANENT: Final = (301, 308)


class Errand:
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
        """What went wrong here."""
        return FetchFailed(shown(self.here.url), why, status=status, detail=detail)

    def request(self) -> httpx.Request:
        """What is asked here, with the secrets that are for here; raises FetchFailed."""
        headers = httpx.Headers({"User-Agent": USER_AGENT, "Accept": _ACCEPT})
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
        headers.update(self.sent.headers())
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
