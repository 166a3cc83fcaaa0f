"""Rules at work: on what has arrived, and on all that is there.

Decided only here: what arrives. It is what the index has not had before, once its words are there, and never twice: a
mark that a story has had before, be it taken away since, is not set again, and an index that is made anew begins with
all it holds as known. Each rule sees a story as it came, whatever the others do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import tzinfo
from typing import Final, NamedTuple

from newsreader.config import Places, Rule, load_rules
from newsreader.errors import BadQuery, BadSettings
from newsreader.library import Index, Marks
from newsreader.library.marks import DELETED, READ, STARRED, TAG, Change
from newsreader.library.search import Search
from newsreader.library.search.query import And, Is, Node, Not, Or, Tag
from newsreader.library.writing import Writer
from newsreader.reader.searching import read
from newsreader.reader.target import Target
from newsreader.script import fold

_COUNTS: Final = "rules"
"""The name under which the marks keep how many stories each rule has touched."""

_BEGUN: Final = "rules-begun"
"""The name under which the marks keep that rules have seen the library once."""


class Ruled(NamedTuple):
    """A rule, how many stories it has touched by now, and how many it would if it were applied to all (-1: not asked).
    `fault`: what is wrong with its query."""

    rule: Rule
    touched: int
    would: int = -1
    fault: BadQuery | None = None


class RuleBook(NamedTuple):
    """Where the rules for what is indexed stand, and the zone of their days."""

    places: Places
    zone: tzinfo


def on_arrival(target: Target, book: RuleBook) -> None:
    """Do what the rules say to what has arrived since this was done last. What is wrong with rules is told by those who
    check; where marks cannot be kept, nothing is done yet."""
    try:
        rules, _ = load_rules(book.places)
    except BadSettings:
        return
    with closing(Index(target.index, Marks(target.marks), filling=True)) as index, index.only_filler() as alone:
        if not alone or not index.marks.kept:
            return
        with closing(Search(target.index)) as search:
            before = index.write(Writer.ruled)
            until = search.last_whole(before or 0)
            if before is None:
                since = until if index.marks.kept_as(_BEGUN) else 0
                index.marks.keep(_BEGUN, True)
            else:
                since = before
            if until > since and rules:
                _do("rules", index, _arrived(index.marks, _found(rules, search, book.zone, since, until)))
            if until != before:
                index.write(Writer.rule_until, until)


def listed(rules: Iterable[Rule], index: Index, search: Search, zone: tzinfo, *, count: bool) -> Iterator[Ruled]:
    """The rules, with how many stories each has touched; with `count` also how many it would."""
    touched = index.marks.kept_as(_COUNTS) or {}
    for rule in rules:
        try:
            node = _node(rule, zone)
            would = len(search.among(node, 0, None)) if count else -1
        except BadQuery as fault:
            yield Ruled(rule, 0, -1, fault)
        else:
            yield Ruled(rule, touched.get(_name(rule), 0), would)


def apply(rules: Iterable[Rule], index: Index, search: Search, zone: tzinfo) -> int:
    """Do what the rules say to all that is there, as one action; how many stories that changed."""
    return _do("apply-rules", index, _found(rules, search, zone, 0, None))


_Found = Iterator[tuple[Rule, list[Change]]]


def _found(rules: Iterable[Rule], search: Search, zone: tzinfo, since: int, until: int | None) -> _Found:
    for rule in rules:
        try:
            node = _node(rule, zone)
        except BadQuery:
            continue
        stories = search.among(node, since, until)
        yield rule, [change for story in stories for change in _changes(rule, *story)]


def _node(rule: Rule, zone: tzinfo) -> Node:
    """What a rule has something to do to."""
    lacking: list[Node] = [Is("unread")] if rule.read else []
    lacking += [Not(Is("starred"))] if rule.star else []
    lacking += [Not(Tag(fold(tag))) for tag in rule.tags]
    query = read(rule.query, zone)
    return query if rule.delete else And((query, Or(tuple(lacking))))


def _changes(rule: Rule, story: int, key: str, edition: str) -> Iterator[Change]:
    for is_wanted, mark, value in ((rule.read, READ, edition), (rule.star, STARRED, "1"), (rule.delete, DELETED, "1")):
        if is_wanted:
            yield Change(story, key, mark, value)
    for tag in rule.tags:
        yield Change(story, key, TAG + tag, "1")


def _arrived(marks: Marks, found: _Found) -> _Found:
    """Without the marks that a story has had before."""
    had: dict[str, set[int]] = {}
    for rule, changes in found:
        for change in changes:
            if change.mark not in had:
                had[change.mark] = marks.ever(change.mark)
        yield rule, [change for change in changes if change.story not in had[change.mark]]


def _do(what: str, index: Index, found: _Found) -> int:
    counts = dict(index.marks.kept_as(_COUNTS) or {})
    wanted: list[Change] = []
    for rule, changes in found:
        wanted += changes
        counts[_name(rule)] = counts.get(_name(rule), 0) + len({change.story for change in changes})
    if not wanted:
        return 0
    index.set_marks(what, wanted)
    index.marks.keep(_COUNTS, counts)
    return len({change.story for change in wanted})


def _name(rule: Rule) -> str:
    """What a rule is counted by: one that is changed begins anew."""
    return "\n".join((rule.query, *rule.deeds))
