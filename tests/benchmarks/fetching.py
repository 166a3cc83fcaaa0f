"""What fetching costs: `python -m tests.benchmarks.fetching`; beside newsboat for feeds, beside curl for an archive.

Feeds come from a small server on loopback in a process of its own; a remote archive from nginx where it is installed,
else from that server too. Every program fetches what was never fetched, and then the same again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from newsreader.config import Source, add_source, load_config
from newsreader.fetch import fetch
from tests.benchmarks.__main__ import _archive, _work
from tests.benchmarks.table import Table

ITEMS: Final = 50
FEEDS_PORT, ARCHIVE_PORT = 8765, 8766
_FETCH: Final = (
    "from newsreader.config import load_config\nfrom newsreader.reader import Reader\n"
    "with Reader.open(load_config()) as reader:\n    list(reader.network.fetch())"
)
_PARAGRAPH: Final = (
    "<p>守塔人每天清晨五點起床，先記潮位。 A paragraph with <b>a word</b> and <a href='http://x/y'>a link</a>.</p>"
)


def main() -> None:
    """Measure everything and print the table; or, as `--serve`, be the server."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.fetching", description="What fetching costs.")
    parser.add_argument("--feeds", type=int, default=500, help="number of feeds (default: %(default)s)")
    parser.add_argument("--work", type=Path, help="where everything is written")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(asked.serve))
        return
    with _work(asked.work) as work:
        site = work / "site"
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(_archive(work), site)
        names = _list_all(site)
        table = Table()
        with _server(site):
            table.heading(f"{asked.feeds} feeds of {ITEMS} items")
            _feeds(work, asked.feeds, table)
        with _web_server(site, work):
            table.heading(f"a remote archive of {len(names):,} dumps")
            _remote(work, names, table)
        print(table)


# --- feeds --------------------------------------------------------------------------------------------------------


def _feeds(work: Path, count: int, table: Table) -> None:
    urls = [f"http://127.0.0.1:{FEEDS_PORT}/feed/{n}" for n in range(count)]
    config = load_config({"NEWSREADER_HOME": str(_emptied(work / "home"))})
    config.places.make(config.places.config)
    tables = (f'[[source]]\nname = "F{n}"\nlocation = "{url}"\nkind = "feed"\n' for n, url in enumerate(urls))
    config.places.sources_file.write_text("\n".join(tables))
    env = {"NEWSREADER_HOME": str(work / "home")}
    run = partial(_run, [sys.executable, "-c", _FETCH], env)
    first, memory = run()
    again, _ = run()
    index, _ = _run([sys.executable, "-m", "newsreader", "index"], env)
    if shutil.which("newsboat"):
        home = _emptied(work / "newsboat")
        (home / "urls").write_text("\n".join(urls) + "\n")
        (home / "config").write_text("reload-threads 6\n")
        other = [
            "newsboat",
            "-u",
            str(home / "urls"),
            "-C",
            str(home / "config"),
            "-c",
            str(home / "db"),
            "-x",
            "reload",
        ]
        theirs = [_run(other, {}), _run(other, {})]
        table.add("all new", "s", first, "newsboat", theirs[0][0])
        table.add("the same again", "s", again, "newsboat", theirs[1][0])
        table.add("memory of the largest process", "MiB", memory, "newsboat", theirs[0][1])
    else:
        table.add("all new", "s", first)
        table.add("the same again", "s", again)
        table.add("memory of the largest process", "MiB", memory)
    table.add("the index of them", "s", index)


def _run(argv: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Seconds, and MiB of the largest process that it was or started."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=-3, stderr=-3); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *argv], env={**os.environ, **env}, capture_output=True, text=True, check=True
    )
    return time.perf_counter() - began, int(done.stdout) / (1024 if sys.platform != "darwin" else 2**20)


# --- a remote archive ---------------------------------------------------------------------------------------------


def _remote(work: Path, names: list[str], table: Table) -> None:
    base = f"http://127.0.0.1:{ARCHIVE_PORT}/"
    config = load_config({"NEWSREADER_HOME": str(_emptied(work / "far"))})
    add_source(config.places, Source("far", base, "remote"))
    sources = (Source("far", base, "remote"),)

    def bring() -> float:
        began = time.perf_counter()
        (*_, last) = fetch(config.places, sources, named=False)
        assert last.failure is None, last
        return time.perf_counter() - began

    first, again = bring(), bring()
    curl = _curl(work, base, names) if shutil.which("curl") else None
    theirs = None if curl is None else len(names) / curl
    table.add("dumps a second", "1/s", len(names) / first, "curl --parallel", theirs)
    table.add("the same again: lists only", "ms", again * 1000)


