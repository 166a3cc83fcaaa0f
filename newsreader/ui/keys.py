"""The one table of keys: what can be asked of the window, by which keys, where, and what it does in a sentence.

Decided here: which key does what. The dispatcher, the help, the palette, README's table and the config's [keys] are all
made from COMMANDS; presets/ holds what other presets change, as a reader's own keys would.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from string import ascii_letters
from typing import Final, Literal, NamedTuple, TypeAlias

from newsreader.config.toml_file import line_of, meant, read_toml
from newsreader.errors import BadSettings
from newsreader.ui.key_names import Sequence, on_us_layout, parse_chord, show_chord

Pane: TypeAlias = Literal["list", "article", "sources"]
Where: TypeAlias = Literal["list", "article", "both", "sources"]
"""Where a command's keys are taken; the sources pane takes its own, and else those of the list and of both."""

PRESETS: Final = ("default", "newsboat", "vim")


class Command(NamedTuple):
    """One thing that can be asked for. `keys` are the default preset's chords; `sentence` is English, the msgid of the
    catalogues' `command_ID`; `action` carries it out, the one of its own name if none is told."""

    id: str
    keys: tuple[str, ...]
    where: Where
    group: str
    sentence: str
    action: str = ""


GROUPS: Final = ("move", "read", "view", "source", "mark", "link", "pane", "program")

