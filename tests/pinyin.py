"""Makes newsreader/pinyin.txt, the order of Han characters by sound.

    python -m tests.pinyin

Owns: which reading a character is sorted by: its first in pypinyin's table, which is Unihan's most frequent one.
Characters of one reading stand in the order of their code points, which is that of radicals and strokes.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from pathlib import Path

from pypinyin.constants import PINYIN_DICT

FILE = Path(__file__).parents[1] / "newsreader" / "pinyin.txt"

_TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}


def lines() -> list[str]:
    """The lines of the file: a syllable with its tone as a digit (5: none), a space, its characters."""
    by_sound: defaultdict[str, list[str]] = defaultdict(list)
    for point, readings in PINYIN_DICT.items():
        if 0x3400 <= point <= 0x9FFF and (sound := numbered(readings.partition(",")[0])):
            by_sound[sound].append(chr(point))
    return [f"{sound} {''.join(sorted(by_sound[sound]))}" for sound in sorted(by_sound, key=_rank)]


def numbered(reading: str) -> str:
    """A reading with its tone as a digit: "lǜ" -> "lv4"; "" for one that is no syllable of Mandarin."""
    tone = "5"
    letters: list[str] = []
    for char in unicodedata.normalize("NFD", reading):
        if char in _TONES:
            tone = _TONES[char]
        elif char == "\u0308":
            letters[-1] = "v"
        else:
            letters.append(char)
    sound = "".join(letters)
    return sound + tone if re.fullmatch("[a-z]+", sound) else ""


def _rank(sound: str) -> tuple[str, str]:
    return sound[:-1], sound[-1]


if __name__ == "__main__":
    FILE.write_text("\n".join(lines()) + "\n", encoding="utf-8")
