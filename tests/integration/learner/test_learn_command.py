"""``ltrr learn``, as people call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from corner import Corner, eventually, new_policy

from bandit_service.learner.snapshot import SnapshotStore

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
    answer, complaints = learn(corner, "--status", "--json").communicate(timeout=60)
    status = json.loads(answer)
    assert (status["version"], status["behind"]) == ("g1-9", 0), complaints
    assert status["counts"] == learned["counts"]
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


def test_killed_with_9_another_serves_fresh_snapshots_within_ten_seconds(corner: Corner) -> None:
    store = SnapshotStore(corner.cluster)

    def learnt() -> int:
        served = store.serve(new_policy)
        return served.counts.get("choice", 0) if served is not None else -1

    first = learn(corner)
    eventually(lambda: learnt() == 0, 90)  # the first leads
    second = learn(corner)
    lease = f"/{corner.cluster.name('state')}/_doc/lease"
    assert second.stderr is not None
    assert "Learning" in second.stderr.readline()
    eventually(lambda: corner.cluster.find(lease) is not None, 60)
    corner.visit("q0", "s0", choose="b")
    corner.shipper.ship()
    eventually(lambda: learnt() == 1, 60)
    first.kill()
    first.communicate()
    killed = time.monotonic()
    corner.visit("q1", "s1", choose="b")
    corner.shipper.ship()
    try:
        eventually(lambda: learnt() == 2, 60)
        assert time.monotonic() - killed < 10
    finally:
        second.kill()
        second.communicate()


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
