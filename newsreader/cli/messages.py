"""What the door says when something is wrong: an error's class and fields -> one sentence, and the exit code.

Decided only here: the exit codes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from newsreader.archive import MAX_DUMP, MAX_MEMBERS, Skipped
from newsreader.cli.timestamps import written
from newsreader.errors import (
    AmbiguousId,
    BadQuery,
    BadSettings,
    FetchFailed,
    NewsreaderError,
    NoProcess,
    NotADump,
    NotFound,
    StorageFailed,
    Unreadable,
    UnsafeUrl,
    Unsearchable,
    Warning,
)
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from newsreader.fetch.state import Trouble
    from newsreader.reader.servers import ServerStanding

DONE, NOTHING, USAGE, FAILED = 0, 1, 2, 3
INTERRUPTED = 130


class Refused(NewsreaderError):
    """A command that cannot be carried out as given: `why` is our own sentence."""


_FAULTS = {
    "forbidden": "its permissions do not let you read it",
    "vanished": "it vanished while it was being read",
    "loop": "it leads back into what is being read already",
    "empty": "it is empty",
    "too-big": f"it is larger than {MAX_DUMP // 2**20} MB",
    "binary": "it is not text",
    "unsafe-name": "its name leads out of the archive",
    "encrypted": "it is encrypted",
    "unsupported": "it is packed in a way that newsreader does not know",
    "link": "it is a link inside an archive file",
    "bomb": "it would unpack to far more than any news text",
    "damaged": "it is damaged or cut short",
    "too-costly time": "parsing it takes too long",
    "too-costly memory": "parsing it takes too much memory",
    "too-many": f"it holds more than {MAX_MEMBERS:,} members; the rest is not read; unpack it, a folder may have more",
    "archive-missing": "it is not there; what was read of it stays; plug its disk in, or take it out with"
    ' "newsreader remove"',
    "archive-gone": "all of it vanished while it was being read; what was read of it stays",
}

_NOT_DUMPS = {
    "folder": "holds no article dumps: no file in it has the header of a dump or ends in .html, .htm, .md or .txt",
    "empty": "is empty",
    "binary": "is neither text nor a .zip or .tar archive",
    "compressed": "is compressed, but no whole .tar is in it; unpack it first",
}


def _not_found(error: NewsreaderError) -> str:
    if "://" in error.where:
        return f'no story of the library is at "{error.where}"'
    if _is_path(error.where):
        return f'there is no file or folder "{error.where}"'
    return f'there is no file, folder or story "{error.where}"; "newsreader list" shows the ids of stories'


def _ambiguous(error: NewsreaderError) -> str:
    return f'several stories have an id that begins with "{error.where}"; give more of it'


def _not_a_dump(error: NewsreaderError) -> str:
    return f'"{error.where}" {_NOT_DUMPS.get(error.why, error.why or "is no dump")}'


def _unreadable(error: NewsreaderError) -> str:
    if error.why == "damaged":
        return f'"{error.where}" cannot be read: it is damaged or cut short; fetch or copy it again'
    return f'"{error.where}" cannot be read: {_FAULTS.get(error.why, error.why or "the system does not say why")}'


def _unsafe(error: NewsreaderError) -> str:
    return f'"{error.where}" is not opened: only whole http, https and mailto addresses are'


def _bad_settings(error: NewsreaderError) -> str:
    line = f", line {error.line}," if isinstance(error, BadSettings) and error.line else ""
    return f'the settings in "{error.where}"{line} cannot be used: {error.why or "it is not known why"}'


_BAD_QUERIES = {
    "empty-field": "a field wants its value right behind the colon",
    "bad-date": "it is no date; take 2025, 2025-02, 2025-02-01, 2024..2025-02, July 2020, 7月, today, last week or 7d",
    "bad-length": "take >2000, <500 or 500..2000",
    "bad-is": "take unread, read, starred, changed or tagged",
    "bad-has": "take image or link",
    "nothing-to-find": "there is nothing in it to look for",
    "too-long": "it has too many words or parentheses",
}


def _bad_query(error: NewsreaderError) -> str:
    why = _BAD_QUERIES.get(error.why, error.why or "it is not known why")
    at, word = (error.position, error.word) if isinstance(error, BadQuery) else (0, "")
    where = f', at character {at + 1} ("{word}")' if word else f", at character {at + 1}"
    return f'the search "{error.where}" cannot be understood{where}: {why}'


def _storage(error: NewsreaderError) -> str:
    return f'"{error.where}" cannot be read or written: {error.why or "the system does not say why"}'


def _unsearchable(error: NewsreaderError) -> str:
    why = error.why or "the system does not say why"
    return f'nothing can be searched: the words of the stories cannot be kept in "{error.where}": {why}'


def reason(error: FetchFailed) -> str:
    """Why something was not fetched, and what to do, without its name."""
    from newsreader.ui.reasons import why_not_fetched

    return why_not_fetched(error)


def _fetch_failed(error: NewsreaderError) -> str:
    assert isinstance(error, FetchFailed)
    return f'"{error.where}" cannot be fetched: {reason(error)}'


_SENTENCES: dict[type[NewsreaderError], tuple[Callable[[NewsreaderError], str], int]] = {
    Refused: (lambda error: error.why, USAGE),
    AmbiguousId: (_ambiguous, USAGE),
    NotFound: (_not_found, USAGE),
    NotADump: (_not_a_dump, USAGE),
    Unreadable: (_unreadable, USAGE),
    UnsafeUrl: (_unsafe, USAGE),
    BadSettings: (_bad_settings, USAGE),
    FetchFailed: (_fetch_failed, FAILED),
    BadQuery: (_bad_query, USAGE),
    NoProcess: (
        lambda error: (
            f"no process can be started for {error.where}: {error.why or 'the system says no'};"
            " a limit on processes or files (ulimit -a) may be why"
        ),
        FAILED,
    ),
    Unsearchable: (_unsearchable, FAILED),
    StorageFailed: (_storage, FAILED),
    NewsreaderError: (lambda error: f'"{error.where}" failed: {error.why or "it is not known why"}', FAILED),
}


def sentence(error: NewsreaderError) -> str:
    """What is wrong, with what, and what to do, in one sentence that quotes untrusted text as it is."""
    return _row(error)[0](error)


def exit_code(error: NewsreaderError) -> int:
    """The exit code of a command that ends with an error: 1 nothing found, 2 bad input, 3 a failure of ours."""
    if isinstance(error, NotADump) and error.why == "folder":
        return NOTHING
    if type(error) is NotFound and not _is_path(error.where):
        return NOTHING
    return _row(error)[1]


def why_unread(why: str) -> str:
    """Why something could not be read, of a code or the system's words."""
    return _FAULTS.get(why) or (f"it {_NOT_DUMPS[why]}" if why in _NOT_DUMPS else why)


