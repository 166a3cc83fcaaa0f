"""What config.toml may hold: the one table of settings, from which the file is checked and its documented form is
written. Decided only here: what each setting takes and what it means.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, NamedTuple

from newsreader.config.settings import Keys, LocalZone, Program
from newsreader.config.toml_file import between, is_bare, line_of, meant, shown, yes_no
from newsreader.errors import BadSettings, UnsafeUrl
from newsreader.safety import ascii_host


def chosen(path: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[BadSettings]]:
    """What is given in the file at a path, as fields of Settings, and what cannot be taken."""
    found: dict[str, Any] = {}
    faults: list[BadSettings] = []
    for spelled, value in given.items():
        key = spelled.replace("-", "_")
        try:
            found |= _TABLES[key](path, value, faults) if key in _TABLES else {key: _checked(path, key, value)}
        except BadSettings as fault:
            fault.line = line_of(path, spelled) or line_of(path, "", spelled)
            faults.append(fault)
    return found, faults


def _checked(path: str, key: str, value: object) -> Any:
    row = _TABLE.get(key)
    if row is None:
        names = (*_TABLE, *_TABLES)
        raise BadSettings(path, f"{key}: there is no such setting{meant(key, names)}; there are {', '.join(names)}")
    try:
        return row.check(value)
    except (TypeError, ValueError):
        raise BadSettings(path, f"{key}: takes {row.takes}, not {shown(value)}") from None


def default_toml() -> str:
    """config.toml as `where --write-config` writes it: every setting with what it means, all commented out."""
    lines = ["# newsreader's settings. A line that begins with # is a comment: take the # away to choose.", ""]
    for key, row in _TABLE.items():
        lines += [*(f"# {line}" for line in row.meaning.split("\n")), f"# {key} = {row.default}", ""]
    return "\n".join(lines) + _TABLES_TOML


class _Row(NamedTuple):
    check: Callable[[Any], Any]
    takes: str
    default: str
    meaning: str


def _word(value: Any) -> str:
    if not isinstance(value, str) or not value or not is_bare(value) or not value[0].isalpha() or len(value) > 40:
        raise ValueError
    return value


def _yes_no_auto(value: Any) -> bool | None:
    return None if value == "auto" else yes_no(value)


def _script(value: Any) -> str:
    if value not in ("written", "simplified", "traditional"):
        raise ValueError
    return str(value)


def _command(value: Any) -> tuple[str, ...]:
    words = shlex.split(value) if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) and word.isprintable() for word in words):
        raise ValueError
    return tuple(words)


def _argv(value: Any) -> tuple[str, ...]:
    words = _command(value)
    if not words or "%" in words[0]:
        raise ValueError
    return words


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in choices:
            raise ValueError
        return str(value)

    return check


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
        between(20, 200),
        "a whole number from 20 to 200",
        "80",
        "The longest line of an article, in cells of the terminal. A wider pane centres the text.",
    ),
    "mark_read_after": _Row(
        between(0, 3600, int | float),
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
        _word,
        "the name of a theme in quotes",
        '"auto"',
        'The colours: "auto", "dark", "light", "contrast", Textual\'s (nord, ...) or your own (themes/NAME.toml).',
    ),
    "script": _Row(
        _script,
        '"written", "simplified" or "traditional"',
        '"written"',
        'What Chinese is shown in: "written" as it came. The other two need opencc: newsreader[chinese].',
    ),
    "two_line_titles": _Row(
        yes_no, "true or false", "true", "Whether a long title may take two lines where the list is narrow."
    ),
    "gather": _Row(
        yes_no,
        "true or false",
        "true",
        "Whether a story that several sources have in mostly the same words is one row of the list.",
    ),
    "read_copies": _Row(
        yes_no,
        "true or false",
        "true",
        "Whether reading such a story marks those that are folded under it as read too; undo takes that back.",
    ),
    "preview": _Row(
        yes_no,
        "true or false",
        "false",
        "Whether the article pane follows the cursor of the list. What is only previewed is not marked read.",
    ),
    "mouse": _Row(
        yes_no,
        "true or false",
        "false",
        "Whether newsreader takes the mouse. The terminal's own selecting and copying then needs Shift.",
    ),
    "browser": _Row(
        _command,
        'a program with its arguments, in quotes or as a list, such as ["firefox", "--new-tab", "%u"]',
        '""',
        "What opens an address, which stands in the place of %u, or at the end. Without it, that is $BROWSER or the\n"
        "desktop's own. lynx, w3m and their kind get the terminal.",
    ),
    "fetch_every": _Row(
        between(0, 10_080),
        "a whole number of minutes up to 10080 (a week), 0 for never",
        "0",
        "While newsreader runs, it fetches the sources every so many minutes; 0 is never.",
    ),
    "keep_former": _Row(
        between(0, 36_500),
        "a whole number of days, 0 for ever",
        "365",
        "How long `newsreader prune` leaves what a dump said before its archive overwrote it; 0 is for ever.",
    ),
    "ambiguous_wide": _Row(
        _yes_no_auto,
        'true, false or "auto"',
        '"auto"',
        'Whether the terminal gives characters such as “ … — two cells. "auto" asks it.',
    ),
}

_TABLES_TOML = """\
# [fetch]
# What of your own network any feed, link or redirect may lead to: hosts, addresses and networks. A source that you
# added by its address needs nothing here; all else that is not on the public internet is refused.
# Such as ["nas.lan", "10.0.0.0/8"].
# inside = []

