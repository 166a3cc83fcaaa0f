"""The file of the marks, or what stands in for it.

Decided only here: what becomes of marks that cannot be written: they go on in memory, with all that could be read of
the file, and into the file once that goes again; the first failure is told, once. A damaged file is never replaced in
silence: a copy is set aside, and what can be read of it is brought over.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

import apsw

from newsreader.errors import StorageFailed, Warning
from newsreader.files import make_folder
from newsreader.library.db import DAMAGE, REFUSED, fetched, inode, reason, sound
from newsreader.library.mark_kinds import Change, everything
from newsreader.library.schema import memory_marks, open_marks

if TYPE_CHECKING:
    from _typeshed import StrPath

_RETRY_SECONDS: Final = 5
"""How often it is tried again to write what could not be written."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class MarksFile:
    """The marks at a path, as a database. `notices` collects what the reader ought to be told; `unsaved` is what the
    file lacks, by story and mark, which `write_late` writes, within a transaction, once it can. `makes`: whether its
    folder is made; who is sent by another newsreader finds it, or its home has gone."""

    def __init__(self, path: StrPath, write_late: Callable[[list[Change]], None], *, makes: bool) -> None:
        self.path = os.fspath(path)
        self.notices: list[Warning] = []
        self.unsaved: dict[tuple[int, str], Change] = {}
        self._write_late = write_late
        self._makes = makes
        self._failed = False
        self._version = 0
        self._node = 0
        self._is_gone = self._is_foreign = False
        self._next_try = 0.0
        self.db = self._open()

    @property
    def is_there(self) -> bool:
        """Whether there is a file that they come from, be it one that cannot be written."""
        return bool(self.db.filename)

    @property
    def is_kept(self) -> bool:
        """Whether what is marked goes into the file."""
        return bool(self.db.filename) and not self.db.readonly("main")

    def close(self) -> None:
        """Write what could not be written before, if that goes by now, see to the copy of the day, and let go of the
        file."""
        try:
            if self.unsaved:
                self._on_file(lambda: None)
            if self.is_kept:
                self._back_up()
        except (OSError, *REFUSED, *DAMAGE):
            pass
        finally:
            self.db.close()

    def moved(self) -> bool:
        """Whether another process changed the marks since this was asked last, or what could not be written is written
        now; cheap."""
        if self._has_gone():
            return False
        if (not self.is_kept or self.unsaved or inode(self.path) != self._node) and time.monotonic() >= self._next_try:
            return self._come_back()
        try:
            version = self.db.pragma("data_version")
        except DAMAGE:
            self._heal()
            return True
        except REFUSED:
            return False
        moved = version != self._version
        self._version = version
        return bool(moved)

    def faults(self) -> list[str]:
        """What is wrong with the file, of which all is read; empty if it is sound. It is mended then, which `notices`
        tell."""
        try:
            found = sound(self.db)
            if not found:
                everything(self.db)
        except DAMAGE as error:
            found = [reason(error)]
        if found:
            self._heal()
        return found

    def attempt(self, write: Callable[[], _T]) -> _T:
        """One transaction: on the file; if that refuses, in memory, which raises StorageFailed once."""
        failure: Exception | None = None
        if self.is_kept or time.monotonic() >= self._next_try:
            try:
                done = self._on_file(write)
                self._failed = False
                return done
            except (OSError, *REFUSED, *DAMAGE) as error:
                self._next_try = time.monotonic() + _RETRY_SECONDS
                failure = error
        self._go_on_in_memory()
        with self.db:
            done = write()
        if failure is not None and not self._failed:
            self._failed = True
            raise StorageFailed(self.path, reason(failure)) from failure
        return done

    def _on_file(self, write: Callable[[], _T]) -> _T:
        """One transaction on the file, first with what it lacks. Raises OSError and apsw's errors of db.REFUSED."""
        late = list(self.unsaved.values())
        for again in (False, True):
            try:
                if not self.is_kept or inode(self.path) != self._node:
                    self._use(self._opened())
                with self.db:
                    if late:
                        self._write_late(late)
                    done = write()
                break
            except DAMAGE:
                if again:
                    raise
                self._heal()
        self.unsaved.clear()
        return done

    def _open(self) -> apsw.Connection:
        """The file, to be written, else to be read, else as much of it as can be had in memory."""
        try:
            db, fault = self._found()
        except DAMAGE:
            return self._salvaged()
        except (OSError, *REFUSED) as error:
            self._failed = True
            self.notices.append(Warning("marks-not-kept", reason(error)))
            return memory_marks()
        if fault:
            db.close()
            self._is_foreign = self._failed = True
            self.notices.append(Warning("marks-of-newer-version", self.path))
            return self._in_memory()
        self._node = inode(self.path)
        if db.readonly("main"):
            self._failed = True
            self.notices.append(Warning("marks-read-only", self.path))
        self._version = db.pragma("data_version")
        return db

    def _opened(self) -> apsw.Connection:
        """The file that could not be written, to be written now; made only if there never was one."""
        if self._is_foreign or self._has_gone():
            raise FileNotFoundError(errno.ENOENT, "not there", self.path)
        db, fault = self._found()
        if fault or db.readonly("main"):
            db.close()
            raise apsw.ReadOnlyError(self.path)
        return db

    def _found(self) -> tuple[apsw.Connection, str]:
        if self._makes and not self._node:
            make_folder(Path(self.path).parent)
        return open_marks(self.path)

    def _use(self, db: apsw.Connection) -> None:
        self.db.close()
        self.db, self._node = db, inode(self.path)
        self._version = db.pragma("data_version")

    def _has_gone(self) -> bool:
        """Whether the file was there and is no longer, nor another in its place: its folder was renamed, or its disk
        taken away. Told at either change."""
        is_gone = bool(self._node) and not inode(self.path)
        if is_gone != self._is_gone:
            self._is_gone = is_gone
            self.notices.append(Warning("marks-gone" if is_gone else "marks-back", self.path))
        return is_gone

    def _come_back(self) -> bool:
        """Write what could not be written; whether that went."""
        self._next_try = time.monotonic() + _RETRY_SECONDS
        try:
            self._on_file(lambda: None)
        except (OSError, *REFUSED):
            return False
        if self._failed:
            self._failed = False
            self.notices.append(Warning("marks-kept-again", self.path))
        return True

    def _go_on_in_memory(self) -> None:
        if self.db.filename:
            memory = apsw.Connection(":memory:")
            memory.transaction_mode = "IMMEDIATE"
            try:
                with memory.backup("main", self.db, "main") as copying:
                    copying.step(-1)
                memory.pragma("user_version")
            except (*REFUSED, *DAMAGE):
                memory.close()
                memory = self._in_memory()
            self.db.close()
            self.db = memory

    def _in_memory(self) -> apsw.Connection:
        """All that can be read of the file, whatever state it is in, and what it lacks."""
        from newsreader.library.salvage import bring_over

        db = memory_marks()
        with suppress(OSError):
            bring_over(Path(self.path), db)
        return db

    def _heal(self) -> None:
        """Have damaged marks salvaged, unless another process has done so already."""
        in_file = bool(self.db.filename)
        self.db.close()
        self.db = self._open() if in_file and inode(self.path) not in (0, self._node) else self._salvaged()

    def _salvaged(self) -> apsw.Connection:
        from newsreader.library.salvage import Salvaged, bring_over, salvage

        try:
            told = salvage(Path(self.path))
            db, _ = open_marks(self.path)
            self._node = inode(self.path)
            self._version = db.pragma("data_version")
        except (OSError, *REFUSED, *DAMAGE) as error:
            self._failed = True
            self.notices.append(Warning("marks-not-kept", reason(error)))
            db, told = memory_marks(), Salvaged("", 0, 0, 0)
            with suppress(OSError):
                told = Salvaged("", *bring_over(Path(self.path), db))
        if told.aside:
            self.notices.append(Warning("marks-damaged", told.aside))
        self.notices.append(Warning("marks-salvaged", f"{told.read}, {told.restored}, {told.lost}"))
        return db

    def _back_up(self) -> None:
        from newsreader.library.backups import back_up, is_due

        if self.asked(is_due, Path(self.path)):
            self.asked(everything)
            self.asked(back_up, Path(self.path))

    def asked(
        self, question: Callable[Concatenate[apsw.Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """The answer of the file, mended first if it is damaged, or of what stands in for it."""
        for _ in range(2):
            try:
                return question(self.db, *args, **kwargs)
            except DAMAGE:
                self._heal()
            except REFUSED:
                self._go_on_in_memory()
        return question(self.db, *args, **kwargs)

    def ask(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self.asked(fetched, query, *values)
