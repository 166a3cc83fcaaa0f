"""What a document is by its first bytes, whatever it is called."""

from __future__ import annotations

from typing import Final

GZIP: Final = b"\x1f\x8b"
"""How a member of a gzip file begins."""

_KINDS: Final = {
    **{b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"II*\0": "TIFF", b"MM\0*": "TIFF"},
    **{b"\0\0\x01\0": "ICO", b"wOF": "WOFF", b"%PDF-": "PDF", b"%!PS": "PostScript"},
    **{b"PK\x03\x04": "ZIP", b"PK\x05\x06": "ZIP", b"Rar!": "RAR", b"7z\xbc\xaf": "7z", b"\xfd7zXZ\0": "XZ"},
    **{b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "Zstandard", b"\x7fELF": "ELF", b"MZ": "EXE", b"OggS": "Ogg"},
    **{b"ID3": "MP3", b"\x1aE\xdf\xa3": "Matroska", b"SQLite format 3\0": "SQLite"},
}
_RIFF: Final = {b"WEBP": "WebP", b"AVI ": "AVI", b"WAVE": "WAV"}


def kind_of_file(head: bytes) -> str:
    """What a document that begins so is, if it is an image, a PDF, an archive, sound, film or a program; "" if it may
    be text. Of gzip nothing is said: it may hold any."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "MP4"
    return next((kind for begin, kind in _KINDS.items() if head.startswith(begin)), "")


def is_no_text(head: bytes) -> bool:
    """Whether a document begins as none that is text."""
    return bool(kind_of_file(head))
