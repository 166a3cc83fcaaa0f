"""What there is to pick from: a source, a topic, a day, an order, a tag, revisions; and what a pick does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from newsreader.config import Rule
from newsreader.library.search.query_dates import days_meant
from newsreader.reader import SORTS, Revision, View
from newsreader.safety import clean_line
from newsreader.summary import Summary
from newsreader.ui.dialogs import Choice, Item
from newsreader.ui.panes.sources import entries

if TYPE_CHECKING:
    from newsreader.ui.screens.reading_screen import ReadingScreen

MOST: Final = 5000
"""Topics and days that are offered; the most frequent topics, the newest days."""

_LAST: Final = "f" * 16


class Pickers:
    """Lets things be picked for the keys of a screen."""

    def __init__(self, screen: ReadingScreen) -> None:
        self.screen = screen

    def _open(
        self,
        title: str,
        items: Sequence[Item],
        then: Callable[[Item], None],
        offer: Callable[[str], Item | None] | None = None,
    ) -> None:
        say = self.screen.words.say
        self.screen.window.pick(Choice(say(title), items, offer, say(f"{title}_hint") if offer else ""), then)

    # --- What the list shows ---

    def action_go_source(self, _count: int | None) -> None:
        """Everything that the sources pane has."""
        screen = self.screen
        items = [
            Item("", entry.name, note=f"{entry.unread:,}" if entry.unread else "", value=entry)
            for entry in entries(screen.reader, screen.words)
        ]
        self._open("sources", items, lambda item: screen.narrow(item.value.view(screen.headlines.view)))

    def action_go_topic(self, _count: int | None) -> None:
        """The topics, the most frequent first."""
        screen = self.screen
        found = screen.reader.topics()[:MOST]
        if not found:
            screen.status.say("no_topics")
            return
        items = [Item("", clean_line(name), note=f"{stories:,}", value=name) for name, stories in found]
        self._open("topics", items, lambda item: screen.narrow(screen.headlines.view._replace(topic=item.value)))

    def action_go_date(self, _count: int | None) -> None:
        """The days that have stories, the newest first; a pick moves the cursor to the first story of the day."""
        screen = self.screen
        today = screen.appearance.now().date()
        days = screen.reader.local_days(screen.headlines.view.source)[:MOST]
        if not days:
            screen.status.say("no_stories")
            return
        items = [Item("", f"{day.isoformat()}  {screen.words.day(day, today)}", value=day) for day in days]

        def offer(typed: str) -> Item | None:
            meant = days_meant(typed, today, lambda: days[0])
            day = meant and meant[1] - timedelta(days=1)
            known = day is None or any(item.value == day and item.matches(typed.lower().split()) for item in items)
            return None if known else Item("", f"{day}  {screen.words.day(day, today)}", value=day)

        self._open("days", items, lambda item: self._to_day(item.value), offer)

    def _to_day(self, day: date) -> None:
        screen = self.screen
        if screen.headlines.view.sort != "date":
            screen.change_view(screen.headlines.view._replace(sort="date"))
        end = datetime.combine(day, time(), screen.appearance.zone) + timedelta(days=1)
        place = (int(end.astimezone(UTC).timestamp() * 1000) - 1, _LAST)
        row = next(iter(screen.headlines.rows.page(after=place, limit=1)), None) or screen.headlines.rows.last()
        if row is not None:
            screen.headlines.viewport.to_row(row)
            screen.focus_pane("list")

    def action_sort(self, _count: int | None) -> None:
        """The orders."""
        screen = self.screen
        items = [
            Item(
                str(n),
                screen.words.say(f"sort_{sort}"),
                note="∙" if screen.headlines.view.sort == sort else "",
                value=sort,
            )
            for n, sort in enumerate(SORTS, 1)
        ]
        self._open("sort", items, lambda item: screen.sort_by(item.value))

    def action_choose_theme(self, _count: int | None) -> None:
        """The colours."""
        window = self.screen.window
        items = [Item("", name, note="∙" if name == window.theme else "", value=name) for name in window.themes]
        self._open("themes", items, lambda item: window.choose_theme(item.value))

    # --- Tags ---

    def action_tag(self, count: int | None) -> None:
        """All tags, those of the targets first; what is typed and is none yet makes a new one."""
        screen = self.screen
        rows = screen.marking.targets(count)
        if not rows:
            return
        held = {tag for row in rows for tag in row.tags}
        tags = sorted(screen.reader.tags(), key=lambda tag: tag[0] not in held)
        items = [
            Item("+" if name in held else "", clean_line(name), note=f"{stories:,}", value=name)
            for name, stories in tags
        ]
        known = {name for name, _ in tags}

        def offer(typed: str) -> Item | None:
            name = _tag_typed(typed)
            return Item("", screen.words.say("new_tag", tag=name), value=name) if name and name not in known else None

        self._open("tags", items, lambda item: screen.marking.tag(rows, item.value), offer)

    # --- Headings ---

    def action_contents(self, _count: int | None) -> None:
        """The headings of the open story, the one where its reader stands marked."""
        screen, reading = self.screen, self.screen.article.reading
        assert reading is not None
        if not reading.headings:
            screen.status.say("no_headings")
            return
        here = reading.heading
        items = [Item("", text, note="∙" if n == here else "", value=n) for n, text in reading.headings.items()]

        def go(item: Item) -> None:
            screen.article.go_within(item.value)
            screen.focus_pane("article")

        self._open("contents", items, go)

    # --- Rules ---

    def action_make_rule(self, _count: int | None) -> None:
        """What becomes of what the view would show when it arrives: a pick, or a tag that is typed, makes the rule."""
        screen, say = self.screen, self.screen.words.say
        query = query_of(screen.headlines.view)
        if not query or screen.reader.kind != "library":
            screen.status.say("library_only" if query else "no_view_for_rule")
            return

        def make(item: Item) -> None:
            screen.reader.rules.add(item.value)
            screen.status.say("rule_made")

        items = [
            Item("", say("rule_read"), value=Rule(query, read=True)),
            Item("", say("rule_star"), value=Rule(query, star=True)),
            Item("", say("rule_delete"), value=Rule(query, delete=True)),
            *(
                Item("", say("rule_tag", tag=clean_line(name)), value=Rule(query, tags=(name,)))
                for name, _ in screen.reader.tags()
            ),
        ]

        def offer(typed: str) -> Item | None:
            name = _tag_typed(typed)
            return Item("", say("rule_tag", tag=name), value=Rule(query, tags=(name,))) if name else None

        self.screen.window.pick(Choice(say("rule", query=clean_line(query)), items, offer, say("tags_hint")), make)

    # --- Revisions ---

    def action_revisions(self, _count: int | None) -> None:
        """The revisions of a story, the newest first; a pick asks with which one it is to be compared."""
        screen = self.screen
        row = screen.marking.target()
        if row is None:
            return
        found, pages = screen.reader.revisions(row.id), screen.reader.pages(row.id)
        if len(found) < 2 and not pages:
            screen.status.say("one_revision")
            return
        items = [self._revision(revision) for revision in reversed(found)]
        items += [Item("!", clean_line(page.made_by), note=self._when(page.updated), value=page) for page, _ in pages]

        def show(item: Item) -> None:
            if isinstance(item.value, Revision):
                self._compare(row, item.value, found)
                return
            screen.article.show_page(row, item.value)
            screen.focus_pane("article")
            key = screen.keymap.shown("delete")
            screen.status.say("page_shown", name=clean_line(item.value.made_by), key=key)

        self._open("revisions", items, show)

    def _compare(self, row: Summary, picked: Revision, found: list[Revision]) -> None:
        screen = self.screen
        others = [other for other in reversed(found) if other.n != picked.n]
        nearest = next((other for other in others if other.n < picked.n), None)
        others.sort(key=lambda other: other is not nearest)
        items = [self._revision(other) for other in others]
        items.append(Item("", screen.words.say("revision_alone", n=picked.n)))

        def show(item: Item) -> None:
            other = item.value
            screen.article.show_revision(row, picked.n, other.n if isinstance(other, Revision) else None)
            screen.focus_pane("article")

        self.screen.window.pick(Choice(screen.words.say("compare", n=picked.n), items), show)

    def _revision(self, revision: Revision) -> Item:
        when = self._when(revision.updated or revision.published)
        return Item(str(revision.n), when, note=clean_line(revision.title), value=revision)

    def _when(self, moment: datetime | None) -> str:
        look = self.screen.appearance
        return "" if moment is None else look.words.moment(moment.astimezone(look.zone), look.now().year)


def query_of(view: View) -> str:
    """What finds the stories of a view, whatever is read of them; "" for all."""
    parts = [f'{field}:"{clean_line(name)}"' for field in ("source", "topic", "tag") if (name := getattr(view, field))]
    parts += ["is:starred"] if view.starred else []
    parts += [f"({view.query})" if parts else view.query] if view.query else []
    return " ".join(parts)


def _tag_typed(text: str) -> str:
    """What was typed as the name of a tag."""
    return clean_line(text).replace(",", " ")[:64].strip()
