"""`newsreader import-opml` and `export-opml`: feeds from and for other readers.

Decided only here: what of a list cannot be taken is named, and the rest is taken. The hosts inside that it has us ask
are named too: the person who takes the list over need not be the one who wrote it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from newsreader.cli import output
from newsreader.cli.arguments import Parser
from newsreader.cli.messages import DONE, FAILED, Refused
from newsreader.config import Source, add_sources, load_config, load_sources, write_private
from newsreader.errors import NotFound, StorageFailed, Unreadable
from newsreader.fetch.opml import MAX_OPML, ListedFeed, Refusal, read_opml, write_opml
from newsreader.reader.adding import hosts_inside, sources_of_list
from newsreader.safety import safe_json

_TOLD = 20
_MANY = 10_000
_REASONS = {
    "not-a-feed": "it is a link, no feed",
    "scheme": "only http and https addresses are fetched, no commands, filters or files",
    "control characters": "only http and https addresses without blanks are fetched, no commands, filters or files",
    "host": "its address names no server",
    "too long": "its address is too long",
}


def run(arguments: Sequence[str]) -> int:
    """Import or export."""
    command, *rest = arguments
    return {"import-opml": _import, "export-opml": _export}[command](rest)


def _import(arguments: Sequence[str]) -> int:
    parser = Parser(
        "import-opml",
        "Add the feeds of an OPML file, which other readers write; folders become tags. Nothing is fetched yet.",
        epilog="Feeds that are there already keep their names and gain the file's tags.\n"
        "example: newsboat -e | newsreader import-opml -",
    )
    parser.add_argument("file", metavar="FILE", help='what to read; "-" is standard input')
    parser.add_argument("--json", action="store_true", help="print one JSON document: what became of each entry")
    given = parser.parse_args(arguments)
    config = load_config()
    entries = list(read_opml(_data(given.file)))
    if not entries:
        raise Refused(given.file, f'"{given.file}" holds no feeds: it is empty, or no OPML')
    feeds = [entry for entry in entries if isinstance(entry, ListedFeed)]
    if len(feeds) > _MANY:
        raise Refused(given.file, f'"{given.file}" holds {len(feeds):,} feeds; at most {_MANY:,} are taken at a time')
    present = load_sources(config.places)
    before = {source.location for source in present}
    sources = sources_of_list(feeds, present)
    add_sources(config.places, sources)
    refused = [entry for entry in entries if isinstance(entry, Refusal)]
    if given.json:
        rows = [_source_json(source, source.location in before) for source in sources] + [*map(_refusal_json, refused)]
        output.put(safe_json(rows, indent=1) + "\n")
    for entry in refused[:_TOLD]:
        name = f'"{entry.title}", ' if entry.title else ""
        output.narrate(f'{name}"{entry.entry}" is not taken: {_REASONS[entry.why]}')
    if len(refused) > _TOLD:
        output.narrate(f"and {len(refused) - _TOLD:,} more are not taken; --json names them all")
    known = sum(source.location in before for source in sources)
    output.narrate(f"{len(sources) - known:,} added, {known:,} there already, {len(refused):,} not taken")
    if inside := hosts_inside(source for source in sources if source.location not in before):
        more = f" and {len(inside) - _TOLD:,} more" if len(inside) > _TOLD else ""
        output.narrate(
            f"some are fetched from this machine or your own network: {', '.join(inside[:_TOLD])}{more}; "
            '"newsreader remove" takes out what is not yours'
        )
    if len(sources) > known:
        output.narrate('"newsreader fetch" brings their stories in')
    return FAILED if refused else DONE


def _source_json(source: Source, is_known: bool) -> dict[str, object]:
    status = "known" if is_known else "added"
    return {"status": status, "name": source.name, "location": source.shown_location, "tags": source.tags}


def _refusal_json(entry: Refusal) -> dict[str, object]:
    return {"status": "refused", "name": entry.title, "location": entry.entry, "why": entry.why}


def _data(file: str) -> bytes:
    """The bytes of a list. Raises NotFound, Unreadable and Refused."""
    try:
        if file == "-":
            data = sys.stdin.buffer.read(MAX_OPML + 1)
        else:
            with Path(file).open("rb") as opened:
                data = opened.read(MAX_OPML + 1)
    except (FileNotFoundError, ValueError):
        raise NotFound(file) from None
    except OSError as error:
        raise Unreadable(file, error.strerror or str(error)) from None
    if len(data) > MAX_OPML:
        raise Refused(file, f'"{file}" is larger than {MAX_OPML // 2**20} MB, which no list of feeds is')
    return data


def _export(arguments: Sequence[str]) -> int:
    parser = Parser(
        "export-opml",
        "Write the feeds that were added as OPML, which other readers take; a feed stands in a folder for each tag.",
        epilog="Not written: user names, passwords and headers, and sources that are no feeds.\n"
        "example: newsreader export-opml feeds.opml && newsboat -i feeds.opml",
    )
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="where to write (standard output)")
    given = parser.parse_args(arguments)
    sources = load_sources(load_config().places)
    text = write_opml(sources)
    if given.file == "-":
        output.put(text)
    else:
        try:
            write_private(Path(given.file), text)
        except (OSError, ValueError) as error:
            raise StorageFailed(given.file, getattr(error, "strerror", None) or str(error)) from None
    feeds = [source for source in sources if source.kind == "feed"]
    if secret := sum(source.has_secrets for source in feeds):
        output.narrate(f"user names, passwords and headers are not written; {secret:,} of the feeds have them")
    if others := len(sources) - len(feeds):
        output.narrate(f"{others:,} of {len(sources):,} sources are no feeds and are not written")
    return DONE
