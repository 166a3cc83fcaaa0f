"""`newsreader fetch` and `prune`: what comes over the network, and what of it goes again.

Decided only here: that what was fetched is indexed at once, and how a fetch is told: a bar on a terminal, a line for
each source in a pipe.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from newsreader.cli import output
from newsreader.cli.arguments import Parser
from newsreader.cli.forms import fill_words, indexed, tell_notices
from newsreader.cli.messages import DONE, FAILED, Refused, counted, failure_json, reason, sentence
from newsreader.cli.timestamps import written
from newsreader.config import Config, load_config, load_sources
from newsreader.dates import EPOCH
from newsreader.errors import FetchFailed, NotFound
from newsreader.fetch import FetchProgress
from newsreader.fetch.store import MOST_REVISIONS
from newsreader.reader import Reader
from newsreader.safety import clean_line, safe_json


def run(arguments: Sequence[str]) -> int:
    """Fetch or prune."""
    command, *rest = arguments
    return {"fetch": _fetch, "prune": _prune}[command](rest)


# --- fetch --------------------------------------------------------------------------------------------------------


def _fetch(arguments: Sequence[str]) -> int:
    parser = Parser(
        "fetch",
        "Bring in what is new in the feeds and remote archives of the library, as dumps in an archive of our own, and\n"
        "index it. Sources that fail are named; the others finish.",
        epilog="exit codes: 0 done, 3 some sources failed",
    )
    parser.add_argument("sources", metavar="SOURCE", nargs="*", help="the name or address of a source (all)")
    parser.add_argument("--force", action="store_true", help="also ask where nothing new is due yet")
    parser.add_argument("--json", action="store_true", help="print one JSON document: a list of what became of each")
    given = parser.parse_args(arguments)
    config = load_config()
    if not _has_any(config):
        raise Refused("", 'no source that could be fetched was added; "newsreader add URL" adds one')
    with Reader.open(config) as reader:
        tell_notices(reader)
        try:
            last = list(_told(reader, given.sources, force=given.force, quiet=given.json))
        except NotFound as error:
            raise Refused(
                error.where,
                f'no source that is fetched has the name or address "{error.where}"; '
                '"newsreader sources --added" lists them',
            ) from None
        if given.json:
            output.put(safe_json([_json(word) for word in last], indent=1) + "\n")
        # A fetch that was ended in the middle leaves dumps that no index has.
        is_behind = any(word.added for word in last) or reader.needs_index() or reader.stale()
        unread = _index(reader) if is_behind else []
    failed = [word for word in last if word.failure is not None]
    added = sum(word.added for word in last)
    output.narrate(f"{len(last) - len(failed)} of {counted(len(last), 'source')} fetched, {counted(added, 'dump')} new")
    return FAILED if failed or unread else DONE


def _has_any(config: Config) -> bool:
    return any(source.kind != "archive" for source in load_sources(config.places))


def _index(reader: Reader) -> list[str]:
    _, unread = indexed(reader)
    fill_words(reader)
    return unread


def _told(reader: Reader, names: Sequence[str], *, force: bool, quiet: bool) -> Iterator[FetchProgress]:
    """The last word about each source, told as it comes."""
    lines = not quiet and not (output.has_bar() and output.is_terminal())
    total = done = 0
    with output.bar() as show:
        for word in reader.network.fetch(names, force=force):
            total += word.stage == "waiting"
            if not word.is_last:
                continue
            done += 1
            show(done, total)
            if word.failure is not None:
                output.narrate(failed_line(word.renamed or word.source, word.failure))
            elif lines or word.stage == "elsewhere":
                output.put(_line(word) + "\n")
                sys.stdout.flush()
            yield word


def failed_line(source: str, failure: FetchFailed) -> str:
    """What happened to a source, and what to do, in one sentence."""
    return f'"{source}": {sentence(failure)}'


def _line(word: FetchProgress) -> str:
    became = {
        "unchanged": "nothing new",
        "resting": "nothing new is due yet",
        "elsewhere": "another newsreader is fetching it",
        "done": f"{word.added} new" if word.added else "nothing new",
    }
    lacking = "".join(f"; {clean_line(reason(fault))}" for fault in word.partly)
    return f"{clean_line(word.renamed or word.source)}: {became.get(word.stage, word.stage)}{lacking}"


def _json(word: FetchProgress) -> dict[str, Any]:
    return {
        "source": word.renamed or word.source,
        "stage": word.stage,
        "done": word.done,
        "total": word.total,
        "added": word.added,
        "failure": word.failure and failure_json(word.failure),
        "partly": [failure_json(fault) for fault in word.partly],
    }


# --- prune --------------------------------------------------------------------------------------------------------


def _prune(arguments: Sequence[str]) -> int:
    parser = Parser(
        "prune",
        "Delete what was fetched and is past keeping, as keep-days and keep-stories in sources.toml say.\n"
        f"Of each story that stays, the first and the newest revisions are kept, {MOST_REVISIONS} in all.\n"
        "Starred and tagged stories stay whole, and whatever lies outside our own archive of fetched dumps.",
    )
    parser.add_argument("--dry-run", action="store_true", help="only print what would go")
    given = parser.parse_args(arguments)
    config = load_config()
    stories = revisions = 0
    with Reader.open(config) as reader:
        for story in reader.network.prune(dry_run=given.dry_run):
            stories += story.is_whole
            revisions += 0 if story.is_whole else len(story.dumps)
            when = written(EPOCH.fromtimestamp(story.time / 1000, EPOCH.tzinfo), "date", config.settings.timezone)
            what = "" if story.is_whole else f"  ({counted(len(story.dumps), 'former revision')})"
            output.put(f"{story.id}  {when:10}  {clean_line(story.source)}  {clean_line(story.title)}{what}\n")
        if stories + revisions and not given.dry_run:
            _index(reader)
    if stories + revisions:
        gone = counted(stories, "story", "stories") + (
            f" and {counted(revisions, 'former revision')}" if revisions else ""
        )
        output.narrate(f"{gone} {'would go' if given.dry_run else 'deleted'}")
    elif any(source.keep_days or source.keep_stories for source in load_sources(config.places)):
        output.narrate("nothing is past keeping")
    else:
        output.narrate(
            "nothing is past keeping: no source has keep-days or keep-stories; add one of them to a source in "
            f"{config.places.sources_file}"
        )
    return DONE
