"""Where links and pictures lead: addresses resolved against the dump's own, proxies unwrapped, addresses in texts.

Decided only here: which schemes make a link at all, and where an address in a text begins and ends.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin, urlsplit

from newsreader.identity import normal_url

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


# An address begins after anything but ASCII letters and the like: after Han characters too. It is ASCII throughout.
_BARE = re.compile(
    r"(?<![A-Za-z0-9@/._-])(?:(?:https?://(?=[A-Za-z0-9\[])|www\.(?=[A-Za-z0-9-]+\.[A-Za-z]))[!#-;=?-Z\[\]_a-z|~%]{1,2048}"
    r"|(?:mailto:)?[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-]))",
    re.IGNORECASE,
)
_BRACKETS = {")": "(", "]": "["}


def addresses_in(text: str) -> list[tuple[int, int, str]]:
    """The web and mail addresses that stand in a text, as (start, end, address)."""
    if "://" not in text and "@" not in text and "www." not in text and "WWW." not in text:
        return []
    found = []
    for match in _BARE.finditer(text):
        bare = _without_end(match[0])
        mail = "@" in bare and "/" not in bare
        url = bare if ":" in bare.partition("@")[0] or not mail else f"mailto:{bare}"
        if bare[:4].lower() == "www.":
            url = f"http://{bare}"
        if mail or "." in bare or bare.count("/") > 2:
            found.append((match.start(), match.start() + len(bare), url))
    return found


def _without_end(bare: str) -> str:
    """An address without the signs of the sentence around it: full stops, closing brackets without partner."""
    while bare:
        last = bare[-1]
        if last in ".,:;!?'*_~|" or (last in _BRACKETS and bare.count(last) > bare.count(_BRACKETS[last])):
            bare = bare[:-1]
        else:
            break
    return bare


def place_within(href: str, url: str, base: str) -> str:
    """The id that a link on page `base` names, if it leads to a place on that page; `url` is its absolute address.

    Feeds resolve "#fn1" against what they give as their base: a folder of the page's address is taken for it too."""
    address, _, name = href.strip().partition("#")
    if not name or (address and not url):
        return ""
    if address:
        here, there = normal_url(base), normal_url(url.partition("#")[0])
        if here != there and not here.startswith(there.rstrip("/") + "/"):
            return ""
    return unquote(name)


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


def host_of(url: str) -> str:
    """The host of an address, without `www.`; "" if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
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
