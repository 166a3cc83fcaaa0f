"""What is known of the stories: an index, which can be made anew, and the marks, which cannot.

    db        one SQLite file: opened, private, its failures told apart
    schema    the tables of both databases, their versions
    record    an article as the index stores it; made in worker processes
    counts    how many stories there are, a source and day
    views     View: what the list is asked for, as SQL
    rows      the rows of a view: pages, ranks
    days      the days of the reader's calendar that have stories
    date_only  where rows stand that tell only their day
    revisions the revisions of a story
    writing   dumps and marks into the index
    marks     what was marked
    mark_kinds  which marks there are, and which are believed
    marks_file  the marks database, or what stands in for it
    marking   what is done to marks, as actions
    undo_log  what was done to the marks, to be taken back
    marks_exchange  marks as a text for another machine
    sqlite_pages  the records of an SQLite file, whatever holds them together
    salvage   damaged marks
    backups   copies of the marks of the last days
    sync_state  what is agreed with a server about marks
    clusters  the same story at several outlets, for the list
    index     an index with its marks: what the reader asks of both

Filling an index is imported from `record` and `writing`: whoever only reads does without.
"""

from newsreader.library.counts import SourceRow
from newsreader.library.index import Index
from newsreader.library.marks import Marks, Undone
from newsreader.library.rows import Counts, Rows, dump_path
from newsreader.library.schema import INDEX_VERSION, MARKS_FILE, forget_older
from newsreader.library.views import ALL, SORTS, Place, Sort, View

__all__ = [
    "ALL",
    "INDEX_VERSION",
    "MARKS_FILE",
    "SORTS",
    "Counts",
    "Index",
    "Marks",
    "Place",
    "Rows",
    "Sort",
    "SourceRow",
    "Undone",
    "View",
    "dump_path",
    "forget_older",
]
