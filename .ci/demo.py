"""`demo.py COMMAND FOLDER`: run README's demo command in a terminal until its list shows, then quit."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.terminal import Terminal

command, folder = sys.argv[1:]
with Terminal(["bash", "-euc", command], env={"NEWSREADER_HOME": f"{folder}/home"}, cwd=folder) as terminal:
    print(terminal.wait_for("A light that", timeout=400))
    terminal.settle(1.0)
    terminal.send("Q")
    code = terminal.wait_end(30)
raise SystemExit(f"the demo ended with {code}" if code else 0)
