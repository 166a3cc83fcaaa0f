"""An index of as many stories as one wants: an archive's own, and copies of them under other titles, URLs and times.

The index says of a tar of the originals that it was wholly read, so that opening the tar shows all of them at once, as
a second start does.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

from newsreader.archive import Member, open_archive
from newsreader.article import Article
from newsreader.config import load_config
from newsreader.dump import decode
from newsreader.identity import story_id
from newsreader.library import Index, Marks
from newsreader.library.record import content_hash, record
from newsreader.library.writing import Found, Writer
from newsreader.parse import parse
from newsreader.reader import Reader

_BATCH = 512


def prepare(archive: Path, count: int, home: Path) -> Path:
    """Fill an index of `count` stories under `home` (a NEWSREADER_HOME), and return the path that opens it."""
    path = home / f"{count}.tar"
    if (home / "filled").exists():
        return path
    home.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        if count:
            tar.add(archive, arcname=".")
    config = load_config({"NEWSREADER_HOME": str(home)})
    if not count:
        path.write_bytes(b"<!--0-->\n[](https://nobody.example/)\n------\n\n")
    with Reader.open(config, path) as reader:
        target = reader.target
    index = Index(target.index, Marks(target.marks), zone=target.zone, filling=True)
    with index.only_filler(), open_archive(path) as opened:
        number, _ = index.write(Writer.archive, opened.root, opened.kind)
        found = _found(list(_parsed(archive, count)), number, count)
        while batch := list(islice(found, _BATCH)):
            index.write(Writer.put, batch)
        index.write(Writer.read_wholly, number, opened.fingerprint)
        index.write(Writer.complete)
    index.close()
    (home / "filled").touch()
    return path


def _parsed(archive: Path, count: int) -> Iterator[tuple[Member, Article]]:
    with open_archive(archive) as opened:
        entries = (entry for entry in opened.entries() if isinstance(entry, tuple))
        for member, data in islice(entries, count):
            yield member, parse(decode(data), source=member.source)


def _found(originals: list[tuple[Member, Article]], archive: int, count: int) -> Iterator[Found]:
    for n in range(count):
        member, article = originals[n % len(originals)]
        if lap := n // len(originals):
            url = f"https://copy-{lap}.example/{article.id}"
            earlier = timedelta(days=lap)
            article = replace(
                article,
                key=url,
                id=story_id(url),
                url=url,
                title=f"{article.title} {n}",
                published=article.published and article.published - earlier,
                updated=article.updated and article.updated - earlier,
            )
        yield Found(
            archive=archive,
            name=f"{n}/{member.name}",
            size=member.size,
            mtime_ns=member.mtime_ns,
            inode=n,
            source=member.source,
            hash=content_hash(article.id.encode() + str(n).encode()),
            record=record(article),
        )