def _curl(work: Path, base: str, names: list[str]) -> float:
    folder = _emptied(work / "curl")
    script = folder / "config"
    wanted = (f'url = "{base}{quote(name)}"\noutput = "{folder}/{n}"\n' for n, name in enumerate(names))
    script.write_text("".join(wanted))
    began = time.perf_counter()
    subprocess.run(["curl", "-sf", "--parallel", "--parallel-max", "6", "-K", script], check=True, capture_output=True)
    seconds = time.perf_counter() - began
    assert sum(1 for _ in folder.iterdir()) == len(names) + 1
    return seconds


def _list_all(site: Path) -> list[str]:
    """Have the lists name every dump, and return their paths."""
    names = sorted(path.relative_to(site).as_posix() for path in (site / "articles").rglob("*") if path.is_file())
    for folder in sorted((site / "articles").iterdir()):
        own = [name for name in names if name.startswith(f"articles/{folder.name}/")]
        lines = "\n\n".join(f"7-20 [x](/{quote(name)})" for name in own)
        (site / "lists" / f"{folder.name}.md").write_text(f"{folder.name}\n------\n\n{lines}\n", "utf-8")
    links = "\n\n".join(f"[x](lists/{quote(path.name)})" for path in (site / "articles").iterdir())
    (site / "README.md").write_text("Far\n------\n\n" + links.replace(")", ".md)") + "\n", "utf-8")
    return names


# --- servers ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _server(site: Path) -> Iterator[None]:
    with _running([sys.executable, "-m", "tests.benchmarks.fetching", "--serve", str(site)]):
        yield


@contextlib.contextmanager
def _web_server(site: Path, work: Path) -> Iterator[None]:
    if shutil.which("nginx") is None:
        with _server(site):
            yield
        return
    home = _emptied(work / "nginx")
    paths = "".join(
        f"{kind}_temp_path {home}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (home / "nginx.conf").write_text(
        f"{_as_ourselves()}daemon off; pid {home}/pid; error_log {home}/error; events {{}} "
        f"http {{ access_log off; {paths} server {{ listen 127.0.0.1:{ARCHIVE_PORT}; root {site}; }} }}"
    )
    with _running(["nginx", "-e", str(home / "error"), "-c", str(home / "nginx.conf")]):
        yield


def _as_ourselves() -> str:
    return "user root; " if os.geteuid() == 0 else ""


@contextlib.contextmanager
def _running(argv: list[str]) -> Iterator[None]:
    process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1.5)
        yield
    finally:
        process.terminate()
        process.wait()


async def _serve(site: Path) -> None:
    feed = _feed()

    def body(path: str) -> bytes | None:
        if path.startswith("/feed/"):
            return feed.replace("NUMBER", path[6:]).encode()
        file = site / unquote(path).lstrip("/")
        return file.read_bytes() if file.is_file() else None

    talk = partial(_talk, body=body)
    feeds = await asyncio.start_server(talk, "127.0.0.1", FEEDS_PORT)
    dumps = await asyncio.start_server(talk, "127.0.0.1", ARCHIVE_PORT)
    async with feeds, dumps:
        await asyncio.gather(feeds.serve_forever(), dumps.serve_forever())


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, body: Callable[[str], bytes | None]
) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            data = body(head.split(b" ")[1].decode())
            status = "404 Nothing" if data is None else "200 OK"
            data = data or b""
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
            await writer.drain()
    writer.close()


def _feed() -> str:
    items = "".join(
        f"<item><title>Title {n} 河口的守塔人</title><link>http://h.example/NUMBER/{n}</link>"
        f"<guid>http://h.example/NUMBER/{n}</guid><pubDate>Sun, 28 Jun 2020 09:01:{n:02} GMT</pubDate>"
        f"<category>birds</category><description><![CDATA[{_PARAGRAPH * 12}]]></description></item>"
        for n in range(ITEMS)
    )
    return f"<rss version='2.0'><channel><title>F NUMBER</title><link>http://h.example/</link>{items}</channel></rss>"


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    main()
