"""The revisions of a story: one a differing dump. Decided only here: their order, and which dump holds each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import apsw

from newsreader.library.record import PAGE, newness, unpack
from newsreader.library.rows import dump_path

if TYPE_CHECKING:
    from newsreader.article import Article


def revision(db: apsw.Connection, story: int, number: int | None = None) -> Article | None:
    """One revision of a story, 1 the oldest, None the newest; None if there is no such story or revision."""
    order = _revisions(db, story)
    wanted = len(order) if number is None else number
    if not 1 <= wanted <= len(order):
        return None
    body = db.execute("SELECT body FROM revisions WHERE n = ?", (order[wanted - 1][0],)).get
    return replace(unpack(body), revision=wanted, revisions=len(order))


def revisions(db: apsw.Connection, story: int) -> list[tuple[Article, str]]:
    """All revisions of a story, the newest last, each with the path of a dump that holds it."""
    order = _revisions(db, story)
    return [
        (
            replace(
                unpack(db.execute("SELECT body FROM revisions WHERE n = ?", (n,)).get),
                revision=number,
                revisions=len(order),
            ),
            dump,
        )
        for number, (n, dump) in enumerate(order, 1)
    ]


def pages(db: apsw.Connection, story: int) -> list[tuple[Article, str]]:
    """What commands made of a story, each with the path of its dump, the latest last."""
    order = _revisions(db, story, are_pages=True)
    return [(unpack(db.execute("SELECT body FROM revisions WHERE n = ?", (n,)).get), dump) for n, dump in order]


def _revisions(db: apsw.Connection, story: int, *, are_pages: bool = False) -> list[tuple[int, str]]:
    """Number and dump of every revision, or page, the newest last; dumps of one content make one revision."""
    rows: list[Any] = db.execute(
        "SELECT r.made, d.name, r.former, r.hash, r.n, a.root, a.kind FROM revisions r JOIN dumps d ON d.revision = r.n"
        " JOIN archives a ON a.n = d.archive WHERE r.story = ? AND (r.former = ?) = ?",
        (story, PAGE, are_pages),
    ).fetchall()
    if not rows and not are_pages and db.execute("SELECT EXISTS (SELECT 1 FROM stories WHERE sid = ?)", (story,)).get:
        raise apsw.CorruptError("a story without a revision")
    rows.sort(key=lambda row: newness(*row[:3]), reverse=True)
    by_content = {content: (n, dump_path(root, kind, name)) for _, name, _, content, n, root, kind in rows}
    return list(by_content.values())
