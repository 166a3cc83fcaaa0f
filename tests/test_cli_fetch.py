"""`newsreader add URL`, `fetch` and `prune` as they are typed, against a real server on loopback."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from newsreader.cli import main
from newsreader.config import Source, add_source, load_sources, places
from newsreader.dump import Dump, decode, encode
from newsreader.reader import Reader
from newsreader.reader.fetching import fetched
from tests.newsroom import Story, config_in, write_archive
from tests.newsstand import Newsstand, gzip_bomb, redirect
from tests.test_fetch import item, rss

Run: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Newsstand]:
    monkeypatch.setenv("NEWSREADER_HOME", str(tmp_path))
    with Newsstand() as server:
        yield server


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def typed(*words: str) -> tuple[int, str, str]:
        code = main(words)
        told = capsys.readouterr()
        return code, told.out, told.err

    return typed


def sources() -> list[tuple[str, str, str]]:
    return [(source.name, source.location, source.kind) for source in load_sources(places())]


def test_what_python_says_of_a_servers_text_reaches_nobody(stand: Newsstand) -> None:
    far = f"Set-Cookie: a=b; Max-Age={'9' * 400}\r\nContent-Length: {len(rss(item(1)))}\r\n\r\n".encode()
    stand.routes["/post"] = lambda talk: talk.send(b"HTTP/1.1 200 OK\r\n" + far + rss(item(1)))
    add_source(places(), Source("Post", stand.url("/post"), "feed"))
    done = subprocess.run([sys.executable, "-m", "newsreader", "fetch"], capture_output=True, text=True, check=True)
    assert done.stdout == "Post: 1 new\n"
    assert all(line.startswith("newsreader: ") for line in done.stderr.splitlines())


def test_a_feed_is_added_fetched_and_listed(stand: Newsstand, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.routes |= {"/post": rss(item(2), item(1)), "/old": redirect("/post", 301)}
    code, _, err = run("add", stand.url("/old"))
    assert (code, err) == (
        0,
        f'newsreader: "Harbour Post" is added: {stand.url("/post")}\n'
        'newsreader: "newsreader fetch" brings its stories in\n',
    )
    assert sources() == [("Harbour Post", stand.url("/post"), "feed")]
    code, out, err = run("fetch")
    assert (code, out) == (0, "Harbour Post: 2 new\n")
    assert "1 of 1 source fetched, 2 dumps new" in err
    assert [row["title"] for row in json.loads(run("list", "--json")[1])] == ["Night ferry 2", "Night ferry 1"]
    ends = os.openpty()
    with os.fdopen(ends[1], "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        told = run("fetch", "Harbour Post")[1]
        assert (told, b"1/1" in os.read(ends[0], 4096)) == ("Harbour Post: nothing new\n", True)
    os.close(ends[0])


def test_what_was_fetched_stays_when_its_source_goes(stand: Newsstand, run: Run) -> None:
    stand.routes["/post"] = rss(item(1))
    run("add", stand.url("/post"))
    run("fetch")
    code, _, err = run("remove", "Harbour Post")
    assert (code, "stay" in err) == (0, True)
    assert sources() == []
    assert [row["title"] for row in json.loads(run("list", "--json")[1])] == ["Night ferry 1"]


def test_one_text_that_many_feeds_carry_is_one_story_that_each_of_them_finds(stand: Newsstand, run: Run) -> None:
    """Whatever else differs there."""
    texts = (item(1), item(1).replace("tag:harbour", "tag:else"), item(1).replace("pubDate", "ignored"))
    for n in range(5):
        stand.routes[f"/{n}"] = rss(texts[n % 3], title=f"Pier {n:02}")
        run("add", stand.url(f"/{n}"))
    run("fetch")
    (row,) = json.loads(run("list", "--json")[1])
    assert (row["revisions"], json.loads(run("show", row["id"], "--format", "json")[1])["revisions"]) == (1, 1)
    for name in (f"Pier {n:02}" for n in range(5)):
        (found,) = json.loads(run("list", "--source", name, "--json")[1])
        assert (found["id"], found["source"]) == (row["id"], name)
    assert [tuple(told.values())[:3] for told in json.loads(run("sources", "--json")[1])] == [
        (f"Pier {n:02}", 1, 1) for n in range(5)
    ]
    assert json.loads(run("search", 'source:"Pier 03"', "--json")[1])
    run("mark", "--read", row["id"])
    assert run("list", "--source", "Pier 04", "--unread")[0] == 1
    assert {told["unread"] for told in json.loads(run("sources", "--json")[1])} == {0}


def test_what_cannot_be_added_or_fetched_is_told_for_what_it_is(stand: Newsstand, run: Run) -> None:
    stand.routes["/post"] = rss(item(1))
    run("add", stand.url("/post"))
    for words, told in (
        (("add", ""), "empty path"),
        (("add", " "), "empty path"),
        (("add", "news.example/feed.xml"), "https://news.example/feed.xml"),
        (("add", "localhost:8080"), "https://localhost:8080"),
        (("add", "no-such-folder"), "no file"),
        (("add", "ftp://news.example/"), "http and https"),
        (("add", "http://"), "http and https"),
        (("fetch", "Harbor Post"), "sources --added"),
    ):
        code, out, err = run(*words)
        assert (out, told in err) == ("", True), err
        assert code in (1, 2)
    assert [name for name, _, _ in sources()] == ["Harbour Post"]
    for command in ("list", "sources"):
        code, out, err = run(command)
        assert (code, out, "newsreader fetch" in err) == (1, "", True)


def test_a_source_without_a_name_is_named_by_its_address_without_the_password(stand: Newsstand, run: Run) -> None:
    stand.routes["/post"] = rss(item(1))
    where = places()
    where.make(where.config)
    where.sources_file.write_text(f'[[source]]\nlocation = "{stand.url("/post", user="ann:s3cret")}"\nkind = "feed"\n')
    told = [*run("fetch")[1:], *run("sources", "--added")[1:], *run("list")[1:], *run("sources")[1:]]
    assert "1 new" in told[0]
    assert not [text for text in told if "s3cret" in text]
    assert not [path for path in where.data.rglob("*") if "s3cret" in str(path)]


@pytest.mark.parametrize("is_first", [True, False])
def test_what_an_interrupted_fetch_brought_is_indexed_by_the_next(
    stand: Newsstand, run: Run, tmp_path: Path, is_first: bool
) -> None:
    stand.routes |= {"/post": rss(item(1)), "/depot": rss(title="Depot") if is_first else rss(item(9), title="Depot")}
    run("add", write_archive(tmp_path / "mine", [Story(1)]).as_posix())
    run("add", stand.url("/depot"))
    run("fetch")
    run("add", stand.url("/post"))
    assert [word.added for word in fetched(places(), (), lambda: False) if word.is_last].count(1) == 1
    assert "0 dumps new" in run("fetch")[2]
    assert "Night ferry 1" in run("list")[1]


def test_names_are_no_two_sources(stand: Newsstand, run: Run) -> None:
    stand.routes |= {f"/{n}": rss(item(n)) for n in range(4)}
    for n in range(3):
        run("add", stand.url(f"/{n}"))
    assert [name for name, _, _ in sources()] == [
        "Harbour Post",
        "Harbour Post (127.0.0.1)",
        "Harbour Post (127.0.0.1) 2",
    ]
    run("add", stand.url("/3"), "--name", "My post")
    assert sources()[3][0] == "My post"
    code, _, err = run("add", stand.url("/1"), "--name", "My post")
    assert (code, "another source" in err) == (2, True)
    assert run("add", stand.url("/0"))[2].count("there already") == 1
    assert len(sources()) == 4


def test_secrets_of_an_address_are_not_shown(stand: Newsstand, run: Run) -> None:
    stand.routes["/post"] = rss(item(1))
    told = run("add", stand.url("/post", user="me:sesame"))
    assert sources()[0][1] == stand.url("/post")
    run("fetch")
    assert {request.headers.get("authorization") for request in stand.requests} == {"Basic bWU6c2VzYW1l"}
    by_hand = stand.url("/gone", user="me:sesame")
    with places().sources_file.open("a") as file:
        file.write(f'[[source]]\nname = "By hand"\nlocation = "{by_hand}"\nkind = "feed"\n')
    shown = "".join((*told[1:], *run("sources", "--added")[1:], *run("fetch", "--json")[1:]))
    shown += "".join(run("remove", "By hand")[1:])
    assert "By hand" in shown
    assert "sesame" not in shown


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zip_file:
        for n in (1, 2):
            info = zipfile.ZipInfo(f"articles/HP/{n}.md", (2026, 1, 1, 0, 0, 0))
            zip_file.writestr(info, encode(Dump(f"Zip {n}", "", 1_600_000_000_000, "<p>x</p>")))
    return packed.getvalue()


def test_archives_of_dumps(stand: Newsstand, run: Run) -> None:
    dump = encode(Dump("There", "https://h.example/1", 1_600_000_000_000, "<p>x</p>"))
    stand.routes |= {
        "/news.zip": archive(),
        "/far/README.md": "Far News\n------\n\n[HP](lists/HP.md)\n",
        "/far/lists/HP.md": "Harbour Post\n------\n\n7-20 [There](/articles/HP/1048575_There.md)\n",
        "/far/articles/HP/1048575_There.md": dump,
        "/one.md": dump,
    }
    code, _, err = run("add", stand.url("/news.zip"))
    assert code == 0
    assert "2 stories new" in err
    assert sources()[0][0] == "news.zip"
    assert Path(sources()[0][1]).read_bytes() == archive()
    for address in ("/far", "/far/README.md"):
        assert run("add", stand.url(address))[0] == 0
    assert sources()[1:] == [("Far News", stand.url("/far/"), "remote")]
    assert run("fetch")[1] == "Far News: 1 new\n"
    assert len(run("list")[1].splitlines()) == 3
    code, _, err = run("add", stand.url("/one.md"))
    assert (code, "single dump" in err) == (3, True)


def test_a_page_with_a_feed(stand: Newsstand, run: Run) -> None:
    stand.routes |= {
        "/": "<!doctype html><link rel=alternate type=application/rss+xml href=post><body>Hello",
        "/post": rss(item(1)),
        "/many": "<html><link rel='alternate' type='application/rss+xml' title='News' href='/post'>"
        "<link rel='alternate' type='application/atom+xml' title='Ferries' href='/ferries'>",
        "/itself": "<html><a href='/itself'>RSS</a>",
    }
    assert run("add", stand.url())[0] == 0
    assert sources() == [("Harbour Post", stand.url("/post"), "feed")]
    code, out, err = run("add", stand.url("/many"))
    assert (code, out) == (2, "")
    assert all(said in err for said in ("News", stand.url("/post"), "Ferries", stand.url("/ferries")))
    code, _, err = run("add", stand.url("/itself"))
    assert (code, "it is a page" in err) == (3, True)
    assert len(sources()) == 1


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (lambda talk: talk.answer(b"", 404), "there is nothing at this address"),
        (b"just text", "neither a feed"),
        (b"", "neither a feed"),
        (gzip_bomb(100_000_000), "larger than anything"),
    ],
)
def test_what_cannot_be_added_says_why(stand: Newsstand, run: Run, handler: object, said: str) -> None:
    stand.routes["/"] = handler  # type: ignore[assignment]
    code, out, err = run("add", stand.url())
    assert (code, out) == (3, "")
    assert said in err
    assert err.count("\n") == 1
    assert sources() == []


def test_what_cannot_be_remembered_is_not_added(stand: Newsstand, run: Run, tmp_path: Path) -> None:
    stand.routes["/post"] = rss(item(1))
    archive, listed = tmp_path / "mine", tmp_path / "list.opml"
    archive.mkdir()
    (archive / "1.md").write_bytes(encode(Dump("Mine", "", 1, "<p>x</p>")))
    listed.write_text('<opml><body><outline xmlUrl="https://h.example/"/></body></opml>')
    places().config.parent.mkdir(parents=True, exist_ok=True)
    places().config.symlink_to("/proc/nowhere/at/all")
    for words in (["add", stand.url("/post")], ["add", str(archive)], ["import-opml", str(listed)]):
        code, out, err = run(*words)
        assert (code, out) == (3, "")
        assert err.startswith(f'newsreader: "{places().config}')
        assert '" cannot be read or written: ' in err


def test_what_fails_is_named_and_the_rest_comes(stand: Newsstand, run: Run) -> None:
    stand.routes |= {"/good": rss(item(1)), "/bad": rss(item(2), title="Bad\x1b[31m")}
    run("add", stand.url("/good"))
    run("add", stand.url("/bad"), "--name", "Other")
    stand.routes["/bad"] = b"<html>Sign in"
    code, out, err = run("fetch")
    assert code == 3
    assert out == "Harbour Post: 1 new\n"
    assert f'"Other": "{stand.url("/bad")}" cannot be fetched: it is a page, no feed' in err
    code, out, _ = run("fetch", "--json")
    told = {word["source"]: word for word in json.loads(out)}
    assert code == 3
    assert told["Other"]["failure"]["why"] == "not-a-feed"
    assert told["Harbour Post"]["failure"] is None
    assert run("fetch", "nobody")[0] in (1, 2)


def test_nothing_to_fetch(stand: Newsstand, run: Run) -> None:
    code, _, err = run("fetch")
    assert (code, "newsreader add URL" in err) == (2, True)


def test_pruning_spares_what_is_marked_and_what_is_not_ours(stand: Newsstand, run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "1.md"
    mine.parent.mkdir()
    mine.write_bytes(encode(Dump("Mine", "", 1, "<p>x</p>")))
    run("add", str(mine.parent))
    stand.routes["/post"] = rss(*(item(n) for n in (5, 4, 3, 2, 1)))
    run("add", stand.url("/post"))
    run("fetch")
    with places().sources_file.open("a") as file:
        file.write("keep-stories = 2\n")
    config = config_in(tmp_path)
    with Reader.open(config) as reader:
        ids = {row.title: row.id for row in reader.rows().page(limit=100)}
        reader.marks.star([ids["Night ferry 1"]])
    _, out, err = run("prune", "--dry-run")
    assert (out.count("\n"), err) == (2, "newsreader: 2 stories would go\n")
    assert len(run("list")[1].splitlines()) == 6
    code, out, _ = run("prune")
    assert code == 0
    assert [line.rpartition("  ")[2] for line in out.splitlines()] == ["Night ferry 3", "Night ferry 2"]
    titles = {row["title"] for row in json.loads(run("list", "--json")[1])}
    assert titles == {"Mine", "Night ferry 1", "Night ferry 4", "Night ferry 5"}
    assert mine.is_file()
    assert run("prune") == (0, "", "newsreader: nothing is past keeping\n")
    assert run("fetch")[1] == "Harbour Post: nothing new\n"


def test_what_was_deleted_goes_when_it_is_pruned_and_does_not_come_again(
    stand: Newsstand, run: Run, tmp_path: Path
) -> None:
    stand.routes["/post"] = rss(item(2), item(1))
    run("add", stand.url("/post"))
    run("fetch")
    ids = {row["title"]: row["id"] for row in json.loads(run("list", "--json")[1])}
    run("mark", ids["Night ferry 1"], "--delete")
    assert list((tmp_path / "data").rglob("*_Night ferry 1.md")), "it goes when it is pruned, not before"
    assert run("list", "--deleted")[1].count("Night ferry 1") == 1
    assert run("prune")[1].rstrip().endswith("Night ferry 1")
    for _ in range(2):
        assert not list((tmp_path / "data").rglob("*_Night ferry 1.md"))
        assert [row["title"] for row in json.loads(run("list", "--json")[1])] == ["Night ferry 2"]
        stand.routes["/post"] = rss(item(3), item(2), item(1))
        assert run("fetch")[1] in ("Harbour Post: 1 new\n", "Harbour Post: nothing new\n")
        run("mark", "--delete", *(row["id"] for row in json.loads(run("list", "--json")[1]) if "3" in row["title"]))


def test_pruning_takes_the_revisions_that_are_too_many(stand: Newsstand, run: Run, tmp_path: Path) -> None:
    stand.routes["/post"] = rss(item(2), item(1))
    run("add", stand.url("/post"))
    run("fetch")
    (first,) = (tmp_path / "data").rglob("*_Night ferry 1.md")
    dump = decode(first.read_bytes())
    for n in range(11):
        other = replace(dump, body=f"{n}{dump.body}", time_ms=(dump.time_ms or 0) + n + 1)
        (first.parent / f"{1048000 - n}_x.md").write_bytes(encode(other))
    left = "nothing is past keeping: no source has keep-days or keep-stories"
    code, out, err = run("prune")
    assert (code, out.rstrip().partition("  ")[2]) == (
        0,
        "2020-06-28  Harbour Post  Night ferry 1  (2 former revisions)",
    )
    assert err == "newsreader: 0 stories and 2 former revisions deleted\n"
    assert first.is_file()
    assert left in run("prune")[2]


def test_pruned_dumps_of_a_remote_archive_stay_away(stand: Newsstand, run: Run, tmp_path: Path) -> None:
    for n in (1, 2):
        stand.routes[f"/articles/HP/{n}.md"] = encode(
            Dump(f"There {n}", f"https://h.example/{n}", 10**12 + n, "<p>x</p>")
        )
    stand.routes["/README.md"] = "Far\n------\n[HP](lists/HP.md)\n"
    stand.routes["/lists/HP.md"] = "HP\n------\n[2](/articles/HP/2.md)\n\n[1](/articles/HP/1.md)\n"
    run("add", stand.url())
    assert run("fetch")[1] == "Far: 2 new\n"
    with places().sources_file.open("a") as file:
        file.write("keep-days = 30\n")
    files = sorted(tmp_path.rglob("*"))
    assert run("prune", "--dry-run")[1] == run("prune", "--dry-run")[1] != ""
    assert sorted(tmp_path.rglob("*")) == files
    assert len(run("prune")[1].splitlines()) == 2
    assert run("fetch")[1] == "Far: nothing new\n"
    assert len(stand.asked("/articles/HP/1.md")) == 1


def test_a_compressed_feed_file(stand: Newsstand, run: Run) -> None:
    stand.routes["/post.xml.gz"] = gzip.compress(rss(item(1)))
    assert run("add", stand.url("/post.xml.gz"))[0] == 0
    assert run("fetch")[1] == "Harbour Post: 1 new\n"


def test_what_failed_is_named_where_one_looks(stand: Newsstand, run: Run) -> None:
    stand.routes["/README.md"] = "Far\n------\n[HP](lists/HP.md)\n"
    stand.routes["/lists/HP.md"] = "HP\n------\n[2](/articles/HP/2.md)\n\n[1](/articles/HP/1.md)\n"
    stand.routes["/articles/HP/1.md"] = encode(Dump("There", "https://h.example/1", 10**12, "<p>x</p>"))
    run("add", stand.url())
    stand.routes |= {"/post": rss(item(1)), "/cut": rss(item(2), title="Cut").removesuffix(b"</channel></rss>")}
    run("add", stand.url("/post"))
    run("add", stand.url("/cut"))
    stand.routes["/post"] = lambda talk: talk.answer(b"", 404)
    assert run("fetch")[0] == 3
    code, out, _ = run("fetch")
    assert (code, "Far: nothing new; 1 of the dumps that it lists is missing there" in out) == (3, True)
    failing = f'2 times in a row: "{stand.url("/post")}" cannot be fetched: there is nothing at this address'
    missing = f'"Far": "{stand.url("/articles/HP/2.md")}" came in part: 1 of the dumps that it lists is missing there'
    cut = f'"Cut": "{stand.url("/cut")}" came in part: its end is missing'
    for command in ("doctor", "sources", "sources --added"):
        told = "".join(run(*command.split())[1:])
        assert failing in told
        assert '"Harbour Post": failing since 20' in told
        assert missing in told
        assert cut in told
    problems = json.loads(run("doctor", "--json")[1])
    assert [(p["code"], p["where"], p["times"]) for p in problems if p["code"].startswith("source-")] == [
        ("source-partly", "Far", 0),
        ("source-failing", "Harbour Post", 2),
        ("source-partly", "Cut", 0),
    ]
    _, out, err = run("sources", "--added", "--json")
    assert err == "", "they stand among the fields"
    added = {row["name"]: row["troubles"] for row in json.loads(out)}
    assert [added[name][0]["failure"]["status"] for name in ("Far", "Harbour Post")] == [404, 404]
    stand.routes |= {"/post": rss(item(1)), "/cut": rss(item(2), title="Cut")}
    run("fetch")
    assert [p["where"] for p in json.loads(run("doctor", "--json")[1])] == ["Far"]
    assert run("doctor")[0] == 0
