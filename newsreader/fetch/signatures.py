"""What a document is by its first bytes, whatever it is called."""

from __future__ import annotations

from typing import Final

GZIP: Final = b"\x1f\x8b"
"""How a member of a gzip file begins."""

_NO_TEXT: Final = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"\0\0\x01\0", b"wOF", b"%PDF-", b"%!PS"),
    *(
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"Rar!",
        b"7z\xbc\xaf",
        b"\xfd7zXZ\0",
        b"BZh",
        b"\x28\xb5\x2f\xfd",
        b"\x7fELF",
        b"MZ",
    ),
    *(b"OggS", b"ID3", b"\x1aE\xdf\xa3", b"SQLite format 3\0"),
)


def is_no_text(head: bytes) -> bool:
    """Whether a document that begins so is an image, a PDF, an archive, sound, film or a program; gzip may hold any."""
    is_riff = head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"AVI ", b"WAVE")
    return head.startswith(_NO_TEXT) or is_riff or head[4:8] == b"ftyp"
