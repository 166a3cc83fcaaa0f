"""What an element says about itself by its tag, class, id, style and ARIA attributes.

Decided only here: which of the words that sites use means which role, and what of a page is hidden. Whether the role is
believed in its place is `blocks`' to decide, which knows the surroundings and how much text there is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, TypeAlias

from newsreader.parse.soup import BLOCKS, Element

Role: TypeAlias = Literal[
    "", "figure", "caption", "credit", "copyright", "attribution", "lead", "topic", "label", "byline",
    "hidden", "line-number", "advert", "share", "promotion", "related", "navigation", "boilerplate",
]  # fmt: skip

# Looked up in this order: the first role that one of the element's words names is its role.
_NAMED: tuple[tuple[Role, str], ...] = (
    ("hidden", "offscreen visuallyhidden sronly screenreadertext screenreader accessibilityhidden skiplink jumplink"),
    ("line-number", "lineno linenos linenodiv linenumber linenumbers gutter ln lnt blobnum hljslnnumbers hljslnn"),
    ("advert", "ad ads advert adverts advertisement advertisements advertising adsbygoogle adslot mpu bbccom teads"),
    ("advert", "dfp gpt sponsor sponsored outbrain taboola"),
    ("share", "share sharing sharebar sharetools sharebuttons sharethis addtoany addthis a2a jiathis"),
    ("promotion", "promo promotion selfpromo newsletter subscribe subscription signup paywall donate"),
    ("related", "related recommended recommendation recommendations recirc recirculation readmore"),
    ("navigation", "nav navigation breadcrumb breadcrumbs pagination pager toolbar"),
    ("boilerplate", "trustbadge disclaimer warning"),
    ("credit", "credit credits photographer photocredit imagecredit"),
    ("copyright", "copyright"),
    ("attribution", "attribution"),
    ("caption", "caption captions captioned imagecaption figcaption legend cutline"),
    ("byline", "byline author authors"),
    ("figure", "figure image img pic picture photo media thumbnail illustration"),
    ("lead", "lead lede chapo standfirst introduction intro teaser dek"),
)
_WORDS: tuple[tuple[Role, frozenset[str]], ...] = tuple((role, frozenset(words.split())) for role, words in _NAMED)
# Pairs of words that mean something together which neither means alone.
_JOINED = re.compile(
    r"off[-_]?screen|visually[-_]?hidden|sr[-_]only|screen[-_]reader(?:[-_]text)?|skip[-_]link|jump[-_]link"
    r"|blob-num|hljs-ln-(?:numbers|n)|line-?numbers?|trust[-_]?badge|read[-_]more|self[-_]promo|hidden[-_]?text",
    re.IGNORECASE,
)
_PIECE = re.compile(r"[A-Za-z0-9]+")
_CAMEL = re.compile(r"^[a-z]{4,}|[A-Z][a-z]{3,}")
# What a page does not show: by its style in any spelling, or by what style sheets everywhere mean by a class.
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_HIDES = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)"
    r"|font-size\s*:\s*0*\.?0+\s*(?:[a-z%]|[;!]|$)|(?:text-indent|left|top)\s*:\s*-\d{3,}|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]+[01])",
    re.IGNORECASE,
)
_HIDING_CLASS = re.compile(r"(?:^|\s)(?:hidden|d-none)(?:\s|$)")
# What tells a role besides class and id.
_RARE = (
    *("data-type", "data-e2e", "data-testid", "data-component", "aria-labelledby"),
    *("role", "aria-hidden", "hidden", "style", "open"),
)
# No class attribute that anybody wrote is longer.
_LONG = 500
_BY_TAG: Mapping[str, Role] = {
    "figure": "figure", "picture": "figure", "figcaption": "caption", "nav": "navigation",
    **dict.fromkeys(["button", "select", "textarea", "datalist", "canvas", "noembed", "noframes"], "hidden"),
}  # fmt: skip


def role_of(element: Element) -> Role:
    """The role that the element claims, "" if it claims none."""
    if not element.attributes:
        return "hidden" if element.tag == "dialog" else _BY_TAG.get(element.tag, "")
    attributes = element.attributes
    rare = tuple([(name, attributes[name][:_LONG]) for name in _RARE if name in attributes])
    return _role(element.tag, attributes.get("class", "")[:_LONG], attributes.get("id", "")[:_LONG], rare)


@lru_cache(maxsize=4096)
def _role(tag: str, classes: str, name: str, rare: tuple[tuple[str, str], ...]) -> Role:
    others = dict(rare)
    if others.get("data-type") == "AUTO_TOPIC":
        return "topic"
    if (
        "hidden" in others
        or (tag == "dialog" and "open" not in others)
        or _HIDES.search(_COMMENT.sub("", others.get("style", "")))
        or _HIDING_CLASS.search(classes)
    ):
        return "hidden"
    if tag in _BY_TAG:
        return _BY_TAG[tag]
    naming = (classes, name, *(value for attribute, value in rare if attribute.startswith(("data-", "aria-l"))))
    words = _words(" ".join(naming))
    if "placeholder" in words and "caption" in words:
        return "label"  # "your device cannot play this", where a player would stand
    for role, known in _WORDS:
        if not words.isdisjoint(known):
            return role
    aria = others.get("role", "")
    if aria == "navigation":
        return "navigation"
    if aria == "text":
        return "credit"  # BBC: <p role="text"> below a picture
    if tag in BLOCKS and others.get("aria-hidden") == "true":
        return "advert"
    return ""


def _words(names: str) -> frozenset[str]:
    """The words of class names; of camel case only long parts, because machine-made names (bCwWpe) have short ones."""
    words = set()
    for piece in _PIECE.findall(names):
        words.add(piece.lower())
        words.update(part.lower() for part in _CAMEL.findall(piece))
    words.update(re.sub(r"[-_]", "", joined).lower() for joined in _JOINED.findall(names))
    return frozenset(words)
