"""The nouns: what a dump becomes once it is parsed, and what one row of the list holds.

Decided only here: which block types exist and what each carries. Everything is frozen. The texts are as the source
wrote them, not yet safe for a terminal.

An article's blocks are flat and in document order. A figure is an ImageBlock, followed by its Caption and Credit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeAlias

from newsreader.errors import Warning
from newsreader.summary import Precision as Precision
from newsreader.summary import Summary as Summary

Style: TypeAlias = Literal["strong", "em", "code", "underline", "strike", "sup", "sub", "mark", "small", "ruby"]
LinkKind: TypeAlias = Literal["web", "story", "media", "within"]
ListKind: TypeAlias = Literal["bullet", "number", "continued"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style; `link` is the number of the link it belongs to."""

    text: str
    style: tuple[Style, ...] = ()
    link: int | None = None


Spans: TypeAlias = tuple[Span, ...]


def plain(spans: Sequence[Span]) -> str:
    """The text of spans, without their styles."""
    return "".join(span.text for span in spans)


_RAISED = str.maketrans(
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθφχ",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᵠᵡ",
)
_LOWERED = str.maketrans("0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ")


def raised(text: str) -> str | None:
    """A text in Unicode's superscript characters, each in the place of one; None where these do not have all of it."""
    return text.translate(_RAISED) if all(ord(char) in _RAISED for char in text) else None


def lowered(text: str) -> str | None:
    """The same in its subscript characters."""
    return text.translate(_LOWERED) if all(ord(char) in _LOWERED for char in text) else None


def unread(spans: Sequence[Span]) -> str:
    """The text of spans without the readings between its characters."""
    return "".join(span.text for span in spans if "ruby" not in span.style)


@dataclass(frozen=True, slots=True)
class Heading:
    """A subheading; `level` is 1 to 6 as in HTML, 3 for a whole-paragraph bold."""

    type: ClassVar = "heading"
    spans: Spans
    level: int = 3


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `kind` is "lead" for the article's lead. "\\n" in its text is a line break of the source's own."""

    type: ClassVar = "paragraph"
    spans: Spans
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a list at depth `level` (1 is outermost); `n` is its number if kind is "number"; "continued" is
    a further paragraph of the item above. `marker` is what stands before it where that is no bullet and no decimal
    number with a full stop: "iv.", "甲、"; a blank where nothing does."""

    type: ClassVar = "list_item"
    spans: Spans
    level: int = 1
    n: int | None = None
    kind: ListKind = "bullet"
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A paragraph of a block quotation at depth `level` (1 is outermost)."""

    type: ClassVar = "quote"
    spans: Spans
    level: int = 1


@dataclass(frozen=True, slots=True)
class Caption:
    """The caption of image number `image`."""

    type: ClassVar = "caption"
    spans: Spans
    image: int | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose picture image number `image` is."""

    type: ClassVar = "credit"
    spans: Spans
    image: int | None = None


@dataclass(frozen=True, slots=True)
class ImageBlock:
    """The place of image number `image` in the text; it has no text of its own."""

    type: ClassVar = "image"
    image: int
    spans: Spans = ()


