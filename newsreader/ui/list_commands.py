"""The commands about marks, and about what the list shows.

Owns: their COMMAND methods. Decided only here: what Esc ends first. Pure: no textual, no rich. Never: which key it was.
"""

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
    """Carries out calls on the desk."""

    def __init__(self, desk: Desk, dialogs: Dialogs) -> None:
        self.desk = desk
        self.dialogs = dialogs
        self.pickers = Pickers(desk, dialogs)
        self.finding = Finding(desk, dialogs)

    # --- Marks ---

    def do_toggle_read(self, count: int | None) -> None:
        self.desk.marking.toggle(count, "read")

    def do_star(self, count: int | None) -> None:
        self.desk.marking.toggle(count, "starred")

    def do_tag(self, count: int | None) -> None:
        rows = self.desk.marking.targets(count)
        if rows:
            self.pickers.tag(rows)

    def do_select(self, count: int | None) -> None:
        if self.desk.pane == "list":
            self.desk.marking.select(count or 1)

    def do_read_all(self, _count: int | None) -> None:
        desk = self.desk
        if not desk.counts.unread:
            desk.say("nothing_unread")
            return

        asked = desk.words.say("ask_read_all", n=desk.counts.unread)
        self.dialogs.ask(asked, lambda: desk.marking.read_all(desk.view))

    def do_read_older(self, _count: int | None) -> None:
        desk = self.desk
        before = int((desk.now() - OLD).timestamp() * 1000)
        count = desk.reader.old_unread(before)
        if count:
            self.dialogs.ask(desk.words.say("ask_old", n=count), lambda: desk.marking.read_all(View(until=before)))
        else:
            desk.say("nothing_unread")

    def do_undo(self, _count: int | None) -> None:
        self.desk.marking.turn_back()

    def do_redo(self, _count: int | None) -> None:
        self.desk.marking.turn_back(redo=True)

    # --- What the list shows ---

    def do_go_source(self, _count: int | None) -> None:
        self.pickers.source()

    def do_go_topic(self, _count: int | None) -> None:
        self.pickers.topic()

    def do_go_date(self, _count: int | None) -> None:
        self.pickers.day()

    def do_sort(self, _count: int | None) -> None:
        self.pickers.sort()

    def do_unfold(self, _count: int | None) -> None:
        if self.desk.pane == "list":
            self.desk.unfold()

    def do_sources(self, _count: int | None) -> None:
        if self.desk.size[0] < SOURCES_FROM:
            self.pickers.source()
        else:
            self.desk.toggle_sources()

    def do_search(self, _count: int | None) -> None:
        desk = self.desk
        if desk.pane == "article" and desk.reading is not None:
            self.finding.in_story()
        else:
            self.dialogs.search()

    def do_narrow(self, _count: int | None) -> None:
        self.desk.focus("list")
        self.finding.narrow()

    def do_similar(self, _count: int | None) -> None:
        row = self.desk.marking.target()
        if row is not None:
            self.finding.similar(row)

    def do_keep_search(self, _count: int | None) -> None:
        desk = self.desk
        query = desk.view.query or self.finding.query
        if not query:
            desk.say("no_search")
            return
        kept = next((kept for kept in desk.reader.searches() if kept.query == query), None)
        if kept is not None:
            desk.reader.drop_search(kept.name)
        else:
            desk.reader.keep_search(query, query)
        desk.load_sources()
        desk.say("search_dropped" if kept else "search_kept", query=clean_line(query))

    def do_widen(self, _count: int | None) -> None:
        desk = self.desk
        if self.finding.end():
            return
        if desk.marking.selected:
            desk.marking.selected.clear()
        elif desk.pane == "sources":
            desk.focus("list")
        elif desk.is_narrowed:
            desk.widen()

    def do_revisions(self, _count: int | None) -> None:
        row = self.desk.marking.target()
        if row is not None:
            self.pickers.revisions(row)

    def do_show_read(self, _count: int | None) -> None:
        desk = self.desk
        desk.change_view(desk.view._replace(unread=not desk.view.unread))
