"""Two policies that share pages: exact chances, what each of them ran, and who serves when."""

from __future__ import annotations

import random
from collections import Counter
from itertools import compress, product

import pytest

from bandit_service.policies.base import Policy
from bandit_service.policies.contest import BOTH, Contest, Entrant, adopt, alone
from bandit_service.policies.exploration import Exploration
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.inclusion import probability
from bandit_service.policies.rls import RlsValueModel
from bandit_service.policies.rules import Thompson
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from plugin.errors import BrokenState, InvalidRequest
from plugin.model import ArmChances, Decision

ELIGIBLE = {name: {f"family={name}": 1.0} for name in ("dense", "lexical", "memory")}
ASKED = {"tokens": 0.2}
EARNED = {"dense": 0.1, "lexical": 0.7, "memory": 0.3}


def explorer(exploration: Exploration | None = None) -> Explorer:
    return Explorer(VwValueModel(), StaticPolicy({}, budget=200), exploration)


def rls(exploration: Exploration | None = None) -> Explorer:
    return Explorer(RlsValueModel(), StaticPolicy({}, budget=200), exploration)


def thompson(exploration: Exploration | None = None) -> Explorer:
    model = RlsValueModel()
    return Explorer(model, StaticPolicy({}, budget=200), exploration, rule=Thompson(model))


def contest(exploration: Exploration | None = None) -> Contest:
    return Contest(
        Entrant("rls", lambda: rls(exploration)), Entrant("explorer", lambda: explorer(exploration))
    )


def teach(policy: Policy, pages: int = 60) -> None:
    for _ in range(pages):
        policy.learn(ASKED, ELIGIBLE, EARNED)
    policy.dump()


def taught(exploration: Exploration | None = None) -> Contest:
    policy = contest(exploration)
    teach(policy)
    return policy


def promoted() -> Contest:
    policy = taught()
    policy.obey("promoted", "explorer", "rls")
    return policy


def decide(policy: Policy, seed: int) -> Decision:
    return policy.decide(ASKED, ELIGIBLE, random.Random(seed))


def shared(policy: Contest) -> Decision:
    return next(one for one in (decide(policy, seed) for seed in range(1000)) if one.rivals)


def arms_of(policy: Policy) -> dict[str, ArmChances]:
    return {arm.arm: arm for arm in policy.arms(ASKED, ELIGIBLE)}


def test_a_strategy_runs_on_a_shared_page_unless_neither_wants_it() -> None:
    policy = taught()
    ones = []
    for member in policy.members:
        learned = arms_of(member)["learned"]
        ones.append({**learned.propensities, str(learned.fallback): 1.0})
    challenge = arms_of(policy)["challenge"]
    assert challenge.fallback is None
    assert challenge.propensities == {
        name: 1 - (1 - ones[0][name]) * (1 - ones[1][name]) for name in ELIGIBLE
    }


def test_half_of_the_learned_pages_are_shared_on_trial_and_one_in_twenty_then() -> None:
    for policy, share in ((taught(), 0.5), (promoted(), 0.05)):
        alone_, both = arms_of(policy.serving), arms_of(policy)
        whole = alone_["learned"].probability
        assert both["challenge"].probability == pytest.approx(share * whole)
        assert both["learned"].probability == pytest.approx((1 - share) * whole)
        assert both["learned"].propensities == alone_["learned"].propensities
        assert both["holdout"] == alone_["holdout"]


def test_subsets_run_as_often_as_the_logged_arms_say() -> None:
    # Wide enough that many subsets do happen.
    wide = Exploration(floor=0.2, cap=0.7, holdout=0.1, everything=0.1)
    policy = Contest(Entrant("rls", lambda: rls(wide)), Entrant("thompson", lambda: thompson(wide)))
    teach(policy)
    rng = random.Random(5)
    tries = 4000
    runs: Counter[frozenset[str]] = Counter()
    for _ in range(tries):
        decision = policy.decide(ASKED, ELIGIBLE, rng)
        runs[frozenset(choice.strategy for choice in decision.included)] += 1
    arms = decision.arms
    for bits in product((False, True), repeat=len(ELIGIBLE)):
        subset = frozenset(compress(ELIGIBLE, bits))
        chance = sum(arm.probability * probability(arm, subset) for arm in arms)
        # Four standard errors of a proportion.
        error = 4 * (chance * (1 - chance) / tries) ** 0.5
        assert abs(runs[subset] / tries - chance) <= error


