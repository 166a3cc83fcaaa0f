"""An article's blocks laid out as a page: one measure, centred, air between blocks.

Decided only here: what an article looks like, colours apart: gaps, indents, bars, bullets, folds, figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final
from urllib.parse import urlsplit

from newsreader.article import (
    Article,
    Block,
    Caption,
    Code,
    Credit,
    Furniture,
    Heading,
    ImageBlock,
    ListItem,
    Media,
    Paragraph,
    Quote,
    Rule,
    Span,
    Spans,
    Table,
    is_hidden,
)
from newsreader.safety import cell_width, clean_line
from newsreader.typeset.flow import Flow, FlowLine, Notation, flow_of, lines_of, untabbed
from newsreader.typeset.lines import Fold, Labels, Line, Metrics, Page, Place, Run
from newsreader.typeset.tables import table_lines

_ROLES: Final = {Heading: "heading", Caption: "caption", Credit: "credit", Quote: "quote", Code: "code"}
# What nobody misses between a picture and its credit, or above the first word: it is counted with the next fold.
_QUIET: Final = frozenset({"byline", "label", "repeated-caption", "hidden"})
_NUMBER_DIGITS: Final = 9  # a longer list number is somebody's mistake or attack


@dataclass(frozen=True, slots=True)
class _Signs:
    """Our own marks, of one cell each."""

    bullets: str = "∙◦▪"
    bar: str = "▏"
    rule: str = "─"
    folded: str = "▸"
    unfolded: str = "▾"
    continued: str = "↪"
    separator: str = "∙"


def _signs(metrics: Metrics) -> _Signs:
    if metrics.ascii_marks:
        return _Signs("*-+", "|", "-", ">", "v", "\\", "-")
    return _Signs(bar="|", rule="-") if metrics.ambiguous_wide else _Signs()


def typeset(
    article: Article,
    metrics: Metrics,
    *,
    labels: Labels | None = None,
    when: str = "",
    minutes: str | None = None,
    unfolded: frozenset[int] = frozenset(),
    header: bool = True,
    fold: bool = True,
    hidden: bool = False,
    appendix: frozenset[int] = frozenset(),
) -> Page:
    """The article as a page of `metrics.width` cells.

    `when` and `minutes` are the worded time and reading time of the meta line. Furniture is folded unless `fold` is
    false or one of its blocks' indexes is in `unfolded`; without `fold`, what the page hides is left out unless
    `hidden`. A rule stands above the blocks of `appendix`. From 20 cells on, no line is wider than the width.
    """
    page = _Layout(article, metrics, labels or Labels(), appendix)
    if header:
        page.header(when, minutes or "")
    page.blocks(unfolded, fold, hidden)
    return Page(tuple(page.lines), tuple(page.links()), tuple(page.folds))


class _Layout:
    """The page so far."""

    def __init__(self, article: Article, metrics: Metrics, labels: Labels, appendix: frozenset[int]) -> None:
        self.article = article
        self.ruled = frozenset(_beginnings(article.blocks, appendix))
        self.labels = labels
        self.signs = _signs(metrics)
        self.wide = metrics.ambiguous_wide
        within = frozenset(link.n for link in article.links if link.kind == "within")
        self.notation = Notation(metrics.ascii_marks, metrics.shows, within)
        self.room = max(1, min(metrics.width, metrics.measure))
        self.left = max(0, metrics.width - self.room) // 2
        self.lines: list[Line] = []
        self.folds: list[Fold] = []
        self.quiet: list[int] = []

    def links(self) -> list[tuple[int, int]]:
        """(line, link number) for every line that a link is on."""
        if not self.article.links:
            return []
        found: dict[tuple[int, int], None] = {}
        for i, line in enumerate(self.lines):
            for run in line.runs:
                if run.link is not None:
                    found[i, run.link] = None
        return list(found)

    def flow_of(self, spans: Spans, role: str, *, before: str = "", after: str = "") -> Flow:
        """The flow of a block's spans, with labels of ours around it."""
        return flow_of(spans, role, self.notation, before=before, after=after)

    def cells(self, marks: str) -> int:
        """The cells that marks of ours take."""
        return cell_width(marks, ambiguous_wide=self.wide)

    # --- Putting lines down ---

    def gap(self, block: int, count: int = 1, runs: tuple[Run, ...] = ()) -> None:
        """Blank lines above a block; none at the top of the page."""
        if self.lines:
            self.lines += [Line(runs, self.left if runs else 0, block, -1, "gap")] * count

    def flow(self, flow: Flow, block: int, kind: str, *, first: str = "", rest: str = "", role: str = "mark") -> None:
        """A flow with marks of ours before its first line and before the others."""
        room = self.room - len(rest)
        cut = lines_of(flow, max(1, room), first=max(1, self.room - self.cells(first)), ambiguous_wide=self.wide)
        left = self.left
        if not first:
            self.lines += [Line(line.runs, left, block, line.offset, kind) for line in cut]
            return
        for i, line in enumerate(cut):
            self.marked(line, rest if i else first, block, kind, role)

    def marked(self, line: FlowLine, marks: str, block: int, kind: str, role: str) -> None:
        """One line with marks of ours before it; blank ones become indent."""
        inner = marks.lstrip(" ")
        left = self.left + len(marks) - len(inner)
        runs = (Run(inner, role), *line.runs) if inner else line.runs
        self.lines.append(Line(runs, left, block, line.offset, kind))

    # --- The head of the page ---

    def header(self, when: str, minutes: str) -> None:
        """The title, and one line of source, byline, time and reading time."""
        article = self.article
        title = self.flow_of((Span(clean_line(article.title)),), "title")
        self.flow(title, -1, "title")
        length = len(title.text) + 1
        separator = f" {self.signs.separator} "
        line = ""
        for item in filter(None, map(clean_line, (article.source, article.byline, when, minutes))):
            joined = f"{line}{separator}{item}" if line else item
            if line and len(lines_of(self.flow_of((Span(joined),), "meta"), self.room, ambiguous_wide=self.wide)) > 1:
                length = self._meta(line, length)
                joined = item
            line = joined
        self._meta(line, length)

    def _meta(self, text: str, offset: int) -> int:
        if text:
            for line in lines_of(self.flow_of((Span(text),), "meta"), self.room, ambiguous_wide=self.wide):
                self.lines.append(Line(line.runs, self.left, -1, offset + line.offset, "meta"))
        return offset + len(text)

    # --- Blocks ---

    def blocks(self, unfolded: frozenset[int], fold: bool, hidden: bool) -> None:
        """All blocks in order."""
        blocks = self.article.blocks
        at = 0
        previous: Block | None = None
        while at < len(blocks):
            block = blocks[at]
            end = at + 1
            if not (fold or hidden) and is_hidden(block):
                at = end
                continue
            above = len(self.lines)
            if isinstance(block, (Furniture, ListItem)):
                while end < len(blocks) and type(blocks[end]) is type(block) and end not in self.ruled:
                    if not (fold or hidden) and is_hidden(blocks[end]):
                        break
                    end += 1
            elif isinstance(block, ImageBlock):
                end += end < len(blocks) and isinstance(blocks[end], Caption)
            if at in self.ruled and previous is not None:
                self.gap(at)
                self._rule(at)
            self._gap_between(previous, block, at)
            top = len(self.lines)
            self._put(block, at, end, unfolded, fold)
            if len(self.lines) > top:
                previous = blocks[end - 1]
            else:
                del self.lines[above:]  # nothing to show: no gap either
            at = end
        if self.quiet:
            self._fold_at_end(unfolded)

    def _gap_between(self, above: Block | None, block: Block, at: int) -> None:
        match above, block:
            case ImageBlock() | Caption() | Credit(), Caption() | Credit():
                return
            case Quote(), Quote():
                bars = (self.signs.bar + " ") * min(above.level, block.level, self._depth())
                self.gap(at, runs=(Run(bars.rstrip(), "mark quote"),))
            case _, Heading() if above is not None and not isinstance(above, Heading):
                self.gap(at, 2)
            case _:
                self.gap(at)

    def _put(self, block: Block, at: int, end: int, unfolded: frozenset[int], fold: bool) -> None:
        match block:
            case Paragraph(spans, kind):
                self.flow(self.flow_of(spans, "lead" if kind == "lead" else "text"), at, "paragraph")
            case Heading(spans):
                self.flow(self.flow_of(spans, "heading"), at, "heading")
            case ListItem():
                self._list(self.article.blocks[at:end], at)
            case Quote(spans, level):
                bars = (self.signs.bar + " ") * max(1, min(level, self._depth()))
                self.flow(self.flow_of(spans, "quote"), at, "quote", first=bars, rest=bars, role="mark quote")
            case Caption(spans) | Credit(spans):
                self._bar(self.flow_of(spans, block.type), at, block.type)
            case ImageBlock():
                self._figure(block, at, end)
            case Code():
                self._code(block, at)
            case Table():
                self.lines += table_lines(
                    block, at, self.room, self.left, self.signs.rule, self.labels, self.wide, self.notation
                )
            case Rule():
                self._rule(at)
            case Media():
                self._media(block, at)
            case Furniture():
                self._furniture(range(at, end), unfolded, fold)

    def _rule(self, at: int) -> None:
        width = max(1, self.room // 3)
        left = self.left + (self.room - width) // 2
        self.lines.append(Line((Run(self.signs.rule * width, "mark rule"),), left, at, 0, "rule"))

    def _depth(self) -> int:
        """How many levels may be shown by indent before too little of the line is left."""
        return max(1, self.room // 6)

    def _bar(self, flow: Flow, at: int, kind: str) -> None:
        bar = self.signs.bar if self.signs.bar != "|" else "| "
        self.flow(flow, at, kind, first=bar, rest=bar, role=f"mark {kind}")

    def _figure(self, block: ImageBlock, at: int, end: int) -> None:
        """One line for the picture, or its caption with the label before and the host behind."""
        images = self.article.images
        image = images[block.image - 1] if 0 < block.image <= len(images) else None
        host = host_of(image.url) if image else ""
        after = self.labels.host.format(host=host) if host else ""
        if end - at > 1:
            caption = self.article.blocks[at + 1]
            self._bar(self.flow_of(caption.spans, "caption", before=self.labels.image, after=after), at + 1, "caption")
            return
        alt = clean_line(image.alt) if image else ""
        self._bar(_label(self.labels.image, alt, after, "mark caption"), at, "image")

    def _media(self, block: Media, at: int) -> None:
        """A titled link; one without a title shows where it leads."""
        label = {"audio": self.labels.audio, "frame": self.labels.frame}.get(block.kind, self.labels.video)
        links = self.article.links
        link = links[block.link - 1] if block.link and block.link <= len(links) else None
        spans = block.spans
        if any(clean_line(span.text) for span in spans):
            if link and all(span.link is None for span in spans):
                spans = tuple(Span(span.text, span.style, link.n) for span in spans)
            flow = self.flow_of(spans, "text", before=label)
        else:
            goal = (clean_line(link.text) or host_of(link.url)) if link else ""
            flow = _label(label, goal, "", "mark", link.n if link else None)
        self._bar(flow, at, "media")

    def _furniture(self, indexes: range, unfolded: frozenset[int], fold: bool) -> None:
        blocks = self.article.blocks
        if not fold:
            for i in indexes:
                self.flow(self.flow_of(blocks[i].spans, "furniture"), i, "furniture")
            return
        if all(isinstance(block, Furniture) and block.kind in _QUIET for block in blocks[indexes.start : indexes.stop]):
            self.quiet += indexes
            return
        self._fold((*self.quiet, *indexes), (indexes[0], 0), unfolded)
        self.quiet.clear()

    def _fold_at_end(self, unfolded: frozenset[int]) -> None:
        """A fold for what no fold after it has taken up, in the last line's place, as no block of its own is there."""
        place = (self.lines[-1].block, self.lines[-1].offset) if self.lines else (self.quiet[0], 0)
        self.gap(place[0])
        self.lines[-1:] = [line._replace(offset=place[1]) for line in self.lines[-1:]]
        self._fold(tuple(self.quiet), place, unfolded)

    def _fold(self, indexes: tuple[int, ...], place: Place, unfolded: frozenset[int]) -> None:
        """The line that stands for furniture, or all of it under that line; what was before it stands in its place."""
        is_open = not unfolded.isdisjoint(indexes)
        count = len(indexes)
        words = (self.labels.note if count == 1 else self.labels.notes).format(n=count)
        sign = self.signs.unfolded if is_open else self.signs.folded
        self.folds.append(Fold(len(self.lines), indexes, is_open))
        top = len(self.lines)
        self.flow(_label("", f"{sign} {words}", "", "mark fold"), place[0], "fold")
        for i in indexes if is_open else ():
            self.flow(self.flow_of(self.article.blocks[i].spans, "furniture"), i, "furniture", first="  ", rest="  ")
        for n, line in enumerate(self.lines[top:], top):
            if (line.block, line.offset) < place or line.kind == "fold":
                self.lines[n] = line._replace(block=place[0], offset=place[1])

    # --- Lists and code ---

    def _list(self, items: Sequence[Block], at: int) -> None:
        """Items with hanging indent: as far in at each level as the widest marker of the level above. Numbers are set
        to the right of it, so that their dots stand in line, bullets to the left."""
        rows = [item for item in items if isinstance(item, ListItem)]
        widths: dict[int, int] = {}
        for item in rows:
            widths[item.level] = max(widths.get(item.level, 2), self.cells(self._marker(item)))
        levels = sorted(widths)
        bases = dict(zip(levels, accumulate((widths[level] for level in levels), initial=0), strict=False))
        for i, item in enumerate(rows):
            base, width = bases[item.level], widths[item.level]
            marker = self._marker(item)
            blank = " " * (width - self.cells(marker))
            marker = blank + marker if item.kind == "number" else marker + blank
            hang = min(base + width, self.room // 2)
            first = " " * max(hang - width, 0) + marker
            self.flow(self.flow_of(item.spans, "text"), at + i, "list_item", first=first, rest=" " * hang)

    def _marker(self, item: ListItem) -> str:
        if item.marker:
            return f"{clean_line(item.marker)[:_NUMBER_DIGITS]} "
        if item.kind == "number" and item.n is not None and len(str(item.n)) <= _NUMBER_DIGITS:
            return f"{item.n}. "
        if item.kind == "continued":
            return "  "
        return self.signs.bullets[min(max(item.level, 1), 3) - 1] + " "

    def _code(self, block: Code, at: int) -> None:
        """Line for line as it is; a line that is too wide goes on under a sign."""
        top = last = len(self.lines)
        for offset, flow in self.flow_of(untabbed(block.spans), "code").split():
            blank = cell_width(flow.text) - cell_width(flow.text.lstrip())
            margin = " " * min(blank, self.room // 2)
            room = max(1, self.room - 2 - len(margin))
            cut = lines_of(flow, room, ambiguous_wide=self.wide)
            if not cut and len(self.lines) > top:
                self.lines.append(Line((), 0, at, offset, "code"))
            for i, line in enumerate(cut):
                marks = f"{self.signs.continued} " if i else "  "
                self.marked(FlowLine(line.runs, offset + line.offset), marks + margin, at, "code", "mark code")
                last = len(self.lines)
        del self.lines[last:]


def _beginnings(blocks: Sequence[Block], appendix: frozenset[int]) -> Iterator[int]:
    """Where appendices begin, with their heading; pictures part none."""
    is_inside = False
    for n, block in enumerate(blocks):
        if n in appendix and not is_inside:
            yield n - (n > 0 and isinstance(blocks[n - 1], Heading))
        is_inside = n in appendix or (is_inside and isinstance(block, (ImageBlock, Caption, Credit)))


def _label(label: str, text: str, after: str, role: str, link: int | None = None) -> Flow:
    """A line that is all ours."""
    flow = Flow()
    flow.add(label if text or after else label.rstrip(" :："), role)
    flow.add(text, f"{role} link" if link else role, link)
    if link:
        flow.numbers.append((len(flow.text), link))
    flow.add(after if text else after.lstrip(" "), role)
    flow.ours = len(flow.text)
    return flow


def host_of(url: str) -> str:
    """The host of a URL without `www.`, safe and in at most 60 characters; "" if it has none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return clean_line(host.removeprefix("www."))[:60]
