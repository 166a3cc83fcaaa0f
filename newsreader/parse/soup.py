"""HTML of any quality -> a light tree of elements and texts, by Beautiful Soup with its lxml builder.

Decided only here: how a body is read that libxml2 would read to the loss of its reader. What it would drop or swallow
is mended before, in one linear pass: texts behind a quote or comment that is never closed, elements whose insides are
raw to a browser but text to us, CDATA, `<divclass="x">`. No text is ever moved, and nothing recurses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape, unescape
from typing import Final, NamedTuple, TypeAlias, cast, final

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from newsreader.article import Style

_DROPPED: Final = frozenset({"template", "title", "rp"})
_VOID_NAMES: Final = (
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr"
)
_VOID: Final = frozenset(_VOID_NAMES.split())
# Formatting is no structure: it colours the texts inside. Only where it has attributes it is an element too.
STYLES: Final[Mapping[str, Style | None]] = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "dfn": "em", "var": "em",
    "u": "underline", "ins": "underline", "s": "strike", "strike": "strike", "del": "strike",
    "code": "code", "kbd": "code", "samp": "code", "tt": "code",
    "sup": "sup", "sub": "sub", "rt": "ruby", "rtc": "ruby", "mark": "mark", "small": "small",
    "a": None, "font": None, "big": None, "abbr": None, "acronym": None, "nobr": None, "rb": None,
}  # fmt: skip
# What only a style sheet says, and no reader may miss.
_STYLED: Final = re.compile(
    r"text-decoration(?:-line)?\s*:[^;]*?(line-through)|vertical-align\s*:\s*(?=su)(super|sub)\b"
    r"|(font-weight)\s*:\s*(?:bold|[6-9]00)|font-style\s*:\s*(italic|oblique)",
    re.IGNORECASE,
)
_STYLED_AS: Final[Mapping[str, Style]] = {
    **{"line-through": "strike", "super": "sup", "sub": "sub", "italic": "em", "oblique": "em"},
    "font-weight": "strong",
}
_LIGHT: Final = re.compile(r"font-weight\s*:\s*(?:normal|[1-5]00)", re.IGNORECASE)
_KEEPS_LINES: Final = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_BLOCK_NAMES: Final = (
    "p h1 h2 h3 h4 h5 h6 pre listing xmp address article aside blockquote body center dd details dialog dir div dl "
    "dt fieldset figcaption figure footer form header hgroup html li main menu nav ol section summary ul noscript "
    "td th caption tr colgroup thead tbody tfoot table legend marquee"
)
BLOCKS: Final = frozenset(_BLOCK_NAMES.split())

# An attribute's quote that nothing closes is none. Possessive throughout: no attempt is made twice.
_VALUE: Final = r"""=\s*+(?:"[^"]*+"|'[^']*+'|(?P<open>["']))?+"""
_TAG: Final = re.compile(
    r"<(?:(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?P<attributes>(?:[^>=]++|" + _VALUE + r")*+)(?:>|(?P<cut>\Z))"
    r"|(?P<comment>!--)|[!?/][^>]*+>)"
)
_UNQUOTED: Final = re.compile(
    r"<(?:(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?P<attributes>[^>]*+)(?P<open>)(?P<cut>)>"
    r"|(?P<comment>!--)|[!?/][^>]*+>)"
)
_VALUES: Final = re.compile(_VALUE)
_COMMENT_END: Final = re.compile(r"--!?>")
_RAW_END: Final = {tag: re.compile(rf"</{tag}(?:[\s/][^>]*)?>", re.IGNORECASE) for tag in ("script", "style")}
# What libxml2 reads as raw text, or not at all, goes under another name.
_RENAMED_NAMES: Final = "iframe xmp noembed noframes textarea plaintext title html head body frameset frame"
_RENAMED: Final = frozenset(_RENAMED_NAMES.split())
_ALIAS: Final = "x--"
# Formats that cross, `<b>x<i>y</b>z</i>`, are closed and opened again; so many at once.
_CROSSING: Final = 16
_GLUED: Final = re.compile(
    r"(div|p|span|img|a|iframe|video|section|figure|ul|li|h[1-6])((?:class|src|href|id|style|data-[\w-]*)=.*)", re.S
)
_UNREADABLE: Final = re.compile("[\0\ud800-\udfff]")


