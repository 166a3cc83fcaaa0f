"""The reading screen: what is done with the mouse, and what the commands about reading, the view and the panes do; the
others stand in `commands`. Decided only here: what a count means to each, what Esc ends first, and what is said where
one cannot be done.

An action takes what the table of keys says, and then the count that was typed, None if none was."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from textual.geometry import Offset
from textual.widget import Widget

from newsreader.summary import Summary
from newsreader.ui.commands.links import Links
from newsreader.ui.commands.pickers import Pickers
from newsreader.ui.commands.searching import Finding
from newsreader.ui.commands.share import Sharing
from newsreader.ui.commands.source_commands import SourceCommands
from newsreader.ui.commands.user_commands import Programs
from newsreader.ui.first_frame import Opening
from newsreader.ui.keys import Pane
from newsreader.ui.layout import SOURCES_FROM
from newsreader.ui.panes.headlines import Headlines
from newsreader.ui.panes.open_article import OpenArticle
from newsreader.ui.panes.sources import SourceList
from newsreader.ui.panes.widgets import ArticlePane, DividerPane, ReadingPane
from newsreader.ui.screens.pane_screen import PaneScreen

if TYPE_CHECKING:
    from newsreader.ui.app import NewsreaderApp

_MOST: Final = 1000  # times that a count repeats something
_OF_AN_ARTICLE: Final = frozenset(
    ("contents", "heading", "zen", "link", "follow", "hints", "links", "open_links", "copy_links", "image", "images")
)
"""The actions that are for an open story only."""


class ReadingScreen(PaneScreen):
    """The screen of the app; `commands`: what has actions."""

    def __init__(self, opening: Opening, window: NewsreaderApp) -> None:
        super().__init__(opening, window)
        self.pickers = Pickers(self)
        self.finding = Finding(self)
        self.source_commands = SourceCommands(self)
        self.links = Links(self)
        self.sharing = Sharing(self)
        self.programs = Programs(self)
        self.commands = (
            *(self, self.marking, self.pickers, self.finding),
            *(self.source_commands, self.links, self.sharing, self.programs),
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a command can be carried out now."""
        return action not in _OF_AN_ARTICLE or self.article.reading is not None

    # --- The mouse ---

    async def on_reading_pane_turned(self, event: ReadingPane.Turned) -> None:
        """The wheel moves in the pane that it is over."""
        await self.window.do(lambda: self._turn(event.pane, event.lines))

    def _turn(self, pane: Pane | None, lines: int) -> None:
        if pane == "article" and self.article.move(lines):
            self.scrolled()
        elif pane == "sources":
            self.sources.move(lines)
        elif pane == "list":
            self.headlines.move(lines)
            self.preview()

    async def on_reading_pane_clicked(self, event: ReadingPane.Clicked) -> None:
        """A click puts the cursor on a row, or opens the row where it is; one on a source shows its stories."""
        await self.window.do(lambda: self._click(event.pane, event.line))

    def _click(self, pane: Pane | None, line: int) -> None:
        viewport = self.headlines.viewport
        if pane == "sources" and (number := next(iter(self.sources.shown()[line : line + 1]), None)) is not None:
            self.sources.go(number)
            self.action_open(None)
        elif pane == "list" and (shown := viewport.lines()[line : line + 1]):
            row = shown[0].row
            if row == viewport.cursor:
                self.open(viewport.rows[row])
            else:
                self.headlines.move(row - viewport.cursor)
                self.preview()

    async def on_article_pane_stop_clicked(self, event: ArticlePane.StopClicked) -> None:
        """A click follows a link, or unfolds."""
        await self.window.do(lambda: self.links.take(event.chosen))

    async def on_divider_pane_dragged(self, event: DividerPane.Dragged) -> None:
        """A divider is where it was dragged to."""
        self.places.drag(event.divider, event.x, event.y, self.pane)
        self.fit()
        self.sync()

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """What the mouse points at, for selecting text: a drag that began in the article ends there."""
        pane = self.app.mouse_captured
        if isinstance(pane, ArticlePane):
            box = pane.region
            x, y = min(max(x, box.x), box.right - 1), min(max(y, box.y), box.bottom - 1)
        return super().get_widget_and_offset_at(x, y)

    async def on_text_selected(self) -> None:
        """The mouse was let go of: what it has selected is copied."""
        text = self.get_selected_text()
        await self.window.do(lambda: self.links.copy(text) if text else None)

    # --- Moving ---

    @property
    def _focused(self) -> Headlines | OpenArticle | SourceList:
        focused: dict[Pane, Headlines | OpenArticle | SourceList]
        focused = {"list": self.headlines, "article": self.article, "sources": self.sources}
        return focused[self.pane]

    def _moved(self, has_moved: bool) -> None:
        """What the focused pane is about was moved in."""
        if self.pane == "list":
            self.preview()
        elif self.pane == "article" and has_moved:
            self.scrolled()

    def action_move(self, steps: int, count: int | None) -> None:
        """Down (up: negative) by so many rows or lines, so many times."""
        self._moved(self._focused.move(steps * (count or 1)))

    def action_move_page(self, part: float, count: int | None) -> None:
        """Down (up: negative) by a part of a page, so many times."""
        self._moved(self._focused.move_page(part, count or 1))

    def action_go(self, default: int | None, number: int | None) -> None:
        """To row or line `number`, from 1; None is the end."""
        number = number or default
        self._moved(self._focused.go(None if number is None else number - 1))

    # --- Reading ---

    def action_open(self, _count: int | None) -> None:
        """Open what is under the cursor."""
        row, entry = self.headlines.current, self.sources.current
        if self.pane == "sources":
            if entry is not None:
                self.narrow(entry.view(self.headlines.view))
        elif row is not None:
            self.open(row)

    def action_back(self, _count: int | None) -> None:
        """Back to the list."""
        self.article.keep_place()
        self.focus_pane("list")

    def action_read_on(self, count: int | None) -> None:
        """Page the article on; at its end, to the next unread story."""
        row, reading = self.headlines.current, self.article.reading
        is_shown = self.places.geometry(self.pane).article is not None
        if reading is None:
            if row is not None:
                self.open(row, focus=not is_shown)
        elif not is_shown:
            self.focus_pane("article")
        elif not reading.at_end:
            reading.scroll(reading.page_lines * (count or 1))
            self.scrolled()
        else:
            self._to_unread(1, 1, open_it=True)

    def action_page_back(self, count: int | None) -> None:
        """Page the article back."""
        reading = self.article.reading
        if reading is not None and reading.scroll(-reading.page_lines * (count or 1)):
            self.scrolled()

    def _repeat(self, step: Callable[[], bool], count: int | None, otherwise: str) -> None:
        """Do something so many times, as long as it can be done; else say why not."""
        for _ in range(min(count or 1, _MOST)):
            if not step():
                self.status.say(otherwise)
                return

    def action_open_next(self, steps: int, count: int | None) -> None:
        """Open the story below (above: -1) the open one, else the cursor's."""

        def step() -> bool:
            story = self.article.story
            found = self.headlines.current if story is None else self.headlines.viewport.neighbour(story, steps)
            if found is not None:
                self.go_to(found, open_it=True)
            return found is not None

        self._repeat(step, count, "no_next" if steps > 0 else "no_previous")

    def action_unread(self, steps: int, count: int | None) -> None:
        """To the next unread story (before: -1), or match of what is looked for in the open one."""
        if not self.finding.step(steps * (count or 1)):
            self._to_unread(steps, count or 1, open_it=self.pane == "article")

    def _to_unread(self, step: int, count: int, *, open_it: bool) -> None:
        story = self.article.story
        start = story if open_it and story is not None else self.headlines.current
        if start is None:
            return
        if start is story:
            self.marking.set([start], "read", True, by_hand=False)
        row: Summary | None = start
        for _ in range(min(count, _MOST)):
            row = self.headlines.next_unread(row, step) if row else None
        if row is None:
            self.status.say("nothing_unread")
        else:
            self.go_to(row, open_it=open_it)

    def action_history(self, steps: int, count: int | None) -> None:
        """Back (-1) or forward in what was read."""
        self._repeat(lambda: self.travel(steps), count, "no_history" if steps < 0 else "no_forward")

    def action_heading(self, steps: int, count: int | None) -> None:
        """To the next heading, or with -1 the one before."""

        def step() -> bool:
            moved = self.article.reading is not None and self.article.reading.to_heading(steps)
            if moved:
                self.scrolled()
            return moved

        self._repeat(step, count, "no_next_heading")

    def action_script(self, _count: int | None) -> None:
        """Show Chinese in the next script."""
        from newsreader.conversion import SCRIPTS

        self.show_script(SCRIPTS[(SCRIPTS.index(self.appearance.script) + 1) % len(SCRIPTS)])

    # --- What the list shows ---

    def action_show_read(self, _count: int | None) -> None:
        """Hide what is read, or show it."""
        self.change_view(self.headlines.view._replace(unread=not self.headlines.view.unread))

    def action_unfold(self, _count: int | None) -> None:
        """Show what stands under the cursor's row, or fold it again."""
        if self.pane == "list" and not self.headlines.unfold():
            self.status.say("nothing_gathered")

    def action_widen(self, _count: int | None) -> None:
        """End what was looked for, the selection, the view: whichever there is first."""
        if self.finding.end():
            return
        if self.headlines.selection:
            self.headlines.selection.clear()
        elif self.pane == "sources":
            self.focus_pane("list")
        elif self.headlines.is_narrowed:
            self.widen()

    # --- Panes ---

    def action_sources(self, _count: int | None) -> None:
        """Show the sources or hide them; where they have no room, let one be picked."""
        if self.places.size[0] < SOURCES_FROM:
            self.pickers.action_go_source(None)
        else:
            is_shown = not self.places.preferences.sources
            self.places.prefer(sources=is_shown)
            self.show_sources()
            self.focus_pane("sources" if is_shown else "list")
            self.look_at_sources()  # at those in sight, once the pane has its height

    def action_other_pane(self, _count: int | None) -> None:
        """To the pane that comes next."""
        if self.pane == "article":
            self.action_back(None)
            if self.places.geometry(self.pane).sources is not None:
                self.focus_pane("sources")
        elif self.pane == "sources":
            self.focus_pane("list")
        elif self.article.reading is None:
            self.action_open(None)
        else:
            self.focus_pane("article")

    def action_zen(self, _count: int | None) -> None:
        """The article alone, and back."""
        self.places.prefer(zen=not self.places.preferences.zen)
        self.focus_pane("article")

    def action_next_layout(self, _count: int | None) -> None:
        """Another layout."""
        kind = self.places.next()
        self.fit()
        self.status.say("too_small" if kind is None else f"layout_{kind}")

    def action_widen_list(self, steps: int, count: int | None) -> None:
        """Make the list larger, or with -1 smaller."""
        self.places.widen_list(steps * (count or 1))
        self.fit()

    def action_even(self, _count: int | None) -> None:
        """Give the panes their usual sizes."""
        self.places.prefer(columns=None, rows=None, source_columns=None)
        self.fit()

    def action_quit_back(self, _count: int | None) -> None:
        """Back: from what was looked for, to the list, to all stories; then quit."""
        if self.pane == "article":
            if not self.finding.end():
                self.action_back(None)
        elif self.pane == "sources":
            self.focus_pane("list")
        elif self.headlines.is_narrowed:
            self.widen()
        else:
            self.window.leave()
