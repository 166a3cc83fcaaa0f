"""What the window is about at the moment: the view and its rows, the open article, the marks made, what was typed.

Decided only here: what opening, reading on, marking and leaving do. Pure: no textual, no rich; the world outside is
behind `Host`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from newsreader.config import Config
from newsreader.errors import NewsreaderError, NotFound, StorageFailed, Unsearchable
from newsreader.reader import Counts, Reader, Sort, View
from newsreader.summary import Summary
from newsreader.ui import session
from newsreader.ui.clusters import Clusters
from newsreader.ui.history import History, Step
from newsreader.ui.i18n import Words
from newsreader.ui.keys import Keymap, Pane
from newsreader.ui.layout import Geometry, Preferences, geometry
from newsreader.ui.list_viewport import ListViewport
from newsreader.ui.marking import Marking
from newsreader.ui.reading import Place as Spot
from newsreader.ui.reading import Reading, Style
from newsreader.ui.rows import Columns, columns, day_of, marks_for, row_height, widest_source
from newsreader.ui.sources import SourceList, entries
from newsreader.ui.views import ViewShelf

if TYPE_CHECKING:
    from newsreader.article import Style as TextStyle
    from newsreader.conversion import Script
    from newsreader.reader.ingest import Progress

SETTLED: Final = 0.5  # seconds of no scrolling after which the place in the article is kept


class Host(Protocol):
    """What the desk needs of the program around it."""

    def clock(self) -> datetime:
        """The present."""
        ...

    def after(self, seconds: float, then: Callable[[], None]) -> None:
        """Call `then` once, later; then show what changed."""
        ...


class Place(NamedTuple):
    """Where the reader was in the list: the view, the cursor's row and its line of the pane, and the focus."""

    view: View
    row: Summary | None
    line: int
    pane: Pane


