"""The help and the palette, which are made of the table of keys, and the language of searches. Pure."""

from __future__ import annotations

from typing import Final

from newsreader.ui.dialogs import Choice, Item
from newsreader.ui.i18n import Words
from newsreader.ui.keys import COMMANDS, GROUPS, Keymap

_LANGUAGE: Final = (
    ("渡輪 ferry", "words"),
    ('"night ferry"', "phrase"),
    ("ferr*", "begin"),
    ("-ferry", "not"),
    ("ferry OR 渡輪", "or"),
    ("title: author:", "in"),
    ("source: topic:", "of"),
    ("tag: lang:", "tag"),
    ("date:2025-02", "date"),
    ("date:2024..2025-03", "span"),
    ("date:昨天 date:7d", "recent"),
    ("length:>2000", "length"),
    ("is:unread", "is"),
    ("has:image has:link", "has"),
    ("wukelan wkl", "sound"),
)


def search_items(words: Words) -> tuple[Item, ...]:
    """The language of searches, an example a line; its `value` is what of it may be typed on."""
    return tuple(
        Item(example, words.say(f"query_help_{name}"), value=example[: example.find(":") + 1])
        for example, name in _LANGUAGE
    )


def help_choice(keymap: Keymap, words: Words) -> Choice:
    """Every command with its keys, by groups, then the language of searches; the value of an item is the command."""
    items = [
        Item(keymap.shown(c.id), words.sentence(c.id, c.sentence), group=words.say(f"group_{c.group}"), value=c.id)
        for group in GROUPS
        for c in COMMANDS
        if c.group == group
    ]
    items += [item._replace(group=words.say("search"), value="search") for item in search_items(words)]
    return Choice(words.say("keys"), items)


def palette_choice(keymap: Keymap, words: Words) -> Choice:
    """Every command by its sentence and its name, its keys behind it; the value of an item is the command."""
    items = [
        Item("", words.sentence(c.id, c.sentence), note=f"{c.id}  {keymap.shown(c.id)}", value=c.id)
        for c in COMMANDS
        if c.id != "palette"
    ]
    return Choice(words.say("commands"), items)
