"""Where things live, what may be chosen, and what is said about a choice that cannot be."""

from __future__ import annotations

import os
import pickle
import stat
import subprocess
import sys
import tomllib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import tomlkit

from newsreader.config import (
    Keys,
    LocalZone,
    Places,
    Settings,
    Source,
    add_source,
    change_source,
    default_toml,
    keep_search,
    load_config,
    load_settings,
    load_sources,
    places,
    remove_source,
    write_private,
)
from newsreader.errors import BadSettings, NotFound


@pytest.fixture
def home(tmp_path: Path) -> Places:
    where = places({"NEWSREADER_HOME": str(tmp_path / "home")})
    where.make(where.config)
    return where


def choose(home: Places, text: str) -> Settings:
    home.settings_file.write_text(text, encoding="utf-8")
    return load_settings(home)


# --- places -------------------------------------------------------------------------------------------------------


def test_one_variable_holds_everything_and_nothing_is_made_by_asking(tmp_path: Path) -> None:
    where = places({"NEWSREADER_HOME": str(tmp_path / "home")})
    assert where[:3] == tuple(tmp_path / "home" / name for name in ("config", "cache", "data"))
    assert load_config({"NEWSREADER_HOME": str(tmp_path / "home")}).places == where
    assert list(tmp_path.iterdir()) == []


def test_a_home_of_nobody_is_told() -> None:
    with pytest.raises(BadSettings):
        places({"NEWSREADER_HOME": "~nobody-at-all/news"})


def test_the_systems_places_are_three_folders_of_our_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    if sys.platform == "linux":
        expected = tuple(tmp_path / name / "newsreader" for name in ("config", "cache", "data"))
        assert places({})[:3] == expected
    assert len({places({}).config, places({}).cache, places({}).data}) == 3 or sys.platform != "linux"


def test_a_place_that_has_gone_takes_no_place_of_another_home_with_it(tmp_path: Path) -> None:
    config, data = tmp_path / "a/newsreader", tmp_path / "b/newsreader"
    where = Places(config, tmp_path / "c/newsreader", data, (config, data))  # neither is there
    data.mkdir(parents=True)
    assert where.make(data / "archive").is_dir()
    assert where.make(where.cache).is_dir()
    with pytest.raises(OSError, match="it is gone"):
        where.make(config)


