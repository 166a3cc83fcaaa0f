"""What the commands of the table of keys do on the reading screen: reading, links and panes; those about marks and the
view stand in list_commands. Decided only here: what a count means to each, and what is said when one cannot be done."""

from __future__ import annotations

from typing import Final, Protocol

from newsreader.safety import clean_line
from newsreader.summary import Summary
from newsreader.ui.desk import Desk
from newsreader.ui.layout import next_kind, resized
from newsreader.ui.links import Following, World
from newsreader.ui.list_commands import ListCommands
from newsreader.ui.share import Handing, Programs


class Outside(World, Programs, Protocol):
    """What the commands need of the app."""

    def leave(self) -> None:
        """End the program."""
        ...


class Commands(ListCommands):
    """The actions of the reading screen."""

    def __init__(self, desk: Desk, outside: Outside) -> None:
        super().__init__(desk, outside)
        self.outside = outside
        self.following = Following(desk, outside)
        self.handing = Handing(desk, outside)

    # --- Moving ---

    def _move(self, rows: int) -> None:
        desk = self.desk
        if desk.pane == "sources":
            desk.sources.go(desk.sources.cursor + rows)
        elif desk.pane == "list":
            desk.window.move(rows)
            desk.preview()
        elif desk.reading is not None and desk.reading.scroll(rows):
            desk.scrolled()

    def _move_page(self, part: float, count: int | None) -> None:
        desk = self.desk
        if desk.pane == "sources":
            lines = max(int(desk.size[1] * abs(part)) - 2, 1) * (count or 1)
            desk.sources.go(desk.sources.cursor + (lines if part > 0 else -lines))
        elif desk.pane == "list":
            lines = max(int(desk.window.height * abs(part)), 1)
            desk.window.move_lines((lines if part > 0 else -lines) * (count or 1))
            desk.preview()
        elif desk.reading is not None:
            lines = max(int(desk.reading.page_lines * abs(part)), 1)
            if desk.reading.scroll((lines if part > 0 else -lines) * (count or 1)):
                desk.scrolled()

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
        desk = self.desk
        if desk.pane == "sources":
            desk.sources.go(len(desk.sources.entries) if number is None else number - 1)
        elif desk.pane == "list":
            if number is None:
                desk.window.to_end()
            elif number == 1:
                desk.window.to_start()
            else:
                desk.window.to_rank(number - 1)
            desk.preview()
        elif desk.reading is not None:
            goal = desk.reading.last_top if number is None else number - 1
            if desk.reading.go(goal):
                desk.scrolled()

    # --- Reading ---

    def action_open(self, _count: int | None = None) -> None:
        desk = self.desk
        row = desk.window.current
        if desk.pane == "sources":
            if desk.sources.current is not None:
                desk.narrow(desk.sources.current.view(desk.view))
        elif row is not None:
            desk.open(row)

    def action_back(self, _count: int | None = None) -> None:
        self.desk.keep_place()
        self.desk.focus("list")

    def action_read_on(self, count: int | None = None) -> None:
        desk = self.desk
        current = desk.window.current
        if desk.reading is None:
            if current is not None:
                desk.open(current, focus=desk.geometry.article is None)
        elif desk.geometry.article is None:
            desk.focus("article")
        elif not desk.reading.at_end:
            desk.reading.scroll(desk.reading.page_lines * (count or 1))
            desk.scrolled()
        else:
            self._to_unread(1, 1, open_it=True)

    def action_page_back(self, count: int | None = None) -> None:
        desk = self.desk
        if desk.reading is not None and desk.reading.scroll(-desk.reading.page_lines * (count or 1)):
            desk.scrolled()

    def action_next_article(self, count: int | None = None) -> None:
        self._neighbour(1, count or 1)

    def action_previous_article(self, count: int | None = None) -> None:
        self._neighbour(-1, count or 1)

    def _neighbour(self, step: int, count: int) -> None:
        for _ in range(min(count, 1000)):
            if not self.desk.open_neighbour(step):
                self.desk.say("no_next" if step > 0 else "no_previous")
                return

    def action_next_unread(self, count: int | None = None) -> None:
        if not self.finding.step(count or 1):
            self._to_unread(1, count or 1, open_it=self.desk.pane == "article")

    def action_previous_unread(self, count: int | None = None) -> None:
        if not self.finding.step(-(count or 1)):
            self._to_unread(-1, count or 1, open_it=self.desk.pane == "article")

    def _to_unread(self, step: int, count: int, *, open_it: bool) -> None:
        desk = self.desk
        start = desk.story if open_it and desk.story is not None else desk.window.current
        if start is None:
            return
        if open_it and start is desk.story:
            desk.marking.set([start], "read", True, by_hand=False)
        row: Summary | None = start
        for _ in range(min(count, 1000)):
            row = desk.next_unread(row, step) if row else None
        if row is None:
            desk.say("nothing_unread")
        else:
            desk.go_to(row, open_it=open_it)

    def action_history_back(self, count: int | None = None) -> None:
        self._travel(-1, count or 1)

    def action_history_forward(self, count: int | None = None) -> None:
        self._travel(1, count or 1)

    def _travel(self, step: int, count: int) -> None:
        for _ in range(min(count, 1000)):
            if not self.desk.travel(step):
                self.desk.say("no_history" if step < 0 else "no_forward")
                return

    # --- Links ---

    def action_next_link(self, count: int | None = None) -> None:
        self._select(1, count or 1)

    def action_previous_link(self, count: int | None = None) -> None:
        self._select(-1, count or 1)

    def _select(self, step: int, count: int) -> None:
        reading = self.desk.reading
        if reading is None:
            return
        for _ in range(min(count, 1000)):
            if not reading.select(step):
                break
        if not reading.stops():
            self.desk.say("no_links")
        self.desk.scrolled()

    def action_follow(self, _count: int | None = None) -> None:
        reading = self.desk.reading
        if reading is not None and reading.selected is not None:
            self.following.take(reading.selected)

    def action_browser(self, count: int | None = None) -> None:
        url = self.following.url_of(count, self.desk.marking.target())
        if url is not None:
            self.following.browse(url)

    def action_browser_read(self, count: int | None = None) -> None:
        url, row = self.following.url_of(count, self.desk.marking.target()), self.desk.marking.target()
        if url is not None and self.following.browse(url) and row is not None and count is None:
            self.desk.marking.set([row], "read", True)

    def action_copy_url(self, count: int | None = None) -> None:
        url = self.following.url_of(count, self.desk.marking.target())
        if url is not None:
            self.following.copy(url)

    def action_copy_title(self, _count: int | None = None) -> None:
        row = self.desk.marking.target()
        if row is not None:
            self.following.copy(f"{clean_line(row.title)}\n{clean_line(row.url)}")

    def action_links(self, _count: int | None = None) -> None:
        self.following.list_links()

    def action_image(self, count: int | None = None) -> None:
        self.following.look_at(count)

    def action_images(self, _count: int | None = None) -> None:
        self.following.list_images()

    def action_hints(self, _count: int | None = None) -> None:
        reading = self.desk.reading
        self.desk.say("pick_hint" if reading is not None and reading.start_hints() else "no_links")

    def take_hint(self, key: str) -> None:
        """A key while the letters of links are shown."""
        reading = self.desk.reading
        if reading is None:
            return
        stop = reading.hint(key) if len(key) == 1 else None
        if len(key) != 1:
            reading.stop_hints()
        if stop is not None:
            self.following.take(stop)

    def action_save(self, _count: int | None = None) -> None:
        row = self.desk.marking.target()
        if row is not None:
            self.handing.save(row)

    def action_pipe(self, _count: int | None = None) -> None:
        row = self.desk.marking.target()
        if row is not None:
            self.handing.pipe(row)

    # --- Panes ---

    def action_other_pane(self, _count: int | None = None) -> None:
        desk = self.desk
        if desk.pane == "article":
            self.action_back()
            if desk.geometry.sources is not None:
                desk.focus("sources")
        elif desk.pane == "sources":
            desk.focus("list")
        elif desk.reading is None:
            self.action_open()
        else:
            desk.focus("article")

    def action_zen(self, _count: int | None = None) -> None:
        desk = self.desk
        desk.preferences = desk.preferences._replace(zen=not desk.preferences.zen)
        desk.pane = "article"
        desk.arrange()

    def action_next_layout(self, _count: int | None = None) -> None:
        desk = self.desk
        kind = next_kind(*desk.size, desk.preferences)
        desk.preferences = desk.preferences._replace(kind=kind, zen=False)
        desk.arrange()
        desk.say("too_small" if next_kind(*desk.size, desk.preferences) == kind else f"layout_{kind}")

    def action_script(self, _count: int | None = None) -> None:
        from newsreader.conversion import SCRIPTS

        self.desk.show_script(SCRIPTS[(SCRIPTS.index(self.desk.script) + 1) % len(SCRIPTS)])

    def action_narrower(self, count: int | None = None) -> None:
        self._resize(-(count or 1))

    def action_wider(self, count: int | None = None) -> None:
        self._resize(count or 1)

    def _resize(self, steps: int) -> None:
        desk = self.desk
        desk.preferences = resized(*desk.size, desk.preferences, steps)
        desk.arrange()

    def action_even(self, _count: int | None = None) -> None:
        desk = self.desk
        desk.preferences = desk.preferences._replace(columns=None, rows=None)
        desk.arrange()

    def action_quit_back(self, _count: int | None = None) -> None:
        desk = self.desk
        if desk.pane == "article":
            if not self.finding.end():
                self.action_back()
        elif desk.pane == "sources":
            desk.focus("list")
        elif desk.is_narrowed:
            desk.widen()
        else:
            self.outside.leave()


OF_AN_ARTICLE: Final = frozenset({"hints", "image", "images", "links", "zen"})
"""The commands that are for an open story only."""
