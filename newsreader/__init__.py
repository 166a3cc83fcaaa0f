"""newsreader: read news archives in a terminal, offline, over SSH, with the keyboard alone."""

__version__ = "0.1.0"
