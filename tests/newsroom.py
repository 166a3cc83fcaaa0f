"""Made-up stories, dumps and shelves for the tests of the library and the reader."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsreader.article import Article, Paragraph, Span, Topic
from newsreader.config import Config, load_config
from newsreader.dump import Dump, encode
from newsreader.identity import story_id, story_key
from newsreader.jobs.wire import Wire
from newsreader.library import Index, Marks
from newsreader.library.record import content_hash, record
from newsreader.library.writing import Found, Writer
from newsreader.reader import Reader, View

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Story:
    """What a test says of a dump: the number in its URL, its time in milliseconds, and so on."""

    n: int
    time: int = 0
    source: str = "Harbour Post"
    title: str = "Night ferry"
    text: str = "The first ferry left before the fog did."
    topics: tuple[str, ...] = ()
    name: str = ""
    also: tuple[str, ...] = ()  # other sources that have it

    @property
    def url(self) -> str:
        return f"https://harbour.example/story-{self.n}"

    @property
    def id(self) -> str:
        return story_id(story_key(self.url))

    @property
    def place(self) -> tuple[int, str]:
        return self.time, self.id

    def article(self) -> Article:
        moment = EPOCH + timedelta(milliseconds=self.time)
        key = story_key(self.url)
        return Article(
            id=story_id(key),
            key=key,
            url=self.url,
            title=self.title,
            source=self.source,
            published=moment,
            updated=moment,
            topics=tuple(Topic("", name) for name in self.topics),
            blocks=(Paragraph((Span(self.text),)),),
        )

    def found(self, archive: int = 1) -> Found:
        content = content_hash(repr(replace(self, source="", name="", also=())).encode())
        name = self.name or f"{self.source}/{self.n}.md"
        return Found(archive, name, 1, self.time, self.n, self.source, hash=content, record=record(self.article()))

    def dumps(self, archive: int = 1) -> list[Found]:
        """What every source has of it."""
        return [replace(self, source=source).found(archive) for source in (self.source, *self.also)]

    def dump(self) -> bytes:
        body = f"<p>{self.text}</p>"
        return encode(Dump(self.title, self.url, self.time, body))


def new_index(home: Path) -> Index:
    """The index in a folder."""
    home.mkdir(exist_ok=True)
    return Index(home / "index.db", Marks(home / "marks.db"))


@contextmanager
def index_of(home: Path, stories: Iterable[Story] = ()) -> Iterator[Index]:
    """A index with stories."""
    index = new_index(home)
    try:
        put(index, stories)
        yield index
    finally:
        index.close()


def put(index: Index, stories: Iterable[Story]) -> int:
    """Write the dumps of stories as those of one archive; how many stories are new."""
    number, _ = index.write(Writer.archive, "/archive", "folder")
    return index.write(Writer.put, [dump for story in stories for dump in story.dumps(number)])[0]


def config_in(home: Path) -> Config:
    """A configuration that lives in a folder."""
    return load_config({"NEWSREADER_HOME": str(home), "TZ": "UTC"})


def write_archive(root: Path, stories: Iterable[Story]) -> Path:
    """A folder of dumps; the time of a file is that of its story."""
    for story in stories:
        path = root / (story.name or f"articles/{story.source}/{story.n}.md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(story.dump())
        os.utime(path, ns=(story.time * 10**6, story.time * 10**6))
    return root


def ingested(reader: Reader) -> Any:
    """Ingest all; the last Progress."""
    *_, last = reader.ingest()
    reader.changed()
    return last


def titles(reader: Reader, view: View | None = None) -> list[str]:
    """The titles of a view's first rows."""
    return [row.title for row in reader.rows(view or View()).page(limit=1000)]


def live_and_be_killed(end: socket.socket, _: object) -> None:
    """As a process of its own (forkserver.fork): read an archive, star stories of it, and end with nothing closed."""
    [(home, archive, stories)] = Wire(end).receive(None, most=1)
    with Reader.open(config_in(home), archive) as reader:
        ingested(reader)
    reader = Reader.open(config_in(home), archive)
    reader.marks.star(stories)
    os._exit(0)
