"""Bounds that hold at any time."""

from __future__ import annotations

import random

import pytest

from bandit_service.ranking.gates import Interval
from plugin.errors import InvalidRequest


def fed(mean: float, count: int, seed: int) -> Interval:
    dice = random.Random(seed)
    interval = Interval()
    for _ in range(count):
        interval.add(1.0 if dice.random() < (mean + 1) / 2 else -1.0)
    return interval


def test_the_truth_is_within_at_every_time_in_nearly_all_runs() -> None:
    missed = 0
    for seed in range(200):
        dice = random.Random(seed)
        interval = Interval()
        for _ in range(400):
            interval.add(1.0 if dice.random() < 0.6 else -1.0)
            low, high = interval.bounds
            if not low <= 0.2 <= high:
                missed += 1
                break
    assert missed <= 10  # of 200, at alpha .05


def test_evidence_decides_and_too_little_waits() -> None:
    assert Interval().verdict(0.1) == "waiting"
    assert fed(0.0, 30, 1).verdict(0.1) == "waiting"
    assert fed(0.3, 2000, 1).verdict(0.0) == "no worse"
    assert fed(-0.3, 2000, 1).verdict(0.1) == "worse"


def test_what_is_as_good_passes_with_a_margin() -> None:
    assert fed(0.0, 6000, 3).verdict(0.15) == "no worse"


@pytest.mark.parametrize("bad", [1.1, -2.0, float("nan")])
def test_an_outcome_out_of_bounds_is_refused(bad: float) -> None:
    with pytest.raises(InvalidRequest):
        Interval().add(bad)
