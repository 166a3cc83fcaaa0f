"""`demo.py COMMAND FOLDER`: run README's demo command in a terminal until its list shows, then quit. The window speaks
Japanese, so that it is seen whether what was installed has its translations."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.terminal import Terminal

command, folder = sys.argv[1:]
env = {"NEWSREADER_HOME": f"{folder}/home", "LC_ALL": "", "LC_MESSAGES": "ja"}
with Terminal(["bash", "-euc", command], env=env, cwd=folder) as terminal:
    print(terminal.wait_for(lambda shown: "A light that" in shown and "ヘルプ" in shown, timeout=400))
    terminal.settle(1.0)
    terminal.send("Q")
    code = terminal.wait_end(30)
raise SystemExit(f"the demo ended with {code}" if code else 0)
