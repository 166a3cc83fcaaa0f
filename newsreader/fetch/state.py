"""What is remembered of a source from one fetch to the next: in the cache, for all can be asked for or read again.

Decided only here: how long a source that fails is left alone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from newsreader.archive.names import heading
from newsreader.config import Places, Source
from newsreader.dates import EPOCH, since_epoch
from newsreader.errors import FetchFailed, Gone, TryLater
from newsreader.fetch.addresses import shown
from newsreader.fetch.request_terms import Validators
from newsreader.fetch.schedule import DAY, Schedule
from newsreader.files import put_whole, read_file
from newsreader.identity import story_at
from newsreader.safety import clean_line

_MOST_KNOWN: Final = 20_000
_FIRST_PAUSE: Final = 300.0
_LONGEST_PAUSE: Final = 24 * 3600.0
_FREE_FAILURES: Final = 2
"""So many failures in a row are taken for a passing trouble."""


class Known(NamedTuple):
    """An item that was fetched: its fingerprint, whether its name alone is its story's key, and the time (milliseconds
    UTC) of the dump with the full text of its page, 0 if there is none; a digest of its address, "" if it has none,
    when it was published (milliseconds, 0: not said), the numbers of its dumps, the oldest first, and that of the dump
    with the full text (0: none); `first`: what its first dump gives as its time (milliseconds)."""

    fingerprint: str
    own: bool = False
    full: int = 0
    link: str = ""
    published: int = 0
    dumps: tuple[int, ...] = ()
    text: int = 0
    first: int = 0

    def of(self, fingerprint: str, url: str, published: datetime | None) -> Known:
        """The same with what it is by now."""
        return self._replace(fingerprint=fingerprint, link=story_at(url), published=_milliseconds(published))

    def since(self, published: datetime | None) -> Known:
        """The same with when its first dump says that it was published, if that is not known."""
        return self if self.first else self._replace(first=_milliseconds(published))

    def with_text(self, number: int, time: int) -> Known:
        """The same with a dump of its full text; the former one is as any other."""
        return self._replace(full=time, text=number, dumps=(*self.dumps, self.text) if self.text else self.dumps)


def _milliseconds(moment: datetime | None) -> int:
    return 0 if moment is None else (moment - EPOCH) // timedelta(milliseconds=1)


class Fault(NamedTuple):
    """What did not come, and why: the fields of FetchFailed."""

    where: str
    why: str
    status: int = 0
    detail: str = ""

    @classmethod
    def of(cls, failure: FetchFailed) -> Fault:
        """A failure as it is remembered."""
        return cls(failure.where, failure.why, failure.status, failure.detail)

    def failure(self) -> FetchFailed:
        """The failure that is remembered."""
        return FetchFailed(self.where, self.why, status=self.status, detail=self.detail)


class Subscription(NamedTuple):
    """A feed at a server: how the server names it, its title and address, the folder it is in ("": none), and why the
    server fails to fetch it ("": it does not, or does not say so). Untrusted text, all of it."""

    id: str
    title: str
    url: str
    folder: str = ""
    error: str = ""

    @property
    def called(self) -> str:
        """The name of the source that its stories are of, as the list in their archive says it."""
        return heading(f"{clean_line(self.title or self.url)}\n---".encode())


class Missing(NamedTuple):
    """A dump that an archive lists and that did not come: why, how often it was asked for, until when (seconds since
    1970) it is not asked for again, and whether that may have been a trouble of the whole server."""

    fault: Fault
    times: int
    not_before: float
    passing: bool


@dataclass(slots=True)
class State:
    """What is remembered. `known`: by the names of the items, those that were seen last at the end; `moved`: where the
    address leads for good; `failures` in a row, since when (seconds since 1970) and the last of them; `not_before`:
    until when the address is left alone; `gone`: the address that was taken away for good; `digest`: of the body that
    came last; `unfinished`: dumps may have been written that `known` lacks; `too_old`: when the newest of the items was
    published (milliseconds) that were left out for their age, `too_many`: how many stories were kept when others were
    left out for their number (0: none were); `partly`: what did not come though the source did; of an archive's dumps,
    by their places: `missing`, and `unsure`, which may have been cut; `schedule`: how often the feed wants to be asked,
    and `not_due`: until when nothing new is to be expected of it; of a server its `feeds`, which API it speaks, and the
    `place` of that, "" to look for it."""

    validators: dict[str, Validators] = field(default_factory=dict)
    moved: str = ""
    failures: int = 0
    since: float = 0.0
    last: Fault = field(default_factory=lambda: Fault("", ""))
    not_before: float = 0.0
    gone: str = ""
    known: dict[str, Known] = field(default_factory=dict)
    digest: str = ""
    unfinished: bool = False
    too_old: int = 0
    too_many: int = 0
    partly: list[Fault] = field(default_factory=list)
    missing: dict[str, Missing] = field(default_factory=dict)
    unsure: list[str] = field(default_factory=list)
    schedule: Schedule = field(default_factory=Schedule)
    not_due: float = 0.0
    feeds: list[Subscription] = field(default_factory=list)
    api: str = ""
    place: str = ""
    is_new: bool = True

    def failed(self, failure: FetchFailed, now: float) -> None:
        """Take note of a failure, and of when the source may be asked again."""
        self.since = min(self.since, now) if self.failures else now  # the clock may have been ahead
        self.failures += 1
        self.last = Fault.of(failure)
        self.place = ""
        if isinstance(failure, Gone):
            self.gone = failure.where
        elif isinstance(failure, TryLater) and failure.seconds is not None:
            self.not_before = now + failure.seconds
        elif self.failures > _FREE_FAILURES and failure.why != "disk":
            pause = _FIRST_PAUSE * 2 ** min(self.failures - _FREE_FAILURES - 1, 20)
            self.not_before = now + min(pause, _LONGEST_PAUSE)

    def rest(self, now: float, fresh: float) -> None:
        """Take note of when there may be something new, after an answer that stays the same for `fresh` seconds."""
        at = self.schedule.next_after(now, fresh)
        self.not_due = at if at > now else 0.0

    def is_resting(self, now: float) -> bool:
        """Whether nothing new is to be expected yet. No rest is longer than a day: it was begun when the clock was
        ahead."""
        return not self.unfinished and 0 < self.not_due - now <= DAY

    def succeeded(self) -> None:
        """Take note that all went well."""
        self.failures, self.not_before, self.gone = 0, 0.0, ""

    def lacking(self) -> list[Fault]:
        """What did not come though the source did; the dumps that are missing as one: `detail` says how many. What
        leads to where it may not is none of these, and says so."""
        holes = [hole.fault for hole in self.missing.values() if not (hole.passing and self.failures)]
        inside = [fault for fault in holes if fault.why == "private-address"][:1]
        missing = [fault for fault in holes if fault.why != "private-address"]
        counted = [missing[0]._replace(why="missing", detail=str(len(missing)))] if missing else []
        return [*self.partly, *counted, *inside]

    def learn(self, name: str, known: Known) -> None:
        """Remember an item as the latest."""
        self.known.pop(name, None)
        self.known[name] = known

    def saw(self, names: Sequence[str]) -> None:
        """Take note of all that a feed has now, the newest last. They stay known; of the others, so many that there is
        an end to it."""
        for name in names:
            self.learn(name, self.known[name])
        for name in list(self.known)[: -max(_MOST_KNOWN, len(names))]:
            del self.known[name]


def load_state(places: Places, location: str) -> State:
    """What is remembered of the source at a location; nothing, where that is missing or damaged."""
    try:
        data = json.loads(read_file(_file(places, location)))
        return _state(data)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError):
        return State()


def saved_at(places: Places, location: str) -> float:
    """When what is remembered of the source at a location was written last (seconds since 1970); 0.0 for never."""
    try:
        return _file(places, location).stat().st_mtime
    except OSError:
        return 0.0


def save_state(places: Places, location: str, state: State) -> None:
    """Remember; raises OSError."""
    path = _file(places, location)
    places.make(path.parent)
    data: dict[str, Any] = asdict(state)
    del data["is_new"]
    put_whole(path, json.dumps(data, separators=(",", ":")).encode("ascii"))


def left_alone(state: State, url: str) -> FetchFailed | None:
    """Why a source that nobody named is not to be asked now, if it is not."""
    if state.gone:
        return Gone(state.gone, "status", status=410)
    left = state.not_before - time.time()
    # No pause is longer: it was begun when the clock was ahead.
    return TryLater(url, "paused", seconds=left) if 0 < left <= _LONGEST_PAUSE else None


class Trouble(NamedTuple):
    """What is wrong with a source: what failed, since when (seconds since 1970), and how often in a row; `times` 0: the
    source came, but this did not."""

    source: str
    failure: FetchFailed
    since: float = 0.0
    times: int = 0

    @property
    def began(self) -> datetime:
        """Since when it fails."""
        return since_epoch(self.since)


def troubles(places: Places, sources: Iterable[Source]) -> Iterator[Trouble]:
    """What is wrong with sources, as the last fetch found them."""
    for source in sources:
        state = State() if source.kind == "archive" else load_state(places, source.location)
        if state.failures:
            yield Trouble(source.name, state.last.failure(), state.since, state.failures)
        for fault in state.lacking():
            yield Trouble(source.name, fault.failure())


def states_of(places: Places) -> Path:
    """The folder of all that is remembered of sources."""
    return places.cache / "fetch"


def _file(places: Places, location: str) -> Path:
    return states_of(places) / f"{sha256(shown(location).encode('utf-8', 'surrogatepass')).hexdigest()[:24]}.json"


def _state(data: Any) -> State:
    state = State(is_new=False)
    for name in (item.name for item in fields(State) if item.name != "is_new"):
        value = data[name]
        if not isinstance(value, list if name in ("last", "schedule") else type(getattr(state, name))):
            raise TypeError
        setattr(state, name, value)
    state.validators = {url: Validators(**given) for url, given in data["validators"].items()}
    state.last = _fault(*data["last"])
    every, hours, days = data["schedule"]
    state.schedule = Schedule(float(every), tuple(map(int, hours)), tuple(map(int, days)))
    state.known = {
        name: Known(
            str(mark), bool(own), int(full), str(link), int(published), tuple(map(int, dumps)), int(text), int(first)
        )
        for name, (mark, own, full, link, published, dumps, text, first) in data["known"].items()
    }
    state.feeds = [Subscription(*map(str, given)) for given in data["feeds"]]
    state.partly = [_fault(*given) for given in data["partly"]]
    state.missing = {
        name: Missing(_fault(*fault), int(times), float(until), bool(passing))
        for name, (fault, times, until, passing) in data["missing"].items()
    }
    return state


def _fault(where: object, why: object, status: Any, detail: object) -> Fault:
    return Fault(str(where), str(why), int(status), str(detail))
