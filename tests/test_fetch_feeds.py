"""Feeds in every format and encoding, well-formed or not, as items; items as dumps."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from newsreader.article import plain
from newsreader.dump import decode, encode, guid_of, key_of
from newsreader.errors import FetchFailed
from newsreader.fetch.compose import compose, fingerprint
from newsreader.fetch.document import read_document
from newsreader.fetch.feeds import read_feed
from newsreader.fetch.item_ids import named_items
from newsreader.fetch.items import Feed, Item, Medium, NotAFeed
from newsreader.fetch.signatures import kind_of_file
from newsreader.fetch.workers import Task, Workers
from newsreader.parse import parse

HERE = "https://harbour.example/feed.xml"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Harbour Post</title><link>https://harbour.example/</link>
<item><title>Night ferry &amp;amp; fog</title><link>/a/1</link><guid isPermaLink="false">17</guid>
<pubDate>Sun, 28 Jun 2020 09:01:35 GMT</pubDate><dc:creator>Lin An</dc:creator><category>Ferries</category>
<category>Fog</category><description>Short.</description>
<content:encoded><![CDATA[<p>The first ferry left before the <b>fog</b> did.</p>]]></content:encoded>
<enclosure url="https://harbour.example/17.mp3" type="audio/mpeg" length="1"/>
<media:content url="https://harbour.example/17.jpg" medium="image"/></item>
<item><description>No title, no link, no date.</description></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">The &lt;i&gt;Post&lt;/i&gt;</title>
<author><name>The desk</name></author><link href="https://harbour.example/"/>
<entry><id>urn:uuid:1</id><title type="html">&lt;b&gt;Tide&lt;/b&gt; tables</title>
<link href="https://harbour.example/t"/><published>2020-06-28T09:00:00+08:00</published><updated>2020-06-29T01:00:00Z</updated>
<summary>Short.</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>High at six.</p></div></content></entry></feed>"""

RSS_090 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">
<channel><title>Old</title></channel><item><title>Gulls</title><link>http://harbour.example/g</link></item></rdf:RDF>"""


def read(text: str | bytes, charset: str = "") -> Feed:
    return read_feed(text if isinstance(text, bytes) else text.encode(), HERE, charset)


@pytest.mark.parametrize(
    "before", ["\n \n", '<?xml version="1.0" encoding=utf-8?>', '\n<?xml version="1.1" encoding="x-none"?>']
)
def test_what_is_well_formed_behind_its_declaration_is_mended_nowhere(before: str) -> None:
    root = read_document(before + RSS[RSS.index("<rss") :])
    assert root is not None
    assert root.tag == "rss"


def test_rss() -> None:
    feed = read(RSS)
    assert (feed.title, feed.site) == ("Harbour Post", "https://harbour.example/")
    first, second = feed.items
    assert first == Item(
        guid="17",
        url="https://harbour.example/a/1",
        title="Night ferry & fog",
        body="<p>The first ferry left before the <b>fog</b> did.</p>",
        published=datetime(2020, 6, 28, 9, 1, 35, tzinfo=UTC),
        authors=("Lin An",),
        topics=("Ferries", "Fog"),
        media=(
            Medium("https://harbour.example/17.mp3", "audio/mpeg", size=1),
            Medium("https://harbour.example/17.jpg", "image"),
        ),
    )
    assert second == Item(body="No title, no link, no date.")


def test_addresses_that_stand_elsewhere_or_lead_out_of_the_web() -> None:
    still = "<image><url>/s.png</url><title>S</title></image>"
    feed = read(
        f"<rss><channel><item>{still}</item><item xml:base='ftp://h.example/'><title>b</title><link>x</link></item></channel></rss>"
    )
    assert feed.items[0].media == (Medium("https://harbour.example/s.png", "image", "S"),)
    assert feed.items[1].url == ""


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"RIFF\0\1\0\0WEBPVP8 ", "WebP"), (b"\0\0\0\x18ftypmp42\0\0", "MP4"), (b"\x89PNG\r\n", "PNG"), (b"<rss>", "")],
)
def test_what_a_document_is_by_its_beginning(head: bytes, kind: str) -> None:
    assert kind_of_file(head) == kind


def test_atom_and_its_older_kin() -> None:
    (entry,) = read(ATOM).items
    assert (entry.guid, entry.title, entry.authors) == ("urn:uuid:1", "Tide tables", ("The desk",))
    assert entry.published == datetime(2020, 6, 28, 1, tzinfo=UTC)
    assert entry.updated == datetime(2020, 6, 29, 1, tzinfo=UTC)
    assert "High at six." in entry.body
    assert read(ATOM).title == "The Post"
    assert read(RSS_090).items == (Item(title="Gulls", url="http://harbour.example/g"),)


