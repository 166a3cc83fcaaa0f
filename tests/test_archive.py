"""Archives of every kind: what counts as a dump, in which order, and what happens to the damaged and the hostile."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreader.archive import MAX_DUMP, Archive, Member, Skipped, is_candidate, open_archive, zips
from newsreader.archive.names import is_binary, newest_first, readable
from newsreader.archive.numbered import put_numbered
from newsreader.errors import NotADump, NotFound, Unreadable


def dump(title: str = "Tide tables", body: str = "<p>The water comes twice a day.</p>") -> bytes:
    return f"<!--1594000000000-->\n[{title}](https://example.org/{len(title)})\n------\n\n{body}\n".encode()


HEADLESS = b"<p>No header, yet a text about herons.</p>\n"
TREE: dict[str, bytes] = {
    "README.md": "Archive\n------\n\n[河口](lists/estuary.md)\n\n[山](lists/mountain.md)\n".encode(),
    "lists/estuary.md": "河口日报\n------\n\n7-20 [Tide](/articles/estuary/1048000_Tide.md)\n".encode(),
    "lists/mountain.md": b"7-20 [Snow](/articles/mountain/1048100_Snow.md)\n",
    "articles/estuary/1048000_Tide.md": dump("Tide"),
    "articles/estuary/1048007_Older.md": dump("Older"),
    "articles/estuary/1048003.md": dump("No title in its name"),
    "articles/mountain/1048100_Snow.md": dump("Snow"),
    "articles/mountain/1048101_Two\nlines.md": dump("Two lines"),
    "articles/plain/80% x | [y].md": HEADLESS,
}
NAMES = sorted(name for name in TREE if name.startswith("articles/"))


def as_folder(tree: dict[str, bytes], place: Path) -> Path:
    for name, data in tree.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return place


def as_tar(tree: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in tree.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mtime = 1_600_000_000
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def as_zip(tree: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in tree.items():
            archive.writestr(name, data)
    return out.getvalue()


PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": as_zip,
    "tar": as_tar,
    "tar.gz": lambda tree: gzip.compress(as_tar(tree)),
    "tar.xz": lambda tree: lzma.compress(as_tar(tree)),
    "tar.bz2": lambda tree: bz2.compress(as_tar(tree), 1),
}


def contents(archive: Archive) -> tuple[dict[str, bytes], list[Skipped]]:
    read: dict[str, bytes] = {}
    skipped = []
    for item in archive.entries():
        if isinstance(item, Skipped):
            skipped.append(item)
        else:
            read[item[0].name] = item[1]
    return read, skipped


def faults(archive: Archive) -> dict[str, str]:
    return {item.path: item.why for item in archive.entries() if isinstance(item, Skipped)}


@pytest.fixture(params=["folder", *PACKERS])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    if request.param == "folder":
        path = as_folder(TREE, tmp_path / "here")
    else:
        path = tmp_path / "no ending tells"
        path.write_bytes(PACKERS[request.param]({f"top/{name}": data for name, data in TREE.items()}))
    with open_archive(path) as opened:
        yield opened


# --- what every kind does -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["nan", "-inf", "1e400", "9" * 400, "-1e300"])
def test_a_time_that_is_none_costs_no_member_of_a_tar(tmp_path: Path, when: str) -> None:
    with tarfile.open(tmp_path / "x.tar", "w", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("snow.md")
        info.size, info.pax_headers = len(dump("Snow")), {"mtime": when}
        tar.addfile(info, io.BytesIO(dump("Snow")))
    with open_archive(tmp_path / "x.tar") as archive:
        (member,) = archive.listing()
        assert isinstance(member, Member)
        assert archive.read(member) == dump("Snow")


def test_every_dump_is_read_and_nothing_else(archive: Archive) -> None:
    read, skipped = contents(archive)
    assert sorted(name.removeprefix("top/") for name in read) == NAMES
    assert all(data == TREE[name.removeprefix("top/")] for name, data in read.items())
    assert skipped == []


def test_listing_twice_and_reading_in_any_order_gives_the_same(archive: Archive) -> None:
    members = [item for item in archive.listing() if isinstance(item, Member)]
    assert list(archive.listing()) == members
    for member in reversed(members):
        data = archive.read(member)
        assert data == TREE[member.name.removeprefix("top/")]
        assert member.size == len(data)


def test_source_names_come_from_the_lists_then_readme_then_the_folder(archive: Archive) -> None:
    sources = {item.name.split("/")[-2]: item.source for item in archive.listing() if isinstance(item, Member)}
    assert sources == {"estuary": "河口日报", "mountain": "山", "plain": "plain"}


def test_paths_say_where_a_dump_is(archive: Archive) -> None:
    join = "/" if archive.kind == "folder" else "!"
    for item in archive.listing():
        assert isinstance(item, Member)
        assert item.path == f"{archive.root}{join}{item.name}"


def test_smaller_ids_come_first_and_sources_take_turns(tmp_path: Path) -> None:
    with open_archive(as_folder(TREE, tmp_path / "here")) as folder:
        order = [item.name for item in folder.listing() if isinstance(item, Member)]
    estuary = [name.split("/")[-1] for name in order if "estuary" in name]
    assert estuary == ["1048000_Tide.md", "1048003.md", "1048007_Older.md"]
    assert {name.split("/")[1] for name in order[:2]} == {"estuary", "mountain"}


def test_without_ids_the_newest_file_comes_first(tmp_path: Path) -> None:
    for age, name in enumerate(("b.md", "a.md", "20200715_c.md")):
        (tmp_path / name).write_bytes(dump(name))
        os.utime(tmp_path / name, (10_000 - age, 10_000 - age))
    with open_archive(tmp_path) as folder:
        assert [item.name for item in folder.listing() if isinstance(item, Member)] == ["b.md", "a.md", "20200715_c.md"]


def test_hexadecimal_ids_count_down_too() -> None:
    names = ["s/fffd0_b.md", "s/00a10_a.md", "s/12345_c.md"]
    members = [Member(name, name, "s", 1, 0, 0) for name in names]
    assert [member.name for member in newest_first(members)] == ["s/00a10_a.md", "s/12345_c.md", "s/fffd0_b.md"]


@given(st.lists(st.tuples(st.text("abf0123456789/_.", max_size=12), st.integers(0, 5)), max_size=30, unique=True))
def test_ordering_loses_and_doubles_nothing(rows: list[tuple[str, int]]) -> None:
    members = [Member(name, name, "", 1, mtime, i) for i, (name, mtime) in enumerate(rows)]
    assert sorted(m.inode for m in newest_first(members)) == list(range(len(members)))


# --- what counts as a dump ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "head", "counts"),
    [
        ("a/b.md", HEADLESS, True),
        ("a/b.HTML", HEADLESS, True),
        ("a/b.txt", b"", True),
        ("a/b.jpeg", HEADLESS, False),
        ("a/b", dump(), True),
        ("a/b.json", dump(), True),
        (".hidden/b.md", HEADLESS, False),
        (".hidden/b.md", dump(), True),
        ("README.md", HEADLESS, False),
        ("sub/readme.md", HEADLESS, False),
        ("README.md", dump(), True),
        ("lists/b.md", HEADLESS, False),
        ("top/lists/b.md", HEADLESS, False),
        ("lists.md", HEADLESS, True),
        ("__MACOSX/a/._b.md", b"\0\5\x16\7\0\2\0\0Mac OS X", False),
        ("b.txt", bytes(range(256)) * 8, False),
    ],
)
def test_what_counts_as_a_dump(name: str, head: bytes, counts: bool) -> None:
    assert is_candidate(name, head) is counts


def test_text_in_any_encoding_is_not_taken_for_binary() -> None:
    text = "潮水每天来两次，守塔人记下时刻。Herons, 12\n" * 40
    for encoding in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "big5", "shift_jis"):
        shown = text.replace("来", "來").replace("两", "兩").replace("记", "記").replace("时", "時").replace("每", "毎")
        data = (shown if encoding == "shift_jis" else text).encode(encoding, "replace")
        if encoding in ("utf-16-le", "utf-16-be", "utf-32"):
            data = "plain ascii words\n".encode(encoding) * 9
        assert not is_binary(data), encoding
    assert not is_binary(b"a hostile \x00\x1b[31m\x07 line of text that is otherwise long enough\n")
    assert is_binary(b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00\x01\x00\x00\x00" + bytes(40))
    assert is_binary(zlib.compress(bytes(i * i % 251 for i in range(9000))))


def test_one_file_given_directly_counts_whatever_it_is_called(tmp_path: Path) -> None:
    for name in ("README.md", ".secret", "-x.jpeg", "%s\n.md"):
        path = as_folder({f"lists/{name}": HEADLESS}, tmp_path) / "lists" / name
        with open_archive(path) as single:
            assert single.kind == "file"
            ((member, data),) = (item for item in single.entries() if not isinstance(item, Skipped))
            assert (member.path, member.name, data) == (str(path), name, HEADLESS)


def test_a_single_dump_knows_its_source_by_the_list_of_its_archive(tmp_path: Path) -> None:
    root = as_folder(TREE, tmp_path / "here")
    with open_archive(root / "articles/estuary/1048000_Tide.md") as single:
        assert [item.source for item in single.listing() if isinstance(item, Member)] == ["河口日报"]
    with open_archive(root / "articles/estuary") as folder:
        assert {item.source for item in folder.listing() if isinstance(item, Member)} == {"河口日报"}


def test_what_holds_no_dump_is_refused(tmp_path: Path) -> None:
    as_folder({"empty/x/photo.jpeg": b"\xff\xd8\xff\xe0" + bytes(40), "binary": bytes(range(256)) * 9}, tmp_path)
    as_folder({"nothing.md": b"", "one.gz": gzip.compress(dump()), "bad.xz": b"\xfd7zXZ\0" + b"rubbish" * 9}, tmp_path)
    reasons = {}
    for name in ("empty", "binary", "nothing.md", "one.gz", "bad.xz"):
        with pytest.raises(NotADump) as caught:
            open_archive(tmp_path / name)
        reasons[name] = caught.value.why
    assert reasons == {
        "empty": "folder",
        "binary": "binary",
        "nothing.md": "empty",
        "one.gz": "compressed",
        "bad.xz": "compressed",
    }
    as_folder({"hollow/x/1.md": b""}, tmp_path)
    with pytest.raises(Unreadable, match="empty"):
        open_archive(tmp_path / "hollow")
    for missing in ("missing", "nothing.md/below", "nul\0"):
        with pytest.raises(NotFound):
            open_archive(tmp_path / missing)


def test_a_pipe_given_directly_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = subprocess.Popen(["sh", "-c", 'printf "%s" "$1" > "$2"', "sh", HEADLESS.decode(), str(pipe)])
    with open_archive(pipe) as single:
        assert contents(single) == ({"pipe": HEADLESS}, [])
    monkeypatch.setattr("newsreader.archive.MAX_DUMP", len(HEADLESS) - 1)
    with subprocess.Popen(writer.args), pytest.raises(Unreadable, match="too-big"):
        open_archive(pipe)
    assert writer.wait() == 0


# --- folders ------------------------------------------------------------------------------------------------------


def test_links_are_followed_and_loops_are_cut(tmp_path: Path) -> None:
    root = as_folder(TREE, tmp_path / "here")
    as_folder({"far/away.md": dump("Away"), "file.md": dump("File")}, tmp_path)
    (root / "articles/up").symlink_to("..")
    (root / "articles/top").symlink_to("/")
    (root / "articles/far").symlink_to(tmp_path / "far")
    (root / "articles/linked.md").symlink_to(tmp_path / "file.md")
    (root / "articles/self.md").symlink_to("self.md")
    (root / "articles/gone.md").symlink_to("nowhere")
    with open_archive(root) as folder:
        read, skipped = contents(folder)
    assert sorted(read) == sorted([*NAMES, "articles/far/away.md", "articles/linked.md"])
    here = f"{root}/articles/"
    assert {item.path.removeprefix(here): item.why for item in skipped} == {
        "up": "loop",
        "top": "loop",
        "self.md": "loop",
        "gone.md": "vanished",
    }


def test_a_folder_keeps_its_own_name_when_a_link_leads_to_it_too(tmp_path: Path) -> None:
    root = as_folder({"real/deep/a.md": dump()}, tmp_path / "here")
    (root / "a link").symlink_to("real/deep")
    with open_archive(root) as folder:
        read, skipped = contents(folder)
    assert list(read) == ["real/deep/a.md"]
    assert [(item.path, item.why) for item in skipped] == [(f"{root}/a link", "loop")]


def test_what_vanishes_or_changes_after_listing_is_named_and_the_rest_read(tmp_path: Path) -> None:
    root = as_folder(TREE, tmp_path / "here")
    with open_archive(root) as folder:
        entries = folder.entries()
        first = next(entries)
        assert isinstance(first, tuple)
        left = [name for name in NAMES if name != first[0].name]
        (root / left[0]).unlink()
        (root / left[1]).write_bytes(b"")
        rest = list(entries)
    assert {item.path: item.why for item in rest if isinstance(item, Skipped)} == {
        f"{root}/{left[0]}": "vanished",
        f"{root}/{left[1]}": "empty",
    }
    assert {item[0].name for item in rest if isinstance(item, tuple)} == set(left[2:])


def test_a_number_beyond_63_bits_is_one_within(tmp_path: Path) -> None:
    with open_archive(as_folder(TREE, tmp_path / "here")) as folder:
        assert [folder._member("a", "a", 1, 1, inode).inode for inode in (2**63 - 1, 2**64 - 2)] == [2**63 - 1, -2]


def test_of_dumps_that_cannot_be_put_nothing_stays_half_written(tmp_path: Path) -> None:
    class Cleared(list[tuple[str, bytes]]):
        """Dumps of which one is taken away while they are put."""

        def __iter__(self) -> Iterator[tuple[str, bytes]]:
            for path in sorted(tmp_path.iterdir())[:1]:
                path.unlink()
            yield from super().__iter__()

    with pytest.raises(FileNotFoundError):
        put_numbered(tmp_path, Cleared([("one", b"1"), ("two", b"2")]))
    assert list(tmp_path.iterdir()) == []


def test_pipes_temporary_files_and_version_control_in_a_folder_are_left_alone(tmp_path: Path) -> None:
    root = as_folder({"a.md": dump(), ".git/copy": dump(), ".newsreader-1-ab": dump()}, tmp_path)
    os.mkfifo(root / "pipe.md")
    with open_archive(root) as folder:
        assert contents(folder) == ({"a.md": dump()}, [])


def test_a_dump_beyond_the_cap_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(dump())
    with (tmp_path / "huge.md").open("wb") as huge:
        huge.truncate(MAX_DUMP + 1)
    with open_archive(tmp_path) as folder:
        assert faults(folder) == {f"{tmp_path}/huge.md": "too-big"}


def test_names_of_odd_bytes_can_be_read(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/" + "新闻".encode("gb18030")
    os.mkdir(folder)  # noqa: PTH102 (a name of bytes)
    with os.fdopen(os.open(folder + b"/\xff\xfe.md", os.O_WRONLY | os.O_CREAT), "wb") as file:
        file.write(dump())
    with open_archive(tmp_path) as opened:
        (item,) = opened.entries()
    assert isinstance(item, tuple)
    assert item[0].source == "新闻"
    assert item[1] == dump()
    assert os.fsencode(item[0].path).endswith(b"/\xff\xfe.md")


UNPRIVILEGED = """
import sys
from pathlib import Path
from newsreader.archive import open_archive, Skipped
from newsreader.errors import Unreadable
try:
    with open_archive(Path(sys.argv[1])) as archive:
        for item in archive.entries():
            print(*(("read", item[0].path) if isinstance(item, tuple) else (item.why, item.path)))