class Element:
    """One element: `children` in document order, `chars` the length of all text below it, `pictures` how many <img>.

    `attributes` by lower-case name; of a repeated one the first counts. `anchor` is the <a> around an element without
    end tag (an image), and only there. An <svg> has no children; its title is an attribute.
    """

    __slots__ = ("anchor", "attributes", "chars", "children", "pictures", "tag")

    def __init__(self, tag: str, attributes: Mapping[str, str] | None = None, anchor: Element | None = None) -> None:
        self.tag = tag
        self.attributes = attributes or {}
        self.anchor = anchor
        self.children: list[Node] = []
        self.chars = 0
        self.pictures = 0

    def set(self, name: str, value: str) -> None:
        """Give the element an attribute, as if it had been written so."""
        self.attributes = {**self.attributes, name: value}

    def get(self, name: str) -> str:
        """The attribute's value, "" if there is none."""
        return self.attributes.get(name, "")


@final
class Text(NamedTuple):
    """A text node: its styles in the order they opened, and the <a> it stands in."""

    text: str
    style: tuple[Style, ...]
    anchor: Element | None


Node: TypeAlias = Element | Text


class _Open(NamedTuple):
    """An element whose children are being taken over, into `element`; `lines`: line ends of its text are seen."""

    children: Iterator[PageElement]
    element: Element
    style: tuple[Style, ...]
    anchor: Element | None
    lines: bool = False


def read_tree(html: str) -> Element:
    """The tree of `html` under a root element named ""; any string will do, nothing is raised."""
    # With a tag before it no body looks like a file name or an address, about which bs4 would warn.
    soup = BeautifulSoup("<html><body>" + _mended(html), "lxml", multi_valued_attributes=None, string_containers={})
    root = Element("")
    walk = [_Open(iter(soup.contents), root, (), None)]
    while walk:
        children, parent, style, anchor, lines = walk[-1]
        for child in children:
            if type(child) is NavigableString:  # comments and the like are of its kinds
                first, *others = child.split("\n") if lines else [child]
                parent.children.append(Text(str(first), style, anchor))
                for line in others:
                    parent.children += (Element("br"), Text(line, style, anchor))
                parent.chars += len(child.strip())
            elif isinstance(child, Tag):
                tag = child.name.removeprefix(_ALIAS)
                if tag in _DROPPED:
                    continue
                attributes = cast("dict[str, str]", child.attrs)  # without multi_valued_attributes they are
                inner = parent
                opened = [STYLES.get(tag)]
                if css := attributes.get("style", "")[:500]:
                    if opened[0] == "strong" and _LIGHT.search(css):
                        opened = []
                    opened += [_STYLED_AS[found[found.lastindex or 0].lower()] for found in _STYLED.finditer(css)]
                    lines = lines or _KEEPS_LINES.search(css) is not None
                style += tuple(one for one in dict.fromkeys(opened) if one and one not in style)
                if (tag not in STYLES or attributes) and tag not in ("html", "body"):
                    element = Element("img" if tag == "image" else tag, attributes, anchor)
                    if tag == "svg":
                        title = child.find(_ALIAS + "title")
                        element.set("title", title.get_text() if isinstance(title, Tag) else "")
                    elif tag == "a":
                        anchor = element
                    parent.children.append(element)
                    parent.pictures += element.tag == "img"
                    if tag not in _VOID:  # to libxml2 some are none, and hold what follows them
                        inner = element
                if child.contents and tag != "svg":
                    walk.append(_Open(iter(child.contents), inner, style, anchor, lines))
                    break
                _, _, style, anchor, lines = walk[-1]
        else:
            done = walk.pop().element
            if walk and (outer := walk[-1].element) is not done:
                outer.chars += done.chars
                outer.pictures += done.pictures
    return root


