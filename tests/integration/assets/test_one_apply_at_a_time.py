"""Two applies to one namespace come one after the other."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from bandit_service.learner.lease import Lease
from ltrr.applying import AnotherApplies, alone
from plugin.assets import planning
from plugin.assets.values import AssetValues
from plugin.cluster import Cluster

pytestmark = pytest.mark.integration


def quiet(message: str) -> None:
    pass


@pytest.fixture
def applied(folder: Path, cluster: Cluster, client_values: AssetValues) -> Cluster:
    planning.apply(folder, cluster, client_values)
    return cluster


def test_a_namespace_without_an_index_for_the_mark_is_not_guarded(cluster: Cluster) -> None:
    with alone(cluster, quiet):
        pass


def test_the_second_waits_for_the_first_and_says_so(applied: Cluster) -> None:
    said: list[str] = []
    order: list[str] = []
    inside = threading.Event()

    def first() -> None:
        with alone(applied, quiet, ttl_s=1):
            inside.set()
            time.sleep(1.5)  # longer than a lease that nobody keeps
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    with alone(applied, said.append, ttl_s=1):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
    assert len(said) == 1


def test_whoever_does_not_end_is_not_waited_for_for_ever(applied: Cluster) -> None:
    with (
        alone(applied, quiet, ttl_s=1),
        pytest.raises(AnotherApplies, match="nothing was applied"),
        alone(applied, quiet, patience_s=0.5, ttl_s=1),
    ):
        pass


def test_one_that_was_killed_is_followed_after_its_time(applied: Cluster) -> None:
    assert Lease(applied, "killed", document="apply").hold()
    with alone(applied, quiet, ttl_s=0.5):
        pass


def test_the_learner_is_not_kept_waiting(applied: Cluster) -> None:
    with alone(applied, quiet):
        assert Lease(applied, "learner").hold()
