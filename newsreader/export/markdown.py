"""An article as CommonMark with tables: the same blocks and spans, no text of the source's read as markup.

Decided only here: what is escaped, and where a tag stands in for asterisks that would not take.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from newsreader.article import (
    Article,
    Block,
    Caption,
    Code,
    Credit,
    Furniture,
    Heading,
    ImageBlock,
    ListItem,
    Media,
    Quote,
    Rule,
    Span,
    Spans,
    Style,
    Table,
    plain,
)
from newsreader.export.html import TAGS
from newsreader.export.parts import address, together
from newsreader.safety import clean, clean_line
from newsreader.typeset.flow import written_out

_MARKUP = re.compile(r"[\\`*_\[\]<>&~|$]")
_LINE_START = re.compile(r"^(\d{1,9}(?=[.)])|(?=[#+=-]))", re.MULTILINE)
_CLOSING = re.compile(r"(?<=\s)(#+)$")
_DELIMITERS: dict[Style, str] = {"strong": "**", "em": "*"}
_ENTITY = re.compile(r"&(?=#?\w+;)")
_NO_LANGUAGE = re.compile(r"[^\w+#.-]")
_DEEPEST = 20
_NOTHING = "<!-- -->"
"""What stands in an item without text, which else could not hold a list."""


def article_markdown(article: Article, when: str) -> str:
    """The article as a Markdown document with a line end at its end; `when` is its time as text."""
    writer = _Writer(article)
    parts = ["# " + _CLOSING.sub(r"\\\1", _escaped_line(article.title))]
    meta = [clean_line(part) for part in (article.source, article.byline, when) if part]
    if any(meta):
        parts.append(_escaped_line(" ∙ ".join(meta)))
    url = _address(article.url)
    if url:
        parts.append(f"[{_escaped_line(article.url)}](<{url}>)")
    parts += writer.parts()
    return "\n\n".join(part for part in parts if part) + "\n"


class _Writer:
    """The blocks of one article."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.links = {link.n: url for link in article.links if (url := _address(link.url))}
        self.images = {image.n: image for image in article.images}

    def parts(self) -> Iterator[str]:
        """The blocks, to be set apart by blank lines."""
        for blocks in together(self.article.blocks):
            match blocks[0]:
                case ListItem():
                    yield self._list([item for item in blocks if isinstance(item, ListItem)])
                case Quote():
                    yield self._quotes([quote for quote in blocks if isinstance(quote, Quote)])
                case _:
                    yield from map(self._one, blocks)

    def _one(self, block: Block) -> str:
        match block:
            case Heading(spans, level):
                return "#" * min(max(level, 1) + 1, 6) + " " + _CLOSING.sub(r"\\\1", self._line(spans))
            case Code(spans):
                return _fenced(plain(spans), clean_line(block.language))
            case Table():
                return self._table(block)
            case Rule():
                return "---"
            case ImageBlock(image):
                return self._image(image)
            case Caption(spans) | Credit(spans):
                return self._styled(spans, "em")
            case Furniture(spans):
                return self._styled(spans, "small")
            case Media(spans, link):
                return self._media(spans, link)
        return self._text(block.spans)

    def _image(self, number: int) -> str:
        image = self.images.get(number)
        url = _address(image.url) if image else ""
        alt = _escaped_line(image.alt) if image else ""
        return f"![{alt}](<{url}>)" if url else f"*{alt}*" if alt else ""

    def _media(self, spans: Spans, link: int | None) -> str:
        url = self.links.get(link or 0)
        if not url or any(span.link for span in spans):
            return self._text(spans)
        return f"[{_escaped_line(plain(spans)) or _escaped_line(url)}](<{url}>)"

    def _list(self, items: Sequence[ListItem]) -> str:
        """Items of several depths; each level is indented as far as the text of the one above it."""
        lines: list[str] = []
        levels: list[tuple[int, str, str]] = []
        for item in items:
            is_new = True
            while levels and (item.level < levels[-1][0] or (item.level == levels[-1][0] and item.kind != "continued")):
                level, _, kind = levels.pop()
                is_new = (level, kind) != (item.level, item.kind)
            indent = levels[-1][1] if levels else ""
            text = self._text(item.spans)
            if item.kind == "continued":
                lines += ["", *_indented(text, indent), ""]
                continue
            number = item.n if item.n is not None and 0 <= item.n < 10**9 else 1
            marker = f"{number}. " if item.kind == "number" and not item.marker else "- "
            text = f"{_escaped_line(item.marker)} {text}" if item.marker else text
            if is_new:
                lines.append("")  # else some lists would be taken for more of the text above (section 5.2)
            first, *rest = _indented(text, indent + " " * len(marker)) or [""]
            lines += [indent + marker + (first.strip() or _NOTHING), *rest]
            if len(levels) < _DEEPEST:
                levels.append((item.level, indent + " " * len(marker), item.kind))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def _quotes(self, quotes: Sequence[Quote]) -> str:
        lines: list[str] = []
        above = 0
        for quote in quotes:
            level = min(max(quote.level, 1), _DEEPEST)
            if above:
                lines.append(("> " * min(above, level)).rstrip())
            lines += [("> " * level + line).rstrip() for line in self._text(quote.spans).split("\n")]
            above = level
        return "\n".join(lines)

    def _table(self, table: Table) -> str:
        width = max((len(row) for row in table.cells), default=0)
        if not width:
            return ""
        rows = [[self._line(cell) for cell in row] + [""] * (width - len(row)) for row in table.cells]
        if not table.header:
            rows.insert(0, [""] * width)
        rows.insert(1, ["---"] * width)
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)

    # --- spans ----------------------------------------------------------------------------------------------------

    def _styled(self, spans: Spans, style: Style) -> str:
        return self._text(
            tuple(
                Span(span.text, span.style if style in span.style else (style, *span.style), span.link)
                for span in spans
            )
        )

    def _line(self, spans: Spans) -> str:
        """The text on one line, its line breaks as tags."""
        return self._text(spans).replace("\\\n", "<br>")

    def _text(self, spans: Spans) -> str:
        """Spans of one block. Its line breaks are a backslash at a line's end."""
        spans = written_out(spans)
        texts = [clean(span.text, newlines=True) for span in spans]
        whole = "".join(texts)
        lead, tail = len(whole) - len(whole.lstrip()), len(whole.rstrip())
        out = ""
        at = 0
        for span, text in zip(spans, texts, strict=True):
            begin, end = max(at, lead), min(at + len(text), tail)
            at += len(text)
            if begin < end:
                after = whole[end : end + 1] if end < tail else ""
                out = self._joined(out, whole[begin:end], span, after)
        return re.sub(r"[ \t]*\n[ \t]*", "\n", _LINE_START.sub(r"\1\\", out)).replace("\n", "\\\n")

    def _joined(self, before: str, text: str, span: Span, after: str) -> str:
        """What stands before, and a span's text in its styles; blanks at its ends stay outside."""
        inner = text.strip()
        if not inner:
            return before + text
        lead, tail = text[: text.index(inner[0])], text[len(text.rstrip()) :]
        plain_before, plain_after = lead[-1:] or before[-1:], tail[:1] or after
        shown = _code_span(inner, plain_before) if "code" in span.style else _escaped(inner)
        url = self.links.get(span.link or 0)
        for style in reversed(span.style):
            if style != "code":
                marks = _DELIMITERS.get(style)
                takes = marks and not url and _takes(plain_before, shown, plain_after)
                shown = f"{marks}{shown}{marks}" if takes else f"<{TAGS[style]}>{shown}</{TAGS[style]}>"
        if not url:
            return f"{before}{lead}{shown}{tail}"
        before += lead
        if before.endswith("!"):  # else it would be a picture
            before = before[:-1] + "\\!"
        return f"{before}[{shown}](<{url}>){tail}"