class Desk:
    """The state of the window."""

    def __init__(
        self,
        config: Config,
        reader: Reader,
        words: Words,
        keymap: Keymap,
        host: Host,
        *,
        ascii_marks: bool = False,
        shows: frozenset[TextStyle] = frozenset(),
    ) -> None:
        settings = config.settings
        self.settings = settings
        self.reader = reader
        self.words = words
        self.keymap = keymap
        self.host = host
        self.zone = settings.timezone
        self.script: Script = "written"
        self.style = Style(settings.measure, bool(settings.ambiguous_wide), ascii_marks, words, self.now, shows=shows)
        self.marks = marks_for(ascii_marks=ascii_marks, ambiguous_wide=self.style.ambiguous_wide)
        self.view = View()
        self.counts = Counts(0, 0)
        self.pane: Pane = "list"
        self.preferences = Preferences()
        self.size = (80, 24)
        self.message = ""
        self.is_error = False
        self.pending = ""
        self.progress: Progress | None = None
        self.fetching = ""
        self.awaited = ""
        self.typed: dict[str, list[str]] = {}
        """What was typed at each prompt, the latest last."""
        self.left_open: Summary | None = None
        """The story that the last session ended in, until it is opened again."""
        self.story: Summary | None = None
        self.reading: Reading | None = None
        self.previewed = False
        self.columns: Columns = columns(80, 0, two_lines=False)
        self.shelf = self._shelf(self.view)
        self.window = ListViewport(self.shelf, self._heading, self._height)
        self.marking = Marking(self)
        self.sources = SourceList()
        self._heights: dict[str, int] = {}
        self._widest = 0
        self._entered: Place | None = None
        self._opened = 0
        self._scrolled = 0
        self._kept_place: tuple[str, Spot] | None = None
        self.history = History()

    def now(self) -> datetime:
        """The present in the reader's zone."""
        return self.host.clock().astimezone(self.zone)

    # --- Start and end ---

    def start(self, size: tuple[int, int]) -> None:
        """Load the first rows, or those that the last session ended with; its story waits for `reopen`."""
        self.size = size
        if self.settings.script != "written":
            self.show_script(self.settings.script)
            if self.script == self.settings.script:
                self.hush()
        kept = self.reader.session()
        self._restore_look(kept)
        self._look_at_sources()
        self.counts = self.reader.counts(self.view)
        cursor = kept.get("cursor")
        row = self.window.shelf.summary(cursor) if isinstance(cursor, str) else None
        self.arrange()
        if row is not None:
            line = kept.get("line")
            self.window.touched = True
            self.window.load_around(row, line if isinstance(line, int) else 0)
            self.window.ensure_visible()
        else:
            self.window.load()
        opened = kept.get("open")
        self.left_open = self.window.shelf.summary(opened) if isinstance(opened, str) else None
        if self.left_open is not None and kept.get("pane") == "article":
            self.pane = "article"
            self.arrange()

    def reopen(self) -> None:
        """Open the story that the last session ended in, which takes longer than its rows."""
        story, self.left_open = self.left_open, None
        if story is not None:
            if not self._show(story, None):
                self.pane = "list"
            self.arrange()

    def session(self) -> dict[str, Any]:
        """What the next start needs to look like this."""
        return session.saved(self)

    def _restore_look(self, kept: dict[str, Any]) -> None:
        self.preferences = session.preferences_of(kept)
        self.typed = session.typed_of(kept)
        view = session.view_of(kept)
        if self.reader.counts(view).stories:
            self._use_view(view)
        elif view.unread:
            self._use_view(View(unread=True))

    # --- Size and layout ---

    @property
    def geometry(self) -> Geometry:
        """Where the panes stand now."""
        return geometry(*self.size, self.preferences, self.pane, self.sources.width)

    def arrange(self) -> None:
        """Fit the rows and the article to the panes: the cursor's row and the article's top stay."""
        where = self.geometry
        if where.list is not None:
            shape = columns(
                where.list.width,
                self._widest,
                two_lines=self.settings.two_line_titles,
                ambiguous_wide=self.style.ambiguous_wide,
                sort=self.view.sort,
            )
            reflowed = shape != self.columns
            if reflowed:
                # The line of the cursor is known by the heights that rows have had.
                line = self.window.cursor_line
                self.columns = shape
                self._heights.clear()
                self.window.show_at(line)
            self.window.resize(where.list.height, reflowed=reflowed)
        if where.article is not None and self.reading is not None:
            self.reading.resize(where.article.width, where.article.height)

    def count_ambiguous(self, *, wide: bool) -> None:
        """The terminal gives ambiguous characters two cells, or one: everything is measured anew."""
        self.style = self.style._replace(ambiguous_wide=wide)
        self.marks = marks_for(ascii_marks=self.style.ascii_marks, ambiguous_wide=wide)
        if self.reading is not None:
            self.reading.restyle(self.style)
        self.arrange()

    def show_script(self, script: Script) -> None:
        """Show Chinese in a script, in the list and in the article; says which, or why it cannot be."""
        from newsreader.conversion import converter

        try:
            convert = converter(script)
        except ImportError:
            self.say("no_conversion")
            return
        self.say(f"script_{script}")
        self.script, self.style = script, self.style._replace(convert=convert)
        self._heights.clear()
        if self.reading is not None:
            self.reading.restyle(self.style)

    def _heading(self, row: Summary) -> date | str | None:
        """What stands above the rows that share it: the day, the source, or "" for nothing."""
        if self.view.sort == "date":
            return day_of(row, self.zone)
        return row.source if self.view.sort == "source" else ""

    def _height(self, row: Summary) -> int:
        if not self.columns.two_lines or self.shelf.is_under(row):
            return 1
        height = self._heights.get(row.id)
        if height is None:
            if len(self._heights) > 4096:
                self._heights.clear()
            height = self._heights[row.id] = row_height(self.worded(row), self.columns)
        return height

    def worded(self, row: Summary) -> Summary:
        """A row with its title in the script that is shown."""
        return row if self.style.convert is None else row._replace(title=self.style.convert(row.title))

    def _look_at_sources(self) -> None:
        self._widest = widest_source(source.name for source in self.reader.sources())
        self._count_sources()

    def _count_sources(self) -> None:
        if self.preferences.sources:
            self.sources.load(entries(self.reader, self.words))

    def load_sources(self) -> None:
        """Read the sources pane again."""
        self.sources.load(entries(self.reader, self.words), self.view)

    def toggle_sources(self) -> None:
        """Show the sources with the focus in them, or hide them."""
        self.preferences = self.preferences._replace(sources=not self.preferences.sources, zen=False)
        self.load_sources()
        self.focus("sources" if self.preferences.sources else "list")

    def focus(self, pane: Pane) -> None:
        """Give a pane the focus."""
        self.pane = pane
        if pane != "article":
            self.preferences = self.preferences._replace(zen=False)
        self.arrange()

    # --- Saying something ---

    def say(self, phrase: str, /, **fields: object) -> None:
        """Show a line until the next key."""
        self.tell(self.words.say(phrase, **fields))

    def tell(self, text: str) -> None:
        """Show a line that is worded already."""
        self.message, self.is_error = text, False

    def complain(self, text: str) -> None:
        """Show a line about an error until the next key; cleaned by whoever shows it."""
        self.message, self.is_error = text, True

    def fail(self, error: NewsreaderError) -> None:
        """Show a line about an error of ours."""
        if isinstance(error, Unsearchable):
            self.complain(self.words.say("unsearchable", why=error.why))
        elif isinstance(error, StorageFailed):
            self.complain(self.words.say("not_saved", why=error.why))
        elif isinstance(error, NotFound):
            self.complain(self.words.say("gone"))
        else:
            self.complain(self.words.say("failed", why=f"{error.where} {error.why}"))

    def hush(self) -> None:
        """Take the line away."""
        self.message, self.is_error = "", False

    # --- The view ---

    def _use_view(self, view: View, came_from: Place | None = None) -> None:
        if not self.is_narrowed:
            self._entered = came_from or self.here()
        self.view = view
        self.shelf = self.window.shelf = self._shelf(view)

    def _shelf(self, view: View) -> Clusters:
        return Clusters(ViewShelf(self.reader, view), self.reader.clusters if self.settings.gather else lambda _: {})

    def change_view(self, view: View, came_from: Place | None = None) -> None:
        """Show another view; the cursor stays on its story, or goes to the next one that the view has. `came_from`:
        where the reader is to be when the view is left, if that is not here."""
        current = self.window.current
        self._use_view(view, came_from)
        self.counts = self.reader.counts(view)
        self.window.forget_kept()
        near = self._nearest(current) if current else None
        if near is None:
            self.window.load()
        else:
            self.window.load_around(near, self.window.cursor_line)
        self.arrange()

    def sort_by(self, sort: Sort) -> None:
        """Show the view in another order, from its top."""
        self._use_view(self.view._replace(sort=sort))
        self.window.forget_kept()
        self.window.load()
        self.arrange()

    def narrow(self, view: View) -> None:
        """Show another view from its first row, or with the cursor on its story where the view has that."""
        current = self.window.current
        self._use_view(view)
        self.counts = self.reader.counts(view)
        self.window.forget_kept()
        fresh = self.window.shelf.summary(current.id) if current else None
        if fresh is not None and self.window.shelf.has(fresh):
            self.window.load_around(fresh, self.window.cursor_line)
        else:
            self.window.load()
        if self.preferences.sources:
            self.sources.load(entries(self.reader, self.words), view)
        if self.pane != "list":
            self.focus("list")
        self.arrange()

    def unfold(self) -> None:
        """Show what stands under the cursor's row, or fold it again."""
        window, row = self.window, self.window.current
        head = self.shelf.toggle(row) if row is not None else None
        if row is None or head is None:
            self.say("nothing_gathered")
            return
        line = window.cursor_line
        at = window.index_of(head.id)
        window.touched = True
        window.load_around(head, line - (window.cursor - at if at is not None else 0))
        window.ensure_visible()

    @property
    def is_narrowed(self) -> bool:
        """Whether the view shows less than all stories, besides what is read."""
        return self.view._replace(unread=False, sort="date") != View()

    def here(self) -> Place:
        """Where the reader is in the list."""
        return Place(self.view, self.window.current, self.window.cursor_line, self.pane)

    def go_back(self, place: Place) -> None:
        """Back to a place, in its view."""
        self.change_view(place.view)
        row = self.window.shelf.summary(place.row.id) if place.row is not None else None
        if row is not None:
            self.window.touched = True
            self.window.load_around(row, place.line)
            self.window.ensure_visible()
        self.focus(place.pane)

    def widen(self) -> None:
        """Show all stories again, from where the reader left them."""
        view = View(unread=self.view.unread, sort=self.view.sort)
        if self._entered is not None:
            self.go_back(self._entered._replace(view=view))
        else:
            self.change_view(view)
        if self.preferences.sources:
            self.sources.load(entries(self.reader, self.words), self.view)

    def _nearest(self, row: Summary) -> Summary | None:
        shelf = self.window.shelf
        fresh = shelf.summary(row.id)
        if fresh is not None and shelf.has(fresh):
            return fresh
        if fresh is None or self.view.sort != "date":
            return None
        below = shelf.page(after=fresh.place, limit=1)
        return below[0] if below else shelf.last()

    def refresh(self, *, from_top: bool = False) -> None:
        """Something changed in the library: read again what is shown, moving nothing; with `from_top` show the first
        rows instead."""
        self._look_at_sources()
        self.counts = self.reader.counts(self.view)
        if from_top:
            self.window.load()
        else:
            self.window.refresh()
        self.arrange()
        if self.story is not None:
            before, self.story = self.story, self.window.shelf.summary(self.story.id) or self.story
            if self.story.id == self.awaited and self.story.revisions > before.revisions and self.reading is not None:
                self.awaited = ""
                self._show(self.story, self.reading.place)
                self.arrange()

    # --- Opening ---

    def open(self, row: Summary, *, spot: Spot | None = None, focus: bool = True) -> None:
        """Open a story at the place where it was left; what was open goes to the history."""
        self.window.touched = True
        if self.story is None or self.previewed or self.story.id != row.id:
            self.history.go_on(self._here())
            if not self._show(row, spot):
                return
        elif spot is not None and self.reading is not None:
            self.reading.go(self.reading.page.line_of(*spot))
        if focus:
            self.focus("article")
        else:
            self.arrange()

    def preview(self) -> None:
        """Show the story under the cursor without opening it, where the reader set so."""
        row = self.window.current
        shown = self.geometry.article is not None
        if self.settings.preview and shown and row is not None and (self.story is None or self.story.id != row.id):
            self.history.remember(self._here())
            if self._show(row, None, preview=True):
                self.arrange()

    def _show(self, row: Summary, spot: Spot | None, *, preview: bool = False) -> bool:
        self.keep_place()
        try:
            article = self.reader.article(row.id)
        except NotFound as error:
            self.fail(error)
            return False
        place = spot or self.reader.place(row.id)
        self.story, self.reading, self.previewed = row, Reading(article, self.style, place), preview
        self._kept_place = (row.id, self.reading.place)
        self._opened += 1
        if not preview:
            self._read_soon(row.id, self._opened)
        return True

    def show_revision(self, row: Summary, number: int, other: int | None) -> None:
        """A revision of a story, alone or with what changed between it and another, in the article's pane."""
        self.keep_place()
        article = self.reader.article(row.id, number)
        if other is not None:
            from newsreader.typeset.changes import changed

            against = self.reader.article(row.id, other)
            old, new = (article, against) if number < other else (against, article)
            article, inserted, deleted = changed(old, new)
            self.say("changes_shown", old=old.revision, new=new.revision, inserted=inserted, deleted=deleted)
        else:
            self.say("revision_shown", n=number, of=article.revisions)
        if self.story is None or self.story.id != row.id:
            self.history.remember(self._here())
        self.story, self.reading, self.previewed = row, Reading(article, self.style), True
        self._opened += 1
        self.focus("article")

    def _read_soon(self, story: str, opening: int) -> None:
        def read() -> None:
            if self._opened == opening and self.story is not None and not self.story.read:
                self.marking.set([self.story], "read", True, by_hand=False)

        if self.story is not None and not self.story.read:
            if self.settings.mark_read_after <= 0:
                read()
            else:
                self.host.after(self.settings.mark_read_after, read)

    def travel(self, steps: int) -> bool:
        """Back (-1) or forward in what was read, to the same place; False if there is nothing."""
        here = self._here()
        while (step := self.history.step(steps)) is not None:
            row = self.window.shelf.summary(step.story)
            if row is not None and self._show(row, step.spot):
                if here is not None:
                    self.history.left(here, steps)
                self.focus("article")
                self.show_in_list(row)
                return True
        return False

    def go_within(self, block: int) -> None:
        """Bring a block of the open story to the top; where the reader was goes to the history."""
        if self.reading is not None:
            self.history.go_on(self._here())
            self.reading.go_to_block(block)
            self.focus("article")

    def _here(self) -> Step | None:
        """Where the reader is in what is open; None for a preview or a revision."""
        if self.story is None or self.reading is None or self.previewed:
            return None
        return Step(self.story.id, self.reading.place)

    def open_neighbour(self, steps: int) -> bool:
        """Open the story below (above: -1) the open one, else the cursor's; False at the end of the list."""
        row = self.story if self.story is not None else self.window.current
        if row is None:
            return False
        found = row if self.story is None else self.window.neighbour(row, steps)
        if found is None:
            return False
        self.show_in_list(found)
        self.open(found, focus=self.pane == "article")
        return True

    def next_unread(self, row: Summary, steps: int) -> Summary | None:
        """The next unread story of the view after a row, or before it with -1, going round at the end."""
        unread = self._shelf(self.view._replace(unread=True))
        edge: dict[str, Any] = {"after" if steps > 0 else "before": row.place}
        rows: list[Summary | None] = [*unread.page(**edge)[::steps]]
        rows += unread.page(limit=1) if steps > 0 else [unread.last()]
        found = next((one for one in rows if one is not None and not one.read), None)
        return None if found is not None and found.id == row.id else found

    def go_to(self, row: Summary, *, open_it: bool) -> None:
        """The cursor on a story of the view, and the story open."""
        self.show_in_list(row)
        if open_it:
            self.open(row, focus=self.pane == "article")

    def show_in_list(self, row: Summary) -> None:
        """The cursor on a story, if the view has it."""
        if self.window.shelf.has(row) or self.window.index_of(row.id) is not None:
            self.window.to_row(row)

    def click(self, line: int) -> None:
        """A click on a line of the list: the cursor goes to its row; a click on the cursor's row opens it."""
        lines = self.window.lines()
        if not 0 <= line < len(lines):
            return
        row = lines[line].row
        if row == self.window.cursor:
            self.open(self.window.rows[row])
        else:
            self.window.move(row - self.window.cursor)
            self.focus("list")
            self.preview()

    # --- The place in the article ---

    def scrolled(self) -> None:
        """The article was scrolled: keep the place once it has come to rest."""
        self._scrolled += 1
        number = self._scrolled

        def settle() -> None:
            if number == self._scrolled:
                self.keep_place()

        self.host.after(SETTLED, settle)

    def keep_place(self) -> None:
        """Save where the reader is in the open article, if that changed."""
        if self.story is None or self.reading is None or self.previewed:
            return
        place = (self.story.id, self.reading.place)
        if place != self._kept_place:
            self._kept_place = place
            self.reader.set_place(self.story.id, *self.reading.place)

    # --- Marks ---

    def marked(self, stories: Iterable[str]) -> None:
        """Show the stories' marks as they are now; nothing moves."""
        changed = set(stories)
        if self.story is not None:
            changed.add(self.story.id)
        self.counts = self.reader.counts(self.view)
        self._look_at_sources()
        for row in [row for row in self.window.rows if row.id in changed]:
            self.window.replace(self.window.shelf.summary(row.id) or row)
        if self.story is not None:
            self.story = self.window.shelf.summary(self.story.id) or self.story
