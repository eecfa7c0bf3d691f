"""``kill -9`` of sidecars and learners at random times under load: nothing lost, nothing twice."""

from __future__ import annotations

import os
import random
import signal
import time

import psutil
import pytest
from fault_corner import Corner
from ledger import learnt_state
from sidecars import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

TAKEOVER_S = 10
"""A learner that died has a successor within this many seconds."""


def leader(corner: Corner) -> int | None:
    """The process that learns."""
    with corner.sidecar.cluster() as cluster:
        found = cluster.find(f"/{cluster.name('state')}/_doc/lease")
    holder = str(found["_source"]["body"]["holder"]) if found else ""
    return int(holder.partition("-")[0]) if holder else None


def test_workers_and_learners_that_are_killed(corner: Corner, long: bool) -> None:
    """Any worker may be the learner, and each round one is killed, whoever it is."""
    rng = random.Random(5)
    rounds = 40 if long else 3
    with corner.load() as load:
        for _ in range(rounds):
            load.goes_on(rng.randint(5, 25))
            victim = rng.choice(corner.sidecar.workers())
            victim.kill()
            wait_until(lambda gone=victim: not gone.is_running(), "it is gone")
        load.goes_on()
        wait_until(lambda: len(corner.sidecar.workers()) == 2, "both workers are back")
        load.goes_on()
    # Only what a killed worker was answering just then: there is one answer for each person.
    assert len(load.ledger.refused) <= 4 * rounds
    corner.check()


def test_a_server_that_is_killed_as_a_whole(corner: Corner, long: bool) -> None:
    rng = random.Random(6)
    sidecar = corner.sidecar
    with corner.load() as load:
        for _ in range(10 if long else 1):
            load.goes_on(rng.randint(5, 25))
            assert sidecar.record is not None
            for one in (psutil.Process(sidecar.record.pid), *sidecar.workers()):
                one.kill()
            sidecar.stop()
            sidecar.start()
        load.goes_on()
    corner.check()


def test_the_learner_that_is_killed_has_a_successor_within_seconds(corner: Corner) -> None:
    with corner.load() as load:
        load.goes_on()
        first = wait_until(lambda: leader(corner), "somebody learns")
        os.kill(first, signal.SIGKILL)
        killed = time.monotonic()
        before = learnt_state(corner.sidecar).position
        wait_until(
            lambda: learnt_state(corner.sidecar).position > before, "fresh snapshots", every_s=0.2
        )
        took = time.monotonic() - killed
        wait_until(lambda: leader(corner) not in (first, None), "another learns")
    assert took <= TAKEOVER_S, f"fresh snapshots after {took:.1f} s"
    corner.check()


def test_a_learner_that_sleeps_and_wakes_up_writes_nothing(corner: Corner) -> None:
    """Two learners at once: one is stopped in its tracks, and believes that it still leads."""
    with corner.load(people=2) as load:
        load.goes_on()
        first = wait_until(lambda: leader(corner), "somebody learns")
        os.kill(first, signal.SIGSTOP)
        try:
            wait_until(lambda: leader(corner) not in (first, None), "another takes over")
            before = learnt_state(corner.sidecar).position
            # Somebody may be waiting for an answer of the one that sleeps; the other goes on.
            wait_until(lambda: learnt_state(corner.sidecar).position >= before, "it publishes")
        finally:
            os.kill(first, signal.SIGCONT)
        load.goes_on()
    corner.check()
