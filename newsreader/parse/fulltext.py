"""A page -> the story on it.

Decided only here: that it is the innermost element which holds most of the page's running text, without what no story
consists of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from typing import Final

from newsreader.parse.feedlinks import page_text
from newsreader.parse.figures import images_in, picture_of, source_address, word_of
from newsreader.parse.links import best_candidate, resolve
from newsreader.parse.soup import Element, Text, read_tree

_ENOUGH: Final = 140
_ENOUGH_HAN: Final = 50
"""Characters of running text, less of which are no story; a Han character says as much as three letters."""

_WHOLE: Final = 0.5
"""Something named as a part of a page that has the headline and so much of the page's text is the page."""

_MUCH_MORE: Final = 1.3
"""By so much more text another way of finding the story must find to be believed."""

_TWICE: Final = 2
"""By so much more text what a page tells machines is preferred, for it has no pictures and little markup."""

_MOST_OF: Final = 0.7
_ARTICLE: Final = 0.4
_LISTED_LINKS: Final = 0.6

_script = re.compile(r"(?i)<script\b([^<>]*)>")
_script_end = re.compile(r"(?i)</script")
_markup = re.compile(r"(?i)</?(?:p|br|div|a|h[1-6]|ul|li)\b[^<>]*>")
_signs = re.compile(r"\w").findall
_han = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]").findall
_NEVER_PARTS: Final = frozenset(("body", "html", "article", "main"))
_NO_STORY: Final = frozenset(
    [
        "script",
        "style",
        "nav",
        "footer",
        "button",
        "select",
        "option",
        "input",
        "textarea",
        "dialog",
        "template",
        "svg",
        "link",
        "meta",
        "head",
        "menu",
    ]
)
_AROUND: Final = r"(?i)(?<![a-z])(?<!has[-_])(?<!no[-_])(?<!with[-_])(?:{})(?![a-z])"
_no_story = re.compile(
    _AROUND.format(
        r"comments?|disqus|share|sharing|related|recommend\w*|newsletter|subscri\w+|advert\w*|sponsor\w*|breadcrumbs?"
        r"|editsection|cookie\w*|consent|pagination|pager|popup|modal|skip-?link|most-?read|trending|login|paywall"
    )
)
_hidden = re.compile(r"(?i)display\s*:\s*none")
_layout = re.compile(_AROUND.format(r"sidebar|social|promo|ads?|toolbar|navigation|nav|menu|masthead|banner"))
"""Names of parts of a page that are also given to what holds the whole of it: `banner-top-layout`."""

_TEXT_TAGS: Final = frozenset(["p", "li", "blockquote", "pre", "td", "dd", "h2", "h3", "h4", "figcaption"])
_INNERMOST: Final = _TEXT_TAGS - {"td"}
"""What a story is never the inside of; a cell may be, on pages that are laid out as tables."""

_KEPT_TAGS: Final = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "figure",
        "figcaption",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "img",
        "picture",
        "source",
        "br",
        "hr",
        "div",
        "section",
        "article",
        "video",
        "audio",
        "iframe",
        "time",
        "details",
        "summary",
    ]
)
_VOID: Final = frozenset(["img", "br", "hr", "source"])
_ADDRESSES: Final = ("href", "src", "data-src", "poster")
_CANDIDATES: Final = ("srcset", "data-srcset")
_PICTURES: Final = frozenset(("img", "amp-img"))
_KEPT: Final = (
    *_ADDRESSES,
    *_CANDIDATES,
    *("alt", "title", "class", "width", "height", "colspan", "rowspan", "datetime", "role"),
)
_STYLES: Final[Mapping[str, str]] = {"underline": "u", "strike": "s"}


