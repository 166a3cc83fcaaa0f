"""The wire between the app and the terminal: what is sent, what is read, and how both end.

Owns: the model of what the terminal shows, the bytes that change it, what a terminal is able to do, the clipboard,
signals. Decided only here: every control sequence that newsreader sends while the window is open. Never: what stands
on the screen. Nothing is imported from here on the way in, as the first frame needs the pure modules before Textual.
"""
