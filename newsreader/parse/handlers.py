"""The table of tags: what each opens in the article, one small function a tag. `blocks` keeps the texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from unicodedata import bidirectional

from newsreader.parse import figures, formulas, numbering
from newsreader.parse.blocks import CAPTION_LONG, NOT_SHOWN, Builder, Handler, Item
from newsreader.parse.drafts import Draft, Figure, Kind
from newsreader.parse.inline import Piece, quotation_marks
from newsreader.parse.links import host_of, resolve
from newsreader.parse.soup import Element, Node, Text, read_tree
from newsreader.parse.tables import Grid, code_lines, is_data_table
from newsreader.script import language_of


def _heading(builder: Builder, element: Element) -> None:
    if builder.place.grid is None:
        builder.place = builder.place._replace(kind="heading", level=int(element.tag[1]))


def _quote(builder: Builder, element: Element) -> None:
    place = builder.place
    level = place.level + 1 if place.kind == "quote" else 1
    builder.place = place._replace(kind="quote", level=level)


def _list(builder: Builder, element: Element) -> None:
    place = builder.place
    counter: list[int] | None = None
    step = 1
    if element.tag == "ol":
        step = -1 if "reversed" in element.attributes else 1
        first = _integer(element.get("start"))
        if first is None:
            first = sum(1 for c in element.children if type(c) is Element and c.tag == "li") if step < 0 else 1
        counter = [first]
    style = numbering.style_of(element)
    builder.place = place._replace(depth=place.depth + 1, counter=counter, step=step, item=None, style=style)


def _item(builder: Builder, element: Element) -> None:
    place = builder.place
    n: int | None = None
    mark = ""
    style = numbering.style_of(element) or place.style
    if place.counter is not None:
        value = _integer(element.get("value"))
        n = place.counter[0] if value is None else value
        place.counter[0] = n + place.step
    if n is not None or style == "none":
        mark = numbering.mark(n or 0, style)
    item = Item("bullet" if n is None or style in numbering.BULLETS else "number", n, mark)
    _begin(builder, item)


def _term(builder: Builder, element: Element) -> None:
    _begin(builder, Item("bullet" if element.tag == "dt" else "continued"))


def _begin(builder: Builder, item: Item) -> None:
    """Begin an item: what is quoted stays a quotation."""
    place = builder.place
    kind: Kind = "quote" if place.kind == "quote" else "list_item"
    builder.place = place._replace(kind=kind, depth=max(place.depth, 1), item=item)


def _definitions(builder: Builder, element: Element) -> None:
    builder.place = builder.place._replace(depth=builder.place.depth + 1, counter=None)


def _input(builder: Builder, element: Element) -> None:
    if element.get("type").lower() in ("checkbox", "radio"):
        builder.word("\N{BALLOT BOX WITH CHECK} " if "checked" in element.attributes else "\N{BALLOT BOX} ")


_LANGUAGE = re.compile(r"(?:^|[\s:])(?:language|lang|highlight-source|brush:)[-\s]*([A-Za-z][\w+#.-]{0,20})")


def _language(builder: Builder, element: Element) -> None:
    if "class" in element.attributes and (found := _LANGUAGE.search(element.get("class")[:500])):
        builder.place = builder.place._replace(language=found[1].removeprefix("source-"))


def _pre(builder: Builder, element: Element) -> None:
    _language(builder, element)
    if not builder.place.language:
        inner = next((c for c in element.children if type(c) is Element and c.tag == "code"), None)
        if inner is not None:
            _language(builder, inner)
    builder.place = builder.place._replace(kind="code")


def _quotation(builder: Builder, element: Element) -> None:
    """<q>: its quotation marks by the language of the text and their depth."""
    builder.quotes += 1
    text = "".join(child.text for child in element.children if type(child) is Text)
    language = builder.place.lang or language_of(f"{builder.title}\n{text}")
    opening, closing = quotation_marks(language, builder.quotes)
    builder.word(opening)
    element.children = [*element.children, Element("end-q", {"mark": closing})]


def _quotation_end(builder: Builder, element: Element) -> None:
    builder.quotes -= 1
    builder.word(element.get("mark"))


def _titled(builder: Builder, element: Element) -> None:
    """<abbr>, <dfn>: what the title says stands beside the paragraph, once."""
    title = " ".join(element.get("title").split())
    if title and element.chars and title not in builder.titles:
        builder.titles.add(title)
        name = " ".join("".join(c.text for c in element.children if type(c) is Text).split())
        builder.pieces.append(Piece(f" {name}: {title} " if name else f" {title} ", role="hidden"))


def _span(builder: Builder, element: Element) -> None:
    if "class" in element.attributes and formulas.DRAWN.search(element.get("class")[:200]):
        _formula(builder, element)


def _formula(builder: Builder, element: Element) -> None:
    """A formula once: <math>, or what a script drew with the <math> in it."""
    found = "" if builder.place.in_furniture or builder.place.kind == "code" else formulas.formula_in(element)
    if found and not element.children and builder.formula is not None:
        last = next((p for p in reversed(builder.pieces) if p.role != "hidden" and not p.text.isspace()), None)
        if last is builder.formula:
            return  # a script drew what it says right before it
    if found:
        builder.word(found)
        builder.formula = builder.pieces[-1]
    if found and element.children:
        builder.place = builder.place._replace(role="hidden", in_furniture=True)
        builder.pieces.append(Piece(" ", role="hidden"))


def _overridden(builder: Builder, element: Element) -> None:
    """<bdo>: text that a browser sets from right to left."""
    if element.get("dir").lower() == "rtl":
        element.children = _reversed(element.children)


def _reversed(children: Sequence[Node], deep: int = 8) -> list[Node]:
    """Nodes in reverse order, their texts too, save those that run from right to left anyhow."""
    turned: list[Node] = []
    for child in reversed(children):
        if type(child) is Text:
            if not any(bidirectional(char) in ("R", "AL") for char in child.text):
                child = child._replace(text="".join(reversed(_CLUSTER.findall(child.text))))
        elif deep and type(child) is Element:
            child.children = _reversed(child.children, deep - 1)
        turned.append(child)
    return turned


_CLUSTER = re.compile(r"(?s:.)[\u0300-\u036f\ufe00-\ufe0f\u200d]*")


def _rule(builder: Builder, element: Element) -> None:
    builder.flush()
    if builder.place.grid is None:
        builder.drafts.append(Draft("rule"))


def _image(builder: Builder, element: Element) -> None:
    anchor = element.anchor
    if word := figures.word_of(element):
        builder.word(word, anchor)
        return
    if builder.place.in_furniture or builder.place.kind == "code":
        return
    picture = figures.picture_of(element, builder.base)
    if picture is None:
        if figures.is_missing(element, builder.base):
            builder.flush()
            builder.drafts.append(Draft("image", figure=builder.place.figure, detail=NOT_SHOWN))
        return
    builder.picture(picture)
    if anchor is not None and id(anchor) not in builder.numbers:
        url = resolve(anchor.get("href"), builder.base)
        if url and url != picture.url:
            builder.numbers[id(anchor)] = builder.add_link(url, "web", picture.alt)


def _gauge(builder: Builder, element: Element) -> None:
    """<meter>, <progress>: how much, where nothing inside says it."""
    try:
        value, most = float(element.get("value")), float(element.get("max") or 1)
        share = f"{value / most:.0%}" if element.chars == 0 else ""
    except (ArithmeticError, ValueError):
        return
    builder.word(share)


def _area(builder: Builder, element: Element) -> None:
    """<area>: a link within a picture, by its name."""
    if url := resolve(element.get("href"), builder.base):
        builder.word(f" {element.get('alt') or element.get('title') or host_of(url)} ", element)


def _drawing(builder: Builder, element: Element) -> None:
    """<svg>: its title within the sentence."""
    title = " ".join((element.get("title") or (element.anchor is not None and element.get("aria-label")) or "").split())
    if title and element.get("aria-hidden") != "true" and len(title) <= CAPTION_LONG:
        builder.word(title, element.anchor)


_ICON = re.compile(r"(?:^|[\s_-])(?:fa[bsrl]?|bi|icons?|glyphicon|octicon)(?:[\s_-]|$)", re.IGNORECASE)


def _anchor(builder: Builder, element: Element) -> None:
    """<a> around nothing that can be read: its name."""
    if element.children and not element.chars and not element.pictures and element.get("href"):
        inside = [child for child in element.children if type(child) is Element]
        if any(child.tag == "svg" and child.get("title") for child in inside):
            return  # it says its name itself
        titles = (one.get(name) for one in (element, *inside) for name in ("aria-label", "title"))
        name = next(filter(None, (" ".join(title.split()) for title in titles)), "")
        if not name and any(child.tag == "svg" or _ICON.search(child.get("class")[:200]) for child in inside):
            name = host_of(resolve(element.get("href"), builder.base))
        if name:
            builder.word(name, element)


def _picture(builder: Builder, element: Element) -> None:
    """<picture>: its <source>s serve an <img> that names no address itself."""
    sources = (child for child in element.children if isinstance(child, Element) and child.tag == "source")
    best = next((url for source in sources if (url := figures.source_address(source))), "")
    for image in figures.images_in(element) if best else ():
        if not figures.source_address(image):
            image.set("src", best)


def _lazy(builder: Builder, element: Element) -> None:
    """<noscript>: its text is for other readers, but lazy-loading pages keep the real picture there."""
    builder.flush()
    last = next((draft for draft in reversed(builder.drafts[-3:]) if draft.detail != "hidden"), None)
    shown = last is not None and (last.kind == "media" or (last.kind == "image" and last.n is not None))
    held = builder.pictures[last.n - 1] if last is not None and last.kind == "image" and last.n else None
    for image in figures.images_in(element):
        if builder.place.in_furniture or (shown and not (held and not held.url.startswith("http"))):
            break
        if (picture := figures.picture_of(image, builder.base)) and held:
            held.url, held.size = picture.url, picture.size
        elif picture:
            builder.picture(picture)
    element.children = []


def _medium(builder: Builder, element: Element) -> None:
    builder.flush()
    if builder.place.medium is not None or builder.place.in_furniture:
        return
    if element.tag == "iframe" and (page := element.get("srcdoc")):
        element.children = read_tree(page).children  # which a browser shows, whatever the frame's address is
        return
    poster = figures.poster_of(element, builder.base)
    if poster is not None:
        builder.picture(poster)
    url = figures.medium_address(element, builder.base)
    if url and builder.links and url.startswith(builder.links[-1][0]):
        return  # WordPress: a link to a post, and a frame that would show the same post
    if not url:
        return  # what stands inside is all there is
    kind = {"video": "video", "audio": "audio"}.get(element.tag) or figures.frame_kind(url)
    still = Figure(builder.picture_numbers[poster.key]) if poster is not None else None
    draft = Draft("media", detail=kind, figure=builder.place.figure or still)
    draft.n = builder.add_link(url, "media", element.get("title") or element.get("aria-label"))
    builder.drafts.append(draft)
    # What stands inside is for those who cannot see the thing itself.
    builder.place = builder.place._replace(medium=draft, role="hidden", in_furniture=True)


def _table(builder: Builder, element: Element) -> None:
    place = builder.place
    if lines := code_lines(element, within=place.kind == "code"):
        element.children = lines
        builder.place = place._replace(kind="code")
        return
    if place.grid is not None or place.role or place.medium is not None or place.kind == "code":
        return
    if is_data_table(element):
        builder.place = place._replace(grid=Grid(), cell=None, kind="paragraph", figure=None)
    elif element.pictures and element.chars <= CAPTION_LONG:
        builder.place = place._replace(figure=place.figure or Figure())


def _row(builder: Builder, element: Element) -> None:
    if builder.place.cell is None and not builder.place.in_furniture:
        builder.row()


def _cell(builder: Builder, element: Element) -> None:
    place = builder.place
    if place.grid is not None and place.cell is None and not place.in_furniture:
        across, down = _integer(element.get("colspan")) or 1, _integer(element.get("rowspan")) or 1
        builder.place = place._replace(cell=builder.cell(header=element.tag == "th", across=across, down=down))


def _head(builder: Builder, element: Element) -> None:
    grid = builder.place.grid
    if grid is not None and builder.place.cell is None and not grid.rows:
        grid.thead = True


def _table_caption(builder: Builder, element: Element) -> None:
    place = builder.place
    if place.grid is None or place.cell is not None:
        return
    if place.grid.rows:  # below the rows, where it does not belong, it is one
        builder.row()
        builder.place = place._replace(cell=builder.cell())
    else:
        builder.place = place._replace(role="caption", grid=None)


def _time(builder: Builder, element: Element) -> None:
    if moment := element.get("datetime"):
        builder.times.append((len(builder.drafts), moment))


_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,9})(?![0-9])")


def _integer(text: str) -> int | None:
    """The number that an attribute begins with, as HTML reads it; None for none, and for more than nine digits."""
    found = _INTEGER.match(text)
    return int(found[1]) if found else None


HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(["h1", "h2", "h3", "h4", "h5", "h6"], _heading),
    "blockquote": _quote,
    **dict.fromkeys(["ul", "ol", "menu", "dir"], _list),
    "li": _item,
    "dl": _definitions,
    "dt": _term,
    "dd": _term,
    **dict.fromkeys(["pre", "listing", "xmp"], _pre),
    "hr": _rule,
    "img": _image,
    "picture": _picture,
    "noscript": _lazy,
    **dict.fromkeys(["iframe", "video", "audio", "embed", "object"], _medium),
    "table": _table,
    "tr": _row,
    **dict.fromkeys(["td", "th"], _cell),
    "thead": _head,
    "caption": _table_caption,
    "input": _input,
    "area": _area,
    **dict.fromkeys(["meter", "progress"], _gauge),
    "q": _quotation,
    "bdo": _overridden,
    "end-q": _quotation_end,
    **dict.fromkeys(["abbr", "acronym", "dfn"], _titled),
    **dict.fromkeys(["math", "mjx-container"], _formula),
    "span": _span,
    "div": _language,
    "svg": _drawing,
    "a": _anchor,
    "time": _time,
}
