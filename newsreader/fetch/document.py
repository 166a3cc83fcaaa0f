"""The text of a feed -> the tree of its elements, however broken it came.

What is no well-formed XML is mended first, in one pass and in linear time: text around the document goes, declared and
HTML's entities become characters, stray ampersands and brackets become text, what was not closed is closed, prefixes
that were not declared get their usual meaning. Decided only here: that RSS and Atom are one vocabulary, so that
`a10:updated` in an item is its `updated`; and by which prefix an extension is known, whatever the document calls it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html import unescape
from html.entities import html5
from typing import Final
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape, quoteattr

BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_RESERVED: Final = ("http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/")

# Namespaces as they are compared: without scheme, www., end and case; "" is RSS and Atom.
_PREFIXES: Final = {
    **dict.fromkeys(
        [
            "w3.org/2005/atom",
            "purl.org/atom/ns",
            "purl.org/rss/1.0",
            "my.netscape.com/rdf/simple/0.9",
            "channel.netscape.com/rdf/simple/0.9",
            "backend.userland.com/rss",
            "backend.userland.com/rss2",
            "blogs.law.harvard.edu/tech/rss",
            "cyber.harvard.edu/rss",
            "purl.org/net/rss1.1",
            "purl.org/rss/1.0/modules/rss091",
        ],
        "",
    ),
    "purl.org/rss/1.0/modules/content": "content",
    "purl.org/dc/elements/1.0": "dc",
    "purl.org/dc/elements/1.1": "dc",
    "purl.org/dc/terms": "dcterms",
    "search.yahoo.com/mrss": "media",
    "itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "google.com/schemas/play-podcasts/1.0": "googleplay",
    "rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "w3.org/1999/xhtml": "xhtml",
    "w3.org/2000/svg": "svg",
    "news.yandex.ru": "yandex",
}
_URIS: Final = {
    "atom": "http://www.w3.org/2005/Atom",
    "a10": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "yandex": "http://news.yandex.ru",
}
_namespace = re.compile(r"(?:https?://)?(?:www\.)?(.*?)[/#]*")

_DEEPEST: Final = 400

_root = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:rss|feed|rdf|channel|entry)(?=[\s>/])", re.IGNORECASE)
_declaration = re.compile(r"\s*<\?xml[^>]*>", re.IGNORECASE)
_meaning = re.compile(rf"""(\sxmlns:({"|".join(_URIS)})\s*=\s*)["']([^"'<>]*)["']""")
_control = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_entity = re.compile(r"""<!ENTITY\s+([A-Za-z_][\w.-]{0,63})\s+(?:"([^"<>]{0,1000})"|'([^'<>]{0,1000})')\s*>""")
_reference = re.compile(r"&(?:(#[0-9]{1,9}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z_][\w.-]{0,63});)?")
_NAME: Final = "[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?"
_VALUE: Final = r"""(?:"(?:[^"<]|<(?![A-Za-z/!?]))*+"|'(?:[^'<]|<(?![A-Za-z/!?]))*+')"""
_token = re.compile(
    rf"""<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z) | <!--.*?(?:-->|\Z) | <\?.*?(?:>|\Z)
      | <(?P<close>/)?(?P<name>(?!xmlns:){_NAME})(?P<attributes>(?=[\s/>])(?:[^<>"']|{_VALUE})*+)>""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_attribute = re.compile(rf"""({_NAME})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
# What HTML never closes; and what of a feed stands in no text, but begins or follows one.
VOID: Final = frozenset(["area", "br", "col", "embed", "hr", "img", "input", "param", "source", "track", "wbr"])
_ITEMS: Final = frozenset(("item", "entry"))
_ROOTS: Final = frozenset(("channel", "rss", "feed", "rdf", "rdf:rdf"))
_PLAIN: Final = frozenset(
    ["title", "link", "pubdate", "guid", "author", "category", "comments", "description", "id", "updated", "published"]
)


def read_document(text: str) -> Element | None:
    """The root of the document in a text, None where there is no feed in it."""
    text = _meaning.sub(_usual, _control.sub("", text))
    if _root.search(text) is None:
        return None
    if "<!ENTITY" not in text and "<!DOCTYPE" not in text:
        try:
            return _in_its_own_words(
                fromstring(text[declared.end() :] if (declared := _declaration.match(text)) else text)
            )
        except ParseError:
            pass
    try:
        return _in_its_own_words(fromstring(_Mender(text).document()))
    except ParseError:
        return None


def _usual(found: re.Match[str]) -> str:
    """What a well-known prefix is declared as, with its usual meaning where it has an unknown one."""
    return found[0] if _prefix(found[3]) != "?" else f"{found[1]}{quoteattr(_URIS[found[2]])}"


def _in_its_own_words(document: Element) -> Element:
    """A document whose root has a namespace that nobody knows: without it."""
    root = next((e for e in document.iter() if e.tag.rpartition("}")[2].lower() in _ROOTS), document)
    namespace, brace, _ = root.tag.rpartition("}")
    if brace and _prefix(namespace[1:]) == "?":
        for element in document.iter():
            element.tag = element.tag.removeprefix(namespace + brace)
    return document


def name_of(element: Element) -> str:
    """What an element is called: in lower case, with the usual prefix of its extension, none for RSS and Atom; ? is the
    prefix of all that is unknown."""
    tag = element.tag
    known = _names.get(tag)
    if known is None:
        known = _name(tag)
        if len(_names) < 10_000:
            _names[tag] = known
    return known


_names: dict[str, str] = {}


def _name(tag: str) -> str:
    namespace, _, local = tag.rpartition("}")
    prefix = _prefix(namespace[1:]) if namespace else ""
    return f"{prefix}:{local.lower()}" if prefix else local.lower()


def _prefix(uri: str) -> str:
    found = _namespace.fullmatch(uri.strip().lower())
    return _PREFIXES.get(found[1] if found else "", "?")


def items_of(root: Element) -> Iterator[tuple[Element, tuple[Element, ...]]]:
    """The items of a document in its order, each with the elements that it stands in, the outermost first."""
    stack: list[tuple[Element, tuple[Element, ...]]] = [(root, ())]
    while stack:
        element, above = stack.pop()
        if name_of(element).rpartition(":")[2] in _ITEMS:
            yield element, above
        elif len(above) < _DEEPEST:
            stack.extend((child, (*above, element)) for child in reversed(element))


def base_of(elements: Sequence[Element], outside: str) -> str:
    """Against what addresses in the last of nested elements are resolved, by xml:base; `outside`: those without."""
    for element in elements:
        if base := (element.get(BASE) or "").strip():
            outside = resolved(base, outside)
    return outside


def resolved(address: str, base: str) -> str:
    """An address, in full."""
    try:
        return urljoin(base, address)
    except ValueError:
        return address


# --- mending ------------------------------------------------------------------------------------------------------


class _Mender:
    """Writes a document anew, well-formed."""

    def __init__(self, text: str) -> None:
        start = _root.search(text)
        assert start is not None
        self._entities = _entities(text[: start.start()], text)
        self._out: list[str] = []
        self._open: list[str] = []
        self._small: list[str] = []  # the same in small letters
        self._prefixes: dict[str, str] = {}
        position = start.start()
        for token in _token.finditer(text, position):
            self._text(text[position : token.start()])
            position = token.end()
            if token["cdata"] is not None:
                self._out.append(escape(token["cdata"]))
            elif token["close"]:
                self._end(token["name"])
            elif token["name"]:
                self._begin(token["name"], token["attributes"])
        self._text(text[position:])
        self._out.extend(f"</{name}>" for name in reversed(self._open))

    def document(self) -> str:
        """The document, within one more element, on which every prefix is declared."""
        declared = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in self._prefixes.items())
        return f"<document{declared}>{''.join(self._out)}</document>"

    def _begin(self, name: str, attributes: str) -> None:
        small, outer = name.lower(), self._small
        if small in _ITEMS and small in outer:
            self._end(small)
        elif (
            (small in _PLAIN or small in _ITEMS) and outer and outer[-1] in _PLAIN and not _ITEMS.isdisjoint(outer[-3:])
        ):
            self._end(outer[-1])
        self._declare(name)
        spelled: dict[str, str] = {}
        for key, double, single, bare in _attribute.findall(attributes):
            value = self._plain(double or single or bare)
            if key.startswith("xmlns:"):
                if value.strip() and value not in _RESERVED and key not in ("xmlns:xml", "xmlns:xmlns"):
                    self._prefixes[key[6:]] = value
            elif value not in _RESERVED:
                self._declare(key)
                spelled.setdefault(key, quoteattr(value))
        closed = attributes.rstrip().endswith("/") or small in VOID or len(outer) >= _DEEPEST
        self._out.append(f"<{name}{''.join(f' {key}={value}' for key, value in spelled.items())}{'/' * closed}>")
        if not closed:
            self._open.append(name)
            outer.append(small)

    def _declare(self, name: str) -> None:
        prefix, colon, _ = name.partition(":")
        if colon and prefix != "xml":
            self._prefixes.setdefault(prefix, _URIS.get(prefix.lower(), f"urn:x-{prefix}"))

    def _end(self, name: str) -> None:
        """End an element and what was left open in it; what ends none is left out."""
        small = name.lower()
        for place in range(len(self._open) - 1, -1, -1):
            outer = self._small[place]
            if outer == small:
                self._out.extend(f"</{inner}>" for inner in reversed(self._open[place:]))
                del self._open[place:], self._small[place:]
                return
            if outer in _ITEMS and small not in _ROOTS:
                return

    def _text(self, text: str) -> None:
        if "&" in text or "<" in text or ">" in text:
            text = escape(self._plain(text))
        self._out.append(text)

    def _plain(self, text: str) -> str:
        return _reference.sub(self._meant, text) if "&" in text else text

    def _meant(self, found: re.Match[str]) -> str:
        """What a reference stands for; an ampersand that begins none is one."""
        name = found[1]
        if name is None:
            return found[0]
        if name[0] == "#" or name in ("amp", "lt", "gt", "quot", "apos"):
            return _control.sub("", unescape(found[0]))
        return self._entities.get(name) or html5.get(name + ";") or found[0]


def _entities(head: str, text: str) -> dict[str, str]:
    """What a document declares. No entity in the text of another is resolved, and all of them together at most double
    the document."""
    found: dict[str, str] = {}
    if "<!ENTITY" not in head:
        return found
    uses, left = Counter(name for name in _reference.findall(text) if name), 2 * len(text)
    for name, double, single in _entity.findall(head):
        value = _control.sub("", unescape(double or single))
        left -= len(value) * uses[name]
        if name in uses and left > 0:
            found.setdefault(name, value)
    return found