def _takes(before: str, inner: str, after: str) -> bool:
    """Whether asterisks round a text would be read as emphasis (flanking, section 6.2) and not run into others."""
    if "*" in (before, after, inner[0], inner[-1]) or before == "\\":
        return False
    opens = not _is_punctuation(inner[0]) or not before or before.isspace() or _is_punctuation(before)
    closes = not _is_punctuation(inner[-1]) or not after or after.isspace() or _is_punctuation(after)
    return opens and closes


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


def _escaped_line(text: str) -> str:
    return _LINE_START.sub(r"\1\\", _escaped(clean_line(text)))


def _code_span(text: str, before: str) -> str:
    """Text between backticks, or in a tag where these would not take: in a table a | ends the cell."""
    text = text.replace("\n", " ")
    if "|" in text or before == "`":
        return f"<code>{_escaped(text)}</code>"
    ticks = "`" * (1 + _longest_run(text))
    return f"{ticks} {text} {ticks}" if "`" in (text[0], text[-1]) else f"{ticks}{text}{ticks}"


def _fenced(text: str, language: str) -> str:
    text = clean(text.expandtabs(8), newlines=True)
    fence = "`" * max(3, 1 + _longest_run(text))
    return f"{fence}{_NO_LANGUAGE.sub('', language)}\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _indented(text: str, indent: str) -> list[str]:
    return [indent + line for line in text.split("\n")]


def _address(url: str) -> str:
    """An address to stand in <>; "" for one that is not safe."""
    return _ENTITY.sub("&amp;", address(url))
