"""The bytes of a feed or an OPML list -> its text, where what they declare is often not what they are.

Decided only here: what is believed about an encoding. A mark, or the zeros of UTF-16 and UTF-32; bytes that are valid
UTF-8 are UTF-8 whatever is declared; then the declaration of the document, then that of the server, each if the bytes
bear it out; then a guess.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from newsreader.charset import to_text

_declaration = re.compile(rb"^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9_:.-]{1,40})[\"'][^>]*\?>")
# How bytes begin that are no superset of ASCII.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    *((f"{sign}\0\0\0".encode(), "utf-32-le") for sign in "<{"),
    *((f"\0\0\0{sign}".encode(), "utf-32-be") for sign in "<{"),
    *((f"{sign}\0".encode(), "utf-16-le") for sign in "<{"),
    *((f"\0{sign}".encode(), "utf-16-be") for sign in "<{"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
# What is declared, and the superset that is meant (WHATWG Encoding).
_WIDER: Final = {
    **dict.fromkeys(("gb2312", "gbk", "gb_2312-80", "x-gbk"), "gb18030"),
    **dict.fromkeys(("big5", "x-x-big5", "cn-big5"), "cp950"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "ascii"), "cp1252"),
}


def text_of(data: bytes, charset: str = "") -> str:
    """The text of a document, by all that is believed above; `charset`: what its server declares, "" for nothing. Any
    bytes will do, nothing is raised."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data.decode(codec, "replace")
    found = _declaration.match(data)
    declared = found[1].decode("ascii") if found else ""
    if data.isascii():  # ASCII, or one of the encodings with escapes, which only a declaration tells
        escapes = _decoded(data, declared) if declared.lower().startswith(("iso-2022", "hz")) else None
        return data.decode("ascii") if escapes is None else escapes
    if (text := _decoded(data, "utf-8")) is not None:
        return text
    for name in (declared, charset):
        wider = "big5hkscs" if "big5" in name.lower() else name
        for codec in (_WIDER.get(name.lower(), name), wider):
            if (text := _decoded(data, codec)) is not None:
                return text
    return to_text(data)[0]


def _decoded(data: bytes, codec: str) -> str | None:
    if not codec:
        return None
    try:
        text = codecs.decode(data, codec)
    except (UnicodeError, LookupError, ValueError, AssertionError, TypeError):
        return None
    return text if isinstance(text, str) else None
