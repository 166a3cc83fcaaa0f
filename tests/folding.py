"""Makes newsreader/folding.txt, the forms of Han characters that a search takes for one.

    python -m tests.folding

Owns: which forms those are: a traditional character, its simplified one, and the variants of Taiwan and Hong Kong, as
OpenCC's tables have them for single characters. A line is one simplified character and all others that become it.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import opencc

FILE = Path(__file__).parents[1] / "newsreader" / "folding.txt"

_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x323AF))
_APART = frozenset("么")
"""Not a variant of 幺 but the simplified 麼, in nearly every text."""


def lines() -> list[str]:
    """The lines of the file, in the order of their first characters."""
    steps = [opencc.OpenCC(name).convert for name in ("t2s", "tw2s", "hk2s")]

    def simplified(char: str) -> str:
        for step in steps:
            other = step(char)
            if other != char and len(other) == 1 and char not in _APART:
                return simplified(other)  # 薴 becomes 苧, which is itself the traditional form of 苎
        return char

    forms: defaultdict[str, list[str]] = defaultdict(list)
    for first, last in _BLOCKS:
        for char in map(chr, range(first, last + 1)):
            if (canonical := simplified(char)) != char:
                forms[canonical].append(char)
    return [char + "".join(forms[char]) for char in sorted(forms)]


if __name__ == "__main__":
    FILE.write_text("\n".join(lines()) + "\n", encoding="utf-8")
