"""The laws of `parse` over every dump of the real archive, with figures: run with `pytest -s` to see them.

The oracle reads the same bodies with the standard library's html.parser, which shares no code with lxml, and keeps
what the law speaks of: the text outside script, style, template, svg, noscript and title, and emoji images' alt.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from html.parser import HTMLParser

import pytest

from newsreader.article import Article, Caption, Credit, Furniture, Heading, article_from_json, article_to_json, plain
from newsreader.dump import Dump, decode
from newsreader.parse import parse
from newsreader.parse.links import resolve

_UNREAD = {"script", "style", "template", "svg", "noscript", "title"}
_EMOJI = re.compile(r"wp-smiley|W_img_face|emoji")

Parsed = list[tuple[str, Dump, Article]]


class Oracle(HTMLParser):
    """Text outside what nobody reads, and the links with a text of their own."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[tuple[str, str]] = []
        self._unread = 0
        self._href: str | None = None
        self.feed(body)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._unread += tag in _UNREAD
        if tag == "a":
            self._href = values.get("href")
        elif tag == "img" and _EMOJI.search(values.get("class", "")):
            self.texts.append(values.get("alt") or values.get("title") or "")

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD and self._unread > 0
        if tag == "a":
            self._href = None

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.texts.append(data)
            if self._href is not None and data.strip():
                self.links.append((self._href, data))


@pytest.fixture(scope="module")
def parsed(some_dumps: list[tuple[str, bytes]]) -> Parsed:
    """Every dump of the archive, parsed."""
    out: Parsed = []
    for path, data in some_dumps:
        dump = decode(data)
        out.append((path, dump, parse(dump, source=path.split("/")[1])))
    return out


def visible(texts: Iterable[str]) -> str:
    """The characters that are no white space."""
    return "".join("".join(texts).split())


def by_source(parsed: Parsed) -> dict[str, list[Article]]:
    """The articles by their sources."""
    sources: dict[str, list[Article]] = defaultdict(list)
    for _, _, article in parsed:
        sources[article.source].append(article)
    return sources


def test_every_character_stands_once_and_in_order(parsed: Parsed) -> None:
    total = lost = doubled = moved = 0
    worst: list[str] = []
    for path, dump, article in parsed:
        wanted = visible(Oracle(dump.body).texts)
        found = visible(plain(block.spans) for block in article.blocks)
        total += len(wanted)
        if wanted != found:
            worst.append(path)
            missing, extra = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
            lost += missing.total()
            doubled += extra.total()
            moved += not missing and not extra
    print(f"\n{len(parsed)} dumps, {total} characters: {lost} lost, {doubled} doubled, {moved} dumps out of order")
    assert total > 200_000
    assert (lost, doubled, moved, worst) == (0, 0, 0, [])


def test_every_link_with_a_text_is_there_in_order(parsed: Parsed) -> None:
    total = 0
    for path, dump, article in parsed:
        wanted = [url for href, _ in Oracle(dump.body).links if (url := resolve(href, dump.url))]
        # A link cut into neighbours of one address is one link here, and links around pictures alone are links too.
        found = iter([link.url for link in article.links])
        before = ""
        for url in wanted:
            total += 1
            if url != before:
                assert url in found, (path, url)
            before = url
    print(f"\n{total} links with a text")
    assert total > 500


def test_links_are_numbered_from_one_and_named_in_the_text(parsed: Parsed) -> None:
    for path, _, article in parsed:
        assert [link.n for link in article.links] == list(range(1, len(article.links) + 1)), path
        assert [image.n for image in article.images] == list(range(1, len(article.images) + 1)), path
        for block in article.blocks:
            for span in block.spans:
                assert span.link is None or 1 <= span.link <= len(article.links), path


def test_first_lines_give_the_time(parsed: Parsed) -> None:
    dated = {"BBC", "德国之声", "法广", "纽约时报", "美国之音", "路透"}
    for source, articles in by_source(parsed).items():
        own = sum(article.published != article.updated for article in articles)
        print(f"\n{source}: {own} of {len(articles)} with a time of their own", end="")
        for article in articles:
            assert article.updated is not None
            assert article.published is not None
            assert article.published <= article.updated
            assert (article.updated - article.published).days < 120
        assert own >= (0.9 * len(articles) if source in dated else 0)


def test_what_the_sources_are_known_for_is_found(parsed: Parsed) -> None:
    for source, articles in by_source(parsed).items():
        kinds: Counter[str] = Counter()
        for article in articles:
            for block in article.blocks:
                kinds[f"furniture {block.kind}" if isinstance(block, Furniture) else block.type] += 1
            kinds["with lead"] += bool(article.lead)
            kinds["with byline"] += bool(article.byline)
            kinds["links"] += len(article.links)
            kinds["images"] += len(article.images)
        print(f"\n{source}: {len(articles)} dumps, " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()))
        assert not [a.title for a in articles if not any(block.spans for block in a.blocks)]
    sources = by_source(parsed)
    assert all(article.lead for article in sources["金融时报"])
    assert all(article.byline for article in sources["自由亚洲电台"])
    assert all(article.byline for article in sources["纽约时报"])
    assert all(article.images for article in sources["BBC"])


def test_captions_and_credits_belong_to_pictures_and_have_text(parsed: Parsed) -> None:
    for path, _, article in parsed:
        for block in article.blocks:
            if isinstance(block, Caption | Credit | Heading):
                assert plain(block.spans).strip(), path
            if isinstance(block, Caption | Credit) and block.image is not None:
                image = article.images[block.image - 1]
                assert plain(block.spans) in (image.caption if isinstance(block, Caption) else image.credit)


def test_no_picture_comes_through_a_proxy_or_twice(parsed: Parsed) -> None:
    for path, _, article in parsed:
        urls = [image.url for image in article.images]
        assert len(set(urls)) == len(urls), path
        assert not [url for url in urls if "weserv" in url or "data:" in url[:5] or url.count("/unsafe/") > 1], path


def test_articles_survive_json(parsed: Parsed) -> None:
    for path, _, article in parsed:
        assert article_from_json(article_to_json(article)) == article, path
