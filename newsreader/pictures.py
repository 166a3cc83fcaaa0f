"""Pictures that stand in their own address (data:, RFC 2397), as bytes.

Decided only here: what such a picture is, its first bytes say and never its address; what may hold a program (SVG) is
none.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

_SIGNATURES: Final = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "avif": re.compile(rb".{4}ftypavi[fs]", re.DOTALL),
}


class Embedded(NamedTuple):
    """A picture's bytes, and what they are: png, jpeg, gif, webp or avif."""

    form: str
    data: bytes

    @property
    def url(self) -> str:
        """An address that holds these bytes and nothing else."""
        return f"data:image/{self.form};base64,{b64encode(self.data).decode('ascii')}"


def is_embedded(url: str) -> bool:
    """Whether an address is a picture itself, of whatever kind."""
    return url[:11].lower() == "data:image/"


def embedded(url: str) -> Embedded | None:
    """The picture in an address, None if there is none."""
    head, comma, body = url.partition(",")
    if not comma or not is_embedded(url):
        return None
    data = unquote_to_bytes(body)
    if head.rstrip().lower().endswith(";base64"):
        try:
            data = b64decode(data + b"==")
        except ValueError:
            return None
    return next((Embedded(form, data) for form, begins in _SIGNATURES.items() if begins.match(data)), None)
