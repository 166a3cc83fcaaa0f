"""`newsreader add`, `remove` and `index`: what the library is made of.

Decided only here: that what is added is indexed at once, and the name that an archive gets which is given none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from newsreader.cli import output
from newsreader.cli.arguments import Parser
from newsreader.cli.forms import fill_words, indexed, tell_notices
from newsreader.cli.messages import DONE, FAILED, USAGE, Refused
from newsreader.config import Config, Source, add_source, load_config, load_sources, remove_source
from newsreader.errors import NotFound
from newsreader.reader import Reader
from newsreader.safety import clean_line


def run(arguments: Sequence[str]) -> int:
    """Add, remove or index."""
    command, *rest = arguments
    return {"add": _add, "remove": _remove, "index": _index}[command](rest)


def _add(arguments: Sequence[str]) -> int:
    parser = Parser(
        "add",
        "Add to the library a feed, a page that has one, a remote archive of dumps, or a .zip or .tar at a URL; or a\n"
        "local archive: a folder, a .zip or .tar of dumps, or one dump.",
        epilog="A local archive is read where it is and never changed; new dumps in it appear by themselves.\n"
        "What is at a URL comes with newsreader fetch.",
    )
    parser.add_argument("location", metavar="URL|PATH", help="what to add")
    parser.add_argument(
        "--server", action="store_true", help="the URL is a server to sync with: FreshRSS, Miniflux, ..."
    )
    parser.add_argument("--user", metavar="U", help="the user at that server (asked for)")
    parser.add_argument(
        "--password-file", metavar="FILE", help="where its password stands; - is standard input (asked for)"
    )
    parser.add_argument("--api", choices=("greader", "fever", "ttrss"), help="what the server speaks (found out)")
    parser.add_argument("--on", metavar="SERVER", help="let that server fetch the feed, or rename or move it there")
    parser.add_argument("--folder", metavar="F", help="the folder of the feed on that server")
    parser.add_argument("--name", metavar="N", help="a name for `remove` and `sources --added` (the path's last part)")
    given = parser.parse_args(arguments)
    config = load_config()
    if given.server or given.on:
        from newsreader.cli.servers import add_on, add_server

        return add_on(config, given) if given.on else add_server(config, given)
    if "://" in given.location or given.location.lower().startswith("feed:"):
        from newsreader.cli.adding import add_url

        source = add_url(config, given.location, given.name)
        if source is None:
            return USAGE
        return _indexed(config) if source.kind == "archive" else DONE
    path = _looked_at(given.location)
    name = clean_line(given.name or path.name) or str(path)
    known = next((source for source in load_sources(config.places) if source.location == str(path)), None)
    if known is not None and not given.name:
        name = known.name
    _written(config, Source(name, str(path), "archive"))
    output.narrate(f'"{name}" is {"added" if known is None else "there already"}: {path}')
    return _indexed(config)


def _looked_at(location: str) -> Path:
    """The whole path of an archive; raises NotFound, NotADump, Unreadable and Refused."""
    from newsreader.archive import open_archive

    if not location.strip():
        raise Refused(location, "an empty path names no archive; the current folder is .")
    try:
        with open_archive(Path(location), pipes=False) as archive:
            return Path(archive.root).resolve()
    except NotFound:
        if not re.match(r"(?i)[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?(?:/|$)|localhost\b", location):
            raise
        raise Refused(
            location, f'there is no file or folder "{location}"; for a web address, write https://{location}'
        ) from None


def _written(config: Config, source: Source) -> None:
    taken = [other for other in load_sources(config.places) if other.name == source.name]
    if any(other.location != source.location for other in taken):
        raise Refused(
            source.name,
            f'"{source.name}" is the name of another source, {taken[0].shown_location}; name this one with --name',
        )
    add_source(config.places, source)


def _remove(arguments: Sequence[str]) -> int:
    parser = Parser(
        "remove", "Take a source out of the library. Its files, what was fetched from it, and your marks stay."
    )
    parser.add_argument("name", metavar="NAME|PATH", help='as "newsreader sources --added" names it')
    parser.add_argument("--on", metavar="SERVER", help="let that server fetch the feed NAME no longer")
    given = parser.parse_args(arguments)
    config = load_config()
    if given.on:
        from newsreader.cli.servers import remove_on

        return remove_on(config, given.on, given.name)
    gone = remove_named(config, given.name)
    output.narrate(f'"{gone.name}" is removed: {gone.shown_location}')
    if gone.kind != "archive":
        output.narrate("the stories that were fetched from it stay")
        return DONE
    return _indexed(config) if load_sources(config.places) else DONE


def remove_named(config: Config, name: str) -> Source:
    """Take the source of a name or location out of sources.toml and return it. Raises Refused and StorageFailed."""
    sources = load_sources(config.places)
    wanted = {name, str(Path(name).absolute())} | ({str(Path(name).resolve())} if Path(name).exists() else set())
    found = next((source for source in sources if wanted & {source.name, source.location}), None)
    if found is None:
        raise Refused(name, f'no source has the name or path "{name}"; "newsreader sources --added" lists them')
    return remove_source(config.places, found.location)


def _index(arguments: Sequence[str]) -> int:
    Parser("index", "Bring into the index what changed in the sources, or in the path that was read last.").parse_args(
        arguments
    )
    return _indexed(load_config())


def _indexed(config: Config) -> int:
    with Reader.open(config) as reader:
        tell_notices(reader)
        last, failed = indexed(reader)
        tell_notices(reader)
        if last.stage == "elsewhere":
            output.narrate("another newsreader is indexing at the moment; what is new appears as it finds it")
            return DONE
        fill_words(reader)
        stories = reader.rows().counts().stories
        output.narrate(f"{last.done:,} dumps looked at, {last.added:,} stories new, {stories:,} in all")
    return FAILED if failed else DONE