# [commands.gist]
# A command of your own, which ! runs on a story: never by a shell. %u is the story's address, %e its enclosure's.
# argv = ["my-summary", "--short"]
# Its input: "text", "markdown", "json" or "none".
# input = "text"
# What it prints: "page", kept beside the story, where R lists it, or "none".
# output = "page"
# Whether it gets the terminal.
# terminal = false

# [keys]
# The keys to start from: "default", "newsboat" or "vim".
# preset = "default"
# Then your own, by the names that the help (?) shows: one key, or several.
# open = "enter"
# next_unread = ["n", "tab"]
"""


def _fetch(path: str, value: object, _: list[BadSettings]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() - {"inside"}:
        raise BadSettings(path, "fetch: is a table, [fetch] on a line of its own, and takes inside = [...]")
    try:
        return {"inside": tuple(map(_host, _list(value.get("inside", []))))}
    except (TypeError, ValueError, UnsafeUrl):
        takes = 'a list of hosts, addresses and networks in quotes, such as ["nas.lan", "10.0.0.0/8"]'
        raise BadSettings(path, f"fetch.inside: takes {takes}, not {shown(value['inside'])}") from None


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _host(value: Any) -> str:
    from ipaddress import ip_network

    if not isinstance(value, str):
        raise TypeError
    try:
        return str(ip_network(value.strip("[]"), strict=False))
    except ValueError:
        name = ascii_host(value).rstrip(".")
    if not re.fullmatch(r"(?!-)[\w.-]{1,253}", name):
        raise ValueError
    return name


def _keys(path: str, value: object, faults: list[BadSettings]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadSettings(path, "keys: is a table: [keys] on a line of its own, the keys below it")
    preset = "default"
    overrides: dict[str, tuple[str, ...]] = {}
    for name, keys in value.items():
        several = keys if isinstance(keys, list) else [keys]
        if not all(isinstance(key, str) and key for key in several):
            fault = BadSettings(path, f'keys.{name}: takes a key in quotes or a list of them, such as ["n", "tab"]')
        elif name != "preset":
            overrides[name] = tuple(several)
            continue
        elif isinstance(keys, str):
            preset = keys
            continue
        else:
            fault = BadSettings(path, "keys.preset: takes the name of a preset in quotes")
        fault.line = line_of(path, name, "keys")
        faults.append(fault)
    return {"keys": Keys(preset, overrides)}


_INPUTS = ("text", "markdown", "json", "none")
_OUTPUTS = ("page", "none")
_OF_COMMAND: dict[str, tuple[Callable[[Any], Any], str]] = {
    "argv": (_argv, 'a program with its arguments, such as ["mpv", "%e"]'),
    "input": (_one_of(_INPUTS), f"one of {', '.join(_INPUTS)}"),
    "output": (_one_of(_OUTPUTS), f"one of {', '.join(_OUTPUTS)}"),
    "terminal": (yes_no, "true or false"),
}


def _commands(path: str, value: object, faults: list[BadSettings]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadSettings(path, "commands: each is a table of its own, [commands.NAME]")
    programs: list[Program] = []
    for name, given in value.items():
        try:
            programs.append(_program(path, name, given))
        except BadSettings as fault:
            key = fault.why.partition(":")[0].rpartition(".")[2]
            fault.line = line_of(path, key, f"commands.{name}")
            faults.append(fault)
    return {"commands": tuple(programs)}


def _program(path: str, name: str, given: object) -> Program:
    if not isinstance(given, dict) or not is_bare(name) or len(name) > 40:
        raise BadSettings(path, f"commands.{name}: is a table, [commands.NAME], its name letters, digits, _ and - only")
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key not in _OF_COMMAND:
            keys = ", ".join(_OF_COMMAND)
            raise BadSettings(path, f"commands.{name}.{key}: there is no such key{meant(key, _OF_COMMAND)}; {keys}")
        check, takes = _OF_COMMAND[key]
        try:
            found[key] = check(value)
        except (TypeError, ValueError):
            raise BadSettings(path, f"commands.{name}.{key}: takes {takes}, not {shown(value)}") from None
    if "argv" not in found:
        raise BadSettings(path, f"commands.{name}.argv: is missing: {_OF_COMMAND['argv'][1]}")
    return Program(name, **found)


_TABLES: dict[str, Callable[[str, object, list[BadSettings]], dict[str, Any]]] = {
    "commands": _commands,
    "fetch": _fetch,
    "keys": _keys,
}
