"""Files of our own: each whole or not at all, the reader's alone, and nothing is taken from under who writes it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from newsreader.files import clear_half_written, make_folder, put_whole


def test_what_is_made_is_the_readers_alone(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    put_whole(tmp_path / "a" / "b" / "c", b"x")
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c")]
    assert modes == [0o700, 0o700, 0o600]


def test_what_a_living_writer_has_begun_stays_and_so_does_the_writer(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    begun = tmp_path / f".newsreader-new-{writer.pid}-0a"
    begun.write_text("half")
    clear_half_written(tmp_path)
    assert begun.exists()
    writer.send_signal(signal.SIGTERM)
    writer.communicate()
    assert writer.returncode == -signal.SIGTERM
    clear_half_written(tmp_path)
    assert not begun.exists()
