"""The window: two panes, a status line, and whatever lies over them for a moment.

Nothing is imported from here on the way in, as the first frame needs the pure modules (rows, layout, words, themes)
before Textual.
"""
