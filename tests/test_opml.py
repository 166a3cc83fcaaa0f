"""Feeds from and for other readers: what is taken of a list, what is refused, and that nothing is lost on the way out
and back. As it is typed, through real processes, and beside newsboat where that is installed."""

from __future__ import annotations

import html
import json
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsreader.config import TAG_LONG, Source, add_source, load_sources, places, remove_source
from newsreader.fetch.opml import ListedFeed, Refusal, read_opml, write_opml
from newsreader.reader.adding import sources_of_list
from newsreader.safety import clean_line
from tests.newsstand import Newsstand
from tests.test_cli import home, run
from tests.test_fetch import item, rss

__all__ = ["home"]

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>mine</title></head><body>
 <outline type="rss" text="Harbour Post" xmlUrl="https://harbour.example/feed?a=1&amp;b=2"/>
 <outline text="新聞"><outline text="港口 &amp; Co">
   <outline type="rss" text="t" title="河口通訊 &quot;早&quot;" xmlUrl="http://river.example/rss"
            category="/daily/local, tide"/>
 </outline></outline>
 <!-- <outline text="Old" xmlUrl="http://old.example/"/> -->
 <outline text="late"><outline text="again" xmlUrl="https://harbour.example/feed?a=1&amp;b=2"/></outline>
 <outline text="By script" xmlUrl="|/usr/bin/make-feed --all"/>
 <outline text="By newsboat" xmlUrl="exec:curl http://x.example/"/>
 <outline text="Filtered" xmlUrl="filter:~/f.py:http://x.example/"/>
 <outline text="On disk" xmlUrl="file:///etc/passwd"/>
 <outline type="link" text="A page" url="http://page.example/"/>