def full_text(data: bytes, url: str, content_type: str = "") -> str:
    """The story on the page from `url` as the HTML of a dump's body, its addresses absolute; "" where there is none.
    `content_type`: what the server declared."""
    text = page_text(data, content_type)
    page = _Page(read_tree(text))
    base = next((resolve(e.get("href"), url) for e in page.order if e.tag == "base" and e.get("href")), "") or url
    found = _body(page, base)
    told = _told_to_machines(text, base)
    if len(_signs(told)) > len(_signs(found)) * _TWICE:
        return told
    other = _by_readability(text)
    if other:
        second = _body(_Page(read_tree(other)), base)
        if len(_signs(second)) > len(_signs(found)) * _MUCH_MORE:
            return second
    return found


def _body(page: _Page, base: str) -> str:
    story = page.story()
    return "" if story is None else "".join(_written(story, page, base)).strip()


def _by_readability(text: str) -> str:
    """What readability-lxml takes for the story: on pages without paragraphs it finds more; of all others it drops
    captions, pictures and short lists."""
    from lxml.etree import LxmlError
    from readability import Document
    from readability.readability import Unparseable

    try:
        return str(Document(text).summary(html_partial=True))
    except (Unparseable, LxmlError, ValueError, RecursionError):
        return ""


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
    if len(_signs(longest)) < _ENOUGH_HAN:
        return ""
    if _markup.search(longest):
        tree = read_tree(longest)
        return "".join(_written(tree, _Page(tree), base)).strip()
    lines = (" ".join(unescape(line).split()) for line in longest.split("\n"))
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)


def _json_ld(text: str) -> Iterator[str]:
    at = 0
    while (script := _script.search(text, at)) and (end := _script_end.search(text, script.end())):
        at = end.end()
        if "application/ld+json" in script[1].lower():
            yield text[script.end() : end.start()]


class _Page:
    """A page's elements in document order, and how much running text each holds."""

    def __init__(self, tree: Element) -> None:
        self.order: list[Element] = []
        self.text: dict[int, int] = {}
        self.linked: dict[int, int] = {}
        self._headed: set[int] = set()
        self._wholes: set[int] = set()
        waiting = [tree]
        while waiting:
            element = waiting.pop()
            self.order.append(element)
            waiting += [child for child in reversed(element.children) if isinstance(child, Element)]
        words = "".join(child.text for element in self.order for child in element.children if isinstance(child, Text))
        self._enough = _ENOUGH_HAN if 3 * len(_han(words)) > len(_signs(words)) else _ENOUGH
        for element in reversed(self.order):
            self._measure(element)
        self._wholes = self._named_wholes()
        if self._wholes:
            for element in reversed(self.order):
                self._measure(element)

    def _named_wholes(self) -> set[int]:
        """The elements that are named as a part of the page, or are a form, and hold its headline and most of its text:
        sites are wrapped so as a whole."""
        held: dict[int, int] = {}
        for element in reversed(self.order):
            inner = [child for child in element.children if isinstance(child, Element)]
            if element.tag == "h1" or _is_body(element) or any(id(child) in self._headed for child in inner):
                self._headed.add(id(element))
            own = sum(len(_signs(child.text)) for child in element.children if isinstance(child, Text))
            is_out = element.tag in _NO_STORY or (
                element.tag not in _NEVER_PARTS and _no_story.search(_names(element)) is not None
            )
            held[id(element)] = 0 if is_out else own + sum(held[id(child)] for child in inner)
        enough = max(held[id(self.order[0])] * _WHOLE, 2 * self._enough)
        return {
            id(element)
            for element in self.order
            if id(element) in self._headed and held[id(element)] > enough and self._is_named_part(element)
        }

    def _measure(self, element: Element) -> None:
        inner = [child for child in element.children if isinstance(child, Element)]
        own = [child for child in element.children if isinstance(child, Text)]
        chars = sum(len(_signs(text.text)) for text in own)
        linked = sum(len(_signs(text.text)) for text in own if text.anchor is not None)
        self.linked[id(element)] = linked + sum(self.linked[id(child)] for child in inner)
        running = sum(self.text[id(child)] for child in inner)
        if (element.tag in _TEXT_TAGS or chars > self._enough) and linked <= chars / 2:
            running += chars
        self.text[id(element)] = 0 if self.is_no_story(element) else running

    def story(self) -> Element | None:
        """The element that is the story."""
        here = self.order[0]
        whole = self.text[id(here)]
        articles = [element for element in self.order if element.tag == "article" or _is_body(element)]
        best = max(articles, key=lambda element: self.text[id(element)], default=here)
        if self.text[id(best)] >= whole * _ARTICLE:
            here = best
        if self.text[id(here)] < self._enough:
            return None
        while True:
            inner = [child for child in here.children if isinstance(child, Element)]
            best = max(inner, key=lambda child: self.text[id(child)], default=here)
            if best is here or best.tag in _INNERMOST or self.text[id(best)] < self.text[id(here)] * _MOST_OF:
                return here
            here = best

    def is_no_story(self, element: Element) -> bool:
        """Whether an element is of a page, but not of its story: by its tag, its names, or as a list of links."""
        if element.chars < _ENOUGH and _hidden.search(element.get("style")):
            return True
        if element.tag in _NO_STORY or element.get("aria-hidden") == "true" or element.get("role") == "navigation":
            return True
        if element.tag in ("ul", "ol", "table") and self.linked[id(element)] > element.chars * _LISTED_LINKS:
            return True
        if element.tag in _NEVER_PARTS:
            return False
        return bool(_no_story.search(_names(element))) or (
            self._is_named_part(element) and id(element) not in self._wholes
        )

    @staticmethod
    def _is_named_part(element: Element) -> bool:
        if element.tag in _NEVER_PARTS:
            return False
        return element.tag == "form" or bool(_layout.search(_names(element)))


