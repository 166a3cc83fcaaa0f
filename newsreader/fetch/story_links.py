"""The address of a story: the page that a person would open, among all the links that an item has.

Decided only here: which link is that, and what is put right in its spelling. RSS's own text in `<link>` comes before
attributes, a link with rel="alternate" before the guid; among alternates HTML before the rest, the feed's language
before another, then the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from newsreader.fetch.document import BASE, base_of, name_of, resolved

_IANA: Final = re.compile(r"https?://www\.iana\.org/assignments/(?:link-)?relation[^/]*/", re.IGNORECASE)
_NEVER: Final = frozenset(("self", "replies", "enclosure", "edit", "edit-media", "hub", "license", "next", "prev"))
_ATTRIBUTES: Final = ("href", "url", "uri", "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource", "resource")
_PAGES: Final = frozenset(("text/html", "application/xhtml+xml", "html", "xhtml"))
_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_other_scheme = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_line_break = re.compile(r"[\t\r\n]+")
_ampersand = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)


class Addresses:
    """Puts the addresses in a document in full: by xml:base, else by the address of the feed's site, else by that of
    the feed itself; what only lacks its scheme has the feed's."""

    def __init__(self, url: str, site: str = "") -> None:
        self._base = site or url
        self._scheme = url.partition("://")[0] or "https"

    def base(self, elements: Sequence[Element]) -> str:
        """What relative addresses are resolved against in the last of nested elements."""
        return base_of(elements, self._base)

    def full(self, address: str, elements: Sequence[Element]) -> str:
        """An address that stands there, if it is one of the web; "" if not."""
        address = _ampersand.sub("&", _line_break.sub("", address.strip()))
        if not address or _other_scheme.match(address):
            return ""
        if address.startswith("//") and not any(BASE in element.attrib for element in elements):
            address = f"{self._scheme}:{address}"
        elif address[:4].lower() == "www.":
            address = f"http://{address}"
        url = resolved(address, self.base(elements))
        return url if url.lower().startswith(("http://", "https://")) else ""


def story_url(item: Element, above: Sequence[Element], addresses: Addresses, language: str = "") -> str:
    """Where the story of an item stands, "" if nowhere; `above`: the elements around it, `language`: the feed's, as a
    tag."""
    for _, element, address in sorted(_candidates(item, language), key=lambda candidate: candidate[0]):
        around = (*above, item) if element is item else (*above, item, element)
        if url := addresses.full(address, around):
            return url
    return ""


def relations_of(link: Element) -> frozenset[str]:
    """What a link says it is, "alternate" if nothing."""
    named = _IANA.sub("", (link.get("rel") or "").strip()).lower().split()
    return frozenset(named or ("alternate",))


def _candidates(item: Element, language: str) -> Iterator[tuple[tuple[int, int, int], Element, str]]:
    """Rank, element and address of all that could be meant."""
    for child in item:
        name, text = name_of(child), (child.text or "").strip()
        if name in ("feedburner:origlink", "?:origlink"):
            yield (0, 0, 0), child, text
        elif name == "link":
            address = next((value for key in _ATTRIBUTES if (value := (child.get(key) or "").strip())), "")
            relations = relations_of(child)
            if not _NEVER.isdisjoint(relations):
                continue
            alternate = "alternate" in relations
            if text and alternate:
                yield (1 if not address or _absolute(text) else 3, 0, 0), child, text
            if address:
                yield (2 if alternate else 6, _kind_rank(child), _language_rank(child, language)), child, address
        elif name == "guid":
            permanent = next((value for key, value in child.attrib.items() if key.lower() == "ispermalink"), "true")
            if permanent.strip().lower() != "false":
                yield (4, 0, 0), child, _absolute(text)
        elif name == "id":
            yield (4, 0, 0), child, _absolute(text)
    yield (5, 0, 0), item, _absolute(item.get(_ABOUT) or "")


def _absolute(name: str) -> str:
    return name if name.lower().startswith(("http://", "https://")) else ""


def _kind_rank(link: Element) -> int:
    kind = (link.get("type") or "").partition(";")[0].strip().lower()
    return 0 if kind in _PAGES else 1 if not kind else 2


def _language_rank(link: Element, language: str) -> int:
    told = (link.get("hreflang") or "").strip().lower().replace("_", "-")
    if not told or not language:
        return 1
    if told == language.lower():
        return 0
    return 1 if told.partition("-")[0] == language.lower().partition("-")[0] else 2
