"""What the commands about marks, and about what the list shows, do. Decided only here: what Esc ends first."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from newsreader.reader import View
from newsreader.safety import clean_line
from newsreader.summary import Summary
from newsreader.ui.commands.pickers import Pickers
from newsreader.ui.commands.searching import Finding
from newsreader.ui.commands.source_commands import SourceCommands
from newsreader.ui.first_frame import Opening
from newsreader.ui.layout import SOURCES_FROM
from newsreader.ui.paint import Painter
from newsreader.ui.prompt import Prompt
from newsreader.ui.screens.pane_screen import Outside, PaneScreen

OLD: Final = timedelta(days=7)


def query_of(view: View) -> str:
    """What finds the stories of a view, whatever is read of them; "" for all."""
    parts = [f'{field}:"{clean_line(name)}"' for field in ("source", "topic", "tag") if (name := getattr(view, field))]
    parts += ["is:starred"] if view.starred else []
    parts += [f"({view.query})" if parts else view.query] if view.query else []
    return " ".join(parts)


class ListCommands(PaneScreen):
    """The actions of the reading screen that are about the list."""

    def __init__(self, opening: Opening, outside: Outside, painter: Painter, prompt: Prompt) -> None:
        super().__init__(opening, outside, painter, prompt)
        self.pickers = Pickers(self)
        self.finding = Finding(self)
        self.source_commands = SourceCommands(self)

    # --- Sources ---

    def action_add_source(self, _count: int | None = None) -> None:
        self.source_commands.add()

    def action_edit_source(self, _count: int | None = None) -> None:
        self.source_commands.edit()

    def action_remove_source(self, _count: int | None = None) -> None:
        self.source_commands.remove()

    def action_next_source(self, _count: int | None = None) -> None:
        view, names = self.headlines.view, [row.name for row in self.reader.sources() if row.unread]
        later = [name for name in names if view.source is not None and name > view.source]
        if names and (found := (later or names)[0]) != view.source:
            self.narrow(View(found, view.unread, sort=view.sort))
        else:
            self.status.say("nothing_unread")

    # --- Marks ---

    def action_toggle_read(self, count: int | None = None) -> None:
        self.marking.toggle(count, "read")

    def action_star(self, count: int | None = None) -> None:
        self.marking.toggle(count, "starred")

    def action_delete(self, count: int | None = None) -> None:
        reading, story = self.article.reading, self.article.story
        if self.pane == "article" and reading is not None and story is not None and reading.article.made_by:
            self._ask_drop(story, reading.article.made_by)
        else:
            self.marking.delete(count)

    def _ask_drop(self, story: Summary, command: str) -> None:
        """Delete what a command made of a story, once the reader has said yes."""

        def drop() -> None:
            self.reader.drop_page(story.id, command)
            self.outside.look_for_new()
            self.open(story)
            self.status.say("page_dropped", name=clean_line(command))

        self.outside.ask(self.words.say("ask_drop_page", name=clean_line(command)), drop)

    def action_tag(self, count: int | None = None) -> None:
        rows = self.marking.targets(count)
        if rows:
            self.pickers.tag(rows)

    def action_select(self, count: int | None = None) -> None:
        if self.pane == "list":
            self.marking.select(count or 1)

    def action_select_all(self, _count: int | None = None) -> None:
        if self.pane == "list":
            self.marking.select_all()

    def action_read_all(self, _count: int | None = None) -> None:
        if not self.headlines.counts.unread:
            self.status.say("nothing_unread")
            return

        asked = self.words.say("ask_read_all", n=self.headlines.counts.unread)
        self.outside.ask(asked, lambda: self.marking.read_all(self.headlines.view))

    def action_read_older(self, _count: int | None = None) -> None:
        before = int((self.appearance.now() - OLD).timestamp() * 1000)
        count = self.reader.rows(View(unread=True, until=before)).counts().stories
        if count:
            self.outside.ask(self.words.say("ask_old", n=count), lambda: self.marking.read_older(before))
        else:
            self.status.say("nothing_unread")

    def action_undo(self, _count: int | None = None) -> None:
        self.marking.turn_back()

    def action_redo(self, _count: int | None = None) -> None:
        self.marking.turn_back(redo=True)

    # --- What the list shows ---

    def action_go_source(self, _count: int | None = None) -> None:
        self.pickers.source()

    def action_go_topic(self, _count: int | None = None) -> None:
        self.pickers.topic()

    def action_go_date(self, _count: int | None = None) -> None:
        self.pickers.day()

    def action_sort(self, _count: int | None = None) -> None:
        self.pickers.sort()

    def action_unfold(self, _count: int | None = None) -> None:
        if self.pane == "list":
            if self.headlines.unfold():
                return
            self.status.say("nothing_gathered")

    def action_sources(self, _count: int | None = None) -> None:
        if self.places.size[0] < SOURCES_FROM:
            self.pickers.source()
        else:
            is_shown = not self.places.preferences.sources
            self.places.prefer(sources=is_shown, zen=False)
            self.show_sources()
            self.focus_pane("sources" if is_shown else "list")
            self.look_at_sources()  # at those in sight, once the pane has its height

    def action_search(self, _count: int | None = None) -> None:
        if self.pane == "article" and self.article.reading is not None:
            self.finding.in_story()
        else:
            self.outside.search()

    def action_narrow(self, _count: int | None = None) -> None:
        self.finding.narrow()

    def action_similar(self, _count: int | None = None) -> None:
        row = self.marking.target()
        if row is not None:
            self.finding.similar(row)

    def action_keep_search(self, _count: int | None = None) -> None:
        query = self.headlines.view.query or self.finding.query
        if not query:
            self.status.say("no_search")
            return
        kept = next((kept for kept in self.reader.searcher.kept() if kept.query == query), None)
        if kept is not None:
            self.reader.searcher.drop(kept.name)
        else:
            self.reader.searcher.keep(query, query)
        self.sources.load(self.headlines.view)
        self.status.say("search_dropped" if kept else "search_kept", query=clean_line(query))

    def action_make_rule(self, _count: int | None = None) -> None:
        query = query_of(self.headlines.view)
        if not query:
            self.status.say("no_view_for_rule")
        elif self.reader.kind != "library":
            self.status.say("library_only")
        else:
            self.pickers.rule(query)

    def action_widen(self, _count: int | None = None) -> None:
        if self.finding.end():
            return
        if self.headlines.selection:
            self.headlines.selection.clear()
        elif self.pane == "sources":
            self.focus_pane("list")
        elif self.headlines.is_narrowed:
            self.widen()

    def action_revisions(self, _count: int | None = None) -> None:
        row = self.marking.target()
        if row is not None:
            self.pickers.revisions(row)

    def action_show_read(self, _count: int | None = None) -> None:
        self.change_view(self.headlines.view._replace(unread=not self.headlines.view.unread))
