"""Chinese in the reader's script: Simplified or Traditional, for display.

Decided only here: that as many characters come out as went in, so that links, matches and places in a text stay where
they are; that Japanese stays as it is; and that Traditional means the forms that are standard in Taiwan, with the
writer's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias, get_args

Script: TypeAlias = Literal["written", "simplified", "traditional"]
"""What Chinese is shown in; "written": as it came."""

SCRIPTS: Final[tuple[Script, ...]] = get_args(Script)

_TABLES: Final = {"simplified": "t2s", "traditional": "s2tw"}
_SHORT: Final = 128
_has_kana: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa]").search


@cache
def converter(script: Script) -> Callable[[str], str] | None:
    """What turns a text into a script, character for character; None where nothing is to be turned. Raises ImportError
    where opencc is not installed."""
    if script == "written":
        return None
    from opencc import OpenCC

    whole: Callable[[str], str] = OpenCC(_TABLES[script]).convert

    def convert(text: str) -> str:
        if text.isascii() or _has_kana(text):
            return text
        try:
            found = whole(text)
        except UnicodeEncodeError:  # half a character: safety has not seen it yet
            return text
        return found if len(found) == len(text) else "".join(map(one, text))

    @cache
    def one(char: str) -> str:
        found = whole(char)
        return found if len(found) == 1 else char

    known = lru_cache(512)(convert)  # headlines are asked for with every key, paragraphs once
    return lambda text: known(text) if len(text) < _SHORT else convert(text)
