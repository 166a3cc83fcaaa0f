"""(Article, Metrics) -> lines: for the article pane and for `show` and `export`. Pure: no terminal, no files.

Owns: the page of an article, from cell widths over line breaking to layout. Never: colours, keys, widgets; roles name
what a run is, and `ui` and `cli` dress them. There is no door here: who cuts a long headline in two, as the first
frame does, loads `wrapping` and what that needs, and not the whole room.
"""