except Unreadable as error:
    print("refused", error.why, error.where)
"""


def without_privilege() -> list[str]:
    """How a command begins for file modes to bind it; nothing where we are not root."""
    if os.getuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may read everything, and setpriv is missing to give that up")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def unprivileged(path: Path) -> list[str]:
    """What somebody whom file modes bind, as they do not bind root, sees of an archive: a line an item, sorted."""
    command = [*without_privilege(), sys.executable, "-c", UNPRIVILEGED, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(done.stdout.splitlines())


def test_what_may_not_be_read_is_named_and_the_rest_read(tmp_path: Path) -> None:
    root = as_folder({"a/open.md": dump(), "a/shut.md": dump(), "b/inside.md": dump()}, tmp_path / "here")
    (root / "a/shut.md").chmod(0)
    (root / "b").chmod(0)
    try:
        assert unprivileged(root) == [
            f"forbidden {root}/a/shut.md",
            f"forbidden {root}/b",
            f"read {root}/a/open.md",
        ]
        assert unprivileged(root / "b") == [f"refused forbidden {root}/b"]
        assert unprivileged(root / "a/shut.md") == [f"refused forbidden {root}/a/shut.md"]
    finally:
        (root / "b").chmod(0o700)


# --- zip ----------------------------------------------------------------------------------------------------------


def opened(tmp_path: Path, data: bytes) -> Archive:
    path = tmp_path / "archive file"
    path.write_bytes(data)
    return open_archive(path)


@pytest.mark.parametrize("kind", list(PACKERS))
def test_names_that_lead_outside_are_named_and_the_rest_read(kind: str, tmp_path: Path) -> None:
    evil = ["../up.md", "/etc/cron.md", "a/../../b.md", "C:\\x.md", "a\\..\\..\\b.md", "\\\\host\\x.md"]
    tree = {name: dump() for name in evil} | {"good/fine.md": dump()}
    with opened(tmp_path, PACKERS[kind](tree)) as archive:
        read, skipped = contents(archive)
        assert list(read) == ["good/fine.md"]
        assert sorted(item.path.partition("!")[2] for item in skipped) == sorted(evil)
        assert {item.why for item in skipped} == {"unsafe-name"}
    assert [path.name for path in tmp_path.iterdir()] == ["archive file"]


@pytest.mark.parametrize("kind", list(PACKERS))
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_of_a_truncated_archive_the_beginning_is_read(kind: str, part: float, tmp_path: Path) -> None:
    tree = {f"s/{1000000 + i}.md": dump(str(i), os.urandom(3000).hex()) for i in range(60)}
    whole = PACKERS[kind](tree)
    with opened(tmp_path, whole[: int(len(whole) * part)]) as archive:
        read, skipped = contents(archive)
        assert all(tree[name] == data for name, data in read.items())
        assert len(read) >= 60 * part - (17 if kind == "tar.bz2" else 6)
        assert Skipped(archive.root, "damaged", skipped[0].detail) == skipped[0]


@pytest.mark.parametrize("kind", list(PACKERS))
def test_damage_in_the_middle_harms_only_what_it_hits(kind: str, tmp_path: Path) -> None:
    tree = {f"s/{1000000 + i}.md": dump(str(i), os.urandom(3000).hex()) for i in range(60)}
    whole = bytearray(PACKERS[kind](tree))
    place = whole.index(b"s/1000030.md") if kind in ("tar", "zip") else len(whole) // 2
    whole[place : place + 40] = b"\xa5" * 40
    with opened(tmp_path, bytes(whole)) as archive:
        read, skipped = contents(archive)
    wrong = [name for name, data in read.items() if tree.get(name) != data]
    assert len(read) - len(wrong) >= (59 if kind in ("tar", "zip") else 12)
    assert all(name > "s/1000011.md" for name in wrong), "what stands before it is right"
    assert skipped
    # Neither tar nor gzip tells which text it is that does not add up, and what follows repeats pieces of it in a gzip.
    assert kind == "tar.gz" or len(wrong) <= 1


def test_a_tar_whose_check_sum_does_not_hold_is_told_though_each_block_can_be_read(tmp_path: Path) -> None:
    tree = {f"s/{n}.md": dump(str(n)) for n in range(5)}
    plain = PACKERS["tar"](tree)
    whole = gzip.compress(plain, compresslevel=0).replace(b"](https", b"](HTTPS", 1)
    with opened(tmp_path, whole) as archive:
        read, skipped = contents(archive)
    assert len(read) == len(tree)
    assert [item.why for item in skipped] == ["damaged"]
    with opened(tmp_path, gzip.compress(plain)) as archive:
        assert contents(archive) == (tree, [])


def test_a_truncated_zip_whose_sizes_follow_the_data_is_read_too(tmp_path: Path) -> None:
    class Unseekable(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += bytes(data)  # type: ignore[call-overload]
            return len(bytes(data))  # type: ignore[call-overload]

    out = Unseekable()
    tree = {f"s/{i}.md": dump(str(i)) for i in range(5)}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, data in tree.items():
            writer.writestr(name, data)
    whole = bytes(out.data)
    with opened(tmp_path, whole[: whole.index(b"PK\x01\x02")]) as archive:
        read, skipped = contents(archive)
    assert read == tree
    assert [item.why for item in skipped] == ["damaged"]


def test_bombs_links_encrypted_and_foreign_members_are_left_out(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("fine.md", dump())
        writer.writestr("bomb.md", b"0" * (2 * 2**20))
        writer.writestr("lzma.md", dump(), compress_type=zipfile.ZIP_LZMA)
        writer.writestr("empty.md", b"")
        link = zipfile.ZipInfo("link.md")
        link.create_system = 3
        link.external_attr = 0o120777 << 16
        writer.writestr(link, "/etc/passwd")
        writer.writestr("locked.md", dump())
        writer.writestr("photo.jpeg", b"\xff\xd8" * 99)
        writer.writestr("dump without ending", dump())
    data = bytearray(out.getvalue())
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"locked.md"))
    data[entry + 8] |= 1
    with opened(tmp_path, bytes(data)) as archive:
        read, skipped = contents(archive)
    assert sorted(read) == ["dump without ending", "fine.md"]
    assert {item.path.partition("!")[2]: item.why for item in skipped} == {
        "bomb.md": "bomb",
        "lzma.md": "unsupported",
        "empty.md": "empty",
        "link.md": "link",
        "locked.md": "encrypted",
    }


def test_a_size_that_lies_inflates_no_more_than_it_says(tmp_path: Path) -> None:
    data = bytearray(as_zip({"liar.md": b"x" * 5000, "fine.md": dump()}))
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, entry + 24, 100)
    with opened(tmp_path, bytes(data)) as archive:
        read, skipped = contents(archive)
    assert list(read) == ["fine.md"]
    assert [item.why for item in skipped] == ["damaged"]


def test_members_that_share_their_bytes_are_a_bomb(tmp_path: Path) -> None:
    data = bytearray(as_zip({f"{i}.md": dump(str(i), "a tide table " * 50) for i in range(4)}))
    entries = [i for i in range(len(data)) if data.startswith(b"PK\x01\x02", i)]
    for entry in entries[1:]:
        data[entry + 16 : entry + 28] = data[entries[0] + 16 : entries[0] + 28]
        data[entry + 42 : entry + 46] = data[entries[0] + 42 : entries[0] + 46]
    with opened(tmp_path, bytes(data)) as archive:
        read, skipped = contents(archive)
    assert len(read) == 1
    assert [item.why for item in skipped] == ["bomb"] * 3


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "cp437"])
def test_names_in_a_zip_that_does_not_say_its_encoding(encoding: str, tmp_path: Path) -> None:
    name = "café" if encoding == "cp437" else "新闻"
    raw = name.encode(encoding)
    data = as_zip({f"{'x' * len(raw)}/1.md": dump()}).replace(b"x" * len(raw) + b"/1.md", raw + b"/1.md")
    with opened(tmp_path, data) as archive:
        ((member, _),) = (item for item in archive.entries() if isinstance(item, tuple))
    assert (member.name, member.source) == (f"{name}/1.md", name)


def test_a_zip_written_with_backslashes_has_folders(tmp_path: Path) -> None:
    data = bytearray(as_zip({"articles!estuary!1.md": dump()}).replace(b"!", b"\\"))
    data[data.index(b"PK\x01\x02") + 5] = 0
    with opened(tmp_path, bytes(data)) as archive:
        ((member, _),) = (item for item in archive.entries() if isinstance(item, tuple))
    assert member.name == "articles/estuary/1.md"


# --- tar ----------------------------------------------------------------------------------------------------------


def test_links_devices_and_bombs_in_a_tar_are_left_out(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        kinds = {
            "sym.md": tarfile.SYMTYPE,
            "hard.md": tarfile.LNKTYPE,
            "null.md": tarfile.CHRTYPE,
            "null.png": tarfile.CHRTYPE,
        }
        for name, kind in kinds.items():
            info = tarfile.TarInfo(name)
            info.type = kind
            info.linkname = "/etc/passwd"
            tar.addfile(info)
        info = tarfile.TarInfo("huge.md")
        info.size = MAX_DUMP + 1
        tar.addfile(info, io.BytesIO(bytes(info.size)))
        info = tarfile.TarInfo("fine.md")
        info.size = len(dump())
        tar.addfile(info, io.BytesIO(dump()))
    with opened(tmp_path, gzip.compress(out.getvalue(), 1)) as archive:
        read, skipped = contents(archive)
    assert list(read) == ["fine.md"]
    assert {item.path.partition("!")[2]: item.why for item in skipped} == {
        "sym.md": "link",
        "hard.md": "link",
        "null.md": "unsupported",
        "huge.md": "too-big",
    }


def test_a_tar_that_unpacks_without_end_is_left_at_once(tmp_path: Path) -> None:
    zeros = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = zeros.compress(as_tar({"fine.md": dump()})[:1024] + header("bomb.md", 2**34))
    bomb += b"".join(zeros.compress(bytes(2**20)) for _ in range(32)) + zeros.flush()
    with opened(tmp_path, bomb) as archive:
        read, skipped = contents(archive)
    assert list(read) == ["fine.md"]
    assert [item.why for item in skipped] == ["bomb"]


def header(name: str, size: int, kind: bytes = b"0") -> bytes:
    """A tar header as no honest program writes it: sizes may be negative or beyond all measure."""
    info = tarfile.TarInfo(name)
    info.type = kind
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = (
        b"\x80" + size.to_bytes(11, "big") if size >= 0 else b"\xff" + size.to_bytes(11, "big", signed=True)
    )
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


@pytest.mark.parametrize("size", [-512, -1024, 2**40, 2**62])
@pytest.mark.parametrize("kind", [b"0", b"x", b"L", b"g", b"S"])
def test_sizes_that_lie_end_the_reading_and_nothing_else(size: int, kind: bytes, tmp_path: Path) -> None:
    data = as_tar({"fine.md": dump()})[: 512 + 512] + header("liar.md", size, kind) + bytes(4096)
    with opened(tmp_path, data) as archive:
        read, skipped = contents(archive)
    assert read == {"fine.md": dump()}
    assert skipped


def test_of_a_member_that_comes_twice_the_later_one_counts(tmp_path: Path) -> None:
    with opened(
        tmp_path, as_tar({"a.md": dump("first")})[: -10240 + 1024] + as_tar({"a.md": dump("second")})
    ) as archive:
        read, _ = contents(archive)
    assert read in ({"a.md": dump("second")}, {"a.md": dump("first")})


@given(st.binary(max_size=3000))
def test_any_bytes_are_an_archive_or_are_refused(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        for start in (b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"BZh9", as_tar({"a.md": dump()})[:700]):
            path = Path(place) / "any"
            path.write_bytes(start + data)
            try:
                with open_archive(path) as archive:
                    for item in archive.entries():
                        assert isinstance(item, tuple | Skipped)
            except (NotADump, Unreadable):
                pass


def test_readable_names() -> None:
    assert readable("a\nb  c") == "a b c"
    assert readable(os.fsdecode("德国之声".encode())) == "德国之声"
    assert readable("x\ud800y") == "x?y"
    assert len(readable("长" * 500)) == 80


def test_the_real_archive_is_read_whole(corpus: Path, corpus_dumps: list[tuple[str, bytes]]) -> None:
    with open_archive(corpus) as folder:
        read, skipped = contents(folder)
    assert skipped == []
    assert read == dict(corpus_dumps)


def test_a_zip_that_is_cut_short_while_it_is_listed_costs_itself(tmp_path: Path) -> None:
    """Were it mapped into memory, a look at what is gone would end the process."""
    whole = as_zip({f"{n}.md": b"" for n in range(2000)})
    lister = """
