"""HTML of any quality -> a light tree of elements and texts.

Owns: the tokeniser and the repair of broken nesting. Decided only here: what is a tag and what is text, where an
element ends that nobody closed, and which elements' text is no text at all. Never: what an element means.

It follows the tokeniser of the HTML standard (html.spec.whatwg.org, 13.2.5) and is kinder in four places, because a
reader wants the article rather than the standard's recovery: a quote that is never closed ends with its tag, a comment
that is never closed ends at the first ">", the insides of <![CDATA[ ]]> are read, and `<divclass="x">` is a div.
The nesting stays as it was written: a <div> in a <p> is inside it, and no text is ever moved.

Everything is linear in the length of the body and nothing recurses: an end tag looks only so far up the open elements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import unescape
from typing import Final, NamedTuple, TypeAlias, final

from newsreader.article import Style

# How far up the open elements an end tag looks for its start tag, and how deep formatting may nest.
_REACH = 256
_FORMATS_DEEP = 64

# Elements whose text is not for readers; <noscript> stays in the tree: lazy-loading pages keep the picture there.
_RAW = frozenset({"script", "style"})
_DROPPED = frozenset({"svg", "template", "title"})
_VOID_NAMES: Final = (
    "area base basefont bgsound br col embed frame hr image img input keygen link meta param source track wbr"
)
_VOID = frozenset(_VOID_NAMES.split())

# Formatting is no structure: it may open in one paragraph and close in another. It colours the texts between.
_STYLES: Mapping[str, Style | None] = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "dfn": "em", "var": "em",
    "u": "underline", "ins": "underline", "s": "strike", "strike": "strike", "del": "strike",
    "code": "code", "kbd": "code", "samp": "code", "tt": "code",
    "sup": "sup", "sub": "sub", "mark": "mark", "small": "small",
    "a": None, "font": None, "big": None, "abbr": None, "acronym": None, "nobr": None,
}  # fmt: skip

# An end tag closes what is open inside its element, but never something stronger than itself.
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CONTAINERS: Final = (
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form header hgroup html li main menu nav ol section summary ul noscript "
    "option select button picture iframe video audio object"
)
_STRENGTH: Mapping[str, int] = {
    **dict.fromkeys(["p", *_HEADINGS, "pre", "listing", "xmp"], 1),
    **dict.fromkeys(_CONTAINERS.split(), 2),
    **dict.fromkeys(["td", "th", "caption"], 3),
    **dict.fromkeys(["tr", "colgroup"], 4),
    **dict.fromkeys(["thead", "tbody", "tfoot"], 5),
    "table": 6,
}
BLOCKS = frozenset(_STRENGTH) - {"picture", "select", "button", "option", "iframe", "video", "audio", "object"}

# A start tag that ends an open element of these names, unless one of those others lies between.
_ENDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "menu", "dir", "td", "th", "table"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl", "td", "th", "table"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl", "td", "th", "table"})),
    "td": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "th": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "tr": (frozenset({"tr", "caption"}), frozenset({"table"})),
    "thead": (frozenset({"thead", "tbody", "tfoot", "caption"}), frozenset({"table"})),
    "tbody": (frozenset({"thead", "tbody", "tfoot", "caption"}), frozenset({"table"})),
    "tfoot": (frozenset({"thead", "tbody", "tfoot", "caption"}), frozenset({"table"})),
    "option": (frozenset({"option"}), frozenset({"select"})),
    **dict.fromkeys(
        ["p", *_HEADINGS], (frozenset({"p", *_HEADINGS}), frozenset(t for t, s in _STRENGTH.items() if s > 1))
    ),
}

_TAG = re.compile(
    r"""<(?:(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?P<attributes>(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+)>"""
    r"""|(?P<comment>!--)|[!?/][^>]*+>)""",
)
_COMMENT_END = re.compile(r"--!?>")
_RAW_END = {tag: re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE) for tag in _RAW}
_ATTRIBUTE = re.compile(r"""([^\s/>][^\s/>=]*+)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>]*+))?+""")
_GLUED = re.compile(
    r"(div|p|span|img|a|iframe|video|section|figure|ul|li|h[1-6])((?:class|src|href|id|style|data-[\w-]*)=.*)", re.S
)
_CUT_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)(?:[\s/][^<]*)?$|<!--[^<]*$|<$")
# In an attribute `&copy=1` is no entity; in text it is (13.2.5.73).
_ATTRIBUTE_ENTITY = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[a-zA-Z][a-zA-Z0-9]*+(?:;|(?![=a-zA-Z0-9])))")
_KNOWN = frozenset(_STRENGTH) | frozenset(_STYLES) | _VOID | _RAW | _DROPPED | {"span"}


class Element:
    """One element: `children` in document order, `chars` the length of all text below it, `pictures` how many <img>.

    `anchor` is the <a> around an element without end tag (an image), and only there.
    """

    __slots__ = ("_attributes", "anchor", "chars", "children", "pictures", "source", "tag")

    def __init__(self, tag: str, source: str = "", anchor: Element | None = None) -> None:
        self.tag = tag
        self.source = source
        self.anchor = anchor
        self.children: list[Node] = []
        self.chars = 0
        self.pictures = 0
        self._attributes: Mapping[str, str] | None = None

    @property
    def attributes(self) -> Mapping[str, str]:
        """Its attributes by lower-case name, entities decoded; of a repeated one the first counts."""
        if self._attributes is None:
            # Most elements of an archive share a few hundred attribute strings.
            self._attributes = _shared(self.source) if len(self.source) < 200 else _attributes(self.source)
        return self._attributes

    def set(self, name: str, value: str) -> None:
        """Give the element an attribute, as if it had been written so."""
        self._attributes = {**self.attributes, name: value}
        self.source = self.source or " "

    def get(self, name: str) -> str:
        """The attribute's value, "" if there is none."""
        return self.attributes.get(name, "") if self.source else ""


