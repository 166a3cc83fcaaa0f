"""Bytes of an unknown encoding -> text.

Decided only here: the order in which a byte order mark, UTF-8, a declaration and a guess are believed. Nothing raises,
nothing is dropped: a byte that the encoding does not know stands in the text as \\xNN.
"""

from __future__ import annotations

import re
from typing import Final

from newsreader.errors import Warning

_HEAD: Final = 4096  # bytes in which an encoding is declared
_SAMPLE: Final = 65536  # bytes that a guess looks at
_SURE: Final = 0.9  # of chardet's confidence: what is damaged it doubts, and Latin text

_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_declared = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([a-z0-9_:.-]{2,40})"
    rb"|<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([a-z0-9_:.-]{2,40})",
    re.IGNORECASE,
)
# The labels that pages declare, and the codec that reads what they really hold (WHATWG Encoding).
_LABELS: Final = {
    **dict.fromkeys(("gb2312", "gb_2312", "gbk", "gb18030", "x-gbk", "gb_2312-80", "hz-gb-2312"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5", "cn-big5", "csbig5"), "big5hkscs"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-jp", "x-euc-jp"), "euc_jp"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987", "windows-949", "cp949", "korean"), "cp949"),
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252"), "cp1252"),
    **{f"windows-{n}": f"cp{n}" for n in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)},
    **{f"iso-8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{label: label for label in ("koi8-r", "koi8-u", "tis-620", "johab", "iso-2022-jp", "iso-2022-kr")},
    **{"ibm855": "cp855", "ibm866": "cp866", "maccyrillic": "mac-cyrillic", "macroman": "mac-roman"},
}


def to_text(data: bytes) -> tuple[str, tuple[Warning, ...]]:
    """The text that `data` holds, without its byte order mark, in linear time.

    Warnings: "encoding" where it was declared or guessed (detail: the codec), "undecodable" where bytes were kept as
    \\xNN (detail: in how many places).
    """
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return _decoded(data[len(bom) :], codec)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    if _is_damaged_utf8(data):
        return _decoded(data, "utf-8")
    known = _guessed_codec(data, _declared_codec(data))
    if known is None:
        return _decoded(data, "utf-8")
    if known == "big5hkscs" and not _bad_places(data, "cp950"):
        known = "cp950"  # the two differ in a few points; Hong Kong's is only needed for its own characters
    text, warnings = _decoded(data, known)
    return text, (Warning("encoding", known), *warnings)


def _decoded(data: bytes, codec: str) -> tuple[str, tuple[Warning, ...]]:
    try:
        return data.decode(codec), ()
    except UnicodeDecodeError:
        return data.decode(codec, "backslashreplace"), (Warning("undecodable", str(_bad_places(data, codec))),)


def _bad_places(data: bytes, codec: str) -> int:
    own = 0 if codec != "utf-8" else data.count(b"\xef\xbf\xbd")
    return data.decode(codec, "replace").count("\ufffd") - own


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether what is not ASCII is mostly whole UTF-8 sequences, in other encodings rare, above all the longer ones."""
    sample = _sample(data)
    whole = re.findall("[^\0-\x7f\ufffd]", sample.decode("utf-8", "replace"))
    return sum(3 if char > "\u07ff" else 1 for char in whole) > 2 * _bad_places(sample, "utf-8")


def _sample(data: bytes) -> bytes:
    """From the last ASCII byte before the first that is none."""
    first = re.search(rb"[\x80-\xff]", data)
    start = max(first.start() - 1, 0) if first else 0
    return data[start : start + _SAMPLE]


def _declared_codec(data: bytes) -> str | None:
    declared = _declared.search(data, 0, _HEAD)
    if declared is None:
        return None
    return _LABELS.get((declared[1] or declared[2]).decode("ascii").lower())


def _guessed_codec(data: bytes, declared: str | None) -> str | None:
    """The declared codec, if the bytes bear it out, else the likeliest by chardet that Python knows, even where some
    bytes are damaged."""
    if declared and not _bad_places(data, declared):
        return declared
    import chardet

    sample = _sample(data)
    guess = chardet.detect(sample)
    guesses = [guess] if guess["confidence"] > _SURE else [guess, *chardet.detect_all(sample, ignore_threshold=True)]
    likely = [
        (-guess["confidence"], _bad_places(sample, codec), codec)
        for guess in guesses
        if (codec := _LABELS.get(str(guess["encoding"]).lower()))
    ]
    return min(likely)[2] if likely else declared
