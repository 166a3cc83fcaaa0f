"""The laws of a typeset page, checked without the code that typesets: by another route, slowly.

Owns: `violations`, which names every line of a page that breaks a law of design.md. Widths are rich's, breaks are
looked for by trying every position.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from apsw.unicode import grapheme_iter, line_break_iter
from rich.cells import cell_len

from newsreader.article import Article, Block, Code, Table, lowered, raised
from newsreader.safety import clean
from newsreader.typeset.lines import Line, Metrics, Page

MAY_NOT_BEGIN = "、。，．・：；？！）」』】〕〉》〗”’…—ー々〻·～％‰℃!),.:;?]}%"
MAY_NOT_END = "（「『【〔〈《〖“‘([{￥$£"
_EAST = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6]")
_HAN = re.compile("[\u4e00-\u9fff]")
_LETTERS = "0-9A-Za-zÀ-ÖØ-öø-ɏͰ-ԯ"
_WORD = re.compile(f"[{_LETTERS}]+(?:[.,:][0-9]+)*")


@dataclass(frozen=True)
class Violation:
    """Line `line` breaks law `law`; `what` shows where."""

    law: str
    line: int
    what: str


def violations(article: Article, page: Page, metrics: Metrics) -> list[Violation]:
    """Every breach of a law by a page that shows the article with its furniture unfolded."""
    found = list(_too_wide(page, metrics))
    for i, block in enumerate(article.blocks):
        lines = [(n, line) for n, line in enumerate(page.lines) if line.block == i and line.kind not in ("gap", "fold")]
        found += _lost(block, lines)
        if not isinstance(block, Table):
            found += _badly_broken(block, lines, metrics)
    return found


def text_of(block: Block) -> str:
    """What a terminal may be shown of a block, span by span; in code, tabs reach to columns of eight."""
    return level(_clean_text(block))


def _clean_text(block: Block) -> str:
    texts = [span.text for span in block.spans]
    if isinstance(block, Code):
        so_far = ["".join(texts[:n]).expandtabs() for n in range(len(texts) + 1)]
        texts = [longer[len(one) :] for one, longer in pairwise(so_far)]
    return "".join(clean(text, newlines=True) for text in texts)


def own_text(line: Line) -> str:
    """The line without our marks."""
    return level("".join(run.text for run in line.runs if not run.ours))


_RAISED = {ord(high): low for low in map(chr, range(0x20, 0x3D0)) for high in (raised(low), lowered(low)) if high}


def level(text: str) -> str:
    """The text with no character raised or lowered."""
    return text.translate(_RAISED).replace("−", "-")


def _solid(text: str) -> str:
    return "".join(text.split())


def _too_wide(page: Page, metrics: Metrics) -> Iterator[Violation]:
    left = max(0, metrics.width - metrics.measure) // 2
    for n, line in enumerate(page.lines):
        width = cell_len(line.text)
        if width > left + min(metrics.width, metrics.measure):
            yield Violation("width", n, f"{width} cells: {line.text}")


def _lost(block: Block, lines: list[tuple[int, Line]]) -> Iterator[Violation]:
    shown = _solid("".join(own_text(line) for _, line in lines))
    wanted = _solid(text_of(block))
    same = Counter(shown) == Counter(wanted) if isinstance(block, Table) else shown == wanted
    if not same:
        yield Violation("once and in order", lines[0][0] if lines else -1, f"{wanted!r} became {shown!r}")


def _badly_broken(block: Block, lines: list[tuple[int, Line]], metrics: Metrics) -> Iterator[Violation]:
    text = text_of(block)
    starts = [line.offset for _, line in lines] + [len(text)]
    permitted = _permitted(text) | _permitted(_clean_text(block))  # 000/1 is one word, 000/¹ is two
    for (n, line), (_, below), start, after in zip(lines, lines[1:], starts, starts[1:], strict=False):
        here = own_text(line)
        if not text[start:].lstrip(" \u3000\n").startswith(here.strip()) or (here and not here.strip()):
            yield Violation("offset", n, f"{start}: {text[start : start + 40]!r} is not {here!r}")
        end = len(text[:after].rstrip())
        if "\n" in text[end:after] or not text[after:].strip() or not here.strip():
            continue  # the source's own line end
        room = _room(line, metrics)  # which it surely has, had it taken the marks of the line below too
        for law, what in _broken_at(text, start, end, after, permitted, room - _ours(below), room):
            yield Violation(law, n, what)


def _room(line: Line, metrics: Metrics) -> int:
    """The cells that a line has for the article's own text."""
    left = max(0, metrics.width - metrics.measure) // 2
    return min(metrics.width, metrics.measure) - (line.indent - left) - _ours(line)


