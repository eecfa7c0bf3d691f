"""Simulated sessions decide between two policies, of which one trusts what is never chosen."""

from __future__ import annotations

from small_loop import HOLDOUT, new_policy, run, world

from bandit_service.evaluation.loop.world import World
from bandit_service.learner.state import dump_state, load_state
from bandit_service.policies.contest import Contest, Entrant
from bandit_service.policies.exploration import Exploration
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.rls import RlsValueModel

CRIPPLED = {"noise": 1.0, "ok": 0.01, "right": 0.01, "memory": 0.01}


def crippled() -> Explorer:
    return Explorer(RlsValueModel(), HOLDOUT, Exploration(budget=200), CRIPPLED)


GOOD = Entrant("good", new_policy)
BAD = Entrant("crippled", crippled)


def contest_of(one: World) -> Contest:
    assert isinstance(one.state.policy, Contest)
    return one.state.policy


def test_a_crippled_challenger_is_dropped() -> None:
    one = world(policy=lambda: Contest(GOOD, BAD))
    run(one, 200)
    assert contest_of(one).stage == "dropped"
    assert one.state.counts["policy_dropped"] == 1
    assert "policy_promoted" not in one.state.counts
    assert contest_of(one).serving is contest_of(one).members[0]


def test_a_crippled_incumbent_is_replaced_by_a_good_challenger() -> None:
    one = world(policy=lambda: Contest(BAD, GOOD))
    before = run(one, 60)
    run(one, 240)
    assert contest_of(one).stage == "promoted"
    assert one.state.counts["policy_promoted"] == 1
    assert "policy_rolled_back" not in one.state.counts
    after = run(one, 60, seed=2)
    assert sum(after) > sum(before)
    # Whoever goes on from these bytes stands in the middle of the same contest.
    data = dump_state(one.state)
    assert dump_state(load_state(data, lambda: Contest(BAD, GOOD))) == data
