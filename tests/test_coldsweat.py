"""A server as it is installed, in a process of its own: coldsweat, by Fever's API.

It runs where the environment variable COLDSWEAT names its command, or one is found in PATH; it needs packages that
newsreader's do not go with: `python -m venv there; there/bin/pip install coldsweat==0.10.2 'urllib3<2'`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from newsreader.config import Places, Source, add_source
from newsreader.fetch import FetchProgress
from newsreader.library import MARKS_FILE, Marks
from newsreader.reader import Reader
from newsreader.reader.fetching import fetched
from newsreader.reader.servers import found_server
from tests.newsroom import config_in, ingested
from tests.newsstand import Newsstand

COLDSWEAT = os.environ.get("COLDSWEAT") or shutil.which("coldsweat")
USER, PASSWORD = "alice@harbour.example", "sesame and more"
ITEM = "<item><guid>g{0}</guid><title>Story {0}</title><link>https://harbour.example/{0}.html</link></item>"
LIST = (
    '<opml version="2.0"><head><title>x</title></head><body><outline text="Port">'
    '<outline type="rss" text="Harbour Post" xmlUrl="{0}" /></outline></body></opml>'
)

pytestmark = pytest.mark.skipif(not COLDSWEAT, reason="no coldsweat is installed: COLDSWEAT=... names its command")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of one that has 120 stories."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environ = {**os.environ, "FLASK_DATABASE_URL": f"sqlite:///{tmp_path}/there.db", "FLASK_SECRET_KEY": "x"}

    def command(*words: str) -> list[str]:
        return [str(COLDSWEAT), *words]

    with Newsstand() as stand:
        items = "".join(map(ITEM.format, range(120)))
        stand.routes["/feed"] = f'<rss version="2.0"><channel><title>Harbour Post</title>{items}</channel></rss>'
        (tmp_path / "feeds.opml").write_text(LIST.format(stand.url("/feed")))
        subprocess.run(command("setup", USER, "--password", PASSWORD), env=environ, check=True)
        subprocess.run(command("import", "--fetch", str(tmp_path / "feeds.opml"), USER), env=environ, check=True)
    running = subprocess.Popen(command("run", "--port", port), env=environ, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with socket.socket() as end:
                if end.connect_ex(("127.0.0.1", int(port))) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        running.terminate()
        running.wait(20)


def synced(places: Places) -> FetchProgress:
    """Sync; the last word."""
    (last,) = (word for word in fetched(places, []) if word.is_last)
    assert last.failure is None, last.failure
    return last


def test_two_newsreaders_agree_by_coldsweat(server: str, tmp_path: Path) -> None:
    homes = [config_in(tmp_path / name) for name in ("one", "two")]
    for config in homes:
        source, feeds = found_server(config.places, server, USER, PASSWORD, None)
        assert (source.api, [(feed.title, feed.folder) for feed in feeds]) == ("fever", [("Harbour Post", "Port")])
        add_source(config.places, Source("there", server, "server", user=USER, password=PASSWORD))
        assert synced(config.places).added == 120
    with Reader.open(homes[0]) as reader:
        ingested(reader)
        rows = {row.title: row for row in reader.rows().page(limit=200)}
        reader.marks.mark_read([rows[f"Story {n}"].id for n in range(70)])
        reader.marks.star([rows["Story 7"].id, rows["Story 8"].id])
    for config in homes:
        synced(config.places)
    with closing(Marks(homes[1].places.data / MARKS_FILE)) as marks:
        undone = marks.undo()
    assert undone is None, "what came from the server is nobody's to undo"
    with Reader.open(homes[1]) as reader:
        ingested(reader)
        assert sorted(row.title for row in reader.rows().page(limit=200) if row.starred) == ["Story 7", "Story 8"]
        assert reader.rows().counts().unread == 50
        reader.marks.star([rows["Story 8"].id], starred=False)
    for config in (homes[1], homes[0]):
        assert synced(config.places).added == 0
    with Reader.open(homes[0]) as reader:
        ingested(reader)
        assert [row.title for row in reader.rows().page(limit=200) if row.starred] == ["Story 7"]
