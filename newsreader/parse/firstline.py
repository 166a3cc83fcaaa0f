"""The line above a story: who wrote it, and when it was published.

Decided only here: what of them is the byline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from newsreader.article import Precision
from newsreader.dates import first_line_date
from newsreader.parse.drafts import Draft

# What is longer is no line above the story, and more names than this never stand over its date.
_LINE_LONG = 120
_NAME_LONG = 40
_NAMES = 3
# A date of a day only is midnight somewhere, which may be a little later than the moment of the dump.
_EARLY = timedelta(days=1)
_AUTHOR_DEEP = 6
_RELATIVE = re.compile(
    r"\d+\s*(?:秒|分|分钟|分鐘|小时|小時|个小时|個小時|天|日|周|週|个月|時間)(?:之?前)|\d+\s+\w+\s+ago", re.I
)
_DATE_WORD = re.compile(
    r"^(?:日期|时间|時間|发布时间|發布時間|发表时间|更新时间|Published|Updated|Date)\s*[:：]\s*", re.I
)
_PLACEHOLDER = re.compile(r"^(?:null|undefined|none|n/a)\b\s*", re.IGNORECASE)

# What newsrooms call those who made a story. A line of such words and names, without a sentence, is a credit line.
_ROLES: Final = (
    "特约记者 实习记者 记者 記者 责任编辑 責任編輯 文字编辑 责编 責編 网编 網編 编译 編譯 编辑 編輯 编审 发稿 發稿 "
    "审校 審校 审核 校对 校對 核稿 撰写 撰寫 撰稿 采访 採訪 译者 譯者 翻译 翻譯 整理 Reporting Editing Writing"
)
_ROLE = "|".join(_ROLES.split())
_STARTS = re.compile(
    rf"[（(【]?\s*(?:自由亚洲电台|本台|路透社?)?(?:{_ROLE})(?:\s*[:：/／|｜]|\s|(?=\S{{2,4}}(?:[;；，,、\s]|$)))",
    re.IGNORECASE,
)
_ROLE_ANYWHERE = re.compile(rf"(?:{_ROLE})(?=\s*[:：]|\s+\S)")
_AUTHOR = re.compile(
    rf"(?:(?:文|撰文|作者)\s*[|｜/／:：丨]\s*|(?:作者|{_ROLE})\s*[:：\s]\s*|By\s+(?=[A-Z]))([^|｜:：;；]{{2,40}})"
)
_SENTENCE = re.compile(r"[。！？!?]")
_CREDIT_LONG = 90
_REPORTER = re.compile(
    r"(?:记者|記者|撰写|撰寫|撰稿|Reporting)\s*[:：/／]?\s*(?:by\s+)?(.*?)\s*"
    r"(?:责编|責編|网编|網編|编辑|編輯|编译|审校|審校|责任|責任|核稿|发稿|報導|報道|报道|报导|[;；）)】]|$)"
)


def take(
    drafts: Sequence[Draft], times: Sequence[tuple[int, str]], updated: datetime | None
) -> tuple[str, tuple[datetime, Precision] | None]:
    """Fold the line above the story; its byline ("" if none) and its moment.

    `times` are the <time> elements: how many drafts stand before one, and its datetime attribute, for a line that only
    says "40 minutes ago". `updated` is the dump's own moment, before which a story was published.
    """
    above: list[Draft] = []
    for i, draft in enumerate(drafts):
        if draft.kind in ("table", "heading", "media") or (above and draft.kind in ("image", "caption", "credit")):
            break
        if not draft.spans:
            continue
        if len(draft.text) > _LINE_LONG:
            break
        *names, last = [line.strip() for line in draft.text.split("\n")]
        moment = _moment(last, [text for at, text in times if at <= i])
        if moment is not None and not (updated and moment[0] > updated + _EARLY):
            # BBC puts name and office into a list beside the time.
            below = list(takewhile(lambda other: other.kind == "list_item" and _is_name(other), drafts[i + 1 :]))
            for other in (*above, draft, *below):
                other.fold("byline")
            parts = [*(other.text for other in above), *names, *(other.text for other in below)]
            return _byline(parts), moment
        if len(above) == _NAMES or not _is_name(draft):
            break
        above.append(draft)
    return "", None


def _is_name(draft: Draft) -> bool:
    return len(draft.text) <= _NAME_LONG and not _SENTENCE.search(draft.text)


def author(drafts: Sequence[Draft]) -> str:
    """The author whom a line near the top names in so many words ("文 | …", "By …"), folded; "" if none does."""
    texts = 0
    for draft in drafts:
        if not draft.spans:
            continue
        texts += 1
        if texts > _AUTHOR_DEEP:
            break
        if draft.kind == "paragraph" or (draft.kind == "furniture" and draft.detail == "byline"):
            found = _AUTHOR.fullmatch(draft.text.strip())
            if found and not _SENTENCE.search(found[1]):
                draft.fold("byline")
                return _byline([found[1]])
    return ""


def _moment(line: str, times: Sequence[str]) -> tuple[datetime, Precision] | None:
    found = first_line_date(_DATE_WORD.sub("", line))
    if times and (_RELATIVE.fullmatch(line) if found is None else found[1] == "date"):
        exact = first_line_date(times[0])
        if exact is not None and (found is None or abs(exact[0] - found[0]) < timedelta(days=2)):
            return exact
    return found


def _byline(parts: Sequence[str]) -> str:
    """The names, each once: "null" and blanks are no names."""
    names = (name.strip(" ，、") for part in parts for name in _PLACEHOLDER.sub("", part).replace("\n", ",").split(","))
    return ", ".join(dict.fromkeys(" ".join(name.split()) for name in names if name))


def is_credit_line(text: str) -> bool:
    """Whether a line only says who reported, translated, edited."""
    if len(text) > _CREDIT_LONG or _SENTENCE.search(text):
        return False
    return bool(_STARTS.match(text)) or len(_ROLE_ANYWHERE.findall(text)) > 1


def reporter_of(text: str) -> str:
    """The reporter whom a credit line names, "" if it names none."""
    found = _REPORTER.search(text)
    return " ".join(found[1].split()) if found else ""