def test_what_either_wants_runs_once_as_deep_as_the_deeper_one_asks() -> None:
    decision = shared(taught(Exploration(floor=0.2, cap=0.7)))
    assert list(decision.rivals) == ["rls", "explorer"]
    one, other = decision.rivals.values()
    for whole, mine, yours in zip(decision.choices, one.choices, other.choices, strict=True):
        assert whole.strategy == mine.strategy == yours.strategy
        assert whole.included == (mine.included or yours.included)
        assert whole.candidates == max(mine.candidates, yours.candidates)
        assert whole.weight == (mine.weight + yours.weight) / 2
    for rival in (one, other):
        assert sum(choice.candidates for choice in rival.choices) == 200
        assert sum(choice.weight for choice in rival.choices) == pytest.approx(1)


def test_both_learn_until_one_is_dropped() -> None:
    policy = taught()
    assert [member.pages for member in policy.members] == [60, 60]
    for member in policy.members:
        values = member.values(ASKED, ELIGIBLE)
        assert values["lexical"] > values["memory"] > values["dense"]
    policy.obey("dropped", "explorer", "rls")
    teach(policy, 5)
    assert [member.pages for member in policy.members] == [65, 60]


def test_one_that_was_dropped_leaves_no_trace_in_what_is_decided() -> None:
    policy = taught()
    policy.obey("dropped", "explorer", "rls")
    for seed in range(30):
        assert decide(policy, seed) == decide(policy.members[0], seed)


def test_once_promoted_the_challenger_serves() -> None:
    policy = promoted()
    assert policy.serving is policy.members[1]
    assert policy.version == policy.members[1].version
    assert arms_of(policy)["learned"].propensities == (
        arms_of(policy.members[1])["learned"].propensities
    )
    assert alone(policy) is policy.members[1]


def test_an_apprentice_shares_no_pages() -> None:
    policy = taught(Exploration(apprentice=True))
    assert set(arms_of(policy)) == {"apprentice", "holdout"}
    assert not any(decide(policy, seed).rivals for seed in range(50))


def test_a_first_choice_counts_for_whoever_put_it_there() -> None:
    policy = contest()
    for whose in ("explorer", BOTH, "rls", "rls", "somebody else"):
        policy.choose(whose)
    assert policy.duel.count == 4
    low, high = policy.duel.bounds
    assert low < -0.25 < high


def test_a_verdict_begins_the_evidence_anew_and_others_are_refused() -> None:
    policy = contest()
    policy.choose("explorer")
    policy.obey("waiting", "explorer", "rls")
    assert (policy.stage, policy.duel.count) == ("trial", 1)
    for verdict, challenger, incumbent in (
        ("promoted", "rls", "explorer"),
        ("rolled_back", "explorer", "rls"),
        ("praised", "explorer", "rls"),
    ):
        with pytest.raises(InvalidRequest):
            policy.obey(verdict, challenger, incumbent)  # type: ignore[arg-type]
    assert (policy.stage, policy.duel.count) == ("trial", 1)
    policy.obey("promoted", "explorer", "rls")
    assert (policy.stage, policy.duel.count) == ("promoted", 0)
    policy.obey("rolled_back", "explorer", "rls")
    assert policy.serving is policy.members[0]


def test_stage_and_evidence_survive_as_bytes() -> None:
    policy = promoted()
    policy.choose("explorer")
    policy.foretell(ASKED, ELIGIBLE, EARNED, dict.fromkeys(ELIGIBLE, 0.9))
    copy = contest()
    copy.load(policy.dump())
    assert copy.dump() == policy.dump()
    assert (copy.stage, copy.duel, copy.foretelling) == (
        "promoted",
        policy.duel,
        policy.foretelling,
    )


def test_a_contest_of_others_is_refused() -> None:
    other = Contest(Entrant("explorer", explorer), Entrant("rls", rls))
    with pytest.raises(BrokenState, match="'rls', 'explorer'"):
        other.load(taught().dump())


def test_what_a_class_has_learnt_itself_goes_on_with_another_challenger_or_none() -> None:
    whole = taught()
    incumbent, challenger = whole.members
    for policy, dumped in (
        (rls(), incumbent.dump()),
        (explorer(), challenger.dump()),
        (Contest(Entrant("explorer", explorer), Entrant("rls", rls)).members[0], challenger.dump()),
    ):
        assert adopt(policy, whole.dump())
        assert policy.dump() == dumped
    other = Contest(Entrant("rls", rls), Entrant("thompson", thompson))
    assert adopt(other, whole.dump())
    assert [member.pages for member in other.members] == [60, 0]
    begun = contest()
    assert adopt(begun, incumbent.dump())
    assert [member.pages for member in begun.members] == [60, 0]
    assert not adopt(thompson(), whole.dump())
