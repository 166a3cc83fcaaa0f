"""The stories nearest to one: those that have most of its telling terms.

Decided only here: a term is a Latin word or two to four Han characters in a row, without any that only serves grammar,
that the story says more than once or in its title; the rarer it is among the newest stories, the more it tells; a story
that has fewer than two of them is not near.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from heapq import nlargest
from typing import Final

import apsw

from newsreader.library.search.tokens import is_word, tokens, written

Term = tuple[str, ...]

_GRAMMAR: Final = frozenset(
    "的了在是和与及也就都而并被把对为从到于以之其这那有不上下中他她它们我你等将已还很更最但或如因此所说要会能可"
    "一二三四五六七八九十两个多年月日时来去过着后前里地得自己没无者向该内外用成出入时称表示据当各每又再只仅让使给由此间"
)
_LONGEST: Final = 4
_TRIED, _TELLING = 40, 14
_SAMPLE: Final = 8000
"""So many of the newest stories tell how rare a term is."""
_TOO_MANY: Final = 0.08
"""A term that more than this part of them has tells nothing."""
_IN_TITLE: Final = 3
_WEIGHED: Final = 8
_LONG: Final = 3000  # characters


def similar(db: apsw.Connection, title: str, texts: Iterable[tuple[int, str]], sid: int, limit: int) -> list[int]:
    """The numbers of up to `limit` stories near the story `sid`, which has this title and these texts, the nearest
    first; among equally near ones the newest."""
    newest = db.execute("SELECT n FROM docs ORDER BY n DESC LIMIT 1 OFFSET ?", (_SAMPLE - 1,)).fetchone()
    low = newest[0] if newest else -(2**63)
    among = int(db.execute("SELECT count(*) FROM docs WHERE n >= ?", (low,)).get)
    weights: list[tuple[float, Term]] = []
    for term, said in _candidates(title, texts):
        most = max(4, int(among * _TOO_MANY))
        has = db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM texts WHERE texts MATCH ? AND rowid >= ? LIMIT ?)",
            (f'"{written(term)}"', low, most + 1),
        ).get
        if has <= most:
            weights.append((math.log1p(said) * math.log((among + 1) / (has + 0.5)), term))
    near: defaultdict[int, float] = defaultdict(float)
    shared: Counter[int] = Counter()
    own = db.execute("SELECT n FROM docs WHERE sid = ?", (sid,)).get
    telling = 0
    for weight, term in sorted(weights, reverse=True):
        others = [n for (n,) in db.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (f'"{written(term)}"',))]
        telling += others not in ([], [own])  # what nobody else says was never a word
        for n in others:
            near[n] += weight
            shared[n] += 1
        if telling >= _TELLING:
            break
    wanted = min(telling, 2)
    near.pop(own, None)
    best = nlargest(_WEIGHED * limit, (n for n in near if shared[n] >= wanted), key=lambda n: (near[n], n))
    ranked = []
    for n in best:
        row = db.execute("SELECT s.sid, s.length FROM docs d JOIN stories s ON s.sid = d.sid WHERE d.n = ?", (n,))
        for other, length in row:
            ranked.append((near[n] / math.sqrt(1 + length / _LONG), n, other))  # a long story has something of all
    return [other for *_, other in nlargest(limit, ranked)]


def _candidates(title: str, texts: Iterable[tuple[int, str]]) -> list[tuple[Term, int]]:
    """The terms that may tell what a story is about, and how often it says them, those in its title more."""
    said: Counter[Term] = Counter()
    for _, text in texts:
        said.update(_terms(tokens(text)))
    for term in _terms(tokens(title)):
        if said[term] or len(term) < 3:  # the longer ones may span two words
            said[term] += _IN_TITLE
    often = {term: n for term, n in said.items() if n > 1}
    for term, n in list(often.items()):
        # "国安" tells nothing where it stands in "国安法" nearly each time.
        for part in (term[1:], term[:-1]) if len(term) > 2 else ():
            if n >= 0.7 * said[part]:
                often.pop(part, None)
    best = sorted(often.items(), key=lambda item: (item[1] * (1 + len(item[0]) / 2), item[0]), reverse=True)
    return best[:_TRIED]


def telling_terms(title: str) -> set[Term]:
    """The words, and pairs of Han characters, of a title that tell what it is about."""
    return {term for term in _terms(tokens(title)) if len(term) < 3}


def _terms(row: Sequence[str]) -> Iterable[Term]:
    for n, token in enumerate(row):
        if is_word(token):
            if len(token) > 2 and not token.isdigit():
                yield (token,)
            continue
        for end in range(n + 1, min(n + _LONGEST, len(row)) + 1):
            last = row[end - 1]
            if is_word(last) or not last.isalpha() or last in _GRAMMAR:
                break
            if end - n > 1:
                yield tuple(row[n:end])
