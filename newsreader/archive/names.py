"""What the name of a file tells: whether it may be a dump, how new it is, what its source is called.

Decided only here: which files without a header count, and that ids count down.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar
from urllib.parse import unquote

from newsreader.dump import looks_like_dump

_ENDINGS = (".html", ".htm", ".md", ".txt")
_EXCEPTED = re.compile(r"(?:^|/)(?:\.|__MACOSX/|lists/|(?i:readme\.md)$)")
_VERSION_CONTROL = frozenset((".git", ".hg", ".svn", ".bzr"))
TEMPORARY = ".newsreader-"
"""How the names of our own half-written files begin."""


def may_be_headless(name: str) -> bool:
    """Whether a file of this name (posix path relative to the archive's root) is a dump even without a header."""
    return name.lower().endswith(_ENDINGS) and not _EXCEPTED.search(name)


def is_candidate(name: str, head: bytes) -> bool:
    """Whether a file is a dump, by its name relative to the archive's root and its first 16 kB: with the header
    whatever its name, without it only text of certain endings outside hidden folders, README.md and lists/ excepted."""
    return looks_like_dump(head) or (may_be_headless(name) and not is_binary(head))


def is_binary(head: bytes) -> bool:
    """Whether bytes without a dump's header are no text in any encoding: too many control characters, unless they are
    the zero halves of UTF-16. Text that is valid UTF-8 may hold many, as hostile text does."""
    controls = len(head.translate(None, _TEXT_BYTES))
    if not controls or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    evens, odds = head[::2].count(0), head[1::2].count(0)
    if max(evens, odds) > len(head) // 8 and min(evens, odds) * 20 < max(evens, odds):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return controls * 25 > len(head)
    return controls * 3 > len(head)


_TEXT_BYTES = bytes((*b"\t\n\v\f\r\x1b", *range(0x20, 0x100)))


def is_ours(name: str) -> bool:
    """Whether a file name is that of a file that is still being written."""
    return name.startswith(TEMPORARY)


def is_version_control(folder: str) -> bool:
    """Whether a folder of this name holds a version control's own copies, which are no dumps of the archive."""
    return folder in _VERSION_CONTROL


def is_unsafe(name: str) -> bool:
    """Whether a member's name leads out of the archive when unpacked: absolute, with a drive, `..` or NUL."""
    parts = name.replace("\\", "/").split("/")
    return not parts[0] or parts[0].endswith(":") or ".." in parts or "\0" in name


# --- order --------------------------------------------------------------------------------------------------------


class _Dated(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def mtime_ns(self) -> int: ...


_D = TypeVar("_D", bound=_Dated)
_DECIMAL = re.compile(r"[0-9]{5,7}(?=[_.]|$)")
_HEX = re.compile(r"[0-9a-fA-F]{5}(?=[_.]|$)")
_HIGHEST = 0xFFFFF


def newest_first(members: Sequence[_D]) -> list[_D]:
    """Members in the order in which a reader wants them. In a folder of numbered dumps a smaller id is newer (ids count
    down from 0xFFFFF, each source by itself); all others go by their file times. Folders are interleaved
    evenly, so that the first hundred hold the newest of each."""
    folders: defaultdict[str, list[_D]] = defaultdict(list)
    for member in members:
        folders[member.name.rpartition("/")[0]].append(member)
    unnumbered: list[_D] = []
    ranked: list[tuple[float, str, _D]] = []
    for folder in folders.values():
        numbered, others = _by_id(folder)
        unnumbered += others
        ranked += _evenly(numbered)
    unnumbered.sort(key=lambda member: (-member.mtime_ns, member.name))
    ranked += _evenly(unnumbered)
    ranked.sort(key=lambda item: item[:2])
    return [member for _, _, member in ranked]


def surest_first(members: Sequence[_D]) -> list[_D]:
    """`newest_first`, before it all files that are dumps by their names, after it those that must be looked into."""
    sure: list[_D] = []
    doubtful: list[_D] = []
    for member in members:
        (sure if may_be_headless(member.name) else doubtful).append(member)
    return newest_first(sure) + newest_first(doubtful)


def _by_id(folder: Sequence[_D]) -> tuple[list[_D], list[_D]]:
    names = [member.name.rpartition("/")[2] for member in folder]
    decimal = [_DECIMAL.match(name) for name in names]
    hexadecimal = [_HEX.match(name) for name in names]
    base, ids = (16, hexadecimal) if _count(hexadecimal) > _count(decimal) else (10, decimal)
    numbered: list[tuple[int, str, _D]] = []
    others: list[_D] = []
    for member, found in zip(folder, ids, strict=True):
        if found and (number := int(found[0], base)) <= _HIGHEST:
            numbered.append((number, member.name, member))
        else:
            others.append(member)
    numbered.sort(key=lambda item: item[:2])
    return [member for _, _, member in numbered], others


def _count(found: Iterable[object]) -> int:
    return sum(item is not None for item in found)


def _evenly(members: Sequence[_D]) -> Iterable[tuple[float, str, _D]]:
    return (((i + 0.5) / len(members), member.name, member) for i, member in enumerate(members))


# --- names of sources ---------------------------------------------------------------------------------------------

_LONGEST = 80


def heading(data: bytes) -> str:
    """The heading of a source's list (a first line that is underlined or begins with #), or ""."""
    lines = [line.strip() for line in data[:4096].decode("utf-8-sig", "replace").splitlines() if line.strip()]
    if lines and lines[0].startswith("#"):
        return _tidy(lines[0].strip("#"))
    if len(lines) > 1 and len(lines[1]) >= 3 and not lines[1].strip("-="):
        return _tidy(lines[0])
    return ""


_LIST_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\((?:\./|/)?lists/([^()\n]{1,600})\.md\)")


def linked_name(readme: bytes, slug: str) -> str:
    """The name by which an archive's README.md links the list of a source, or ""."""
    for found in _LIST_LINK.finditer(readme.decode("utf-8-sig", "replace")):
        if slug in (found[2], unquote(found[2])):
            return _tidy(found[1])
    return ""


def readable(name: str) -> str:
    """A file name as text: bytes that are no UTF-8 read as GB 18030 if they are that, else made visible as U+FFFD."""
    if name.isascii():
        return _tidy(name)
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = name.encode("utf-8", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return _tidy(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return _tidy(raw.decode("utf-8", "replace"))


def _tidy(name: str) -> str:
    return " ".join(name.split())[:_LONGEST]


def zip_name(raw: bytes) -> str:
    """The name of a zip member that does not say it is UTF-8: UTF-8 or GB 18030 if it is that, else code page 437."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")