@dataclass(frozen=True, slots=True)
class Code:
    """Preformatted text: its spaces and line ends stand, it is never rewrapped. `language` is what its class says."""

    type: ClassVar = "code"
    spans: Spans
    language: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, each cell spans; `header` says that the first row is one."""

    type: ClassVar = "table"
    cells: tuple[tuple[Spans, ...], ...]
    header: bool = False

    @property
    def spans(self) -> Spans:
        """All cells in order, a tab between cells and a line end between rows."""
        flat: list[Span] = []
        for r, row in enumerate(self.cells):
            for c, cell in enumerate(row):
                if r or c:
                    flat.append(Span("\t" if c else "\n"))
                flat.extend(cell)
        return tuple(flat)


@dataclass(frozen=True, slots=True)
class Rule:
    """A thematic break."""

    type: ClassVar = "rule"
    spans: Spans = ()


@dataclass(frozen=True, slots=True)
class Media:
    """A video, audio or embedded frame: its title is the text (perhaps none), its address is link `link`.
    `kind` is "video", "audio" or "frame"."""

    type: ClassVar = "media"
    spans: Spans
    link: int | None = None
    kind: str = "video"


@dataclass(frozen=True, slots=True)
class Furniture:
    """Text that is no part of the story, kept and folded. `kind`: "byline", "copyright", "advert", "share",
    "feed-footer", "label", "repeated-caption", "promotion", "related", "navigation", "boilerplate", and "hidden": what
    the page does not show, beside the paragraph that it stands in."""

    type: ClassVar = "furniture"
    spans: Spans
    kind: str = "boilerplate"


Block: TypeAlias = (
    Heading | Paragraph | ListItem | Quote | Caption | Credit | ImageBlock | Code | Table | Rule | Media | Furniture
)


def is_hidden(block: Block) -> bool:
    """Whether a block is what the page does not show."""
    return isinstance(block, Furniture) and block.kind == "hidden"


@dataclass(frozen=True, slots=True)
class Link:
    """Link number `n` (from 1). `story` is the id of the story it leads to, if the library holds it; `block` the index
    of the block, if kind is "within": a place in the same story."""

    n: int
    url: str
    text: str = ""
    kind: LinkKind = "web"
    story: str | None = None
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """Image number `n` (from 1): its original URL (proxies unwrapped), and its texts."""

    n: int
    url: str
    alt: str = ""
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that the newsroom gave the story; `id` may be empty."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Article:
    """One parsed dump. `made_by`: the reader's own command that made this page of the story, "" for the source's text.
    Times are aware datetimes; `precision` "date" means that the hour of `published` is not known.
    `language` is a BCP 47 tag such as "zh-Hans", "zh-Hant", "ja", "en", or "" if unknown."""

    id: str
    key: str
    url: str
    title: str
    source: str
    published: datetime | None = None
    precision: Precision = "time"
    updated: datetime | None = None
    byline: str = ""
    language: str = ""
    lead: str = ""
    topics: tuple[Topic, ...] = ()
    blocks: tuple[Block, ...] = ()
    links: tuple[Link, ...] = ()
    images: tuple[Image, ...] = ()
    revision: int = 1
    revisions: int = 1
    warnings: tuple[Warning, ...] = ()
    made_by: str = ""


# --- JSON ---------------------------------------------------------------------------------------------------------


def article_to_json(article: Article) -> dict[str, Any]:
    """The article as the JSON object of `show --format json`: plain dicts, lists, strings, numbers."""
    out: dict[str, Any] = {
        "id": article.id,
        "key": article.key,
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "published": _rfc3339(article.published),
        "precision": article.precision,
        "updated": _rfc3339(article.updated),
        "byline": article.byline,
        "language": article.language,
    }
    if article.made_by:
        out["made_by"] = article.made_by
    if article.lead:
        out["lead"] = article.lead
    out["topics"] = [{"id": t.id, "name": t.name} for t in article.topics]
    out["blocks"] = [_block_to_json(block) for block in article.blocks]
    out["links"] = [_link_to_json(link) for link in article.links]
    out["images"] = [
        {"n": i.n, "url": i.url, "alt": i.alt, "caption": i.caption, "credit": i.credit} for i in article.images
    ]
    out["revision"] = article.revision
    out["revisions"] = article.revisions
    out["warnings"] = [{"code": w.code, "detail": w.detail} for w in article.warnings]
    return out


def article_from_json(data: dict[str, Any]) -> Article:
    """The inverse of `article_to_json`, for JSON that it made."""
    return Article(
        id=data["id"],
        key=data["key"],
        url=data["url"],
        title=data["title"],
        source=data["source"],
        published=_moment(data["published"]),
        precision=data["precision"],
        updated=_moment(data["updated"]),
        byline=data["byline"],
        language=data["language"],
        lead=data.get("lead", ""),
        topics=tuple(Topic(t["id"], t["name"]) for t in data["topics"]),
        blocks=tuple(_block_from_json(b) for b in data["blocks"]),
        links=tuple(Link(x["n"], x["url"], x["text"], x["kind"], x["story"], x.get("block")) for x in data["links"]),
        images=tuple(Image(i["n"], i["url"], i["alt"], i["caption"], i["credit"]) for i in data["images"]),
        revision=data["revision"],
        revisions=data["revisions"],
        warnings=tuple(Warning(w["code"], w["detail"]) for w in data["warnings"]),
        made_by=data.get("made_by", ""),
    )


def summary_to_json(row: Summary) -> dict[str, Any]:
    """A row as `list` and `search` print it."""
    out: dict[str, Any] = {
        "id": row.id,
        "title": row.title,
        "url": row.url,
        "source": row.source,
        "published": _rfc3339(row.published),
        "read": row.read,
        "starred": row.starred,
        "tags": list(row.tags),
        "changed": row.changed,
        "revisions": row.revisions,
        "dump": row.dump,
    }
    if row.snippet:
        out["snippet"] = row.snippet
    return out


def _rfc3339(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _link_to_json(link: Link) -> dict[str, Any]:
    out = {"n": link.n, "url": link.url, "text": link.text, "kind": link.kind, "story": link.story}
    return out if link.block is None else {**out, "block": link.block}


def _span_to_json(span: Span) -> dict[str, Any]:
    out: dict[str, Any] = {"text": span.text, "style": list(span.style)}
    if span.link is not None:
        out["link"] = span.link
    return out


def _spans_from_json(items: list[dict[str, Any]]) -> Spans:
    return tuple(Span(s["text"], tuple(s["style"]), s.get("link")) for s in items)


def _block_to_json(block: Block) -> dict[str, Any]:
    out: dict[str, Any] = {"type": block.type, "text": plain(block.spans)}
    match block:
        case Heading(level=level) | Quote(level=level):
            out["level"] = level
        case ListItem():
            out["level"] = block.level
            out["kind"] = block.kind
            if block.n is not None:
                out["n"] = block.n
            if block.marker:
                out["marker"] = block.marker
        case Code():
            if block.language:
                out["language"] = block.language
        case Paragraph():
            if block.kind:
                out["kind"] = block.kind
        case Caption(image=image) | Credit(image=image) | ImageBlock(image=image):
            if image is not None:
                out["image"] = image
        case Table():
            out["rows"] = [[plain(cell) for cell in row] for row in block.cells]
            if block.header:
                out["kind"] = "header"
            if any(_styled(cell) for row in block.cells for cell in row):
                out["cells"] = [[[_span_to_json(s) for s in cell] for cell in row] for row in block.cells]
            return out
        case Media():
            out["kind"] = block.kind
            if block.link is not None:
                out["n"] = block.link
        case Furniture():
            out["kind"] = block.kind
    if _styled(block.spans):
        out["spans"] = [_span_to_json(span) for span in block.spans]
    return out


def _styled(spans: Spans) -> bool:
    return len(spans) > 1 or any(span.style or span.link is not None for span in spans)


def _block_from_json(data: dict[str, Any]) -> Block:
    spans = _spans_from_json(data["spans"]) if "spans" in data else (Span(data["text"]),) if data["text"] else ()
    match data["type"]:
        case "heading":
            return Heading(spans, data["level"])
        case "paragraph":
            return Paragraph(spans, data.get("kind"))
        case "list_item":
            return ListItem(spans, data["level"], data.get("n"), data["kind"], data.get("marker", ""))
        case "quote":
            return Quote(spans, data["level"])
        case "caption":
            return Caption(spans, data.get("image"))
        case "credit":
            return Credit(spans, data.get("image"))
        case "image":
            return ImageBlock(data["image"])
        case "code":
            return Code(spans, data.get("language", ""))
        case "table":
            return Table(_cells_from_json(data), data.get("kind") == "header")
        case "rule":
            return Rule()
        case "media":
            return Media(spans, data.get("n"), data["kind"])
        case "furniture":
            return Furniture(spans, data["kind"])
        case other:
            raise ValueError(f"no such block type: {other!r}")


def _cells_from_json(data: dict[str, Any]) -> tuple[tuple[Spans, ...], ...]:
    if "cells" in data:
        return tuple(tuple(_spans_from_json(cell) for cell in row) for row in data["cells"])
    return tuple(tuple((Span(cell),) if cell else () for cell in row) for row in data["rows"])
