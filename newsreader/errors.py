"""The one exception family, and what a warning is.

Decided only here: the tree below.

    NewsreaderError
    ├── NotFound              a path, story id or URL that names nothing
    │   └── AmbiguousId       the beginning of an id that several stories share
    ├── NotADump              bytes that are no dump, or a folder or archive file without any
    ├── Unreadable            a file, folder or archive file that the system or its damage keeps us from reading
    ├── UnsafeUrl             a URL that newsreader will not open
    ├── BadSettings           a TOML file of the reader's that cannot be understood
    ├── BadQuery              a search that cannot be understood
    ├── FetchFailed           what was asked for over the network did not come
    │   ├── Gone              and never will: its server says so (410)
    │   └── TryLater          and the server wants to be left alone for a while (429, 503)
    ├── NoProcess             no process of ours can be started, for a limit on them perhaps
    └── StorageFailed         our own database cannot be written: disk full, read-only, damaged
        └── Unsearchable      the one of the words, so that nothing can be searched
"""

from __future__ import annotations

from typing import NamedTuple, Self


class NewsreaderError(Exception):
    """Base of the family: `where` names the file, URL or id; `why` is a short reason, untrusted text, may be empty."""

    def __init__(self, where: str, why: str = "") -> None:
        super().__init__(where, why)
        self.where = where
        self.why = why


class NotFound(NewsreaderError):
    """Nothing is there: `where` is the path, id or URL as it was given."""


class AmbiguousId(NotFound):
    """`where` begins the ids of several stories."""


class NotADump(NewsreaderError):
    """`where` was read, and is no dump or holds none."""


class Unreadable(NewsreaderError):
    """`where` exists and cannot be read: permission, damage, a loop, a file that vanished."""


class UnsafeUrl(NewsreaderError):
    """`where` is a URL of a scheme or shape that is never opened."""


class BadSettings(NewsreaderError):
    """`where` is the settings file; `why` names the key and what it takes; `line`: where it stands, 0 if not known."""

    line = 0

    def at(self, line: int) -> Self:
        """The same, where it stands."""
        self.line = line
        return self


class BadQuery(NewsreaderError):
    """`where` is the query, `why` a code of library.search.query, `position` the character at which it goes wrong, and
    `word` what stands there."""

    def __init__(self, where: str, why: str, position: int = 0, word: str = "") -> None:
        super().__init__(where, why)
        self.position = position
        self.word = word


class FetchFailed(NewsreaderError):
    """`where` is the URL without user name and password; `why` a code of `fetch`, such as "timeout" or "status";
    `status` HTTP's number or 0; `detail` the words of a server or the system, untrusted text."""

    def __init__(self, where: str, why: str = "", *, status: int = 0, detail: str = "") -> None:
        super().__init__(where, why)
        self.status = status
        self.detail = detail


class Gone(FetchFailed):
    """`where` was taken away for good and is not to be asked for again."""


class TryLater(FetchFailed):
    """`where` is not to be asked for before `seconds` have passed; None if the server did not say how many."""

    def __init__(
        self, where: str, why: str = "", *, status: int = 0, detail: str = "", seconds: float | None = None
    ) -> None:
        super().__init__(where, why, status=status, detail=detail)
        self.seconds = seconds


class NoProcess(NewsreaderError):
    """No process of ours can be started: `where` is what it was to do, `why` the system's reason."""


class StorageFailed(NewsreaderError):
    """`where` is our database; `why` is the system's reason."""


class Unsearchable(StorageFailed):
    """`where` is the index of words."""


class Warning(NamedTuple):
    """Something odd that did not stop us: `code` is a fixed word such as "no-header", `detail` untrusted text."""

    code: str
    detail: str = ""
