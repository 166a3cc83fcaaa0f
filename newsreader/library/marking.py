"""What is done to the marks of stories, as actions that can be taken back, and brought into the index: at once, but in
a window, which answers keys meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsreader.library.db import AMONG, among, fetched, sid
from newsreader.library.index import TICK_MS, Index
from newsreader.library.mark_kinds import DELETED, PLACE, READ, STARRED, TAG, Change, flags, is_tag
from newsreader.library.marks import Undone
from newsreader.library.rows import Rows
from newsreader.summary import Summary

if TYPE_CHECKING:
    from newsreader.article import Article
    from newsreader.library.marks_exchange import Imported


class Marking:
    """Marks the stories of an index. Every method that marks may raise StorageFailed, once: the mark then lasts until
    the end of the process; what was marked without is safe from that end before the method returns."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._marks = index.marks
        self._is_window = False

    @property
    def are_kept(self) -> bool:
        """Whether everything that was marked so far outlasts this process."""
        return self._marks.kept and not self._marks.unsaved

    @property
    def are_read(self) -> bool:
        """Whether the file of the marks could be read."""
        return self._marks.are_read

    def for_command(self) -> None:
        """Let any window take back what is marked from now on, as a command ends before it could."""
        self._marks.for_command()

    def for_window(self) -> None:
        """Return from now on once marks are safe: the rows of many come behind (Index.catch_up), the first first."""
        self._is_window = True

    def mark_read(self, stories: Iterable[str], read: bool = True, *, unasked: bool = False) -> None:
        """Mark stories read or unread, as one action; ids that name none are passed over. `unasked`: because it was
        opened, which no undo takes back."""
        what = "opened" if unasked else "read" if read else "unread"
        self._mark(what, READ, stories, lambda edition: edition if read else None)

    def star(self, stories: Iterable[str], starred: bool = True) -> None:
        """Star stories or take their stars away, as one action."""
        self._mark("star" if starred else "unstar", STARRED, stories, lambda _: "1" if starred else None)

    def tag(self, stories: Iterable[str], name: str, tagged: bool = True) -> None:
        """Give stories a tag or take it away, as one action. Raises ValueError for a name that is none: 1 to 64
        characters that can be seen, without a comma, neither beginning nor ending with a space."""
        if not is_tag(name):
            raise ValueError(f"not a tag: {name!r}")
        what = f"{'tag' if tagged else 'untag'}:{name}"
        self._mark(what, TAG + name, stories, lambda _: "1" if tagged else None)

    def delete(self, stories: Iterable[str]) -> None:
        """Delete stories, as one action: no view shows them, and what was fetched of them goes when it is pruned."""
        self._mark("delete", DELETED, stories, lambda _: "1")

    def delete_all(self, rows: Rows) -> int:
        """Delete all rows of a view, as one action; returns how many."""
        changes = [Change(story, key, DELETED, "1") for story, key, _ in rows.everything()]
        return self.set("delete", changes)

    def undelete(self, stories: Iterable[str]) -> None:
        """Show deleted stories again, as one action."""
        keys = self._marks.deleted()
        self.set("undelete", [Change(n, keys[n], DELETED, None) for story in stories if (n := sid(story)) in keys])

    def deleted(self, source: str | None = None) -> list[Summary]:
        """The rows of the deleted stories that some dump still holds, of a source's if one is asked for, newest
        first."""
        from newsreader.library import revisions

        rows = []
        for number in self._marks.deleted():
            sources = {one.source for one in self._index.ask(revisions.held, number)}
            if sources and source in (None, *sources):
                row = _row(*self._index.ask(revisions.revisions, number)[-1], self._marks.of(number))
                rows.append(row._replace(source=source or row.source))
        return sorted(rows, key=lambda row: row.place, reverse=True)

    def mark_all_read(self, rows: Rows, what: str = "read-all") -> int:
        """Mark all rows of a view read, as one action; returns how many were not."""
        return self.set(what, [Change(story, key, READ, edition) for story, key, edition in rows.unread()])

    def undo(self) -> Undone | None:
        """Take back this session's last action, after a restart the last session's, where the marks still have the
        value that it set; itself a new change. None if there is nothing. `Undone.what`: "read", "unread", "star",
        "unstar", "delete", "undelete", "tag:NAME", "untag:NAME", "read-all", "read-older", "apply-rules", "import"."""
        return self._turn(self._marks.undo)

    def redo(self) -> Undone | None:
        """Do again what was taken back last, if nothing new was done since."""
        return self._turn(self._marks.redo)

    def lines(self) -> Iterator[str]:
        """All marks as text, a line each (marks_exchange)."""
        from newsreader.library.marks_exchange import lines

        return lines(self._marks.everything())

    def take_over(self, lines: Iterable[str]) -> Imported:
        """Take over the marks in lines of such a text where they are later than ours, as one action."""
        from newsreader.library.marks_exchange import Imported, read

        latest: dict[tuple[int, str], Change] = {}
        bad, good = [], 0
        for change in read(lines, datetime.now(UTC)):
            if isinstance(change, int):
                bad.append(change)
                continue
            good += 1
            one = change.story, change.mark
            if one not in latest or _age(change) > _age(latest[one]):
                latest[one] = change
        taken = self.set("import", list(latest.values()))
        return Imported(taken, good - taken, tuple(bad))

    def set_place(self, story: str, block: int, offset: int) -> None:
        """Keep where the reader is in an article: the block, and characters into it."""
        for number, key, _ in self._keys([story]):
            self._marks.set_place(number, key, block, offset)

    def place(self, story: str) -> tuple[int, int] | None:
        """Where the reader was in an article."""
        block, _, offset = self._marks.of(sid(story)).get(PLACE, "").partition(":")
        return (int(block), int(offset)) if block and offset else None

    def _mark(self, what: str, mark: str, stories: Iterable[str], value: Callable[[str], str | None]) -> None:
        self.set(what, [Change(story, key, mark, value(edition)) for story, key, edition in self._keys(stories)])

    def set(self, what: str, changes: list[Change]) -> int:
        """As Marks.set, brought into the index at once."""
        try:
            return self._marks.set(what, changes)
        finally:
            self._index.bring_marks(TICK_MS if self._is_window or len(changes) == 1 else None)

    def _turn(self, turn: Callable[[], Undone | None]) -> Undone | None:
        try:
            return turn()
        finally:
            self._index.bring_marks(TICK_MS if self._is_window else None)

    def _keys(self, stories: Iterable[str]) -> list[tuple[int, str, str]]:
        numbers = [sid(story) for story in stories]
        query = f"SELECT sid, key, edition FROM stories WHERE sid IN {AMONG}"
        found = {row[0]: row for row in self._index.ask(fetched, query, among(numbers))}
        return [found[number] for number in numbers if number in found]


def _age(change: Change) -> tuple[int, str]:
    return change.at or 0, change.value or ""


def _row(article: Article, dump: str, marks: dict[str, str]) -> Summary:
    """The row that a story would have."""
    from newsreader.library.record import record

    made = record(article)
    marked = flags(marks, made.edition)
    return Summary(
        *(article.id, made.key, made.title, made.url, article.source, made.time, article.published),
        precision="time" if made.exact else "date",
        read=marked.read,
        starred=marked.starred,
        tags=marked.tags,
        changed=marked.changed,
        revisions=article.revisions,
        dump=dump,
        order=made.time,
    )
