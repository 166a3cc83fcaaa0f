"""How keys are spelled: as a person writes them, one character (`j`, `G`, `?`), or a name (`Space`, `Enter`, `Ctrl-d`,
`S-Tab`, `Down`). A chord is keys typed one after another: `gg`, `g Space`. Digits are never keys: they count.

Decided only here: which key is meant by what keyboards of other layouts and input methods send.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, TypeAlias

Sequence: TypeAlias = tuple[str, ...]

# Textual's name of a key -> ours.
_NAMES: Final = {
    "enter": "Enter",
    "tab": "Tab",
    "shift+tab": "S-Tab",
    "escape": "Esc",
    "space": "Space",
    "backspace": "Backspace",
    "delete": "Del",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "insert": "Ins",
}
_SHOWN: Final = {"Up": "↑", "Down": "↓", "Left": "←", "Right": "→"}
# What the same keys send while a Chinese or Japanese input method is on, besides the full-width forms.
_INPUT_METHOD: Final = {"。": ".", "、": "/", "《": "<", "》": ">", "【": "[", "】": "]", "「": "[", "」": "]"}
# Letters of other layouts, by the place that they share with those of a US one; what is ASCII there stays what it is.
_LAYOUTS: Final = (
    ("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"),
    ("ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ", 'QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>~'),
    ("іїєґўІЇЄҐЎ", "s]'\\oS}\"|O"),
    ("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm"),
    ("ΕΡΤΥΘΙΟΠΑΣΔΦΓΗΞΚΛΖΧΨΩΒΝΜ", "ERTYUIOPASDFGHJKLZXCVBNM"),
    ("קראטוןםפשדגכעיחלךףזסבהנמצתץ", "ertyuiopasdfghjkl;zxcvbnm,."),
    ("ضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوزظذ", "qwertyuiop[]asdfghjkl;'zxcvnm,./`"),
    ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ", "qwertyuiopasdfghjklzxcvbnm"),
    ("ㅃㅉㄸㄲㅆㅒㅖ", "QWERTOP"),
)
_SPELLINGS: Final = {name.lower(): name for name in _NAMES.values()}


def key_name(key: str, character: str | None) -> str:
    """Our spelling of a key event, from Textual's name and the character typed; "" for what has none."""
    if key in _NAMES:
        return _NAMES[key]
    if key.startswith("ctrl+") and len(key) == 6:
        return f"Ctrl-{key[5]}"
    if character and character.isprintable() and "+" not in key.removesuffix("+"):
        point = ord(character) if len(character) == 1 else 0
        if 0xFF01 <= point <= 0xFF5E:
            return chr(point - 0xFEE0)
        return _INPUT_METHOD.get(character, character)
    return _named(key) if key[:1] == "f" else ""


def textual_name(key: str) -> str:
    """Textual's name of a key that is spelled our way."""
    named = next((theirs for theirs, ours in _NAMES.items() if ours == key), key)
    return named.replace("Ctrl-", "ctrl+")


@cache
def _places() -> Mapping[str, str]:
    return {letter: key for letters, keys in _LAYOUTS for letter, key in zip(letters, keys, strict=True)}


def on_us_layout(key: str) -> str:
    """The key at the same place of a US layout, for a letter of one of _LAYOUTS (о -> j); others as they are."""
    return key if key.isascii() else _places().get(key, key)


def parse_chord(text: str) -> Sequence:
    """`gg` -> ("g", "g"), `Ctrl-w w` -> ("Ctrl-w", "w"), `enter` -> ("Enter",). ValueError for nothing, a digit in it
    or an unknown name."""
    keys: list[str] = []
    for part in text.split():
        if len(part) > 1 and (name := _named(part)):
            keys.append(name)
        elif len(part) > 3 or not part.isprintable():
            raise ValueError(text)
        else:
            keys.extend(part)
    if not keys or any(key.isdigit() for key in keys):
        raise ValueError(text)
    return tuple(keys)


def _named(part: str) -> str:
    """The name that a part of a chord is, however its letters are written; "" if it is none."""
    lower = part.lower()
    if lower in _SPELLINGS:
        return _SPELLINGS[lower]
    if lower.startswith("ctrl-") and len(lower) == 6 and "a" <= lower[5] <= "z":
        return f"Ctrl-{lower[5]}"
    return lower.upper() if lower[0] == "f" and len(lower) in (2, 3) and lower.isascii() and lower[1:].isdigit() else ""


def show_chord(text: str) -> str:
    """A chord as help shows it: arrows as arrows."""
    return " ".join(_SHOWN.get(part, part) for part in text.split())
