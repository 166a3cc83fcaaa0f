"""The commands: what each id of the table of keys does; those about marks and the view stand in list_commands.

Owns: COMMAND methods and nothing else; state is the desk's. Decided only here: what a count means to each, and what is
said when one cannot be done. Pure: no textual, no rich. Never: which key it was.
"""

from __future__ import annotations

from typing import Final, Protocol

from newsreader.errors import NewsreaderError
from newsreader.safety import clean_line
from newsreader.summary import Summary
from newsreader.ui.desk import Desk
from newsreader.ui.dialogs import Item
from newsreader.ui.dispatch import Call
from newsreader.ui.help import help_choice, palette_choice
from newsreader.ui.keys import Keymap
from newsreader.ui.layout import next_kind, resized
from newsreader.ui.links import Following, World
from newsreader.ui.list_commands import ListCommands
from newsreader.ui.share import Handing, Programs


class Outside(World, Programs, Protocol):
    """What the commands need of the program around them."""

    def leave(self) -> None:
        """End the program."""
        ...

    def suspend_now(self) -> None:
        """Stop until the shell continues us."""
        ...

    def redraw(self) -> None:
        """Paint everything again."""
        ...

    def fetch(self) -> None:
        """Fetch what is new, in the background."""
        ...

    def full_text(self, row: Summary) -> None:
        """Bring in the text of a story's own page, in the background."""
        ...

    def list_failures(self) -> None:
        """Show what could not be fetched."""
        ...

    def cancel_work(self) -> bool:
        """Stop what runs in the background; False if nothing does."""
        ...


