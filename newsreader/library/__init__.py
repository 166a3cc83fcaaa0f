"""What is known of the stories: the index of a shelf, which can be made anew, and the marks, which cannot.

    db        one SQLite file: opened, private, its failures told apart
    schema    the tables of both databases, their versions
    record    an article as the index stores it; made in worker processes
    tally     counts a source and day
    rows      the list: View, pages, ranks, counts
    revisions the revisions of a story
    writing   dumps and marks into the index
    marks     the marks database
    journal   what was done to the marks, to be taken back
    carrying  marks as a text for another machine
    salvage   damaged marks
    gatherings the same story at several outlets, for the list
    shelf     an index with its marks: what the reader asks of both

Filling an index is imported from `record` and `writing`: whoever only reads does without.

Owns: everything that is kept in SQLite. Never: reading archives, parsing, words that people read.
"""

from newsreader.library.marks import Marks, Undone
from newsreader.library.rows import SORTS, Counts, Place, Sort, SourceRow, View, dump_path
from newsreader.library.schema import INDEX_VERSION, MARKS_FILE, forget_older
from newsreader.library.shelf import Shelf

__all__ = [
    "INDEX_VERSION",
    "MARKS_FILE",
    "SORTS",
    "Counts",
    "Marks",
    "Place",
    "Shelf",
    "Sort",
    "SourceRow",
    "Undone",
    "View",
    "dump_path",
    "forget_older",
]
