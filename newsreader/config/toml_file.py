"""What both TOML files have in common: reading one, and the checks of its values.

Owns: these. Decided only here: that whatever is wrong with a file is BadSettings, which names it. Never: what is in it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from newsreader.errors import BadSettings

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
        with open(path, "rb") as file:
            text = file.read().decode().removeprefix("\ufeff")
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
    return BadSettings(str(path), "it is nested too deeply" if isinstance(error, RecursionError) else str(error))


def is_bare(key: str) -> bool:
    """Whether a key needs no quotes: ASCII letters, digits, _ and - only."""
    return key.isascii() and key.replace("_", "a").replace("-", "a").isalnum()
