"""The table of tags: what each opens in the article.

Owns: one small function a tag. Decided only here: what a tag means by its name. Never: keeping texts (`blocks` does).
"""

from __future__ import annotations

from collections.abc import Mapping

from newsreader.parse import figures
from newsreader.parse.blocks import CAPTION_LONG, NOT_SHOWN, Builder, Handler, Item
from newsreader.parse.drafts import Draft, Figure
from newsreader.parse.inline import Piece
from newsreader.parse.links import resolve
from newsreader.parse.soup import Element
from newsreader.parse.tables import Grid, is_data_table


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
    builder.place = place._replace(depth=place.depth + 1, counter=counter, step=step, item=None)


def _item(builder: Builder, element: Element) -> None:
    place = builder.place
    n: int | None = None
    if place.counter is not None:
        value = _integer(element.get("value"))
        n = place.counter[0] if value is None else value
        place.counter[0] = n + place.step
    item = Item("bullet" if n is None else "number", n)
    builder.place = place._replace(kind="list_item", depth=max(place.depth, 1), item=item)


def _term(builder: Builder, element: Element) -> None:
    item = Item("bullet" if element.tag == "dt" else "continued", None)
    builder.place = builder.place._replace(kind="list_item", depth=max(builder.place.depth, 1), item=item)


def _definitions(builder: Builder, element: Element) -> None:
    builder.place = builder.place._replace(depth=builder.place.depth + 1, counter=None)


def _pre(builder: Builder, element: Element) -> None:
    if builder.place.grid is None:
        builder.place = builder.place._replace(kind="code")


def _rule(builder: Builder, element: Element) -> None:
    builder.flush()
    if builder.place.grid is None:
        builder.drafts.append(Draft("rule"))


def _image(builder: Builder, element: Element) -> None:
    if emoji := figures.emoji_of(element):
        builder.pieces.append(Piece(emoji, role=builder.place.role))
        return
    if builder.place.in_furniture:
        return
    picture = figures.picture_of(element, builder.base)
    if picture is None:
        if figures.is_missing(element, builder.base):
            builder.flush()
            builder.drafts.append(Draft("image", figure=builder.place.figure, detail=NOT_SHOWN))
        return
    builder.picture(picture)
    anchor = element.anchor
    if anchor is not None and id(anchor) not in builder.numbers:
        url = resolve(anchor.get("href"), builder.base)
        if url and not figures.is_picture_address(url):
            builder.numbers[id(anchor)] = builder.add_link(url, "web", picture.alt)


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
    last = builder.drafts[-1] if builder.drafts else None
    shown = last is not None and (last.kind == "media" or (last.kind == "image" and last.n is not None))
    for image in figures.images_in(element):
        if shown or builder.place.in_furniture:
            break
        if picture := figures.picture_of(image, builder.base):
            builder.picture(picture)
    element.children = []


def _medium(builder: Builder, element: Element) -> None:
    builder.flush()
    if builder.place.medium is not None or builder.place.in_furniture:
        return
    poster = figures.poster_of(element, builder.base)
    if poster is not None:
        builder.picture(poster)
    url = figures.medium_address(element, builder.base)
    if url and builder.links and url.startswith(builder.links[-1][0]):
        return  # WordPress: a link to a post, and a frame that would show the same post
    kind = {"video": "video", "audio": "audio"}.get(element.tag) or figures.frame_kind(url)
    still = Figure(builder.picture_numbers[poster.key]) if poster is not None else None
    draft = Draft("media", detail=kind, figure=builder.place.figure or still)
    if url:
        draft.n = builder.add_link(url, "media", element.get("title") or element.get("aria-label"))
    if url or element.chars:
        builder.drafts.append(draft)
        builder.place = builder.place._replace(medium=draft, role="")


def _table(builder: Builder, element: Element) -> None:
    place = builder.place
    if place.grid is not None or place.role or place.medium is not None:
        return
    if is_data_table(element):
        builder.place = place._replace(grid=Grid(), cell=None, kind="paragraph", figure=None)
    elif element.pictures and element.chars <= CAPTION_LONG:
        builder.place = place._replace(figure=place.figure or Figure())


def _row(builder: Builder, element: Element) -> None:
    if builder.place.cell is None:
        builder.row()


def _cell(builder: Builder, element: Element) -> None:
    place = builder.place
    if place.grid is not None and place.cell is None:
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


def _integer(text: str) -> int | None:
    text = text.strip()
    return int(text) if len(text) < 10 and text.lstrip("-").isdecimal() and text.isascii() else None


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
    "time": _time,
}
