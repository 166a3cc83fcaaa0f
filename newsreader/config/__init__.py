"""Where newsreader keeps its things, and what its reader has chosen.

    places    the three folders
    settings  what config.toml says
    settings_table  what it may say
    sources   sources.toml, with the searches that are kept
    rules     its rules
    toml      what both files have in common

Neither file is written except on request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsreader.config.places import HOME, Places, places, write_private
from newsreader.config.settings import Config, Keys, LocalZone, Program, Settings, load_config, load_settings

if TYPE_CHECKING:
    from newsreader.config.rules import Rule, add_rule, load_rules
    from newsreader.config.settings_table import default_toml
    from newsreader.config.sources import (
        TAG_LONG,
        ApiName,
        Source,
        SourceKind,
        add_source,
        add_sources,
        change_source,
        drop_search,
        keep_search,
        load_searches,
        load_sources,
        remove_source,
        rename_source,
        short_names,
        unknown_terms,
    )

__all__ = [
    "HOME",
    "TAG_LONG",
    "ApiName",
    "Config",
    "Keys",
    "LocalZone",
    "Places",
    "Program",
    "Rule",
    "Settings",
    "Source",
    "SourceKind",
    "add_rule",
    "add_source",
    "add_sources",
    "change_source",
    "default_toml",
    "drop_search",
    "keep_search",
    "load_config",
    "load_rules",
    "load_searches",
    "load_settings",
    "load_sources",
    "places",
    "remove_source",
    "rename_source",
    "short_names",
    "unknown_terms",
    "write_private",
]


def __getattr__(name: str) -> object:
    """The parts that the first frame does without are loaded when they are asked for."""
    if name not in __all__:
        raise AttributeError(name)
    from newsreader.config import rules, settings_table, sources

    return getattr(next(part for part in (sources, rules, settings_table) if hasattr(part, name)), name)
