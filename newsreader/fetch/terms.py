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
class Validators:
    """What tells whether an answer is still the last one: `url` gave it with these ETag and Last-Modified."""

    url: str = ""
    etag: str = ""
    modified: str = ""


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


def retry_after(text: str) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110: a number, or a date), at most `LONGEST_WAIT`."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:9]), LONGEST_WAIT)
    moment = parse_date(text)
    if moment is None:
        return None
    return min(max((moment[0] - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_WAIT)
