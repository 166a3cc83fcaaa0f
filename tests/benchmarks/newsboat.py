"""newsboat on the same stories: a feed of them, and its cache filled up with copies under other titles and URLs."""

from __future__ import annotations

import email.utils
import html
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import apsw

from newsreader.archive import open_archive
from newsreader.dump import decode

FEED: Final = "benchmark-feed"
_CONFIG: Final = "bind-key j down\nbind-key k up\nauto-reload no\nrefresh-on-startup no\nbrowser true\n"
_no_xml = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def installed() -> bool:
    """Whether this machine has newsboat."""
    return shutil.which("newsboat") is not None


def prepare(archive: Path, count: int, work: Path) -> list[str]:
    """The command that opens newsboat on `count` stories made of the archive's; builds its cache in `work` once."""
    cache = work / f"newsboat-{count}.db"
    if not cache.exists():
        part = work / "newsboat-part.db"
        part.unlink(missing_ok=True)
        (work / "feed.xml").write_text(_feed(archive, min(count, 1000)), "utf-8", "replace")
        (work / "urls").write_text(f"file://{work / 'feed.xml'}\n")
        (work / "config").write_text(_CONFIG)
        subprocess.run([*_command(work, part), "-x", "reload"], check=True, capture_output=True, timeout=600)
        _fill(part, count)
        part.rename(cache)
    return _command(work, cache)


def _command(work: Path, cache: Path) -> list[str]:
    return ["newsboat", "-u", str(work / "urls"), "-c", str(cache), "-C", str(work / "config")]


def _feed(archive: Path, limit: int) -> str:
    with open_archive(archive) as opened:
        dumps = [decode(entry[1]) for entry in opened.entries() if isinstance(entry, tuple)][:limit]
    items = "".join(
        f"<item><title>{html.escape(dump.title)}</title><link>http://story/{i}</link><guid>g{i}</guid>"
        f"<pubDate>{email.utils.formatdate((dump.time_ms or 0) / 1000)}</pubDate>"
        f"<description>{html.escape(dump.body)}</description></item>"
        for i, dump in enumerate(dumps)
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{FEED}</title>'
        f"<link>http://story/</link><description>d</description>{_no_xml.sub('', items)}</channel></rss>"
    )


def _fill(cache: Path, count: int) -> None:
    db = apsw.Connection(str(cache))
    names = [str(row[1]) for row in db.execute("pragma table_info(rss_item)")]
    rows = list(db.execute("select * from rss_item"))
    title, url, guid, number = (names.index(name) for name in ("title", "url", "guid", "id"))

    def copies() -> Iterator[tuple[object, ...]]:
        for i in range(len(rows), count):
            row = list(rows[i % len(rows)])
            row[number], row[guid], row[url] = None, f"g{i}", f"http://story/{i}"
            row[title] = f"{row[title]} {i}"
            yield tuple(row)

    with db:
        db.executemany(f"insert into rss_item values ({','.join('?' * len(names))})", copies())
    db.close()
