"""Reading feeds, beside bare feedparser on the same files in one run: CPU seconds, and feeds a second.

feedparser is timed as it comes, and as lean as it gets: without taking dangerous markup out and without resolving the
addresses in texts. Run it as `python -m tests.benchmarks.feeds [FILE...]`; without files, feeds of our own making, once
well-formed and once with a stray ampersand in every item.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import feedparser

from newsreader.fetch.feeds import read_feed

TIMES = 5
_TEXT = (
    "<p>The first ferry left <b>before</b> the fog did, &amp; <a href='https://harbour.example/x'>came</a> back.</p>\n"
)


def made() -> dict[str, list[bytes]]:
    """Feeds of the usual sizes: short and full texts, RSS and Atom."""
    good = [_rss(30, 20), _rss(100, 2), _rss(10, 60), _atom(30, 20), _atom(100, 2)]
    return {"well-formed": good, "broken": [feed.replace(b"Night ferry", b"Fish & chips") for feed in good]}


def _rss(items: int, lines: int) -> bytes:
    item = (
        "<item><title>Night ferry {n}</title><link>https://harbour.example/{n}</link><guid>{n}</guid>"
        "<pubDate>Sun, 28 Jun 2020 09:01:35 GMT</pubDate><dc:creator>Lin An</dc:creator><category>Fog</category>"
        "<description>The first ferry left.</description><content:encoded><![CDATA[{text}]]></content:encoded>"
        "<media:content url='https://harbour.example/{n}.jpg' medium='image'/></item>"
    )
    head = (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'"
        " xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:media='http://search.yahoo.com/mrss/'>"
        "<channel><title>Harbour Post</title><link>https://harbour.example/</link>"
    )
    body = "".join(item.format(n=n, text=_TEXT * lines) for n in range(items))
    return f"{head}{body}</channel></rss>".encode()


def _atom(entries: int, lines: int) -> bytes:
    entry = (
        "<entry><title>Night ferry {n}</title><id>tag:harbour.example,2020:{n}</id>"
        "<updated>2020-06-28T09:01:35Z</updated><link rel='alternate' href='https://harbour.example/{n}'/>"
        "<author><name>Lin An</name></author>"
        "<content type='html'>{text}</content></entry>"
    )
    text = (_TEXT * lines).replace("&", "&amp;").replace("<", "&lt;")
    body = "".join(entry.format(n=n, text=text) for n in range(entries))
    head = "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'><title>Harbour Post</title>"
    return f"{head}{body}</feed>".encode()


def ours(data: bytes) -> object:
    """As a worker does it."""
    return read_feed(data, "https://harbour.example/feed.xml")


def as_it_comes(data: bytes) -> object:
    """feedparser with all that it does."""
    return feedparser.parse(BytesIO(data))


def lean(data: bytes) -> object:
    """feedparser without what costs it most."""
    return feedparser.parse(BytesIO(data), sanitize_html=False, resolve_relative_uris=False)


def seconds(read: Callable[[bytes], object], feeds: list[bytes]) -> float:
    """The CPU time of reading all feeds, the best of some."""
    best = float("inf")
    for _ in range(TIMES):
        begin = time.process_time()
        for feed in feeds:
            read(feed)
        best = min(best, time.process_time() - begin)
    return best


def main(arguments: list[str]) -> None:
    """Print a table."""
    sets = {"files": [Path(name).read_bytes() for name in arguments]} if arguments else made()
    for name, feeds in sets.items():
        took = {read.__name__: seconds(read, feeds) for read in (ours, as_it_comes, lean)}
        print(f"{name}: {len(feeds)} feeds, {sum(map(len, feeds)) / 1e6:.1f} MB")
        for reader, spent in took.items():
            print(f"  {reader:12} {len(feeds) / spent:7.0f} feeds/s   ours takes {took['ours'] / spent:.2f} x as long")


if __name__ == "__main__":
    main(sys.argv[1:])
