"""`newsreader list` and `newsreader sources`: the library's rows on stdout.

Decided only here: the columns of text and TSV. An index that is there is only read.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any

from newsreader.article import Summary, summary_to_json
from newsreader.cli import output
from newsreader.cli.arguments import Parser, count, name
from newsreader.cli.forms import Forms, add_forms, fitted, library, print_rows, tell_nothing, tell_unknown
from newsreader.cli.messages import DONE, FAILED, NOTHING, standing, standing_json, trouble, trouble_json
from newsreader.cli.timestamps import understood, written
from newsreader.config import Config, Source, load_config, load_sources
from newsreader.reader import SORTS, Reader, View
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from newsreader.fetch.state import Trouble
    from newsreader.reader.servers import ServerStanding

_PAGE = 500
_SOURCE_CELLS = 14
_ADDED_CELLS = 20


def run(arguments: Sequence[str]) -> int:
    """Print headlines or sources."""
    return _list(arguments[1:]) if arguments[0] == "list" else _sources(arguments[1:])


# --- list ---------------------------------------------------------------------------------------------------------


def _list(arguments: Sequence[str]) -> int:
    parser = Parser(
        "list",
        "Print the headlines of the library, newest first.",
        epilog="D: 2020-07-20, 2020-07-20T18:00, today, yesterday, or how long ago: 12h, 3d, 2w.\n"
        "--tsv has the columns id, published, read, starred, source, title, url.",
    )
    add_filters(parser)
    parser.add_argument("--deleted", action="store_true", help="what was deleted, which nothing else shows")
    parser.add_argument("--sort", choices=SORTS, default="date", help="newest first if not given")
    parser.add_argument("--limit", metavar="N", type=count, help="at most so many")
    add_forms(parser)
    given = parser.parse_args(arguments)
    config = load_config()
    zone = config.settings.timezone
    view = filtered(parser, given, zone)._replace(sort=given.sort)
    if given.deleted and view != View(source=given.source):
        parser.error("--deleted goes with --source and --limit only")
    with library(config) as (reader, failed):
        tell_unknown(reader, given.source)
        forms: Forms = {"json": summary_to_json, "jsonl": summary_to_json, "tsv": tsv, "text": line}
        rows = reader.marks.deleted(given.source)[: given.limit] if given.deleted else _rows(reader, view, given.limit)
        found = print_rows(rows, given.form, forms, zone)
        if not found:
            nothing = "nothing is deleted" if given.deleted else "none of the {stories} is so; leave an option out"
            tell_nothing(reader, config, nothing)
    return FAILED if failed else DONE if found else NOTHING


def add_filters(parser: Parser) -> None:
    """The options that leave stories out."""
    parser.add_argument("--source", metavar="S", type=name, help="only stories of this source")
    parser.add_argument("--since", metavar="D", help="only stories from then on")
    parser.add_argument("--until", metavar="D", help="only stories before then; of a day, to its end")
    parser.add_argument("--unread", action="store_true", help="only unread stories")
    parser.add_argument("--starred", action="store_true", help="only starred stories")
    parser.add_argument("--topic", metavar="T", type=name, help="only stories of this topic")
    parser.add_argument("--tag", metavar="T", type=name, help="only stories with this tag")


def filtered(parser: Parser, given: Namespace, zone: tzinfo) -> View:
    """The view that these options leave."""
    return View(
        source=given.source,
        unread=given.unread,
        starred=given.starred,
        since=_moment(parser, "--since", given.since, zone),
        until=_moment(parser, "--until", given.until, zone, end=True),
        topic=given.topic,
        tag=given.tag,
    )


def _moment(parser: Parser, option: str, text: str | None, zone: tzinfo, *, end: bool = False) -> int | None:
    if text is None:
        return None
    moment = understood(text, zone, datetime.now(UTC), end=end)
    if moment is None:
        parser.error(f'{option} takes a date such as 2020-07-20, or how long ago, such as 3d; not "{text}"')
    return moment


def _rows(reader: Reader, view: View, limit: int | None) -> Iterator[Summary]:
    after = None
    left = limit
    while left is None or left > 0:
        rows = reader.rows(view).page(after=after, limit=_PAGE if left is None else min(_PAGE, left))
        if not rows:
            return
        yield from rows
        after = rows[-1].place
        left = None if left is None else left - len(rows)


def tsv(row: Summary, zone: tzinfo) -> str:
    """One row in the columns of --tsv."""
    published = written(row.published, row.precision, zone)
    marks = "read" if row.read else "unread", "starred" if row.starred else ""
    return "\t".join(map(clean_line, (row.id, published, *marks, row.source, row.title, row.url)))


def line(row: Summary, zone: tzinfo) -> str:
    """One row as people read it: id, time, unread and star, source, title; cut to the width on a terminal."""
    source = fitted(clean_line(row.source), _SOURCE_CELLS)
    marks = (" " if row.read else "*") + ("+" if row.starred else " ")
    text = f"{row.id}  {written(row.published, row.precision, zone):16}  {marks} {source}  {clean_line(row.title)}"
    return fitted(text, output.columns()).rstrip() if output.is_terminal() else text


# --- sources ------------------------------------------------------------------------------------------------------


def _sources(arguments: Sequence[str]) -> int:
    parser = Parser(
        "sources",
        "Print the sources of the library: name, stories, how many of them are unread.",
        epilog="--tsv has these three columns; with --added: name, kind, location. What could not be fetched is named.",
    )
    parser.add_argument("--added", action="store_true", help="print what was added instead: name, kind and location")
    add_forms(parser)
    given = parser.parse_args(arguments)
    config = load_config()
    forms: Forms
    if given.added:
        from newsreader.fetch.state import troubles

        added = load_sources(config.places)
        wrong = list(troubles(config.places, added))
        servers = _standings(config, added)
        as_json = partial(_added_json, servers=servers)
        forms = {"json": as_json, "jsonl": as_json, "tsv": _added_tsv, "text": _added_line}
        found = print_rows(added, given.form, _with_troubles(forms, wrong), config.settings.timezone)
        _tell_troubles(wrong, given.form, config.settings.timezone)
        for server in servers.values() if given.form == "text" else ():
            output.narrate(f'"{server.source}": {standing(server, config.settings.timezone)}')
        if not found:
            output.narrate('nothing was added yet; "newsreader add URL|PATH" adds a source')
        return DONE if found else NOTHING
    with library(config) as (reader, failed):
        wrong = reader.network.troubles()
        forms = {"json": _source_json, "jsonl": _source_json, "tsv": _source_tsv, "text": _source_line}
        found = print_rows(reader.sources(), given.form, _with_troubles(forms, wrong), config.settings.timezone)
        _tell_troubles(wrong, given.form, config.settings.timezone)
        if not found:
            tell_nothing(reader, config, "")
    return FAILED if failed else DONE if found else NOTHING


def _standings(config: Config, added: Sequence[Source]) -> dict[str, ServerStanding]:
    """How it stands with the servers among the sources, by name."""
    if not any(source.kind == "server" for source in added):
        return {}
    from newsreader.reader.servers import standings

    return {found.source: found for found in standings(config.places)}


def _with_troubles(forms: Forms, wrong: Sequence[Trouble]) -> Forms:
    """The forms, those of JSON with what is wrong with each source."""

    def told(make: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        return lambda row: {
            **make(row),
            "troubles": [trouble_json(found) for found in wrong if found.source == row.name],
        }

    return {form: told(make) if form.startswith("json") else make for form, make in forms.items()}


def _tell_troubles(wrong: Sequence[Trouble], form: str, zone: tzinfo) -> None:
    for found in wrong if form == "text" else ():
        output.narrate(f'"{found.source}": {trouble(found, zone)}')


def _source_json(row: Any) -> dict[str, Any]:
    return {"name": row.name, "stories": row.stories, "unread": row.unread}


def _source_tsv(row: Any, zone: tzinfo) -> str:
    return f"{clean_line(row.name)}\t{row.stories}\t{row.unread}"


def _source_line(row: Any, zone: tzinfo) -> str:
    return f"{row.stories:8}  {row.unread:8} unread  {clean_line(row.name)}"


def _added_json(source: Source, servers: Mapping[str, ServerStanding]) -> dict[str, Any]:
    """All that was chosen for a source, but no secret."""
    shown = {"name": source.name, "location": source.shown_location, "kind": source.kind, "tags": source.tags}
    terms = {"full_text": source.full_text, "keep_days": source.keep_days, "keep_stories": source.keep_stories}
    told = {"server": standing_json(servers[source.name])} if source.name in servers else {}
    more = {"short": source.short, "paused": source.paused, "has_secrets": source.has_secrets}
    return {**shown, **terms, **more, **told}


def _added_tsv(source: Source, zone: tzinfo) -> str:
    return "\t".join(map(clean_line, (source.name, source.kind, source.shown_location)))


def _added_line(source: Source, zone: tzinfo) -> str:
    tags = f"  [{', '.join(source.tags)}]" if source.tags else ""
    name = fitted(clean_line(source.name), _ADDED_CELLS)
    paused = "  (paused)" if source.paused else ""
    return f"{name}  {source.kind:8}  {clean_line(source.shown_location)}{tags}{paused}"
