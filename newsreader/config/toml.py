"""What both TOML files have in common: reading one, and the checks of its values.

Owns: these. Decided only here: that whatever is wrong with a file is BadSettings, which names it. Never: what is in it.
"""

from __future__ import annotations

from collections.abc import Callable

from newsreader.errors import BadSettings
from newsreader.typed import Any, StrPath


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
        with open(path, "rb") as file:
            text = file.read().decode().removeprefix("\ufeff")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadSettings(str(path), error.strerror or "unreadable") from None
    except UnicodeDecodeError:
        raise BadSettings(str(path), "it is not UTF-8") from None
    plain = read_plain(text)
    if plain is not None:
        return plain
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        raise BadSettings(str(path), str(error)) from None


def read_plain(text: str) -> dict[str, Any] | None:
    """What TOML holds that is made of nothing but `[table]`, comments, and keys with true, false, numbers, strings
    without escapes, or lists of these, as nearly all settings are; None for all else. To load tomllib takes as long as
    to show the headlines.
    """
    found: dict[str, Any] = {}
    table = found
    for line in text.replace("\r\n", "\n").split("\n"):
        line = line.strip(" \t")
        if not line.isprintable():
            return None
        if line.startswith("["):
            name = line[1:-1].strip(" ")
            if not line.endswith("]") or not is_bare(name) or name in found:
                return None
            table = found[name] = {}
        elif line and not line.startswith("#"):
            key, _, rest = line.partition("=")
            key, value = key.rstrip(" "), _plain_value(rest.lstrip(" "))
            if not is_bare(key) or key in table or value is None:
                return None
            table[key] = value
    return found


def is_bare(key: str) -> bool:
    """Whether a key needs no quotes: ASCII letters, digits, _ and - only."""
    return key.isascii() and key.replace("_", "a").replace("-", "a").isalnum()


def _plain_value(text: str) -> str | float | list[Any] | None:
    if text.startswith('"'):
        value, quote, rest = text[1:].partition('"')
        return value if quote and "\\" not in value and not rest.partition("#")[0].strip(" ") else None
    word = text.partition("#")[0].rstrip(" ")
    if word in ("true", "false"):
        return word == "true"
    if word.startswith("[") and word.endswith("]"):
        values = [_plain_value(part.strip(" ")) for part in word[1:-1].split(",")]
        return None if None in values else values
    whole, point, part = word.partition(".")
    if len(word) > 15 or not _is_decimal(whole) or (whole[0] == "0" and whole != "0"):
        return None
    return int(word) if not point else float(word) if _is_decimal(part) else None


def _is_decimal(text: str) -> bool:
    return text.isascii() and text.isdecimal()
