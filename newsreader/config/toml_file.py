"""What both TOML files have in common: reading one, the checks of its values, and where in it something stands.

Decided only here: that whatever is wrong with a file is BadSettings, which names it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from newsreader.errors import BadSettings
from newsreader.files import read_file

if TYPE_CHECKING:
    from _typeshed import StrPath


def between(low: float, high: float, kinds: Any = int) -> Callable[[Any], Any]:
    """A check of numbers of these kinds, from `low` to `high`; it raises ValueError for all else."""

    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            raise ValueError
        return value

    return check


def yes_no(value: Any) -> bool:
    """A check of true and false; it raises TypeError for all else."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def shown(value: object) -> str:
    """A value as an error quotes it, cut."""
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def read_toml(path: StrPath) -> dict[str, Any]:
    """What is in a file; nothing where there is none. Raises BadSettings."""
    try:
        text = read_file(path).decode().removeprefix("\ufeff")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadSettings(str(path), error.strerror or "unreadable") from None
    except UnicodeDecodeError:
        raise BadSettings(str(path), "it is not UTF-8") from None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        raise not_toml(path, error) from None


def not_toml(path: StrPath, error: Exception) -> BadSettings:
    """What a parser could not read, as an error of ours."""
    fault = BadSettings(str(path), "it is nested too deeply" if isinstance(error, RecursionError) else str(error))
    if place := re.search(r"\bat line (\d+)", fault.why):
        fault.line = int(place[1])
    return fault


def line_of(path: StrPath, key: str, table: str = "", number: int = 1) -> int:
    """The line, from 1, on which a key of a table, or else the table, is set in a file; 0 if that cannot be told.
    `number`: of several tables of that name the first, the second, ..."""
    try:
        lines = read_file(path).decode("utf-8", "replace").split("\n")
    except OSError:
        return 0
    inside, begins, seen = "", 0, 0
    name = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    dotted = re.compile(rf"\s*{re.escape(table)}\s*(?:\.\s*[\"']?{re.escape(key)}[\"']?\s*)?=")
    for n, line in enumerate(lines, 1):
        if head := re.match(r"\s*\[+\s*([^\]]*?)\s*\]", line):
            seen += head[1] == table
            inside = table if head[1] == table and seen == number else "[another]"
            begins = n if inside == table else begins
        elif (inside == table and name.match(line)) or (table and not inside and dotted.match(line)):
            return n
    return begins


def meant(word: object, choices: Iterable[str]) -> str:
    """What to add to an error about a word that is none of the choices: the nearest of them, if one is near."""
    from difflib import get_close_matches

    near = get_close_matches(str(word), tuple(choices), 1)
    return f'; do you mean "{near[0]}"?' if near else ""


def is_bare(key: str) -> bool:
    """Whether a key needs no quotes: ASCII letters, digits, _ and - only."""
    return key.isascii() and key.replace("_", "a").replace("-", "a").isalnum()
