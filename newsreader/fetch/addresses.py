"""Which addresses may be asked for, which of them lie inside, and which proxy leads there.

Owns: the spelling of a URL that is requested, and what of it may be shown. Decided only here: that only http and https
are fetched; which hosts and IP addresses count as inside (this machine, private networks, and what else is not the
public Internet); what the environment says about proxies. Never: sending a request.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from newsreader.errors import UnsafeUrl
from newsreader.safety import URL_LENGTH

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_RESOLVE_SECONDS: Final = 15.0
_PORTS: Final = {"http": 80, "https": 443}
_control = re.compile("[\0- \x7f-\xa0]")
_userinfo = re.compile(r"(?i)^([a-z][a-z0-9+.-]*:)?([/\\]*)[^/?#\\]*@")
_feed_scheme = re.compile(r"(?i)^feed:(?://)?(?=https?:)|^feed:(?=//)")
_nat64 = ipaddress.ip_network("64:ff9b::/96")


class Address(NamedTuple):
    """Where a request goes. `url` has neither fragment nor user name; `host` is lower-case, an IPv6 one without
    brackets; `user` and `password` are what the URL said, never shown."""

    url: str
    scheme: str
    host: str
    port: int
    user: str
    password: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What requests must share for the secrets of one to be sent with the other."""
        return self.scheme, self.host, self.port

    def keeps_secrets_of(self, first: Address) -> bool:
        """Whether what is meant for `first` may be sent here too: its own origin, or the same host over TLS."""
        return self.origin == first.origin or (
            self.host == first.host and (first.scheme, first.port, *self.origin[::2]) == ("http", 80, "https", 443)
        )


def address_of(url: str) -> Address:
    """The address that a URL names, `feed:` and a missing scheme after `//` understood; raises UnsafeUrl, whose `why`
    is "too long", "control characters", "scheme" or "host"."""
    text = _feed_scheme.sub("", url.strip())
    if text.startswith("//"):
        text = "http:" + text
    if len(text) > URL_LENGTH:
        raise UnsafeUrl(shown(url)[:URL_LENGTH], "too long")
    if _control.search(text):
        raise UnsafeUrl(shown(url), "control characters")
    try:
        parts = urlsplit(text)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        raise UnsafeUrl(shown(url), "host") from None
    if scheme not in _PORTS:
        raise UnsafeUrl(shown(url), "scheme")
    host = host.rstrip(".")
    if not host or host[0] == "-" or re.search(r"[^\w.:%-]", host) or port == 0:
        raise UnsafeUrl(shown(url), "host")
    return Address(
        _without_userinfo(parts),
        scheme,
        host,
        port or _PORTS[scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def shown(url: str) -> str:
    """A URL as errors may name it: without user name and password."""
    return _userinfo.sub(r"\1\2", url)


def _without_userinfo(parts: SplitResult) -> str:
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme.lower(), place, parts.path or "/", parts.query, ""))


# --- inside and outside -------------------------------------------------------------------------------------------


def literal(host: str) -> IPAddress | None:
    """The IP address that a host is in itself, also in the short and octal spellings that systems take (127.1)."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if re.fullmatch(r"(?i)(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}", host):
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except OSError:
            pass
    return None


def is_inside(address: IPAddress) -> bool:
    """Whether an IP address is of this machine, a private network, or in any other way not of the public Internet;
    one that carries an IPv4 address is what that one is."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _nat64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_inside(inner)
    return not address.is_global or address.is_multicast


def is_inside_name(host: str) -> bool:
    """Whether a host's name belongs to this machine or a private network whatever it resolves to (RFC 6761, 6762,
    8375; a name without a dot)."""
    return "." not in host or host.endswith((".localhost", ".local", ".internal", ".home.arpa"))


async def leads_inside(address: Address, inside: Callable[[IPAddress], bool] = is_inside) -> bool:
    """Whether asking an address may end inside. Behind a proxy names are the proxy's to resolve, and may well resolve
    to private addresses: only what is written in the URL counts there."""
    ip = literal(address.host)
    if ip is not None:
        return inside(ip)
    if is_inside_name(address.host):
        return True
    if proxy_for(address) is not None:
        return False
    try:
        async with asyncio.timeout(_RESOLVE_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return False  # asking it will fail too, and say why
    return any(inside(ip) for *_, place in found if (ip := literal(str(place[0]))))


# --- proxies ------------------------------------------------------------------------------------------------------


def proxy_for(address: Address) -> str | None:
    """The URL of the proxy that the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, in either case) or the
    system names for an address. This machine is always asked directly; NO_PROXY takes networks too (10.0.0.0/8)."""
    proxies = getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    ip = literal(address.host)
    if not proxy or address.host == "localhost" or (ip is not None and ip.is_loopback):
        return None
    if proxy_bypass(f"{address.host}:{address.port}") or proxy_bypass(address.host):
        return None
    if ip is not None and any(_holds(network, ip) for network in proxies.get("no", "").split(",")):
        return None
    return proxy if "://" in proxy else "http://" + proxy


def _holds(network: str, ip: IPAddress) -> bool:
    try:
        return ip in ipaddress.ip_network(network.strip(), strict=False)
    except ValueError:
        return False
