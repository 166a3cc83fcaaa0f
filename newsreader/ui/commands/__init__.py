"""What the commands do that takes more than a line: marks, links, searches, picks, files and other programs."""
