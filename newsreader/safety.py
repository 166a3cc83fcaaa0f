"""Untrusted text -> text that a terminal may be shown; which URLs may be opened; how wide a text is.

Decided only here: which code points reach a terminal, and how many cells each takes.

What `clean` lets through is text whose width is the sum of its characters' widths, the same in every terminal:
  - dropped: control characters (C0, DEL, C1), format characters (bidi controls, soft hyphens, tags, byte order marks,
    joiners but between letters of scripts that need them), variation selectors, skin tones, Hangul fillers. A joined
    emoji is two cells in some terminals and the sum of its parts in others (tmux, xterm, the Linux console); apart,
    the parts are the same in all;
  - a space: tabs, every kind of blank but U+3000, and line ends where they may not stand;
  - U+FFFD: what is unassigned (in the Unicode version of apsw), private or a lone surrogate;
  - kept: all else, with at most eight characters of no width on one base.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, Final

from newsreader.errors import UnsafeUrl

MARKS_PER_BASE: Final = 8
URL_LENGTH: Final = 8192
FILE_NAME_BYTES: Final = 255

# Assigned, printable, not combining, and measured alike alone and among each other: nearly every character of nearly
# every text. Only a short cut: what is not in it is looked up one by one.
_PLAIN_CLASS: Final = (
    " -~\u00a1-\u00ac\u00ae-\u02ff\u0391-\u03a1\u03a3-\u0482\u048a-\u052f\u1e00-\u1eff"  # Latin, Greek, Cyrillic
    "\u2010-\u2027\u2030-\u205e\u20a0-\u20c0\u2100-\u218b\u2190-\u2426\u2460-\u2b73"  # punctuation, symbols
    "\u3000-\u3029\u3030-\u303f\u3041-\u3096\u309b-\u30ff\u3105-\u312f\u3131-\u3163\u3190-\u31e5\u31f0-\u321e"
    "\u3220-\ua48c\uac00-\ud7a3\uf900-\ufa6d\ufa70-\ufad9\ufe30-\ufe52\uff01-\uff9d\uffe0-\uffe6\ufffd"  # East Asia
    "\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6c5\U0001f900-\U0001f9ff\U00020000-\U0002a6df"
)
_UNUSUAL: Final = f"[^\n{_PLAIN_CLASS}]+"  # compiled when it is needed, as are all below: start-up does without

# The commonest of these, by their cells: short texts of them are shown without either apsw.unicode or a regular
# expression, which would take longer to make ready than the first frame takes to paint.
# The first and the last of each range, ascending.
_ONE_CELL: Final = (
    " ~\u00a1\u00ac\u00ae\u02ff\u0391\u03a1\u03a3\u0482\u2010\u2027\u2030\u205e\u2190\u2319\u2460\u25fc\u2710\u2727"
)
_TWO_CELLS: Final = "\u3000\u3029\u3041\u3096\u309b\u30ff\u3250\ua48c\uac00\ud7a3\uff01\uff60"
SHORT: Final = 128
"""Characters of a text up to which it is looked at one by one."""

# Format characters by category, yet visible: Arabic and other number and verse signs.
_VISIBLE_FORMAT: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
# Vowel signs of Kirat Rai: letters by category, so that they have a cell of their own.
_NARROW: Final = _VISIBLE_FORMAT | frozenset("\U00016d63\U00016d67\U00016d68\U00016d69\U00016d6a")
_INVISIBLE: Final = frozenset(
    (
        *(0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),  # grapheme joiner, Hangul fillers, Khmer vowels
        *(*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),  # variation selectors
        *range(0x1F3FB, 0x1F400),  # skin tones
    )
)
# Between letters of these scripts a joiner or non-joiner makes another word (Persian, Hindi); elsewhere it is dropped.
_JOINED: Final = "\u0620-\u06ff\u0710-\u077f\u08a0-\u08ff\u0900-\u0dff"
_JOINERS_ELSEWHERE: Final = f"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])"
_CACHED: Final = 16384


# --- Text -----------------------------------------------------------------------------------------------------------


def clean(text: str, *, newlines: bool = False) -> str:
    """`text` as a terminal may be shown it, on one line; with `newlines` its line ends stay, each as one LF."""
    if is_everyday(text):
        return text
    if _plain(text) and (newlines or "\n" not in text):
        return text
    text = re.sub("\r\n|[\n\r\v\f\x85\u2028\u2029]", "\n" if newlines else " ", text)
    return re.sub(_UNUSUAL, _shown_run, text)


def clean_line(text: str) -> str:
    """`clean`, with runs of blanks made one space and none at either end."""
    return " ".join(clean(text).split())


def is_everyday(text: str) -> bool:
    """Whether a text is short and of everyday characters, each shown as it is and a grapheme by itself."""
    return len(text) <= SHORT and all(map(_everyday, text))


def _plain(text: str) -> bool:
    return _pattern_of_plain().fullmatch(text) is not None


@cache
def _pattern_of_plain() -> re.Pattern[str]:
    return re.compile(f"[\n{_PLAIN_CLASS}]*")


class _Shown(dict[int, str]):
    """What is shown of each code point, filled in as they are met. Bounded, as hostile text may hold them all."""

    def __missing__(self, point: int) -> str:
        shown = _show(point)
        if len(self) < _CACHED:
            self[point] = shown
        return shown


def _show(point: int) -> str:
    if _everyday(chr(point)):
        return chr(point)
    from apsw.unicode import category

    kind = category(point)
    if point in _INVISIBLE or kind == "Cc":
        return "" if point != 0x09 else " "
    if kind == "Cf":
        return chr(point) if chr(point) in _VISIBLE_FORMAT or point in (0x200C, 0x200D) else ""
    if kind in ("Cn", "Co", "Cs"):
        return "\ufffd"
    if kind[0] == "Z":
        return chr(point) if point in (0x1680, 0x3000) else " "
    return chr(point)


def _shown_run(run: re.Match[str]) -> str:
    shown = run[0].translate(_shown)
    if "\u200c" in shown or "\u200d" in shown:
        shown = re.sub(_JOINERS_ELSEWHERE, "", shown)
    if len(shown) <= MARKS_PER_BASE:
        return shown
    kept = []
    marks = 0
    for char in shown:
        marks = 0 if _width[char] else marks + 1
        if marks <= MARKS_PER_BASE:
            kept.append(char)
    return "".join(kept)


_shown = _Shown()


# --- Widths ---------------------------------------------------------------------------------------------------------


def cell_width(text: str, *, ambiguous_wide: bool = False) -> int:
    """The cells that cleaned text takes; equal to rich's, which crops by its own measure, but where a joiner stands
    between letters: rich takes what is joined for one, as of emoji, and terminals don't.

    `ambiguous_wide` is for terminals that give East Asian ambiguous characters (UAX #11) two cells.
    """
    if text.isascii():
        return len(text)
    if ambiguous_wide:
        return sum(map(_wide_width.__getitem__, text))
    if len(text) > SHORT and _plain(text) and "\n" not in text:
        from apsw.unicode import text_width

        return text_width(text)
    return sum(map(_width.__getitem__, text))


def cell_widths(text: str, *, ambiguous_wide: bool = False) -> list[int]:
    """The cells of each character of cleaned text, one number a character; their sum is `cell_width`."""
    return list(map((_wide_width if ambiguous_wide else _width).__getitem__, text))


@lru_cache(maxsize=4096)
def _everyday(char: str) -> int:
    """The cells of a character that is always shown as it is; 0 for one that has to be looked up."""
    for cells, ranges in ((2, _TWO_CELLS), (1, _ONE_CELL)):
        n = bisect_left(ranges, char)
        if n % 2 or ranges[n : n + 1] == char:
            return cells
    return 0


class _Width(dict[str, int]):
    """The cells of each character where ambiguous ones take one, filled in as they are met."""

    def __missing__(self, char: str) -> int:
        width = self.measure(char)
        if len(self) < _CACHED:
            self[char] = width
        return width

    def measure(self, char: str) -> int:
        if cells := _everyday(char):
            return cells
        from apsw.unicode import category, text_width

        if category(char)[0] == "M":
            return 0  # also spacing marks: terminals draw them over their base
        return 1 if char in _NARROW else max(text_width(char), 0)


class _WideWidth(_Width):
    """The cells of each character where ambiguous ones take two."""

    def measure(self, char: str) -> int:
        from unicodedata import east_asian_width

        width = _width[char]
        return 2 if width == 1 and east_asian_width(char) == "A" else width


_width = _Width()
_wide_width = _WideWidth()


# --- JSON and file names --------------------------------------------------------------------------------------------

# Format characters (general category Cf), DEL, C1, line separators and surrogates; json itself escapes C0.
_JSON_UNSAFE: Final = (
    "[\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def safe_json(obj: Any, *, indent: int | None = None) -> str:
    """`obj` as JSON that a terminal may be shown: C0, DEL, C1, format characters and surrogates are \\u escapes."""
    import json

    return re.sub(_JSON_UNSAFE, _json_escape, json.dumps(obj, ensure_ascii=False, indent=indent))


def _json_escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


_RESERVED: Final = r"(?i:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)"  # names of devices on Windows


def safe_filename(text: str, *, suffix: str = "") -> str:
    """A file's name made of `text`, of at most 255 bytes of UTF-8 with `suffix`; a name on Windows too, never empty."""
    room = FILE_NAME_BYTES - len(suffix.encode()) - 1
    name = re.sub(r'[/\\:*?"<>|]+', "_", clean_line(text)).lstrip(".-~ ")
    name = name.encode()[:room].decode(errors="ignore").rstrip(". ")
    return ("_" + name if not name or re.match(_RESERVED, name) else name) + suffix


# --- URLs -----------------------------------------------------------------------------------------------------------

_USERINFO: Final = (
    r"(?is)^(\s*(?:feed:)?(?:[a-z][a-z0-9+.-]*:)?[/\\]*)"
    # Also where a password holds what ends a host, so that the URL is none; what is a port is no password.
    r"(?:[^/?#\\]*@|[^/?#\\@:\[]*:(?![0-9]*(?:[/?#\\]|$)).*@)"
)
_WEB: Final = r"(?is)(https?)://([^/?#]*)([^#]*)(#.*)?"
_MAIL: Final = r"(?is)mailto:([a-z0-9._+=~-]+@[a-z0-9.-]+)(?:\?([^#]*))?(?:#.*)?"
_HOST: Final = r"(?:(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.|(?=:|$)))+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
_URL_UNSAFE: Final = r"[^A-Za-z0-9._~:/?#\[\]@!&()*+,;=%-]|%(?![0-9A-Fa-f]{2})"


def openable(url: str) -> str:
    """`url` as a browser may be given it: http, https or mailto, ASCII without blanks, quotes or `$`; else UnsafeUrl.

    What a URL may not hold is percent-encoded, a host in other scripts put into punycode, so that a look-alike shows.
    Control characters, user names and passwords, no host and more than 8 KiB are refused.
    """
    from apsw.unicode import category

    trimmed = url.strip(" \t\r\n")
    if len(trimmed) > URL_LENGTH:
        raise UnsafeUrl(url, "too long")
    if any(category(char) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") for char in trimmed if not " " <= char <= "~"):
        raise UnsafeUrl(url, "control characters")
    web, mail = re.fullmatch(_WEB, trimmed), re.fullmatch(_MAIL, trimmed)
    if web:
        safe = f"{web[1].lower()}://{_ascii_authority(url, web[2])}{_percent_encoded(web[3] + (web[4] or ''))}"
    elif mail:
        safe = f"mailto:{mail[1]}{_mail_fields((mail[2] or '').split('&'))}"
    else:
        raise UnsafeUrl(url, "scheme")
    if len(safe) > URL_LENGTH:
        raise UnsafeUrl(url, "too long")
    return safe


def without_user(url: str) -> str:
    """A URL as it may be shown and kept: without user name and password."""
    return re.sub(_USERINFO, r"\1", url)


def is_openable(url: str) -> bool:
    """Whether `openable` accepts the URL."""
    try:
        openable(url)
    except UnsafeUrl:
        return False
    return True


def ascii_host(host: str) -> str:
    """A host's name in lower case and ASCII, by IDNA 2008 as UTS #46 maps it (straße.de is not strasse.de); raises
    UnsafeUrl, whose `why` is "host"."""
    if host.isascii():
        return host.lower()
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError:
        raise UnsafeUrl(host, "host") from None


def _ascii_authority(url: str, authority: str) -> str:
    host, colon, port = authority.partition(":") if not authority.isascii() else (authority, "", "")
    try:
        name = ascii_host(host) + colon + port if len(host) <= 255 else ""
    except UnsafeUrl:
        name = ""
    if not re.fullmatch(_HOST, name):
        raise UnsafeUrl(url, "host")
    return name


def _mail_fields(fields: Iterable[str]) -> str:
    """Only what a link may sensibly fill in: an `attach` field would send the reader's own files."""
    kept = [_percent_encoded(field) for field in fields if field.lower().startswith(("subject=", "body="))]
    return "?" + "&".join(kept) if kept else ""


def _percent_encoded(text: str) -> str:
    return re.sub(_URL_UNSAFE, lambda char: "".join(f"%{byte:02X}" for byte in char[0].encode()), text)
