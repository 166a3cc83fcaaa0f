"""A view of the reader's stories, as the list's viewport asks for it."""

from __future__ import annotations

from newsreader.reader import Reader, View
from newsreader.summary import Summary
from newsreader.ui.row_source import PAGE, Place


class ViewRows:
    """The rows of one view; see `row_source.Rows`."""

    def __init__(self, reader: Reader, view: View) -> None:
        self.reader = reader
        self.view = view

    def page(self, *, after: Place | None = None, before: Place | None = None, limit: int = PAGE) -> list[Summary]:
        return self.reader.page(self.view, after=after, before=before, limit=limit)

    def nth(self, n: int) -> Summary | None:
        return self.reader.nth(self.view, n)

    def last(self) -> Summary | None:
        return self.reader.last(self.view)

    def rank(self, place: Place) -> int:
        return self.reader.rank(self.view, place)

    def summary(self, story: str) -> Summary | None:
        return self.reader.summary(story, self.view.sort)

    def has(self, row: Summary) -> bool:
        view = self.view
        if view.topic is not None or view.query:  # a row does not tell its topics and texts
            below = self.reader.page(view, before=row.place, limit=1)
            after = below[0].place if below else None
            return any(found.id == row.id for found in self.reader.page(view, after=after, limit=1))
        return (
            not (view.unread and row.read)
            and not (view.starred and not row.starred)
            and view.source in (None, row.source)
            and (view.since is None or row.time >= view.since)
            and (view.until is None or row.time < view.until)
            and (view.tag is None or view.tag in row.tags)
        )