@final
class Text(NamedTuple):
    """A text node: its styles in the order they opened, and the <a> it stands in."""

    text: str
    style: tuple[Style, ...]
    anchor: Element | None


Node: TypeAlias = Element | Text


def read_tree(html: str) -> Element:
    """The tree of `html` under a root element named ""; any string will do, nothing is raised."""
    if "<![CDATA[" in html:
        first, *sections = html.split("<![CDATA[")
        html = first + "".join(section.replace("]]>", "", 1) for section in sections)
    reader = _Reader()
    end = html.rfind(">") + 1
    position, comments_end = 0, True
    while match := _TAG.search(html, position, end):
        start = match.start()
        if start > position:
            reader.text(html[position:start])
        position = match.end()
        if name := match["name"]:
            tag = reader.tag(name, match["attributes"], bool(match["end"]))
            if tag in _RAW:
                close = _RAW_END[tag].search(html, position)
                position = close.start() if close else len(html)
        elif match["comment"]:
            close = _COMMENT_END.search(html, start + 2) if comments_end else None
            comments_end = close is not None
            position = close.end() if close else html.index(">", start) + 1
    tail = html[position:]
    if (cut := _CUT_TAG.search(tail)) and (not cut[1] or cut[1].lower() in _KNOWN):
        tail = tail[: cut.start()]
    if tail:
        reader.text(tail)
    return reader.finish()


def decode_entities(text: str) -> str:
    """Text with its character references decoded, as the HTML standard says for text."""
    try:
        return unescape(text)
    except ValueError:  # &#9999...9; with more digits than Python turns into a number
        return unescape(_HUGE.sub("&#1114112", _ZEROS.sub("&#", text)))


_ZEROS = re.compile(r"&#0+(?=[0-9])")
_HUGE = re.compile(r"&#[0-9]{8,}")


