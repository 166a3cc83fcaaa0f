"""Pictures and other media: where the original is, what is no picture at all, and which text belongs to which picture.

Decided only here: when two addresses are the same picture, and which pictures are words of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from itertools import pairwise

from newsreader.parse.drafts import Draft, Figure, Picture
from newsreader.parse.formulas import tex_of
from newsreader.parse.links import best_candidate, original, resolve
from newsreader.parse.soup import Element
from newsreader.pictures import is_embedded

# Where scripts that load pictures late find the address, before where browsers do: the browser ends up with theirs.
_LATE = ("data-lazy-src", "data-original", "data-src", "data-actualsrc", "data-hi-res-src", "data-url")
_LATE_SETS = ("data-srcset", "data-lazy-srcset")
# A picture that only holds the place of the one a script would load, and pictures of an interface, by their file names.
_STAND_IN = re.compile(
    r"(?:^|[/_.-])(?:blank|spacer|pixel|transparent|lazyload|loading|loader|spin(?:ner)?|1x1(?:[-_]\w+)?|(?:gr[ae]y[-_])?placeholder)(?:[-_]?\d+(?:x\d+)?)?"
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
_HOST = re.compile(r"https?://(?:[^/@]*@)?[^/.]+\.[^/]", re.IGNORECASE)

# The parts of an address that only ask for a size of the same picture: ?w=600, name-300x251.jpg, /w:310/p:16x9/ (RFI),
# /news/640/ (BBC), _w268_h151.png (VOA).
_SIZE = re.compile(
    r"(?<=[?&])(?:w|h|width|height|q|quality|fit|resize|crop|dpr|auto|format)=[^&]*&?|-\d{2,4}x\d{2,4}(?=\.\w+$)"
    r"|/w:\d+(?:/h:\d+)?(?:/p:[\dx]+)?(?=/)|(?<=/news)/\d{2,4}(?=/)|_w\d{2,4}(?:_h\d{2,4})?(?=\.\w+$)"
)
_CSS_SIZE = re.compile(r"(?:^|;)\s*(?:width|height)\s*:\s*([0-9]{0,4}\.?[0-9]{1,4})(px|r?em|ex)", re.IGNORECASE)
_FORMULA_CLASS = re.compile(
    r"(?:^|[\s_-])(?:latex|tex|math|formula|equation|mwe-math[\w-]*)(?:$|[\s_-])", re.IGNORECASE
)
_FORMULA_ADDRESS = re.compile(r"latex\.php|latex\.codecogs\.com|/math/render/|/cgi-bin/mathtex|/mimetex", re.IGNORECASE)
_WORD_LONG = 300
# What is shorter than this only holds the place of another picture, but for what has a name and draws something; what
# is longer is not kept.
_DATA_SHORT, _DATA_LONG = 200, 1_048_576
_DRAWS = re.compile(
    r"data:image/(?:(?:png|jpe?g|webp|avif)\b|svg\+xml.*(?:<|%3C)(?:circle|ellipse|image|line|path|poly|rect|text|use))",
    re.IGNORECASE | re.DOTALL,
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
    if is_small(image):
        return None
    if _FILE_NAME.fullmatch(alt) or not any(char.isalnum() for char in alt):
        alt = ""
    if is_embedded(address):
        return Picture(address if len(address) <= _DATA_LONG else "", alt, address[:1000] + str(len(address)))
    url = original(resolve(address, base))
    if alt and not _HOST.match(url) and address == image.get("src") and "src" in image.attributes:
        return Picture("", alt, f"broken {alt}")  # a browser shows its name
    if not _HOST.match(url) or _ICON.search(url) or _STAND_IN.search(url):
        return None
    key = _SIZE.sub("", url.partition("#")[0].partition("://")[2]).rstrip("?&")
    asked = _SIZE.search(url)
    return Picture(url, alt, key, max(map(int, _DIGITS.findall(asked[0])), default=0) if asked else 0)


def is_missing(image: Element, base: str) -> bool:
    """Whether an <img> that shows nothing was meant to: its address is empty or cut off."""
    return not _HOST.match(resolve(source_address(image), base)) and not is_small(image)


def source_address(image: Element) -> str:
    """The address that an <img> or <source> names, one that only holds a place left out, "" if it names none."""
    late = [image.get(name) for name in _LATE]
    late += [best_candidate(image.get(name)) for name in _LATE_SETS]
    for address in (*late, image.get("src"), best_candidate(image.get("srcset"))):
        if address and address[:5].lower() != "data:" and not _STAND_IN.search(address):
            return address
    held = (address for address in (*late, image.get("src")) if is_embedded(address))
    return next((address for address in held if len(address) > _DATA_SHORT or _is_named(image, address)), "")


def _is_named(image: Element, address: str) -> bool:
    """Whether what is this short is more than the place of another picture."""
    alt = (image.get("alt") or image.get("aria-label")).strip()
    return bool(alt) and not _FILE_NAME.fullmatch(alt) and _DRAWS.match(address) is not None


def is_small(image: Element) -> bool:
    """Whether an <img> is of a line's height or less, by its attributes or style."""
    sizes: list[float | None] = [_size(image.get("width")), _size(image.get("height"))]
    sizes += [float(n) * (1 if unit.lower() == "px" else 16) for n, unit in _CSS_SIZE.findall(image.get("style")[:500])]
    return any(size is not None and size <= _SMALL for size in sizes)


def _size(text: str) -> int | None:
    digits = text.strip().removesuffix("px")
    return int(digits) if digits.isdecimal() and len(digits) < 6 else None


def word_of(image: Element) -> str:
    """The text of an <img> that stands in a sentence for a character, a smiley, a flag, a formula or an icon; "" if it
    is a picture, or nothing."""
    alt = image.get("alt") or image.get("title")
    if not alt or (image.get("aria-hidden") == "true" and not _FORMULA_CLASS.search(image.get("class")[:500])):
        return ""
    source = image.get("src")[:500]
    if _FORMULA_CLASS.search(image.get("class")[:500]) or _FORMULA_ADDRESS.search(source):
        return tex_of(alt)[:_WORD_LONG]
    if _EMOJI_CLASS.search(image.get("class")[:500]) or _EMOJI_ADDRESS.search(source):
        return alt.strip() if len(alt.strip()) <= 20 else ""
    alt = " ".join(alt.split())
    is_icon = is_small(image) or _ICON.search(source)
    return "" if not is_icon or _FILE_NAME.fullmatch(alt) or _LINE_ALT.search(alt) else alt[:_WORD_LONG]


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
