"""What the library is made of: sources.toml, with the searches that are kept.

Decided only here: what is said of a source besides its address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypeVar

from newsreader.config.places import Places, write_private
from newsreader.config.toml_file import between, line_of, meant, not_toml, read_toml, shown, yes_no
from newsreader.errors import BadSettings, NotFound, StorageFailed
from newsreader.files import only_one, read_file
from newsreader.safety import clean_line, without_user

if TYPE_CHECKING:
    from pathlib import Path

    from tomlkit import TOMLDocument

T = TypeVar("T")
SourceKind: TypeAlias = Literal["archive", "feed", "remote", "server"]
_KINDS: tuple[SourceKind, ...] = ("archive", "feed", "remote", "server")
ApiName: TypeAlias = Literal["greader", "fever", "ttrss"]
_APIS: tuple[ApiName, ...] = ("greader", "fever", "ttrss")
TAG_LONG = 100
"""Characters of a source's tag."""


class Source(NamedTuple):
    """One added source. `location` is a path or a URL. Of what is fetched: `full_text`: take each story's page too;
    `keep_days` and `keep_stories`: what `prune` leaves, None for all; `headers`, `user` and `password` are sent along
    and never shown; in the place of a password, the first line of `password_file`, or of what `password_command` (a
    program and its arguments) prints. `tags`: sorted, each once. `api`: what a server speaks, None: not said.
    `short`: what stands for its name, or for the names in an archive of several, where there is little room.
    `paused`: it is fetched only where it is named."""

    name: str
    location: str
    kind: SourceKind
    full_text: bool = False
    keep_days: int | None = None
    keep_stories: int | None = None
    headers: Mapping[str, str] = {}
    user: str = ""
    password: str = ""
    password_file: str = ""
    password_command: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    api: ApiName | None = None
    short: str | Mapping[str, str] = ""
    paused: bool = False

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {self.shown_location!r}, {self.kind!r})"

    @property
    def shown_location(self) -> str:
        """The location as it may be shown: a URL without user name and password."""
        return _shown_location(self.location, self.kind)

    @property
    def has_secrets(self) -> bool:
        """Whether something is sent along that is never shown."""
        return bool(
            self.user
            or self.password
            or self.password_file
            or self.password_command
            or self.headers
            or self.location != self.shown_location
        )


def load_sources(where: Places) -> tuple[Source, ...]:
    """The sources of sources.toml in its order, none where it is missing; raises BadSettings, also where its home has
    gone."""
    path = str(where.sources_file)
    try:
        where.look_for(where.config)
    except OSError as error:
        raise BadSettings(path, error.strerror or str(error)) from None
    whole = read_toml(path)
    tables = whole.get("source", [])
    _searches(path, whole)
    if not isinstance(tables, list):
        raise BadSettings(path, "source: each is a table of its own: [[source]]")
    return tuple(_source(path, number, table) for number, table in enumerate(tables, 1))


def unknown_terms(where: Places) -> Iterator[BadSettings]:
    """What sources.toml says that newsreader knows nothing of and passes over; raises BadSettings as `load_sources`."""
    load_sources(where)
    path = str(where.sources_file)
    whole = read_toml(path)
    tables = [("", 1, whole), *(("source", number, table) for number, table in enumerate(whole.get("source", []), 1))]
    for name, number, table in tables:
        names = ("name", "location", "kind", *_TERMS) if name else ("source", "searches", "rule")
        for spelled in table:
            if (key := spelled.replace("_", "-")) not in names:
                place = f"source {number}, {spelled}" if name else spelled
                fault = BadSettings(path, f"{place}: there is no such setting{meant(key, names)}")
                fault.line = line_of(path, spelled, name, number) or line_of(path, "", spelled)
                yield fault


def short_names(where: Places) -> dict[str, str]:
    """What is shown for the names of sources where there is little room: those that have one. Faults are left to
    `load_sources`; a file without any is looked at only: reading TOML takes longer than the first frame."""
    try:
        if b"short" not in read_file(where.sources_file):
            return {}
        sources = load_sources(where)
    except (OSError, BadSettings):
        return {}
    found: dict[str, str] = {}
    for source in sources:
        short = {source.name: source.short} if isinstance(source.short, str) else source.short
        found |= {name: clean_line(text) for name, text in short.items() if clean_line(text)}
    return found


