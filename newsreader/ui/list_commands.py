"""What the commands about marks, and about what the list shows, do. Decided only here: what Esc ends first."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from newsreader.reader import View
from newsreader.safety import clean_line
from newsreader.ui.desk import Desk
from newsreader.ui.dialogs import Dialogs
from newsreader.ui.layout import SOURCES_FROM
from newsreader.ui.pickers import Pickers
from newsreader.ui.searching import Finding

OLD: Final = timedelta(days=7)


class ListCommands:
    """The actions of the reading screen that are about the list."""

    def __init__(self, desk: Desk, dialogs: Dialogs) -> None:
        self.desk = desk
        self.dialogs = dialogs
        self.pickers = Pickers(desk, dialogs)
        self.finding = Finding(desk, dialogs)

    # --- Marks ---

    def action_toggle_read(self, count: int | None = None) -> None:
        self.desk.marking.toggle(count, "read")

    def action_star(self, count: int | None = None) -> None:
        self.desk.marking.toggle(count, "starred")

    def action_delete(self, count: int | None = None) -> None:
        self.desk.marking.delete(count)

    def action_tag(self, count: int | None = None) -> None:
        rows = self.desk.marking.targets(count)
        if rows:
            self.pickers.tag(rows)

    def action_select(self, count: int | None = None) -> None:
        if self.desk.pane == "list":
            self.desk.marking.select(count or 1)

    def action_read_all(self, _count: int | None = None) -> None:
        desk = self.desk
        if not desk.counts.unread:
            desk.say("nothing_unread")
            return

        asked = desk.words.say("ask_read_all", n=desk.counts.unread)
        self.dialogs.ask(asked, lambda: desk.marking.read_all(desk.view))

    def action_read_older(self, _count: int | None = None) -> None:
        desk = self.desk
        before = int((desk.now() - OLD).timestamp() * 1000)
        count = desk.reader.rows(View(unread=True, until=before)).counts().stories
        if count:
            self.dialogs.ask(desk.words.say("ask_old", n=count), lambda: desk.marking.read_older(before))
        else:
            desk.say("nothing_unread")

    def action_undo(self, _count: int | None = None) -> None:
        self.desk.marking.turn_back()

    def action_redo(self, _count: int | None = None) -> None:
        self.desk.marking.turn_back(redo=True)

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
        if self.desk.pane == "list":
            self.desk.unfold()

    def action_sources(self, _count: int | None = None) -> None:
        if self.desk.size[0] < SOURCES_FROM:
            self.pickers.source()
        else:
            self.desk.toggle_sources()

    def action_search(self, _count: int | None = None) -> None:
        desk = self.desk
        if desk.pane == "article" and desk.reading is not None:
            self.finding.in_story()
        else:
            self.dialogs.search()

    def action_narrow(self, _count: int | None = None) -> None:
        self.finding.narrow()

    def action_similar(self, _count: int | None = None) -> None:
        row = self.desk.marking.target()
        if row is not None:
            self.finding.similar(row)

    def action_keep_search(self, _count: int | None = None) -> None:
        desk = self.desk
        query = desk.view.query or self.finding.query
        if not query:
            desk.say("no_search")
            return
        kept = next((kept for kept in desk.reader.searcher.kept() if kept.query == query), None)
        if kept is not None:
            desk.reader.searcher.drop(kept.name)
        else:
            desk.reader.searcher.keep(query, query)
        desk.load_sources()
        desk.say("search_dropped" if kept else "search_kept", query=clean_line(query))

    def action_widen(self, _count: int | None = None) -> None:
        desk = self.desk
        if self.finding.end():
            return
        if desk.marking.selected:
            desk.marking.selected.clear()
        elif desk.pane == "sources":
            desk.focus("list")
        elif desk.is_narrowed:
            desk.widen()

    def action_revisions(self, _count: int | None = None) -> None:
        row = self.desk.marking.target()
        if row is not None:
            self.pickers.revisions(row)

    def action_show_read(self, _count: int | None = None) -> None:
        desk = self.desk
        desk.change_view(desk.view._replace(unread=not desk.view.unread))