COMMANDS: Final[tuple[Command, ...]] = (
    # --- move
    Command("down", ("j", "Down"), "both", "move", "down; 5j: five down", "move(1)"),
    Command("up", ("k", "Up"), "both", "move", "up", "move(-1)"),
    Command("top", ("gg", "Home"), "both", "move", "to the top; 12gg: to row 12", "go(1)"),
    Command("bottom", ("G", "End"), "both", "move", "to the end; 12G: to row 12", "go(None)"),
    Command("half_down", ("Ctrl-d",), "both", "move", "half a page down", "move_page(0.5)"),
    Command("half_up", ("Ctrl-u",), "both", "move", "half a page up", "move_page(-0.5)"),
    Command("page_down", ("Ctrl-f", "PgDn"), "both", "move", "a page down", "move_page(1)"),
    Command("page_up", ("Ctrl-b", "PgUp"), "both", "move", "a page up", "move_page(-1)"),
    # --- read
    Command("open", ("Enter", "l", "Right"), "list", "read", "open the story"),
    Command("back", ("h", "Left", "Backspace"), "article", "read", "back to the list"),
    Command("read_on", ("Space",), "both", "read", "page the article on; at its end, the next unread story"),
    Command("page_back", ("b",), "both", "read", "page the article back"),
    Command("next_article", ("J",), "both", "read", "open the next story", "open_next(1)"),
    Command("previous_article", ("K",), "both", "read", "open the previous story", "open_next(-1)"),
    Command("next_unread", ("n",), "both", "read", "to the next unread story, or match", "unread(1)"),
    Command("previous_unread", ("N",), "both", "read", "to the previous unread story, or match", "unread(-1)"),
    Command("history_back", ("[",), "both", "read", "back to what was read before", "history(-1)"),
    Command("history_forward", ("]",), "both", "read", "forward again", "history(1)"),
    Command("script", ("T",), "both", "read", "Chinese as written, in Simplified, in Traditional"),
    Command("revisions", ("R",), "both", "read", "list the revisions and show what changed"),
    Command("contents", ("C",), "both", "read", "the contents: go to a heading"),
    Command("next_heading", ("}",), "both", "read", "to the next heading", "heading(1)"),
    Command("previous_heading", ("{",), "both", "read", "to the previous heading", "heading(-1)"),
    # --- view
    Command("go_source", ("gs",), "both", "view", "only one source"),
    Command("go_topic", ("gt",), "both", "view", "only one topic"),
    Command("go_date", ("gd",), "both", "view", "go to a day"),
    Command("search", ("/",), "both", "view", "find stories; in a story, find in it"),
    Command("narrow", ("F",), "both", "view", "narrow the list to what is typed"),
    Command("similar", ("M",), "both", "view", "more like this story"),
    Command("keep_search", ("gk",), "both", "view", "keep this search among the sources, or drop it"),
    Command("make_rule", ("gr",), "both", "view", "make a rule for what arrives of this view"),
    Command("sort", ("S",), "both", "view", "sort by date, source, length or title"),
    Command("unfold", ("Tab",), "list", "view", "show which other sources have the story, or fold them"),
    Command("show_read", (".",), "both", "view", "hide or show what is read"),
    Command("sources", ("c",), "both", "view", "show or hide the sources"),
    Command("widen", ("Esc",), "both", "view", "end the search, the selection; all stories again"),
    # --- source
    Command("add_source", ("a",), "sources", "source", "add a feed, an archive or a folder"),
    Command("edit_source", ("e",), "sources", "source", "change what is said of the source"),
    Command("fetch_source", ("r",), "sources", "source", "fetch the source"),
    Command("remove_source", ("D",), "sources", "source", "remove the source"),
    Command("next_source", ("gn",), "both", "source", "to the next source that has unread stories"),
    # --- mark
    Command("toggle_read", ("m",), "both", "mark", "mark as read or unread", "toggle_mark('read')"),
    Command("star", ("f",), "both", "mark", "star, or take the star away", "toggle_mark('starred')"),
    Command("tag", ("t",), "both", "mark", "tag, or take a tag away"),
    Command("delete", ("D",), "both", "mark", "delete: nothing shows it any longer"),
    Command("select", ("v",), "list", "mark", "select for m, f, t, D, s and |; 5v: five"),
    Command("select_all", ("V",), "list", "mark", "select all stories in view, or none"),
    Command("read_all", ("A",), "both", "mark", "mark all stories in view as read"),
    Command("read_older", ("gA",), "both", "mark", "mark stories older than a week as read"),
    Command("undo", ("U",), "both", "mark", "undo the last mark", "turn_back('undo')"),
    Command("redo", ("Ctrl-r",), "both", "mark", "redo what was undone", "turn_back('redo')"),
    # --- link
    Command("next_link", ("Tab",), "article", "link", "to the next link or fold", "link(1)"),
    Command("previous_link", ("S-Tab",), "article", "link", "to the previous link or fold", "link(-1)"),
    Command("follow", ("Enter",), "article", "link", "follow the link, or unfold"),
    Command("browser", ("o",), "both", "link", "open in the browser; 17o: open link 17"),
    Command("browser_read", ("O",), "both", "link", "open in the browser and mark as read"),
    Command("links", ("u",), "both", "link", "list the links"),
    Command("image", ("i",), "both", "link", "open the image in sight in the browser; 3i: image 3"),
    Command("images", ("I",), "both", "link", "list the images"),
    Command("hints", (";",), "both", "link", "pick a link on the screen by letter"),
    Command("copy_url", ("y",), "both", "link", "copy the address; 17y: of link 17"),
    Command("open_links", ("gO",), "both", "link", "open all links of the story in the browser"),
    Command("copy_links", ("gy",), "both", "link", "copy the addresses of all links of the story"),
    Command("copy_title", ("Y",), "both", "link", "copy the title and the address"),
    Command("save", ("s",), "both", "link", "save the story as a text file"),
    Command("pipe", ("|",), "both", "link", "give the story to another program"),
    Command("run_command", ("!",), "both", "link", "run a command of yours on the story"),
    # --- pane
    Command("other_pane", ("w",), "both", "pane", "to the other pane"),
    Command("zen", ("z",), "both", "pane", "the article alone, and back"),
    Command("next_layout", ("L",), "both", "pane", "the next layout: side by side, stacked, single"),
    Command("narrower", ("<",), "both", "pane", "make the list smaller", "widen_list(-1)"),
    Command("wider", (">",), "both", "pane", "make the list larger", "widen_list(1)"),
    Command("even", ("=",), "both", "pane", "give the panes their usual sizes"),
    # --- program
    Command("palette", (":",), "both", "program", "find a command by name"),
    Command("help", ("?",), "both", "program", "this help"),
    Command("fetch", ("r",), "both", "program", "fetch what is new"),
    Command("full_text", ("x",), "both", "program", "fetch the full text of the story"),
    Command("failures", ("E",), "both", "program", "what could not be fetched"),
    Command("choose_theme", ("gc",), "both", "program", "choose the colours"),
    Command("redraw", ("Ctrl-l",), "both", "program", "draw the screen again"),
    Command("cancel", ("Ctrl-c",), "both", "program", "stop what is running"),
    Command("suspend", ("Ctrl-z",), "both", "program", "suspend; the shell's fg comes back"),
    Command("quit_back", ("q",), "both", "program", "back: to the list, to all stories; then quit"),
    Command("quit", ("Q",), "both", "program", "quit"),
)

