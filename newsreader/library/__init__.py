"""What is known of the stories: an index, which can be made anew, and the marks, which cannot.

    db        one SQLite file: opened, private, its failures told apart
    schema    the tables of both databases, their versions
    record    an article as the index stores it; made in worker processes
    counts    stories a source and day
    rows      the list: View, pages, ranks, counts
    days      the days of the reader's calendar that have stories
    revisions the revisions of a story
    writing   dumps and marks into the index
    marks     the marks database
    journal   what was done to the marks, to be taken back
    marks_exchange  marks as a text for another machine
    pages     the records of an SQLite file, whatever holds them together
    salvage   damaged marks
    backups   copies of the marks of the last days
    clusters  the same story at several outlets, for the list
    index     an index with its marks: what the reader asks of both

Filling an index is imported from `record` and `writing`: whoever only reads does without.
"""

from newsreader.library.index import Index
from newsreader.library.marks import Marks, Undone
from newsreader.library.rows import ALL, SORTS, Counts, Place, Sort, SourceRow, View, dump_path
from newsreader.library.schema import INDEX_VERSION, MARKS_FILE, forget_older

__all__ = [
    "ALL",
    "INDEX_VERSION",
    "MARKS_FILE",
    "SORTS",
    "Counts",
    "Index",
    "Marks",
    "Place",
    "Sort",
    "SourceRow",
    "Undone",
    "View",
    "dump_path",
    "forget_older",
]
