"""RSS, Atom and all that is near them -> Feed, by feedparser; JSON Feed by our own reader.

feedparser reads the texts: what they are written in, base64, addresses within them. It is shown a document that has
nothing else, made from the tree of the one that came (`document`), for it lets a caption stand for a story, takes the
last of many links, and gives up at a stray bracket; addresses, names, dates and attachments are read from the tree
itself, by the modules beside this one. Decided only here: which of an item's texts is its body. feedparser is given
nothing but bytes (a text could be a file's name), and in a worker process only: some documents cost it minutes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape, unescape
from io import BytesIO
from itertools import islice
from typing import Any, Final, NamedTuple
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

import feedparser

from newsreader.fetch.attachments import media_of
from newsreader.fetch.authors import authors_of, first_of
from newsreader.fetch.document import BASE, LANG, VOID, base_of, items_of, name_of, read_document
from newsreader.fetch.encodings import text_of
from newsreader.fetch.feed_dates import Dates
from newsreader.fetch.items import Feed, Item, NotAFeed, paragraphs
from newsreader.fetch.jsonfeed import looks_like_json, read_json_feed
from newsreader.fetch.schedule import schedule_of
from newsreader.fetch.signatures import GZIP, kind_of_file
from newsreader.fetch.story_links import Addresses, relations_of, story_url

_MOST_TOPICS: Final = 60
_tag = re.compile(
    r"(?is:<(script|style)\b.*?(?:</\1[^>]*>|$))|</?[A-Za-z][^<>]*>|(?s:<!--.*?(?:-->|$))|<!\[CDATA\[|\]\]>|<![A-Za-z][^>]*>"
)
_page = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_seen = re.compile(r"<(?:img|picture|video|audio|iframe|embed|object)\b", re.IGNORECASE)
_HEAD: Final = 4096

# The elements that tell the story, with the type of a text that names none; and what stands in where they say nothing.
_BODIES: Final = {
    **dict.fromkeys(("content:encoded", "?:encoded", "encoded", "fullitem", "description", "yandex:full-text"), "html"),
    **dict.fromkeys(("content", "summary", "abstract"), "text"),
    **dict.fromkeys(("body", "xhtml:body", "xhtml:div"), "xhtml"),
}
_STAND_INS: Final = frozenset(
    [
        "dc:description",
        "dcterms:abstract",
        "media:description",
        "media:text",
        "itunes:summary",
        "itunes:subtitle",
        "googleplay:description",
        "subtitle",
        "tagline",
    ]
)
_TITLES: Final = ("title", "dc:title", "media:title", "itunes:title")
_TEXTS: Final = frozenset(("", "text", "html", "xhtml", "plain", "application/xhtml+xml"))
_ATOM: Final = "http://www.w3.org/2005/Atom"
_CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def read_feed(data: bytes, url: str, charset: str = "") -> Feed:
    """The feed in a body from a URL; `charset` is the one that its server declared. Raises NotAFeed, and whatever
    feedparser does."""
    if kind := kind_of_file(data[:_HEAD]) or ("gzip" if data.startswith(GZIP) else ""):
        raise NotAFeed(kind)
    if looks_like_json(data):
        return read_json_feed(data, url, charset)
    text = text_of(data, charset)
    root = read_document(text)
    found = [] if root is None else list(items_of(root))
    is_page = bool(_page.search(text[:_HEAD]))
    if root is None or (not found and is_page):
        raise NotAFeed("html" if is_page else "")
    return _Reader(root, found, url).feed()


class _Text(NamedTuple):
    """A text as feedparser reads it: its media type, and what it says."""

    type: str
    value: str


class _Told(NamedTuple):
    """An item, the elements around it, what its addresses are resolved against, and the elements of its texts."""

    item: Element
    above: tuple[Element, ...]
    base: str
    titles: list[Element]
    bodies: list[Element]
    stand_ins: list[Element]

    def texts(self) -> list[Element]:
        """All elements that feedparser is to read."""
        return [*self.titles, *self.bodies, *self.stand_ins]


class _Reader:
    """One document on its way to a Feed."""

    def __init__(self, root: Element, items: Sequence[tuple[Element, tuple[Element, ...]]], url: str) -> None:
        self._about = next((e for e in root.iter() if name_of(e) in ("channel", "feed")), root)
        self._is_atom = name_of(self._about) == "feed"
        self._language = self._about.get(LANG) or root.get(LANG) or _text(self._about, "language", "dc:language")
        self._site = story_url(self._about, (), Addresses(url), self._language)
        self._addresses = Addresses(url, self._site)
        self._items = [self._told(item, above) for item, above in items]
        self._dates = Dates(self._language)
        self._makers = authors_of(self._about, _plain) if self._is_atom else ()

    def feed(self) -> Feed:
        """All that it says."""
        titles = _titles(self._about)
        texts = self._read(
            [(title, "") for title in titles] + [(text, told.base) for told in self._items for text in told.texts()]
        )
        title = _title(next(texts)) if titles else ""
        items = [self._item(told, list(islice(texts, len(told.texts())))) for told in self._items]
        return Feed(title, self._site, tuple(item for item in items if item != Item()), schedule_of(self._about))

    def _told(self, item: Element, above: tuple[Element, ...]) -> _Told:
        bodies = [e for e in item if name_of(e) in _BODIES and _is_text(e)]
        stand_ins = [e for e in item.iter() if name_of(e) in _STAND_INS]
        return _Told(item, above, self._addresses.base((*above, item)), _titles(item), bodies, stand_ins)

    def _item(self, told: _Told, texts: list[_Text]) -> Item:
        item = told.item

        def address(element: Element, place: str) -> str:
            return self._addresses.full(place, (*told.above, item, element))

        title = _title(texts[0]) if told.titles else ""
        after = len(told.titles) + len(told.bodies)
        body = _richest(texts[len(told.titles) : after]) or _richest(texts[after:])
        when = self._dates.of(item)
        sources = (authors_of(source, _plain) for source in item if name_of(source) == "source")
        return Item(
            guid=_text(item, "guid", "id") or (item.get(_ABOUT) or "").strip(),
            url=story_url(item, told.above, self._addresses, item.get(LANG) or self._language),
            title=title,
            body="\n".join((body, *_elsewhere(item, address))).strip("\n") or ("" if title else _links(item, address)),
            published=when.published,
            updated=when.updated,
            day_only=when.day_only,
            authors=first_of((authors_of(item, _plain), *sources, self._makers)),
            topics=tuple(_topics(item)),
            media=media_of(item, address),
        )

    def _read(self, elements: Sequence[tuple[Element, str]]) -> Iterator[_Text]:
        """What the texts in elements say, each with its base, as feedparser reads them: an item for every one."""
        has_base = any(BASE in e.attrib for told in self._items for e in (*told.above, told.item, *told.texts()))
        root, name = (f'feed xmlns="{_ATOM}"', "entry") if self._is_atom else ('rss version="2.0"', "item")
        texts = (_shown(element, base_of((element,), base) if has_base else "") for element, base in elements)
        shown = "".join(f"<{name}>{text}</{name}>" for text in texts)
        data = f'<{root} xmlns:content="{_CONTENT}">{shown}</{root.partition(" ")[0]}>'.encode()
        try:
            parsed = _parsed(data, resolve=has_base)
        except Exception:  # noqa: BLE001 - around feedparser, which raises what it will
            parsed = _parsed(data, resolve=False)
        for entry in parsed["entries"]:
            (content,) = entry["content"]
            yield _Text(str(content.get("type") or ""), content["value"])


def _parsed(data: bytes, *, resolve: bool) -> Any:
    headers = {"content-type": "application/xml; charset=utf-8"}
    return feedparser.parse(BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=resolve)


def _shown(element: Element, base: str) -> str:
    """What feedparser is shown of a text; `base`: what the addresses in it are resolved against, "" if not told."""
    name = name_of(element)
    kind, text = _kind(element) or _BODIES.get(name, "text" if name in _TITLES else "html"), element.text or ""
    if len(element):
        kind, text = "html", _inner_html(element)
    mode = ' mode="base64"' if element.get("mode") == "base64" else ""
    told = f" xml:base={quoteattr(base)}" if base else ""
    text = text.replace("]]>", "]]]]><![CDATA[>")  # it is told of every reference, but of CDATA as a whole
    return f"<content:encoded type={quoteattr(kind)}{mode}{told}><![CDATA[{text}]]></content:encoded>"


def _inner_html(element: Element) -> str:
    """The markup within an element, as HTML; the one <div> that Atom wants around it is none of it."""
    blank = not (element.text or "").strip()
    if blank and len(element) == 1 and name_of(element[0]).endswith("div") and not (element[0].tail or "").strip():
        element = element[0]
    out = [escape(element.text or "", quote=False)]
    waiting: list[Element | str] = list(reversed(element))
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            out.append(part)
            continue
        name = part.tag.rpartition("}")[2]
        attributes = (f' {key.rpartition("}")[2]}="{escape(value)}"' for key, value in part.attrib.items())
        out.append(f"<{name}{''.join(attributes)}>{escape(part.text or '', quote=False)}")
        tail = escape(part.tail or "", quote=False)
        waiting.append(tail if name.lower() in VOID else f"</{name}>{tail}")
        waiting.extend(reversed(part))
    return "".join(out)


# --- texts --------------------------------------------------------------------------------------------------------


def _kind(element: Element) -> str:
    """The declared type of a text, without parameters."""
    return (element.get("type") or "").partition(";")[0].strip().lower()


def _is_text(element: Element) -> bool:
    kind = _kind(element)
    return kind in _TEXTS or kind.startswith("text/") or element.get("mode") == "base64"


def _titles(element: Element) -> list[Element]:
    """The element with the title of an item or a feed, if it has one."""
    found = {
        name: child
        for child in reversed(element)
        if (name := name_of(child)) in _TITLES and "".join(child.itertext()).strip()
    }
    return [found[name] for name in _TITLES if name in found][:1]


def _text(element: Element, *names: str) -> str:
    """The text of the first child of one of these names that has any."""
    texts = ("".join(child.itertext()).strip() for name in names for child in element if name_of(child) == name)
    return next((text for text in texts if text), "")


def _plain(text: str) -> str:
    """A text without its markup, on one line."""
    return " ".join(unescape(_tag.sub("", text)).split())


def _title(text: _Text) -> str:
    """A title as plain text on one line."""
    title = text.value
    if "html" in text.type:
        bare = unescape(_tag.sub("", title))
        title = bare if bare.strip() else unescape(title)
    return " ".join(title.split())


def _richest(texts: Iterable[_Text]) -> str:
    """The text that says the most; of two that say about as much, the one with markup."""
    told = {html: len(unescape(_tag.sub("", html)).strip()) for text in texts if (html := _html(text))}
    bodies = {html: length for html, length in told.items() if length or _seen.search(html)}
    most = max(bodies.values(), default=0)
    return max(bodies, key=lambda html: (bodies[html] >= 0.9 * most, bool(_tag.search(html)), bodies[html]), default="")


def _html(text: _Text) -> str:
    kind, value = text
    if "<![CDATA[" in value:  # escaped twice, or within another
        value = value.replace("<![CDATA[", "").replace("]]>", "")
    if not value.strip():
        return ""
    if "html" in kind or "xml" in kind:
        # Called HTML for want of a word, but told in lines: descriptions of films, texts from mail.
        is_plain = "\n\n" in value.replace("\r\n", "\n") and not _tag.search(value)
        return paragraphs(unescape(value)) if is_plain else value
    if kind not in ("text/plain", "text", ""):
        return value if _tag.search(value) else paragraphs(value)
    return paragraphs(value)


def _elsewhere(item: Element, address: Callable[[Element, str], str]) -> Iterator[str]:
    """What of an item's content cannot stand in a text: a link to it, else its type."""
    for child in item:
        if name_of(child) != "content":
            continue
        kind = _kind(child)
        if place := address(child, child.get("src") or ""):
            if kind.partition("/")[0] not in ("image", "audio", "video"):  # those are attached
                yield f'<p><a href="{escape(place)}">{escape(place)}</a></p>'
        elif kind and not _is_text(child):
            yield f"<p>[{escape(kind)}]</p>"


def _links(item: Element, address: Callable[[Element, str], str]) -> str:
    """Where an item points that says nothing else."""
    links = (child for child in item if name_of(child) == "link" and "enclosure" not in relations_of(child))
    places = (address(link, link.get("href") or link.text or "") for link in links)
    return "".join(f'<p><a href="{escape(place)}">{escape(place)}</a></p>' for place in dict.fromkeys(places) if place)


def _topics(item: Element) -> Iterator[str]:
    """What an item is about, each topic once."""
    found: dict[str, None] = {}
    for child in item:
        match name_of(child):
            case "category" | "dc:subject" | "media:category":
                found[child.get("label") or child.get("term") or "".join(child.itertext())] = None
            case "itunes:category":
                found[child.get("text") or ""] = None
            case "keywords" | "media:keywords" | "itunes:keywords":
                found |= dict.fromkeys((child.text or "").split(","))
    names = dict.fromkeys(" ".join(name.split()) for name in found)
    yield from list(filter(None, names))[:_MOST_TOPICS]
