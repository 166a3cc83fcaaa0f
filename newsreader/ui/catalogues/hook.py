"""Makes the catalogues that gettext loads: each .po here becomes a .mo beside it, whenever the package is built.

Hatch runs this file by its path, also for editable installations; nothing in newsreader imports it.
"""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface[BuilderConfig]):
    """What pyproject.toml names as the build's hook."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the files are gathered."""
        compile_catalogues(Path(__file__).parent)


def compiled(po: Path) -> bytes:
    """The .mo of a .po file, without what is untranslated or marked as fuzzy."""
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.stem)
    made = BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def compile_catalogues(folder: Path) -> None:
    """Write the .mo of every .po in the folder that is newer; each appears whole."""
    for po in folder.glob("*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime <= po.stat().st_mtime:
            unfinished = mo.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(compiled(po))
            unfinished.replace(mo)
