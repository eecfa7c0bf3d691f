"""``ltrr learn``, as people call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from corner import Corner, eventually

pytestmark = pytest.mark.integration
ASSETS = Path(__file__).parents[3] / "opensearch"


def learn(corner: Corner, *options: str) -> subprocess.Popen[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LTRR_")},
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": corner.cluster.url,
        "LTRR_NAMESPACE": corner.cluster.namespace,
        "LTRR_ASSETS": str(ASSETS),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "ltrr", "learn", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_once_folds_what_is_there_and_ends(corner: Corner) -> None:
    for number in range(3):
        corner.visit(f"q{number}", f"s{number}", choose="b")
    corner.shipper.ship()
    answer, complaints = learn(corner, "--once", "--json").communicate(timeout=60)
    learned = json.loads(answer)
    assert learned["entries"] == 9, complaints
    assert learned["counts"]["choice"] == 3
    assert corner.remembered() is not None
    answer, _ = learn(corner, "--once", "--json").communicate(timeout=60)
    assert json.loads(answer)["entries"] == 0
    assert json.loads(answer)["version"] == learned["version"]


def test_it_learns_until_it_is_told_to_end_and_then_gives_the_lease_back(corner: Corner) -> None:
    running = learn(corner)
    for number in range(3):
        corner.visit(f"q{number}", f"s{number}", choose="b")
    corner.shipper.ship()
    eventually(lambda: corner.remembered() is not None, 60)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=30)
    assert running.returncode == 0
    assert corner.learner("next").step().leading


def test_killed_with_9_another_takes_over_and_nothing_is_lost(corner: Corner) -> None:
    first = learn(corner)
    corner.visit("q0", "s0", choose="b")
    corner.shipper.ship()
    eventually(
        lambda: corner.cluster.find(f"/{corner.cluster.name('state')}/_doc/snapshot") is not None,
        60,
    )
    first.kill()
    first.communicate()
    for number in range(1, 3):
        corner.visit(f"q{number}", f"s{number}", choose="b")
    corner.shipper.ship()
    answer, _ = learn(corner, "--once", "--json").communicate(timeout=60)
    assert json.loads(answer)["counts"]["choice"] == 3
    assert corner.remembered() is not None
