"""The screen of the panes: where they stand, which has the focus, and what of their contents hangs together.

Decided only here: what opening a story, changing the view and setting a mark mean to the other panes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import DockArrangeResult, WidgetPlacement
from textual.screen import Screen

from newsreader.reader import Sort, View
from newsreader.summary import Summary
from newsreader.ui.commands.marking import Marking
from newsreader.ui.first_frame import Opening
from newsreader.ui.keys import Pane
from newsreader.ui.layout import Box
from newsreader.ui.panes.article_page import Place
from newsreader.ui.panes.headlines import ListPlace
from newsreader.ui.panes.line_pane import LinePane
from newsreader.ui.panes.widgets import ArticlePane, DividerPane, ReadingPane
from newsreader.ui.prompt import HEIGHT, Prompt
from newsreader.ui.session import saved

if TYPE_CHECKING:
    from newsreader.conversion import Script
    from newsreader.ui.app import NewsreaderApp

SETTLED: Final = 0.5  # seconds of no scrolling after which the place in the article is kept


class PaneScreen(Screen[None]):
    """The panes that the first frame has shown, and the prompt over them. `window`: the app."""

    AUTO_FOCUS = ""
    BLANK = True  # the panes cover it

    def __init__(self, opening: Opening, window: NewsreaderApp) -> None:
        super().__init__()
        self.reader = opening.reader
        self.settings = opening.settings
        self.keymap = opening.keymap
        self.appearance = opening.appearance
        self.words = opening.appearance.words
        self.status = opening.status
        self.headlines = opening.headlines
        self.article = opening.article
        self.sources = opening.sources
        self.places = opening.layout
        self.panes = opening.panes
        self.typed = opening.typed
        self.window = window
        self.marking = Marking(self)
        painter = window.painter
        self.prompt = Prompt(opening.appearance, opening.typed, painter)
        self._opening = opening
        listed, rule, article, status, sources, fence = self.panes.drawings
        self._widgets = (
            ReadingPane(painter, listed, lambda: self.pane, "list"),
            DividerPane(painter, rule, lambda: self.pane, "rule"),
            ArticlePane(painter, article, lambda: self.pane, self.article),
            ReadingPane(painter, status, lambda: self.pane),
            ReadingPane(painter, sources, lambda: self.pane, "sources"),
            DividerPane(painter, fence, lambda: self.pane, "fence"),
        )
        self._boxes: tuple[Box | None, ...] = ()
        self._scrolled = 0

    def compose(self) -> ComposeResult:
        yield from self._widgets
        yield self.prompt

    def on_mount(self) -> None:
        """Go on from the first frame."""
        self.focus_pane(self._opening.focus)
        if not self.article.is_preview:
            self._read_soon()

    # --- Where the panes stand ---

    @property
    def pane(self) -> Pane:
        """The pane with the focus; while something is typed at the prompt, the one that gets it back."""
        holder = self.prompt.returns_to or self.focused
        return holder.pane if isinstance(holder, ReadingPane) and holder.pane is not None else self._opening.focus

    def focus_pane(self, pane: Pane) -> None:
        """Give a pane the focus."""
        if pane != "article":
            self.places.prefer(zen=False)
        widget = next(widget for widget in self._widgets if widget.pane == pane)
        if not self.prompt.return_to(widget):
            self.set_focus(widget, scroll_visible=False)
        self.fit()

    def fit(self) -> None:
        """Fit what the panes are about to the places where they stand."""
        self.panes.arrange(self.pane)

    def arrange(self, size: Size, _optimal: bool = False) -> DockArrangeResult:
        """Textual's question where everything goes: where the layout says, but that no pane reaches below the prompt:
        where one widget lies over another, Textual cuts its lines at the other's edges, wide characters in two."""
        boxes = self._places()
        placed = []
        for order, (pane, box) in enumerate(zip((*self._widgets, self.prompt), boxes, strict=True)):
            if isinstance(pane, LinePane):
                pane.stand_in(box.height if box is not None else 0)
            in_sight = _above(box, boxes[-1]) if pane is not self.prompt else box
            if in_sight is not None:
                placed.append(WidgetPlacement(Region(*in_sight), NULL_OFFSET, NULL_SPACING, pane, order))
        return DockArrangeResult(placed, {placement.widget for placement in placed}, NULL_SPACING)

    def paint_ahead(self) -> None:
        """Read and paint what the next page of the list would show, before anybody waits for it."""
        width, lines = self.panes.ahead(self.pane)
        for cells, ground in lines:
            self.window.painter.strip(cells, ground, width)

    def _places(self) -> tuple[Box | None, ...]:
        """Where the panes stand, and the prompt above the status line."""
        width, height = self.app.size
        top = max(height - 1 - HEIGHT, 0)
        prompt = Box(0, top, width, HEIGHT) if self.prompt.is_open else None
        return *self.panes.boxes(self.pane), prompt

    def sync(self) -> None:
        """Show everything as it is: panes that moved are painted anew, of the others the lines that changed."""
        before, self._boxes = self._boxes, self._places()
        if self._boxes != before:
            self.refresh(layout=True)
        for pane, box, former in zip(self._widgets, self._boxes, before or (None,) * len(self._widgets), strict=False):
            if box is None:
                continue
            if box == former:
                pane.sync()
            else:
                pane.forget()

    def resize(self, size: tuple[int, int]) -> None:
        """The terminal has another size."""
        self.places.resize(size)
        self.fit()

    def count_ambiguous(self, *, wide: bool) -> None:
        """The terminal gives ambiguous characters two cells, or one: everything is measured anew."""
        self.appearance.count_ambiguous(wide=wide)
        self.panes.restyle(self.pane)

    def show_script(self, script: Script) -> None:
        """Show Chinese in a script, in the list and in the article; says which, or why it cannot be."""
        is_shown = self.appearance.show_script(script)
        self.status.say(f"script_{script}" if is_shown else "no_conversion")
        self.panes.restyle(self.pane)

    def session(self) -> dict[str, Any]:
        """What the next start needs to look like this."""
        return saved(self.headlines, self.article, self.places.preferences, self.typed.typed, self.pane)

    # --- The view ---

    def here(self) -> ListPlace:
        """Where the reader is in the list."""
        return self.headlines.here(self.pane)

    def change_view(self, view: View, came_from: ListPlace | None = None) -> None:
        """Show another view; the cursor stays near its story. `came_from`: where the reader is to be when the view is
        left, if that is not here."""
        self.headlines.change_view(view, came_from or self.here())
        self.fit()

    def narrow(self, view: View) -> None:
        """Show another view from its first row, or with the cursor on its story where the view has that."""
        self.headlines.narrow(view, self.here())
        self.show_sources()
        self.focus_pane("list")

    def sort_by(self, sort: Sort) -> None:
        """Show the view in another order, from its top."""
        self.headlines.sort_by(sort, self.here())
        self.fit()

    def go_back(self, place: ListPlace) -> None:
        """Back to a place in the list, in its view."""
        self.headlines.go_back(place, self.here())
        self.focus_pane(place.pane)

    def widen(self) -> None:
        """Show all stories again, from where the reader left them."""
        self.go_back(self.headlines.widened(self.here()))
        self.show_sources()

    def show_sources(self) -> None:
        """Read the sources again where they are shown, the cursor on what the view is narrowed to."""
        if self.places.preferences.sources:
            self.sources.load(self.headlines.view)

    def look_at_sources(self) -> None:
        """See how it stands with the sources, where they are shown."""
        if self.places.preferences.sources and self.sources.look():
            self.fit()

    def refresh_library(self, *, from_top: bool = False) -> None:
        """Something changed in the library: read again what is shown, moving nothing; with `from_top` show the first
        rows instead."""
        self.headlines.refresh(from_top=from_top)
        if self.places.preferences.sources:
            self.sources.load()
        if self.article.reread():
            self._read_soon()
        self.fit()

    def show_marks(self, stories: Iterable[str]) -> None:
        """Show the stories' marks as they are now; nothing moves."""
        opened = [self.article.story.id] if self.article.story is not None else []
        self.headlines.reread([*stories, *opened])
        if self.places.preferences.sources:
            self.sources.load()
        self.article.reread()

    # --- Opening ---

    def open(self, row: Summary, *, spot: Place | None = None, focus: bool = True) -> bool:
        """Open a story at the place where it was left, or another; False if it is gone."""
        self.headlines.viewport.touch()
        before = self.article.openings
        if not self.article.open(row, spot):
            return False
        if focus:
            self.focus_pane("article")
        else:
            self.fit()
        if self.article.openings != before:
            self._read_soon()
        return True

    def preview(self) -> None:
        """Show the story under the cursor without opening it, where the reader set so."""
        row = self.headlines.current
        if not self.settings.preview or row is None or self.article.is_of(row):
            return
        if self.places.geometry(self.pane).article is not None and self.article.preview(row):
            self.fit()

    def go_to(self, row: Summary, *, open_it: bool) -> None:
        """The cursor on a story of the view, and the story open."""
        self.headlines.show(row)
        if open_it:
            self.open(row, focus=self.pane == "article")

    def travel(self, steps: int) -> bool:
        """Back (-1) or forward in what was read, to the same place; False if there is nothing."""
        if not self.article.travel(steps) or self.article.story is None:
            return False
        self.focus_pane("article")
        self.headlines.show(self.article.story)
        self._read_soon()
        return True

    def _read_soon(self) -> None:
        """Mark what was opened as read, once it has been open for a while."""
        opening = self.article.openings

        def read() -> None:
            story = self.article.story
            if self.article.openings == opening and story is not None and not story.read:
                self.marking.set([story], "read", True, by_hand=False)

        if self.article.story is not None and not self.article.story.read:
            if self.settings.mark_read_after <= 0:
                read()
            else:
                self.window.after(self.settings.mark_read_after, read)

    def scrolled(self) -> None:
        """The article was scrolled: keep the place once it has come to rest."""
        self._scrolled += 1
        number = self._scrolled

        def settle() -> None:
            if number == self._scrolled:
                self.article.keep_place()

        self.window.after(SETTLED, settle)


def _above(box: Box | None, prompt: Box | None) -> Box | None:
    """What the prompt, which is as wide as the screen, leaves of a box."""
    if box is None or prompt is None or box.y >= prompt.y + prompt.height:
        return box
    return box._replace(height=min(box.height, prompt.y - box.y)) if box.y < prompt.y else None
