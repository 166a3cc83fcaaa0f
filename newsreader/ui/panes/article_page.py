"""The article that is open: its page at the present width, and where its reader is in it.

Decided only here: how far a page goes, what stays at the top when the width changes, and the order of links. Pure: no
textual, no rich.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from newsreader.errors import UnsafeUrl
from newsreader.safety import cell_width, clean_line, openable
from newsreader.ui.i18n import Words, words_for
from newsreader.ui.panes.hints import Hints, Stop
from newsreader.ui.terminal.cells import widen

if TYPE_CHECKING:
    from newsreader.article import Article, Link
    from newsreader.article import Style as TextStyle
    from newsreader.typeset.lines import Line, Metrics, Page

Place: TypeAlias = tuple[int, int]
"""A place in an article, as typesetting tells it: (block, characters into it); (-1, 0) is the top."""

HAN_PER_MINUTE: Final = 400
WORDS_PER_MINUTE: Final = 230
OVERLAP: Final = 2  # lines of a page that the next page shows again


class Style(NamedTuple):
    """What the page depends on besides its width: the reader's settings, zone and words."""

    measure: int
    ambiguous_wide: bool
    ascii_marks: bool
    words: Words
    now: Callable[[], datetime]
    """The present in the reader's zone."""
    convert: Callable[[str], str] | None = None
    """What turns Chinese into the reader's script."""
    shows: frozenset[TextStyle] = frozenset()
    """The styles of texts that are seen on the terminal."""


