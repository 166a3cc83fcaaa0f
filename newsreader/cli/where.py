"""`newsreader where`: where everything is, and the settings file.

Decided only here: that a settings file is never overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence

from newsreader.cli import output
from newsreader.cli.arguments import Parser
from newsreader.cli.messages import DONE, Refused
from newsreader.config import Places, default_toml, places, write_private
from newsreader.errors import StorageFailed
from newsreader.safety import clean_line, safe_json


def run(arguments: Sequence[str]) -> int:
    """Print the places, or write the settings file."""
    parser = Parser("where", "Print where settings, marks and the index are; NEWSREADER_HOME=DIR moves all under DIR.")
    parser.add_argument("--write-config", action="store_true", help="write a config.toml that explains every setting")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    given = parser.parse_args(arguments[1:])
    where = places()
    if given.write_config:
        _write_config(where)
    rows = {
        "settings": where.settings_file,
        "sources": where.sources_file,
        "marks": where.data,
        "index": where.cache,
    }
    if given.json:
        output.put(safe_json({name: str(path) for name, path in rows.items()}, indent=2) + "\n")
        return DONE
    notes = {
        "settings": "what you chose" if where.settings_file.exists() else "not there; --write-config writes it",
        "sources": "what you added" if where.sources_file.exists() else "not there: nothing was added",
        "marks": "what you read and starred: keep it",
        "index": "made from the archives; may be deleted",
    }
    for name, path in rows.items():
        output.put(f"{name:9} {clean_line(str(path))}  ({notes[name]})\n")
    return DONE


def _write_config(where: Places) -> None:
    path = where.settings_file
    if path.exists() or path.is_symlink():
        raise Refused(str(path), f'"{path}" is there already and stays as it is; move it away to have it written anew')
    try:
        where.make(where.config)
        write_private(path, default_toml())
    except OSError as error:
        raise StorageFailed(str(path), error.strerror or str(error)) from None
