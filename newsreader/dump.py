"""One dump: bytes <-> its title, URL, time and body.

    <!--1739420223000-->      milliseconds since the epoch, UTC; may be missing
    [title](url)              the title as it came: it may hold line ends, brackets, `](`
    ------
    日期：Fri, 12 Jun 2020 02:07:26 +0000      only in dumps without the first line

    <p>the body, HTML</p>
    <!--guid: tag:harbour.example,2026:17-->  what the feed named it by; only in dumps that were fetched from one

Decided only here: what is header and what is body, and the normal form that is written. Decoding never raises and never
loses text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from urllib.parse import quote, unquote

from newsreader.charset import to_text
from newsreader.dates import EPOCH, parse_date
from newsreader.errors import Warning
from newsreader.identity import story_key

# Milliseconds that a clock may really have shown: from 1973 (less is a count of seconds) up to 2100.
_EARLIEST: Final = 100_000_000_000
_LATEST: Final = 4_102_444_800_000

_opening = re.compile(r"[ \t\r\n\ufeff]*(?:<!--([^\r\n]{0,99}?)-->[ \t]*[\r\n][ \t\r\n]*)?\[")
_rule = re.compile(r"\)[ \t]*(?:\r\n|[\r\n])-{3,}[ \t]*(?:\r\n|[\r\n]|$)")
_date_line = re.compile(r"日期[：:]([^\r\n]*)")


@dataclass(frozen=True, slots=True)
class Dump:
    """One dump as decoded: `title` and `url` as they stand in the file, `time_ms` in milliseconds since the epoch or
    None, `body` HTML. `warnings` say what was odd, and are no part of what a dump is."""

    title: str
    url: str
    time_ms: int | None
    body: str
    warnings: tuple[Warning, ...] = field(default=(), compare=False)


def decode(data: bytes) -> Dump:
    """The dump that `data` holds, in any encoding, in linear time. Without a header all of it is the body.

    Warnings: "no-header", "time" (detail: the time that cannot be), "encoding" and "undecodable" as in `charset`.
    """
    text, warnings = _text(data)
    header = _header(text)
    if header is None:
        return Dump("", "", None, text.strip("\r\n"), (*warnings, Warning("no-header")))
    opening, middle, rule = header
    body_start = rule.end()
    stamp: str | None = opening[1]
    time_ms = None if stamp is None else _from_stamp(stamp)
    if stamp is None and (line := _date_line.match(text, body_start)):
        stamp, time_ms = line[1], _from_date(line[1])
        body_start = line.end() if time_ms is not None else body_start
    if stamp is not None and time_ms is None:
        warnings = (*warnings, Warning("time", stamp.strip()[:99]))
    return Dump(
        title=text[opening.end() : middle],
        url=text[middle + 2 : rule.start()].strip(),
        time_ms=time_ms,
        body=text[body_start:].strip("\r\n"),
        warnings=warnings,
    )


def looks_like_dump(data: bytes) -> bool:
    """Whether `data`, a whole file or its beginning up to the rule, has a dump's header."""
    codec = _unmarked_utf16(data) or ("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1")
    # The header's own signs are ASCII, which all the other encodings share.
    text = data.removeprefix(b"\xef\xbb\xbf").decode(codec, "replace")
    return _header(text) is not None


def encode(dump: Dump) -> bytes:
    """The bytes of the dump's normal form, in UTF-8."""
    dump = normalise(dump)
    stamp = "" if dump.time_ms is None else f"<!--{dump.time_ms}-->\n"
    body = dump.body + "\n" if dump.body else ""
    return f"{stamp}[{dump.title}]({dump.url})\n------\n\n{body}".encode()


def normalise(dump: Dump) -> Dump:
    """The dump's normal form: title one trimmed line, URL without blanks, controls or parentheses, time possible or
    None, body without outer line ends, no surrogates."""
    time_ms = dump.time_ms
    lines = (line.strip() for line in _without_surrogates(dump.title).splitlines())
    return replace(
        dump,
        title=" ".join(line for line in lines if line),
        url=_without_surrogates(dump.url).strip().translate(_URL_UNFIT),
        time_ms=time_ms if time_ms is not None and _EARLIEST <= time_ms < _LATEST else None,
        body=_without_surrogates(dump.body).strip("\r\n"),
    )


# --- what a feed named it by -----------------------------------------------------------------------------------------

_trailer = re.compile(r"<!--(guid|story): ([!-~]{1,2000})-->(?:<!--full text-->)?\s*\Z")
_FULL_TEXT: Final = "<!--full text-->"
_GUID_LONG: Final = 2000
_TRAILER_LONG: Final = 2100


