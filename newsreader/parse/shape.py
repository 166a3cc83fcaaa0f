"""What paragraphs are by their shape: headings in bold, the lead, tables drawn with spaces.

Decided only here: when a bold paragraph is a heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import east_asian_width

from newsreader.article import Span, plain
from newsreader.parse.drafts import Draft

# In columns of a terminal: a heading that needs more than this is a sentence in bold.
_HEADING_WIDE = 76
_QUESTION_WIDE = 56
# A paragraph that ends so, closing quotes and brackets aside, is a sentence or announces what follows it.
_SENTENCE_END = "。：:；;，,…"
_CLOSING = "”’」』\"')）】》〉"
# "Photo: …", "Original title: …" say something about what stands beside them; "Paper: …?" is an interviewer's question.
_LABELLED = re.compile(
    r"(?:图片来源|图片|图\s*\d*|摄影|来源|作者|原标题|原文|标题|编辑|文|Photo|Source)\s*[:：|｜]", re.IGNORECASE
)
_SPEAKER = re.compile(r"[^：:？?]{1,12}[：:]")
# Reuters' headings in plain text.
_STARRED = re.compile(r"\*\*[^*\n]+\*\*")
_COLUMNS = re.compile(r"\S\s{3,}\S")


def shape(drafts: list[Draft]) -> None:
    """Apply all rules of this room, in place."""
    _join_columns(drafts)
    _mark_lead(drafts)
    _mark_headings(drafts)


def _join_columns(drafts: list[Draft]) -> None:
    """Make one code block of paragraphs that are rows of a table drawn with spaces, as Reuters sends them."""
    if not any(draft.raw for draft in drafts):
        return
    out: list[Draft] = []
    rows: list[Draft] = []
    for draft in [*drafts, Draft("rule")]:
        if draft.kind == "paragraph" and draft.raw and _COLUMNS.search(draft.raw.strip()):
            rows.append(draft)
            continue
        if len(rows) > 1:
            out.append(Draft("code", tuple(_rows(rows))))
        else:
            out += rows
        rows = []
        out.append(draft)
    drafts[:] = out[:-1]


def _rows(rows: Sequence[Draft]) -> list[Span]:
    lines = [re.sub(r"\s", " ", row.raw.rstrip()) for row in rows]
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    return [Span("\n".join(line[margin:] for line in lines))]


def _mark_lead(drafts: Sequence[Draft]) -> None:
    """Keep the first lead only, if no paragraph stands before it; a first paragraph in bold is one too."""
    first = next((draft for draft in drafts if draft.kind in ("paragraph", "lead", "list_item", "quote")), None)
    if (
        first is not None
        and first.kind == "paragraph"
        and _is_bold(first)
        and not _is_heading(first)
        and first.text[-1] not in "：:"
    ):
        first.kind = "lead"
        first.spans = tuple(_without_strong(first))
    for draft in drafts:
        if draft.kind == "lead" and draft is not first:
            draft.kind = "paragraph"


def _mark_headings(drafts: Sequence[Draft]) -> None:
    flow = [draft for draft in drafts if draft.kind not in ("furniture", "image", "caption", "credit", "rule")]
    candidates = [draft.kind == "paragraph" and _stands_out(draft) and _is_heading(draft) for draft in flow]
    while candidates and candidates[-1]:
        candidates.pop()
    # Bold with nothing below it is a signature, three bold paragraphs in a row are emphasis.
    for i, candidate in enumerate(candidates):
        if not candidate or any(
            all(candidates[j : j + 3]) for j in range(max(0, i - 2), i + 1) if j + 3 <= len(candidates)
        ):
            continue
        draft = flow[i]
        draft.kind, draft.level = "heading", 3
        draft.spans = tuple(_without_strong(draft))


def _stands_out(draft: Draft) -> bool:
    return _is_bold(draft) or bool(_STARRED.fullmatch(draft.text))


def _is_bold(draft: Draft) -> bool:
    return bool(draft.spans) and all("strong" in span.style or span.text.isspace() for span in draft.spans)


def _is_heading(draft: Draft) -> bool:
    text = draft.text.strip()
    if "\n" in text or not any(char.isalnum() for char in text) or text.rstrip(_CLOSING)[-1:] in _SENTENCE_END:
        return False
    if _LABELLED.match(text) or 2 * sum(len(span.text) for span in draft.spans if span.link) > len(text):
        return False
    if text[-1] in "？?" and _SPEAKER.match(text):
        return False
    width = sum(2 if east_asian_width(char) in "WF" else 1 for char in text[: _HEADING_WIDE + 1])
    return width <= (_QUESTION_WIDE if text[-1] in "？?！!" else _HEADING_WIDE)


def _without_strong(draft: Draft) -> list[Span]:
    return [Span(s.text, tuple(x for x in s.style if x != "strong"), s.link) for s in draft.spans]


def lead_text(drafts: Sequence[Draft]) -> str:
    """The text of the lead, "" if there is none."""
    return next((plain(draft.spans) for draft in drafts if draft.kind == "lead"), "")
