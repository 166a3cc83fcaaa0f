"""Several command lines in one process, each followed by a line of its own: `python -m tests.one_after_another FILE`,
a JSON list of lists of words."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import newsreader.cli

END = b"<end>\r\n"
"""What a terminal gets after each."""


def main(words: Sequence[str]) -> int:
    """Run all of them."""
    for line in json.loads(Path(words[0]).read_text()):
        with suppress(SystemExit):
            newsreader.cli.main(line)
        print("<end>", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
