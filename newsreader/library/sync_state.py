"""What is agreed with a server about the marks of its stories: for each mark, what it is here and what it is there.

It is a file of its own for each server, as precious as the marks: whatever differs in it waits to be sent.

Decided only here: who wins. A mark is set or not, so what changed on both sides since they agreed became the same; what
changed there only comes here, what changed here only goes there, and stays waiting until the server said OK; what was
changed and changed back did not change. Servers do not tell when a mark was set: ours since the last sync win. Of a
story that the server has several times, all follow one mark, and where they changed to different values, "set" wins.

Whatever is killed when: a mark that was sent and not written down as sent is sent once more, which changes nothing; a
mark that came and was not written down as come is the same on both sides. Where the marks are older than what is agreed
(they were salvaged, or brought back from a copy), nothing that they lack is taken for taken away: the server's is kept.

    items   the server's id of each story whose dump is here, and the story's number and key
    marks   `here` and `there`, of those that are set on either side; `why` the server did not take it the last time
    state   where in the changes of the marks `here` is, and when all was in order last
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import apsw

from newsreader.dates import since_epoch
from newsreader.errors import StorageFailed
from newsreader.identity import story_id
from newsreader.library.db import DAMAGE, LOWEST, connect, failures, remove, sid
from newsreader.library.mark_kinds import READ, STARRED, TAG, Change, is_known
from newsreader.library.marks import Marks
from newsreader.library.undo_log import SYNCED

if TYPE_CHECKING:
    from pathlib import Path

_T = TypeVar("_T")

_VERSION: Final = 1
_SOME: Final = 500
_UNREAD: Final = "unread"

_TABLES: Final = """
CREATE TABLE items (id TEXT PRIMARY KEY, story INTEGER NOT NULL, key TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX items_of ON items (story);
CREATE TABLE marks (
    mark TEXT NOT NULL, id TEXT NOT NULL, here INTEGER NOT NULL, there INTEGER NOT NULL, why TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (mark, id)) WITHOUT ROWID;
CREATE INDEX marks_of ON marks (id);
CREATE INDEX waiting ON marks (mark, here, why, id) WHERE here <> there;
CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
"""
_TOLD: Final = """
CREATE TEMP TABLE told (mark TEXT, id TEXT, PRIMARY KEY (mark, id)) WITHOUT ROWID;
CREATE TEMP TABLE lacking (n INTEGER PRIMARY KEY, id TEXT);
"""


class Standing(NamedTuple):
    """How it stands with a server: when it was synced last (seconds since 1970, 0: never), how many marks wait to be
    sent, how many of them it did not take, and why the last of these."""

    synced: float
    waiting: int
    refused: int
    why: str

    @property
    def last(self) -> datetime:
        """When it was synced last."""
        return since_epoch(self.synced)


class Agreement:
    """What is agreed with one server, at a path whose folder is there, about `marks`, which are closed with it. Used
    by one sync at a time. Every method raises StorageFailed."""

    def __init__(self, path: Path, marks: Marks) -> None:
        self.path = path
        self._marks = marks
        with failures(path):
            try:
                self._db = self._opened()
            except OSError as error:
                raise StorageFailed(str(path), error.strerror or str(error)) from error
            except DAMAGE:  # all that is set on either side is brought together again
                path.replace(path.with_suffix(".damaged"))
                remove(path)
                self._db = self._opened()

    def _opened(self) -> apsw.Connection:
        db = connect(self.path, cache_kib=2048)
        try:
            with db:
                if not db.pragma("user_version"):
                    db.execute(_TABLES)
                    db.pragma("user_version", _VERSION)
            if db.pragma("user_version") != _VERSION:
                raise StorageFailed(str(self.path), "it is a newer newsreader's")
            db.pragma("temp_store", "file")  # a hundred thousand ids are much for the memory
            db.execute(_TOLD)
            db.execute("SELECT * FROM items, marks, state LIMIT 1").fetchall()
        except BaseException:
            db.close()
            raise
        return db

    def close(self) -> None:
        """Let go of both files."""
        self._db.close()
        self._marks.close()

    def __enter__(self) -> Agreement:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what the server tells ---

    @staticmethod
    def knows(mark: str) -> bool:
        """Whether a mark can be one here: a label that cannot be a tag is left alone."""
        return is_known(mark)

    def tell(self, what: str, ids: Iterable[str]) -> None:
        """Take in some of the ids of which a mark is set at the server, or which are "unread" or "recent"."""
        with failures(self.path):
            self._db.executemany("INSERT OR IGNORE INTO told VALUES (?, ?)", ((what, item) for item in ids))

    def lacking(self) -> int:
        """How many of the stories that the server told of are not here, as of now."""
        with failures(self.path):
            with self._db:
                self._db.execute("DELETE FROM lacking")
                self._db.execute(
                    "INSERT INTO lacking (id) SELECT DISTINCT id FROM told WHERE id NOT IN (SELECT id FROM items)"
                    " ORDER BY length(id), id"
                )
            return int(self._db.execute("SELECT count(*) FROM lacking").get)

    def missing(self, limit: int) -> Iterator[list[str]]:
        """The ids of these, the oldest first as far as ids tell, so many at a time."""
        last = 0
        while True:
            with failures(self.path):
                query = "SELECT n, id FROM lacking WHERE n > ? ORDER BY n LIMIT ?"
                found: list[Any] = self._db.execute(query, (last, limit)).fetchall()
            if not found:
                return
            yield [item for _, item in found]
            last = found[-1][0]

    def hold(self, stories: Iterable[tuple[str, str]]) -> None:
        """Take note that the dumps of stories are here: the server's id and the story's key."""
        for rows in _batched(((item, sid(story_id(key)), key) for item, key in stories), _SOME):
            with failures(self.path), self._db:
                self._db.executemany("INSERT OR IGNORE INTO items VALUES (?, ?, ?)", rows)
                self._mirror([story for _, story, _ in rows])

    def has_stories(self) -> bool:
        """Whether dumps of any stories are known to be here."""
        with failures(self.path):
            return bool(self._db.execute("SELECT EXISTS (SELECT 1 FROM items)").get)

    def forget_stories(self) -> None:
        """Take note that no dumps are here: they were deleted."""
        with failures(self.path), self._db:
            self._db.execute("DELETE FROM items")

    # --- here ---

    def look(self) -> None:
        """Take in what was marked here since this was done last."""
        self._insist()
        epoch, last = self._marks.horizon()
        with failures(self.path):
            known, seen = self._state("epoch", epoch), int(self._state("seen", 0))
        if known != epoch or seen > last:
            self._look_over()
            seen = last
        while changed := self._marks.changed_since(seen, _SOME):
            seen = changed[-1][0]
            with failures(self.path), self._db:
                self._mirror([story for _, story in changed])
                self._keep(epoch=epoch, seen=seen)
        with failures(self.path), self._db:
            self._keep(epoch=epoch, seen=seen)

    def _insist(self) -> None:
        """Raise StorageFailed where the marks are none that last: what they lack was not taken away."""
        if not self._marks.kept or self._marks.unsaved:
            raise StorageFailed(self._marks.path, "the marks cannot be kept")

    def _look_over(self) -> None:
        """Look at the marks of all stories, of which some may have been lost."""
        last = LOWEST
        query = "SELECT DISTINCT story FROM items WHERE story > ? ORDER BY story LIMIT ?"
        while True:
            with failures(self.path), self._db:
                stories = [story for (story,) in self._db.execute(query, (last, _SOME))]
                if not stories:
                    return
                self._mirror(stories, unsure=True)
            last = stories[-1]

    def _mirror(self, stories: Sequence[int], *, unsure: bool = False) -> None:
        """Bring `here` up to the marks of stories. Within a transaction. `unsure`: some marks may have been lost."""
        set_ = self._marks.of_all(stories)
        holes = ", ".join("?" * len(stories))
        rows: list[Any] = self._db.execute(f"SELECT id, story FROM items WHERE story IN ({holes})", stories).fetchall()
        for item, story in rows:
            wanted = {mark for mark in set_.get(story, ()) if mark in (READ, STARRED) or mark.startswith(TAG)}
            here: list[Any] = self._db.execute("SELECT mark FROM marks WHERE id = ? AND here = 1", (item,)).fetchall()
            known = {mark for (mark,) in here}
            self._set((mark, item, 1, None) for mark in wanted - known)
            self._set((mark, item, 0, 0 if unsure else None) for mark in known - wanted)

    def _set(self, rows: Iterable[tuple[str, str, int, int | None]]) -> None:
        """Put down marks (mark, id, here, there; None: as it was)."""
        for mark, item, here, there in rows:
            self._db.execute(
                "INSERT INTO marks VALUES (?1, ?2, ?3, coalesce(?4, 0), '') ON CONFLICT (mark, id)"
                " DO UPDATE SET here = ?3, there = coalesce(?4, there), why = ''",
                (mark, item, here, there),
            )
            self._db.execute("DELETE FROM marks WHERE mark = ? AND id = ? AND here = 0 AND there = 0", (mark, item))

    # --- both ---

    def vanished(self, limit: int) -> Iterator[list[str]]:
        """The ids of which the server now tells no star or label that it had, so many at a time."""
        with failures(self.path):
            found: list[Any] = self._db.execute(
                "SELECT DISTINCT m.id FROM marks m JOIN items i ON i.id = m.id WHERE m.there = 1 AND m.mark <> ?"
                " AND NOT EXISTS (SELECT 1 FROM told t WHERE t.mark = m.mark AND t.id = m.id)",
                (READ,),
            ).fetchall()
        yield from _batched((item for (item,) in found), limit)

    def let_go(self, ids: Sequence[str]) -> None:
        """Take note that the server has stories no longer; what is marked here stays."""
        with failures(self.path), self._db:
            self._db.executemany("DELETE FROM items WHERE id = ?", [(item,) for item in ids])
            self._db.executemany("DELETE FROM marks WHERE id = ?", [(item,) for item in ids])

    def merge(self) -> int:
        """Bring what changed at the server here, now that it told of all that it has; how many marks were set."""
        with failures(self.path):
            named = {mark for (mark,) in self._db.execute("SELECT mark FROM marks UNION SELECT mark FROM told")}
        taken = 0
        for value in (0, 1):
            for mark in [*sorted(named - {_UNREAD, "recent", READ}), READ]:
                query, last = _READ_THERE[value] if mark == READ else _SET_THERE[value], ""
                while rows := self._changed(query, mark, last):
                    taken += self._take(mark, value, rows)
                    last = rows[-1][0]
        self.look()
        return taken

    def _changed(self, query: str, mark: str, last: str) -> list[Any]:
        with failures(self.path):
            return self._db.execute(f"{query} AND i.id > ?2 ORDER BY i.id LIMIT ?3", (mark, last, _SOME)).fetchall()

    def _take(self, mark: str, value: int, rows: Sequence[tuple[str, int, str, int]]) -> int:
        """Set a mark of items (id, story, key, here) as it is at the server."""
        # What there was to read by now was read: a later revision has changed since.
        text = None if not value else f"{time.time_ns() // 1_000_000}:0" if mark == READ else "1"
        changes = [Change(story, key, mark, text) for _, story, key, here in rows if here != value]
        taken = self._marks.set(SYNCED, changes) if changes else 0
        self._insist()
        with failures(self.path), self._db:
            self._set((mark, item, value, value) for item, *_ in rows)
        return taken

    def waiting(self, limit: int, takes: Callable[[str], bool]) -> Iterator[tuple[str, bool, list[str]]]:
        """What is to be sent of the marks that the server takes: a mark, its value, and at most `limit` ids; what was
        refused before comes after all else, one by one."""
        with failures(self.path):
            kinds = "SELECT DISTINCT why <> '', mark LIKE 'tag/%', mark, here FROM marks WHERE here <> there"
            found: list[Any] = self._db.execute(f"{kinds} ORDER BY 1, 2, 3").fetchall()
        for again, _, mark, value in found:
            if not takes(mark):
                continue
            last = ""
            query = (
                "SELECT id FROM marks WHERE here <> there AND mark = ? AND here = ? AND (why <> '') = ? AND id > ?"
                " ORDER BY id LIMIT ?"
            )
            while True:
                with failures(self.path):
                    wanted = (mark, value, again, last, 1 if again else limit)
                    ids = [item for (item,) in self._db.execute(query, wanted)]
                if not ids:
                    break
                yield mark, bool(value), ids
                last = ids[-1]

    def sent(self, mark: str, value: bool, ids: Sequence[str]) -> None:
        """Take note that the server said OK, and would tell so now."""
        what, is_told = (_UNREAD, not value) if mark == READ else (mark, value)
        change = "INSERT OR IGNORE INTO told VALUES (?, ?)" if is_told else "DELETE FROM told WHERE mark = ? AND id = ?"
        with failures(self.path), self._db:
            self._db.executemany(change, [(what, item) for item in ids])
            self._db.executemany(
                "UPDATE marks SET there = ?, why = '' WHERE mark = ? AND id = ?",
                [(int(value), mark, item) for item in ids],
            )
            self._db.executemany(
                "DELETE FROM marks WHERE mark = ? AND id = ? AND here = 0 AND there = 0", [(mark, item) for item in ids]
            )

    def refused(self, mark: str, ids: Sequence[str], why: str) -> None:
        """Take note that the server did not take a mark, and why. It goes on waiting."""
        with failures(self.path), self._db:
            self._db.executemany(
                "UPDATE marks SET why = ? WHERE mark = ? AND id = ?", [(why or "?", mark, item) for item in ids]
            )

    # --- how it stands ---

    def synced(self) -> None:
        """Take note that all is in order as of now."""
        with failures(self.path), self._db:
            self._keep(synced=time.time())

    def standing(self, takes: Callable[[str], bool]) -> Standing:
        """How it stands, with what was marked here until now; `takes` as in `waiting`."""
        if self._marks.kept:
            self.look()
        with failures(self.path):
            query = "SELECT mark, count(*), count(nullif(why, '')), max(why) FROM marks WHERE here <> there GROUP BY 1"
            found: list[Any] = [row for row in self._db.execute(query) if takes(row[0])]
            waiting, refused = (sum(row[n] for row in found) for n in (1, 2))
            why = max((row[3] for row in found), default="")
            return Standing(float(self._state("synced", 0)), waiting, refused, why)

    def _state(self, name: str, default: Any) -> Any:
        found = self._db.execute("SELECT value FROM state WHERE name = ?", (name,)).get
        return default if found is None else found

    def _keep(self, **state: Any) -> None:
        self._db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", list(state.items()))


def _batched(rows: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Rows in lists of at most so many."""
    rest = iter(rows)
    while found := list(islice(rest, size)):
        yield found


_THERE: Final = "EXISTS (SELECT 1 FROM marks m WHERE m.mark = ?1 AND m.id = i.id AND m.there = 1)"
_HERE: Final = "coalesce((SELECT m.here FROM marks m WHERE m.mark = ?1 AND m.id = i.id), 0)"
_NOW: Final = "EXISTS (SELECT 1 FROM told t WHERE t.mark = ?1 AND t.id = i.id)"
_UNREAD_NOW: Final = "EXISTS (SELECT 1 FROM told t WHERE t.mark = 'unread' AND t.id = i.id)"
_ITEMS: Final = f"SELECT i.id, i.story, i.key, {_HERE} FROM"
_OF_AGREED: Final = f"{_ITEMS} marks a JOIN items i ON i.id = a.id WHERE a.mark = ?1 AND a.there = 1 AND"

_SET_THERE: Final = (
    f"{_OF_AGREED} NOT {_NOW}",
    f"{_ITEMS} told n JOIN items i ON i.id = n.id WHERE n.mark = ?1 AND NOT {_THERE}",
)
_READ_THERE: Final = (
    f"{_OF_AGREED} {_UNREAD_NOW}",
    f"{_ITEMS} items i WHERE NOT {_UNREAD_NOW} AND NOT {_THERE}",
)
"""The items whose mark is now not set at the server and was, and the other way round; read is what is not unread."""
