"""Running text: spans made into one cleaned text that knows its roles, and lines cut from it.

Owns: Flow, link numbers after link texts, and the runs of a line. Decided only here: how a span's styles become roles,
and where a link's number stands. Never: where a line breaks (breaking, wrapping), margins, gaps.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from newsreader.article import Block, Code, Span, Spans
from newsreader.safety import clean
from newsreader.typeset.lines import Run
from newsreader.typeset.wrapping import wrap

_ROLE_OF_STYLE: Final = {"mark": "highlight"}  # "mark" is what is ours
_TAB: Final = 8
_HAN_FIRST: Final = "\u3041"


@dataclass(slots=True)
class Flow:
    """One cleaned text. `pieces` are (end, role, link), in order and without gaps; `numbers` are (position, link)
    of the numbers after link texts; `ours` is how many characters at its beginning are no part of the block.
    """

    text: str = ""
    pieces: list[tuple[int, str, int | None]] = field(default_factory=list)
    numbers: list[tuple[int, int]] = field(default_factory=list)
    ours: int = 0

    def add(self, text: str, role: str, link: int | None = None) -> None:
        """Append cleaned text."""
        if text:
            self.text += text
            self.pieces.append((len(self.text), role, link))

    def split(self) -> list[tuple[int, Flow]]:
        """The flow's own lines, each a flow, with the characters before it."""
        flows = []
        at = i = n = 0
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
            flows.append((at, flow))
            at = end + 1
        return flows


def shown_text(block: Block) -> str:
    """A block's text as it is typeset and as `Line.offset` counts it: cleaned, "\\n" at its own line ends."""
    spans = untabbed(block.spans) if isinstance(block, Code) else block.spans
    return "".join([clean(span.text, newlines=True) for span in spans])


def untabbed(spans: Spans) -> Spans:
    """The spans of code with blanks for its tabs, which `clean` would make one blank each."""
    return tuple(Span(span.text.expandtabs(_TAB), span.style, span.link) for span in spans)


def flow_of(spans: Spans, role: str, *, before: str = "", after: str = "", newlines: bool = True) -> Flow:
    """The flow of a block's spans in its role; `before` and `after` are labels of ours around it."""
    if len(spans) == 1 and not before and not after and not spans[0].style and spans[0].link is None:
        text = clean(spans[0].text, newlines=newlines)
        return Flow(text, [(len(text), role, None)])
    flow = Flow(ours=len(before))
    flow.add(before, f"mark {role}")
    texts = []
    length = len(before)
    for i, span in enumerate(spans):
        text = clean(span.text, newlines=newlines)
        texts.append(text)
        length += len(text)
        flow.pieces.append((length, _role(role, span), span.link))
        if span.link is not None and (i + 1 == len(spans) or spans[i + 1].link != span.link):
            flow.numbers.append((length, span.link))
    flow.text = before + "".join(texts)
    if flow.numbers:
        flow.numbers = [(len(flow.text[:position].rstrip()), link) for position, link in flow.numbers]
    flow.add(after, f"mark {role}")
    return flow


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
    if not flow.numbers and len(pieces) == 1:
        role, link = pieces[0][1:]
        cut = wrap(text, room, first=first, ambiguous_wide=ambiguous_wide)
        return [FlowLine((Run(text[a:b], role, link),) if b > a else (), a) for a, b in cut]
    numbers = [(position, _number(text, position, link), link) for position, link in flow.numbers]
    extras = [(position, len(mark)) for position, mark, _ in numbers]
    first = (room if first is None else first) - sum(cells for position, cells in extras if not position)
    cut = wrap(text, room, first=first, extras=extras, ambiguous_wide=ambiguous_wide)
    ends = [piece[0] for piece in pieces]
    lines = []
    done = 0
    for start, end in cut:
        upto = done
        while upto < len(numbers) and numbers[upto][0] <= end:
            upto += 1
        runs = _runs(flow, ends, start, end, numbers[done:upto])
        lines.append(FlowLine(runs, max(start - flow.ours, 0)))
        done = upto
    return lines


def _number(text: str, position: int, link: int) -> str:
    """ "[3]", with a blank after it where Chinese or Japanese text goes on."""
    follows = text[position : position + 1]
    return f"[{link}] " if follows >= _HAN_FIRST and follows < "\ufe00" else f"[{link}]"


def _runs(flow: Flow, ends: list[int], start: int, end: int, numbers: list[tuple[int, str, int]]) -> tuple[Run, ...]:
    runs: list[Run] = []
    at = start
    i = bisect_right(ends, start)
    for position, mark, link in [*numbers, (end, "", 0)]:
        while at < position:
            stop, role, target = flow.pieces[i]
            runs.append(Run(flow.text[at : min(stop, position)], role, target))
            at = min(stop, position)
            i += stop <= position
        if mark:
            runs.append(Run(mark if position < end else mark.rstrip(), "mark link", link))
    return tuple(runs)
