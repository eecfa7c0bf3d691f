"""What every policy promises of its decisions."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from policy_makers import (
    COSTLY,
    ELIGIBLE,
    LONG,
    SHORT,
    every_explorer,
    every_policy,
    explorer,
    taught,
)

from bandit_service.policies.base import Policy
from bandit_service.policies.evidence import cost_of
from bandit_service.policies.exploration import Exploration
from bandit_service.policies.explorer import Explorer
from plugin.errors import InvalidRequest


@every_policy
def test_the_same_seed_gives_the_same_decision(make: Callable[[], Policy]) -> None:
    policy = taught(make)
    first = [policy.decide(SHORT, ELIGIBLE, random.Random(seed)) for seed in range(50)]
    again = [policy.decide(SHORT, ELIGIBLE, random.Random(seed)) for seed in range(50)]
    assert first == again


@every_policy
def test_every_decision_covers_every_eligible_strategy_and_includes_one(
    make: Callable[[], Policy],
) -> None:
    policy = taught(make)
    for seed in range(300):
        decision = policy.decide(LONG, ELIGIBLE, random.Random(seed))
        assert {choice.strategy for choice in decision.choices} == set(ELIGIBLE)
        assert decision.included
        assert sum(choice.weight for choice in decision.choices) == pytest.approx(1)
        drawn = sum(choice.candidates for choice in decision.choices)
        assert drawn == 200 or (decision.rivals and 200 < drawn <= 400)
        assert 0 < decision.arm_probability <= 1
        for choice in decision.choices:
            assert 0 <= choice.value <= 1
            assert (choice.weight > 0) == choice.included
            assert (choice.candidates >= 10) == choice.included


@every_policy
def test_one_eligible_strategy_is_always_run(make: Callable[[], Policy]) -> None:
    policy = taught(make)
    for seed in range(100):
        decision = policy.decide(LONG, {"typo": ELIGIBLE["typo"]}, random.Random(seed))
        (choice,) = decision.choices
        assert choice.included
        assert choice.propensity == 1
        assert choice.weight == 1
        assert choice.candidates == 200


@every_policy
def test_nothing_eligible_is_an_error_that_says_so(make: Callable[[], Policy]) -> None:
    with pytest.raises(InvalidRequest, match="no strategy can answer"):
        make().decide(LONG, {}, random.Random(1))


@every_explorer
def test_the_dial_moves_candidates_milliseconds_and_strategies_one_way_only(
    make: Callable[[Exploration], Explorer],
) -> None:
    learnt = taught(make, pages=60).dump()
    spent: list[tuple[float, float, float]] = []
    for quality in (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0):
        policy = make(Exploration(quality=quality, everything=0.0, holdout=0.0))
        policy.load(learnt)
        (arm,) = policy.arms(LONG, COSTLY)
        drawn = policy.decide(LONG, COSTLY, random.Random(1)).choices
        costs = [(cost_of(COSTLY[name]), arm.propensities[name]) for name in COSTLY]
        # The slowest that runs, had they been drawn without the fallback.
        slowest, none_slower = 0.0, 1.0
        for cost, chance in sorted(costs, reverse=True):
            slowest += none_slower * chance * cost
            none_slower *= 1 - chance
        spent.append((sum(c.candidates for c in drawn), sum(c * p for c, p in costs), slowest))
    for part in zip(*spent, strict=True):
        assert list(part) == sorted(part)
    assert spent[0][0] < spent[-1][0] / 2
    if make is explorer:
        assert spent[0][1] < 0.9 * spent[-1][1]
        assert spent[0][2] < 0.9 * spent[-1][2]


@every_explorer
@pytest.mark.parametrize(("floor", "cap"), [(0.03, 0.99), (0.2, 0.7), (0.0, 1.0)])
def test_probabilities_stay_within_floor_and_cap(
    make: Callable[[Exploration], Explorer], floor: float, cap: float
) -> None:
    policy = taught(lambda: make(Exploration(floor=floor, cap=cap)), pages=1000)
    for context in (SHORT, LONG, {}):
        for seed in range(50):
            decision = policy.decide(context, ELIGIBLE, random.Random(seed))
            if decision.arm == "learned":
                for choice in decision.choices:
                    assert floor <= choice.propensity <= cap + 1e-12
