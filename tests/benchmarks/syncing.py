"""What syncing costs, and that it loses nothing: `python -m tests.benchmarks.syncing`, against a server on loopback.

First the laws of tests/test_syncing.py at length: two newsreaders, a phone and a server agree after so many random
marks, undos, syncs, kills and cut connections; and after a kill before any commit. Then the first sync of many unread
stories: how many requests, and how much memory more than a process that has loaded the same.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.feedserver import FeedServer
from tests.test_syncing import Newsreader, all_agree, all_commits


def main() -> None:
    """Do both, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.syncing", description="What syncing costs.")
    parser.add_argument("--steps", type=int, default=2500, help="steps of the law, of two marks or so (%(default)s)")
    parser.add_argument("--stories", type=int, default=100_000, help="unread stories on the server (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        if asked.steps:
            with FeedServer() as server:
                all_agree(Path(home) / "law", server, asked.steps, asked.seed)
                print(f"{asked.steps:,} steps: all agree; {len(server.edits):,} marks were sent")
            with FeedServer() as server:
                all_commits(Path(home) / "commits", server, 1)
                print("killed before each commit: all agree")
        if asked.stories:
            _first(Path(home) / "first", asked.stories)


def _first(home: Path, stories: int) -> None:
    with FeedServer() as server:
        small = _peak(Newsreader(home / "small", server))
        server.asked_for.clear()
        server.add(stories, body=f"<p>{'The first ferry left before the fog did. ' * 40}</p>")
        for n, one in server.stories.items():
            one.feed = 1 + n % 2
        here = Newsreader(home / "all", server)
        began = time.monotonic()
        peak = _peak(here)
        print(
            f"{stories:,} unread: {len(server.asked_for):,} requests, {time.monotonic() - began:.0f} s, "
            f"{peak / 1024:.1f} MiB, {(peak - small) / 1024:.1f} more than a sync of nothing"
        )
        server.requests.clear()
        _peak(here)
        print(f"again, with nothing new: {len(server.requests)} requests")


def _peak(newsreader: Newsreader) -> int:
    """Sync in a process of its own; the most memory that it had, in KiB."""
    environ = {**os.environ, "NEWSREADER_HOME": str(newsreader.places.data.parent)}
    done = subprocess.run([sys.executable, "-c", _SYNC], env=environ, capture_output=True, text=True, check=True)
    return int(done.stdout)


_SYNC = """
from newsreader.config import places
from newsreader.reader.fetching import fetched
words = [word for word in fetched(places(), []) if word.is_last]
assert words[0].failure is None, words
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""

if __name__ == "__main__":
    main()