DIALOG_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "cancel": ("Esc", "Ctrl-c"),
    "pick": ("Enter",),
    "down": ("Ctrl-n", "Ctrl-j"),
    "up": ("Ctrl-p", "Ctrl-k"),
    "page_down": (),
    "page_up": (),
    "next": ("Tab",),
    "previous": ("S-Tab",),
    "rub_out": ("Backspace",),
    # of a prompt
    "submit": ("Enter",),
    "complete": ("Tab",),
    "older": ("Up", "Ctrl-p"),
    "newer": ("Down", "Ctrl-n"),
    # of the search
    "order": ("S-Tab",),
}
"""What dialogs do, by their actions, and their keys: besides those of the command of the same name, if there is one."""

BY_ID: Final[Mapping[str, Command]] = {command.id: command for command in COMMANDS}

# --- The keymap -----------------------------------------------------------------------------------------------------


class Keymap(NamedTuple):
    """Which sequence of keys asks for which command in each pane, and each command's keys as they are spelled."""

    panes: Mapping[Pane, Mapping[Sequence, str]]
    keys: Mapping[str, tuple[str, ...]]

    def typed(self, key: str) -> str:
        """The key that was meant: a letter of another layout is the one at its place, unless it is bound itself."""
        is_bound = not key.isascii() and any(key in keys for pane in self.panes.values() for keys in pane)
        return key if is_bound else on_us_layout(key)

    def find(self, pane: Pane, typed: Sequence) -> str | None:
        """The command that `typed` asks for in the pane."""
        return self.panes[pane].get(typed)

    def begins(self, pane: Pane, typed: Sequence) -> bool:
        """Whether a longer chord begins so."""
        return any(len(keys) > len(typed) and keys[: len(typed)] == typed for keys in self.panes[pane])

    def in_dialogs(self, action: str) -> tuple[str, ...]:
        """The keys of an action of dialogs; a chord of several keys is none there."""
        return tuple(key for key in (*self.keys.get(action, ()), *DIALOG_KEYS[action]) if len(parse_chord(key)) == 1)

    def shown(self, command: str) -> str:
        """A command's keys as help shows them."""
        return " ".join(map(show_chord, self.keys[command]))


def make_keymap(
    preset: str = "default", overrides: Mapping[str, Iterable[str] | str] | None = None, *, where: str = "[keys]"
) -> Keymap:
    """The preset with the reader's own keys: command id -> a chord or several; an empty list takes the keys away.

    BadSettings, naming `where` and the key, for an unknown preset, command or key and for keys that collide. A key that
    the reader gives to one command is taken from the commands that had it.
    """
    if preset not in PRESETS:
        raise BadSettings(where, f"preset = {preset!r}: one of {', '.join(PRESETS)}{meant(preset, PRESETS)}")
    keys = {command.id: command.keys for command in COMMANDS}
    if preset != "default":
        path = Path(__file__).with_name("presets") / f"{preset}.toml"
        _override(keys, read_toml(path), str(path))
    _override(keys, overrides or {}, where)
    panes: dict[Pane, dict[Sequence, str]] = {"list": {}, "article": {}}
    for name, chords in keys.items():
        place = BY_ID[name].where
        for chord in chords:
            typed = parse_chord(chord)
            for pane, table in panes.items():
                if place in (pane, "both"):
                    other = table.setdefault(typed, name)
                    if other != name:
                        raise BadSettings(where, f"{name} = {chord!r}: also begins {other}")
    panes["sources"] = _of_sources(keys, panes["list"])
    for table in panes.values():
        _tell_apart(table, where)
    return Keymap(panes, keys)


def _of_sources(keys: Mapping[str, Iterable[str]], of_list: Mapping[Sequence, str]) -> dict[Sequence, str]:
    """The keys of the sources pane: its own, and those of the list that begin as none of them."""
    named = ((name, chord) for name, chords in keys.items() if BY_ID[name].where == "sources" for chord in chords)
    own = {parse_chord(chord): name for name, chord in named}
    return own | {typed: name for typed, name in of_list.items() if not any(map(partial(_begin_alike, typed), own))}


