"""The table of keys, the keymaps made of it, and how keys typed are read."""

from __future__ import annotations

import pytest
from textual.actions import parse

from newsreader.errors import BadSettings
from newsreader.ui.app import NewsreaderApp
from newsreader.ui.commands.links import Links
from newsreader.ui.commands.marking import Marking
from newsreader.ui.commands.pickers import Pickers
from newsreader.ui.commands.searching import Finding
from newsreader.ui.commands.share import Sharing
from newsreader.ui.commands.source_commands import SourceCommands
from newsreader.ui.commands.user_commands import Programs
from newsreader.ui.dispatch import LARGEST_COUNT, Call, Dispatcher
from newsreader.ui.fetching import Fetching
from newsreader.ui.key_names import _LAYOUTS, key_name, on_us_layout, parse_chord
from newsreader.ui.keys import BY_ID, COMMANDS, GROUPS, PRESETS, Pane, make_keymap
from newsreader.ui.screens.reading_screen import ReadingScreen

PANES: tuple[Pane, ...] = ("list", "article", "sources")


def typed(keys: str, pane: Pane = "list", preset: str = "default") -> list[Call]:
    dispatcher = Dispatcher(make_keymap(preset))
    calls = [dispatcher.feed(key, pane) for key in keys.split(" ")]
    return [call for call in calls if call is not None]


OWNERS = (ReadingScreen, Marking, Pickers, Finding, SourceCommands, Links, Sharing, Programs, Fetching, NewsreaderApp)


def test_every_command_can_be_carried_out_and_every_method_is_a_command() -> None:
    actions = [
        name.removeprefix("action_")
        for owner in OWNERS
        for ours in owner.__mro__
        for name in vars(ours)
        if name.startswith("action_") and ours.__module__.startswith("newsreader.")
    ]
    named = {parse(command.action or command.id)[1] for command in COMMANDS}
    assert sorted(actions) == sorted(named), "each once, so that it does not matter who is asked first"
    asked = (next(found for one in OWNERS if (found := getattr(one, f"action_{name}", None))) for name in named)
    assert {found.__module__.split(".")[0] for found in asked} == {"newsreader"}, "Textual's own have other names"
    assert len(BY_ID) == len(COMMANDS)
    assert {command.group for command in COMMANDS} == set(GROUPS)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_leads_to_every_command(preset: str) -> None:
    keymap = make_keymap(preset)
    reached = {command for pane in PANES for command in keymap.panes[pane].values()}
    assert reached == set(BY_ID)


@pytest.mark.parametrize("preset", PRESETS)
def test_no_chord_begins_with_another(preset: str) -> None:
    keymap = make_keymap(preset)
    for pane in PANES:
        for keys in keymap.panes[pane]:
            assert not any(keymap.find(pane, keys[:n]) for n in range(1, len(keys)))


def test_design_keys() -> None:
    keymap = make_keymap()
    for chord, command in {
        "j": "down",
        "gg": "top",
        "G": "bottom",
        "Space": "read_on",
        "J": "next_article",
        "n": "next_unread",
        "m": "toggle_read",
        "A": "read_all",
        "f": "star",
        "U": "undo",
        ".": "show_read",
        "o": "browser",
        "u": "links",
        ";": "hints",
        "y": "copy_url",
        "[": "history_back",
        "w": "other_pane",
        "z": "zen",
        "L": "next_layout",
        ":": "palette",
        "?": "help",
        "Ctrl-z": "suspend",
        "q": "quit_back",
        "Q": "quit",
    }.items():
        for pane in PANES:
            assert keymap.find(pane, parse_chord(chord)) == command
    assert keymap.find("list", ("Enter",)) == "open"
    assert keymap.find("article", ("Enter",)) == "follow"


def test_counts_and_chords() -> None:
    assert typed("j") == [Call("down")]
    assert typed("5 j k") == [Call("down", 5), Call("up")]
    assert typed("1 2 G") == [Call("bottom", 12)]
    assert typed("1 0 g g") == [Call("top", 10)]
    assert typed("1 7 o") == [Call("browser", 17)]
    assert typed("0 j") == [Call("down")]


