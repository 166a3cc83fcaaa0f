"""What is remembered of a source from one fetch to the next: in the cache, so that nothing is lost with it.

Owns: State and its file. Decided only here: how long a source that fails is left alone. Never: anything that could not
be asked for or read again.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from newsreader.config import Places
from newsreader.errors import FetchFailed, Gone, TryLater
from newsreader.fetch.terms import Validators
from newsreader.files import make_folder, put_whole

_MOST_KNOWN: Final = 20_000
_FIRST_PAUSE: Final = 300.0
_LONGEST_PAUSE: Final = 24 * 3600.0
_FREE_FAILURES: Final = 2
"""So many failures in a row are taken for a passing trouble."""


class Known(NamedTuple):
    """An item that was fetched: its fingerprint, whether its name alone is its story's key, and the time (milliseconds
    UTC) of the dump with the full text of its page, 0 if there is none."""

    fingerprint: str
    own: bool = False
    full: int = 0


@dataclass(slots=True)
class State:
    """What is remembered. `known`: by the names of the items, the oldest first; `moved`: where the address leads for
    good; `not_before`: until when (seconds since 1970) we leave it alone, `told_before`: until when it asked us to;
    `gone`: the address that was taken away for good; `digest`: of the body that came last; `unfinished`: dumps may
    have been written that `known` lacks."""

    validators: dict[str, Validators] = field(default_factory=dict)
    moved: str = ""
    failures: int = 0
    not_before: float = 0.0
    told_before: float = 0.0
    gone: str = ""
    known: dict[str, Known] = field(default_factory=dict)
    digest: str = ""
    unfinished: bool = False
    is_new: bool = True

    def failed(self, failure: FetchFailed, now: float) -> None:
        """Take note of a failure, and of when the source may be asked again."""
        self.failures += 1
        if isinstance(failure, Gone):
            self.gone = failure.where
        elif isinstance(failure, TryLater) and failure.seconds is not None:
            self.told_before = now + failure.seconds
        elif self.failures > _FREE_FAILURES:
            pause = _FIRST_PAUSE * 2 ** min(self.failures - _FREE_FAILURES - 1, 20)
            self.not_before = now + min(pause, _LONGEST_PAUSE)

    def succeeded(self) -> None:
        """Take note that all went well."""
        self.failures, self.not_before, self.told_before, self.gone = 0, 0.0, 0.0, ""

    def learn(self, name: str, known: Known) -> None:
        """Remember an item as the latest."""
        self.known.pop(name, None)
        self.known[name] = known


def load_state(places: Places, location: str) -> State:
    """What is remembered of the source at a location; nothing, where that is missing or damaged."""
    try:
        data = json.loads(_file(places, location).read_text("utf-8"))
        return _state(data)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return State()


def save_state(places: Places, location: str, state: State) -> None:
    """Remember; raises OSError."""
    path = _file(places, location)
    make_folder(path.parent)
    surplus = len(state.known) - _MOST_KNOWN
    for name in list(state.known)[: max(surplus, 0)]:
        del state.known[name]
    data: dict[str, Any] = asdict(state)
    data["known"] = {name: [known.fingerprint, int(known.own), known.full] for name, known in state.known.items()}
    del data["is_new"]
    put_whole(path, json.dumps(data, separators=(",", ":")).encode("ascii"))


def left_alone(state: State, url: str, *, named: bool) -> FetchFailed | None:
    """Why a source is not to be asked now, if it is not. One that was `named` is asked again though it failed or was
    gone, but not while its server wants to be left alone."""
    if state.gone and not named:
        return Gone(state.gone, "status", status=410)
    until = state.told_before if named else max(state.told_before, state.not_before)
    # A clock that was set back must not silence a source for longer than any pause is.
    left = min(until - time.time(), _LONGEST_PAUSE)
    return TryLater(url, "paused", seconds=left) if left > 0 else None


def states_of(places: Places) -> Path:
    """The folder of all that is remembered of sources."""
    return places.cache / "fetch"


def _file(places: Places, location: str) -> Path:
    return states_of(places) / f"{sha256(location.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}.json"


def _state(data: Any) -> State:
    names = {item.name for item in fields(State)} - {"is_new", "validators", "known"}
    plain = {name: data[name] for name in names}
    if not all(isinstance(value, type(getattr(State(), name))) for name, value in plain.items()):
        raise TypeError
    return State(
        validators={url: Validators(**given) for url, given in data["validators"].items()},
        known={name: Known(str(given[0]), bool(given[1]), int(given[2])) for name, given in data["known"].items()},
        is_new=False,
        **plain,
    )