def left_out(item: Skipped) -> str:
    """What was left out of an archive and why, in one sentence."""
    reason = _FAULTS.get(item.why, "")
    if item.why == "damaged" and item.detail:
        return f'"{item.path}" is not whole ({item.detail}); what can be read of it is read'
    return f'"{item.path}" is left out: {reason or item.detail or item.why}'


_NOTICES = {
    "index-damaged": 'the index was damaged and is being made anew from the archives ("{detail}"); no mark is lost',
    "index-version": 'the index was another newsreader\'s and is being made anew from the archives ("{detail}")',
    "index-read-only": 'the index cannot be written, so that nothing new is read ("{detail}")',
    "index-not-kept": "no index can be kept ({detail}); one is made for this time only",
    "marks-damaged": 'the marks were damaged; what could be read is kept, the old file is set aside: "{detail}"',
    "marks-salvaged": "marks that could be read of it, more that the backups had, stories that lost theirs: {detail}",
    "marks-read-only": 'the marks cannot be written ("{detail}"): what is marked lasts until the end, or is written as'
    " soon as that goes again",
    "marks-kept-again": 'the marks are written again ("{detail}")',
    "marks-gone": 'the marks are gone with their folder ("{detail}"): they are kept in memory until it is back',
    "marks-back": 'the folder of the marks is back ("{detail}")',
    "index-gone": 'the index is out of reach ("{detail}"): reading goes on as far as it can',
    "index-back": 'the index works again ("{detail}")',
    "marks-not-kept": "marks cannot be kept ({detail}) and last until the end only",
    "marks-of-newer-version": 'the marks are a newer newsreader\'s, left alone ("{detail}"); new ones are not kept',
}


