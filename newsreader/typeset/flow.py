"""Running text: spans made into one cleaned text that knows its roles, and lines cut from it.

Decided only here: how a span's styles become roles, where a link's number stands, and what marks of ours tell styles
apart that no role can: raised and lowered text, readings, struck text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, NamedTuple

from newsreader.article import Span, Spans, Style, lowered, raised
from newsreader.safety import clean
from newsreader.typeset.lines import Run
from newsreader.typeset.wrapping import wrap

_ROLE_OF_STYLE: Final = {"mark": "highlight"}  # "mark" is what is ours
_TAB: Final = 8
_OPENS: Final = 2
_HAN_FIRST: Final = "\u3041"


@dataclass(slots=True)
class Flow:
    """One cleaned text. `pieces` are (end, role, link), in order and without gaps; `numbers` are (position, link)
    of the numbers after link texts; `marks` are (position, is it before what follows, text) of other marks of ours,
    in order; `ours` is how many characters at its beginning are no part of the block.
    """

    text: str = ""
    pieces: list[tuple[int, str, int | None]] = field(default_factory=list)
    numbers: list[tuple[int, int]] = field(default_factory=list)
    ours: int = 0
    marks: list[tuple[int, bool, str]] = field(default_factory=list)

    def add(self, text: str, role: str, link: int | None = None) -> None:
        """Append cleaned text."""
        if text:
            self.text += text
            self.pieces.append((len(self.text), role, link))

    def split(self) -> list[tuple[int, Flow]]:
        """The flow's own lines, each a flow, with the characters before it."""
        flows = []
        at = i = n = m = 0
        for line in self.text.split("\n"):
            end = at + len(line)
            flow = Flow(line)
            while i < len(self.pieces):
                stop, role, link = self.pieces[i]
                flow.pieces.append((min(stop, end) - at, role, link))
                if stop > end:
                    break
                i += 1
            while n < len(self.numbers) and self.numbers[n][0] <= end:
                flow.numbers.append((self.numbers[n][0] - at, self.numbers[n][1]))
                n += 1
            while m < len(self.marks) and self.marks[m][0] + self.marks[m][1] <= end:
                position, before, mark = self.marks[m]
                flow.marks.append((position - at, before, mark))
                m += 1
            flows.append((at, flow))
            at = end + 1
        return flows


def untabbed(spans: Spans) -> Spans:
    """The spans of code with blanks for its tabs, which `clean` would make one blank each."""
    if not any("\t" in span.text for span in spans):
        return spans
    out, column = [], 0
    for span in spans:
        whole = (" " * column + span.text).expandtabs(_TAB)
        out.append(Span(whole[column:], span.style, span.link))
        column = len(whole.replace("\r", "\n").rpartition("\n")[2])
    return tuple(out)


class Notation(NamedTuple):
    """How what only a style carries is written: `ascii` without raised and lowered characters, without marks round what
    has a style of `shows`; no number stands after the links of `within`."""

    ascii: bool = False
    shows: frozenset[Style] = frozenset()
    within: frozenset[int] = frozenset()


def flow_of(
    spans: Spans, role: str, notation: Notation, *, before: str = "", after: str = "", newlines: bool = True
) -> Flow:
    """The flow of a block's spans in its role; `before` and `after` are labels of ours around it."""
    if len(spans) == 1 and not before and not after and not spans[0].style and spans[0].link is None:
        text = clean(spans[0].text, newlines=newlines)
        return Flow(text, [(len(text), role, None)])
    flow = Flow(ours=len(before))
    flow.add(before, f"mark {role}")
    texts = [clean(span.text, newlines=newlines) for span in spans]
    for style in _MARKED if role != "code" else ():
        if any(style in span.style for span in spans):
            _mark(flow, spans, texts, style, notation, role)
    if notation.within and any(span.link in notation.within for span in spans):
        _mark_notes(flow, spans, texts, notation)
    flow.marks.sort(key=lambda mark: mark[:2])
    length = len(before)
    for i, span in enumerate(spans):
        length += len(texts[i])
        flow.pieces.append((length, _role(role, span), span.link))
        is_last = i + 1 == len(spans) or spans[i + 1].link != span.link
        if span.link is not None and is_last and span.link not in notation.within:
            flow.numbers.append((length, span.link))
    flow.text = before + "".join(texts)
    if flow.numbers:
        flow.numbers = [(len(flow.text[:position].rstrip()), link) for position, link in flow.numbers]
    flow.add(after, f"mark {role}")
    return flow


