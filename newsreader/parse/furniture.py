"""Text that is no part of a story, known by its wording.

Decided only here: which wording, at which place, is furniture. It folds whole paragraphs only, and drops nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from newsreader.article import plain
from newsreader.parse.drafts import Draft
from newsreader.parse.firstline import is_credit_line, reporter_of
from newsreader.parse.inline import joined_lines, lines

_FEED = re.compile(r"获取更多RSS|feedx\.(?:net|xyz)|Feed enhanced by|This feed is (?:provided|powered)|via RSS service")
_BARE_ADDRESS = re.compile(r"(?:https?://\S+\s*)+")
_COPYRIGHT = re.compile(
    r"(?:©|(?:copyright\s*)?\(c\)\s*\d{4}|copyright\s*(?:©|\d{4})|版权所有|版權所有|版权声明|版權聲明"
    r"|All rights reserved)",
    re.IGNORECASE,
)
# What blog software sets below a post.
_POST_META = ("Permalink", "Post tags:", "Add to del.icio.us")
_META_LONG = 1000
_PLUG_LONG = 300
# One of these stands in every plug that the two expressions below know; most paragraphs have none.
_PLUG_WORDS = (
    *("订阅", "訂閱", "欢迎", "歡迎", "邮箱", "郵箱", "信箱"),
    *("Instagram", "ewsletter"),
)
_NEWSLETTER = re.compile(
    r"[（(]?\s*(?:欢迎|歡迎)?\s*(?:点击|點擊).{0,6}(?:订阅|訂閱)|^[（(]?(?:欢迎|歡迎)?(?:订阅|訂閱).{0,30}(?:简报|簡報|电邮|電郵|newsletter)"
    r"|(?:发送|發送).{0,12}(?:至|到)(?:您|你)的(?:邮箱|郵箱|信箱)|sign up for .{0,60}newsletter",
    re.IGNORECASE,
)
_PLUG = re.compile(
    r"^[（(]?DW(?:中文)?(?:有|的)?\s*Instagram|^.{0,30}(?:欢迎|歡迎)(?:搜[寻索尋]|追蹤|追踪|加入|下载|下載|关注我们|關注我們).{0,60}"
    r"(?:Instagram|Telegram|Facebook|YouTube|Twitter|App|應用|应用|频道|頻道|推特|脸书|臉書|微信)",
    re.IGNORECASE,
)
_OTHER_LANGUAGE = re.compile(
    r"^(?:点击|點擊|按此)?(?:查看|阅读|閱讀)(?:本文|原文)?(?:的)?(?:英文|中文|繁体|繁體|简体|簡體|中英文对照)(?:版|原文|对照)?(?:文章)?[。.]?$"
)
_RELATED = re.compile(
    r"^(?:相关(?:报道|新闻|文章|内容|阅读|链接|主题|故事)?|相關(?:報導|報道|新聞|文章|內容|閱讀|連結|主題)?|延伸阅读|延伸閱讀|推荐阅读|推薦閱讀|"
    r"更多(?:新闻|报道|相关|内容|阅读|故事|新聞|報導|報道).{0,8}|你可能(?:还|也)?(?:喜欢|感兴趣).{0,8}|热读|热门(?:内容|文章|新闻)?|熱讀|头条新闻|特别推荐|"
    r"related (?:stories|articles|content|topics|news)|more on this story|read more|see also)[:：]?$",
    re.IGNORECASE,
)
# "These are the author's own views": the paper's words, unless the note also says who the author is.
_OPINION = re.compile(r"(?:仅|僅|只)(?:代表|反映)(?:作者|笔者|筆者|撰稿人|嘉宾|嘉賓|其)")
_OPINION_LONG = 200
_ABOUT_AUTHOR = re.compile(r"作者(?:系|係|是|为|為|简介|簡介|介绍|曾)")
_FOOTER_DEEP = 6
_TAGS = re.compile(r"(?:标签|標籤|关键词|關鍵詞|關鍵字|タグ|Tags?|Tagged|Filed under)\s*[:：]", re.IGNORECASE)
_LEAFY = ("list_item", "paragraph", "heading")


def fold(drafts: list[Draft], base: str, address: Callable[[int], str]) -> str:
    """Fold what is furniture by its wording; the reporter's name if a credit line has it, else "".

    `base` is the dump's URL, `address` gives a link's by its number.
    """
    total = sum(len(draft.text) for draft in drafts)
    reporter = _fold_end(drafts)
    for draft in drafts:
        if draft.spans and draft.kind in ("paragraph", "lead", "list_item", "quote") and (kind := _kind(draft)):
            draft.fold(kind)
    _fold_feed_footer(drafts)
    _fold_related(drafts, base, address, total)
    return reporter


def fold_title(drafts: Sequence[Draft], title: str) -> None:
    """Fold the headline where the body begins with it once more."""
    first = next((draft for draft in drafts if draft.spans and draft.kind != "furniture"), None)
    if first is not None and first.kind == "heading" and " ".join(first.text.split()) == title:
        first.fold("label")


def _fold_end(drafts: list[Draft]) -> str:
    """Fold the last lines that say who made the story and where its other language is, also where they share
    a paragraph with its last words."""
    reporter = ""
    left = 4
    for i in range(len(drafts) - 1, -1, -1):
        draft = drafts[i]
        if draft.kind == "furniture" or not draft.spans:
            continue
        if _FEED.search(draft.text):
            continue
        left -= 1
        if draft.kind not in ("paragraph", "heading") or not left:
            break
        found = lines(draft.spans)
        folded: list[Draft] = []
        while found and (kind := _end_kind(plain(found[-1]).strip())):
            last = found.pop()
            folded.insert(0, Draft("furniture", last, detail=kind))
            if kind == "byline":
                reporter = reporter_of(plain(last)) or reporter
        if folded:
            rest = [replace(draft, spans=joined_lines(found), raw="")] if found else []
            drafts[i : i + 1] = [*rest, *folded]
    return reporter


def _end_kind(line: str) -> str:
    if _OTHER_LANGUAGE.match(line):
        return "navigation"
    if is_credit_line(line):
        return "byline"
    if len(line) <= _OPINION_LONG and _OPINION.search(line) and not _ABOUT_AUTHOR.search(line):
        return "boilerplate"
    return ""


def _kind(draft: Draft) -> str:
    text = draft.text
    if len(text) <= _META_LONG and any(word in text for word in _POST_META):
        return "copyright" if _COPYRIGHT.match(text) else "navigation"
    if len(text) > _PLUG_LONG:
        return ""
    if _COPYRIGHT.match(text):
        return "copyright"
    if _OTHER_LANGUAGE.match(text):
        return "navigation"
    if _TAGS.match(text) and 2 * sum(len(span.text) for span in draft.spans if span.link) > len(text):
        return "navigation"
    if any(word in text for word in _PLUG_WORDS) and (_NEWSLETTER.search(text[:120]) or _PLUG.search(text)):
        return "promotion"
    return ""


def _fold_feed_footer(drafts: Sequence[Draft]) -> None:
    """Fold the feed service's lines at the very end."""
    texts = [draft for draft in drafts if draft.spans][-_FOOTER_DEEP:]
    for i, draft in enumerate(texts):
        if _FEED.search(draft.text) and len(draft.text) < 300:
            for below in texts[i:]:
                if below is draft or _FEED.search(below.text) or _BARE_ADDRESS.fullmatch(below.text):
                    below.fold("feed-footer")


