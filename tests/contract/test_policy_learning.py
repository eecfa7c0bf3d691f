"""What policies learn moves what they decide, the right way."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from policy_makers import ELIGIBLE, LONG, SHORT, every_explorer, explorer, taught

from bandit_service.policies.exploration import Exploration
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel


def test_at_first_everything_runs_with_equal_weights() -> None:
    policy = explorer()
    for seed in range(50):
        decision = policy.decide(SHORT, ELIGIBLE, random.Random(seed))
        if decision.arm == "learned":
            assert {choice.propensity for choice in decision.choices} == {0.99}
            weights = {choice.weight for choice in decision.included}
            assert len(weights) == 1


@every_explorer
def test_learning_moves_values_weights_and_probabilities_the_right_way(
    make: Callable[[], Explorer],
) -> None:
    policy = taught(make, pages=1000)

    def learned(context: dict[str, float]) -> dict[str, tuple[float, float]]:
        rng = random.Random(1)
        while (decision := policy.decide(context, ELIGIBLE, rng)).arm != "learned":
            pass
        return {choice.strategy: (choice.value, choice.propensity) for choice in decision.choices}

    short, long = learned(SHORT), learned(LONG)
    assert short["lexical"][0] > 0.45 > short["dense"][0]
    assert long["dense"][0] > 0.45 > long["lexical"][0]
    assert short["lexical"][1] > short["memory"][1] >= short["typo"][1]


@every_explorer
def test_a_new_or_changed_strategy_starts_on_the_floor_and_can_rise(
    make: Callable[[], Explorer],
) -> None:
    policy = taught(make, pages=1000)
    changed = {**ELIGIBLE, "lexical": {"family=lexical": 1.0, "revision=changed": 1.0}}

    def chance(name: str) -> float:
        rng = random.Random(1)
        while (decision := policy.decide(SHORT, changed, rng)).arm != "learned":
            pass
        return next(c.propensity for c in decision.choices if c.strategy == name)

    assert chance("lexical") == 0.03
    for _ in range(100):
        policy.learn(SHORT, changed, {"lexical": 0.6, "dense": 0.1})
    assert chance("lexical") > 0.8


def test_what_everything_and_holdout_taught_is_learnt_too() -> None:
    policy = explorer()
    policy.learn(SHORT, ELIGIBLE, dict.fromkeys(ELIGIBLE, 0.5))
    assert policy.pages == 1


def test_what_nothing_is_known_of_has_the_say_of_the_baseline() -> None:
    eligible = {name: {f"family={name}": 1.0} for name in ("a", "b", "c")}
    everything = Exploration(everything=1.0, holdout=0.0, floor=0.5)
    explorer = Explorer(VwValueModel(), StaticPolicy({}, budget=60), everything, {"a": 4, "b": 1})
    decision = explorer.decide({}, eligible, random.Random(1))
    weights = {choice.strategy: choice.weight for choice in decision.choices}
    # c is not named: as much as the best.
    assert weights == pytest.approx({"a": 4 / 9, "b": 1 / 9, "c": 4 / 9})
    for _ in range(200):
        explorer.learn({}, eligible, {"a": 0.0, "b": 0.8, "c": 0.0})
    learnt = explorer.decide({}, eligible, random.Random(1))
    assert max(learnt.choices, key=lambda choice: choice.weight).strategy == "b"


def test_a_strategy_that_breaks_is_worth_nothing_soon_and_is_looked_at_again() -> None:
    policy = taught(explorer, pages=1000)
    for _ in range(120):
        policy.learn(LONG, ELIGIBLE, {"dense": 0.0, "lexical": 0.1, "memory": 0.2})
    assert policy.values(LONG, ELIGIBLE)["dense"] < 0.02
    learned = next(arm for arm in policy.arms(LONG, ELIGIBLE) if arm.arm == "learned")
    assert learned.propensities["dense"] >= Exploration().raised


def test_a_new_strategy_begins_with_what_its_family_earns() -> None:
    policy = taught(explorer, pages=1000)
    newcomer = {"family=dense": 1.0, "revision=new": 1.0}
    stranger = {"family=strange": 1.0, "revision=new": 1.0}
    values = policy.values(LONG, {**ELIGIBLE, "adapted": newcomer, "odd": stranger})
    assert values["adapted"] > 0.4 > 0.05 > values["odd"]


def test_the_track_record_is_told_by_kind_of_query() -> None:
    policy = taught(explorer, pages=1000)
    long = policy.track_record({**LONG, "long": 1.0}, ELIGIBLE)
    short = policy.track_record(SHORT, ELIGIBLE)
    assert long["dense"]["record"] == 0
    assert short["dense"]["record"] > short["typo"]["record"] == 0
    assert short["dense"]["age"] > 0.6
    assert policy.track_record(SHORT, {"new": {}}) == {"new": {"record": 0.0, "age": 0.0}}
