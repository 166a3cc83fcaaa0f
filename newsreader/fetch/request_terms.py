"""What a request carries besides its URL, what its answer may cost, and what headers may say.

Decided only here: which headers can be sent, which validators can be sent back, and how long a server may ask to be
left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from newsreader.config import Source
from newsreader.dates import parse_date

LONGEST_WAIT: Final = 24 * 3600.0
"""Seconds that a server may ask to be left alone."""

_VALIDATOR_LONG: Final = 1024
_validator = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_header_name = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_header_value = re.compile(r"[ -~\t]*")


@dataclass(frozen=True, slots=True)
class Access:
    """For whom something is asked: a source, by the `location` that a person wrote, "" for nobody. Its headers, user
    and password (which the location may hold, too) are never shown, and the client sends them to the origin of that
    location and nowhere else, whatever is asked for. `moved`: where that location led for good."""

    location: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    moved: str = ""


def access_of(source: Source, moved: str = "") -> Access:
    """For whom a fetched source's things are asked."""
    return Access(source.location, source.headers, source.user, source.password, moved)


@dataclass(frozen=True, slots=True)
class Call:
    """What a server's API is called with: the value of its Authorization header, "" for none; and a body of a media
    type, which is POSTed, None for a GET. All of it may be secret: it goes to the origin of the location alone, and a
    redirect that leads elsewhere is not followed."""

    authorization: str = field(default="", repr=False)
    type: str = ""
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells whether an answer is still the last one: `url` gave it with these ETag and Last-Modified."""

    url: str = ""
    etag: str = ""
    modified: str = ""

    def sendable(self) -> Validators:
        """The same without what cannot be sent back (more than one line of printable ASCII, or too long), and without
        the time zero, which says nothing of its document."""
        etag, modified = (value if is_validator(value) else "" for value in (self.etag, self.modified))
        return (
            Validators(self.url, etag, "" if " 1970 " in modified else modified) if etag or modified else Validators()
        )

    def headers(self) -> dict[str, str]:
        """How they are sent, byte for byte as they came: servers compare them so, odd ones too."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one answer may cost: bytes (on the wire and inflated), seconds in all, and until a connection
    stands, redirects."""

    size: int = 16 * 2**20
    seconds: float = 60.0
    connect: float = 15.0
    redirects: int = 10


def is_validator(value: str) -> bool:
    """Whether an ETag or a date may be sent back: one line of printable ASCII, not too long."""
    return len(value) <= _VALIDATOR_LONG and _validator.fullmatch(value) is not None


def is_header(name: str, value: str) -> bool:
    """Whether a header can be sent (RFC 9110, 5.5: a token, and one line of printable ASCII)."""
    return bool(_header_name.fullmatch(name) and _header_value.fullmatch(value))


def opaque(etags: str) -> frozenset[str]:
    """The entity tags in a header as the weak comparison has them (RFC 9110, 8.8.3.2): without W/, and without what
    Apache adds for the compressed form of the same."""
    tags = re.findall(r'"([^"]*)"', etags) or [etags.strip().removeprefix("W/")]
    return frozenset(re.sub(r"[-;]gzip$", "", tag) for tag in tags)


def fresh_for(headers: Mapping[str, str]) -> float:
    """Seconds for which an answer says that it stays as it is (RFC 9111, 4.2): max-age, else from Date to Expires, less
    its Age; 0 for what cannot be understood."""
    parts = [part.partition("=") for part in headers.get("cache-control", "").lower().split(",")]
    control = {name.strip(): value.strip(' "') for name, _, value in reversed(parts)}  # the first of a name counts
    if control.keys() & {"no-cache", "no-store"}:
        return 0.0
    if "max-age" in control:
        lifetime = _seconds(control["max-age"])
    else:
        expires, date = (parse_date(headers.get(name, "")) for name in ("expires", "date"))
        since = date[0] if date else datetime.now(UTC)
        lifetime = (expires[0] - since).total_seconds() if expires else 0.0
    return max(0.0, lifetime - _seconds(headers.get("age", "")))


def _seconds(text: str) -> float:
    return float(text[:9]) if text.isascii() and text.isdecimal() else 0.0


def retry_after(text: str) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110: a number, or a date), at most `LONGEST_WAIT`."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return min(_seconds(text), LONGEST_WAIT)
    moment = parse_date(text)
    if moment is None:
        return None
    return min(max((moment[0] - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_WAIT)
