"""`newsreader search`: what a query finds, with the sentence that shows why.

Decided only here: what is not yet in the index of words is brought in first.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from newsreader.article import summary_to_json
from newsreader.cli import output
from newsreader.cli.arguments import Parser, count
from newsreader.cli.forms import (
    Forms,
    add_forms,
    fill_words,
    fitted,
    library,
    print_rows,
    tell_nothing,
    tell_unknown,
)
from newsreader.cli.messages import DONE, FAILED, NOTHING, Refused, sentence
from newsreader.cli.rows import add_filters, filtered, line, tsv
from newsreader.config import load_config
from newsreader.errors import NotFound
from newsreader.reader import Reader, View
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from newsreader.reader.searching import Hit, KeptSearch

PATIENCE = 10.0
"""Seconds that another process which reads the words is waited for."""

_PAGE = 64
_LANGUAGE = """\
QUERY   words, all of which must be there   "a phrase"   begin*   this OR that   ( )
        -without: put -- before a QUERY that begins so
        title: source: topic: author: tag: lang:   is:unread read starred changed tagged   has:image link
        date:2025-02   date:>=2025-02-01   date:2024..2025-03   date:today   date:7d
Simplified finds Traditional; other names (川普 for 特朗普) and pinyin (xijinping, xjp) below all else, not in quotes,
and last what only has the words in an appendix: a long block that two other stories of its source have as well; =, ~
and + before the sentence tell them.
--tsv has the columns id, published, read, starred, source, title, url, snippet."""
_INDENT = "    "


def run(arguments: Sequence[str]) -> int:
    """Print what a search finds."""
    parser = Parser(
        "search",
        "Print the stories whose title or text has all the words, what fits best first.",
        epilog=_LANGUAGE,
    )
    parser.add_argument("query", metavar="QUERY", nargs="*", help="what to look for")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--keep", metavar="NAME", help="keep this search among the sources under a name")
    kept.add_argument("--kept", action="store_true", help="print the searches that are kept instead")
    kept.add_argument("--drop", metavar="NAME", help="keep a search no longer")
    add_filters(parser)
    parser.add_argument("--sort", choices=("rank", "date"), default="rank", help="what fits best first if not given")
    parser.add_argument("--limit", metavar="N", type=count, help="at most so many")
    add_forms(parser)
    given = parser.parse_args(arguments[1:])
    config = load_config()
    view = filtered(parser, given, config.settings.timezone)
    query = " ".join(given.query)
    if bool(query) == (given.kept or given.drop is not None):
        parser.error("a search takes a QUERY, --kept and --drop take none")
    with library(config) as (reader, failed):
        if given.drop is not None:
            return _drop(reader, given.drop)
        if wrong := reader.searcher.check(query):
            raise wrong
        tell_unknown(reader, given.source)
        if given.keep is not None:
            reader.searcher.keep(given.keep, query)
        if reader.searcher.missing():
            output.narrate("reading the words of the stories, once")
            until = time.monotonic() + PATIENCE
            while not fill_words(reader) and time.monotonic() < until:
                time.sleep(PATIENCE / 50)
            if missing := reader.searcher.missing():
                output.narrate(f"another newsreader reads them still; {missing:,} stories are not yet searched")
        forms: Forms
        if given.kept:
            forms = {"json": _kept_json, "jsonl": _kept_json, "tsv": _kept_tsv, "text": _kept_text}
            found = print_rows(reader.searcher.kept(), given.form, forms, config.settings.timezone)
            if not found:
                output.narrate('no search is kept yet; "newsreader search --keep NAME QUERY" keeps one')
            return DONE if found else NOTHING
        forms = {"json": _json, "jsonl": _json, "tsv": _tsv, "text": _text}
        hits = _hits(reader, query, view, given.sort, given.limit)
        found = print_rows(hits, given.form, forms, config.settings.timezone)
        if found and given.form == "text" and (spelled := reader.searcher.spelled(query)):
            told = (f"{one.typed}: {clean_line(one.word)} {one.stories}" for one in spelled)
            output.narrate(", ".join(told))
        if not found and (offered := reader.searcher.offered(query, view)):
            output.narrate(f"nothing has all that; the same words as they stand find {offered[1]:,}: {offered[0]}")
        elif not found:
            nothing = "none of the {stories} has all of this; try fewer words, or the beginning of one: ferr*"
            tell_nothing(reader, config, nothing)
    return FAILED if failed else DONE if found else NOTHING


def _drop(reader: Reader, name: str) -> int:
    try:
        reader.searcher.drop(name)
    except NotFound:
        raise Refused(name, f'no search is kept as "{name}"; "newsreader search --kept" lists them') from None
    return DONE


def _hits(reader: Reader, query: str, view: View, order: Any, limit: int | None) -> Iterator[Hit]:
    after = None
    left = limit
    while left is None or left > 0:
        limit = _PAGE if left is None else min(_PAGE, left)
        hits = reader.searcher.search(query, view, order=order, after=after, limit=limit)
        if after is None and reader.searcher.missing():  # the words turned out to be damaged, and are gone
            fill_words(reader)
            hits = reader.searcher.search(query, view, order=order, limit=limit)
        if not hits:
            return
        yield from hits
        after = hits[-1].cursor
        left = None if left is None else left - len(hits)


def _json(hit: Hit) -> dict[str, Any]:
    return {
        **summary_to_json(hit.summary._replace(snippet=hit.snippet.text)),
        "pinyin": hit.tier == "sound",
        "other_name": hit.tier == "name",
        "appendix": hit.tier == "appendix",
    }


def _tsv(hit: Hit, zone: tzinfo) -> str:
    return f"{tsv(hit.summary, zone)}\t{hit.snippet.text}"


def _text(hit: Hit, zone: tzinfo) -> str:
    """The row as `list` has it, and below it the sentence, its matches bold on a terminal; "~" tells what only sounds
    so, "=" what has another name, "+" what has it in an appendix."""
    from newsreader.reader.searching import SIGNS

    text = f"{SIGNS[hit.tier]:>2}".ljust(len(_INDENT)) + hit.snippet.text
    if output.is_terminal():
        text = fitted(text, output.columns()).rstrip()
    if output.is_styled():
        for start, end in reversed(hit.snippet.spans):
            start, end = (min(at + len(_INDENT), len(text)) for at in (start, end))
            if start < end:
                text = f"{text[:start]}\x1b[1m{text[start:end]}\x1b[22m{text[end:]}"
    return f"{line(hit.summary, zone)}\n{text}" if text.strip() else line(hit.summary, zone)


def _kept_json(kept: KeptSearch) -> dict[str, Any]:
    return {"name": kept.name, "query": kept.query, "stories": kept.stories, "unread": kept.unread}


def _kept_tsv(kept: KeptSearch, zone: tzinfo) -> str:
    return f"{clean_line(kept.name)}\t{kept.stories}\t{kept.unread}\t{clean_line(kept.query)}"


def _kept_text(kept: KeptSearch, zone: tzinfo) -> str:
    found = f"{kept.stories:8}  {kept.unread:8} unread  {clean_line(kept.name)}: {clean_line(kept.query)}"
    return f"{found} ({clean_line(sentence(kept.fault))})" if kept.fault else found
