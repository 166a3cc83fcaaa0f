"""Documents that may have been cut off on their way: nobody told their length, and the connection just ended.

Decided only here: what the end of a document looks like, and that what came twice alike is whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from newsreader.fetch.client import Client
from newsreader.fetch.client.answers import Answer
from newsreader.fetch.request_terms import Validators

_TAIL: Final = 4096
_end = re.compile(rb"</(?:[a-z_][\w.-]*:)?(?:rss|feed|rdf|channel|html|body)\s*>", re.IGNORECASE)


def has_end(document: bytes) -> bool:
    """Whether a feed or page, in whatever encoding, is there to its end."""
    begin, tail = (part.replace(b"\0", b"") for part in (document[:_TAIL], document[-_TAIL:]))
    if begin.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] in (b"{", b"["):
        return tail.rstrip().endswith((b"}", b"]"))
    return _end.search(tail) is not None


async def whole(
    client: Client, url: str, *, is_whole: Callable[[bytes], bool] = lambda body: False, **terms: Any
) -> Answer:
    """What `client.get` gives; what may have been cut off, and is not whole by what it says, is asked for once more.
    The longer of two that differ may still be cut, and gets no validators. Raises FetchFailed."""
    answer = await client.get(url, **terms)
    if not answer.may_be_cut or is_whole(answer.body):
        return replace(answer, may_be_cut=False)
    again = await client.get(url, **{**terms, "validators": None})
    longer = max(answer, again, key=lambda one: len(one.body))
    if answer.body == again.body or not longer.may_be_cut or is_whole(longer.body):
        return replace(longer, may_be_cut=False)
    return replace(longer, validators=Validators())