def test_what_is_made_is_the_readers_alone(home: Places) -> None:
    old = os.umask(0)
    try:
        folder = home.make(home.data / "archive" / "deep")
        write_private(folder / "file", "x\n")
    finally:
        os.umask(old)
    for path, mode in ((home.data, 0o700), (folder, 0o700), (folder.parent, 0o700), (folder / "file", 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode, path
    assert home.make(folder) == folder


def test_what_goes_to_a_pipe_takes_nothings_place(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        for path in (pipe, tmp_path / "link"):
            write_private(path, "marks\n")
            assert os.read(reader, 99) == b"marks\n"
            assert pipe.is_fifo()
    finally:
        os.close(reader)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(home: Places) -> None:
    path = home.config / "file"
    write_private(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "new \ud800")
    assert [(p.name, p.read_text()) for p in home.config.iterdir()] == [("file", "old")]


def test_a_file_that_is_kept_elsewhere_stays_there(home: Places, tmp_path: Path) -> None:
    """Some keep what they wrote by hand in another folder, and link it."""
    (tmp_path / "dotfiles").mkdir()
    home.sources_file.symlink_to(tmp_path / "dotfiles" / "sources.toml")
    for name in ("one", "two"):
        add_source(home, Source(name, str(tmp_path / name), "archive"))
    assert home.sources_file.is_symlink()
    assert [source.name for source in load_sources(home)] == ["one", "two"]
    assert [path.name for path in (tmp_path / "dotfiles").iterdir()] == ["sources.toml"]


# --- settings -----------------------------------------------------------------------------------------------------


def test_without_a_file_everything_is_as_the_defaults_say(home: Places) -> None:
    settings = load_settings(home)
    assert (settings.measure, settings.mark_read_after, settings.mouse, settings.preview) == (80, 1.0, False, False)
    assert settings.keys == Keys("default", {})
    assert isinstance(settings.timezone, LocalZone)


def test_the_written_form_holds_every_setting_and_changes_none(home: Places) -> None:
    text = default_toml()
    assert tomllib.loads(text) == {}
    unmarked = "\n".join(
        line.removeprefix("# ") for line in text.splitlines() if " = " in line or line.startswith("# [")
    )
    chosen = tomllib.loads(unmarked)
    assert set(Settings._fields) == {*chosen, *chosen["fetch"]} - {"fetch"}
    keys, commands = chosen.pop("keys"), chosen.pop("commands")
    assert choose(home, tomlkit.dumps({"commands": commands})).commands
    settings = choose(home, tomlkit.dumps(chosen))
    defaults = Settings()
    for name in Settings._fields:
        if name != "timezone":
            assert getattr(settings, name) == getattr(defaults, name), name
    assert keys["preset"] == "default"


def test_every_setting_can_be_chosen(home: Places) -> None:
    settings = choose(
        home,
        """\ufeffmeasure = 66
        mark_read_after = 0
        timezone = "Asia/Taipei"
        language = "zh-Hans"
        theme = "dark"
        two_line_titles = true
        preview = true
        mouse = true
        fetch-every = 30
        browser = "w3m -o x %u"
        ambiguous_wide = true
        [keys]
        preset = "vim"
        open = "enter"
        next_unread = ["n", "tab"]
        [fetch]
        inside = ["NAS.lan", "10.1.2.3/8", "[::1]", "straße.example."]
        """,
    )
    assert settings == Settings(
        66,
        0,
        ZoneInfo("Asia/Taipei"),
        "zh-Hans",
        "dark",
        True,
        True,
        True,
        30,
        ("w3m", "-o", "x", "%u"),
        True,
        Keys("vim", {"open": ("enter",), "next_unread": ("n", "tab")}),
        inside=("nas.lan", "10.0.0.0/8", "::1/128", "xn--strae-oqa.example"),
    )


@pytest.mark.parametrize(
    ("line", "key", "takes"),
    [
        ("measure = 19", "measure", "20 to 200"),
        ("measure = 80.5", "measure", "whole number"),
        ("measure = true", "measure", "not true"),
        ('measure = "80"', "measure", 'not "80"'),
        ("mark_read_after = -1", "mark_read_after", "seconds"),
        ("mark_read_after = nan", "mark_read_after", "seconds"),
        ("mark_read_after = inf", "mark_read_after", "seconds"),
        ('timezone = "Mars/Olympus"', "timezone", "Asia/Taipei"),
        ('timezone = "../../etc/passwd"', "timezone", "Asia/Taipei"),
        ('timezone = "Asia"', "timezone", "Asia/Taipei"),
        ('timezone = ""', "timezone", "Asia/Taipei"),
        ('timezone = "a\\u0000b"', "timezone", "Asia/Taipei"),
        ("timezone = 8", "timezone", "not 8"),
        ("language = []", "language", "zh-Hans"),
        ('theme = "a b"', "theme", "theme"),
        ("two_line_titles = 1", "two_line_titles", "true or false"),
        ('preview = "yes"', "preview", "true or false"),
        ("mouse = 0", "mouse", "true or false"),
        ('ambiguous_wide = "wide"', "ambiguous_wide", "auto"),
        ("meassure = 80", "meassure", "there is no such setting"),
        ("keys = 1", "keys", "[keys]"),
        ("fetch = 1", "fetch", "[fetch]"),
        ("[fetch]\ninsides = []", "fetch", "inside ="),
        ('[fetch]\ninside = "nas.lan"', "fetch.inside", "10.0.0.0/8"),
        ('[fetch]\ninside = [""]', "fetch.inside", "nas.lan"),
        ("[fetch]\ninside = [1]", "fetch.inside", "nas.lan"),
        ('[fetch]\ninside = ["http://nas.lan/"]', "fetch.inside", "nas.lan"),
        ("[keys]\nopen = 1", "keys.open", "key in quotes"),
        ('[keys]\nopen = ["a", ""]', "keys.open", "key in quotes"),
        ('[keys]\npreset = ["vim"]', "keys.preset", "name of a preset"),
    ],
)
def test_a_choice_that_cannot_be_is_named_with_what_it_takes(home: Places, line: str, key: str, takes: str) -> None:
    with pytest.raises(BadSettings) as caught:
        choose(home, line)
    assert caught.value.where == str(home.settings_file)
    assert caught.value.why.startswith(f"{key}: ")
    assert takes in caught.value.why


def test_a_file_that_is_no_toml_is_named_with_the_place(home: Places) -> None:
    for content, part in (
        (b"measure = \n", "line 1"),
        (b"measure = 80\nmeasure = 81\n", "line 2"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"x = " + b"[" * 100_000, ""),
        (b"x = " + b"9" * 5_000, ""),
    ):
        home.settings_file.write_bytes(content)
        with pytest.raises(BadSettings) as caught:
            load_settings(home)
        assert part in caught.value.why
    home.settings_file.unlink()
    home.settings_file.mkdir()
    with pytest.raises(BadSettings):
        load_settings(home)


def test_settings_can_be_sent_to_another_process(home: Places) -> None:
    for text in ("", 'timezone = "Europe/Berlin"\n[keys]\nopen = "x"'):
        settings = choose(home, text)
        again = pickle.loads(pickle.dumps(settings))
        moment = datetime(2020, 7, 1, 12, tzinfo=UTC)
        assert moment.astimezone(again.timezone).isoformat() == moment.astimezone(settings.timezone).isoformat()
        assert again.keys == settings.keys


LOCAL = """
from datetime import UTC, datetime
from newsreader.config import LocalZone
for month in (1, 7):
    moment = datetime(2020, month, 1, 12, tzinfo=UTC).astimezone(LocalZone())
    print(moment.isoformat(), moment.tzname(), moment == datetime(2020, month, 1, 12, tzinfo=UTC))
print(datetime(2020, 10, 25, 1, 30, tzinfo=UTC).astimezone(LocalZone()).isoformat())
for end in (datetime.max, datetime.min):
    print(end.replace(tzinfo=UTC).astimezone(LocalZone()).year)
"""


def test_the_local_zone_knows_summer_and_winter() -> None:
    for zone, expected in (
        (
            "Europe/Berlin",
            ["2020-01-01T13:00:00+01:00 CET True", "2020-07-01T14:00:00+02:00 CEST True", "2020-10-25T02:30:00+01:00"],
        ),
        (
            "Asia/Taipei",
            ["2020-01-01T20:00:00+08:00 CST True", "2020-07-01T20:00:00+08:00 CST True", "2020-10-25T09:30:00+08:00"],
        ),
    ):
        environ = {**os.environ, "TZ": zone}
        done = subprocess.run([sys.executable, "-c", LOCAL], env=environ, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines() == [*expected, "9999", "1"]


def test_the_local_offset_is_the_systems_own() -> None:
    moment = datetime(2020, 7, 1, 12, tzinfo=UTC)
    assert moment.astimezone(LocalZone()).utcoffset() == moment.astimezone().utcoffset()
    assert isinstance(datetime.now(LocalZone()).utcoffset(), timedelta)


# --- sources ------------------------------------------------------------------------------------------------------

BBC = Source("BBC 中文", "/srv/news/bbc", "archive")
DW = Source("dw", "https://example.org/feed.xml", "feed")


def test_sources_are_added_changed_and_removed(home: Places) -> None:
    assert load_sources(home) == ()
    add_source(home, BBC)
    add_source(home, DW)
    assert load_sources(home) == (BBC, DW)
    assert stat.S_IMODE(home.sources_file.stat().st_mode) == 0o600
    renamed = Source("BBC", BBC.location, "archive")
    add_source(home, renamed)
    assert load_sources(home) == (renamed, DW)
    assert remove_source(home, "https://example.org/feed.xml") == DW
    assert remove_source(home, "BBC") == renamed
    assert load_sources(home) == ()
    with pytest.raises(NotFound):
        remove_source(home, "BBC")
    add_source(home, DW)
    assert load_sources(home) == (DW,)


def test_what_else_stands_in_the_file_stays(home: Places) -> None:
    home.sources_file.write_text(
        '# my sources\n\n[[source]]  # the old one\nlocation = "/a"\n\n'
        '# keep me\n[[source]]\nname = "B"\nlocation = "/b"\nkind = "remote"\ncolour = "red"\n\n'
        '[[search]]\nname = "x"\n',
        encoding="utf-8",
    )
    assert load_sources(home) == (Source("/a", "/a", "archive"), Source("B", "/b", "remote"))
    add_source(home, DW)
    remove_source(home, "/a")
    text = home.sources_file.read_text(encoding="utf-8")
    assert load_sources(home) == (Source("B", "/b", "remote"), DW)
    for line in ("# my sources", "# keep me", 'colour = "red"', "[[search]]"):
        assert line in text


def test_terms_are_spelled_with_either_line_as_settings_are(home: Places) -> None:
    terms = "keep_stories = 100\nfull-text = true\nkeep-days = 7"
    home.sources_file.write_text(f'[[source]]\nlocation = "http://harbour.example/"\nkind = "feed"\n{terms}')
    (source,) = load_sources(home)
    assert (source.keep_stories, source.full_text, source.keep_days) == (100, True, 7)


@pytest.mark.parametrize(
    "text",
    [
        "source = 1",
        "source = [1]",
        "[[source]]\n",
        '[[source]]\nlocation = ""',
        "[[source]]\nlocation = 1",
        '[[source]]\nlocation = "/a"\nkind = "gopher"',
        '[[source]]\nlocation = "/a"\nname = []',
        "[[source]",
    ],
)
def test_a_broken_file_of_sources_is_named_and_not_written_over(home: Places, text: str) -> None:
    home.sources_file.write_text(text)
    for attempt in (load_sources, lambda where: add_source(where, DW), lambda where: remove_source(where, "x")):
        with pytest.raises(BadSettings) as caught:
            attempt(home)
        assert caught.value.where == str(home.sources_file)
    assert home.sources_file.read_text() == text


@pytest.mark.parametrize("shape", ["x = {}1{}", "x = {{a={}1{}}}", "[[source]]\nlocation = '/x'\nz = {}1{}"])
@pytest.mark.parametrize("depth", [150, 400, 5000])
def test_what_is_nested_too_deeply_is_said_so(home: Places, shape: str, depth: int) -> None:
    home.make(home.config)
    text = shape.format("[" * depth, "]" * depth) + "\n"
    for file in (home.sources_file, home.settings_file):
        file.write_text(text)
    for use in (
        lambda: load_sources(home),
        lambda: load_settings(home),
        lambda: add_source(home, Source("q", "/q", "archive")),
        lambda: keep_search(home, "a", "b"),
        lambda: remove_source(home, "/q"),
    ):
        with suppress(BadSettings, NotFound):
            use()
    if depth > 1000:
        with pytest.raises(BadSettings, match="nested"):
            add_source(home, Source("q", "/q", "archive"))
        assert home.sources_file.read_text() == text


_ADDS = """
import sys
from newsreader.config import Source, add_source, load_config
for n in range(12):
    add_source(load_config().places, Source(f"{sys.argv[1]} {n}", f"https://{sys.argv[1]}.example/{n}", "feed"))
"""
_FIRST = '# mine\n[[source]]\nname = "A"  # first\n'


def test_whoever_changes_the_sources_at_the_same_time_nothing_is_lost(home: Places) -> None:
    where = home
    where.sources_file.write_text(f"{_FIRST}location = 'https://a.example/'\nkind = 'feed'\n")
    environ = {**os.environ, "NEWSREADER_HOME": str(where.config.parent)}
    others = [subprocess.Popen([sys.executable, "-c", _ADDS, name], env=environ) for name in ("one", "two")]
    for n in range(12):
        change_source(where, "https://a.example/", "tags", [str(n)])
    assert [other.wait() for other in others] == [0, 0]
    text = where.sources_file.read_text()
    assert text.startswith(_FIRST)
    found = load_sources(where)
    assert len(found) == 25
    assert found[0].tags == ("11",)


def test_what_is_said_of_a_source_is_changed_checked_and_taken_out(home: Places) -> None:
    where = home
    add_source(where, Source("A", "https://a.example/", "feed", full_text=True))
    for term, value in (("name", "B"), ("short", "b"), ("keep-days", 9), ("paused", True), ("full-text", False)):
        change_source(where, "https://a.example/", term, value)
    (found,) = load_sources(where)
    assert found == Source("B", "https://a.example/", "feed", keep_days=9, short="b", paused=True)
    change_source(where, "https://a.example/", "keep-days", None)
    assert "keep" not in where.sources_file.read_text()
    with pytest.raises(BadSettings):
        change_source(where, "https://a.example/", "keep-days", -1)
    with pytest.raises(NotFound):
        change_source(where, "https://b.example/", "name", "C")
