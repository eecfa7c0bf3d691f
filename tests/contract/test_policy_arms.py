"""Every arm that might have decided is told, with exact probabilities; what each serves."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from policy_makers import ELIGIBLE, LONG, SHORT, every_policy, explorer, taught

from bandit_service.policies.base import Policy
from bandit_service.policies.exploration import Exploration
from bandit_service.policies.inclusion import probability


@every_policy
def test_the_logged_propensity_is_how_often_a_strategy_runs(make: Callable[[], Policy]) -> None:
    policy = taught(make)
    rng = random.Random(3)
    runs: dict[str, dict[str, int]] = {}
    logged: dict[str, dict[str, float]] = {}
    arms: dict[str, int] = {}
    probabilities: dict[str, float] = {}
    tries = 4000
    for _ in range(tries):
        decision = policy.decide(LONG, ELIGIBLE, rng)
        arms[decision.arm] = arms.get(decision.arm, 0) + 1
        probabilities[decision.arm] = decision.arm_probability
        for choice in decision.choices:
            counts = runs.setdefault(decision.arm, {})
            counts[choice.strategy] = counts.get(choice.strategy, 0) + choice.included
            logged.setdefault(decision.arm, {})[choice.strategy] = choice.propensity
    assert sum(probabilities.values()) == pytest.approx(1)
    for arm, count in arms.items():
        # Four standard errors of a proportion.
        assert abs(count / tries - probabilities[arm]) < 4 * (0.25 / tries) ** 0.5
        for strategy, propensity in logged[arm].items():
            error = 4 * max(propensity * (1 - propensity) / count, 1e-9) ** 0.5
            assert abs(runs[arm][strategy] / count - propensity) <= error + 1e-9


@every_policy
def test_all_arms_are_told_and_the_one_that_decided_is_among_them(
    make: Callable[[], Policy],
) -> None:
    policy = taught(make)
    arms = policy.arms(LONG, ELIGIBLE)
    assert sum(arm.probability for arm in arms) == pytest.approx(1)
    for seed in range(200):
        decision = policy.decide(LONG, ELIGIBLE, random.Random(seed))
        assert decision.arms == arms
        (arm,) = (one for one in arms if one.arm == decision.arm)
        assert decision.arm_probability == arm.probability
        assert {c.strategy: c.propensity for c in decision.choices} == dict(arm.propensities)
        assert probability(arm, {choice.strategy for choice in decision.included}) > 0


def test_the_holdout_is_the_baseline() -> None:
    policy = explorer(Exploration(holdout=1, everything=0))
    decision = policy.decide(SHORT, ELIGIBLE, random.Random(1))
    assert decision.arm == "holdout"
    assert {c.strategy: c.weight for c in decision.choices} == {
        "dense": 0.25,
        "lexical": 0.25,
        "memory": 0.5,
        "typo": 0.0,
    }
    assert {c.strategy: c.propensity for c in decision.choices}["typo"] == 0


def test_an_apprentice_serves_the_baseline_and_learns_values() -> None:
    policy = explorer(Exploration(apprentice=True))
    for _ in range(300):
        policy.learn(LONG, ELIGIBLE, {"dense": 0.6, "lexical": 0.1, "memory": 0.0})
    seen = set()
    for seed in range(200):
        decision = policy.decide(LONG, ELIGIBLE, random.Random(seed))
        seen.add(decision.arm)
        assert {c.strategy: c.weight for c in decision.choices} == {
            "dense": 0.25,
            "lexical": 0.25,
            "memory": 0.5,
            "typo": 0.0,
        }
        values = {choice.strategy: choice.value for choice in decision.choices}
        assert values["dense"] > 0.5 > values["lexical"]
    assert seen == {"apprentice", "holdout"}
