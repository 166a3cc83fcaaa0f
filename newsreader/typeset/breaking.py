"""Where a line may break.

Decided only here: every position at which a line of text ends.

Positions count the characters before them. A position is permitted if UAX #14 permits it in the tailored text and the
lists of design.md do. The tailoring, by standing in characters of another class before asking:
  - · ～ and a single — may not begin a line (as NS); two and more — are one sign, and may;
  - curly quotes beside East Asian characters open and close like brackets (UAX #14, East Asian context); straight ones
    too, where they come in pairs;
  - Hangul breaks at spaces only; full-width words and numbers are words and numbers;
  - words joined by a hyphen, slash or dot, and URLs, are one word.

Nearly all questions are about two characters whose neighbours do not matter: those are answered from a table of pairs.
The rest goes to apsw.unicode, which knows the whole of UAX #14, with as little text as will do.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NO_BEGIN: Final = frozenset("、。，．・：；？！）」』】〕〉》〗”’…—ー々〻·～％‰℃!),.:;?]}%")
NO_END: Final = frozenset("（「『【〔〈《〖“‘([{￥$£")
SPACES: Final = " \u3000"

# Past the furthest position, what UAX #14 may look at: an operator, a sign, digits, each with its combining marks.
_LOOK_AHEAD: Final = 24
# How far the end of a run without a break is looked for, in characters.
_RUN: Final = 2048


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern made ready when it is first needed: the first frame hardly needs any."""
    return re.compile(pattern)


# --- Pairs ----------------------------------------------------------------------------------------------------------

_ODD, _HAN, _CLOSE, _OPEN, _WORD, _SPACE, _LEFT, _RIGHT, _STOP = range(9)

_HIRAGANA: Final = (  # but for the small ones and those among them in the order of Unicode
    "あいうえおかがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとど"
    "なにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもらりるれろ"
)
_KINDS: Final = (
    (_HIRAGANA, _HAN),
    ("、。，．・：；？！）」』】〕〉》〗ー々〻", _CLOSE),
    ("（「『【〔〈《〖", _OPEN),
    ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", _WORD),
    (SPACES, _SPACE),
    ("“‘", _LEFT),
    ("”’", _RIGHT),
    ("!),.:;?]}%", _STOP),
)


class _Known(dict[str, int]):
    """What a function says of each character, filled in as they are met; bounded, as hostile text may hold them all."""

    def __init__(self, ask: Callable[[str], int]) -> None:
        self._ask = ask

    def __missing__(self, char: str) -> int:
        said = self._ask(char)
        if len(self) < 16384:
            self[char] = said
        return said


def _kind_of_another(char: str) -> int:
    return _HAN if "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" else _ODD


_kinds = _Known(_kind_of_another)
_kinds.update({char: kind for chars, kind in _KINDS for char in chars})
_NO, _YES, _DOUBT, _BLANK = range(4)


def _verdict(before: int, after: int) -> int:
    """Whether a line may break between two neighbours of these kinds, whatever stands around them."""
    if after in (_CLOSE, _RIGHT, _STOP, _SPACE) or before in (_OPEN, _LEFT):
        return _NO
    if _ODD in (before, after):
        return _DOUBT
    if before == _SPACE:
        return _BLANK
    if before == after == _WORD:
        return _NO
    if before in (_HAN, _CLOSE):
        return _YES
    return _YES if after == _HAN or (after == _OPEN and before != _STOP) else _DOUBT


_pairs: Final = [[_verdict(before, after) for after in range(9)] for before in range(9)]


# --- The tailored text ----------------------------------------------------------------------------------------------

_EAST = "\u2e80-\u303e\u3041-\u312f\u3190-\u4dbf\u4e00-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6"
_ALNUM = "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0386-\u052f\u1e00-\u1fff"
_STAND_INS: Final = rf"""(?x)(?P<word> (?:https?://|www\.)[!-~]+
              | (?<=[{_ALNUM}])[-/·](?=[{_ALNUM}])
              | [０-９Ａ-Ｚａ-ｚ]+(?:[．，][０-９]+)*
              | [\u3131-\u318e\uac00-\ud7a3]+ )
      | (?P<never_first> [·～] | (?<!—)—(?!—) )
      | (?P<slash> ／ )
      | (?P<open> [“‘](?=[“‘]?[{_EAST}]) | (?<=[{_EAST}])[“‘] )
      | (?P<close> [”’](?=[”’]?[{_EAST}]) | (?<=[{_EAST}])[”’] )
    """
_STAND_IN: Final = {"word": "a", "never_first": "・", "slash": "/", "open": "「", "close": "」"}
_STRAIGHT_PAIR: Final = r'(?<![0-9])"([^"]*)"'


def _tailored(text: str) -> str:
    """`text`, of the same length, with characters of other classes standing in."""
    if not _may_need_stand_ins(text):
        return text
    return compiled(_STAND_INS).sub(_stand_in, text)


