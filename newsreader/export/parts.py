"""What every form with markup makes of an article first: blocks that belong together, addresses that may be opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newsreader.article import Block, Caption, Credit, ImageBlock, ListItem, Quote
from newsreader.errors import UnsafeUrl
from newsreader.safety import openable


def together(blocks: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """The blocks in rows: list items, or quotes, that follow each other; a picture with its captions; others alone."""
    at = 0
    while at < len(blocks):
        block, end = blocks[at], at + 1
        match block:
            case ListItem() | Quote():
                more: tuple[type[Block], ...] = (type(block),)
            case ImageBlock():
                more = (Caption, Credit)
            case _:
                more = ()
        while end < len(blocks) and isinstance(blocks[end], more):
            end += 1
        yield blocks[at:end]
        at = end


def address(url: str) -> str:
    """An address that may be opened, "" for any other."""
    try:
        return openable(url)
    except UnsafeUrl:
        return ""
