"""What the reader has chosen: config.toml.

What the file may hold stands in `table`, which a start without such a file does not load.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, NamedTuple

from newsreader.config.places import Places, places
from newsreader.config.toml_file import read_toml
from newsreader.errors import BadSettings


class LocalZone(tzinfo):
    """The system's own time zone, by the rules of each day and not only of today; may be sent to another process."""

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        return _local(when).utcoffset()

    def dst(self, when: datetime | None) -> timedelta | None:
        return None

    def tzname(self, when: datetime | None) -> str | None:
        return _local(when).tzname()

    def fromutc(self, when: datetime) -> datetime:
        try:
            local = when.replace(tzinfo=UTC).astimezone()
        except (ValueError, OverflowError, OSError):
            return when
        first = local.replace(tzinfo=self)
        return first if first.utcoffset() == local.utcoffset() else first.replace(fold=1)


def _local(when: datetime | None) -> datetime:
    """A wall clock time with the system's offset at that time; UTC where the system does not reach."""
    if when is None:
        return datetime.now().astimezone()
    try:
        return when.replace(tzinfo=None).astimezone()
    except (ValueError, OverflowError, OSError):
        return when.replace(tzinfo=UTC)


class Keys(NamedTuple):
    """The [keys] table as it stands; the window knows which presets and commands there are. `overrides`: the id of a
    command -> its keys."""

    preset: str = "default"
    overrides: Mapping[str, tuple[str, ...]] = {}


class Program(NamedTuple):
    """A command for stories: its name, its words, in which %u and %e stand for a story's address and its enclosure's;
    what of a story is its input, and what becomes of what it prints; `terminal`: it gets the screen."""

    name: str
    argv: tuple[str, ...]
    input: Literal["text", "markdown", "json", "none"] = "text"
    output: Literal["page", "none"] = "page"
    terminal: bool = False


class Settings(NamedTuple):
    """What the reader chose; `table` says what each means. `measure` in cells, `mark_read_after` in seconds,
    `fetch_every` in minutes (0: never), `keep_former` in days (0: for ever), `ambiguous_wide` None: ask the
    terminal, `inside` the hosts and networks that are open to all."""

    measure: int = 80
    mark_read_after: float = 1.0
    timezone: tzinfo = LocalZone()
    language: str = "auto"
    theme: str = "auto"
    two_line_titles: bool = True
    preview: bool = False
    mouse: bool = False
    fetch_every: int = 0
    browser: tuple[str, ...] = ()
    ambiguous_wide: bool | None = None
    keys: Keys = Keys()
    gather: bool = True
    read_copies: bool = True
    script: Literal["written", "simplified", "traditional"] = "written"
    inside: tuple[str, ...] = ()
    commands: tuple[Program, ...] = ()
    keep_former: int = 365


class Config(NamedTuple):
    """All that is passed to whoever needs to know where things are and what was chosen; `faults`: what of it could not
    be taken, where that was allowed."""

    places: Places
    settings: Settings
    faults: tuple[BadSettings, ...] = ()


def load_config(environ: Mapping[str, str] | None = None, *, lenient: bool = False) -> Config:
    """The places and the settings in them; raises BadSettings. With `lenient` a setting that cannot be taken is left at
    its default, and is one of the faults."""
    where = places(environ)
    settings, faults = _load(where)
    if faults and not lenient:
        raise faults[0]
    return Config(where, settings, tuple(faults))


def load_settings(where: Places) -> Settings:
    """The settings of config.toml, the defaults where it is missing or silent; raises BadSettings, whose `why` names
    the key and what it takes."""
    settings, faults = _load(where)
    if faults:
        raise faults[0]
    return settings


def _load(where: Places) -> tuple[Settings, list[BadSettings]]:
    try:
        given = read_toml(str(where.settings_file))
    except BadSettings as fault:
        return Settings(), [fault]
    if not given:
        return Settings(), []
    from newsreader.config.settings_table import chosen

    found, faults = chosen(str(where.settings_file), given)
    return Settings()._replace(**found), faults
