"""What stands before the items of ordered lists: letters, Roman and Chinese numbers, circled ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from newsreader.parse.soup import Element

_TYPES: Final = {"a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}
_STYLE: Final = re.compile(r"list-style(?:-type)?\s*:\s*([^;]+)", re.IGNORECASE)
_ROMAN: Final = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_DIGITS: Final = "〇一二三四五六七八九"
BULLETS: Final = frozenset({"disc", "circle", "square", "none"})


def style_of(element: Element) -> str:
    """How a list or item numbers, by its type or its style; "" if it does not say."""
    if not element.attributes:
        return ""
    if found := _STYLE.search(element.get("style")[:500]):
        known = [word for word in found[1].lower().split() if word in _MARKS or word in BULLETS or word == "decimal"]
        if known:
            return known[0]
    kind = element.get("type").strip()
    return _TYPES.get(kind, "decimal" if kind == "1" else kind.lower() if kind.lower() in BULLETS else "")


def mark(n: int, style: str) -> str:
    """Number `n` in a style, as it stands before an item; "" where that is a decimal number or a bullet, a blank where
    it is nothing."""
    written = _MARKS.get(style)
    return written(n) if written is not None else ""


def _letters(first: str, count: int, end: str = ".") -> Callable[[int], str]:
    def write(n: int) -> str:
        text = ""
        while n > 0:
            n, digit = divmod(n - 1, count)
            text = chr(ord(first) + digit) + text
        return text and text + end

    return write


def _one_of(signs: str, end: str) -> Callable[[int], str]:
    return lambda n: signs[n - 1] + end if 0 < n <= len(signs) else ""


def _roman(n: int) -> str:
    text = ""
    if 0 < n < 4000:
        for value, sign in _ROMAN:
            text += sign * (n // value)
            n %= value
    return text and text + "."


def _chinese(n: int) -> str:
    if not 0 <= n < 100:
        return "".join(_DIGITS[int(digit)] for digit in str(n)) + "、" if n > 0 else ""
    tens, ones = divmod(n, 10)
    text = (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")
    return text + "、"


def _circled(n: int) -> str:
    return chr(0x2460 + n - 1) if 0 < n <= 20 else chr(0x3251 + n - 21) if 20 < n <= 35 else ""


_GREEK: Final = "αβγδεζηθικλμνξοπρστυφχψω"
_HIRAGANA: Final = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわゐゑをん"
_KATAKANA: Final = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヰヱヲン"
_MARKS: Final[Mapping[str, Callable[[int], str]]] = {
    **dict.fromkeys(["lower-alpha", "lower-latin"], _letters("a", 26)),
    **dict.fromkeys(["upper-alpha", "upper-latin"], _letters("A", 26)),
    "lower-roman": _roman,
    "upper-roman": lambda n: _roman(n).upper(),
    "lower-greek": _one_of(_GREEK, "."),
    "decimal-leading-zero": lambda n: f"{n:02}.",
    "circled-decimal": _circled,
    **dict.fromkeys(
        ["cjk-ideographic", "cjk-decimal", "simp-chinese-informal", "trad-chinese-informal", "japanese-informal"],
        _chinese,
    ),
    "none": lambda n: " ",
    "cjk-heavenly-stem": _one_of("甲乙丙丁戊己庚辛壬癸", "、"),
    "cjk-earthly-branch": _one_of("子丑寅卯辰巳午未申酉戌亥", "、"),
    "hiragana": _one_of(_HIRAGANA, "、"),
    "katakana": _one_of(_KATAKANA, "、"),
}