def add_source(where: Places, source: Source) -> None:
    """Add a source at the end of sources.toml, or change the one of that location; comments stay, and what it says
    that `source` leaves open. Raises BadSettings and StorageFailed."""
    add_sources(where, (source,))


def add_sources(where: Places, sources: Iterable[Source]) -> None:
    """`add_source` for several, all of them or none."""

    def add(document: TOMLDocument) -> None:
        import tomlkit

        tables = document.setdefault("source", tomlkit.aot())
        known = {table["location"]: table for table in tables}
        for source in sources:
            terms = {key: value for key in _TERMS if (value := getattr(source, key.replace("-", "_")))}
            if source.location in known:
                table = known[source.location]
                for other in _PASSWORDS if terms.keys() & _PASSWORDS else ():
                    table.pop(other, None)
                table.update({"name": source.name, "kind": source.kind, **terms})
                continue
            table = known[source.location] = tomlkit.table()
            table.update({"name": source.name, "location": source.location, "kind": source.kind, **terms})
            tables.append(table)

    sources = tuple(sources)
    load_sources(where)
    edit(where, add)


def change_source(where: Places, location: str, term: str, value: object) -> None:
    """Say something else of the source of a location: its "name" or one of TERMS; what is empty or false is taken out.
    All else stays. Raises NotFound, StorageFailed, and BadSettings for a value that it does not take."""
    row = _TERMS.get(term)
    try:
        value = row.check(value) if row is not None and value else value
    except (TypeError, ValueError):
        assert row is not None
        raise BadSettings(str(where.sources_file), f"{term}: takes {row.takes}, not {shown(value)}") from None

    def change(document: TOMLDocument) -> None:
        table = next((table for table in document.get("source", []) if table.get("location") == location), None)
        if table is None:
            raise NotFound(location)
        spelled = next((key for key in table if key.replace("_", "-") == term), term)
        if value:
            table[spelled] = list(value) if isinstance(value, tuple) else value
        else:
            table.pop(spelled, None)

    edit(where, change)


def rename_source(where: Places, location: str, name: str) -> None:
    """Give the source of a location, if it is one, another name. Raises BadSettings and StorageFailed."""
    with suppress(NotFound):
        change_source(where, location, "name", name)


def remove_source(where: Places, name: str) -> Source:
    """Take the source of that name or location out of sources.toml and return it; comments stay. Raises NotFound,
    BadSettings and StorageFailed."""

    def remove(document: TOMLDocument) -> Source:
        sources = load_sources(where)
        number = next((i for i, source in enumerate(sources) if name in (source.name, source.location)), None)
        if number is None:
            raise NotFound(name)
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
        return sources[number]

    return edit(where, remove)


def edit(where: Places, change: Callable[[TOMLDocument], T]) -> T:
    """Change sources.toml, whoever else does so at the same time: no other newsreader in between, and anew where an
    editor was quicker. Comments stay. Raises what `change` does, BadSettings and StorageFailed."""
    import tomlkit

    path = where.sources_file
    try:
        where.make(where.config)
        with only_one(path.with_name(f".{path.name}.lock")):
            while True:
                before = _bytes_of(path)
                document = _opened(path, before)
                answer = change(document)
                if _bytes_of(path) == before:
                    write_private(path, tomlkit.dumps(document))
                    return answer
    except OSError as error:
        raise StorageFailed(str(path), error.strerror or str(error)) from error


def load_searches(where: Places) -> dict[str, str]:
    """The searches that are kept in sources.toml, under [searches]: name and query; raises BadSettings."""
    return _searches(str(where.sources_file), read_toml(str(where.sources_file)))


def _searches(path: str, whole: Mapping[str, Any]) -> dict[str, str]:
    table = whole.get("searches", {})
    if isinstance(table, dict):
        wrong = next((name for name, query in table.items() if not isinstance(query, str)), None)
        if wrong is None:
            return dict(table)
    fault = BadSettings(path, 'searches: each is a name and a query: name = "query"')
    fault.line = line_of(path, wrong or "", "searches") if isinstance(table, dict) else line_of(path, "searches")
    raise fault


def keep_search(where: Places, name: str, query: str) -> None:
    """Keep a search under a name, whatever it stood for before; comments stay. Raises BadSettings and StorageFailed."""

    def keep(document: TOMLDocument) -> None:
        import tomlkit

        document.setdefault("searches", tomlkit.table())[name] = query

    load_searches(where)
    edit(where, keep)


