"""Where newsreader keeps its things, and what its reader has chosen.

Owns: the three places, config.toml and sources.toml. Decided only here: which settings there are, what each takes and
what it is by default: one table, from which the file is checked and its documented form is written. Never: global
state (a Config is passed in), or something chosen passed over in silence: what is not understood is BadSettings.
Neither file is written except on request.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from newsreader.errors import BadSettings, NotFound
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

HOME = "NEWSREADER_HOME"
"""The environment's variable that puts all three places under one folder."""


# --- places -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Places:
    """Three folders, none of which need exist: `config` and `data` are precious, `cache` may be deleted at any time."""

    config: Path
    cache: Path
    data: Path

    @property
    def settings_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def sources_file(self) -> Path:
        return self.config / "sources.toml"

    def make(self, place: Path) -> Path:
        """One of the three folders, or one under them, made if missing, the reader's alone (0700); raises OSError."""
        missing = [folder for folder in (place, *place.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
        return place


def places(environ: Mapping[str, str] | None = None) -> Places:
    """Where things live: under $NEWSREADER_HOME if that is set, else where the system keeps such things."""
    home = (os.environ if environ is None else environ).get(HOME)
    if home:
        root = Path(home).expanduser().absolute()
        return Places(root / "config", root / "cache", root / "data")
    from platformdirs import PlatformDirs

    system = PlatformDirs("newsreader", appauthor=False)
    return Places(system.user_config_path, system.user_cache_path, system.user_data_path)


def write_private(path: Path, text: str) -> None:
    """Put a whole file (0600) in the place of another at once; its folder must exist. Raises OSError."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{os.urandom(4).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


# --- settings -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keys:
    """The [keys] table as it stands; the window knows which presets and commands there are. `overrides`: the id of a
    command -> its keys."""

    preset: str = "default"
    overrides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the reader chose; `_TABLE` says what each means. `measure` in cells, `mark_read_after` in seconds,
    `fetch_every` in minutes (0: never), `ambiguous_wide` None: ask the terminal."""

    measure: int = 80
    mark_read_after: float = 1.0
    timezone: tzinfo = field(default_factory=lambda: LocalZone())
    language: str = "auto"
    theme: str = "auto"
    two_line_titles: bool = True
    preview: bool = False
    mouse: bool = False
    fetch_every: int = 0
    ambiguous_wide: bool | None = None
    keys: Keys = field(default_factory=Keys)


@dataclass(frozen=True, slots=True)
class Config:
    """All that is passed to whoever needs to know where things are and what was chosen."""

    places: Places
    settings: Settings


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """The places and the settings in them; raises BadSettings."""
    where = places(environ)
    return Config(where, load_settings(where))


def load_settings(where: Places) -> Settings:
    """The settings of config.toml, the defaults where it is missing or silent; raises BadSettings, whose `why` names
    the key and what it takes."""
    path = where.settings_file
    chosen: dict[str, Any] = {}
    for spelled, value in _read_toml(path).items():
        key = spelled.replace("-", "_")
        if key == "keys":
            chosen[key] = _keys(path, value)
            continue
        row = _TABLE.get(key)
        if row is None:
            raise BadSettings(str(path), f"{key}: there is no such setting; there are {', '.join((*_TABLE, 'keys'))}")
        try:
            chosen[key] = row.check(value)
        except (TypeError, ValueError):
            raise BadSettings(str(path), f"{key}: takes {row.takes}, not {_shown(value)}") from None
    return replace(Settings(), **chosen)


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


def default_toml() -> str:
    """config.toml as `where --write-config` writes it: every setting with what it means, all commented out."""
    lines = ["# newsreader's settings. A line that begins with # is a comment: take the # away to choose.", ""]
    for key, row in _TABLE.items():
        lines += [*(f"# {line}" for line in row.meaning.split("\n")), f"# {key} = {row.default}", ""]
    return "\n".join(lines) + _KEYS_TOML


class _Row(NamedTuple):
    check: Callable[[Any], Any]
    takes: str
    default: str
    meaning: str


def _between(low: float, high: float, kinds: Any = int) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            raise ValueError
        return value

    return check


def _word(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,39}", value):
        raise ValueError
    return value


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _yes_no_auto(value: Any) -> bool | None:
    return None if value == "auto" else _yes_no(value)


def _zone(value: Any) -> tzinfo:
    if not isinstance(value, str) or not value:
        raise TypeError
    if value == "local":
        return LocalZone()
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(value)
    except (OSError, KeyError) as error:
        raise ValueError from error


_TABLE: dict[str, _Row] = {
    "measure": _Row(
        _between(20, 200),
        "a whole number from 20 to 200",
        "80",
        "The longest line of an article, in cells of the terminal. A wider pane centres the text.",
    ),
    "mark_read_after": _Row(
        _between(0, 3600, int | float),
        "a number of seconds from 0 to 3600",
        "1.0",
        "A story counts as read when it has been open for so many seconds.",
    ),
    "timezone": _Row(
        _zone,
        'a name that this machine knows, such as "Asia/Taipei" or "Europe/Berlin", or "local"',
        '"local"',
        'The time zone in which times are shown, such as "Asia/Taipei". "local" is the zone of this machine,\n'
        "which on a server need not be yours.",
    ),
    "language": _Row(
        _word,
        'a language tag such as "en" or "zh-Hans", or "auto"',
        '"auto"',
        'The language of newsreader\'s own words. "auto" follows the environment (LANG).',
    ),
    "theme": _Row(
        _word, "the name of a theme in quotes", '"auto"', 'The colours: "auto", "dark", "light" or a theme\'s name.'
    ),
    "two_line_titles": _Row(
        _yes_no, "true or false", "true", "Whether a long title may take two lines where the list is narrow."
    ),
    "preview": _Row(
        _yes_no,
        "true or false",
        "false",
        "Whether the article pane follows the cursor of the list. What is only previewed is not marked read.",
    ),
    "mouse": _Row(
        _yes_no,
        "true or false",
        "false",
        "Whether newsreader takes the mouse. The terminal's own selecting and copying then needs Shift.",
    ),
    "fetch_every": _Row(
        _between(0, 10_080),
        "a whole number of minutes up to 10080 (a week), 0 for never",
        "0",
        "While newsreader runs, it fetches the sources every so many minutes; 0 is never.",
    ),
    "ambiguous_wide": _Row(
        _yes_no_auto,
        'true, false or "auto"',
        '"auto"',
        'Whether the terminal gives characters such as “ … — two cells. "auto" asks it.',
    ),
}

_KEYS_TOML = """\
# [keys]
# The keys to start from: "default", "newsboat" or "vim".
# preset = "default"
# Then your own, by the names that the help (?) shows: one key, or several.
# open = "enter"
# next_unread = ["n", "tab"]
"""


def _keys(path: Path, value: object) -> Keys:
    if not isinstance(value, dict):
        raise BadSettings(str(path), "keys: is a table: [keys] on a line of its own, the keys below it")
    preset = "default"
    overrides: dict[str, tuple[str, ...]] = {}
    for name, keys in value.items():
        several = keys if isinstance(keys, list) else [keys]
        if not all(isinstance(key, str) and key for key in several):
            raise BadSettings(str(path), f'keys.{name}: takes a key in quotes or a list of them, such as ["n", "tab"]')
        if name != "preset":
            overrides[name] = tuple(several)
        elif isinstance(keys, str):
            preset = keys
        else:
            raise BadSettings(str(path), "keys.preset: takes the name of a preset in quotes")
    return Keys(preset, overrides)


def _shown(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadSettings(str(path), error.strerror or "unreadable") from None
    except UnicodeDecodeError:
        raise BadSettings(str(path), "it is not UTF-8") from None
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadSettings(str(path), str(error)) from None


# --- sources ------------------------------------------------------------------------------------------------------

SourceKind: TypeAlias = Literal["archive", "feed", "remote"]
_KINDS: tuple[SourceKind, ...] = ("archive", "feed", "remote")
TAG_LONG = 100
"""Characters of a source's tag."""


@dataclass(frozen=True, slots=True)
class Source:
    """One added source. `location` is a path or a URL. Of what is fetched: `full_text`: take each story's page too;
    `keep_days` and `keep_stories`: what `prune` leaves, None for all; `headers`, `user` and `password` are sent along
    and never shown. `tags`: sorted, each once."""

    name: str
    location: str
    kind: SourceKind
    full_text: bool = False
    keep_days: int | None = None
    keep_stories: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    tags: tuple[str, ...] = ()

    @property
    def shown_location(self) -> str:
        """The location as it may be shown: a URL without user name and password."""
        return _shown_location(self.location, self.kind)

    @property
    def has_secrets(self) -> bool:
        """Whether something is sent along that is never shown."""
        return bool(self.user or self.password or self.headers or self.location != self.shown_location)


def load_sources(where: Places) -> tuple[Source, ...]:
    """The sources of sources.toml in its order, none where it is missing; raises BadSettings."""
    path = where.sources_file
    tables = _read_toml(path).get("source", [])
    if not isinstance(tables, list):
        raise BadSettings(str(path), "source: each is a table of its own: [[source]]")
    return tuple(_source(path, number, table) for number, table in enumerate(tables, 1))


def add_source(where: Places, source: Source) -> None:
    """Add a source at the end of sources.toml, or change the one of that location; comments stay, and what it says
    that `source` leaves open. Raises BadSettings and OSError."""
    add_sources(where, (source,))


def add_sources(where: Places, sources: Iterable[Source]) -> None:
    """`add_source` for several, all of them or none."""
    path = where.sources_file
    document = _document(path)
    load_sources(where)
    import tomlkit

    tables = document.setdefault("source", tomlkit.aot())
    known = {table["location"]: table for table in tables}
    for source in sources:
        terms = {key: value for key in _TERMS if (value := getattr(source, key.replace("-", "_")))}
        if source.location in known:
            known[source.location].update({"name": source.name, "kind": source.kind, **terms})
            continue
        table = known[source.location] = tomlkit.table()
        table.update({"name": source.name, "location": source.location, "kind": source.kind, **terms})
        tables.append(table)
    where.make(where.config)
    write_private(path, tomlkit.dumps(document))


def remove_source(where: Places, name: str) -> Source:
    """Take the source of that name or location out of sources.toml and return it; comments stay. Raises NotFound,
    BadSettings and OSError."""
    sources = load_sources(where)
    number = next((i for i, source in enumerate(sources) if name in (source.name, source.location)), None)
    if number is None:
        raise NotFound(name)
    import tomlkit

    document = _document(where.sources_file)
    tables: Any = document["source"]
    below = _comments_below(tables[number])
    place = next(i for i, (key, _) in enumerate(document.body) if key == "source")
    if len(tables) == 1:
        document.remove("source")
    else:
        del tables[number]
    body = tables[number - 1].value.body if number else document.body
    at = len(body) if number else place
    body[at:at] = below
    write_private(where.sources_file, tomlkit.dumps(document))
    return sources[number]


def load_searches(where: Places) -> dict[str, str]:
    """The searches that are kept in sources.toml, under [searches]: name and query; raises BadSettings."""
    path = where.sources_file
    table = _read_toml(path).get("searches", {})
    if not isinstance(table, dict) or not all(isinstance(query, str) for query in table.values()):
        raise BadSettings(str(path), 'searches: each is a name and a query: name = "query"')
    return dict(table)


def keep_search(where: Places, name: str, query: str) -> None:
    """Keep a search under a name, whatever it stood for before; comments stay. Raises BadSettings and OSError."""
    document = _document(where.sources_file)
    load_searches(where)
    import tomlkit

    document.setdefault("searches", tomlkit.table())[name] = query
    where.make(where.config)
    write_private(where.sources_file, tomlkit.dumps(document))


def drop_search(where: Places, name: str) -> str:
    """Keep the search of that name no longer, and return its query; comments stay. Raises NotFound, BadSettings and
    OSError."""
    searches = load_searches(where)
    if name not in searches:
        raise NotFound(name)
    import tomlkit

    document = _document(where.sources_file)
    table: Any = document["searches"]
    del table[name]
    write_private(where.sources_file, tomlkit.dumps(document))
    return searches[name]


def _comments_below(table: Any) -> list[tuple[None, Any]]:
    """What stands in a table after its last key: to tomlkit a part of it, to a reader the heading of the next one."""
    body = table.value.body if hasattr(table.value, "body") else []
    last = max((i for i, (key, _) in enumerate(body) if key is not None), default=-1)
    below = body[last + 1 :]
    return below if any(type(item).__name__ == "Comment" for _, item in below) else []


def _source(path: Path, number: int, table: object) -> Source:
    here = f"source {number}"
    if not isinstance(table, dict):
        raise BadSettings(str(path), f"{here}: is a table: [[source]] on a line of its own, its keys below it")
    for key in ("location", "kind", "name"):
        value = table.get(key, "")
        if not isinstance(value, str) or (not value and key == "location"):
            raise BadSettings(str(path), f"{here}, {key}: takes a text in quotes")
    kind = table.get("kind", "archive")
    if kind not in _KINDS:
        raise BadSettings(str(path), f"{here}, kind: takes {', '.join(_KINDS)}, not {_shown(kind)}")
    terms = {}
    for key, row in _TERMS.items():
        if key in table:
            try:
                terms[key.replace("-", "_")] = row.check(table[key])
            except (TypeError, ValueError):
                value = "what stands there" if row.is_secret else _shown(table[key])
                raise BadSettings(str(path), f"{here}, {key}: takes {row.takes}, not {value}") from None
    name = table.get("name") or _shown_location(table["location"], kind)
    return Source(name, table["location"], kind, **terms)


def _shown_location(location: str, kind: SourceKind) -> str:
    return location if kind == "archive" else re.sub(r"(?<=//)[^/?#]*@", "", location, count=1)


class _Term(NamedTuple):
    check: Callable[[Any], Any]
    takes: str
    is_secret: bool = False


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError
    return {str(name): _text(text) for name, text in value.items()}


def _tags(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    if not all(tag and len(tag) <= TAG_LONG and tag == clean_line(tag) for tag in map(_text, value)):
        raise ValueError
    return tuple(sorted(set(value)))


_TERMS: dict[str, _Term] = {
    "tags": _Term(_tags, f'a list of texts of 1 to {TAG_LONG} visible characters, such as ["news", "port"]'),
    "full-text": _Term(_yes_no, "true or false"),
    "keep-days": _Term(_between(1, 36_500), "a whole number of days"),
    "keep-stories": _Term(_between(1, 10_000_000), "a whole number of stories"),
    "headers": _Term(_texts, 'a table of names and texts, such as { "X-Key" = "..." }', is_secret=True),
    "user": _Term(_text, "a text in quotes", is_secret=True),
    "password": _Term(_text, "a text in quotes", is_secret=True),
}


def _document(path: Path) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise BadSettings(str(path), str(error)) from None
