"""Pictures and other media: where the original is, what is no picture at all, and which text belongs to which picture.

Owns: choosing an <img>'s address, telling figures from icons and emoji, joining captions and credits to pictures.
Decided only here: when two addresses are the same picture. Never: fetching anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from itertools import pairwise

from newsreader.parse.drafts import Draft, Figure, Picture
from newsreader.parse.links import best_candidate, original, resolve
from newsreader.parse.soup import Element

_ADDRESSES = ("src", "data-src", "data-original", "data-lazy-src", "data-url", "data-actualsrc", "data-hi-res-src")
_SRCSETS = ("srcset", "data-srcset", "data-lazy-srcset")
# A picture that only holds the place of the one a script would load, and pictures of an interface, by their file names.
_STAND_IN = re.compile(
    r"(?:^|[/_.-])(?:blank|spacer|pixel|transparent|lazyload|loading|1x1|(?:gr[ae]y[-_])?placeholder)(?:[-_]?\d+(?:x\d+)?)?"
    r"\.(?:gif|png|svg|jpe?g|webp)(?:\?|$)",
    re.IGNORECASE,
)
_ICON = re.compile(
    r"(?:^|[/_-])(?:icons?|bullet|btn|sprite|gr[ae]y[-_]?line)(?:[-_][\w-]*)?\.(?:gif|png|svg)(?:\?|$)", re.IGNORECASE
)
_LINE_ALT = re.compile(r"(?:short )?presentational|^(?:grey|gray) line$|^line$", re.IGNORECASE)
_EMOJI_CLASS = re.compile(r"(?:^|[\s_-])(?:smiley|emoji|emoticon|emotion|img_face|face)(?:$|[\s_-])", re.IGNORECASE)
_EMOJI_ADDRESS = re.compile(r"/(?:emoji|emoticons?|smilies|twemoji)/", re.IGNORECASE)
_FILE_NAME = re.compile(r"[^\s/]+\.(?:jpe?g|png|gif|webp|bmp|tiff?)", re.IGNORECASE)
_PICTURE_ADDRESS = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp|avif)(?:/image[^/]*)?/?(?:\?.*)?$", re.IGNORECASE)
_HOST = re.compile(r"https?://(?:[^/@]*@)?[^/.]+\.[^/]", re.IGNORECASE)

# The parts of an address that only ask for a size of the same picture: ?w=600, name-300x251.jpg, /w:310/p:16x9/ (RFI),
# /news/640/ (BBC), _w268_h151.png (VOA).
_SIZE = re.compile(
    r"(?<=[?&])(?:w|h|width|height|q|quality|fit|resize|crop|dpr|auto|format)=[^&]*&?|-\d{2,4}x\d{2,4}(?=\.\w+$)"
    r"|/w:\d+(?:/h:\d+)?(?:/p:[\dx]+)?(?=/)|(?<=/news)/\d{2,4}(?=/)|_w\d{2,4}(?:_h\d{2,4})?(?=\.\w+$)"
)
_DIGITS = re.compile(r"[0-9]{1,5}")
_SMALL = 32
_VIDEO_HOST = re.compile(
    r"//(?:[\w-]+\.)*(?:youtube(?:-nocookie)?\.com|youtu\.be|vimeo\.com|dailymotion\.com|bilibili\.com)/"
)
_VIDEO_WORD = re.compile(r"[/=.](?:video|mp4|m3u8|player)", re.IGNORECASE)
_AUDIO_WORD = re.compile(r"soundcloud\.com|[/=.](?:audio|mp3|m4a|podcast)", re.IGNORECASE)


def picture_of(image: Element, base: str) -> Picture | None:
    """The picture that an <img> shows, None if it is an icon, a spacer, or nowhere to be found."""
    get = image.get
    alt = " ".join((get("alt") or get("aria-label") or get("title")).split())
    if _LINE_ALT.search(alt):
        return None
    address = source_address(image)
    width, height = _size(get("width")), _size(get("height"))
    if (width is not None and width <= _SMALL) or (height is not None and height <= _SMALL):
        return None
    url = original(resolve(address, base))
    if not _HOST.match(url) or _ICON.search(url) or _STAND_IN.search(url):
        return None
    if _FILE_NAME.fullmatch(alt) or not any(char.isalnum() for char in alt):
        alt = ""
    key = _SIZE.sub("", url.partition("#")[0].partition("://")[2]).rstrip("?&")
    asked = _SIZE.search(url)
    return Picture(url, alt, key, max(map(int, _DIGITS.findall(asked[0])), default=0) if asked else 0)


def is_missing(image: Element, base: str) -> bool:
    """Whether an <img> that shows nothing was meant to: its address is empty or cut off."""
    return not _HOST.match(resolve(source_address(image), base)) and not emoji_of(image)


def source_address(image: Element) -> str:
    """The address that an <img> or <source> names, stand-ins and data: left out, "" if it names none."""
    candidates = [value for name in _ADDRESSES if (value := image.get(name))]
    real = [value for value in candidates if not value.startswith("data:") and not _STAND_IN.search(value)]
    if real:
        return real[0]
    return next((best for name in _SRCSETS if (best := best_candidate(image.get(name)))), "")


def _size(text: str) -> int | None:
    digits = text.strip().removesuffix("px")
    return int(digits) if digits.isdecimal() and len(digits) < 6 else None


def emoji_of(image: Element) -> str:
    """The text of an <img> that stands for a character or a smiley, "" if it is a picture."""
    if not (_EMOJI_CLASS.search(image.get("class")) or _EMOJI_ADDRESS.search(image.get("src")[:500])):
        return ""
    alt = (image.get("alt") or image.get("title")).strip()
    return alt if len(alt) <= 20 else ""


def is_picture_address(url: str) -> bool:
    """Whether an address names an image file, as the link around a thumbnail does."""
    return bool(_PICTURE_ADDRESS.search(url))


def images_in(element: Element) -> Iterator[Element]:
    """The <img> elements below `element`."""
    waiting = [element]
    while waiting:
        for child in waiting.pop().children:
            if isinstance(child, Element):
                if child.tag == "img":
                    yield child
                waiting.append(child)


def poster_of(medium: Element, base: str) -> Picture | None:
    """The still picture of a <video>."""
    if not (poster := medium.get("poster")):
        return None
    return picture_of(Element("img", {"src": poster}), base)


def medium_address(medium: Element, base: str) -> str:
    """Where a <video>, <audio>, <iframe>, <embed> or <object> leads, "" if nowhere."""
    get = medium.get
    for address in (get("src"), get("data-src"), get("data"), get("data-url")):
        if url := resolve(address, base):
            return url
    sources = (child for child in medium.children if isinstance(child, Element) and child.tag in ("source", "embed"))
    return next((url for source in sources if (url := resolve(source.get("src"), base))), "")


def frame_kind(url: str) -> str:
    """What a frame shows, as far as its address tells: "video", "audio" or "frame"."""
    if _VIDEO_HOST.search(url):
        return "video"
    if _AUDIO_WORD.search(url):
        return "audio"
    return "video" if _VIDEO_WORD.search(url) else "frame"


# "Figure 2: …" above a picture, "Source: …" below one.
_NUMBERED = re.compile(r"(?:图|圖|表|Figure|Chart)\s*[0-9一二三四五六七八九十]*\s*[:：]")
_SOURCE = re.compile(r"(?:资料|資料|数据|數據|图片|圖片)?(?:来源|來源)\s*[:：]|Source:")
_LABEL_LONG = 120


# --- which text belongs to which picture ------------------------------------------------------------------------------


def attach(drafts: Sequence[Draft], pictures: Sequence[Picture], titles: MutableMapping[int, str]) -> None:
    """Make captions of the small print below pictures, fold what repeats a caption, number captions and credits.

    `titles` are those of links by their numbers: the caption of a medium becomes the title of its link.
    """
    for draft, below in pairwise(drafts):
        labelled = draft.kind == "paragraph" and len(draft.text) <= _LABEL_LONG and _NUMBERED.match(draft.text)
        if labelled and below.kind == "image":
            draft.kind, draft.figure = "caption", Figure(below.n)
    captions: dict[int, str] = {}
    before: Draft | None = None  # the picture or medium that the next text may belong to
    for draft in drafts:
        if draft.kind in ("image", "media"):
            before = draft
            continue
        picture = None
        if before is not None:
            still = before.figure.pictures if before.kind == "media" and before.figure else []
            picture = before.n if before.kind == "image" else next(iter(still), None)
        if draft.kind == "paragraph" and before is not None:
            _claim(draft, pictures[picture - 1].alt if picture else "", captions.get(picture or 0, ""))
        if draft.kind in ("caption", "credit"):
            own = draft.figure.pictures if draft.figure is not None else []
            draft.n = picture if picture in own or draft.figure is None else own[0] if own else None
        if draft.kind == "caption":
            if draft.n and captions.get(draft.n) == draft.text:
                draft.fold("repeated-caption")
            elif draft.n:
                captions.setdefault(draft.n, draft.text)
            if before is not None and before.kind == "media" and before.n:
                titles.setdefault(before.n, draft.text)
        elif draft.kind not in ("furniture", "credit"):
            before = None


def _claim(draft: Draft, alt: str, caption: str) -> None:
    """Make a paragraph right below a picture its caption or credit, if it is small print, repeats, or says so."""
    text = draft.text
    if all("small" in span.style for span in draft.spans) or (len(alt) > 3 and text == alt):
        draft.kind, draft.raw = "caption", ""
    elif text == caption:
        draft.fold("repeated-caption")
    elif len(text) <= _LABEL_LONG and _SOURCE.match(text):
        draft.kind, draft.raw = "credit", ""