def drop_search(where: Places, name: str) -> str:
    """Keep the search of that name no longer, and return its query; comments stay. Raises NotFound, BadSettings and
    StorageFailed."""

    def drop(document: TOMLDocument) -> str:
        searches = load_searches(where)
        if name not in searches:
            raise NotFound(name)
        table: Any = document["searches"]
        del table[name]
        return searches[name]

    return edit(where, drop)


def _comments_below(table: Any) -> list[tuple[None, Any]]:
    """What stands in a table after its last key: to tomlkit a part of it, to a reader the heading of the next one."""
    body = table.value.body if hasattr(table.value, "body") else []
    last = max((i for i, (key, _) in enumerate(body) if key is not None), default=-1)
    below = body[last + 1 :]
    return below if any(type(item).__name__ == "Comment" for _, item in below) else []


def _source(path: str, number: int, table: object) -> Source:
    if not isinstance(table, dict):
        raise BadSettings(path, f"source {number}: is a table: [[source]] on a line of its own, its keys below it")
    spelled = {str(key).replace("_", "-"): key for key in table}  # settings are spelled with either
    table = {key: table[name] for key, name in spelled.items()}

    def wrong(key: str, why: str) -> BadSettings:
        fault = BadSettings(path, f"source {number}, {key}: {why}")
        fault.line = line_of(path, spelled.get(key, key), "source", number)
        return fault

    for key in ("location", "kind", "name"):
        value = table.get(key, "")
        if not isinstance(value, str) or (not value and key == "location"):
            raise wrong(key, "takes a text in quotes")
    kind = table.get("kind", "archive")
    if kind not in _KINDS:
        raise wrong("kind", f"takes {', '.join(_KINDS)}, not {shown(kind)}{meant(kind, _KINDS)}")
    terms = {}
    for key, row in _TERMS.items():
        if key in table:
            try:
                terms[key.replace("-", "_")] = row.check(table[key])
            except (TypeError, ValueError):
                value = "what stands there" if row.is_secret else shown(table[key])
                raise wrong(key, f"takes {row.takes}, not {value}") from None
    name = table.get("name") or _shown_location(table["location"], kind)
    return Source(name, table["location"], kind, **terms)


def _shown_location(location: str, kind: SourceKind) -> str:
    return location if kind == "archive" else without_user(location)


_PASSWORDS = {"password", "password-file", "password-command"}
"""One of them says what the password is, or where."""


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


def _argv(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not value[0]:
        raise TypeError
    return tuple(map(_text, value))


def _api(value: Any) -> str:
    if value not in _APIS:
        raise ValueError
    return _text(value)


def _tags(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    if not all(tag and len(tag) <= TAG_LONG and tag == clean_line(tag) for tag in map(_text, value)):
        raise ValueError
    return tuple(sorted(set(value)))


def _short(value: Any) -> str | dict[str, str]:
    return _texts(value) if isinstance(value, dict) else _text(value)


_TERMS: dict[str, _Term] = {
    "short": _Term(_short, 'a text in quotes, or { "name" = "short name" } for an archive of several sources'),
    "tags": _Term(_tags, f'a list of texts of 1 to {TAG_LONG} visible characters, such as ["news", "port"]'),
    "full-text": _Term(yes_no, "true or false"),
    "keep-days": _Term(between(1, 36_500), "a whole number of days"),
    "keep-stories": _Term(between(1, 10_000_000), "a whole number of stories"),
    "headers": _Term(_texts, 'a table of names and texts, such as { "X-Key" = "..." }', is_secret=True),
    "paused": _Term(yes_no, "true or false"),
    "user": _Term(_text, "a text in quotes", is_secret=True),
    "password": _Term(_text, "a text in quotes", is_secret=True),
    "password-file": _Term(_text, "the path of a file, in quotes"),
    "password-command": _Term(_argv, 'a program and its arguments: ["pass", "show", "news"]', is_secret=True),
    "api": _Term(_api, f"one of {', '.join(_APIS)}"),
}


def _bytes_of(path: Path) -> bytes:
    try:
        return read_file(path)
    except FileNotFoundError:
        return b""


def _opened(path: Path, data: bytes) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(data.decode("utf-8-sig"))
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise not_toml(path, error) from None
