"""Drift: a strategy that changes is noticed, one that does not is left alone."""

from __future__ import annotations

import random

import pytest

from bandit_service.policies.drift import WATCHED, Watch


def credits(rng: random.Random, rate: float) -> float:
    """Mostly nothing, now and then a share of a choice, as credit is."""
    return rng.uniform(0.1, 0.6) if rng.random() < rate else 0.0


def inclusions_until_alarm(before: float, after: float, seed: int) -> int:
    rng = random.Random(seed)
    watch = Watch()
    for _ in range(1500):
        assert not watch.observe(credits(rng, before))
    for count in range(1, 1000):
        if watch.observe(credits(rng, after)):
            return count
    return 1000


def test_what_breaks_or_gets_better_is_noticed_soon() -> None:
    assert max(inclusions_until_alarm(0.4, 0.0, seed) for seed in range(10)) < 80
    assert max(inclusions_until_alarm(0.1, 0.6, seed) for seed in range(10)) < 60


def test_what_stays_as_it_is_raises_no_alarm() -> None:
    for seed in range(5):
        rng = random.Random(seed)
        watch = Watch()
        alarms = sum(watch.observe(credits(rng, 0.15)) for _ in range(20_000))
        assert alarms == 0


def test_after_a_fall_its_value_counts_as_little_as_it_earns_now_until_that_is_learnt() -> None:
    watch = Watch()
    rng = random.Random(1)
    for _ in range(500):
        watch.observe(credits(rng, 0.4))
    assert watch.factor == 1
    while not watch.observe(0.0):
        pass
    for _ in range(100):
        watch.observe(0.0)
    assert watch.factor < 0.1
    for _ in range(WATCHED):
        watch.observe(0.0)
    assert (watch.left, watch.factor) == (0, 1)
    assert Watch(*watch.to_json()) == watch


def test_a_bold_value_is_held_near_what_was_earned_until_there_is_evidence() -> None:
    young, old = Watch(count=50, mean=0.1), Watch(count=950, mean=0.1)
    assert [young.within_reach(value) for value in (0.0, 0.15, 0.9)] == pytest.approx(
        [0.05, 0.15, 0.2]
    )
    assert [old.within_reach(value) for value in (0.0, 0.9)] == pytest.approx([0.005, 0.9])
    assert Watch().within_reach(0.9) == 0.9
