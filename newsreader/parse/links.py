"""Where links and pictures lead.

Owns: resolving addresses against the dump's own, unwrapping image proxies, choosing from a srcset. Decided only here:
which schemes make a link at all. Never: whether an address may be opened (`safety`), or whether the library has it.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin, urlsplit

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_SCHEMES = frozenset({"http", "https", "mailto", "ftp", "tel"})
_BREAKS = re.compile(r"[\t\n\r\f\v\x00-\x1f]+")
_WEB = re.compile(r"(https?):/{2,}", re.IGNORECASE)

# Image proxies. weserv takes the original without its scheme; thumbor (`/unsafe/`) as the end of the path, with it.
_WESERV = re.compile(r"https?://(?:images\.weserv\.nl|wsrv\.nl)/?\?(?:.*?&)?url=(.*)", re.IGNORECASE)
_WESERV_OPTIONS = re.compile(r"(?:&(?:w|h|dpr|fit|a|q|l|n|output|default|maxage|we|il)(?:=[^&?]*)?)+$")
_THUMBOR = re.compile(
    r"https?://[^/]*/(?:.*/)?(?:unsafe|thumbor)/(?:.*?/)??(https?(?::|%3A)(?:/|%2F){1,2}.+)", re.IGNORECASE
)
_PHOTON = re.compile(r"https?://i[0-9]\.wp\.com/([^/?]+\.[^?]+)", re.IGNORECASE)
_NESTED_QUERY = re.compile(r"https?://[^?]*/(?:_next/image|imgproxy|image-proxy)/?\?(?:.*&)?url=([^&]+)", re.IGNORECASE)
_CANDIDATE = re.compile(r"\s*([^\s,](?:\S*[^\s,])?)(?:\s+([0-9.]+)([wxh]))?[^,]*(?:,|$)")


def resolve(address: str, base: str) -> str:
    """The absolute address of a link on page `base`; "" if it leads nowhere that a reader could go (javascript:, data:,
    a place on the page itself, nothing at all)."""
    address = _BREAKS.sub("", address).strip()
    if not address or address[0] == "#":
        return ""
    if scheme := _SCHEME.match(address):
        if scheme[1].lower() not in _SCHEMES:
            return ""
        address = _WEB.sub(lambda web: f"{web[1].lower()}://", address, count=1).replace(" ", "%20")
        return address if "[" not in address or _can_be_split(address) else ""
    if not _WEB.match(base):
        return ""
    try:
        return urljoin(base, address).replace(" ", "%20")
    except ValueError:  # http://[ is no address
        return ""


def _can_be_split(address: str) -> bool:
    try:
        return bool(urlsplit(address).netloc or urlsplit(address).path)
    except ValueError:
        return False


def original(url: str) -> str:
    """The address that an image proxy was asked for, proxies within proxies too; `url` itself if it is no proxy's."""
    for _ in range(8):
        if match := _WESERV.match(url):
            inner = match[1]
            if "%2f" in inner.lower() and "/" not in inner:
                inner = unquote(inner.partition("&")[0])
            elif "?" not in inner:
                inner = _WESERV_OPTIONS.sub("", inner)
            inner = inner.removeprefix("ssl:")
        elif match := _THUMBOR.match(url):
            inner = unquote(match[1]) if "%2f" in match[1].lower() else match[1]
        elif match := _PHOTON.match(url):
            inner = match[1]
        elif match := _NESTED_QUERY.match(url):
            inner = unquote(match[1])
        else:
            return url
        if inner.startswith("//"):
            inner = inner[2:]
        url = _WEB.sub(lambda web: f"{web[1].lower()}://", inner, count=1) if _WEB.match(inner) else "https://" + inner
    return url


def best_candidate(srcset: str) -> str:
    """The address of the largest picture that a srcset names, "" if it names none."""
    best, size = "", -1.0
    for match in _CANDIDATE.finditer(srcset[:20_000]):
        try:
            width = float(match[2]) if match[2] else 1.0
        except ValueError:
            width = 0.0
        if match[1] and width > size and not match[1].startswith("data:"):
            best, size = match[1], width
    return best
