"""`benchmarks/learner.py`, short: a long journal gives the same bytes, however often one dies."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_a_learner_that_is_killed_again_and_again_learns_the_same_and_fast(tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    command = [sys.executable, "benchmarks/learner.py", "--entries", "20000", "--json", str(told)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    measured = json.loads(told.read_text())
    assert measured["replay_identical"]
    # Several times as much on any machine: this is to find what takes time in squares.
    assert measured["entries_per_s"] > 1000
    assert measured["counts"]["choice"] > 4000
    assert measured["counts"]["repeated"] > 100