def test_json_feed() -> None:
    feed = read(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "Harbour",
                "home_page_url": "/",
                "authors": [{"name": "The desk"}],
                "items": [
                    {"id": 17, "url": "a/1", "title": "Fog", "content_html": "<p>x</p>", "content_text": "y"},
                    {
                        "id": "b",
                        "external_url": "https://other.example/",
                        "content_text": "1 < 2\n\nnext\nline",
                        "date_published": "2020-06-28T09:01:35Z",
                        "tags": ["fog", 7],
                        "author": {"name": "Lin An"},
                        "image": "i.png",
                        "attachments": [{"url": "p.mp3", "mime_type": "audio/mpeg", "title": "P"}, 1, {}],
                    },
                    "no item",
                    {},
                ],
            }
        )
    )
    first, second = feed.items
    assert (first.guid, first.url, first.body, first.authors) == (
        "17",
        "https://harbour.example/a/1",
        "<p>x</p>",
        ("The desk",),
    )
    assert second.body == "<p>1 &lt; 2</p><p>next<br>line</p>"
    assert (second.url, second.topics, second.authors) == ("https://other.example/", ("fog",), ("Lin An",))
    assert second.media == (
        Medium("https://harbour.example/p.mp3", "audio/mpeg", "P", poster="https://harbour.example/i.png"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "<html><body>Sign in</body></html>",
        "{}",
        "[",
        '{"items": 1}',
        '{"items": [{"name": "x"}]}',
        "{" * 5000,
    ],
)
def test_what_is_no_feed(text: str) -> None:
    with pytest.raises(NotAFeed) as caught:
        read(text)
    assert str(caught.value) == ("html" if "html" in text else "")


def test_a_text_without_any_markup_keeps_its_lines() -> None:
    film = (
        "<entry><id>1</id><title>F</title><media:group><media:description>{}</media:description></media:group></entry>"
    )
    lines = "The first ferry &amp;amp; fog.\n\nPart one\nPart two"
    for text, body in (
        (lines, "<p>The first ferry &amp; fog.</p><p>Part one<br>Part two</p>"),
        (f"&lt;b&gt;So&lt;/b&gt; {lines}", "<b>So</b> The first ferry &amp; fog.\n\nPart one\nPart two"),
    ):
        root = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">'
        assert read(root + film.format(text) + "</feed>").items[0].body == body


def test_an_empty_feed_is_one() -> None:
    assert read("<rss version='2.0'><channel><title>Quiet</title></channel></rss>") == Feed("Quiet", "", ())
    assert read("<feed></feed>").items == ()


@pytest.mark.parametrize(
    ("encoding", "declared", "charset"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8", "gb2312", "iso-8859-1"),
        ("utf-8-sig", "big5", ""),
        ("utf-16", "utf-16", ""),
        ("gb18030", "gb2312", ""),
        ("gb18030", "", ""),
        ("gb18030", "utf-8", "utf-8"),
        ("gb18030", "", "gbk"),
        ("gb18030", "gb2312", "iso-8859-1"),
        ("big5", "", ""),
        ("big5", "big5", "utf-8"),
        ("big5hkscs", "big5", ""),
    ],
)
def test_encodings(encoding: str, declared: str, charset: str) -> None:
    title = (
        "河口的守塔人每天清晨五點起床，先記潮位，再數灘塗上的白鷺"
        if "big5" in encoding
        else "法国总统今天上午在巴黎"  # whose bytes are Big5, too
    )
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = f"{head}<rss version='2.0'><channel><item><title>{title}</title></item></channel></rss>"
    assert read(text.encode(encoding), charset).items[0].title == title


def test_damaged_feeds_are_read_as_far_as_they_go() -> None:
    cut = RSS[: RSS.index("No title")]
    assert read(cut).items[0].title == "Night ferry & fog"
    assert read(RSS.replace("&amp;amp;", "&nbsp;&bogus; &#1114112; &")).items[0].url.endswith("/a/1")
    assert read(RSS.replace("Short.", "\x00\x08\x1b[31m")).items[0].guid == "17"
    nowhere = "<georss:point xmlns:georss='http://www.georss.org/georss'>5,6156.2342 &nbsp;</georss:point>"
    assert read(RSS.replace("<enclosure", nowhere + "<enclosure")).items[0].guid == "17"
    one_bad_byte = RSS.replace("fog did", "雾 ").encode().replace("雾".encode(), b"\xe9\x9b")
    assert read(one_bad_byte).items[0].authors == ("Lin An",)


async def test_a_costly_feed_ends_with_its_worker_and_no_other() -> None:
    for seconds, document, cost in ((0.5, b"<rss><channel><title>slow", "time"), (60, b"vast", "memory")):
        workers = Workers("tests.slow_reader:read", seconds=seconds)
        try:
            with pytest.raises(FetchFailed) as caught:
                await workers.read(Task(document, HERE, ""))
            assert (caught.value.why, caught.value.detail) == ("too-costly", cost)
            if cost == "memory":
                assert (await workers.read(Task(RSS.encode(), HERE, ""))).title == "Harbour Post"
                with pytest.raises(FetchFailed) as caught:
                    await workers.read(Task(b"<html>Sign in", HERE, ""))
                assert (caught.value.why, caught.value.detail) == ("not-a-feed", "html")
        finally:
            workers.close()


