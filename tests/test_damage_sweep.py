"""A sample of the damages of tests.damage_sweep, which does them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.damage_sweep import LOST, make_home, sweep_index, sweep_marks


@pytest.mark.parametrize("in_log", [False, True], ids=["file", "log"])
def test_no_damage_locks_the_marks_or_loses_what_sqlite_reads(tmp_path: Path, in_log: bool) -> None:
    counts = sweep_marks(make_home(tmp_path, 60, in_log=in_log), 30, in_log=in_log)
    assert not sum(count[LOST] for count in counts.values())
    if not in_log:
        assert not sum(count["lost unsaid"] for kind, count in counts.items() if kind != "one byte changed")


def test_no_damage_locks_the_index_or_loses_a_story(tmp_path: Path) -> None:
    sweep_index(make_home(tmp_path, 20, in_log=False), 40)