def written_out(spans: Spans) -> Spans:
    """The spans with all marks in their texts, for what knows neither raised nor lowered text, nor readings."""
    if not any(style in span.style for span in spans for style in _WRITTEN):
        return spans
    flow = Flow()
    texts = [span.text for span in spans]
    for style in _WRITTEN:
        _mark(flow, spans, texts, style, Notation(), "")
    out, at = [], 0
    for span, text in zip(spans, texts, strict=True):
        inserts = [(p - at, m) for p, before, m in sorted(flow.marks) if at <= p - (not before) < at + len(text)]
        at += len(text)
        for position, mark in reversed(inserts):
            text = text[:position] + mark + text[position:]
        out.append(Span(text, tuple(style for style in span.style if style not in _WRITTEN), span.link))
    return tuple(out)


_WRITTEN: Final[tuple[Style, ...]] = ("sup", "sub", "ruby")
_AROUND: Final[dict[Style, str]] = {"strike": "~~", "code": "`", "mark": "*", "strong": "*"}
_MARKED: Final[tuple[Style, ...]] = (*_WRITTEN, *_AROUND)
_NOTE_MARK: Final = re.compile(r"(\[).{1,6}\]|[0-9]{1,3}|[a-z]")
_NOTE: Final = frozenset("*†‡§¶↩®™")


def _mark(flow: Flow, spans: Spans, texts: list[str], style: Style, notation: Notation, role: str) -> None:
    """Write each run of texts in a style so that it is told apart."""
    if style in notation.shows or (style == "strong" and role != "table"):
        return  # bold in a sentence says nothing that the sentence does not
    if style in ("code", "mark") and all(style in span.style or not span.text.strip() for span in spans):
        return
    at = len(flow.text)
    for has, group in groupby(range(len(spans)), key=lambda i: style in spans[i].style):
        run = list(group)
        whole = "".join(texts[i] for i in run)
        inner = whole.strip()
        if has and inner:
            previous = texts[run[0] - 1][-1:] if run[0] else ""
            linked = any(spans[i].link is not None for i in run)
            opening, closing, turned = _written(style, inner, previous, notation, linked=linked)
            if turned is not None:
                for i in run:
                    texts[i] = turned(texts[i]) or texts[i]
            start = at + len(whole) - len(whole.lstrip())
            if opening:
                flow.marks.append((start, True, opening))
            if closing:
                flow.marks.append((start + len(inner), False, closing))
        at += len(whole)


def _mark_notes(flow: Flow, spans: Spans, texts: list[str], notation: Notation) -> None:
    """Set the marks of notes apart that are not raised: "1984 [5]"."""
    at, previous = len(flow.text), ""
    for link, group in groupby(range(len(spans)), key=lambda i: spans[i].link):
        run = list(group)
        whole = "".join(texts[i] for i in run)
        is_raised = any(style in spans[i].style for i in run for style in ("sup", "sub"))
        if link in notation.within and not is_raised and previous.isalnum() and (mark := _NOTE_MARK.fullmatch(whole)):
            flow.marks.append((at, True, " " if mark[1] else " ["))
            if not mark[1]:
                flow.marks.append((at + len(whole), False, "]"))
        at, previous = at + len(whole), whole[-1:] or previous


