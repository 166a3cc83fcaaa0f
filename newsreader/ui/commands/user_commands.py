"""The reader's own commands on stories, [commands.NAME] in the settings, run beside the window.

Decided only here: how long and how much a command may print, and what becomes of that: a page of the story, or a line
among what `E` lists; that what makes no page, such as a film, goes on when the window ends. Never a shell, and no words
of a story in its arguments but the addresses of it and of its enclosure, http and https only.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from tempfile import TemporaryFile
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

from newsreader.config import Program
from newsreader.errors import NewsreaderError
from newsreader.safety import clean_line, is_openable, openable
from newsreader.summary import Summary
from newsreader.ui.dialogs import Choice, Item

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from newsreader.article import Article
    from newsreader.ui.screens.reading_screen import ReadingScreen

PATIENCE: Final = 600.0
"""Seconds that a command has for a page."""
MOST: Final = 4 * 2**20
"""Bytes of a page."""
_TAIL: Final = 2000
_REMEMBERED: Final = 50
_INDEXED: Final = 100  # tenths of a second
_SUFFIXES: Final = {"text": "", "markdown": ".md", "json": ".json"}
_DYING: Final = 2.0  # seconds between asking a program to end and ending it


class _Ended(NamedTuple):
    """How a command ended: what it was about, in words, and the end of what it printed."""

    what: str
    told: str
    tail: str


class Programs:
    """Runs commands for the keys of a screen."""

    def __init__(self, screen: ReadingScreen) -> None:
        self.screen = screen
        self._running: dict[asyncio.Task[None], str] = {}
        self._ended: list[_Ended] = []
        self._is_leaving = False

    def action_run_command(self, _count: int | None) -> None:
        """Let a command be picked and run it on stories, one after another."""
        programs, rows = self.screen.settings.commands, self.screen.marking.targets(None)
        if not rows:
            return
        if not programs:
            self.screen.status.say("no_commands")
            return
        items = [
            Item("", clean_line(program.name), note=clean_line(" ".join(program.argv)), value=program)
            for program in programs
        ]
        title = self.screen.words.say("run_command")
        self.screen.window.pick(Choice(title, items), lambda item: self._start(item.value, rows))

    def items(self) -> list[Item]:
        """What ended lately, the last first, for the list of what failed."""
        return [
            Item("", clean_line(ended.what), note=clean_line(ended.told), below=clean_line(ended.tail)[-300:])
            for ended in reversed(self._ended)
        ]

    def stop(self) -> bool:
        """End what is running; False if nothing is."""
        for task in self._running:
            task.cancel()
        return bool(self._running)

    async def stopped(self) -> None:
        """End what is running for a page, and see it end; leave the rest alone."""
        self._is_leaving = True
        tasks = list(self._running)
        self.stop()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- One command ---

    def _start(self, program: Program, rows: Sequence[Summary]) -> None:
        screen = self.screen
        if shutil.which(program.argv[0], path=os.environ.get("PATH")) is None:
            screen.status.complain(screen.words.say("pipe_unknown", program=clean_line(program.argv[0])))
            return
        screen.headlines.selection.clear()
        if program.terminal:
            for row in rows:
                if (argv := self._argv(program, row)) is not None:
                    screen.status.tell(screen.window.pipe(argv, self._input(program, row)))
            return
        task = asyncio.ensure_future(self._run(program, rows))
        self._running[task] = clean_line(program.name)
        task.add_done_callback(self._over)
        self._show()

    def _over(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.screen.status.complain(self.screen.words.say("failed", why=str(error)))
        self._show()

    def _show(self) -> None:
        names = ", ".join(dict.fromkeys(self._running.values()))
        self.screen.status.show_running(self.screen.words.say("command_runs", name=names) if names else "")
        self.screen.sync()

    async def _run(self, program: Program, rows: Sequence[Summary]) -> None:
        for row in rows:
            argv = self._argv(program, row)
            if argv is not None:
                await self._one(program, row, argv)

    async def _one(self, program: Program, row: Summary, argv: Sequence[str]) -> None:
        text = self._input(program, row)
        try:
            await (self._for_page if program.output == "page" else self._beside)(program, row, argv, text)
        except OSError as error:
            self._tell(program, row, "command_failed", why=error.strerror or str(error))

    async def _for_page(self, program: Program, row: Summary, argv: Sequence[str], text: str | None) -> None:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=DEVNULL if text is None else PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
        )
        try:
            async with asyncio.timeout(PATIENCE):
                told, errors = await _talk(process, text)
        except TimeoutError:
            self._tell(program, row, "command_slow")
        except _Flood:
            self._tell(program, row, "command_floods")
        else:
            await self._take(program, row, process.returncode or 0, told, errors)
        finally:
            if process.returncode is None:
                await _end(process.pid, process.communicate)

    async def _beside(self, program: Program, row: Summary, argv: Sequence[str], text: str | None) -> None:
        """Run what makes no page. The end of what it prints is kept by `tail`, which outlives the window as it does:
        nobody has to read it, and it never finds its output closed."""
        loop = asyncio.get_running_loop()
        over = loop.create_future()

        def wait() -> None:
            process.communicate(None if text is None else text.encode("utf-8", "replace"))
            keeper.wait()
            with suppress(RuntimeError):  # the window has ended
                loop.call_soon_threadsafe(over.set_result, None)

        with TemporaryFile() as end:
            keeper = subprocess.Popen(
                ("tail", "-c", str(_TAIL)), stdin=PIPE, stdout=end, stderr=DEVNULL, start_new_session=True
            )
            assert keeper.stdin is not None
            with keeper.stdin as printed:  # which ends it if nothing else prints there
                process = subprocess.Popen(
                    argv,
                    stdin=DEVNULL if text is None else PIPE,
                    stdout=printed,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            Thread(target=wait, name="command", daemon=True).start()
            try:
                await asyncio.shield(over)
            except asyncio.CancelledError:
                if not self._is_leaving:
                    await _end(process.pid, lambda: asyncio.shield(over))
                raise
            end.seek(0)
            await self._take(program, row, process.returncode, end.read(), b"")

    async def _indexed(self, row: Summary, program: Program) -> None:
        """Until a page is where `R` finds it, for some time."""
        self.screen.window.indexing.look_for_new()
        for _ in range(_INDEXED):
            if any(page.made_by == program.name for page, _ in self.screen.reader.pages(row.id)):
                return
            await asyncio.sleep(0.1)

    async def _take(self, program: Program, row: Summary, code: int, told: bytes, errors: bytes) -> None:
        text = told.decode("utf-8", "replace")
        tail = (errors or told)[-_TAIL:].decode("utf-8", "replace")
        if code:
            self._tell(program, row, "command_ended", tail, code=code)
        elif program.output == "none":
            self._tell(program, row, "command_done", tail)
        elif not text.strip():
            self._tell(program, row, "command_silent", tail)
        else:
            try:
                self.screen.reader.keep_page(row.id, program.name, text)
            except NewsreaderError as error:
                self.screen.status.fail(error)
                return
            await self._indexed(row, program)
            key = self.screen.keymap.shown("revisions")
            self.screen.status.say("command_page", name=clean_line(program.name), key=key)

    def _tell(self, program: Program, row: Summary, phrase: str, tail: str = "", **fields: object) -> None:
        told = self.screen.words.say(phrase, name=clean_line(program.name), **fields)
        self._ended = [*self._ended, _Ended(row.title, told, tail)][-_REMEMBERED:]
        if phrase == "command_done":
            self.screen.status.tell(told)
        else:
            self.screen.status.complain(told)

    # --- What it is given ---

    def _input(self, program: Program, row: Summary) -> str | None:
        if program.input == "none":
            return None
        return self.screen.sharing.document(row, _SUFFIXES[program.input])

    def _argv(self, program: Program, row: Summary) -> list[str] | None:
        """The words of a command for a story; None if it said what the story lacks."""
        wanted = " ".join(program.argv[1:])
        given: dict[str, str] = {}
        for sign, url, otherwise in (
            ("%u", row.url, "no_address"),
            ("%e", self._enclosure(row) if "%e" in wanted else "", "no_enclosure"),
        ):
            if sign in wanted:
                if not (is_openable(url) and url.lower().startswith(("http://", "https://"))):
                    self.screen.status.say(otherwise)
                    return None
                given[sign] = openable(url)
        return [program.argv[0], *(_filled(word, given) for word in program.argv[1:])]

    def _enclosure(self, row: Summary) -> str:
        article: Article = self.screen.reader.article(row.id)
        return next((link.url for link in article.links if link.kind == "media"), "")


def _filled(word: str, given: Mapping[str, str]) -> str:
    """A word with addresses in the place of their signs, each read once: an address may hold what looks like one."""
    return re.sub("%[ue]", lambda sign: given.get(sign[0], sign[0]), word)


class _Flood(Exception):
    """A command prints more than a page may be."""


async def _talk(process: Process, text: str | None) -> tuple[bytes, bytes]:
    """Give a program its input and read what it prints until it ends: its output and the end of its errors. Raises
    _Flood."""
    assert process.stdout is not None
    assert process.stderr is not None

    async def give() -> None:
        if text is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.write(text.encode("utf-8", "replace"))
                await process.stdin.drain()
            process.stdin.close()

    async def read(stream: asyncio.StreamReader, bound: int | None) -> bytes:
        held = b""
        while piece := await stream.read(65536):
            held += piece
            if bound is None:
                held = held[-_TAIL:]
            elif len(held) > bound:
                raise _Flood
        return held

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(give())
            told = group.create_task(read(process.stdout, MOST))
            errors = group.create_task(read(process.stderr, None))
            group.create_task(process.wait())
    except ExceptionGroup as several:
        raise _Flood from several
    return told.result(), errors.result()


async def _end(pid: int, over: Callable[[], Awaitable[object]]) -> None:
    """End a program that has not ended, and what it has started; `over` waits until it has."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)
        with suppress(TimeoutError):
            await asyncio.wait_for(over(), _DYING)
            return
