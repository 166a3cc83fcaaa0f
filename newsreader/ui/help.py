"""The help and the palette: the table of keys as sheets.

Owns: both. Decided only here: how a command is told in them. Pure: no textual, no rich. Never: which commands exist.
"""

from __future__ import annotations

from collections.abc import Callable

from newsreader.ui.dialogs import Item, Sheet
from newsreader.ui.keys import COMMANDS, GROUPS, Keymap
from newsreader.ui.words import Words


def help_sheet(keymap: Keymap, words: Words, run: Callable[[str], None]) -> Sheet:
    """Every command with its keys, by groups; picking one runs it."""
    items = [
        Item(keymap.shown(c.id), words.sentence(c.id, c.sentence), group=words.groups[c.group], value=c.id)
        for group in GROUPS
        for c in COMMANDS
        if c.group == group
    ]
    return Sheet(words.say("keys"), items, lambda item: run(str(item.value)))


def palette_sheet(keymap: Keymap, words: Words, run: Callable[[str], None]) -> Sheet:
    """Every command by its sentence and its name, its keys behind it; picking one runs it."""
    items = [
        Item("", words.sentence(c.id, c.sentence), note=f"{c.id}  {keymap.shown(c.id)}", value=c.id)
        for c in COMMANDS
        if c.id != "palette"
    ]
    return Sheet(words.say("commands"), items, lambda item: run(str(item.value)))
