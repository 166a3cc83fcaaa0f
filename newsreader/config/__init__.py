"""Where newsreader keeps its things, and what its reader has chosen.

    places    the three folders
    settings  config.toml
    sources   sources.toml, with the searches that are kept
    toml      what both files have in common

Owns: these three. Never: global state (a Config is passed in), or something chosen passed over in silence: what is not
understood is BadSettings. Neither file is written except on request.
"""

from newsreader.config.places import HOME, Places, places, write_private
from newsreader.config.settings import Config, Keys, LocalZone, Settings, default_toml, load_config, load_settings
from newsreader.config.sources import (
    TAG_LONG,
    Source,
    SourceKind,
    add_source,
    add_sources,
    drop_search,
    keep_search,
    load_searches,
    load_sources,
    remove_source,
)

__all__ = [
    "HOME",
    "TAG_LONG",
    "Config",
    "Keys",
    "LocalZone",
    "Places",
    "Settings",
    "Source",
    "SourceKind",
    "add_source",
    "add_sources",
    "default_toml",
    "drop_search",
    "keep_search",
    "load_config",
    "load_searches",
    "load_settings",
    "load_sources",
    "places",
    "remove_source",
    "write_private",
]