def _written(
    style: Style, text: str, previous: str, notation: Notation, *, linked: bool
) -> tuple[str, str, Callable[[str], str] | None]:
    """What stands before and after a text in a style, and what turns it into other characters."""
    if sign := _AROUND.get(style):
        # What a newer revision left out has signs of its own.
        return ("", "", None) if style == "strike" and text.startswith("[-") else (sign, sign, None)
    if style == "ruby":
        return "(", ")", None
    if all(char in _NOTE for char in text):
        return "", "", None
    blank = " " if previous and not previous.isspace() else ""
    if text[0] == "[" and text[-1] == "]":
        return blank, "", None
    turn = raised if style == "sup" else lowered
    can_turn = not notation.ascii and turn(text.replace(" ", "")) is not None
    if style == "sup" and linked and (previous.isdigit() or not can_turn):
        return f"{blank}[", "]", None
    if can_turn:
        return "", "", lambda part: "".join(turn(char) or char for char in part)
    sign = "^" if style == "sup" else "_"
    return (sign, "", None) if len(text) == 1 else (f"{sign}(", ")", None)


def _role(role: str, span: Span) -> str:
    if not span.style and span.link is None:
        return role
    words = [role, *(_ROLE_OF_STYLE.get(style, style) for style in span.style)]
    if span.link is not None:
        words.append("link")
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One line of a flow: its runs and the block's characters before it."""

    runs: tuple[Run, ...]
    offset: int


def lines_of(flow: Flow, room: int, *, first: int | None = None, ambiguous_wide: bool = False) -> list[FlowLine]:
    """The flow cut into lines of at most `room` cells, the first one of `first`. None for a flow of blanks only."""
    text, pieces = flow.text, flow.pieces
    if not flow.numbers and not flow.marks and len(pieces) == 1:
        role, link = pieces[0][1:]
        cut = wrap(text, room, first=first, ambiguous_wide=ambiguous_wide)
        return [FlowLine((Run(text[a:b], role, link),) if b > a else (), a) for a, b in cut]
    # At one place, what closes stands first, then a number, then what opens.
    marks: list[tuple[int, int, str, int | None]]
    marks = [(position, 1, _number(text, position, link), link) for position, link in flow.numbers]
    marks += [(position, 2 * before, mark, None) for position, before, mark in flow.marks]
    marks.sort(key=lambda mark: mark[:2])
    # What opens goes with the character after it.
    extras = [(position + (order == _OPENS), len(mark)) for position, order, mark, _ in marks]
    first = (room if first is None else first) - sum(cells for position, cells in extras if not position)
    cut = wrap(text, room, first=first, extras=extras, ambiguous_wide=ambiguous_wide)
    ends = [piece[0] for piece in pieces]
    lines = []
    done = 0
    for start, end in cut:
        upto = done
        while upto < len(marks) and marks[upto][0] + (marks[upto][1] == _OPENS) <= end:
            upto += 1
        runs = _runs(flow, ends, start, end, marks[done:upto])
        lines.append(FlowLine(runs, max(start - flow.ours, 0)))
        done = upto
    return lines


def _number(text: str, position: int, link: int) -> str:
    """ "[3]", with a blank after it where Chinese or Japanese text goes on."""
    follows = text[position : position + 1]
    return f"[{link}] " if follows >= _HAN_FIRST and follows < "\ufe00" else f"[{link}]"


def _runs(
    flow: Flow, ends: list[int], start: int, end: int, marks: Sequence[tuple[int, int, str, int | None]]
) -> tuple[Run, ...]:
    runs: list[Run] = []
    at = start
    i = bisect_right(ends, start)
    for position, _, mark, link in [*marks, (end, 0, "", None)]:
        while at < position:
            stop, role, target = flow.pieces[i]
            runs.append(Run(flow.text[at : min(stop, position)], role, target))
            at = min(stop, position)
            i += stop <= position
        if mark and link is not None:
            runs.append(Run(mark if position < end else mark.rstrip(), "mark link", link))
        elif mark:
            runs.append(Run(mark if at > start else mark.lstrip(), _as_mark(flow.pieces, ends, position)))
    return tuple(runs)


def _as_mark(pieces: Sequence[tuple[int, str, int | None]], ends: list[int], position: int) -> str:
    """The role of a mark at a position: that of the text, said to be ours."""
    role = pieces[min(bisect_right(ends, position), len(pieces) - 1)][1]
    return f"mark {role.split(' ')[0]}" if not role.startswith("mark") else role