def _fold_related(drafts: Sequence[Draft], base: str, address: Callable[[int], str], total: int) -> None:
    """Fold lists of other stories: every item one link and nothing else, below a heading that says so or, standing
    within a longer text, to the same site."""
    site = _site(base)
    i = 0
    while i < len(drafts):
        start = i
        draft = drafts[i]
        if draft.kind == "paragraph" and _is_announced_link(draft):
            draft.fold("related")
        announced = draft.kind in _LEAFY and len(draft.spans[0].text) < 30 and bool(_RELATED.match(draft.text))
        if announced:
            i += 1
        run_start = i
        while i < len(drafts) and _is_link(drafts[i]) and (announced or drafts[i].kind == "list_item"):
            i += 1
        run = drafts[run_start:i]
        if run:
            size = sum(len(draft.text) for draft in run)
            inside = site and all(_site(address(_links(draft)[0])) == site for draft in run)
            if (announced or inside) and 3 * size < total:
                for draft in drafts[start:i]:
                    draft.fold("related")
        i = max(i, start + 1)


def _is_announced_link(draft: Draft) -> bool:
    """Whether a paragraph says "related:" and then is one link."""
    if not _links(draft) or len(draft.spans[0].text) > 30:
        return False
    said = "".join(span.text for span in draft.spans if not span.link).strip()
    return bool(_RELATED.match(said))


def _is_link(draft: Draft) -> bool:
    links = _links(draft)
    return bool(links) and len(set(links)) == 1 and all(span.link or not span.text.strip() for span in draft.spans)


def _links(draft: Draft) -> list[int]:
    return [span.link for span in draft.spans if span.link]


def _site(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return ".".join(host.split(".")[-2:])
