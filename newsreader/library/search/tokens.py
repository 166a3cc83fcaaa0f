"""Text -> the tokens that are indexed and compared.

Decided only here: what a token is. Each character of a script that is written without spaces (Han, kana, Hangul, Thai,
...) is one, so that a word of any length is a phrase; each word of another script is one; each sign is one. A blank is
none, except between two characters of the first kind, where it keeps apart what stands apart; so does the end of a
block.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from newsreader.script import fold

_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u302d\u3031-\u3035\u3040-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b2ff\U00020000-\U000323af"
)
_LONGEST: Final = 64  # characters; the rest of a longer word is a token of its own

_BLANK: Final = "\ue000"  # private: folding lets none of these through
BETWEEN: Final = " \ue001 "
"""The token between two blocks."""

# Folding takes kana with voice marks and Hangul syllables apart; each is one token all the same.
_VOICED: Final = "[\u3046-\u307b\u309d\u30a6-\u30db\u30ef-\u30f2\u30fd]\u3099|[\u306f-\u307b\u30cf-\u30db]\u309a"
_SYLLABLE: Final = "[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?"
_WHOLE: Final = "(?![\u3099\u309a\u1161-\u1175\u11a8-\u11c2])"

_token = re.compile(rf"{_VOICED}|{_SYLLABLE}|[{_UNSPACED}]|[^\W_{_UNSPACED}]{{1,{_LONGEST}}}|\S")
_blank_between = re.compile(rf"(?<=[{_UNSPACED}])\s+(?=[{_UNSPACED}])")
_han = re.compile("([\u3400-\u4dbf\u4e00-\u9fff]+)")  # tokens whatever stands beside them
_is_unspaced = re.compile(f"[{_UNSPACED}]").match
_is_word = re.compile(rf"[^\W_{_UNSPACED}]").match
_is_part = re.compile("[\u1100-\u1112\u3041-\u30ff]")

# FTS5's `ascii` tokenizer takes ASCII signs for separators: in the index they are their wide forms.
_WIDE: Final = {n: n + 0xFEE0 for n in range(0x21, 0x7F) if not chr(n).isalnum()}


def tokens(text: str) -> list[str]:
    """The tokens of a text."""
    return _token.findall(_blank_between.sub(_BLANK, fold(text)))


def indexed(folded: str) -> str:
    """The tokens of a folded text as the index takes them, a blank between tokens."""
    row = []
    for n, part in enumerate(_han.split(_blank_between.sub(_BLANK, folded.translate(_WIDE)))):
        if n % 2:
            row.append(" ".join(part))
        elif part:
            row += _token.findall(part)
    return " ".join(row)


def written(row: Sequence[str], mark: str = "") -> str:
    """A row of tokens as the index takes it, each with `mark` before it."""
    return marked(" ".join(row), mark).translate(_WIDE) if row else ""


def marked(text: str, mark: str) -> str:
    """A text as the index takes it with `mark` before each token."""
    return mark + text.replace(" ", f" {mark}")


def is_word(text: str) -> bool:
    """Whether a text begins with a letter or digit of a script that is written with spaces."""
    return _is_word(text) is not None


def pattern(row: Sequence[str], *, prefix: bool = False) -> re.Pattern[str]:
    """What finds a row of tokens in a folded text, and only where they are its tokens; `prefix`: the last one may be
    the beginning of a word."""
    parts = []
    for n, token in enumerate(row):
        if token == _BLANK:
            parts.append(r"\s+")
            continue
        if n and row[n - 1] != _BLANK:
            # As in the index: a blank between two characters of unspaced scripts would be a token.
            tight = _is_unspaced(row[n - 1]) and _is_unspaced(token)
            both_words = is_word(row[n - 1]) and is_word(token)
            parts.append("" if tight else r"\s+" if both_words and len(row[n - 1]) < _LONGEST else r"\s*")
        edge = rf"[^\W_{_UNSPACED}]"
        before = f"(?<!{edge})" if is_word(token) and (not n or not is_word(row[n - 1])) else ""
        last = n == len(row) - 1
        after = f"(?!{edge})" if is_word(token) and len(token) < _LONGEST and not (last and prefix) else ""
        if _is_part.match(token):
            after = _WHOLE
        parts.append(before + re.escape(token) + after)
    return re.compile("".join(parts))
