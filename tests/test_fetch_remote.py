"""Remote archives: every dump arrives byte by byte, once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from newsreader.config import Config, Source, add_source
from newsreader.dump import Dump, encode
from newsreader.fetch import FetchProgress
from newsreader.fetch.remote import base_of, names_of_dumps, names_of_lists
from newsreader.fetch.state import load_state, save_state
from newsreader.reader import Reader
from tests.newsroom import config_in
from tests.newsstand import Newsstand, Talk, without_length

NAMES = (
    "1048570_80% x.md",
    '1048571_What? #5 "a|b".md',
    "1048572_two\nlines\n.md",
    "1048573.md",
    "1048574_【守塔人】 [the keeper] (2).md",
    "1048575_" + "守" * 80 + ".md",
)


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """An archive tree with odd names, whose lists quote them oddly."""
    root = tmp_path / "there"
    for source, heading in (("dw", "德国之声"), ("Harbour Post", "Harbour Post")):
        folder = root / "articles" / source
        folder.mkdir(parents=True)
        for name in NAMES:
            (folder / name).write_bytes(encode(Dump(f"{source} {name[:7]}", "", 1_600_000_000_000, f"<p>{name}</p>")))
        odd = [name.replace(" ", "%20") for name in NAMES]
        lines = "\n\n".join(f"7-20 [a [b](c) title](/articles/{quote(source)}/{name})" for name in odd)
        (root / "lists").mkdir(exist_ok=True)
        (root / "lists" / f"{source}.md").write_text(f"{heading}\n------\n\n{lines}\n", "utf-8")
    (root / "README.md").write_text(
        "News\n------\n\n[德国之声](lists/dw.md)\n\n[HP](lists/Harbour%20Post.md)\n", "utf-8"
    )
    return root


@pytest.fixture
def stand(there: Path) -> Iterator[Newsstand]:
    def serve(talk: Talk) -> None:
        path = there / talk.request.name.removeprefix("/news/")
        if not path.is_file():
            talk.answer(b"", 404)
            return
        etag = f'"{path.stat().st_mtime_ns}"'
        if talk.request.headers.get("if-none-match") == etag:
            talk.answer(b"", 304, ETag=etag)
        else:
            talk.answer(path.read_bytes(), ETag=etag)

    with Newsstand() as server:
        server.routes["/news/*"] = serve
        yield server


def fetched(tmp_path: Path, stand: Newsstand, extra: str = "") -> tuple[Config, FetchProgress]:
    config = config_in(tmp_path / "home")
    add_source(config.places, Source("remote", stand.url("/news/"), "remote"))
    if extra:
        with config.places.sources_file.open("a") as file:
            file.write(extra)
    with Reader.open(config) as reader:
        (*_, last) = reader.network.fetch()
    return config, last


def here(config: Config) -> list[Path]:
    return sorted((config.places.data / "archive").rglob("articles/*/*.md"))


def test_every_dump_arrives_as_it_is_and_only_once(tmp_path: Path, there: Path, stand: Newsstand) -> None:
    config, last = fetched(tmp_path, stand)
    assert (last.stage, last.added, last.failure) == ("done", 12, None)
    sent = sorted(path.read_bytes() for path in there.rglob("articles/*/*"))
    arrived = here(config)
    assert sorted(path.read_bytes() for path in arrived) == sent
    assert not any(set('?"|\n:*<>') & set(path.name) for path in arrived)
    with Reader.open(config) as reader:
        for _ in reader.ingest():
            pass
        assert [row.name for row in reader.sources()] == ["Harbour Post", "德国之声"]
    stand.requests.clear()
    _, last = fetched(tmp_path, stand)
    assert last.stage == "unchanged"
    assert sorted(request.name for request in stand.requests) == [
        "/news/README.md",
        "/news/lists/Harbour Post.md",
        "/news/lists/dw.md",
    ]


def test_what_was_missed_is_brought_in_later(tmp_path: Path, there: Path, stand: Newsstand) -> None:
    lost = there / "articles" / "dw" / "1048573.md"
    data = lost.read_bytes()
    lost.write_bytes(b"<html>Sign in</html>")
    config, last = fetched(tmp_path, stand)
    assert (last.stage, last.added) == ("done", 11)
    assert [(fault.why, fault.where) for fault in last.partly] == [
        ("missing", stand.url("/news/articles/dw/1048573.md"))
    ]
    lost.write_bytes(data)
    config, last = fetched(tmp_path, stand)
    assert (last.stage, last.added) == ("done", 1)
    assert len(here(config)) == 12


def test_what_an_archive_does_not_have_is_a_fact_about_it(tmp_path: Path, there: Path, stand: Newsstand) -> None:
    lost = {path: path.read_bytes() for path in (there / "articles" / "dw").iterdir()}
    for path in lost:
        path.unlink()
    config, last = fetched(tmp_path, stand)
    assert (last.stage, last.added, last.failure) == ("done", 6, None)
    (missing,) = last.partly
    assert (missing.why, missing.status, missing.detail) == ("missing", 404, "6")
    for path, data in lost.items():
        path.write_bytes(data)
    stand.requests.clear()
    _, last = fetched(tmp_path, stand)
    assert (last.stage, len(stand.requests), last.partly[0].detail) == ("unchanged", 3, "6")
    state = load_state(config.places, stand.url("/news/"))
    state.missing = {
        name: hole._replace(not_before=hole.not_before - 25 * 3600) for name, hole in state.missing.items()
    }
    save_state(config.places, stand.url("/news/"), state)
    _, last = fetched(tmp_path, stand)
    assert (last.stage, last.added, last.partly) == ("done", 6, ())


def test_one_fault_of_many_is_no_fault_of_the_source(tmp_path: Path, there: Path, stand: Newsstand) -> None:
    stand.routes[f"/news/articles/dw/{NAMES[3]}"] = lambda talk: talk.answer(b"", 500)
    _, last = fetched(tmp_path, stand)
    assert (last.stage, last.added, [fault.status for fault in last.partly]) == ("done", 11, [500])
    del stand.routes[f"/news/articles/dw/{NAMES[3]}"]
    _, last = fetched(tmp_path, stand)
    assert (last.stage, last.added, last.partly) == ("done", 1, ())


@pytest.mark.parametrize("status", [401, 500, 503])
def test_a_server_that_is_gone_half_way(tmp_path: Path, stand: Newsstand, status: int) -> None:
    stand.routes["/news/articles/*"] = lambda talk: talk.answer(b"", status)
    config, last = fetched(tmp_path, stand)
    assert (last.stage, last.added, last.partly) == ("failed", 0, ())
    assert last.failure is not None
    assert last.failure.status == status
    assert len(stand.requests) < 3 + 12 + 5
    assert load_state(config.places, stand.url("/news/")).failures == 1
    del stand.routes["/news/articles/*"]
    _, last = fetched(tmp_path, stand)
    assert (last.stage, last.added) == ("done", 12)


def test_a_few_that_always_fail_keep_no_other_away(tmp_path: Path, there: Path, stand: Newsstand) -> None:
    for name in NAMES:
        stand.routes[f"/news/articles/dw/{quote(name)}"] = lambda talk: talk.answer(b"", 500)
    with (there / "lists" / "dw.md").open("a") as file:
        for n in range(30):
            (there / "articles" / "dw" / f"{n}.md").write_bytes(encode(Dump(f"{n}", "", None, "<p>x</p>")))
            file.write(f"\n7-20 [x](/articles/dw/{n}.md)\n")
    added = [fetched(tmp_path, stand)[1].added for _ in range(3)]
    assert sum(added) == 36


def test_what_may_be_cut_is_asked_for_until_it_is_whole(tmp_path: Path, there: Path, stand: Newsstand) -> None:
    path = f"/news/articles/dw/{NAMES[3]}"
    body = (there / "articles" / "dw" / NAMES[3]).read_bytes()
    stand.routes[path] = without_length(body[:-9], body[:-5], body)
    config, last = fetched(tmp_path, stand)
    assert (last.stage, last.added) == ("done", 12)
    (place,) = [place for place in here(config) if place.parent.name == "dw" and place.name == NAMES[3]]
    assert place.read_bytes() == body[:-5]
    _, last = fetched(tmp_path, stand)
    assert (place.read_bytes(), last.added) == (body, 1)
    stand.requests.clear()
    _, last = fetched(tmp_path, stand)
    assert len(stand.asked(path)) == 0
    assert last.stage == "unchanged"


def test_a_list_and_a_folder_of_one_name(tmp_path: Path, there: Path, stand: Newsstand) -> None:
    data = encode(Dump("Inner", "", None, "<p>x</p>"))
    with (there / "README.md").open("a") as file:
        file.write("[a](lists/a.md) [b](lists/a.md/b.md)")
    stand.routes["/news/lists/a.md"] = "A\n---\n[x](/articles/a.md)\n"
    stand.routes["/news/lists/a.md/b.md"] = "B\n---\n[x](/articles/a.md/b.md)\n"
    stand.routes |= {"/news/articles/a.md": data, "/news/articles/a.md/b.md": data}
    _config, last = fetched(tmp_path, stand)
    assert (last.stage, last.added, last.partly) == ("done", 14, ())


def test_everything_below_is_the_readers_alone(tmp_path: Path, stand: Newsstand) -> None:
    before = os.umask(0)
    try:
        _config, _ = fetched(tmp_path, stand)
    finally:
        os.umask(before)
    assert not [path for path in (tmp_path / "home").rglob("*") if path.stat().st_mode & 0o077]


def test_what_a_killed_fetch_left_is_cleared(tmp_path: Path, stand: Newsstand) -> None:
    config, _ = fetched(tmp_path, stand)
    for folder in {path.parent for path in here(config)}:
        (folder / ".newsreader-new-1-0a-0").write_text("half")
    fetched(tmp_path, stand)
    assert not list((tmp_path / "home").rglob(".newsreader-new-*"))


def test_what_is_no_archive(tmp_path: Path, there: Path, stand: Newsstand) -> None:
    (there / "README.md").write_text("# A project\n\n[docs](docs/index.md)\n")
    config, last = fetched(tmp_path, stand)
    assert last.failure is not None
    assert last.failure.why == "not-an-archive"
    assert not here(config)


def test_names_lead_nowhere_else(tmp_path: Path, there: Path, stand: Newsstand) -> None:
    with (there / "lists" / "dw.md").open("a") as file:
        for name in (
            "../../evil.md",
            "%2e%2e/%2e%2e/evil.md",
            "dw/../../../evil.md",
            "/etc/evil.md",
            "dw/.hidden.md",
            "dw/x",
        ):
            file.write(f"\n7-20 [x](/articles/{name})\n")
    _, last = fetched(tmp_path, stand)
    root = tmp_path / "home" / "data" / "archive"
    assert not list(tmp_path.rglob("evil*.md")) or all(root in path.parents for path in tmp_path.rglob("evil*.md"))
    assert not any(path.name.startswith(".h") for path in tmp_path.rglob("*"))
    assert last.added == 12


def test_only_as_many_as_are_kept(tmp_path: Path, stand: Newsstand) -> None:
    config, last = fetched(tmp_path, stand, "keep-stories = 2\n")
    assert last.added == 4
    assert {path.name[:7] for path in here(config)} == {"1048570", "1048571"}


def test_no_fetch_holds_more_than_it_has_room_for(
    tmp_path: Path, stand: Newsstand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsreader.fetch.remote._MOST_AT_ONCE", 5)
    added = [fetched(tmp_path, stand)[1].added for _ in range(4)]
    assert added == [5, 5, 2, 0]
    monkeypatch.setattr("newsreader.fetch.remote._MOST_LISTED", 100)
    stand.routes["/news/README.md"] = "".join(f"[{n}](lists/{n}.md)\n" for n in range(99))
    stand.routes["/news/lists/*"] = "x" * 70
    stand.requests.clear()
    _, last = fetched(tmp_path, stand)
    assert {fault.why for fault in last.partly} == {"too-big"}
    assert len(stand.requests) < 20


def test_lists() -> None:
    assert names_of_lists("[a](lists/a%20b.md) [c](./lists/c.md) [d](/lists/d.md) [e](lists/a%20b.md) [f](x/g.md)") == [
        "a b.md",
        "c.md",
        "d.md",
    ]
    assert names_of_dumps("7-20 [80% [x](y)](/articles/s/1_80%%20x (2).md)\n[b](articles/s/2_a?b#c.md)  \n") == [
        "s/1_80% x (2).md",
        "s/2_a?b#c.md",
    ]
    assert base_of("https://h.example/news/README.md") == base_of("https://h.example/news") == "https://h.example/news/"
