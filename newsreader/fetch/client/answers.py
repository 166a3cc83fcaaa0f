"""What servers answer.

Decided only here: how much of a body is taken, and what a refusal means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import httpx

from newsreader.errors import FetchFailed, Gone, TryLater
from newsreader.fetch.addresses import shown
from newsreader.fetch.client.redirects import Errand
from newsreader.fetch.inflate import BadBody, Body, unpacked
from newsreader.fetch.request_terms import Validators, fresh_for, retry_after

_HEAD: Final = 4096
_BAD_TOKEN: Final = {"google-bad-token", "x-reader-google-bad-token"}
_charset = re.compile(r"""(?i);\s*charset\s*=\s*["']?([a-z0-9_:.+-]{1,40})""")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came. `url` is where from, after redirects; `moved` where the permanent ones led, "" if none did. `type` is
    the media type in lower case, `charset` the one declared with it; `fresh`: for how many seconds it says that it
    stays as it is. Of an unchanged answer there is no body; one that is a file compressed with gzip is inflated.
    `may_be_cut`: nothing but the end of the connection says where the body ends."""

    url: str
    unchanged: bool
    body: bytes = field(repr=False)
    type: str
    charset: str
    validators: Validators
    moved: str
    fresh: float
    whole: bool
    may_be_cut: bool

    @property
    def declared(self) -> str:
        """Media type and charset as a header has them."""
        return f"{self.type}; charset={self.charset}" if self.charset else self.type


async def received(errand: Errand, response: httpx.Response) -> Answer:
    """What comes of a response, its body within the limits; raises BadBody."""
    headers = response.headers
    length = headers.get("content-length", "")
    unchanged = response.status_code == 304
    if length.isdecimal() and int(length[:20]) > errand.limits.size and errand.enough is None and not unchanged:
        raise BadBody("too-big")
    body = Body("" if unchanged else headers.get("content-encoding", ""), errand.limits.size)
    held = bytearray()
    asked = errand.enough is None
    whole = True
    async for data in response.aiter_raw():
        for piece in body.take(data):
            if errand.into is None or not asked:
                held += piece
            if errand.into is not None:
                errand.into(piece)
        if not asked and errand.enough is not None and len(held) >= _HEAD:
            asked = True
            if errand.enough(bytes(held[:_HEAD])):
                whole = False
                break
    for piece in body.finish() if whole else ():
        held += piece
        if errand.into is not None:
            errand.into(piece)
    declared = _charset.search(headers.get("content-type", ""))
    return Answer(
        url=errand.here.url,
        unchanged=unchanged,
        body=b"" if errand.into is not None else unpacked(bytes(held), errand.limits.size) if whole else bytes(held),
        type=headers.get("content-type", "").partition(";")[0].strip().lower(),
        charset=declared[1].lower() if declared else "",
        validators=Validators(
            errand.here.url,
            headers.get("etag", "") or (errand.sent.etag if unchanged else ""),
            headers.get("last-modified", "") or (errand.sent.modified if unchanged else ""),
        ).sendable(),
        moved=errand.moved,
        fresh=fresh_for(headers),
        whole=whole,
        may_be_cut=whole
        and not (unchanged or length or "chunked" in headers.get("transfer-encoding", "").lower() or body.ends_itself),
    )


def location_of(response: httpx.Response) -> str:
    """Where a redirect leads; servers send it in raw UTF-8 too."""
    raw = next((value for name, value in response.headers.raw if name.lower() == b"location"), b"")
    return raw.decode("utf-8", "replace").strip()


def refusal(errand: Errand, response: httpx.Response) -> FetchFailed:
    """What a status says that is neither an answer nor a redirect."""
    status, where = response.status_code, shown(errand.here.url)
    if errand.own is not None and errand.wants_what_is_withheld(status):
        return FetchFailed(shown(errand.own.url), "moved", status=status, detail=where)
    if status == 410:
        return Gone(where, "status", status=status)
    if status in (400, 401) and _BAD_TOKEN & set(response.headers):
        return FetchFailed(where, "bad-token", status=status)
    seconds = retry_after(response.headers.get("retry-after", ""))
    if status == 429 or (status == 503 and seconds is not None):
        return TryLater(where, "status", status=status, seconds=seconds)
    return FetchFailed(where, "status", status=status, detail=response.reason_phrase[:80])