def trailer(guid: str, *, own: bool = False, full_text: bool = False) -> str:
    """The comment that ends a fetched body: the feed's name of the story; `own`: that name alone says which story it
    is, for other stories have the same address. `full_text`: the body is the page's, no longer the feed's."""
    from hashlib import sha256

    spelled = quote(guid, safe=":/?#[]@!$'()*+,;=.~", errors="replace").replace("--", "-%2D")
    if len(spelled) > _GUID_LONG:
        spelled = "sha256:" + sha256(guid.encode("utf-8", "replace")).hexdigest()
    return f"<!--{'story' if own else 'guid'}: {spelled}-->{_FULL_TEXT if full_text else ''}"


def guid_of(body: str) -> tuple[str, bool]:
    """What a feed named the story of a body by, "" if none did, and whether that alone says which story it is."""
    found = _trailer.search(body, max(len(body) - _TRAILER_LONG, 0)) if "-->" in body[-40:] else None
    return (unquote(found[2]), found[1] == "story") if found else ("", False)


def is_full_text(body: str) -> bool:
    """Whether a body was taken from the story's page, not from its feed."""
    return body.rstrip().endswith(_FULL_TEXT)


_FORMER: Final = "<!--former: "


def former_trailer(key: str, origin: str) -> str:
    """The comment that ends the body of a text which its archive holds no longer: the key of its story, and the path of
    the dump that it stood in."""
    spelled = (quote(text, safe=":/?#[]@!$'()*+,;=.~", errors="replace") for text in (key, origin))
    return f"{_FORMER}{' '.join(spelled).replace('--', '-%2D')}-->"


def former_key(body: str) -> str:
    """The key of the story of a former text, "" of any other body."""
    body = body.rstrip()
    begin = body.rfind(_FORMER) if body.endswith("-->") else -1
    words = body[begin + len(_FORMER) : -3].split(" ") if begin >= 0 else []
    return unquote(words[0]) if len(words) == 2 and "-->" not in body[begin:-3] else ""


def key_of(dump: Dump, *, guid: str = "") -> str:
    """The key of the story that a dump holds; `guid`: what a feed named it by, if the body does not say it."""
    if key := former_key(dump.body):
        return key
    named, own = guid_of(dump.body)
    return story_key("" if own else dump.url, guid=named or guid, content=dump.title + "\n" + dump.body)


# --- the normal form -------------------------------------------------------------------------------------------------

# Blanks, controls and parentheses stand in a URL as escapes; line ends are no part of one (WHATWG URL).
_BLANKS: Final = (*range(0x2000, 0x200B), 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
_URL_UNFIT: Final = {
    **{
        point: "".join(f"%{byte:02X}" for byte in chr(point).encode())
        for point in (*range(0x21), 0x28, 0x29, *range(0x7F, 0xA1), *_BLANKS)
    },
    **dict.fromkeys(b"\t\r\n", ""),
}
_surrogate = re.compile("[\ud800-\udfff]")


def _without_surrogates(text: str) -> str:
    return _surrogate.sub("\ufffd", text)


def _header(text: str) -> tuple[re.Match[str], int, re.Match[str]] | None:
    """Where the header lies: its opening up to `[`, the place of the last `](`, and `)` with the rule."""
    opening = _opening.match(text)
    rule = _rule.search(text, opening.end()) if opening else None
    if opening is None or rule is None:
        return None
    middle = text.rfind("](", opening.end(), rule.start())
    return None if middle < 0 else (opening, middle, rule)


def _from_stamp(stamp: str) -> int | None:
    digits = stamp.strip()
    if not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits) if _EARLIEST <= int(digits) < _LATEST else None


def _from_date(text: str) -> int | None:
    parsed = parse_date(text)
    if parsed is None:
        return None
    time_ms = (parsed[0] - EPOCH) // timedelta(milliseconds=1)
    return time_ms if _EARLIEST <= time_ms < _LATEST else None


def _text(data: bytes) -> tuple[str, tuple[Warning, ...]]:
    codec = _unmarked_utf16(data)
    if codec is None:
        return to_text(data)
    return data.decode(codec, "backslashreplace"), (Warning("encoding", codec),)


def _unmarked_utf16(data: bytes) -> str | None:
    """The codec of UTF-16 without a byte order mark, known by the rule under the title."""
    if data[:1] in (b"<", b"[") and data[1:2] == b"\0":
        codec = "utf-16-le"
    elif data[:2] in (b"\0<", b"\0["):
        codec = "utf-16-be"
    else:
        return None
    return codec if "\n---".encode(codec) in data and b"\n---" not in data else None
