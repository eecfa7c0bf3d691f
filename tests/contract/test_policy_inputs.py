"""What no library should see is refused before it does, and nothing changes."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from policy_makers import ELIGIBLE, SHORT, every_explorer, every_policy, taught

from bandit_service.policies.base import Policy
from plugin.errors import InvalidRequest


@every_policy
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e30, "x", None])
def test_hostile_features_are_refused(make: Callable[[], Policy], value: float) -> None:
    policy = make()
    before = policy.dump()
    with pytest.raises(InvalidRequest, match="feature"):
        policy.decide({"tokens": value}, ELIGIBLE, random.Random(1))
    with pytest.raises(InvalidRequest, match="feature"):
        policy.learn({"tokens": value}, ELIGIBLE, {"dense": 0.5})
    assert policy.dump() == before


@every_explorer
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e30, "x", None])
def test_hostile_features_of_strategies_are_refused(
    make: Callable[[], Policy], value: float
) -> None:
    policy = make()
    before = policy.dump()
    hostile = {**ELIGIBLE, "dense": {"cost": value}}
    with pytest.raises(InvalidRequest, match="feature"):
        policy.decide(SHORT, hostile, random.Random(1))
    with pytest.raises(InvalidRequest, match="feature"):
        policy.learn(SHORT, hostile, {"dense": 0.5, "lexical": 0.1})
    assert policy.dump() == before


@every_policy
def test_what_is_missing_counts_as_nothing(make: Callable[[], Policy]) -> None:
    policy = taught(make)
    bare: dict[str, dict[str, float]] = {name: {} for name in ELIGIBLE}
    zeros = {name: {"record": 0.0, "latency": 0.0} for name in ELIGIBLE}
    for seed in range(20):
        missing = policy.decide({}, bare, random.Random(seed))
        assert missing == policy.decide({"tokens": 0.0}, zeros, random.Random(seed))


@every_policy
@pytest.mark.parametrize("credit", [float("nan"), -0.1, 1.1, None])
def test_hostile_credits_are_refused(make: Callable[[], Policy], credit: float) -> None:
    policy = make()
    before = policy.dump()
    with pytest.raises(InvalidRequest, match="credit"):
        policy.learn(SHORT, ELIGIBLE, {"dense": credit})
    with pytest.raises(InvalidRequest, match="not eligible"):
        policy.learn(SHORT, ELIGIBLE, {"unheard_of": 0.5})
    assert policy.dump() == before


@every_policy
def test_names_full_of_syntax_are_only_names(make: Callable[[], Policy]) -> None:
    name = 'x | a:1 \n1 |Q y:"9'
    policy = make()
    policy.learn({name: 1.0}, {name: {name: 1.0}, "dense": {}}, {name: 0.5, "dense": 0.1})
    decision = policy.decide({name: 1.0}, {name: {name: 1.0}, "dense": {}}, random.Random(1))
    assert {choice.strategy for choice in decision.choices} == {name, "dense"}
