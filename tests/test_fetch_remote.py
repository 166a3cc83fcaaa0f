"""Remote archives: every dump arrives byte by byte, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from newsreader.config import Config, Source, add_source
from newsreader.dump import Dump, encode
from newsreader.fetch import FetchProgress
from newsreader.fetch.remote import base_of, names_of_dumps, names_of_lists
from newsreader.reader import Reader
from tests.newsroom import config_in
from tests.newsstand import Newsstand, Talk

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
def stand(there: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsstand]:
    for name in ("http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)

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
        (*_, last) = reader.fetch()
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
    assert (last.stage, last.added) == ("failed", 11)
    assert last.failure is not None
    assert (last.failure.why, last.failure.where) == ("not-a-dump", stand.url("/news/articles/dw/1048573.md"))
    lost.write_bytes(data)
    config, last = fetched(tmp_path, stand)
    assert (last.stage, last.added) == ("done", 1)
    assert len(here(config)) == 12


def test_a_server_that_is_gone_half_way(tmp_path: Path, there: Path, stand: Newsstand) -> None:
    for path in (there / "articles" / "dw").iterdir():
        path.unlink()
    _, last = fetched(tmp_path, stand)
    assert (last.stage, last.added) == ("failed", 6)
    assert last.failure is not None
    assert last.failure.status == 404


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