</body></opml>
"""
REFUSED = ["|/usr/bin/make-feed --all", "exec:curl http://x.example/", "filter:~/f.py:http://x.example/"]
REFUSED += ["file:///etc/passwd", "http://page.example/"]

PIECES = [
    "<outline",
    ' xmlUrl="',
    "'",
    '"',
    "=",
    ">",
    "/>",
    "</outline>",
    "<!--",
    "-->",
    " text='a",
    "&",
    "&#x0;",
    "中",
]
PIECES += ["http://a.example/", " "]


def imported(text: str | bytes, *sources: Source) -> list[Source]:
    data = text.encode() if isinstance(text, str) else text
    return sources_of_list((entry for entry in read_opml(data) if isinstance(entry, ListedFeed)), sources)


def outlines(*attributes: str) -> str:
    return f"<opml><body>{''.join(f'<outline {each}/>' for each in attributes)}</body></opml>"


# --- as it is typed -----------------------------------------------------------------------------------------------


def test_feeds_are_taken_with_titles_and_folders_and_what_is_none_is_named(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_text(LIST, "utf-8")
    told = run("import-opml", file, "--json")
    assert told.code == 3
    assert all(entry in told.err for entry in REFUSED)
    assert "2 added, 0 there already, 5 not taken" in told.err
    assert load_sources(places()) == (
        Source("Harbour Post", "https://harbour.example/feed?a=1&b=2", "feed", tags=("late",)),
        Source('河口通訊 "早"', "http://river.example/rss", "feed", tags=("daily/local", "tide", "新聞/港口 & Co")),
    )
    rows = json.loads(told.out)
    assert [row["status"] for row in rows] == ["added"] * 2 + ["refused"] * 5
    assert [row["location"] for row in rows[2:]] == REFUSED
    again = run("import-opml", "-", stdin=LIST.encode("utf-16"))
    assert (again.code, again.out) == (3, "")
    assert "0 added, 2 there already" in again.err
    assert len(load_sources(places())) == 2


def test_sources_that_are_there_keep_their_names_and_what_the_file_says_of_them(home: Path) -> None:
    where = places()
    where.make(where.config)
    where.sources_file.write_text(
        '# mine\n[[source]]\nname = "Port"   # short\nlocation = "https://harbour.example/feed?a=1&b=2"\n'
        'kind = "feed"\nkeep-days = 9\ntags = ["own"]\n\n[searches]\nport = "harbour"\n',
        "utf-8",
    )
    assert run("import-opml", "-", stdin=LIST.encode()).code == 3
    first, second = load_sources(where)
    assert (first.name, first.keep_days, first.tags) == ("Port", 9, ("late", "own"))
    assert second.location == "http://river.example/rss"
    text = where.sources_file.read_text("utf-8")
    assert "# mine" in text
    assert "# short" in text
    assert "[searches]" in text


def test_names_are_made_unlike_and_passwords_are_put_apart_and_never_shown(home: Path) -> None:
    entries = (f'text="Post" xmlUrl="{url}"' for url in ("http://ann:s3cret@a.example/", "http://b.example/"))
    told = run("import-opml", "-", "--json", stdin=outlines(*entries, 'xmlUrl="feed://c.example/x"').encode())
    assert told.code == 0
    assert [row["name"] for row in json.loads(told.out)] == ["Post", "Post (b.example)", "c.example"]
    assert (load_sources(places())[0].user, load_sources(places())[0].password) == ("ann", "s3cret")
    exported, listed = run("export-opml"), run("sources", "--added", "--json")
    assert not [told for told in (told, exported, listed) if "s3cret" in told.out + told.err]
    assert "1 of the feeds have them" in exported.err


def test_what_is_no_list_adds_nothing(home: Path, tmp_path: Path) -> None:
    for data in (b"", b"<html><p>no</p></html>", b"\0\xff" * 50, b"<opml><body><outline text='empty'/></body></opml>"):
        told = run("import-opml", "-", stdin=data)
        assert told.code == 2
        assert "holds no feeds" in told.err
    assert run("import-opml", tmp_path / "none.opml").code == 2
    assert run("import-opml", tmp_path).code == 2
    assert "larger than" in run("import-opml", "-", stdin=b" " * 17_000_000).err
    many = outlines(*(f'xmlUrl="http://a.example/{n}"' for n in range(10_001)))
    assert run("import-opml", "-", stdin=many.encode()).code == 2
    assert not places().sources_file.exists()


def test_export_goes_to_a_file_whole_or_not_at_all(home: Path, tmp_path: Path) -> None:
    add_source(places(), Source("河口", "http://river.example/", "feed", tags=("早",)))
    add_source(places(), Source("Depot", "http://depot.example/", "remote"))
    told = run("export-opml", tmp_path / "out.opml")
    assert (told.code, told.out) == (0, "")
    assert "1 of 2 sources are no feeds" in told.err
    assert (tmp_path / "out.opml").read_bytes() == run("export-opml", LC_ALL="C").raw
    assert [feed.location for feed in imported((tmp_path / "out.opml").read_bytes())] == ["http://river.example/"]
    assert run("export-opml", tmp_path / "no" / "folder" / "out.opml").code == 3


# --- the format ---------------------------------------------------------------------------------------------------


def lines(longest: int) -> st.SearchStrategy[str]:
    """Texts of one line, with all that XML and terminals take for something else."""
    texts = st.one_of(st.text(max_size=longest), st.text(alphabet="<>&\"'/,;#x0a =-!]中 é", max_size=longest))
    return texts.map(lambda text: clean_line(text)[:longest].strip()).filter(
        lambda text: text == clean_line(text) != ""
    )


@given(
    st.lists(
        st.tuples(lines(200), st.frozensets(lines(TAG_LONG), max_size=3)), max_size=6, unique_by=lambda row: row[0]
    )
)
@example([("&amp; &#10; ]]>", frozenset({"a/b", "a", "a, b", "<!--"})), ("--> <outline/>", frozenset({"'\""}))])
def test_what_is_exported_comes_back_as_it_was(rows: list[tuple[str, frozenset[str]]]) -> None:
    urls = (f"http://a.example/{n}?x=1&y=\"<'>" for n in range(len(rows)))
    sources = [
        Source(name, url, "feed", tags=tuple(sorted(tags))) for (name, tags), url in zip(rows, urls, strict=True)
    ]
    text = write_opml(sources)
    assert sorted(imported(text), key=lambda source: source.location) == sources
    tree = ElementTree.fromstring(text)
    entries = [entry for entry in tree.iter("outline") if entry.get("xmlUrl")]
    assert len(entries) == sum(len(source.tags) or 1 for source in sources)
    assert {(entry.get("title"), entry.get("xmlUrl")) for entry in entries} == {(s.name, s.location) for s in sources}
    assert not any(char < " " and char != "\n" for char in text)


@given(st.binary(max_size=300), st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_bytes_are_read(data: bytes, pieces: list[str]) -> None:
    for entry in [*read_opml(data), *read_opml("".join(pieces).encode())]:
        assert clean_line(entry.title) == entry.title
        if isinstance(entry, ListedFeed):
            assert entry.location.lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "text",
    [
        '<opml><body><outline text="Tom & Jerry" xmlUrl="http://a.example/?a=1&copy=2"/></body></opml>',
        '<OPML><BODY><OUTLINE TEXT="Tom &amp; Jerry" XMLURL="http://a.example/?a=1&amp;copy=2">',
        "<outline title='Tom &#38; Jerry' url='http://a.example/?a=1&#x26;copy=2' type='rss'></outline>",
        '<outline text="Tom & Jerry" description="a > b" xmlUrl = "http://a.example/?a=1&copy=2" />',
    ],
)
def test_lists_as_they_are_really_written(text: str) -> None:
    assert imported(text) == [Source("Tom & Jerry", "http://a.example/?a=1&copy=2", "feed")]


def test_encodings_that_are_declared_wrongly_or_not_at_all() -> None:
    body = outlines('text="河口通訊與港口新聞，每日早晨" xmlUrl="http://a.example/"')
    for codec, declared in (("gb18030", "utf-8"), ("big5", ""), ("utf-8", "gb2312"), ("utf-16-le", "")):
        data = ((f'<?xml version="1.0" encoding="{declared}"?>' if declared else "") + body).encode(codec)
        assert [source.name for source in imported(data)] == ["河口通訊與港口新聞，每日早晨"], codec


def test_entities_are_neither_defined_nor_loaded() -> None:
    steps = zip("abcdefgh", "bcdefghi", strict=True)
    bomb = '<!DOCTYPE o [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in steps)
    bomb += '<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    found = imported(bomb + outlines('text="&i; &f;" xmlUrl="http://a.example/"'))
    assert [source.name for source in found] == ["&i; &f;"]


def test_deep_folders_and_megabytes_of_markup_are_read_in_their_time() -> None:
    deep = "<outline text='x'>" * 50_000 + "<outline xmlUrl='http://a.example/'/>"
    (found,) = imported(deep)
    assert len(found.tags[0]) <= TAG_LONG
    for piece in ("<outline ", "<outline a='", "<outline a=", "<!--", "&", "=", "'", '"', "a ", "a= "):
        assert list(read_opml(f"<outline {piece * (1_000_000 // len(piece))}>".encode())) == []


def test_what_stands_in_a_feed_is_of_the_folder_around_it() -> None:
    a, b, c = (f'<outline xmlUrl="http://{host}.example/" text="{host}"' for host in "abc")
    found = imported(f'<outline text="f">{a}>{b}/></outline></outline></outline>{c}/>')
    assert [source.tags for source in found] == [("f",), ("f",), ()]


def test_a_password_in_a_refused_address_is_not_told() -> None:
    (entry,) = read_opml(outlines('xmlUrl="ftp://ann:s3cret@a.example/"').encode())
    assert isinstance(entry, Refusal)
    assert "s3cret" not in entry.entry


# --- beside newsboat ----------------------------------------------------------------------------------------------


def newsboat(folder: Path, *words: str) -> str:
    for name in ("urls", "config"):
        (folder / name).touch()
    command = ["newsboat", "-u", "urls", "-c", "cache.db", "-C", "config", *words]
    env = {"HOME": str(folder), "PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, check=True, timeout=60).stdout.decode()


@pytest.mark.skipif(not shutil.which("newsboat"), reason="newsboat is not installed")
def test_newsboat_takes_our_list_and_we_take_its(home: Path, tmp_path: Path) -> None:
    """It keeps one folder of a feed, and writes neither tags nor titles that it has not fetched."""
    titles = {"/a": "Harbour & Post", "/b": '河口 <通訊> "早"', "/c": "Depot"}
    with Newsstand() as stand:
        stand.routes |= {path: rss(item(1), title=html.escape(title)) for path, title in titles.items()}
        tags = {"/a": ("late", "港口 & Co"), "/b": ("港口 & Co",), "/c": ()}
        for path, title in titles.items():
            add_source(places(), Source(title, stand.url(f"{path}?x=1&y=2"), "feed", tags=tags[path]))
        stand.routes |= {f"{path}?x=1&y=2": page for path, page in stand.routes.items()}
        assert run("export-opml", tmp_path / "ours.opml").code == 0
        newsboat(tmp_path, "-i", "ours.opml")
        taken = [shlex.split(line) for line in (tmp_path / "urls").read_text("utf-8").splitlines()]
        assert {url: rest for url, *rest in taken} == {
            stand.url("/a?x=1&y=2"): ["late"],
            stand.url("/b?x=1&y=2"): ["港口 & Co"],
            stand.url("/c?x=1&y=2"): [],
        }
        newsboat(tmp_path, "-x", "reload")
        theirs = newsboat(tmp_path, "-e")
        asked = len(stand.requests)
        for source in load_sources(places()):
            remove_source(places(), source.location)
        assert run("import-opml", "-", stdin=theirs.encode()).code == 0
        assert {source.name for source in load_sources(places())} == set(titles.values())
        assert {source.location for source in load_sources(places())} == {url for url, *_ in taken}
        assert len(stand.requests) == asked
