"""The revisions of a story. Decided only here: which of its dumps are one revision, and the order of these."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from newsreader.library.db import snapshot
from newsreader.library.record import PAGE, text_of, unpack
from newsreader.library.rows import dump_path

if TYPE_CHECKING:
    from newsreader.article import Article


class Held(NamedTuple):
    """A dump of a story: its name, number and source's name, and what it holds: a revision's number, the hash of its
    bytes, its edition, when it was made, and whether its archive holds it no longer (record.FORMER)."""

    made: int
    name: bytes
    former: int
    hash: bytes
    edition: str
    source: str
    revision: int
    dump: int


def held(db: apsw.Connection, story: int, *, are_pages: bool = False) -> list[Held]:
    """All dumps of a story, or of what commands made of it."""
    found = db.execute(
        "SELECT r.made, d.name, r.former, r.hash, r.edition, s.name, r.n, d.n FROM revisions r"
        " JOIN dumps d ON d.revision = r.n JOIN sources s ON s.n = d.source"
        " WHERE r.story = ? AND (r.former = ?) = ?",
        (story, PAGE, are_pages),
    )
    return [Held(*row) for row in found]


def apart(dumps: Iterable[Held]) -> list[Held]:
    """Those of a story's dumps that stand for a revision each, the newest first. Dumps of one content are one revision,
    and so is a text that several sources have, or one several times in a row, whatever else of it differs there."""
    tellers: dict[str, str] = {}
    revisions: dict[bytes, Held] = {}
    newer = ""
    for one in sorted(dumps, key=_newness):
        text = text_of(one.edition)
        if tellers.setdefault(text, one.source) == one.source and text != newer:
            revisions.setdefault(one.hash, one)
            newer = text
    return list(revisions.values())


def _newness(one: Held) -> tuple[int, int, float, bytes]:
    """Those that archives hold no longer last; by when they were made, then by the id with which the dump's file name
    begins; ids count down."""
    serial = re.match(rb"[0-9]+", one.name.rpartition(b"/")[2])
    return one.former, -one.made, int(serial[0]) if serial and len(serial[0]) < 20 else math.inf, one.name


def revision(db: apsw.Connection, story: int, number: int | None = None) -> Article | None:
    """One revision of a story, 1 the oldest, None the newest; None if there is no such story or revision."""
    with snapshot(db):
        order = _order(db, story)
        wanted = len(order) if number is None else number
        article = _article(db, order[wanted - 1]) if 1 <= wanted <= len(order) else None
    return article and replace(article, revision=wanted, revisions=len(order))


def revisions(db: apsw.Connection, story: int) -> list[tuple[Article, str]]:
    """All revisions of a story, the newest last, each with the path of a dump that holds it."""
    with snapshot(db):
        order = _order(db, story)
        return [
            (replace(_article(db, one), revision=number, revisions=len(order)), _place(db, one))
            for number, one in enumerate(order, 1)
        ]


def pages(db: apsw.Connection, story: int) -> list[tuple[Article, str]]:
    """What commands made of a story, each with the path of its dump, the latest last."""
    with snapshot(db):
        order = apart(held(db, story, are_pages=True))[::-1]
        return [(_article(db, one), _place(db, one)) for one in order]


def _order(db: apsw.Connection, story: int) -> list[Held]:
    dumps = held(db, story)
    if not dumps and db.execute("SELECT EXISTS (SELECT 1 FROM stories WHERE sid = ?)", (story,)).get:
        raise apsw.CorruptError("a story without a revision")
    return apart(dumps)[::-1]


def _article(db: apsw.Connection, one: Held) -> Article:
    body: Any = db.execute("SELECT body FROM revisions WHERE n = ?", (one.revision,)).get
    return unpack(body, one.source)


def _place(db: apsw.Connection, one: Held) -> str:
    dump = "SELECT a.root, a.kind, d.name FROM dumps d JOIN archives a ON a.n = d.archive WHERE d.n = ?"
    return dump_path(*db.execute(dump, (one.dump,)).get)
