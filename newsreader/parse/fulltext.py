"""A page -> the story on it.

readability-lxml says which elements of the page are of the story; they are written as the page has them, so that
nothing of them is lost on the way. Decided only here: what is put back of what it leaves out, pictures with their
captions between the paragraphs or above them; what a page that scripts would make tells machines; and that a Han
character says as much as three letters, for readability knows letters only.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Iterator, Mapping
from html import escape, unescape
from typing import Final

from newsreader.parse.feedlinks import page_text
from newsreader.parse.figures import images_in, picture_of, source_address, word_of
from newsreader.parse.links import best_candidate, resolve
from newsreader.parse.soup import STYLES, Element, Text, read_tree

_ENOUGH: Final = 140
"""Characters of running text, less of which are no story."""

_TWICE: Final = 2
"""By so much more text what a page tells machines is preferred, for it has no pictures and little markup."""

_CAPTION: Final = 300
"""Characters of a part with a picture, more of which are a text of their own."""

_script = re.compile(r"(?i)<script\b([^<>]*)>")
_script_end = re.compile(r"(?i)</script")
_markup = re.compile(r"(?i)</?(?:p|br|div|a|h[1-6]|ul|li)\b[^<>]*>")
_signs = re.compile(r"\w").findall
_han = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


_UNSEEN: Final = _tags("script style template svg title link meta button select option input textarea")
_ASIDE: Final = _tags("nav footer dialog menu aside")
_AROUND: Final = _ASIDE | {"form"}
_WHOLES: Final = _tags("body article main")
_LISTED: Final = _tags("ul ol dl table pre")
_KEPT_TAGS: Final = _tags(
    "p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre figure figcaption table caption thead tbody tfoot tr td th"
    " img picture source br hr div section article video audio iframe time details summary"
)
_VOID: Final = _tags("img br hr source")
_PICTURES: Final = _tags("img amp-img")
_LINKED: Final = 0.5

_NAME: Final = r"(?i)(?<![a-z])(?:{})(?![a-z])"
_apart = re.compile(
    _NAME.format(
        r"comments?|disqus|share|sharing|related|recommend\w*|newsletter|subscri\w+|advert\w*|sponsor\w*|author|avatar"
        r"|promo|ads?|social|breadcrumbs?|editsection|pagination|pager"
    )
)
_gate = re.compile(_NAME.format(r"login|sign-?in|cookies?|consent"))
_unlikely = re.compile(
    r"(?i)foot|header|menu|sidebar|masthead|banner|media|meta|promo|scroll|widget|tool|pager|extra|rss"
)
_hidden = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")
_numbers = re.compile(r'<[a-z][^<>]* data-n="(\d+)"').findall
_LATIN: Final = str.maketrans({"，": ",", "、": ",", "。": ". ", "！": "! ", "？": "? "})

_ADDRESSES: Final = ("href", "src", "data-src", "poster")
_CANDIDATES: Final = ("srcset", "data-srcset")
_KEPT: Final = (
    *_ADDRESSES,
    *_CANDIDATES,
    *("alt", "title", "class", "width", "height", "colspan", "rowspan", "datetime", "role"),
)
_NAMED: Final = ("class", "id", "itemprop", "role")
_STYLES: Final[Mapping[str, str]] = {"underline": "u", "strike": "s"}


def full_text(data: bytes, url: str, content_type: str = "") -> str:
    """The story on the page from `url` as the HTML of a dump's body, its addresses absolute; "" where there is none.
    `content_type`: what the server declared."""
    text = page_text(data, content_type)
    page = list(_elements(read_tree(text)))
    base = next((resolve(e.get("href"), url) for e in page if e.tag == "base" and e.get("href")), "") or url
    story = _story(page)
    found = "".join(_written(page, base, story)).strip() if story else ""
    told = _told_to_machines(text, base)
    return told if len(_signs(told)) > len(_signs(found)) * _TWICE else found


def _elements(tree: Element) -> Iterator[Element]:
    waiting = [tree]
    while waiting:
        yield (element := waiting.pop())
        waiting += [child for child in reversed(element.children) if isinstance(child, Element)]


def _story(page: list[Element]) -> Collection[int]:
    """The elements of the page that are of its story, by their `id`s; empty if it has none."""
    from lxml.etree import LxmlError
    from readability import Document
    from readability.readability import Unparseable

    logging.getLogger("readability.readability").setLevel(logging.CRITICAL + 1)
    try:
        summary = Document("".join(_numbered(page))).summary(html_partial=True)
    except (Unparseable, LxmlError, ValueError, RecursionError):
        return ()
    kept = {id(page[int(n)]) for n in _numbers(summary)}
    return kept if sum(_own_weight(element) for element in page if id(element) in kept) >= _ENOUGH else ()


def _weight(text: str) -> int:
    return len(_signs(text)) + 2 * len(_han.findall(text))


def _own_weight(element: Element) -> int:
    """How much text an element holds itself, that of links not counted."""
    return sum(_weight(child.text) for child in element.children if isinstance(child, Text) and child.anchor is None)


def _numbered(page: list[Element]) -> Iterator[str]:
    """The page for readability, each element with its number, without what no story is in. What holds most of the page
    is no part of it, whatever its name says; and what only wraps another element is left out."""
    number = {id(element): n for n, element in enumerate(page)}
    held: dict[int, int] = {}
    for element in reversed(page):
        inner = sum(held[id(child)] for child in element.children if isinstance(child, Element))
        is_none = element.tag in _UNSEEN or element.tag in _ASIDE or _is_gate(element) or _is_apart(element)
        held[id(element)] = 0 if is_none else _own_weight(element) + inner
    most = max(held[id(page[0])] / 2, _ENOUGH)
    waiting: list[Element | Text | str] = [*reversed(page[0].children)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, Text):
            words = escape(_han.sub(r"\g<0>\g<0>\g<0>", node.text).translate(_LATIN), quote=False)
            yield f"<a>{words}</a>" if node.anchor is not None else words
        elif node.tag in STYLES or _is_wrapper(node):
            waiting += reversed(node.children)
        elif node.tag not in _UNSEEN and node.tag != "noscript" and not _is_hidden(node) and not _is_gate(node):
            is_whole = held[id(node)] > most
            if not is_whole and node.tag in _AROUND:
                continue
            tag = "img" if node.tag in _PICTURES else "div" if is_whole and node.tag in _AROUND else node.tag
            names = "".join(f' {name}="{escape(node.get(name)[:300])}"' for name in _NAMED if node.get(name))
            yield f'<{tag} data-n="{number[id(node)]}"{"" if is_whole and _unlikely.search(names) else names}>'
            if tag not in _VOID:
                waiting += (f"</{tag}>", *reversed(node.children))


def _is_wrapper(element: Element) -> bool:
    return element.tag == "div" and len(element.children) == 1 and isinstance(element.children[0], Element)


def _is_gate(element: Element) -> bool:
    """Whether an element stands before a page: where one signs in or agrees."""
    if element.tag == "form":
        return any(one.get("type") == "password" for one in _elements(element))
    return element.tag not in _WHOLES and _gate.search(_names(element)) is not None


def _told_to_machines(text: str, base: str) -> str:
    """The longest text of a story that a page has as JSON-LD, "" if it has none: some pages are made by scripts."""
    longest = ""
    for block in _json_ld(text):
        try:
            waiting = [json.loads(block, strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, list):
                waiting += thing
            elif isinstance(thing, dict):
                waiting += thing.values()
                body = thing.get("articleBody")
                longest = body if isinstance(body, str) and len(body) > len(longest) else longest
    if _weight(longest) < _ENOUGH:
        return ""
    if _markup.search(longest):
        page = list(_elements(read_tree(longest)))
        return "".join(_written(page, base, {*map(id, page)})).strip()
    lines = (" ".join(unescape(line).split()) for line in longest.split("\n"))
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)


def _json_ld(text: str) -> Iterator[str]:
    at = 0
    while (script := _script.search(text, at)) and (end := _script_end.search(text, script.end())):
        at = end.end()
        if "application/ld+json" in script[1].lower():
            yield text[script.end() : end.start()]


def _written(page: list[Element], base: str, story: Collection[int]) -> Iterator[str]:
    """The elements of a story as HTML again, with the pictures between them and, within the same whole, above."""
    around = _around(page, story)
    shown = _Pictures(base)
    is_above = True  # until the first words
    anchor: Element | None = None
    # Each node with what holds it: "all" of that is written, the "story", pictures "above" it, or "nothing".
    waiting: list[tuple[Element | Text | str, str]] = [(page[0], "nothing")]
    while waiting:
        node, held = waiting.pop()
        link = node.anchor if isinstance(node, Text) and held in ("all", "story") else None
        if anchor is not None and link is not anchor:
            yield "</a>"
            anchor = None
        if isinstance(node, str):
            yield node
        elif isinstance(node, Text):
            if held in ("all", "story"):
                if link is not anchor and link is not None and (address := resolve(link.get("href"), base)):
                    yield f'<a href="{escape(address)}">'
                    anchor = link
                if node.text.strip():
                    shown.last, is_above = None, False
                yield _styled(node)
        elif node.tag in STYLES:
            waiting += [(child, held) for child in reversed(node.children)]
        elif node.tag in _UNSEEN or _is_hidden(node) or (_is_apart(node) and node.chars <= _CAPTION):
            continue
        elif (
            held == "all" or id(node) in story or _is_put_back(node, held if is_above or held == "story" else "nothing")
        ):
            within = "all" if held == "all" or id(node) not in story or node.tag == "figure" else "story"
            if node.tag == "noscript":
                waiting += [(image, "all") for image in reversed(shown.instead(node))]
            elif node.tag in _PICTURES:  # what an amp-img holds is the same picture once more
                if shown.is_new(node, in_picture=("</picture>", held) in waiting):
                    yield f"<img{_attributes(node, base)}>"
            else:
                if node.tag in _KEPT_TAGS:
                    yield f"<{node.tag}{_attributes(node, base)}>"
                    if node.tag not in _VOID:
                        waiting.append((f"</{node.tag}>", held))
                waiting += [(child, within) for child in reversed(node.children)]
        elif id(node) in around:
            is_above_it = node.tag in _WHOLES or held == "above"
            within = held if _is_wrapper(node) else "above" if is_above_it else "nothing"
            waiting += [(child, within) for child in reversed(node.children)]
    if anchor is not None:
        yield "</a>"


def _around(page: list[Element], story: Collection[int]) -> set[int]:
    """The elements that hold an element of the story, by their `id`s."""
    around: set[int] = set()
    for element in reversed(page):
        if any(id(child) in story or id(child) in around for child in element.children):
            around.add(id(element))
    return around


def _is_put_back(element: Element, held: str) -> bool:
    """Whether an element is of a story though readability leaves it out: a picture and its caption, a list, a table."""
    if held not in ("story", "above") or element.tag == "noscript" or element.tag in _PICTURES:
        return held in ("story", "above")
    if element.tag in _LISTED and held == "story":
        return sum(map(_own_weight, _elements(element))) > element.chars * _LINKED
    return element.pictures > 0 and element.chars <= _CAPTION and element.tag not in _AROUND


def _is_apart(element: Element) -> bool:
    """Whether an element says that it is no part of a story."""
    return element.tag not in _WHOLES and _apart.search(_names(element)) is not None


def _names(element: Element) -> str:
    return f"{element.get('class')[:300]} {element.get('id')[:100]}"


def _is_hidden(element: Element) -> bool:
    is_hidden = "hidden" in element.attributes or _hidden.search(element.get("style")) is not None
    return is_hidden and element.chars <= _ENOUGH  # a script would show what holds more


class _Pictures:
    """The pictures that are written, each once. `last`: that one, until words follow."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.last: Element | None = None

    def is_new(self, image: Element, *, in_picture: bool) -> bool:
        """Whether an <img> names a picture, and not only holds the place of one that a script would name, nor shows the
        one beside it once more, in another size perhaps; it is the last one then."""
        if not (in_picture or source_address(image) or word_of(image)):
            return False
        one, other = picture_of(image, self._base), picture_of(self.last, self._base) if self.last else None
        if one is not None and other is not None and one.key == other.key:
            return False
        self.last = image
        return True

    def instead(self, noscript: Element) -> list[Element]:
        """The pictures of a <noscript>, unless they stand beside it for a script to load."""
        last = self.last
        if last is not None and (source_address(last) != last.get("src") or "lazy" in last.get("class").lower()):
            return []
        return [image for image in images_in(noscript) if picture_of(image, self._base) is not None]


def _styled(text: Text) -> str:
    html = escape(text.text, quote=False)
    for style in reversed(text.style):
        tag = _STYLES.get(style, style)
        html = f"<{tag}>{html}</{tag}>"
    return html


def _attributes(element: Element, base: str) -> str:
    found = []
    is_picture = element.tag in _PICTURES
    for name in _KEPT:
        value = source_address(element) if is_picture and name == "src" else element.get(name)
        if is_picture and name.startswith("data-"):
            continue  # it is its src now, for whatever reads the dump
        if name in _ADDRESSES and value and not value.startswith("data:"):
            value = resolve(value, base)
        elif name in _CANDIDATES and value:
            value = resolve(best_candidate(value), base)
        if value:
            found.append(f' {name}="{escape(value)}"')
    return "".join(found)