class Commands(ListCommands):
    """Carries out calls on the desk."""

    def __init__(self, desk: Desk, keymap: Keymap, outside: Outside) -> None:
        super().__init__(desk, outside)
        self.keymap = keymap
        self.outside = outside
        self.following = Following(desk, outside)
        self.handing = Handing(desk, outside)

    def run(self, call: Call) -> None:
        """Do what was asked for; an error of ours becomes a line in the status line."""
        try:
            getattr(self, f"do_{call.command}")(call.number)
        except NewsreaderError as error:
            self.desk.fail(error)

    def _run_picked(self, item: Item) -> None:
        self.run(Call(str(item.value)))

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

    def do_down(self, count: int | None) -> None:
        self._move(count or 1)

    def do_up(self, count: int | None) -> None:
        self._move(-(count or 1))

    def do_half_down(self, count: int | None) -> None:
        self._move_page(0.5, count)

    def do_half_up(self, count: int | None) -> None:
        self._move_page(-0.5, count)

    def do_page_down(self, count: int | None) -> None:
        self._move_page(1, count)

    def do_page_up(self, count: int | None) -> None:
        self._move_page(-1, count)

    def do_top(self, count: int | None) -> None:
        self._go(count or 1)

    def do_bottom(self, count: int | None) -> None:
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

    def do_open(self, _count: int | None) -> None:
        desk = self.desk
        row = desk.window.current
        if desk.pane == "sources":
            if desk.sources.current is not None:
                desk.narrow(desk.sources.current.view(desk.view))
        elif row is not None:
            desk.open(row)

    def do_back(self, _count: int | None) -> None:
        self.desk.keep_place()
        self.desk.focus("list")

    def do_read_on(self, count: int | None) -> None:
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

    def do_page_back(self, count: int | None) -> None:
        desk = self.desk
        if desk.reading is not None and desk.reading.scroll(-desk.reading.page_lines * (count or 1)):
            desk.scrolled()

    def do_next_article(self, count: int | None) -> None:
        self._neighbour(1, count or 1)

    def do_previous_article(self, count: int | None) -> None:
        self._neighbour(-1, count or 1)

    def _neighbour(self, step: int, count: int) -> None:
        for _ in range(min(count, 1000)):
            if not self.desk.open_neighbour(step):
                self.desk.say("no_next" if step > 0 else "no_previous")
                return

    def do_next_unread(self, count: int | None) -> None:
        if not self.finding.step(count or 1):
            self._to_unread(1, count or 1, open_it=self.desk.pane == "article")

    def do_previous_unread(self, count: int | None) -> None:
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

    def do_history_back(self, count: int | None) -> None:
        self._travel(-1, count or 1)

    def do_history_forward(self, count: int | None) -> None:
        self._travel(1, count or 1)

    def _travel(self, step: int, count: int) -> None:
        for _ in range(min(count, 1000)):
            if not self.desk.travel(step):
                self.desk.say("no_history" if step < 0 else "no_forward")
                return

    # --- Links ---

    def do_next_link(self, count: int | None) -> None:
        self._select(1, count or 1)

    def do_previous_link(self, count: int | None) -> None:
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

    def do_follow(self, _count: int | None) -> None:
        reading = self.desk.reading
        if reading is not None and reading.selected is not None:
            self.following.take(reading.selected)

    def do_browser(self, count: int | None) -> None:
        url = self.following.url_of(count, self.desk.marking.target())
        if url is not None:
            self.following.browse(url)

    def do_browser_read(self, count: int | None) -> None:
        url, row = self.following.url_of(count, self.desk.marking.target()), self.desk.marking.target()
        if url is not None and self.following.browse(url) and row is not None and count is None:
            self.desk.marking.set([row], "read", True)

    def do_copy_url(self, count: int | None) -> None:
        url = self.following.url_of(count, self.desk.marking.target())
        if url is not None:
            self.following.copy(url)

    def do_copy_title(self, _count: int | None) -> None:
        row = self.desk.marking.target()
        if row is not None:
            self.following.copy(f"{clean_line(row.title)}\n{clean_line(row.url)}")

    def do_links(self, _count: int | None) -> None:
        self.following.list_links()

    def do_image(self, count: int | None) -> None:
        self.following.look_at(count)

    def do_images(self, _count: int | None) -> None:
        self.following.list_images()

    def do_hints(self, _count: int | None) -> None:
        desk = self.desk
        if desk.reading is None or desk.geometry.article is None:
            desk.say("no_article")
        elif desk.reading.start_hints():
            desk.say("pick_hint")
        else:
            desk.say("no_links")

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

    def do_save(self, _count: int | None) -> None:
        row = self.desk.marking.target()
        if row is not None:
            self.handing.save(row)

    def do_pipe(self, _count: int | None) -> None:
        row = self.desk.marking.target()
        if row is not None:
            self.handing.pipe(row)

    # --- Panes ---

    def do_other_pane(self, _count: int | None) -> None:
        desk = self.desk
        if desk.pane == "article":
            self.do_back(None)
            if desk.geometry.sources is not None:
                desk.focus("sources")
        elif desk.pane == "sources":
            desk.focus("list")
        elif desk.reading is None:
            self.do_open(None)
        else:
            desk.focus("article")

    def do_zen(self, _count: int | None) -> None:
        desk = self.desk
        if desk.reading is None:
            desk.say("no_article")
            return
        desk.preferences = desk.preferences._replace(zen=not desk.preferences.zen)
        desk.pane = "article"
        desk.arrange()

    def do_next_layout(self, _count: int | None) -> None:
        desk = self.desk
        kind = next_kind(*desk.size, desk.preferences)
        desk.preferences = desk.preferences._replace(kind=kind, zen=False)
        desk.arrange()
        desk.say("too_small" if next_kind(*desk.size, desk.preferences) == kind else f"layout_{kind}")

    def do_script(self, _count: int | None) -> None:
        from newsreader.conversion import SCRIPTS

        self.desk.show_script(SCRIPTS[(SCRIPTS.index(self.desk.script) + 1) % len(SCRIPTS)])

    def do_narrower(self, count: int | None) -> None:
        self._resize(-(count or 1))

    def do_wider(self, count: int | None) -> None:
        self._resize(count or 1)

    def _resize(self, steps: int) -> None:
        desk = self.desk
        desk.preferences = resized(*desk.size, desk.preferences, steps)
        desk.arrange()

    def do_even(self, _count: int | None) -> None:
        desk = self.desk
        desk.preferences = desk.preferences._replace(columns=None, rows=None)
        desk.arrange()

    # --- Program ---

    def do_palette(self, _count: int | None) -> None:
        self.outside.pick(palette_choice(self.keymap, self.desk.words), self._run_picked)

    def do_help(self, _count: int | None) -> None:
        self.outside.pick(help_choice(self.keymap, self.desk.words), self._run_picked)

    def do_fetch(self, _count: int | None) -> None:
        self.outside.fetch()

    def do_full_text(self, _count: int | None) -> None:
        row = self.desk.marking.target()
        if row is not None:
            self.outside.full_text(row)

    def do_failures(self, _count: int | None) -> None:
        self.outside.list_failures()

    def do_redraw(self, _count: int | None) -> None:
        self.outside.redraw()

    def do_cancel(self, _count: int | None) -> None:
        if self.outside.cancel_work():
            self.desk.say("index_stopped")
        else:
            self.desk.say("nothing_running", key=self.keymap.shown("quit"))

    def do_suspend(self, _count: int | None) -> None:
        self.desk.keep_place()
        self.outside.suspend_now()

    def do_quit_back(self, _count: int | None) -> None:
        desk = self.desk
        if desk.pane == "article":
            if not self.finding.end():
                self.do_back(None)
        elif desk.pane == "sources":
            desk.focus("list")
        elif desk.is_narrowed:
            desk.widen()
        else:
            self.outside.leave()

    def do_quit(self, _count: int | None) -> None:
        self.outside.leave()


METHODS: Final = tuple(name.removeprefix("do_") for name in dir(Commands) if name.startswith("do_"))
"""The ids of the commands that can be carried out."""
