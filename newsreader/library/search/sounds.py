"""How titles sound, as the index has it; and the Han words of titles that letters spell.

Decided only here: what is a token of the index of sounds. One stands for each character of a title, in its place:
the character's syllable with the next one's ("xi0jin"), and the first letters of three ("xjp"): a single syllable,
or letter, is in half of all titles, and slow to walk. Where a surname sounds otherwise than its character (单霁翔 is
shan), a second row of tokens as long as the first has what that gives.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

import apsw

from newsreader.library.search.query import And, Node, Or, Text
from newsreader.library.search.tokens import tokens
from newsreader.script import fold, syllables

PAUSE: Final = "0"
"""Stands for what does not sound like Mandarin."""

_A_NAME: Final = 4  # characters
_MOST_SPELLINGS: Final = 16
_LONGEST_SYLLABLE: Final = 6
_TRIED: Final = 200
"""So many of the newest titles that spell the letters tell the words."""
_MOST_WORDS: Final = 8
_COUNTED: Final = 3
_OFTEN: Final = 0.05
"""A word that fewer titles have, measured by the most frequent one, is not counted: that can be a walk over all
stories."""
_ENOUGH: Final = 1000


class Named(NamedTuple):
    """A word that letters spell, and how many stories have it, "1,000+" for more."""

    typed: str
    word: str
    stories: str


# --- the index ----------------------------------------------------------------------------------------------------


def sound_tokens(title: str) -> tuple[str, str]:
    """The tokens of a cleaned title: its syllables, and its first letters; "" for one without any. For indexing only,
    as script.readings."""
    from newsreader.script import readings, surnames

    heard = readings(title)
    if not any(heard):
        return "", ""
    pairs, threes = _row(heard)
    if others := surnames(title):
        named = [""] * len(heard)
        for at, sound in others.items():
            end = next((n for n in range(at, len(heard)) if not heard[n]), len(heard))
            named[at : min(end, at + _A_NAME)] = [sound, *heard[at + 1 : min(end, at + _A_NAME)]]
        more, longer = _row(named)
        pairs, threes = pairs + more, threes + longer
    return " ".join(pairs), " ".join(threes)


def _row(heard: Sequence[str]) -> tuple[list[str], list[str]]:
    following = [*heard[1:], "", ""]
    pairs = [f"{one}0{other}" if one and other else PAUSE for one, other in zip(heard, following, strict=False)]
    threes = []
    for n, one in enumerate(heard):
        two, three = following[n], following[n + 1]
        threes.append(one[0] + two[0] + three[:1] if one and two else PAUSE)
    return pairs, threes


# --- what letters spell -------------------------------------------------------------------------------------------


def spellings(typed: str) -> list[list[str]]:
    """The ways to read letters as two syllables or more, the last of which may be the beginning of one; a "'" stands
    where one ends for certain. "u" may be a "ü", which is a "v"."""
    letters = typed.replace("'", "")
    ends = {n - typed.count("'", 0, n) for n, char in enumerate(typed) if char == "'"}
    known = syllables()
    beginnings = {sound[:n] for sound in known for n in range(1, len(sound) + 1)}
    ways: list[list[list[str]]] = [[] for _ in letters] + [[[]]]  # from each letter to the end
    for at in range(len(letters) - 1, -1, -1):
        for end in range(min(len(letters), at + _LONGEST_SYLLABLE), at, -1):
            if any(at < one < end for one in ends):
                continue
            for piece in _meant(letters[at:end]):
                if piece in known or (end == len(letters) and piece in beginnings):
                    ways[at] += [[piece, *rest] for rest in ways[end]]
        del ways[at][_MOST_SPELLINGS:]
    return [way for way in ways[0] if len(way) >= 2]


def _meant(piece: str) -> tuple[str, ...]:
    if piece[:1] in "ln" and "u" in piece:
        return piece, piece.replace("u", "v", 1)
    return (piece.replace("v", "u", 1),) if piece[:2] in ("jv", "qv", "xv", "yv") else (piece,)


def phrases(typed: str) -> Iterator[tuple[str, int]]:
    """What of the index of sounds letters spell, for FTS5, with how many characters that is: whole syllables, the last
    of which may still be being typed, or first letters."""
    for way in spellings(typed):
        pairs = " ".join(f"{one}0{other}" for one, other in pairwise(way))
        yield f'syllables : "{pairs}" *', len(way)
    if 2 <= len(typed) <= 12 and not set(typed) & set("iuv'"):
        threes = [typed[n : n + 3] for n in range(max(1, len(typed) - 2))]
        yield f'initials : "{" ".join(threes)}"{" *" if len(typed) == 2 else ""}', len(typed)


def register(db: apsw.Connection) -> None:
    """Let a connection say where in a title a phrase stands."""
    db.register_fts5_function("first_place", _first_place)


def _first_place(api: Any, *_: Any) -> int:
    return next((offsets[0] for offsets in api.phrase_locations(0) if offsets), 0)


def words_of(db: apsw.Connection, typed: str) -> dict[str, int]:
    """The words of titles that letters spell, as they are written there, the most frequent among the newest first, each
    with how many of those have it."""
    versions = (db.pragma("data_version", schema=schema) for schema in ("main", "main_index"))
    return _words_of(db, (*versions, db.total_changes()), typed)


# What a query finds, how its sentences are marked and what is told of it ask for the same words.
@lru_cache(16)
def _words_of(db: apsw.Connection, _state: tuple[Any, ...], typed: str) -> dict[str, int]:
    often: Counter[str] = Counter()
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrase, length in phrases(typed):
        found = db.execute(
            "SELECT f.place, s.title FROM (SELECT rowid AS n, first_place(sounds) AS place FROM sounds"
            " WHERE sounds MATCH ? ORDER BY rowid DESC LIMIT ?) f JOIN docs d ON d.n = f.n"
            " JOIN stories s ON s.sid = d.sid",
            (phrase, _TRIED),
        )
        for place, title in found:
            at = place % len(title) if title else 0
            word = title[at : at + length]
            often[fold(word)] += 1
            written[fold(word)][word] += 1
    return {written[word].most_common(1)[0][0]: titles for word, titles in often.most_common(_MOST_WORDS)}


def heard(db: apsw.Connection, node: Node) -> Node | None:
    """A query in which every word may also be pinyin, for the Han words that it spells; None if none can be."""
    found = dict(_spelled(db, node))
    return _replaced(node, found) if found else None


def named(db: apsw.Connection, node: Node) -> list[Named]:
    """The words that the letters of a query spell, some of each, with how many stories have them."""
    told = []
    for typed, words in dict(_spelled(db, node)).items():
        for word in [word for word in words if words[word] >= _OFTEN * max(words.values())][:_COUNTED]:
            sql = "SELECT count(*) FROM (SELECT 1 FROM texts WHERE texts MATCH ? LIMIT ?)"
            stories = db.execute(sql, (f'"{" ".join(tokens(word))}"', _ENOUGH + 1)).get
            told.append(Named(typed.replace("'", ""), word, f"{_ENOUGH:,}+" if stories > _ENOUGH else f"{stories:,}"))
    return told


def _spelled(db: apsw.Connection, node: Node) -> Iterator[tuple[str, dict[str, int]]]:
    """What is typed in a query and spells something, and the words (words_of)."""
    match node:
        case Text() if node.typed:
            if words := words_of(db, node.typed):
                yield node.typed, words
        case And(nodes):
            for run in _runs(nodes):
                yield from _spelled(db, run)
        case Or(nodes):
            for part in nodes:
                yield from _spelled(db, part)


def _runs(nodes: Sequence[Node]) -> Iterator[Node]:
    """The parts of a query; syllables that stand apart (xi jin ping) as one."""
    run: list[Text] = []
    for node in (*nodes, Or(())):
        if isinstance(node, Text) and node.typed in syllables():
            run.append(node)
            continue
        if len(run) > 1:
            yield Text((), field=run[0].field, typed="'".join(one.typed for one in run))
        else:
            yield from run
        run = []
        if node != Or(()):
            yield node


def _replaced(node: Node, found: Mapping[str, Iterable[str]]) -> Node:
    match node:
        case Text() if node.typed in found:
            words = [Text(tuple(tokens(word)), field=node.field) for word in found[node.typed]]
            return Or((*((node,) if node.row else ()), *words))
        case Text() if not node.row:  # syllables that spell nothing together
            return And(tuple(Text((one,), field=node.field) for one in node.typed.split("'")))
        case And(nodes):
            return And(tuple(_replaced(part, found) for part in _runs(nodes)))
        case Or(nodes):
            return Or(tuple(_replaced(part, found) for part in nodes))
        case _:
            return node
