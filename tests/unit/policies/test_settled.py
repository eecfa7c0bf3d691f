"""A policy without exploration: the same every time, and what it trusts runs."""

from __future__ import annotations

import random

import pytest

from bandit_service.policies.exploration import Exploration
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.settled import Settled
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from plugin.errors import InvalidRequest

ELIGIBLE = {name: {f"is_{name}": 1.0} for name in ("good", "bad")}


def taught() -> Explorer:
    explorer = Explorer(VwValueModel(), StaticPolicy({}, budget=100), Exploration(budget=100))
    for _ in range(200):
        explorer.learn({"tokens": 0.2}, ELIGIBLE, {"good": 0.9, "bad": 0.0})
    return explorer


def test_what_is_worth_it_runs_and_the_rest_does_not() -> None:
    decision = taught().settled({"tokens": 0.2}, ELIGIBLE)
    assert {one.strategy: one.included for one in decision.choices} == {"good": True, "bad": False}
    assert sum(one.candidates for one in decision.choices) == 100
    assert decision.arms[0].propensities == {"good": 1.0, "bad": 0.0}


def test_no_dice_are_thrown() -> None:
    settled = Settled(taught())
    once = settled.decide({"tokens": 0.2}, ELIGIBLE, random.Random(1))
    assert once == settled.decide({"tokens": 0.2}, ELIGIBLE, random.Random(2))
    assert settled.arms({"tokens": 0.2}, ELIGIBLE) == once.arms


def test_what_is_looked_at_is_not_taught() -> None:
    with pytest.raises(InvalidRequest):
        Settled(taught()).learn({}, ELIGIBLE, {"good": 1.0})


def test_a_baseline_is_served_as_it_is() -> None:
    baseline = StaticPolicy({}, budget=100)
    dice = random.Random(1)
    assert Settled(baseline).decide({}, ELIGIBLE, dice) == baseline.decide({}, ELIGIBLE, dice)