# --- items as dumps -----------------------------------------------------------------------------------------------


def test_a_dump_says_all_that_the_item_does() -> None:
    (item, _) = read(RSS).items
    dump = decode(encode(compose(item, now=NOW, name="https://harbour.example/feed.xml#17")))
    article = parse(dump, source="Harbour Post")
    assert (article.title, article.url, article.byline) == ("Night ferry & fog", item.url, "Lin An")
    assert article.published == article.updated == item.published
    assert [topic.name for topic in article.topics] == ["Ferries", "Fog"]
    assert [image.url for image in article.images] == ["https://harbour.example/17.jpg"]
    assert [(link.url, link.kind) for link in article.links] == [("https://harbour.example/17.mp3", "media")]
    assert "The first ferry left before the fog did." in "\n".join(plain(block.spans) for block in article.blocks)
    assert guid_of(dump.body) == ("https://harbour.example/feed.xml#17", False)
    assert "feed.xml#17" not in "\n".join(plain(block.spans) for block in article.blocks)


def test_what_an_item_lacks() -> None:
    dump = compose(Item(title="Fish &amp; chips <3"), now=NOW, name="x:1")
    article = parse(decode(encode(dump)), source="")
    assert (article.title, article.published, article.key) == ("Fish &amp; chips <3", NOW, "guid:x:1")
    alone = compose(Item(authors=("Lin An",)), now=NOW)
    assert parse(decode(encode(alone)), source="").byline == "Lin An"
    day = compose(Item(published=datetime(2020, 6, 28, tzinfo=UTC), day_only=True), now=NOW)
    assert parse(decode(encode(day)), source="").precision == "date"


def test_times_before_all_clocks() -> None:
    for year in (1, 1969, 1972, 2025):
        moment = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
        article = parse(decode(encode(compose(Item(title="x", published=moment), now=NOW))), source="")
        assert article.published is None or article.published.year == year


@pytest.mark.parametrize("guid", ["-->", "a--b->", "守塔人", "%41", "x" * 9000, "a b\nc", "\ud800", "--", "]]>"])
def test_any_name_survives_in_the_comment(guid: str) -> None:
    dump = decode(encode(compose(Item(body="text"), now=NOW, name=guid)))
    found, own = guid_of(dump.body)
    assert not own
    assert found == guid or found.startswith("sha256:") or "\ud800" in guid
    blocks = parse(dump, source="").blocks
    assert [plain(block.spans) for block in blocks if block.type != "furniture"] == ["text"]
    assert key_of(dump) == "guid:" + found


def test_what_counts_as_a_change() -> None:
    item = Item(title="T", body='<p>One <img src="a.png?token=1"></p>', published=NOW, authors=("A",))

    def of(item: Item) -> str:
        dump = decode(encode(compose(item, now=datetime.now(UTC), name="n:1")))
        return fingerprint(dump.title, dump.body)

    same = [
        Item(title="T", body='<p class="x">One  <img src="a.png?token=2"></p>', published=NOW, authors=("A",)),
        Item(title="T", body=item.body, authors=("B",)),
    ]
    other = [Item(title="U", body=item.body), Item(title="T", body="<p>Two</p>"), Item(title="T", body="<p>One</p>")]
    assert {of(one) for one in same} == {of(item)}
    assert all(of(one) != of(item) for one in other)


def test_names_of_items() -> None:
    items = (
        Item(guid="17", url="https://h.example/1"),
        Item(url="https://h.example/2"),
        Item(title="neither"),
        Item(title="neither"),
        Item(guid="same", url="https://h.example/3"),
        Item(guid="same", url="https://h.example/4"),
        Item(guid="tag:5", url="https://h.example/shared", title="5"),
        Item(guid="tag:6", url="https://h.example/shared", title="6"),
        Item(guid="tag:7", url="https://h.example/"),
    )
    named = named_items(Feed("", "https://www.h.example", items), "http://me:secret@h.example/feed")
    assert [(name, own) for name, own, _ in named[:2]] == [
        ("http://h.example/feed#17", False),
        ("https://h.example/2", False),
    ]
    assert len(named) == len(items) - 1  # two are alike in all
    assert len({name for name, _, _ in named}) == len(named)
    assert [own for _, own, _ in named] == [False] * 5 + [True] * 3
    keys = [key_of(compose(item, now=NOW, name=name, own=own)) for name, own, item in named]
    assert len(set(keys)) == len(keys)