def _attributes(source: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(source):
        name, value = match[1].lower(), match[2] or ""
        if name in found:
            continue
        if value[:1] in ('"', "'"):
            value = value[1:-1] if len(value) > 1 and value[-1] == value[0] else value[1:]
        if "&" in value:
            value = _ATTRIBUTE_ENTITY.sub(lambda entity: decode_entities(entity[0]), value)
        found[name] = value
    return found


_shared = lru_cache(maxsize=4096)(_attributes)


class _Format(NamedTuple):
    tag: str
    style: Style | None
    anchor: Element | None
    depth: int


class _Reader:
    """The open elements and the open formatting while a body is read."""

    def __init__(self) -> None:
        self._root = Element("")
        self._open = [self._root]
        self._formats: list[_Format] = []
        self._style: tuple[Style, ...] = ()
        self._anchor: Element | None = None
        self._dropping = 0

    def text(self, raw: str) -> None:
        if self._dropping:
            return
        text = decode_entities(raw) if "&" in raw else raw
        parent = self._open[-1]
        parent.children.append(Text(text, self._style, self._anchor))
        parent.chars += len(text.strip())

    def tag(self, name: str, attributes: str, is_end: bool) -> str:
        """Take one tag; its name, lower-case, if it opened an element, else ""."""
        if "=" in name and (glued := _GLUED.match(name + attributes)):
            name, attributes = glued[1], glued[2]
        tag = name.lower()
        if is_end:
            if tag in _STYLES:
                self._end_format(tag)
            elif tag == "br":
                self._add(Element("br"))
            elif not self._end(tag) and tag == "p":
                self._add(Element("p"))  # the standard too makes a stray </p> a paragraph's edge
            return ""
        if tag in _STYLES:
            self._start_format(tag, attributes)
        elif tag in _VOID:
            self._add(Element("img" if tag == "image" else tag, attributes, self._anchor))
        elif not (self._dropping or tag in _DROPPED) or not attributes.endswith("/"):
            self._start(tag, attributes)
            return tag
        return ""

    def finish(self) -> Element:
        while len(self._open) > 1:
            self._pop()
        return self._root

    def _add(self, element: Element) -> None:
        if self._dropping:
            return
        parent = self._open[-1]
        parent.children.append(element)
        if element.tag == "img":
            parent.pictures += 1

    def _start(self, tag: str, attributes: str) -> None:
        if not self._dropping:
            if rule := _ENDS.get(tag):
                self._end_implied(*rule)
            element = Element(tag, attributes, self._anchor)
            if tag not in _DROPPED:
                self._open[-1].children.append(element)
        else:
            element = Element(tag)
        self._dropping += tag in _DROPPED
        self._open.append(element)

    def _pop(self) -> None:
        element = self._open.pop()
        if element.tag in _DROPPED:
            self._dropping -= 1
        elif not self._dropping:
            parent = self._open[-1]
            parent.chars += element.chars
            parent.pictures += element.pictures
        if element.tag in BLOCKS and self._formats:
            depth, before = len(self._open), len(self._formats)
            while self._formats and self._formats[-1].depth > depth:
                self._formats.pop()
            if len(self._formats) != before:
                self._restyle()

    def _end(self, tag: str) -> bool:
        strength = _STRENGTH.get(tag, 0)
        for i in range(len(self._open) - 1, max(0, len(self._open) - _REACH), -1):
            candidate = self._open[i].tag
            if candidate == tag or (tag in _HEADINGS and candidate in _HEADINGS):
                while len(self._open) > i:
                    self._pop()
                return True
            if _STRENGTH.get(candidate, 0) > strength:
                break
        return False

    def _end_implied(self, ended: frozenset[str], unless: frozenset[str]) -> None:
        for i in range(len(self._open) - 1, max(0, len(self._open) - _REACH), -1):
            candidate = self._open[i].tag
            if candidate in ended:
                while len(self._open) > i:
                    self._pop()
                return
            if candidate in unless:
                return

    def _start_format(self, tag: str, attributes: str) -> None:
        if self._dropping or len(self._formats) >= _FORMATS_DEEP:
            return
        if tag == "a":
            self._end_format("a")
        anchor = Element("a", attributes) if tag == "a" else None
        self._formats.append(_Format(tag, _STYLES[tag], anchor, len(self._open)))
        self._restyle()

    def _end_format(self, tag: str) -> None:
        for i in range(len(self._formats) - 1, -1, -1):
            if self._formats[i].tag == tag:
                del self._formats[i]
                self._restyle()
                return

    def _restyle(self) -> None:
        formats = self._formats
        if not formats:
            self._style, self._anchor = (), None
        elif len(formats) == 1:
            _, style, self._anchor, _ = formats[0]
            self._style = (style,) if style else ()
        else:
            self._style = tuple(dict.fromkeys(f.style for f in formats if f.style))
            self._anchor = next((f.anchor for f in formats if f.anchor), None)