def make_keymap_somehow(
    preset: str, overrides: Mapping[str, tuple[str, ...]], path: str
) -> tuple[Keymap, list[BadSettings]]:
    """As much of a preset with the reader's own keys as there can be, and what of the settings at a path cannot."""
    try:
        return make_keymap(preset, overrides, where=path), []
    except BadSettings:
        faults: list[BadSettings] = []
    keymap, good = make_keymap(), dict[str, tuple[str, ...]]()
    for name, chords in (("preset", None), *overrides.items()):
        wanted = good if chords is None else {**good, name: chords}
        try:
            keymap = make_keymap(preset, wanted, where=path)
        except BadSettings as fault:
            faults.append(fault.at(line_of(path, name, "keys")))
            preset = "default" if chords is None else preset
        else:
            good = wanted
    return keymap, faults


def taken_keys(preset: str, overrides: Mapping[str, tuple[str, ...]], path: str) -> list[BadSettings]:
    """Which of the reader's own keys are those of commands that he gave no others: what stands where in the settings at
    a path, and a key that is free."""
    before, found = make_keymap_somehow(preset, {}, path)[0], list[BadSettings]()
    typed = {keys for pane in before.panes.values() for keys in pane}
    for name in overrides.keys() & before.keys.keys():
        for other, theirs in before.keys.items():
            lost = [key for key in theirs if any(_collides(key, chord) for chord in overrides[name])]
            if not lost or other in overrides or not _meet(name, other):
                continue
            letters = f"{overrides[name][0].swapcase()}{name.upper()}{name}{ascii_letters}"
            free = next((key for key in letters if key.isalpha() and not any(keys[0] == key for keys in typed)), "F5")
            left = ", ".join(map(show_chord, (key for key in theirs if key not in lost))) or "no key"
            why = f'keys.{name}: "{lost[0]}" is taken from {other}, which keeps {left}; "{free}" is free'
            found.append(BadSettings(path, why).at(line_of(path, name, "keys")))
    return found


def _collides(one: str, other: str) -> bool:
    try:
        return _collide(one, other)
    except ValueError:  # no key; that is told elsewhere
        return False


def _override(keys: dict[str, tuple[str, ...]], given: Mapping[str, Iterable[str] | str], where: str) -> None:
    """Give commands other keys, and take these from all others."""
    own = {name: _own_keys(name, chords, where) for name, chords in given.items()}
    for name, chords in own.items():
        for other, theirs in keys.items():
            if other not in own and _meet(name, other):
                keys[other] = tuple(t for t in theirs if not any(_collide(t, chord) for chord in chords))
    keys.update(own)


def _own_keys(name: str, given: Iterable[str] | str, where: str) -> tuple[str, ...]:
    if name not in BY_ID:
        raise BadSettings(where, f"{name}: no such command; `?` lists them{meant(name, BY_ID)}")
    chords = (given,) if isinstance(given, str) else tuple(given)
    for chord in chords:
        try:
            parse_chord(chord)
        except ValueError:
            raise BadSettings(
                where, f"{name} = {chord!r}: a key is a character, Space, Enter, Tab, S-Tab, F1, Ctrl-x, Up, PgDn, ..."
            ) from None
    return chords


def _meet(one: str, other: str) -> bool:
    places = {BY_ID[one].where, BY_ID[other].where}
    return one != other and (len(places) == 1 or ("both" in places and "sources" not in places))


def _collide(one: str, other: str) -> bool:
    return _begin_alike(parse_chord(one), parse_chord(other))


def _begin_alike(a: Sequence, b: Sequence) -> bool:
    return a[: len(b)] == b or b[: len(a)] == a


def _tell_apart(table: Mapping[Sequence, str], where: str) -> None:
    """Raise BadSettings where a command's keys begin another's."""
    for keys, name in table.items():
        for length in range(1, len(keys)):
            other = table.get(keys[:length], name)
            if other != name:
                raise BadSettings(where, f"{other} = {' '.join(keys[:length])!r}: also begins {name}")
