"""What changed between revisions: both texts can be read out of it, and it is told without colour."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from newsreader.article import Article, Heading, Link, Paragraph, Span, Table, plain
from newsreader.typeset.changes import Piece, changed, differences

TEXTS = st.text(st.sampled_from("潮水退了ab c,。\nd1"), max_size=40)
ARTICLE = Article("0" * 16, "k", "https://harbour.example/1", "潮水退了", "Harbour Post")


def article(*texts: str, title: str = "潮水退了") -> Article:
    return replace(ARTICLE, title=title, blocks=tuple(Paragraph((Span(text),)) for text in texts))


def told(old: Article, new: Article) -> list[str]:
    return [plain(block.spans) for block in changed(old, new).article.blocks]


@given(TEXTS, TEXTS)
def test_both_texts_are_in_the_pieces(old: str, new: str) -> None:
    pieces = differences(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "inserted") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "deleted") == new
    assert all(piece.text for piece in pieces)
    assert not any(a.kind == b.kind != "same" for a, b in pairwise(pieces))


@given(st.lists(TEXTS, max_size=6), st.lists(TEXTS, max_size=6))
def test_both_articles_are_in_the_one_that_shows_the_changes(old: list[str], new: list[str]) -> None:
    shown = "\0".join(told(article(*old), article(*new)))

    def letters(texts: list[str]) -> str:
        return "".join("".join(texts).split())

    kept = re.sub(r"\[-.*?-\]", "", shown, flags=re.DOTALL)
    assert letters([re.sub(r"\{\+|\+\}|\0", "", kept)]) == letters(new)
    was = re.sub(r"\{\+.*?\+\}", "", shown, flags=re.DOTALL)
    assert letters([re.sub(r"\[-|-\]|\0", "", was)]) == letters(old)


def test_han_is_compared_by_characters_and_words_as_wholes() -> None:
    assert differences("三百人到场", "三千人到场") == [
        Piece("same", "三"),
        Piece("deleted", "百"),
        Piece("inserted", "千"),
        Piece("same", "人到场"),
    ]
    assert differences("the ferry left", "the ferries left")[1:3] == [
        Piece("deleted", "ferry"),
        Piece("inserted", "ferries"),
    ]


def test_the_headline_and_every_block_tell_what_changed() -> None:
    old = article("The harbour was empty.", "Boats lay dry.", "The end.", title="空港")
    new = article("The harbour was full.", "The end.", "Correction: it was full.", title="滿港")
    shown = changed(old, new)
    assert shown.article.title == "[-空-]{+滿+}港"
    assert told(old, new) == [
        "The harbour was [-empty-]{+full+}.",
        "[-Boats lay dry.-]",
        "The end.",
        "{+Correction: it was full.+}",
    ]
    assert shown.inserted == 1 + 4 + len("Correction:itwasfull.")
    assert shown.deleted == 1 + 5 + len("Boatslaydry.")


def test_links_and_styles_of_what_stayed_stay() -> None:
    spans = (Span("Read "), Span("this page", ("strong",), 1), Span(" today."))
    old = replace(ARTICLE, blocks=(Paragraph((Span("Read this page."),)),), links=())
    new = replace(ARTICLE, blocks=(Paragraph(spans),), links=(Link(1, "https://harbour.example/2", "this page"),))
    (block,) = changed(old, new).article.blocks
    assert [(span.text, span.link) for span in block.spans if span.link] == [("this page", 1)]
    assert plain(block.spans) == "Read this page{+ today+}."


def test_a_heading_that_became_a_paragraph_and_a_table_are_whole() -> None:
    old = replace(ARTICLE, blocks=(Heading((Span("Tides"),)), Table((((Span("a"),), (Span("b"),)),))))
    new = replace(ARTICLE, blocks=(Paragraph((Span("Low tides"),)), Table((((Span("a"),), (Span("c"),)),))))
    assert told(old, new) == ["[-Tides-]", "[-a\tb-]", "{+Low tides+}", "{+a\tc+}"]


def test_a_hostile_length_costs_no_more_than_its_length() -> None:
    long = differences("潮" * 200_000 + "水", "水" + "潮 " * 100_000)
    assert "".join(piece.text for piece in long if piece.kind != "inserted") == "潮" * 200_000 + "水"
    many = [f"{n} 潮水" * 30 for n in range(300)]
    assert len(changed(article(*many), article(*reversed(many))).article.blocks) >= 300
