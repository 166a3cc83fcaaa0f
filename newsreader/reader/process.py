"""Ingest in a process of its own.

Owns: how it begins. Never: what ingest does, or how it is told of (beside).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from newsreader.reader.beside import Beside, serve
from newsreader.reader.target import Target
from newsreader.wire import Wire

if TYPE_CHECKING:
    from newsreader.reader.ingest import Progress

IngestProcess: TypeAlias = "Beside[Progress]"


def start_ingest(target: Target) -> IngestProcess:
    """Begin to bring into the indexes of a target what changed in its archives. Raises OSError."""
    return Beside(__name__, target)


def main(wire: Wire) -> None:
    """The life of the process."""
    from newsreader.reader.ingest import ingest_all

    serve(wire, ingest_all)
