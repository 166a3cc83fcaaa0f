"""Drafts -> what an article holds: frozen blocks, the texts of links, captions and topics, the title for display.

Decided only here: which styles a kind of block implies and so does not repeat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import unquote

from newsreader.article import (
    Block,
    Caption,
    Code,
    Credit,
    Furniture,
    Heading,
    Image,
    ImageBlock,
    Link,
    ListItem,
    Media,
    Paragraph,
    Quote,
    Rule,
    Span,
    Spans,
    Style,
    Table,
    Topic,
    lowered,
    plain,
    raised,
)
from newsreader.dates import EPOCH
from newsreader.dump import Dump
from newsreader.parse.blocks import NOT_SHOWN, Builder
from newsreader.parse.drafts import Draft, Picture
from newsreader.parse.links import host_of
from newsreader.parse.soup import decode_entities

# A site's own name at the end of its titles (RFI, 2020).
_SITE_NAME = re.compile(r"\s+[–—|-]\s+法国国际广播电台(?:\s+-\s+RFI)?\s*$")
_SAMPLE = 240
_SCRIPTED = re.compile(r"<(su[bp])>([^<>]{1,40})</\1>", re.IGNORECASE)
# Markup in a title; `std::vector<int>` has none.
_MARKUP = re.compile(
    r"</?(?:(br|p|div|hr|li)|a|abbr|b|big|cite|code|del|em|font|i|ins|kbd|mark|nobr|q|s|small|span|strike|strong|su[bp]|tt|u|wbr)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)


def blocks_of(drafts: Sequence[Draft]) -> tuple[tuple[Block, ...], dict[int, int]]:
    """The drafts as blocks, and by id(draft) where each, or what follows it, stands among them; rules at the edges and
    next to each other are one or none."""
    blocks: list[Block] = []
    places: dict[int, int] = {}
    for draft in drafts:
        places[id(draft)] = len(blocks)
        if draft.kind == "rule":
            if blocks and not isinstance(blocks[-1], Rule):
                blocks.append(Rule())
        elif (block := _block(draft)) is not None:
            blocks.append(block)
    while blocks and isinstance(blocks[-1], Rule):
        blocks.pop()
    return tuple(blocks), {name: min(place, len(blocks) - 1) for name, place in places.items() if blocks}


def _block(draft: Draft) -> Block | None:
    spans = draft.spans
    match draft.kind:
        case "image":
            return None if draft.detail == NOT_SHOWN or draft.n is None else ImageBlock(draft.n)
        case "media":
            return Media(spans, draft.n, draft.detail)
        case "table":
            cells = draft.grid.cells() if draft.grid else ()
            return Table(cells, draft.grid is not None and draft.grid.header) if cells else None
    if not spans:
        return None
    match draft.kind:
        case "paragraph":
            return Paragraph(spans)
        case "lead":
            return Paragraph(spans, "lead")
        case "heading":
            return Heading(_without(spans, "strong"), draft.level)
        case "list_item":
            return ListItem(spans, draft.level, draft.n, draft.list_kind, draft.mark)
        case "quote":
            return Quote(spans, max(draft.level, 1))
        case "caption":
            return Caption(_without(spans, "small"), draft.n)
        case "credit":
            return Credit(_without(spans, "small"), draft.n)
        case "code":
            return Code(spans, draft.detail)
        case _:
            return Furniture(spans, draft.detail)


def _without(spans: Spans, style: Style) -> Spans:
    if not any(style in span.style for span in spans):
        return spans
    out: list[Span] = []
    for span in spans:
        kept = Span(span.text, tuple(s for s in span.style if s != style), span.link)
        if out and (out[-1].style, out[-1].link) == (kept.style, kept.link):
            kept = Span(out.pop().text + kept.text, kept.style, kept.link)
        out.append(kept)
    return tuple(out)


def links_of(builder: Builder, blocks: Sequence[Block], places: Mapping[str, int | None]) -> tuple[Link, ...]:
    """The links with the texts that they have in the blocks, those apart set apart; `places`: blocks by their ids."""
    texts: dict[int, list[str]] = {}
    for block in blocks:
        for link, spans in groupby(block.spans, key=lambda span: span.link):
            if link is not None:
                texts.setdefault(link, []).append("".join(span.text for span in spans))
        if isinstance(block, Media) and block.link is not None and block.spans:
            texts.setdefault(block.link, []).append(plain(block.spans))
    links = []
    for n, (url, kind) in enumerate(builder.links, 1):
        text, title = " ".join(" ".join(texts.get(n, ())).split()), " ".join(builder.link_titles.get(n, "").split())
        place = places.get(unquote(url.partition("#")[2])) if kind == "within" else None
        # Inside a medium stands what browsers without it show; its title or caption says more.
        name = title or text or host_of(url) if kind == "media" else text or title
        links.append(Link(n, url, name, kind, block=place))
    return tuple(links)


def images_of(pictures: Sequence[Picture], blocks: Sequence[Block]) -> tuple[Image, ...]:
    """The pictures with their captions and credits."""
    captions: dict[int, list[str]] = {}
    credits: dict[int, list[str]] = {}
    for block in blocks:
        if isinstance(block, Caption | Credit) and block.image is not None:
            into = captions if isinstance(block, Caption) else credits
            into.setdefault(block.image, []).append(plain(block.spans))
    return tuple(
        Image(n, picture.url, picture.alt, "\n".join(captions.get(n, ())), " ".join(credits.get(n, ())))
        for n, picture in enumerate(pictures, 1)
    )


def topics_of(builder: Builder, blocks: Sequence[Block]) -> tuple[Topic, ...]:
    """The newsroom's topics, each once: marked words, and links of rel="tag"."""
    topics = {topic.id or topic.name: topic for topic in reversed(builder.topics)}
    found = dict.fromkeys(topics[topic.id or topic.name] for topic in builder.topics)
    if builder.tag_links:
        names: dict[int, str] = {}
        for block in blocks:
            for span in block.spans:
                if span.link in builder.tag_links:
                    names[span.link] = names.get(span.link, "") + span.text
        found.update(dict.fromkeys(Topic("", name.strip()) for name in names.values() if name.strip()))
    return tuple(found)