class Reading:
    """One open article. `appendix`: the numbers of the blocks that repeat over the stories of its source."""

    def __init__(
        self, article: Article, style: Style, place: Place | None = None, appendix: frozenset[int] = frozenset()
    ) -> None:
        self.article = article
        self.style = style
        self.appendix = appendix
        self.width = 0
        self.height = 1
        self.top = 0
        self._page: Page | None = None
        self.selected: Stop | None = None
        self.unfolded: frozenset[int] = frozenset()
        self.hints = Hints()
        self._targets: dict[int, str] = {}
        self.query = ""
        self.matches: list[tuple[int, int, int]] = []
        self.match = 0
        self.place: Place = place or (-1, 0)
        """Where the top of the pane is in the article, whatever the width."""

    # --- The page ---

    def resize(self, width: int, height: int) -> None:
        """The pane's size; the same place of the article stays at the top."""
        self.height = max(height, 1)
        if width != self.width:
            self.width = width
            self._typeset()
            self.top = self._top_for(self.place)
        self.top = min(self.top, self.last_top)

    def restyle(self, style: Style) -> None:
        """Typeset in another style; the same place of the article stays at the top."""
        self.style = style
        if self._page is not None:
            self._typeset()
            self.top = self._top_for(self.place)

    def _typeset(self) -> None:
        # Typesetting and what it needs is imported with the first article, so that the list need not wait for it.
        from newsreader.typeset.lines import Metrics

        metrics = Metrics(
            max(self.width - 2 * self.side, 1),
            measure=self.style.measure,
            ambiguous_wide=self.style.ambiguous_wide,
            ascii_marks=self.style.ascii_marks,
            shows=self.style.shows,
        )
        self._page = self.typeset(metrics)
        if self.selected is not None:
            known = [s for s in self.stops() if s[1:] == self.selected[1:]]
            self.selected = known[0] if known else None

    def typeset(self, metrics: Metrics, *, fold: bool = True) -> Page:
        """The article in the reader's words and script, in any measure."""
        from newsreader.typeset.layout import typeset

        article, words = self.article, self.style.words
        if article.language:
            words = words_for(article.language)
        if self.style.convert is not None:
            from newsreader.typeset.converted import converted

            article = converted(article, self.style.convert)
        return typeset(
            article,
            metrics,
            labels=words.labels,
            when=when_told(article, words, self.style.now()),
            minutes=words.say("minutes", n=self.minutes),
            fold=fold,
            unfolded=self.unfolded,
            appendix=self.appendix,
        )

    @property
    def page(self) -> Page:
        """The article as it is typeset; there is one once the pane's size is known."""
        if self._page is None:
            self._typeset()
        assert self._page is not None
        return self._page

    @property
    def side(self) -> int:
        """The blank cells that are kept on both sides of the text."""
        return 3 if self.width >= 64 else 2 if self.width >= 44 else 1 if self.width > 20 else 0

    def _top_for(self, place: Place) -> int:
        if place <= (-1, 0):
            return 0
        return min(self.page.line_of(*place), self.last_top)

    @property
    def last_top(self) -> int:
        """The top line that shows the end of the article."""
        return max(len(self.page.lines) - self.height, 0)

    @property
    def at_end(self) -> bool:
        """Whether the last line is in sight."""
        return self.top >= self.last_top

    @property
    def percent(self) -> int:
        """How much has come into sight, 0 to 100."""
        lines = len(self.page.lines)
        return 100 if self.at_end else min((self.top + self.height) * 100 // lines, 99)

    def image_in_sight(self) -> int:
        """The number of the first image at the pane's top or below it, else of the last one; 0 if there is none."""
        first = max(self.page.lines[self.top].block, 0) if self.page.lines else 0
        numbers = [getattr(block, "image", None) for block in self.article.blocks]
        below = [number for number in numbers[first:] if number]
        return below[0] if below else max((number for number in numbers if number), default=0)

    # --- Headings ---

    @cached_property
    def headings(self) -> dict[int, str]:
        """The headings of the article, by their blocks."""
        from newsreader.article import Heading, plain

        blocks = enumerate(self.article.blocks)
        found = {n: clean_line(plain(block.spans)) for n, block in blocks if isinstance(block, Heading)}
        return {n: text for n, text in found.items() if text}

    @cached_property
    def minutes(self) -> int:
        """How long the article takes to read."""
        return reading_minutes(self.article)

    @property
    def minutes_left(self) -> int:
        """How much of that is left below what is in sight; 0 at the end."""
        return 0 if self.at_end else -(-self.minutes * (100 - self.percent) // 100)

    @property
    def heading(self) -> int | None:
        """The block of the heading under which the top of the pane stands."""
        return max((n for n in self.headings if self.page.line_of(n) <= self.top), default=None)

    def to_heading(self, steps: int) -> bool:
        """Scroll to the next heading, or with -1 to the one before; False if there is none."""
        lines = sorted(map(self.page.line_of, self.headings))
        beyond = [line for line in lines if (line > self.top if steps > 0 else line < self.top)]
        return bool(beyond) and self.go(beyond[0 if steps > 0 else -1])

    # --- Scrolling ---

    def go(self, top: int) -> bool:
        """Scroll so that line `top` stands at the top; whether anything moved."""
        top = max(0, min(top, self.last_top))
        moved = top != self.top
        if moved:
            self.top = top
            self.place = self.page.place_of(top) if top else (-1, 0)
        return moved

    def scroll(self, lines: int) -> bool:
        """Scroll by lines; whether anything moved."""
        return self.go(self.top + lines)

    @property
    def page_lines(self) -> int:
        """How many lines a page is."""
        return max(self.height - (OVERLAP if self.height > 3 * OVERLAP else 0), 1)

    # --- Links and folds ---

    def stops(self) -> list[Stop]:
        """Every link where it begins, and every fold, from top to bottom."""
        first: dict[int, int] = {}
        for line, link in self.page.links:
            first.setdefault(link, line)
        stops = [Stop(line, link, None) for link, line in first.items()]
        stops += [Stop(fold.line, None, fold.blocks[0]) for fold in self.page.folds]
        return sorted(stops, key=lambda stop: stop.line)

    def select(self, steps: int) -> bool:
        """Select the next stop, or with -1 the previous one, from the selected one or from the edge of the pane; False
        if there is none."""
        stops = self.stops()
        shown = self._is_shown(self.selected) if self.selected else False
        if shown and self.selected in stops:
            at = stops.index(self.selected) + steps
        elif steps > 0:
            at = next((i for i, stop in enumerate(stops) if stop.line >= self.top), len(stops))
        else:
            bottom = self.top + self.height
            at = next((i for i in reversed(range(len(stops))) if stops[i].line < bottom), -1)
        if not 0 <= at < len(stops):
            return False
        self.selected = stops[at]
        if not self._is_shown(self.selected):
            self.go(self.selected.line - self.height // 3)
        return True

    def choose(self, stop: Stop) -> None:
        """Select a stop."""
        self.selected = stop

    def start_hints(self) -> bool:
        """Give every link and fold in sight its letters; False if there is none."""
        self.hints = Hints([stop for stop in self.stops() if self._is_shown(stop)])
        return bool(self.hints.stops)

    def _is_shown(self, stop: Stop) -> bool:
        return self.top <= stop.line < self.top + self.height

    # --- Copied text ---

    def drawn(self, text: str) -> str:
        """A text of the page as it is drawn: with fillers where ambiguous characters take two cells."""
        return widen(text) if self.style.ambiguous_wide else text

    def between(self, line: Line, below: Line) -> str:
        """What stood in the article between two lines of the page: nothing or a blank within a paragraph."""
        if (line.block, line.kind) != (below.block, below.kind) or line.kind in ("code", "table"):
            return "\n"
        own = sum(len(run.text) for run in line.runs if not run.ours)
        return " " * (below.offset > line.offset + own)

    def toggle_fold(self, block: int) -> None:
        """Unfold the fold that begins with a block, or fold it again; nothing above it moves."""
        fold = next((fold for fold in self.page.folds if fold.blocks[0] == block), None)
        if fold is None:
            return
        top = self.top
        self.unfolded = self.unfolded.symmetric_difference(fold.blocks)
        self._typeset()
        self.top = -1
        self.go(top)

    def stop_at(self, x: int, y: int) -> Stop | None:
        """The link or fold at a cell of the pane."""
        number = self.top + y
        if number >= len(self.page.lines):
            return None
        line = self.page.lines[number]
        at = self.side + line.indent
        for run in line.runs:
            at += cell_width(run.text, ambiguous_wide=self.style.ambiguous_wide)
            if x < at:
                found = (s for s in self.stops() if (s.link == run.link if run.link else s.fold and s.line == number))
                return next(found, None)
        return None

    def link(self, number: int) -> Link | None:
        """Link `number` of the article."""
        return next((link for link in self.article.links if link.n == number), None)

    def target(self, number: int | None) -> str:
        """Where link `number` leads, in ASCII and without a blank; "" for none, and for one that may not be opened."""
        if number is None:
            return ""
        if number not in self._targets:
            link = self.link(number)
            try:
                self._targets[number] = openable(link.url) if link else ""
            except UnsafeUrl:
                self._targets[number] = ""
        return self._targets[number]

    def go_to_block(self, block: int) -> None:
        """Bring a block to the top, unfolding what hides it."""
        self._unfold(block)
        self.go(self.page.line_of(block))

    def _unfold(self, block: int) -> bool:
        fold = next((fold for fold in self.page.folds if block in fold.blocks and not fold.unfolded), None)
        if fold is not None:
            self.toggle_fold(fold.blocks[0])
        return fold is not None

    @property
    def note(self) -> str:
        """What stands where the selected link leads, within the story; "" for any other."""
        from newsreader.article import plain

        link = self.link(self.selected.link) if self.selected is not None and self.selected.link else None
        place = link.block if link is not None else None
        return "" if place is None else clean_line(plain(self.article.blocks[place].spans))

    # --- Matches of a search ---

    def find(self, query: str, matches: list[tuple[int, int, int]]) -> bool:
        """Show where a query's words stand, from the first on, or with "" nothing any more; whether anything moved."""
        self.query, self.matches, self.match = query, matches, 0
        return bool(matches) and self.go_to_match(0)

    def go_to_match(self, number: int) -> bool:
        """Bring a match into sight, unfolding what hides it; whether anything moved."""
        self.match = number
        block, start, _ = self.matches[number]
        unfolded = self._unfold(block)
        line = self.page.line_of(block, start)
        if self.top <= line < self.top + self.height - 1:
            return unfolded
        return self.go(line - self.height // 3)

    def next_match(self, steps: int) -> int | None:
        """The number of the match after the one shown last; None at the end."""
        number = self.match + steps
        return number if 0 <= number < len(self.matches) else None


def reading_minutes(article: Article) -> int:
    """How long the article takes to read, in whole minutes, at least one. Furniture is not read."""
    from newsreader.script import load_of

    characters, words = load_of(article)
    return max(1, round(characters / HAN_PER_MINUTE + words / WORDS_PER_MINUTE))


def when_told(article: Article, words: Words, now: datetime) -> str:
    """When the article was published (else updated), in the zone of `now`; the source's own day if it told no hour."""
    moment = article.published or article.updated
    if moment is None:
        return ""
    dated = article.precision == "date" and article.published is not None
    try:
        local = moment if dated else moment.astimezone(now.tzinfo)
    except (OverflowError, ValueError):
        local = moment
    return words.moment(local, now.year, hour_known=not dated)
