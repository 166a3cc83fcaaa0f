"""The wire between the app and the terminal: what is sent, what is read, and how both end.

Decided only here: every control sequence that newsreader sends while the window is open. Nothing is imported from here
on the way in, as the first frame needs the pure modules before Textual.
"""
