"""`newsreader rules`: what becomes of stories when they arrive.

Decided only here: the columns of text and TSV.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from newsreader.cli import output
from newsreader.cli.arguments import Parser, name
from newsreader.cli.forms import Forms, add_forms, fill_words, library, print_rows
from newsreader.cli.messages import DONE, FAILED, NOTHING, counted, sentence
from newsreader.config import Rule, load_config
from newsreader.safety import clean_line

if TYPE_CHECKING:
    from newsreader.reader.rules import Ruled


def run(arguments: Sequence[str]) -> int:
    """Print, apply or add rules."""
    parser = Parser(
        "rules",
        "Print the rules of the library, and how many stories each has touched. A rule is a [[rule]] in sources.toml:\n"
        "a query as `search` takes it, and what becomes of what it finds when it arrives.",
        epilog='[[rule]]\nquery = "source:harbour ferry -strike"\nread = true            # also: star, delete\n'
        'tag = ["port"]\n\n--tsv has the columns name, query, what it does, touched, and with --dry-run: would touch.',
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="with how many stories each would touch of all there are"
    )
    parser.add_argument("--apply", action="store_true", help="apply all of them to all stories, as one action")
    parser.add_argument("--add", metavar="QUERY", help="add a rule, with what it does:")
    parser.add_argument("--read", action="store_true", help="mark read what it finds")
    parser.add_argument("--star", action="store_true", help="star it")
    parser.add_argument("--delete", action="store_true", help="delete it")
    parser.add_argument("--tag", metavar="TAG", type=name, action="append", default=[], help="tag it")
    add_forms(parser)
    given = parser.parse_args(arguments[1:])
    does = (given.read, given.star, given.delete, *given.tag)
    if any(does) != (given.add is not None):
        parser.error("--add takes a QUERY and what the rule does: --read, --star, --delete, --tag")
    config = load_config()
    with library(config) as (reader, failed):
        if given.add is not None:
            reader.rules.add(Rule(given.add, given.read, given.star, given.delete, tuple(given.tag)))
            output.narrate("the rule is for what arrives from now on; --apply is for all that is there")
            return DONE
        if given.apply or given.dry_run:
            fill_words(reader)
        if given.apply:
            reader.marks.for_command()
            stories = reader.rules.apply()
            output.narrate(f"{counted(stories, 'story', 'stories')} changed; U in the window takes that back")
        rules, faults = reader.rules.listed(count=given.dry_run)
        forms: Forms = {"json": _json, "jsonl": _json, "tsv": _tsv, "text": _line}
        found = print_rows(rules, given.form, forms, config.settings.timezone)
        for fault in faults:
            output.narrate(sentence(fault))
        if not found and not faults:
            output.narrate('there are no rules yet; "newsreader rules --add QUERY --read" makes one')
    wrong = faults or any(ruled.fault for ruled in rules)
    return FAILED if failed or wrong else DONE if found else NOTHING


def _json(ruled: Ruled) -> dict[str, Any]:
    rule = ruled.rule
    told = {"name": rule.name, "query": rule.query, "does": rule.deeds, "touched": ruled.touched}
    return (
        told | ({} if ruled.would < 0 else {"would": ruled.would}) | ({"fault": _fault(ruled)} if ruled.fault else {})
    )


def _tsv(ruled: Ruled, zone: tzinfo) -> str:
    would = () if ruled.would < 0 else (str(ruled.would),)
    columns = (ruled.rule.name, ruled.rule.query, " ".join(ruled.rule.deeds), str(ruled.touched), *would)
    return "\t".join(map(clean_line, columns))


def _line(ruled: Ruled, zone: tzinfo) -> str:
    name = f"{ruled.rule.name}: " if ruled.rule.name else ""
    would = "" if ruled.would < 0 else f"  {ruled.would:8} would be"
    line = f"{ruled.touched:8} touched{would}  {name}{ruled.rule.query}  ({', '.join(ruled.rule.deeds)})"
    return clean_line(f"{line}: {_fault(ruled)}" if ruled.fault else line)


def _fault(ruled: Ruled) -> str:
    assert ruled.fault is not None
    return clean_line(sentence(ruled.fault))
