"""What every policy promises. A new policy is one more line in ``POLICIES``."""

from __future__ import annotations

import gc
import math
import os
import random
from collections.abc import Callable

import psutil
import pytest

from bandit_service.policies.base import Policy, ValueModel
from bandit_service.policies.evidence import cost_of
from bandit_service.policies.exploration import Exploration
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.inclusion import probability
from bandit_service.policies.rls import RlsValueModel
from bandit_service.policies.rules import Thompson
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from bandit_service.policies.vw_explore import VwExplore
from plugin.errors import BrokenState, InvalidRequest

ELIGIBLE = {
    "dense": {"family=dense": 1.0, "revision=1": 1.0},
    "lexical": {"family=lexical": 1.0, "revision=2": 1.0},
    "memory": {"family=memory": 1.0, "revision=3": 1.0},
    "typo": {"family=lexical": 1.0, "cost": 0.3, "revision=4": 1.0},
}
COSTLY = {
    name: {**features, "cost": math.log1p(cost) / 4}
    for (name, features), cost in zip(ELIGIBLE.items(), (1.3, 1.0, 0.25, 2.3), strict=True)
}
SHORT = {"tokens": 0.1, "one_token": 1.0}
LONG = {"tokens": 0.9, "sentence": 1.0}
WEIGHTS = {"dense": 1.0, "lexical": 1.0, "memory": 2.0, "typo": 0.0}


def explorer(exploration: Exploration | None = None) -> Explorer:
    return Explorer(VwValueModel(), static(), exploration)


def rls(exploration: Exploration | None = None) -> Explorer:
    return Explorer(RlsValueModel(), static(), exploration)


def thompson(exploration: Exploration | None = None) -> Explorer:
    model = RlsValueModel()
    return Explorer(model, static(), exploration, rule=Thompson(model))


def squarecb(exploration: Exploration | None = None) -> Explorer:
    return Explorer(VwValueModel(), static(), exploration, rule=VwExplore("squarecb"))


def softmax(exploration: Exploration | None = None) -> Explorer:
    return Explorer(VwValueModel(), static(), exploration, rule=VwExplore("softmax"))


def epsilon(exploration: Exploration | None = None) -> Explorer:
    return Explorer(VwValueModel(), static(), exploration, rule=VwExplore("epsilon"))


def static() -> StaticPolicy:
    return StaticPolicy(WEIGHTS, budget=200)


EXPLORERS: dict[str, Callable[[Exploration | None], Explorer]] = {
    "explorer": explorer,
    "rls": rls,
    "thompson": thompson,
    "squarecb": squarecb,
    "softmax": softmax,
    "epsilon": epsilon,
}
POLICIES: dict[str, Callable[[], Policy]] = {**EXPLORERS, "static": static}
LEARNING: dict[str, Callable[[], Policy | ValueModel]] = {
    "explorer": explorer,
    "vw": VwValueModel,
    "rls": RlsValueModel,
    "thompson": thompson,
    "squarecb": squarecb,
}
every_policy = pytest.mark.parametrize("make", POLICIES.values(), ids=POLICIES)
every_explorer = pytest.mark.parametrize("make", EXPLORERS.values(), ids=EXPLORERS)
every_learner = pytest.mark.parametrize("make", LEARNING.values(), ids=LEARNING)


def taught(make: Callable[[], Policy], pages: int = 200) -> Policy:
    """A policy that saw ``dense`` earn on long queries and ``lexical`` on short ones."""
    policy = make()
    rng = random.Random(7)
    for _ in range(pages):
        short = rng.random() < 0.5
        policy.learn(
            SHORT if short else LONG,
            ELIGIBLE,
            {
                "dense": 0.1 if short else 0.6,
                "lexical": 0.6 if short else 0.1,
                "memory": 0.2,
                "typo": 0.0,
            },
        )
    policy.dump()
    return policy


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
        assert sum(choice.candidates for choice in decision.choices) == 200
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


@every_policy
def test_dump_and_load_decide_identically(make: Callable[[], Policy]) -> None:
    policy = taught(make)
    copy = make()
    copy.load(policy.dump())
    assert copy.dump() == policy.dump()
    for seed in range(50):
        assert copy.decide(LONG, ELIGIBLE, random.Random(seed)) == policy.decide(
            LONG, ELIGIBLE, random.Random(seed)
        )


@every_policy
def test_learning_on_after_a_load_is_learning_at_once(make: Callable[[], Policy]) -> None:
    at_once = taught(make)
    interrupted = make()
    interrupted.load(taught(make).dump())
    for policy in (at_once, interrupted):
        for _ in range(30):
            policy.learn(SHORT, ELIGIBLE, {"typo": 0.9, "memory": 0.3})
    assert interrupted.dump() == at_once.dump()


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


@every_policy
def test_a_dump_cut_at_every_tenth_of_its_length_is_refused(make: Callable[[], Policy]) -> None:
    whole = taught(make).dump()
    target = taught(make, pages=20)
    before = target.dump()
    for tenth in range(10):
        with pytest.raises(BrokenState):
            target.load(whole[: len(whole) * tenth // 10])
    with pytest.raises(BrokenState):
        target.load(whole + b"x")
    assert target.dump() == before


@every_policy
def test_a_dump_of_another_kind_is_refused(make: Callable[[], Policy]) -> None:
    for name, other in POLICIES.items():
        if other is not make:
            with pytest.raises(BrokenState, match="state"):
                make().load(taught(other).dump())
            assert name


@every_learner
@pytest.mark.parametrize(
    "pages",
    [5_000, pytest.param(50_000, marks=pytest.mark.long)],  # × 4 strategies = 200,000 examples
)
def test_memory_is_flat_over_many_learn_calls(
    make: Callable[[], Policy | ValueModel], pages: int
) -> None:
    learner = make()
    process = psutil.Process(os.getpid())

    def teach(pages: int) -> None:
        for page in range(pages):
            learner.learn(
                {"tokens": (page % 16) / 16, "hour_sin": 0.5},
                ELIGIBLE,
                {"dense": (page % 10) / 10, "lexical": 0.1, "memory": 0.0, "typo": 0.2},
            )
            if page % 10 == 0:
                learner.values({"tokens": 0.5}, ELIGIBLE)
        gc.collect()

    teach(1000)
    before = process.memory_info().rss
    teach(pages)
    assert process.memory_info().rss - before < 8 * 2**20


def test_at_first_everything_runs_with_equal_weights() -> None:
    policy = explorer()
    for seed in range(50):
        decision = policy.decide(SHORT, ELIGIBLE, random.Random(seed))
        if decision.arm == "learned":
            assert {choice.propensity for choice in decision.choices} == {0.99}
            weights = {choice.weight for choice in decision.included}
            assert len(weights) == 1


@every_explorer
def test_probabilities_stay_within_floor_and_cap(make: Callable[[], Explorer]) -> None:
    policy = taught(make, pages=1000)
    for context in (SHORT, LONG, {}):
        for seed in range(50):
            decision = policy.decide(context, ELIGIBLE, random.Random(seed))
            if decision.arm == "learned":
                for choice in decision.choices:
                    assert 0.03 <= choice.propensity <= 0.99 + 1e-12


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