def _ours(line: Line) -> int:
    return sum(cell_len(run.text) for run in line.runs if run.ours)


def _permitted(text: str) -> set[int]:
    """All positions where UAX #14 permits a break, with · and ～ as NS."""
    found = set()
    at = 0
    for piece in line_break_iter(text.translate({ord("·"): "・", ord("～"): "・"})):
        at += len(piece)
        found.add(at)
    return found


def _east_asian(text: str, at: int) -> bool:
    """Whether East Asian context permits a break: a quote opens or closes there, or two Han characters stand there."""
    before, after = text[at - 1], text[at]
    if _HAN.match(before) and _HAN.match(after):
        return True  # apsw 3.54.1 forbids it behind a blank and a quote: " '天|地"
    opens = after in '“‘"' and before not in "“‘"
    closes = before in '”’"' and after not in "”’"
    return (opens or closes) and bool(_EAST.search(text[max(0, at - 3) : at + 3]))


def _broken_at(
    text: str, start: int, end: int, after: int, permitted: set[int], room: int, at_most: int
) -> Iterator[tuple[str, str]]:
    around = f"{text[max(0, end - 12) : end]!r} | {text[after : after + 12]!r}"
    begins_wrong = not _listed_fit(text, after)
    unforeseen = after not in permitted and not _east_asian(text, after)
    splits_sign = text[after - 1] in "—…" and text[after] == text[after - 1]
    if begins_wrong or unforeseen or splits_sign:
        good = _good(text, start, room, at_most)
        if begins_wrong and good:
            yield "begins or ends wrong", around
        if unforeseen and any(p in permitted and not _word_like(text, p) for p in good):
            yield "UAX #14", around
        if splits_sign and any(p in permitted for p in good):
            yield "split sign", around
    for word in _WORD.finditer(text, max(0, after - 2 * room), after + 2 * room):
        if word.start() < after < word.end() and word.start() > 0 and cell_len(word[0]) < room - 12:
            yield "split word", f"{word[0]}: {around}"


def _good(text: str, start: int, room: int, at_most: int) -> list[int]:
    """Where a line that begins at `start` may end by the lists, no word that may fit on one being taken apart."""
    words = {
        p for word in _WORD.finditer(text) if cell_len(word[0]) <= at_most for p in range(word.start() + 1, word.end())
    }
    return [p for p in _positions_that_fit(text, start, room) if _listed_fit(text, p) and p not in words]


def _positions_that_fit(text: str, start: int, room: int) -> list[int]:
    """Positions between graphemes after `start` up to which the text fits in `room`."""
    fit = []
    at = start
    for grapheme in grapheme_iter(text[start : start + 8 * room]):
        at += len(grapheme)
        if cell_len(text[start:at].rstrip(" \u3000")) > room:
            break
        fit.append(at)
    return [p for p in fit if p < len(text)]


def _listed_fit(text: str, position: int) -> bool:
    rest = text[position:].lstrip(" \u3000")
    line = text[:position].rstrip(" \u3000")
    if not rest or not line:
        return False
    begins = rest[0] not in MAY_NOT_BEGIN or (rest[:2] in ("——", "……") and line[-1] != rest[0])
    return begins and line[-1] not in MAY_NOT_END


def _word_like(text: str, position: int) -> bool:
    """Whether a break that UAX #14 permits is inside what we keep whole: compounds, Korean, full-width words, URLs."""
    before, after = text[position - 1], text[position]
    kept = re.compile("[-/·\u3131-\u318e\uac00-\ud7a3０-９Ａ-Ｚａ-ｚ．，／～—!-~]")
    return bool(kept.match(before) or kept.match(after)) and not before.isspace()
