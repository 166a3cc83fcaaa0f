"""(Article, Metrics) -> lines: for the article pane and for `show` and `export`. Pure: no terminal, no files.

There is no door here: who cuts a long headline in two, as the first frame does, loads `wrapping` and what that needs,
and not the whole room.
"""
