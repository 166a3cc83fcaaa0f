"""Keeps a feed and dies at one file operation after the other, each time in a home of its own; prints what was not
whole after the next fetch. Run as a process of its own, for it forks."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from newsreader.config import Source, places
from newsreader.dump import decode
from newsreader.fetch.client.answers import Answer
from newsreader.fetch.items import Feed, Item
from newsreader.fetch.request_terms import Validators
from newsreader.fetch.run import _Run

LOCATION = "https://harbour.example/feed"
FEED = Feed("Harbour Post", "", tuple(Item(f"tag:{n}", f"https://harbour.example/{n}", f"Night {n}") for n in range(4)))
ANSWER = Answer(LOCATION, False, b"", "", "", Validators(), "", fresh=0.0, whole=True, may_be_cut=False)
_CHANGES = ("open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir")


def keep(home: Path) -> None:
    """Write the feed's dumps and remember them."""
    run = _Run(places({"NEWSREADER_HOME": str(home)}), named=False)
    run._keep(Source("post", LOCATION, "feed"), FEED, ANSWER, LOCATION, "", [])
    run.store.finish()


def killed(home: Path, at: int) -> bool:
    """Whether a process that does so was killed at a file operation of that number, for it came so far."""
    process = os.fork()
    if not process:
        left = at

        def count(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if event in _CHANGES and str(home) in str(arguments[0]):
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        keep(home)
        os._exit(0)
    return os.waitpid(process, 0)[1] != 0


def main(folder: Path) -> None:
    at = 1
    while killed(home := folder / str(at), at):
        keep(home)
        found = sorted(decode(path.read_bytes()).url for path in home.rglob("articles/*/*.md"))
        ours = [path.name for path in home.rglob(".*") if path.name not in (".newsreader-lock", ".newsreader-source")]
        if ours or found != [item.url for item in FEED.items]:
            sys.stdout.write(f"{at}: {ours} {found}\n")
        at += 1
    sys.stdout.write(f"{at} operations\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