def title_of(dump: Dump, drafts: Sequence[Draft]) -> str:
    """The title as one line, the site's own name taken off; without one, the body's first heading or paragraph."""
    title = " ".join(decode_entities(_MARKUP.sub(_space_for, _SCRIPTED.sub(_scripted, dump.title))).split())
    if not title:
        texts = [d for d in drafts if d.kind in ("heading", "lead", "paragraph")]
        texts.sort(key=lambda draft: draft.kind != "heading")
        title = " ".join(texts[0].text.split())[:100] if texts else ""
    return _SITE_NAME.sub("", title)


def _scripted(markup: re.Match[str]) -> str:
    tag, text = markup[1].lower(), markup[2]
    return (raised if tag == "sup" else lowered)(text) or f"{'^' if tag == 'sup' else '_'}({text})"


def _space_for(markup: re.Match[str]) -> str:
    return " " if markup[1] else ""


def sample(title: str, drafts: Sequence[Draft]) -> str:
    """Enough text of the story to tell its language."""
    parts, size = [title], len(title)
    for draft in drafts:
        if size >= _SAMPLE:
            break
        if draft.kind != "furniture" and draft.spans:
            parts.append(draft.text[:_SAMPLE])
            size += len(parts[-1])
    return "\n".join(parts)


def moment_of(time_ms: int | None) -> datetime | None:
    """Milliseconds since the epoch as a moment, None if there are none or no calendar reaches it."""
    if time_ms is None:
        return None
    try:
        return EPOCH + timedelta(milliseconds=time_ms)
    except OverflowError:
        return None
