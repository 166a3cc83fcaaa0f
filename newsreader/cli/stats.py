"""`newsreader stats`: how much there is, by source and by day.

Decided only here: how many days are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from newsreader.cli import output
from newsreader.cli.arguments import Parser, count, name
from newsreader.cli.forms import add_forms, fitted, library, tell_unknown
from newsreader.cli.messages import DONE, FAILED, NOTHING
from newsreader.config import load_config
from newsreader.safety import cell_width, clean_line, safe_json

_DAYS = 14
_NAME = 24
_WIDEST = 60


def run(arguments: Sequence[str]) -> int:
    """Print the counts."""
    parser = Parser("stats", "Print how many stories there are, by source and by day (UTC), with a bar for each.")
    parser.add_argument("--source", metavar="S", type=name, help="only days of this source")
    parser.add_argument(
        "--days", metavar="N", type=count, default=_DAYS, help=f"the newest N days with stories ({_DAYS})"
    )
    add_forms(parser, "json")
    given = parser.parse_args(arguments[1:])
    with library(load_config()) as (reader, failed):
        tell_unknown(reader, given.source)
        sources = [row for row in reader.sources() if given.source in (None, row.name)]
        days = list(islice(reader.days(given.source), given.days))
        if given.form == "json":
            document = {
                "sources": [{"name": row.name, "stories": row.stories, "unread": row.unread} for row in sources],
                "days": [{"day": day.isoformat(), "stories": n, "unread": unread} for day, n, unread in days],
            }
            output.put(safe_json(document, indent=1) + "\n")
        else:
            by_size = sorted(sources, key=lambda row: -row.stories)
            _chart([(clean_line(row.name), row.stories, row.unread) for row in by_size])
            output.put("\n" if days else "")
            _chart([(day.isoformat(), stories, unread) for day, stories, unread in days])
    return FAILED if failed else DONE if sources else NOTHING


def _chart(rows: list[tuple[str, int, int]]) -> None:
    """A line each: name, stories, how many are unread, and a bar as long as the stories are many, its unread part
    full."""
    if not rows:
        return
    name = min(_NAME, max(cell_width(row[0]) for row in rows))
    most = max(row[1] for row in rows)
    room = max(4, min(output.columns(), name + _WIDEST) - name - 32)
    for title, stories, unread in rows:
        cells = max(1, round(room * stories / most))
        full = min(cells, -(-cells * unread // stories) if stories else 0)
        bar = "#" * full + "-" * (cells - full)
        output.put(f"{fitted(title, name)}  {stories:8,}  {unread:8,} unread  {bar}\n")
