"""The app: keys in, what they ask for done, what differs painted. Decided only here: the order of these."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property, partial
from inspect import isawaitable
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

from textual import events
from textual.actions import parse
from textual.app import App
from textual.dom import DOMNode
from textual.driver import Driver
from textual.screen import Screen
from textual.theme import Theme

from newsreader.config import Config
from newsreader.errors import NewsreaderError, Warning
from newsreader.reader import Reader
from newsreader.safety import clean_line
from newsreader.ui import external_programs
from newsreader.ui.dialogs import Choice, Item
from newsreader.ui.dispatch import Call, Dispatcher
from newsreader.ui.fetching import Fetching
from newsreader.ui.first_frame import Opening
from newsreader.ui.garbage_collection import Garbage
from newsreader.ui.help import help_choice, palette_choice
from newsreader.ui.indexing import Indexing
from newsreader.ui.key_names import key_name
from newsreader.ui.keys import BY_ID
from newsreader.ui.paint import Painter
from newsreader.ui.palette import DEFAULT, theme_within
from newsreader.ui.panes.line_pane import LinePane
from newsreader.ui.screens.dialog import Dialog, QuestionScreen, own_keys
from newsreader.ui.screens.picker import PickScreen
from newsreader.ui.screens.reading_screen import ReadingScreen
from newsreader.ui.screens.search import SearchScreen
from newsreader.ui.terminal.driver import driver_of
from newsreader.ui.terminal.textual_private import StraightApp
from newsreader.ui.themes import available, keep_palette, made_of, make_palette, role_variables, theme_faults

TICK = 2.0
_BETWEEN = 0.02
"""Seconds that are left to keys between two slices of many marks."""
_PAUSE = 0.02
"""Seconds after a key in which its frame is painted."""
_SOON = 0.2


class NewsreaderApp(StraightApp[int], inherit_bindings=False):
    """newsreader's window on a reader."""

    CSS_PATH = Path(__file__).with_name("newsreader.tcss")
    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE: ClassVar[bool] = False

    def __init__(
        self,
        config: Config,
        reader: Reader,
        *,
        environ: Mapping[str, str] | None = None,
        opening: Opening | None = None,
        driver_class: type[Driver] | None = None,
        clock: Callable[[], datetime] | None = None,
        indexes: bool = True,
    ) -> None:
        """`opening`: the window that the first frame has shown; `indexes`: whether
        to look for new dumps."""
        self.environ = os.environ if environ is None else environ
        self._opening = opening or Opening(config, reader, self.environ, clock=clock)
        self.themes = available(config.places.config / "themes")
        known = (name for name in (self._opening.theme, config.settings.theme, DEFAULT) if name in self.themes)
        theme = self.themes[next(known)]
        self._chosen_theme = self._opening.chosen_theme
        super().__init__(driver_class=driver_class, ansi_color=theme.ansi)
        for one in self.themes.values():
            self.register_theme(one)
        self.set_reactive(App.theme, theme.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.painter = Painter(self._opening.palette)
        self.config = config
        self.reader = reader
        self.status = self._opening.status
        self.reading_screen = ReadingScreen(self._opening, self)
        self.dispatcher = Dispatcher(self._opening.keymap)
        self.indexing = Indexing(self.reading_screen, self._show)
        self.fetches = Fetching(self.reading_screen, self._show)
        self._dialog: tuple[Dialog[Any], Callable[[Any], Awaitable[None] | None]] | None = None
        self._early: list[events.InputEvent | events.Paste] | None = []
        self._indexes = indexes
        self._is_pausing = False
        self._garbage = Garbage()
        self._is_behind = False
        self._notices: list[Warning] = []
        reader.marks.for_window()

    # --- Start ---

    def get_default_screen(self) -> Screen[None]:
        """The reading screen, with its first rows loaded before it is shown."""
        self._opening.start((self.size.width, self.size.height))
        return self.reading_screen

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The variables of the roles, made of the theme's colours."""
        return role_variables(self.current_theme)

    def update_styles(self, node: DOMNode, animate: bool = True) -> None:
        """A whole screen's styles change with the theme only, which is another way: looked up whenever one comes to
        the top, as Textual does, they would take longer than opening a dialog does otherwise."""
        if not isinstance(node, Screen):
            super().update_styles(node, animate)

    def on_mount(self) -> None:
        """Tick from now on."""
        self.theme_changed_signal.subscribe(self, self._paint_in)
        self.set_interval(TICK, self._tick)
        self.set_keymap(own_keys(self._opening.keymap))

    async def on_unmount(self) -> None:
        """Nothing of ours outlives the window."""
        await self.reading_screen.programs.stopped()
        self.indexing.stop()
        self.fetches.stop()
        self.reading_screen.source_commands.stop()

    async def on_ready(self) -> None:
        """The first frame is on its way: what was made for it is there to stay. Earlier keys and clicks count now."""
        self._tell_faults()
        if self.painter.palette.made_of != made_of(self.current_theme):
            await self._paint_in(self.current_theme)
        self.install_screen(PickScreen(self._opening.appearance, self.painter), "pick")
        self.install_screen(SearchScreen(self._opening.appearance, self._opening.headlines, self.painter), "search")
        early, self._early = self._early, None
        for typed in early or ():
            await self.on_event(typed)
        self._garbage.settle()
        self.set_timer(_SOON, _prepare_for_pages)
        self._tell_notices()
        self._show()
        if self._indexes and self.reader.fault is None:
            self.indexing.start()

    def choose_theme(self, name: str) -> None:
        """Show everything in another theme, also after the next start, as long as the settings name the same one."""
        self._chosen_theme = name
        shown = theme_within(name, self._opening.colours)
        self.ansi_color = self.themes[shown].ansi
        self.theme = shown
        if shown != name:
            self.status.say("few_colours", name=name, theme=shown)

    async def _paint_in(self, theme: Theme) -> None:
        """Paint in a theme by what its style sheet says, and keep that for the next start's first frame."""
        palette = await make_palette(self)
        keep_palette(self.config.places, theme.name, palette)
        self.painter.take(palette)
        for screen in self.screen_stack:
            for pane in screen.query(LinePane):
                pane.forget()

    def _tell_faults(self) -> None:
        """Say what of the settings is not taken."""
        places = self.config.places
        faults = self._opening.faults + theme_faults(
            self.config.settings.theme, places.config / "themes", str(places.settings_file)
        )
        faults += [self.reader.fault] if self.reader.fault is not None else []
        if faults:
            self.status.not_taken(*faults)
        elif self._opening.charset not in ("utf-8", "gb18030"):
            self.status.say("only_charset", charset=self._opening.charset.upper())

    def _tell_notices(self) -> None:
        """Say what happened to our files, one thing until the next key; what comes later is nearer to the truth."""
        told = list(self.reader.notices())
        self._notices = told or self._notices
        if self._notices and (told or not self.status.text):
            self.status.complain(self.status.words.notice(self._notices.pop(0)))

    def _show(self) -> None:
        if self.screen_stack:  # none any more while the app ends
            self.reading_screen.sync()

    # --- Events ---

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes end here, in the order they came; Textual gets the rest."""
        if self._early is not None and isinstance(event, (events.InputEvent, events.Paste)):
            self._early.append(event)
            return
        if isinstance(event, (events.Key, events.Paste)):
            await self.do(lambda: self._key(event))
        else:
            await super().on_event(event)
            if isinstance(event, events.Resize):
                self.reading_screen.resize((event.size.width, event.size.height))
                self._show()
            return
        viewport, is_wanted = self._opening.headlines.viewport, self._garbage.use()
        if not self._is_pausing and (is_wanted or viewport.is_short or viewport.paging):
            self._is_pausing = True
            self.set_timer(_PAUSE, self._pause)

    def _pause(self) -> None:
        """What would make keys wait comes between them, and changes nothing that is seen."""
        self._is_pausing = False
        with suppress(NewsreaderError):  # which is told once these rows are wanted
            self.reading_screen.paint_ahead()
        self._garbage.pause()

    async def _key(self, event: events.Key | events.Paste) -> None:
        screen = self.screen
        if isinstance(screen, Dialog):
            await screen.press(event)
        elif self.reading_screen.prompt.is_open:
            await self.reading_screen.prompt.press(event)
        elif isinstance(event, events.Key):
            name = self.dispatcher.keymap.typed(key_name(event.key, event.character))
            self.status.tell("")
            if self.reading_screen.links.take_hint(name):
                return
            call = self.dispatcher.feed(name, self.reading_screen.pane)
            self.status.show_pending(self.dispatcher.pending)
            if call is not None:
                await self._run(call)

    async def _run(self, call: Call) -> None:
        """Carry out a command: by the action that the table of keys names, wherever it is."""
        _, name, parameters = parse(BY_ID[call.command].action or call.command)
        if not self.reading_screen.check_action(name, parameters):
            self.status.say("no_article")
            return
        owners = (*self.reading_screen.commands, self.fetches, self)
        action = next(found for owner in owners if (found := getattr(owner, f"action_{name}", None)) is not None)
        done = action(*parameters, call.number)
        if isawaitable(done):
            await done

    def _tick(self) -> None:
        try:
            if self.reader.changed():
                self.reading_screen.refresh_library(from_top=self.indexing.is_first_look)
            if not self._is_behind:
                self._catch_up()
            if self._indexes:
                self.indexing.start_if_stale()
            self.fetches.start_if_due()
            self.reading_screen.look_at_sources()
            self._tell_notices()
            for search in self.screen_stack[-1:]:
                if isinstance(search, SearchScreen):
                    search.look_again()
            self._opening.article.keep_place()
        except NewsreaderError as error:
            self.status.fail(error)
        self._show()
        self._garbage.rest()

    def _catch_up(self) -> None:
        """Bring in a slice of many marks; the keys come before the next one."""
        was_behind, self._is_behind = self._is_behind, False
        try:
            self._is_behind = self.reader.catch_up()
            if was_behind and not self._is_behind:
                self.reading_screen.refresh_library()
        except NewsreaderError as error:
            self.status.fail(error)
        if self._is_behind:
            self.set_timer(_BETWEEN, self._catch_up)
        elif was_behind:
            self._show()

    # --- Dialogs ---

    def pick(self, choice: Choice, then: Callable[[Item], Awaitable[None] | None]) -> None:
        """Let something be picked."""
        picker = self.get_screen("pick", PickScreen)
        picker.fill(choice)
        self._dialog = picker, then

    def search(self) -> None:
        """Let stories be searched for."""
        search = self.get_screen("search", SearchScreen)
        self._dialog = search, lambda item: self.reading_screen.finding.go(item.value, search.line.value)

    def ask(self, text: str, then: Callable[[], None]) -> None:
        """Ask a question."""
        sign = self._opening.appearance.marks.cut
        question = QuestionScreen(self.painter, text, self.status.words.say("yes_no"), sign)
        self._dialog = question, lambda _: then()

    async def do(self, then: Callable[[], object]) -> None:
        """Do something, open the dialog that it wants before anything else is done, and show what has changed: nothing
        behind a dialog that stays."""
        if not self.screen_stack:
            return  # a timer that ran out while the app closes
        is_behind = isinstance(self.screen, Dialog)
        try:
            done = then()
            if isawaitable(done):
                await done
        except NewsreaderError as error:
            self.status.fail(error)
            is_behind = False
        await self._open()
        if not is_behind or not isinstance(self.screen, Dialog):
            self._show()

    async def _open(self) -> None:
        if self._dialog is not None:
            (screen, then), self._dialog = self._dialog, None

            async def ended(result: Any) -> None:
                if result:
                    await self.do(lambda: then(result))

            await self.push_screen(screen, ended)
            screen.begin()

    # --- What the reading screen asks for ---

    def after(self, seconds: float, then: Callable[[], None]) -> None:
        """Call `then` once, later, and show what changed."""
        self.set_timer(seconds, partial(self.do, then))

    def browse(self, url: str) -> str:
        """Open a safe URL, or a file of ours, in the browser, and wait for one that takes the terminal."""
        browser = external_programs.browser_of(self.environ, self.config.settings.browser)
        if browser is None:
            return "none"
        if not browser.takes_terminal:
            return "opened" if external_programs.browse(browser, url, self.environ) else "failed"
        with self.suspend():
            return "opened" if external_programs.on_terminal(browser.argv(url), self.environ) is not None else "failed"

    def pipe(self, argv: Sequence[str], text: str | None) -> str:
        """Give the terminal to a program, a text as its input if there is one, until it ends; what became of it."""
        say = self.status.words.say
        program = clean_line(argv[0])
        with self.suspend():
            code = external_programs.on_terminal(argv, self.environ, text)
            told = say("pipe_failed" if code is None else "piped", program=program, code=code)
            external_programs.wait_for_enter(f"newsreader: {told} {say('pipe_back')} ")
        return told

    def leave(self) -> None:
        """End, keeping what the next start needs."""
        self.save()
        self.exit(0)

    def save(self) -> None:
        """Keep what the next start needs."""
        try:
            self._opening.article.keep_place()
            theme = [self.config.settings.theme, self._chosen_theme]
            self.reader.save_session({**self.reading_screen.session(), "theme": theme})
        except NewsreaderError as error:
            self.status.fail(error)

    def count_ambiguous(self, wide: bool) -> None:
        """The terminal said how many cells it gives to ambiguous characters: show everything measured so."""
        self.reading_screen.count_ambiguous(wide=wide)
        self._show()

    # --- Commands ---

    def action_palette(self, _count: int | None) -> None:
        """Find a command by name."""
        self.pick(palette_choice(self._opening.keymap, self.status.words), self._picked)

    def action_help(self, _count: int | None) -> None:
        """Every command with its keys."""
        self.pick(self._help, self._picked)

    @cached_property
    def _help(self) -> Choice:
        return help_choice(self._opening.keymap, self.status.words)

    async def _picked(self, item: Item) -> None:
        await self._run(Call(str(item.value)))

    def action_redraw(self, _count: int | None) -> None:
        """Draw the screen again."""
        driver = driver_of(self)
        if driver is not None:
            driver.redraw()
        else:
            self.screen.refresh(layout=True)

    def action_cancel(self, _count: int | None) -> None:
        """Stop what is running."""
        screen = self.reading_screen
        if screen.programs.stop() or screen.source_commands.stop() or self.fetches.stop():
            self.status.say("stopped")
        elif self.indexing.stop():
            self.status.say("index_stopped")
        else:
            self.status.say("nothing_running", key=self._opening.keymap.shown("quit"))

    def action_suspend(self, _count: int | None) -> None:
        """Let the shell have the terminal."""
        self._opening.article.keep_place()
        os.kill(os.getpid(), signal.SIGTSTP)

    async def action_quit(self, _count: int | None = None) -> None:
        self.leave()


def _prepare_for_pages() -> None:
    with suppress(RuntimeError):  # where no thread can be started, the first story does it
        Thread(target=_import_what_a_page_needs, name="imports", daemon=True).start()


def _import_what_a_page_needs() -> None:
    """So that the first story opens as fast as any."""
    import newsreader.typeset.layout  # noqa: F401
    from newsreader.typeset.wrapping import prepare

    prepare()