def _may_need_stand_ins(text: str) -> bool:
    """Whether the pattern, which takes long to compile, could match."""
    if any(map(_replaceable.__getitem__, text)) or "://" in text or "www." in text:
        return True
    return ("-" in text or "/" in text) and any(
        char in "-/" and _may_be_word(before) and _may_be_word(after)
        for before, char, after in zip(text, text[1:], text[2:], strict=False)
    )


def _is_replaceable(char: str) -> bool:
    """Whether another character may stand in for this one, whatever is beside it."""
    wide = "０" <= char <= "９" or "Ａ" <= char <= "Ｚ" or "ａ" <= char <= "ｚ"
    return char in "·～—／“‘”’" or wide or "\u3131" <= char <= "\u318e" or "\uac00" <= char <= "\ud7a3"


_replaceable = _Known(_is_replaceable)


def _may_be_word(char: str) -> bool:
    return char.isalnum() if char.isascii() else "\u00c0" <= char < "\u2000"


def _stand_in(match: re.Match[str]) -> str:
    return _STAND_IN[str(match.lastgroup)] * len(match[0])


def with_paired_quotes(text: str) -> str:
    """`text`, of the same length, with straight double quotes that come in pairs made curly: to be asked about."""
    return compiled(_STRAIGHT_PAIR).sub(r"“\1”", text) if '"' in text else text


# --- Asking ---------------------------------------------------------------------------------------------------------


def last_break(text: str, start: int, limit: int) -> int:
    """The last permitted break after `start` and up to `limit`, which is before the text's end; `start` if none."""
    position = limit
    doubtful = False
    while position > start:
        verdict = _pairs[_kinds[text[position - 1]]][_kinds[text[position]]]
        if verdict == _BLANK:
            verdict = _after_blank(text, start, position)
        if verdict == _YES:
            if not doubtful:
                return position
            break
        if verdict == _DOUBT:
            doubtful = True
        position -= 1
    if not doubtful:
        return start
    return _ask(text, position, limit)


def _after_blank(text: str, start: int, position: int) -> int:
    before = position - 1
    while before > start and text[before] in SPACES:
        before -= 1
    return _YES if _kinds[text[before]] in (_HAN, _CLOSE, _WORD, _RIGHT, _STOP) else _DOUBT


def _ask(text: str, start: int, limit: int) -> int:
    """As `last_break`, by the whole of UAX #14, for a `start` where a break is permitted or the line begins."""
    from apsw.unicode import line_break_next_break

    window = _tailored(text[start : limit + _LOOK_AHEAD])
    found = offset = 0
    reach = limit - start
    while (offset := line_break_next_break(window, offset)) <= reach:
        if is_listed_fit(text, start + offset):
            found = offset
    return start + found


def is_listed_fit(text: str, position: int) -> bool:
    """Whether the lists let a line end before `position` and the next one begin there."""
    first, before = text[position], position - 1
    if first in "—…":
        if text[before] == first or text[position + 1 : position + 2] != first:
            return False
    elif first in NO_BEGIN or first in SPACES:
        return False
    while before > 0 and text[before] in SPACES:
        before -= 1
    return text[before] not in NO_END


def run_end(text: str, start: int, limit: int) -> int:
    """Where the run from `start` that permits no break up to `limit` ends; `limit` if that is too far to look."""
    from apsw.unicode import line_break_next_break

    window = _tailored(text[start : limit + _RUN])
    offset = 0
    while (offset := line_break_next_break(window, offset)) < len(window):
        if start + offset > limit and is_listed_fit(text, start + offset):
            return start + offset
    return limit if start + offset < len(text) else len(text)


_WORD_PATTERN: Final = f"[{_ALNUM}]+"
_INSIDE_WORD: Final = f"[{_ALNUM}][{_ALNUM}]$|[0-9][.,:][0-9]$"


def cuts(text: str, start: int, limit: int, room: int) -> Iterator[int]:
    """Where to cut a run that permits no break, best first: within (start, limit], `limit` itself at the latest.

    After the / ? & = of a URL in the later half of the line; else at the last place that the lists let pass and that is
    not inside a word, unless the word is longer than a line of `room` characters.
    """
    for position in range(limit, (start + limit) // 2, -1):
        if text[position - 1] in "/?&=" and text[position] not in "/?&=" and is_listed_fit(text, position):
            yield position
    head, tail = _longest_words(text, start, limit, room)
    is_inside_word = compiled(_INSIDE_WORD).search
    for position in range(limit, start, -1):
        is_inside = tail <= position <= head and is_inside_word(text[max(0, position - 2) : position + 1])
        if not is_inside and is_listed_fit(text, position):
            yield position
    yield limit


def _longest_words(text: str, start: int, limit: int, room: int) -> tuple[int, int]:
    """Where the word at `limit` begins if it fits on no line (else `limit`); where a word ends that `start` has cut."""
    match = compiled(_WORD_PATTERN).match
    head = limit
    while head > start and match(text[head - 1]):
        head -= 1
    word = match(text, head, limit + room + 1)
    fits = not word or word.end() - head <= room
    cut_word = match(text, start, limit) if start and match(text[start - 1]) else None
    return limit if fits else head, cut_word.end() if cut_word else start
