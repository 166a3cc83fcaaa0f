"""The bytes of a feed in XML -> the same in UTF-8, where what they declare is not what they are.

Owns: what is believed about a feed's encoding. Decided only here: bytes that are valid UTF-8 are UTF-8 whatever is
declared; then the declaration of the document, then that of the server, each if the bytes bear it out; then a guess.
Never: what the text means.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from newsreader.charset import to_text

_declaration = re.compile(rb"^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9_:.-]{1,40})[\"'][^>]*\?>")
# Marks and beginnings of what is no superset of ASCII: UTF-16, UTF-32, EBCDIC.
_OTHER: Final = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff", b"\x00<", b"<\x00", b"\0\0\0<", b"\x4c\x6f\xa7\x94")
_high = re.compile(rb"[\x80-\xff]").findall
_DAMAGE: Final = 20  # of so many bytes that are not ASCII one may be wrong
# What is declared, and the superset that is meant (WHATWG Encoding).
_WIDER: Final = {
    **dict.fromkeys(("gb2312", "gbk", "gb_2312-80", "x-gbk"), "gb18030"),
    **dict.fromkeys(("big5", "x-x-big5", "cn-big5"), "cp950"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
}


def repaired(data: bytes, charset: str) -> bytes | None:
    """The document in UTF-8 if it is to be read as that, whatever it or its server (`charset`, "" for none) declares;
    None where the declarations may be believed, or are all there is to go by."""
    if data.startswith(_OTHER):
        return None
    if data.startswith(codecs.BOM_UTF8):
        return data[3:]
    if data.isascii():
        return None  # ASCII, or one of the encodings with escapes, which only a declaration tells
    if _decoded(data, "utf-8") is not None:
        return data
    declared = _declaration.match(data)
    names = [declared[1].decode("ascii")] if declared else []
    for name in (*names, charset):
        for codec in dict.fromkeys((_WIDER.get(name.lower(), name), "big5hkscs" if "big5" in name.lower() else name)):
            text = _decoded(data, codec)
            if text is not None:
                return text.encode("utf-8", "surrogatepass") if codec != name else None
    text, warnings = to_text(data)
    bad = sum(int(warning.detail) for warning in warnings if warning.code == "undecodable")
    return text.encode("utf-8", "replace") if bad * _DAMAGE <= len(_high(data)) else None


def text_of(data: bytes) -> str:
    """The text of a document in XML, by all that is believed above; any bytes will do, nothing is raised."""
    fixed = repaired(data, "")
    if fixed is not None:
        return fixed.decode("utf-8", "replace")
    if data.startswith((b"<\0", b"\0<")):
        return data.decode("utf-16-le" if data[1] == 0 else "utf-16-be", "replace")
    declared = None if data.startswith(_OTHER) else _declaration.match(data)
    text = _decoded(data, declared[1].decode("ascii")) if declared else None
    return to_text(data)[0] if text is None else text


def _decoded(data: bytes, codec: str) -> str | None:
    if not codec:
        return None
    try:
        text = codecs.decode(data, codec)
    except (UnicodeError, LookupError, ValueError, AssertionError, TypeError):
        return None
    return text if isinstance(text, str) else None