def notice(found: Warning) -> str:
    """What happened to a file of ours (Reader.notices), in one sentence."""
    return _NOTICES.get(found.code, "{detail}").format(detail=found.detail)


_WARNINGS = {
    "no-header": "it has no header: all of it is read as text",
    "time": 'its time "{detail}" is none',
    "encoding": "it is written in {detail}, not in UTF-8",
    "undecodable": "{detail} of its bytes are no text and are shown as \\x..",
}


def warning(found: Warning) -> str:
    """What is odd about a dump, in words."""
    return _WARNINGS.get(found.code, f"{found.code} {{detail}}").format(detail=found.detail).strip()


def trouble(found: Trouble, zone: tzinfo) -> str:
    """What is wrong with a source that is fetched, since when, how often, and what to do, without its name."""
    why = f'"{found.failure.where}" {"cannot be fetched" if found.times else "came in part"}: {reason(found.failure)}'
    if not found.times:
        return why
    since = written(found.began, "time", zone)
    return f"failing since {since}, {counted(found.times, 'time')} in a row: {why}"


def standing(found: ServerStanding, zone: tzinfo) -> str:
    """How it stands with a server, without its name."""
    told = found.standing
    if told is None:
        return f"what is agreed with it cannot be read: {found.fault}"
    last = f"synced {written(told.last, 'time', zone)}" if told.synced else "never synced"
    waits = f"{counted(told.waiting, 'mark')} waiting to be sent" if told.waiting else "no mark waits to be sent"
    refused = f", {told.refused} of them not taken ({told.why})" if told.refused else ""
    return f"{last}, {counted(len(found.feeds), 'feed')}, {waits}{refused}"


def standing_json(found: ServerStanding) -> dict[str, Any] | None:
    """The same as fields, with the server's feeds; null if it cannot be told."""
    told = found.standing
    if told is None:
        return None
    synced = told.last.isoformat(timespec="seconds") if told.synced else None
    feeds = [feed._asdict() for feed in found.feeds]
    return {"synced": synced, "waiting": told.waiting, "refused": told.refused, "why": told.why, "feeds": feeds}


def trouble_json(found: Trouble) -> dict[str, Any]:
    """The same as fields: since when and how often it failed (null and 0 for what came in part), and why."""
    since = found.began.isoformat(timespec="seconds") if found.times else None
    return {"since": since, "times": found.times, "failure": failure_json(found.failure)}


def failure_json(failure: FetchFailed) -> dict[str, Any]:
    """Why something was not fetched, as fields and as a sentence."""
    return {
        "why": failure.why,
        "where": failure.where,
        "status": failure.status,
        "detail": failure.detail,
        "sentence": clean_line(sentence(failure)),
    }


def counted(number: int, one: str, several: str = "") -> str:
    """So many of something; `several` only where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def _is_path(where: str) -> bool:
    return "://" not in where and ("/" in where or "." in where)


def _row(error: NewsreaderError) -> tuple[Callable[[NewsreaderError], str], int]:
    return next(_SENTENCES[kind] for kind in type(error).__mro__ if kind in _SENTENCES)