def test_an_unknown_key_clears_what_was_typed() -> None:
    assert typed("5 % j") == [Call("down")]
    assert typed("g % j") == [Call("down")]
    assert typed("5 Esc j") == [Call("down")]
    assert typed("5  j") == [Call("down")]  # a key without a name


def test_a_count_is_bounded() -> None:
    (call,) = typed(" ".join("9" * 40) + " j")
    assert call.number is not None
    assert call.number <= LARGEST_COUNT


def test_pending_shows_what_was_typed() -> None:
    dispatcher = Dispatcher(make_keymap("vim"))
    for key in ("1", "2", "g"):
        assert dispatcher.feed(key, "list") is None
    assert dispatcher.pending == "12g"
    dispatcher.clear()
    assert dispatcher.pending == ""


def test_key_names() -> None:
    assert key_name("j", "j") == "j"
    assert key_name("J", "J") == "J"
    assert key_name("question_mark", "?") == "?"
    assert key_name("ctrl+d", "\x04") == "Ctrl-d"
    assert key_name("shift+tab", None) == "S-Tab"
    assert key_name("space", " ") == "Space"
    assert key_name("plus", "+") == "+"
    assert key_name("f5", None) == "F5"
    assert key_name("ctrl+shift+up", None) == ""


def test_keys_work_while_an_input_method_is_on() -> None:
    assert key_name("", "？") == "?"
    assert key_name("", "：") == ":"
    assert key_name("", "ｊ") == "j"
    assert key_name("", "。") == "."
    assert key_name("", "《") == "<"
    assert key_name("", "】") == "]"


def test_overrides_take_keys_from_others() -> None:
    keymap = make_keymap("default", {"star": ["s", "F2"], "read_all": []})
    assert keymap.find("list", ("s",)) == "star"
    assert keymap.find("list", ("F2",)) == "star"
    assert keymap.find("list", ("f",)) is None
    assert keymap.find("list", ("A",)) is None
    taken = make_keymap("default", {"star": "enter", "top": "g"})
    assert taken.find("list", ("Enter",)) == "star"
    assert taken.find("article", ("Enter",)) == "star"
    assert taken.keys["open"] == ("l", "Right")
    assert taken.find("list", ("g",)) == "top"


@pytest.mark.parametrize(
    ("preset", "overrides", "named"),
    [
        ("emacs", {}, "emacs"),
        ("default", {"fly": "x"}, "fly"),
        ("default", {"star": "Ctrl-Shift-x"}, "star"),
        ("default", {"star": "5"}, "star"),
        ("default", {"star": ""}, "star"),
        ("default", {"star": "x", "undo": "x"}, "undo"),
        ("default", {"star": "x", "undo": "xy"}, "undo"),
    ],
)
def test_what_is_wrong_is_named(preset: str, overrides: dict[str, str], named: str) -> None:
    with pytest.raises(BadSettings) as raised:
        make_keymap(preset, overrides, where="config.toml")
    assert raised.value.where == "config.toml"
    assert named in raised.value.why


def test_a_key_may_mean_one_thing_in_the_list_and_another_in_the_article() -> None:
    keymap = make_keymap("default", {"open": "x", "follow": "x"})
    assert keymap.find("list", ("x",)) == "open"
    assert keymap.find("article", ("x",)) == "follow"


@pytest.mark.parametrize(("letters", "keys"), _LAYOUTS)
def test_letters_of_another_layout_are_the_keys_at_their_places(letters: str, keys: str) -> None:
    assert len(set(letters)) == len(letters) == len(keys)
    assert not any(letter.isascii() for letter in letters)
    assert [on_us_layout(letter) for letter in letters] == list(keys)


def test_a_letter_that_somebody_bound_wins() -> None:
    assert [make_keymap().typed(key) for key in ("о", "л", "П", "Enter", ".", "é", "守")] == [
        *("j", "k", "G", "Enter", ".", "é", "守")
    ]
    assert make_keymap("default", {"star": "о"}).typed("о") == "о"
