"""Jobs that run beside the window, heard in its loop: indexing, fetching, asking what is at an address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from newsreader.errors import NewsreaderError

if TYPE_CHECKING:
    from newsreader.jobs import Job

T = TypeVar("T")


class Watched(Generic[T]):
    """A job until it ends or is stopped. `then` takes what it tells, and what it failed with or None."""

    def __init__(self, job: Job[T], then: Callable[[list[T], NewsreaderError | None], None]) -> None:
        self.is_running = True
        self._job = job
        self._then = then
        self._number = job.fileno()
        asyncio.get_running_loop().add_reader(self._number, self._listen)

    def stop(self) -> bool:
        """End it; False if it has ended."""
        was_running, self.is_running = self.is_running, False
        if was_running:
            asyncio.get_running_loop().remove_reader(self._number)
            self._job.cancel()
        return was_running

    def _listen(self) -> None:
        told: list[T] = []
        failure: NewsreaderError | None = None
        try:
            told = self._job.poll(0)
        except NewsreaderError as error:
            failure = error
        if not self._job.is_running:
            self.stop()
        self._then(told, failure)