def decode_entities(text: str) -> str:
    """Text with its character references decoded, as the HTML standard says for text."""
    try:
        return unescape(text)
    except ValueError:  # &#9999...9; with more digits than Python turns into a number
        return unescape(_HUGE.sub("&#1114112", _ZEROS.sub("&#", text)))


_ZEROS = re.compile(r"&#0+(?=[0-9])")
_HUGE = re.compile(r"&#[0-9]{8,}")


def _mended(html: str) -> str:
    """The source without what libxml2 would stumble over: scripts, styles and comments are gone."""
    if "<![CDATA[" in html:
        first, *sections = html.split("<![CDATA[")
        html = first + "".join(section.replace("]]>", "", 1) for section in sections)
    html = _UNREADABLE.sub("\ufffd", html)
    tags = _Tags()
    out: list[str] = []
    pattern, comments_end = _TAG, True
    taken = position = 0
    end = html.rfind(">") + 1
    while match := pattern.search(html, position, end):
        start, position = match.span()
        new: str | None = ""
        if (name := match["name"]) is None:
            if match["comment"]:
                close = _COMMENT_END.search(html, start + 2) if comments_end else None
                comments_end = close is not None
                position = close.end() if close else html.index(">", start) + 1
        elif match["cut"] is not None and pattern is _TAG:
            pattern, position = _UNQUOTED, start
            continue
        elif (raw := _RAW_END.get(name.lower())) is None:
            new = tags.end(name.lower()) if match["end"] else tags.start(name, match["attributes"], match["open"])
        elif not match["end"]:
            close = raw.search(html, position)
            if close and "math/tex" in match["attributes"]:
                new = f'<math alttext="{escape(html[position : close.start()])}"></math>'
            position = close.end() if close else len(html)
        if new is not None:
            out += (html[taken:start], new)
            taken = position
    out.append(html[taken:])
    return "".join(out)


class _Tags:
    """What is open while a source is mended. `start` and `end` give what to write in a tag's place, None for itself."""

    def __init__(self) -> None:
        self._opened: Counter[str] = Counter()
        self._formats: list[tuple[str, str]] = []  # names and whole tags, since the last edge of a block

    def start(self, name: str, attributes: str, open_quote: str | None) -> str | None:
        new = name
        if "=" in name and (glued := _GLUED.match(name + attributes)):
            new, attributes = glued[1], " " + glued[2]
        tag = new.lower()
        if tag in _RENAMED:
            new = _ALIAS + tag
        if open_quote:
            attributes = _VALUES.sub(lambda value: "=" if value["open"] else value[0], attributes)
        self._opened[tag] += 1
        if tag in BLOCKS:
            self._formats.clear()
        elif tag in STYLES and attributes[-1:] != "/" and len(self._formats) < _CROSSING:
            self._formats.append((tag, f"<{new}{attributes}>"))
        return f"<{new}{attributes}>" if open_quote or new != name else None

    def end(self, tag: str) -> str | None:
        if tag in BLOCKS:
            self._formats.clear()
        if not self._opened[tag]:  # libxml2 would look for its start tag among all that are open
            return {"br": "<br>", "p": "<p></p>"}.get(tag, "")
        self._opened[tag] -= 1
        if tag in _RENAMED:
            return f"</{_ALIAS}{tag}>"
        at = next((i for i in range(len(self._formats) - 1, -1, -1) if self._formats[i][0] == tag), None)
        if at is None:
            return None
        crossed = self._formats[at + 1 :]
        del self._formats[at]
        if not crossed:
            return None
        closed = "".join(f"</{name}>" for name, _ in reversed(crossed))
        return f"{closed}</{tag}>" + "".join(whole for _, whole in crossed)
