"""Rules at work: on what has arrived, and on all that is there.

Decided only here: what arrives. It is what the index has not had before, once its words are there, and never twice: a
mark that a story has had before, be it taken away since, is not set again, and an index that is made anew begins with
all it holds as known. Each rule sees a story as it came, whatever the others do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple

from newsreader.config import Places, Rule, add_rule, load_rules
from newsreader.errors import BadQuery, BadSettings, NotFound
from newsreader.library import Index, Marks
from newsreader.library.mark_kinds import DELETED, READ, STARRED, TAG, Change
from newsreader.library.marking import Marking
from newsreader.library.search import Search
from newsreader.library.search.query import And, Is, Node, Not, Or, Tag, parse
from newsreader.library.writing import Writer
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
    with (
        closing(Index(target.index, Marks(target.marks), zone=target.zone, filling=True)) as index,
        index.only_filler() as alone,
    ):
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
                found = _found(rules, search, book.zone, since, until)
                _do("rules", index.marks, Marking(index), _arrived(index.marks, found))
            if until != before:
                index.write(Writer.rule_until, until)


class Rules:
    """The rules of what one reader reads, which has none without a `book`; `words`: what answers their queries."""

    def __init__(self, book: RuleBook | None, index: Index, marking: Marking, words: Callable[[], Search]) -> None:
        self._book = book
        self._marks = index.marks
        self._marking = marking
        self._words = words

    def listed(self, *, count: bool = False) -> tuple[list[Ruled], list[BadSettings]]:
        """The rules, with what each has touched and, with `count`, would; and what is wrong with those that are left
        out. Raises BadSettings."""
        if self._book is None:
            return [], []
        rules, faults = load_rules(self._book.places)
        touched = self._marks.kept_as(_COUNTS) or {}
        return [self._listed(self._book, rule, touched.get(_name(rule), 0), count) for rule in rules], faults

    def _listed(self, book: RuleBook, rule: Rule, touched: int, count: bool) -> Ruled:
        try:
            node = _node(rule, book.zone)
        except BadQuery as fault:
            return Ruled(rule, 0, fault=fault)
        return Ruled(rule, touched, len(self._words().among(node, 0, None)) if count else -1)

    def apply(self) -> int:
        """Do what the rules say to all that is there, as one action; how many stories that changed. Raises BadSettings
        and StorageFailed."""
        if self._book is None:
            return 0
        rules, _ = load_rules(self._book.places)
        found = _found(rules, self._words(), self._book.zone, 0, None) if rules else iter(())
        return _do("apply-rules", self._marks, self._marking, found)

    def add(self, rule: Rule) -> None:
        """Add a rule to those of sources.toml: it is for what arrives from now on. Raises BadQuery, BadSettings,
        StorageFailed, and NotFound where there can be none."""
        if self._book is None:
            raise NotFound("sources.toml")
        _node(rule, self._book.zone)
        add_rule(self._book.places, rule)


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
    query = parse(rule.query, datetime.now(UTC), zone)
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


def _do(what: str, marks: Marks, marking: Marking, found: _Found) -> int:
    counts = dict(marks.kept_as(_COUNTS) or {})
    wanted: list[Change] = []
    for rule, changes in found:
        wanted += changes
        counts[_name(rule)] = counts.get(_name(rule), 0) + len({change.story for change in changes})
    if not wanted:
        return 0
    wanted.sort(key=lambda change: change.story)  # so that a row is made anew once, whatever rules found it
    marking.set(what, wanted)
    marks.keep(_COUNTS, counts)
    return len({change.story for change in wanted})


def _name(rule: Rule) -> str:
    """What a rule is counted by: one that is changed begins anew."""
    return "\n".join((rule.query, *rule.deeds))
