"""What of the window outlives it: the view, the cursor, the open story, the layout.

Decided only here: that whatever was saved, by whichever version, a window opens. Pure: no textual, no rich.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from newsreader.reader import SORTS, Sort, View
from newsreader.ui.keys import Pane
from newsreader.ui.layout import KINDS, Kind, Preferences

if TYPE_CHECKING:
    from newsreader.ui.panes.headlines import Headlines
    from newsreader.ui.panes.open_article import OpenArticle


def saved(
    headlines: Headlines, article: OpenArticle, look: Preferences, typed: Mapping[str, list[str]], focus: Pane
) -> dict[str, Any]:
    """What the next start needs to look like this."""
    current, view = headlines.current, headlines.view
    return {
        "unread": view.unread,
        "starred": view.starred,
        "source": view.source,
        "of_sources": view.sources,
        "topic": view.topic,
        "tag": view.tag,
        "query": view.query,
        "sort": view.sort,
        "cursor": current.id if current else None,
        "line": headlines.viewport.cursor_line,
        "open": article.story.id if article.story and not article.is_preview else None,
        "pane": focus,
        "layout": look.kind,
        "columns": look.columns,
        "rows": look.rows,
        "sources": look.sources,
        "source_columns": look.source_columns,
        "typed": dict(typed),
    }


def view_of(session: Mapping[str, Any]) -> View:
    """The view that was saved."""
    source, topic, tag = (
        text if isinstance(text, str) else None for text in map(session.get, ("source", "topic", "tag"))
    )
    sort: Sort = next((known for known in SORTS if known == session.get("sort")), "date")
    unread, starred = (session.get(name) is True for name in ("unread", "starred"))
    query, sources = session.get("query"), session.get("of_sources")
    found = View(
        source, unread, starred, topic=topic, tag=tag, sort=sort, query=query if isinstance(query, str) else ""
    )
    return found._replace(sources=tuple(map(str, sources)) if isinstance(sources, list) else ())


def preferences_of(session: Mapping[str, Any]) -> Preferences:
    """The layout that was saved."""
    kind: Kind | None = next((known for known in KINDS if known == session.get("layout")), None)
    values = map(session.get, ("columns", "rows", "source_columns"))
    wide, high, sources = (value if isinstance(value, int) else None for value in values)
    return Preferences(kind, wide, high, sources=session.get("sources") is True, source_columns=sources)


def typed_of(session: Mapping[str, Any]) -> dict[str, list[str]]:
    """What was typed at each prompt, the latest last."""
    kept = session.get("typed")
    told = kept.items() if isinstance(kept, dict) else ()
    return {name: [text for text in texts if isinstance(text, str)] for name, texts in told if isinstance(texts, list)}


def theme_of(session: Mapping[str, Any], setting: str) -> str:
    """The theme that was chosen while the settings said `setting`, as they do now; else that."""
    kept = session.get("theme")
    over, chosen = kept if isinstance(kept, list) and len(kept) == 2 else (None, None)
    return chosen if over == setting and isinstance(chosen, str) else setting
