"""What went wrong between us and a server: what httpx, and whatever it stands on, raised -> a code of FetchFailed, and
words for a person. Decided only here: which link of a chain of exceptions is the one to tell of.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpx
from socksio import SOCKSError

_BY_TYPE: Final[tuple[tuple[tuple[type[BaseException], ...], str], ...]] = (
    ((httpx.TimeoutException,), "timeout"),
    ((ssl.SSLCertVerificationError,), "certificate"),
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError, BrokenPipeError), "cut-short"),
    ((ssl.SSLError,), "tls"),
    ((socket.gaierror, UnicodeError), "name"),
    # httpcore asserts what a SOCKS proxy answers, and lets socksio's errors through.
    ((httpx.ProxyError, SOCKSError, AssertionError), "proxy"),
    ((httpx.ConnectError,), "unreachable"),
    ((httpx.UnsupportedProtocol, httpx.InvalidURL), "unsafe-url"),
    ((httpx.ReadError, httpx.WriteError), "cut-short"),
    ((httpx.ProtocolError,), "protocol"),
    ((OSError,), "unreachable"),
)
_quoted = re.compile(r"""bytearray\(b(['"])(.*?)(?:\\[rn])*\1\)""", re.DOTALL)


def code_of(error: BaseException) -> str:
    """The code of what was raised, or of what it was raised from."""
    if isinstance(error, httpx.RemoteProtocolError):
        if "without sending" in str(error) or "unexpectedly closed" in str(error):
            return "cut-short"
        if "chunk" in str(error):
            return "damaged"
    chain = list(_chain(error))
    return next((code for kinds, code in _BY_TYPE for link in chain if isinstance(link, kinds)), "protocol")


def words_of(error: BaseException) -> str:
    """What the system, or the server, says of it; "" where that is nothing for a person. What httpx refuses to send it
    repeats, and that may be a secret."""
    if isinstance(error, httpx.LocalProtocolError):
        return ""
    for link in _chain(error):
        if isinstance(link, ssl.SSLCertVerificationError):
            return link.verify_message
        if isinstance(link, ssl.SSLError):
            return str(link.reason or "").replace("_", " ").lower()
        if isinstance(link, OSError) and link.errno and not isinstance(link, socket.gaierror):
            return os.strerror(link.errno)
    if isinstance(error, httpx.ProtocolError):
        said = _quoted.search(str(error))
        return f'"{said[2][:100]}"' if said else ""
    return " ".join(str(error).split())[:200] if isinstance(error, httpx.ProxyError) else ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it was raised from, the first of several at once."""
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            return
        yield link
        several = link.exceptions[0] if isinstance(link, BaseExceptionGroup) else None
        link = several or link.__cause__ or link.__context__
