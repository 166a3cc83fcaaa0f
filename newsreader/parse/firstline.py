"""The line above a story: who wrote it, and when it was published.

Owns: finding that line among the first drafts and taking it apart; the credit lines at the end ("记者：… 责编：…").
Decided only here: what of them is the byline. Never: which zone a spelling of a date means (`dates`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from newsreader.article import Precision
from newsreader.dates import first_line_date
from newsreader.parse.drafts import Draft

# Nothing further down or longer is a line above the story.
_DRAFTS_DEEP = 6
_LINE_LONG = 120
_RELATIVE = re.compile(
    r"\d+\s*(?:秒|分|分钟|分鐘|小时|小時|个小时|個小時|天|日|周|週|个月|時間)(?:之?前)|\d+\s+\w+\s+ago", re.I
)
_DATE_WORD = re.compile(
    r"^(?:日期|时间|時間|发布时间|發布時間|发表时间|更新时间|Published|Updated|Date)\s*[:：]\s*", re.I
)
_PLACEHOLDER = re.compile(r"^(?:null|undefined|none|n/a)\b\s*", re.IGNORECASE)

# A line that begins with a newsroom's role and is nothing but names.
_ROLE = (
    r"记者|記者|责编|責編|网编|網編|编译|編譯|编辑|編輯|发稿|發稿|审校|審校|审核|校对|校對|核稿|撰写|撰寫|撰稿|采访|採訪|译者|譯者|翻译|翻譯|"
    r"整理|责任编辑|責任編輯|特约记者|實習記者|编审|文字编辑|报道|Reporting|Editing|Writing"
)
_CREDITS = re.compile(
    rf"[（(【]?\s*(?:(?:自由亚洲电台|本台|路透)?(?:普通话部|粤语部)?(?:特约)?(?:{_ROLE}))(?:[:：/／]|\s|(?=\S{{2,4}}[;；，,\s]|\S{{2,4}}$))[^。！？!?]*$"
)
_CREDIT_LONG = 90
_REPORTER = re.compile(
    r"(?:记者|記者|撰写|撰寫|撰稿|Reporting)\s*[:：/／]?\s*(?:by\s+)?(.*?)\s*(?=(?:责编|責編|网编|網編|编辑|編輯|审校|責任|报道|报导|報導|报道|发稿|编译|核稿|;|；|[）)】]|$))"
)


def take(drafts: Sequence[Draft], times: Sequence[str]) -> tuple[str, tuple[datetime, Precision] | None]:
    """Fold the line above the story; its byline ("" if none) and its moment.

    `times` are the datetime attributes of the <time> elements, for a line that only says "40 minutes ago".
    """
    names: list[tuple[Draft, list[str]]] = []
    texts = 0
    for draft in drafts:
        if draft.kind in ("image", "rule", "media", "table", "heading", "caption", "credit"):
            if draft.kind in ("table", "heading", "media") or texts:
                break
            continue
        texts += 1
        text = draft.text
        if texts > _DRAFTS_DEEP or len(text) > _LINE_LONG:
            break
        lines = [line.strip() for line in text.split("\n")]
        moment = _moment(lines[-1], times)
        if moment is not None:
            draft.fold("byline")
            for other, _ in names:
                other.fold("byline")
            parts = [line for _, found in names for line in found] + lines[:-1]
            return _byline(parts), moment
        names.append((draft, lines))
    return "", None


def _moment(line: str, times: Sequence[str]) -> tuple[datetime, Precision] | None:
    found = first_line_date(_DATE_WORD.sub("", line))
    if found is None and times and _RELATIVE.fullmatch(line):
        found = first_line_date(times[0])
    return found


def _byline(parts: Sequence[str]) -> str:
    names = (_PLACEHOLDER.sub("", part).strip(" ,，、") for part in parts)
    return ", ".join(name for part in names for name in [", ".join(re.split(r"\s*,\s*", part))] if name)


def fold_credits(drafts: Sequence[Draft]) -> str:
    """Fold the lines at the end that say who reported, translated and edited; the reporter, "" if none is named."""
    reporter = ""
    left = 3
    for draft in reversed(drafts):
        if draft.kind in ("furniture", "rule", "image", "media", "caption", "credit"):
            continue
        if draft.kind != "paragraph" or not left:
            break
        left -= 1
        text = draft.text
        if len(text) <= _CREDIT_LONG and _CREDITS.match(text):
            draft.fold("byline")
            if found := _REPORTER.search(text):
                reporter = " ".join(found[1].split())
    return reporter
