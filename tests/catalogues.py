"""Brings the window's catalogues up to its English: `python -m tests.catalogues`.

Phrases that are new stand in each .po with an empty msgstr afterwards, those whose English changed are marked as fuzzy,
those that are gone leave; all in the order of the source. Then the .mo files are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from newsreader.typeset.lines import Labels
from newsreader.ui.catalogues import hook
from newsreader.ui.keys import COMMANDS
from newsreader.ui.phrases import PHRASES

FOLDER: Final = Path(hook.__file__).parent
CATALOGUES: Final = sorted(FOLDER.glob("*.po"))


def messages() -> Iterator[tuple[str, str | tuple[str, str]]]:
    """(name, English) of all that is translated."""
    yield from PHRASES.items()
    yield from ((f"command_{command.id}", command.sentence) for command in COMMANDS)
    yield from ((f"label_{field.name}", str(field.default)) for field in fields(Labels))


def read(po: Path) -> Catalog:
    """A catalogue as it stands."""
    with po.open("rb") as file:
        return read_po(file, locale=po.stem)


def brought_up(po: Path) -> bytes:
    """A .po with exactly the messages of today."""
    now = read(po)
    known = {message.context: message for message in now if message.id}
    new = Catalog(locale=po.stem)
    for name, english in messages():
        old = known.get(name)
        string = old.string if old is not None and old.pluralizable == isinstance(english, tuple) else None
        flags = set(old.flags) if old is not None else set()
        if string and old is not None and old.id != english:
            flags.add("fuzzy")
        new.add(english, string, context=name, flags=flags)
    body = BytesIO()
    write_po(body, new, width=0, omit_header=True)
    header = (
        "",
        f"Language: {po.stem}",
        f"Plural-Forms: {new.plural_forms}",
        "Content-Type: text/plain; charset=utf-8",
    )
    lines = "\n".join(f'"{line}\\n"' if line else '""' for line in header)
    return f'msgid ""\nmsgstr {lines}\n\n'.encode() + body.getvalue()


if __name__ == "__main__":
    for path in CATALOGUES:
        path.write_bytes(brought_up(path))
    hook.compile_catalogues(FOLDER)
