"""Who wrote an item, by name.

Decided only here: what of "a@b.example (Name)" and its relatives is the name, and whose word counts: Dublin Core's
creators, then authors, then those of the feed that an entry was taken from. An e-mail address stands for a name only
where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final
from xml.etree.ElementTree import Element

from newsreader.fetch.document import name_of

_LONGEST: Final = 500
_MAIL: Final = r"[^\s@<>()\[\],;:\"]{1,64}@[^\s@<>()\[\],;:\"]{1,255}"
_bracketed = re.compile(rf"\s*[<(\[]?\s*(?:mailto:)?({_MAIL})\s*[>)\]]?\s*", re.IGNORECASE)
_separator = re.compile(r"\s*[,;]\s*")
_KINDS: Final = ("dc:creator", "dc:author", "author", "itunes:author", "googleplay:author")


def authors_of(item: Element, plain: Callable[[str], str]) -> tuple[str, ...]:
    """The names of those who wrote an item, or what a feed says of itself; `plain` takes the markup out of a text."""
    mails: list[str] = []
    for kind in _KINDS:
        names = []
        for child in item:
            if name_of(child) == kind:
                found, mail = _person(child, plain)
                names += found
                mails += mail
        if names:
            return tuple(dict.fromkeys(names))
    return tuple(dict.fromkeys(mails))


def _person(element: Element, plain: Callable[[str], str]) -> tuple[list[str], list[str]]:
    """The names, and the e-mail addresses, of an element that tells of one or more people."""
    parts = {name_of(part).rpartition(":")[2]: part for part in reversed(list(element.iter())) if part is not element}
    if "name" in parts or "email" in parts:
        texts = ["".join(parts[key].itertext()) for key in ("name", "email") if key in parts]
        names, mails = people_in(plain(texts[0]))
        return names, mails + texts[1:]
    return people_in(plain("".join(element.itertext())))


def people_in(text: str) -> tuple[list[str], list[str]]:
    """The names in a text, and the e-mail addresses. Several people are told apart only where each has an address."""
    text = " ".join(text[:_LONGEST].split())
    mails = re.findall(_MAIL, text)
    if not mails:
        name = _trimmed(text)
        return ([name] if name else []), []
    pieces = _separator.split(text) if len(mails) > 1 else [text]
    names = (_trimmed(_bracketed.sub(" ", piece)) for piece in pieces)
    return [name for name in names if name], mails


def _trimmed(name: str) -> str:
    """A name without the brackets and quotation marks around it."""
    name = name.removeprefix("mailto:").strip(' ,;:<>"')
    while len(name) > 1 and name[0] == "(" and name[-1] == ")" and _balanced(name[1:-1]):
        name = name[1:-1].strip(' ,;"')
    if name[:1] == "(" and ")" not in name:
        name = name[1:].strip()
    return "" if not any(map(str.isalnum, name)) else name


def _balanced(text: str) -> bool:
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0


def first_of(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The first that names anybody."""
    return next((group for group in groups if group), ())
