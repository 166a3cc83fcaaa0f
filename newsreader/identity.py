"""Which dumps are one story: the key that names it, and the id made of the key.

Decided only here: what of a URL tells two stories apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsreader.article import Link

# The number of a DW story is the same in every headline, script and address it is given.
_dw_public = re.compile(
    r"(?:[\w-]+\.)*dw\.(?:com|de)/(?:.*?/)?(?:a|av|g|video|audio)-0*([1-9][0-9]{0,17})/?(?:[?#].*)?", re.DOTALL
)
_dw_api = re.compile(r"api\.dw\.com/api/detail/\w+/0*([1-9][0-9]{0,17})/?(?:[?#].*)?", re.DOTALL)

_scheme = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_other_scheme = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:(?!\d*(?:[/?#]|$))", re.IGNORECASE)
_parts = re.compile(r"([^/?#\x00-\x20]+)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_default_port = re.compile(r":(?:80|443)?$")
_www = re.compile(r"^(?:www\.)+(?=[^.]+\.)")
_slashes = re.compile(r"/{2,}")
_line_break = re.compile(r"[\t\r\n]+")
_escapes_or_odd = re.compile(r"(?:%[0-9A-Fa-f]{2})+|[^!-~]+")
_escaped_unreserved = re.compile(r"%(?:2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)")

# Parameters that say where a reader came from or how the page is laid out, never which story it is.
_tracking = re.compile(
    r"(?:(?:utm|mtm|pk|at|ns|mc)_\w*|xtor|ref|ref_(?:src|url)|(?:fb|g|d|y|tw)clid|msclkid|igshid|mkt_tok|maca|ocid"
    r"|cmpid|ncid|smid|smtyp|spm|full)(?:=.*)?",
    re.IGNORECASE | re.DOTALL,
)


def normal_url(url: str) -> str:
    """The URL as two spellings of one address share it, or "" if it is none of the web: without scheme, `www.`,
    default port, `//` runs, trailing `/`, fragment and tracking parameters; escapes as in RFC 3986, 6.2.2."""
    url = _line_break.sub("", url.strip())
    if _other_scheme.match(url):
        return ""
    scheme = _scheme.match(url)
    parts = _parts.fullmatch(url, scheme.end() if scheme else 0)
    if parts is None:
        return ""
    host = _www.sub("", _default_port.sub("", parts[1].rpartition("@")[2].lower()))
    if "." not in host.strip("."):
        return ""
    path = _slashes.sub("/", _one_spelling(parts[2])).rstrip("/")
    query = "&".join(
        field for field in _one_spelling(parts[3] or "").split("&") if field and not _tracking.fullmatch(field)
    )
    screen = "#" + _one_spelling(parts[4]) if (parts[4] or "").startswith("!") else ""  # "#!" addresses a page
    return host + path + ("?" + query if query else "") + screen


def story_key(url: str, *, guid: str = "", content: str = "") -> str:
    """What names a dump's story: "dw:<number>", else the normal URL, else "guid:…", else "hash:…" of the content."""
    normal = normal_url(url)
    # The escapes of a headline in the URL may hide a "?" in front of the number.
    dw = _dw_public.fullmatch(normal) or _dw_api.fullmatch(normal) if "dw." in normal else None
    if dw:
        return "dw:" + dw[1]
    if normal:
        return normal
    if guid:
        return "guid:" + guid
    return "hash:" + _sha256(content)


def story_id(key: str) -> str:
    """The id of the story that `key` names: 16 lower-case hexadecimal digits, the same on every machine."""
    return _sha256(key)[:16]


def story_at(url: str) -> str:
    """The id of the story at a URL, whether or not there is one; "" for a URL that is none of the web."""
    return story_id(story_key(url)) if normal_url(url) else ""


def with_stories(links: Iterable[Link], holds: Callable[[str], bool]) -> tuple[Link, ...]:
    """Links as they lead to the stories that are here: `holds` says of an id whether that story is."""
    return tuple(_resolved(link, holds) for link in links)


def _resolved(link: Link, holds: Callable[[str], bool]) -> Link:
    story = story_at(link.url) if link.kind in ("web", "story") else ""
    if story and holds(story):
        return replace(link, kind="story", story=story)
    return replace(link, kind="web") if link.kind == "story" else link


def _sha256(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _one_spelling(part: str) -> str:
    return _escapes_or_odd.sub(_respell, part)


def _respell(run: re.Match[str]) -> str:
    if run[0][0] != "%":
        return "%" + run[0].encode("utf-8", "surrogatepass").hex("%").upper()
    return _escaped_unreserved.sub(lambda escape: chr(int(escape[0][1:], 16)), run[0].upper())