import sys
from pathlib import Path
from newsreader.archive import open_archive
from newsreader.errors import NewsreaderError
for _ in range(30):
    try:
        with open_archive(Path(sys.argv[1])) as archive:
            list(archive.listing())
    except NewsreaderError:
        pass
"""
    for data in (whole, whole[: whole.rindex(b"PK\x05\x06")]):
        path = tmp_path / "news.zip"
        path.write_bytes(data)
        listing = subprocess.Popen([sys.executable, "-c", lister, path], stderr=subprocess.PIPE, text=True)
        while listing.poll() is None:
            os.truncate(path, 100)
            path.write_bytes(data)
            time.sleep(0.01)
        assert (listing.communicate()[1], listing.returncode) == ("", 0)


def test_streams_of_a_zip_without_an_index_that_lie_in_each_other_are_inflated_once(tmp_path: Path) -> None:
    count = 2000
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = packer.compress(bytes(2**25)) + packer.flush(zlib.Z_SYNC_FLUSH)  # and no end
    headers = bytearray()
    for n in range(count):
        ahead = 30 * (count - n - 1)
        lengths = min(ahead, 0xFFFF), ahead - min(ahead, 0xFFFF)
        headers += struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 8, 8, 0, 33, 0, 0, 0, *lengths)
    with opened(tmp_path, bytes(headers) + stream) as archive:
        assert {item.why for item in archive.listing() if isinstance(item, Skipped)} <= {"damaged"}


def test_an_index_is_read_up_to_so_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_MEMBERS", 3)
    with opened(tmp_path, as_zip({f"{n}.md": dump() for n in range(5)})) as archive:
        listed = list(archive.listing())
    assert [item.why for item in listed if isinstance(item, Skipped)] == ["too-many"]
    assert len(listed) == 4
