"""`newsreader add --server`, and feeds that are added and removed on a server (`--on`).

Decided only here: a password is read from the terminal, a file or standard input, never from the command line.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from getpass import getpass
from pathlib import Path

from newsreader.cli import output
from newsreader.cli.messages import DONE, Refused, counted
from newsreader.config import Config, Source, add_source, load_sources
from newsreader.errors import NotFound, UnsafeUrl
from newsreader.fetch.addresses import Address, address_of, shown
from newsreader.fetch.password_lookup import with_password
from newsreader.fetch.state import Subscription, load_state
from newsreader.reader.servers import found_server, server_named, subscribe, unsubscribe
from newsreader.safety import clean_line

_APIS = {"greader": "the Google Reader API", "fever": "Fever's API", "ttrss": "tt-rss's API"}


def add_server(config: Config, given: argparse.Namespace) -> int:
    """Add a server that is synced with, and list the feeds that it has. Raises FetchFailed, Refused, UnsafeUrl and
    StorageFailed."""
    address = _address(given.location)
    user = given.user or address.user or _asked("user name: ", secret=False, option="--user")
    secret = (
        _password(given, address.place) if not address.password else Source("", "", "server", password=address.password)
    )
    password = with_password(secret._replace(location=shown(given.location))).password
    source, feeds = found_server(config.places, given.location, user, password, given.api)
    others = load_sources(config.places)
    name = clean_line(given.name or "") or source.name
    if any(other.name == name and other.location != source.location for other in others):
        raise Refused(name, f'"{name}" is the name of another source; give this one another with --name')
    source = source._replace(name=name, password=secret.password, password_file=secret.password_file)
    add_source(config.places, source)
    _list(feeds)
    is_known = any(other.location == source.location for other in others)
    assert source.api is not None
    told = f"{_APIS[source.api]}, {counted(len(feeds), 'feed')}"
    output.narrate(f'"{name}" is {"there already" if is_known else "added"}: {source.shown_location} ({told})')
    output.narrate('"newsreader fetch" brings its stories in, and sends what you mark')
    return DONE


def add_on(config: Config, given: argparse.Namespace) -> int:
    """Let a server fetch a feed, or rename or move one that it fetches. Raises FetchFailed and Refused."""
    server, url = _server(config, given.on), _address(given.location).url
    feeds = subscribe(config.places, server, url, clean_line(given.name or ""), clean_line(given.folder or ""))
    _list(feed for feed in feeds if feed.url == url)
    output.narrate(f'"{server.name}" fetches it; its stories come with "newsreader fetch"')
    return DONE


def remove_on(config: Config, name: str, feed: str) -> int:
    """Let a server fetch a feed no longer; what was brought in stays. Raises FetchFailed and Refused."""
    server = _server(config, name)
    try:
        unsubscribe(config.places, server, feed)
    except NotFound:
        _list(load_state(config.places, server.location).feeds)
        raise Refused(
            feed, f'"{server.name}" has no feed of the title or address "{feed}"; these are its feeds'
        ) from None
    output.narrate(f'"{server.name}" fetches "{feed}" no longer; the stories that came stay')
    return DONE


def _server(config: Config, name: str) -> Source:
    try:
        return server_named(config.places, name)
    except NotFound:
        raise Refused(
            name, f'no server has the name or address "{name}"; "newsreader sources --added" lists them'
        ) from None


def _address(url: str) -> Address:
    try:
        return address_of(url)
    except UnsafeUrl as error:
        raise Refused(error.where, f'"{error.where}" is not added: only whole http and https addresses are') from None


def _list(feeds: Iterable[Subscription]) -> None:
    for feed in sorted(feeds, key=lambda feed: (feed.folder, feed.title)):
        folder = f"[{feed.folder}]" if feed.folder else ""
        failing = f"(failing there: {feed.error})" if feed.error else ""
        output.put("  ".join(filter(None, map(clean_line, (folder, feed.title, feed.url, failing)))) + "\n")


def _password(given: argparse.Namespace, place: str) -> Source:
    """Where the password is, as a source has it."""
    nobody = Source("", "", "server")
    if given.password_file == "-":
        told = sys.stdin.buffer.readline(4096).decode("utf-8", "replace").rstrip("\r\n")
        return nobody._replace(password=told)
    if given.password_file:
        return nobody._replace(password_file=str(Path(given.password_file).expanduser().absolute()))
    return nobody._replace(password=_asked(f"password for {place}: ", secret=True, option="--password-file"))


def _asked(what: str, *, secret: bool, option: str) -> str:
    """What the person types on the terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused("", f"there is no terminal to ask for it; give {option}")
    if secret:
        return getpass(what)
    output.narrate(what)
    return sys.stdin.buffer.readline(1000).decode("utf-8", "replace").strip()
