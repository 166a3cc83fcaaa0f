"""The reading screen: what the commands of the table of keys do about reading, links and panes; those about marks and
the view stand in list_commands. Decided only here: what a count means to each, and what is said where one cannot be
done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.geometry import Offset
from textual.widget import Widget

from newsreader.safety import clean_line
from newsreader.summary import Summary
from newsreader.ui.commands.links import Links
from newsreader.ui.commands.share import Sharing
from newsreader.ui.commands.user_commands import Programs
from newsreader.ui.first_frame import Opening
from newsreader.ui.keys import Pane
from newsreader.ui.paint import Painter
from newsreader.ui.panes.headlines import Headlines
from newsreader.ui.panes.open_article import OpenArticle
from newsreader.ui.panes.sources import SourceList
from newsreader.ui.panes.widgets import ArticlePane, DividerPane, ReadingPane
from newsreader.ui.prompt import Prompt
from newsreader.ui.screens.list_commands import ListCommands
from newsreader.ui.screens.pane_screen import Outside

_MOST: Final = 1000  # times that a count repeats something


class ReadingScreen(ListCommands):
    """The screen of the app, and its actions."""

    def __init__(self, opening: Opening, outside: Outside, painter: Painter, prompt: Prompt) -> None:
        super().__init__(opening, outside, painter, prompt)
        self.links = Links(self)
        self.sharing = Sharing(self)
        self.programs = Programs(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a command can be carried out now."""
        return action not in OF_AN_ARTICLE or self.article.reading is not None

    # --- The mouse ---

    async def on_reading_pane_turned(self, event: ReadingPane.Turned) -> None:
        """The wheel moves in the pane that it is over."""
        await self.outside.do(lambda: self._turn(event.pane, event.lines))

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
        await self.outside.do(lambda: self._click(event.pane, event.line))

    def _click(self, pane: Pane | None, line: int) -> None:
        viewport = self.headlines.viewport
        if pane == "sources" and (number := next(iter(self.sources.shown()[line : line + 1]), None)) is not None:
            self.sources.go(number)
            self.action_open()
        elif pane == "list" and (shown := viewport.lines()[line : line + 1]):
            row = shown[0].row
            if row == viewport.cursor:
                self.open(viewport.rows[row])
            else:
                self.headlines.move(row - viewport.cursor)
                self.preview()

    async def on_article_pane_stop_clicked(self, event: ArticlePane.StopClicked) -> None:
        """A click follows a link, or unfolds."""
        await self.outside.do(lambda: self.links.take(event.chosen))

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
        await self.outside.do(lambda: self.links.copy(text) if text else None)

    # --- Moving ---

    def _moved(self, has_moved: bool) -> None:
        """What the focused pane is about was moved in."""
        if self.pane == "list":
            self.preview()
        elif self.pane == "article" and has_moved:
            self.scrolled()

    @property
    def _focused(self) -> Headlines | OpenArticle | SourceList:
        focused: dict[Pane, Headlines | OpenArticle | SourceList]
        focused = {"list": self.headlines, "article": self.article, "sources": self.sources}
        return focused[self.pane]

    def _move(self, lines: int) -> None:
        self._moved(self._focused.move(lines))

    def _move_page(self, part: float, count: int | None) -> None:
        self._moved(self._focused.move_page(part, count or 1))

    def action_down(self, count: int | None = None) -> None:
        self._move(count or 1)

    def action_up(self, count: int | None = None) -> None:
        self._move(-(count or 1))

    def action_half_down(self, count: int | None = None) -> None:
        self._move_page(0.5, count)

    def action_half_up(self, count: int | None = None) -> None:
        self._move_page(-0.5, count)

    def action_page_down(self, count: int | None = None) -> None:
        self._move_page(1, count)

    def action_page_up(self, count: int | None = None) -> None:
        self._move_page(-1, count)

    def action_top(self, count: int | None = None) -> None:
        self._go(count or 1)

    def action_bottom(self, count: int | None = None) -> None:
        self._go(count)

    def _go(self, number: int | None) -> None:
        """To row or line `number`, from 1; None is the end."""
        self._moved(self._focused.go(None if number is None else number - 1))

    # --- Reading ---

    def action_open(self, _count: int | None = None) -> None:
        row, entry = self.headlines.current, self.sources.current
        if self.pane == "sources":
            if entry is not None:
                self.narrow(entry.view(self.headlines.view))
        elif row is not None:
            self.open(row)

    def action_back(self, _count: int | None = None) -> None:
        self.article.keep_place()
        self.focus_pane("list")

    def action_read_on(self, count: int | None = None) -> None:
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

    def action_page_back(self, count: int | None = None) -> None:
        reading = self.article.reading
        if reading is not None and reading.scroll(-reading.page_lines * (count or 1)):
            self.scrolled()

    def action_next_article(self, count: int | None = None) -> None:
        self._repeat(lambda: self._open_neighbour(1), count, "no_next")

    def action_previous_article(self, count: int | None = None) -> None:
        self._repeat(lambda: self._open_neighbour(-1), count, "no_previous")

    def _repeat(self, step: Callable[[], bool], count: int | None, otherwise: str) -> None:
        """Do something so many times, as long as it can be done; else say why not."""
        for _ in range(min(count or 1, _MOST)):
            if not step():
                self.status.say(otherwise)
                return

    def _open_neighbour(self, steps: int) -> bool:
        """Open the story below (above: -1) the open one, else the cursor's; False at the end of the list."""
        story = self.article.story
        found = self.headlines.current if story is None else self.headlines.viewport.neighbour(story, steps)
        if found is not None:
            self.go_to(found, open_it=True)
        return found is not None

    def action_next_unread(self, count: int | None = None) -> None:
        if not self.finding.step(count or 1):
            self._to_unread(1, count or 1, open_it=self.pane == "article")

    def action_previous_unread(self, count: int | None = None) -> None:
        if not self.finding.step(-(count or 1)):
            self._to_unread(-1, count or 1, open_it=self.pane == "article")

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

    def action_history_back(self, count: int | None = None) -> None:
        self._repeat(lambda: self.travel(-1), count, "no_history")

    def action_history_forward(self, count: int | None = None) -> None:
        self._repeat(lambda: self.travel(1), count, "no_forward")

    def action_contents(self, _count: int | None = None) -> None:
        self.pickers.contents()

    def action_next_heading(self, count: int | None = None) -> None:
        self._repeat(lambda: self._to_heading(1), count, "no_next_heading")

    def action_previous_heading(self, count: int | None = None) -> None:
        self._repeat(lambda: self._to_heading(-1), count, "no_next_heading")

    def _to_heading(self, steps: int) -> bool:
        reading = self.article.reading
        moved = reading is not None and reading.to_heading(steps)
        if moved:
            self.scrolled()
        return moved

    # --- Links ---

    def action_next_link(self, count: int | None = None) -> None:
        self._select(1, count or 1)

    def action_previous_link(self, count: int | None = None) -> None:
        self._select(-1, count or 1)

    def _select(self, step: int, count: int) -> None:
        reading = self.article.reading
        if reading is None:
            return
        for _ in range(min(count, _MOST)):
            if not reading.select(step):
                break
        if not reading.stops():
            self.status.say("no_links")
        self.scrolled()

    def action_follow(self, _count: int | None = None) -> None:
        reading = self.article.reading
        if reading is not None and reading.selected is not None:
            self.links.take(reading.selected)

    def action_browser(self, count: int | None = None) -> None:
        url = self.links.url_of(count, self.marking.target())
        if url is not None:
            self.links.browse(url)

    def action_browser_read(self, count: int | None = None) -> None:
        row = self.marking.target()
        url = self.links.url_of(count, row)
        if url is not None and self.links.browse(url) and row is not None and count is None:
            self.marking.set([row], "read", True)

    def action_copy_url(self, count: int | None = None) -> None:
        url = self.links.url_of(count, self.marking.target())
        if url is not None:
            self.links.copy(url)

    def action_copy_title(self, _count: int | None = None) -> None:
        row = self.marking.target()
        if row is not None:
            self.links.copy(f"{clean_line(row.title)}\n{clean_line(row.url)}")

    def action_links(self, _count: int | None = None) -> None:
        self.links.list_links()

    def action_open_links(self, _count: int | None = None) -> None:
        self.links.open_all()

    def action_copy_links(self, _count: int | None = None) -> None:
        self.links.copy_all()

    def action_image(self, count: int | None = None) -> None:
        self.links.look_at(count)

    def action_images(self, _count: int | None = None) -> None:
        self.links.list_images()

    def action_hints(self, _count: int | None = None) -> None:
        reading = self.article.reading
        self.status.say("pick_hint" if reading is not None and reading.start_hints() else "no_links")

    def take_hint(self, key: str) -> bool:
        """A key while the letters of links are shown; False while they are not."""
        reading = self.article.reading
        if reading is None or not reading.hints:
            return False
        stop = reading.hint(key) if len(key) == 1 else None
        if len(key) != 1:
            reading.stop_hints()
        if stop is not None:
            self.links.take(stop)
        return True

    def action_save(self, _count: int | None = None) -> None:
        rows = self.marking.targets(None)
        if rows:
            self.sharing.save(rows)

    def action_pipe(self, _count: int | None = None) -> None:
        rows = self.marking.targets(None)
        if rows:
            self.sharing.pipe(rows)

    def action_run_command(self, _count: int | None = None) -> None:
        if rows := self.marking.targets(None):
            self.programs.choose(rows)

    # --- Panes ---

    def action_other_pane(self, _count: int | None = None) -> None:
        if self.pane == "article":
            self.action_back()
            if self.places.geometry(self.pane).sources is not None:
                self.focus_pane("sources")
        elif self.pane == "sources":
            self.focus_pane("list")
        elif self.article.reading is None:
            self.action_open()
        else:
            self.focus_pane("article")

    def action_zen(self, _count: int | None = None) -> None:
        self.places.prefer(zen=not self.places.preferences.zen)
        self.focus_pane("article")

    def action_next_layout(self, _count: int | None = None) -> None:
        kind = self.places.next()
        self.fit()
        self.status.say("too_small" if kind is None else f"layout_{kind}")

    def action_script(self, _count: int | None = None) -> None:
        from newsreader.conversion import SCRIPTS

        self.show_script(SCRIPTS[(SCRIPTS.index(self.appearance.script) + 1) % len(SCRIPTS)])

    def action_narrower(self, count: int | None = None) -> None:
        self._widen_list(-(count or 1))

    def action_wider(self, count: int | None = None) -> None:
        self._widen_list(count or 1)

    def _widen_list(self, steps: int) -> None:
        self.places.widen_list(steps)
        self.fit()

    def action_even(self, _count: int | None = None) -> None:
        self.places.prefer(columns=None, rows=None, source_columns=None)
        self.fit()

    def action_quit_back(self, _count: int | None = None) -> None:
        if self.pane == "article":
            if not self.finding.end():
                self.action_back()
        elif self.pane == "sources":
            self.focus_pane("list")
        elif self.headlines.is_narrowed:
            self.widen()
        else:
            self.outside.leave()


OF_AN_ARTICLE: Final = frozenset(
    (
        *("contents", "next_heading", "previous_heading", "hints", "image", "images", "zen"),
        *("links", "open_links", "copy_links"),
    )
)
"""The commands that are for an open story only."""