def _names(element: Element) -> str:
    return f"{element.get('class')[:300]} {element.get('id')[:100]}"


def _is_body(element: Element) -> bool:
    return element.tag == "main" or "articleBody" in element.get("itemprop") or element.get("role") == "article"


def _written(story: Element, page: _Page, base: str) -> Iterator[str]:
    """The element's insides as HTML again."""
    waiting: list[Element | Text | str] = list(reversed(story.children))
    anchor: Element | None = None
    beside: Element | None = None  # the last picture, until words follow
    while waiting:
        node = waiting.pop()
        around = node.anchor if isinstance(node, Text) else None
        if anchor is not None and around is not anchor:
            yield "</a>"
            anchor = None
        if isinstance(node, str):
            yield node
        elif isinstance(node, Text):
            if around is not anchor and around is not None and (address := resolve(around.get("href"), base)):
                yield f'<a href="{escape(address)}">'
                anchor = around
            if node.text.strip():
                beside = None
            yield _styled(node)
        elif node.tag == "noscript":
            if beside is None or not _is_lazy(beside):
                waiting += reversed([image for image in images_in(node) if picture_of(image, base) is not None])
        elif not page.is_no_story(node):
            if node.tag in _PICTURES:  # what an amp-img holds is the same picture once more
                if _is_shown(node, in_picture="</picture>" in waiting) and not _is_twin(node, beside, base):
                    beside = node
                    yield f"<img{_attributes(node, base)}>"
                continue
            if node.tag in _KEPT_TAGS:
                yield f"<{node.tag}{_attributes(node, base)}>"
                if node.tag not in _VOID:
                    waiting.append(f"</{node.tag}>")
            waiting += reversed(node.children)
    if anchor is not None:
        yield "</a>"


def _is_shown(image: Element, *, in_picture: bool) -> bool:
    """Whether an <img> names a picture, and not only holds the place of one that a script would name."""
    return bool(in_picture or source_address(image) or word_of(image))


def _is_lazy(image: Element) -> bool:
    """Whether a script would load a picture; then it stands in a <noscript> beside once more."""
    return source_address(image) != image.get("src") or "lazy" in image.get("class").lower()


def _is_twin(image: Element, beside: Element | None, base: str) -> bool:
    """Whether the picture beside is the same, in another size perhaps."""
    one, other = picture_of(image, base), None if beside is None else picture_of(beside, base)
    return one is not None and other is not None and one.key == other.key


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
