"""Which addresses may be asked for, which of them lie inside, and which proxy leads there.

Decided only here: that only http and https are fetched; how a URL that is requested is spelled, and what of it may be
shown; which IP addresses are inside (this machine, private networks, and what else is not the public Internet), and
which of them the reader opens to all; what the environment says about proxies.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from newsreader.errors import UnsafeUrl
from newsreader.safety import URL_LENGTH, ascii_host, without_user

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS: Final = {"http": 80, "https": 443}
_control = re.compile("[\0- \x7f-\xa0]")
_feed_scheme = re.compile(r"(?i)^feed:(?://)?(?=https?:)|^feed:(?=//)")


class Address(NamedTuple):
    """Where a request goes. `url` has neither fragment nor user name, and its host in ASCII; `host` is that in lower
    case, an IP address as it is usually spelled, without brackets; `user` and `password` are what the URL said, never
    shown."""

    url: str
    scheme: str
    host: str
    port: int
    user: str
    password: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: all that what is meant for one address may be sent to."""
        return self.scheme, self.host, self.port

    @property
    def place(self) -> str:
        """Host and port as a person reads them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def has_the_place_of(self, other: Address) -> bool:
        """Whether both are one host and port, or this is 443 of a host whose 80 the other is."""
        return self.host == other.host and (self.port == other.port or (other.port, self.port) == (80, 443))


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
    try:
        host = ascii_host(host).rstrip(".")
    except UnsafeUrl:
        raise UnsafeUrl(shown(url), "host") from None
    if not host or host[0] == "-" or re.search(r"[^\w.:%-]", host) or port == 0:
        raise UnsafeUrl(shown(url), "host")
    place = parts.netloc.rpartition("@")[2]
    if not place.isascii():
        place = host if port is None else f"{host}:{port}"
    return Address(
        urlunsplit((scheme, place, parts.path or "/", parts.query, "")),
        scheme,
        str(literal(host) or host),
        port or _PORTS[scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


shown = without_user  # a URL as errors may name it


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
    """Whether an IP address is of this machine, a private network, or in any other way not of the public Internet (the
    registries of RFC 6890); one that carries IPv4 addresses is what those are."""
    if isinstance(address, ipaddress.IPv4Address):
        return not address.is_global or address.is_multicast or address in _ASSIGNED
    if carried := _carried(address):
        return any(is_inside(inner) for inner in carried)
    return address not in _UNICAST or not address.is_global


_ASSIGNED: Final = ipaddress.IPv4Network("192.0.0.0/24")  # some clouds answer there; no news do
_FAKE: Final = ipaddress.IPv4Network("198.18.0.0/15")
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_LAST_32_BITS: Final = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")))


def _carried(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 one stands for: compatible and mapped (RFC 4291), translated (RFC 2765), NAT64
    (RFC 6052), 6to4, and Teredo's server and client."""
    if any(address in network for network in _LAST_32_BITS):
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    return address.teredo or (() if address.sixtofour is None else (address.sixtofour,))


class Inside:
    """What is inside: `inside` says so of an IP address; `opened` are the hosts, IP addresses and networks of it that
    the reader opens to whatever leads there."""

    def __init__(self, opened: Sequence[str] = (), inside: Callable[[IPAddress], bool] = is_inside) -> None:
        self._inside = inside
        self._networks = [network for text in opened if (network := network_of(text))]
        self._names = {ascii_host(text) for text in opened if not network_of(text)}

    def has_opened(self, address: Address) -> bool:
        """Whether the host itself is one of those, however it resolves."""
        return address.host in self._names

    def refuses(self, ip: IPAddress, *, by_name: bool) -> bool:
        """Whether an IP address is closed to whoever has no right of its own to it. `by_name`: it is what a name
        resolved to; some proxies let all names resolve to 198.18.0.0/15, and take them back before they ask."""
        if any(ip in network for network in self._networks) or (by_name and ip in _FAKE):
            return False
        return self._inside(ip)


def network_of(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The network, or the one address, that a text names; None for the name of a host."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


_INSIDE_NAMES: Final = (
    *("localhost", "local", "internal", "home.arpa"),  # RFC 6761, 6762, 8375
    *("intranet", "private", "corp", "home", "lan"),  # in use, as RFC 6762, appendix G, says
)


def is_inside_by_look(address: Address) -> bool:
    """Whether an address is inside as far as can be told without asking for its name."""
    host, ip = address.host, literal(address.host)
    if ip is not None:
        return is_inside(ip)
    return "." not in host or host.endswith(tuple("." + name for name in _INSIDE_NAMES))


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
