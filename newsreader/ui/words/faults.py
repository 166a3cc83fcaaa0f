"""Why something was not fetched, and what to do, in English, for the window and the commands: the codes of
errors.FetchFailed put into words.
"""

from __future__ import annotations

from newsreader.errors import FetchFailed, TryLater

_FETCH_FAULTS = {
    "name": "no server of that name is known; check its spelling, or the network",
    "unreachable": "the server cannot be reached ({detail}); try again later",
    "certificate": "the server cannot prove that it is who it says ({detail})",
    "tls": "the server does not speak TLS as it should ({detail})",
    "proxy": "the proxy that the environment names does not help ({detail})",
    "ca-bundle": "the certificates that the environment names cannot be read: {detail}",
    "timeout": "the server is too slow; try again later",
    "too-big": "it is larger than anything that news need",
    "cut-short": "it ended in the middle; try again later",
    "damaged": "what came is damaged",
    "encoding": "it is packed in a way that was not asked for",
    "protocol": "what answers is no web server ({detail})",
    "redirects": "it leads in a circle",
    "redirect": "it leads nowhere ({detail})",
    "moved": 'it has moved to "{detail}", which is not sent what is meant for this address alone (user name, password, '
    "headers); to trust it, write it in sources.toml as the location of the source",
    "private-address": 'it is inside your own network; [fetch] inside = ["{detail}"] in config.toml opens it to others',
    "unsafe-url": "only whole http and https addresses are fetched",
    "header": 'the header "{detail}" of this source cannot be sent; see sources.toml',
    "not-modified": "the server says that it is unchanged, but never gave it",
    "not-a-feed": "it is no feed",
    "unreadable": "it is a feed that cannot be read ({detail})",
    "too-costly": "reading it takes too much {detail}",
    "not-an-archive": "it is no archive of dumps: its README.md links no lists",
    "not-a-dump": "it is no dump",
    "one-dump": 'it is a single dump; "newsreader show" prints it once it is saved as a file',
    "nothing-to-read": "it is neither a feed, nor a page with feeds, nor an archive of dumps",
    "no-text": "no story is found on the page",
    "disk": "it cannot be written: {detail}",
}
_STATUSES = {
    401: "it wants a user name and a password; see sources.toml",
    403: "the server does not let us read it",
    404: "there is nothing at this address",
    410: 'it is gone for good; "newsreader remove" takes it out',
    429: "the server wants to be left alone for a while",
    503: "the server is overburdened; try again later",
}


def why_not_fetched(error: FetchFailed) -> str:
    """The reason, in words that quote untrusted text as it is."""
    if isinstance(error, TryLater) and error.seconds is not None:
        return f"it is left alone for another {_duration(error.seconds)}"
    if error.why == "status":
        return _STATUSES.get(error.status, f"the server answers {error.status} {error.detail}".rstrip())
    if error.why == "not-a-feed" and error.detail == "html":
        return "it is a page, no feed; on some networks, one to sign in at comes first"
    reason = _FETCH_FAULTS.get(error.why, error.why or "it is not known why")
    return reason.replace("{detail}", error.detail).replace(" ()", "").rstrip(": ")


def _duration(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
